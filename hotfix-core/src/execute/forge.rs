//! What is done at the service that hosts the repository.

use crate::domain::event::{Landing, LandingLine};
use crate::domain::{BranchName, Carried, CarriedBy, EventKind, ObjectId, PullRequestState, RefName};
use crate::port::{Expected, Forge, MergeAnswer, MergeRequest, Proposal, PullRequestStatus, Push, RefUpdate};
use crate::release::hosted_merge;
use crate::workflow::ForgeAction;
use crate::workflow::action::Until;
use crate::workflow::action::forge::awaited;
use crate::workflow::action::merge::LineToLand;

use super::{Done, Executor, Refusal, Result, git, merge, share};

pub(super) fn execute(executor: &mut Executor<'_>, action: &ForgeAction, watch: &dyn Fn(&str)) -> Result<Done> {
    match action {
        ForgeAction::Propose { proposal } => propose(executor, proposal),
        ForgeAction::ProposeRecords { proposal, may_fail } => propose_records(executor, proposal, *may_fail),
        ForgeAction::AskPullRequest { number } => {
            Ok(Done::PullRequestStatus(Box::new(executor.act.forge.status(*number)?)))
        }
        ForgeAction::AwaitPullRequest { number, seen, until } => {
            await_pull_request(executor.act.forge, *number, seen, *until, watch)
        }
        ForgeAction::MergePullRequest { merge, branch, from, past_rules, .. } => {
            merge_pull_request(executor, merge, branch, from, past_rules.as_ref())
        }
        ForgeAction::MergeWhenReady { merge, through_queue } => {
            executor.act.forge.merge_when_ready(merge, *through_queue)?;
            Ok(Done::Queued)
        }
        ForgeAction::ClosePullRequest { number } => {
            executor.act.forge.close(*number)?;
            executor.record(vec![EventKind::PullRequestClosed]).map(|()| Done::Recorded)
        }
        ForgeAction::FileIssue { follow_up, issue } => {
            let filed = executor.act.forge.file(issue)?;
            let event = EventKind::IssueFiled { follow_up: *follow_up, number: filed.number, url: filed.url };
            executor.record(vec![event]).map(|()| Done::Recorded)
        }
        ForgeAction::AskBackport { number, carried } => ask_backport(executor, *number, carried),
        ForgeAction::ProposeBackport { line, remote, proposal, expected } => {
            propose_backport(executor, line, remote, proposal, expected)
        }
    }
}

/// Opens or updates the pull request; what of it could not be done is told, and stops nothing.
fn propose(executor: &mut Executor<'_>, proposal: &Proposal) -> Result<Done> {
    let proposed = executor.act.forge.propose(proposal)?;
    for warning in proposed.warnings {
        // The service may repeat what it was sent, or what somebody typed there.
        let warning = executor.redactor.redact(&warning).text;
        executor.warnings.push(warning);
    }
    executor.record_or_hold(vec![EventKind::PullRequestOpened(proposed.pull_request)]).map(|()| Done::Proposed)
}

/// Opens the pull request of the records. That it cannot is told, and stops nothing: their branch is there.
fn propose_records(executor: &mut Executor<'_>, proposal: &Proposal, may_fail: bool) -> Result<Done> {
    let branch = &proposal.branch;
    match executor.act.forge.propose(proposal) {
        Ok(proposed) => {
            let url = proposed.pull_request.url.unwrap_or_default();
            let text = format!("records proposed as {branch}: {url}");
            executor.record(vec![EventKind::Noted { text, happened_at: None }])?;
            Ok(Done::RecordsProposed { url: Some(url) })
        }
        // Who closes with a reason wants an end: a pull request can be opened by hand later.
        Err(error) if may_fail => {
            let warning = executor.redactor.redact(&error.to_string()).text;
            executor.warnings.push(crate::domain::one_line(&warning));
            Ok(Done::RecordsProposed { url: None })
        }
        Err(error) => {
            Err(Refusal::from_port(error).hint(format!("the records are pushed as {branch}, to be proposed by hand")))
        }
    }
}

fn await_pull_request(
    forge: &dyn Forge,
    number: u64,
    seen: &PullRequestStatus,
    until: Until,
    watch: &dyn Fn(&str),
) -> Result<Done> {
    let limit = match until {
        Until::Change(limit) => return Ok(Done::PullRequestStatus(Box::new(forge.wait(number, seen, limit)?))),
        Until::Decision(limit) => limit,
    };
    let mut seen = seen.clone();
    loop {
        let now = forge.wait(number, &seen, limit)?;
        if now == seen {
            return Ok(Done::Unchanged(Box::new(now)));
        }
        // Changes that decide nothing are told and waited past: thirty checks are thirty changes.
        if now.head != seen.head || !hosted_merge::still_waits(&now) {
            return Ok(Done::PullRequestStatus(Box::new(now)));
        }
        watch(&format!("now{}", awaited(&now)));
        seen = now;
    }
}

/// Merges exactly one commit by its pull request. The intent is recorded first, without the commit that only the
/// service makes; that the rules were passed over is recorded once they were.
fn merge_pull_request(
    executor: &mut Executor<'_>,
    merge: &MergeRequest,
    branch: &BranchName,
    from: &ObjectId,
    past_rules: Option<&String>,
) -> Result<Done> {
    let landing = |lines, past_rules| Landing { head: merge.head.clone(), lines, tag: None, past_rules };
    // Without the commit: only the service will make it, and its answer may be lost.
    if let Some(moved) = executor.intend(EventKind::LandingStarted(landing(Vec::new(), past_rules.cloned())))? {
        return Ok(moved);
    }
    share::before_landing(executor)?;
    match executor.act.forge.merge(merge)? {
        MergeAnswer::Merged(to) => {
            let line = LandingLine { branch: branch.clone(), from: from.clone(), to };
            let mut events = vec![EventKind::Merged(landing(vec![line], None))];
            events.extend(past_rules.into_iter().flat_map(|why| hosted_merge::passed_over(merge.number, why)));
            executor.record(events)?;
            Ok(Done::MergedThere)
        }
        MergeAnswer::Moved => {
            // Nothing was merged, and the next round tries again: it must not find a landing in doubt.
            let reason = "a branch moved meanwhile".to_owned();
            executor.record(vec![EventKind::LandingAborted { reason }])?;
            Ok(Done::Raced { name: Some(RefName::of_branch(branch)) })
        }
        // Nothing was merged: the intent ends, or every later run would ask about it.
        MergeAnswer::NotYet { reason } => {
            executor.record(vec![EventKind::LandingAborted { reason: reason.clone() }])?;
            Ok(Done::NotYet { reason })
        }
    }
}

/// Proposes the fix for a release branch on a branch of its own.
fn propose_backport(
    executor: &mut Executor<'_>,
    line: &LineToLand,
    remote: &str,
    proposal: &Proposal,
    expected: &Expected,
) -> Result<Done> {
    // Before the intent, which names it: whoever finds the branch later knows it for ours.
    let to = merge::write_commits(&executor.act, line)?;
    let started = LandingLine { branch: line.branch.clone(), from: line.from.clone(), to: to.clone() };
    if let Some(moved) = executor.intend(EventKind::CarryStarted(started))? {
        return Ok(moved);
    }
    let name = RefName::of_branch(&proposal.branch);
    let update = RefUpdate { name, to: Some(to.clone()), expected: expected.clone() };
    let done = git::push(&executor.act, &Push { remote: remote.to_owned(), updates: vec![update] })?;
    if done.halts() {
        return Ok(done);
    }
    // After the push: a service opens no pull request for a branch that it does not have.
    let opened = executor.act.forge.propose(&Proposal { head: to.clone(), ..proposal.clone() })?;
    executor.warnings.extend(opened.warnings.iter().map(|warning| executor.redactor.redact(warning).text));
    let carried = Carried {
        branch: Some(proposal.branch.clone()),
        number: opened.pull_request.number,
        url: opened.pull_request.url,
        ..Carried::new(line.branch.clone(), CarriedBy::Proposal, Some(to))
    };
    executor.record(vec![EventKind::Carried(carried)])?;
    Ok(done)
}

/// Looks what became of the proposal for a release branch.
fn ask_backport(executor: &mut Executor<'_>, number: u64, carried: &Carried) -> Result<Done> {
    let status = executor.act.forge.status(number)?;
    let became = match status.state {
        PullRequestState::Open | PullRequestState::Draft => None,
        PullRequestState::Closed => Some(Carried { by: CarriedBy::Closed, ..carried.clone() }),
        PullRequestState::Merged => Some(Carried {
            by: CarriedBy::Merge,
            commit: status.merge_commit.or(carried.commit.clone()),
            // The branch there is deleted only while it is at this commit.
            head: Some(status.head),
            ..carried.clone()
        }),
    };
    if let Some(carried) = became {
        executor.record(vec![EventKind::Carried(carried)])?;
    }
    Ok(Done::ProposalSeen { line: carried.line.clone() })
}
