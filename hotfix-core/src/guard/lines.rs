//! The lines that a fix takes away and adds.

use std::ops::Range;

use crate::port::{FileDiff, Hunk};
use crate::proof::rust;

/// The lines that the hunk takes away, with their numbers counted from 1.
pub(super) fn removed<'a>(file: &'a FileDiff, hunk: &Hunk) -> impl Iterator<Item = (usize, &'a str)> {
    numbered(&file.before, hunk.before.start, hunk.before.len())
}

/// The lines that the hunk adds, with their numbers counted from 1.
pub(super) fn added<'a>(file: &'a FileDiff, hunk: &Hunk) -> impl Iterator<Item = (usize, &'a str)> {
    numbered(&file.after, hunk.after.start, hunk.after.len())
}

/// The line of the new text where a reader finds the hunk, counted from 1.
pub(super) fn line_of(file: &FileDiff, hunk: &Hunk) -> usize {
    // A hunk that only removes at the end stands behind the last line.
    (hunk.after.start + 1).min(file.after.lines().count())
}

/// The first added line that holds `text`, counted from 1.
pub(super) fn first_added_with(file: &FileDiff, text: &str) -> Option<usize> {
    let mut lines = file.hunks.iter().flat_map(|hunk| added(file, hunk));
    lines.find(|(_, line)| line.contains(text)).map(|(number, _)| number)
}

/// How many of the changed lines are tests inside of a source.
pub(super) fn inline_tests(file: &FileDiff) -> u32 {
    let (before, after) = (tests_within(&file.change.path, &file.before), tests_within(&file.change.path, &file.after));
    let within = |tests: &[Range<usize>], changed: &Range<usize>| {
        changed.clone().filter(|line| tests.iter().any(|test| test.contains(line))).count()
    };
    let lines =
        file.hunks.iter().map(|hunk| within(&before, &hunk.before) + within(&after, &hunk.after)).sum::<usize>();
    u32::try_from(lines).unwrap_or(u32::MAX)
}

/// The lines of a source, counted from 0, that are tests. Rust alone keeps tests in the file of what they test.
pub(super) fn tests_within(path: &str, text: &str) -> Vec<Range<usize>> {
    let is_rust = path.ends_with(".rs");
    if is_rust { rust::test_lines(text).unwrap_or_default() } else { Vec::new() }
}

/// Whether a line does something: comments and imports of assertions don't.
pub(super) fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    if ["//go:build", "// +build"].iter().any(|start| line.starts_with(start)) {
        return true; // It decides whether the file is compiled at all.
    }
    let is_comment = line.starts_with("//") || line.starts_with('*') || line.starts_with("/*");
    // Attributes of Rust and macros of Swift begin so too.
    let is_hash_comment = line.starts_with('#') && !line.starts_with("#[") && !line.starts_with("#expect(");
    // `import { expect }` asserts nothing.
    let is_import = ["use ", "import ", "from ", "using ", "require "].iter().any(|word| line.starts_with(word));
    !(is_comment || is_hash_comment || is_import || line.contains("require('") || line.contains("require(\""))
}

fn numbered(text: &str, start: usize, length: usize) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().skip(start).take(length).map(|(index, line)| (index + 1, line))
}
