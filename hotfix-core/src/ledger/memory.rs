//! A ledger's store in memory, for tests and for programs that embed the core without git.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::domain::{EventId, IncidentId};
use crate::port::{LedgerStore, PortError, StoreError, StoredIncident};

/// Keeps events in memory; they are gone with it. Threads may share it.
#[derive(Debug, Default)]
pub struct MemoryStore {
    years: Mutex<BTreeMap<i16, MemoryYear>>,
    cache: Mutex<Option<Vec<u8>>>,
}

/// A year's events. Each knows the append that brought it, so that an older tip still shows what it showed.
#[derive(Debug, Default)]
struct MemoryYear {
    appends: u64,
    incidents: BTreeMap<IncidentId, Vec<(u64, EventId, Vec<u8>)>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl LedgerStore for MemoryStore {
    fn tips(&self) -> Result<Vec<(i16, String)>, PortError> {
        Ok(lock(&self.years).iter().map(|(year, ledger)| (*year, ledger.appends.to_string())).collect())
    }

    fn incidents(&self, year: i16, tip: &str) -> Result<Vec<(IncidentId, String)>, PortError> {
        let years = lock(&self.years);
        let incidents = years.get(&year).into_iter().flat_map(|ledger| &ledger.incidents);
        Ok(incidents.filter_map(|(id, events)| Some((id.clone(), revision(events, tip)?))).collect())
    }

    fn incident(&self, tip: &str, id: &IncidentId) -> Result<Option<StoredIncident>, PortError> {
        let years = lock(&self.years);
        let events = years.get(&id.year()).and_then(|ledger| ledger.incidents.get(id));
        Ok(events.and_then(|events| {
            let revision = revision(events, tip)?;
            let events = up_to(events, tip).map(|(_, id, bytes)| (id.clone(), bytes.clone())).collect();
            Some(StoredIncident { id: id.clone(), revision, events })
        }))
    }

    fn append(
        &self,
        id: &IncidentId,
        expected: Option<&str>,
        events: &[(EventId, Vec<u8>)],
        _message: &str,
        _at: Timestamp,
    ) -> Result<String, StoreError> {
        let mut years = lock(&self.years);
        let tip = years.get(&id.year()).map(|ledger| ledger.appends.to_string());
        // The same race as in a repository, so that tests meet it.
        if tip.as_deref() != expected {
            return Err(StoreError::Moved { year: id.year() });
        }
        let ledger = years.entry(id.year()).or_default();
        ledger.appends += 1;
        let appended = ledger.appends;
        let stored = ledger.incidents.entry(id.clone()).or_default();
        stored.extend(events.iter().map(|(id, bytes)| (appended, id.clone(), bytes.clone())));
        Ok(appended.to_string())
    }

    fn cached(&self) -> Option<Vec<u8>> {
        lock(&self.cache).clone()
    }

    fn keep_cache(&self, bytes: &[u8]) {
        *lock(&self.cache) = Some(bytes.to_vec());
    }
}

type StoredEvent = (u64, EventId, Vec<u8>);

fn up_to<'a>(events: &'a [StoredEvent], tip: &str) -> impl Iterator<Item = &'a StoredEvent> {
    let tip: u64 = tip.parse().unwrap_or_default();
    events.iter().filter(move |(appended, ..)| *appended <= tip)
}

fn revision(events: &[StoredEvent], tip: &str) -> Option<String> {
    up_to(events, tip).map(|(appended, ..)| *appended).max().map(|last| last.to_string())
}

/// What a panicking thread left is whole: every change is one assignment under the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
