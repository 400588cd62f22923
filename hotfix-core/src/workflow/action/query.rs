//! Read-only queries to the outside, as data. Their failure is data for the next round, too, and never stops a run.
//! no question ever stops a run.

use std::path::PathBuf;

use crate::domain::{BranchName, CommandLine, IncidentId, RefName};
use crate::ledger::LedgerAudit;
use crate::port::{Abilities, ErrorKind, PortError, Push, RemoteRefs};

use crate::workflow::Refusal;

use super::{ActionView, ProductionCheck};

/// A read-only query to the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Examination {
    /// Which version has the git program?
    GitVersion,
    /// Which of these refs has the remote?
    Remote {
        /// The remote.
        remote: String,
        /// Full ref names.
        refs: Vec<RefName>,
    },
    /// Would the remote take this push? It is rehearsed, and nothing is sent.
    Push(Push),
    /// Does the repository's hook let this push pass? It is run, and nothing is pushed.
    PrePush(PrePush),
    /// Which commit does production run?
    Deployed(ProductionCheck),
    /// Can a commit be signed? A throw-away one is.
    Signing,
    /// Where is this program?
    Program(String),
    /// Can this file of the work tree be written, or made?
    Writable(String),
    /// Does `man` find this page?
    ManPage(String),
    /// What may we do at the hosting service, and what does this branch demand there?
    Forge {
        /// What people call the service.
        service: &'static str,
        /// The branch, without `refs/heads/`.
        branch: BranchName,
    },
    /// What does this program print on its standard output, at the top of the work tree?
    Output(CommandLine),
    /// What of this incident was begun, and its end never recorded?
    Doubts(IncidentId),
    /// What of all that is recorded cannot be read, and was not given up?
    Damage,
    /// Which objects of the ledgers are damaged? All of them are read.
    Objects,
    /// By which refspecs is this remote fetched?
    FetchRules {
        /// The remote.
        remote: String,
    },
    /// How is the ledger as a whole: who signed it, what cannot be read, what did remotes have?
    Audit {
        /// The remotes.
        remotes: Vec<String>,
    },
}

impl Examination {
    /// What is asked, one line that fits "would …".
    pub fn text(&self) -> String {
        match self {
            Self::GitVersion => "ask git for its version".to_owned(),
            Self::Remote { remote, .. } => format!("ask {remote} for its branches"),
            Self::Push(push) => format!("rehearse a push to {}, which sends nothing", push.remote),
            Self::PrePush(PrePush { push, .. }) => {
                let short = |name: &str| name.trim_start_matches("refs/heads/").to_owned();
                let names: Vec<String> = push.updates.iter().map(|update| short(&update.name)).collect();
                let names = names.join(", ");
                format!("run the hook pre-push as a push of {names} to {} would, without a push", push.remote)
            }
            Self::Deployed(check) => format!("ask what production runs: {}", check.words()),
            Self::Signing => "sign a throw-away commit".to_owned(),
            Self::Program(program) => format!("look for the program {program}"),
            Self::Writable(path) => format!("look whether {path} can be written"),
            Self::ManPage(page) => format!("ask man for {page}"),
            Self::Forge { service, branch } => {
                format!("ask {service} what it demands of {branch}, and what our token may do")
            }
            Self::Output(command) => format!("ask {}", command),
            Self::Doubts(incident) => format!("look for loose ends of {incident}"),
            Self::FetchRules { remote } => format!("read how {remote} is fetched"),
            Self::Objects => "read every object of the ledger".to_owned(),
            Self::Damage | Self::Audit { .. } => "read all that is recorded".to_owned(),
        }
    }

    pub(super) fn view(&self) -> ActionView {
        let view = ActionView::new("examine", self.text()).bookkeeping().recording_nothing();
        let view = if self.needs_network() { view.slow() } else { view };
        if matches!(self, Self::Forge { .. }) { view.at_forge() } else { view }
    }

    /// Whether it talks to a remote.
    pub fn needs_network(&self) -> bool {
        matches!(
            self,
            Self::Remote { .. } | Self::Push(_) | Self::Forge { .. } | Self::Deployed(ProductionCheck::Url(_))
        )
    }
}

/// A run of the hook pre-push, as git would start it for this push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrePush {
    /// The hook, an absolute path.
    pub program: PathBuf,
    /// The push.
    pub push: Push,
    /// The URL that would be pushed to.
    pub url: String,
    /// The git directory of this work tree.
    pub git_dir: PathBuf,
}

/// What the outside answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A text; empty where a yes is all there is to say.
    Text(String),
    /// Refs of a remote.
    Refs(RemoteRefs),
    /// What we may do at the hosting service.
    Abilities(Box<Abilities>),
    /// How the ledger is.
    Audit(Box<LedgerAudit>),
}

/// Why a query has no answer, or a no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// The reason with its causes, one line.
    pub message: String,
    /// The way on.
    pub hint: Option<String>,
    /// What kind of no it is.
    pub kind: ErrorKind,
}

impl QueryError {
    /// A no for this reason.
    pub(crate) fn new(reason: impl AsRef<str>) -> Self {
        Self { message: crate::domain::one_line(reason.as_ref()), hint: None, kind: ErrorKind::CheckFailed }
    }
}

impl From<Refusal> for QueryError {
    fn from(refusal: Refusal) -> Self {
        let hint = refusal.hints.first().cloned();
        Self { hint, kind: refusal.kind, ..Self::new(refusal.to_string()) }
    }
}

impl From<PortError> for QueryError {
    fn from(error: PortError) -> Self {
        Refusal::from(error).into()
    }
}
