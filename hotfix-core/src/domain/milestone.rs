//! The moments of an incident that durations are computed from.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A milestone that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown milestone `{0}`")]
pub struct UnknownMilestone(String);

/// A moment of an incident, in the order in which they usually come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Milestone {
    /// Users began to feel it.
    Started,
    /// Somebody or something noticed.
    Detected,
    /// The incident was opened here.
    Opened,
    /// Users no longer feel it, by whatever means.
    Mitigated,
    /// The fix is on the production branch.
    Merged,
    /// The fix runs in production.
    Deployed,
    /// Production was seen to work again.
    Verified,
    /// The incident is over for users.
    Resolved,
    /// The records are complete.
    Closed,
}

impl Milestone {
    /// All milestones in their usual order.
    pub const ALL: [Self; 9] = [
        Self::Started,
        Self::Detected,
        Self::Opened,
        Self::Mitigated,
        Self::Merged,
        Self::Deployed,
        Self::Verified,
        Self::Resolved,
        Self::Closed,
    ];

    /// The lower-case key used in flags, JSON and the ledger.
    pub fn key(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Detected => "detected",
            Self::Opened => "opened",
            Self::Mitigated => "mitigated",
            Self::Merged => "merged",
            Self::Deployed => "deployed",
            Self::Verified => "verified",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }
}

impl FromStr for Milestone {
    type Err = UnknownMilestone;

    fn from_str(text: &str) -> Result<Self, UnknownMilestone> {
        let wanted = text.trim().to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|milestone| milestone.key() == wanted)
            .ok_or_else(|| UnknownMilestone(text.trim().chars().take(40).collect()))
    }
}

impl fmt::Display for Milestone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.key())
    }
}

/// The milestones reached, each with its instant (UTC).
pub type Milestones = BTreeMap<Milestone, Timestamp>;
