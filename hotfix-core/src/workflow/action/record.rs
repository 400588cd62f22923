//! What the ledger keeps, and the records of an incident beside the code.

use crate::domain::{BranchName, EventId, EventKind, IncidentId, ObjectId, count};
use crate::port::{Expected, FileEdit};

use super::ActionView;

/// What is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordAction {
    /// Opens an incident in the ledger.
    Open {
        /// Its id.
        id: IncidentId,
        /// Its first events.
        events: Vec<EventKind>,
    },
    /// Goes on with an incident that is open already.
    Adopt {
        /// Its id.
        id: IncidentId,
    },
    /// Records facts about the incident.
    Events(Vec<EventKind>),
    /// Takes back what a person said.
    Retract {
        /// The events that say it.
        events: Vec<EventId>,
        /// What they say, one line.
        told: String,
    },
    /// Takes the texts of an event out of the ledger.
    Forget {
        /// The event.
        event: EventId,
        /// Why.
        reason: String,
    },
    /// Records the events of an export that are not here.
    Import {
        /// What it was read from, as it was given.
        file: String,
        /// The export, an event a line.
        lines: Vec<u8>,
    },
    /// Commits the records on the production branch's tip and publishes them.
    Deliver(RecordsToDeliver),
}

/// Records to commit on the production branch's tip, and to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsToDeliver {
    /// The production branch, without `refs/heads/`.
    pub branch: BranchName,
    /// The remote; absent in a repository without one.
    pub remote: Option<String>,
    /// The tip they go on.
    pub parent: ObjectId,
    /// The files.
    pub edits: Vec<FileEdit>,
    /// The work tree where the branch is checked out, in a repository without a remote.
    pub checked_out_at: Option<String>,
    /// Our own documents lying in that work tree, to be staged first.
    pub stage: Vec<String>,
    /// The message.
    pub message: String,
    /// The branch on the remote that proposes them instead, and where it is now.
    pub propose_as: Option<RecordsBranch>,
}

/// The branch that proposes records, where they do not go on production directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsBranch {
    /// The branch, without `refs/heads/`.
    pub name: BranchName,
    /// What it is on the remote now.
    pub expected: Expected,
}

impl RecordAction {
    pub(super) fn view(&self) -> ActionView {
        match self {
            Self::Open { id, events } => ActionView::new("open-incident", format!("open {id}")).events(events),
            Self::Adopt { id } => ActionView::new("adopt-incident", format!("go on with {id}")).bookkeeping(),
            Self::Events(events) => {
                let view = ActionView::new("record", recorded(events)).events(events);
                if events.iter().all(is_told_by_another_action) { view.bookkeeping() } else { view }
            }
            Self::Retract { told, .. } => ActionView::new("retract", format!("take back: {told}"))
                .events(&[EventKind::Retracted { events: Vec::new() }])
                .bookkeeping(),
            Self::Forget { event, .. } => {
                ActionView::new("forget-event", format!("take the text of event {} out of the record", event.short()))
            }
            Self::Import { lines, .. } => {
                let events = lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
                ActionView::new("import-events", format!("record what is not here of {}", count(events, "event")))
            }
            Self::Deliver(records) => {
                let RecordsToDeliver { branch, remote, edits, propose_as, .. } = records;
                let pushed = remote.as_ref().map(|remote| format!(" and push them to {remote}")).unwrap_or_default();
                let branch = propose_as.as_ref().map_or(branch, |records| &records.name);
                ActionView::new("deliver-records", format!("commit the records on {branch}{pushed}"))
                    .branch(branch)
                    .remote(remote.as_ref())
                    .files(edits.iter().map(|edit| &edit.path))
            }
        }
    }
}

/// Events as one line: what the timeline will say.
fn recorded(events: &[EventKind]) -> String {
    if let [EventKind::Guarded(run)] = events {
        return format!("check that the fix is minimal ({})", run.size());
    }
    let sentences: Vec<String> = events.iter().filter_map(EventKind::sentence).collect();
    if sentences.is_empty() {
        return "record what was explained".to_owned();
    }
    format!("record \"{}\"", sentences.join("; "))
}

/// Whether an event tells a person nothing that another action, or the outcome, does not.
fn is_told_by_another_action(event: &EventKind) -> bool {
    matches!(
        event,
        EventKind::BranchCreated { .. }
            | EventKind::PostmortemWritten { .. }
            | EventKind::RecordsDelivered { .. }
            | EventKind::Closed { .. }
            | EventKind::Noted { .. }
            | EventKind::Triaged(_)
            | EventKind::Marked { .. }
            | EventKind::Explained { .. }
            | EventKind::SmokeTested { .. }
            | EventKind::TestDeferred { .. }
            | EventKind::FollowUpAdded(_)
            | EventKind::FollowUpDone { .. }
            | EventKind::Proved(_)
    )
}
