//! Looking after a ledger as a whole.

use crate::domain::ObjectId;
use crate::port::{
    Choose, LedgerUpkeep, Mended, Peer, PortError, Recognize, Salvaged, SealedCommit, StoreError, StoreTip,
};

use super::store::{move_tip, root};
use super::tree::{LEVELS, is_ours};
use super::union::nobody;
use super::{mend, salvage, seals, unread};
use crate::adapter::git::convert::{from_git2, lossy, oid};
use crate::adapter::git::{GitRepository, durable, promised};

impl LedgerUpkeep for GitRepository {
    fn seals(&self, tip: &str, since: Option<&str>) -> Result<Vec<SealedCommit>, PortError> {
        seals::read(self, tip, since)
    }

    fn foreign(&self, tip: &str) -> Result<Vec<String>, PortError> {
        let read = || foreign(self, tip).map_err(|error| unread::error(self, "look through the ledger", error));
        promised::with_promised(self, &[tip], read)
    }

    fn damaged(&self, tips: &[String]) -> Result<Vec<String>, PortError> {
        Ok(mend::damaged(self, tips)?.iter().map(git2::Oid::to_string).collect())
    }

    fn mend(&self, tips: &[String], peers: &[Peer<'_>]) -> Result<Mended, PortError> {
        mend::mend(self, tips, peers)
    }

    fn salvage(
        &self,
        known: &[StoreTip],
        choose: &Choose<'_>,
        recognize: &Recognize<'_>,
    ) -> Result<Vec<Salvaged>, StoreError> {
        salvage::salvage(self, known, choose, recognize)
    }

    fn weed(&self, year: i16, expected: &str) -> Result<StoreTip, StoreError> {
        let before: ObjectId = expected.parse().map_err(|_| StoreError::Moved { year })?;
        let durable = self.durable()?;
        let repository = &durable.repository;
        let write = || -> Result<git2::Oid, git2::Error> {
            let commit = repository.find_commit(oid(&before)?)?;
            let tree = without_foreign(repository, commit.tree_id(), 0)?;
            let by = nobody(commit.time().seconds())?;
            let tree = repository.find_tree(tree)?;
            durable::commit(repository, [&by, &by], "take out what is no event", &tree, &[&commit])
        };
        let tip = from_git2(write().map_err(|error| unread::unrecorded(self, "take out what is no event", error))?);
        drop(durable);
        Ok((year, move_tip(self, year, &tip, Some(before), "weeded")?))
    }
}

fn foreign(git: &GitRepository, tip: &str) -> gix::Result<Vec<String>> {
    let mut foreign = Vec::new();
    let mut folders = vec![(root(git, tip)?, 0, String::new())];
    while let Some((tree, depth, above)) = folders.pop() {
        for entry in git.reads.find_tree(tree)?.iter() {
            let entry = entry?;
            let name = lossy(entry.filename());
            let path = format!("{above}{name}");
            match is_ours(depth, &name, entry.mode().value()) {
                true if depth < LEVELS => folders.push((entry.object_id(), depth + 1, format!("{path}/"))),
                true => {}
                false => foreign.push(path),
            }
        }
    }
    foreign.sort();
    Ok(foreign)
}

/// The tree that holds the events of this one, and nothing else.
fn without_foreign(repository: &git2::Repository, tree: git2::Oid, depth: usize) -> Result<git2::Oid, git2::Error> {
    let all = repository.find_tree(tree)?;
    let mut builder = repository.treebuilder(Some(&all))?;
    for entry in &all {
        let name = entry.name_bytes();
        if !is_ours(depth, &String::from_utf8_lossy(name), entry.filemode_raw().unsigned_abs()) {
            builder.remove(name)?;
        } else if depth < LEVELS {
            let clean = without_foreign(repository, entry.id(), depth + 1)?;
            builder.insert(name, clean, entry.filemode_raw())?;
        }
    }
    builder.write()
}
