//! The whole postmortem in the editor, before it is pushed. It lies in the work tree, so that nothing written is lost.

use crate::domain::{Incident, one_line, sha256_hex};
use crate::workflow::{Action, Code, Context, FileAction, Outcome, Plan, Refusal, Result};

use super::{belongs_to, written};

/// What shows it, where that was not done yet; `None` once it may be delivered.
///
/// # Errors
/// When another file lies there, or what the editor left is no postmortem of the incident.
pub(in crate::step) fn plan(
    context: &Context<'_>,
    incident: &Incident,
    path: &str,
    text: &[u8],
) -> Result<Option<Plan>> {
    let here = context.look.files.read(path)?;
    let is_blank = |bytes: &Vec<u8>| bytes.trim_ascii().is_empty();
    if let Some(foreign) = here.as_ref().filter(|bytes| !is_blank(bytes) && !belongs_to(incident, bytes)) {
        let (path, bytes) = (one_line(path), foreign.len());
        let message = format!("{path} ({bytes} bytes) does not say that it is about {}", incident.id);
        return Err(Refusal::precondition(Code::ForeignFile, message)
            .hint(format!("put this line back into it: <!-- hotfix: {} -->; or move the file away", incident.id)));
    }
    match here {
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
