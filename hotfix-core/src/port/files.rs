//! Files of the work tree, by paths relative to its top.

use std::path::Path;

use super::PortError;

/// Reads files.
pub trait FilesRead {
    /// The file's bytes; `None` where there is none. Never follows a symbolic link.
    ///
    /// # Errors
    /// When it is there and cannot be read, is no regular file, lies behind a symbolic link, outside the work tree or in
    /// `.git`, or is larger than 16 MiB.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PortError>;

    /// Whether a regular file is at a path in the work tree, also behind symbolic links; it is not opened.
    fn is_linked(&self, path: &str) -> bool;

    /// Whether nothing, or an empty folder, is at a path anywhere: a new work tree may go there.
    fn is_vacant(&self, path: &Path) -> bool;
}

/// Writes files: a temporary file in the same folder, fsync, check that the original is unchanged, rename, fsync the folder.
pub trait FilesWrite: FilesRead {
    /// Replaces the file by `content`, provided that it still holds `expected` (`None`: it is not there). Makes its folders.
    ///
    /// # Errors
    /// As for [`FilesRead::read`]; when somebody changed the file meanwhile; when it cannot be written. The file is then
    /// as it was.
    fn write(&self, path: &str, expected: Option<&[u8]>, content: &[u8]) -> Result<(), PortError>;

    /// Whether [`Self::write`] could write the file, or make it; changes nothing.
    fn check_writable(&self, path: &str) -> Result<(), PortError>;

    /// Removes the file, provided that it still holds `expected`, and its folders where they become empty.
    fn remove(&self, path: &str, expected: &[u8]) -> Result<(), PortError>;
}
