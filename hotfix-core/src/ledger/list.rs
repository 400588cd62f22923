//! All incidents at once. Only those that changed since the last listing are replayed.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Incident, IncidentId};
use crate::port::{ErrorKind, PortError};

use super::cache::{Cache, CachedIncident, CachedYear};
use super::{Ledger, LedgerError, Loaded, Summary, cache, read, unopened};

/// The name of its cache.
const CACHE: &str = "cache-v1";

/// All incidents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// Those that can be read, newest opened first.
    pub incidents: Vec<Summary>,
    /// Those with damage; some can still be read.
    pub damaged: Vec<DamagedIncident>,
    /// Whether each could be read, damaged or not.
    pub(super) is_whole: bool,
}

/// An incident of which something is damaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedIncident {
    /// The incident.
    pub id: IncidentId,
    /// What is damaged, one line.
    pub why: String,
    /// Why nothing of it could be read, where that is so: it may be out of reach for now. That is not kept.
    #[serde(skip)]
    pub unread: Option<ErrorKind>,
}

impl Ledger<'_> {
    /// Lists all incidents.
    ///
    /// # Errors
    /// When the store cannot be read. A damaged incident is listed as such, and is no error.
    pub fn list(&self) -> Result<Listing, LedgerError> {
        let tips = self.store.tips()?;
        let mut kept = self.store.cached(CACHE).map(|bytes| cache::decode::<Cache>(&bytes)).unwrap_or_default();
        // A year that is gone must leave the cache as well.
        let mut is_fresh = kept.years.len() == tips.len();
        let mut years = Vec::new();
        for (year, tip) in tips {
            match kept.take(year) {
                Some(cached) if cached.tip == tip && cached.is_sound() => years.push(cached),
                stale => {
                    is_fresh = false;
                    years.push(self.year(year, tip, stale)?);
                }
            }
        }
        let current = Cache { years };
        if !is_fresh && let Some(bytes) = cache::encode(&current) {
            self.store.keep_cache(CACHE, &bytes);
        }
        Ok(listing(current))
    }

    /// A year's rows, taken from `stale` where the revision is the same.
    fn year(&self, year: i16, tip: String, stale: Option<CachedYear>) -> Result<CachedYear, PortError> {
        let stale = stale.into_iter().flat_map(|stale| stale.rows);
        let mut known: HashMap<IncidentId, CachedIncident> = stale.map(|row| (row.id.clone(), row)).collect();
        let mut rows = Vec::new();
        for (id, revision) in self.store.incidents(year, &tip)? {
            match known.remove(&id) {
                // The revision is the incident's tree: equal trees hold equal events.
                // What was damaged may have been brought back since.
                Some(row) if row.revision == revision && row.damage.is_none() => rows.push(row),
                known => {
                    let mut row = self.row(&id, revision);
                    // Where its opening is lost, what is known of it still says that there is one.
                    if row.damage.is_some() {
                        row.summary = row.summary.or_else(|| known?.summary);
                    }
                    rows.push(row);
                }
            }
        }
        Ok(CachedYear { year, tip, rows })
    }

    /// Notes in what is kept that an incident is damaged.
    pub(super) fn mark_row(&self, id: &IncidentId, why: &str) {
        let Some(bytes) = self.store.cached(CACHE) else { return };
        let mut cache = cache::decode::<Cache>(&bytes);
        let row = cache.years.iter_mut().flat_map(|year| &mut year.rows).find(|row| row.id == *id);
        let Some(row) = row else { return };
        row.damage = Some(why.to_owned());
        if let Some(bytes) = cache::encode(&cache) {
            self.store.keep_cache(CACHE, &bytes);
        }
    }

    /// What is damaged in all that is recorded, and was not given up. It is read anew: what is kept between runs may be older
    /// than the damage.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn damage(&self) -> Result<Vec<DamagedIncident>, LedgerError> {
        let mut found = Vec::new();
        for (year, tip) in self.store.tips()? {
            for (id, revision) in self.store.incidents(year, &tip)? {
                let why = self.damage_in(&id, &revision)?;
                found.extend(why.map(|why| DamagedIncident { id, why, unread: None }));
            }
        }
        found.sort_by(|left, right| left.id.cmp(&right.id));
        Ok(found)
    }

    /// What is damaged in an incident at a revision, and was not given up.
    pub(super) fn damage_in(&self, id: &IncidentId, revision: &str) -> Result<Option<String>, LedgerError> {
        match self.load_at(id, revision) {
            Ok(Loaded { incident, damaged, .. }) => {
                let lost = damaged.into_iter().find(|lost| !incident.given_up.contains(&lost.id));
                Ok(lost.map(|lost| lost.to_string()))
            }
            Err(error) if error.is_damage() => Ok(self.unopened(id)?.map(|_| error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// An incident at one of its revisions, replayed.
    pub(super) fn row(&self, id: &IncidentId, revision: String) -> CachedIncident {
        let row =
            |revision, summary, damage| CachedIncident { id: id.clone(), revision, summary, damage, unread: None };
        let stored = match self.store.events(id, &revision) {
            Ok(stored) => stored,
            // One that cannot be read hides no other. Without a revision it is tried again the next time.
            Err(error) => {
                let way = error.hints.last().filter(|_| error.kind == ErrorKind::Retry);
                let why = way.map_or_else(|| error.to_string(), |way| format!("{error}; {way}"));
                return CachedIncident { unread: Some(error.kind), ..row(String::new(), None, Some(why)) };
            }
        };
        let (events, damaged) = read(id, &stored);
        let damage = damaged.first().map(|first| match damaged.len() {
            1 => first.to_string(),
            several => format!("{first} (and {} more)", several - 1),
        });
        match Incident::outline(id, &events) {
            Ok(incident) => row(revision, Some(Summary::from(&incident)), damage),
            // It was ended for that: nothing is left to be said of it.
            Err(_) if unopened::are_given_up(&events, &damaged) => row(revision, None, None),
            Err(error) => row(revision, None, damage.or_else(|| Some(error.to_string()))),
        }
    }
}

fn listing(cache: Cache) -> Listing {
    let mut listing = Listing { is_whole: true, ..Listing::default() };
    for row in cache.years.into_iter().flat_map(|year| year.rows) {
        listing.is_whole &= !row.revision.is_empty();
        listing.incidents.extend(row.summary);
        listing.damaged.extend(row.damage.map(|why| DamagedIncident { id: row.id, why, unread: row.unread }));
    }
    listing.incidents.sort_by(newest_first);
    listing.damaged.sort_by(|left, right| left.id.cmp(&right.id));
    listing
}

pub(super) fn newest_first(left: &Summary, right: &Summary) -> Ordering {
    right.opened_at().cmp(&left.opened_at()).then_with(|| left.id.cmp(&right.id))
}
