//! What the rules of masking have in common: where a secret is, and how to tell that one was masked already.

use std::ops::Range;

/// A secret: where it is, and the rule that found it.
pub(super) type Span = (Range<usize>, &'static str);

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
