//! Work trees: what is in them, and what is checked out.

use std::path::{Path, PathBuf};

use crate::domain::{BranchName, ObjectId};
use crate::port::PortError;

use super::{CutSwitch, Operation};

/// The state of the work tree against HEAD.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkTreeState {
    /// Tracked files with uncommitted changes, staged or not, sorted; paths lossily decoded.
    pub changed: Vec<String>,
    /// Untracked, not ignored files and folders, sorted; paths lossily decoded.
    pub untracked: Vec<String>,
    /// Files with unresolved conflicts.
    pub conflicted: Vec<String>,
    /// Those of the changed that are submodules which merely were not updated: at an older commit than the index has.
    pub outdated: Vec<String>,
}

impl WorkTreeState {
    /// Whether tracked files are as HEAD has them.
    pub fn is_committed(&self) -> bool {
        self.changed.is_empty() && self.conflicted.is_empty()
    }
}

/// A work tree of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// Its top.
    pub path: PathBuf,
    /// The branch checked out, without `refs/heads/`. One that git was ended in making has none.
    pub branch: Option<String>,
    /// Whether it is the one we stand in.
    pub is_current: bool,
    /// Whether its folder is there. git lists one whose folder was removed or moved until somebody prunes.
    pub is_there: bool,
    /// Whether somebody locked it (`git worktree lock`): git neither prunes nor removes it.
    pub is_locked: bool,
}

/// Something in a work tree that git ignores.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IgnoredEntry {
    /// Its path, relative to the top, lossily decoded; a folder ends with a slash.
    pub path: String,
    /// Whether it is a symbolic link.
    pub is_link: bool,
}

/// What to check out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwitchTo {
    /// A branch, without `refs/heads/`.
    Branch(BranchName),
    /// A commit, detached.
    Commit(ObjectId),
    /// A branch that is made here first, without `refs/heads/`.
    NewBranch {
        /// The branch.
        name: BranchName,
        /// Where it starts.
        commit: ObjectId,
    },
}

/// A merge or pick that somebody is at in a work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfinished {
    /// None.
    Nothing,
    /// One with conflicts in these files, or with their markers staged.
    Conflicts(Vec<String>),
    /// One whose conflicts are settled and staged, and that is not committed.
    Settled,
}

/// What is laid out in a work tree for a person to settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayOut {
    /// The merge of this commit.
    Merge {
        /// The commit.
        head: ObjectId,
        /// The merge commit's message.
        message: String,
    },
    /// The picks of these commits, oldest first.
    Pick(Vec<ObjectId>),
}

/// Reads work trees, by programs of git that take no lock and refresh no index. One that only we work in is looked at again
/// once something ran that may have changed it.
///
/// # Errors
/// All methods fail where the work tree cannot be read, or there is none.
pub trait WorktreeRead {
    /// All work trees, the main one first.
    fn worktrees(&self) -> Result<Vec<Worktree>, PortError>;

    /// An operation that git left unfinished in this work tree.
    fn operation_in_progress(&self) -> Result<Option<Operation>, PortError>;

    /// A switch of ours that was cut short in this work tree, where something of it lies here.
    ///
    /// # Errors
    /// Also where it is still under way.
    fn cut_switch(&self) -> Result<Option<CutSwitch>, PortError>;

    /// The state of the work tree, by `git status`.
    fn work_tree_state(&self) -> Result<WorkTreeState, PortError>;

    /// Whether tracked files hold uncommitted changes or conflicts, which need no look where git only switched since the last.
    fn has_changes(&self) -> Result<bool, PortError>;

    /// Untracked files that are not ignored, sorted; paths lossily decoded.
    fn untracked_files(&self) -> Result<Vec<String>, PortError>;

    /// Untracked files that are ignored, sorted; of folders that are ignored as a whole (`gen/`) only those that are of
    /// interest are looked into.
    fn ignored_files(&self, is_of_interest: &dyn Fn(&str) -> bool) -> Result<Vec<String>, PortError>;

    /// What git ignores in the work tree at `worktree`, sorted: files, links, and folders that are ignored as a whole.
    fn ignored_in(&self, worktree: &Path) -> Result<Vec<IgnoredEntry>, PortError>;

    /// The submodules that have a repository in the work tree at `worktree`, which goes with it.
    fn submodules_in(&self, worktree: &Path) -> Result<Vec<String>, PortError>;

    /// Whether the work tree at `worktree` holds nothing but what is committed, what git ignores aside.
    fn is_clean(&self, worktree: &Path) -> Result<bool, PortError>;

    /// Whether git was ended in making the work tree at `worktree`, or in removing it, or still is at it.
    fn is_half_made(&self, worktree: &Path) -> Result<bool, PortError>;

    /// The merge or pick that somebody is at in the work tree at `worktree`.
    fn unfinished(&self, worktree: &Path) -> Result<Unfinished, PortError>;
}

/// Changes work trees, as git does: it refuses to overwrite uncommitted work, and hooks run.
///
/// Before a work tree is taken to another commit, where it goes is written into its git directory, and stays there until it
/// has got there ([`WorktreeRead::cut_switch`]). A first signal lets git finish that.
///
/// # Errors
/// All methods fail where git or a hook refuses.
pub trait WorktreeWrite {
    /// Checks something out in this work tree, or in the one at `worktree`; refuses to overwrite uncommitted work.
    fn switch(&self, worktree: Option<&Path>, to: &SwitchTo) -> Result<(), PortError>;

    /// Makes a linked work tree at `path` with a new branch. One that was made by half there goes first.
    fn add_worktree(&self, path: &Path, branch: &str, commit: &ObjectId) -> Result<(), PortError>;

    /// Removes a linked work tree; refuses when it holds uncommitted work. Of one whose folder is gone, what git keeps of it. Of
    /// one that git left without HEAD, `commit` says what git brought.
    fn remove_worktree(&self, path: &Path, commit: &ObjectId) -> Result<(), PortError>;

    /// Moves the branch checked out in the work tree at `worktree` forward to `commit`; refuses anything but a
    /// fast-forward, and to overwrite uncommitted work.
    fn fast_forward(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError>;

    /// Looks whether the files of a work tree let it follow to a commit, and changes nothing.
    ///
    /// # Errors
    /// When they do not: uncommitted changes or untracked files are in the way.
    fn can_follow(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError>;

    /// Lays out a tree at `path`, in a repository of its own that borrows our objects and knows no hooks; HEAD there is a
    /// commit with the parent `base`. What lay there is replaced, file by file: those that are the same keep their times,
    /// by which build tools go. Everything that is not of the tree is removed.
    ///
    /// # Errors
    /// When git refuses, or the folder cannot be written.
    fn lay_out(&self, path: &Path, tree: &ObjectId, base: &ObjectId) -> Result<(), PortError>;

    /// Lays out a merge or picks with their conflicts, in a linked work tree at `path` with a branch of its own; both may
    /// be there already.
    ///
    /// # Errors
    /// When git refuses for another reason than conflicts.
    fn lay_out_conflicts(&self, path: &Path, branch: &str, start: &ObjectId, what: &LayOut) -> Result<(), PortError>;

    /// Commits the settled merge or pick in the work tree at `worktree` with the message that git has ready.
    ///
    /// # Errors
    /// When git or a hook refuses.
    fn commit_settled(&self, worktree: &Path) -> Result<(), PortError>;

    /// Adds files of this work tree to its index.
    fn stage(&self, paths: &[String]) -> Result<(), PortError>;

    /// Commits files of this work tree on the branch that is checked out; nothing else that is staged.
    ///
    /// # Errors
    /// When git or a hook refuses.
    fn commit_files(&self, paths: &[String], message: &str) -> Result<(), PortError>;

    /// Adds files of this work tree to the last commit of the branch that is checked out; nothing else that is staged.
    fn amend(&self, paths: &[String]) -> Result<(), PortError>;
}
