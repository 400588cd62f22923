//! Where a ledger keeps its bytes: one ref a year, and under it a tree of immutable event files.

use jiff::Timestamp;

use crate::domain::{EventId, IncidentId};

use super::PortError;

/// The bytes of one incident's events, in no order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredIncident {
    /// The incident.
    pub id: IncidentId,
    /// Changes whenever one of its events is added; equal when nothing changed. The object id of its tree, in git.
    pub revision: String,
    /// Each event's id, which is its file's name, and bytes.
    pub events: Vec<(EventId, Vec<u8>)>,
}

/// Why a store did not take what it was given.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else appended in between; read again and retry.
    #[error("failed to append to the ledger of {year}: its tip moved meanwhile")]
    Moved {
        /// The ledger's year.
        year: i16,
    },
    /// The store failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Keeps immutable event files under one compare-and-swap tip a year.
pub trait LedgerStore {
    /// The years that have a ledger, each with its tip, sorted.
    fn tips(&self) -> Result<Vec<(i16, String)>, PortError>;

    /// The incidents under a tip, each with its revision, in no order, without reading events.
    fn incidents(&self, year: i16, tip: &str) -> Result<Vec<(IncidentId, String)>, PortError>;

    /// One incident's events under a tip; `None` where it has none.
    fn incident(&self, tip: &str, id: &IncidentId) -> Result<Option<StoredIncident>, PortError>;

    /// Adds events of one incident in one commit and moves the year's tip to it, provided that the tip is still
    /// `expected`. Returns the new tip once everything is durable.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when the tip is another one; else when the store cannot be written. Nothing is then added.
    fn append(
        &self,
        id: &IncidentId,
        expected: Option<&str>,
        events: &[(EventId, Vec<u8>)],
        message: &str,
        at: Timestamp,
    ) -> Result<String, StoreError>;

    /// Bytes that [`Self::keep_cache`] kept; `None` where there are none.
    fn cached(&self) -> Option<Vec<u8>> {
        None
    }

    /// Keeps bytes that may be lost at any time. Failing to is no error.
    fn keep_cache(&self, _bytes: &[u8]) {}
}
