//! What the writer of an event knew: the events that its parents lead to. Two events that do not know each other were
//! recorded at once, in two clones. Clocks have no say.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::event::Landing;
use super::{BranchName, Event, EventId, Status};

/// Which events of an incident lead to which; by their places in the order of replay.
pub(super) struct Lineage {
    /// The parents of each, `None` where one of them is lost; empty as a whole where each event names the one before it.
    parents: Vec<Option<Vec<usize>>>,
}

impl Lineage {
    pub(super) fn of(events: &[Event]) -> Self {
        // Nearly every incident is of one clone: no list is made for it.
        let is_line = events.windows(2).all(|pair| match pair {
            [before, after] => after.parents.contains(&before.id),
            _ => true,
        });
        if is_line {
            return Self { parents: Vec::new() };
        }
        let places: HashMap<&EventId, usize> = events.iter().map(|event| &event.id).zip(0..).collect();
        let parents = |event: &Event| event.parents.iter().map(|parent| places.get(parent).copied()).collect();
        Self { parents: events.iter().map(parents).collect() }
    }

    /// Whether each event knows all before it.
    pub(super) fn is_line(&self) -> bool {
        self.parents.is_empty()
    }

    /// What the writer of the event at this place knew.
    pub(super) fn past(&self, place: usize) -> Past<'_> {
        Past { lineage: (!self.is_line()).then_some(self), place, known: OnceCell::new() }
    }

    fn known(&self, place: usize) -> Vec<bool> {
        let mut known = vec![false; place + 1];
        known.last_mut().into_iter().for_each(|own| *own = true);
        for at in (0..=place).rev() {
            if !known.get(at).is_some_and(|known| *known) {
                continue;
            }
            match self.parents.get(at) {
                Some(Some(parents)) => {
                    for parent in parents {
                        known.get_mut(*parent).into_iter().for_each(|known| *known = true);
                    }
                }
                // What a lost event led to is not known: all that may have come before it counts.
                Some(None) | None => known.get_mut(..at).into_iter().for_each(|before| before.fill(true)),
            }
        }
        known
    }
}

/// What the writer of an event knew.
pub(super) struct Past<'a> {
    /// Absent where that is all that came before.
    lineage: Option<&'a Lineage>,
    pub(super) place: usize,
    known: OnceCell<Vec<bool>>,
}

impl Past<'_> {
    /// That of an event which comes after all that there are.
    pub(super) fn whole() -> Self {
        Self { lineage: None, place: usize::MAX, known: OnceCell::new() }
    }

    /// Whether the event at this place was known.
    pub(super) fn knows(&self, place: usize) -> bool {
        let Some(lineage) = self.lineage else { return true };
        self.known.get_or_init(|| lineage.known(self.place)).get(place).copied().unwrap_or(false)
    }
}

/// Which events brought what a later one takes back only where its writer knew of it; by their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Traces {
    /// Landings that started, and whose end is not known.
    pub(super) landings: Vec<(usize, Landing)>,
    /// The landing that finished last, by all who told of it without knowing of each other.
    pub(super) landed: Vec<usize>,
    /// What changed production since somebody looked.
    pub(super) not_looked_at: Vec<usize>,
    /// What was said last of each release branch.
    pub(super) carried: Vec<(BranchName, usize)>,
    /// Remaining work, in the order of its numbers.
    pub(super) follow_ups: Vec<usize>,
    /// What moved the status last.
    pub(super) moved: usize,
    /// What ended the incident, and the status before it.
    pub(super) ended: Option<(usize, Status)>,
    /// What was done to the world, and openings anew: an end that did not know of it ends nothing.
    pub(super) deeds: Vec<usize>,
}
