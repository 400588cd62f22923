//! Does the remote answer?

use crate::production::detect;

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let remotes = setup.context.look.git.remotes()?;
    if remotes.is_empty() {
        return Ok(CheckVerdict::ok("none: hotfixes are merged here"));
    }
    if !setup.may_use_network() {
        return Ok(CheckVerdict::warning("not asked (--offline)", "run it again with a network"));
    }
    let asked = setup.remote_refs()?;
    let name = setup.production().ok().and_then(|production| production.remote).unwrap_or_default();
    Ok(match asked {
        // gh clones a fork as `origin` and names the original `upstream`.
        Some(Ok(_)) if detect::may_be_fork(setup.context, &name)? => CheckVerdict::warning(
            format!("{name} answers; that production is there, and not on {}, is a guess", detect::UPSTREAM),
            format!("git config hotfix.production.remote {}   # or {name}", detect::UPSTREAM),
        ),
        Some(Ok(_)) => CheckVerdict::ok(format!("{name} answers").trim_start().to_owned()),
        Some(Err(trouble)) => {
            let fix = trouble.hint.unwrap_or_else(|| "look at `git remote -v`, the network and your access".to_owned());
            CheckVerdict::failure(trouble.message, fix)
        }
        None => CheckVerdict::ok("production is on none: hotfixes are merged here"),
    })
}
