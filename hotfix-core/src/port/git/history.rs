//! Commits, and which of them a branch has.

use crate::domain::ObjectId;
use crate::port::PortError;

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

/// A commit with what is needed to show it, or to make it once more elsewhere.
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
        self.message.lines().next().unwrap_or_default().trim()
    }
}

/// What messages that name another commit have in common, of picks and of reverts: few do, so that is looked for first.
pub const NAMES_A_COMMIT: &str = " commit ";

/// Which of the commits that `tip` has and `base` lacks are meant.
#[derive(Debug, Clone, Copy)]
pub enum CommitFilter<'a> {
    /// All.
    All,
    /// Those whose message holds this text.
    Says(&'a str),
    /// Those that changed one of these paths; where there is no path, all.
    Touching(&'a [String]),
}

/// Commits whose messages are marked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// Those along the first parents, newest first.
    pub along: Vec<CommitDetails>,
    /// The merges that came by other merges, in no order.
    pub beside: Vec<CommitDetails>,
}

/// Reads commits. Writes nothing: what a commit holds is for [`super::ContentRead`] to tell.
///
/// # Errors
/// All methods fail where the repository cannot be read, and but for [`Self::has_commit`] and [`Self::is_ancestor`] where a
/// commit is not here.
pub trait HistoryRead {
    /// Whether the commit is here.
    fn has_commit(&self, commit: &ObjectId) -> Result<bool, PortError>;

    /// Whether `ancestor` is reachable from `descendant`, or the same. A commit that is not here is nobody's ancestor.
    fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, PortError>;

    /// The tree of a commit.
    ///
    /// # Errors
    /// When the commit is not here.
    fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, PortError>;

    /// A commit.
    fn details(&self, commit: &ObjectId) -> Result<CommitDetails, PortError>;

    /// The commits that `tip` has and none of `others` has, merges too; a commit comes after its parents, and those of one
    /// branch stand together.
    fn own_commits(&self, others: &[ObjectId], tip: &ObjectId) -> Result<Vec<CommitDetails>, PortError>;

    /// The commits that `tip` has, `base` lacks and `filter` means, newest first, at most `limit`.
    fn commits(
        &self,
        base: Option<&ObjectId>,
        tip: &ObjectId,
        filter: CommitFilter<'_>,
        limit: usize,
    ) -> Result<Vec<CommitDetails>, PortError>;

    /// The commits along the first parents of `tip`, and the merges beside them, that one of `bases` lacks and that have a line
    /// which begins with one of `marks`.
    fn marked(&self, bases: &[ObjectId], tip: &ObjectId, marks: &[&str]) -> Result<Marked, PortError>;

    /// How many commits are reachable from `tip` and not from `base`, merges aside; counts to `limit`.
    fn count_between(&self, base: &ObjectId, tip: &ObjectId, limit: usize) -> Result<usize, PortError>;

    /// The commit that brought `commit` to the branch at `tip`: the oldest by first parents that holds it. It is `commit`
    /// itself where nothing was merged; `None` where the branch lacks it.
    fn brought_by(&self, commit: &ObjectId, tip: &ObjectId) -> Result<Option<CommitDetails>, PortError>;

    /// The newest tag that is reachable from `commit` and does not name it, with its commit.
    fn tag_before(&self, commit: &ObjectId) -> Result<Option<(String, ObjectId)>, PortError>;
}
