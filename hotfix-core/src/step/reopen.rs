//! Goes on with an incident that ended: its notes and times stay, and its branch comes back.

use std::path::Path;

use crate::domain::event::Origin;
use crate::domain::{EventKind, Incident, ObjectId, Status, one_line};
use crate::port::SwitchTo;
use crate::production::{self, fork};
use crate::workflow::{Action, Code, Context, GitAction, Outcome, Plan, Refusal, Result, Step, refuse_blank};
use crate::worktree::{checkout, preflight};

use super::next_command;

/// So many of the incidents that ended are named.
const MOST_NAMED: usize = 3;

/// Go on with an incident that was closed or given up
///
/// Its notes, times and evidence stay, and its branch is checked out: as `abort` kept it, as it lies here, or a new one from
/// production where the fix has landed. Users feel it again, so it is active, and what resolved it counts no more.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Reopen {
    /// The incident, by its id, the beginning of that, or its slug; the newest that ended if absent
    #[cfg_attr(feature = "cli", arg(value_name = "ID"))]
    pub id: Option<String>,
    /// Why
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub reason: Option<String>,
}

impl Step for Reopen {
    step_facts!("reopen" about Ended telling reason, drives, needs_work_tree);

    fn named_incident(&self) -> Option<&str> {
        self.id.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let Some(incident) = context.incident else {
            let message = "no incident is closed or canceled, so there is none to go on with";
            return Err(Refusal::precondition(Code::NoIncident, message).hint(format!("{} list", context.program)));
        };
        if incident.status.is_open() {
            return is_open(context, incident).map(Plan::finished);
        }
        if let Some(reason) = &self.reason {
            refuse_blank(reason, Code::Reason, "--reason: say why")?;
        }
        refuse_shared(context, incident)?;
        let notes = preflight::look_around(context)?;
        let branch = incident.branch();
        let is_here = context.look.git.head()?.branch() == Some(branch.as_str());
        if !is_here {
            refuse_uncommitted(context, incident)?;
        }
        if let Some(actions) = production::still_to_ask(context, &incident.production, &[&branch])? {
            return Ok(Plan::then_look_again(actions).notes(notes));
        }
        let mut actions = bring_back(context, incident, is_here)?;
        // The event last: after a kill in between, the same command finds the branch and goes on.
        actions.push(Action::record(vec![EventKind::Reopened { reason: self.reason.clone() }]));
        Ok(Plan::then_look_again(actions))
    }
}

/// What came of it, and what is next; or that there was nothing to do.
fn is_open(context: &Context<'_>, incident: &Incident) -> Result<Outcome> {
    let has_reopened = !context.known.is_first_look();
    let branch = incident.branch();
    let place = match production::checked_out_elsewhere(context, &branch)? {
        Some(path) => {
            let is_gone = if checkout::gone_work_tree(context, incident)?.is_some() { ", which is gone" } else { "" };
            format!("its branch {branch} is checked out in {}{is_gone}", one_line(&path))
        }
        None if context.look.git.head()?.branch() == Some(branch.as_str()) => format!("on branch {branch}"),
        None => format!("its branch is {branch}"),
    };
    let verb = if has_reopened { "is open again" } else { "is open" };
    let mut outcome = Outcome::text(format!("{} {verb}: {}\n{place}\n", incident.id, incident.title));
    if !has_reopened {
        let ended = context.incidents.all()?.iter().filter(|summary| !summary.status.is_open()).take(MOST_NAMED);
        let program = context.program;
        outcome.hints.extend(
            ended.map(|ended| format!("{program} reopen {}   # {}, which is {}", ended.id, ended.title, ended.status)),
        );
    }
    outcome.next = next_command(context, incident)?;
    Ok(outcome)
}

/// Refuses where another incident goes on with the same branch.
fn refuse_shared(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let branch = incident.branch();
    let Some(other) = context.incidents.sharing_branch(&incident.id, branch.as_str()) else { return Ok(()) };
    let message = format!("{} is open on {branch}: {}", other.id, other.title);
    Err(Refusal::needs_human(Code::BranchExists, message)
        .hint(format!("{} status --incident {}   # goes on with that one", context.program, other.id))
        .hint(format!("{} abort --incident {}   # gives that one up", context.program, other.id)))
}

/// Uncommitted work here would get into the fix.
fn refuse_uncommitted(context: &Context<'_>, incident: &Incident) -> Result<()> {
    if own_path(context, incident).is_some() || !context.look.git.has_changes()? {
        return Ok(());
    }
    let state = context.look.git.work_tree_state()?;
    let refusal = preflight::not_committed(&state.changed);
    Err(preflight::out_of_the_way(&state.changed, &state.outdated).into_iter().fold(refusal, Refusal::hint))
}

/// The path of the fix's own work tree, where it had one and it can be there again.
fn own_path(context: &Context<'_>, incident: &Incident) -> Option<String> {
    match &incident.origin {
        Origin::Untouched(path) if context.look.files.is_vacant(Path::new(path)) => Some(path.clone()),
        Origin::Untouched(_) | Origin::Branch(_) | Origin::Detached(_) => None,
    }
}

/// The branch of the fix, checked out.
fn bring_back(context: &Context<'_>, incident: &Incident, is_here: bool) -> Result<Vec<Action>> {
    let branch = incident.branch();
    if is_here || production::checked_out_elsewhere(context, &branch)?.is_some() {
        return Ok(Vec::new());
    }
    let there = production::local_branch_tip(context.look, incident)?;
    let worktree = own_path(context, incident);
    let commit = match &there {
        Some(tip) => {
            refuse_foreign(context, incident, tip)?;
            tip.clone()
        }
        None => start(context, incident)?,
    };
    let bring = match there {
        Some(_) if worktree.is_none() => GitAction::Switch { to: SwitchTo::Branch(branch.clone()) },
        _ => GitAction::CreateBranch { branch: branch.clone(), commit: commit.clone(), worktree },
    };
    let created = (!incident.branch_created).then_some(EventKind::BranchCreated { branch, commit });
    Ok(std::iter::once(Action::Git(bring)).chain(created.map(|event| Action::record(vec![event]))).collect())
}

/// Where the branch begins that is not here.
fn start(context: &Context<'_>, incident: &Incident) -> Result<ObjectId> {
    let git = context.look.git;
    if incident.merged.is_some() {
        return production::tip(context.look, &incident.production);
    }
    if let Some(kept) = kept(context, incident)? {
        return Ok(kept);
    }
    if let Some(there) = production::remote_branch_tip(context, incident)? {
        if git.has_commit(&there)? {
            return Ok(there);
        }
        let (branch, remote) = (incident.branch(), fork::remote(context, incident)?.unwrap_or_default());
        return Err(Refusal::needs_human(Code::BranchExists, format!("{branch} is on {remote}, and not here"))
            .hint(format!("git fetch {remote} {branch}:{branch}   # then: {} reopen", context.program)));
    }
    Ok(incident.base.commit.clone())
}

/// The tip that `abort` kept, where it is here.
fn kept(context: &Context<'_>, incident: &Incident) -> Result<Option<ObjectId>> {
    let git = context.look.git;
    if let Some(kept) = git.commit_of_ref(&production::kept_ref(incident))? {
        return Ok(Some(kept));
    }
    // Aborted in another clone: the record names the commit, and only that clone may have it.
    match &incident.aborted_tip {
        Some(tip) if git.has_commit(tip)? => Ok(Some(tip.clone())),
        Some(tip) => Err(Refusal::needs_human(
            Code::BranchGone,
            format!("the commits of {} are not here: {} is in the clone that gave it up", incident.id, tip.short()),
        )
        .hint(format!("there: git push {} {tip}:refs/heads/{}", remote_name(context, incident)?, incident.branch()))
        .hint("then here: git fetch, and the same command again")),
        None => Ok(None),
    }
}

fn remote_name(context: &Context<'_>, incident: &Incident) -> Result<String> {
    Ok(fork::remote(context, incident)?.unwrap_or_else(|| "<remote>".to_owned()))
}

/// Refuses a branch of that name which is not the fix's.
fn refuse_foreign(context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<()> {
    let Some(kept) = kept(context, incident)? else { return Ok(()) };
    if incident.status != Status::Canceled || production::is_part_of(context, &kept, tip)? {
        return Ok(());
    }
    let branch = incident.branch();
    let message = format!("a branch {branch} is here, and lacks what `abort` kept as {}", kept.short());
    Err(Refusal::needs_human(Code::BranchExists, message)
        .hint(format!("git branch -m {branch} {branch}-other   # then: {} reopen {}", context.program, incident.id))
        .hint(format!("{} && git merge {kept}   # if both belong together", checkout::way_to(context, incident)?)))
}
