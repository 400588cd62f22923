//! Evidence: what a report, log or program's output may become part of the record as. Secrets are masked before anything
//! is written, stack traces are read, and their files are found among those of the repository.
//!
//! Pure: where a report comes from is the port [`crate::port::Reports`]' business.

mod alertmanager;
mod assignment;
mod authorization;
mod command;
mod csv;
mod encoded;
mod foreign;
mod known;
mod kubernetes;
mod located;
mod name;
mod pair;
mod pem;
mod phrase;
mod provider;
mod providers;
mod reading;
mod redact;
mod secret;
mod short;
mod span;
mod structured;
mod table;
mod texts;
mod trace;
mod traces;
mod url;
mod value;

use std::borrow::Cow;

use crate::domain::{Attachment, Printable, one_line, sha256_hex};

pub use alertmanager::AlertNotification;
pub use located::{Located, locate};
pub use redact::{Masked, Redacted, Redactor};
pub use texts::mask;
pub use traces::{KeptFrames, StackTraces, frames};

/// How much of a report's text goes into the ledger, in bytes.
// Everybody who fetches the ledger gets it, for ever.
pub const MAX_STORED: usize = 64 * 1024;

/// What cannot be evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoEvidence {
    /// There is nothing to read in it.
    #[error("there is no text in it")]
    Empty,
    /// It is no text.
    #[error("it is binary, not text")]
    Binary,
}

/// A report that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadReport {
    /// What goes into the record; with the frames that are no library's, as long as nobody looked them up.
    pub attachment: Attachment,
    /// All of its stack traces.
    pub traces: StackTraces,
    /// Whether only its beginning and its end were read.
    pub is_cut: bool,
}

/// Makes evidence of a report of `length` bytes: decoded, made safe to print, masked, read for stack traces and then cut.
///
/// # Errors
/// When there is no text in it.
pub fn read(name: &str, bytes: &[u8], length: u64, redactor: &Redactor) -> Result<ReadReport, NoEvidence> {
    // Before masking: an escape sequence inside of a token would hide it from every rule.
    let decoded = decoded(bytes).ok_or(NoEvidence::Binary)?;
    // Alerts in words: a stack trace in JSON is one line, and read by nobody.
    let alerts = alertmanager::read(&decoded).map(|(_, written)| written.into());
    let text = Printable::new(&alerts.unwrap_or(decoded));
    if text.as_str().trim().is_empty() {
        return Err(NoEvidence::Empty);
    }
    let (text, masked) = redactor.masked(text);
    let traces = StackTraces::of(&text);
    let attachment = Attachment {
        // A file may be named after what it holds.
        name: one_line(&redactor.redact(name).text),
        // Of the masked text: a digest of a short secret could be guessed.
        digest: sha256_hex(text.as_bytes()),
        bytes: length,
        masked: masked.counts(),
        frames: traces.kept(&[]).frames,
        text: Printable::new(&text).excerpt(MAX_STORED).into(),
    };
    Ok(ReadReport { attachment, traces, is_cut: length > bytes.len() as u64 })
}

/// What a report says of an incident, where it is a notification of Alertmanager's; masked.
pub fn alert(bytes: &[u8], redactor: &Redactor) -> Option<AlertNotification> {
    let (alert, _) = alertmanager::read(&decoded(bytes)?)?;
    let masked = |text: String| redactor.redact(&text).text;
    Some(AlertNotification { title: alert.title.map(masked), source: masked(alert.source), ..alert })
}

/// Bytes as text: UTF-16 with a mark, as Windows writes logs, else UTF-8 with `�` for what is not; `None` for binaries.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |read: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units: Vec<u16> = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(read).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        // PowerShell's `>` writes UTF-16.
        [0xff, 0xfe, rest @ ..] => Some(utf16(u16::from_le_bytes, rest).into()),
        [0xfe, 0xff, rest @ ..] => Some(utf16(u16::from_be_bytes, rest).into()),
        // git's own sign of a binary.
        _ if bytes.contains(&0) || has_random_controls(bytes) => None,
        _ => Some(std::str::from_utf8(bytes).map_or_else(|_| lossy(bytes).into(), Into::into)),
    }
}

/// Whether a text begins with so many control characters, of so many kinds, as only a binary has: logs may have one or
/// two for separators.
fn has_random_controls(bytes: &[u8]) -> bool {
    const BEGINNING: usize = 64 * 1024;
    let begin = bytes.get(..bytes.len().min(BEGINNING)).unwrap_or_default();
    let is_odd = |byte: &&u8| matches!(byte, 0x01..=0x06 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    let (mut kinds, mut count) = (0_u128, 0_usize);
    for byte in begin.iter().filter(is_odd) {
        kinds |= 1 << byte;
        count += 1;
    }
    kinds.count_ones() >= 8 && count * 20 > begin.len()
}

/// Text with one `�` in place of each run of bytes that are not UTF-8: what is nothing else must not grow.
fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let is_new = !chunk.valid().is_empty() || text.is_empty();
        if is_new && !chunk.invalid().is_empty() {
            text.push('\u{fffd}');
        }
    }
    text
}

#[cfg(test)]
mod harmless_tests;
#[cfg(test)]
mod places_tests;
#[cfg(test)]
mod tests;
