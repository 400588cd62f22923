//! Tracebacks of Python as `rich` frames them, which have the failure at their end.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, frame, position};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &["Traceback (most recent call last)"],
    frames: &["│"],
    is_upside_down: true,
    is_dense: false,
};

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    (line.text.contains("Traceback (most recent call last)") && line.text.contains('─')).then_some(Sign::Begins)
}

/// `│ /srv/shop/cart.py:2 in total          │`.
fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let (_, text) = line.text.split_once('│')?;
    let (place, function) = text.trim_end_matches([' ', '│']).rsplit_once(" in ")?;
    let (file, number, _) = position(place).filter(|(file, ..)| file.ends_with(".py"))?;
    // Code is framed as well.
    let is_place = !function.contains(' ') && !file.contains('│');
    is_place.then(|| frame(file, number, Some(function))).flatten()
}
