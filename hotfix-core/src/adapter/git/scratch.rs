//! Trees beside the user's: computed in the object store, laid out in a repository of their own.
//!
//! Not as linked work trees: those leave an entry in the user's repository when we are killed.

use std::path::Path;

use crate::domain::ObjectId;
use crate::port::{ErrorKind, PortError, TreeEdit};

use super::GitRepository;
use super::child::Run;
use super::convert::{failed, from_git2, lossy, oid, to_gix};
use super::trouble;

/// So many folders that are ignored as a whole are looked into.
const MOST_FOLDERS: usize = 50;

/// Nothing there is worth a sync, and nothing of the user's set-up has a say.
const SETTINGS: [&str; 8] = [
    "-c",
    "core.fsync=none",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "commit.gpgSign=false",
    "-c",
    "core.fsmonitor=false",
];

impl GitRepository {
    /// Untracked files that are not ignored.
    pub(super) fn others(&self) -> Result<Vec<String>, PortError> {
        let doing = "list untracked files";
        self.top(doing)?;
        let run = Run::new(doing, ["ls-files", "--others", "--exclude-standard", "-z"]).reading();
        // A nested repository is listed as a folder; git would add it as a submodule.
        let mut files: Vec<String> = names(&self.git(&run)?).filter(|name| !name.ends_with('/')).collect();
        files.sort();
        Ok(files)
    }

    /// Untracked files that are ignored.
    pub(super) fn ignored_others(&self, is_of_interest: &dyn Fn(&str) -> bool) -> Result<Vec<String>, PortError> {
        let doing = "list ignored files";
        self.top(doing)?;
        let list = ["--literal-pathspecs", "ls-files", "--others", "--ignored", "--exclude-standard", "-z"];
        let run = Run::new(doing, list).arguments(["--directory"]).reading();
        let (folders, mut files): (Vec<String>, Vec<String>) =
            names(&self.git(&run)?).partition(|name| name.ends_with('/'));
        let is_typed = |folder: &&String| !folder.contains(char::REPLACEMENT_CHARACTER);
        let folders: Vec<&String> = folders.iter().filter(is_typed).filter(|folder| is_of_interest(folder)).collect();
        if let Some(folders) = folders.get(..folders.len().min(MOST_FOLDERS)).filter(|folders| !folders.is_empty()) {
            let run = Run::new(doing, list).arguments(["--"]).arguments(folders).reading();
            files.extend(names(&self.git(&run)?).filter(|name| !name.ends_with('/')));
        }
        files.sort();
        Ok(files)
    }

    pub(super) fn diff_as_patch(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<u8>, PortError> {
        let doing = format!("compare {} with {}", from.short(), to.short());
        let run = Run::new(doing, ["diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames"])
            .arguments([from.as_str(), to.as_str(), "--"])
            .reading();
        self.git(&run)
    }

    /// The tree of `base` with `edits` made.
    pub(super) fn tree_with(&self, base: &ObjectId, edits: &[TreeEdit]) -> Result<ObjectId, PortError> {
        let doing = || format!("change the tree of {}", base.short());
        let durable = self.durable()?;
        let repository = &durable.repository;
        let tree = oid(base).and_then(|id| repository.find_object(id, None)).and_then(|found| found.peel_to_tree());
        let tree = tree.map_err(failed(doing()))?;
        let mut update = git2::build::TreeUpdateBuilder::new();
        for edit in edits {
            match edit {
                TreeEdit::Take { path, from } => match self.entry(from, path)? {
                    Some((id, mode)) => drop(update.upsert(path.as_str(), id, mode)),
                    None if has(&tree, path) => drop(update.remove(path.as_str())),
                    None => {}
                },
                TreeEdit::Write(edit) => {
                    let blob = repository.blob(&edit.content).map_err(|error| trouble::unwritten(doing(), error))?;
                    let mode = tree.get_path(Path::new(&edit.path)).map_or(0o100_644, |entry| entry.filemode());
                    let mode = if mode == 0o100_755 { git2::FileMode::BlobExecutable } else { git2::FileMode::Blob };
                    update.upsert(edit.path.as_str(), blob, mode);
                }
                TreeEdit::Remove { path } if has(&tree, path) => drop(update.remove(path.as_str())),
                TreeEdit::Remove { .. } => {}
            }
        }
        update.create_updated(repository, &tree).map(from_git2).map_err(|error| trouble::unwritten(doing(), error))
    }

    /// What a tree has at a path.
    fn entry(&self, tree: &ObjectId, path: &str) -> Result<Option<(git2::Oid, git2::FileMode)>, PortError> {
        let doing = || format!("read {path} of {}", tree.short());
        let object = self.reads.find_object(to_gix(tree)?).map_err(|error| self.unreadable(doing(), error))?;
        let tree = object.peel_to_tree().map_err(|error| self.unreadable(doing(), error))?;
        let entry = tree.lookup_entry_by_path(path).map_err(|error| self.unreadable(doing(), error))?;
        let Some(entry) = entry else { return Ok(None) };
        let mode = match entry.mode().kind() {
            gix::objs::tree::EntryKind::Blob => git2::FileMode::Blob,
            gix::objs::tree::EntryKind::BlobExecutable => git2::FileMode::BlobExecutable,
            gix::objs::tree::EntryKind::Link => git2::FileMode::Link,
            gix::objs::tree::EntryKind::Commit => git2::FileMode::Commit,
            gix::objs::tree::EntryKind::Tree => git2::FileMode::Tree,
        };
        let id = git2::Oid::from_str(&entry.object_id().to_string()).map_err(failed(doing()))?;
        Ok(Some((id, mode)))
    }

    /// Few git programs: the tree is laid out by one, and cleaned by another where something lay there before.
    pub(super) fn lay_out_at(&self, path: &Path, tree: &ObjectId, base: &ObjectId) -> Result<(), PortError> {
        let doing = format!("lay out {} at {}", tree.short(), path.display());
        let was_there = path.join(".git/HEAD").is_file();
        let repository = self.prepare(path, &doing)?;
        let there = |arguments: &[&str]| {
            Run::new(&doing, SETTINGS).arguments(arguments).within(Some(path)).variable("GIT_CEILING_DIRECTORIES", path)
        };
        self.git(&there(&["read-tree", "--reset", "-u", "--no-recurse-submodules", tree.as_str()]))?;
        if was_there {
            self.git(&there(&["clean", "-ffdxq"]))?;
        }
        stand_on(&repository, tree, base).map_err(failed(doing))
    }

    /// The repository at `path` that borrows our objects.
    fn prepare(&self, path: &Path, doing: &str) -> Result<git2::Repository, PortError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            PortError::new(ErrorKind::Precondition, doing, error)
                .hint("Set XDG_CACHE_HOME to a folder that can be written.")
        };
        std::fs::create_dir_all(path.join(".git/objects/info")).map_err(|error| failed(error.into()))?;
        let objects = self.place.common_dir.join("objects");
        let alternates = path.join(".git/objects/info/alternates");
        #[expect(clippy::disallowed_methods, reason = "a file of our own in the cache, written anew each time")]
        std::fs::write(alternates, format!("{}\n", objects.display())).map_err(|error| failed(error.into()))?;
        // We hold the place: whoever left it is gone.
        for lock in ["index.lock", "config.lock", "HEAD.lock"] {
            #[expect(clippy::disallowed_methods, reason = "a lock of our own in the cache")]
            let _ = std::fs::remove_file(path.join(".git").join(lock));
        }
        let mut options = git2::RepositoryInitOptions::new();
        options.external_template(false).no_reinit(false);
        git2::Repository::init_opts(path, &options).map_err(|error| failed(error.into()))
    }
}

/// Makes HEAD a commit of this tree after `base`, so that what asks git where it is gets an answer.
fn stand_on(repository: &git2::Repository, tree: &ObjectId, base: &ObjectId) -> Result<(), git2::Error> {
    let tree = repository.find_object(oid(tree)?, None)?.peel_to_tree()?;
    let now = repository.head().and_then(|head| head.peel_to_tree());
    if now.is_ok_and(|now| now.id() == tree.id()) {
        return Ok(());
    }
    let base = repository.find_commit(oid(base)?)?;
    let who = git2::Signature::new("hotfix", "hotfix@localhost", &base.time())?;
    let message = "What production runs, with the tests of the fix";
    let commit = repository.commit(None, &who, &who, message, &tree, &[&base])?;
    repository.set_head_detached(commit)
}

/// The names in what git lists with `-z`.
fn names(listed: &[u8]) -> impl Iterator<Item = String> {
    listed.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(lossy)
}

fn has(tree: &git2::Tree<'_>, path: &str) -> bool {
    tree.get_path(Path::new(path)).is_ok()
}
