//! Tokens that are known by their shape alone. Which shapes there are is data: [`super::providers`].

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::providers::{PROVIDERS, Provider};
use super::short::ShortTexts;
use super::span::Spans;

/// No token is longer, in bytes, nor begins further before what it is known by.
const LONGEST: usize = 16 * 1024;
const FURTHEST: usize = 128;

/// What is compiled of the table: all that tokens are known by, and each pattern once its mark occurs.
struct Compiled {
    marks: AhoCorasick,
    /// The row of each mark.
    rows: Vec<usize>,
    // Compiling a pattern costs far more than looking for its mark, and texts seldom hold one.
    patterns: Vec<OnceLock<Option<Regex>>>,
}

/// All that tokens are known by, each with its row.
fn marks() -> impl Iterator<Item = (usize, &'static str)> {
    let rows = PROVIDERS.iter().enumerate();
    rows.flat_map(|(row, provider)| provider.marks.split(' ').map(move |mark| (row, mark)))
}

fn compiled() -> Option<&'static Compiled> {
    static COMPILED: OnceLock<Option<Compiled>> = OnceLock::new();
    let build = || {
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(marks().map(|(_, mark)| mark));
        Some(Compiled {
            marks: automaton.ok()?,
            rows: marks().map(|(row, _)| row).collect(),
            patterns: PROVIDERS.iter().map(|_| OnceLock::new()).collect(),
        })
    };
    COMPILED.get_or_init(build).as_ref()
}

/// Finds tokens by their shapes.
pub(super) fn find(text: &str, spans: &mut Spans) {
    static SHORT_TEXTS: ShortTexts = ShortTexts::new();
    if !SHORT_TEXTS.may_hold(text, marks().map(|(_, mark)| mark)) {
        return;
    }
    let Some(compiled) = compiled() else { return };
    let mut behind = vec![0; PROVIDERS.len()];
    // One pass for all of them: a report of 8 MB goes through every row. Marks may overlap.
    for mark in compiled.marks.find_overlapping_iter(text) {
        let Some(row) = compiled.rows.get(mark.pattern().as_usize()).copied() else { continue };
        let (Some(provider), Some(behind)) = (PROVIDERS.get(row), behind.get_mut(row)) else { continue };
        // Inside of a longer word the same letters are chance.
        if mark.start() < *behind || provider.is_word() && is_inside_word(text, mark.start()) {
            continue;
        }
        let pattern = compiled.patterns.get(row).and_then(|cell| cell.get_or_init(|| provider.regex()).as_ref());
        let window = if provider.begins_with_mark() {
            window(text, mark.start(), mark.end() + LONGEST)
        } else {
            word_around(text, mark.range(), *behind)
        };
        let from = window.start;
        let Some(found) = pattern.and_then(|pattern| pattern.find(text.get(window)?)) else { continue };
        let range = from + found.start()..from + found.end();
        *behind = range.end;
        spans.push((range, provider.rule));
    }
}

/// What can be one token with the mark in its middle.
fn word_around(text: &str, mark: Range<usize>, floor: usize) -> Range<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_~.+/=-".contains(byte);
    let before = text.as_bytes().get(floor..mark.start).unwrap_or_default();
    let after = text.as_bytes().get(mark.end..).unwrap_or_default();
    let length = before.iter().rev().take(FURTHEST).take_while(is_part).count();
    mark.start - length..mark.end + after.iter().take(2 * FURTHEST).take_while(is_part).count()
}

/// The characters that lie in a range of bytes.
fn window(text: &str, mut start: usize, end: usize) -> Range<usize> {
    let mut end = end.min(text.len());
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    start..end.max(start)
}

impl Provider {
    /// Whether the token begins with its mark, so that it need not be looked for before it.
    fn begins_with_mark(&self) -> bool {
        !self.shape.starts_with("..")
    }

    /// Whether a letter before the mark makes it something else.
    fn is_word(&self) -> bool {
        self.shape.starts_with(r"\b")
    }

    fn regex(&self) -> Option<Regex> {
        let pattern = match self.shape.strip_prefix("..") {
            Some(shape) => format!("(?-u)(?:{shape})"),
            None => format!("(?-u)^(?:{})", self.shape.trim_start_matches(r"\b")),
        };
        Regex::new(&pattern).ok()
    }
}

/// Whether a word goes on at a position. The letter of an escape (`\n`, `%3D`) is none of the word's.
fn is_inside_word(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at.saturating_sub(3)..at).unwrap_or_default() {
        [.., b'\\', b'n' | b'r' | b't' | b'"'] => false,
        [b'%', first, second] if first.is_ascii_hexdigit() && second.is_ascii_hexdigit() => false,
        [.., last] => last.is_ascii_alphanumeric(),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole() {
        for provider in &PROVIDERS {
            assert!(provider.regex().is_some(), "{}", provider.shape);
            assert!(provider.marks.split(' ').all(|mark| mark.len() >= 2), "{}", provider.name);
            assert!(provider.rule.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", provider.name);
            assert!(
                !provider.source.name.is_empty()
                    && (provider.source.compared.is_empty() || provider.source.compared.starts_with("20")),
                "{}",
                provider.name
            );
        }
    }
}
