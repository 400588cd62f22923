//! The postmortem of an incident that was taken up again, as it was delivered when it had ended.

use crate::domain::{Incident, ObjectId, RecordedEvent};
use crate::port::CommitFilter;
use crate::workflow::{Context, Result};
use crate::{document, production};

/// Of so many commits it is asked whether the branch was there when the incident ended.
const MOST: usize = 50;

/// Whether this is what was delivered before the incident was taken up again, with nobody's words in it.
pub(in crate::step) fn is_delivered_draft(context: &Context<'_>, incident: &Incident, bytes: &[u8]) -> Result<bool> {
    let Ok(text) = str::from_utf8(bytes) else { return Ok(false) };
    let Some(reopened) = incident.events.iter().rposition(is_reopening) else { return Ok(false) };
    let before = incident.events.get(..reopened).unwrap_or_default();
    for tip in tips(context, incident, before)? {
        let draft = delivered(context, incident, before, tip.as_ref())?;
        // Nobody recorded at which second it was written.
        if draft.is_some_and(|draft| document::is_same_but_for_when(&draft, text)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_reopening(event: &RecordedEvent) -> bool {
    event.kind == "reopened"
}

/// Where the branch may have been when the incident ended. Nobody recorded it of a fix that had not landed, and the branch may
/// have moved on since.
fn tips(context: &Context<'_>, incident: &Incident, before: &[RecordedEvent]) -> Result<Vec<Option<ObjectId>>> {
    let here = production::local_branch_tip(context.look, incident)?;
    let last = here.clone().or_else(|| incident.merged.as_ref().map(|landing| landing.head.clone()));
    let Some(last) = last.filter(|_| before.iter().all(|event| event.kind != "merged")) else {
        return Ok(vec![here]);
    };
    let base = &incident.base.commit;
    let commits = context.look.git.commits(Some(base), &last, CommitFilter::All, MOST)?;
    let since = commits.into_iter().map(|commit| commit.id).filter(|id| id != base);
    Ok(since.chain([base.clone()]).map(Some).chain([None]).collect())
}

/// What was delivered before, where nobody had written into it; `None` where nothing was.
fn delivered(
    context: &Context<'_>,
    incident: &Incident,
    before: &[RecordedEvent],
    tip: Option<&ObjectId>,
) -> Result<Option<String>> {
    let begun = before.iter().rposition(is_reopening).map_or(0, |earlier| earlier + 1);
    let events = context.incidents.load(&incident.id)?.events;
    let (mut text, mut is_out): (Option<String>, bool) = (None, false);
    for (at, event) in before.iter().enumerate().skip(begun) {
        let begins = event.kind == "records-started";
        is_out |= event.kind == "records-delivered";
        // One that was left in the work tree began with nothing.
        if !(begins || is_out && text.is_none()) {
            continue;
        }
        // The text is made before its delivery begins.
        let then = events.get(..at).and_then(|events| Incident::replay(&incident.id, events).ok());
        let Some(then) = then.map(|then| super::as_closed(&then)) else { return Ok(None) };
        let evidence = super::evidence_at(context, &then, tip)?;
        text = Some(match text.filter(|_| is_out) {
            // What was told after it was delivered went into the same text.
            Some(known) => super::complete_with(context, &then, &known, &evidence)?.text,
            None => super::draft_with(context, &then, &evidence)?,
        });
    }
    Ok(text)
}
