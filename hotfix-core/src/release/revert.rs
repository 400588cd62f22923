//! The revert of a commit, a merge too, computed in memory.

use crate::domain::{Incident, ObjectId, one_line};
use crate::port::{Applied, CommitDetails, Conflict, NewCommit};
use crate::production::{self, detect};
use crate::workflow::{Action, Code, Context, GitAction, Refusal, Result};

use super::commits::REVERTS;
use super::{conflict, presence};

/// How many files are named.
const NAMED: usize = 5;
/// A commit to revert.
pub(crate) struct Reverted {
    pub(crate) details: CommitDetails,
    /// The parent that stays.
    parent: ObjectId,
    /// Its number, where there are several.
    mainline: Option<usize>,
}

impl Reverted {
    /// The commit, reverted against the parent that `mainline` names, of a merge else the first.
    pub(crate) fn of(context: &Context<'_>, commit: &ObjectId, mainline: Option<u32>) -> Result<Self> {
        let details = context.look.git.details(commit)?;
        let short = commit.short();
        let chosen = match (details.parents.len(), mainline) {
            (0, _) if context.look.git.repository().is_shallow => {
                let message = format!("what is before {short} is not here, and a revert brings that back");
                return Err(detect::cut_off(context.look, Refusal::precondition(Code::Shallow, message)));
            }
            (0, _) => {
                let message = format!("{short} is the first commit: nothing is before it");
                return Err(Refusal::precondition(Code::Root, message));
            }
            (1, None) => None,
            // As git does: a mainline of what is no merge is a slip of whoever typed it.
            (1, Some(_)) => return Err(Refusal::usage(Code::Mainline, format!("--mainline: {short} is no merge"))),
            (_, None) => Some(1), // The history that it was merged into.
            (parents, Some(number)) => match usize::try_from(number) {
                Ok(number) if (1..=parents).contains(&number) => Some(number),
                _ => return Err(Refusal::usage(Code::Mainline, format!("--mainline: {short} has {parents} parents"))),
            },
        };
        let parent = details.parents.get(chosen.unwrap_or(1).saturating_sub(1)).cloned();
        let parent =
            parent.ok_or_else(|| Refusal::usage(Code::Mainline, format!("--mainline: {short} has no such parent")))?;
        Ok(Self { details, parent, mainline: chosen })
    }

    /// The parent that stays.
    pub(crate) fn parent(&self) -> &ObjectId {
        &self.parent
    }

    /// What the revert changes, one line.
    pub(crate) fn preview(&self, context: &Context<'_>, tip: &ObjectId, tree: &ObjectId) -> Result<String> {
        let changes = context.look.git.changes(tip, tree)?;
        let names: Vec<String> = changes.iter().take(NAMED).map(|change| one_line(&change.path)).collect();
        let more = changes.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let short = self.details.id.short();
        Ok(format!(
            "the revert of {short} changes {}{more}; the guard asks nothing of its size and tests",
            names.join(", ")
        ))
    }

    /// Whether it is one of the commits that the branch of the fix holds beyond its base.
    pub(crate) fn is_own_commit(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<bool> {
        let git = context.look.git;
        Ok(git.is_ancestor(&self.details.id, tip)?
            && !git.is_ancestor(&self.details.id, &incident.base.commit)?
            && !production::contains(context.look, &incident.production, &self.details.id)?)
    }

    /// The tree without what the commit brought.
    pub(crate) fn tree_on(&self, context: &Context<'_>, tip: &ObjectId) -> Result<ObjectId> {
        let git = context.look.git;
        let short = self.details.id.short();
        if !git.is_ancestor(&self.details.id, tip)? {
            return Err(Refusal::precondition(Code::NotThere, format!("{short} is no part of what is to be fixed"))
                .hint("git log shows what is"));
        }
        // The change of the commit backwards: from what it made to what was before.
        match git.apply(&self.details.id, &self.parent, tip, &|_| None)? {
            Applied::Clean(tree) if tree == git.tree_of(tip)? => {
                Err(Refusal::precondition(Code::Reverted, format!("nothing of {short} is left to revert")))
            }
            Applied::Clean(tree) => Ok(tree),
            Applied::Conflict(conflicts) => Err(Refusal::needs_human(
                Code::Conflict,
                format!(
                    "{short} cannot be reverted by itself: {} changed since; nothing was changed",
                    conflict::shown(&conflicts)
                ),
            )
            .hint(format!("{} open \"...\", then: git revert {}{short}", context.program, self.flag()))),
        }
    }

    /// The revert of what only production holds: a merge of production into the branch of the fix that takes it out.
    pub(crate) fn with_production(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<Action> {
        let git = context.look.git;
        let (branch, production) = (incident.branch(), incident.production.display_name());
        let short = self.details.id.short();
        let there = production::tip(context.look, &incident.production)?;
        let conflict = |conflicts: &[Conflict]| {
            let message =
                format!("{branch}, {production} and the revert of {short} conflict in {}", conflict::shown(conflicts));
            Refusal::needs_human(Code::Conflict, format!("{message}; nothing was changed"))
                .hint(format!("git switch {branch} && git merge {production} && git revert {}{short}", self.flag()))
                .hint(format!("resolve, commit, then: {} ship", context.program))
        };
        let merged = match git.merge(tip, &there, &|_| None)? {
            Applied::Clean(tree) => tree,
            Applied::Conflict(conflicts) => return Err(conflict(&conflicts)),
        };
        let tree = match git.apply(&self.details.id, &self.parent, &merged, &|_| None)? {
            // Of a squash that was taken out git merges the branch once more, and that brings it back by itself.
            Applied::Clean(tree) if tree == merged && !self.is_left_on(context, &there)? => {
                return Err(Refusal::precondition(Code::Reverted, format!("nothing of {short} is left to revert")));
            }
            Applied::Clean(tree) => tree,
            Applied::Conflict(conflicts) => return Err(conflict(&conflicts)),
        };
        let worktree = production::checked_out_at(context, &branch)?.ok_or_else(|| {
            Refusal::precondition(Code::NotCheckedOut, format!("{branch} is not checked out"))
                .hint(format!("git switch {branch}"))
        })?;
        let message =
            format!("{}\n\nMerges {production}, and takes that out again.\n\n{}.\n", self.subject(), self.reference());
        // With production as a parent: what the revert takes back is on production alone.
        let commit = NewCommit { tree, parents: vec![tip.clone(), there], message, author: None };
        Ok(Action::Git(GitAction::Commit { branch, worktree, commit }))
    }

    /// Whether there is anything to take out of a commit.
    fn is_left_on(&self, context: &Context<'_>, commit: &ObjectId) -> Result<bool> {
        let git = context.look.git;
        Ok(git.apply(&self.details.id, &self.parent, commit, &|_| None)? != Applied::Clean(git.tree_of(commit)?))
    }

    fn flag(&self) -> String {
        self.mainline.map(|number| format!("-m {number} ")).unwrap_or_default()
    }

    pub(crate) fn reference(&self) -> String {
        format!("{REVERTS}{}", self.details.id)
    }

    /// As git names it: the revert of a revert is a reapplication.
    pub(crate) fn subject(&self) -> String {
        let subject = one_line(self.details.subject());
        match subject.strip_prefix("Revert \"").and_then(|rest| rest.strip_suffix('"')) {
            Some(original) => format!("Reapply \"{original}\""),
            None => format!("Revert \"{subject}\""),
        }
    }

    pub(crate) fn message(&self) -> String {
        let subject = self.subject();
        let which = match self.mainline {
            // git's own words, which tools read: this one does to tell an exact revert.
            Some(_) => format!("{}, reversing\nchanges made to {}.", self.reference(), self.parent),
            None => format!("{}.", self.reference()),
        };
        format!("{subject}\n\n{which}\n")
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        let number = self.mainline.map(|number| {
            let (merge, parent) = (self.details.id.short(), self.parent.short());
            format!("{merge} is a merge: what stays is its parent {number}, {parent}")
        });
        number.into_iter().collect()
    }
}

/// What brings the fix back on its branch, and the revert it takes back, where production took the fix out again and the
/// branch at `tip` does not know of it: merging the branch once more would bring nothing.
///
/// # Errors
/// When it conflicts, or the branch is not checked out.
pub(crate) fn bringing_back(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
) -> Result<Option<(Action, ObjectId)>> {
    let presence = presence::of_landing(context, incident)?;
    let Some(revert) = presence.revert().cloned() else { return Ok(None) };
    // Whoever brought the revert into the branch and went on wants it.
    if context.look.git.is_ancestor(&revert, tip)? {
        return Ok(None);
    }
    let action = Reverted::of(context, &revert, None)?.with_production(context, incident, tip)?;
    Ok(Some((action, revert)))
}
