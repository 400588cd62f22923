//! What must not be kept: a secret that got into an event is taken out again, wherever the ledger is shared.
//!
//! In the event's place, under its id, stands what says so: the same event without its texts, with who wanted that, when and
//! why. Whoever still has the old bytes takes it over.

use crate::domain::{EventId, IncidentId};

use super::append::tried;
use super::codec::Forgotten;
use super::{Ledger, LedgerError, codec};

impl Ledger<'_> {
    /// Takes the texts of an event out of the ledger. Where they were taken out already nothing is done.
    ///
    /// # Errors
    /// When there is no such event, it is damaged or of a newer version, or the store fails. Nothing is changed then.
    pub fn forget(&self, incident: &IncidentId, event: &EventId, forgotten: &Forgotten) -> Result<(), LedgerError> {
        tried(|| {
            let tip = self.tip(incident.year())?;
            let unknown = || LedgerError::Unknown { id: incident.clone() };
            let tip = tip.ok_or_else(unknown)?;
            let stored = self.stored(&tip, incident)?.ok_or_else(unknown)?;
            let (_, bytes) = stored.iter().find(|(id, _)| id == event).ok_or_else(unknown)?;
            if codec::forgotten(incident, event, bytes).is_some() {
                return Ok(Ok(()));
            }
            let event = codec::decode(incident, event, bytes)?;
            let bytes = codec::forget(&event, forgotten)?;
            let message = format!("{incident}: forgotten");
            Ok(self.store.replace(incident, &tip, (&event.id, &bytes), &message, forgotten.at).map(drop))
        })?;
        // What is kept between runs shows titles and impacts.
        self.list().and(self.incidents()).map(drop)
    }
}
