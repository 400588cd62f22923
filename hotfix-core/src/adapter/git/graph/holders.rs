//! Which commits several others have in common: one walk for all of them, however many release branches there are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use gix::{ObjectId, Result};

use crate::adapter::git::GitRepository;

use super::numbers::Numbers;
use super::{CommitGraph, Generation, Number, ReadCommit, UNKNOWN};

/// Who has a commit: a bit each.
type Mask = u128;

/// So many are walked from at once, beside the tip that has all that is asked about.
const MOST: usize = Mask::BITS as usize - 1;

/// Several commits, and which of them has what was met below them so far.
pub(super) struct Holders {
    all: Mask,
    masks: Vec<Mask>,
    queue: BinaryHeap<(Generation, i64, Reverse<Number>)>,
    queued: Numbers,
    /// Of those that wait, how many one of them may lack.
    open: usize,
    /// Since when one of them lacked something.
    oldest_lacked: i64,
}

impl Holders {
    fn mask(&self, number: Number) -> Mask {
        self.masks.get(number).copied().unwrap_or_default()
    }

    fn push(&mut self, number: Number, known: ReadCommit, mask: Mask) {
        let before = self.mask(number);
        let now = before | mask;
        if now == before {
            return;
        }
        if self.queued.insert(number) {
            self.queue.push((known.generation, known.seconds, Reverse(number)));
        } else {
            // It is counted already: one that all have learns nothing new.
            self.open -= 1;
        }
        self.open += usize::from(now != self.all);
        if self.masks.len() <= number {
            self.masks.resize(number + 1, 0);
        }
        self.masks.get_mut(number).into_iter().for_each(|known| *known = now);
    }

    /// Takes the next one for which everything that may tell of it was looked at, unless no more is needed for commits of
    /// this generation.
    fn pop(&mut self, generation: Generation) -> Option<Number> {
        let (next, seconds, Reverse(number)) = *self.queue.peek()?;
        // Below what all have, all have everything; by dates alone another path to what one seems to lack may come late.
        let is_over = if next == UNKNOWN { self.open == 0 && seconds < self.oldest_lacked } else { next < generation };
        if is_over {
            return None;
        }
        self.queue.pop();
        self.queued.remove(number);
        if self.mask(number) != self.all {
            self.open -= 1;
            self.oldest_lacked = self.oldest_lacked.min(seconds);
        }
        Some(number)
    }
}

impl CommitGraph {
    /// The others, to be asked about what `tip` has.
    pub(super) fn holders(&mut self, git: &GitRepository, others: &[ObjectId], tip: ObjectId) -> Result<Vec<Holders>> {
        let mut all = Vec::new();
        for others in others.chunks(MOST) {
            let mut holders = Holders {
                all: Mask::MAX >> (MOST - others.len()),
                masks: Vec::new(),
                queue: BinaryHeap::new(),
                queued: Numbers::default(),
                open: 0,
                oldest_lacked: i64::MAX,
            };
            for (place, id) in std::iter::once(&tip).chain(others).enumerate() {
                let (number, known) = self.start(git, *id)?;
                holders.push(number, known, 1 << place);
            }
            all.push(holders);
        }
        Ok(all)
    }

    /// Whether one of the others lacks a commit that the tip has, and that was read.
    pub(super) fn is_lacked(&mut self, git: &GitRepository, holders: &mut [Holders], number: Number) -> Result<bool> {
        let Some(ReadCommit { generation, .. }) = self.known(number) else { return Ok(false) };
        for some in holders {
            while let Some(next) = some.pop(generation) {
                let mask = some.mask(next);
                for place in 0..self.parents(next).len() {
                    let Some(parent) = self.parents(next).get(place).copied() else { continue };
                    if let Some(known) = self.reach(git, parent)? {
                        some.push(parent, known, mask);
                    }
                }
            }
            // What was not met is below what all have.
            let mask = some.mask(number);
            if mask != 0 && mask != some.all {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
