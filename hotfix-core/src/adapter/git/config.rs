//! How the repository is set up: read with gix.

use std::collections::BTreeSet;

use crate::domain::Person;
use crate::port::{ConfigRead, ErrorKind, GitHooks, PortError};

use super::GitRepository;
use super::convert::{failed, lossy};
use super::environment::variable;
use super::{hooks, ssh};

impl ConfigRead for GitRepository {
    fn config(&self, key: &str) -> Result<Option<String>, PortError> {
        Ok(self.reads.config_snapshot().string(key).map(|value| lossy(&value)))
    }

    fn config_subsections(&self, section: &str) -> Vec<String> {
        let config = self.reads.config_snapshot();
        let sections = config.plumbing().sections_by_name(section).into_iter().flatten();
        sections.filter_map(|section| section.header().subsection_name().map(|name| lossy(name))).collect()
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
