//! Landings by another clone: those that only production itself tells of, since whoever let them land could not tell the record any
//! more, and those of which what followed may not be told here.

use crate::domain::event::{Landing, LandingLine};
use crate::domain::{Incident, ObjectId, PullRequestState};
use crate::production;
use crate::workflow::{Context, Result};

use super::branch;
use super::commits::Fix;
use super::presence::{self, Presence};

/// The oldest merge into production that hotfix made for the incident and that the record does not know, or the squash of what was
/// proposed and is nowhere any more, as far as production is known here.
///
/// # Errors
/// When the history of production cannot be read.
pub(crate) fn landing(context: &Context<'_>, incident: &Incident) -> Result<Option<Landing>> {
    match merge(context, incident)? {
        Some(merge) => Ok(Some(merge)),
        None => squash(context, incident),
    }
}

/// Where the fix landed from, where that was not here: who let it land may be deploying it, or have done so.
///
/// # Errors
/// When the merge cannot be read.
pub(crate) fn landed_elsewhere(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    if let Some(from) = incident.landed_from.as_ref().filter(|from| from.clone != context.workplace.clone) {
        return Ok(Some(from.host.clone()));
    }
    let git = context.look.git;
    let Some(merge) = incident.merge_commit().filter(|_| !incident.landing_was_told) else { return Ok(None) };
    // hotfix made it, and what it recorded first is not here: that is in another clone. A person's merge deploys nothing.
    let is_ours = git.has_commit(merge)? && branch::names_incident(&git.details(merge)?.message, &incident.id);
    Ok(is_ours.then(|| "another clone, whose record is not here".to_owned()))
}

fn merge(context: &Context<'_>, incident: &Incident) -> Result<Option<Landing>> {
    let git = context.look.git;
    let Some(tip) = git.commit_of_ref(&production::tip_ref(&incident.production))? else { return Ok(None) };
    let base = &incident.base.commit;
    // What came before the incident brought no fix of it.
    if tip == *base || !git.has_commit(base)? {
        return Ok(None);
    }
    let told = || incident.merged.iter().chain(&incident.merged_before);
    let is_told = |head: &ObjectId| told().any(|landing| landing.head == *head);
    // The commits that bring the records name the incident as well, and merge nothing.
    let marked = git.marked(std::slice::from_ref(base), &tip, &[branch::TRAILER])?.along;
    let mut merges = marked.into_iter().rev().filter(|commit| branch::names_incident(&commit.message, &incident.id));
    Ok(merges.find_map(|commit| {
        let [from, head] = commit.parents.as_slice() else { return None };
        let line = LandingLine { branch: incident.production.branch.clone(), from: from.clone(), to: commit.id };
        (!is_told(head)).then(|| Landing::new(head.clone(), vec![line]))
    }))
}

/// The commit that brought what was proposed, where its branch is gone everywhere: known by what the proposed commits change.
// Where they are gone as well nothing tells it for certain: another commit may have the very tree that was tested, by chance or by a
// revert.
fn squash(context: &Context<'_>, incident: &Incident) -> Result<Option<Landing>> {
    let proposed = incident.pull_request.as_ref().filter(|known| known.state != PullRequestState::Closed);
    let Some(head) = proposed.map(|known| &known.head).filter(|_| incident.merged.is_none()) else { return Ok(None) };
    let production = &incident.production;
    if production::local_branch_tip(context.look, incident)?.is_some()
        || production::remote_branch_tip(context, incident)?.is_some()
        || context.look.git.commit_of_ref(&production::tip_ref(production))?.is_none()
        || !context.look.git.has_commit(head)?
    {
        return Ok(None);
    }
    let fix = Fix::new(context, incident, head)?;
    let line = match presence::on_production(&fix)? {
        Presence::Present { by } | Presence::Reverted { by, .. } => {
            Some(presence::landing_line(&fix, &production.branch, by)?)
        }
        Presence::Absent => None,
    };
    Ok(line.map(|line| Landing::new(head.clone(), vec![line])))
}
