//! Rollback of the workflow: back to where one was, with nothing lost.

use std::path::Path;

use crate::domain::event::{Landing, Origin};
use crate::domain::{EventKind, Incident, Milestone, ObjectId, PullRequestState, RefName, Status, one_line};
use crate::port::{Expected, PortError, Push, RefUpdate, SwitchTo};
use crate::production::{self, hosting};
use crate::release::{branch, cleanup, conflict, delivery, merge};
use crate::workflow::{
    Action, Code, Context, FileAction, ForgeAction, GitAction, Network, Outcome, Plan, Refusal, Result, Step, reopen,
};
use crate::worktree::kept::WorktreeKept;
use crate::worktree::{checkout, preflight};

/// Why an incident ended that was opened by mistake, as `undo` says it; who runs that again is told by it.
pub(super) const OPENED_BY_MISTAKE: &str = "opened by mistake";

const ONLY_FORWARD: &str = "--ff-only";

/// Give the hotfix up: back to where you were, the branch deleted, its commits kept
///
/// Refuses tracked uncommitted changes. The tip of the branch is kept as `refs/hotfix/aborted/<id>`, and the line that
/// restores it is printed.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Abort {
    /// Why
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub reason: Option<String>,
    /// End an incident of which nothing says what it is, as the event of its opening is lost; recorded
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub accept_damage: Option<String>,
}

impl Step for Abort {
    step_facts!("abort" about Any telling reason accept_damage, drives, ends_unopened, needs_work_tree);

    fn accepts_damage(&self) -> Option<&str> {
        self.accept_damage.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        match incident.status {
            Status::Canceled => return Ok(Plan::finished(outcome(context, incident)?)),
            Status::Closed => {
                let message = format!("{}; there is nothing to abort", context.over(incident));
                return Err(context
                    .instead_of(incident)
                    .fold(Refusal::precondition(Code::Closed, message), Refusal::hint));
            }
            Status::Triage | Status::Active | Status::Mitigated | Status::Resolved => {}
        }
        refuse_uncommitted(context, incident, self.reason.as_deref())?;
        if let Some(actions) = production::still_to_ask(context, &incident.production, &[&incident.branch()])? {
            return Ok(Plan::then_look_again(actions));
        }
        let tip = production::local_branch_tip(context.look, incident)?;
        // Somebody may have merged it by hand; then there is nothing to abort.
        let found = merge::to_adopt(context, incident, tip.as_ref())?;
        // What was taken off production by moving its branch back can be given up.
        let merged = if merge::is_gone(context, incident)? { None } else { incident.merged.as_ref() };
        if let Some(landing) = found.as_ref().or(merged) {
            return Err(refuse_merged(context, incident, landing));
        }
        let undo = undo(context, incident, tip.as_ref())?;
        if !undo.is_empty() {
            return Ok(Plan::then_look_again(undo));
        }
        // Read from the ref: the run that kept the tip may be an earlier one.
        let kept = context.look.git.commit_of_ref(&production::kept_ref(incident))?;
        let mut events = Vec::new();
        if incident.pull_request.as_ref().is_some_and(|known| {
            // One at a service is closed there, and recorded then.
            known.state != PullRequestState::Closed && known.number.is_none()
        }) {
            events.push(EventKind::PullRequestClosed);
        }
        events.push(EventKind::Canceled { reason: self.reason.clone(), tip: kept });
        let stays = stays_there(context, incident, tip.as_ref())?;
        Ok(Plan::then_look_again(vec![Action::record(events)]).notes(stays.into_iter().collect()))
    }
}

/// Refuses uncommitted work in the work tree that abort changes: that of the fix, which may be another than this one.
fn refuse_uncommitted(context: &Context<'_>, incident: &Incident, reason: Option<&str>) -> Result<()> {
    let git = context.look.git;
    if let Some(path) = cleanup::own_work_tree(context, incident)?.filter(|path| *path != production::top(context)) {
        let place = Path::new(&path);
        // Of one whose folder is gone nothing can be lost; one with submodules is kept.
        let is_gone = git.worktrees()?.iter().any(|worktree| worktree.path == place && !worktree.is_there);
        if is_gone || git.is_half_made(place)? || git.is_clean(place)? {
            return Ok(());
        }
        if WorktreeKept::look(context, &path)?.is_some_and(|kept| kept.has_submodules()) {
            return Ok(());
        }
        let message = format!("{} holds uncommitted work, and would be removed", one_line(&path));
        let quoted = shell_words::quote(&path).into_owned();
        return Err(Refusal::precondition(Code::DirtyTree, message)
            .hint(format!("git -C {quoted} stash --include-untracked   # keeps it; or commit it there"))
            .hint(format!("then: {} abort", context.program)));
    }
    let is_apart = matches!(incident.origin, Origin::Untouched(_));
    let on_branch = git.head()?.branch() == Some(incident.branch().as_str());
    if is_apart && !on_branch {
        return Ok(()); // Nothing changes here, and the fix's own work tree is gone.
    }
    // Untracked files survive a switch.
    let has_changes = git.has_changes()?;
    if has_changes || on_branch {
        checkout::refuse_unsettled(context)?;
    }
    if !has_changes {
        return Ok(());
    }
    let state = git.work_tree_state()?;
    let refusal = preflight::not_committed(&state.changed);
    Err(match reason {
        // What was carried here goes back where it was.
        Some(OPENED_BY_MISTAKE) if state.outdated.is_empty() => {
            // First the commits that it was made on top of.
            let goes_back = matches!(&incident.origin, Origin::Branch(name) if *name == incident.production.branch);
            let merge = if goes_back { merge_of_carried(context, incident)? } else { None };
            let merge = merge.map(|merge| format!(" && git {merge}")).unwrap_or_default();
            let line = format!("git stash && {} undo{merge} && git stash pop", context.program);
            refusal.hint(format!("{line}   # keeps it, and brings it back"))
        }
        _ => preflight::out_of_the_way(&state.changed, &state.outdated).into_iter().fold(refusal, Refusal::hint),
    })
}

/// What is on production is taken back there: by a rollback, by a revert, or it stays.
fn refuse_merged(context: &Context<'_>, incident: &Incident, landing: &Landing) -> Refusal {
    let merge = merge_of(landing).short();
    let message = format!("{} is on {} already, by {merge}", incident.branch(), incident.production.display_name());
    ways_back(context, incident, landing, Refusal::precondition(Code::Merged, message))
}

/// The refusal with the commands that take a landing back.
pub(super) fn ways_back(context: &Context<'_>, incident: &Incident, landing: &Landing, refusal: Refusal) -> Refusal {
    let is_deployed = incident.milestones.contains_key(&Milestone::Deployed);
    let refusal = match &context.config.deploy.rollback {
        Some(_) if is_deployed => refusal.hint(format!("{} deploy --rollback", context.program)),
        _ => refusal,
    };
    let words =
        format!("{} revert {} --severity {}", context.program, merge_of(landing).short(), incident.severity.key());
    refusal.hint(format!("{words}   # an incident whose fix is the revert"))
}

/// What production got.
fn merge_of(landing: &Landing) -> &ObjectId {
    landing.on_production().unwrap_or(&landing.head)
}

/// What is still to be undone, in an order that loses nothing when it is interrupted: keep, leave, delete.
fn undo(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Vec<Action>> {
    let git = context.look.git;
    let branch = incident.branch();
    let mut actions = Vec::new();
    // Two people opened it at once: the other one needs the branch, and its pull request.
    let is_shared = context.incidents.sharing_branch(&incident.id, branch.as_str()).is_some();
    if !is_shared {
        actions.extend(close_pull_request(context, incident)?);
    }
    if let Some(tip) = tip {
        let kept = git.commit_of_ref(&production::kept_ref(incident))?;
        // Kept before anything is deleted: a kill in between loses nothing.
        // A branch without a commit of its own holds nothing to keep.
        if kept.as_ref() != Some(tip) && *tip != incident.base.commit {
            let (name, to) = (production::kept_ref(incident), Some(tip.clone()));
            actions.push(Action::Git(GitAction::UpdateRef { name, to, from: kept, why: "hotfix: abort" }));
        }
    }
    if is_shared {
        return Ok(actions);
    }
    actions.extend(remove_draft(context, incident)?);
    let branches = branch::all(context, &incident.production)?;
    actions.extend(conflict::clear(context, incident, branches.iter(), true)?);
    let removal = cleanup::remove_own_work_tree(context, incident)?;
    let gone = if removal.is_some() { cleanup::own_work_tree(context, incident)? } else { None };
    actions.extend(removal);
    // Also where the fix has a work tree of its own: somebody may have checked out something else there, and the fix here.
    if git.head()?.branch() == Some(branch.as_str()) {
        actions.push(Action::Git(GitAction::Switch { to: back_to(context, incident)? }));
    }
    actions.extend(delete_remote_branch(context, incident, tip)?);
    let elsewhere = production::checked_out_elsewhere(context, &branch)?;
    if let Some(tip) = tip
        // Deleted under another work tree, the branch would leave that one on an unborn branch.
        && (elsewhere.is_none() || elsewhere == gone)
    {
        let (name, from) = (RefName::of_branch(&branch), Some(tip.clone()));
        actions.push(Action::Git(GitAction::UpdateRef { name, to: None, from, why: "hotfix: abort" }));
    }
    Ok(actions)
}

/// Closes the pull request at the service that holds it; without a network it stays open, which the outcome says.
fn close_pull_request(context: &Context<'_>, incident: &Incident) -> Result<Option<Action>> {
    let open = incident.pull_request.as_ref().filter(|known| known.state != PullRequestState::Closed);
    let Some(number) = open.and_then(|known| known.number) else { return Ok(None) };
    let is_reachable = context.network != Network::Offline && hosting::of(context, incident)?.is_some();
    Ok(is_reachable.then_some(Action::Forge(ForgeAction::ClosePullRequest { number })))
}

/// Where HEAD was, or the base where that is gone or taken.
fn back_to(context: &Context<'_>, incident: &Incident) -> Result<SwitchTo> {
    let base = || SwitchTo::Commit(incident.base.commit.clone());
    Ok(match &incident.origin {
        Origin::Branch(name) => {
            let exists = context.look.git.commit_of_ref(&RefName::of_branch(name))?.is_some();
            let free = production::checked_out_elsewhere(context, name)?.is_none();
            // git refuses a branch that another work tree has checked out.
            if exists && free { SwitchTo::Branch(name.clone()) } else { base() }
        }
        Origin::Detached(commit) => SwitchTo::Commit(commit.clone()),
        Origin::Untouched(_) => base(),
    })
}

/// Deletes the branch on the remote, only where it is still what we pushed.
fn delete_remote_branch(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Option<Action>> {
    let Some((remote, there)) = on_remote(context, incident)? else { return Ok(None) };
    let name = RefName::of_branch(&incident.branch());
    // What the remote refused once it refuses again; the branch then stays there.
    if context.known.rejected(&name).is_some() || holds_more(context, incident, &there, tip)? {
        return Ok(None);
    }
    let update = RefUpdate { name, to: None, expected: Expected::At(there) };
    Ok(Some(Action::Git(GitAction::Push(Push { remote, updates: vec![update] }))))
}

/// Where the branch is on a remote that can be reached.
fn on_remote(context: &Context<'_>, incident: &Incident) -> Result<Option<(String, ObjectId)>> {
    if context.network == Network::Offline { Ok(None) } else { cleanup::on_remote(context, incident) }
}

/// Whether the branch on the remote holds commits of a colleague, which are not ours to delete.
fn holds_more(
    context: &Context<'_>,
    incident: &Incident,
    there: &ObjectId,
    tip: Option<&ObjectId>,
) -> Result<bool, PortError> {
    let kept = context.look.git.commit_of_ref(&production::kept_ref(incident))?;
    let held: Vec<&ObjectId> = tip.into_iter().chain(&kept).collect();
    Ok(!production::is_ours(context, incident, there, &held)?)
}

/// That the branch stays on the remote, with the line that deletes it all the same.
fn stays_there(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Option<String>> {
    let Some((remote, there)) = on_remote(context, incident)? else { return Ok(None) };
    let branch = incident.branch();
    let is_told = context.known.rejected(&RefName::of_branch(&branch)).is_some()
        || context.incidents.sharing_branch(&incident.id, branch.as_str()).is_some();
    Ok((!is_told && holds_more(context, incident, &there, tip)?).then(|| {
        format!("{branch} stays on {remote}, as it holds commits that are not here: git push {remote} --delete {branch} deletes it")
    }))
}

/// Removes a postmortem draft that nobody edited; an edited one stays.
fn remove_draft(context: &Context<'_>, incident: &Incident) -> Result<Option<Action>> {
    let Some(known) = &incident.postmortem else { return Ok(None) };
    // By the digest in the record: what somebody wrote into it stays.
    let there = context.look.files.read(&known.path)?.filter(|bytes| delivery::is_unedited(incident, bytes));
    Ok(there.map(|expected| Action::File(FileAction::Remove { path: known.path.clone(), expected })))
}

/// How production's branch here gets the commits back that `open --carry` took along: it moved that branch, and the work that is
/// given up may be all that it had.
fn carried(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let Some(merge) = merge_of_carried(context, incident)? else { return Ok(None) };
    let (kept, branch) = (production::carried_ref(incident), &incident.production.branch);
    let only_forward = merge.contains(ONLY_FORWARD);
    let branch_quoted = shell_words::quote(branch);
    // git moves no branch by `branch -f` that is checked out.
    let line = match production::checked_out_at(context, branch)? {
        Some(path) if path == production::top(context) => format!("git {merge}"),
        Some(path) => format!("git -C {} {merge}", shell_words::quote(&path)),
        None if only_forward => format!("git branch -f {branch_quoted} {kept}"),
        None => format!("git switch {branch_quoted} && git {merge}"),
    };
    Ok(Some(format!("{line}   # {branch} here had these commits before --carry took them along")))
}

/// What git does on production's branch for that; `None` where it has them.
fn merge_of_carried(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let git = context.look.git;
    let kept = production::carried_ref(incident);
    let Some(commits) = git.commit_of_ref(&kept)? else { return Ok(None) };
    let here = git.commit_of_ref(&RefName::of_branch(&incident.production.branch))?;
    if here.as_ref().map_or(Ok(false), |here| git.is_ancestor(&commits, here))? {
        return Ok(None);
    }
    // It may have followed the remote since.
    let only_forward = here.map_or(Ok(true), |here| git.is_ancestor(&here, &commits))?;
    Ok(Some(if only_forward { format!("merge {ONLY_FORWARD} {kept}") } else { format!("merge {kept}") }))
}

fn outcome(context: &Context<'_>, incident: &Incident) -> Result<Outcome> {
    let mut text = format!("{}\n", context.over(incident));
    if let Some(tip) = &incident.aborted_tip {
        let branch = incident.branch();
        let other = context.incidents.sharing_branch(&incident.id, branch.as_str());
        let why = other.map(|other| format!(": {} has it, too", other.id)).unwrap_or_default();
        text.push_str(&match production::local_branch_tip(context.look, incident)? {
            Some(_) => format!("its commits are kept, and the branch {branch} stays{why}\n"),
            None => format!("its commits are kept; to restore the branch: git branch {branch} {tip}\n"),
        });
    }
    let mut outcome = Outcome::text(text).next(format!("{} status", context.program));
    if let Some(open) = incident.pull_request.as_ref().filter(|open| open.state != PullRequestState::Closed)
        && let Some(url) = &open.url
    {
        outcome.hints.push(format!("its pull request is still open: {}", one_line(url)));
    }
    outcome.hints.extend(carried(context, incident)?);
    outcome.hints.extend(cleanup::own_work_tree_left(context, incident)?);
    outcome.hints.push(reopen(context.program, &incident.id));
    Ok(outcome)
}
