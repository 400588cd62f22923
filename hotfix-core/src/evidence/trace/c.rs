//! Stack traces of C and C++: the sanitizers' (ASan, UBSan, TSan, LSan), gdb's, Valgrind's, and failed assertions.

use crate::domain::Frame;

use super::{Sign, TRIES, TraceLanguage, TraceLine, frame, last_word, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &[
        "Sanitizer: ",
        "runtime error: ",
        "received signal ",
        "Invalid read of",
        "Invalid write of",
        "Assertion `",
        "freed by thread",
        "allocated by thread",
        "located in stack of thread",
        "Address 0x",
    ],
    frames: &["#", " (", ": runtime error: ", ": Assertion `"],
    is_upside_down: false,
    is_dense: false,
};

const EXTENSIONS: &str = "c cc cpp cxx c++ h hh hpp hxx inl ipp m mm cu s rs swift zig";
const BEGINS: [&str; 6] =
    ["Sanitizer: ", "runtime error: ", "received signal ", "Invalid read of", "Invalid write of", "Assertion `"];
/// What comes after the failure itself: where the memory came from.
const JOINS: [&str; 4] = ["freed by thread", "allocated by thread", "located in stack of thread", "Address 0x"];

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    if JOINS.iter().any(|words| line.text.contains(words)) {
        return Some(Sign::Joins);
    }
    BEGINS.iter().any(|words| line.text.contains(words)).then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let text = line.text.trim_end();
    numbered(text).or_else(|| valgrind(text)).or_else(|| said(text))
}

/// `#0 0x55d3 in total src/cart.c:12:5`, `#0 total src/cart.c:12 (shop+0x12)`, `#1  0x55d3 in total (x=3) at src/cart.c:12`.
fn numbered(text: &str) -> Option<Frame> {
    let begin = text.match_indices('#').take(TRIES).find_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let after = rest.trim_start_matches(|character: char| character.is_ascii_digit());
        (after.len() < rest.len() && after.starts_with(' ')).then_some(after.trim_start())
    })?;
    // The module, or its build's id.
    let text =
        begin.strip_suffix(')').and_then(|text| text.rsplit_once(" (")).map_or(begin, |(text, _)| text.trim_end());
    let place = last_word(text);
    let (file, number) = source(place)?;
    let called = text.strip_suffix(place).map(str::trim_end).unwrap_or_default();
    let called = called.strip_suffix(" at").unwrap_or(called);
    let function = called.split_once(" in ").filter(|(address, _)| address.starts_with("0x")).map_or(called, |it| it.1);
    frame(file, number, Some(function))
}

/// `==12==    at 0x1091: total (cart.c:12)`.
fn valgrind(text: &str) -> Option<Frame> {
    let (called, place) = text.strip_suffix(')')?.rsplit_once(" (")?;
    let (_, called) = called.split_once(" 0x")?;
    let (file, number) = source(place)?;
    frame(file, number, Some(called.split_once(": ")?.1))
}

/// `src/cart.c:12:5: runtime error: …` and ``shop: src/cart.c:11: total: Assertion `count < 100' failed.``
fn said(text: &str) -> Option<Frame> {
    if let Some((place, _)) = text.split_once(": runtime error: ") {
        let (file, number) = source(last_word(place))?;
        return frame(file, number, None);
    }
    let (place, function) = text.split_once(": Assertion `")?.0.rsplit_once(": ")?;
    let (file, number) = source(last_word(place))?;
    frame(file, number, Some(function))
}

fn source(place: &str) -> Option<(&str, u32)> {
    let (file, number, _) = position(place)?;
    let extension = file.rsplit_once('.')?.1;
    EXTENSIONS.split(' ').any(|known| known == extension).then_some((file, number))
}
