//! What the events of an incident tell a person.

use jiff::Timestamp;

use super::{Event, EventId, EventKind, one_line};

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// The event that it tells.
    pub event: EventId,
    /// When it happened (UTC).
    pub at: Timestamp,
    /// The kind of event, as in the ledger.
    pub kind: &'static str,
    /// Who recorded it.
    pub by: String,
    /// What happened, safe to print, one line.
    pub text: String,
}

/// What the events tell a person, in the order in which it happened.
pub(super) fn timeline(events: &[Event]) -> Vec<TimelineEntry> {
    let told = events.iter().filter_map(|event| {
        let (at, by) = (happened_at(event), one_line(&event.fact.by.name));
        let event_id = event.id.clone();
        Some(TimelineEntry { event: event_id, at, kind: event.fact.kind.name(), by, text: event.fact.kind.sentence()? })
    });
    let mut timeline: Vec<TimelineEntry> = told.collect();
    // Stable: what happened at one second stays in the order of the events.
    timeline.sort_by_key(|entry| entry.at);
    timeline
}

fn happened_at(event: &Event) -> Timestamp {
    match &event.fact.kind {
        EventKind::Noted { happened_at: Some(at), .. } | EventKind::Marked { reached_at: at, .. } => *at,
        _ => event.fact.at,
    }
}
