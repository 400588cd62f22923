//! Private keys in PEM: whole, cut off at the end, or without their beginning.

use super::span::Span;

const RULE: &str = "private-key";
const KIND: &str = "PRIVATE KEY";
/// No key is longer, in bytes: so much is masked of one whose end is not there.
// A log that was cut has no END mark, and must not be masked to its end.
const LONGEST: usize = 16 * 1024;
/// The longest line that can hold a mark, in bytes.
const LONGEST_MARK: usize = 80;

/// Finds private keys.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut covered = 0;
    for (at, mark) in text.match_indices("-----BEGIN ") {
        let Some(body) = after_mark(text, at + mark.len()).filter(|_| at >= covered) else { continue };
        covered = end_of_key(text, body);
        spans.push((at..covered, RULE));
    }
    // The tail of a log may begin in the middle of a key.
    for (at, mark) in text.match_indices("-----END ") {
        let Some(end) = after_mark(text, at + mark.len()).filter(|_| at >= covered) else { continue };
        let start = start_of_key(text, at);
        if start < at {
            spans.push((start..end, RULE));
            covered = end;
        }
    }
}

/// Where the mark ends whose label begins at `label`; `None` when it is not that of a private key.
fn after_mark(text: &str, label: usize) -> Option<usize> {
    let rest = text.get(label..)?;
    let dashes = rest.find("-----")?;
    // Certificates and public keys have such marks too, and hide nothing.
    let is_key = dashes <= LONGEST_MARK && rest.get(..dashes)?.contains(KIND);
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
