//! What is written into a repository: commits, and files of their trees.

use crate::domain::ObjectId;

use super::Author;

/// A commit to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// Its tree.
    pub tree: ObjectId,
    /// Its parents.
    pub parents: Vec<ObjectId>,
    /// Its message, verbatim.
    pub message: String,
    /// Its author; absent: who commits.
    pub author: Option<Author>,
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
    /// A text.
    Write(FileEdit),
    /// Nothing any more.
    Remove {
        /// Relative to the top.
        path: String,
    },
}
