//! What is asked of a remote.

use crate::domain::{ObjectId, RefName};
use crate::port::PortError;

use super::{Push, PushError};

/// What a remote answered about its refs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteRefs {
    /// The branch that the remote's HEAD names, without `refs/heads/`.
    pub default_branch: Option<String>,
    /// Refs that are other names of refs (symbolic refs), with what they name; old protocols do not tell.
    pub aliases: Vec<(RefName, RefName)>,
    /// Full ref names and their objects.
    pub refs: Vec<(RefName, ObjectId)>,
}

impl RemoteRefs {
    /// The object of a full ref name.
    pub fn get(&self, name: &RefName) -> Option<&ObjectId> {
        self.refs.iter().find(|(known, _)| known == name).map(|(_, id)| id)
    }

    /// The name that a ref really has there.
    pub fn real_name<'a>(&'a self, name: &'a RefName) -> &'a RefName {
        self.aliases.iter().find(|(alias, _)| alias == name).map_or(name, |(_, target)| target)
    }

    /// The tip of a branch given without `refs/heads/`.
    pub fn branch(&self, name: &str) -> Option<&ObjectId> {
        self.get(&RefName::of_branch(name))
    }
}

/// Talks to remotes.
pub trait RemoteWrite {
    /// Asks a remote for its default branch and for the refs that match `patterns` (full names or globs).
    ///
    /// # Errors
    /// When it cannot be reached.
    fn inspect_remote(&self, remote: &str, patterns: &[RefName]) -> Result<RemoteRefs, PortError>;

    /// Fetches branches (without `refs/heads/`) into their remote-tracking refs, and tags by patterns such as `v*`.
    ///
    /// # Errors
    /// When the remote cannot be reached, a branch is not there, or a tag here is another one.
    fn fetch(&self, remote: &str, branches: &[String], tags: &[String]) -> Result<(), PortError>;

    /// Changes refs on a remote, and the remote-tracking refs with them: all or none as far as the server keeps to that.
    ///
    /// # Errors
    /// As [`PushError`] says.
    fn push(&self, push: &Push) -> Result<(), PushError>;

    /// Rehearses [`Self::push`] with the remote: nothing is sent and nothing changes. Rules that a server keeps by hooks
    /// are not met.
    ///
    /// # Errors
    /// As [`PushError`] says.
    fn rehearse_push(&self, push: &Push) -> Result<(), PushError>;
}
