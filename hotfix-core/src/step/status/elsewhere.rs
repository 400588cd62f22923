//! Where the branch of an incident is that is neither here nor, as far as is known, on the remote.

use crate::domain::{Incident, one_line};
use crate::production;
use crate::workflow::{Context, Result};

/// A line that says whether the branch is gone from here, or on whose machine it is; `None` where it is here, or on the remote.
pub(super) fn line(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    if !super::is_at_work(incident) || super::branch_tip(context, incident)?.is_some() {
        return Ok(None);
    }
    if let Some(tip) = production::last_tip(context, incident)? {
        return Ok(Some(format!("the branch is gone, and its last commit is here: {}\n", tip.short())));
    }
    let Some(remote) = &incident.production.remote else { return Ok(None) };
    if let Some(proposed) = &incident.pull_request {
        let tip = proposed.head.short();
        return Ok(Some(format!("the branch is not here; it was pushed to {remote}, and proposed at {tip}\n")));
    }
    let with = match (&incident.driver, incident.timeline.first()) {
        (Some(driver), _) if driver.workplace == *context.workplace => return Ok(None),
        (Some(driver), _) => format!("on {}, where {} drives it", one_line(&driver.workplace.host), driver.name),
        // Deleted here, or on another machine of one's own.
        (None, Some(_)) if context.look.git.identity().is_ok_and(|here| here == incident.opened_by) => {
            return Ok(Some(
                "the branch is not here, and you opened it; git reflog tells where it was, if that was here\n"
                    .to_owned(),
            ));
        }
        (None, Some(opened)) => format!("with {}, who opened it", opened.by),
        (None, None) => return Ok(None),
    };
    Ok(Some(format!("not pushed yet, as of the last fetch of {remote}: the branch is {with}\n")))
}
