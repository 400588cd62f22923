//! Revert first: an incident whose fix is the revert of a commit, a merge too, computed in memory.

use crate::domain::{Incident, ObjectId, one_line};
use crate::port::{Applied, CommitDetails, Conflict, NewCommit};

use super::detect::Learnt;
use super::{
    Action, Context, Done, Open, Outcome, Plan, Refusal, Step, detect, land, policy, presence, production, resolve,
};

/// What git writes into the message of a revert.
pub(super) const REVERTS: &str = "This reverts commit ";
/// How many files are named.
const NAMED: usize = 5;
/// How the slug of such an incident begins; the commit follows.
const SLUG: &str = "revert-";

/// Open an incident whose fix is the revert of a commit
///
/// Joins the incident whose branch is checked out, or opens one. A merge is reverted against the parent that is production's
/// history, and that is said; a revert is reverted too, which brings back what it took out.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Revert {
    /// The commit to revert
    #[cfg_attr(feature = "cli", arg(value_name = "REV"))]
    pub revision: String,
    /// Which parent of a merge stays, counted from 1
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    pub mainline: Option<u32>,
    /// How bad it is, where an incident is opened: critical, high, medium or one of your own
    #[cfg_attr(feature = "cli", arg(long, value_name = "SEVERITY", allow_hyphen_values = true))]
    pub severity: Option<String>,
    /// What is broken for users
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub impact: Option<String>,
}

impl Step for Revert {
    fn texts(&mut self) -> Vec<&mut String> {
        self.impact.iter_mut().collect()
    }

    fn decides_merges(&self) -> bool {
        true
    }

    fn needs_incident(&self) -> bool {
        false
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal> {
        let revision = self.revision(context);
        let no_commit = || {
            let refusal = Refusal::usage("no-such-commit", format!("`{}` names no commit", one_line(revision)));
            policy::cut_off(context.look, refusal)
        };
        let commit = context.look.git.commit_of(revision)?.ok_or_else(no_commit)?;
        let reverted = Reverted::of(context, &commit, self.mainline)?;
        match context.incident {
            Some(incident) if incident.branch_created => self.join(context, incident, &reverted),
            // Opening, which may take several rounds, ends with the branch.
            _ => self.open(context, &reverted),
        }
    }
}

impl Revert {
    /// What is to be reverted. `HEAD` and branches move with what this run does: once the incident is open, its slug says it.
    fn revision<'a>(&'a self, context: &Context<'a>) -> &'a str {
        let is_opened = context.done.iter().any(|done| matches!(done, Done::Incident(_)));
        let slug = context.incident.filter(|_| is_opened).map(|incident| incident.slug.as_str());
        slug.and_then(|slug| slug.strip_prefix(SLUG)).unwrap_or(&self.revision)
    }

    fn open(&self, context: &Context<'_>, reverted: &Reverted) -> Result<Plan, Refusal> {
        let mut notes = Vec::new();
        if context.done.is_empty() && context.incident.is_none() {
            notes = reverted.notes();
            let production = detect::likely(context.look, context.config, Learnt::of(context))?;
            if let Ok(tip) = production::tip(context.look, &production) {
                let tree = reverted.tree_on(context, &tip)?; // What cannot be reverted opens no incident.
                notes.push(reverted.preview(context, &tip, &tree)?);
            }
        }
        let open = Open {
            title: reverted.subject(),
            slug: Some(format!("{SLUG}{}", reverted.details.id.short())),
            severity: self.severity.clone(),
            impact: self.impact.clone(),
            ..Open::default()
        };
        open.plan(context).map(|plan| plan.notes(notes))
    }

    fn join(&self, context: &Context<'_>, incident: &Incident, reverted: &Reverted) -> Result<Plan, Refusal> {
        let branch = incident.branch();
        let Some(tip) = production::local_branch_tip(context.look, incident)? else {
            return Err(land::branch_gone(context, incident)?);
        };
        let short = reverted.details.id.short();
        let done = |text| Outcome::text(text).next(format!("{} ship", context.program));
        if context.look.git.find_message(Some(&incident.base.commit), &tip, &reverted.reference())?.is_some() {
            return Ok(Plan::finished(done(format!("{branch} reverts {short} already"))));
        }
        if reverted.is_own_commit(context, incident, &tip)? {
            return match reverted.details.message.contains(REVERTS) {
                true => Ok(Plan::finished(done(format!("{short} is the revert, on {branch} already")))),
                false => Err(Refusal::precondition("own-commit", format!("{short} is on {branch} alone"))
                    .hint(format!("git revert {short}"))),
            };
        }
        let place = production::checked_out_at(context, &branch)?;
        let Some(worktree) = place else {
            return Err(Refusal::precondition("not-checked-out", format!("{branch} is not checked out"))
                .hint(format!("git switch {branch}")));
        };
        if !context.look.git.is_ancestor(&reverted.details.id, &tip)?
            && production::contains(context.look, &incident.production, &reverted.details.id)?
        {
            let action = reverted.with_production(context, incident, &tip)?;
            let outcome = done(format!("{branch} reverts {short}"));
            return Ok(Plan::then_finish(vec![action], outcome).notes(reverted.notes()));
        }
        let tree = reverted.tree_on(context, &tip)?;
        let mut notes = Vec::new();
        if context.done.is_empty() {
            notes = reverted.notes();
            notes.push(reverted.preview(context, &tip, &tree)?);
        }
        let commit = NewCommit { tree, parents: vec![tip], message: reverted.message(), author: None };
        let outcome = done(format!("{branch} reverts {short}"));
        let plan = Plan::then_finish(vec![Action::Commit { branch, worktree, commit }], outcome);
        Ok(plan.notes(notes))
    }
}

/// A commit to revert.
pub(super) struct Reverted {
    details: CommitDetails,
    /// The parent that stays.
    parent: ObjectId,
    /// Its number, where there are several.
    mainline: Option<usize>,
}

impl Reverted {
    /// The commit, reverted against the parent that `mainline` names, of a merge else the first.
    pub(super) fn of(context: &Context<'_>, commit: &ObjectId, mainline: Option<u32>) -> Result<Self, Refusal> {
        let details = context.look.git.details(commit)?;
        let short = commit.short();
        let chosen = match (details.parents.len(), mainline) {
            (0, _) => {
                return Err(Refusal::precondition(
                    "root",
                    format!("{short} is the first commit: nothing is before it"),
                ));
            }
            (1, None) => None,
            (1, Some(_)) => return Err(Refusal::usage("mainline", format!("--mainline: {short} is no merge"))),
            (_, None) => Some(1), // The history that it was merged into.
            (parents, Some(number)) => match usize::try_from(number) {
                Ok(number) if (1..=parents).contains(&number) => Some(number),
                _ => return Err(Refusal::usage("mainline", format!("--mainline: {short} has {parents} parents"))),
            },
        };
        let parent = details.parents.get(chosen.unwrap_or(1).saturating_sub(1)).cloned();
        let parent =
            parent.ok_or_else(|| Refusal::usage("mainline", format!("--mainline: {short} has no such parent")))?;
        Ok(Self { details, parent, mainline: chosen })
    }

    /// The parent that stays.
    pub(super) fn parent(&self) -> &ObjectId {
        &self.parent
    }

    /// What the revert changes, one line.
    fn preview(&self, context: &Context<'_>, tip: &ObjectId, tree: &ObjectId) -> Result<String, Refusal> {
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
    fn is_own_commit(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<bool, Refusal> {
        let git = context.look.git;
        Ok(git.is_ancestor(&self.details.id, tip)?
            && !git.is_ancestor(&self.details.id, &incident.base.commit)?
            && !production::contains(context.look, &incident.production, &self.details.id)?)
    }

    /// The tree without what the commit brought.
    fn tree_on(&self, context: &Context<'_>, tip: &ObjectId) -> Result<ObjectId, Refusal> {
        let git = context.look.git;
        let short = self.details.id.short();
        if !git.is_ancestor(&self.details.id, tip)? {
            return Err(Refusal::precondition("not-there", format!("{short} is no part of what is to be mended"))
                .hint("git log shows what is"));
        }
        match git.apply(&self.details.id, &self.parent, tip, &|_| None)? {
            Applied::Clean(tree) if tree == git.tree_of(tip)? => {
                Err(Refusal::precondition("reverted", format!("nothing of {short} is left to revert")))
            }
            Applied::Clean(tree) => Ok(tree),
            Applied::Conflict(places) => Err(Refusal::needs_human(
                "conflict",
                format!(
                    "{short} cannot be reverted by itself: {} changed since; nothing was changed",
                    resolve::shown(&places)
                ),
            )
            .hint(format!("{} open \"...\", then: git revert {}{short}", context.program, self.flag()))),
        }
    }

    /// The revert of what only production holds: a merge of production into the branch of the fix that takes it out.
    fn with_production(&self, context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<Action, Refusal> {
        let git = context.look.git;
        let (branch, production) = (incident.branch(), incident.production.display_name());
        let short = self.details.id.short();
        let there = production::tip(context.look, &incident.production)?;
        let conflict = |places: &[Conflict]| {
            let message =
                format!("{branch}, {production} and the revert of {short} conflict in {}", resolve::shown(places));
            Refusal::needs_human("conflict", format!("{message}; nothing was changed"))
                .hint(format!("git switch {branch} && git merge {production} && git revert {}{short}", self.flag()))
                .hint(format!("resolve, commit, then: {} ship", context.program))
        };
        let merged = match git.merge_by_rules(tip, &there, &|_| None)? {
            Applied::Clean(tree) => tree,
            Applied::Conflict(places) => return Err(conflict(&places)),
        };
        let tree = match git.apply(&self.details.id, &self.parent, &merged, &|_| None)? {
            Applied::Clean(tree) if tree == merged => {
                return Err(Refusal::precondition("reverted", format!("nothing of {short} is left to revert")));
            }
            Applied::Clean(tree) => tree,
            Applied::Conflict(places) => return Err(conflict(&places)),
        };
        let worktree = production::checked_out_at(context, &branch)?.ok_or_else(|| {
            Refusal::precondition("not-checked-out", format!("{branch} is not checked out"))
                .hint(format!("git switch {branch}"))
        })?;
        let message =
            format!("{}\n\nMerges {production}, and takes that out again.\n\n{}.\n", self.subject(), self.reference());
        let commit = NewCommit { tree, parents: vec![tip.clone(), there], message, author: None };
        Ok(Action::Commit { branch, worktree, commit })
    }

    fn flag(&self) -> String {
        self.mainline.map(|number| format!("-m {number} ")).unwrap_or_default()
    }

    fn reference(&self) -> String {
        format!("{REVERTS}{}", self.details.id)
    }

    /// As git names it: the revert of a revert is a reapplication.
    fn subject(&self) -> String {
        let subject = one_line(self.details.subject());
        match subject.strip_prefix("Revert \"").and_then(|rest| rest.strip_suffix('"')) {
            Some(original) => format!("Reapply \"{original}\""),
            None => format!("Revert \"{subject}\""),
        }
    }

    fn message(&self) -> String {
        let subject = self.subject();
        let which = match self.mainline {
            Some(_) => format!("{}, reversing\nchanges made to {}.", self.reference(), self.parent),
            None => format!("{}.", self.reference()),
        };
        format!("{subject}\n\n{which}\n")
    }

    fn notes(&self) -> Vec<String> {
        let number = self.mainline.map(|number| {
            format!(
                "{} is a merge: what stays is its parent {number}, {}",
                self.details.id.short(),
                self.parent.short()
            )
        });
        number.into_iter().collect()
    }
}

/// What brings the fix back on its branch, and the revert it takes back, where production took the fix out again and the
/// branch at `tip` does not know of it: merging the branch once more would bring nothing.
///
/// # Errors
/// When it conflicts, or the branch is not checked out.
pub(super) fn bringing_back(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
) -> Result<Option<(Action, ObjectId)>, Refusal> {
    let Some(revert) = presence::taken_out(context, incident)? else { return Ok(None) };
    if context.look.git.is_ancestor(&revert, tip)? {
        return Ok(None);
    }
    let action = Reverted::of(context, &revert, None)?.with_production(context, incident, tip)?;
    Ok(Some((action, revert)))
}

/// The commit up to `tip` that takes a commit out again, if there is one that stands.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn that_stands(
    context: &Context<'_>,
    commit: &ObjectId,
    tip: &ObjectId,
) -> Result<Option<ObjectId>, Refusal> {
    let (mut last, mut stands) = (commit.clone(), None);
    // A revert of the revert brings it back, and so on.
    while let Some(next) = context.look.git.find_message(Some(&last), tip, &format!("{REVERTS}{last}"))? {
        stands = if stands.is_none() { Some(next.clone()) } else { None };
        last = next;
    }
    Ok(stands)
}
