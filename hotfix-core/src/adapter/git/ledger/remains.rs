//! What is left of a ledger that cannot be read: the commits that still can, and the events that these, or nothing at all, lead to.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::str::FromStr as _;

use git2::{ErrorCode, ObjectType, Odb, Oid, Repository};

use crate::domain::{EventId, IncidentId, ObjectId};
use crate::port::{Choose, Recognize, Stays, by_system};

use super::store::LONGEST;
use super::tree::{LEVELS, is_ours};
use crate::adapter::git::convert::oid;

/// By what the remains of a year's ledger are known.
pub(super) struct SalvageRules<'r> {
    pub(super) year: i16,
    /// Which of two files of an event stays.
    pub(super) choose: &'r Choose<'r>,
    /// Which bytes are an event.
    pub(super) recognize: &'r Recognize<'r>,
}

/// The events of a ledger, each with the object that holds it.
type Events = BTreeMap<(IncidentId, EventId), Oid>;

/// What was found of a ledger.
pub(super) struct SalvagedEvents {
    pub(super) events: Events,
    /// The newest commit that can be read with all that it leads to.
    pub(super) parent: Option<Oid>,
    /// When that was made, in seconds.
    pub(super) at: i64,
    /// Whether nothing that was recorded is missing, as far as can be known.
    pub(super) is_whole: bool,
    /// What cannot be read.
    pub(super) broken: BTreeSet<Oid>,
}

#[derive(Clone)]
struct KnownCommit {
    tree: Oid,
    parents: Vec<Oid>,
    at: i64,
}

/// Reads what is left.
pub(super) struct LedgerRemains<'s> {
    repository: &'s Repository,
    odb: &'s Odb<'s>,
    rules: &'s SalvageRules<'s>,
    may_lack: bool,
    broken: BTreeSet<Oid>,
    /// Whether two files of an event were found of which one may lead nobody to the other.
    forgets: bool,
}

type Reading<T> = Result<T, git2::Error>;

impl<'s> LedgerRemains<'s> {
    pub(super) fn new(
        repository: &'s Repository,
        odb: &'s Odb<'s>,
        rules: &'s SalvageRules<'s>,
        may_lack: bool,
    ) -> Self {
        Self { repository, odb, rules, may_lack, broken: BTreeSet::new(), forgets: false }
    }

    /// The same, of what is here alone: the newest commit is known by now to be damaged, and older ones may lack something.
    pub(super) fn of_what_is_here(mut self) -> Self {
        self.may_lack = false;
        self
    }

    /// Whether a commit can be read with all trees that it leads to.
    pub(super) fn is_whole(&mut self, commit: Oid) -> Reading<bool> {
        let Some(commit) = self.commit(commit)? else { return Ok(false) };
        self.collect(commit.tree, &mut Events::new())
    }

    /// All that is left.
    pub(super) fn put_together(mut self, at: Option<Oid>, marks: &BTreeSet<Oid>) -> Reading<SalvagedEvents> {
        let commits = self.commits(at.into_iter().chain(marks.iter().copied()))?;
        let whole = self.newest_whole(&commits)?;
        // What is recorded is only added to: the one with the most events is the newest.
        let newest = whole.iter().max_by_key(|(id, events)| (events.len(), commits.get(id).map(|known| known.at), *id));
        let (parent, mut events) = newest.map_or((None, Events::new()), |(id, events)| (Some(*id), events.clone()));
        // A commit whose ref was never moved is no part of the record, but what it has forgotten is forgotten.
        for (_, others) in &whole {
            let shared = others.iter().filter(|(event, _)| events.contains_key(event));
            let shared: Events = shared.map(|(event, blob)| (event.clone(), *blob)).collect();
            self.unite(&mut events, shared)?;
        }
        let mut misses_mark = false;
        for mark in at.iter().chain(marks) {
            let Some(known) = commits.get(mark) else {
                misses_mark = true;
                continue;
            };
            let mut had = Events::new();
            misses_mark |= !self.collect(known.tree, &mut had)?;
            self.unite(&mut events, had)?;
        }
        let lone = self.lone_objects(&commits)?;
        // The tree of a commit that is lost: no other names it.
        let mut had_by_lost = None;
        for tree in &lone.trees {
            let mut had = Events::new();
            let is_more =
                self.collect(*tree, &mut had)? && !had.is_empty() && events.keys().all(|event| had.contains_key(event));
            if is_more && had_by_lost.as_ref().is_none_or(|known: &Events| known.len() < had.len()) {
                had_by_lost = Some(had);
            }
        }
        let is_whole = !misses_mark || (at.is_some_and(|at| !commits.contains_key(&at)) && had_by_lost.is_some());
        self.unite(&mut events, had_by_lost.unwrap_or_default())?;
        for (event, blob) in lone.events {
            events.entry(event).or_insert(blob);
        }
        let time = parent.and_then(|parent| commits.get(&parent)).map_or(0, |known| known.at);
        // From the commit of what is forgotten one would get to that.
        let parent = parent.filter(|_| !self.forgets);
        let is_whole = is_whole && (at.is_some() || !marks.is_empty());
        Ok(SalvagedEvents { events, parent, at: time, is_whole, broken: self.broken })
    }

    /// Nothing, where it cannot be read; an error, where the system does not let us, or a remote may have it.
    fn read<T>(&mut self, id: Oid, read: Reading<T>) -> Reading<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if by_system(&error).is_some() => Err(error),
            Err(error) if self.may_lack && error.code() == ErrorCode::NotFound => Err(error),
            Err(_) => {
                self.broken.insert(id);
                Ok(None)
            }
        }
    }

    fn commit(&mut self, id: Oid) -> Reading<Option<KnownCommit>> {
        let read = self.repository.find_commit(id).map(|commit| KnownCommit {
            tree: commit.tree_id(),
            parents: commit.parent_ids().collect(),
            at: commit.time().seconds(),
        });
        self.read(id, read)
    }

    /// What a tree names that is ours, so many folders below the top.
    fn entries(&mut self, tree: Oid, depth: usize) -> Reading<Option<Vec<(String, Oid)>>> {
        let read = self.repository.find_tree(tree).map(|tree| {
            let ours = tree.iter().filter_map(|entry| {
                let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
                is_ours(depth, &name, entry.filemode_raw().unsigned_abs()).then(|| (name, entry.id()))
            });
            ours.collect()
        });
        self.read(tree, read)
    }

    /// Adds the events under a tree, as far as it can be read; whether all of it can.
    fn collect(&mut self, tree: Oid, into: &mut Events) -> Reading<bool> {
        let Some(shards) = self.entries(tree, 0)? else { return Ok(false) };
        let mut is_whole = true;
        for (_, shard) in shards {
            let incidents = self.entries(shard, 1)?;
            is_whole &= incidents.is_some();
            for (name, incident) in incidents.unwrap_or_default() {
                let Some(id) = IncidentId::from_str(&name).ok().filter(|id| id.year() == self.rules.year) else {
                    continue;
                };
                let events = self.entries(incident, LEVELS)?;
                is_whole &= events.is_some();
                let named = events.unwrap_or_default().into_iter().filter_map(|(name, blob)| {
                    Some(((id.clone(), EventId::from_str(name.strip_suffix(".json")?).ok()?), blob))
                });
                into.extend(named);
            }
        }
        Ok(is_whole)
    }

    /// Adds events; of two files of one the better stays.
    fn unite(&mut self, events: &mut Events, others: Events) -> Reading<()> {
        for (event, other) in others {
            let Some(own) = events.get(&event).copied() else {
                events.insert(event, other);
                continue;
            };
            if own == other {
                continue;
            }
            let bytes = |id| self.repository.find_blob(id).map(|blob| blob.content().to_vec()).unwrap_or_default();
            let stays = (self.rules.choose)(&event.0, &event.1, &bytes(own), &bytes(other));
            self.forgets |= matches!(stays, Stays::FirstOnly | Stays::SecondOnly);
            if matches!(stays, Stays::Second | Stays::SecondOnly) {
                events.insert(event, other);
            }
        }
        Ok(())
    }

    /// The commits of the ledger that can be read, whether anything leads to them or not: those of the marks, and their history too.
    fn commits(&mut self, marks: impl Iterator<Item = Oid>) -> Reading<BTreeMap<Oid, KnownCommit>> {
        let mut next: Vec<Oid> = marks.collect();
        next.extend(self.all_of(ObjectType::Commit)?.into_iter().filter(|id| self.is_ledger_commit(*id)));
        let mut commits = BTreeMap::new();
        let mut met = HashSet::new();
        while let Some(id) = next.pop() {
            if met.insert(id)
                && let Some(commit) = self.commit(id)?
            {
                next.extend(&commit.parents);
                commits.insert(id, commit);
            }
        }
        Ok(commits)
    }

    fn all_of(&self, wanted: ObjectType) -> Reading<Vec<Oid>> {
        let mut all = Vec::new();
        self.odb.foreach(|id| {
            all.push(*id);
            true
        })?;
        all.retain(|id| self.odb.read_header(*id).is_ok_and(|(_, kind)| kind == wanted));
        Ok(all)
    }

    fn is_ledger_commit(&self, id: Oid) -> bool {
        self.repository.find_commit(id).is_ok_and(|commit| self.is_ledger_tree(commit.tree_id()))
    }

    /// Whether a tree begins as that of the year's ledger does.
    fn is_ledger_tree(&self, id: Oid) -> bool {
        let Ok(tree) = self.repository.find_tree(id) else { return false };
        let name = |entry: &git2::TreeEntry<'_>| String::from_utf8_lossy(entry.name_bytes()).into_owned();
        let is_incident = |entry: &git2::TreeEntry<'_>| {
            IncidentId::from_str(&name(entry)).is_ok_and(|id| id.year() == self.rules.year)
        };
        let mut shards = tree.iter().filter(|entry| is_ours(0, &name(entry), entry.filemode_raw().unsigned_abs()));
        shards.any(|shard| {
            self.repository.find_tree(shard.id()).is_ok_and(|shard| shard.iter().any(|entry| is_incident(&entry)))
        })
    }

    /// The newest commits of all lines of history that are whole, with their events.
    fn newest_whole(&mut self, commits: &BTreeMap<Oid, KnownCommit>) -> Reading<Vec<(Oid, Events)>> {
        let parents: HashSet<Oid> = commits.values().flat_map(|known| known.parents.iter().copied()).collect();
        let mut next: Vec<Oid> = commits.keys().copied().filter(|id| !parents.contains(id)).collect();
        let (mut whole, mut met) = (Vec::new(), HashSet::new());
        while let Some(id) = next.pop() {
            let Some(known) = commits.get(&id).filter(|_| met.insert(id)) else { continue };
            let mut events = Events::new();
            if self.collect(known.tree, &mut events)? {
                whole.push((id, events));
            } else {
                next.extend(&known.parents);
            }
        }
        Ok(whole)
    }

    /// Objects that lie alone and that no commit leads to that can be read. One whose ref was never moved leads to its own.
    fn lone_objects(&mut self, commits: &BTreeMap<Oid, KnownCommit>) -> Reading<LoneObjects> {
        let mut led_to = HashSet::new();
        for known in commits.values() {
            self.mark(known.tree, 0, &mut led_to)?;
        }
        let mut lone = LoneObjects::default();
        for id in loose(&self.repository.path().join("objects")) {
            let Ok((size, kind)) = self.odb.read_header(id) else { continue };
            match kind {
                _ if led_to.contains(&id) => {}
                ObjectType::Tree if self.is_ledger_tree(id) => lone.trees.push(id),
                ObjectType::Blob if size as u64 <= LONGEST => {
                    let Ok(object) = self.odb.read(id) else { continue };
                    let incident = (self.rules.recognize)(object.data()).filter(|of| of.year() == self.rules.year);
                    lone.events.extend(incident.map(|of| ((of, EventId::of(object.data())), id)));
                }
                _ => {}
            }
        }
        Ok(lone)
    }

    /// Takes note of all that a tree leads to.
    fn mark(&mut self, id: Oid, depth: usize, led_to: &mut HashSet<Oid>) -> Reading<()> {
        if !led_to.insert(id) || depth > LEVELS {
            return Ok(());
        }
        for (_, below) in self.entries(id, depth)?.unwrap_or_default() {
            self.mark(below, depth + 1, led_to)?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct LoneObjects {
    /// Trees as those of commits of the ledger.
    trees: Vec<Oid>,
    events: Vec<((IncidentId, EventId), Oid)>,
}

/// The objects that lie alone in a folder of objects.
fn loose(folder: &Path) -> Vec<Oid> {
    let listed = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = listed(folder).filter(|entry| entry.file_name().len() == 2);
    let ids = folders.flat_map(|folder| {
        let files = listed(&folder.path()).map(move |file| [folder.file_name(), file.file_name()]);
        files.filter_map(|[folder, file]| format!("{}{}", folder.to_str()?, file.to_str()?).parse::<ObjectId>().ok())
    });
    ids.filter_map(|id| oid(&id).ok()).collect()
}
