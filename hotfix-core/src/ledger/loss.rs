//! What was recorded here and is gone: a fetch that prunes deletes the ref of a ledger, one with `+` sets it back.

use serde::{Deserialize, Serialize};

use crate::domain::EventId;
use crate::port::{ErrorKind, LedgerStore, PortError, StoreTip};

use super::{Ledger, LedgerError};

/// A year's ledger that lacks events which it had here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The year.
    pub year: i16,
    /// The tip that it had.
    pub seen: String,
    /// What is there instead.
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// No ledger, or one without events of its own: under this tip.
    Behind(Option<String>),
    /// One with events of its own, under this tip.
    Parted(String),
    /// Nothing that could be compared: the objects of the tip are gone too.
    Unreadable,
}

impl Loss {
    fn find(store: &dyn LedgerStore, (year, seen): &StoreTip, tips: &[StoreTip]) -> Self {
        let now = tip_of(*year, tips);
        let state = match now.map(|now| store.holds(seen, now)) {
            None if store.incidents(*year, seen).is_ok() => State::Behind(None),
            Some(Ok(true)) => State::Behind(now.map(str::to_owned)),
            Some(Ok(false)) => now.map_or(State::Behind(None), |now| State::Parted(now.to_owned())),
            None | Some(Err(_)) => State::Unreadable,
        };
        Self { year: *year, seen: seen.clone(), state }
    }

    /// Whether what it had is still to be found here.
    pub fn is_here(&self) -> bool {
        !matches!(self.state, State::Unreadable)
    }

    /// What stands for the events that are lost with it, whichever these were: they are given up by that.
    pub fn mark(&self) -> EventId {
        EventId::of(format!("lost at {}", self.seen).as_bytes())
    }

    /// What happened, a fragment.
    pub fn what(&self) -> String {
        let (year, seen) = (self.year, self.seen.get(..9).unwrap_or(&self.seen));
        match &self.state {
            State::Behind(None) => format!("the ledger of {year} is gone: it was at {seen}"),
            State::Behind(Some(_)) => format!("the ledger of {year} went back: it was at {seen}"),
            State::Parted(_) => format!("the ledger of {year} was replaced: events that it had at {seen} are gone"),
            State::Unreadable => {
                format!("the ledger of {year} lost events: it was at {seen}, which is not here any more")
            }
        }
    }

    /// The command that brings it back and loses nothing.
    pub fn way_back(&self) -> String {
        let (reference, seen) = (format!("refs/hotfix/ledger/{:04}", self.year), &self.seen);
        match &self.state {
            State::Behind(None) => format!("git update-ref {reference} {seen}"),
            State::Behind(Some(now)) => format!("git update-ref {reference} {seen} {now}"),
            // Files of events are only added, and their names are their content: two trees unite without a conflict.
            State::Parted(now) => format!(
                "git update-ref {reference} $(git commit-tree -m \"two records united\" -p {now} -p {seen} \
                 $(git merge-tree --write-tree --allow-unrelated-histories {now} {seen})) {now}"
            ),
            State::Unreadable => format!("git fetch --no-prune <another clone or a backup> {reference}"),
        }
    }

    /// The command that forgets what was here, for who meant it to go.
    pub fn way_on(&self) -> String {
        format!(
            "git update-ref -d refs/hotfix/seen/{:04} && rm -r \"$(git rev-parse --git-common-dir)/hotfix\"",
            self.year
        )
    }
}

/// Which tips there are, and which there were. It is kept between runs.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trail {
    pub(super) tips: Vec<StoreTip>,
    /// The tips that the store remembers.
    marks: Vec<StoreTip>,
    /// Tips that were here, of which something is gone.
    lost: Vec<StoreTip>,
}

impl Trail {
    pub(super) fn forget(&mut self, years: &[i16]) {
        for tips in [&mut self.tips, &mut self.marks, &mut self.lost] {
            tips.retain(|(year, _)| !years.contains(year));
        }
    }

    /// All tips that it knows.
    pub(super) fn all(&self) -> impl Iterator<Item = &StoreTip> {
        self.lost.iter().chain(&self.tips).chain(&self.marks)
    }
}

impl Ledger<'_> {
    /// Where the ledgers are now, compared with where they were.
    pub(super) fn trail(&self, kept: &Trail) -> Result<Trail, LedgerError> {
        // Before the tips: whatever was seen by now is there when they are read.
        let marks = self.store.seen()?;
        let tips = self.store.tips()?;
        if (&kept.tips, &kept.marks) == (&tips, &marks) {
            return Ok(Trail { tips, marks, lost: kept.lost.clone() });
        }
        let seen = [&kept.lost[..], &kept.tips, &marks].concat();
        let lost = self.lost(&seen, &tips)?;
        if lost.is_empty() {
            return Ok(Trail { tips, marks, lost });
        }
        // Anew, as a ref that git packs in this moment may be overlooked once.
        let tips = self.store.tips()?;
        let lost = self.lost(&seen, &tips)?;
        Ok(Trail { tips, marks, lost })
    }

    pub(super) fn losses(&self, trail: &Trail) -> Vec<Loss> {
        trail.lost.iter().map(|lost| Loss::find(self.store, lost, &trail.tips)).collect()
    }

    /// What is gone of a year's ledger since it was at this tip.
    pub fn loss_since(&self, year: i16, seen: &str) -> Result<Option<Loss>, LedgerError> {
        let find = || -> Result<Option<Loss>, LedgerError> {
            let tips = self.store.tips()?;
            let is_there = tip_of(year, &tips).map_or(Ok(false), |now| self.holds(now, seen))?;
            Ok((!is_there).then(|| Loss::find(self.store, &(year, seen.to_owned()), &tips)))
        };
        // Anew, as in `trail`.
        if find()?.is_none() { Ok(None) } else { find() }
    }

    /// Those of the tips that were `seen` of which something is gone, without those that others of them hold.
    fn lost(&self, seen: &[StoreTip], tips: &[StoreTip]) -> Result<Vec<StoreTip>, LedgerError> {
        let mut lost: Vec<StoreTip> = Vec::new();
        for (year, seen) in seen {
            let is_there = tip_of(*year, tips).map_or(Ok(false), |now| self.holds(now, seen))?;
            let mut others = lost.iter().filter(|(of, _)| of == year);
            if is_there || others.any(|(_, other)| self.holds(other, seen).unwrap_or(false)) {
                continue;
            }
            lost.retain(|(of, other)| of != year || !self.holds(seen, other).unwrap_or(false));
            lost.push((*year, seen.clone()));
        }
        Ok(lost)
    }

    /// Whether nothing of one tip is missing under another; what is not there to be compared is missing.
    fn holds(&self, tip: &str, of: &str) -> Result<bool, PortError> {
        if tip == of {
            return Ok(true);
        }
        match self.store.holds(tip, of) {
            // The system does not let it be read now, which says nothing.
            Err(error) if error.kind == ErrorKind::Retry => Err(error),
            answer => Ok(answer.unwrap_or(false)),
        }
    }
}

fn tip_of(year: i16, tips: &[StoreTip]) -> Option<&str> {
    tips.iter().find(|(of, _)| *of == year).map(|(_, tip)| tip.as_str())
}
