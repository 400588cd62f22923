//! How refs are read and moved, by the format in which the repository keeps them: a file a ref is libgit2's and gix's to read
//! and write, reftable is git's alone.

#[expect(clippy::disallowed_methods, reason = "this is where refs in files are read and moved")]
mod files;
mod plumbing;
mod revision;

use std::path::Path;

use crate::domain::{ObjectId, RefName};
use crate::port::{ErrorKind, Head, Operation, PortError, RefFormat, RefUpdate};

use super::GitRepository;
use files::RefFiles;
use plumbing::RefPlumbing;

/// What the format of a repository's refs decides.
pub(super) trait RefStore {
    /// What HEAD names.
    fn head(&self, git: &GitRepository) -> Result<Head, PortError>;

    /// The branch that is checked out in the work tree of this git directory; `None` where none is, or that cannot be read.
    fn branch_of(&self, git: &GitRepository, git_dir: &Path) -> Option<String>;

    /// A pick or revert that git stopped in.
    fn pick_in_progress(&self, git: &GitRepository) -> Result<Option<Operation>, PortError>;

    /// The commit that a ref of this full name leads to; `None` where it is not there, or leads to no ref.
    fn commit_of_ref(&self, git: &GitRepository, name: &str) -> Result<Option<ObjectId>, PortError>;

    /// The commit that a revision names.
    fn commit_of(&self, git: &GitRepository, revision: &str) -> Result<Option<ObjectId>, PortError>;

    /// The ref that a symbolic one names.
    fn symbolic_ref(&self, git: &GitRepository, name: &str) -> Result<Option<RefName>, PortError>;

    /// The refs under a prefix that lead to a commit, with that, sorted.
    fn commits_under(&self, git: &GitRepository, prefix: &str) -> Result<Vec<(RefName, ObjectId)>, PortError>;

    /// The object that a ref itself names.
    fn object_of(&self, git: &GitRepository, name: &str, doing: &str) -> Result<Option<ObjectId>, PortError>;

    /// The refs under a prefix, each with the object that it itself names.
    fn objects_under(
        &self,
        git: &GitRepository,
        prefix: &str,
        doing: &str,
    ) -> Result<Vec<(String, ObjectId)>, PortError>;

    /// Moves, makes or deletes a ref if it is what is expected, decided under its lock.
    fn swap(&self, git: &GitRepository, update: &RefUpdate, why: &str) -> Result<(), Swap>;

    /// The same of several: all, or none.
    fn swap_all(&self, git: &GitRepository, updates: &[RefUpdate], why: &str) -> Result<(), Swap>;

    /// Moves a ref, wherever it is.
    fn put(&self, git: &GitRepository, name: &str, to: &ObjectId, why: &str) -> Result<(), PortError>;
}

/// Why a ref was not moved.
pub(super) enum Swap {
    /// The one of this name is not what was expected.
    Moved(RefName),
    /// It could not be written.
    Failed(PortError),
}

impl From<PortError> for Swap {
    fn from(error: PortError) -> Self {
        Self::Failed(error)
    }
}

impl From<Swap> for PortError {
    fn from(swap: Swap) -> Self {
        match swap {
            Swap::Moved(name) => {
                Self::new(ErrorKind::Retry, format!("move {name}"), "somebody else moved it meanwhile")
                    .hint("Run the same command again: it looks at the new state first.")
            }
            Swap::Failed(error) => error,
        }
    }
}

/// Who reads and moves refs of this format.
pub(super) fn of(format: RefFormat) -> Box<dyn RefStore> {
    match format {
        RefFormat::Files => Box::new(RefFiles),
        RefFormat::Reftable => Box::new(RefPlumbing::default()),
    }
}
