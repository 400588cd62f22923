//! What commits and trees hold, and how they differ.

use std::str::FromStr as _;

use gix::objs::tree;

use crate::domain::ObjectId;
use crate::port::{Change, ContentRead, EntryKind, FileDiff, PortError, SubmoduleCommit};

use super::child::GitRun;
use super::convert::{lossy, to_gix};
use super::history::{DEADLINE, find_commit};
use super::{GitRepository, diff, submodules};

impl ContentRead for GitRepository {
    fn file_at(&self, commit: &ObjectId, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        let doing = || format!("read {path} of {}", commit.short());
        let spec = format!("{commit}:{path}");
        self.keep(commit)?;
        self.with_missing_fetched(&["cat-file", "-e", &spec], || {
            let tree =
                self.reads.find_object(to_gix(self, commit)?).map_err(|error| self.unreadable(doing(), error))?;
            let tree = tree.peel_to_tree().map_err(|error| self.unreadable(doing(), error))?;
            let entry = tree.lookup_entry_by_path(path);
            let entry = entry.map_err(|error| self.unreadable(doing(), error))?;
            let Some(entry) = entry.filter(|entry| entry.mode().is_blob()) else { return Ok(None) };
            let mut object = entry.object().map_err(|error| self.unreadable(doing(), error))?;
            Ok(Some(std::mem::take(&mut object.data)))
        })
    }

    fn kind_at(&self, commit: &ObjectId, path: &str) -> Result<Option<EntryKind>, PortError> {
        let doing = || format!("look for {path} in {}", commit.short());
        let tree = find_commit(self, commit)?.tree().map_err(|error| self.unreadable(doing(), error))?;
        let entry = tree.lookup_entry_by_path(path).map_err(|error| self.unreadable(doing(), error))?;
        Ok(entry.map(|entry| match entry.mode().kind() {
            tree::EntryKind::Blob | tree::EntryKind::BlobExecutable => EntryKind::File,
            tree::EntryKind::Tree => EntryKind::Folder,
            tree::EntryKind::Link => EntryKind::Link,
            tree::EntryKind::Commit => EntryKind::Submodule,
        }))
    }

    fn top_level_names(&self, commit: &ObjectId) -> Result<Vec<String>, PortError> {
        let doing = || format!("read the files of {}", commit.short());
        let tree = find_commit(self, commit)?.tree().map_err(|error| self.unreadable(doing(), error))?;
        let names = tree.iter().map(|entry| entry.map(|entry| lossy(entry.filename())));
        names.collect::<Result<_, _>>().map_err(|error| self.unreadable(doing(), error))
    }

    fn files(&self, commit: &ObjectId) -> Result<Vec<String>, PortError> {
        self.keep(commit)?;
        let read = || -> gix::Result<Vec<String>> {
            let id = to_gix(self, commit).map_err(gix::Error::from_error)?;
            let tree = self.reads.find_object(id)?.peel_to_tree()?;
            let entries = tree.traverse().breadthfirst.files()?;
            let blobs = entries.into_iter().filter(|entry| entry.mode.is_blob());
            Ok(blobs.map(|entry| lossy(&entry.filepath)).collect())
        };
        read().map_err(|error| self.unreadable(format!("list the files of {}", commit.short()), error))
    }

    fn changes(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<Change>, PortError> {
        let sides = [to_gix(self, from)?, to_gix(self, to)?];
        if let Some(known) = self.memory.changes.borrow().get(&sides) {
            return Ok(known.clone());
        }
        self.keep(from).and_then(|()| self.keep(to))?;
        let fetching = ["diff-tree", "-r", "-M", "--numstat", "--no-ext-diff", from.as_str(), to.as_str()];
        let [before, after] = sides;
        let changes = self.with_missing_fetched(&fetching, || {
            diff::changes(self, before, after)
                .map_err(|error| self.unreadable(format!("compare {} with {}", from.short(), to.short()), error))
        })?;
        self.memory.changes.borrow_mut().insert(sides, changes.clone());
        Ok(changes)
    }

    fn diff(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<FileDiff>, PortError> {
        self.keep(from).and_then(|()| self.keep(to))?;
        let fetching = ["diff-tree", "-r", "-M", "--numstat", "--no-ext-diff", from.as_str(), to.as_str()];
        self.with_missing_fetched(&fetching, || {
            diff::diff(self, to_gix(self, from)?, to_gix(self, to)?)
                .map_err(|error| self.unreadable(format!("compare {} with {}", from.short(), to.short()), error))
        })
    }

    fn patch(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<u8>, PortError> {
        self.keep(from).and_then(|()| self.keep(to))?;
        let doing = format!("compare {} with {}", from.short(), to.short());
        let run =
            // The person's pager, colours and textconv programs have no say in a patch.
            GitRun::new(doing, ["diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"])
                .arguments([from.as_str(), to.as_str(), "--"])
                .reading();
        self.output(&run)
    }

    fn last_changes(
        &self,
        commit: &ObjectId,
        path: &str,
        first: u32,
        last: u32,
    ) -> Result<Vec<(u32, ObjectId)>, PortError> {
        let run = GitRun::new(format!("find who changed {path}"), ["blame", "--porcelain", "-w", "--no-textconv"])
            // Only these lines: a whole blame reads all of the file's history.
            .arguments([format!("-L{first},{last}"), commit.to_string(), "--".to_owned(), path.to_owned()])
            .reading()
            .within_time(DEADLINE);
        let answer = self.program.run(&run)?;
        match answer.status.success() {
            true => Ok(blamed(&answer.stdout)),
            // The file is shorter here than where the trace was made.
            false if lossy(&answer.stderr).contains("has only") => Ok(Vec::new()),
            false => Err(self.failure(&run, &answer)),
        }
    }

    fn submodule_commits(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<SubmoduleCommit>, PortError> {
        self.keep(from).and_then(|()| self.keep(to))?;
        submodules::changed(self, from, to)
    }
}

/// Parses `git blame --porcelain`: each line of the file has a header `<commit> <line then> <line now>`.
fn blamed(stdout: &[u8]) -> Vec<(u32, ObjectId)> {
    let header = |line: &str| {
        let mut words = line.split(' ');
        let id = ObjectId::from_str(words.next()?).ok()?;
        Some((words.nth(1)?.parse().ok()?, id))
    };
    lossy(stdout).lines().filter(|line| !line.starts_with('\t')).filter_map(header).collect()
}
