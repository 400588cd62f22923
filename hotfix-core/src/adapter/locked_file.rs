//! A file that is locked for as long as somebody works by it.

use std::fs::{File, TryLockError};
use std::ops::{Deref, DerefMut};

/// A file with a lock of the operating system, which ends with this, and with the process, however that ends.
///
/// To close a file ends its lock only where nobody has a copy of it. A program that another thread is just about to start has one
/// for a moment, and who comes next would find the lock taken.
#[derive(Debug)]
pub(crate) struct LockedFile(File);

impl LockedFile {
    /// The file, once its lock is taken.
    pub(crate) fn try_lock(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }
}

/// Of a file that is locked already, or that lies where there are no locks.
impl From<File> for LockedFile {
    fn from(file: File) -> Self {
        Self(file)
    }
}

impl Deref for LockedFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl DerefMut for LockedFile {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.0
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        let _ = self.0.unlock(); // Closed, it ends soon.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_ends_though_a_program_that_is_being_started_has_a_copy() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path();
        let is_free = || File::open(path).unwrap().try_lock().is_ok();
        let plain = File::open(path).unwrap();
        plain.lock().unwrap();
        let copy = plain.try_clone().unwrap();
        drop(plain);
        assert!(!is_free(), "a copy keeps the lock of a file that is only closed");
        drop(copy);
        let locked = LockedFile::try_lock(File::open(path).unwrap()).unwrap();
        let _copy = locked.try_clone().unwrap();
        assert!(!is_free());
        drop(locked);
        assert!(is_free());
    }
}
