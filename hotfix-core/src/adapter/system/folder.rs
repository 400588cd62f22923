//! Folders held open by a handle, and entered one name at a time, so that no symbolic link is ever followed.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{self, Access, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

/// The most that is read of a file, in bytes.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

/// Why a file is not touched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileProblem {
    #[error("the path leads out of the work tree")]
    Outside,
    #[error("the path leads into git's own folder")]
    GitFolder,
    #[error("`{0}` is a symbolic link")]
    Link(String),
    #[error("`{0}` is no folder")]
    NoFolder(String),
    #[error("`{0}` is no regular file")]
    NoFile(String),
    #[error("it is larger than 16 MiB")]
    TooLarge,
    #[error("somebody changed it meanwhile")]
    Changed,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Errno> for FileProblem {
    fn from(errno: Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// What a file holds.
pub(super) struct StoredFile {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Its permissions.
    mode: Mode,
}

/// A folder, held open: it stays the same one even when its path leads elsewhere meanwhile.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

impl Folder {
    /// The folder at a path that is trusted: the top of a work tree.
    pub(super) fn open(path: &Path) -> Result<Self, FileProblem> {
        // The one path that is opened as a whole: a person may well reach a work tree through a link.
        Ok(Self(fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    /// A folder in this one; `None` where there is none of that name.
    pub(super) fn enter(&self, name: &str) -> Result<Option<Self>, FileProblem> {
        match self.kind(name)? {
            None => Ok(None),
            Some(FileType::Directory) => {
                // `kind` was a look only; NOFOLLOW decides at the moment of opening.
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                Ok(Some(Self(fs::openat(&self.0, name, flags, Mode::empty())?)))
            }
            Some(FileType::Symlink) => Err(FileProblem::Link(name.into())),
            Some(_) => Err(FileProblem::NoFolder(name.into())),
        }
    }

    /// Makes a folder in this one, unless it is there.
    pub(super) fn make(&self, name: &str) -> Result<(), FileProblem> {
        match fs::mkdirat(&self.0, name, Mode::from_raw_mode(0o777)) {
            // Without it a crash may keep the file and lose the folder's entry for it.
            Ok(()) => self.sync(),
            Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// A regular file in this folder; `None` where there is none of that name. Opens neither pipes nor devices.
    pub(super) fn read(&self, name: &str) -> Result<Option<StoredFile>, FileProblem> {
        match self.kind(name)? {
            None => return Ok(None),
            Some(FileType::RegularFile) => {}
            Some(FileType::Symlink) => return Err(FileProblem::Link(name.into())),
            Some(_) => return Err(FileProblem::NoFile(name.into())),
        }
        // Should it become a pipe just now, NONBLOCK keeps us from waiting for its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(fs::openat(&self.0, name, flags, Mode::empty())?);
        // Of the handle, not of the name: nobody can swap what is open.
        let stat = fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(FileProblem::NoFile(name.into()));
        }
        Ok(Some(StoredFile { bytes: read_capped(file)?, mode: Mode::from_raw_mode(stat.st_mode) }))
    }

    /// Whether files can be made in this folder.
    pub(super) fn check_writable(&self) -> Result<(), FileProblem> {
        // EACCESS: the effective user, as the write itself will go.
        Ok(fs::accessat(&self.0, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
    }

    /// A new file beside the one that it will replace, on the disk when this returns, with the permissions of `like`.
    pub(super) fn write_temporary(
        &self,
        content: &[u8],
        like: Option<&StoredFile>,
    ) -> Result<Temporary<'_>, FileProblem> {
        let (temporary, mut file) = self.create_temporary()?;
        file.write_all(content)?;
        if let Some(stored) = like {
            fs::fchmod(&file, stored.mode)?;
        }
        // Before the rename: else a crash may leave the new name with no content.
        file.sync_all()?;
        Ok(temporary)
    }

    fn create_temporary(&self) -> Result<(Temporary<'_>, File), FileProblem> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        // EXCL: a file or link that somebody laid there is never written to.
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        loop {
            let name = format!(".hotfix-{}-{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            match fs::openat(&self.0, name.as_str(), flags, Mode::from_raw_mode(0o666)) {
                Ok(fd) => return Ok((Temporary { folder: self, name }, File::from(fd))),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Removes a file of this folder, for good when this returns.
    pub(super) fn remove_file(&self, name: &str) -> Result<(), FileProblem> {
        fs::unlinkat(&self.0, name, AtFlags::empty())?;
        self.sync()
    }

    /// Removes a folder in this one; whether it was there and empty.
    pub(super) fn remove_if_empty(&self, name: &str) -> bool {
        fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR).is_ok()
    }

    fn sync(&self) -> Result<(), FileProblem> {
        Ok(fs::fsync(&self.0)?)
    }

    fn kind(&self, name: impl AsRef<OsStr>) -> Result<Option<FileType>, FileProblem> {
        match fs::statat(&self.0, name.as_ref(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }
}

/// A file that is removed again unless it takes the place of another one.
#[must_use = "call `rename_to`, or it is removed again"]
pub(super) struct Temporary<'a> {
    folder: &'a Folder,
    name: String,
}

impl Temporary<'_> {
    /// Gives it the name, and with that replaces the file that had it, for good when this returns.
    pub(super) fn rename_to(self, name: &str) -> Result<(), FileProblem> {
        // By handle on both sides: the path may lead elsewhere by now.
        fs::renameat(&self.folder.0, self.name.as_str(), &self.folder.0, name)?;
        self.folder.sync()
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        // Once renamed it is not there any more; no other file ever has this name.
        let _ = fs::unlinkat(&self.folder.0, self.name.as_str(), AtFlags::empty());
    }
}

fn read_capped(file: File) -> Result<Vec<u8>, FileProblem> {
    let mut bytes = Vec::new();
    // One more than allowed, which tells "too large" from "just fits".
    file.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST { Err(FileProblem::TooLarge) } else { Ok(bytes) }
}
