//! Landing by the service's pull request: what it waits for, and the merge of exactly the tested commit.

use std::time::Duration;

use crate::domain::event::{FollowUpAdded, Landing, Waiver};
use crate::domain::{EventKind, Incident, ObjectId, PullRequestState, one_line};
use crate::port::{CheckState, ErrorKind, MergeMethod, MergeRequest, PullRequestStatus};
use crate::production::{self, fork, hosting};
use crate::workflow::action::Until;
use crate::workflow::action::merge::Arrival;
use crate::workflow::{
    Action, ActionView, Code, Context, ForgeAction, GitAction, MergeAction, Network, Outcome, Plan, PullRequestNews,
    Refusal, Result,
};
use crate::worktree::checkout;

use super::commits::Fix;
use super::presence;

/// The waiver that says that the service's rules were passed over.
const WAIVER: &str = "protection";
/// How long nothing may change while it is waited for.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How long the service may take to see a push, or to compute whether it merges.
const SOON: Duration = Duration::from_secs(15);

/// How a pull request at a hosting service lands.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct ForgeOptions {
    /// Wait for the checks and reviews that the service requires
    #[cfg_attr(feature = "cli", arg(long))]
    pub wait: bool,
    /// Let the service merge by itself once checks and reviews are there
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "admin"))]
    pub auto: bool,
    /// Merge without the required checks and reviews, where your rights allow it; needs --reason
    #[cfg_attr(feature = "cli", arg(long, requires = "reason"))]
    pub admin: bool,
    /// Why --admin must be; goes into pull request and postmortem
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT", requires = "admin"))]
    pub reason: Option<String>,
}

/// Refuses to break the glass for no reason.
pub(crate) fn refuse_blank(options: &ForgeOptions) -> Result<()> {
    match word(options) {
        Some(reason) if one_line(reason).is_empty() => {
            Err(Refusal::usage(Code::Reason, "--reason: say why --admin must be"))
        }
        _ => Ok(()),
    }
}

/// Looks whether the service merged the pull request already; `None` where it did not, or where there is none.
///
/// # Errors
/// When it merged something else, or the repository cannot be read.
pub(crate) fn adopt(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Option<Plan>> {
    let number = incident.pull_request.as_ref().and_then(|known| known.number);
    let Some(number) = number.filter(|_| context.network == Network::Online && incident.merged.is_none()) else {
        return Ok(None);
    };
    if hosting::of(context, incident)?.is_none() {
        return Ok(None);
    }
    let Some(status) = context.known.status_of_pull_request() else {
        return Ok(Some(Plan::then_look_again(vec![Action::Forge(ForgeAction::AskPullRequest { number })])));
    };
    if status.state != PullRequestState::Merged || is_retargeted(context, incident) {
        return Ok(None);
    }
    merged(context, incident, status, tip).map(Some)
}

/// Whether somebody turned the pull request to another branch than production, where it was looked at.
pub(crate) fn is_retargeted(context: &Context<'_>, incident: &Incident) -> bool {
    let number = incident.pull_request.as_ref().and_then(|known| known.number);
    let is_it = |seen: &PullRequestStatus| Some(seen.number) == number && seen.base != incident.production.branch;
    context.known.status_of_pull_request().is_some_and(is_it)
}

/// Refuses such a pull request: the rules of its branch are others, and production would not have the fix.
pub(crate) fn refuse_retargeted(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let status = context.known.status_of_pull_request().filter(|_| is_retargeted(context, incident));
    let Some(PullRequestStatus { number, base, url, state, .. }) = status else { return Ok(()) };
    let production = &incident.production.branch;
    let (verb, fix) = match state {
        PullRequestState::Merged => ("was merged", String::new()),
        _ => ("merges", format!("set its base to {production} there, or: ")),
    };
    let message = format!("pull request #{number} {verb} into {}, and the fix is for {production}", one_line(base));
    Err(Refusal::needs_human(Code::Retargeted, message)
        .hint(url.clone())
        .hint(format!("{fix}{} pr   # proposes it for {production}", context.program)))
}

/// Refuses to propose what somebody closed at the service. One that was closed from here is proposed anew.
pub(crate) fn refuse_closed(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let own = incident.pull_request.as_ref().is_some_and(|known| known.state == PullRequestState::Closed);
    let status = context.known.status_of_pull_request();
    let shut = status.filter(|status| status.state == PullRequestState::Closed && !own);
    shut.map_or(Ok(()), |status| Err(closed(status, context.program)))
}

fn closed(status: &PullRequestStatus, program: &str) -> Refusal {
    Refusal::needs_human(Code::PullRequestClosed, format!("somebody closed pull request #{}", status.number))
        .hint(status.url.clone())
        .hint(format!("reopen it there, then: {program} ship"))
        .hint(format!("or give the fix up: {program} abort"))
}

/// The landing as far as it can be told beforehand: by the pull request where a service hosts the repository, and by
/// pushes of the tag and to the other release branches after it.
///
/// # Errors
/// When it cannot be told who hosts it.
pub(crate) fn foresee(context: &Context<'_>, incident: &Incident, landing: &Action) -> Result<Vec<ActionView>> {
    let Action::Merge(MergeAction::Land { head, lines, remote, tag, .. }) = landing else {
        return Ok(vec![landing.view()]);
    };
    let Some(address) = hosting::of(context, incident)? else { return Ok(vec![landing.view()]) };
    // The service merges production, and pushes follow: neither commit nor number need exist yet.
    let Some((production, others)) = lines.split_first() else { return Ok(vec![landing.view()]) };
    let number = incident.pull_request.as_ref().and_then(|known| known.number);
    let merge = ForgeAction::merge_view(address.service.name(), number, head, &production.branch, None);
    let tag = tag.as_ref().map(|tag| MergeAction::tag_view(tag, None, remote.as_ref()));
    let carry = (!others.is_empty())
        .then(|| Action::Merge(MergeAction::Carry { lines: others.to_vec(), remote: remote.clone() }).view());
    Ok(std::iter::once(merge).chain(tag).chain(carry).collect())
}

/// Lands: by a push, or by the pull request where a service hosts the repository.
///
/// # Errors
/// When the service, or a person there, must do something first.
pub(crate) fn next(
    context: &Context<'_>,
    incident: &Incident,
    landing: Action,
    options: &ForgeOptions,
) -> Result<Plan> {
    let is_hosted = hosting::of(context, incident)?.is_some();
    let Action::Merge(MergeAction::Land { head, lines, .. }) = &landing else {
        return Ok(Plan::then_look_again(vec![landing]));
    };
    let number = incident.pull_request.as_ref().and_then(|known| known.number);
    let (Some(number), Some(line), true) = (number, lines.first(), is_hosted) else {
        return Ok(Plan::then_look_again(vec![landing]));
    };
    let Arrival::Merge { message, .. } = &line.arrival else { return Ok(Plan::then_look_again(vec![landing])) };
    let status = match context.known.pull_request_news() {
        Some(PullRequestNews::Status(status)) => status,
        Some(PullRequestNews::NotYet(reason)) => {
            return Err(not_yet(context, incident, number, reason));
        }
        Some(PullRequestNews::Queued) => return after_queueing(context, incident, number, options),
        None => return Ok(Plan::then_look_again(vec![Action::Forge(ForgeAction::AskPullRequest { number })])),
    };
    let target = MergeTarget { context, incident, status, head, options };
    if let Some(plan) = target.impossible()? {
        return Ok(plan);
    }
    let mut missing = missing(incident, status);
    // A rule may forbid merge commits: the first of those that the branch takes is ours.
    let method = status.methods.first().copied().unwrap_or(MergeMethod::Merge);
    let merge = MergeRequest { number, head: head.clone(), method, message: message.clone() };
    if !options.admin {
        if !missing.is_empty() {
            return target.until_there(&missing, merge);
        }
        if status.rules.queue {
            if options.wait && context.known.is_queued() {
                return target.wait_on();
            }
            let queue = Action::Forge(ForgeAction::MergeWhenReady { merge, through_queue: true });
            return Ok(Plan::then_look_again(vec![queue]));
        }
    }
    if options.admin && status.rules.queue {
        // Passing over the queue is passing over a rule, and is owed a review like any other.
        missing.push("it does not await its turn in the merge queue".to_owned());
    }
    let action = Action::Forge(ForgeAction::MergePullRequest {
        service: hosting::name(context, incident),
        merge,
        branch: line.branch.clone(),
        from: line.from.clone(),
        // Where nothing is missing, no rule is passed over, and none goes into the record.
        past_rules: word(options).filter(|_| !missing.is_empty()).map(|why| format!("{why} ({})", missing.join("; "))),
    });
    Ok(Plan::then_look_again(vec![action]))
}

/// The incident for the pull request where the rules are about to be passed over: why, and what is owed then. `None` where
/// they are not.
pub(crate) fn past_rules(context: &Context<'_>, incident: &Incident, options: &ForgeOptions) -> Option<Incident> {
    let why = word(options)?;
    let status = context.known.status_of_pull_request().filter(|status| !missing(incident, status).is_empty())?;
    Some(incident.with(&passed_over(status.number, why)))
}

/// What is recorded of a landing that the world shows: where it was asked for past the rules, and the answer did not come,
/// they were passed over.
pub(crate) fn landed(incident: &Incident, landing: Landing) -> Vec<EventKind> {
    let number = incident.pull_request.as_ref().and_then(|known| known.number);
    let intent = incident.landing_in_doubt.as_ref().filter(|intent| intent.head == landing.head);
    let past_rules = number.zip(intent.and_then(|intent| intent.past_rules.as_ref()));
    let owed = past_rules.into_iter().flat_map(|(number, why)| passed_over(number, why));
    std::iter::once(EventKind::Merged(landing)).chain(owed).collect()
}

/// Says in the record that the rules were passed over, and owes the review.
pub(crate) fn passed_over(number: u64, why: &str) -> [EventKind; 2] {
    let waiver = Waiver::new(WAIVER, why);
    let text = format!("Review pull request #{number}, which was merged past the rules of the branch");
    [EventKind::Waived(waiver), EventKind::FollowUpAdded(FollowUpAdded::new(text))]
}

/// Why the rules are to be passed over, where they are.
fn word(options: &ForgeOptions) -> Option<&str> {
    options.reason.as_deref().filter(|_| options.admin)
}

/// Refuses to go on while the production branch here does not hold what the service merged.
pub(crate) fn refuse_unseen(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let Some(commit) = incident.merge_commit().filter(|_| context.network == Network::Online) else { return Ok(()) };
    let production = &incident.production;
    if hosting::of(context, incident)?.is_none() || production::contains(context.look, production, commit)? {
        return Ok(());
    }
    Err(unseen(context, incident, commit))
}

fn unseen(context: &Context<'_>, incident: &Incident, commit: &ObjectId) -> Refusal {
    let (commit, production) = (commit.short(), incident.production.display_name());
    let service = hosting::name(context, incident);
    let message = format!("{service} merged the fix as {commit}, and {production} does not hold it yet");
    Refusal::new(ErrorKind::Retry, Code::NotThereYet, message).hint(format!("{} ship", context.program))
}

/// Records what the service merged, once it is here.
fn merged(
    context: &Context<'_>,
    incident: &Incident,
    status: &PullRequestStatus,
    tip: Option<&ObjectId>,
) -> Result<Plan> {
    let number = status.number;
    // GitHub may call it merged before it says by which commit.
    let Some(commit) = &status.merge_commit else {
        let service = hosting::name(context, incident);
        let message = format!("pull request #{number} is merged, and {service} does not tell as which commit");
        return Err(
            Refusal::new(ErrorKind::Retry, Code::NotThereYet, message).hint(format!("{} ship", context.program))
        );
    };
    let fetches = still_to_fetch(context, incident, status, commit)?;
    if !fetches.is_empty() {
        return Ok(Plan::then_look_again(fetches));
    }
    if !production::contains(context.look, &incident.production, commit)? {
        return Err(unseen(context, incident, commit));
    }
    let head = if let Some(tip) = tip { landed_head(context, incident, status, tip)? } else { status.head.clone() };
    let fix = Fix::new(context, incident, &head)?;
    let line = presence::landing_line(&fix, &incident.production.branch, commit.clone())?;
    // It borrows the head, which goes into the record.
    drop(fix);
    let landing = Landing::new(head, vec![line]);
    let note = format!("pull request #{number} is merged as {}; recorded", commit.short());
    Ok(Plan::then_look_again(vec![Action::record(landed(incident, landing))]).notes(vec![note]))
}

/// The fetches, each tried once, of what was merged: the commit on production, and the head where its branch still has it.
fn still_to_fetch(
    context: &Context<'_>,
    incident: &Incident,
    status: &PullRequestStatus,
    commit: &ObjectId,
) -> Result<Vec<Action>> {
    let Some(remote) = &incident.production.remote else { return Ok(Vec::new()) };
    let is_on_branch = production::remote_branch_tip(context, incident)?.as_ref() == Some(&status.head);
    let of_branch = fork::remote(context, incident)?.unwrap_or_else(|| remote.clone());
    let is_missing = !production::contains(context.look, &incident.production, commit)?;
    let wanted = [
        (remote, incident.production.branch.clone(), is_missing),
        (&of_branch, incident.branch(), is_on_branch && !context.look.git.has_commit(&status.head)?),
    ];
    // What a fetch since the last look did not bring is not there.
    let is_new = |branch: &str| !context.known.has_fetched_since_look(branch);
    let missing = wanted.into_iter().filter(|(_, branch, is_wanted)| *is_wanted && is_new(branch));
    Ok(missing.map(|(remote, branch, _)| Action::Git(GitAction::Fetch { remote: remote.clone(), branch })).collect())
}

/// The tip of the fix that landed. GitHub may have merged another commit than `tip`: its button brings production into the
/// branch, which adds nothing to the fix, and somebody may have added to it.
///
/// # Errors
/// When `tip` has more than what was merged.
fn landed_head(
    context: &Context<'_>,
    incident: &Incident,
    status: &PullRequestStatus,
    tip: &ObjectId,
) -> Result<ObjectId> {
    let git = context.look.git;
    let there = &status.head;
    if tip != there && production::is_part_of(context, tip, there)? {
        let others = [tip.clone(), production::tip(context.look, &incident.production)?];
        // GitHub's button "Update branch" makes a merge, which brings production and nothing else.
        let adds = git.own_commits(&others, there)?.iter().any(|commit| commit.parents.len() < 2);
        return Ok(if adds { there } else { tip }.clone());
    }
    // A squash leaves no commit of the branch: only content can tell.
    if tip == there || presence::on_production(&Fix::new(context, incident, tip)?)?.by().is_some() {
        return Ok(tip.clone());
    }
    let is_here = git.has_commit(there)?;
    let PullRequestStatus { number, url, .. } = status;
    let (branch, there, tip) = (incident.branch(), there.short(), tip.short());
    let message = format!("pull request #{number} was merged at {there}, and {branch} here is at {tip}");
    let refusal = Refusal::needs_human(Code::MergedOther, message).hint(url.clone());
    Err(match &incident.production.remote {
        Some(remote) if !is_here => refusal
            .hint(format!("git fetch {remote} refs/pull/{number}/head   # brings what was merged here"))
            .hint(format!("then: {} ship", context.program)),
        _ => refusal.hint(format!("what is missing needs an incident of its own: {} open", context.program)),
    })
}

/// The service took the merge over. That is done where it was asked for; else production is what counts.
///
/// # Errors
/// When nobody asked for it, and production does not have the fix yet.
fn after_queueing(context: &Context<'_>, incident: &Incident, number: u64, options: &ForgeOptions) -> Result<Plan> {
    if let (true, Some(seen)) = (options.wait, context.known.status_of_pull_request()) {
        let seen = Box::new(seen.clone());
        let wait = Action::Forge(ForgeAction::AwaitPullRequest { number, seen, until: Until::Decision(PATIENCE) });
        return Ok(Plan::then_look_again(vec![wait]));
    }
    let program = context.program;
    if !options.auto {
        let production = incident.production.display_name();
        let message = format!(
            "pull request #{number} waits in the merge queue, and {production} does not have the fix yet; the branch stays \
             until then"
        );
        // No success yet: scripts deploy after 0, and a queue may still throw it out.
        return Err(Refusal::new(ErrorKind::Retry, Code::Queued, message)
            .hint(format!("{program} ship --wait   # or later: {program} ship")));
    }
    let url = incident.pull_request.as_ref().and_then(|known| known.url.as_deref()).unwrap_or_default();
    let service = hosting::name(context, incident);
    let text = format!("pull request #{number} merges by itself when {service} is satisfied\n{}\n", one_line(url));
    let outcome = Outcome::text(text).hint("the branch stays until it is merged");
    Ok(Plan::finished(outcome.next(format!("{program} ship --wait"))))
}

fn not_yet(context: &Context<'_>, incident: &Incident, number: u64, reason: &str) -> Refusal {
    let service = hosting::name(context, incident);
    let message = format!("{service} does not merge pull request #{number}: {reason}");
    let refusal = Refusal::needs_human(Code::NotYet, message);
    let status = context.known.status_of_pull_request();
    let refusal = status.into_iter().fold(refusal, |refusal, status| refusal.hint(status.url.clone()));
    refusal.hint(format!("then: {} ship --wait", context.program))
}

/// Whether what is missing may still come by itself, so that there is nothing to decide.
pub(crate) fn still_waits(status: &PullRequestStatus) -> bool {
    let PullRequestStatus {
        state, mergeable, checks, rules, approved_by, changes_requested_by, behind, blocked, ..
    } = status;
    // What only a person can change ends the wait: it would last the whole half hour.
    let is_hopeless = *mergeable == Some(false)
        || *behind
        || !changes_requested_by.is_empty()
        || checks.iter().any(|check| check.state == CheckState::Failed);
    let is_ready = !*blocked
        && mergeable.is_some()
        && checks.iter().all(|check| check.state == CheckState::Passed)
        && approved_by.len() >= usize::try_from(rules.approvals.unwrap_or_default()).unwrap_or(usize::MAX);
    *state == PullRequestState::Open && !is_hopeless && (!is_ready || rules.queue)
}

/// What the service still wants, one phrase each.
fn missing(incident: &Incident, status: &PullRequestStatus) -> Vec<String> {
    let PullRequestStatus { checks, rules, approved_by, changes_requested_by, behind, blocked, .. } = status;
    let mut missing: Vec<String> = checks
        .iter()
        .filter_map(|check| {
            let name = &check.name;
            Some(match check.state {
                CheckState::Passed => return None,
                CheckState::Failed => format!("the check {name} failed"),
                CheckState::Pending => format!("the check {name} is running"),
                CheckState::Missing => format!("the check {name} has not reported"),
                CheckState::Silent => format!(
                    "the check {name} has not reported, and never did for {}: it may not run for this branch at all",
                    incident.production.branch
                ),
            })
        })
        .collect();
    let given = u32::try_from(approved_by.len()).unwrap_or(u32::MAX);
    let needed = rules.approvals.unwrap_or_default();
    // Where no review is needed, none stops a merge.
    let objections = changes_requested_by.iter().filter(|_| needed > 0 || *blocked);
    missing.extend(objections.map(|who| format!("{who} requested changes")));
    if given < needed {
        missing.push(format!("it has {given} of {needed} approvals"));
    }
    if *behind {
        missing.push(format!("it does not hold the tip of {}", incident.production.display_name()));
    }
    // GitHub says that a rule blocks it, and not which.
    if missing.is_empty() && *blocked {
        missing.push("a rule of the branch is not met, a review most likely".to_owned());
    }
    missing
}

/// A pull request that is to land.
struct MergeTarget<'a> {
    context: &'a Context<'a>,
    incident: &'a Incident,
    status: &'a PullRequestStatus,
    head: &'a ObjectId,
    options: &'a ForgeOptions,
}

impl MergeTarget<'_> {
    fn wait(&self, until: Until) -> Plan {
        let (number, seen) = (self.status.number, Box::new(self.status.clone()));
        Plan::then_look_again(vec![Action::Forge(ForgeAction::AwaitPullRequest { number, seen, until })])
    }

    /// What no waiting fixes; a short wait where the service only needs time.
    fn impossible(&self) -> Result<Option<Plan>> {
        refuse_retargeted(self.context, self.incident)?;
        let PullRequestStatus { number, url, state, .. } = self.status;
        let program = self.context.program;
        let branch = self.incident.branch();
        let needs_human = |code, message: String| Refusal::needs_human(code, message).hint(url.clone());
        match state {
            PullRequestState::Merged => {
                return merged(self.context, self.incident, self.status, Some(self.head)).map(Some);
            }
            PullRequestState::Closed => return Err(closed(self.status, program)),
            PullRequestState::Draft => {
                return Err(needs_human(Code::Draft, format!("pull request #{number} is a draft"))
                    .hint(format!("{program} ship, without --draft")));
            }
            PullRequestState::Open => {}
        }
        let is_other = self.status.head != *self.head;
        // A push takes a moment to reach the pull request, and whether it merges is computed after that.
        if (is_other || self.status.mergeable.is_none()) && self.context.known.looks_at_pull_request() < 3 {
            return Ok(Some(self.wait(Until::Change(SOON))));
        }
        if is_other {
            let remote = fork::remote(self.context, self.incident)?.unwrap_or_default();
            let (there, tested) = (self.status.head.short(), self.head.short());
            let message = format!("pull request #{number} is at {there}, not at the tested {tested}");
            return Err(needs_human(Code::ForeignBranch, message)
                .hint(format!("git pull --rebase {remote} {branch}"))
                .hint(format!("then: {program} ship")));
        }
        if self.status.mergeable == Some(false) {
            let production = self.incident.production.display_name();
            let service = hosting::name(self.context, self.incident);
            let message = format!("{service} says that {branch} conflicts with {production}");
            return Err(needs_human(Code::Conflict, message)
                .hint(checkout::fetch_and_merge(self.context, self.incident)?)
                .hint(format!("resolve, commit, then: {program} ship")));
        }
        Ok(None)
    }

    /// Waits, lets the service do it, or says what is missing.
    fn until_there(&self, missing: &[String], merge: MergeRequest) -> Result<Plan> {
        let PullRequestStatus { number, url, checks, changes_requested_by, .. } = self.status;
        let program = self.context.program;
        let has_failed = checks.iter().any(|check| check.state == CheckState::Failed);
        let text = format!("pull request #{number} cannot merge yet: {}", missing.join("; "));
        // Before any wait: a check that failed does not turn green by itself.
        if has_failed {
            let failed = checks.iter().filter(|check| check.state == CheckState::Failed);
            let urls = failed.filter_map(|check| check.url.clone()).take(3);
            let refusal = urls.fold(Refusal::check_failed(Code::Checks, text), Refusal::hint);
            return Err(refusal
                .hint(format!("fix it, commit, then: {program} ship"))
                .hint(format!("{program} ship --admin --reason \"why it must be\"")));
        }
        // Asked for once: the service keeps it.
        if self.options.auto && !self.status.automatic {
            let ask = Action::Forge(ForgeAction::MergeWhenReady { merge, through_queue: false });
            return Ok(Plan::then_look_again(vec![ask]));
        }
        if self.options.wait && changes_requested_by.is_empty() && !self.status.behind {
            return self.wait_on();
        }
        if self.options.auto {
            return after_queueing(self.context, self.incident, *number, self.options);
        }
        let refusal = Refusal::needs_human(Code::NotYet, text).hint(url.clone());
        if self.status.behind {
            return Err(refusal
                .hint(checkout::fetch_and_merge(self.context, self.incident)?)
                .hint(format!("then: {program} ship")));
        }
        let service = hosting::name(self.context, self.incident);
        Err(refusal
            .hint(format!("{program} ship --wait   # or --auto: {service} merges by itself"))
            .hint(format!("{program} ship --admin --reason \"why it must be\"")))
    }

    fn wait_on(&self) -> Result<Plan> {
        if self.context.known.has_waited_in_vain() {
            let missing = missing(self.incident, self.status);
            let why = if missing.is_empty() { "it is in the queue".to_owned() } else { missing.join("; ") };
            let message = format!("pull request #{} still waits: {why}", self.status.number);
            return Err(Refusal::new(ErrorKind::Retry, Code::StillWaiting, message)
                .hint(format!("{} ship --wait", self.context.program)));
        }
        Ok(self.wait(Until::Decision(PATIENCE)))
    }
}

#[cfg(test)]
mod tests;
