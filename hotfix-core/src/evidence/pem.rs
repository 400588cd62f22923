//! Private keys in PEM: whole, cut off at the end, or without their beginning.

use std::ops::Range;

use super::span::{Spans, occurrences};

const RULE: &str = "private-key";
const KIND: &str = "PRIVATE KEY";
/// No key is longer, in bytes: so much is masked of one whose end is not there.
// A log that was cut has no END mark, and must not be masked to its end.
const LONGEST: usize = 16 * 1024;
/// The longest line that can hold a mark, in bytes.
const LONGEST_MARK: usize = 80;

/// Finds private keys.
pub(super) fn find(text: &str, spans: &mut Spans) {
    let mut keys: Vec<Range<usize>> = Vec::new();
    let mark = "-----BEGIN ";
    for at in occurrences(text, mark) {
        // Where keys stand without a line end between them, a mark may share dashes with the one before it.
        let is_behind = keys.last().is_none_or(|key| at + "-----".len() >= key.end);
        let Some(body) = after_mark(text, at + mark.len()).filter(|_| is_behind) else { continue };
        keys.push(at..end_of_key(text, body));
    }
    // The tail of a log may begin in the middle of a key.
    let mark = "-----END ";
    for at in occurrences(text, mark) {
        let begun = keys.get(..keys.partition_point(|key| key.start <= at)).and_then(<[_]>::last);
        let is_in_key = begun.is_some_and(|key| at < key.end);
        let Some(end) = after_mark(text, at + mark.len()).filter(|_| !is_in_key) else { continue };
        let start = start_of_key(text, at);
        if start < at {
            spans.push((start..end, RULE));
        }
    }
    spans.extend(keys.into_iter().map(|key| (key, RULE)));
}

/// Where the mark ends whose label begins at `label`; `None` when it is not that of a private key.
fn after_mark(text: &str, label: usize) -> Option<usize> {
    let rest = text.get(label..)?;
    let dashes = rest.find("-----")?;
    // Certificates and public keys have such marks too, and hide nothing.
    let name = rest.get(..dashes)?;
    let is_key = dashes <= LONGEST_MARK && name.contains(KIND) && !name.contains('\n');
    is_key.then_some(label + dashes + "-----".len())
}

/// The end of the END mark, or as far as a key can reach.
fn end_of_key(text: &str, body: usize) -> usize {
    let mut limit = text.len().min(body + LONGEST);
    // Forwards: the last character is masked whole, or not reached.
    while !text.is_char_boundary(limit) {
        limit += 1;
    }
    let within = text.get(body..limit).unwrap_or_default();
    let end = within.find("-----END ").and_then(|at| after_mark(text, body + at + "-----END ".len()));
    end.unwrap_or(limit)
}

/// Where the lines begin that stand before an END mark and can be a key's, whatever a logger wrote before each.
fn start_of_key(text: &str, end_mark: usize) -> usize {
    let mut floor = end_mark.saturating_sub(LONGEST);
    while !text.is_char_boundary(floor) {
        floor += 1;
    }
    let before = text.get(floor..end_mark).unwrap_or_default();
    let mut start = before.rfind('\n').map_or(0, |at| at + 1);
    for line in before.get(..start).unwrap_or_default().lines().rev() {
        // Loggers put time and level before each line.
        let word = line.split_whitespace().next_back().unwrap_or_default();
        let is_key =
            word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        let next = before.get(..start.saturating_sub(1)).unwrap_or_default().rfind('\n').map_or(0, |at| at + 1);
        if !is_key {
            break;
        }
        start = next;
    }
    if before.get(start..).unwrap_or_default().trim().is_empty() { end_mark } else { floor + start }
}
