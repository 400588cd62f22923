//! Where a ledger keeps its bytes: one ref a year, and under it a tree of immutable event files.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::{EventId, IncidentId};

use super::PortError;

/// A year and the tip of its ledger.
pub type StoreTip = (i16, String);

/// An event's id, which is its file's name, and its bytes.
pub type StoredEvent = (EventId, Vec<u8>);

/// Which of two files stays that are stored for one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// The first one.
    First,
    /// The second one.
    Second,
    /// The first one, and from what leads to the other nobody may get to that.
    FirstOnly,
    /// The second one, likewise.
    SecondOnly,
}

/// Decides between two files of an event; whoever asks the other way round gets the same file.
pub type Choose<'c> = dyn Fn(&IncidentId, &EventId, &[u8], &[u8]) -> Stays + 'c;

/// Why a store did not take what it was given.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else appended in between; read again and retry.
    #[error("failed to append to the ledger of {year}: its tip moved meanwhile")]
    Moved {
        /// The ledger's year.
        year: i16,
    },
    /// Everything was added, and others see it; but the disk did not confirm that it keeps it. To add it again would double it.
    #[error(transparent)]
    Unsynced(PortError),
    /// The store failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Keeps immutable event files under one compare-and-swap tip a year.
///
/// An incident's revision changes whenever one of its events is added, and equal ones hold equal events. In git it is the
/// object id of the incident's tree.
pub trait LedgerStore {
    /// The years that have a ledger, each with its tip, sorted.
    fn tips(&self) -> Result<Vec<StoreTip>, PortError>;

    /// The tip of one year's ledger, where there is one.
    fn tip(&self, year: i16) -> Result<Option<String>, PortError> {
        Ok(self.tips()?.into_iter().find(|(of, _)| *of == year).map(|(_, tip)| tip))
    }

    /// Tips that ledgers had here once, as far as the store itself remembers them.
    fn seen(&self) -> Result<Vec<StoreTip>, PortError> {
        Ok(Vec::new())
    }

    /// Whether all events that are under the tip `of` are under `tip` too.
    ///
    /// # Errors
    /// When one of them cannot be read, or is not there.
    fn holds(&self, _tip: &str, _of: &str) -> Result<bool, PortError> {
        Ok(true)
    }

    /// The incidents under a tip, each with its revision, in no order, without reading events.
    fn incidents(&self, year: i16, tip: &str) -> Result<Vec<(IncidentId, String)>, PortError>;

    /// The incidents that have another revision under `to` than under `from`, each with its new one; `None` where it is
    /// gone.
    fn changed(&self, year: i16, from: &str, to: &str) -> Result<Vec<(IncidentId, Option<String>)>, PortError> {
        let mut before: HashMap<IncidentId, String> = self.incidents(year, from)?.into_iter().collect();
        let mut changed = Vec::new();
        for (id, revision) in self.incidents(year, to)? {
            if before.remove(&id).is_none_or(|old| old != revision) {
                changed.push((id, Some(revision)));
            }
        }
        changed.extend(before.into_keys().map(|id| (id, None)));
        Ok(changed)
    }

    /// The revision of one incident under a tip; `None` where it has none.
    fn revision(&self, tip: &str, id: &IncidentId) -> Result<Option<String>, PortError>;

    /// The events of an incident at one of its revisions.
    fn events(&self, id: &IncidentId, revision: &str) -> Result<Vec<StoredEvent>, PortError>;

    /// Adds events of one incident in one commit and moves the year's tip to it, provided that the tip is still
    /// `expected`. Returns the new tip once everything is durable.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when the tip is another one; else when the store cannot be written. Nothing is then added, but for
    /// [`StoreError::Unsynced`].
    fn append(
        &self,
        id: &IncidentId,
        expected: Option<&str>,
        events: &[(EventId, Vec<u8>)],
        message: &str,
        at: Timestamp,
    ) -> Result<String, StoreError>;

    /// Puts other bytes in the place of an event, and leaves behind what led to the tip: from the new one nobody gets to the
    /// old bytes. Else as [`Self::append`].
    ///
    /// # Errors
    /// As for [`Self::append`].
    fn replace(
        &self,
        id: &IncidentId,
        expected: &str,
        event: (&EventId, &[u8]),
        message: &str,
        at: Timestamp,
    ) -> Result<String, StoreError>;

    /// Bytes that [`Self::keep_cache`] kept under this name; `None` where there are none.
    fn cached(&self, _name: &str) -> Option<Vec<u8>> {
        None
    }

    /// Keeps bytes that may be lost at any time. Failing to is no error.
    fn keep_cache(&self, _name: &str, _bytes: &[u8]) {}
}
