//! Panics of Go: a line with the function, then one with the file. zap and pkg/errors write the function without brackets.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, frame, last_word, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["goroutine ", "panic: ", "fatal error: ", "panic serving ", "WARNING: DATA RACE", "SIGQUIT: quit"],
    frames: &[".go:"],
    is_upside_down: false,
    is_dense: false,
};

const BEGINS: [&str; 5] = ["panic: ", "fatal error: ", "panic serving ", "WARNING: DATA RACE", "SIGQUIT: quit"];

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    // The goroutine that failed comes first, the others after it.
    let is_goroutine = line.text.trim_end().ends_with("]:") && line.text.contains("goroutine ");
    if is_goroutine {
        return Some(Sign::Joins);
    }
    BEGINS.iter().any(|begins| line.text.contains(begins)).then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    // The offset in the function comes after the line's number.
    let text = line.text.split(" +0x").next()?.trim_end();
    let (text, number, _) = position(text).filter(|(file, ..)| file.ends_with(".go"))?;
    let (file, is_indented) = match text.rsplit_once('\t').or_else(|| text.rsplit_once("   ")) {
        Some((_, file)) => (file.trim_start(), true),
        None => (last_word(text), false),
    };
    let is_absolute = file.starts_with('/') || file.get(1..2) == Some(":");
    if file.contains(' ') && !is_absolute {
        return None;
    }
    let (function, is_called) = function(line.before)?;
    // In prose a dot and a name are not enough.
    (is_called || is_indented || is_absolute).then(|| frame(file, number, Some(function))).flatten()
}

/// The function of `main.(*Cart).Total(0xc000012345, 0x2)`, `created by main.serve in goroutine 1` or `main.main`, and
/// whether it is more than a name.
fn function(line: &str) -> Option<(&str, bool)> {
    // Since Go 1.21 it also says in which goroutine.
    if let Some((_, creator)) = line.split_once("created by ") {
        return creator.split(" in goroutine").next().map(|creator| (creator.trim_end(), true));
    }
    let line = line.trim_end();
    let (name, is_called) = match line.strip_suffix(')').and_then(|call| call.rsplit_once('(')) {
        Some((name, _)) => (last_word(name), true),
        None => (last_word(line), false),
    };
    let is_name = |name: &str| name.contains('.') && !name.ends_with('.') && !name.contains([':', ',', '"', '=']);
    (name == "panic" || is_name(name)).then_some((name, is_called))
}
