//! Whose the branch of a fix on the remote is: what another clone pushed there is neither moved nor deleted from here.

use crate::domain::{Incident, ObjectId, RefName};
use crate::port::PortError;
use crate::workflow::Context;

/// Whether the branch may be moved or deleted where it is `there` on the remote: nothing is lost then that one of `tips` does not
/// hold, or that the branch here did not hold itself once, as before an amend.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn is_ours(
    context: &Context<'_>,
    incident: &Incident,
    there: &ObjectId,
    tips: &[&ObjectId],
) -> Result<bool, PortError> {
    let git = context.look.git;
    for tip in tips {
        if git.is_ancestor(there, tip)? {
            return Ok(true);
        }
    }
    // The record does not say from which clone it was proposed.
    let is_proposed = incident.pull_request.as_ref().is_some_and(|known| known.head == *there);
    if !is_proposed || !git.has_commit(there)? {
        return Ok(false);
    }
    // Where git keeps no log of the branch nothing more can be known.
    Ok(git.was_at(&RefName::of_branch(&incident.branch()), there)?.unwrap_or(true))
}
