//! Where a repository is, and what its refs name.

use std::path::PathBuf;

use crate::domain::{ObjectFormat, ObjectId, RefName};
use crate::port::PortError;

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
    /// How it keeps refs and objects.
    pub format: RepositoryFormat,
}

/// How a repository keeps what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RepositoryFormat {
    /// Its refs.
    pub refs: RefFormat,
    /// Its objects.
    pub objects: ObjectFormat,
}

/// How refs are kept: `extensions.refStorage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefFormat {
    /// A file each, or a line of `packed-refs`.
    #[default]
    Files,
    /// In tables, which all have one lock.
    Reftable,
}

impl RefFormat {
    /// Its name in git.
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Reftable => "reftable",
        }
    }
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

/// Reads where a repository is and what its refs name. Writes nothing, fetches nothing, and starts no program that the repository
/// supplies.
///
/// # Errors
/// All methods fail where the repository cannot be read.
pub trait RepositoryRead {
    /// Where it is.
    fn repository(&self) -> &Repository;

    /// What HEAD names.
    fn head(&self) -> Result<Head, PortError>;

    /// The commit that a full ref names; `None` where there is no such ref.
    fn commit_of_ref(&self, name: &RefName) -> Result<Option<ObjectId>, PortError>;

    /// The commit that a person means by `revision`; `None` where nothing is meant.
    fn commit_of(&self, revision: &str) -> Result<Option<ObjectId>, PortError>;

    /// The target of a symbolic ref, for example of `refs/remotes/origin/HEAD`.
    fn symbolic_ref(&self, name: &RefName) -> Result<Option<RefName>, PortError>;

    /// All refs below `prefix` (`refs/tags/`) by their full names with the commits they name, sorted; what names no commit
    /// is left out.
    fn refs_under(&self, prefix: &str) -> Result<Vec<(RefName, ObjectId)>, PortError>;

    /// Whether a local ref was at a commit, by git's log of it; `None` where no log is kept.
    fn was_at(&self, name: &RefName, commit: &ObjectId) -> Result<Option<bool>, PortError>;
}
