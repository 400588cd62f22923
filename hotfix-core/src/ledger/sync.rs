//! Sharing the ledger with a remote: what it has is taken in, and it gets what it lacks.
//!
//! Histories of commits only carry the events; what counts is which events there are. So two ledgers always become one, and
//! a remote that has fewer events than it had is noticed, whatever its commits say.

use crate::domain::{EventId, IncidentId, RefName};
use crate::port::{
    LEDGER_BRANCH, LEDGER_PLACE, LedgerExchange, LedgerUpdate, Peer, PortError, PushError, Rejection, RemoteLedger,
    Seal, SealedCommit,
};

use super::append::{self, tried};
use super::{DamagedIncident, Ledger, LedgerError, union};

/// How often others may be faster.
const TRIES: u32 = 6;
/// What came of sharing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Synced {
    /// How many events came from there.
    pub brought: usize,
    /// How many events went there.
    pub sent: usize,
    /// Years of which the remote lacks events that it had. They are not written there.
    pub losses: Vec<RemoteLoss>,
    /// Incidents of which something is damaged in what is here now, among those that changed.
    pub damaged: Vec<DamagedIncident>,
    /// Commits that came with a signature which does not fit, or by a key that nobody here vouches for.
    pub strangers: Vec<SealedCommit>,
    /// Branches on which ledgers lie there from now on, because the host took no other refs.
    pub on_branches: Vec<RefName>,
    /// What lies there in the place of a ledger, and is none. It is left as it is; all other years are shared.
    pub no_ledgers: Vec<RemoteLedger>,
}

/// A year's ledger on a remote that lacks events which it had there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteLoss {
    /// The year.
    pub year: i16,
    /// The tip that it had.
    pub seen: String,
    /// The tip that it has now; `None` where it has none.
    pub now: Option<String>,
    /// The events that are gone from there, or altered.
    pub events: Vec<(IncidentId, EventId)>,
}

/// Why the ledger was not shared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The ledger here could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The remote could not be asked.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The remote did not take it.
    #[error(transparent)]
    Push(#[from] PushError),
}

impl Ledger<'_> {
    /// Takes in what a remote has, and gives it what it lacks. Where the remote lost events it is left as it is, unless they are
    /// to be `restored`.
    ///
    /// # Errors
    /// When the remote cannot be reached or does not take it, others keep writing there, or the ledger here fails. What was taken in
    /// stays.
    pub fn sync(&self, exchange: &dyn LedgerExchange, peer: &Peer<'_>, restores: bool) -> Result<Synced, SyncError> {
        let before = self.store.tips()?;
        let mut synced = self.exchange(exchange, peer, None, restores)?;
        for (year, tip) in self.store.tips()? {
            let was = before.iter().find(|(of, _)| *of == year).map(|(_, was)| was.as_str());
            if was != Some(tip.as_str()) {
                self.look_through(exchange, (year, &tip), was, &mut synced)?;
            }
        }
        if synced.brought > 0 {
            // So that no list waits for what changed; whoever asks for one is told what cannot be read.
            self.incidents().ok();
        }
        Ok(synced)
    }

    /// Looks at what changed in a year's ledger, for what must not be believed as it is.
    fn look_through(
        &self,
        exchange: &dyn LedgerExchange,
        (year, tip): (i16, &str),
        was: Option<&str>,
        synced: &mut Synced,
    ) -> Result<(), SyncError> {
        let changed = match was {
            Some(was) => self.store.changed(year, was, tip)?,
            None => self.store.incidents(year, tip)?.into_iter().map(|(id, revision)| (id, Some(revision))).collect(),
        };
        for (id, revision) in changed {
            let why = revision.map(|revision| self.damage_in(&id, &revision)).transpose()?.flatten();
            synced.damaged.extend(why.map(|why| DamagedIncident { id, why, unread: None }));
        }
        let is_odd = |commit: &SealedCommit| matches!(commit.seal, Seal::Bad | Seal::Stranger);
        synced.strangers.extend(exchange.seals(tip, was)?.into_iter().filter(is_odd));
        Ok(())
    }

    /// Gives a remote what it lacks, as far as is known of it; it is asked only where others were faster.
    ///
    /// # Errors
    /// As for [`Self::sync`].
    pub fn share(&self, exchange: &dyn LedgerExchange, peer: &Peer<'_>) -> Result<Synced, SyncError> {
        self.exchange(exchange, peer, Some(exchange.tracked(peer.remote)?), false)
    }

    fn exchange(
        &self,
        exchange: &dyn LedgerExchange,
        peer: &Peer<'_>,
        mut known: Option<Vec<RemoteLedger>>,
        restores: bool,
    ) -> Result<Synced, SyncError> {
        let mut synced = Synced::default();
        let mut refused: Vec<i16> = Vec::new();
        for attempt in 0..TRIES {
            let there = match known.take() {
                Some(known) => known,
                None => self.take_in(exchange, peer, &mut synced)?,
            };
            let updates = self.updates(exchange, &there, &synced, restores, &refused)?;
            if updates.is_empty() {
                return Ok(synced);
            }
            let pushed: Vec<LedgerUpdate> = updates.iter().map(|(_, _, update)| update.clone()).collect();
            match exchange.push(peer, &pushed) {
                Ok(()) => {
                    for (year, events, LedgerUpdate { place, to, expected }) in updates {
                        synced.sent += events;
                        if expected.is_none() && place.as_str().starts_with(LEDGER_BRANCH) {
                            synced.on_branches.push(place.clone());
                        }
                        exchange.track(peer.remote, &RemoteLedger { year, place, tip: to })?;
                        synced.losses.retain(|loss| loss.year != year);
                        synced.no_ledgers.retain(|other| other.year != year);
                    }
                    return Ok(synced);
                }
                Err(PushError::Raced { .. }) => std::thread::sleep(append::wait_after(attempt + 4)),
                // Some hosts take branches and tags only: then a branch it is.
                Err(PushError::Refused(no)) if refused.is_empty() && !no.name.as_str().starts_with(LEDGER_BRANCH) => {
                    refused = new_places(&updates, &no);
                    if refused.is_empty() {
                        return Err(PushError::Refused(no).into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(LedgerError::Contended.into())
    }

    /// Takes in what a remote has; what that is.
    ///
    /// # Errors
    /// As for [`Self::sync`].
    pub fn take_in(
        &self,
        exchange: &dyn LedgerExchange,
        peer: &Peer<'_>,
        synced: &mut Synced,
    ) -> Result<Vec<RemoteLedger>, SyncError> {
        let there = exchange.ask(peer)?;
        let tracked = exchange.tracked(peer.remote)?;
        let new: Vec<RemoteLedger> = there.iter().filter(|ledger| !tracked.contains(ledger)).cloned().collect();
        if !new.is_empty() {
            exchange.fetch(peer, &new)?;
        }
        synced.no_ledgers.clear();
        for ledger in &new {
            if !exchange.is_ledger(&ledger.tip)? {
                synced.no_ledgers.push(ledger.clone());
            }
        }
        let there: Vec<RemoteLedger> = there.into_iter().filter(|ledger| !synced.no_ledgers.contains(ledger)).collect();
        synced.losses.clear();
        for had in &tracked {
            let now = there.iter().find(|ledger| ledger.place == had.place);
            if now == Some(had) {
                continue;
            }
            let tip = now.map(|now| now.tip.as_str());
            let events = exchange.missing(tip, &had.tip, &union::choose)?;
            if !events.is_empty() {
                let (year, seen, now) = (had.year, had.tip.clone(), tip.map(str::to_owned));
                synced.losses.push(RemoteLoss { year, seen, now, events });
            }
        }
        for ledger in &there {
            synced.brought += self.unite(exchange, ledger)?;
            let is_whole = synced.losses.iter().all(|loss| loss.year != ledger.year);
            if is_whole && new.contains(ledger) {
                exchange.track(peer.remote, ledger)?;
            }
        }
        Ok(there)
    }

    /// Takes in what the last `git fetch` brought of a remote, where that is set up; nobody is asked, and what the remote had is
    /// remembered as it was.
    ///
    /// # Errors
    /// When the ledger here, or what came, cannot be read or written.
    pub fn take_in_fetched(&self, exchange: &dyn LedgerExchange, remote: &str) -> Result<Synced, SyncError> {
        let mut synced = Synced::default();
        for ledger in exchange.fetched(remote)? {
            match exchange.is_ledger(&ledger.tip)? {
                true => synced.brought += self.unite(exchange, &ledger)?,
                false => synced.no_ledgers.push(ledger),
            }
        }
        Ok(synced)
    }

    /// Takes a remote's ledger into the one here; how many events came.
    fn unite(&self, exchange: &dyn LedgerExchange, theirs: &RemoteLedger) -> Result<usize, LedgerError> {
        tried(|| {
            let tip = self.tip(theirs.year)?;
            if tip.as_ref() == Some(&theirs.tip) {
                return Ok(Ok(0));
            }
            let new = exchange.missing(tip.as_deref(), &theirs.tip, &union::choose)?.len();
            Ok(exchange.unite(theirs.year, tip.as_deref(), &theirs.tip, &union::choose).map(|_| new))
        })
    }

    /// What a remote is to get, by year, with how many events that brings it.
    fn updates(
        &self,
        exchange: &dyn LedgerExchange,
        there: &[RemoteLedger],
        synced: &Synced,
        restores: bool,
        refused: &[i16],
    ) -> Result<Vec<(i16, usize, LedgerUpdate)>, LedgerError> {
        let mut updates = Vec::new();
        for (year, tip) in self.store.tips()? {
            let is_lost = synced.losses.iter().any(|loss| loss.year == year);
            let other = synced.no_ledgers.iter().find(|other| other.year == year);
            let mut places: Vec<&RemoteLedger> = there.iter().filter(|ledger| ledger.year == year).collect();
            // What stands in a ledger's place gives way only where a ledger was there, and when asked for.
            if is_lost && !restores || other.is_some() && places.is_empty() && !is_lost {
                continue;
            }
            // Where it lies already; the refs that are meant for it first.
            places.sort_by_key(|ledger| ledger.place.as_str().starts_with(LEDGER_BRANCH));
            let place = match places.first().or(other.as_ref()) {
                Some(ledger) => ledger.place.clone(),
                None if refused.contains(&year) => RefName::known(format!("{LEDGER_BRANCH}{year:04}")),
                None => RefName::known(format!("{LEDGER_PLACE}{year:04}")),
            };
            let has = places.first().map(|ledger| ledger.tip.clone());
            if has.as_ref() == Some(&tip) {
                continue;
            }
            let events = exchange.missing(has.as_deref(), &tip, &union::choose)?.len();
            let expected = has.or_else(|| other.map(|other| other.tip.clone()));
            updates.push((year, events, LedgerUpdate { place, to: tip, expected }));
        }
        Ok(updates)
    }
}

/// The years that a host refused because of where they were to lie.
fn new_places(updates: &[(i16, usize, LedgerUpdate)], no: &Rejection) -> Vec<i16> {
    let new = updates.iter().filter(|(_, _, update)| update.expected.is_none());
    let is_meant = updates.iter().any(|(_, _, update)| update.expected.is_none() && update.place == no.name);
    if is_meant { new.map(|(year, ..)| *year).collect() } else { Vec::new() }
}
