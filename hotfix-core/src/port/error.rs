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

/// What something failed for where history is cut off, and so may not fail once that is fetched.
#[derive(Debug)]
struct CutOff(Box<dyn Error + Send + Sync>);

const UNSHALLOW: &str = "git fetch --unshallow   # history is cut off here (a shallow clone)";

/// What the system says to whoever reads or writes, in the C locale: what kind it is, and what helps. No bug of ours.
// By their words: libraries in C give nothing else, and those in Rust keep the system's own number to themselves.
const SYSTEM_ERRORS: [(&str, ErrorKind, Option<&str>); 9] = [
    ("Too many open files", ErrorKind::Retry, Some("The limit of open files is reached: ulimit -n")),
    (
        "Input/output error",
        ErrorKind::Retry,
        Some("The disk or network gave an error; if it stays, look at the system's log."),
    ),
    ("Cannot allocate memory", ErrorKind::Retry, None),
    ("Stale file handle", ErrorKind::Retry, None),
    ("No space left on device", ErrorKind::Retry, Some("Make room on the disk, and run the same command again.")),
    ("File too large", ErrorKind::Precondition, Some("The file size limit is reached: ulimit -f")),
    ("Permission denied", ErrorKind::Precondition, None),
    ("Operation not permitted", ErrorKind::Precondition, None),
    ("Read-only file system", ErrorKind::Precondition, None),
];

impl PortError {
    /// An error while `doing` something. What is called [`ErrorKind::Internal`] and comes from the system is none of ours, and
    /// gets the kind that fits.
    pub fn new(kind: ErrorKind, doing: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let source = source.into();
        let known = if kind == ErrorKind::Internal { by_system(&*source) } else { None };
        let (kind, hint) = known.unwrap_or((kind, None));
        let hints = hint.into_iter().map(str::to_owned).collect();
        Self { doing: doing.into(), kind, hints, source: Some(source) }
    }

    /// An error while `doing` something that the missing part of a shallow clone's history would tell, with the command that
    /// brings it.
    pub fn cut_off(doing: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Precondition, doing, CutOff(source.into())).hint(UNSHALLOW)
    }

    /// Whether it is one of [`Self::cut_off`]: the same may succeed once the rest of history was fetched.
    pub fn is_cut_off(&self) -> bool {
        self.source.as_ref().is_some_and(|source| source.is::<CutOff>())
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

impl fmt::Display for CutOff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Error for CutOff {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// What an error of the system means, wherever in the chain of causes it is named.
pub(crate) fn by_system(error: &(dyn Error + 'static)) -> Option<(ErrorKind, Option<&'static str>)> {
    let said = with_causes(error.to_string(), error);
    SYSTEM_ERRORS.into_iter().find(|(text, ..)| said.contains(text)).map(|(_, kind, hint)| (kind, hint))
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
