//! A git repository, by what is asked of it: its set-up and refs, history, contents, merges, work trees, remotes.
//!
//! What reads stands apart from what changes something, by trait: who holds a [`GitRead`] can neither move a ref, nor touch a
//! work tree, nor reach a remote but for objects that a partial clone lacks ([`ContentRead`], [`MergeInMemory`]).

mod config;
mod content;
mod cut_switch;
mod editor;
mod history;
mod hook;
mod merge;
mod operation;
mod own_settings;
mod push;
mod refs;
mod remote;
mod repository;
mod submodule;
mod worktree;

pub use config::ConfigRead;
pub use content::{Change, ChangeKind, ContentRead, EntryKind, FileDiff, Hunk};
pub use cut_switch::{CutSwitch, IndexSide, Lies, SwitchRepair, SwitchedPath};
pub use editor::Editor;
pub use history::{Author, CommitDetails, CommitFilter, HistoryRead, Marked, NAMES_A_COMMIT};
pub use hook::{GitHook, GitHooks, HookFault};
pub use merge::{Applied, Conflict, FileEdit, FileRule, FileRules, MergeInMemory, TreeEdit};
pub use operation::Operation;
pub use own_settings::OwnSettingsWrite;
pub use push::{Expected, HookNo, Push, PushError, RefUpdate, Rejection};
pub use refs::{NewCommit, RefsWrite};
pub use remote::{RemoteRefs, RemoteWrite};
pub use repository::{Head, RefFormat, Repository, RepositoryFormat, RepositoryRead};
pub use submodule::{Publication, SubmoduleCommit};
pub use worktree::{IgnoredEntry, LayOut, SwitchTo, Unfinished, WorkTreeState, Worktree, WorktreeRead, WorktreeWrite};

use crate::domain::{ObjectId, RefName};

use super::PortError;

/// All that may be read of a repository.
pub trait GitRead: RepositoryRead + ConfigRead + HistoryRead + ContentRead + MergeInMemory + WorktreeRead {}

impl<T: RepositoryRead + ConfigRead + HistoryRead + ContentRead + MergeInMemory + WorktreeRead> GitRead for T {}

/// All that may be changed of a repository.
pub trait GitWrite:
    MergeInMemory + RefsWrite + RemoteWrite + WorktreeWrite + SwitchRepair + OwnSettingsWrite + Editor
{
}

impl<T: MergeInMemory + RefsWrite + RemoteWrite + WorktreeWrite + SwitchRepair + OwnSettingsWrite + Editor> GitWrite
    for T
{
}

impl dyn GitRead + '_ {
    /// The newest commit from `base` to `tip` whose message holds `text`.
    ///
    /// # Errors
    /// As for [`HistoryRead`].
    pub fn find_message(
        &self,
        base: Option<&ObjectId>,
        tip: &ObjectId,
        text: &str,
    ) -> Result<Option<ObjectId>, PortError> {
        let found = self.commits(base, tip, CommitFilter::Says(text), 1)?;
        Ok(found.into_iter().next().map(|commit| commit.id))
    }

    /// The branches (without `refs/heads/`) whose names begin with `prefix`, sorted.
    ///
    /// # Errors
    /// As for [`RepositoryRead`].
    pub fn branches(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let refs = self.refs_under(&RefName::of_branch(prefix))?.into_iter();
        Ok(refs.filter_map(|(name, _)| RefName::branch_in(&name).map(str::to_owned)).collect())
    }
}
