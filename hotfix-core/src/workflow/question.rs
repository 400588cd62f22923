//! What a person is asked, and what was answered.

use crate::domain::{Severity, SeverityLevel};

/// A question to the person, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// How bad is it? One of these, worst first.
    Severity(Vec<SeverityLevel>),
    /// Yes or no?
    Confirm {
        /// What it is about.
        topic: Topic,
        /// The question, one line.
        text: String,
    },
}

/// What the person answered in this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Whether to go ahead, by the topic that was asked about; `--yes` answers all with yes.
    pub confirmed: Vec<(Topic, bool)>,
    /// Whether everything is confirmed beforehand.
    pub yes: bool,
}

impl Answers {
    /// The answer about `topic`, if it was asked; `--yes` is a yes.
    pub fn about(&self, topic: Topic) -> Option<bool> {
        self.given(topic).or(self.yes.then_some(true))
    }

    /// The answer about `topic` that a person gave to just this question.
    pub fn given(&self, topic: Topic) -> Option<bool> {
        // A later round may ask about the same topic again.
        self.confirmed.iter().rev().find(|(asked, _)| *asked == topic).map(|(_, answer)| *answer)
    }
}

/// What a yes or no is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The whole plan of a ship, or of a deployment.
    Plan,
    /// Rolling back after a failed verification.
    Rollback,
    /// Opening in a work tree of its own because the tree here is dirty.
    Worktree,
    /// Committing a file that was written.
    Commit,
    /// Adding files to the fix that were left out of its commit.
    AddFiles,
    /// Taking another remote, which is ahead, for the one where production is.
    Remote,
    /// Taking the remote's default branch for production, where another one was known here.
    Branch,
    /// Starting from what production runs instead of its branch's tip.
    Base,
    /// Laying a conflict out to be settled.
    Resolve,
    /// Bringing back a fix that was taken out of production again.
    BringBack,
    /// Running a git hook of the repository's.
    Hooks,
    /// Running what the doctor advises.
    Remedies,
    /// Going on with what somebody else drives.
    TakeOver,
    /// Letting others read the ledger.
    Share,
    /// Taking the text of an event out of the record.
    Forget,
}
