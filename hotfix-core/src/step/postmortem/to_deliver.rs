//! Which text of the postmortem is delivered: somebody's words where there are any, or a draft of all that is known at the end.

use super::{as_closed, belongs_to, completed, draft, is_delivered_draft, masked};
use crate::config::Deliver;
use crate::document;
use crate::domain::{Incident, ObjectId, one_line};
use crate::production;
use crate::production::unfetched;
use crate::release::delivery;
use crate::workflow::{Code, Context, Refusal, Result};

/// The postmortem as it was edited here, or on production, or drafted now; without secrets, and what to tell of these.
pub(in crate::step) fn text_to_deliver(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    path: &str,
) -> Result<(Vec<u8>, Option<String>)> {
    let is_ours = |bytes: &Vec<u8>| belongs_to(incident, bytes);
    let is_edited = |bytes: &Vec<u8>| is_ours(bytes) && !delivery::is_unedited(incident, bytes);
    let is_delivered = is_pushed(context, incident)?;
    let there = context.look.git.file_at(tip, path)?;
    if let Some(there) = there.as_ref().filter(|_| context.config.records != Deliver::Leave) {
        refuse_foreign_there(incident, path, there)?;
    }
    let here = context.look.files.read(path)?.filter(is_edited);
    let is_followed = here.is_some() && there.is_some() && is_followed(context, tip, path)?;
    let here = here.filter(|_| !is_followed);
    let there = there.filter(|bytes| if is_delivered { is_ours(bytes) } else { is_edited(bytes) });
    // The editor showed what production says, unless that moved meanwhile: what is not there any more was taken out.
    let has_seen = context.known.has_edited() && context.known.races().is_empty();
    if let (Some(here), Some(there), false) = (&here, &there, has_seen) {
        let text = completed(context, &as_closed(incident), here.clone())?;
        refuse_parted(context, incident, path, &text, there)?;
    }
    for edited in here.into_iter().chain(there) {
        // Taken up again, what was delivered is on production, and in the work tree too: that is nobody's edit.
        if !is_delivered_draft(context, incident, &edited)? {
            let text = completed(context, &as_closed(incident), edited)?;
            return Ok(masked(context, path, text));
        }
    }
    Ok((draft(context, &as_closed(incident))?.into_bytes(), None))
}

/// Refuses to write over a file of production's that is about something else.
fn refuse_foreign_there(incident: &Incident, path: &str, there: &[u8]) -> Result<()> {
    if there.trim_ascii().is_empty() || belongs_to(incident, there) {
        return Ok(());
    }
    let production = incident.production.display_name();
    let message =
        format!("{} is on {production} already, and does not say that it is about {}", one_line(path), incident.id);
    Err(Refusal::precondition(Code::ForeignFile, message)
        .hint(format!("rename it there, or put this line into it, so that it counts: {}", document::marker(incident))))
}

/// Refuses to deliver a text from here where production's has words that it never had: they would be gone.
fn refuse_parted(context: &Context<'_>, incident: &Incident, path: &str, text: &[u8], there: &[u8]) -> Result<()> {
    let git = context.look.git;
    let base = match delivery::committed(context, &git.head()?, path)? {
        Some(committed) => committed,
        None => draft(context, incident)?.into_bytes(),
    };
    // What a run before this one pushed is nobody's word.
    let pushed = match &incident.records_in_doubt {
        Some(commit) if git.has_commit(commit)? => git.file_at(commit, path)?,
        _ => None,
    };
    let base = [base, pushed.unwrap_or_default()].join(&b'\n');
    let Some(lacks) = first_lacking(text, there, &base) else { return Ok(()) };
    let production = incident.production.display_name();
    let message = format!("{} says on {production} what it does not say here: {}", one_line(path), one_line(&lacks));
    let shown = format!("git show {}:{}", shell_words::quote(&production), shell_words::quote(path));
    Err(Refusal::needs_human(Code::Edited, message)
        .hint(format!("{shown}   # take it over into the file here, then: {} close", context.program)))
}

/// The first line of `there` that neither the text from here has nor what both came from.
fn first_lacking(here: &[u8], there: &[u8], base: &[u8]) -> Option<String> {
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(|line| line.trim().to_owned()).collect();
    let [here, there, base]: [Vec<String>; 3] = [here, there, base].map(lines);
    there.into_iter().find(|line| !line.is_empty() && !here.contains(line) && !base.contains(line))
}

/// Whether the file lies here as it was committed, and production goes on from that commit: the file there is what it became.
fn is_followed(context: &Context<'_>, tip: &ObjectId, path: &str) -> Result<bool> {
    let head = context.look.git.head()?;
    let Some(commit) = head.commit() else { return Ok(false) };
    if !delivery::is_as_committed(context, path)? {
        return Ok(false);
    }
    let is_followed = context.look.git.is_ancestor(commit, tip).map(Some).map_err(Into::into);
    Ok(unfetched::as_far_as_known(is_followed)?.unwrap_or_default())
}

/// Whether production has what a run before this one delivered without being able to say so: another text would be a second one.
fn is_pushed(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    match &incident.records_in_doubt {
        Some(commit) => Ok(production::contains(context.look, &incident.production, commit)?),
        None => Ok(false),
    }
}
