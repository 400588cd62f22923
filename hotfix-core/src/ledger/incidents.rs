//! What every command needs to know of the incidents, however many of them are closed.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use crate::domain::{IncidentId, PREFIX};
use crate::port::{ErrorKind, StoreTip};

use super::cache::CachedIncident;
use super::list::newest_first;
use super::loss::Trail;
use super::{DamagedIncident, ExportError, Ledger, LedgerError, Loaded, Loss, Summary, cache};

/// The name of its cache, which is not that of the list: it stays small while the list grows for years.
const CACHE: &str = "open-v1";

/// The incidents of a ledger. Those that are closed are read when somebody asks for them.
pub struct Incidents<'a> {
    ledger: Option<Ledger<'a>>,
    pub(super) overview: Overview,
    losses: Vec<Loss>,
    all: OnceCell<Vec<Summary>>,
}

impl Incidents<'_> {
    /// The name of the cache that [`Self::kept_open`] reads.
    pub const KEPT: &'static str = CACHE;

    /// Those that were open when somebody looked last, out of the bytes of that cache: nothing where they are damaged or of
    /// another version.
    pub fn kept_open(bytes: &[u8]) -> Vec<Summary> {
        cache::decode::<CachedOverview>(bytes).overview.open
    }

    /// Those that are open, newest opened first.
    pub fn open(&self) -> &[Summary] {
        &self.overview.open
    }

    /// The newest opened of all, open or not.
    pub fn newest(&self) -> Option<&Summary> {
        self.overview.newest.as_ref()
    }

    /// Those with damage; some can still be read.
    pub fn damaged(&self) -> &[DamagedIncident] {
        &self.overview.damaged
    }

    /// One of which nothing can be read, and what kind of failure that is: it may be open.
    pub fn unread(&self) -> Option<(&DamagedIncident, ErrorKind)> {
        self.damaged().iter().find_map(|damaged| Some((damaged, damaged.unread?)))
    }

    /// Takes note of damage that was met in an incident, for those who only look at what is kept.
    pub fn met_damage(&self, id: &IncidentId, why: &str) {
        let known = self.damaged().iter().any(|known| known.id == *id);
        if let Some(ledger) = self.ledger.filter(|_| !known) {
            ledger.keep_damage(id, why);
        }
    }

    /// Ledgers that lack events which they had here.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Another incident that is open on the branch of this one, as where two people opened it at once.
    pub fn sharing_branch(&self, id: &IncidentId, branch: &str) -> Option<&Summary> {
        self.open().iter().find(|other| other.branch.as_str() == branch && other.id != *id)
    }

    /// Whether a command has to name this incident to mean it: others are open, and the branch that is checked out, if it is its own,
    /// is one of theirs too.
    pub fn has_to_be_named(&self, id: &IncidentId, branch: &str, checked_out: Option<&str>) -> bool {
        let is_told_by_branch = checked_out == Some(branch) && self.sharing_branch(id, branch).is_none();
        !is_told_by_branch && self.open().iter().any(|other| other.id != *id)
    }

    /// Branches of incidents, open or not, that are not named `hotfix/...`.
    pub fn other_branches(&self) -> impl Iterator<Item = &str> {
        self.overview.other_branches.iter().map(|(_, branch)| branch.as_str())
    }

    /// Whether a branch may be that of an incident, open or not, by its name.
    pub fn may_have_branch(&self, branch: &str) -> bool {
        branch.starts_with(PREFIX) || self.other_branches().any(|other| other == branch)
    }

    /// Whether they could be read.
    pub fn is_read(&self) -> bool {
        self.ledger.is_some()
    }

    /// One of them, with all its events.
    ///
    /// # Errors
    /// As for [`Ledger::load`].
    pub fn load(&self, id: &IncidentId) -> Result<Loaded, LedgerError> {
        self.ledger.map_or_else(|| Err(LedgerError::Unknown { id: id.clone() }), |ledger| ledger.load(id))
    }

    /// Every event as a line; see [`Ledger::export`].
    ///
    /// # Errors
    /// As there.
    pub fn export(&self, each: &mut dyn FnMut(&str) -> std::io::Result<()>) -> Result<usize, ExportError> {
        self.ledger.map_or(Ok(0), |ledger| ledger.export(each))
    }

    /// All incidents, newest opened first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn all(&self) -> Result<&[Summary], LedgerError> {
        if let (None, Some(ledger)) = (self.all.get(), self.ledger) {
            let listing = ledger.list()?;
            return Ok(self.all.get_or_init(|| listing.incidents));
        }
        Ok(self.all.get().map_or(&[], Vec::as_slice))
    }
}

impl From<Vec<Summary>> for Incidents<'_> {
    fn from(all: Vec<Summary>) -> Self {
        let overview = Overview::of(&all, Vec::new());
        Self { ledger: None, overview, losses: Vec::new(), all: all.into() }
    }
}

/// What is kept of the incidents between runs: those that are open, and what the others must not be read for.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Overview {
    open: Vec<Summary>,
    newest: Option<Summary>,
    pub(super) damaged: Vec<DamagedIncident>,
    other_branches: Vec<(IncidentId, String)>,
}

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct CachedOverview {
    /// What it is an overview of.
    trail: Trail,
    overview: Overview,
}

impl<'a> Ledger<'a> {
    /// The incidents; most commands need those that are open.
    ///
    /// # Errors
    /// When the store cannot be read. A damaged incident is no error.
    pub fn incidents(&self) -> Result<Incidents<'a>, LedgerError> {
        let kept: CachedOverview = self.store.cached(CACHE).map(|bytes| cache::decode(&bytes)).unwrap_or_default();
        let trail = self.trail(&kept.trail)?;
        let (ledger, losses) = (Some(*self), self.losses(&trail));
        // What was damaged may have been brought back since.
        let is_sound = kept.overview.damaged.is_empty();
        if is_sound && kept.trail == trail {
            return Ok(Incidents { ledger, overview: kept.overview, losses, all: OnceCell::new() });
        }
        if is_sound && let Some(overview) = self.updated(kept, &trail.tips) {
            return Ok(Incidents { ledger, overview: self.keep(trail, overview), losses, all: OnceCell::new() });
        }
        let listing = self.list()?;
        let overview = Overview::of(&listing.incidents, listing.damaged);
        // One that could not be read may be read the next time.
        let overview = if listing.is_whole { self.keep(trail, overview) } else { overview };
        Ok(Incidents { ledger, overview, losses, all: listing.incidents.into() })
    }

    /// The overview with the incidents that changed since taken in; `None` where all must be read for it.
    fn updated(&self, kept: CachedOverview, tips: &[StoreTip]) -> Option<Overview> {
        let mut overview = kept.overview;
        if !kept.trail.tips.iter().map(|(year, _)| year).eq(tips.iter().map(|(year, _)| year)) {
            return None;
        }
        for ((year, from), (_, to)) in kept.trail.tips.iter().zip(tips).filter(|(kept, now)| kept != now) {
            // Where somebody reset the ref, the old tip may be gone, and incidents with it.
            for (id, revision) in self.store.changed(*year, from, to).ok()? {
                overview.replace(self.row(&id, revision?))?;
            }
        }
        overview.open.sort_by(newest_first);
        overview.damaged.sort_by(|left, right| left.id.cmp(&right.id));
        Some(overview)
    }

    /// Tips that ledgers had, as far as that is kept.
    pub(super) fn known_tips(&self) -> Vec<StoreTip> {
        let kept: CachedOverview = self.store.cached(CACHE).map(|bytes| cache::decode(&bytes)).unwrap_or_default();
        kept.trail.all().cloned().collect()
    }

    /// Forgets the tips that the ledgers of these years had: nothing of them is missing.
    pub(super) fn forget_tips(&self, years: &[i16]) {
        let Some(bytes) = self.store.cached(CACHE).filter(|_| !years.is_empty()) else { return };
        let CachedOverview { mut trail, .. } = cache::decode(&bytes);
        trail.forget(years);
        self.keep(trail, Overview::default());
    }

    fn keep_damage(&self, id: &IncidentId, why: &str) {
        self.mark_row(id, why);
        let Some(bytes) = self.store.cached(CACHE) else { return };
        let CachedOverview { trail, mut overview } = cache::decode(&bytes);
        overview.damaged.push(DamagedIncident { id: id.clone(), why: why.to_owned(), unread: None });
        self.keep(trail, overview);
    }

    fn keep(&self, trail: Trail, overview: Overview) -> Overview {
        let current = CachedOverview { trail, overview };
        if let Some(bytes) = cache::encode(&current) {
            self.store.keep_cache(CACHE, &bytes);
        }
        current.overview
    }
}

impl Overview {
    fn of(all: &[Summary], damaged: Vec<DamagedIncident>) -> Self {
        let mut overview = Self { damaged, ..Self::default() };
        all.iter().for_each(|summary| overview.add(summary.clone()));
        overview
    }

    /// Takes an incident in as it is now; `None` where the list has to say what it was.
    fn replace(&mut self, row: CachedIncident) -> Option<()> {
        let CachedIncident { id, revision, summary, damage, .. } = row;
        if revision.is_empty() || summary.is_none() {
            return None;
        }
        self.open.retain(|summary| summary.id != id);
        self.damaged.retain(|damaged| damaged.id != id);
        self.other_branches.retain(|(of, _)| *of != id);
        summary.into_iter().for_each(|summary| self.add(summary));
        self.damaged.extend(damage.map(|why| DamagedIncident { id, why, unread: None }));
        Some(())
    }

    fn add(&mut self, summary: Summary) {
        if !summary.branch.starts_with(PREFIX) {
            self.other_branches.push((summary.id.clone(), summary.branch.to_string()));
        }
        // The time of its opening never changes, so what was the newest stays it until a newer one comes.
        if self.newest.as_ref().is_none_or(|newest| newest.id == summary.id || newest_first(&summary, newest).is_lt()) {
            self.newest = Some(summary.clone());
        }
        if summary.status.is_open() {
            self.open.push(summary);
        }
    }
}
