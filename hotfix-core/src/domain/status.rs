//! The state machine of an incident. Status is never stored: it is what the events add up to.

use serde::{Deserialize, Serialize};

use super::names::{keys, typed_keys};

/// A status that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown status `{0}`")]
pub struct UnknownStatus(String);

keys! {
    /// Where an incident stands.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Status {
        /// Something is recorded, but nobody opened it yet.
        Triage = "triage",
        /// Users feel it and somebody works on it.
        Active = "active",
        /// Users no longer feel it; the cause may still be there.
        Mitigated = "mitigated",
        /// The fix was seen to work in production.
        Resolved = "resolved",
        /// The records are complete.
        Closed = "closed",
        /// It was given up: a false alarm, or aborted.
        Canceled = "canceled",
    }
}

impl Status {
    /// Whether work remains: neither closed nor canceled.
    pub fn is_open(self) -> bool {
        match self {
            Self::Triage | Self::Active | Self::Mitigated | Self::Resolved => true,
            Self::Closed | Self::Canceled => false,
        }
    }

    /// The status after `change`, or `None` where that is illegal. The whole state machine is this one match.
    pub fn after(self, change: StatusChange) -> Option<Self> {
        use StatusChange as To;
        match (self, change) {
            (Self::Triage, To::Opened) => Some(Self::Active),
            (Self::Active | Self::Mitigated, To::Mitigated) => Some(Self::Mitigated),
            (Self::Active | Self::Mitigated | Self::Resolved, To::Resolved) => Some(Self::Resolved),
            (Self::Mitigated | Self::Resolved, To::Regressed) => Some(Self::Active),
            (Self::Active | Self::Mitigated | Self::Resolved, To::Closed) => Some(Self::Closed),
            (Self::Triage | Self::Active | Self::Mitigated | Self::Resolved, To::Canceled) => Some(Self::Canceled),
            (Self::Closed | Self::Canceled, To::Reopened) => Some(Self::Active),
            // Written out: a new status or change is a compiler error here, not a silent no.
            (Self::Triage, To::Mitigated | To::Resolved | To::Regressed | To::Closed | To::Reopened)
            | (Self::Active, To::Opened | To::Regressed | To::Reopened)
            | (Self::Mitigated, To::Opened | To::Reopened)
            | (Self::Resolved, To::Opened | To::Mitigated | To::Reopened)
            | (Self::Closed | Self::Canceled, To::Opened | To::Mitigated | To::Resolved | To::Regressed)
            | (Self::Closed | Self::Canceled, To::Closed | To::Canceled) => None,
        }
    }
}

typed_keys!(Status, UnknownStatus);

/// What an event does to the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChange {
    /// Somebody opened it.
    Opened,
    /// Rolled back, or marked as mitigated.
    Mitigated,
    /// Verified, or marked as resolved.
    Resolved,
    /// Verification failed after it had looked better.
    Regressed,
    /// The records are complete.
    Closed,
    /// Given up.
    Canceled,
    /// Taken up again after the end.
    Reopened,
}

impl StatusChange {
    /// All changes.
    pub const ALL: [Self; 7] =
        [Self::Opened, Self::Mitigated, Self::Resolved, Self::Regressed, Self::Closed, Self::Canceled, Self::Reopened];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_machine_is_this() {
        let table: String = Status::ALL
            .into_iter()
            .flat_map(|from| StatusChange::ALL.into_iter().map(move |change| (from, change)))
            .filter_map(|(from, change)| from.after(change).map(|to| (from, change, to)))
            .map(|(from, change, to)| format!("{from:<9} + {:<9} = {to}\n", format!("{change:?}")))
            .collect();
        insta::assert_snapshot!(table, @"
        triage    + Opened    = active
        triage    + Canceled  = canceled
        active    + Mitigated = mitigated
        active    + Resolved  = resolved
        active    + Closed    = closed
        active    + Canceled  = canceled
        mitigated + Mitigated = mitigated
        mitigated + Resolved  = resolved
        mitigated + Regressed = active
        mitigated + Closed    = closed
        mitigated + Canceled  = canceled
        resolved  + Resolved  = resolved
        resolved  + Regressed = active
        resolved  + Closed    = closed
        resolved  + Canceled  = canceled
        closed    + Reopened  = active
        canceled  + Reopened  = active
        ");
    }
}
