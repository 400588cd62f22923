//! Where the branch of a fix was last, once it is not here any more.

use crate::domain::{Incident, ObjectId, RefName};
use crate::port::PortError;
use crate::workflow::Context;

/// The ref that keeps the tip of a branch that was given up.
pub(crate) fn kept_ref(incident: &Incident) -> RefName {
    RefName::known(format!("refs/hotfix/aborted/{}", incident.id))
}

/// The ref that keeps the commits which production's branch had here, where they went along to the branch of the fix.
pub(crate) fn carried_ref(incident: &Incident) -> RefName {
    RefName::known(format!("refs/hotfix/carried/{}", incident.id))
}

/// The newest commit that the branch is known to have been at, among those that are here.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn last_tip(context: &Context<'_>, incident: &Incident) -> Result<Option<ObjectId>, PortError> {
    let git = context.look.git;
    let proposed = incident.pull_request.as_ref().map(|pull_request| &pull_request.head);
    let landing = incident.landing_in_doubt.as_ref().map(|landing| &landing.head);
    let mut last = git.commit_of_ref(&kept_ref(incident))?;
    for known in proposed.into_iter().chain(landing) {
        // What was recorded elsewhere need not be here.
        if !git.has_commit(known)? {
            continue;
        }
        match &last {
            Some(later) if git.is_ancestor(known, later)? => {}
            Some(_) | None => last = Some(known.clone()),
        }
    }
    Ok(last)
}
