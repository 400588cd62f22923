//! Landing: the merge of exactly the tested commit into every release branch, or none.

use crate::domain::event::{Landing, LandingLine, LandingTag};
use crate::domain::{CarriedBy, Incident, ObjectId, RefName, one_line};
use crate::port::{Applied, Operation, PortError, WorkTreeState};
use crate::production::{self, fork, hosting};
use crate::workflow::action::merge::{Arrival, LineToLand, TagToMake};
use crate::workflow::{Action, Code, Context, GitAction, MergeAction, Plan, Refusal, Result};
use crate::worktree::{checkout, counted, uncommitted};

use super::commits::Fix;
use super::presence::{self, Presence};
use super::table::Table;
use super::{branch, conflict, rewritten, taken_out, untold};
use uncommitted::Uncommitted;

/// Whether the fix is on production and nothing newer waits on the branch.
pub(crate) fn landed(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<bool> {
    let Some(merged) = &incident.merged else { return Ok(false) };
    if is_gone(context, incident)? {
        return Ok(false);
    }
    // A branch that went on since holds a second fix, which is still to land.
    match tip {
        None => Ok(true),
        Some(tip) if production::is_part_of(context, tip, &merged.head)? => Ok(true),
        Some(tip) => Ok(production::contains(context.look, &incident.production, tip)?),
    }
}

/// Whether what landed is on production no more, as somebody rewrote that branch.
pub(crate) fn is_gone(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    let Some(commit) = incident.merge_commit() else { return Ok(false) };
    let git = context.look.git;
    if git.has_commit(commit)? {
        return Ok(presence::of_landing(context, incident)? == Presence::Absent);
    }
    // It would have come with production, which was fetched; only a service may be late with what it merged.
    let is_fetched = !context.known.remote(incident.production.remote.as_deref()).asked.is_empty();
    Ok(is_fetched && !git.repository().is_shallow && hosting::of(context, incident)?.is_none())
}

/// The same of one that never came here either: no object of it can be looked at.
pub(crate) fn is_gone_unseen(context: &Context<'_>, incident: &Incident) -> Result<bool> {
    let Some(landing) = &incident.merged else { return Ok(false) };
    Ok(is_gone(context, incident)? && !context.look.git.has_commit(&landing.head)?)
}

/// The landing that the world shows and the ledger does not: after a crash, or when somebody else merged the branch.
pub(crate) fn to_adopt(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Option<Landing>> {
    match announced(context, incident, tip)? {
        Some(landing) => Ok(Some(landing)),
        None => untold::landing(context, incident),
    }
}

/// The same, of what the ledger knows to have been about to land.
fn announced(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Option<Landing>> {
    let in_doubt = incident.landing_in_doubt.as_ref();
    let proposed = incident.pull_request.as_ref().map(|pull_request| &pull_request.head);
    // A run that was killed may have deleted the branch: the intent and the pull request still name its tip.
    let Some(head) = tip.or(in_doubt.map(|landing| &landing.head)).or(proposed) else { return Ok(None) };
    let known = incident.merged.as_ref().is_some_and(|merged| merged.head == *head);
    // Production has held the base since before the fix: that is no landing.
    if known || *head == incident.base.commit || !production::contains(context.look, &incident.production, head)? {
        return Ok(None);
    }
    // The intent names the commit that was to be pushed: if production holds it, only the record is missing.
    if let Some(landing) = in_doubt.filter(|landing| landing.head == *head)
        && let Some(to) = landing.on_production()
        && production::contains(context.look, &incident.production, to)?
    {
        return arrived(context, incident, landing).map(Some);
    }
    // Without a pull request nothing tells a branch that somebody merged from one that only followed production.
    if proposed != Some(head) || !goes_on(context, incident, head)? {
        return Ok(None);
    }
    let fix = Fix::new(context, incident, head)?;
    // What was taken out again has landed all the same, and is recorded first.
    let (Presence::Present { by } | Presence::Reverted { by, .. }) = presence::on_production(&fix)? else {
        return Ok(None);
    };
    let line = presence::landing_line(&fix, &incident.production.branch, by)?;
    Ok(Some(match presence::part_before(&fix, &line)? {
        Some((part, line)) => landing(&part, line),
        None => landing(head, line),
    }))
}

/// Whether the branch at `head` goes on from what landed last, if anything did.
fn goes_on(context: &Context<'_>, incident: &Incident, head: &ObjectId) -> Result<bool, PortError> {
    incident.merged.as_ref().map_or(Ok(true), |merged| production::is_part_of(context, &merged.head, head))
}

/// What of a landing, whose end nobody recorded, is really there: a server may have moved some of its refs only.
fn arrived(context: &Context<'_>, incident: &Incident, landing: &Landing) -> Result<Landing> {
    let git = context.look.git;
    let mut lines = Vec::new();
    for line in &landing.lines {
        let tip = match &incident.production.remote {
            Some(_) => production::remote_tip(context, &incident.production, &line.branch)?,
            None => git.commit_of_ref(&RefName::of_branch(&line.branch))?,
        };
        let is_there = match tip {
            // The caller has seen that production holds it.
            _ if line.branch == incident.production.branch => true,
            Some(tip) => production::is_part_of(context, &line.to, &tip)?,
            None => false,
        };
        lines.extend(is_there.then(|| line.clone()));
    }
    let tag = match &landing.tag {
        Some(tag) if is_tagged(context, incident, tag)? => Some(tag.clone()),
        Some(_) | None => None,
    };
    Ok(Landing { lines, tag, ..landing.clone() })
}

/// Whether a tag is where others see it, as far as this run knows.
fn is_tagged(context: &Context<'_>, incident: &Incident, tag: &LandingTag) -> Result<bool, PortError> {
    let name = RefName::of_tag(&tag.name);
    match (&incident.production.remote, context.inspected()) {
        (Some(_), view) => Ok(view.is_some_and(|view| view.get(&name) == Some(&tag.object))),
        (None, _) => Ok(context.look.git.commit_of_ref(&name)?.as_ref() == Some(&tag.commit)),
    }
}

/// The landing of this head that began and whose end nobody recorded.
pub(crate) fn begun<'a>(incident: &'a Incident, head: &ObjectId) -> Option<&'a Landing> {
    incident.landing_in_doubt.as_ref().filter(|landing| landing.head == *head)
}

/// The merge that an earlier attempt made of the same commits, where there is one: what it published already stays right.
pub(crate) fn as_begun(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    line: LineToLand,
) -> Result<LineToLand, PortError> {
    let git = context.look.git;
    let is_it = |known: &&LandingLine| known.branch == line.branch && known.from == line.from;
    let made = begun(incident, head).and_then(|landing| landing.lines.iter().find(is_it));
    let (Some(made), Arrival::Merge { onto, head, tree, .. }) = (made, &line.arrival) else { return Ok(line) };
    // Made anew, a merge of the same commits has another date, and so another id than what is out already.
    let is_same = *onto == line.from
        && git.has_commit(&made.to)?
        && git.tree_of(&made.to)? == *tree
        && git.details(&made.to)?.parents == [onto.clone(), head.clone()];
    let made = Arrival::Ready { commit: made.to.clone(), by: CarriedBy::Merge };
    Ok(if is_same { LineToLand { arrival: made, ..line } } else { line })
}

/// The landing of a fix whose every change is in production by other commits: a squash, a rebase, the same fix twice. What was
/// taken out again has landed all the same: to let it land once more is a person's word.
pub(crate) fn by_other_commits(table: &Table<'_>) -> Result<Option<Landing>> {
    let (fix, production) = (table.fix, &table.production);
    let by = match production.presence()? {
        Presence::Present { by } => by,
        Presence::Reverted { by, revert } if taken_out::is_squash_of_proposed(fix, revert)? => by,
        Presence::Reverted { .. } | Presence::Absent => return Ok(None),
    };
    let line = presence::landing_line(fix, &production.branch.branch, by.clone())?;
    Ok(Some(landing(fix.head, line)))
}

fn landing(head: &ObjectId, line: LandingLine) -> Landing {
    Landing::new(head.clone(), vec![line])
}

/// Refuses what cannot be proposed or landed: uncommitted changes, no commit, an empty change. The plan, where there is one,
/// offers to fix it.
pub(crate) fn refuse_unready(context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<Option<Plan>> {
    let git = context.look.git;
    let is_here = checkout::is_fix(context, incident)?;
    let is_in_the_way = |operation| match operation {
        Operation::Merge | Operation::CherryPick | Operation::Revert => is_here,
        // The branch would ship as it was before.
        Operation::Rebase | Operation::Am => true,
        Operation::Bisect => false,
    };
    // First: in the middle of a merge, changes are not what somebody forgot to commit.
    if git.operation_in_progress()?.is_some_and(is_in_the_way)
        && let Some(refusal) = checkout::unfinished(context)?
    {
        return Err(refusal);
    }
    // Recording, pushing and proposing leave the work tree alone, so it is looked at again only after tests ran in it: in
    // a large one the look is most of the time that shipping takes.
    let settled = context.known.is_work_tree_unchanged();
    // What is uncommitted on another branch is of no concern to the fix; tests, where some are due, ask for its branch.
    let state = if settled || !is_here {
        WorkTreeState::default()
    } else {
        let tree = git.tree_of(tip)?;
        if !incident.test_runs.iter().any(|run| run.tree == tree) {
            // Tests are to run, which are told of ignored files: git tells both by one look.
            drop(counted::ignored(context));
        }
        git.work_tree_state()?
    };
    // A branch that was reset to before its base holds nothing either.
    let has_commit = *tip != incident.base.commit && !git.is_ancestor(tip, &incident.base.commit)?;
    let uncommitted = Uncommitted::of(context, &state)?;
    if (has_commit || !state.changed.is_empty())
        && let Some(plan) = uncommitted.refuse(context, incident, tip)?
    {
        return Ok(Some(plan));
    }
    if !has_commit {
        checkout::refuse_elsewhere(context, incident)?;
        let refusal =
            Refusal::precondition(Code::NoFix, format!("{} holds no commit of its own yet", incident.branch()));
        let refusal = if state.untracked.is_empty() {
            refusal
        } else {
            let names: Vec<String> = state.untracked.iter().take(5).map(|path| one_line(path)).collect();
            refusal.hint(format!("untracked: {}", names.join(", ")))
        };
        let refusal = match checkout::strays_of_production(context, incident)? {
            Some(slip) => refusal.hint(format!("{}   # {}", slip.pick(), slip.text())),
            None => refusal,
        };
        return Err(refusal.hint(uncommitted::how(context, incident, &state)?));
    }
    if production::contains(context.look, &incident.production, tip)? {
        let production = incident.production.display_name();
        let message = format!("{production} holds all of {} already", incident.branch());
        return Err(Refusal::precondition(Code::NoFix, message)
            .hint(uncommitted::how(context, incident, &state)?)
            .hint(format!("merged by hand? {} close --reason \"merged by hand\"", context.program)));
    }
    // Commits that undo each other merge well, and would be deployed as a fix.
    if git.tree_of(tip)? == git.tree_of(&incident.base.commit)? {
        let message = format!("{} changes nothing against its base", incident.branch());
        return Err(Refusal::precondition(Code::EmptyFix, message)
            .hint(format!("commit the fix, or give it up: {} abort", context.program)));
    }
    rewritten::refuse(context, incident, tip)?;
    Ok(None)
}

/// The branch made here from the remote's, where that is what was proposed: somebody goes on in another clone. `None` where
/// there is no such branch.
pub(crate) fn take_over(context: &Context<'_>, incident: &Incident) -> Result<Option<Plan>> {
    let Some(remote) = fork::remote(context, incident)? else { return Ok(None) };
    let Some(there) = production::remote_branch_tip(context, incident)? else { return Ok(None) };
    let branch = incident.branch();
    // What somebody pushed there without proposing it may be half a fix.
    if incident.pull_request.as_ref().is_none_or(|proposed| proposed.head != there) {
        return Ok(None);
    }
    if !context.look.git.has_commit(&there)? {
        let fetch = Action::Git(GitAction::Fetch { remote: remote.clone(), branch: branch.clone() });
        return Ok((!context.known.has_fetched(&branch)).then(|| Plan::then_look_again(vec![fetch])));
    }
    let note = format!("{} is not here: taken over from {remote} as it was proposed", one_line(&branch));
    let name = RefName::of_branch(&branch);
    let make = Action::Git(GitAction::UpdateRef { name, to: Some(there), from: None, why: "hotfix: taken over" });
    Ok(Some(Plan::then_look_again(vec![make]).notes(vec![note])))
}

/// The merge into production and the other release branches, and the tag: computed in memory, to be published at once.
///
/// # Errors
/// When the merge into production conflicts, or the repository cannot be read.
pub(crate) fn land(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    others: Vec<LineToLand>,
    tag: Option<TagToMake>,
) -> Result<Action> {
    let git = context.look.git;
    let production = &incident.production;
    let from = production::tip(context.look, production)?;
    // No rule settles a conflict in production: nobody tested what it would make.
    let tree = match git.merge(&from, head, &|_| None)? {
        Applied::Clean(tree) => tree,
        Applied::Conflict(conflicts) => return Err(conflict(context, incident, &conflict::shown(&conflicts))?),
    };
    let checked_out_at = match production.remote {
        Some(_) => None,
        None => production::checked_out_at(context, &production.branch)?,
    };
    let message = branch::merge_message(context, incident, &production.branch)?;
    let arrival = Arrival::Merge { onto: from.clone(), head: head.clone(), tree, message };
    let line = LineToLand { branch: production.branch.clone(), from, arrival, checked_out_at };
    let lines = std::iter::once(line).chain(others).map(|line| as_begun(context, incident, head, line));
    let lines = lines.collect::<Result<_, _>>()?;
    let remote = production.remote.clone();
    Ok(Action::Merge(MergeAction::Land { head: head.clone(), lines, remote, tag, spent: None }))
}

fn conflict(context: &Context<'_>, incident: &Incident, positions: &str) -> Result<Refusal> {
    let production = incident.production.display_name();
    let message = format!("{} conflicts with {production} in {positions}; nothing was changed", incident.branch());
    let hints = checkout::merge_production(context, incident)?;
    Ok(hints.into_iter().fold(Refusal::needs_human(Code::Conflict, message), Refusal::hint))
}
