//! Backtraces and fatal errors of Swift.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, after_at, frame, last_word, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["Fatal error: ", " crashed:"],
    frames: &[".swift"],
    is_upside_down: false,
    is_dense: false,
};

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    (line.text.contains("Fatal error: ") || line.text.contains(" crashed:")).then_some(Sign::Begins)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let text = line.text.trim_end();
    if !text.contains(".swift") {
        return None;
    }
    // `shop/Cart.swift:4: Fatal error: Division by zero`.
    if let Some((place, _)) = text.split_once(": Fatal error: ") {
        let (file, number, _) = position(last_word(place)).filter(|(file, ..)| file.ends_with(".swift"))?;
        return frame(file, number, None);
    }
    // `1 [ra] 0x0000aaab total(_:) + 52 in shop at /srv/Sources/shop/Cart.swift:4:23`.
    let place = after_at(text).next()?;
    let (file, number, has_column) = position(place).filter(|(file, ..)| file.ends_with(".swift"))?;
    let (call, _) = text.strip_suffix(place)?.strip_suffix(" at ")?.rsplit_once(" in ")?;
    let call = call.split_once(" + ").map_or(call, |(call, _)| call);
    has_column.then(|| frame(file, number, Some(last_word(call)))).flatten()
}
