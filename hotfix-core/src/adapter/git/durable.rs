//! The repository as libgit2 has it: one that makes durable what it writes, and one that keeps it in memory.

use std::io::Write as _;
use std::path::Path;

use crate::port::{RefFormat, Repository};

use super::convert::BoxedError;
use super::stand_in;

/// A repository in which every object and ref is on the disk before the call that wrote it returns.
pub(in crate::adapter) struct Durable {
    pub(in crate::adapter) repository: git2::Repository,
    /// What libgit2 reads as long as the repository is open.
    _settings: Option<tempfile::NamedTempFile>,
    _stand_in: Option<tempfile::TempDir>,
}

/// libgit2 makes nothing durable unless told so, and can be told only by a configuration file.
const SETTINGS: &[u8] = b"[core]\n\tfsyncObjectFiles = true\n";

impl Durable {
    pub(super) fn open(layout: &Repository) -> Result<Self, BoxedError> {
        // libgit2 has no call for it, and the repository's own configuration is not ours to change.
        let mut settings = tempfile::NamedTempFile::new()?;
        settings.write_all(SETTINGS)?;
        let opened = Self::usual(layout)?;
        let mut config = opened.repository.config()?;
        config.add_file(settings.path(), git2::ConfigLevel::App, true)?;
        opened.repository.set_config(&config)?; // Forgets what was read before.
        Ok(Self { _settings: Some(settings), ..opened })
    }

    /// The repository, with all that is written to it kept in memory.
    pub(super) fn in_memory(layout: &Repository) -> Result<Self, BoxedError> {
        let opened = Self::usual(layout)?;
        // libgit2 asks backends by their priority, and its own have the lowest.
        opened.repository.odb()?.add_new_mempack_backend(1000)?;
        Ok(opened)
    }

    /// As libgit2 opens it; where it would refuse, as it opens what stands in for it.
    fn usual(layout: &Repository) -> Result<Self, BoxedError> {
        if layout.format.refs == RefFormat::Files {
            let repository = open(&layout.common_dir)?;
            return Ok(Self { repository, _settings: None, _stand_in: None });
        }
        let stand_in = stand_in::make(layout)?;
        let repository = open(stand_in.path())?;
        let mut config = repository.config()?;
        // After it was opened: it refuses what this says of the format.
        config.add_file(&layout.common_dir.join("config"), git2::ConfigLevel::Worktree, true)?;
        repository.set_config(&config)?;
        Ok(Self { repository, _settings: None, _stand_in: Some(stand_in) })
    }
}

/// Copies a tree or file, and what it holds, as far as it is not there.
pub(super) fn copy(from: &git2::Repository, to: &git2::Repository, id: git2::Oid) -> Result<(), git2::Error> {
    if to.odb()?.exists(id) {
        return Ok(());
    }
    if let Ok(tree) = from.find_tree(id) {
        // A submodule's commit is in another repository.
        for entry in tree.iter().filter(|entry| entry.kind() != Some(git2::ObjectType::Commit)) {
            copy(from, to, entry.id())?;
        }
    }
    let odb = from.odb()?;
    let object = odb.read(id)?;
    to.odb()?.write(object.kind(), object.data()).map(drop)
}

/// Writes a commit that no ref names yet. libgit2's own call for it says that it is done when the disk was full.
pub(super) fn commit(
    repository: &git2::Repository,
    [author, committer]: [&git2::Signature<'_>; 2],
    message: &str,
    tree: &git2::Tree<'_>,
    parents: &[&git2::Commit<'_>],
) -> Result<git2::Oid, git2::Error> {
    let commit = repository.commit_create_buffer(author, committer, message, tree, parents)?;
    repository.odb()?.write(git2::ObjectType::Commit, &commit)
}

fn open(common_dir: &Path) -> Result<git2::Repository, git2::Error> {
    // The environment would lead elsewhere: GIT_DIR is another repository's in a hook.
    let flags = git2::RepositoryOpenFlags::NO_SEARCH | git2::RepositoryOpenFlags::NO_DOTGIT;
    git2::Repository::open_ext(common_dir, flags, std::iter::empty::<&std::ffi::OsStr>())
}
