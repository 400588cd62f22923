//! Which host ssh takes a name for: `Host github-work` in a person's own configuration may stand for a hosting service.

use std::time::Duration;

use gix::config::Source;

use crate::adapter::system::SystemProcesses;
use crate::domain::event::Ending;
use crate::port::{Invocation, Processes as _};

use super::GitRepository;
use super::convert::lossy;
use super::environment::variable;

/// How long ssh may take to read its configuration.
const DEADLINE: Duration = Duration::from_secs(5);

/// What ssh takes `host` for; asked once. It connects to nobody.
pub(super) fn host_name(git: &GitRepository, host: &str) -> Option<String> {
    let mut known = git.memory.ssh_hosts.borrow_mut();
    let asked = (host.to_owned(), git.memory.met_remote.get());
    known.entry(asked).or_insert_with(|| ask_ssh(git, host)).clone()
}

fn ask_ssh(git: &GitRepository, host: &str) -> Option<String> {
    let top = git.layout.work_tree.clone().unwrap_or_else(|| git.layout.git_dir.clone());
    let mut command = ssh_command(git);
    command.extend(["-G".to_owned(), host.to_owned()]);
    let invocation = Invocation { apart: true, ..Invocation::new(command, DEADLINE) };
    let finished = SystemProcesses::new(top).run(&invocation).ok()?;
    let said = String::from_utf8(finished.stdout).ok().filter(|_| finished.ending == Ending::Passed)?;
    let name = said.lines().find_map(|line| line.strip_prefix("hostname "))?;
    Some(name.trim().to_ascii_lowercase())
}

/// The ssh that git would start, in git's order, to which the name's host is added; git itself asks an unknown one by
/// `-G` what it is. One that only the repository's own configuration names is left out until git has started it: looking
/// alone starts nothing of a repository.
fn ssh_command(git: &GitRepository) -> Vec<String> {
    let is_started = git.memory.met_remote.get();
    let is_persons = |source: Source| is_started || !matches!(source, Source::Local | Source::Worktree);
    let config = git.reads.config_snapshot();
    let configured = config.plumbing().string_filter("core.sshCommand", |section| is_persons(section.source));
    let given = variable("GIT_SSH_COMMAND").or_else(|| configured.map(|value| lossy(&value)));
    if let Some(line) = given.filter(|line| !line.trim().is_empty()) {
        // A shell reads it, as git lets one do.
        return vec!["sh".to_owned(), "-c".to_owned(), format!("{line} \"$@\""), line];
    }
    let program = variable("GIT_SSH").filter(|program| program.starts_with('/'));
    vec![program.unwrap_or_else(|| "ssh".to_owned())]
}

#[cfg(all(test, feature = "workflow"))]
impl GitRepository {
    /// Takes a name for a host as if ssh had said so; what the person's own ssh says is no matter of a test.
    pub(crate) fn take_ssh_host_for(&self, host: &str, name: &str) {
        self.memory.ssh_hosts.borrow_mut().insert((host.to_owned(), false), Some(name.to_owned()));
    }
}
