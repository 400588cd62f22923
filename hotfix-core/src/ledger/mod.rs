//! The record of every incident: append-only, replayed on reading, never rewritten.
//!
//! A [`Ledger`] turns facts into stored events and stored events into incidents. Where the bytes live is the store's
//! business ([`crate::port::LedgerStore`]): a git repository, or [`MemoryStore`].
//!
//! ```
//! use hotfix_core::domain::event::{Base, EventKind, Fact, Opened, Person, Production};
//! use hotfix_core::domain::{IncidentId, Severity};
//! use hotfix_core::ledger::{Basis, Ledger, MemoryStore};
//!
//! let store = MemoryStore::new();
//! let ledger = Ledger::new(&store);
//! let id = IncidentId::from_random(2026, [7; 5]);
//! let base = Base { reference: "main".into(), commit: "ca82a6dff817ec66f44342007202690a93763949".parse()? };
//! let production = Production { branch: "main".parse()?, remote: None };
//! let title = "Login fails".parse()?;
//! let opened = Fact {
//!     at: "2026-03-01T02:00:00Z".parse()?,
//!     by: Person { name: "Ada".into(), email: "ada@example.com".into() },
//!     kind: EventKind::Opened(Box::new(Opened::new(title, "login-fails".parse()?, Severity::Critical, base, production))),
//! };
//! ledger.append(&id, Basis::New, &[opened])?;
//! assert_eq!(ledger.load(&id)?.incident.title.to_string(), "Login fails");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod append;
mod audit;
mod cache;
mod canonical;
pub mod codec;
mod dump;
mod forget;
mod incidents;
mod list;
mod loss;
mod memory;
pub mod order;
mod summary;
mod sync;
mod union;
mod unopened;

use crate::domain::{Event, Incident, IncidentId, NeverOpened};
use crate::port::{LedgerStore, PortError, StoredEvent};

pub use append::Basis;
pub use audit::LedgerAudit;
pub use codec::{Damage, Damaged, Forgotten, Unwritable};
pub use dump::{BadLine, ExportError, ImportError, Imported};
pub use incidents::Incidents;
pub use list::{DamagedIncident, Listing};
pub use loss::Loss;
pub use memory::MemoryStore;
pub use summary::{PullRequestSummary, Summary};
pub use sync::{RemoteLoss, SyncError, Synced};
pub use unopened::Unopened;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// There is no such incident.
    #[error("failed to find incident {id}")]
    Unknown {
        /// The incident.
        id: IncidentId,
    },
    /// Somebody else recorded something about the incident since it was looked at: look again.
    #[error("failed to record in {id}: somebody else recorded something meanwhile")]
    Moved {
        /// The incident.
        id: IncidentId,
    },
    /// Others kept writing to the ledger while we tried to: try again.
    #[error("failed to record in the ledger: others kept writing to it")]
    Contended,
    /// Its opening is lost or damaged.
    #[error(transparent)]
    NeverOpened(#[from] NeverOpened),
    /// An event cannot be read.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// An event has no written form.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// The facts are recorded, but the disk did not confirm that it keeps them. To record them again would double them.
    #[error("recorded, but it may not survive a power cut: {why}")]
    Unsynced {
        /// The facts as events.
        events: Vec<Event>,
        /// What the disk said.
        why: PortError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] PortError),
}

impl LedgerError {
    /// Whether what is recorded is damaged; otherwise it is not there, or out of reach.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::NeverOpened(_))
    }
}

/// An incident and the events that tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// What the events add up to.
    pub incident: Incident,
    /// The events, in the order of replay.
    pub events: Vec<Event>,
    /// Events left out.
    pub damaged: Vec<Damaged>,
}

/// Reads and writes incidents.
#[derive(Clone, Copy)]
pub struct Ledger<'a> {
    store: &'a dyn LedgerStore,
}

impl<'a> Ledger<'a> {
    /// The ledger whose bytes are in `store`.
    pub fn new(store: &'a dyn LedgerStore) -> Self {
        Self { store }
    }

    /// Reads one incident.
    ///
    /// # Errors
    /// When there is no such incident, its opening is lost, or the store cannot be read.
    pub fn load(&self, id: &IncidentId) -> Result<Loaded, LedgerError> {
        self.load_at(id, &self.revision(id)?)
    }

    /// The revision of an incident now: equal ones hold equal events.
    ///
    /// # Errors
    /// When there is no such incident, or the store cannot be read.
    pub fn revision(&self, id: &IncidentId) -> Result<String, LedgerError> {
        let revision = self.tip(id.year())?.map(|tip| self.store.revision(&tip, id)).transpose()?.flatten();
        revision.ok_or_else(|| LedgerError::Unknown { id: id.clone() })
    }

    /// Reads one incident at a revision.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn load_at(&self, id: &IncidentId, revision: &str) -> Result<Loaded, LedgerError> {
        let (events, damaged) = read(id, &self.store.events(id, revision)?);
        Ok(Loaded { incident: Incident::replay(id, &events)?, events, damaged })
    }

    /// The events of an incident under a tip; `None` where it has none.
    fn stored(&self, tip: &str, id: &IncidentId) -> Result<Option<Vec<StoredEvent>>, PortError> {
        let revision = self.store.revision(tip, id)?;
        revision.map(|revision| self.store.events(id, &revision)).transpose()
    }

    /// The newest revision of a year; `None` where nothing is recorded in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tip(&self, year: i16) -> Result<Option<String>, PortError> {
        self.store.tip(year)
    }
}

/// The events in the order of replay, and those that cannot be used.
fn read(incident: &IncidentId, stored: &[StoredEvent]) -> (Vec<Event>, Vec<Damaged>) {
    let mut events = Vec::new();
    let mut damaged = Vec::new();
    for (id, bytes) in stored {
        match codec::decode(incident, id, bytes) {
            Ok(event) => events.push(event),
            Err(damage) => damaged.push(damage),
        }
    }
    damaged.sort_by(|left, right| left.id.cmp(&right.id));
    // A lost file is known by whoever names it as a parent.
    damaged.extend(order::missing_parents(&events, &damaged));
    (order::sort(events), damaged)
}

#[cfg(test)]
mod apart_tests;
#[cfg(test)]
mod tests;
