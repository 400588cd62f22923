//! What a postmortem that somebody edited tells of its own accord (the table on top, the fix, the gaps, the timeline) goes on to
//! the end where nobody touched it; everything else is a person's.

use crate::document;
use crate::domain::{EventKind, Incident, ObjectId};
use crate::port::CommitFilter;
use crate::workflow::{Context, Result};

/// Among so many commits of the fix those are looked for that the text names.
const MOST: usize = 50;

/// The text, with what is still as it was drafted as it is now.
pub(super) fn renewed(context: &Context<'_>, incident: &Incident, text: &str) -> Result<String> {
    let new = super::draft(context, incident)?;
    let events = context.incidents.load(&incident.id)?.events;
    let tip = named_tip(context, incident, text)?;
    let mut text = text.to_owned();
    for (at, event) in events.iter().enumerate() {
        // What was pushed, and then not recorded as delivered, tells of its end already.
        let is_pushed = matches!(event.fact.kind, EventKind::RecordsStarted { .. });
        if !is_pushed && !matches!(event.fact.kind, EventKind::PostmortemWritten { .. }) {
            continue;
        }
        // The text is made before it is recorded.
        let then = events.get(..at).and_then(|events| Incident::replay(&incident.id, events).ok());
        if let Some(then) = then.map(|then| if is_pushed { super::as_closed(&then) } else { then }) {
            let old = super::draft_with(context, &then, &super::evidence_at(context, &then, tip.as_ref())?)?;
            text = document::renewed(&text, &old, &new);
        }
    }
    Ok(text)
}

/// Where the branch was when the text was drafted: at the last of its commits that the text names, or where it began.
fn named_tip(context: &Context<'_>, incident: &Incident, text: &str) -> Result<Option<ObjectId>> {
    let git = context.look.git;
    let landed = incident.merged.as_ref().map(|landing| landing.head.clone());
    let last =
        landed.map_or_else(|| crate::production::local_branch_tip(context.look, incident), |head| Ok(Some(head)))?;
    let Some(last) = last else { return Ok(None) };
    // What a service merged may never have come here.
    if !git.has_commit(&last)? {
        return Ok(None);
    }
    let commits = git.commits(Some(&incident.base.commit), &last, CommitFilter::All, MOST)?;
    let is_named = |id: &ObjectId| text.contains(&format!("- `{}` ", id.short()));
    Ok(commits.into_iter().map(|commit| commit.id).find(is_named))
}
