//! Where the branch of an incident is that was opened on another machine, and not pushed from there yet.

use crate::domain::{Incident, one_line};
use crate::workflow::{Context, Result};

/// A line that says on whose machine the branch is; `None` where it is here, or on the remote.
pub(super) fn line(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let Some(remote) = incident.production.remote.as_ref().filter(|_| super::is_at_work(incident)) else {
        return Ok(None);
    };
    if super::branch_tip(context, incident)?.is_some() {
        return Ok(None);
    }
    let with = match (&incident.driver, incident.timeline.first()) {
        (Some(driver), _) if driver.workplace == *context.workplace => return Ok(None),
        (Some(driver), _) => format!("on {}, where {} drives it", one_line(&driver.workplace.host), driver.name),
        (None, Some(opened)) => format!("with {}, who opened it", opened.by),
        (None, None) => return Ok(None),
    };
    Ok(Some(format!("not pushed yet, as of the last fetch of {remote}: the branch is {with}\n")))
}
