//! Tracebacks of Python, which have the failure at their end.

use crate::domain::Frame;

use super::{Sign, TraceLanguage, TraceLine, frame};

pub(super) const LANGUAGE: TraceLanguage = TraceLanguage {
    read,
    sign,
    signs: &[
        "Traceback (most recent call last)",
        "The above exception was",
        "During handling of",
        "+---------------- ",
    ],
    frames: &["File \""],
    is_upside_down: true,
    is_dense: false,
};

/// What stands between an exception and the one that came of it.
const CHAINED: [&str; 2] = ["The above exception was the direct cause of", "During handling of the above exception"];
const EXTENSIONS: [&str; 4] = [".py", ".pyw", ".pyx", ".ipynb"];

fn sign(line: &TraceLine<'_>) -> Option<Sign> {
    if line.text.contains("Traceback (most recent call last)") {
        return Some(Sign::Begins);
    }
    if CHAINED.iter().any(|words| line.text.contains(words)) {
        return Some(Sign::Joins);
    }
    // An exception of a group.
    line.text.contains("+---------------- ").then_some(Sign::Cause)
}

fn read(line: &TraceLine<'_>) -> Option<Frame> {
    let (_, text) = line.text.split_once("File \"")?;
    // A path may hold blanks and quotes; these words do not occur in one. Spreadsheets write each quote twice.
    let (file, text) = text.split_once("\", line ")?;
    let file = file.trim_matches('"');
    let (number, function) = match text.split_once(", in ") {
        Some((number, function)) => (number, Some(function.trim_end())),
        None => (text.trim_end(), None),
    };
    // OCaml's compiler names a file and a line as well.
    let is_python = function.is_some() || EXTENSIONS.iter().any(|extension| file.ends_with(extension));
    is_python.then(|| frame(file, number.trim().parse().ok()?, function)).flatten()
}
