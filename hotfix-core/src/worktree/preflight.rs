//! Step 0: may anything begin here, and what should a person know before it does?

use crate::domain::event::Production;
use crate::domain::{RefName, one_line};
use crate::ledger::Summary;
use crate::port::{Head, WorkTreeState};
use crate::workflow::{Action, Code, Context, GitAction, Network, Refusal, Result, named};
use crate::{document, production};

use super::{checkout, documents};

/// Refuses a repository in which no fix can start; names the incidents that are open already.
pub(crate) fn look_around(context: &Context<'_>) -> Result<Vec<String>> {
    let git = context.look.git;
    if git.repository().work_tree.is_none() {
        return Err(Refusal::precondition(Code::Bare, "this is a bare repository; a fix needs a work tree")
            .hint("git clone it, and open the incident there"));
    }
    // Nothing can be compared with a commit that does not exist.
    if let Head::Unborn { name } = git.head()? {
        return Err(Refusal::precondition(Code::Unborn, format!("the branch {name} has no commit yet"))
            .hint("a hotfix starts from a commit that production runs; make or fetch one first"));
    }
    if let Some(refusal) = checkout::unfinished(context)? {
        return Err(refusal);
    }
    let mut notes = Vec::new();
    let others: Vec<&Summary> = context.incidents.open().iter().collect();
    if !others.is_empty() {
        notes.push(format!("open already: {}", others.iter().map(|open| summary(open)).collect::<Vec<_>>().join("; ")));
    }
    Ok(notes)
}

/// The refusal for tracked uncommitted changes.
pub(crate) fn dirty(changed: &[String], production_branch: &str) -> Refusal {
    let what = uncommitted(changed);
    Refusal::precondition(
        Code::DirtyTree,
        format!(
            "Stash or commit current work first — hotfixes branch from clean {production_branch}. Uncommitted: {what}"
        ),
    )
}

/// What takes uncommitted work out of the way.
const STASH: &str = "git stash   # keeps it; then the same command again, and git stash pop brings it back";

/// What brings submodules to the commits that are recorded, which `git stash` leaves alone; `None` where all are.
pub(crate) fn update_submodules(outdated: &[String]) -> Option<String> {
    (!outdated.is_empty()).then(|| format!("git submodule update -- {}", named::arguments(outdated)))
}

/// The same with all that takes what is changed out of the way.
pub(crate) fn out_of_the_way(changed: &[String], outdated: &[String]) -> Vec<String> {
    let update =
        update_submodules(outdated).map(|update| format!("{update}   # what was not updated is nobody's work"));
    let stash = changed.iter().any(|path| !outdated.contains(path)).then(|| STASH.to_owned());
    update.into_iter().chain(stash).collect()
}

/// The same where no hotfix begins.
pub(crate) fn not_committed(changed: &[String]) -> Refusal {
    Refusal::precondition(Code::DirtyTree, format!("there is uncommitted work here: {}", uncommitted(changed)))
}

/// What is uncommitted, a few names.
pub(crate) fn uncommitted(changed: &[String]) -> String {
    let files: Vec<String> = changed.iter().take(5).map(|path| one_line(path)).collect();
    let more = changed.len().saturating_sub(files.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let files = if files.is_empty() { "unresolved conflicts".to_owned() } else { files.join(", ") };
    format!("{files}{rest}")
}

/// The note that names untracked files, where there are any.
pub(crate) fn untracked(state: &WorkTreeState) -> Option<String> {
    let names: Vec<String> = state.untracked.iter().take(5).map(|path| one_line(path)).collect();
    let more = state.untracked.len().saturating_sub(names.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("untracked files stay where they are: {}{rest}", names.join(", ")))
}

/// The last line of the command history, and how production relates to the branch here.
///
/// # Errors
/// When the records would have no place there.
pub(crate) fn what_is_known(context: &Context<'_>, production: &Production) -> Result<Vec<String>> {
    let git = context.look.git;
    let mut notes = Vec::new();
    if context.network == Network::Offline && production.remote.is_some() {
        notes.push(format!("offline: {} as of the last fetch", production.display_name()));
    }
    let tip = production::tip(context.look, production)?;
    documents::refuse_misplaced(context, &tip)?;
    if let Some(status) = git.file_at(&tip, &context.config.documents.status)?
        && let Some(row) = document::records::last_history_row(&status)
    {
        notes.push(format!("last in {}: {}", context.config.documents.status, one_line(&row)));
    }
    Ok(notes)
}

/// That production's branch has commits of its own here, which stay there.
pub(crate) fn left_alone(context: &Context<'_>, production: &Production) -> Result<Option<String>> {
    let git = context.look.git;
    let tip = production::tip(context.look, production)?;
    if let (Some(_), Some(local)) = (&production.remote, git.commit_of_ref(&RefName::of_branch(&production.branch))?)
        && !git.is_ancestor(&local, &tip)?
    {
        let (branch, there) = (&production.branch, production.display_name());
        return Ok(Some(format!(
            "{branch} here has commits that {there} lacks; it is left alone (--carry takes them along as the fix)"
        )));
    }
    Ok(None)
}

/// Brings the local production branch up to the remote one, where it is merely behind and checked out nowhere else.
pub(crate) fn follow_production(context: &Context<'_>, production: &Production) -> Result<Vec<Action>> {
    let git = context.look.git;
    // A ref that moves under a checked-out work tree shows the difference as undone changes.
    if production.remote.is_none() || production::checked_out_elsewhere(context, &production.branch)?.is_some() {
        return Ok(Vec::new());
    }
    let name = RefName::of_branch(&production.branch);
    let tip = production::tip(context.look, production)?;
    match git.commit_of_ref(&name)? {
        // Own commits of the person on it are never moved away.
        Some(local) if local != tip && git.is_ancestor(&local, &tip)? => Ok(vec![Action::Git(GitAction::UpdateRef {
            name,
            to: Some(tip),
            from: Some(local),
            why: "hotfix: follow the remote",
        })]),
        _ => Ok(Vec::new()),
    }
}

fn summary(open: &Summary) -> String {
    format!("{} {} ({}, {})", open.id, open.title, open.severity, open.status)
}
