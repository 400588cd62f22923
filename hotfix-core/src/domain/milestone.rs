//! The moments of an incident that durations are computed from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::names::{keys, typed_keys};

/// A milestone that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown milestone `{0}`")]
pub struct UnknownMilestone(String);

keys! {
    /// A moment of an incident, in the order in which they usually come.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Milestone {
        /// Users began to feel it.
        Started = "started",
        /// Somebody or something noticed.
        Detected = "detected",
        /// The incident was opened here.
        Opened = "opened",
        /// Users no longer feel it, by whatever means.
        Mitigated = "mitigated",
        /// The fix is on the production branch.
        Merged = "merged",
        /// The fix runs in production.
        Deployed = "deployed",
        /// Production was seen to work again.
        Verified = "verified",
        /// The incident is over for users.
        Resolved = "resolved",
        /// The records are complete.
        Closed = "closed",
    }
}

typed_keys!(Milestone, UnknownMilestone);

/// The milestones reached, each with its instant (UTC).
pub type Milestones = BTreeMap<Milestone, Timestamp>;
