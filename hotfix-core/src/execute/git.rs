//! Branches and work trees, here and on a remote.

use std::path::Path;

use crate::domain::{BranchName, ObjectId, Printable};
use crate::port::{Act, ErrorKind, Expected, NewCommit, PortError, Push, PushError, RefUpdate, SwitchTo, with_causes};
use crate::workflow::GitAction;

use super::{Code, Done, Refusal, Result};

pub(super) fn execute(act: &Act<'_>, action: &GitAction) -> Result<Done> {
    match action {
        GitAction::InspectRemote { remote, refs } => {
            let answer = act.git.inspect_remote(remote, refs)?;
            return Ok(Done::Inspected { remote: remote.clone(), asked: refs.clone(), refs: answer });
        }
        GitAction::Fetch { remote, branch } => {
            act.git.fetch(remote, &[branch.to_string()], &[])?;
            return Ok(Done::Fetched { branches: vec![branch.to_string()] });
        }
        GitAction::FetchRefs { remote, branches, tags } => {
            act.git.fetch(remote, branches, tags)?;
            return Ok(Done::Fetched { branches: branches.clone() });
        }
        GitAction::FastForward { branch, worktree, to, stage } => {
            return fast_forward(act, branch, Path::new(worktree), to, stage);
        }
        GitAction::Push(changes) => return push(act, changes),
        GitAction::CreateBranch { branch, commit, worktree } => {
            create_branch(act, branch, commit, worktree.as_deref())?;
        }
        GitAction::Switch { to } => act.git.switch(None, to)?,
        GitAction::TakeBack(_) => return Ok(act.git.take_back().map(|()| Done::TakenBack)?),
        GitAction::UpdateRef { name, to, from, why } => {
            let expected = from.clone().map_or(Expected::Absent, Expected::At);
            act.git.update_refs(&[RefUpdate { name: name.clone(), to: to.clone(), expected }], why)?;
        }
        GitAction::UpdateRefs { updates, why } => act.git.update_refs(updates, why)?,
        GitAction::RemoveWorktree { path, commit } => act.git.remove_worktree(Path::new(path), commit)?,
        GitAction::SetOwn { key, value } => act.git.set_own(key, value)?,
        GitAction::Commit { worktree, commit, .. } => commit_on(act, Path::new(worktree), commit)?,
    }
    Ok(Done::ChangedHere)
}

/// Makes the branch of the fix and checks it out, here or in a work tree of its own.
fn create_branch(
    act: &Act<'_>,
    branch: &BranchName,
    commit: &ObjectId,
    worktree: Option<&str>,
) -> Result<(), PortError> {
    match worktree {
        Some(path) => act.git.add_worktree(Path::new(path), branch, commit),
        None => act.git.switch(None, &SwitchTo::NewBranch { name: branch.clone(), commit: commit.clone() }),
    }
}

/// Puts a commit on the branch that is checked out in a work tree.
fn commit_on(act: &Act<'_>, worktree: &Path, commit: &NewCommit) -> Result<(), PortError> {
    let id = act.git.commit(commit)?;
    // The work tree comes along; moving the ref alone would show the commit as undone changes.
    act.git.fast_forward(worktree, &id)
}

/// Moves a branch forward where it is checked out. That a work tree cannot follow is told, and stops nothing: the fix is
/// where it belongs.
fn fast_forward(act: &Act<'_>, branch: &str, worktree: &Path, to: &ObjectId, stage: &[String]) -> Result<Done> {
    // git overwrites no untracked file, even by the same content; once staged it is no obstacle.
    if !stage.is_empty() {
        act.git.stage(stage)?;
    }
    Ok(match act.git.fast_forward(worktree, to) {
        Ok(()) => Done::ChangedHere,
        // Nobody's file is in the way: the same command goes on once the lock, the signal or the full disk is gone.
        Err(error) if matches!(error.kind, ErrorKind::Interrupted | ErrorKind::Retry) => return Err(error.into()),
        Err(error) if act.git.is_cut(worktree)? => return Err(error.into()),
        Err(error) => {
            let reason = Printable::new(&with_causes(error.doing.clone(), &error)).one_line().into();
            Done::CouldNotFollow { branch: branch.to_owned(), reason }
        }
    })
}

/// Changes refs on a remote.
pub(super) fn push(act: &Act<'_>, push: &Push) -> Result<Done> {
    let done = match push.updates.first() {
        // The first names the push: only a landing pushes several refs, and tells of them itself.
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
pub(super) fn published(result: Result<(), PushError>, done: Done) -> Result<Done> {
    match result {
        Ok(()) => Ok(done),
        // No error: the next round looks again, and may go on.
        Err(PushError::Raced { name }) => Ok(Done::Raced { name: Some(name) }),
        Err(PushError::Refused(rejection)) => Ok(Done::Rejected(rejection)),
        Err(PushError::Hook(no)) => {
            let refusal = Refusal::precondition(Code::Hook, format!("the hook {} here said no to the push", no.path));
            let refusal = refusal.because(no.said);
            Err(if no.uploads { refusal.hint(UPLOADS) } else { refusal })
        }
        Err(PushError::Port(error)) => Err(error.into()),
    }
}
