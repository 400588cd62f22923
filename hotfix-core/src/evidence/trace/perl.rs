//! What Perl says when it dies, and the calls that Carp adds.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, frame, last_word};

pub(super) const LANGUAGE: TraceLanguage =
    TraceLanguage { read, sign, signs: &WORDS, frames: &WORDS, is_upside_down: false, is_dense: true };

const WORDS: [&str; 5] = [".pm line ", ".pl line ", ".t line ", ".cgi line ", ".psgi line "];
const EXTENSIONS: [&str; 5] = [".pm", ".pl", ".t", ".cgi", ".psgi"];
/// Parts of warnings, which name a place as well.
const WARNINGS: [&str; 5] =
    ["Use of uninitialized ", " isn't numeric in ", " redefined at ", " masks earlier ", "Deep recursion "];

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    let is_first = died(line.text).is_some() && !line.text.contains(" called at ");
    is_first.then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let (file, number) = died(line.text)?;
    frame(file, number, None)
}

/// `empty cart at lib/Cart.pm line 3.`, `Cart::total() called at main.pl line 2`.
fn died(text: &str) -> Option<(&str, u32)> {
    let (before, number) = text.trim_end().rsplit_once(" line ")?;
    // A handle that was read is named behind: `line 3, <STDIN> line 7.`
    let (before, number) = before
        .rsplit_once(" line ")
        .filter(|_| before.contains(", <"))
        .map_or((before, number), |(before, rest)| (before, rest.split(',').next().unwrap_or(rest)));
    let (message, file) = before.rsplit_once(" at ")?;
    let is_warning = WARNINGS.iter().any(|words| text.contains(words));
    let is_perl = !message.is_empty() && !file.contains(' ') && EXTENSIONS.iter().any(|end| file.ends_with(end));
    (is_perl && !is_warning).then(|| Some((last_word(file), number.trim_end_matches('.').parse().ok()?))).flatten()
}
