//! Files of the work tree: written, edited, committed.

use super::ActionView;

/// Files of the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAction {
    /// Writes a file of the work tree.
    Write {
        /// Relative to the top.
        path: String,
        /// What it holds now; absent: it must not exist.
        expected: Option<Vec<u8>>,
        /// What it will hold.
        content: Vec<u8>,
    },
    /// Removes a file of the work tree that we wrote.
    Remove {
        /// Relative to the top.
        path: String,
        /// What it holds.
        expected: Vec<u8>,
    },
    /// Opens the user's editor on a file.
    Edit {
        /// Relative to the top.
        path: String,
    },
    /// Opens the user's editor on a text that lies in git's directory.
    Compose {
        /// The name of the file there.
        name: &'static str,
        /// What it begins with.
        text: String,
    },
    /// Commits files of the work tree on the branch that is checked out.
    Commit {
        /// Relative to the top.
        paths: Vec<String>,
        /// The message.
        message: String,
    },
    /// Adds files of the work tree to the last commit of the branch that is checked out.
    Amend {
        /// Relative to the top.
        paths: Vec<String>,
    },
}

impl FileAction {
    pub(super) fn view(&self) -> ActionView {
        match self {
            Self::Write { path, .. } => ActionView::new("write-file", format!("write {path}")).files([path]),
            Self::Remove { path, .. } => {
                ActionView::new("remove-file", format!("remove {path}")).files([path]).bookkeeping()
            }
            Self::Edit { path } => ActionView::new("edit-file", format!("open {path} in your editor")).files([path]),
            Self::Compose { .. } => {
                ActionView::new("compose", "ask for the text in your editor".to_owned()).bookkeeping()
            }
            Self::Commit { paths, .. } => {
                ActionView::new("commit-files", format!("commit {}", paths.join(", "))).files(paths)
            }
            Self::Amend { paths } => {
                ActionView::new("amend", format!("add {} to the fix's commit", paths.join(", "))).files(paths)
            }
        }
    }
}
