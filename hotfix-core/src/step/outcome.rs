//! What came of a command.

use crate::config::Entry;
use crate::domain::Finding;
use crate::ledger::Summary;

use super::Refusal;

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
    /// Keys and values of the configuration.
    pub config: Option<Vec<Entry>>,
    /// Test runs outside an incident.
    pub test_runs: Vec<crate::domain::event::TestRun>,
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
