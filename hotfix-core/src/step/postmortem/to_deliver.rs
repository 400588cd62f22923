//! Which text of the postmortem is delivered: somebody's words where there are any, or a draft of all that is known at the end.

use super::{as_closed, belongs_to, completed, draft, is_delivered_draft, masked};
use crate::domain::{Incident, ObjectId};
use crate::production;
use crate::production::unfetched;
use crate::release::delivery;
use crate::workflow::{Context, Result};

/// The postmortem as it was edited here, or on production, or drafted now; without secrets, and what to tell of these.
pub(in crate::step) fn text_to_deliver(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    path: &str,
) -> Result<(Vec<u8>, Option<String>)> {
    let is_ours = |bytes: &Vec<u8>| belongs_to(incident, bytes);
    let is_edited = |bytes: &Vec<u8>| is_ours(bytes) && !delivery::is_unedited(incident, bytes);
    let is_delivered = is_pushed(context, incident)?;
    let there = context.look.git.file_at(tip, path)?;
    let here = context.look.files.read(path)?.filter(is_edited);
    let here = if there.is_some() && is_followed(context, tip, path)? { None } else { here };
    let there = there.filter(|bytes| if is_delivered { is_ours(bytes) } else { is_edited(bytes) });
    for edited in here.into_iter().chain(there) {
        // Taken up again, what was delivered is on production, and in the work tree too: that is nobody's edit.
        if !is_delivered_draft(context, incident, &edited)? {
            let text = completed(context, &as_closed(incident), edited)?;
            return Ok(masked(context, path, text));
        }
    }
    Ok((draft(context, &as_closed(incident))?.into_bytes(), None))
}

/// Whether the file lies here as it was committed, and production goes on from that commit: the file there is what it became.
fn is_followed(context: &Context<'_>, tip: &ObjectId, path: &str) -> Result<bool> {
    let head = context.look.git.head()?;
    let Some(commit) = head.commit() else { return Ok(false) };
    if !delivery::is_as_committed(context, path)? {
        return Ok(false);
    }
    let is_followed = context.look.git.is_ancestor(commit, tip).map(Some).map_err(Into::into);
    Ok(unfetched::as_far_as_known(is_followed)?.unwrap_or_default())
}

/// Whether production has what a run before this one delivered without being able to say so: another text would be a second one.
fn is_pushed(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    match &incident.records_in_doubt {
        Some(commit) => Ok(production::contains(context.look, &incident.production, commit)?),
        None => Ok(false),
    }
}
