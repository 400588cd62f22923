//! The lines that a fix takes away and adds.

use crate::port::{FileDiff, Hunk};

/// The lines that the hunk takes away, with their numbers counted from 1.
pub(super) fn removed<'a>(file: &'a FileDiff, hunk: &Hunk) -> impl Iterator<Item = (usize, &'a str)> {
    numbered(&file.before, hunk.before.start, hunk.before.len())
}

/// The lines that the hunk adds, with their numbers counted from 1.
pub(super) fn added<'a>(file: &'a FileDiff, hunk: &Hunk) -> impl Iterator<Item = (usize, &'a str)> {
    numbered(&file.after, hunk.after.start, hunk.after.len())
}

/// The line of the new text where a reader finds the hunk, counted from 1.
pub(super) fn place_of(file: &FileDiff, hunk: &Hunk) -> usize {
    (hunk.after.start + 1).min(file.after.lines().count())
}

/// The first added line that holds `text`, counted from 1.
pub(super) fn first_added_with(file: &FileDiff, text: &str) -> Option<usize> {
    let mut lines = file.hunks.iter().flat_map(|hunk| added(file, hunk));
    lines.find(|(_, line)| line.contains(text)).map(|(number, _)| number)
}

fn numbered(text: &str, start: usize, length: usize) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().skip(start).take(length).map(|(place, line)| (place + 1, line))
}
