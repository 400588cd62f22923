//! What comes of what cannot be done: the kinds of errors, and the error of a port.

use std::error::Error;
use std::fmt;

use crate::domain::{Printable, keys};

keys! {
    /// What kind of error it is; each has its exit code.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ErrorKind {
        /// A guard, test, proof or lint said no.
        CheckFailed = "check-failed",
        /// Bad arguments, input or configuration.
        Usage = "usage",
        /// The state of repository or incident does not allow it.
        Precondition = "precondition",
        /// A person must act first.
        NeedsHuman = "needs-human",
        /// The remote refused for good.
        Refused = "refused",
        /// It may work later.
        Retry = "retry",
        /// A bug.
        Internal = "internal",
        /// The person said no, or a signal ended us.
        Interrupted = "interrupted",
    }
}

/// The outside could not do what was asked. Prints as a sentence with its causes.
#[derive(Debug)]
#[non_exhaustive]
pub struct PortError {
    /// What was being done and to what, a lower-case fragment that fits "failed to …".
    pub doing: String,
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What a person can do about it, each a whole sentence or a command.
    pub hints: Vec<String>,
    /// Why.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl PortError {
    /// An error while `doing` something.
    pub fn new(kind: ErrorKind, doing: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing: doing.into(), kind, hints: Vec::new(), source: Some(source.into()) }
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&with_causes(format!("failed to {}", self.doing), self))
    }
}

impl Error for PortError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// What is said of an error, and the chain of its causes, each after a colon, without those that are said already.
pub(crate) fn with_causes(mut text: String, error: &dyn Error) -> String {
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = Printable::new(&error.to_string()).one_line().to_string();
        // Most libraries repeat the text of their cause in their own.
        if !words.is_empty() && !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}
