//! Panics and backtraces of Rust.

use crate::domain::Frame;

use super::{TraceLanguage, after_at, frame, never, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage { read, begins, causes: never, is_upside_down: false };

fn begins(line: &str) -> bool {
    line.contains("panicked at ")
}

fn read(line: &str, before: &str) -> Option<Frame> {
    if let Some((_, text)) = line.split_once("panicked at ") {
        let text = text.trim_end();
        // Before Rust 1.73 the message stood first, in quotes.
        let text = if text.starts_with(['\'', '"']) { text.rsplit_once(", ")?.1 } else { text };
        let (file, line, _) = position(text).filter(|(file, ..)| file.ends_with(".rs"))?;
        return frame(file, line, None);
    }
    let (file, line, _) = position(after_at(line)?).filter(|(file, ..)| file.ends_with(".rs"))?;
    frame(file, line, function(before))
}

/// The function of a line such as `  12: shop::cart::total::h0123456789abcdef`.
fn function(line: &str) -> Option<&str> {
    let (number, name) = line.trim().split_once(": ")?;
    let is_numbered = number.rsplit(' ').next()?.bytes().all(|byte| byte.is_ascii_digit());
    // `RUST_BACKTRACE=full` prints the address first.
    let name = name.trim_start_matches("0x").trim();
    is_numbered.then(|| match name.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 => name,
        _ => name,
    })
}
