//! Backtraces of Ruby, with the quotes of 3.4 and of those before, and as Rails, RSpec and minitest print them.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, frame, last_word, of_package, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &[":in `", ":in '"],
    frames: &[":in `", ":in '", ".rb:"],
    is_upside_down: false,
    is_dense: true,
};

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    let (_, _, rest) = called(line.text)?;
    // The line of the exception itself; the cause follows the last caller.
    rest.starts_with(": ").then(|| {
        let follows_a_caller = called(line.before).is_some() && line.before.contains("from ");
        if follows_a_caller { Sign::Cause } else { Sign::Begins }
    })
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let Some((place, function, _)) = called(line.text) else {
        return failed(line.text);
    };
    let (path, number, _) = position(place)?;
    let file = last_word(path);
    // Evaluated code has no file.
    let is_file = !file.starts_with('(');
    match path.strip_suffix(file).and_then(of_package) {
        // Rails names the gem, and the path inside of it.
        Some(gem) => frame(&format!("<{gem}>/{file}"), number, Some(function)),
        None => is_file.then(|| frame(file, number, Some(function))).flatten(),
    }
}

/// The place and the function of ``cart.rb:12:in `total'``, and what follows.
fn called(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices(":in ").find_map(|(at, words)| {
        let rest = text.get(at + words.len()..)?.strip_prefix(['`', '\''])?;
        let (function, rest) = rest.split_once('\'').unwrap_or((rest, ""));
        Some((text.get(..at)?, function.trim_end_matches('\\'), rest))
    })
}

/// minitest's `CartTest#test_total [test/cart_test.rb:6]:`.
fn failed(text: &str) -> Option<Frame> {
    let (_, place) = text.strip_suffix("]:")?.rsplit_once(" [")?;
    let (file, number, _) = position(place).filter(|(file, ..)| file.ends_with(".rb"))?;
    frame(file, number, None)
}
