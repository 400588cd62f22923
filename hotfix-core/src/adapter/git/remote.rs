//! What is asked of remotes, by the git program: it has the person's credentials.

use crate::domain::RefName;
use crate::port::{PortError, Push, PushError, RemoteRefs, RemoteWrite};

use super::child::GitRun;
use super::{GitRepository, answers, push};

impl RemoteWrite for GitRepository {
    fn inspect_remote(&self, remote: &str, patterns: &[RefName]) -> Result<RemoteRefs, PortError> {
        let run = GitRun::new(
            format!("ask {remote} for its branches"),
            // `--symref` tells the default branch, and which names are one branch.
            ["ls-remote", "--symref", "--end-of-options", remote],
        )
        .arguments(["HEAD"])
        .arguments(patterns.iter().map(RefName::as_str))
        .reading()
        .talking();
        let answer = self.output(&run)?;
        // git has started the ssh command that the repository may name: from here on `ssh -G` may be asked of it.
        self.memory.met_remote.set(true);
        Ok(answers::remote_refs(&answer, patterns))
    }

    fn fetch(&self, remote: &str, branches: &[String], tags: &[String]) -> Result<(), PortError> {
        let names: Vec<&str> = branches.iter().chain(tags).map(String::as_str).collect();
        let run =
            // Tags that come along unasked, and `fetch.prune`, change refs that nobody meant.
            GitRun::new(format!("fetch {} from {remote}", names.join(", ")), ["fetch", "--no-tags", "--no-prune"])
                // `FETCH_HEAD` is the person's: what they fetched last may be about to be merged.
                .arguments(["--no-write-fetch-head", "--no-recurse-submodules", "--quiet", "--end-of-options", remote])
                // With `+` a tracking ref follows a branch that was rewritten; a tag without it is never moved.
                .arguments(branches.iter().map(|name| format!("+refs/heads/{name}:refs/remotes/{remote}/{name}")))
                .arguments(tags.iter().map(|name| format!("refs/tags/{name}:refs/tags/{name}")))
                .elsewhere()
                .talking();
        self.output(&run).map(drop)
    }

    fn push(&self, push: &Push) -> Result<(), PushError> {
        push::push(self, push)
    }

    fn rehearse_push(&self, push: &Push) -> Result<(), PushError> {
        push::rehearse(self, push)
    }
}
