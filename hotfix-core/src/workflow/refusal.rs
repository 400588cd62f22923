//! Why a step did not do what was asked.

use std::error::Error;
use std::fmt;

use crate::document::RenderError;
use crate::domain::one_line;
use crate::ledger::LedgerError;
use crate::port::{ErrorKind, PortError, with_causes};

use super::Code;

/// What a step gives, or why it does not.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// A no, with its reason and the way on. Prints as its reason with the causes.
#[derive(Debug)]
#[non_exhaustive]
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
    pub source: Option<Box<dyn Error + Send + Sync>>,
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

    /// A check before no.
    pub fn check_failed(code: Code, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::CheckFailed, code, message)
    }

    /// The outside failed.
    pub fn from_port(error: PortError) -> Self {
        let message = format!("failed to {}", error.doing);
        let code = if error.is_cut_off() { Code::Shallow } else { Code::Outside };
        Self { kind: error.kind, code, message, hints: error.hints, source: error.source }
    }

    /// A document could not be rendered: a bug, or a wrong template.
    pub fn from_render(error: RenderError) -> Self {
        Self::new(ErrorKind::Internal, Code::Render, error.to_string()).because(error)
    }

    /// The same with the way on.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// Refuses a text that says nothing.
pub(crate) fn refuse_blank(text: &str, code: Code, message: impl Into<String>) -> Result<()> {
    if one_line(text).is_empty() { Err(Refusal::usage(code, message)) } else { Ok(()) }
}

impl From<PortError> for Refusal {
    fn from(error: PortError) -> Self {
        Self::from_port(error)
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        let kind = match error {
            LedgerError::Unknown { .. } => {
                return Self::precondition(Code::Ledger, error.to_string())
                    .because(error)
                    .hint("git hotfix list --all   # those that are known here")
                    .hint("git hotfix sync   # takes in those of colleagues");
            }
            // The same command again finds the newer state.
            LedgerError::Moved { .. } | LedgerError::Contended => ErrorKind::Retry,
            // Its opening is lost: the repository is damaged, which is no bug of ours.
            LedgerError::NeverOpened(ref lost) => {
                let ends = format!(
                    "git hotfix abort --accept-damage \"...\" --incident {}   # why; ends it without that",
                    lost.incident
                );
                let refusal = Self::precondition(Code::Ledger, error.to_string()).because(error);
                return refusal
                    .hint("git hotfix ledger repair   # asks the remotes for it; git fsck says what is damaged")
                    .hint("git hotfix ledger import FILE   # takes it from an export")
                    .hint(ends);
            }
            LedgerError::Damaged(_) => ErrorKind::Precondition,
            LedgerError::Unwritable(_) => ErrorKind::Internal,
            LedgerError::Unsynced { ref why, .. } => why.kind,
            LedgerError::Store(port) => return Self { code: Code::Ledger, ..Self::from_port(port) },
        };
        Self::new(kind, Code::Ledger, error.to_string()).because(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&with_causes(self.message.clone(), self))
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{ConfigError, ConfigOrigin, ConfigProblem};
    use crate::document::records;
    use crate::domain::{Incident, IncidentId, Slug};
    use crate::port::{HookNo, PushError, StoreError};
    use crate::runner::NoFiles;

    use super::*;

    #[test]
    fn an_error_reads_whole() {
        let port = || PortError::new(ErrorKind::Retry, "fetch main from origin", "git: no route\nto host");
        let id = IncidentId::from_random(2026, [7; 5]);
        let hook = HookNo { path: ".git/hooks/pre-push".into(), said: "no pushing on Fridays".into(), uploads: false };
        let config = ConfigError {
            key: "guard.max_files".into(),
            origin: ConfigOrigin::Flag,
            problem: Box::new(ConfigProblem::Empty),
        };
        let errors: Vec<Box<dyn Error>> = vec![
            Box::new(port()),
            Box::new(Refusal::from_port(port())),
            Box::new(Refusal::usage(Code::Report, "the report is not used").because(port())),
            Box::new(PushError::Port(port())),
            Box::new(PushError::Hook(hook)),
            Box::new(StoreError::Moved { year: 2026 }),
            Box::new(LedgerError::Store(port())),
            Box::new(LedgerError::Unknown { id: id.clone() }),
            Box::new(LedgerError::Moved { id: id.clone() }),
            Box::new(LedgerError::Contended),
            Box::new(LedgerError::Unsynced { events: Vec::new(), why: port() }),
            Box::new(Incident::replay(&id, &[]).unwrap_err()),
            Box::new(config),
            Box::new(RenderError { template: "triage.txt", source: "out of fuel".into() }),
            Box::new(records::EditError::NotUtf8 { at: 3 }),
            Box::new(NoFiles),
            Box::new("a b".parse::<Slug>().unwrap_err()),
        ];
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        failed to fetch main from origin: git: no route to host
        failed to fetch main from origin: git: no route to host
        the report is not used: failed to fetch main from origin: git: no route to host
        failed to fetch main from origin: git: no route to host
        the hook .git/hooks/pre-push said no: no pushing on Fridays
        failed to append to the ledger of 2026: its tip moved meanwhile
        failed to fetch main from origin: git: no route to host
        failed to find incident HF-2026-0w3ge1r7
        failed to record in HF-2026-0w3ge1r7: somebody else recorded something meanwhile
        failed to record in the ledger: others kept writing to it
        recorded, but it may not survive a power cut: failed to fetch main from origin: git: no route to host
        none of the 0 events of HF-2026-0w3ge1r7 says that it was opened
        failed to read `guard.max_files` (command line): it is empty
        failed to render the document template `triage.txt`: out of fuel
        failed to edit a file that is not UTF-8 (first bad byte at 3)
        failed to find a test file that the fix touches, for `{files}` of the test command
        `a b` is no slug: only a-z, 0-9, single `-` and single `.` are allowed
        ");
    }
}
