//! What a partial clone left of the ledger with its remote, fetched at once and whole: events are needed as they are, and git by itself
//! would fetch each alone.

use crate::port::{ErrorKind, PortError};

use super::GitRepository;
use super::child::GitRun;
use super::convert::lossy;
use super::trouble;

/// So many ids go into one command.
const AT_ONCE: usize = 1000;
/// What was fetched whole lacks nothing; a server that leaves something out is asked once more.
const ROUNDS: usize = 2;

/// Runs `read`; where it fails for want of what is still with a remote, fetches all that these commits and trees lead to and runs it
/// once more.
pub(super) fn with_promised<T>(
    git: &GitRepository,
    roots: &[&str],
    read: impl Fn() -> Result<T, PortError>,
) -> Result<T, PortError> {
    match read() {
        Err(error) if git.is_promised(&error) => {
            fetch(git, roots)?;
            read()
        }
        answer => answer,
    }
}

/// Fetches what these commits and trees lead to and is not here; of the history of a commit nothing.
pub(super) fn fetch(git: &GitRepository, roots: &[&str]) -> Result<(), PortError> {
    if !git.is_partial_clone() || roots.is_empty() {
        return Ok(());
    }
    for _ in 0..ROUNDS {
        let missing = missing(git, roots)?;
        if missing.is_empty() {
            return Ok(());
        }
        let doing = "fetch what is not here of the ledger";
        let Some(remote) = promisor(git) else { return Ok(()) };
        if !git.program.may_ask_remotes {
            let way = format!("git hotfix sync {remote}   # fetches it, once the network may be used");
            return Err(PortError::new(ErrorKind::Retry, doing, "no remote may be asked now").hint(way));
        }
        for ids in missing.chunks(AT_ONCE) {
            // As git fetches what it finds missing: what is here says nothing about what these lack.
            let options = ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--no-filter", "--no-tags", "--no-prune"];
            let run = GitRun::new(doing, options)
                .arguments(["--no-write-fetch-head", "--no-recurse-submodules", "--refmap=", "--quiet"])
                .arguments(["--end-of-options", &remote])
                .arguments(ids)
                .talking()
                .elsewhere();
            git.output(&run).map_err(|error| later(error, &remote))?;
        }
    }
    Ok(())
}

/// A remote that does not answer now may do so later.
fn later(error: PortError, remote: &str) -> PortError {
    let hint = format!("git hotfix sync {remote}   # fetches it, once {remote} can be reached");
    PortError { kind: ErrorKind::Retry, ..error }.hint(trouble::UNREACHABLE).hint(hint)
}

fn missing(git: &GitRepository, roots: &[&str]) -> Result<Vec<String>, PortError> {
    let options = ["rev-list", "--objects", "--no-walk", "--missing=print", "--end-of-options"];
    let run = GitRun::new("look for what is not here of the ledger", options).arguments(roots).reading();
    let answer = git.output(&run)?;
    Ok(lossy(&answer).lines().filter_map(|line| line.strip_prefix('?')).map(str::to_owned).collect())
}

/// The remote that promised to have what is not here.
fn promisor(git: &GitRepository) -> Option<String> {
    let config = git.reads.config_snapshot();
    let mut remotes = config.sections_by_name("remote").into_iter().flatten();
    let remote = remotes.find(|remote| remote.value("promisor").is_some_and(|value| lossy(&value) != "false"))?;
    remote.header().subsection_name().map(|name| lossy(name))
}
