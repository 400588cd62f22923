//! Actions as JSON and people see them: a plan, line by line.

use serde::Serialize;

use crate::domain::{CommandLine, EventKind, ObjectId, one_line};

/// An action as JSON and people see it: a name and its main values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ActionView {
    /// The kind, for example `create-branch`.
    pub action: &'static str,
    /// What it does, one line.
    pub text: String,
    /// The branch or ref it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<ObjectId>,
    /// The remote it talks to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// The command it runs.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub command: CommandLine,
    /// The files it writes or tests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The kinds of events it records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<&'static str>,
    /// Whether it tells a person nothing that another action beside it does not.
    #[serde(skip)]
    pub is_bookkeeping: bool,
    /// Whether it leaves the ledger as it is, so that nobody need be named as who did it.
    #[serde(skip)]
    pub records_nothing: bool,
    /// Whether it is done at the service that hosts the repository.
    #[serde(skip)]
    pub meets_forge: bool,
    /// How long it may take.
    #[serde(skip)]
    pub pace: Pace,
}

/// How long an action may take, so that a person is shown that it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// Not long.
    #[default]
    Quick,
    /// Seconds to minutes.
    Slow,
    /// As long as others take: a log must tell what it waits for while it does.
    Waits,
}

impl ActionView {
    pub(super) fn new(action: &'static str, text: String) -> Self {
        // A plan has one line an action, whatever titles, paths and commands hold.
        Self { action, text: one_line(&text), ..Self::default() }
    }

    pub(super) fn branch(self, branch: &str) -> Self {
        Self { branch: Some(branch.to_owned()), ..self }
    }

    pub(super) fn commit(self, commit: &ObjectId) -> Self {
        Self { commit: Some(commit.clone()), ..self }
    }

    pub(super) fn remote(self, remote: Option<&String>) -> Self {
        Self { remote: remote.cloned(), ..self }
    }

    pub(super) fn command(self, command: &CommandLine) -> Self {
        Self { command: command.clone(), ..self }
    }

    pub(super) fn files<'a>(self, files: impl IntoIterator<Item = &'a String>) -> Self {
        Self { files: files.into_iter().cloned().collect(), ..self }
    }

    pub(super) fn events(self, events: &[EventKind]) -> Self {
        Self { events: events.iter().map(EventKind::name).collect(), ..self }
    }

    pub(super) fn bookkeeping(self) -> Self {
        Self { is_bookkeeping: true, ..self }
    }

    pub(super) fn recording_nothing(self) -> Self {
        Self { records_nothing: true, ..self }
    }

    pub(super) fn at_forge(mut self) -> Self {
        self.meets_forge = true;
        if self.pace == Pace::Quick { self.slow() } else { self }
    }

    pub(super) fn slow(self) -> Self {
        Self { pace: Pace::Slow, ..self }
    }

    pub(super) fn logged(self) -> Self {
        Self { pace: Pace::Waits, ..self }
    }
}
