//! What is written down before git takes a work tree to another commit: a switch that was cut short is known by it.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::adapter::locked_file::LockedFile;
use crate::domain::{ObjectId, RefName};
use crate::port::{ErrorKind, Expected, PortError, RefUpdate, RepositoryRead as _};

use super::convert::{BoxedError, failed};
use super::ref_store::Swap;
use super::{GitRepository, trouble};

/// In the git directory of the work tree, where git's own files of that kind are.
const NAME: &str = "hotfix-switch";
/// Names the commit that is gone to as long as nothing else may, so that no `git prune` takes away what it is known by.
const HOLD: &str = "refs/hotfix/switch/";

/// A work tree that git switches in.
pub(super) struct SwitchPlace {
    /// Its folder.
    pub(super) top: PathBuf,
    git_dir: PathBuf,
    /// Whether it is the one we stand in.
    pub(super) is_current: bool,
}

/// A switch that was begun. Its file is locked for as long as we, or the git that got it from us, are at it.
pub(super) struct SwitchIntent {
    path: PathBuf,
    file: LockedFile,
    pub(super) written: Written,
}

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    /// The commit that is left.
    pub(super) from: ObjectId,
    /// The commit that is switched to.
    pub(super) to: ObjectId,
    /// When, by the clock of the file system: files that git writes have later times.
    pub(super) since: SystemTime,
    /// The paths to be changed that a person had removed before, as bytes.
    removed_before: Vec<Vec<u8>>,
    /// Whether it was cut short and is being taken back: then beginnings of what was left may lie there, too.
    pub(super) is_taken_back: bool,
}

impl Written {
    /// Of a work tree that is made with this commit.
    pub(super) fn of_new(to: ObjectId, since: SystemTime) -> Self {
        Self { from: to.clone(), to, since, removed_before: Vec::new(), is_taken_back: false }
    }

    pub(super) fn has_removed_before(&self, path: &Path) -> bool {
        self.removed_before.iter().any(|removed| removed == path.as_os_str().as_bytes())
    }
}

impl SwitchPlace {
    /// The work tree that we stand in, or the one at `path`.
    pub(super) fn of(git: &GitRepository, path: Option<&Path>) -> Result<Self, PortError> {
        let top = git.top("switch branches")?;
        match path.filter(|path| *path != top) {
            None => Ok(Self { top: top.to_owned(), git_dir: git.layout.git_dir.clone(), is_current: true }),
            Some(path) => {
                let git_dir = GitRepository::at(path)?.layout.git_dir.clone();
                Ok(Self { top: path.to_owned(), is_current: git_dir == git.layout.git_dir, git_dir })
            }
        }
    }

    /// A work tree in which no git can run.
    pub(super) fn without_head(top: &Path, git_dir: &Path) -> Self {
        Self { top: top.to_owned(), git_dir: git_dir.to_owned(), is_current: false }
    }

    /// The folder where git runs for it, unless it is ours.
    pub(super) fn folder(&self) -> Option<&Path> {
        (!self.is_current).then_some(self.top.as_path())
    }

    /// The commit that is checked out there; `None` where there is none yet.
    pub(super) fn head(&self, git: &GitRepository) -> Result<Option<ObjectId>, PortError> {
        let head = if self.is_current { git.head() } else { GitRepository::at(&self.top)?.head() };
        match head {
            Ok(head) => Ok(head.commit().cloned()),
            // What the system does not let us read now is there.
            Err(error) if error.kind == ErrorKind::Retry => Err(error),
            Err(_) => Ok(None),
        }
    }
}

impl SwitchIntent {
    /// Writes down where git is about to take a work tree; it is on the disk when this returns.
    pub(super) fn begin(
        place: &SwitchPlace,
        from: ObjectId,
        to: ObjectId,
        removed_before: Vec<PathBuf>,
    ) -> Result<Self, PortError> {
        let doing = format!("write down the switch to {}", to.short());
        let path = place.git_dir.join(NAME);
        // Not by the clock of the machine, which need not be that of the file system.
        let time = |file: &File| file.metadata().and_then(|metadata| metadata.modified());
        let new = new_file(&place.git_dir).map_err(|error| trouble::unwritten(&doing, error))?;
        let since = time(new.as_file()).map_err(failed(&doing))?;
        let removed_before = removed_before.into_iter().map(|path| path.into_os_string().into_vec()).collect();
        let written = Written { from, to, since, removed_before, is_taken_back: false };
        let file = put(new, &path, &written).map_err(|error| trouble::unwritten(doing, error))?;
        Ok(Self { path, file, written })
    }

    /// The switch that was begun in a work tree and is not done; `None` where there is none.
    ///
    /// # Errors
    /// Where somebody is at it.
    pub(super) fn left(place: &SwitchPlace) -> Result<Option<Self>, PortError> {
        let doing = || format!("look for a switch that was cut short in {}", place.top.display());
        let path = place.git_dir.join(NAME);
        let file = match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(failed(doing()))?,
        };
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(PortError::new(ErrorKind::Retry, doing(), "git is still at it")
                .hint("Run the same command again in a while."));
        }
        // Renamed into place as a whole: what is no JSON is not ours.
        let file = LockedFile::from(file);
        let written = serde_json::from_reader(&*file).ok();
        Ok(written.map(|written| Self { path, file, written }))
    }

    /// A handle for the git that switches: the file stays locked until that one has ended, too.
    pub(super) fn handle(&self) -> std::io::Result<File> {
        self.file.try_clone()
    }

    /// Notes that it is being taken back.
    pub(super) fn take_back(&mut self) -> Result<(), PortError> {
        let doing = "note that a switch is taken back";
        let written = Written { is_taken_back: true, ..self.written.clone() };
        let folder = self.path.parent().unwrap_or(&self.path);
        let new = new_file(folder).and_then(|new| put(new, &self.path, &written));
        self.file = new.map_err(|error| trouble::unwritten(doing, error))?;
        self.written = written;
        Ok(())
    }

    /// Forgets it: git got there, or nothing of it is left.
    pub(super) fn done(self, git: &GitRepository) {
        release(git, &self.written.to);
        #[expect(clippy::disallowed_methods, reason = "a file of our own in the git directory")]
        let _ = std::fs::remove_file(&self.path); // One that stays is of no harm: HEAD has gone on.
    }
}

/// Keeps a commit that no ref names yet until the switch to it is done.
pub(super) fn hold(git: &GitRepository, to: &ObjectId) -> Result<(), PortError> {
    let update = RefUpdate { name: held(to), to: Some(to.clone()), expected: Expected::Absent };
    match git.refs.swap(git, &update, "held for a switch") {
        // A switch to it was cut short before.
        Ok(()) | Err(Swap::Moved(_)) => Ok(()),
        Err(Swap::Failed(error)) => Err(error),
    }
}

/// Names it no more.
pub(super) fn release(git: &GitRepository, to: &ObjectId) {
    let update = RefUpdate { name: held(to), to: None, expected: Expected::At(to.clone()) };
    if matches!(git.refs.object_of(git, &update.name, "look for what a switch held"), Ok(Some(_))) {
        let _ = git.refs.swap(git, &update, "it is done"); // One that stays is of no harm.
    }
}

fn held(commit: &ObjectId) -> RefName {
    RefName::known(format!("{HOLD}{commit}"))
}

fn new_file(folder: &Path) -> Result<tempfile::NamedTempFile, BoxedError> {
    // As git makes its files: others may work in this work tree, too.
    let permissions = std::fs::Permissions::from_mode(0o666);
    let new = tempfile::Builder::new().prefix(NAME).permissions(permissions).tempfile_in(folder)?;
    let _ = new.as_file().lock(); // Some file systems have no locks.
    Ok(new)
}

/// Gives the file its content and its name.
fn put(mut new: tempfile::NamedTempFile, path: &Path, written: &Written) -> Result<LockedFile, BoxedError> {
    new.write_all(serde_json::to_string(written)?.as_bytes())?;
    new.as_file().sync_all()?;
    let file = new.persist(path)?;
    // Without it a crash may keep what git wrote, and lose this.
    File::open(path.parent().unwrap_or(path))?.sync_all()?;
    Ok(file.into())
}
