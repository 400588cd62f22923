//! What commits and trees hold, and how they differ.

use std::fmt;
use std::ops::Range;

use crate::domain::ObjectId;
use crate::port::PortError;

use super::SubmoduleCommit;

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

/// What lies at a path of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file, also one that may be run.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A submodule.
    Submodule,
}

impl fmt::Display for EntryKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
            Self::Submodule => "a submodule",
        })
    }
}

/// Reads files of commits and trees. In a partial clone it fetches those that are not here, unless the repository was opened
/// to ask no remote.
///
/// # Errors
/// All methods fail where the repository cannot be read, or an object is not here and cannot be fetched.
pub trait ContentRead {
    /// A file of a commit or tree; `None` where it has none there. Symbolic links and submodules count as none.
    fn file_at(&self, commit: &ObjectId, path: &str) -> Result<Option<Vec<u8>>, PortError>;

    /// What lies at a path of a commit or tree; `None` where nothing does.
    fn kind_at(&self, commit: &ObjectId, path: &str) -> Result<Option<EntryKind>, PortError>;

    /// The top-level entry names of a commit's tree; used to detect what kind of project it is.
    fn top_level_names(&self, commit: &ObjectId) -> Result<Vec<String>, PortError>;

    /// All files of a commit or tree, by their paths; symbolic links and submodules are none.
    fn files(&self, commit: &ObjectId) -> Result<Vec<String>, PortError>;

    /// The files that differ between two trees or commits, renames followed, sorted by path.
    fn changes(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<Change>, PortError>;

    /// The same with the texts of files of at most 1 MiB, as long as all of them are not longer than 64 MiB.
    fn diff(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<FileDiff>, PortError>;

    /// What differs between two trees, as `git apply` reads it.
    fn patch(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<u8>, PortError>;

    /// The commits that last changed the lines from `first` to `last` (counted from 1, both included) of a file of `commit`,
    /// each with its line; none where the file ends before.
    ///
    /// # Errors
    /// When the file is not there.
    fn last_changes(
        &self,
        commit: &ObjectId,
        path: &str,
        first: u32,
        last: u32,
    ) -> Result<Vec<(u32, ObjectId)>, PortError>;

    /// The submodules that `to` has at another commit than `from`, or anew, sorted by path, with whether anybody else can have
    /// that commit. Asks nobody.
    ///
    /// # Errors
    /// What cannot be told of a submodule's own repository is none.
    fn submodule_commits(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<SubmoduleCommit>, PortError>;
}
