//! What happens when a fix gets to a branch, computed in memory: how it gets there, and where it conflicts.
//!
//! A release branch that holds all that production holds gets the fix by a merge, and so does an integration branch such as
//! `develop`; any other, an older release, would get more than the fix, so its commits are cherry-picked.

use crate::domain::{CarriedBy, ObjectId};
use crate::port::{Applied, Conflict};
use crate::workflow::Result;
use crate::workflow::action::merge::{Arrival, Picked};

use super::branch::{self, ReleaseBranch};
use super::commits::{self, Fix};
use super::presence::Presence;
use super::resolved;

/// How a branch takes a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strategy {
    Merge,
    CherryPick,
}

impl Strategy {
    /// The one for a branch that has the fix as `presence` says: of what was reverted, a merge would bring nothing.
    pub(crate) fn of(fix: &Fix<'_>, branch: &ReleaseBranch, presence: &Presence) -> Result<Self> {
        let is_out = presence.revert().is_some() && fix.is_in(&branch.tip)?;
        Ok(if is_out || !fix.merges_alone(branch)? { Self::CherryPick } else { Self::Merge })
    }
}

/// What happens when a fix gets to a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Preview {
    /// It is there already.
    There,
    /// It gets there in this way.
    Clean(Arrival),
    /// It conflicts here.
    Conflict(Vec<Conflict>),
}

/// What happens when the fix gets to a branch in the given way; what somebody resolved on its conflict branch is picked up.
pub(crate) fn of(fix: &Fix<'_>, branch: &ReleaseBranch, presence: &Presence, strategy: Strategy) -> Result<Preview> {
    match (presence, strategy) {
        (Presence::Present { .. }, _) => Ok(Preview::There),
        (_, Strategy::Merge) => merge(fix, branch),
        (_, Strategy::CherryPick) => cherry_pick(fix, branch),
    }
}

/// Whether only git can tell what happens, and may not here: then what is foreseen is a guess.
pub(crate) fn awaits_git(fix: &Fix<'_>, branch: &ReleaseBranch, strategy: Strategy) -> Result<bool> {
    let git = fix.context.look.git;
    if strategy == Strategy::Merge {
        return Ok(git.awaits_git(None, &branch.tip, fix.head)?);
    }
    // Each pick is a merge of its own, from the commit's parent.
    for commit in fix.commits()? {
        let Some(parent) = commit.parents.first() else { continue };
        if git.awaits_git(Some(parent), &branch.tip, &commit.id)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn merge(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Preview> {
    let git = fix.context.look.git;
    if let Some(resolved) = resolved::of(fix, branch)? {
        if git.is_ancestor(fix.head, &resolved)? {
            if git.is_ancestor(&branch.tip, &resolved)? {
                return Ok(Preview::Clean(Arrival::Ready { commit: resolved, by: CarriedBy::Merge }));
            }
            // The release branch advanced since the conflict was resolved.
            if let Applied::Clean(tree) = fix.merge_by_rules(&branch.tip, &resolved)? {
                return merged(fix, branch, &branch.tip, &resolved, tree);
            }
        } else if git.is_ancestor(&branch.tip, &resolved)?
            && let Applied::Clean(tree) = fix.merge_by_rules(&resolved, fix.head)?
        {
            return merged(fix, branch, &resolved, fix.head, tree); // The fix advanced since.
        }
    }
    let tree = match fix.merge_into(&branch.tip, branch)? {
        Applied::Clean(tree) => tree,
        Applied::Conflict(conflicts) => return Ok(Preview::Conflict(conflicts)),
    };
    match tree == git.tree_of(&branch.tip)? {
        true => Ok(Preview::There),
        false => merged(fix, branch, &branch.tip, fix.head, tree),
    }
}

fn merged(fix: &Fix<'_>, branch: &ReleaseBranch, onto: &ObjectId, head: &ObjectId, tree: ObjectId) -> Result<Preview> {
    let message = branch::merge_message(fix.context, fix.incident, &branch.branch)?;
    Ok(Preview::Clean(Arrival::Merge { onto: onto.clone(), head: head.clone(), tree, message }))
}

fn cherry_pick(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Preview> {
    let git = fix.context.look.git;
    if let Some(resolved) = resolved::of(fix, branch)?
        && git.is_ancestor(&branch.tip, &resolved)?
        // Of several picks some may still be missing: then the rest is laid out anew.
        && fix.missing_from(&branch.tip, &resolved)?.is_empty()
    {
        return Ok(Preview::Clean(Arrival::Ready { commit: resolved, by: CarriedBy::Pick }));
    }
    let mut tree = git.tree_of(&branch.tip)?;
    let mut picks = Vec::new();
    for commit in fix.commits()? {
        let Some(parent) = commit.parents.first() else { continue };
        match fix.apply(parent, &commit.id, &tree)? {
            // That commit is there already: an empty pick would only puzzle readers.
            Applied::Clean(same) if same == tree => {}
            Applied::Clean(next) => {
                let message = commits::picked_message(commit);
                picks.push(Picked { tree: next.clone(), author: commit.author.clone(), message });
                tree = next;
            }
            // Somebody picked it by hand, and resolved it in another way.
            Applied::Conflict(_) if is_picked(fix, &commit.id, branch)? => {}
            Applied::Conflict(conflicts) => return Ok(Preview::Conflict(conflicts)),
        }
    }
    Ok(if picks.is_empty() { Preview::There } else { Preview::Clean(Arrival::Picks(picks)) })
}

fn is_picked(fix: &Fix<'_>, commit: &ObjectId, branch: &ReleaseBranch) -> Result<bool> {
    let base = Some(&fix.incident.base.commit);
    let Some(pick) = commits::pick_of(fix.context, commit, base, &branch.tip)? else { return Ok(false) };
    Ok(commits::standing_revert(fix.context, &pick, &branch.tip)?.is_none())
}
