//! Who drives an incident, and from where: several people may see it, one should ship it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The clone of the repository that a command runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Workplace {
    /// What tells it from other clones: hexadecimal digits, chosen at random once.
    pub clone: String,
    /// The name of the machine, for people.
    pub host: String,
}

impl Workplace {
    /// This clone on this machine.
    pub fn new(clone: impl Into<String>, host: impl Into<String>) -> Self {
        Self { clone: clone.into(), host: host.into() }
    }
}

/// Who drives an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedBy {
    /// The person's name.
    pub name: String,
    /// From where.
    pub workplace: Workplace,
    /// Since when (UTC).
    pub since: Timestamp,
}
