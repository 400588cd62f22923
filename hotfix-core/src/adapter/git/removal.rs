//! The removal of a linked work tree, which git does file by file: that it was begun stands in its git directory, which goes
//! last. What is older than that was looked at before, and nothing of it would be lost.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::port::PortError;

const NAME: &str = "hotfix-removal";

/// Says that all that lies in the work tree now goes, if it `may`; whether it says so. Where that cannot be written, a removal
/// that is cut short is only not known as one.
pub(super) fn begin(git_dir: &Path, may: impl FnOnce() -> Result<bool, PortError>) -> Result<bool, PortError> {
    // Its time counts, and that is before anybody looked.
    let new = tempfile::Builder::new().prefix(NAME).tempfile_in(git_dir);
    let Some(new) = new.ok().filter(|new| new.as_file().sync_all().is_ok()) else { return Ok(false) };
    if !may()? {
        return Ok(false);
    }
    let kept = new.persist(git_dir.join(NAME)).map_err(io::Error::from);
    // Without it a crash may keep what git removed, and lose this.
    Ok(kept.and_then(|_| File::open(git_dir)?.sync_all()).is_ok())
}

/// Takes that back: nothing was removed.
pub(super) fn forget(git_dir: &Path) {
    #[expect(clippy::disallowed_methods, reason = "a file of ours")]
    let _ = std::fs::remove_file(git_dir.join(NAME)); // Where it stays, what is there may still go.
}

/// What says that the removal was begun, if it was.
pub(super) fn begun(git_dir: &Path) -> Option<Metadata> {
    git_dir.join(NAME).symlink_metadata().ok()
}

/// Whether something was there as it is before the removal was begun: no more was looked at.
pub(super) fn was_there(begun: &Metadata, file: &Metadata) -> bool {
    // Not by its modification, which a person can carry over from elsewhere.
    (file.ctime(), file.ctime_nsec()) < (begun.mtime(), begun.mtime_nsec())
}
