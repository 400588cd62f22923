//! How what an event tells is taken back, and which events were: an event is never changed, so a later one says so.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{CarriedBy, Event, EventId, EventKind, Person};

/// How what an event tells is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayBack {
    /// By an event that says so: it was a person's word, and nothing but the record has it.
    Retraction,
    /// By giving the incident up.
    Abort,
    /// By closing the pull request.
    ClosePullRequest,
    /// By a revert: the fix landed, or was about to.
    Revert,
    /// By a rollback: production became another.
    Rollback,
    /// By going on with the incident, which ended.
    Reopen,
    /// By ending the incident again.
    EndAgain,
    /// The file that was written can be edited and removed.
    Edit,
    /// It is the end of something, or was taken back itself: it begins anew with its own command.
    Again,
    /// Not at all: it was seen, and stays seen.
    Seen,
    /// It needs none, as it tells of no command.
    Needless,
}

impl EventKind {
    /// How what it tells is taken back.
    pub fn way_back(&self) -> WayBack {
        match self {
            Self::Triaged(_)
            | Self::Noted { .. }
            | Self::EvidenceAttached(_)
            | Self::Marked { .. }
            | Self::Explained { .. }
            | Self::SmokeTested { .. }
            | Self::TestDeferred { .. }
            | Self::Waived(_)
            | Self::FollowUpAdded(_)
            | Self::FollowUpDone { .. } => WayBack::Retraction,
            // What a person said of a release branch, or of a deployment.
            Self::Carried(carried) if carried.by == CarriedBy::Waiver => WayBack::Retraction,
            Self::DeployFinished(finished) if finished.is_told() => WayBack::Retraction,
            Self::Opened(_) | Self::BranchCreated { .. } | Self::BaseChosen { .. } => WayBack::Abort,
            Self::PullRequestOpened(_) => WayBack::ClosePullRequest,
            Self::LandingStarted(_) | Self::Merged(_) | Self::Tagged(_) | Self::CarryStarted(_) | Self::Carried(_) => {
                WayBack::Revert
            }
            Self::DeployStarted(_) | Self::DeployFinished(_) | Self::DeployInterrupted(_) | Self::Verified(_) => {
                WayBack::Rollback
            }
            Self::RecordsStarted { .. }
            | Self::RecordsDelivered { .. }
            | Self::Closed { .. }
            | Self::Canceled { .. } => WayBack::Reopen,
            Self::Reopened { .. } => WayBack::EndAgain,
            Self::PostmortemWritten { .. } => WayBack::Edit,
            Self::PullRequestClosed | Self::LandingAborted { .. } | Self::Retracted { .. } => WayBack::Again,
            Self::Guarded(_)
            | Self::Tested(_)
            | Self::Proved(_)
            | Self::DamageAccepted { .. }
            | Self::Unknown { .. } => WayBack::Seen,
            Self::ProductionMoved { .. } | Self::IssueFiled { .. } | Self::Claimed(_) => WayBack::Needless,
        }
    }
}

/// An event as the incident remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// Its id.
    pub id: EventId,
    /// Its kind, as in the ledger.
    pub kind: &'static str,
    /// When it was recorded (UTC).
    pub at: Timestamp,
    /// Who recorded it.
    pub by: Person,
    /// How what it tells is taken back.
    pub way_back: WayBack,
    /// Whether it was.
    pub is_retracted: bool,
}

/// Which events were taken back, and by which; nothing else has a say, so that every order of delivery tells the same.
pub(super) struct Retractions<'a>(HashMap<&'a EventId, &'a Event>);

impl<'a> Retractions<'a> {
    pub(super) fn among(events: &'a [Event]) -> Self {
        let mut named = HashMap::new();
        for event in events {
            if let EventKind::Retracted { events } = &event.fact.kind {
                for id in events {
                    named.entry(id).or_insert(event);
                }
            }
        }
        if !named.is_empty() {
            // A newer version may take back what this one knows as done in the world.
            let is_word = |event: &&Event| event.fact.kind.way_back() == WayBack::Retraction;
            let words: HashSet<&EventId> = events.iter().filter(is_word).map(|event| &event.id).collect();
            named.retain(|id, _| words.contains(id));
        }
        Self(named)
    }

    /// The event that took this one back, the first in the order of replay.
    pub(super) fn of(&self, id: &EventId) -> Option<&'a Event> {
        self.0.get(id).copied()
    }

    pub(super) fn has(&self, id: &EventId) -> bool {
        self.0.contains_key(id)
    }
}
