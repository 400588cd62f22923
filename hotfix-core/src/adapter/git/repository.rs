//! Where a repository is. What its refs name is [`super::ref_store`]'s to tell.

use crate::domain::{ObjectId, RefName};
use crate::port::{Head, PortError, Repository, RepositoryRead};

use super::{GitRepository, reflog};

impl RepositoryRead for GitRepository {
    fn repository(&self) -> &Repository {
        &self.layout
    }

    fn head(&self) -> Result<Head, PortError> {
        self.refs.head(self)
    }

    fn commit_of_ref(&self, name: &RefName) -> Result<Option<ObjectId>, PortError> {
        self.refs.commit_of_ref(self, name)
    }

    fn commit_of(&self, revision: &str) -> Result<Option<ObjectId>, PortError> {
        self.refs.commit_of(self, revision)
    }

    fn symbolic_ref(&self, name: &RefName) -> Result<Option<RefName>, PortError> {
        self.refs.symbolic_ref(self, name)
    }

    fn refs_under(&self, prefix: &str) -> Result<Vec<(RefName, ObjectId)>, PortError> {
        self.refs.commits_under(self, prefix)
    }

    fn was_at(&self, name: &RefName, commit: &ObjectId) -> Result<Option<bool>, PortError> {
        reflog::was_at(self, name, commit)
    }
}
