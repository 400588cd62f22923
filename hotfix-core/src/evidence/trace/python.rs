//! Tracebacks of Python, which have the failure at their end.

use crate::domain::Frame;

use super::{TraceLanguage, frame, never};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage { read, begins, causes: never, is_upside_down: true };

fn begins(line: &str) -> bool {
    line.contains("Traceback (most recent call last)")
}

fn read(line: &str, _: &str) -> Option<Frame> {
    let (_, text) = line.split_once("File \"")?;
    // A path may hold blanks and quotes; these words do not occur in one.
    let (file, text) = text.split_once("\", line ")?;
    let (number, function) = text.split_once(", in ").map_or((text, None), |(number, name)| (number, Some(name)));
    frame(file, number.trim().parse().ok()?, function)
}
