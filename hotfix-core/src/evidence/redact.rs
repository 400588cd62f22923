//! Masking: every secret that is recognised becomes `[redacted:<rule>]`, without a hash and without its length.
//!
//! No rule finds a secret by how random a text looks: commit ids and UUIDs stay.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::Printable;

use super::known::KnownSecrets;
use super::span::{Span, Spans, has_mask, marks};
use super::{assignment, command, csv, encoded, kubernetes, pair, pem, phrase, provider, table, url};

/// How often a text is looked at after the first time. Usual texts need it once.
const MOST_ROUNDS: usize = 16;
/// A longer text is looked at again in pieces, in bytes.
const LONGEST_WHOLE: usize = 128 * 1024;
/// How long such a piece is at most, in bytes.
const PIECE: usize = 64 * 1024;

/// Masks secrets in text. Doing it twice is doing it once.
///
/// ```
/// use hotfix_core::evidence::Redactor;
/// let redacted = Redactor::default().redact("postgres://app:hunter2@db.internal/prod is down");
/// assert_eq!(redacted.text, "postgres://app:[redacted:url-password]@db.internal/prod is down");
/// assert_eq!(redacted.masked.to_string(), "1 secret masked: url-password");
/// ```
#[derive(Clone, Default)]
pub struct Redactor {
    known: KnownSecrets,
}

/// A text without the secrets that were recognised in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text as it was, unless something was masked; then it is also safe to print.
    pub text: String,
    /// What was masked.
    pub masked: Masked,
}

/// How many secrets each rule masked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Masked(BTreeMap<&'static str, u32>);

impl Redactor {
    /// One that also masks these values, for example our own tokens: wherever they stand where they look random, else beside
    /// the name of a secret. Paths are left alone.
    pub fn new(known: impl IntoIterator<Item = String>) -> Self {
        Self { known: KnownSecrets::new(known) }
    }

    /// Masks the secrets in `text`, seen as a person sees it: invisible characters hide nothing.
    pub fn redact(&self, text: &str) -> Redacted {
        // A zero-width space inside of a token would hide it from the rules and not from a person.
        let (safe, masked) = self.masked(Printable::new(text));
        // Unchanged to the byte: what is compared with a record must stay equal.
        Redacted { text: if masked.is_empty() { text.to_owned() } else { safe }, masked }
    }

    /// The same text with its secrets masked. Takes it: a long one should not be in memory more often than it must.
    pub(super) fn masked(&self, text: Printable) -> (String, Masked) {
        let mut masked = Masked::default();
        let text = String::from(text);
        let Some(safe) = self.masked_once(&text, &mut masked) else { return (text, masked) };
        drop(text);
        (self.masked_again(safe, &mut masked), masked)
    }

    /// What stands beside a mask may read otherwise than what stood beside the secret: looked at until nothing more is
    /// found, so that masking again changes nothing. Of a long text that is done with the pieces that have a mask.
    fn masked_again(&self, text: String, masked: &mut Masked) -> String {
        let mut budget = if text.len() <= LONGEST_WHOLE { usize::MAX } else { text.len() };
        if text.len() <= LONGEST_WHOLE {
            return self.masked_to_the_end(text, &mut budget, masked);
        }
        let mut safe = String::with_capacity(text.len());
        let mut rest = &*text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(end_of_piece(rest));
            if has_mask(piece) {
                safe.push_str(&self.masked_to_the_end(piece.to_owned(), &mut budget, masked));
            } else {
                safe.push_str(piece);
            }
            rest = after;
        }
        safe
    }

    /// Once, and again as long as there is something new and more than once is worth it.
    fn masked_to_the_end(&self, mut text: String, budget: &mut usize, masked: &mut Masked) -> String {
        for _ in 0..MOST_ROUNDS {
            let Some(safe) = self.masked_once(&text, masked) else { break };
            text = safe;
            let Some(left) = budget.checked_sub(text.len()) else { break };
            *budget = left;
        }
        text
    }

    /// The text with all masked that the rules find in it now; `None` when that is nothing.
    fn masked_once(&self, text: &str, masked: &mut Masked) -> Option<String> {
        let spans = settled(text, self.spans(text)).merged();
        if spans.is_empty() {
            return None;
        }
        let mut safe = String::with_capacity(text.len());
        let mut rest = 0;
        for (range, rule) in spans {
            safe.push_str(text.get(rest..range.start).unwrap_or_default());
            // No hash and no length: either would help to guess a short one.
            safe.push_str(&format!("[redacted:{rule}]"));
            rest = range.end;
            masked.count(rule);
        }
        safe.push_str(text.get(rest..).unwrap_or_default());
        Some(safe)
    }

    /// Masks secrets in place and returns what was masked.
    pub fn redact_in_place(&self, text: &mut String) -> Masked {
        let redacted = self.redact(text);
        *text = redacted.text;
        redacted.masked
    }

    /// Masks secrets in a command and returns what was masked: also arguments that follow a flag such as `--password`.
    pub fn redact_command(&self, command: &mut [String]) -> Masked {
        let mut masked = Masked::default();
        let mut line: Vec<String> = Vec::new();
        for word in command {
            if let Some((range, rule)) = command::argument(&line, word) {
                word.replace_range(range, &format!("[redacted:{rule}]"));
                masked.count(rule);
            }
            masked.add(self.redact_in_place(word));
            line.push(word.clone());
        }
        masked
    }

    fn spans(&self, text: &str) -> Spans {
        let mut spans = Spans::default();
        // All rules see the text as it was; where they overlap the union is masked.
        self.known.find(text, &mut spans);
        pem::find(text, &mut spans);
        provider::find(text, &mut spans);
        url::find(text, &mut spans);
        assignment::find(text, &mut spans);
        command::find(text, &mut spans);
        csv::find(text, &mut spans);
        encoded::find(text, &mut spans);
        kubernetes::find(text, &mut spans);
        pair::find(text, &mut spans);
        phrase::find(text, &mut spans);
        table::find(text, &mut spans);
        spans
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By hand: a derived one would print what it is there to hide.
        write!(formatter, "Redactor({} known)", self.known.len())
    }
}

/// Where the first piece of a text ends: behind a line, a word or a mask.
fn end_of_piece(text: &str) -> usize {
    let mut limit = text.len().min(PIECE);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let piece = text.get(..limit).unwrap_or_default();
    let end = if limit == text.len() { None } else { piece.rfind('\n').or_else(|| piece.rfind([' ', '\t', ']'])) };
    end.map_or(limit, |end| end + 1)
}

/// The spans that mask something new, each with the whole of the masks that it touches.
fn settled(text: &str, spans: Spans) -> Spans {
    let marks = marks(text);
    if marks.is_empty() {
        return spans;
    }
    let settle = |(range, rule): Span| {
        let first = marks.partition_point(|mark| mark.end <= range.start);
        let touched = marks.get(first..)?;
        let touched = touched.get(..touched.partition_point(|mark| mark.start < range.end))?;
        let (Some(first), Some(last)) = (touched.first(), touched.last()) else { return Some((range, rule)) };
        let between = touched.iter().zip(touched.iter().skip(1)).map(|(mark, next)| mark.end..next.start);
        let mut rest = [range.start..first.start, last.end..range.end].into_iter().chain(between);
        // Where only brackets are left beside the masks, nothing is: each round masks letters, and so there is a last one.
        let is_new = rest.any(|rest| text.get(rest).is_some_and(|rest| rest.contains(char::is_alphanumeric)));
        is_new.then(|| (range.start.min(first.start)..range.end.max(last.end), rule))
    };
    spans.filter_map(settle)
}

impl Masked {
    /// Whether nothing was masked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many secrets each rule masked.
    pub fn counts(&self) -> BTreeMap<String, u32> {
        self.0.iter().map(|(rule, count)| ((*rule).to_owned(), *count)).collect()
    }

    fn count(&mut self, rule: &'static str) {
        *self.0.entry(rule).or_default() += 1;
    }

    /// Adds what was masked elsewhere.
    pub fn add(&mut self, other: Self) {
        for (rule, count) in other.0 {
            *self.0.entry(rule).or_default() += count;
        }
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: u32 = self.0.values().sum();
        let rules: Vec<&str> = self.0.keys().copied().collect();
        write!(formatter, "{count} secret{} masked: {}", if count == 1 { "" } else { "s" }, rules.join(", "))
    }
}
