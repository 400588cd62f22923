//! Masking: every secret that is recognised becomes `[redacted:<rule>]`, without a hash and without its length.
//!
//! No rule finds a secret by how random a text looks: commit ids and UUIDs stay.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::Printable;

use super::known::KnownSecrets;
use super::span::Span;
use super::{assignment, pem, provider, url};

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
        let seen = Printable::new(text);
        let spans = merged(self.spans(seen.as_str()));
        // Unchanged to the byte: what is compared with a record must stay equal.
        if spans.is_empty() {
            return Redacted { text: text.to_owned(), masked: Masked::default() };
        }
        let mut masked = Masked::default();
        let mut safe = String::with_capacity(seen.as_str().len());
        let mut rest = 0;
        for (range, rule) in spans {
            safe.push_str(seen.as_str().get(rest..range.start).unwrap_or_default());
            // No hash and no length: either would help to guess a short one.
            safe.push_str(&format!("[redacted:{rule}]"));
            rest = range.end;
            masked.count(rule);
        }
        safe.push_str(seen.as_str().get(rest..).unwrap_or_default());
        Redacted { text: safe, masked }
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
        let mut flag = String::new();
        for word in command {
            if let Some((range, rule)) = assignment::after_flag(&flag, word) {
                word.replace_range(range, &format!("[redacted:{rule}]"));
                masked.count(rule);
            }
            masked.add(self.redact_in_place(word));
            // As it was: a masked flag names nothing any more.
            flag.clone_from(word);
        }
        masked
    }

    fn spans(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        // All rules see the text as it was; where they overlap the union is masked.
        self.known.find(text, &mut spans);
        pem::find(text, &mut spans);
        provider::find(text, &mut spans);
        url::find(text, &mut spans);
        assignment::find(text, &mut spans);
        spans
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By hand: a derived one would print what it is there to hide.
        write!(formatter, "Redactor({} known)", self.known.len())
    }
}

/// In order, each with what it overlaps.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut merged: Vec<Span> = Vec::new();
    for (range, rule) in spans {
        match merged.last_mut() {
            Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push((range, rule)),
        }
    }
    merged
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
