//! A linked work tree that git was ended in making: it has a part of its files, no index, and git's own lock on it, which says
//! "initializing"; or no HEAD, where git had just begun, or was taking it away again. It goes as a whole, to be made anew,
//! unless somebody put something of theirs into it.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use crate::domain::{ObjectId, count};
use crate::port::{ErrorKind, PortError};

use super::child::GitRun;
use super::convert::{BoxedError, failed};
use super::shared::Sharing;
use super::switch_intent::SwitchPlace;
use super::{GitRepository, cut_switch, turn};

/// Held while a work tree is made, by us and by the git that makes it: who gets it knows that nobody is at it. `None` where the
/// file system keeps no locks.
pub(super) struct Making(Option<File>);

impl Making {
    /// Waits until nobody is at it.
    pub(super) fn begin(git: &GitRepository) -> Self {
        let _sharing = Sharing::begin(&git.reads);
        let folder = turn::cache_folder(git);
        let _ = std::fs::create_dir_all(&folder); // Where it fails, so does the next.
        #[expect(clippy::disallowed_methods, reason = "an empty file that is only locked")]
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join("worktree"));
        Self(file.ok().filter(|file| file.lock().is_ok()))
    }

    /// The run, holding it until git ends, too.
    pub(super) fn held_by(&self, run: GitRun) -> GitRun {
        match self.0.as_ref().and_then(|file| file.try_clone().ok()) {
            Some(file) => run.holding(file),
            None => run,
        }
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        // A child that is being started has a copy for a moment, and would keep the lock.
        let _ = self.0.as_ref().map(File::unlock);
    }
}

/// Whether git was ended in making the work tree of this git directory, or is at it.
pub(super) fn is_half_made(git_dir: &Path) -> bool {
    let is_begun = std::fs::read(lock_of(git_dir)).is_ok_and(|why| why.trim_ascii() == b"initializing");
    // git writes it among the first, and removes it among the first where it gives up.
    is_begun || !has_head(git_dir)
}

/// Puts there what git wants to find of a work tree before it removes one.
#[expect(clippy::disallowed_methods, reason = "git's files of a work tree that is about to go")]
fn stand_in(git_dir: &Path) -> std::io::Result<()> {
    std::fs::write(git_dir.join("commondir"), "../..\n")?;
    std::fs::write(git_dir.join("HEAD"), "ref: refs/heads/none\n")
}

fn has_head(git_dir: &Path) -> bool {
    git_dir.join("HEAD").symlink_metadata().is_ok()
}

/// git's own.
fn lock_of(git_dir: &Path) -> PathBuf {
    git_dir.join("locked")
}

/// Removes what lies at `path` where that is a work tree that was made by half, of `commit` as far as that is known; whether it
/// was.
///
/// # Errors
/// Where something lies in it that git did not bring.
pub(super) fn clear(
    git: &GitRepository,
    making: &Making,
    path: &Path,
    commit: Option<&ObjectId>,
) -> Result<bool, PortError> {
    let doing = format!("remove the work tree at {}, which was made by half", path.display());
    let proxies = git.reads.worktrees().map_err(failed(&doing))?;
    let same =
        |base: &Path| base == path || base.canonicalize().is_ok_and(|base| path.canonicalize().ok() == Some(base));
    let mut half_made = proxies.into_iter().filter(|proxy| is_half_made(proxy.git_dir()));
    let Some(proxy) = half_made.find(|proxy| proxy.base().is_ok_and(|base| same(&base))) else { return Ok(false) };
    if making.0.is_none() {
        return Ok(false); // Somebody may be at it.
    }
    // Where that is gone, git came as far as that in removing it.
    if path.join(".git").exists() {
        let brought = brought(git, proxy.git_dir(), path, commit).map_err(failed(&doing))?;
        let foreign = others_than(&brought, path).map_err(failed(&doing))?;
        if let Some(first) = foreign.first() {
            let why = format!("{} there did not come from git: {}", count(foreign.len(), "file"), first.display());
            return Err(PortError::new(ErrorKind::Precondition, doing, why)
                .hint("Move what is yours out of it, and run the same command again."));
        }
    }
    if !has_head(proxy.git_dir()) {
        stand_in(proxy.git_dir()).map_err(failed(&doing))?;
    }
    // Forced, as git calls it locked and changed; what lies there was just looked at.
    let run = GitRun::new(doing, ["worktree", "remove", "--force", "--force", "--"]).arguments([path]);
    git.output(&run).map(|_| true)
}

/// The files in it that git brought.
fn brought(
    git: &GitRepository,
    git_dir: &Path,
    path: &Path,
    commit: Option<&ObjectId>,
) -> Result<HashSet<PathBuf>, BoxedError> {
    // Both are written before any file is brought.
    let begun = lock_of(git_dir).metadata().or_else(|_| git_dir.join("gitdir").metadata())?;
    let since = begun.modified()?;
    if has_head(git_dir) {
        let place = SwitchPlace::of(git, Some(path))?;
        let Some(to) = place.head(git)? else { return Ok(HashSet::new()) };
        return Ok(cut_switch::brought_to(git, &place, &to, since, true)?);
    }
    let place = SwitchPlace::without_head(path, git_dir);
    let Some(to) = commit else { return Ok(HashSet::new()) };
    // No git runs in there: what a filter wrote is nobody's that we know.
    Ok(cut_switch::brought_to(git, &place, to, since, false)?)
}

/// The files below a folder that are not these.
fn others_than(known: &HashSet<PathBuf>, top: &Path) -> std::io::Result<Vec<PathBuf>> {
    let (mut folders, mut others) = (vec![PathBuf::new()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(top.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path != Path::new(".git") && !known.contains(&path) {
                others.push(path);
            }
        }
    }
    Ok(others)
}
