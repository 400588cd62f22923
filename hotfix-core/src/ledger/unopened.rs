//! Incidents whose opening is lost: nothing says what they are, so nothing goes on with them until a person ends them.

use crate::domain::{Event, EventId, EventKind, Incident, IncidentId, heads_of};

use super::{Damaged, Ledger, LedgerError, read};

/// What is left of an incident whose opening is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unopened {
    /// The events that are lost.
    pub lost: Vec<EventId>,
    /// The newest events that can be read.
    pub heads: Vec<EventId>,
}

impl Ledger<'_> {
    /// What is left of an incident of which nothing says that it was opened; `None` where something does, or where a person gave up
    /// what is lost.
    ///
    /// # Errors
    /// When there is no such incident, or the store cannot be read.
    pub fn unopened(&self, id: &IncidentId) -> Result<Option<Unopened>, LedgerError> {
        let (events, damaged) = read(id, &self.store.events(id, &self.revision(id)?)?);
        let is_lost = Incident::outline(id, &events).is_err() && !are_given_up(&events, &damaged);
        let lost = damaged.into_iter().map(|damaged| damaged.id).collect();
        Ok(is_lost.then(|| Unopened { lost, heads: heads_of(&events) }))
    }
}

/// Whether a person gave up all that is lost.
pub(super) fn are_given_up(events: &[Event], lost: &[Damaged]) -> bool {
    let given_up: Vec<&EventId> = events
        .iter()
        .filter_map(|event| match &event.fact.kind {
            EventKind::DamageAccepted { events, .. } => Some(events),
            _ => None,
        })
        .flatten()
        .collect();
    !given_up.is_empty() && lost.iter().all(|lost| given_up.contains(&&lost.id))
}
