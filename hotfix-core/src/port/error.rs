//! What comes of what cannot be done: the kinds of errors, and the error of a port.

use crate::domain::keys;

/// What kind of error it is; each has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A guard, test, proof or lint said no.
    CheckFailed,
    /// Bad arguments, input or configuration.
    Usage,
    /// The state of repository or incident does not allow it.
    Precondition,
    /// A person must act first.
    NeedsHuman,
    /// The remote refused for good.
    Refused,
    /// It may work later.
    Retry,
    /// A bug.
    Internal,
    /// The person said no.
    Interrupted,
}

keys!(
    ErrorKind,
    CheckFailed = "check-failed",
    Usage = "usage",
    Precondition = "precondition",
    NeedsHuman = "needs-human",
    Refused = "refused",
    Retry = "retry",
    Internal = "internal",
    Interrupted = "interrupted"
);

/// The outside could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct PortError {
    /// What was being done and to what, a lower-case fragment that fits "failed to …".
    pub doing: String,
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What a person can do about it, each a whole sentence or a command.
    pub hints: Vec<String>,
    /// Why.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PortError {
    /// An error while `doing` something.
    pub fn new(
        kind: ErrorKind,
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { doing: doing.into(), kind, hints: Vec::new(), source: Some(source.into()) }
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
