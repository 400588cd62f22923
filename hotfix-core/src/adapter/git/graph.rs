//! Who descends from whom. Each commit is read once a process, by git's commit-graph where there is one; every question after
//! that is a walk in memory. Where history is cut off (a shallow clone) a commit has no parents, as for git.

mod cuts;
mod holders;
mod numbers;
mod reach;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::ControlFlow;

use gix::bstr::ByteSlice as _;
use gix::commitgraph::{GENERATION_NUMBER_MAX, Position};
use gix::objs::Find as _;
use gix::objs::commit::ref_iter::Token;
use gix::{ObjectId, Result};

use crate::port::NAMES_A_COMMIT;

use super::GitRepository;

pub(super) use cuts::Cuts;
use holders::Holders;
use numbers::Numbers;
use reach::{Difference, Reachable};

/// A commit by its place in the graph.
type Number = usize;

/// More than that of any commit that it has, where that is known.
type Generation = u64;
const UNKNOWN: Generation = Generation::MAX;

/// Reachable from the first side, or from the second.
const FIRST: u8 = 1;
const SECOND: u8 = 2;
const BOTH: u8 = FIRST | SECOND;
/// Reachable from a commit that both sides have.
const STALE: u8 = 4;
const QUEUED: u8 = 8;
const MET: u8 = 16;
/// Has the commit that is looked for.
const HOLDS: u8 = 32;

/// The commits that were met so far.
#[derive(Default)]
pub(super) struct CommitGraph {
    file: Option<gix::commitgraph::Graph>,
    /// Where history is cut off, if it is: then the file does not count.
    cuts: Option<Cuts>,
    /// By their places in the file, each one more than its number; 0 where it was not met.
    placed: Vec<Number>,
    /// Those that the file does not have.
    unplaced: gix::hashtable::HashMap<ObjectId, Number>,
    nodes: Vec<Node>,
    parents: Vec<Number>,
    /// What is reachable from the commits that were asked about last, as far as it was walked.
    reaches: Vec<Reachable>,
    /// Where two commits parted, as far as it was looked for: who merges asks it of the same two several times.
    parted: HashMap<[ObjectId; 2], Vec<ObjectId>>,
    buffer: Vec<u8>,
}

struct Node {
    id: ObjectId,
    /// Where the file has it.
    position: Option<Position>,
    known: Option<ReadCommit>,
    /// Whether its message may name another commit, once it was read.
    names: Option<bool>,
}

impl Node {
    /// Adds a commit to those that were met.
    fn push(nodes: &mut Vec<Self>, id: ObjectId, position: Option<Position>) -> Number {
        nodes.push(Self { id, position, known: None, names: None });
        nodes.len() - 1
    }
}

/// What is known of a commit once it was read.
#[derive(Clone, Copy)]
struct ReadCommit {
    generation: Generation,
    seconds: i64,
    first: usize,
    count: usize,
}

/// When a walk is over, beside where nothing is left.
#[derive(Clone, Copy)]
enum WalkEnd {
    /// This commit of the first side turned out to be the second's too.
    Reachable(Number),
    /// Nothing is left that both sides may have in common.
    Common,
    /// All is known that the first side alone has, or so much of it, merges aside.
    Own(usize),
}

/// What a branch has and one of several others lacks.
pub(super) struct Lacked {
    /// Along its first parents, newest first.
    pub(super) line: Vec<ObjectId>,
    /// The merges beside them, in no order.
    pub(super) merges: Vec<ObjectId>,
}

/// What a walk met, and which side has it.
struct Walk {
    met: Vec<Number>,
    marks: Vec<u8>,
    queue: BinaryHeap<(Generation, i64, Reverse<Number>)>,
    /// Of those that wait, how many either side may still learn something from.
    open: [usize; 2],
}

impl Walk {
    fn marks(&self, number: Number) -> u8 {
        self.marks.get(number).copied().unwrap_or_default()
    }

    fn is_own(&self, number: Number) -> bool {
        self.marks(number) & BOTH == FIRST
    }

    fn holds(&self, number: Number) -> bool {
        self.marks(number) & HOLDS != 0
    }

    fn set(&mut self, number: Number, marks: u8) {
        if self.marks.len() <= number {
            self.marks.resize(number + 1, 0);
        }
        if let Some(known) = self.marks.get_mut(number) {
            *known = marks;
        }
    }

    fn tally(&mut self, marks: u8, is_more: bool) {
        for (side, open) in [FIRST, SECOND].into_iter().zip(&mut self.open) {
            if marks & STALE == 0 && marks & side != 0 {
                *open = if is_more { open.saturating_add(1) } else { open.saturating_sub(1) };
            }
        }
    }

    /// Lets a commit wait for its turn with these marks too, if they tell anything new of it.
    fn push(&mut self, number: Number, known: ReadCommit, marks: u8) {
        let before = self.marks(number);
        if before & marks == marks {
            return;
        }
        if before & QUEUED == 0 {
            self.queue.push((known.generation, known.seconds, Reverse(number)));
        } else {
            self.tally(before, false);
        }
        let now = before | marks | QUEUED;
        self.tally(now, true);
        self.set(number, now);
    }
}

impl CommitGraph {
    pub(super) fn open(git: &GitRepository) -> Result<Self> {
        let cuts = Cuts::of(git)?;
        // As git: where history is cut off, the file may know more of it than counts, and one that is damaged is passed over.
        let file = if cuts.is_some() { None } else { git.reads.commit_graph_if_enabled().unwrap_or_default() };
        Ok(Self { file, cuts, ..Self::default() })
    }

    /// Whether history is still cut off where it was: a fetch may change that.
    pub(super) fn is_current(&self, git: &GitRepository) -> Result<bool> {
        Ok(self.cuts == Cuts::of(git)?)
    }

    /// Whether it was read from git's file.
    pub(super) fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// Whether one commit is reachable from another, or the same. One that is not here is not.
    pub(super) fn is_ancestor(&mut self, git: &GitRepository, below: ObjectId, above: ObjectId) -> Result<bool> {
        let number = self.number(below)?;
        let Some(known) = self.read(git, number)? else { return Ok(false) };
        if self.has_generations() {
            let mut reach = self.take_reach(git, above)?;
            let is_reached = self.is_reached(git, &mut reach, number)?;
            self.keep(Difference::Reachable(vec![reach]));
            return Ok(is_reached);
        }
        let walk = self.walk(git, [&[below], &[above]], known.generation, WalkEnd::Reachable(number))?;
        Ok(walk.marks(number) & SECOND != 0)
    }

    /// Where two commits parted: the commits that both have, and that no other such commit has.
    pub(super) fn merge_bases(&mut self, git: &GitRepository, one: ObjectId, other: ObjectId) -> Result<Vec<ObjectId>> {
        // The question is the same either way round.
        let pair = if one < other { [one, other] } else { [other, one] };
        if let Some(known) = self.parted.get(&pair) {
            return Ok(known.clone());
        }
        let walk = self.walk(git, [&[one], &[other]], 0, WalkEnd::Common)?;
        let found = walk.met.iter().filter(|number| walk.marks(**number) & (BOTH | STALE) == BOTH);
        let found: Vec<ObjectId> = found.filter_map(|number| self.id(*number)).collect();
        let mut best = Vec::new();
        for id in &found {
            let mut is_best = true;
            for above in found.iter().filter(|above| *above != id) {
                is_best = is_best && !self.is_ancestor(git, *id, *above)?;
            }
            best.extend(is_best.then_some(*id));
        }
        self.parted.insert(pair, best.clone());
        Ok(best)
    }

    /// The commits that `tip` has and none of `others`, newest first.
    pub(super) fn own(&mut self, git: &GitRepository, others: &[ObjectId], tip: ObjectId) -> Result<Vec<ObjectId>> {
        let mut own = Vec::new();
        self.visit_own(git, others, tip, |_, id| {
            own.push(id);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(own)
    }

    /// Visits them one by one, until it is enough: mostly the newest few tell.
    pub(super) fn visit_own(
        &mut self,
        git: &GitRepository,
        others: &[ObjectId],
        tip: ObjectId,
        mut visit: impl FnMut(&mut Self, ObjectId) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut difference = self.difference(git, others, tip)?;
        let (first, known) = self.start(git, tip)?;
        let mut queue = BinaryHeap::from([(known.seconds, Reverse(first))]);
        let mut met = Numbers::default();
        while let Some((_, Reverse(number))) = queue.pop() {
            if !met.insert(number) || !self.is_own(git, &mut difference, number)? {
                continue;
            }
            if let Some(id) = self.id(number)
                && visit(self, id)?.is_break()
            {
                break;
            }
            for place in 0..self.parents(number).len() {
                let Some(parent) = self.parents(number).get(place).copied() else { continue };
                queue.extend(self.reach(git, parent)?.map(|known| (known.seconds, Reverse(parent))));
            }
        }
        self.keep(difference);
        Ok(())
    }

    /// How many commits `tip` has and `base` lacks, merges aside; counts to `most`.
    pub(super) fn count_own(
        &mut self,
        git: &GitRepository,
        base: ObjectId,
        tip: ObjectId,
        most: usize,
    ) -> Result<usize> {
        let walk = self.walk(git, [&[tip], &[base]], 0, WalkEnd::Own(most))?;
        Ok(self.count(&walk).min(most))
    }

    /// Those of a walk that the first side alone has, merges aside: people count commits.
    fn count(&self, walk: &Walk) -> usize {
        let is_single = |number: &Number| self.known(*number).is_some_and(|known| known.count < 2);
        walk.met.iter().filter(|number| walk.is_own(**number) && is_single(number)).count()
    }

    /// The oldest commit along the first parents of `tip` that has `commit`.
    pub(super) fn oldest_with(
        &mut self,
        git: &GitRepository,
        commit: ObjectId,
        tip: ObjectId,
    ) -> Result<Option<ObjectId>> {
        let (bottom, known) = self.start(git, commit)?;
        // All that lies between the two is met.
        let mut walk = self.walk(git, [&[commit], &[tip]], known.generation, WalkEnd::Common)?;
        let mut is_new = walk.marks(bottom) & SECOND != 0;
        if is_new {
            walk.set(bottom, walk.marks(bottom) | HOLDS);
        }
        // Parents were met after their children, unless a clock was wrong: then one more round is needed.
        while is_new {
            is_new = false;
            for at in (0..walk.met.len()).rev() {
                let Some(number) = walk.met.get(at).copied().filter(|number| !walk.holds(*number)) else { continue };
                if self.parents(number).iter().any(|parent| walk.holds(*parent)) {
                    walk.set(number, walk.marks(number) | HOLDS);
                    is_new = true;
                }
            }
        }
        let mut next = self.find(tip);
        let mut oldest = None;
        while let Some(number) = next.filter(|number| walk.holds(*number)) {
            oldest = self.id(number);
            next = self.parents(number).first().copied();
        }
        Ok(oldest)
    }

    /// The commits along the first parents of `tip`, newest first, down to the first that all `bases` have, or all where there are
    /// none; and the merges beside them that one of `bases` lacks.
    pub(super) fn lacked(&mut self, git: &GitRepository, bases: &[ObjectId], tip: ObjectId) -> Result<Lacked> {
        let mut holders = self.holders(git, bases, tip)?;
        let mut line = Vec::new();
        let mut next = Some(self.start(git, tip)?.0);
        while let Some(number) = next.take() {
            if !bases.is_empty() && !self.is_lacked(git, &mut holders, number)? {
                break;
            }
            line.push(number);
            if let Some(parent) = self.parents(number).first().copied() {
                next = self.reach(git, parent)?.map(|_| parent);
            }
        }
        let merges = self.merges_beside(git, &line, &mut holders)?;
        let ids = |numbers: Vec<Number>| numbers.into_iter().filter_map(|number| self.id(number)).collect();
        Ok(Lacked { line: ids(line), merges: ids(merges) })
    }

    /// The merges that were merged into a row of commits, as far as one of the others lacks them.
    fn merges_beside(&mut self, git: &GitRepository, line: &[Number], others: &mut [Holders]) -> Result<Vec<Number>> {
        let mut met = Numbers::default();
        for number in line {
            met.insert(*number);
        }
        let mut next: Vec<Number> =
            line.iter().flat_map(|number| self.parents(*number).iter().skip(1).copied()).collect();
        let mut merges = Vec::new();
        while let Some(number) = next.pop() {
            if !met.insert(number) || self.reach(git, number)?.is_none() || !self.is_lacked(git, others, number)? {
                continue;
            }
            let parents = self.parents(number);
            merges.extend((parents.len() > 1).then_some(number));
            next.extend(parents);
        }
        Ok(merges)
    }

    /// Whether the message of a commit may name another one, where that is known.
    pub(super) fn names_a_commit(&self, id: ObjectId) -> Option<bool> {
        self.node(self.find(id)?)?.names
    }

    /// Keeps what was learnt of that.
    pub(super) fn learn_names(&mut self, id: ObjectId, names: bool) {
        if let Some(node) = self.find(id).and_then(|number| self.nodes.get_mut(number)) {
            node.names = Some(names);
        }
    }

    /// A commit that was met.
    fn find(&self, id: ObjectId) -> Option<Number> {
        match self.file.as_ref().and_then(|file| file.lookup(id)) {
            Some(position) => self.placed.get(position.0 as usize)?.checked_sub(1),
            None => self.unplaced.get(&id).copied(),
        }
    }

    fn number(&mut self, id: ObjectId) -> Result<Number> {
        if let Some((file, position)) = self.file.as_ref().and_then(|file| Some((file, file.lookup(id)?))) {
            return number_at(file, position, &mut self.placed, &mut self.nodes);
        }
        Ok(*self.unplaced.entry(id).or_insert_with(|| Node::push(&mut self.nodes, id, None)))
    }

    fn node(&self, number: Number) -> Option<&Node> {
        self.nodes.get(number)
    }

    fn id(&self, number: Number) -> Option<ObjectId> {
        self.node(number).map(|node| node.id)
    }

    fn known(&self, number: Number) -> Option<ReadCommit> {
        self.node(number)?.known
    }

    fn parents(&self, number: Number) -> &[Number] {
        let known = self.known(number).map(|known| known.first..known.first + known.count);
        known.and_then(|range| self.parents.get(range)).unwrap_or_default()
    }

    /// Reads a commit, unless it was read before; `None` where it is not here.
    fn read(&mut self, git: &GitRepository, number: Number) -> Result<Option<ReadCommit>> {
        if self.cuts.is_some() { self.read_with_history(git, number) } else { self.read_alone(git, number) }
    }

    fn read_alone(&mut self, git: &GitRepository, number: Number) -> Result<Option<ReadCommit>> {
        let Some(node) = self.node(number) else { return Ok(None) };
        if node.known.is_some() {
            return Ok(node.known);
        }
        let (id, position) = (node.id, node.position);
        let (mut generation, mut seconds, mut names) = (UNKNOWN, 0, None);
        let first = self.parents.len();
        if let Some((file, position)) = self.file.as_ref().zip(position) {
            let commit = file.commit_at(position);
            if (1..GENERATION_NUMBER_MAX).contains(&commit.generation()) {
                generation = commit.generation().into();
            }
            seconds = i64::try_from(commit.committer_timestamp()).unwrap_or(i64::MAX);
            for parent in commit.iter_parents() {
                self.parents.push(number_at(file, parent?, &mut self.placed, &mut self.nodes)?);
            }
        } else {
            let found = git.reads.objects.try_find(&id, &mut self.buffer)?;
            let Some(found) = found.filter(|found| found.kind.is_commit()) else { return Ok(None) };
            let mut parents = Vec::new();
            for token in gix::objs::CommitRefIter::from_bytes(found.data, id.kind()) {
                match token? {
                    Token::Parent { id } => parents.push(id),
                    Token::Committer { signature } => {
                        seconds = signature.seconds();
                        break;
                    }
                    _ => {}
                }
            }
            names = Some(found.data.contains_str(NAMES_A_COMMIT));
            if self.cuts.as_ref().is_some_and(|cuts| cuts.has(id)) {
                parents.clear();
            }
            for parent in parents {
                let parent = self.number(parent)?;
                self.parents.push(parent);
            }
        }
        let count = self.parents.len() - first;
        let known = Some(ReadCommit { generation, seconds, first, count });
        if let Some(node) = self.nodes.get_mut(number) {
            (node.known, node.names) = (known, names);
        }
        Ok(known)
    }

    /// A commit that has to be here.
    fn start(&mut self, git: &GitRepository, id: ObjectId) -> Result<(Number, ReadCommit)> {
        let number = self.number(id)?;
        loop {
            if let Some(known) = self.read(git, number)? {
                return Ok((number, known));
            }
            git.reads.find_commit(id)?; // Says what is wrong, and of which commit.
        }
    }

    /// A parent; it may be missing only where history is cut off.
    fn reach(&mut self, git: &GitRepository, number: Number) -> Result<Option<ReadCommit>> {
        match (self.read(git, number)?, self.id(number)) {
            (None, Some(id)) if self.cuts.is_none() => self.start(git, id).map(|(_, known)| Some(known)),
            (known, _) => Ok(known),
        }
    }

    /// Follows parents from two sides at once, the newest first. What is older than the generation `since` is left out.
    fn walk(
        &mut self,
        git: &GitRepository,
        sides: [&[ObjectId]; 2],
        since: Generation,
        until: WalkEnd,
    ) -> Result<Walk> {
        let (met, queue, open) = Default::default();
        let mut walk = Walk { met, queue, open, marks: vec![0; self.nodes.len()] };
        for (side, ids) in [FIRST, SECOND].into_iter().zip(sides) {
            for id in ids {
                let (number, known) = self.start(git, *id)?;
                walk.push(number, known, side);
            }
        }
        // How much the first side has alone, once that is certain, and since when as far as it seems.
        let (mut own, mut oldest_own) = (None, i64::MAX);
        while let Some((_, seconds, Reverse(number))) = walk.queue.pop() {
            let Some(known) = self.known(number) else { continue };
            // No commit of a later generation is an ancestor of this one. Dates say nothing of that for certain.
            if known.generation != UNKNOWN && own.is_none() {
                own = Some(self.count(&walk));
            }
            let [first, second] = walk.open;
            let is_over = match until {
                WalkEnd::Reachable(target) if walk.marks(target) & BOTH == BOTH => true,
                WalkEnd::Reachable(_) | WalkEnd::Common => {
                    first + second == 0 || own.is_some() && (first == 0 || second == 0)
                }
                WalkEnd::Own(most) => match own {
                    Some(own) => first == 0 || own >= most,
                    // By dates alone a commit may seem to be the first side's until the other's path to it was walked.
                    None => first + second == 0 && seconds < oldest_own,
                },
            };
            if is_over {
                break;
            }
            let marks = walk.marks(number) & !QUEUED;
            walk.tally(marks, false);
            walk.set(number, marks | MET);
            if marks & MET == 0 {
                walk.met.push(number);
            }
            if marks & BOTH == FIRST {
                oldest_own = oldest_own.min(seconds);
                own = own.map(|own| own + usize::from(known.count < 2));
            }
            let handed = if marks & BOTH == BOTH { BOTH | STALE } else { marks & (BOTH | STALE) };
            for place in known.first..known.first + known.count {
                let Some(parent) = self.parents.get(place).copied() else { continue };
                if let Some(found) = self.reach(git, parent)?.filter(|found| found.generation >= since) {
                    walk.push(parent, found, handed);
                }
            }
        }
        Ok(walk)
    }
}

/// The number of a commit that the file has.
fn number_at(
    file: &gix::commitgraph::Graph,
    position: Position,
    placed: &mut Vec<Number>,
    nodes: &mut Vec<Node>,
) -> Result<Number> {
    if placed.is_empty() {
        placed.resize(file.num_commits() as usize, 0);
    }
    let beyond = || gix::Error::from_error(BeyondFile(position.0));
    let place = placed.get_mut(position.0 as usize).ok_or_else(beyond)?;
    if *place == 0 {
        *place = Node::push(nodes, file.id_at(position).to_owned(), Some(position)) + 1;
    }
    Ok(*place - 1)
}

/// The file of the commit-graph is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the commit-graph names its commit {0}, and has fewer")]
struct BeyondFile(u32);

#[cfg(test)]
mod tests;
