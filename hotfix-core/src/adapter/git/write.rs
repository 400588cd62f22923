//! What libgit2 computes in memory and writes durably: merges, trees, refs.

use std::io::Write as _;

use crate::domain::ObjectId;
use crate::port::{Applied, ErrorKind, Expected, FileEdit, GitRead as _, MergePreview, PortError};

use super::GitRepository;
use super::convert::{failed, from_git2, oid};
use super::trouble;

/// A repository in which every object and ref is on the disk before the call that wrote it returns.
pub(in crate::adapter) struct Durable {
    pub(in crate::adapter) repository: git2::Repository,
    /// libgit2 reads it as long as the repository is open.
    _settings: tempfile::NamedTempFile,
}

/// libgit2 makes nothing durable unless told so, and can be told only by a configuration file.
const SETTINGS: &[u8] = b"[core]\n\tfsyncObjectFiles = true\n";

impl Durable {
    fn open(common_dir: &std::path::Path) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let mut settings = tempfile::NamedTempFile::new()?;
        settings.write_all(SETTINGS)?;
        let flags = git2::RepositoryOpenFlags::NO_SEARCH | git2::RepositoryOpenFlags::NO_DOTGIT;
        let repository = git2::Repository::open_ext(common_dir, flags, std::iter::empty::<&std::ffi::OsStr>())?;
        let mut config = repository.config()?;
        config.add_file(settings.path(), git2::ConfigLevel::App, true)?;
        repository.set_config(&config)?; // Forgets what was read before.
        Ok(Self { repository, _settings: settings })
    }
}

impl GitRepository {
    /// The repository for writing, opened once: a merge in memory costs less than that. All work trees share it.
    pub(in crate::adapter) fn durable(&self) -> Result<&Durable, PortError> {
        if let Some(open) = self.writes.get() {
            return Ok(open);
        }
        if self.is_partial_clone() {
            // What a merge need not read need not be here, and a tree may name it all the same. It holds for the process.
            git2::opts::strict_object_creation(false);
        }
        let opened = Durable::open(&self.place.common_dir).map_err(|error| {
            trouble::unwritten(format!("open {} for writing", self.place.common_dir.display()), error)
        })?;
        Ok(self.writes.get_or_init(|| opened))
    }

    pub(super) fn preview(&self, ours: &ObjectId, theirs: &ObjectId) -> Result<MergePreview, PortError> {
        Ok(match self.merged(ours, theirs, &|_| None)? {
            Applied::Clean(tree) => MergePreview::Clean(tree),
            Applied::Conflict(places) => MergePreview::Conflict(places.into_iter().map(|place| place.path).collect()),
        })
    }

    pub(super) fn move_ref(
        &self,
        name: &str,
        to: Option<&ObjectId>,
        expected: &Expected,
        why: &str,
    ) -> Result<(), PortError> {
        let durable = self.durable()?;
        swap(&durable.repository, name, to, expected, why).map_err(|refusal| match refusal {
            Swap::Moved => PortError::new(ErrorKind::Retry, format!("move {name}"), "somebody else moved it meanwhile")
                .hint("Run the same command again: it looks at the new state first."),
            Swap::Failed(error) => self.ref_error(name, error),
        })
    }

    /// A failure to write a ref; a taken lock is named.
    pub(super) fn ref_error(&self, name: &str, error: git2::Error) -> PortError {
        let doing = format!("move {name}");
        let lock = self.place.common_dir.join(format!("{name}.lock"));
        if error.code() == git2::ErrorCode::Locked || lock.exists() {
            PortError::new(ErrorKind::Retry, doing, "its lock is taken").hint(trouble::lock_hint(&lock))
        } else {
            trouble::unwritten(doing, error)
        }
    }

    pub(super) fn edited_tree(&self, commit: &ObjectId, edits: &[FileEdit]) -> Result<ObjectId, PortError> {
        let doing = || format!("write files into the tree of {}", commit.short());
        let tree_id = self.tree_of(commit)?;
        let durable = self.durable()?;
        let repository = &durable.repository;
        let tree = oid(&tree_id).and_then(|id| repository.find_tree(id)).map_err(failed(doing()))?;
        let mut update = git2::build::TreeUpdateBuilder::new();
        for edit in edits {
            let mode = mode_for(repository, &tree, &edit.path)
                .map_err(|why| PortError::new(ErrorKind::Precondition, format!("write {}", edit.path), why))?;
            let blob = repository.blob(&edit.content).map_err(|error| trouble::unwritten(doing(), error))?;
            update.upsert(edit.path.as_str(), blob, mode);
        }
        update.create_updated(repository, &tree).map(from_git2).map_err(|error| trouble::unwritten(doing(), error))
    }
}

/// Why a ref was not moved.
pub(super) enum Swap {
    /// It is not what was expected.
    Moved,
    /// It could not be written.
    Failed(git2::Error),
}

/// Moves, makes or deletes a ref if it is what is expected, decided under its lock.
pub(super) fn swap(
    repository: &git2::Repository,
    name: &str,
    to: Option<&ObjectId>,
    expected: &Expected,
    why: &str,
) -> Result<(), Swap> {
    let expected = match expected {
        Expected::Absent => git2::Oid::ZERO_SHA1, // For libgit2 too: it must not exist.
        Expected::At(id) => oid(id).map_err(Swap::Failed)?,
    };
    let result = match to {
        Some(to) => oid(to).and_then(|to| repository.reference_matching(name, to, true, expected, why).map(drop)),
        None => repository.find_reference(name).and_then(|mut found| match found.target() {
            // libgit2 deletes it only while it is what was found.
            Some(target) if target == expected => found.delete(),
            _ => Err(git2::Error::new(git2::ErrorCode::Modified, git2::ErrorClass::Reference, "it moved")),
        }),
    };
    result.map_err(|error| match error.code() {
        git2::ErrorCode::Modified | git2::ErrorCode::NotFound | git2::ErrorCode::Exists => Swap::Moved,
        _ => Swap::Failed(error),
    })
}

/// The mode that the file at `path` keeps or gets, or why it cannot be written there.
fn mode_for(repository: &git2::Repository, tree: &git2::Tree<'_>, path: &str) -> Result<git2::FileMode, String> {
    let mut folder = Some(tree.clone());
    let mut components = path.split('/').peekable();
    while let Some(name) = components.next() {
        if matches!(name, "" | "." | "..") || name.eq_ignore_ascii_case(".git") {
            return Err("it is no path inside the repository".to_owned());
        }
        let entry = folder.as_ref().and_then(|folder| folder.get_name(name));
        let is_last = components.peek().is_none();
        match entry.map(|entry| (entry.filemode(), entry.id())) {
            None => folder = None,
            Some((0o100_755, _)) if is_last => return Ok(git2::FileMode::BlobExecutable),
            Some((0o100_644 | 0o100_664, _)) if is_last => return Ok(git2::FileMode::Blob),
            Some((0o040_000, id)) if !is_last => {
                folder = Some(repository.find_tree(id).map_err(|error| error.message().to_owned())?);
            }
            Some((0o120_000, _)) => return Err(format!("`{name}` is a symbolic link")),
            Some((0o160_000, _)) => return Err(format!("`{name}` is a submodule")),
            Some((0o040_000, _)) => return Err(format!("`{name}` is a folder")),
            Some(_) => return Err(format!("`{name}` is a file")),
        }
    }
    Ok(git2::FileMode::Blob)
}
