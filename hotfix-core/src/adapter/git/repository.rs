//! Where a repository is, how it is set up, and what its refs name: read with gix.

use std::collections::BTreeSet;

use crate::domain::{ObjectId, Person, RefName};
use crate::port::{ErrorKind, GitHooks, Head, PortError, Repository, RepositoryRead};

use super::GitRepository;
use super::convert::{failed, from_gix, lossy};
use super::environment::variable;
use super::{hooks, ssh};

impl RepositoryRead for GitRepository {
    fn repository(&self) -> &Repository {
        &self.layout
    }

    fn head(&self) -> Result<Head, PortError> {
        let head = self.reads.head().map_err(|error| self.unreadable("read HEAD", error))?;
        let name = head.referent_name().map(|name| lossy(name.shorten()));
        match (name, head.id()) {
            (Some(name), Some(id)) => Ok(Head::Branch { name, commit: from_gix(&id) }),
            (Some(name), None) => Ok(Head::Unborn { name }),
            (None, Some(id)) => Ok(Head::Detached { commit: from_gix(&id) }),
            (None, None) => Err(self.unreadable("read HEAD", "it names neither a branch nor a commit")),
        }
    }

    fn commit_of_ref(&self, name: &RefName) -> Result<Option<ObjectId>, PortError> {
        let doing = || format!("read {name}");
        let Some(mut found) = find_ref(self, name)? else { return Ok(None) };
        if let Some(Err(_)) = found.follow() {
            return Ok(None); // It names a branch without commits, or one that is gone.
        }
        let commit = found.peel_to_commit().map_err(|error| self.unreadable(doing(), error))?;
        Ok(Some(from_gix(&commit.id)))
    }

    fn commit_of(&self, revision: &str) -> Result<Option<ObjectId>, PortError> {
        let doing = || format!("find the commit `{revision}`");
        let found = match self.reads.rev_parse_single(revision) {
            Ok(found) => found,
            Err(error) if error.to_string().contains("ambiguous") => {
                return Err(PortError::new(ErrorKind::Precondition, doing(), error)
                    .hint("Give more of its digits, or the full name of the branch or tag."));
            }
            Err(_) => return Ok(None),
        };
        let object = found.object().map_err(|error| self.unreadable(doing(), error))?;
        Ok(object.peel_to_commit().ok().map(|commit| from_gix(&commit.id)))
    }

    fn symbolic_ref(&self, name: &RefName) -> Result<Option<RefName>, PortError> {
        let found = find_ref(self, name)?;
        Ok(found.and_then(|found| found.target().try_name().map(|name| RefName::known(lossy(name.as_bstr())))))
    }

    fn refs_under(&self, prefix: &str) -> Result<Vec<(RefName, ObjectId)>, PortError> {
        let read = || -> gix::Result<Vec<(RefName, ObjectId)>> {
            let mut found = Vec::new();
            let references = self.reads.references()?;
            // gix takes no prefix with a character that a path has not on Windows, which branches have elsewhere.
            let under = references.prefixed(prefix).or_else(|_| references.all())?;
            for reference in under {
                let mut reference = reference?;
                let name = RefName::known(lossy(reference.name().as_bstr()));
                if !name.starts_with(prefix) {
                    continue;
                }
                // A tag of a tree, or a ref whose object is gone, is no commit to go by.
                found.extend(reference.peel_to_commit().ok().map(|commit| (name, from_gix(&commit.id))));
            }
            found.sort();
            Ok(found)
        };
        read().map_err(|error| self.unreadable(format!("list {prefix}"), error))
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

fn find_ref<'r>(git: &'r GitRepository, full_name: &str) -> Result<Option<gix::Reference<'r>>, PortError> {
    if !full_name.starts_with("refs/") {
        return Ok(None); // gix would look for a branch or tag of that name.
    }
    // Some texts no ref can have for its name.
    let Ok(name) = <&gix::refs::FullNameRef>::try_from(full_name) else { return Ok(None) };
    let found = git.reads.try_find_reference(name.as_partial_name());
    found.map_err(|error| git.unreadable(format!("read {name}"), error))
}
