//! Branches, here and on the remote.

use std::path::Path;

use crate::domain::{ObjectId, Printable};
use crate::port::{Act, Expected, Push, PushError, RefUpdate, SwitchTo};

use super::{Code, Done, Refusal};

/// Makes the branch of the fix and checks it out, here or in a work tree of its own.
pub(super) fn create_branch(
    act: &Act<'_>,
    branch: &str,
    commit: &ObjectId,
    worktree: Option<&str>,
) -> Result<Done, Refusal> {
    match worktree {
        Some(path) => act.git.add_worktree(Path::new(path), branch, commit)?,
        None => act.git.switch(None, &SwitchTo::NewBranch { name: branch.to_owned(), commit: commit.clone() })?,
    }
    Ok(Done::ChangedHere)
}

/// Moves, makes or deletes a ref with a compare-and-swap.
pub(super) fn update(
    act: &Act<'_>,
    name: &str,
    to: Option<&ObjectId>,
    from: Option<&ObjectId>,
    why: &str,
) -> Result<Done, Refusal> {
    let expected = from.map_or(Expected::Absent, |from| Expected::At(from.clone()));
    let update = RefUpdate { name: name.to_owned(), to: to.cloned(), expected };
    act.git.update_refs(&[update], why)?;
    Ok(Done::ChangedHere)
}

/// Moves a branch forward where it is checked out. That a work tree cannot follow is told, and stops nothing: the fix is
/// where it belongs.
pub(super) fn fast_forward(
    act: &Act<'_>,
    branch: &str,
    worktree: &Path,
    to: &ObjectId,
    stage: &[String],
) -> Result<Done, Refusal> {
    if !stage.is_empty() {
        act.git.stage(stage)?;
    }
    Ok(match act.git.fast_forward(worktree, to) {
        Ok(()) => Done::ChangedHere,
        Err(error) => {
            let cause = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
            let reason = Printable::new(&format!("{error}: {cause}")).one_line().into();
            Done::CouldNotFollow { branch: branch.to_owned(), reason }
        }
    })
}

/// Changes refs on a remote.
pub(super) fn push(act: &Act<'_>, push: &Push) -> Result<Done, Refusal> {
    let done = match push.updates.first() {
        Some(update) => match &update.to {
            Some(to) => Done::Pushed { name: update.name.clone(), to: to.clone() },
            None => Done::Deleted { name: update.name.clone() },
        },
        None => Done::Nothing,
    };
    published(act.git.push(push), done)
}

/// Why nobody is told to push without a hook that git-lfs has there.
const UPLOADS: &str =
    "It uploads files that the commits name (git-lfs), so fix what it says: `git lfs push` tells more.";

/// What came of a push.
pub(super) fn published(result: Result<(), PushError>, done: Done) -> Result<Done, Refusal> {
    match result {
        Ok(()) => Ok(done),
        Err(PushError::Raced { name }) => Ok(Done::Raced { name }),
        Err(PushError::Refused(rejection)) => Ok(Done::Rejected(rejection)),
        Err(PushError::Hook(no)) => {
            let refusal = Refusal::precondition(Code::Hook, format!("the hook {} here said no to the push", no.path));
            let refusal = refusal.because(no.said);
            Err(if no.uploads { refusal.hint(UPLOADS) } else { refusal })
        }
        Err(PushError::Port(error)) => Err(error.into()),
    }
}
