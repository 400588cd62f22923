//! Damaged objects of the ledgers, and where whole ones are: in another place of this repository, or at a remote. What a remote has is
//! fetched into a repository that is thrown away: git would not fetch what it believes to have.

use std::collections::HashSet;
use std::path::PathBuf;

use git2::{ErrorCode, ObjectType, Oid};

use crate::domain::ObjectId;
use crate::port::{LedgerExchange as _, Mended, Peer, PortError};

use super::turn::cache_folder;
use crate::adapter::git::GitRepository;
use crate::adapter::git::child::GitRun;
use crate::adapter::git::convert::{failed, from_git2, object_format, oid, to_gix};

/// The objects that these tips lead to and that are gone, or hold something else.
pub(super) fn damaged(git: &GitRepository, tips: &[String]) -> Result<Vec<Oid>, PortError> {
    let doing = "read all of the ledger";
    let durable = git.durable()?;
    let repository = &durable.repository;
    let odb = repository.odb().map_err(failed(doing))?;
    // What is cut off, or left with a remote, is not lost.
    let may_lack = git.layout.is_shallow || git.is_partial_clone();
    let tips = tips.iter().map(|tip| oid(&tip.parse::<ObjectId>().map_err(failed(doing))?).map_err(failed(doing)));
    let mut next = tips.collect::<Result<Vec<_>, PortError>>()?;
    let alone = gix::odb::loose::Store::at(git.layout.common_dir.join("objects"), git.reads.object_hash());
    let (mut met, mut damaged): (HashSet<Oid>, Vec<Oid>) = (next.iter().copied().collect(), Vec::new());
    while let Some(id) = next.pop() {
        // It is compared with its id as it is read.
        let read = odb.read(id).and_then(|object| led_to(repository, id, object.kind()));
        match read {
            // Where it lies in a pack too, that one was read; git may read the other.
            Ok(_) if is_spoiled(git, &alone, id) => damaged.push(id),
            Ok(led_to) => next.extend(led_to.into_iter().filter(|id| met.insert(*id))),
            Err(error) if may_lack && error.code() == ErrorCode::NotFound => {}
            Err(_) => damaged.push(id),
        }
    }
    damaged.sort();
    Ok(damaged)
}

/// Whether it lies alone, and is something else there.
fn is_spoiled(git: &GitRepository, alone: &gix::odb::loose::Store, id: Oid) -> bool {
    let Ok(id) = to_gix(git, &from_git2(id)) else { return false };
    let mut bytes = Vec::new();
    match alone.try_find(&id, &mut bytes) {
        Ok(None) => false,
        Ok(Some(found)) => gix::objs::compute_hash(id.kind(), found.kind, found.data).is_ok_and(|real| real != id),
        Err(_) => true,
    }
}

/// What an object leads to.
fn led_to(repository: &git2::Repository, id: Oid, kind: ObjectType) -> Result<Vec<Oid>, git2::Error> {
    Ok(match kind {
        ObjectType::Commit => {
            let commit = repository.find_commit(id)?;
            commit.parent_ids().chain([commit.tree_id()]).collect()
        }
        ObjectType::Tree => {
            let tree = repository.find_tree(id)?;
            let is_here = |entry: &git2::TreeEntry<'_>| entry.kind() != Some(ObjectType::Commit);
            tree.iter().filter(is_here).map(|entry| entry.id()).collect()
        }
        _ => Vec::new(),
    })
}

/// Brings back what is damaged.
pub(super) fn mend(git: &GitRepository, tips: &[String], peers: &[Peer<'_>]) -> Result<Mended, PortError> {
    let doing = "mend the ledger";
    let durable = git.durable()?;
    let odb = durable.repository.odb().map_err(failed(doing))?;
    let (mut mended, mut tried) = (Mended::default(), HashSet::new());
    let mut copies: Option<Vec<Copied>> = None;
    loop {
        let damaged = damaged(git, tips)?;
        let new: Vec<Oid> = damaged.iter().copied().filter(|id| tried.insert(*id)).collect();
        if new.is_empty() {
            mended.left = damaged.iter().map(Oid::to_string).collect();
            return Ok(mended);
        }
        for id in new {
            let aside = SetAside::of(git, id).map_err(failed(doing))?;
            // A whole one in a pack, or where objects are borrowed from, comes to light.
            let mut is_whole = odb.read(id).is_ok();
            if !is_whole {
                let copies = copies.get_or_insert_with(|| copy(git, peers, &mut mended.unasked));
                is_whole = copies.iter().any(|copied| copied.give(id, &odb));
            }
            if is_whole {
                mended.mended += 1;
            } else {
                aside.put_back().map_err(failed(doing))?;
            }
        }
    }
}

/// A damaged file of one object, out of the way of a whole one.
pub(super) struct SetAside {
    /// Where it was and where it is; `None` where there is no such file.
    moved: Option<(PathBuf, PathBuf)>,
}

impl SetAside {
    pub(super) fn of(git: &GitRepository, id: Oid) -> std::io::Result<Self> {
        let text = id.to_string();
        let (folder, name) = text.split_at(2);
        let place = git.layout.common_dir.join("objects").join(folder).join(name);
        if place.symlink_metadata().is_err() {
            return Ok(Self { moved: None });
        }
        let kept = cache_folder(git).join("damaged");
        std::fs::create_dir_all(&kept)?;
        let kept = kept.join(&text);
        #[expect(
            clippy::disallowed_methods,
            reason = "a damaged object, which is kept in case somebody can read more of it"
        )]
        std::fs::rename(&place, &kept)?;
        Ok(Self { moved: Some((place, kept)) })
    }

    fn put_back(self) -> std::io::Result<()> {
        let Some((place, kept)) = self.moved else { return Ok(()) };
        #[expect(clippy::disallowed_methods, reason = "all is left as it was found")]
        std::fs::rename(kept, place)
    }
}

/// What a remote has of the ledgers, in a repository of its own.
struct Copied {
    repository: git2::Repository,
    _folder: tempfile::TempDir,
}

impl Copied {
    fn of(git: &GitRepository, peer: &Peer<'_>) -> Result<Self, PortError> {
        let doing = format!("fetch the ledgers of {} once more", peer.remote);
        let ledgers = git.ask(peer)?;
        let folder = tempfile::tempdir().map_err(failed(&doing))?;
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).no_reinit(true).object_format(object_format(git.layout.format.objects));
        let repository = git2::Repository::init_opts(folder.path(), &options).map_err(failed(&doing))?;
        let settings = format!("include.path={}", git.layout.common_dir.join("config").display());
        let top = git.layout.work_tree.as_ref().unwrap_or(&git.layout.git_dir);
        // The remote is defined in the configuration here, and a relative address is meant from here.
        let run = GitRun::new(doing, ["-c", &settings, "-c", "core.bare=true", "fetch", "--no-tags", "--no-prune"])
            .arguments(["--no-write-fetch-head", "--quiet", "--refmap=", "--end-of-options", peer.remote])
            .arguments((0..).zip(&ledgers).map(|(number, ledger)| format!("{}:refs/copied/{number}", ledger.place)))
            .variable("GIT_DIR", folder.path())
            .within(Some(top))
            .elsewhere();
        if !ledgers.is_empty() {
            git.output(&super::exchange::timed(run, peer))?;
        }
        Ok(Self { repository, _folder: folder })
    }

    /// Whether it had this object, which is there now.
    fn give(&self, id: Oid, to: &git2::Odb<'_>) -> bool {
        let given = self.repository.odb().and_then(|odb| {
            let object = odb.read(id)?;
            to.write(object.kind(), object.data())
        });
        given.is_ok_and(|given| given == id)
    }
}

fn copy(git: &GitRepository, peers: &[Peer<'_>], unasked: &mut Vec<String>) -> Vec<Copied> {
    let copied =
        peers.iter().filter_map(|peer| Copied::of(git, peer).map_err(|error| unasked.push(error.to_string())).ok());
    copied.collect()
}
