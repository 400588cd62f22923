//! What an incident is about and is not here: a colleague's came with the record, and its commits did not.

use crate::domain::{Incident, ObjectId};
use crate::port::{Look, PortError};
use crate::workflow::{Code, Refusal, Result};

/// The commit of an incident's rules, or that which its fix starts from, where it is not here.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn of(look: Look<'_>, incident: &Incident) -> Result<Option<ObjectId>, PortError> {
    let format = look.git.repository().format.objects;
    for commit in incident.policy.iter().chain([&incident.base.commit]) {
        // An id of another format names nothing that a fetch could bring.
        if commit.format() == format && !look.git.has_commit(commit)? {
            return Ok(Some(commit.clone()));
        }
    }
    Ok(None)
}

/// What was found out, or nothing where history is cut off.
///
/// # Errors
/// When it failed for another reason.
pub(crate) fn as_far_as_known<T>(found: Result<Option<T>>) -> Result<Option<T>> {
    found.or_else(|refusal| if refusal.code == Code::Shallow { Ok(None) } else { Err(refusal) })
}

/// The command that brings it.
pub(crate) fn way(look: Look<'_>, incident: &Incident) -> String {
    let remote = incident.production.remote.as_deref().unwrap_or("origin");
    match look.git.repository().is_shallow {
        // A shallow clone follows the one branch that it was made of, so the others are named too.
        true => format!("git fetch --unshallow {remote} '+refs/heads/*:refs/remotes/{remote}/*'"),
        false => format!("git fetch {remote}"),
    }
}

/// The refusal of what cannot be done without it.
pub(crate) fn refusal(look: Look<'_>, incident: &Incident, commit: &ObjectId) -> Refusal {
    let message = format!("{} starts from {}, which is not here", incident.id, commit.short());
    Refusal::precondition(Code::NoSuchCommit, message)
        .hint(format!("{}   # brings it", way(look, incident)))
        .hint("git fsck   # if it was here before: says what is damaged")
}
