//! Summaries kept between runs, by year, tip and revision. It may be lost, stale or damaged at any time: it is then rebuilt.

#[cfg(feature = "git")]
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::IncidentId;
use crate::port::ErrorKind;

use super::Summary;

/// Changes whenever a type in here, or in [`Summary`], does, and when events add up to something else.
#[cfg(feature = "git")]
const VERSION: &[u8] = b"hotfix cache 8\n";

/// What the last listing saw.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cache {
    pub(super) years: Vec<CachedYear>,
}

/// A year's incidents under one tip.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CachedYear {
    pub(super) year: i16,
    pub(super) tip: String,
    pub(super) rows: Vec<CachedIncident>,
}

/// An incident at one revision.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CachedIncident {
    pub(super) id: IncidentId,
    pub(super) revision: String,
    /// Absent where too much is damaged to say what was opened, and nothing is known from before.
    pub(super) summary: Option<Summary>,
    pub(super) damage: Option<String>,
    /// Why nothing of it could be read this time.
    #[serde(skip)]
    pub(super) unread: Option<ErrorKind>,
}

impl CachedYear {
    pub(super) fn is_sound(&self) -> bool {
        self.rows.iter().all(|row| row.damage.is_none())
    }
}

impl Cache {
    /// Takes the rows of a year out, with the tip they are of.
    pub(super) fn take(&mut self, year: i16) -> Option<CachedYear> {
        let at = self.years.iter().position(|cached| cached.year == year)?;
        Some(self.years.swap_remove(at))
    }
}

/// Reads what [`encode`] wrote; anything else is an empty cache.
#[cfg(feature = "git")]
pub(super) fn decode<T: DeserializeOwned + Default>(bytes: &[u8]) -> T {
    // postcard names no fields: another version would read nonsense without an error.
    let checked = bytes.strip_prefix(VERSION).and_then(|rest| rest.split_first_chunk());
    checked
        // A list of ten thousand once spent more time on a cryptographic sum than on the rest.
        .filter(|(sum, body)| u64::from_le_bytes(**sum) == checksum(body))
        .and_then(|(_, body)| postcard::from_bytes(body).ok())
        .unwrap_or_default()
}

/// The bytes to keep: a version, a checksum, the rows.
#[cfg(feature = "git")]
pub(super) fn encode<T: Serialize>(cache: &T) -> Option<Vec<u8>> {
    let body = postcard::to_stdvec(cache).ok()?;
    Some([VERSION, &checksum(&body).to_le_bytes(), &body].concat())
}

/// Against accidents only, so it may be fast. Another Rust may hash differently; then the cache is rebuilt.
#[cfg(feature = "git")]
fn checksum(body: &[u8]) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(body);
    hasher.finish()
}

/// Without the `git` feature nothing is kept.
#[cfg(not(feature = "git"))]
pub(super) fn decode<T: Default>(_bytes: &[u8]) -> T {
    T::default()
}

/// Without the `git` feature nothing is kept.
#[cfg(not(feature = "git"))]
pub(super) fn encode<T>(_cache: &T) -> Option<Vec<u8>> {
    None
}
