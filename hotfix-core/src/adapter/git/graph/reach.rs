//! What is reachable from a commit that is asked about again and again, such as production's tip: it is walked once, and only as
//! far down as somebody asked.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use gix::{ObjectId, Result};

use crate::adapter::git::GitRepository;

use super::numbers::Numbers;
use super::{CommitGraph, Generation, Number, Walk, WalkEnd};

/// So many are kept: one for production, and one for each release branch.
const MOST_KEPT: usize = 64;

/// The commits found below one; those whose parents were not followed yet wait, the latest generation first.
pub(super) struct Reachable {
    from: Number,
    found: Numbers,
    waiting: BinaryHeap<(Generation, Reverse<Number>)>,
}

impl Reachable {
    fn new(from: Number, generation: Generation) -> Self {
        let mut reach = Self { from, found: Numbers::default(), waiting: BinaryHeap::new() };
        reach.add(from, generation);
        reach
    }

    fn add(&mut self, number: Number, generation: Generation) {
        if self.found.insert(number) {
            self.waiting.push((generation, Reverse(number)));
        }
    }
}

/// Tells what a commit has and others lack.
pub(super) enum Difference {
    /// All of it was walked. Without generations nothing less tells for certain what the others lack.
    Walked(Walk),
    /// It is asked commit by commit what the others have.
    Reachable(Vec<Reachable>),
}

impl CommitGraph {
    /// Whether it is known how far each commit is from the first one.
    pub(super) fn has_generations(&self) -> bool {
        self.file.is_some() || self.cuts.is_some()
    }

    pub(super) fn difference(&mut self, git: &GitRepository, others: &[ObjectId], tip: ObjectId) -> Result<Difference> {
        if !self.has_generations() {
            return self.walk(git, [&[tip], others], 0, WalkEnd::Own(usize::MAX)).map(Difference::Walked);
        }
        let reaches = others.iter().map(|other| self.take_reach(git, *other));
        reaches.collect::<Result<_>>().map(Difference::Reachable)
    }

    /// Whether the others lack a commit that the one has.
    pub(super) fn is_own(&mut self, git: &GitRepository, difference: &mut Difference, number: Number) -> Result<bool> {
        let reaches = match difference {
            Difference::Walked(walk) => return Ok(walk.is_own(number)),
            Difference::Reachable(reaches) => reaches,
        };
        for reach in reaches {
            if self.is_reached(git, reach, number)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Keeps what was found out for the next question.
    pub(super) fn keep(&mut self, difference: Difference) {
        if let Difference::Reachable(reaches) = difference {
            self.reaches.splice(..0, reaches);
            self.reaches.truncate(MOST_KEPT);
        }
    }

    pub(super) fn take_reach(&mut self, git: &GitRepository, from: ObjectId) -> Result<Reachable> {
        let (from, known) = self.start(git, from)?;
        let kept = self.reaches.iter().position(|reach| reach.from == from);
        Ok(kept.map_or_else(|| Reachable::new(from, known.generation), |at| self.reaches.remove(at)))
    }

    /// Whether a commit, which was read, is reachable.
    pub(super) fn is_reached(&mut self, git: &GitRepository, reach: &mut Reachable, number: Number) -> Result<bool> {
        let Some(generation) = self.known(number).map(|known| known.generation) else { return Ok(false) };
        // A commit is of a later generation than all that it has.
        while !reach.found.has(number) && reach.waiting.peek().is_some_and(|(next, _)| *next >= generation) {
            let Some((_, Reverse(next))) = reach.waiting.pop() else { break };
            for place in 0..self.parents(next).len() {
                let Some(parent) = self.parents(next).get(place).copied() else { continue };
                if let Some(known) = self.reach(git, parent)? {
                    reach.add(parent, known.generation);
                }
            }
        }
        Ok(reach.found.has(number))
    }
}
