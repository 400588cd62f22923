//! The repository's hook for pushes, run as git would run it, without a push.

use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::{ObjectId, Printable};
use crate::port::{Act, Expected, Finished, Invocation, RefUpdate};
use crate::workflow::action::query::{PrePush, QueryError};

/// A push without a terminal gets no longer, with its hook.
const DEADLINE: Duration = Duration::from_secs(120);
/// How much of what it printed is told.
const LINES: usize = 5;
const CHARACTERS: usize = 600;

/// Whether the hook lets this push pass.
pub(super) fn rehearse(act: &Act<'_>, asked: &PrePush) -> Result<(), QueryError> {
    let PrePush { program, push, url, git_dir } = asked;
    let lines: String = push.updates.iter().map(line).collect();
    let top = act.processes.top();
    // Through a shell, which as git does runs a script without a first line that names its interpreter.
    let command = ["sh", "-c", r#""$0" "$@""#, &program.to_string_lossy(), &push.remote, url].map(str::to_owned);
    let invocation = Invocation {
        // As a push of ours sets them.
        environment: vec![
            ("GIT_DIR".to_owned(), git_dir.to_string_lossy().into_owned()),
            ("GIT_WORK_TREE".to_owned(), top.to_string_lossy().into_owned()),
        ],
        stdin: Some(lines.into_bytes()),
        ..Invocation::new(command.to_vec(), DEADLINE)
    };
    let finished = act.processes.run(&invocation)?;
    match finished.ending {
        Ending::Passed => Ok(()),
        Ending::TimedOut => Err(no(format!("did not end within {} seconds", DEADLINE.as_secs()), &finished)),
        Ending::Failed => {
            let code = finished.exit_code.map(|code| format!(" (exit code {code})")).unwrap_or_default();
            Err(no(format!("says no{code}"), &finished))
        }
    }
}

/// What git tells the hook of a ref: as hotfix pushes commits by their ids, these stand for the local name too.
fn line(update: &RefUpdate) -> String {
    let local = update.to.as_ref().map(ObjectId::as_str).unwrap_or_default();
    let remote = match &update.expected {
        Expected::At(id) => id.as_str().to_owned(),
        // A ref that is to be made has an id of zeros, as long as the ids of this repository.
        Expected::Absent => "0".repeat(local.len()),
    };
    format!("{local} {local} {} {remote}\n", update.name)
}

fn no(what: String, finished: &Finished) -> QueryError {
    let output = Printable::from_bytes(&finished.output).tail(LINES, CHARACTERS).one_line();
    let output = if output.as_str().is_empty() { String::new() } else { format!(": {}", output.as_str()) };
    QueryError::new(format!("{what}{output}"))
}
