//! The ledger's bytes in a git repository: `refs/hotfix/ledger/<YYYY>`, and in its tree
//! `<first 2 hex digits of sha256(incident id)>/<incident id>/<event id>.json`.

use std::collections::HashMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::str::FromStr as _;

use gix::bstr::ByteSlice as _;
use gix::objs::Kind;
use gix::objs::tree::EntryMode;
use jiff::Timestamp;

use crate::domain::{EventId, IncidentId, ObjectId, Person, RefName, sha256_hex};
use crate::port::{
    ConfigRead as _, ErrorKind, Expected, LedgerStore, PortError, RefUpdate, StoreError, StoreTip, StoredEvent,
};

use super::tree::{FILE, FOLDER, LEVELS, is_ours};
use super::turn::{self, LEDGER, SEEN, Turn, cache_folder};
use super::{signing, unread};
use crate::adapter::git::GitRepository;
use crate::adapter::git::bulk::BulkReader;
use crate::adapter::git::convert::{failed, from_git2, is_damage, lossy, oid, to_gix};
use crate::adapter::git::durable::{self, Durable};
use crate::adapter::git::ref_store::Swap;
use crate::adapter::git::shared::Sharing;
use crate::adapter::git::{promised, trouble};

/// No event is as long, in bytes. One that is counts as damaged, and is not even unpacked where it lies alone.
pub(super) const LONGEST: u64 = 16 * 1024 * 1024;
/// A cache of so many bytes is of a handful of incidents.
const SMALL: usize = 2048;

impl LedgerStore for GitRepository {
    fn tips(&self) -> Result<Vec<StoreTip>, PortError> {
        tips_under(self, LEDGER, "list the ledgers")
    }

    fn tip(&self, year: i16) -> Result<Option<String>, PortError> {
        let found =
            self.refs.object_of(self, &format!("{LEDGER}{year:04}"), "list the ledgers").map_err(unread::of_ref)?;
        Ok(found.map(|tip| tip.to_string()))
    }

    fn seen(&self) -> Result<Vec<StoreTip>, PortError> {
        let mut seen = match tips_under(self, SEEN, "list the ledgers that were seen") {
            // Only a memory, and not the only one: a ref there that holds anything must not stop everybody.
            Err(error) if is_damage(&error) => Vec::new(),
            seen => seen?,
        };
        // A fetch that prunes all refs of ours deletes those too.
        seen.extend(turn::tips(self));
        seen.sort_unstable();
        seen.dedup();
        Ok(seen)
    }

    fn holds(&self, tip: &str, of: &str) -> Result<bool, PortError> {
        let read = || is_within(self, root(self, of)?, root(self, tip)?, LEVELS);
        let read = || read().map_err(|error| unread::error(self, "compare the ledger with what it was", error));
        promised::with_promised(self, &[tip, of], read)
    }

    fn incidents(&self, year: i16, tip: &str) -> Result<Vec<(IncidentId, String)>, PortError> {
        let read = || -> gix::Result<Vec<(IncidentId, String)>> {
            let mut incidents = Vec::new();
            for (_, shard) in entries(self, root(self, tip)?, EntryMode::is_tree)? {
                for (name, tree) in entries(self, shard, EntryMode::is_tree)? {
                    // An incident lies in the year of its id for ever; elsewhere it was put by hand.
                    let id = IncidentId::from_str(&name).ok().filter(|id| id.year() == year);
                    incidents.extend(id.map(|id| (id, tree.to_string())));
                }
            }
            Ok(incidents)
        };
        let read = || read().map_err(|error| unread::error(self, format!("read the ledger of {year}"), error));
        promised::with_promised(self, &[tip], read)
    }

    fn changed(&self, year: i16, from: &str, to: &str) -> Result<Vec<(IncidentId, Option<String>)>, PortError> {
        let read = || -> gix::Result<Vec<(IncidentId, Option<String>)>> {
            let [before, after] = [from, to].map(|tip| root(self, tip));
            let mut changed = Vec::new();
            // Of 256 shards an append changes one: the trees of the others are not even read.
            for (_, before, after) in differing(self, before?.into(), after?.into(), EntryMode::is_tree)? {
                for (name, _, after) in differing(self, before, after, EntryMode::is_tree)? {
                    let id = IncidentId::from_str(&name).ok().filter(|id| id.year() == year);
                    changed.extend(id.map(|id| (id, after.map(|tree| tree.to_string()))));
                }
            }
            Ok(changed)
        };
        let read = || read().map_err(|error| unread::error(self, format!("read the ledger of {year}"), error));
        promised::with_promised(self, &[from, to], read)
    }

    fn revision(&self, tip: &str, id: &IncidentId) -> Result<Option<String>, PortError> {
        let read = || -> gix::Result<Option<String>> {
            let folder = self.reads.find_tree(root(self, tip)?)?.lookup_entry_by_path(folder(id))?;
            Ok(folder.filter(|entry| entry.mode().is_tree()).map(|entry| entry.object_id().to_string()))
        };
        let read = || read().map_err(|error| unread::error(self, format!("read {id} in the ledger"), error));
        promised::with_promised(self, &[tip], read)
    }

    fn events(&self, id: &IncidentId, revision: &str) -> Result<Vec<StoredEvent>, PortError> {
        let doing = || format!("read {id} in the ledger");
        promised::with_promised(self, &[revision], || {
            let list = || -> gix::Result<Vec<(EventId, gix::ObjectId)>> {
                let mut blobs = Vec::new();
                for entry in self.reads.find_tree(hex(self, revision)?)?.iter() {
                    let entry = entry?;
                    let name = entry.filename().to_str().ok().filter(|_| entry.mode().is_blob());
                    let event = name.and_then(|name| EventId::from_str(name.strip_suffix(".json")?).ok());
                    blobs.extend(event.map(|event| (event, entry.object_id())));
                }
                Ok(blobs)
            };
            let listed = list().map_err(|error| unread::error(self, doing(), error))?;
            let (mut objects, mut events) = (self.bulk(), Vec::new());
            let mut blobs: Vec<_> =
                listed.into_iter().map(|(event, blob)| ((objects.place(self, blob), blob), event)).collect();
            blobs.sort_unstable();
            for ((place, blob), event) in blobs {
                // What lies in a pack costs less to read than to ask for its length first.
                if place.is_none() && BulkReader::length(self, blob).is_some_and(|length| length > LONGEST) {
                    events.push((event, Vec::new()));
                    continue;
                }
                let bytes = match objects.read(self, blob, Kind::Blob).map_err(failed(doing()))? {
                    Some(bytes) if bytes.len() as u64 > LONGEST => Vec::new(),
                    Some(bytes) => bytes.to_vec(),
                    None if self.is_partial_clone() => {
                        return Err(PortError::new(ErrorKind::Retry, doing(), trouble::Lacking(blob.to_string())));
                    }
                    // One that is lost or corrupt must not hide the others: as no bytes it is damage of its own.
                    None => Vec::new(),
                };
                events.push((event, bytes));
            }
            Ok(events)
        })
    }

    fn append(
        &self,
        id: &IncidentId,
        expected: Option<&str>,
        events: &[(EventId, Vec<u8>)],
        message: &str,
        at: Timestamp,
    ) -> Result<String, StoreError> {
        let year = id.year();
        let by = self.identity()?;
        let parent = expected.map(ObjectId::from_str).transpose().map_err(|_| StoreError::Moved { year })?;
        let write = || {
            let durable = self.durable()?;
            write_commit(self, &durable, parent.as_ref(), &files(id, events), message, &by, at)
                .map_err(|error| unread::unrecorded(self, format!("record in {id}"), error))
        };
        let commit = promised::with_promised(self, expected.as_slice(), write)?;
        move_tip(self, year, &commit, parent, message)
    }

    fn replace(
        &self,
        id: &IncidentId,
        expected: &str,
        (event, bytes): (&EventId, &[u8]),
        message: &str,
        at: Timestamp,
    ) -> Result<String, StoreError> {
        let year = id.year();
        let by = self.identity()?;
        let before = ObjectId::from_str(expected).map_err(|_| StoreError::Moved { year })?;
        let durable = self.durable()?;
        let write = || {
            let base = durable.repository.find_commit(oid(&before)?)?.tree()?;
            let path = format!("{}/{event}.json", folder(id));
            // Without parents: from those one would get to the bytes that are to be forgotten.
            commit_files(self, &durable.repository, &base, &[(path, bytes)], message, &signature(&by, at)?, &[])
        };
        let commit = write().map_err(|error| unread::unrecorded(self, format!("forget in {id}"), error))?;
        drop(durable);
        move_tip(self, year, &commit, Some(before), message)
    }

    fn cached(&self, name: &str) -> Option<Vec<u8>> {
        let waiting = self.memory.caches.borrow().get(name).cloned();
        waiting.or_else(|| std::fs::read(cache_folder(self).join(name)).ok())
    }

    fn keep_cache(&self, name: &str, bytes: &[u8]) {
        if bytes.len() <= SMALL {
            self.memory.caches.borrow_mut().insert(name.to_owned(), bytes.to_vec());
            return;
        }
        self.memory.caches.borrow_mut().remove(name);
        let _ = replace_cache(self, name, bytes); // It is only slower without.
    }
}

/// Moves the ref of a year's ledger, which is the one step that others see: before it a kill leaves objects that nothing names.
pub(super) fn move_tip(
    git: &GitRepository,
    year: i16,
    to: &ObjectId,
    before: Option<ObjectId>,
    message: &str,
) -> Result<String, StoreError> {
    let name = RefName::known(format!("{LEDGER}{year:04}"));
    let expected = before.map_or(Expected::Absent, Expected::At);
    let turn = Turn::take(git, year, to)?;
    let update = RefUpdate { name, to: Some(to.clone()), expected };
    let moved = git.refs.swap(git, &update, message);
    // It is synced after it was moved.
    let is_there = match &moved {
        Ok(()) => true,
        Err(Swap::Moved(_)) => false,
        Err(Swap::Failed(_)) => {
            git.refs.object_of(git, &update.name, "look again").is_ok_and(|tip| tip.as_ref() == Some(to))
        }
    };
    if is_there {
        git.memory.recorded.borrow_mut().insert(year, to.clone());
    }
    turn.end(is_there);
    match moved {
        Ok(()) => Ok(to.to_string()),
        Err(Swap::Moved(_)) => Err(StoreError::Moved { year }),
        Err(Swap::Failed(error)) if is_there => Err(StoreError::Unsynced(error)),
        Err(Swap::Failed(error)) => Err(StoreError::Port(error)),
    }
}

/// The tips of the refs under a prefix that are named by a year, sorted.
pub(super) fn tips_under(git: &GitRepository, prefix: &str, doing: &str) -> Result<Vec<StoreTip>, PortError> {
    let found = git.refs.objects_under(git, prefix, doing).map_err(unread::of_ref)?.into_iter();
    // A foreign ref may lie there; it is none of ours, and no error.
    let year = |name: &str| name.strip_prefix(prefix).filter(|year| year.len() == 4).and_then(|year| year.parse().ok());
    let mut tips: Vec<StoreTip> = found.filter_map(|(name, tip)| Some((year(&name)?, tip.to_string()))).collect();
    tips.sort_unstable();
    Ok(tips)
}

impl Drop for GitRepository {
    /// Remembers where the ledgers are by other refs. Once a process is enough: meanwhile the file of the turn says it.
    fn drop(&mut self) {
        let (recorded, caches) = (self.memory.recorded.take(), self.memory.caches.take());
        // Whoever recorded something has looked again since: prompts know nothing but what is kept.
        for (name, bytes) in &caches {
            let _ = replace_cache(self, name, bytes);
        }
        for (year, commit) in recorded {
            // What is recorded is recorded; without this only its loss would not be noticed.
            let _ = remember(self, year, &commit);
        }
    }
}

/// Remembers what was recorded last. That ref follows: it never names what the ledger does not have.
fn remember(git: &GitRepository, year: i16, commit: &ObjectId) -> Result<(), PortError> {
    let turn = Turn::take(git, year, commit)?;
    // Who recorded after us remembers that, and who reset the ledger must not be followed.
    let now = git.refs.object_of(git, &format!("{LEDGER}{year:04}"), "look for the ledger").ok().flatten();
    let is_last = now.as_ref() == Some(commit);
    if is_last {
        let _ = git.refs.put(git, &format!("{SEEN}{year:04}"), commit, "recorded");
    }
    turn.end(is_last);
    Ok(())
}

fn replace_cache(git: &GitRepository, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let _sharing = Sharing::begin(&git.reads);
    let folder = cache_folder(git);
    std::fs::create_dir_all(&folder)?;
    // Renamed over the old one: a reader finds the one or the other, never a half. Others may work in this repository, too.
    let permissions = std::fs::Permissions::from_mode(0o666);
    let mut file = tempfile::Builder::new().permissions(permissions).tempfile_in(&folder)?;
    file.write_all(bytes)?;
    file.persist(folder.join(name))?;
    Ok(())
}

/// The folder of an incident. Sharded by a hash, as ids of one year begin alike.
pub(super) fn folder(id: &IncidentId) -> String {
    let shard: String = sha256_hex(id.as_str().as_bytes()).chars().take(2).collect();
    format!("{shard}/{id}")
}

fn files<'e>(id: &IncidentId, events: &'e [(EventId, Vec<u8>)]) -> Vec<(String, &'e [u8])> {
    let folder = folder(id);
    events.iter().map(|(event, bytes)| (format!("{folder}/{event}.json"), bytes.as_slice())).collect()
}

/// Writes blobs, trees and the commit; nothing names them yet.
fn write_commit(
    git: &GitRepository,
    durable: &Durable,
    parent: Option<&ObjectId>,
    files: &[(String, &[u8])],
    message: &str,
    by: &Person,
    at: Timestamp,
) -> Result<ObjectId, git2::Error> {
    let repository = &durable.repository;
    let parent = parent.map(|id| repository.find_commit(oid(id)?)).transpose()?;
    let base = match &parent {
        Some(parent) => parent.tree()?,
        None => repository.find_tree(repository.treebuilder(None)?.write()?)?,
    };
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    commit_files(git, repository, &base, files, message, &signature(by, at)?, &parents)
}

/// A commit of a tree with these files in it.
fn commit_files(
    git: &GitRepository,
    repository: &git2::Repository,
    base: &git2::Tree<'_>,
    files: &[(String, &[u8])],
    message: &str,
    by: &git2::Signature<'_>,
    parents: &[&git2::Commit<'_>],
) -> Result<ObjectId, git2::Error> {
    let mut update = git2::build::TreeUpdateBuilder::new();
    for (path, bytes) in files {
        update.upsert(path.as_str(), repository.blob(bytes)?, git2::FileMode::Blob);
    }
    let tree = repository.find_tree(update.create_updated(repository, base)?)?;
    if let Some(signed) = signing::commit(git, by, message, tree.id(), parents) {
        return Ok(signed);
    }
    durable::commit(repository, [by, by], message, &tree, parents).map(from_git2)
}

/// git leaves out what would break the commit's header, and so do we; libgit2 refuses it, and empty addresses too.
fn signature(by: &Person, at: Timestamp) -> Result<git2::Signature<'static>, git2::Error> {
    let plain = |text: &str| text.replace(['<', '>', '\n'], "").trim().to_owned();
    let [name, email] = [&by.name, &by.email].map(|text| match plain(text) {
        empty if empty.is_empty() => "unknown".to_owned(),
        text => text,
    });
    git2::Signature::new(&name, &email, &git2::Time::new(at.as_second(), 0))
}

/// The entries of a tree that are `wanted`.
pub(super) fn entries(
    repository: &GitRepository,
    tree: gix::ObjectId,
    wanted: fn(&EntryMode) -> bool,
) -> gix::Result<Vec<(String, gix::ObjectId)>> {
    let tree = repository.reads.find_tree(tree)?;
    let mut entries = Vec::new();
    for entry in tree.iter() {
        let entry = entry?;
        if wanted(&entry.mode()) {
            entries.push((lossy(entry.filename()), entry.object_id()));
        }
    }
    Ok(entries)
}

/// A name under which two trees hold something different, with both.
type Differing = (String, Option<gix::ObjectId>, Option<gix::ObjectId>);

/// Where two trees hold something different among what is `wanted`; one that is absent holds nothing.
pub(super) fn differing(
    git: &GitRepository,
    before: Option<gix::ObjectId>,
    after: Option<gix::ObjectId>,
    wanted: fn(&EntryMode) -> bool,
) -> gix::Result<Vec<Differing>> {
    if before == after {
        return Ok(Vec::new());
    }
    let read = |tree: Option<gix::ObjectId>| tree.map_or(Ok(Vec::new()), |tree| entries(git, tree, wanted));
    let mut gone: HashMap<String, gix::ObjectId> = read(before)?.into_iter().collect();
    let mut differing = Vec::new();
    for (name, after) in read(after)? {
        let before = gone.remove(&name);
        if before != Some(after) {
            differing.push((name, before, Some(after)));
        }
    }
    differing.extend(gone.into_iter().map(|(name, before)| (name, Some(before), None)));
    Ok(differing)
}

/// Whether all events of a tree, these levels above them, are in another tree too.
fn is_within(git: &GitRepository, part: gix::ObjectId, whole: gix::ObjectId, levels: usize) -> gix::Result<bool> {
    let (wanted, kind): (fn(&EntryMode) -> bool, u32) =
        if levels == 0 { (EntryMode::is_blob, FILE) } else { (EntryMode::is_tree, FOLDER) };
    let there: HashMap<String, gix::ObjectId> = entries(git, whole, wanted)?.into_iter().collect();
    let events = entries(git, part, wanted)?.into_iter().filter(|(name, _)| is_ours(LEVELS - levels, name, kind));
    for (name, id) in events {
        let Some(other) = there.get(&name) else { return Ok(false) };
        // The name of an event is the hash of what it says.
        if levels > 0 && id != *other && !is_within(git, id, *other, levels - 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[derive(Debug, thiserror::Error)]
#[error("the commit {0} is not here")]
struct LostCommit(String);

pub(super) fn root(git: &GitRepository, tip: &str) -> gix::Result<gix::ObjectId> {
    let id = hex(git, tip)?;
    // A filter leaves no commit with the remote: it is lost, or was never here.
    if !git.reads.has_object(id) {
        return Err(gix::Error::from_error(LostCommit(tip.to_owned())));
    }
    Ok(git.reads.find_commit(id)?.tree_id()?.detach())
}

pub(super) fn hex(git: &GitRepository, tip: &str) -> gix::Result<gix::ObjectId> {
    let id = ObjectId::from_str(tip).map_err(gix::Error::from_error)?;
    to_gix(git, &id).map_err(gix::Error::from_error)
}
