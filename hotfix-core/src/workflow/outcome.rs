//! What came of a command.

use crate::port::ErrorKind;

use super::{Code, Refusal, Report};

/// What came of a command: what was asked for, and what is next.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was asked for, as text; lines end with `\n`.
    pub text: String,
    /// Whether the text is for a program: its lines stay as they are, however narrow a screen is.
    pub is_verbatim: bool,
    /// What was asked for besides the incident, for JSON.
    pub report: Report,
    /// The page about the incident, where that was asked for and there is one.
    pub page: Option<String>,
    /// The next command to type.
    pub next: Option<String>,
    /// Advice, one line each.
    pub hints: Vec<String>,
    /// Why it did not succeed although things were done; decides the exit code.
    pub failure: Option<Refusal>,
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

    /// The person said no to the plan: it is neither done nor failed.
    pub fn declined() -> Self {
        // Ends with 130, not 0: a script must not take a declined plan for a done one.
        Self::failed(Refusal::new(ErrorKind::Interrupted, Code::Declined, "declined; nothing further was done"))
    }

    /// The same, and nothing may be done to it: a program reads it.
    #[must_use]
    pub fn verbatim(self) -> Self {
        Self { is_verbatim: true, ..self }
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
