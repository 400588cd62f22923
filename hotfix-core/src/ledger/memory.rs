//! A ledger's store in memory, for tests and for programs that embed the core without git.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::domain::{EventId, IncidentId};
use crate::port::{LedgerStore, PortError, StoreError, StoreTip, StoredEvent};

/// Keeps events in memory; they are gone with it. Threads may share it.
#[derive(Debug, Default)]
pub struct MemoryStore {
    years: Mutex<BTreeMap<i16, MemoryYear>>,
    caches: Mutex<BTreeMap<String, Vec<u8>>>,
}

/// A year's events. Each knows the append that brought it, so that an older tip still shows what it showed.
#[derive(Debug, Default)]
struct MemoryYear {
    appends: u64,
    incidents: BTreeMap<IncidentId, Vec<Appended>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl LedgerStore for MemoryStore {
    fn tips(&self) -> Result<Vec<StoreTip>, PortError> {
        Ok(lock(&self.years).iter().map(|(year, ledger)| (*year, ledger.appends.to_string())).collect())
    }

    fn incidents(&self, year: i16, tip: &str) -> Result<Vec<(IncidentId, String)>, PortError> {
        let years = lock(&self.years);
        let incidents = years.get(&year).into_iter().flat_map(|ledger| &ledger.incidents);
        Ok(incidents.filter_map(|(id, events)| Some((id.clone(), revision(events, tip)?))).collect())
    }

    fn revision(&self, tip: &str, id: &IncidentId) -> Result<Option<String>, PortError> {
        let years = lock(&self.years);
        Ok(years.get(&id.year()).and_then(|ledger| revision(ledger.incidents.get(id)?, tip)))
    }

    fn events(&self, id: &IncidentId, revision: &str) -> Result<Vec<StoredEvent>, PortError> {
        let years = lock(&self.years);
        let events = years.get(&id.year()).and_then(|ledger| ledger.incidents.get(id));
        let events = events.into_iter().flat_map(|events| up_to(events, revision));
        Ok(events.map(|(_, id, bytes)| (id.clone(), bytes.clone())).collect())
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

    fn replace(
        &self,
        id: &IncidentId,
        expected: &str,
        (event, bytes): (&EventId, &[u8]),
        _message: &str,
        _at: Timestamp,
    ) -> Result<String, StoreError> {
        let mut years = lock(&self.years);
        let ledger = years.entry(id.year()).or_default();
        if ledger.appends.to_string() != expected {
            return Err(StoreError::Moved { year: id.year() });
        }
        ledger.appends += 1;
        let stored = ledger.incidents.get_mut(id).into_iter().flatten();
        for (appended, _, held) in stored.filter(|(_, of, _)| of == event) {
            *appended = ledger.appends;
            bytes.clone_into(held);
        }
        Ok(ledger.appends.to_string())
    }

    fn cached(&self, name: &str) -> Option<Vec<u8>> {
        lock(&self.caches).get(name).cloned()
    }

    fn keep_cache(&self, name: &str, bytes: &[u8]) {
        lock(&self.caches).insert(name.to_owned(), bytes.to_vec());
    }
}

type Appended = (u64, EventId, Vec<u8>);

fn up_to<'a>(events: &'a [Appended], tip: &str) -> impl Iterator<Item = &'a Appended> {
    let tip: u64 = tip.parse().unwrap_or_default();
    events.iter().filter(move |(appended, ..)| *appended <= tip)
}

fn revision(events: &[Appended], tip: &str) -> Option<String> {
    up_to(events, tip).map(|(appended, ..)| *appended).max().map(|last| last.to_string())
}

/// What a panicking thread left is whole: every change is one assignment under the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
