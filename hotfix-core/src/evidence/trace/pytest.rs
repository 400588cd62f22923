//! pytest's own tracebacks (`--tb=long`, `short` and `line`), which have the failure at their end.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, frame, last_word};

pub(super) const LANGUAGE: TraceLanguage =
    TraceLanguage { read, sign, signs: &[], frames: &[".py:"], is_upside_down: true, is_dense: false };

/// What follows a place.
enum PytestLine<'a> {
    Nothing,
    Function(&'a str),
    /// The exception: it is the last place of its traceback.
    Exception,
}

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    let text = line.text.trim_end();
    let begins = text.ends_with("____") && text.contains("____ ")
        || matches!(place(line.before), Some((_, _, PytestLine::Exception)))
        || text.ends_with("= FAILURES") && text.contains("== ");
    if begins {
        return Some(Sign::Begins);
    }
    // The line that failed, and what was said of it.
    (text.contains(">   ") || text.contains("E   ")).then_some(Sign::GoesOn)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let (file, number, rest) = place(line.text)?;
    match rest {
        PytestLine::Function(name) => frame(file, number, Some(name)),
        // Others list files like that as well.
        PytestLine::Nothing | PytestLine::Exception => line.is_inside.then(|| frame(file, number, None)).flatten(),
    }
}

/// Reads `shop/cart.py:12: in total`, `shop/cart.py:12:` and `shop/cart.py:12: ZeroDivisionError`.
fn place(text: &str) -> Option<(&str, u32, PytestLine<'_>)> {
    let at = text.find(".py:")? + 3;
    let (file, rest) = (text.get(..at)?, text.get(at + 1..)?);
    let (number, rest) = rest.split_once(':')?;
    let rest = rest.trim();
    let rest = match rest.strip_prefix("in ") {
        Some(function) if !function.contains(' ') => PytestLine::Function(function),
        _ if rest.is_empty() => PytestLine::Nothing,
        _ => is_exception(rest).then_some(PytestLine::Exception)?,
    };
    Some((last_word(file), number.parse().ok()?, rest))
}

/// Whether a text is `ZeroDivisionError`, or the same with a message; a warning is not.
fn is_exception(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or(text);
    let class = name.rsplit('.').next().unwrap_or(name);
    let is_name = name.chars().all(|character| character.is_alphanumeric() || "._".contains(character));
    is_name && class.starts_with(char::is_uppercase) && !class.ends_with("Warning")
}
