//! Can branches be called `hotfix/…`? One called `hotfix` is in their way.

use crate::domain::RefName;
use crate::workflow::Context;
use crate::worktree::room;

use super::{CheckVerdict, Halt, Setup};

/// What a remote is asked: which branches could be in the way.
pub(super) fn to_ask(context: &Context<'_>) -> Vec<RefName> {
    let mut names = room::to_ask(&any(context));
    names.pop(); // No slug is known yet, and so nothing below it.
    names
}

/// A branch like any, with a slug that none has.
fn any(context: &Context<'_>) -> String {
    format!("{}<slug>", context.config.branch.prefix)
}

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let asked = setup.remote_refs()?;
    let branch = any(setup.context);
    if let Some(taken) = room::taken_here(setup.context, &branch)? {
        // git keeps branches as files: `hotfix` and `hotfix/x` cannot both exist.
        return Ok(CheckVerdict::failure(taken.text(&branch), taken.fix()));
    }
    let remote = setup.likely_production().ok().and_then(|production| production.remote);
    // Open would make the incident and ship fail, if this were seen at the push only.
    if let (Some(Ok(refs)), Some(remote)) = (asked, remote)
        && let Some(taken) = room::taken_there(&remote, &branch, refs.refs.iter().map(|(name, _)| name))
    {
        let fix = format!("git config hotfix.branch.prefix fix/, or {}", taken.fix());
        return Ok(CheckVerdict::failure(taken.text(&branch), fix));
    }
    Ok(CheckVerdict::ok(format!("{branch} is free")))
}
