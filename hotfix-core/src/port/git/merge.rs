//! Merges and trees computed in memory.

use crate::domain::ObjectId;
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

/// A file to put into a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// Relative to the top.
    pub path: String,
    /// Its new content.
    pub content: Vec<u8>,
}

/// A change to a tree, one path at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeEdit {
    /// What another tree has at this path, with its mode.
    Take {
        /// Relative to the top.
        path: String,
        /// The other tree.
        from: ObjectId,
    },
    /// A text, where a file is or nothing: a folder, a link, or a path through one, is refused.
    Write(FileEdit),
    /// A text in place of whatever is there.
    Overwrite(FileEdit),
    /// Nothing any more.
    Remove {
        /// Relative to the top.
        path: String,
    },
}

/// Computes merges and trees without the work tree. What comes out is written to the object store, where no ref names it;
/// in a partial clone what is missing is fetched, unless the repository was opened to ask no remote.
///
/// # Errors
/// All methods fail where an object is not here, or cannot be written.
pub trait MergeInMemory {
    /// Merges two commits in memory, settling by `rules` what they can settle.
    ///
    /// # Errors
    /// When the two have no common history.
    fn merge(&self, ours: &ObjectId, theirs: &ObjectId, rules: FileRules<'_>) -> Result<Applied, PortError>;

    /// Applies the change between the trees of two commits onto a third one, in memory; any of them may be a tree.
    fn apply(
        &self,
        from: &ObjectId,
        to: &ObjectId,
        onto: &ObjectId,
        rules: FileRules<'_>,
    ) -> Result<Applied, PortError>;

    /// Whether git, or a merge driver of the person, has to make this merge, and may not here: what [`Self::merge`],
    /// or [`Self::apply`] from a given base, says of it is a guess. A folder was renamed, attributes say how a file merges, or
    /// many files may have moved.
    fn awaits_git(&self, base: Option<&ObjectId>, ours: &ObjectId, theirs: &ObjectId) -> Result<bool, PortError>;

    /// The least `merge.renameLimit` with which renames are looked for among all files, where something conflicted so far and that
    /// was not done.
    fn wanted_rename_limit(&self) -> Option<u32>;

    /// The tree of `base`, a commit or tree, with `edits` made; what takes a path that the other tree has not, removes it.
    ///
    /// # Errors
    /// When an object is not here or cannot be written.
    fn edit_tree(&self, base: &ObjectId, edits: &[TreeEdit]) -> Result<ObjectId, PortError>;

    /// The tree that committing all tracked changes, and these untracked files, would give; HEAD's tree when there are none.
    fn work_tree_as_tree(&self, untracked: &[String]) -> Result<ObjectId, PortError>;
}
