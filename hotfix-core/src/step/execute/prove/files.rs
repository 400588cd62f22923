//! A proof by a command for each test file, for runners that build nothing we know of.
//!
//! Both sides run in the same place of our own, prepared in the same way, so that a test that fails on the base for want of
//! what lies in the user's work tree does not pass for proof: it fails with the fix there too.

use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::{ObjectId, Printable, Proof, TestState, Verdict};
use crate::port::{Finished, Invocation, ScratchPlace};
use crate::proof::{TestEnd, signal_name, symptom};
use crate::runner::{self, TestOutcome};
use crate::step::prove::{FileRun, ProofRequest};

use super::{RUNS, Refusal, Scene, Trial, harmless, proof_of, writing};

/// So many tests that say nothing are listed; more are counted.
const MOST_LISTED: usize = 20;

pub(super) struct Prover<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) request: &'a ProofRequest,
    pub(super) runs: &'a [FileRun],
    pub(super) is_whole: bool,
    pub(super) setup: Option<&'a [String]>,
    pub(super) link: &'a [String],
}

/// What one run of a file said: of the whole, and test by test where its runner tells.
struct Report {
    whole: TestEnd,
    tests: Vec<(String, TestState)>,
}

impl Prover<'_> {
    pub(super) fn prove(&self) -> Result<Proof, Refusal> {
        let place = self.scene.act.scratch.claim(&format!("{}-files", self.request.base.short()))?;
        let with = self.request.tree.clone();
        let without = self.request.with_tests.clone();
        let mut fix = vec![self.round(&place, &with, "with the fix")?];
        let mut remarks = Vec::new();
        if fix.iter().flatten().any(|report| report.whole.state != TestState::Pass) {
            remarks.push(
                "with the fix it does not pass in a fresh work tree: name what it needs there in [test] setup or link"
                    .to_owned(),
            );
            return Ok(self.unknown(fix.remove(0), remarks));
        }
        let mut base = vec![self.round(&place, &without, "on production")?];
        if self.is_whole && self.fails_by_itself(&place, &base)? {
            remarks
                .push("production's own tests fail without those of the fix: give [test] command a {files}".to_owned());
            return Ok(self.unknown(base.remove(0), remarks));
        }
        if base.iter().flatten().any(|report| report.whole.state != TestState::Pass) {
            for _ in 1..RUNS {
                fix.push(self.round(&place, &with, "with the fix")?);
                base.push(self.round(&place, &without, "on production")?);
            }
        }
        let (trials, unchanged) = self.trials(&base, &fix);
        let mut proof = proof_of(self.request, trials);
        proof.unchanged = unchanged;
        proof.remarks = remarks;
        Ok(proof)
    }

    /// Nothing can be said of the tests.
    fn unknown(&self, reports: Vec<Report>, remarks: Vec<String>) -> Proof {
        let trials = self.runs.iter().zip(reports).map(|(run, report)| {
            let mut trial = Trial::new(run.id.clone(), Vec::new());
            trial.verdict = Some(Verdict::NotRun);
            trial.base.push(report.whole);
            trial
        });
        let mut proof = proof_of(self.request, trials.collect());
        proof.remarks = remarks;
        proof
    }

    /// Whether the base fails even without the tests of the fix.
    fn fails_by_itself(&self, place: &ScratchPlace, base: &[Vec<Report>]) -> Result<bool, Refusal> {
        if base.iter().flatten().all(|report| report.whole.state == TestState::Pass) {
            return Ok(false);
        }
        let reports = self.round(place, &self.request.without_tests, "on production alone")?;
        Ok(reports.iter().any(|report| report.whole.state != TestState::Pass))
    }

    /// Runs every file once on a tree.
    fn round(&self, place: &ScratchPlace, tree: &ObjectId, side: &str) -> Result<Vec<Report>, Refusal> {
        self.scene.say(&format!("lay out {side}"));
        self.scene.act.git.lay_out(&place.tree, tree, &self.request.base)?;
        for (path, content) in &self.request.provided {
            self.scene.act.scratch.provide(place, path, content)?;
        }
        let top = self.scene.act.processes.top();
        for path in self.link {
            self.scene.act.scratch.link(place, path, &top)?;
        }
        if let Some(setup) = self.setup {
            self.scene.say(&format!("{side}: {}", crate::step::action::shown(setup)));
            let finished = self.scene.act.processes.run(&self.invocation(place, setup, self.request.timeout))?;
            if finished.ending != Ending::Passed {
                let said = Printable::from_bytes(&finished.output).tail(3, 300).one_line();
                return Err(Refusal::precondition("setup", format!("[test] setup failed {side}: {said}")));
            }
        }
        self.runs
            .iter()
            .map(|run| {
                self.scene.say(&format!("run {} {side}", run.id));
                let invocation = self.invocation(place, &run.command, self.request.timeout);
                Ok(report(&self.scene.act.processes.run(&invocation)?))
            })
            .collect()
    }

    fn invocation(&self, place: &ScratchPlace, command: &[String], timeout: Duration) -> Invocation {
        let mut environment = harmless();
        environment.push(("CI".to_owned(), "true".to_owned())); // Watch modes and snapshot writing are off.
        Invocation {
            folder: Some(place.tree.clone()),
            environment,
            without: writing(),
            ..Invocation::new(command.to_vec(), timeout)
        }
    }

    /// A trial for each test that the runner tells of, or for each file where it tells of none; and how many pass on both sides.
    fn trials(&self, base: &[Vec<Report>], fix: &[Vec<Report>]) -> (Vec<Trial>, u32) {
        let mut trials = Vec::new();
        for (place, run) in self.runs.iter().enumerate() {
            let (base, fix) = (reports_of(base, place), reports_of(fix, place));
            let names: Vec<String> = fix
                .first()
                .map(|report| report.tests.iter().map(|(name, _)| name.clone()).collect())
                .unwrap_or_default();
            if names.is_empty()
                || base.iter().any(|report| report.tests.is_empty() && report.whole.state == TestState::Fail)
            {
                let mut trial = Trial::new(run.id.clone(), Vec::new());
                trial.base = base.iter().map(|report| report.whole.clone()).collect();
                trial.fix = fix.iter().map(|report| report.whole.clone()).collect();
                trials.push(trial);
                continue;
            }
            for name in names {
                let mut trial = Trial::new(format!("{}::{name}", run.id), Vec::new());
                trial.base = base.iter().map(|report| report.of(&name)).collect();
                trial.fix = fix.iter().map(|report| report.of(&name)).collect();
                trials.push(trial);
            }
        }
        let (mut telling, silent): (Vec<Trial>, Vec<Trial>) =
            trials.into_iter().partition(|trial| trial.verdict() != Verdict::PassToPass);
        let listed = if telling.is_empty() { silent.len().min(MOST_LISTED) } else { 0 };
        let unchanged = u32::try_from(silent.len() - listed).unwrap_or(u32::MAX);
        telling.extend(silent.into_iter().take(listed));
        (telling, unchanged)
    }
}

/// What every round said of the file at this place.
fn reports_of(rounds: &[Vec<Report>], place: usize) -> Vec<&Report> {
    rounds.iter().filter_map(|round| round.get(place)).collect()
}

impl Report {
    /// How one of its tests ended; what ended the whole before it could end counts for it too.
    fn of(&self, name: &str) -> TestEnd {
        let state = self.tests.iter().find(|(test, _)| test == name).map(|(_, state)| *state);
        match (state, self.whole.state) {
            (Some(TestState::Fail), _) => TestEnd { state: TestState::Fail, ..self.whole.clone() },
            (Some(state), _) => TestEnd::silent(state),
            (None, TestState::Pass | TestState::Fail) => TestEnd::silent(TestState::Absent),
            (None, _) => self.whole.clone(),
        }
    }
}

fn report(finished: &Finished) -> Report {
    let output = Printable::from_bytes(&finished.output);
    let text = output.as_str();
    let state = match (finished.ending, finished.signal) {
        (Ending::Passed, _) => TestState::Pass,
        (Ending::TimedOut, _) => TestState::Hang,
        (Ending::Failed, Some(_)) => TestState::Crash,
        (Ending::Failed, None) if runner::is_build_failure(text) => TestState::BuildFail,
        (Ending::Failed, None) => TestState::Fail,
    };
    let told = runner::failure_of(text).unwrap_or_else(|| symptom(text));
    let whole = TestEnd {
        state,
        cause: finished.signal.map(signal_name),
        symptom: (state != TestState::Pass && !told.is_empty()).then_some(told),
        milliseconds: finished.milliseconds,
    };
    let tests = runner::results(text).into_iter().map(|result| {
        let state = match result.outcome {
            TestOutcome::Passed => TestState::Pass,
            TestOutcome::Failed => TestState::Fail,
            TestOutcome::Ignored => TestState::Ignored,
        };
        (result.name, state)
    });
    Report { whole, tests: tests.collect() }
}
