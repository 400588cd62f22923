//! What the events of an incident tell a person.

use jiff::Timestamp;

use super::way_back::Retractions;
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

/// What the timeline told until somebody took it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBack {
    /// What it told.
    pub entry: TimelineEntry,
    /// The event that took it back.
    pub retraction: EventId,
    /// When it was taken back (UTC).
    pub at: Timestamp,
    /// Who did.
    pub by: String,
}

/// What the events tell a person, in the order in which it happened, and what of it was taken back.
pub(super) fn timeline(events: &[Event], retractions: &Retractions<'_>) -> (Vec<TimelineEntry>, Vec<TakenBack>) {
    let (mut timeline, mut taken_back) = (Vec::new(), Vec::new());
    // What was taken back is told where it stood, and not as a line of its own.
    for event in events.iter().filter(|event| !matches!(event.fact.kind, EventKind::Retracted { .. })) {
        let Some(text) = event.fact.kind.sentence() else { continue };
        let (at, by) = (happened_at(event), one_line(&event.fact.by.name));
        let entry = TimelineEntry { event: event.id.clone(), at, kind: event.fact.kind.name(), by, text };
        match retractions.of(&event.id) {
            Some(retracted) => {
                let (at, by) = (retracted.fact.at, one_line(&retracted.fact.by.name));
                taken_back.push(TakenBack { entry, retraction: retracted.id.clone(), at, by });
            }
            None => timeline.push(entry),
        }
    }
    // Stable: what happened at one second stays in the order of the events.
    timeline.sort_by_key(|entry: &TimelineEntry| entry.at);
    taken_back.sort_by_key(|taken_back: &TakenBack| taken_back.entry.at);
    (timeline, taken_back)
}

fn happened_at(event: &Event) -> Timestamp {
    match &event.fact.kind {
        EventKind::Noted { happened_at: Some(at), .. } | EventKind::Marked { reached_at: at, .. } => *at,
        _ => event.fact.at,
    }
}
