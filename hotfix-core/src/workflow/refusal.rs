//! Why a step did not do what was asked.

use crate::document::RenderError;
use crate::domain::Printable;
use crate::port::{ErrorKind, PortError};

use super::Code;

/// What a step gives, or why it does not.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// A no, with its reason and the way on.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind.
    pub kind: ErrorKind,
    /// A stable name for programs, for example `dirty-tree`.
    pub code: Code,
    /// The reason, for people.
    pub message: String,
    /// The way on: commands and advice, most useful first.
    pub hints: Vec<String>,
    /// What caused it.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Refusal {
    /// A no of this kind.
    pub fn new(kind: ErrorKind, code: Code, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), hints: Vec::new(), source: None }
    }

    /// Bad arguments or input.
    pub fn usage(code: Code, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, code, message)
    }

    /// The state does not allow it.
    pub fn precondition(code: Code, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Precondition, code, message)
    }

    /// A person must act first.
    pub fn needs_human(code: Code, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NeedsHuman, code, message)
    }

    /// A check said no.
    pub fn check_failed(code: Code, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::CheckFailed, code, message)
    }

    /// The outside failed.
    pub fn from_port(error: PortError) -> Self {
        let PortError { doing, kind, hints, source } = error;
        Self { kind, code: Code::Outside, message: format!("failed to {doing}"), hints, source }
    }

    /// A document could not be rendered: a bug, or a wrong template.
    pub fn from_render(error: RenderError) -> Self {
        Self::new(ErrorKind::Internal, Code::Render, error.to_string()).because(error)
    }

    /// The chain of causes, each after a colon, without those that the text before them says already.
    pub fn causes(&self) -> String {
        let mut text = String::new();
        let mut said = self.message.clone();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let words = Printable::new(&error.to_string()).one_line().to_string();
            // Most libraries repeat the text of their cause in their own.
            if !words.is_empty() && !said.contains(&words) {
                text.push_str(": ");
                text.push_str(&words);
            }
            said = words;
            cause = error.source();
        }
        text
    }

    /// The same with the way on.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl From<PortError> for Refusal {
    fn from(error: PortError) -> Self {
        Self::from_port(error)
    }
}
