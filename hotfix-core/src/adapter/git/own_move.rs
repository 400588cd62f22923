//! What is being moved of the refs that are hotfix's own, the ledgers' aside, which [`super::ledger`] moves by turns. It stands in
//! a file that is locked meanwhile, and the system ends that lock with its owner: whoever moves something next knows a dead
//! one's lock of git's from a live one's.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};

use crate::adapter::locked_file::LockedFile;
use crate::domain::{ObjectId, RefName};

use super::ledger::{cache_folder, has_turns};
use super::shared::Sharing;
use super::{GitRepository, left_lock};

const FILE: &str = "moving";
/// What is hotfix's own: nobody else moves anything there.
const OURS: [&str; 2] = ["refs/hotfix/", "refs/hotfix-remotes/"];

/// A move of a ref of hotfix's own, told as long as it lives; none where another one is told, or the file system keeps no
/// locks: its own lock is then named as any, should this process die.
pub(super) struct OwnMove(Option<LockedFile>);

impl OwnMove {
    /// Tells the move of a ref to a commit, or its end at that, once what a dead owner left is cleared.
    pub(super) fn begin(git: &GitRepository, name: &RefName, commit: &ObjectId) -> Self {
        Self(is_own(name).then(|| tell(git, name, commit)).flatten())
    }
}

impl Drop for OwnMove {
    fn drop(&mut self) {
        let Some(file) = &self.0 else { return };
        // Where that fails, whoever comes next looks for a lock that is not there.
        let _ = file.set_len(0);
    }
}

fn is_own(name: &str) -> bool {
    OURS.iter().any(|ours| name.starts_with(ours)) && !has_turns(name)
}

fn tell(git: &GitRepository, name: &RefName, commit: &ObjectId) -> Option<LockedFile> {
    let mut file = LockedFile::try_lock(open(git).ok()?).ok()?;
    let mut before = String::new();
    file.read_to_string(&mut before).ok()?;
    // Half a line was written before git's lock was taken.
    let left = before.strip_suffix('\n').and_then(|line| line.split_once(' '));
    if let Some((commit, name)) = left.filter(|(_, name)| is_own(name) && !name.contains("..")) {
        let lock = git.layout.common_dir.join(format!("{name}.lock"));
        if !left_lock::clear(&lock, &format!("{commit}\n")) {
            return None; // What stands there is still to be cleared.
        }
    }
    file.set_len(0).and_then(|()| file.rewind()).ok()?;
    file.write_all(format!("{commit} {name}\n").as_bytes()).ok()?;
    Some(file)
}

fn open(git: &GitRepository) -> std::io::Result<File> {
    let _sharing = Sharing::begin(&git.reads);
    let folder = cache_folder(git);
    std::fs::create_dir_all(&folder)?;
    #[expect(clippy::disallowed_methods, reason = "a torn file of ours only says that nobody died")]
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(folder.join(FILE))
}
