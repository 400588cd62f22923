//! What came of a command.

use serde::Serialize;

use crate::config::Entry;

use crate::domain::event::TestRun;
use crate::domain::{Finding, Incident, ObjectId, Proof};
use crate::evidence::Located;
use crate::ledger::Summary;
use crate::port::CommitInfo;

use super::{Diagnosis, Refusal, RefusalKind, Row};

/// What came of a command: what was asked for, and what is next.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was asked for, as text; lines end with `\n`.
    pub text: String,
    /// What was asked for besides the incident, for JSON.
    pub report: Report,
    /// The next command to type.
    pub next: Option<String>,
    /// Advice, one line each.
    pub hints: Vec<String>,
    /// Why it did not succeed although things were done; decides the exit code.
    pub failure: Option<Refusal>,
}

/// What a command has to say besides the incident.
#[derive(Debug, Default)]
pub struct Report {
    /// Incidents, for lists.
    pub incidents: Option<Vec<Summary>>,
    /// What the guard found.
    pub findings: Option<Vec<Finding>>,
    /// What the doctor found.
    pub checks: Option<Vec<Diagnosis>>,
    /// Which changes may have caused it.
    pub suspects: Option<SuspectReport>,
    /// Which lines have the fix.
    pub lines: Option<Vec<Row>>,
    /// Keys and values of the configuration.
    pub config: Option<Vec<Entry>>,
    /// Test runs.
    pub test_runs: Vec<TestRun>,
    /// Whether the regression tests catch the bug.
    pub proof: Option<Proof>,
    /// What was selected to be tested and why, one line each.
    pub selection: Vec<String>,
    /// A file that the person wants besides: where, and what it holds.
    pub file: Option<(std::path::PathBuf, String)>,
}

/// Which changes may have caused an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectReport {
    /// The release since which changes were looked at, as it was named; absent where there is none.
    pub since: Option<String>,
    /// The places that stack traces name in files of the repository, each with its last change.
    pub places: Vec<(Located, Option<CommitInfo>)>,
    /// The suspects, best first.
    pub suspects: Vec<Suspect>,
}

/// A change that may have caused an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspect {
    /// The commit.
    pub commit: ObjectId,
    /// The first line of its message.
    pub subject: String,
    /// Its author's name.
    pub author: String,
    /// The file it changed that a stack trace names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line of that file that it changed, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Why it is suspected.
    pub why: String,
    /// How much it is suspected, from 1 to 100.
    pub score: u32,
}

impl Outcome {
    /// This text is what was asked for.
    pub fn text(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Self { text, ..Self::default() }
    }

    /// The incident is over, so that there is nothing to `do_this`.
    pub fn nothing_to(do_this: &str, incident: &Incident) -> Self {
        Self::text(format!("{} is {}; there is nothing to {do_this}", incident.id, incident.status))
    }

    /// The person said no to the plan: it is neither done nor failed.
    pub fn declined() -> Self {
        Self::failed(Refusal::new(RefusalKind::Interrupted, "declined", "declined; nothing further was done"))
    }

    /// It did not succeed.
    pub fn failed(failure: Refusal) -> Self {
        Self { failure: Some(failure), ..Self::default() }
    }

    /// The same, with the next command.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
