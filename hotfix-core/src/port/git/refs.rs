//! Commits, tags and local refs, as they are written.

use crate::domain::ObjectId;
use crate::port::PortError;

use super::{Author, RefUpdate};

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

/// Writes commits and tags by the user's settings, and moves local refs.
pub trait RefsWrite {
    /// Writes a commit by the user's settings, signed where these say so.
    ///
    /// # Errors
    /// When it cannot be written or signed.
    fn commit(&self, commit: &NewCommit) -> Result<ObjectId, PortError>;

    /// Writes an annotated tag by the user's settings, signed where these say so, as an object that no ref names yet.
    ///
    /// # Errors
    /// When it cannot be written or signed.
    fn annotated_tag(&self, name: &str, commit: &ObjectId, message: &str) -> Result<ObjectId, PortError>;

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

    /// Moves, makes or deletes local refs in one transaction, each from what is expected. None of them is checked out.
    ///
    /// # Errors
    /// When one of them is not what was expected; then none has moved.
    fn update_refs(&self, updates: &[RefUpdate], why: &str) -> Result<(), PortError>;
}
