//! All that hotfix can do to the world, as data. Plans are made of these, people confirm them, the executor does them.
//!
//! A family of actions is one file: their data, their texts, their JSON, and what is said of them beside it. A new action is
//! a variant there with its view, and a line in the executor.

mod files;
pub(crate) mod forge;
mod git;
pub mod merge;
mod program;
pub mod proof;
pub mod query;
mod record;
mod share;
mod view;

pub use crate::config::ProductionCheck;
pub use files::FileAction;
pub use forge::{ForgeAction, Until};
pub use git::GitAction;
pub use merge::MergeAction;
pub use program::{ProgramAction, TestsToRun};
pub use record::{RecordAction, RecordsBranch, RecordsToDeliver};
pub use share::ShareAction;
pub use view::{ActionView, Pace};

use crate::domain::EventKind;

use self::query::Examination;

/// A change to the world, or a question to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Runs a read-only query; failure is returned as data.
    Examine(Examination),
    /// Does something to branches and work trees.
    Git(GitAction),
    /// Takes the fix to release branches.
    Merge(MergeAction),
    /// Does something at the service that hosts the repository.
    Forge(ForgeAction),
    /// Runs a program.
    Program(ProgramAction),
    /// Does something to files of the work tree.
    File(FileAction),
    /// Records something.
    Record(RecordAction),
    /// Shares the ledger.
    Share(ShareAction),
}

impl Action {
    /// Records what happened.
    pub fn record(events: Vec<EventKind>) -> Self {
        Self::Record(RecordAction::Events(events))
    }

    /// The action as JSON and people see it.
    pub fn view(&self) -> ActionView {
        match self {
            Self::Examine(examination) => examination.view(),
            Self::Git(action) => action.view(),
            Self::Merge(action) => action.view(),
            Self::Forge(action) => action.view(),
            Self::Program(action) => action.view(),
            Self::File(action) => action.view(),
            Self::Record(action) => action.view(),
            Self::Share(action) => action.view(),
        }
    }

    /// What it does besides where that can be; [`Done`](super::Done) tells whether it did.
    pub(crate) fn along(&self) -> Option<ActionView> {
        match self {
            Self::Merge(action) => action.along(),
            _ => None,
        }
    }
}

impl From<Action> for ActionView {
    fn from(action: Action) -> Self {
        action.view()
    }
}
