//! Pull requests that take the fix to release branches beside production: what they say, and what became of them.

use crate::document::{self, LineProposal};
use crate::domain::event::LandingLine;
use crate::domain::{Carried, CarriedBy, Incident, ObjectId, RefName};
use crate::port::{ErrorKind, Expected, Proposal, Push, RefUpdate};
use crate::production::{self, fork, hosting};
use crate::workflow::action::merge::Arrival;
use crate::workflow::{Action, Code, Context, ForgeAction, GitAction, Network, Refusal, Result};

use super::branch::{self, ReleaseBranch};
use super::commits::Fix;
use super::pull_request_text;

/// The open ones that were not looked at in this run; `None` where there are none, or where nobody may be asked.
///
/// # Errors
/// When it cannot be told who hosts the repository.
pub(crate) fn still_to_look_at(context: &Context<'_>, incident: &Incident) -> Result<Option<Vec<Action>>> {
    let is_news = |carried: &&Carried| {
        !context.known.has_seen_proposal_for(&carried.line)
            // Nothing can have become of what this run has pushed.
            && !carried.commit.as_ref().is_some_and(|commit| context.known.has_pushed(commit))
    };
    let open = incident.carried.iter().filter(|carried| carried.by == CarriedBy::Proposal).filter(is_news);
    let open = open.filter_map(|carried| {
        Some(Action::Forge(ForgeAction::AskBackport { number: carried.number?, carried: carried.clone() }))
    });
    let actions: Vec<Action> = open.collect();
    if actions.is_empty() || context.network != Network::Online || hosting::of(context, incident)?.is_none() {
        return Ok(None);
    }
    Ok(Some(actions))
}

/// Proposes the fix for a release branch, on a branch of its own.
///
/// # Errors
/// When the remote takes not even that branch, or somebody else has one of that name there.
pub(crate) fn propose(fix: &Fix<'_>, target: &ReleaseBranch, arrival: Arrival) -> Result<Action> {
    let (context, incident) = (fix.context, fix.incident);
    let branch = branch::conflict_branch(incident, &target.branch);
    if production::refuses_pushes(context, &branch) {
        return Err(Refusal::new(
            ErrorKind::Refused,
            Code::Rejected,
            format!("the remote does not take the branch {branch}, which would propose the fix for {}", target.branch),
        )
        .hint(format!("{} propagation --waive {} --reason \"...\"", context.program, target.branch)));
    }
    let body = body(fix, target, &arrival)?;
    let there = production::remote_tip(context, &incident.production, &branch)?;
    let arrival = match &there {
        Some(there) => on_top_of(context, incident, target, &branch, there, arrival)?,
        None => arrival,
    };
    let is_hosted = hosting::of(context, incident)?.is_some();
    let proposal = Proposal {
        title: context.redactor.redact(&document::line_title(incident, &target.branch)).text,
        body: if is_hosted { pull_request_text::with_template(context, incident, body)? } else { body },
        base: target.branch.clone(),
        branch,
        fork: fork::named(context, incident)?,
        // Stands in for the commit that the executor writes and proposes.
        head: target.tip.clone(),
        draft: false,
        labels: is_hosted.then(|| pull_request_text::LABEL.to_owned()).into_iter().collect(),
        reviewers: Vec::new(),
    };
    Ok(Action::Forge(ForgeAction::ProposeBackport {
        line: branch::to_land(context, &incident.production, target, arrival)?,
        remote: fork::remote(context, incident)?.unwrap_or_default(),
        proposal: Box::new(proposal),
        // The lease: what somebody pushes to it meanwhile stays.
        expected: there.map_or(Expected::Absent, Expected::At),
    }))
}

/// What is proposed where its branch is on the remote already: what a run before this one pushed is proposed as it is,
/// and so is what a person took over from there; what an earlier proposal of ours left is replaced; anything else is left
/// alone.
fn on_top_of(
    context: &Context<'_>,
    incident: &Incident,
    target: &ReleaseBranch,
    branch: &str,
    there: &ObjectId,
    arrival: Arrival,
) -> Result<Arrival> {
    let git = context.look.git;
    let is_here = git.has_commit(there)?;
    let started = |started: &LandingLine| started.branch == target.branch && started.to == *there;
    let is_taken_over = git.commit_of_ref(&RefName::of_branch(branch))?.as_ref() == Some(there);
    if is_taken_over || is_here && incident.carries_in_doubt.iter().any(started) {
        return Ok(Arrival::Ready { commit: there.clone(), by: arrival.by() });
    }
    let follows = match &arrival {
        Arrival::Ready { commit, .. } => is_here && git.is_ancestor(there, commit)?,
        Arrival::Merge { .. } | Arrival::Picks(_) => false,
    };
    if follows || incident.carriers.contains(there) {
        return Ok(arrival);
    }
    let remote = fork::remote(context, incident)?.unwrap_or_default();
    Err(Refusal::needs_human(Code::ForeignBranch, format!("{branch} on {remote} holds commits that are not ours"))
        .hint(format!("git fetch {remote} {branch}:{branch}   # goes on with them, then: {} backport", context.program))
        .hint(format!("git push {remote} --delete {branch}   # drops them, then: {} backport", context.program)))
}

fn body(fix: &Fix<'_>, target: &ReleaseBranch, arrival: &Arrival) -> Result<String> {
    let incident = fix.incident;
    let own = fix.commits()?.iter().map(|commit| commit.id.to_string()).collect();
    let proposal = LineProposal {
        incident: incident.id.to_string(),
        line: target.branch.to_string(),
        production: incident.production.branch.to_string(),
        number: incident.pull_request.as_ref().and_then(|known| known.number),
        commit: incident.merge_commit().map(ToString::to_string).unwrap_or_default(),
        picked: if matches!(arrival, Arrival::Picks(_)) { own } else { Vec::new() },
        merged: matches!(arrival, Arrival::Merge { .. }).then(|| incident.branch().into()),
        is_settled: matches!(arrival, Arrival::Ready { .. }),
    };
    proposal.render().map_err(Refusal::from_render)
}

/// The branches on the remote whose proposals were merged, to be deleted where they are as they were.
pub(crate) fn leftovers(context: &Context<'_>, incident: &Incident) -> Result<Vec<Action>> {
    let Some(remote) = fork::remote(context, incident)? else { return Ok(Vec::new()) };
    let mut updates = Vec::new();
    for carried in incident.carried.iter().filter(|carried| carried.by == CarriedBy::Merge) {
        let (Some(branch), Some(head)) = (&carried.branch, &carried.head) else { continue };
        // Only as it was merged: what was added since is on no other branch.
        if production::remote_tip(context, &incident.production, branch)?.as_ref() == Some(head) {
            let name = RefName::of_branch(branch);
            updates.push(RefUpdate { name, to: None, expected: Expected::At(head.clone()) });
        }
    }
    // One push each: a push is atomic, and one branch that a rule keeps would keep all.
    let push = |update| Action::Git(GitAction::Push(Push { remote: remote.clone(), updates: vec![update] }));
    Ok(updates.into_iter().map(push).collect())
}
