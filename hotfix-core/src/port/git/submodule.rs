//! Submodules, whose commits are kept by another repository.

use crate::domain::ObjectId;

/// The commit that a change sets a submodule to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmoduleCommit {
    /// Its path relative to the top, lossily decoded.
    pub path: String,
    /// The commit.
    pub commit: ObjectId,
    /// The git directory of its repository, where it is not the one that is checked out at the path.
    pub git_dir: Option<String>,
    /// The remote that its repository knows, `origin` first.
    pub remote: Option<String>,
    /// Whether somebody else can have the commit.
    pub publication: Publication,
}

/// Whether somebody else can have a commit, as far as this machine knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publication {
    /// A remote-tracking branch, or a tag, has it.
    Published,
    /// It is only here.
    OnlyHere,
    /// It is only here, and the person's settings have every push bring it along.
    ComesAlong,
    /// No repository of the submodule is here.
    NoRepository,
    /// The repository of the submodule lacks it.
    Absent,
    /// History is cut off, and with it the answer.
    CutOff,
    /// The repository of the submodule cannot be read.
    Unreadable,
}
