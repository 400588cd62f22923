//! The postmortem of an incident that was taken up again, as it was delivered when it had ended.

use crate::domain::{Incident, RecordedEvent};
use crate::workflow::{Context, Result};

/// What was delivered before the incident was taken up again, where nobody had written into it; `None` where it never ended.
pub(in crate::step) fn delivered_draft(context: &Context<'_>, incident: &Incident) -> Result<Option<Vec<u8>>> {
    let is = |kind: &'static str| move |event: &RecordedEvent| event.kind == kind;
    let Some(reopened) = incident.events.iter().rposition(is("reopened")) else { return Ok(None) };
    let before = incident.events.get(..reopened).unwrap_or_default();
    // The text is made before its delivery begins.
    let delivery = |event: &RecordedEvent| matches!(event.kind, "records-started" | "records-delivered");
    let Some(last) = before.iter().rposition(is("records-started")).or_else(|| before.iter().position(delivery)) else {
        return Ok(None);
    };
    let events = context.incidents.load(&incident.id)?.events;
    let Some(Ok(then)) = events.get(..last).map(|events| Incident::replay(&incident.id, events)) else {
        return Ok(None);
    };
    super::draft(context, &super::as_closed(&then)).map(|text| Some(text.into_bytes()))
}
