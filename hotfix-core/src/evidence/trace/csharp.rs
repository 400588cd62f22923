//! Stack traces of .NET, and of Mono. The innermost exception comes first.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, after_at, frame};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["Unhandled exception", "Unhandled Exception"],
    frames: &[".cs:", ".vb:", ".fs:", ".fsx:", ".razor:", ".cshtml:", ".xaml:"],
    is_upside_down: false,
    is_dense: true,
};

const EXTENSIONS: [&str; 7] = [".cs", ".vb", ".fs", ".fsx", ".razor", ".cshtml", ".xaml"];

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    let text = line.text;
    (text.contains("Unhandled exception") || text.contains("Unhandled Exception")).then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let (called, place) = line.text.rsplit_once(" in ")?;
    // `Cart.cs:line 12`; the word is the language's of the machine, and Mono has none.
    let (file, number) = place.trim_end().rsplit_once(':')?;
    let number = number.trim_start_matches(char::is_alphabetic).trim_start().parse().ok()?;
    if !EXTENSIONS.iter().any(|extension| file.ends_with(extension)) {
        return None;
    }
    let function = after_at(called).last().or_else(|| called.trim_start().split_once(' ').map(|(_, name)| name))?;
    frame(file, number, Some(function.split(" [0x").next().unwrap_or(function)))
}
