//! The postmortem of an incident that was taken up again, as it was delivered when it had ended.

use crate::document;
use crate::domain::{Incident, RecordedEvent};
use crate::workflow::{Context, Result};

/// Whether this is what was delivered before the incident was taken up again, with nobody's words in it.
pub(in crate::step) fn is_delivered_draft(context: &Context<'_>, incident: &Incident, bytes: &[u8]) -> Result<bool> {
    let Ok(text) = str::from_utf8(bytes) else { return Ok(false) };
    // Nobody recorded at which second it was written.
    Ok(delivered(context, incident)?.is_some_and(|draft| document::is_same_but_for_when(&draft, text)))
}

/// What was delivered, where nobody had written into it; `None` where the incident never ended.
fn delivered(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let is_reopening = |event: &RecordedEvent| event.kind == "reopened";
    let Some(reopened) = incident.events.iter().rposition(is_reopening) else { return Ok(None) };
    let before = incident.events.get(..reopened).unwrap_or_default();
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
        text = Some(match text.filter(|_| is_out) {
            // What was told after it was delivered went into the same text.
            Some(known) => super::complete(context, &then, &known)?.text,
            None => super::draft(context, &then)?,
        });
    }
    Ok(text)
}
