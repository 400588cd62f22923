//! By which commit a branch got the fix, and whether it still has it: by ancestry, and by content where a squash, a rebase
//! or picks brought it. What is recorded, tagged and deployed of a fix that somebody else merged comes from here.

use crate::domain::event::LandingLine;
use crate::domain::{Incident, ObjectId};
use crate::port::{Applied, CommitDetails, PortError};
use crate::production;
use crate::release::revert;
use crate::workflow::{Context, Refusal};

/// A merge in memory each: of a branch that conflicts, so many commits of production are looked through for the fix.
const MOST_SINCE: usize = 100;

/// How the fix at `head` got to the branch at `tip` by a merge or a fast-forward; `None` where it did not.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn by_ancestry(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    branch: &str,
    tip: &ObjectId,
) -> Result<Option<LandingLine>, PortError> {
    let Some(brought) = context.look.git.brought_by(head, tip)? else { return Ok(None) };
    // A fast-forward leaves no commit of its own: the branch was where the fix began.
    let before = brought.parents.first().filter(|_| brought.id != *head);
    let from = before.unwrap_or(&incident.base.commit).clone();
    Ok(Some(LandingLine { branch: branch.to_owned(), from, to: brought.id }))
}

/// How production, which does not contain `head`, got every change of it by other commits; `None` where it lacks one.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn by_content(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
) -> Result<Option<LandingLine>, Refusal> {
    let git = context.look.git;
    let tip = production::tip(context.look, &incident.production)?;
    let has_all = |commit: &ObjectId| -> Result<bool, PortError> {
        Ok(git.merge(commit, head, &|_| None)? == Applied::Clean(git.tree_of(commit)?))
    };
    let newest = match git.merge(&tip, head, &|_| None)? {
        Applied::Clean(tree) if tree == git.tree_of(&tip)? => tip,
        Applied::Clean(_) => return Ok(None),
        // Somebody may have brought the fix and gone on from it, at the very same lines.
        Applied::Conflict(_) => match newest_with(context, &tip, &incident.base.commit, has_all)? {
            Some(commit) => commit,
            None => return Ok(None),
        },
    };
    let to = earliest(context, newest, &incident.base.commit, has_all)?;
    Ok(Some(ended_by(context, incident, head, to)?))
}

/// What `to` brought to production, or was the last to bring: a rebase and picks make commits of the fix once more, one after
/// the other.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn ended_by(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    to: ObjectId,
) -> Result<LandingLine, PortError> {
    let git = context.look.git;
    let parent = |commit: &ObjectId| -> Result<Option<ObjectId>, PortError> {
        Ok(git.details(commit)?.parents.first().cloned().filter(|_| *commit != incident.base.commit))
    };
    let mut from = parent(&to)?.unwrap_or_else(|| incident.base.commit.clone());
    if git.has_commit(head)? && !git.is_ancestor(head, &to)? {
        let own = git.own_commits(&[incident.base.commit.clone(), to.clone()], head)?;
        let mut last = to.clone();
        for commit in own.iter().rev().filter(|commit| commit.parents.len() < 2) {
            let (Some(before), Some(original)) = (parent(&last)?, commit.parents.first()) else { break };
            if git.apply(original, &commit.id, &before, &|_| None)? != Applied::Clean(git.tree_of(&last)?) {
                break;
            }
            from.clone_from(&before);
            last = before;
        }
    }
    Ok(LandingLine { branch: incident.production.branch.clone(), from, to })
}

/// The part of the fix at `head` that an earlier merge than `last` brought to production, and nobody recorded: its tip, and
/// how it got there. Somebody may merge a branch, add to it, and merge it once more.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn part_before(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    last: &LandingLine,
) -> Result<Option<(ObjectId, LandingLine)>, PortError> {
    let git = context.look.git;
    let recorded: Vec<&ObjectId> =
        incident.merged_before.iter().chain(&incident.merged).map(|landing| &landing.head).collect();
    let mut next = git.details(head)?.parents.first().cloned();
    while let Some(part) = next.take() {
        let mut is_known = git.is_ancestor(&part, &incident.base.commit)?;
        for known in &recorded {
            is_known = is_known || git.is_ancestor(&part, known)?;
        }
        if is_known {
            break;
        }
        if !git.is_ancestor(&part, &last.from)? {
            next = git.details(&part)?.parents.first().cloned();
            continue;
        }
        let found = by_ancestry(context, incident, &part, &last.branch, &last.from)?;
        // On production itself it is what the branch was rebased onto, no part of the fix.
        return Ok(found.filter(|line| line.to != part).map(|line| (part, line)));
    }
    Ok(None)
}

/// The commit that took the landed fix out of production again: a revert of what brought it, or where none says so, the
/// commit since which nothing of it is left. A fix that somebody brought back is there.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn taken_out(context: &Context<'_>, incident: &Incident) -> Result<Option<ObjectId>, Refusal> {
    let git = context.look.git;
    let Some(landing) = &incident.merged else { return Ok(None) };
    let tip = production::tip(context.look, &incident.production)?;
    let line = match by_ancestry(context, incident, &landing.head, &incident.production.branch, &tip)? {
        Some(line) => line,
        None => match incident.merge_commit() {
            Some(to) if git.is_ancestor(to, &tip)? => ended_by(context, incident, &landing.head, to.clone())?,
            _ => return Ok(None),
        },
    };
    let (before, after) = (git.tree_of(&line.from)?, git.tree_of(&line.to)?);
    // Whether a change, made once more here, changes nothing.
    let holds = |(from, to): (&ObjectId, &ObjectId), commit: &ObjectId| -> Result<bool, PortError> {
        Ok(from != to && git.apply(from, to, commit, &|_| None)? == Applied::Clean(git.tree_of(commit)?))
    };
    for bringer in bringers(context, incident, &landing.head, &line)? {
        let Some(revert) = revert::that_stands(context, &bringer, &tip)? else { continue };
        // What the branch itself took back was never part of the fix.
        if !git.is_ancestor(&revert, &landing.head)? {
            return Ok((!holds((&before, &after), &tip)?).then_some(revert));
        }
    }
    if !holds((&after, &before), &tip)? {
        return Ok(None);
    }
    Ok(Some(earliest(context, tip, &line.to, |commit| holds((&after, &before), commit))?))
}

/// The commits whose revert takes the fix out: the one that brought it, or all that did, and those of its branch.
fn bringers(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    line: &LandingLine,
) -> Result<Vec<ObjectId>, PortError> {
    let git = context.look.git;
    let (mut bringers, mut next) = (Vec::new(), Some(line.to.clone()));
    while let Some(commit) = next.take().filter(|commit| *commit != line.from && *commit != incident.base.commit) {
        next = git.details(&commit)?.parents.first().cloned();
        bringers.push(commit);
    }
    if git.is_ancestor(head, &line.to)? {
        let own = git.own_commits(&[incident.base.commit.clone(), line.from.clone()], head)?;
        let is_single = |commit: &CommitDetails| commit.parents.len() < 2;
        bringers.extend(own.into_iter().filter(is_single).map(|commit| commit.id));
    }
    bringers.dedup();
    Ok(bringers)
}

/// The newest commit along first parents, from before `tip` to before `end`, for which `holds` is true, among those that
/// a night can bring.
fn newest_with(
    context: &Context<'_>,
    tip: &ObjectId,
    end: &ObjectId,
    holds: impl Fn(&ObjectId) -> Result<bool, PortError>,
) -> Result<Option<ObjectId>, PortError> {
    let mut last = tip.clone();
    for _ in 0..MOST_SINCE {
        let Some(before) = context.look.git.details(&last)?.parents.first().filter(|id| *id != end).cloned() else {
            return Ok(None);
        };
        if holds(&before)? {
            return Ok(Some(before));
        }
        last = before;
    }
    Ok(None)
}

/// The oldest commit of the run along first parents, from `tip` to before `end`, for which `holds` is true. It is for `tip`.
fn earliest(
    context: &Context<'_>,
    tip: ObjectId,
    end: &ObjectId,
    holds: impl Fn(&ObjectId) -> Result<bool, PortError>,
) -> Result<ObjectId, PortError> {
    let mut found = tip;
    loop {
        match context.look.git.details(&found)?.parents.first() {
            Some(before) if before != end && holds(before)? => found.clone_from(before),
            _ => return Ok(found),
        }
    }
}
