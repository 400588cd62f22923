//! Trees beside the user's: computed in the object store, laid out in a repository of their own.
//!
//! Not as linked work trees: those leave an entry in the user's repository when we are killed.

use std::path::Path;

use crate::domain::ObjectId;
use crate::port::{PortError, PortErrorKind, TreeEdit};

use super::git::{GitRepository, failed, lossy, to_gix};
use super::git_cli::object_id;
use super::git_cli_child::Run;
use super::git_trouble;
use super::git_write::{from_git2, oid};

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
        let stdout = self.git(&run)?;
        let names = stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        // A nested repository is listed as a folder; git would add it as a submodule.
        let files = names.filter_map(|name| std::str::from_utf8(name).ok()).filter(|name| !name.ends_with('/'));
        let mut files: Vec<String> = files.map(str::to_owned).collect();
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
                    let blob =
                        repository.blob(&edit.content).map_err(|error| git_trouble::unwritten(doing(), error))?;
                    let mode = tree.get_path(Path::new(&edit.path)).map_or(0o100_644, |entry| entry.filemode());
                    let mode = if mode == 0o100_755 { git2::FileMode::BlobExecutable } else { git2::FileMode::Blob };
                    update.upsert(edit.path.as_str(), blob, mode);
                }
                TreeEdit::Remove { path } if has(&tree, path) => drop(update.remove(path.as_str())),
                TreeEdit::Remove { .. } => {}
            }
        }
        update.create_updated(repository, &tree).map(from_git2).map_err(|error| git_trouble::unwritten(doing(), error))
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

    pub(super) fn lay_out_at(&self, path: &Path, tree: &ObjectId, base: &ObjectId) -> Result<(), PortError> {
        let doing = format!("lay out {} at {}", tree.short(), path.display());
        let there = |arguments: &[&str]| {
            Run::new(&doing, SETTINGS).arguments(arguments).within(Some(path)).variable("GIT_CEILING_DIRECTORIES", path)
        };
        self.prepare(path, &doing)?;
        self.git(&there(&["read-tree", "--reset", "-u", "--no-recurse-submodules", tree.as_str()]))?;
        self.git(&there(&["clean", "-ffdxq"]))?;
        let is_there = format!("{tree}^{{tree}}");
        let now = self.program.run(&there(&["rev-parse", "--quiet", "--verify", "HEAD^{tree}"]))?;
        if now.status.success() && lossy(&now.stdout).trim() == is_there.trim_end_matches("^{tree}") {
            return Ok(());
        }
        let message = "What production runs, with the tests of the fix";
        let commit = there(&["commit-tree", tree.as_str(), "-p", base.as_str(), "-m", message])
            .variable("GIT_AUTHOR_NAME", "hotfix")
            .variable("GIT_AUTHOR_EMAIL", "hotfix@localhost")
            .variable("GIT_COMMITTER_NAME", "hotfix")
            .variable("GIT_COMMITTER_EMAIL", "hotfix@localhost");
        let commit = object_id(&self.git(&commit)?, &doing)?;
        self.git(&there(&["update-ref", "--no-deref", "HEAD", commit.as_str()])).map(drop)
    }

    /// Makes the repository at `path` that borrows our objects.
    fn prepare(&self, path: &Path, doing: &str) -> Result<(), PortError> {
        let failed = |error: std::io::Error| {
            PortError::new(PortErrorKind::Precondition, doing, error)
                .hint("Set XDG_CACHE_HOME to a folder that can be written.")
        };
        let git_dir = path.join(".git");
        if !git_dir.join("HEAD").is_file() {
            std::fs::create_dir_all(path).map_err(failed)?;
            self.git(&Run::new(doing, ["init", "--quiet", "--template=", "--"]).arguments([path]).within(Some(path)))?;
        }
        let objects = self.place.common_dir.join("objects");
        let alternates = git_dir.join("objects/info");
        std::fs::create_dir_all(&alternates).map_err(failed)?;
        #[expect(clippy::disallowed_methods, reason = "a file of our own in the cache, written anew each time")]
        std::fs::write(alternates.join("alternates"), format!("{}\n", objects.display())).map_err(failed)?;
        // We hold the place: whoever left it is gone.
        #[expect(clippy::disallowed_methods, reason = "a lock of our own in the cache")]
        let _ = std::fs::remove_file(git_dir.join("index.lock"));
        Ok(())
    }
}

fn has(tree: &git2::Tree<'_>, path: &str) -> bool {
    tree.get_path(Path::new(path)).is_ok()
}
