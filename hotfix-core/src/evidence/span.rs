//! What the rules of masking have in common: where a secret is, and how to tell that one was masked already.

use std::ops::Range;

/// A secret: where it is, and the rule that found it.
pub(super) type Span = (Range<usize>, &'static str);

/// How many secrets of a text are told apart. No log of people has as many.
const MOST: usize = 64 * 1024;

/// The secrets of a text, in bounded memory: where they are so many, those that are near each other become one.
#[derive(Debug, Default)]
pub(super) struct Spans(Vec<Span>);

impl Spans {
    pub(super) fn push(&mut self, span: Span) {
        if self.0.len() >= MOST {
            self.join();
        }
        self.0.push(span);
    }

    /// In order, each with what it overlaps.
    pub(super) fn merged(mut self) -> Vec<Span> {
        self.merge(0);
        self.0
    }

    /// What `change` makes of each.
    pub(super) fn filter_map(self, change: impl FnMut(Span) -> Option<Span>) -> Self {
        Self(self.0.into_iter().filter_map(change).collect())
    }

    fn join(&mut self) {
        let mut gap = 0;
        while self.0.len() > MOST / 2 {
            self.merge(gap);
            gap = 2 * gap + 8;
        }
    }

    /// Merges those with less than `gap` bytes between them.
    fn merge(&mut self, gap: usize) {
        self.0.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        self.0.dedup_by(|(range, _), (last, _)| {
            let is_one = range.start < last.end + gap;
            if is_one {
                last.end = last.end.max(range.end);
            }
            is_one
        });
    }
}

impl Extend<Span> for Spans {
    fn extend<I: IntoIterator<Item = Span>>(&mut self, spans: I) {
        spans.into_iter().for_each(|span| self.push(span));
    }
}

/// Takes another of the values of one secret, of which not more are told apart either.
pub(super) fn keep(values: &mut Vec<Range<usize>>, value: Range<usize>) {
    let is_full = values.len() >= MOST;
    match values.last_mut().filter(|_| is_full) {
        Some(last) => last.end = last.end.max(value.end),
        None => values.push(value),
    }
}

/// Whether a value is what masking leaves, perhaps escaped for Markdown.
pub(super) fn is_masked(value: &str) -> bool {
    // Markdown escapes the bracket.
    let rule = value.trim_start_matches('\\').strip_prefix("[redacted:").and_then(|rest| rest.split_once(']'));
    rule.is_some_and(|(name, rest)| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && !rest.contains(|character: char| character.is_alphanumeric())
    })
}

/// Whether there is something masked in a value. Rules that go by length must not take that for the value's own.
pub(super) fn has_mask(value: &str) -> bool {
    value.contains("[redacted:")
}

const BEGIN: &str = "[redacted:";

/// Where a text was masked already, in order.
pub(super) fn marks(text: &str) -> Vec<Range<usize>> {
    let mark = |at: usize| {
        let label = text.get(at + BEGIN.len()..)?;
        let length = label.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'-').count();
        // Markdown escapes the brackets.
        let end = label.get(length..)?;
        let end = end.strip_prefix('\\').unwrap_or(end).strip_prefix(']')?;
        let start = if text.get(..at)?.ends_with('\\') { at - 1 } else { at };
        Some(start..text.len() - end.len())
    };
    occurrences(text, BEGIN).filter_map(mark).collect()
}

/// Where a word occurs in a text. Faster than the standard library's search, which counts where a log is looked through
/// for many.
pub(super) fn occurrences<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    memchr::memmem::find_iter(text.as_bytes(), word)
}
