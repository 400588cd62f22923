//! The whole postmortem in the editor, before it is pushed. It lies in the work tree, so that nothing written is lost.

use crate::document;
use crate::domain::{Incident, one_line, sha256_hex};
use crate::workflow::{Action, Code, Context, FileAction, Outcome, Plan, Refusal, Result};

use super::{belongs_to, written};

/// How many bytes lie here that do not say whose postmortem they are: a person's words, which nothing may pass over.
///
/// # Errors
/// When the file cannot be read.
pub(in crate::step) fn foreign(context: &Context<'_>, incident: &Incident, path: &str) -> Result<Option<usize>> {
    let here = context.look.files.read(path)?;
    let is_foreign = |bytes: &Vec<u8>| !is_blank(bytes) && !belongs_to(incident, bytes);
    Ok(here.filter(is_foreign).map(|bytes| bytes.len()))
}

/// Refuses to deliver another text than the one that lies here.
///
/// # Errors
/// When that one does not say that it is about the incident.
pub(in crate::step) fn refuse_foreign(context: &Context<'_>, incident: &Incident, path: &str) -> Result<()> {
    let Some(bytes) = foreign(context, incident, path)? else { return Ok(()) };
    let message = format!("{} ({bytes} bytes) does not say that it is about {}", one_line(path), incident.id);
    Err(Refusal::precondition(Code::ForeignFile, message).hint(format!(
        "put this line into it, so that it counts: {}; or move the file away",
        document::marker(incident)
    )))
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.trim_ascii().is_empty()
}

/// What shows it, where that was not done yet; `None` once it may be delivered.
///
/// # Errors
/// When the editor left nothing.
pub(in crate::step) fn plan(
    context: &Context<'_>,
    incident: &Incident,
    path: &str,
    text: &[u8],
) -> Result<Option<Plan>> {
    match context.look.files.read(path)? {
        Some(blank) if context.known.has_edited() && is_blank(&blank) => {
            let emptied = Refusal::usage(Code::Text, "the postmortem was emptied in the editor; nothing was pushed");
            let hint = format!("{} close --edit   # begins with the draft again", context.program);
            let remove = Action::File(FileAction::Remove { path: path.to_owned(), expected: blank });
            Ok(Some(Plan::then_finish(vec![remove], Outcome::failed(emptied.hint(hint)))))
        }
        None if context.known.has_edited() => {
            let gone = format!("{} was removed in the editor; nothing was pushed", one_line(path));
            Err(Refusal::usage(Code::Text, gone))
        }
        Some(_) if context.known.has_edited() => Ok(None),
        here => {
            let mut actions = Vec::new();
            if here.as_deref() != Some(text) {
                let (path, content) = (path.to_owned(), text.to_vec());
                actions.push(Action::File(FileAction::Write { path, expected: here, content }));
            }
            if incident.postmortem.is_none() {
                actions.push(Action::record(vec![written(context, path, sha256_hex(text))]));
            }
            actions.push(Action::File(FileAction::Edit { path: path.to_owned() }));
            Ok(Some(Plan::then_look_again(actions)))
        }
    }
}
