//! The identifiers of an incident, an event and a commit. They only hold text that is valid for what they name.

use serde::{Deserialize, Serialize};

use super::names::{as_text, checked_text};

/// The alphabet of the random part: digits and letters that nobody confuses when reading aloud (no `i`, `l`, `o`, `u`).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const RANDOM_CHARACTERS: usize = 8;

/// A text that is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct InvalidId {
    text: String,
    expected: &'static str,
}

impl InvalidId {
    fn new(text: &str, expected: &'static str) -> Self {
        // It may be a whole file that was pasted by mistake.
        Self { text: text.chars().take(80).collect(), expected }
    }
}

/// Names an incident: `HF-2026-7k3mq2xa`, the UTC year in which it was opened and 8 characters of base 32.
///
/// 40 random bits make a collision among 10,000 incidents of a year less likely than 1 in 20,000.
///
/// ```
/// use hotfix_core::domain::IncidentId;
/// let id: IncidentId = "HF-2026-7k3mq2xa".parse()?;
/// assert_eq!(id.year(), 2026);
/// # Ok::<(), hotfix_core::domain::InvalidId>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IncidentId(String);

impl IncidentId {
    /// Makes the id of an incident opened in `year` (UTC, 1970 to 9999) from 5 random bytes.
    pub fn from_random(year: i16, random: [u8; 5]) -> Self {
        let bits = random.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        // Forty bits in five-bit steps.
        let text: String = (0..RANDOM_CHARACTERS)
            .rev()
            .filter_map(|digit| ALPHABET.get(((bits >> (digit * 5)) & 31) as usize))
            .map(|byte| char::from(*byte))
            .collect();
        Self(format!("HF-{:04}-{text}", year.clamp(1970, 9999)))
    }

    /// The UTC year in the id; it names the ledger ref that holds the incident for ever.
    pub fn year(&self) -> i16 {
        self.0.get(3..7).and_then(|year| year.parse().ok()).unwrap_or_default()
    }
}

impl IncidentId {
    fn checked(text: &str) -> Result<&str, InvalidId> {
        let invalid = || InvalidId::new(text, "an incident id such as HF-2026-7k3mq2xa");
        let text = text.trim();
        let (year, random) = text.strip_prefix("HF-").and_then(|rest| rest.split_once('-')).ok_or_else(invalid)?;
        let year_is_valid = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) && year >= "1970";
        let random_is_valid = random.len() == RANDOM_CHARACTERS && random.bytes().all(|byte| ALPHABET.contains(&byte));
        (year_is_valid && random_is_valid).then_some(text).ok_or_else(invalid)
    }
}

/// Names an event: the SHA-256 of its stored bytes, 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventId(String);

impl EventId {
    /// The id of these stored bytes.
    pub fn of(stored: &[u8]) -> Self {
        Self(sha256_hex(stored))
    }
}

impl EventId {
    fn checked(text: &str) -> Result<&str, InvalidId> {
        (text.len() == 64 && is_lower_hex(text))
            .then_some(text)
            .ok_or_else(|| InvalidId::new(text, "an event id (64 lower-case hex digits)"))
    }
}

/// Names a git object: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectId(String);

/// What names the objects of a repository: `extensions.objectFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ObjectFormat {
    /// SHA-1, 40 digits.
    #[default]
    Sha1,
    /// SHA-256, 64 digits.
    Sha256,
}

impl ObjectFormat {
    /// Its name in git.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}

impl ObjectId {
    /// What it was made by.
    pub fn format(&self) -> ObjectFormat {
        if self.0.len() == 40 { ObjectFormat::Sha1 } else { ObjectFormat::Sha256 }
    }

    /// The first 9 digits, for people.
    pub fn short(&self) -> &str {
        // Seven, git's least, become ambiguous in large repositories.
        self.0.get(..9).unwrap_or(&self.0)
    }
}

impl EventId {
    /// The first 9 digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..9).unwrap_or(&self.0)
    }
}

impl ObjectId {
    fn checked(text: &str) -> Result<&str, InvalidId> {
        (matches!(text.len(), 40 | 64) && is_lower_hex(text))
            .then_some(text)
            .ok_or_else(|| InvalidId::new(text, "an object id (40 or 64 lower-case hex digits)"))
    }
}

checked_text!(IncidentId, InvalidId; EventId, InvalidId; ObjectId, InvalidId);

/// The SHA-256 of `bytes` as 64 lower-case hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    // A ledger is read by hundreds of thousands of these; formatting bytes takes longer than to hash them.
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'a' - 10 + half });
    let mut digits = String::with_capacity(64);
    for byte in sha2::Sha256::digest(bytes) {
        digits.push(digit(byte >> 4));
        digits.push(digit(byte & 0xf));
    }
    digits
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_become_a_readable_id_that_parses_back() {
        let id = IncidentId::from_random(2026, [0xff, 0, 0xff, 0, 1]);
        assert_eq!(id.as_str(), "HF-2026-zw0fy001");
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn refuses_what_is_no_incident_id() {
        for text in
            ["", "HF-2026", "HF-2026-7k3mq2x", "HF-2026-7k3mq2xi", "HF-26-7k3mq2xa", "--all", "hf-2026-7k3mq2xa"]
        {
            assert!(text.parse::<IncidentId>().is_err(), "{text}");
        }
    }

    #[test]
    fn trims_a_newline_from_a_pipe() {
        assert!("HF-2026-7k3mq2xa\n".parse::<IncidentId>().is_ok());
    }
}
