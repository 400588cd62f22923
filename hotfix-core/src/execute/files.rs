//! Files of the work tree: written, edited, committed.

use crate::port::Act;
use crate::workflow::FileAction;

use super::{Done, Result};

pub(super) fn execute(act: &Act<'_>, action: &FileAction) -> Result<Done> {
    match action {
        FileAction::Write { path, expected, content } => act.files.write(path, expected.as_deref(), content)?,
        FileAction::Remove { path, expected } => act.files.remove(path, expected)?,
        FileAction::Edit { path } => act.git.edit(path)?,
        FileAction::Commit { paths, message } => act.git.commit_files(paths, message)?,
        FileAction::Amend { paths } => act.git.amend(paths)?,
    }
    Ok(Done::ChangedHere)
}
