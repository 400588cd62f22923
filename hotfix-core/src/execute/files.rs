//! Files of the work tree: written, edited, committed.

use crate::port::Act;
use crate::workflow::FileAction;

use super::{Done, Executor, Result};

pub(super) fn execute(executor: &mut Executor<'_>, action: &FileAction) -> Result<Done> {
    let act: &Act<'_> = &executor.act;
    match action {
        FileAction::Write { path, expected, content } => act.files.write(path, expected.as_deref(), content)?,
        FileAction::Remove { path, expected } => act.files.remove(path, expected)?,
        FileAction::Edit { path } => return Ok(act.git.edit(path).map(|()| Done::Edited)?),
        FileAction::Compose { name, text } => {
            // Masked as if it had been typed: what is compared with the record is the same text.
            let redacted = executor.redactor.redact(&act.git.compose(name, text)?);
            executor.masked.add(redacted.masked);
            return Ok(Done::Composed(redacted.text));
        }
        FileAction::Commit { paths, message } => act.git.commit_files(paths, message)?,
        FileAction::Amend { paths } => act.git.amend(paths)?,
    }
    Ok(Done::ChangedHere)
}
