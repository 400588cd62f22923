//! Step 5: the expedited pull request, for exactly the tree that guard and tests hold for.

mod foresee;

use crate::domain::event::{Ending, ExplainTopic as Explained, TestRun, Waiver};
use crate::domain::{EventKind, Incident, ObjectId, PullRequestState, RefName, Verdict, one_line};
use crate::port::{Change, CommitFilter, Expected, Proposal, Push, RefUpdate};
use crate::production::{fork, hosting, push_result};
use crate::release::{aftermath, cleanup, hosted_merge, merge, pull_request_text};
use crate::workflow::{
    Action, Code, Context, ForgeAction, GitAction, Network, Outcome, Plan, ProgramAction, RecordAction, Refusal,
    Result, Step, refuse_blank,
};
use crate::worktree::checkout;
use crate::{document, production};

pub(crate) use self::foresee::foresee;
use super::{guard, test};

/// What is said where the change has no regression test.
const NO_REGRESSION_TEST: &str = "no regression test: the change touches none, and the pull request says so";
/// What is said where nothing runs tests.
const NOTHING_TESTS: &str = "no test runner was found: nothing is tested, and the pull request says so";
/// What is said where tests run, and those of the change cannot run alone.
const NOTHING_PROVES: &str =
    "not proven, and the pull request says so: nothing here can run the tests of the change alone";

/// Push the branch and open the pull request, after guard and tests
///
/// Guard and tests run now if they do not hold yet for the very tree that is pushed. On GitHub there is one pull request
/// for the branch, which is found again and updated; without a hosting service it is a document in the ledger.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Pr {
    /// What the pull request says
    #[cfg_attr(feature = "cli", command(flatten))]
    pub options: PrOptions,
}

/// What `pr` and `ship` take alike.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct PrOptions {
    /// Open it in your browser: the pull request, or the records once it is closed; prints the address where there is none
    #[cfg_attr(feature = "cli", arg(long))]
    pub web: bool,
    /// Mark it as not ready for review
    #[cfg_attr(feature = "cli", arg(long))]
    pub draft: bool,
    /// Ask somebody, or a team (OWNER/TEAM), to review it
    #[cfg_attr(feature = "cli", arg(long = "reviewer", value_name = "USER"))]
    pub reviewers: Vec<String>,
    /// Give it a label besides `hotfix`; one that does not exist is made
    #[cfg_attr(feature = "cli", arg(long = "label", value_name = "LABEL"))]
    pub labels: Vec<String>,
    /// What was changed and why, for the section "Fix"
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub fix: Option<String>,
    /// Go on although the guard did not pass, for this reason
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub no_guard: Option<String>,
    /// Go on without running tests, for this reason
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub no_test: Option<String>,
    /// Do not prove the regression test; the pull request says so
    #[cfg_attr(feature = "cli", arg(long))]
    pub no_proof: bool,
}

impl PrOptions {
    /// The free texts of the request.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        let texts = [&mut self.fix, &mut self.no_guard, &mut self.no_test].into_iter().flatten();
        texts.chain(&mut self.reviewers).chain(&mut self.labels).collect()
    }
}

impl Step for Pr {
    step_facts!("pr" about Any, drives, needs_work_tree);

    fn wants_page(&self) -> bool {
        self.options.web
    }

    fn texts(&mut self) -> Vec<&mut String> {
        self.options.texts()
    }

    /// Each round plans the first of these that is left to do, with what is certain to follow, and the next round looks again:
    ///
    /// 1. see where the branches are on the remote
    /// 2. stop where the fix is merged
    /// 3. record what a hosting service merged
    /// 4. refuse a pull request that somebody closed
    /// 5. take the branch over from the remote
    /// 6. refuse what cannot land, or offer to commit it
    /// 7. refuse what the remote refused
    ///
    /// Then what `ship` does too, in `next`:
    ///
    /// 8. record what the options say
    /// 9. check the fix by the guard
    /// 10. test it
    /// 11. prove the regression test
    /// 12. push the branch, and open or update the pull request
    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        if !incident.status.is_open() {
            return context.nothing_to("propose", incident).map(Plan::finished);
        }
        if let Some(actions) = production::still_to_ask(context, &incident.production, &[&incident.branch()])? {
            return Ok(Plan::then_look_again(actions));
        }
        let tip = production::local_branch_tip(context.look, incident)?;
        if merge::landed(context, incident, tip.as_ref())? {
            return Ok(Plan::finished(nothing_to_propose(context, incident)?));
        }
        if let Some(plan) = hosted_merge::adopt(context, incident, tip.as_ref())? {
            return Ok(plan);
        }
        hosted_merge::refuse_closed(context, incident)?;
        let Some(tip) = tip else {
            return merge::take_over(context, incident)?
                .map_or_else(|| Err(production::branch_gone(context, incident)?), Ok);
        };
        if let Some(offer) = merge::refuse_unready(context, incident, &tip)? {
            return Ok(offer);
        }
        push_result::refuse_rejected(context, incident)?;
        match next(context, incident, &tip, &self.options)? {
            Some(plan) => Ok(plan),
            None => Ok(Plan::finished(outcome(context, incident))),
        }
    }
}

/// What is said once the fix has landed.
fn nothing_to_propose(context: &Context<'_>, incident: &Incident) -> Result<Outcome> {
    Ok(match cleanup::empty_next_try(context, incident)? {
        Some(branch) => Outcome::text(format!("{branch} holds nothing to propose yet"))
            .next(aftermath::after_reopening(context, incident)?),
        None => Outcome::text(format!("{} is merged; there is nothing to propose", incident.branch())),
    })
}

/// What is still missing before the pull request holds for `tip`; `None` when nothing is.
pub(crate) fn next(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    options: &PrOptions,
) -> Result<Option<Plan>> {
    let events = unrecorded(incident, options)?;
    if !events.is_empty() {
        return Ok(Some(Plan::then_look_again(vec![Action::record(events)])));
    }
    let from = guard::fix_starts_at(context, incident, Some(tip))?;
    let tree = context.look.git.tree_of(tip)?;
    let changes = context.look.git.changes(&from, &tree)?;
    if !is_tested(incident, &tree) {
        // Before anything is recorded: tests need the fix to be checked out.
        checkout::refuse_elsewhere(context, incident)?;
    }
    let request = request(&from, &tree);
    let tests = || {
        let tests = tested(context, incident, &request)?;
        let word = || proven(context, incident, &request, options);
        Ok(tests.map(|tests| if runs_tests(&tests) { together(context, tests, word, only_records) } else { tests }))
    };
    if let Some(plan) = guarded(context, incident, &from, &tree, tests)? {
        return Ok(Some(plan));
    }
    if let Some(plan) = tests()? {
        return Ok(Some(plan));
    }
    if let Some(plan) = proven(context, incident, &request, options)? {
        return Ok(Some(plan));
    }
    let actions = propose(context, incident, tip, &changes, options)?;
    let note = not_proven(context, incident, &request, options);
    Ok((!actions.is_empty()).then(|| Plan::then_look_again(actions).notes(note.into_iter().collect())))
}

/// A plan and the one of the round after it, where that one is of this kind whatever comes of the first. What it refuses, it
/// refuses when it is its turn.
pub(crate) fn together(
    context: &Context<'_>,
    plan: Plan,
    next: impl FnOnce() -> Result<Option<Plan>>,
    is_certain: impl FnOnce(&Plan) -> bool,
) -> Plan {
    // A dry run shows one round, and a command of a person's after an event may change what comes next.
    if context.network == Network::AsOfLastFetch || !context.config.hooks.is_empty() {
        return plan;
    }
    match next() {
        Ok(Some(next)) if is_certain(&next) => plan.and(next),
        _ => plan,
    }
}

/// Whether a plan runs tests, and does nothing before.
fn runs_tests(plan: &Plan) -> bool {
    matches!(plan.actions.first(), Some(Action::Program(ProgramAction::RunTests(_))))
}

/// Whether a plan ends with the pull request.
pub(crate) fn proposes(plan: &Plan) -> bool {
    matches!(plan.actions.last(), Some(Action::Forge(ForgeAction::Propose { .. })))
}

fn only_records(plan: &Plan) -> bool {
    matches!(plan.actions.as_slice(), [Action::Record(RecordAction::Events(_))])
}

/// What must be asked first, so that [`foresee`] knows which tests run.
pub(crate) fn ask_for_tests(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    options: &PrOptions,
) -> Result<Option<Plan>> {
    if incident.waiver("test").is_some() || options.no_test.is_some() {
        return Ok(None);
    }
    let from = guard::fix_starts_at(context, incident, Some(tip))?;
    Ok(match needed(context, incident, &request(&from, &context.look.git.tree_of(tip)?))? {
        test::Needed::Ask(actions) => Some(Plan::then_look_again(actions)),
        test::Needed::Runs(_) => None,
    })
}

/// What the options say and the record does not yet.
fn unrecorded(incident: &Incident, options: &PrOptions) -> Result<Vec<EventKind>> {
    let mut events = Vec::new();
    if let Some(text) = options.fix.as_ref().filter(|text| incident.explanation(Explained::Fix) != Some(text)) {
        events.push(EventKind::Explained { topic: Explained::Fix, text: text.clone() });
    }
    for (check, flag, reason) in [("guard", "--no-guard", &options.no_guard), ("test", "--no-test", &options.no_test)] {
        let Some(reason) = reason else { continue };
        refuse_blank(reason, Code::Reason, format!("{flag}: say why"))?;
        let waiver = Waiver::new(check, reason);
        if incident.waiver(check) != Some(&waiver) {
            events.push(EventKind::Waived(waiver));
        }
    }
    Ok(events)
}

/// The guard's word, unless it is recorded; where it lets the fix pass, with the tests that are then to run.
fn guarded(
    context: &Context<'_>,
    incident: &Incident,
    from: &ObjectId,
    tree: &ObjectId,
    tests: impl FnOnce() -> Result<Option<Plan>>,
) -> Result<Option<Plan>> {
    if incident.waiver("guard").is_some() {
        return Ok(None);
    }
    let run = guard::inspect(context, incident, from, tree)?;
    if incident.guard_runs.last() != Some(&run) {
        // Where an error stands, the next round ends with all of them.
        let passes = guard::errors(&run) == 0;
        let notes = if passes { run.findings.iter().map(guard::line).collect() } else { Vec::new() };
        let record = Action::record(vec![EventKind::Guarded(run)]);
        let plan = Plan::then_look_again(vec![record]).notes(notes);
        return Ok(Some(if passes { together(context, plan, tests, runs_tests) } else { plan }));
    }
    if guard::errors(&run) == 0 {
        return Ok(None);
    }
    let mut outcome = guard::outcome(run, context.program);
    let hint = format!("{} ship --no-guard \"why it must be so\"", context.program);
    outcome.failure = outcome.failure.map(|failure| failure.hint(hint));
    Ok(Some(Plan::finished(outcome)))
}

/// Whether a test run of this tree is known, or none is asked for.
fn is_tested(incident: &Incident, tree: &ObjectId) -> bool {
    let is_it = |run: &TestRun| run.tree == *tree && run.ending == Ending::Passed;
    test::excused(incident, tree) || incident.test_runs.iter().any(is_it)
}

/// What the pull request asks of tests.
fn request(from: &ObjectId, tree: &ObjectId) -> test::Request {
    test::Request {
        from: from.clone(),
        tree: tree.clone(),
        arguments: Vec::new(),
        all: false,
        regression: Vec::new(),
        deep: false,
        record: true,
    }
}

/// The test runs this tree needs; none where a person's word stands in for missing test files.
fn needed(context: &Context<'_>, incident: &Incident, request: &test::Request) -> Result<test::Needed> {
    match test::needed(context, request) {
        Err(refusal) if refusal.code == Code::NoAffectedTests && test::excused(incident, &request.tree) => {
            Ok(test::Needed::Runs(test::Wanted::default()))
        }
        other => other,
    }
}

fn tested(context: &Context<'_>, incident: &Incident, request: &test::Request) -> Result<Option<Plan>> {
    // That nothing could be tested was our own word, and a runner may be there by now.
    if incident.waiver("test").is_some_and(|waiver| *waiver != test::nothing_to_run()) {
        return Ok(None);
    }
    let wanted = match needed(context, incident, request)? {
        test::Needed::Ask(actions) => return Ok(Some(Plan::then_look_again(actions))),
        test::Needed::Runs(wanted) => wanted,
    };
    if wanted.runs.is_empty() {
        if test::excused(incident, &request.tree) {
            return Ok(None);
        }
        let record = Action::record(vec![EventKind::Waived(test::nothing_to_run())]);
        return Ok(Some(Plan::then_look_again(vec![record]).notes(vec![NOTHING_TESTS.to_owned()])));
    }
    if let Some(run) = test::failed(context, &wanted) {
        let failure = Outcome::failed(test::failure(run, context.program));
        return Ok(Some(Plan::finished(Outcome { text: format!("{}\n", run.output), ..failure })));
    }
    let missing: Vec<Action> = wanted.runs.iter().filter(|run| !test::holds(context, run)).cloned().collect();
    if missing.is_empty() {
        if !test::had_no_test(context, &wanted) || test::excused(incident, &request.tree) {
            return Ok(None);
        }
        let refusal = test::no_tests(context.program)
            .hint(format!("{} ship --no-test \"why nothing is tested\"", context.program));
        return Ok(Some(Plan::finished(Outcome::failed(refusal))));
    }
    checkout::refuse_elsewhere(context, incident)?;
    Ok(Some(Plan::then_look_again(test::with_ignored(context, missing)?)))
}

/// What is said of a fix that lands as it is proposed: that it is not tested, or not proven, whoever recorded it.
pub(crate) fn unproven(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    options: &PrOptions,
) -> Result<Option<String>> {
    let from = guard::fix_starts_at(context, incident, Some(tip))?;
    Ok(not_proven(context, incident, &request(&from, &context.look.git.tree_of(tip)?), options))
}

/// The same, once tests and proof are made as far as they can be. What the person says in this very command is not told them.
fn not_proven(
    context: &Context<'_>,
    incident: &Incident,
    request: &test::Request,
    options: &PrOptions,
) -> Option<String> {
    if options.no_test.is_some() {
        return None;
    }
    if let Some(waiver) = incident.waiver("test") {
        let passed = |run: &TestRun| run.tree == request.tree && run.ending == Ending::Passed;
        return (!incident.test_runs.iter().any(passed)).then(|| match *waiver == test::nothing_to_run() {
            true => NOTHING_TESTS.to_owned(),
            false => format!("not tested, and the pull request says so: {}", one_line(&waiver.reason)),
        });
    }
    match test::proof_held(context, request) {
        _ if options.no_proof => None,
        Some(proof) => no_proof(proof.verdict),
        None => Some(NOTHING_PROVES.to_owned()),
    }
}

/// What is said of a verdict that is no proof.
fn no_proof(verdict: Verdict) -> Option<String> {
    (!verdict.is_proof()).then(|| match verdict {
        Verdict::NoRegressionTest => NO_REGRESSION_TEST.to_owned(),
        _ => format!("not proven, and the pull request says so: the regression test {}", verdict.meaning()),
    })
}

/// The proof of the regression test, once for each tree. What it says never keeps a fix from production: it is events. But what
/// cannot be built from what is committed does not ship.
fn proven(
    context: &Context<'_>,
    incident: &Incident,
    request: &test::Request,
    options: &PrOptions,
) -> Result<Option<Plan>> {
    if options.no_proof || incident.waiver("test").is_some() {
        return Ok(None);
    }
    match test::proof_state(context, request)? {
        test::ProofState::Act(action) => {
            let is_missing = matches!(action, Action::Record(RecordAction::Events(_)));
            if !is_missing {
                checkout::refuse_elsewhere(context, incident)?;
            }
            let note = is_missing.then(|| NO_REGRESSION_TEST.to_owned());
            Ok(Some(Plan::then_look_again(vec![action]).notes(note.into_iter().collect())))
        }
        test::ProofState::Held(proof) => Ok(test::not_built(context, &proof).map(Plan::finished)),
        test::ProofState::Unknown => Ok(None),
    }
}

fn propose(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    changes: &[Change],
    options: &PrOptions,
) -> Result<Vec<Action>> {
    let is_hosted = hosting::of(context, incident)?.is_some();
    let fork = fork::named(context, incident)?;
    refuse_unreachable(context, incident, is_hosted)?;
    let mut actions = Vec::new();
    if let (Some(remote), Network::Online | Network::AsOfLastFetch) =
        (&fork::remote(context, incident)?, context.network)
    {
        let there = production::remote_branch_tip(context, incident)?;
        if there.as_ref() != Some(tip) {
            refuse_foreign(context, incident, tip, there.as_ref(), remote)?;
            let expected = there.map_or(Expected::Absent, Expected::At);
            let name = RefName::of_branch(&incident.branch());
            let updates = vec![RefUpdate { name, to: Some(tip.clone()), expected }];
            actions.push(Action::Git(GitAction::Push(Push { remote: remote.clone(), updates })));
        }
    }
    let evidence = evidence(context, &proposed_from(context, incident, tip)?, tip, changes)?;
    // At a fixed time: a text that changes with the clock would be proposed again at each run.
    let body = document::pull_request(incident, &evidence, &context.config.severities, incident.opened_at())
        .map_err(Refusal::from_render)?;
    let body = if is_hosted { pull_request_text::with_template(context, incident, body)? } else { body };
    let labels = is_hosted
        .then(|| pull_request_text::LABEL.to_owned())
        .into_iter()
        .chain(options.labels.iter().cloned())
        .collect();
    let proposal = Proposal {
        // Masked here: commit messages and the repository's template are part of it.
        title: context.redactor.redact(&document::pull_request_title(incident)).text,
        body: context.redactor.redact(&body).text,
        base: incident.production.branch.clone(),
        branch: incident.branch(),
        fork,
        head: tip.clone(),
        draft: options.draft,
        labels,
        reviewers: options.reviewers.clone(),
    };
    let state = if options.draft { PullRequestState::Draft } else { PullRequestState::Open };
    let asks_for_more = !(options.labels.is_empty() && options.reviewers.is_empty());
    let asked = context.known.has_proposed();
    let holds = incident.pull_request.as_ref().is_some_and(|known| {
        (known.number.is_some() || !is_hosted)
            && (asked || !asks_for_more)
            && known.head == *tip
            && known.body == proposal.body
            && known.title == proposal.title
            && known.state == state
    });
    if !holds || hosted_merge::is_retargeted(context, incident) {
        actions.push(Action::Forge(ForgeAction::Propose { proposal }));
    }
    Ok(actions)
}

/// At a service, nothing can be proposed without it.
fn refuse_unreachable(context: &Context<'_>, incident: &Incident, is_hosted: bool) -> Result<()> {
    let service = hosting::name(context, incident);
    match (is_hosted, &incident.production.remote, context.network) {
        (true, None, _) => Err(Refusal::precondition(
            Code::NoRemote,
            format!("{service} hosts the repository, and there is no remote"),
        )
        .hint("git remote add origin URL")),
        (true, Some(_), Network::Offline) => {
            let message = format!("a pull request needs {service}, and --offline forbids to ask it");
            Err(Refusal::precondition(Code::Offline, message).hint(format!("{} pr", context.program)))
        }
        _ => Ok(()),
    }
}

/// The commits from `base` to `tip`, and the files that they change, for documents.
pub(crate) fn evidence(
    context: &Context<'_>,
    base: &ObjectId,
    tip: &ObjectId,
    changes: &[Change],
) -> Result<document::Evidence> {
    let commits = context.look.git.commits(Some(base), tip, CommitFilter::All, 50)?;
    Ok(document::Evidence { commits, changes: changes.to_vec(), ..Default::default() })
}

/// From where on commits are proposed: of a second fix without those that landed with the first, and what came after them.
fn proposed_from(context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<ObjectId> {
    if incident.merged.is_some() && !production::contains(context.look, &incident.production, tip)? {
        return production::tip(context.look, &incident.production);
    }
    Ok(incident.base.commit.clone())
}

/// Refuses to move a branch on the remote that somebody else pushed to.
fn refuse_foreign(
    context: &Context<'_>,
    incident: &Incident,
    tip: &ObjectId,
    there: Option<&ObjectId>,
    remote: &str,
) -> Result<()> {
    let Some(there) = there else { return Ok(()) };
    if production::is_ours(context, incident, there, &[tip])? {
        return Ok(());
    }
    let (branch, git) = (incident.branch(), context.look.git);
    let refusal =
        Refusal::needs_human(Code::ForeignBranch, format!("{branch} on {remote} holds commits that are not here"))
            .hint(format!("git pull --rebase {remote} {branch}"));
    // Behind it, the first line does the same.
    let refusal = if !git.has_commit(there)? || git.is_ancestor(tip, there)? {
        refusal
    } else {
        refusal.hint(format!(
            "git fetch {remote} {branch} && git reset --keep FETCH_HEAD   # instead, where that replaces what is here"
        ))
    };
    Err(refusal.hint(format!("then: {} ship", context.program)))
}

fn outcome(context: &Context<'_>, incident: &Incident) -> Outcome {
    let Some(pull_request) = &incident.pull_request else { return Outcome::default() };
    let title = one_line(&pull_request.title);
    let location = match &pull_request.url {
        Some(url) => one_line(url),
        None => "no hosting service: the pull request is kept in the ledger".to_owned(),
    };
    let marker = document::marker(incident);
    let body: Vec<&str> = pull_request.body.lines().filter(|line| *line != marker).collect();
    let text = format!("{title}\n{location}\n\n{}\n", body.join("\n").trim_end());
    Outcome::text(text).next(format!("{} ship", context.program))
}
