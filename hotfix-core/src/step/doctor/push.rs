//! Would the remote take our branches? Rehearsed, so what a rule of the server says to a real push is not known.

use crate::domain::RefName;
use crate::port::{Expected, Push, RefUpdate};
use crate::production::{self, fork};

use super::{CheckVerdict, Examination, Halt, Setup};

/// No branch has this slug, and none gets it.
pub(super) const SLUG: &str = "doctor-rehearsal";

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let asked = setup.remote_refs()?;
    let found = setup.known_production()?;
    let Some(remote) = &found.remote else { return Ok(CheckVerdict::ok("not needed: there is no remote")) };
    if !setup.may_use_network() {
        return Ok(CheckVerdict::warning("not asked (--offline)", "run it again with a network"));
    }
    if !matches!(asked, Some(Ok(_))) {
        return Ok(CheckVerdict::unknown(format!("{remote} does not answer")));
    }
    let Some(tip) = setup.context.look.git.commit_of_ref(&production::tip_ref(&found))? else {
        return Ok(CheckVerdict::unknown("production is not here"));
    };
    let branch = format!("{}{SLUG}", setup.context.config.branch.prefix);
    let production = remote;
    let from = fork::check(setup.context, &found, &branch)?;
    let Some(remote) = fork::remote_of(setup.context, &found, &branch)? else {
        return Ok(CheckVerdict::unknown("no remote"));
    };
    let merges = from.map(|_| format!("; {production} merges from there")).unwrap_or_default();
    let name = RefName::of_branch(&branch);
    // By `--dry-run`: git connects and asks, and stops before it sends anything.
    let update = RefUpdate { name, to: Some(tip), expected: Expected::Absent };
    Ok(match setup.ask(Examination::Push(Push { remote: remote.clone(), updates: vec![update] }))? {
        Ok(_) => CheckVerdict::ok(format!("{remote} lets us push (rehearsed){merges}")),
        Err(trouble) => {
            let remotes = setup.context.look.git.remotes()?;
            let other = remotes.into_iter().find(|name| *name != remote && remote == *production);
            let by_fork = other.map(|name| format!(", or push to a fork: git config remote.pushDefault {name}"));
            let right = format!("get the right to push to {remote}{}", by_fork.unwrap_or_default());
            let fix = trouble.hint.unwrap_or(right);
            CheckVerdict::failure(trouble.message, fix)
        }
    })
}
