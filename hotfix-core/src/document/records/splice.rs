//! Puts lines into a text without touching the rest: same line endings, blank lines only where a block needs them.

use std::ops::Range;

/// The line ending of the line around `at`, else of the one before it: a file may mix them.
fn line_ending(text: &str, at: usize) -> &'static str {
    let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    let ending = match after.find('\n') {
        Some(end) => after.get(..end),
        None => before.rfind('\n').and_then(|end| before.get(..end)),
    };
    if ending.is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" }
}

/// The text with `range` replaced.
pub(super) fn replace(text: &str, range: Range<usize>, new: &str) -> String {
    let (before, after) = (text.get(..range.start), text.get(range.end..));
    [before.unwrap_or_default(), new, after.unwrap_or_default()].concat()
}

/// The line around `at`, without its ending.
pub(super) fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    let end = text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| at + newline);
    // The line's end stays that of the file.
    let end = if text.get(start..end).is_some_and(|line| line.ends_with('\r')) { end - 1 } else { end };
    start..end
}

/// Where the last line that is not blank ends before `at`, without its ending.
pub(super) fn end_of_content(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let end = before.trim_end_matches([' ', '\t', '\r', '\n']).len();
    // Spaces at the end of a line may break it, so they stay there.
    let blank = before.get(end..).filter(|_| end > 0).unwrap_or_default();
    end + blank.len() - blank.trim_start_matches([' ', '\t']).len()
}

/// How a new block stands to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// On the next line.
    None,
    /// After a blank line.
    BlankLine,
}

/// Puts `lines` after the line that ends at `at`. What follows stays, and begins on a line of its own.
pub(super) fn insert_after(text: &str, at: usize, gap: Spacing, lines: &[&str]) -> String {
    let ending = line_ending(text, at);
    let mut new = String::new();
    let is_first = text.get(..at).is_none_or(|before| before.trim_start_matches('\u{feff}').is_empty());
    if !is_first {
        new.push_str(ending);
        if gap == Spacing::BlankLine {
            new.push_str(ending);
        }
    }
    new.push_str(&lines.join(ending));
    let rest = text.get(at..).unwrap_or_default();
    let next_line = rest.split_once('\n').map(|(_, next)| next);
    if next_line
        .is_none_or(|next| gap == Spacing::BlankLine && next.lines().next().is_some_and(|line| !line.trim().is_empty()))
    {
        new.push_str(ending);
    }
    replace(text, at..at, &new)
}

/// Puts a list item after the line that ends at `at`, right below an item that stands there.
pub(super) fn insert_item(text: &str, at: usize, item: &str) -> String {
    let last_line = text.get(line_around(text, at)).unwrap_or_default();
    let gap = if last_line.starts_with("- ") { Spacing::None } else { Spacing::BlankLine };
    match is_indented_after(text, at) {
        true => insert_after(text, at, gap, &[item, "", END_OF_LIST]),
        false => insert_after(text, at, gap, &[item]),
    }
}

/// Keeps an indented block after a list from becoming a part of its last item.
pub(super) const END_OF_LIST: &str = "<!-- end -->";

/// Whether the first line with text after `at` is indented.
pub(super) fn is_indented_after(text: &str, at: usize) -> bool {
    let next = text.get(at..).unwrap_or_default().lines().skip(1).find(|line| !line.trim().is_empty());
    next.is_some_and(|line| line.starts_with([' ', '\t']))
}

/// Puts `lines` and a blank line before the line that starts at `at`.
pub(super) fn insert_before(text: &str, at: usize, lines: &[&str]) -> String {
    let ending = line_ending(text, at);
    let mut new = String::new();
    let before = text.get(..at).unwrap_or_default();
    let is_after_a_blank_line = before.trim_end_matches([' ', '\t']).ends_with("\n\n")
        || before.trim_end_matches([' ', '\t']).ends_with("\n\r\n")
        || before.trim_start_matches('\u{feff}').is_empty();
    if !is_after_a_blank_line {
        new.push_str(ending);
    }
    new.push_str(&lines.join(ending));
    new.push_str(ending);
    new.push_str(ending);
    replace(text, at..at, &new)
}
