//! A git repository.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::domain::{ObjectId, Person};

use super::PortError;

mod hook;
mod lines;
mod operation;
mod push;
mod submodule;
mod tree;

pub use hook::{GitHook, GitHooks, HookFault};
pub use lines::{
    Applied, Author, CommitDetails, Conflict, FileRule, FileRules, GitLinesRead, GitLinesWrite, LayOut, Unfinished,
};
pub use operation::Operation;
pub use push::{Expected, HookNo, Push, PushError, RefUpdate, Rejection};
pub use submodule::{Publication, SubmoduleCommit};
pub use tree::{FileEdit, NewCommit, TreeEdit};

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The git directory of this work tree.
    pub git_dir: PathBuf,
    /// The git directory that all work trees share.
    pub common_dir: PathBuf,
    /// The top of the work tree; absent in a bare repository.
    pub work_tree: Option<PathBuf>,
    /// Whether history is cut off.
    pub is_shallow: bool,
}

/// What HEAD names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A branch, without `refs/heads/`, and its commit.
    Branch {
        /// The branch.
        name: String,
        /// Its commit.
        commit: ObjectId,
    },
    /// A commit.
    Detached {
        /// The commit.
        commit: ObjectId,
    },
    /// A branch without commits.
    Unborn {
        /// The branch, without `refs/heads/`.
        name: String,
    },
}

impl Head {
    /// The commit, where there is one.
    pub fn commit(&self) -> Option<&ObjectId> {
        match self {
            Self::Branch { commit, .. } | Self::Detached { commit } => Some(commit),
            Self::Unborn { .. } => None,
        }
    }

    /// The branch, without `refs/heads/`, where HEAD is on one.
    pub fn branch(&self) -> Option<&str> {
        match self {
            Self::Branch { name, .. } | Self::Unborn { name } => Some(name),
            Self::Detached { .. } => None,
        }
    }
}

/// The state of the work tree against HEAD.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkTreeState {
    /// Tracked files with uncommitted changes, staged or not, sorted; paths lossily decoded.
    pub changed: Vec<String>,
    /// Untracked, not ignored files and folders, sorted; paths lossily decoded.
    pub untracked: Vec<String>,
    /// Files with unresolved conflicts.
    pub conflicted: Vec<String>,
}

/// A work tree of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// Its top.
    pub path: PathBuf,
    /// The branch checked out, without `refs/heads/`.
    pub branch: Option<String>,
    /// Whether it is the one we stand in.
    pub is_current: bool,
}

/// How a file changed between two trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// Its content or mode changed.
    Modified,
    /// It is gone.
    Deleted,
}

/// A file that differs between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path relative to the top, lossily decoded.
    pub path: String,
    /// Its earlier path, when it was renamed.
    pub renamed_from: Option<String>,
    /// How it changed.
    pub kind: ChangeKind,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
    /// The first changed line of the new file, counted from 1; 0 where nothing remains.
    pub first_line: u32,
    /// Whether it is not text.
    pub is_binary: bool,
}

/// A file that differs between two trees, with its text before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// How it changed.
    pub change: Change,
    /// Its text before, lossily decoded; empty where there is none, it is not text, or it is too long to look at.
    pub before: String,
    /// Its text after, likewise.
    pub after: String,
    /// The runs of lines that differ, in the order of the file.
    pub hunks: Vec<Hunk>,
}

/// A run of lines that was replaced by another; either may be empty. Lines are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The lines of the text before.
    pub before: Range<usize>,
    /// The lines of the text after.
    pub after: Range<usize>,
}

/// A commit, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its id.
    pub id: ObjectId,
    /// The first line of its message, lossily decoded.
    pub subject: String,
    /// Its author's name, lossily decoded.
    pub author: String,
}

/// A merge computed in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergePreview {
    /// It merges to this tree.
    Clean(ObjectId),
    /// These files conflict.
    Conflict(Vec<String>),
}

/// Reads a repository. Changes nothing, and runs nothing that the repository supplies.
pub trait GitRead: GitLinesRead {
    /// Where it is.
    fn repository(&self) -> &Repository;

    /// What HEAD names.
    ///
    /// # Errors
    /// When the repository cannot be read; this holds for all methods here.
    fn head(&self) -> Result<Head, PortError>;

    /// The commit that a full ref names; `None` where there is no such ref.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn commit_of_ref(&self, full_name: &str) -> Result<Option<ObjectId>, PortError>;

    /// The commit that a person means by `revision`; `None` where nothing is meant.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn commit_of(&self, revision: &str) -> Result<Option<ObjectId>, PortError>;

    /// Branch names under `refs/heads/<prefix>`, without `refs/heads/`, sorted.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn branches(&self, prefix: &str) -> Result<Vec<String>, PortError>;

    /// The target of a symbolic ref, for example of `refs/remotes/origin/HEAD`.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn symbolic_ref(&self, full_name: &str) -> Result<Option<String>, PortError>;

    /// Whether `ancestor` is reachable from `descendant`, or the same. A commit that is not here is nobody's ancestor.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, PortError>;

    /// The tree of a commit.
    ///
    /// # Errors
    /// As for [`Self::head`], and when the commit is not here.
    fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, PortError>;

    /// Whether the commit is here.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn has_commit(&self, commit: &ObjectId) -> Result<bool, PortError>;

    /// A file of a commit or tree; `None` where it has none there. Symbolic links and submodules count as none.
    ///
    /// # Errors
    /// As for [`Self::tree_of`].
    fn file_at(&self, commit: &ObjectId, path: &str) -> Result<Option<Vec<u8>>, PortError>;

    /// The top-level entry names of a commit's tree; used to detect what kind of project it is.
    ///
    /// # Errors
    /// As for [`Self::tree_of`].
    fn top_level_names(&self, commit: &ObjectId) -> Result<Vec<String>, PortError>;

    /// The files that differ between two trees or commits, renames followed, sorted by path.
    ///
    /// # Errors
    /// As for [`Self::tree_of`].
    fn changes(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<Change>, PortError>;

    /// The same with the texts of files of at most 1 MiB, as long as all of them are not longer than 64 MiB.
    ///
    /// # Errors
    /// As for [`Self::tree_of`].
    fn diff(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<FileDiff>, PortError>;

    /// The submodules that `to` has at another commit than `from`, or anew, sorted by path, with whether anybody else can have
    /// that commit. Asks nobody.
    ///
    /// # Errors
    /// As for [`Self::tree_of`]; what cannot be told of a submodule's own repository is none.
    fn submodule_commits(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<SubmoduleCommit>, PortError>;

    /// Commits reachable from `tip` and not from `base`, newest first, at most `limit`.
    ///
    /// # Errors
    /// As for [`Self::tree_of`].
    fn commits_between(&self, base: &ObjectId, tip: &ObjectId, limit: usize) -> Result<Vec<CommitInfo>, PortError>;

    /// All files of a commit or tree, by their paths; symbolic links and submodules are none.
    ///
    /// # Errors
    /// As for [`Self::tree_of`].
    fn files(&self, commit: &ObjectId) -> Result<Vec<String>, PortError>;

    /// The newest tag that is reachable from `commit` and does not name it, with its commit.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn tag_before(&self, commit: &ObjectId) -> Result<Option<(String, ObjectId)>, PortError>;

    /// Commits that changed one of `paths`, reachable from `tip` and not from `base`, newest first, at most `limit`.
    ///
    /// # Errors
    /// As for [`Self::tree_of`].
    fn commits_touching(
        &self,
        base: Option<&ObjectId>,
        tip: &ObjectId,
        paths: &[String],
        limit: usize,
    ) -> Result<Vec<CommitInfo>, PortError>;

    /// The commits that last changed the lines from `first` to `last` (counted from 1, both included) of a file of `commit`,
    /// each with its line; none where the file ends before.
    ///
    /// # Errors
    /// As for [`Self::tree_of`], and when the file is not there.
    fn last_changes(
        &self,
        commit: &ObjectId,
        path: &str,
        first: u32,
        last: u32,
    ) -> Result<Vec<(u32, ObjectId)>, PortError>;

    /// Merges two commits in memory; writes objects, moves nothing.
    ///
    /// # Errors
    /// As for [`Self::tree_of`], and when the two have no common history.
    fn merge_preview(&self, ours: &ObjectId, theirs: &ObjectId) -> Result<MergePreview, PortError>;

    /// A configuration value of git, its last one.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn config(&self, key: &str) -> Result<Option<String>, PortError>;

    /// The names of the remotes, sorted.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn remotes(&self) -> Result<Vec<String>, PortError>;

    /// The URL that git fetches from for a remote, after `insteadOf`; `None` where it has none.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn remote_url(&self, remote: &str) -> Result<Option<String>, PortError>;

    /// The host that the person's own ssh takes this name for; `None` where ssh cannot be asked. It connects to nobody.
    fn ssh_host_name(&self, _host: &str) -> Option<String> {
        None
    }

    /// Who would commit.
    ///
    /// # Errors
    /// When git knows no name and address.
    fn identity(&self) -> Result<Person, PortError>;

    /// The hooks of these names that git would start here; none of them runs.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn hooks(&self, names: &[&str]) -> Result<GitHooks, PortError>;

    /// All work trees, the main one first.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn worktrees(&self) -> Result<Vec<Worktree>, PortError>;

    /// An operation that git left unfinished in this work tree.
    ///
    /// # Errors
    /// As for [`Self::head`].
    fn operation_in_progress(&self) -> Result<Option<Operation>, PortError>;

    /// The state of the work tree, by `git status`.
    ///
    /// # Errors
    /// As for [`Self::head`], and in a bare repository.
    fn work_tree_state(&self) -> Result<WorkTreeState, PortError>;

    /// The tree that committing all tracked changes, and these untracked files, would give; HEAD's tree when there are none.
    /// Writes objects, moves nothing.
    ///
    /// # Errors
    /// As for [`Self::work_tree_state`].
    fn work_tree_as_tree(&self, untracked: &[String]) -> Result<ObjectId, PortError>;

    /// Untracked files that are not ignored, sorted; paths lossily decoded.
    ///
    /// # Errors
    /// As for [`Self::work_tree_state`].
    fn untracked_files(&self) -> Result<Vec<String>, PortError>;

    /// Untracked files that are ignored, sorted; of folders that are ignored as a whole (`gen/`) only those that are of
    /// interest are looked into.
    ///
    /// # Errors
    /// As for [`Self::work_tree_state`].
    fn ignored_files(&self, is_of_interest: &dyn Fn(&str) -> bool) -> Result<Vec<String>, PortError>;

    /// The tree of `base`, a commit or tree, with `edits` made; what takes a path that the other tree has not, removes it.
    /// Writes objects, moves nothing.
    ///
    /// # Errors
    /// When an object is not here or cannot be written.
    fn edited(&self, base: &ObjectId, edits: &[TreeEdit]) -> Result<ObjectId, PortError>;

    /// What differs between two trees, as `git apply` reads it.
    ///
    /// # Errors
    /// As for [`Self::tree_of`].
    fn patch(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<u8>, PortError>;
}

/// What a remote answered about its refs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteRefs {
    /// The branch that the remote's HEAD names, without `refs/heads/`.
    pub default_branch: Option<String>,
    /// Refs that are other names of refs (symbolic refs), with what they name; old protocols do not tell.
    pub aliases: Vec<(String, String)>,
    /// Full ref names and their objects.
    pub refs: Vec<(String, ObjectId)>,
}

impl RemoteRefs {
    /// The object of a full ref name.
    pub fn get(&self, full_name: &str) -> Option<&ObjectId> {
        self.refs.iter().find(|(name, _)| name == full_name).map(|(_, id)| id)
    }

    /// The name that a ref really has there.
    pub fn real_name<'a>(&'a self, full_name: &'a str) -> &'a str {
        self.aliases.iter().find(|(alias, _)| alias == full_name).map_or(full_name, |(_, target)| target)
    }

    /// The tip of a branch given without `refs/heads/`.
    pub fn branch(&self, name: &str) -> Option<&ObjectId> {
        self.get(&format!("refs/heads/{name}"))
    }
}

/// What to check out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwitchTo {
    /// A branch, without `refs/heads/`.
    Branch(String),
    /// A commit, detached.
    Commit(ObjectId),
    /// A branch that is made here first, without `refs/heads/`.
    NewBranch {
        /// The branch.
        name: String,
        /// Where it starts.
        commit: ObjectId,
    },
}

/// Changes a repository, and talks to its remotes.
pub trait GitWrite: GitLinesWrite {
    /// Asks a remote for its default branch and for the refs that match `patterns` (full names or globs).
    ///
    /// # Errors
    /// When it cannot be reached.
    fn inspect_remote(&self, remote: &str, patterns: &[String]) -> Result<RemoteRefs, PortError>;

    /// Fetches branches (without `refs/heads/`) into their remote-tracking refs.
    ///
    /// # Errors
    /// When the remote cannot be reached or a branch is not there.
    fn fetch(&self, remote: &str, branches: &[String]) -> Result<(), PortError>;

    /// Changes refs on a remote, and the remote-tracking refs with them: all or none as far as the server keeps to that.
    ///
    /// # Errors
    /// As [`PushError`] says.
    fn push(&self, push: &Push) -> Result<(), PushError>;

    /// Rehearses [`Self::push`] with the remote: nothing is sent and nothing changes. Rules that a server keeps by hooks
    /// are not met.
    ///
    /// # Errors
    /// As [`PushError`] says.
    fn rehearse_push(&self, push: &Push) -> Result<(), PushError>;

    /// Signs a commit by the user's settings, and throws it away.
    ///
    /// # Errors
    /// When it cannot be signed.
    fn rehearse_signing(&self) -> Result<(), PortError>;

    /// The version of the git program, for example `2.47.3`.
    ///
    /// # Errors
    /// When there is none.
    fn version(&self) -> Result<String, PortError>;

    /// Checks something out in this work tree, or in the one at `worktree`; refuses to overwrite uncommitted work.
    ///
    /// # Errors
    /// When git refuses.
    fn switch(&self, worktree: Option<&Path>, to: &SwitchTo) -> Result<(), PortError>;

    /// Makes a linked work tree at `path` with a new branch.
    ///
    /// # Errors
    /// When git refuses.
    fn add_worktree(&self, path: &Path, branch: &str, commit: &ObjectId) -> Result<(), PortError>;

    /// Removes a linked work tree; refuses when it holds uncommitted work.
    ///
    /// # Errors
    /// When git refuses.
    fn remove_worktree(&self, path: &Path) -> Result<(), PortError>;

    /// Moves the branch checked out in the work tree at `worktree` forward to `commit`; refuses anything but a
    /// fast-forward, and to overwrite uncommitted work.
    ///
    /// # Errors
    /// When git refuses.
    fn fast_forward(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError>;

    /// Moves, makes or (`to` = `None`) deletes a local ref with a compare-and-swap. The ref must not be checked out.
    ///
    /// # Errors
    /// When it is not what was expected.
    fn update_ref(
        &self,
        full_name: &str,
        to: Option<&ObjectId>,
        expected: &Expected,
        why: &str,
    ) -> Result<(), PortError>;

    /// Writes a commit by the user's settings, signed where these say so.
    ///
    /// # Errors
    /// When it cannot be written or signed.
    fn commit(&self, commit: &NewCommit) -> Result<ObjectId, PortError>;

    /// Writes the tree of `commit` with `edits` applied; nothing else of it changes.
    ///
    /// # Errors
    /// When the commit is not here, or a path of an edit is a folder, a link, or goes through one.
    fn edit_tree(&self, commit: &ObjectId, edits: &[FileEdit]) -> Result<ObjectId, PortError>;

    /// Lays out a tree at `path`, in a repository of its own that borrows our objects and knows no hooks; HEAD there is a
    /// commit with the parent `base`. What lay there is replaced, file by file: those that are the same keep their times,
    /// by which build tools go. Everything that is not of the tree is removed.
    ///
    /// # Errors
    /// When git refuses, or the folder cannot be written.
    fn lay_out(&self, path: &Path, tree: &ObjectId, base: &ObjectId) -> Result<(), PortError>;

    /// Adds files of this work tree to its index.
    ///
    /// # Errors
    /// When git refuses.
    fn stage(&self, paths: &[String]) -> Result<(), PortError>;

    /// Opens the user's editor (`git var GIT_EDITOR`) on a file of this work tree, relative to its top.
    ///
    /// # Errors
    /// When there is none, or it ends with an error.
    fn edit(&self, path: &str) -> Result<(), PortError>;

    /// Commits files of this work tree on the branch that is checked out; nothing else that is staged.
    ///
    /// # Errors
    /// When git or a hook refuses.
    fn commit_files(&self, paths: &[String], message: &str) -> Result<(), PortError>;

    /// Adds files of this work tree to the last commit of the branch that is checked out; nothing else that is staged.
    ///
    /// # Errors
    /// As for [`Self::commit_files`].
    fn amend(&self, paths: &[String]) -> Result<(), PortError>;
}
