//! Recording facts: one commit and one compare-and-swap, tried again when others were faster.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use crate::domain::heads_of;
use crate::domain::{Event, EventId, Fact, IncidentId};
use crate::port::{ErrorKind, StoreError};

use super::{Ledger, LedgerError, Unwritable, codec, read};

/// Enough for dozens of writers: at most 3 seconds are spent waiting for them.
const TRIES: u32 = 16;
const LONGEST_WAIT: Duration = Duration::from_millis(250);

/// What a writer knows of the incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis<'b> {
    /// It is new: it must not exist.
    New,
    /// The same, and nothing was recorded in its year since this was the newest revision: it may be the same incident.
    NewSince(Option<&'b str>),
    /// Its newest events, which the facts follow from. Anything recorded since makes the append fail.
    Heads(&'b [EventId]),
    /// Nothing that the facts depend on: they come after whatever is there.
    Any,
}

impl Ledger<'_> {
    /// Records facts, each after the one before it, all or none, and returns them as events once they are durable.
    ///
    /// # Errors
    /// [`LedgerError::Moved`] when the incident is not what `basis` says, [`LedgerError::Contended`] when others kept
    /// writing; else when there is no such incident or the store fails. Nothing is recorded then, but for
    /// [`LedgerError::Unsynced`].
    pub fn append(&self, id: &IncidentId, basis: Basis<'_>, facts: &[Fact]) -> Result<Vec<Event>, LedgerError> {
        let Some(last) = facts.last() else { return Ok(Vec::new()) };
        let message = message(id, facts);
        tried(|| {
            // Anew in each attempt: what moved is what we lost against.
            let tip = self.tip(id.year())?;
            let parents = self.parents(tip.as_deref(), id, basis)?;
            let (events, files) = chain(id, parents, facts)?;
            match self.store.append(id, tip.as_deref(), &files, &message, last.at) {
                Err(StoreError::Unsynced(why)) => Err(LedgerError::Unsynced { events, why }),
                appended => Ok(appended.map(|_| events)),
            }
        })
    }

    /// The newest events, provided that they are what `basis` says.
    fn parents(&self, tip: Option<&str>, id: &IncidentId, basis: Basis<'_>) -> Result<Vec<EventId>, LedgerError> {
        let stored = tip.map(|tip| self.stored(tip, id)).transpose()?.flatten();
        let heads = stored.map(|stored| heads_of(&read(id, &stored).0));
        match (basis, heads) {
            (Basis::NewSince(seen), _) if seen != tip => Err(LedgerError::Moved { id: id.clone() }),
            (Basis::New | Basis::NewSince(_), None) => Ok(Vec::new()),
            (Basis::New | Basis::NewSince(_), Some(_)) => Err(LedgerError::Moved { id: id.clone() }),
            (Basis::Any | Basis::Heads(_), None) => Err(LedgerError::Unknown { id: id.clone() }),
            (Basis::Any, Some(heads)) => Ok(heads),
            // Compared as sets: the order of heads says nothing.
            (Basis::Heads(seen), Some(heads)) if is_same_set(seen, &heads) => Ok(heads),
            (Basis::Heads(_), Some(_)) => Err(LedgerError::Moved { id: id.clone() }),
        }
    }
}

/// Tries again where others were faster.
pub(super) fn tried<T>(attempt: impl Fn() -> Result<Result<T, StoreError>, LedgerError>) -> Result<T, LedgerError> {
    let mut failure = LedgerError::Contended;
    for number in 0..TRIES {
        failure = match attempt()? {
            Ok(done) => return Ok(done),
            // A lock that somebody holds is waited for like a lost race.
            Err(StoreError::Moved { .. }) => LedgerError::Contended,
            // Done all the same, and to do it again changes nothing.
            Err(StoreError::Unsynced(error)) => return Err(LedgerError::Store(error)),
            Err(StoreError::Port(error)) if error.kind == ErrorKind::Retry => LedgerError::Store(error),
            Err(StoreError::Port(error)) => return Err(LedgerError::Store(error)),
        };
        std::thread::sleep(wait_after(number));
    }
    Err(failure)
}

type EventFiles = Vec<(EventId, Vec<u8>)>;

/// Facts as events, the first after `parents` and each other after the one before it.
fn chain(id: &IncidentId, mut parents: Vec<EventId>, facts: &[Fact]) -> Result<(Vec<Event>, EventFiles), Unwritable> {
    let mut events = Vec::new();
    let mut files = Vec::new();
    for fact in facts {
        let (event, bytes) = codec::encode(id, parents, fact)?;
        parents = vec![event.id.clone()];
        files.push((event.id.clone(), bytes));
        events.push(event);
    }
    Ok((events, files))
}

fn message(id: &IncidentId, facts: &[Fact]) -> String {
    let kinds: Vec<&str> = facts.iter().map(|fact| fact.kind.name()).collect();
    format!("{id}: {}", kinds.join(", "))
}

fn is_same_set(seen: &[EventId], sorted: &[EventId]) -> bool {
    let mut seen: Vec<&EventId> = seen.iter().collect();
    seen.sort();
    seen.dedup();
    seen.into_iter().eq(sorted)
}

/// Doubles from a millisecond, and differs between writers so that they do not meet again.
pub(super) fn wait_after(attempt: u32) -> Duration {
    // Doubling, as a fixed wait would keep dozens of writers in step.
    let longest = Duration::from_millis(1 << attempt.min(8)).min(LONGEST_WAIT);
    // Random without a dependency: each `RandomState` has keys of its own.
    let jitter = u32::try_from(RandomState::new().hash_one(attempt) % 100).unwrap_or_default();
    longest / 2 + longest * jitter / 200
}
