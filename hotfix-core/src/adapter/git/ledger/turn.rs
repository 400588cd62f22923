//! Whose turn it is to move a ledger's ref: a file of ours a year, locked meanwhile. The system ends that lock with its owner,
//! so what the file then says is what a dead owner was at, and which lock of git's it left.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use crate::domain::ObjectId;
use crate::port::{ErrorKind, PortError, StoreTip};

use crate::adapter::git::shared::Sharing;
use crate::adapter::git::{GitRepository, left_lock};
use crate::adapter::locked_file::LockedFile;

pub(super) const LEDGER: &str = "refs/hotfix/ledger/";
/// What each ledger had last: whoever deletes or resets that one leaves these.
pub(super) const SEEN: &str = "refs/hotfix/seen/";

const PREFIX: &str = "tip-";
/// Before the commit that the ref is being moved to.
const MOVING: &str = "moving ";
/// Before the commit that it was moved to; as long as the other word.
const MOVED: &str = "moved  ";

/// The turn of this process, or none where the file system keeps no locks: git's own lock decides alone then.
pub(super) struct Turn(Option<Held>);

struct Held {
    file: LockedFile,
    /// What stood there.
    before: String,
}

impl Turn {
    /// Takes the turn to move the ledger of a year to a commit.
    ///
    /// # Errors
    /// When it is another's.
    pub(super) fn take(git: &GitRepository, year: i16, to: &ObjectId) -> Result<Self, PortError> {
        let Ok(file) = open(git, year) else { return Ok(Self(None)) };
        let mut file = match LockedFile::try_lock(file) {
            Ok(file) => file,
            Err(TryLockError::WouldBlock) => return Err(taken(year)),
            Err(TryLockError::Error(_)) => return Ok(Self(None)),
        };
        let mut before = String::new();
        let _ = file.read_to_string(&mut before); // What is no text is none of ours.
        if let Some(left) = before.strip_prefix(MOVING) {
            clear(&git.layout.common_dir, year, left)?;
        }
        let mut held = Held { file, before };
        held.write(&format!("{MOVING}{to}\n"));
        Ok(Self(Some(held)))
    }

    /// Ends it, and says whether the ref was moved.
    pub(super) fn end(self, moved: bool) {
        let Some(mut held) = self.0 else { return };
        if moved {
            held.write(MOVED);
        } else if held.before.starts_with(MOVED) {
            held.write(&held.before.clone());
        } else {
            let _ = held.file.set_len(0);
        }
    }
}

impl Held {
    /// Writes over the beginning. Where that fails, who comes after a kill finds a lock of git's that is nobody's.
    fn write(&mut self, text: &str) {
        let _ = self.file.rewind().and_then(|()| self.file.write_all(text.as_bytes()));
    }
}

/// Whether a ref is moved by turns.
pub(in crate::adapter::git) fn has_turns(name: &str) -> bool {
    name.starts_with(LEDGER) || name.starts_with(SEEN)
}

/// The tips that were written here last.
pub(super) fn tips(git: &GitRepository) -> Vec<StoreTip> {
    let files = std::fs::read_dir(cache_folder(git)).into_iter().flatten().flatten();
    let tips = files.filter_map(|file| {
        let year = file.file_name().to_str()?.strip_prefix(PREFIX)?.parse().ok()?;
        let mut text = std::fs::read_to_string(file.path()).ok()?;
        if text.starts_with(MOVING) {
            text = end_of_the_dead(git, year)?;
        }
        let tip = text.strip_prefix(MOVED)?.lines().next()?;
        Some((year, ObjectId::from_str(tip).ok()?.to_string()))
    });
    tips.collect()
}

/// Ends the turn of an owner that died, whose locks stand in the way of git too, and says what is there then; `None` where it
/// lives. Whoever records next would do it; but what was killed may have had nothing more to record.
fn end_of_the_dead(git: &GitRepository, year: i16) -> Option<String> {
    let mut file = LockedFile::try_lock(open(git, year).ok()?).ok()?;
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let Some(left) = text.strip_prefix(MOVING) else { return Some(text) };
    clear(&git.layout.common_dir, year, left).ok()?;
    let tip = git.refs.object_of(git, &format!("{LEDGER}{year:04}"), "look for the ledger").ok()??;
    let is_moved = left.trim_end() == tip.as_str();
    text = format!("{MOVED}{left}");
    Turn(Some(Held { file, before: String::new() })).end(is_moved);
    is_moved.then_some(text)
}

/// Where what can be made anew is kept: this, and caches.
pub(in crate::adapter::git) fn cache_folder(git: &GitRepository) -> PathBuf {
    git.layout.common_dir.join("hotfix")
}

fn open(git: &GitRepository, year: i16) -> std::io::Result<File> {
    let _sharing = Sharing::begin(&git.reads);
    let folder = cache_folder(git);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{PREFIX}{year:04}"));
    #[expect(clippy::disallowed_methods, reason = "a torn file of ours only says that nobody died")]
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn taken(year: i16) -> PortError {
    PortError::new(ErrorKind::Retry, format!("move {LEDGER}{year:04}"), "another process is recording")
        .hint("Run the same command again in a while.")
}

/// Removes the locks of a dead owner.
fn clear(common_dir: &Path, year: i16, left: &str) -> Result<(), PortError> {
    for prefix in [LEDGER, SEEN] {
        if !left_lock::clear(&common_dir.join(format!("{prefix}{year:04}.lock")), left) {
            return Err(taken(year));
        }
    }
    Ok(())
}
