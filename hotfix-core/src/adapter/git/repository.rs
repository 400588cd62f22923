//! Where a repository is, and how it is set up: read with gix. What its refs name is [`super::ref_store`]'s to tell.

use std::collections::BTreeSet;

use crate::domain::{ObjectId, Person, RefName};
use crate::port::{ErrorKind, GitHooks, Head, PortError, Repository, RepositoryRead};

use super::GitRepository;
use super::convert::{failed, lossy};
use super::environment::variable;
use super::{hooks, ssh};

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

    fn config(&self, key: &str) -> Result<Option<String>, PortError> {
        Ok(self.reads.config_snapshot().string(key).map(|value| lossy(&value)))
    }

    fn remotes(&self) -> Result<Vec<String>, PortError> {
        let names: BTreeSet<String> = self.reads.remote_names().iter().map(|name| lossy(name.as_ref())).collect();
        Ok(names.into_iter().collect())
    }

    fn remote_url(&self, remote: &str) -> Result<Option<String>, PortError> {
        let found = self.reads.try_find_remote(remote).transpose();
        let found = found.map_err(failed(format!("read the URL of {remote}")))?;
        let url = found.as_ref().and_then(|found| found.url(gix::remote::Direction::Fetch));
        Ok(url.map(|url| lossy(&url.to_bstring())))
    }

    fn ssh_host_name(&self, host: &str) -> Option<String> {
        ssh::host_name(self, host)
    }

    fn identity(&self) -> Result<Person, PortError> {
        let config = self.reads.config_snapshot();
        let set = |key: &str| config.string(key).map(|value| lossy(&value));
        let name = variable("GIT_COMMITTER_NAME").or_else(|| set("committer.name")).or_else(|| set("user.name"));
        let email = variable("GIT_COMMITTER_EMAIL").or_else(|| set("committer.email")).or_else(|| set("user.email"));
        let name = name.filter(|name| !name.trim().is_empty());
        match (name, email.or_else(|| variable("EMAIL"))) {
            (Some(name), Some(email)) => Ok(Person { name, email }),
            _ => {
                Err(PortError::new(ErrorKind::Precondition, "tell who you are", "git knows no name and e-mail address")
                    .hint("git config --global user.name \"Your Name\"")
                    .hint("git config --global user.email you@example.com"))
            }
        }
    }

    fn hooks(&self, names: &[&str]) -> Result<GitHooks, PortError> {
        hooks::find(self, names)
    }
}
