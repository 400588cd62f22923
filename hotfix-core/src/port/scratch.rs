//! A folder of our own, outside of the repository, where another tree is built and what was built is kept for the next time.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::PortError;

/// A folder that nobody else uses while this lives.
#[derive(Debug)]
#[must_use = "the folder is free again when this is dropped"]
pub struct ScratchFolder {
    /// The work tree goes here.
    pub tree: PathBuf,
    /// What is built goes here, and stays.
    pub target: PathBuf,
    /// Its lock, of the operating system: it ends with us, also where we are killed.
    held: Option<File>,
}

impl ScratchFolder {
    /// The one in `folder`; `held` is its lock.
    pub fn new(folder: &Path, held: Option<File>) -> Self {
        Self { tree: folder.join("tree"), target: folder.join("target"), held }
    }

    /// The folder of both.
    pub fn folder(&self) -> &Path {
        self.tree.parent().unwrap_or(&self.tree)
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // To close it is not enough while a program that is just being started has a copy.
        let _ = self.held.as_ref().map(File::unlock);
    }
}

/// Keeps folders for work trees of other commits.
pub trait ScratchFolders {
    /// The folder named `key`, made if it is not there; another one for the same while somebody else uses it.
    ///
    /// # Errors
    /// When the folder cannot be written; this holds for all methods here.
    fn claim(&self, key: &str) -> Result<ScratchFolder, PortError>;

    /// Copies what Cargo built of foreign packages in `from` (`target/debug`) to the folder, unless there is something
    /// already. `own` are the packages and targets of the workspace, which are left out.
    fn seed(&self, folder: &ScratchFolder, from: &Path, own: &[String]) -> Result<(), PortError>;

    /// Writes a file of the work tree, unless there is one; with its folders.
    fn provide(&self, folder: &ScratchFolder, path: &str, content: &[u8]) -> Result<(), PortError>;

    /// Makes a path of the work tree a link to the same path below `to`, unless there is something. Whether there was
    /// something to link to.
    fn link(&self, folder: &ScratchFolder, path: &str, to: &Path) -> Result<bool, PortError>;

    /// A program that runs the compiler it is given (and the wrapper that the user has round it) with lints capped: denied ones
    /// warn.
    fn lint_capper(&self) -> Result<PathBuf, PortError>;

    /// Whether a path lies in a folder once links are followed; it need not be there yet.
    fn lies_in(&self, path: &Path, folder: &Path) -> bool;

    /// A small file beside these folders that was kept less than a day ago; `None` where there is none.
    fn kept(&self, name: &str) -> Option<Vec<u8>>;

    /// Keeps such a file. It may be lost at any time; failing to is no error.
    fn keep(&self, name: &str, content: &[u8]);

    /// Where a small program of ours lies that others load, written there if it is not; `None` where it cannot be.
    fn program(&self, name: &str, text: &str) -> Option<PathBuf>;

    /// A file that something built left behind; `None` where there is none or it is larger than 16 MiB.
    fn built(&self, path: &Path) -> Option<Vec<u8>>;
}
