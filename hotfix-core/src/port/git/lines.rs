//! What carrying a fix to several lines needs of a git repository, beside [`super::GitRead`] and [`super::GitWrite`].

use std::path::Path;

use crate::domain::ObjectId;

use super::RefUpdate;
use crate::port::PortError;

/// How conflicts in a file are settled that every release has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRule {
    /// Where only version numbers conflict, the target keeps its own.
    KeepVersion,
    /// What both sides added stays, the target's first.
    KeepBoth,
}

/// The rule for a path, where it has one.
pub type FileRules<'a> = &'a dyn Fn(&str) -> Option<FileRule>;

/// A place where two changes conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The file, lossily decoded.
    pub path: String,
    /// The line where the conflict begins, counted from 1; 0 where it is about the whole file.
    pub line: u32,
}

/// A change applied in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It gives this tree.
    Clean(ObjectId),
    /// It conflicts here.
    Conflict(Vec<Conflict>),
}

/// Who wrote a change, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// When, as git stores it: `<seconds since 1970> <zone>`.
    pub date: String,
}

/// A commit with what is needed to make it once more elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitDetails {
    /// Its id.
    pub id: ObjectId,
    /// Its parents.
    pub parents: Vec<ObjectId>,
    /// Its author.
    pub author: Author,
    /// Its message, lossily decoded.
    pub message: String,
}

impl CommitDetails {
    /// The first line of the message.
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
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

/// Reads what landing looks at. Changes nothing, and runs nothing that the repository supplies.
pub trait GitLinesRead {
    /// All refs below `prefix` (`refs/tags/`) by their full names with the commits they name, sorted; what names no commit
    /// is left out.
    ///
    /// # Errors
    /// When the repository cannot be read; this holds for all methods here.
    fn refs_under(&self, prefix: &str) -> Result<Vec<(String, ObjectId)>, PortError>;

    /// Applies the change between the trees of two commits onto a third one, in memory; any of them may be a tree. Writes
    /// objects, moves nothing.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn apply(
        &self,
        from: &ObjectId,
        to: &ObjectId,
        onto: &ObjectId,
        rules: FileRules<'_>,
    ) -> Result<Applied, PortError>;

    /// Merges two commits in memory, settling by `rules` what they can settle. Writes objects, moves nothing.
    ///
    /// # Errors
    /// As for [`Self::refs_under`], and when the two have no common history.
    fn merge_by_rules(&self, ours: &ObjectId, theirs: &ObjectId, rules: FileRules<'_>) -> Result<Applied, PortError>;

    /// Whether git, or a merge driver of the person, has to make this merge, and may not here: what [`Self::merge_by_rules`],
    /// or [`Self::apply`] from a given base, says of it is a guess. A folder was renamed, or attributes say how a file merges.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn awaits_git(&self, base: Option<&ObjectId>, ours: &ObjectId, theirs: &ObjectId) -> Result<bool, PortError>;

    /// A commit, to make it once more.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn details(&self, commit: &ObjectId) -> Result<CommitDetails, PortError>;

    /// The commits that `tip` has and none of `others` has, merges too; a commit comes after its parents, and those of one
    /// branch stand together.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn own_commits(&self, others: &[ObjectId], tip: &ObjectId) -> Result<Vec<CommitDetails>, PortError>;

    /// The commit that brought `commit` to the branch at `tip`: the oldest by first parents that holds it. It is `commit`
    /// itself where nothing was merged; `None` where the branch lacks it.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn brought_by(&self, commit: &ObjectId, tip: &ObjectId) -> Result<Option<CommitDetails>, PortError>;

    /// How many commits are reachable from `tip` and not from `base`, merges aside; counts to `limit`.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn count_between(&self, base: &ObjectId, tip: &ObjectId, limit: usize) -> Result<usize, PortError>;

    /// The newest commit from `base` to `tip` whose message holds `text`.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn find_message(&self, base: Option<&ObjectId>, tip: &ObjectId, text: &str) -> Result<Option<ObjectId>, PortError>;

    /// The commits from `base` to `tip` along first parents that have a line which begins with one of `texts`, newest first.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn marked_between(
        &self,
        base: Option<&ObjectId>,
        tip: &ObjectId,
        texts: &[&str],
    ) -> Result<Vec<CommitDetails>, PortError>;

    /// Whether the work tree at `worktree` holds nothing but what is committed, what git ignores aside.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn is_clean(&self, worktree: &Path) -> Result<bool, PortError>;

    /// The merge or pick that somebody is at in the work tree at `worktree`.
    ///
    /// # Errors
    /// As for [`Self::refs_under`].
    fn unfinished(&self, worktree: &Path) -> Result<Unfinished, PortError>;
}

/// Changes what landing changes.
pub trait GitLinesWrite {
    /// Fetches branches (without `refs/heads/`) into their remote-tracking refs, and tags by patterns such as `v*`.
    ///
    /// # Errors
    /// When the remote cannot be reached, a branch is not there, or a tag here is another one.
    fn fetch_lines(&self, remote: &str, branches: &[String], tags: &[String]) -> Result<(), PortError>;

    /// Writes an annotated tag by the user's settings, signed where these say so, as an object that no ref names yet.
    ///
    /// # Errors
    /// When it cannot be written or signed.
    fn annotated_tag(&self, name: &str, commit: &ObjectId, message: &str) -> Result<ObjectId, PortError>;

    /// Moves, makes or deletes local refs in one transaction, each from what is expected. None of them is checked out.
    ///
    /// # Errors
    /// When one of them is not what was expected; then none has moved.
    fn update_refs(&self, updates: &[RefUpdate], why: &str) -> Result<(), PortError>;

    /// Looks whether the files of a work tree let it follow to a commit, and changes nothing.
    ///
    /// # Errors
    /// When they do not: uncommitted changes or untracked files are in the way.
    fn can_follow(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError>;

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
}
