//! Stack traces of PHP, and as Monolog (Laravel, Symfony) writes them. What a line calls is not where it stands: a frame
//! has no function.

use crate::domain::Frame;

use super::{Sign, TRIES, TraceLanguage, TraceLine, frame, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["[previous exception]", "Next ", "Uncaught "],
    frames: &[".php"],
    is_upside_down: false,
    is_dense: true,
};

/// What makes an error of a line that names a file; warnings and notices are none.
const ERRORS: [&str; 4] = ["Fatal error", "Parse error", "Uncaught ", "thrown in "];

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    if line.text.contains("[previous exception]") {
        return Some(Sign::Cause);
    }
    if line.text.contains("Next ") && thrown(line.text).is_some() {
        return Some(Sign::Joins);
    }
    (line.text.contains("Uncaught ") && line.text.contains(".php")).then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    if !line.text.contains(".php") {
        return None;
    }
    let (file, number) = numbered(line.text).or_else(|| thrown(line.text)).or_else(|| logged(line.text))?;
    frame(file, number, None)
}

/// `#0 /srv/src/Cart.php(20): intdiv()`, and `#0  total() called at [/srv/src/Cart.php:20]`.
fn numbered(text: &str) -> Option<(&str, u32)> {
    let (_, text) = text.split_once('#')?;
    let text = text.trim_start_matches(|character: char| character.is_ascii_digit()).trim_start();
    if let Some((_, place)) = text.split_once(" called at [") {
        return position(place.split(']').next()?).map(|(file, number, _)| (file, number));
    }
    text.match_indices(".php(").take(TRIES).find_map(|(at, found)| {
        let number = text.get(at + found.len()..)?.split_once(')')?.0.parse().ok()?;
        Some((text.get(..at + found.len() - 1)?, number))
    })
}

/// `… in /srv/src/Cart.php:20`, or `… in /srv/src/Cart.php on line 20` of an error.
fn thrown(text: &str) -> Option<(&str, u32)> {
    let (before, place) = text.trim_end().rsplit_once(" in ").or_else(|| text.rsplit_once("thrown in "))?;
    if let Some((file, number)) = place.split_once(" on line ") {
        let is_error = before.ends_with("thrown") || ERRORS.iter().any(|error| text.contains(error));
        return is_error.then(|| Some((file, number.parse().ok()?))).flatten();
    }
    // PHP names a file by its whole path.
    let is_path = place.starts_with('/') || place.get(1..3) == Some(":\\");
    let (file, number, _) = position(place).filter(|(file, ..)| is_path && file.ends_with(".php"))?;
    Some((file, number))
}

/// Monolog's `[object] (DivisionByZeroError(code: 0): Division by zero at /srv/src/Cart.php:20)`.
fn logged(text: &str) -> Option<(&str, u32)> {
    let (_, object) = text.rsplit_once("[object] (")?;
    let (_, place) = object.rsplit_once(" at ")?;
    position(place.split(')').next()?).map(|(file, number, _)| (file, number))
}
