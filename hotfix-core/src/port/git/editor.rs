//! The user's editor.

use crate::port::PortError;

/// Shows the user's editor, the one that git takes (`git var GIT_EDITOR`), and waits for it.
///
/// # Errors
/// All methods fail where there is no editor, or it ends with an error.
pub trait Editor {
    /// Opens it on a file of this work tree, relative to its top.
    fn edit(&self, path: &str) -> Result<(), PortError>;

    /// Opens it on a text, and returns what became of that. The text lies in a file of this name in the git directory, as a
    /// commit message does, and stays there.
    ///
    /// # Errors
    /// Also when the file cannot be written or read, is too long, or is no UTF-8.
    fn compose(&self, name: &str, text: &str) -> Result<String, PortError>;
}
