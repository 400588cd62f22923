//! Where history is cut off: the commits below which a shallow clone has nothing. As for git they have no parents here; what may lie
//! beyond them is asked about apart.
//!
//! git writes no commit-graph there, so that generations are counted as commits are read.

use gix::{ObjectId, Result, shallow};

use crate::adapter::git::GitRepository;

use super::{CommitGraph, Generation, Number, ReadCommit};

/// The commits at which history is cut off, as git listed them.
pub(in crate::adapter::git) struct Cuts(shallow::Commits);

impl Cuts {
    /// Those of now: a fetch may move them. `None` where history is whole.
    pub(in crate::adapter::git) fn of(git: &GitRepository) -> Result<Option<Self>> {
        if !git.layout.is_shallow {
            return Ok(None);
        }
        Ok(git.reads.shallow_commits()?.map(Self))
    }

    pub(in crate::adapter::git) fn has(&self, id: ObjectId) -> bool {
        self.0.binary_search(&id).is_ok()
    }
}

/// The list is read anew whenever its file has changed, and is the same one otherwise.
impl PartialEq for Cuts {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(&raw const **self.0, &raw const **other.0)
    }
}

impl CommitGraph {
    /// Reads a commit and all that it has, parents first, so that its generation is known. It is counted from dates, as in newer
    /// files of git: what lies above a cut would else seem to be as old as the first commit of all.
    pub(super) fn read_with_history(&mut self, git: &GitRepository, number: Number) -> Result<Option<ReadCommit>> {
        // A stack of our own: recursion over a long history would overflow the thread's.
        let mut next = vec![number];
        while let Some(last) = next.last().copied() {
            match self.read_alone(git, last)? {
                Some(known) if !self.is_counted(last) => match self.uncounted_parent(git, known)? {
                    Some(parent) => next.push(parent),
                    None => self.count_from_parents(last, known),
                },
                Some(_) | None => {
                    next.pop();
                }
            }
        }
        Ok(self.known(number))
    }

    fn is_counted(&self, number: Number) -> bool {
        self.known(number).is_some_and(|known| known.generation != super::UNKNOWN)
    }

    /// A parent that is here, and of which no generation is known yet.
    fn uncounted_parent(&mut self, git: &GitRepository, commit: ReadCommit) -> Result<Option<Number>> {
        for place in commit.first..commit.first + commit.count {
            let Some(parent) = self.parents.get(place).copied() else { continue };
            if self.read_alone(git, parent)?.is_some() && !self.is_counted(parent) {
                return Ok(Some(parent));
            }
        }
        Ok(None)
    }

    fn count_from_parents(&mut self, number: Number, commit: ReadCommit) {
        let own = Generation::try_from(commit.seconds).unwrap_or_default();
        let of_parents = self.parents(number).iter().filter_map(|parent| Some(self.known(*parent)?.generation + 1));
        let generation = of_parents.fold(own, Generation::max);
        if let Some(known) = self.nodes.get_mut(number).and_then(|node| node.known.as_mut()) {
            known.generation = generation;
        }
    }

    /// Whether one commit may be an ancestor of another all the same where it is not for all that is here: where a cut below the
    /// other one is not older than it, and not below it as well.
    pub(in crate::adapter::git) fn may_be_ancestor(
        &mut self,
        git: &GitRepository,
        below: ObjectId,
        above: ObjectId,
    ) -> Result<bool> {
        let Some(cuts) = &self.cuts else { return Ok(false) };
        let cuts: Vec<ObjectId> = cuts.0.iter().copied().collect();
        let seconds = self.start(git, below)?.1.seconds;
        for cut in cuts {
            let number = self.number(cut)?;
            let is_late = self.read(git, number)?.is_some_and(|known| known.seconds >= seconds);
            if is_late && self.is_ancestor(git, cut, above)? && !self.is_ancestor(git, cut, below)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
