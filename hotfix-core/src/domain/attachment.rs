//! Evidence that somebody attached to an incident: masked, cut to size, and where its stack traces point.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that tells of the failure: a log, a stack trace, a user's report. No secret that was recognised is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file's name without its folders, or `stdin`.
    pub name: String,
    /// The SHA-256 of the masked text before it was cut, 64 hex digits; the same evidence is attached only once.
    pub digest: String,
    /// How long it was as given, in bytes.
    pub bytes: u64,
    /// The masked text, made safe to print; its beginning and its end where it is long.
    pub text: String,
    /// How many secrets each rule masked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub masked: BTreeMap<String, u32>,
    /// Where its stack traces point, nearest to the failure first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<Frame>,
}

impl Attachment {
    /// How many secrets were masked.
    pub fn secrets(&self) -> u32 {
        self.masked.values().sum()
    }

    /// Its size for people, and what was masked: `3.1 KiB, 2 secrets masked`.
    pub fn size(&self) -> String {
        let size = match self.bytes {
            bytes @ 0..1024 => format!("{bytes} bytes"),
            // Whole numbers: a float would round 1023.99 KiB up.
            bytes @ 1024..1_048_576 => format!("{}.{} KiB", bytes / 1024, bytes % 1024 * 10 / 1024),
            bytes => format!("{}.{} MiB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
        };
        match self.secrets() {
            0 => size,
            1 => format!("{size}, 1 secret masked"),
            secrets => format!("{size}, {secrets} secrets masked"),
        }
    }
}

/// One frame of a stack trace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Frame {
    /// The file as the trace names it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The function, where the trace names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

impl fmt::Display for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)?;
        self.function.as_ref().map_or(Ok(()), |function| write!(formatter, " in {function}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        let size = |bytes, secrets| {
            let masked = BTreeMap::from([("password".to_owned(), secrets)]);
            let [name, digest, text] = [(); 3].map(|()| String::new());
            Attachment { name, digest, bytes, text, masked, frames: Vec::new() }.size()
        };
        assert_eq!(size(12, 0), "12 bytes");
        assert_eq!(size(3_200, 1), "3.1 KiB, 1 secret masked");
        assert_eq!(size(5_000_000, 2), "4.7 MiB, 2 secrets masked");
    }
}
