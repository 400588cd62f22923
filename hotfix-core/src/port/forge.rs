//! The service that holds pull requests.

use crate::domain::ObjectId;
use crate::domain::event::PullRequest;

use super::PortError;

/// A pull request to open, or to update where it is open already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its title.
    pub title: String,
    /// Its text, Markdown.
    pub body: String,
    /// The branch that it merges into, without `refs/heads/`.
    pub base: String,
    /// The branch it proposes, without `refs/heads/`.
    pub branch: String,
    /// The commit at that branch's tip.
    pub head: ObjectId,
    /// Whether it is not ready for review.
    pub draft: bool,
}

/// Holds pull requests.
pub trait Forge {
    /// Opens the pull request, or updates the one that is open for the branch.
    ///
    /// # Errors
    /// When the service cannot be reached or refuses.
    fn propose(&self, proposal: &Proposal) -> Result<PullRequest, PortError>;
}
