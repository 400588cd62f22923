//! A linked work tree that git was ended in making: it has a part of its files, no index, and git's own lock on it, which says
//! "initializing"; or no HEAD, where git had just begun, or was taking it away again: then its git directory may be gone
//! altogether, or its `.git`. The same is one that git was ended in removing. It goes as a whole, to be made anew, unless somebody put something of theirs into it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::adapter::locked_file::LockedFile;
use crate::domain::{ObjectId, count};
use crate::port::{ErrorKind, PortError};

use super::child::GitRun;
use super::convert::{BoxedError, failed};
use super::shared::Sharing;
use super::switch_intent::SwitchPlace;
use super::{GitRepository, cut_switch, ledger, removal};

/// git's own, in the git directory of a work tree.
const LOCK: &str = "locked";

/// Held while a work tree is made, by us and by the git that makes it: who gets it knows that nobody is at it. `None` where the
/// file system keeps no locks.
pub(super) struct Making(Option<LockedFile>);

impl Making {
    /// Waits until nobody is at it.
    pub(super) fn begin(git: &GitRepository) -> Self {
        let _sharing = Sharing::begin(&git.reads);
        let folder = ledger::cache_folder(git);
        let _ = std::fs::create_dir_all(&folder); // Where it fails, so does the next.
        #[expect(clippy::disallowed_methods, reason = "an empty file that is only locked")]
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join("worktree"));
        Self(file.ok().filter(|file| file.lock().is_ok()).map(LockedFile::from))
    }

    /// The run, holding it until git ends, too.
    pub(super) fn held_by(&self, run: GitRun) -> GitRun {
        match self.0.as_ref().and_then(|file| file.try_clone().ok()) {
            Some(file) => run.holding(file),
            None => run,
        }
    }
}

/// A work tree that was made by half.
pub(super) struct HalfMade {
    /// Where git keeps what it knows of it; it may be gone.
    git_dir: PathBuf,
    top: PathBuf,
}

impl HalfMade {
    /// The one at `path`: git was ended in making it, or is at it.
    pub(super) fn at(git: &GitRepository, path: &Path) -> Result<Option<Self>, PortError> {
        let proxies = git.reads.worktrees().map_err(failed("list the work trees"))?;
        let same =
            |base: &Path| base == path || base.canonicalize().is_ok_and(|base| path.canonicalize().ok() == Some(base));
        let known = proxies.into_iter().find(|proxy| proxy.base().is_ok_and(|base| same(&base)));
        let git_dir = known.map(|proxy| proxy.git_dir().to_owned()).or_else(|| named_by(git, path));
        let half_made = git_dir.map(|git_dir| Self { git_dir, top: path.to_owned() });
        Ok(half_made.filter(|it| is_half_made(&it.git_dir, &it.top)))
    }

    /// When it was begun: before any file was brought.
    fn begun(&self) -> std::io::Result<SystemTime> {
        let files = [self.git_dir.join(LOCK), self.git_dir.join("gitdir"), self.top.join(".git")];
        let begun = files.iter().find_map(|file| file.metadata().ok()).ok_or(std::io::ErrorKind::NotFound)?;
        begun.modified()
    }

    /// The files in it that git brought, of `commit` where it has no HEAD.
    fn brought(&self, git: &GitRepository, commit: &ObjectId) -> Result<HashSet<PathBuf>, BoxedError> {
        let since = self.begun()?;
        if is_whole(&self.git_dir) && self.top.join(".git").exists() {
            let place = SwitchPlace::of(git, Some(&self.top))?;
            let Some(to) = place.head(git)? else { return Ok(HashSet::new()) };
            return Ok(cut_switch::brought_to(git, &place, &to, since, true)?);
        }
        let place = SwitchPlace::without_head(&self.top, &self.git_dir);
        // No git runs in there: what a filter wrote is nobody's that we know.
        Ok(cut_switch::brought_to(git, &place, commit, since, false)?)
    }

    /// The files in it that somebody may want to keep.
    fn foreign(&self, git: &GitRepository, commit: &ObjectId) -> Result<Vec<PathBuf>, BoxedError> {
        if let Some(begun) = removal::begun(&self.git_dir) {
            return Ok(others_than(&self.top, |_, file| removal::was_there(&begun, file))?);
        }
        let brought = self.brought(git, commit)?;
        Ok(others_than(&self.top, |path, _| brought.contains(path))?)
    }

    /// Puts there what git wants to find of a work tree before it removes one.
    #[expect(clippy::disallowed_methods, reason = "git's files of a work tree that is about to go")]
    fn stand_in(&self) -> std::io::Result<()> {
        let begun = self.begun()?;
        let link = self.top.join(".git");
        std::fs::create_dir_all(&self.git_dir)?;
        std::fs::write(self.git_dir.join("gitdir"), [link.as_os_str().as_bytes(), b"\n"].concat())?;
        // Who is ended here, too, is to know later what git brought.
        File::options().write(true).open(self.git_dir.join("gitdir"))?.set_modified(begun)?;
        std::fs::write(self.git_dir.join("commondir"), "../..\n")?;
        std::fs::write(self.git_dir.join("HEAD"), "ref: refs/heads/none\n")?;
        std::fs::write(link, [b"gitdir: ", self.git_dir.as_os_str().as_bytes(), b"\n"].concat())
    }
}

/// Whether git was ended in making or removing the work tree of this git directory, or is at it.
pub(super) fn is_half_made(git_dir: &Path, top: &Path) -> bool {
    let is_begun = std::fs::read(git_dir.join(LOCK)).is_ok_and(|why| why.trim_ascii() == b"initializing");
    // git writes it among the first, and removes it among the first where it gives up.
    is_begun || removal::begun(git_dir).is_some() || !is_whole(git_dir) || top.is_dir() && !top.join(".git").exists()
}

/// The git directory that the work tree at `path` names, where it would be one of this repository.
fn named_by(git: &GitRepository, path: &Path) -> Option<PathBuf> {
    let said = std::fs::read(path.join(".git")).ok()?;
    let named = PathBuf::from(OsStr::from_bytes(said.strip_prefix(b"gitdir: ")?.trim_ascii_end()));
    let ours = git.layout.common_dir.join("worktrees");
    let is_ours = named.parent().is_some_and(|folder| folder == ours || folder.canonicalize().ok() == Some(ours));
    is_ours.then_some(named)
}

/// Whether git finds there what it knows a linked work tree by.
fn is_whole(git_dir: &Path) -> bool {
    ["gitdir", "commondir", "HEAD"].iter().all(|name| git_dir.join(name).symlink_metadata().is_ok())
}

/// Removes what lies at `path` where that is a work tree that was made by half, of `commit` where it has no HEAD; whether it
/// was.
///
/// # Errors
/// Where something lies in it that git did not bring.
pub(super) fn clear(git: &GitRepository, making: &Making, path: &Path, commit: &ObjectId) -> Result<bool, PortError> {
    let doing = format!("remove the work tree at {}, which was made by half", path.display());
    let Some(half_made) = HalfMade::at(git, path)?.filter(|_| making.0.is_some()) else {
        return Ok(false); // Where nothing could be locked, somebody may be at it.
    };
    if path.exists() {
        let foreign = half_made.foreign(git, commit).map_err(failed(&doing))?;
        if let Some(first) = foreign.first() {
            let why = format!("{} there did not come from git: {}", count(foreign.len(), "file"), first.display());
            return Err(PortError::new(ErrorKind::Precondition, doing, why)
                .hint("Move what is yours out of it, and run the same command again."));
        }
        if !is_whole(&half_made.git_dir) || !path.join(".git").exists() {
            half_made.stand_in().map_err(failed(&doing))?;
        }
    }
    // Forced, as git calls it locked and changed; what lies there was just looked at.
    let run = GitRun::new(doing, ["worktree", "remove", "--force", "--force", "--"]).arguments([path]);
    git.output(&run).map(|_| true)
}

/// The files below a folder that are not known.
fn others_than(top: &Path, is_known: impl Fn(&Path, &Metadata) -> bool) -> std::io::Result<Vec<PathBuf>> {
    let (mut folders, mut others) = (vec![PathBuf::new()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(top.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path != Path::new(".git") && !is_known(&path, &entry.metadata()?) {
                others.push(path);
            }
        }
    }
    Ok(others)
}
