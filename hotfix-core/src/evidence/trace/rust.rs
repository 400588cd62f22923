//! Panics and backtraces of Rust.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, after_at, frame, last_word, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["panicked at "],
    frames: &["panicked at ", ".rs:"],
    is_upside_down: false,
    is_dense: false,
};

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    line.text.contains("panicked at ").then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    if let Some((_, text)) = line.text.split_once("panicked at ") {
        let text = text.trim_end();
        // Before Rust 1.73 the message stood first, in quotes.
        let text = if text.starts_with(['\'', '"']) { text.rsplit_once(", ")?.1 } else { text };
        let (file, line) = source(text)?;
        return frame(file, line, None);
    }
    // What eyre's reports say.
    if line.before.trim_end().ends_with("Location:") {
        let (file, number) = source(last_word(line.text))?;
        return frame(file, number, None);
    }
    let function = function(line.before);
    let text = after_at(line.text).next()?;
    let (file, number) = source(text)?;
    // In prose, and in what the compiler says, an `at` comes after one blank.
    let indent = line.text.trim_end().strip_suffix(text).and_then(|before| before.trim_end().strip_suffix("at"))?;
    let is_frame = function.is_some() || indent.is_empty() || indent.ends_with('\t') || indent.ends_with("   ");
    is_frame.then(|| frame(file, number, function)).flatten()
}

fn source(text: &str) -> Option<(&str, u32)> {
    position(text).filter(|(file, ..)| file.ends_with(".rs")).map(|(file, line, _)| (file, line))
}

/// The function of a line such as `  12: shop::cart::total::h0123456789abcdef`.
fn function(line: &str) -> Option<&str> {
    let (_, name) = line.trim_end().rmatch_indices(": ").find_map(|(at, _)| {
        let (before, name) = (line.get(..at)?, line.trim_end().get(at + 2..)?);
        let number = last_word(before);
        (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some((number, name.trim()))
    })?;
    // `RUST_BACKTRACE=full` prints the address first.
    let name = match name.split_once(" - ") {
        Some((address, name)) if address.starts_with("0x") => name,
        _ => name,
    };
    Some(match name.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 => name,
        _ => name,
    })
}
