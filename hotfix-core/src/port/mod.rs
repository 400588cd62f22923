//! What the workflow needs of the outside, as traits. Implementations are in `adapter`; tests bring their own.
//!
//! Each port has a reading half and a writing half: planning gets only [`Look`], which can change nothing and starts
//! no program that a repository supplies; the executor gets [`Act`].

mod clock;
mod error;
mod exchange;
mod fetch_rules;
mod files;
mod forge;
mod git;
mod outside;
mod pages;
mod peer;
mod process;
mod report;
mod scratch;
mod seals;
mod settings;
mod store;
mod upkeep;
mod webhook;

pub use clock::Clock;
#[cfg(feature = "git")]
pub(crate) use error::by_system;
#[cfg(feature = "workflow")]
pub(crate) use error::with_causes;
pub use error::{ErrorKind, PortError};
pub use exchange::{LEDGER_BRANCH, LEDGER_PLACE, LedgerExchange, LedgerUpdate, RemoteLedger};
pub use fetch_rules::{FetchRules, fetched_place, tracked_place};
pub use files::{FilesRead, FilesWrite};
pub use forge::{
    Abilities, BranchRules, CheckState, FiledIssue, Forge, ForgeAddress, Fork, HostingService, Issue, MergeAnswer,
    MergeMethod, MergeRequest, Proposal, Proposed, PullRequestStatus, RequiredCheck,
};
pub use git::{
    Applied, Author, Change, ChangeKind, CommitDetails, CommitFilter, ConfigRead, Conflict, ContentRead, CutSwitch,
    Editor, EntryKind, Expected, FileDiff, FileEdit, FileRule, FileRules, GitHook, GitHooks, GitRead, GitWrite, Head,
    HistoryRead, HookFault, HookNo, Hunk, IgnoredEntry, IndexSide, LayOut, Lies, Marked, MergeInMemory, NAMES_A_COMMIT,
    NewCommit, Operation, OwnSettingsWrite, Publication, Push, PushError, RefFormat, RefUpdate, RefsWrite, Rejection,
    RemoteRefs, RemoteWrite, Repository, RepositoryFormat, RepositoryRead, SubmoduleCommit, SwitchRepair, SwitchTo,
    SwitchedPath, TreeEdit, Unfinished, WorkTreeState, Worktree, WorktreeRead, WorktreeWrite,
};
pub use outside::{Outside, Reach};
pub use pages::Pages;
pub use peer::Peer;
pub use process::{Finished, Invocation, Probe, Processes};
pub use report::{EvidenceReport, Reports};
pub use scratch::{ScratchFolder, ScratchFolders};
pub use seals::{Seal, SealedCommit};
pub use settings::LedgerSettings;
pub use store::{Choose, LedgerStore, Stays, StoreError, StoreTip, StoredEvent};
pub use upkeep::{LedgerUpkeep, Mended, Recognize, Salvaged};
pub use webhook::WebhookPost;

/// The reading halves: all that planning may use.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The repository.
    pub git: &'a dyn GitRead,
    /// Files of the work tree.
    pub files: &'a dyn FilesRead,
    /// Reports that the person named.
    pub reports: &'a dyn Reports,
}

/// The writing halves: what the executor acts through.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    /// The repository.
    pub git: &'a dyn GitWrite,
    /// Files of the work tree.
    pub files: &'a dyn FilesWrite,
    /// The hosting service, or the local one.
    pub forge: &'a dyn Forge,
    /// Programs: tests, deployments, checks.
    pub processes: &'a dyn Processes,
    /// Places where other trees are built.
    pub scratch: &'a dyn ScratchFolders,
    /// HTTP checks of production.
    pub probe: &'a dyn Probe,
    /// Pages that say what production runs.
    pub pages: &'a dyn Pages,
    /// Others who want to know.
    pub webhook: &'a dyn WebhookPost,
    /// The ledgers of others.
    pub exchange: &'a dyn LedgerExchange,
    /// The time.
    pub clock: &'a dyn Clock,
}
