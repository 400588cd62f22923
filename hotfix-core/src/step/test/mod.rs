//! Step 4: the tests that the fix can affect, and the proof that its regression test catches the bug.

mod junit;
mod needed;
mod proof;
mod refused;
mod report;

use crate::domain::event::{FollowUpAdded, PreventionGap, TestRun, Waiver};
use crate::domain::{EventKind, Incident, ObjectId, Verdict};
use crate::production::policy;
use crate::workflow::{
    Action, Code, Context, IncidentNeed, Outcome, Plan, ProgramAction, Refusal, Result, Step, Then, named, no_incident,
    refuse_blank,
};
use crate::worktree::{checkout, counted, uncommitted};

use super::guard;

pub(super) use needed::{Foreseen, Needed, Request, Wanted, excused, failed, foreseen, had_no_test, holds, needed};
pub(super) use proof::{State as ProofState, held as proof_held, state as proof_state};
pub(super) use refused::{next as next_where_refused, proof as refusing_proof};
pub(super) use report::{failure, no_tests, not_built};

/// Run the affected tests, then prove that the regression test fails on production and passes with the fix
///
/// What the change can reach is tested, the regression tests first. Then the tests of the change run alone on production, in
/// a work tree of their own, and with the fix. Uses `[test] command` of hotfix.toml, or the runner that is detected. The
/// result holds for exactly the tree that was tested: run again on the same tree, the answer is there at once.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Test {
    /// Compare with this commit; also works outside an incident, for example in CI
    #[cfg_attr(feature = "cli", arg(long, value_name = "REV"))]
    pub base: Option<String>,
    /// Run all tests, not only those that the change can affect
    #[cfg_attr(feature = "cli", arg(long))]
    pub all: bool,
    /// Do not prove the regression test
    #[cfg_attr(feature = "cli", arg(long, conflicts_with_all = ["regression", "deep"]))]
    pub no_proof: bool,
    /// The regression test, by the end of its path, where the change does not show it
    #[cfg_attr(feature = "cli", arg(long, value_name = "ID"))]
    pub regression: Vec<String>,
    /// Print what production looks like with the tests of the change, as a patch; run nothing
    #[cfg_attr(feature = "cli", arg(long, conflicts_with_all = ["deep", "smoke", "defer"]))]
    pub show: bool,
    /// Take back each part of the fix alone, and name those that the regression test does not notice
    #[cfg_attr(feature = "cli", arg(long))]
    pub deep: bool,
    /// Record what you checked by hand instead of running tests
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT", conflicts_with = "defer"))]
    pub smoke: Option<String>,
    /// Record why there is no regression test, and add the follow-up
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub defer: Option<String>,
    /// Write the results as JUnit XML too
    #[cfg_attr(feature = "cli", arg(long, value_name = "FILE"))]
    pub junit: Option<std::path::PathBuf>,
    /// Arguments for the test runner
    #[cfg_attr(feature = "cli", arg(last = true, value_name = "ARGS"))]
    pub arguments: Vec<String>,
}

impl Step for Test {
    step_facts!("test" telling smoke defer, follows_rules, needs_work_tree);

    fn incident(&self) -> IncidentNeed {
        if self.base.is_some() { IncidentNeed::OpenIfClear } else { IncidentNeed::Open }
    }

    fn rules_of(&self) -> Option<&str> {
        self.base.as_deref()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let meant = checkout::Meant::of(context, self.base.is_some())?;
        let mut plan = self.plan_for(&meant.context)?;
        if let Then::Finish(outcome) = &mut plan.then
            && !outcome.report.test_runs.is_empty()
        {
            uncommitted::say(&meant.context, outcome)?;
        }
        if let Then::Finish(outcome) = &mut plan.then
            && let Some(incident) = meant.context.incident.filter(|incident| incident.merged.is_none())
            && outcome.failure.is_some()
        {
            outcome.next = Some(refused::next_here(&meant.context, incident, &counted::tree(&meant.context)?)?);
        }
        Ok(plan.notes(meant.notes))
    }
}

impl Test {
    fn plan_for(&self, context: &Context<'_>) -> Result<Plan> {
        if context.known.is_first_look() && !self.show {
            // Before the state is asked for: git tells both by one look.
            drop(counted::ignored(context)); // Where it cannot be told, the state neither can, which says why.
        }
        let tree = counted::tree(context)?;
        let incident = context.incident;
        if let (Some(incident), Some(text)) = (incident, &self.smoke) {
            return smoke(incident, text, &tree);
        }
        if let (Some(incident), Some(reason)) = (incident, &self.defer) {
            return defer(incident, reason, &tree);
        }
        if self.smoke.is_some() || self.defer.is_some() {
            let message = "--smoke and --defer are recorded in an incident, and there is none here";
            return Err(Refusal::usage(Code::Smoke, message));
        }
        let from = match (&self.base, incident) {
            (Some(base), _) => {
                context.look.git.commit_of(base)?.ok_or_else(|| policy::no_such_base(context.look, base))?
            }
            (None, Some(incident)) => guard::fix_starts_at(context, incident, None)?,
            (None, None) => return Err(no_incident(context.program).hint("or compare with a commit: --base REV")),
        };
        let request = self.request(context, from, tree);
        if self.show {
            return proof::show(context, &request);
        }
        self.next(context, &request)
    }

    fn request(&self, context: &Context<'_>, from: ObjectId, tree: ObjectId) -> Request {
        Request {
            from,
            tree,
            arguments: self.arguments.clone(),
            all: self.all,
            regression: self.regression.clone(),
            deep: self.deep,
            record: context.incident.is_some(),
        }
    }

    fn next(&self, context: &Context<'_>, request: &Request) -> Result<Plan> {
        let wanted = match needed(context, request)? {
            Needed::Ask(actions) => return Ok(Plan::then_look_again(actions)),
            Needed::Runs(wanted) => wanted,
        };
        if wanted.runs.is_empty() {
            return Err(no_runner(context.program));
        }
        let missing: Vec<Action> = wanted.runs.iter().filter(|run| !holds(context, run)).cloned().collect();
        if let Some(failed) = failed(context, &wanted) {
            return self.after_failure(context, request, failed, &wanted, missing.len());
        }
        if !missing.is_empty() {
            return Ok(Plan::then_look_again(with_ignored(context, missing)?).notes(wanted.notes));
        }
        let had_nothing_to_do = context.known.has_only_asked();
        let runs = needed::results(context, &wanted);
        if needed::none_ran(&runs) || (self.no_proof && needed::no_regression_ran(&runs)) {
            return Ok(Plan::finished(report::nothing_ran(context, self, runs)));
        }
        let proof = if self.no_proof {
            None
        } else {
            match proof::state(context, request)? {
                proof::State::Act(action) => return Ok(Plan::then_look_again(vec![action])),
                proof::State::Held(proof) => Some(proof),
                proof::State::Unknown => None,
            }
        };
        let done = report::FinishedTests { runs, proof, notes: wanted.notes, was_known: had_nothing_to_do };
        Ok(Plan::finished(report::passed(context, self, done)))
    }
}

impl Test {
    /// A test fails: that is shown at once. The proof is made all the same, for it tells a fix that is not complete from one
    /// that breaks something, and from a test that has nothing to do with it.
    fn after_failure(
        &self,
        context: &Context<'_>,
        request: &Request,
        failed: &TestRun,
        wanted: &Wanted,
        missing: usize,
    ) -> Result<Plan> {
        let state = if self.no_proof { proof::State::Unknown } else { proof::state(context, request)? };
        let proof = match state {
            proof::State::Act(action) => {
                let text = format!("{}\n{}", failure(failed, context.program), failed.output.trim_end());
                return Ok(Plan::then_look_again(vec![action]).notes(vec![text]));
            }
            proof::State::Held(proof) => Some(proof),
            proof::State::Unknown => None,
        };
        Ok(Plan::finished(report::failed(context, self, failed, wanted, missing, proof)))
    }
}

/// The runs, with the ignored files that take part in them: looked for once, when they are to be run.
pub(super) fn with_ignored(context: &Context<'_>, mut runs: Vec<Action>) -> Result<Vec<Action>> {
    let is_run = |action: &Action| matches!(action, Action::Program(ProgramAction::RunTests(_)));
    let found = if runs.iter().any(is_run) { named::few(&counted::ignored(context)?) } else { Vec::new() };
    for run in &mut runs {
        if let Action::Program(ProgramAction::RunTests(tests)) = run {
            tests.ignored.clone_from(&found);
        }
    }
    Ok(runs)
}

/// The refusal where nothing says how to test.
pub(super) fn no_runner(program: &str) -> Refusal {
    Refusal::precondition(Code::NoTestRunner, "no test runner was found")
        .hint("name one in hotfix.toml: [test] command = [\"npm\", \"test\"]")
        .hint(format!("{program} test --smoke \"what you checked by hand\""))
}

/// The waiver that says so where nothing could be tested.
pub(super) fn nothing_to_run() -> Waiver {
    Waiver::new("test", "no test runner was found")
}

/// Whether a person's word stands in for a regression test.
pub(super) fn is_excused_from_proof(incident: &Incident, verdict: Verdict, tree: &ObjectId) -> bool {
    verdict == Verdict::NoRegressionTest && excused(incident, tree)
}

fn smoke(incident: &Incident, text: &str, tree: &ObjectId) -> Result<Plan> {
    refuse_blank(text, Code::Smoke, "--smoke: say what you checked and what you saw")?;
    let outcome = Outcome::text("recorded as checked by hand; the pull request says so");
    if incident.smoke_tests.iter().any(|(checked, known)| checked == tree && known == text) {
        return Ok(Plan::finished(outcome));
    }
    let event = EventKind::SmokeTested { text: text.to_owned(), tree: tree.clone() };
    Ok(Plan::then_finish(vec![Action::record(vec![event])], outcome))
}

fn defer(incident: &Incident, reason: &str, tree: &ObjectId) -> Result<Plan> {
    refuse_blank(reason, Code::Defer, "--defer: say why there is no regression test now")?;
    let outcome = Outcome::text("regression test deferred: recorded, with its follow-up");
    if incident.test_deferrals.iter().any(|(deferred, known)| deferred == tree && known == reason) {
        return Ok(Plan::finished(outcome));
    }
    let mut events = vec![EventKind::TestDeferred { reason: reason.to_owned(), tree: tree.clone() }];
    // One follow-up is enough, whichever tree the deferral is repeated for.
    if incident.test_deferrals.is_empty() {
        let text = format!("write the regression test for \"{}\"", incident.title);
        events.push(EventKind::FollowUpAdded(FollowUpAdded {
            gap: Some(PreventionGap::Test),
            ..FollowUpAdded::new(text)
        }));
    }
    Ok(Plan::then_finish(vec![Action::record(events)], outcome))
}
