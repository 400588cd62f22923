//! The moments of an incident that durations are computed from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names::{keys, typed_keys};

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

keys!(
    Milestone,
    Started = "started",
    Detected = "detected",
    Opened = "opened",
    Mitigated = "mitigated",
    Merged = "merged",
    Deployed = "deployed",
    Verified = "verified",
    Resolved = "resolved",
    Closed = "closed"
);

typed_keys!(Milestone, UnknownMilestone);

/// The milestones reached, each with its instant (UTC).
pub type Milestones = BTreeMap<Milestone, Timestamp>;
