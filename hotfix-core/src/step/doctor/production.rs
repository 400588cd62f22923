//! Which branch is production, and is it here?

use crate::production::detect::Learnt;
use crate::production::{self, detect};

use super::{CheckVerdict, Halt, Setup};

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let asked = setup.remote_refs()?;
    let found = setup.production()?;
    let name = found.display_name();
    let there = match (&found.remote, &asked) {
        (Some(remote), Some(Ok(refs))) => match refs.branch(&found.branch) {
            Some(tip) => Some(tip),
            None => {
                let what = format!("{remote} has no branch {}", found.branch);
                return Ok(CheckVerdict::failure(what, "git config hotfix.production.branch NAME"));
            }
        },
        _ => None,
    };
    let context = setup.context;
    if let Some(remote) = found.remote.as_deref().filter(|_| context.config.production.branch.is_none())
        // git writes `refs/remotes/<remote>/HEAD` at the clone and never again by itself.
        && let Some(stale) = detect::stale_head(context.look, remote, Learnt::of(context))?
    {
        return Ok(
            CheckVerdict::warning(format!("{name}: {stale}"), format!("git remote set-head {remote} --auto")).safely()
        );
    }
    let tip = setup.context.look.git.commit_of_ref(&production::tip_ref(&found))?;
    Ok(match (tip, there) {
        // No warning: whoever works together is always a little behind.
        (Some(tip), Some(there)) if tip != *there => {
            CheckVerdict::ok(format!("{name} at {}; open fetches what is newer", tip.short()))
        }
        (Some(tip), _) => CheckVerdict::ok(format!("{name} at {}", tip.short())),
        (None, Some(_)) => CheckVerdict::warning(format!("{name} was never fetched"), "git fetch").safely(),
        (None, None) => CheckVerdict::failure(format!("{name} is not here"), "git fetch").safely(),
    })
}
