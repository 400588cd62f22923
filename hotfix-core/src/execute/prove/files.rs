//! A proof by a command for each test file, for runners that build nothing we know of.
//!
//! Both sides run in the same place of our own, prepared in the same way, so that a test that fails on the base for want of
//! what lies in the user's work tree does not pass for proof: it fails with the fix there too.

use std::time::Duration;

use crate::domain::event::{Ending, TestCounts};
use crate::domain::{CommandLine, ObjectId, Printable, Proof, TestState, Verdict};
use crate::port::{ErrorKind, Finished, Invocation, PortError, ScratchPlace};
use crate::proof::{EARLY, TestEnd, signal_name, symptom};
use crate::runner::{self, TestOutcome};
use crate::workflow::action::proof::{FileRun, ProofRequest};
use crate::workflow::{Code, Refusal};

use super::{
    LEAST_MILLISECONDS, PATIENCE, ProofScene, RUNS, Result, Trial, harmless, proof_of, unfinished, watched, writing,
};

/// So many tests that say nothing are listed; more are counted.
const MOST_LISTED: usize = 20;

pub(super) struct FileProver<'a> {
    pub(super) scene: ProofScene<'a>,
    pub(super) request: &'a ProofRequest,
    pub(super) runs: &'a [FileRun],
    pub(super) is_whole: bool,
    pub(super) setup: Option<&'a CommandLine>,
    pub(super) link: &'a [String],
}

/// One side of the comparison.
struct FileSide<'a> {
    tree: &'a ObjectId,
    name: &'static str,
    timeout: Duration,
}

/// What one run of a file said: of the whole, and test by test where its runner tells.
struct FileReport {
    whole: TestEnd,
    tests: Vec<(String, TestState)>,
    /// Whether its exit code is all that tells how it ended.
    is_by_exit_code: bool,
}

impl FileProver<'_> {
    pub(super) fn prove(&self) -> Result<Proof> {
        let place = self.scene.act.scratch.claim(&format!("{}-files", self.request.base.short()))?;
        let mut remarks = Vec::new();
        let with = FileSide { tree: &self.request.tree, name: "with the fix", timeout: self.request.timeout };
        // First: what fails with the fix too tells nothing of the base.
        let mut fix = self.rounds(&place, &with, 1)?;
        // What ends its process with 0 does so in any work tree: that is the fix itself.
        if has_failed(&fix) && !ended_early(&fix) {
            remarks.push(
                "with the fix it does not pass in a fresh work tree: name what it needs there in [test] setup or link"
                    .to_owned(),
            );
            return Ok(self.unknown(&[], &fix, remarks));
        }
        let without = FileSide { tree: &self.request.with_tests, name: "on production", timeout: self.patience(&fix) };
        let mut base = self.rounds(&place, &without, 1)?;
        if has_failed(&base) {
            let alone = FileSide { tree: &self.request.without_tests, name: "on production alone", ..without };
            // A whole suite may fail on production for reasons of its own.
            if self.is_whole && has_failed(&self.rounds(&place, &alone, 1)?) {
                remarks.push(
                    "production's own tests fail without those of the fix: give [test] command a {files}".to_owned(),
                );
                return Ok(self.unknown(&base, &fix, remarks));
            }
            // A command that runs all tests takes long enough as it is.
            let more = if self.is_whole { 0 } else { RUNS as usize - 1 };
            base.extend(self.rounds(&place, &without, more)?);
            fix.extend(self.rounds(&place, &with, more)?);
        }
        let (trials, unchanged) = self.trials(&base, &fix);
        let mut proof = proof_of(self.request, trials);
        proof.unchanged = unchanged;
        proof.remarks = remarks;
        Ok(proof)
    }

    /// Nothing can be said of the tests.
    fn unknown(&self, base: &[Vec<FileReport>], fix: &[Vec<FileReport>], remarks: Vec<String>) -> Proof {
        let ends = |rounds, place| reports_of(rounds, place).into_iter().map(|report| report.whole.clone()).collect();
        let trials = self.runs.iter().enumerate().map(|(place, run)| {
            let mut trial = Trial::new(run.id.clone(), Vec::new());
            trial.verdict = Some(Verdict::NotRun);
            trial.base = ends(base, place);
            trial.fix = ends(fix, place);
            trial
        });
        let mut proof = proof_of(self.request, trials.collect());
        proof.remarks = remarks;
        proof
    }

    /// How long a run may take on the base: much longer than with the fix, but not for ever.
    fn patience(&self, fix: &[Vec<FileReport>]) -> Duration {
        let slowest = fix.iter().flatten().map(|report| report.whole.milliseconds).max().unwrap_or_default();
        let patience = slowest.saturating_mul(PATIENCE).max(LEAST_MILLISECONDS);
        // A test that hangs on production is the proof, and need not take all of the time.
        self.request.timeout.min(Duration::from_millis(patience))
    }

    /// Runs every file so many times on a tree.
    fn rounds(&self, place: &ScratchPlace, side: &FileSide<'_>, times: usize) -> Result<Vec<Vec<FileReport>>> {
        let FileSide { tree, name, .. } = side;
        self.scene.say(&format!("lay out {name}"));
        self.scene.act.git.lay_out(&place.tree, tree, &self.request.base)?;
        for (path, content) in &self.request.provided {
            self.scene.act.scratch.provide(place, path, content)?;
        }
        let top = self.scene.act.processes.top();
        for path in self.link {
            self.scene.act.scratch.link(place, path, &top)?;
        }
        if let Some(setup) = self.setup {
            self.scene.say(&format!("{name}: {setup}"));
            let finished = self.scene.act.processes.run(&self.invocation(place, setup, self.request.timeout))?;
            if finished.ending != Ending::Passed {
                let said = Printable::from_bytes(&finished.output).tail(3, 300).one_line();
                return Err(Refusal::precondition(Code::Setup, format!("[test] setup failed {name}: {said}")));
            }
        }
        (0..times).map(|_| self.round(place, side)).collect()
    }

    /// Runs every file once.
    fn round(&self, place: &ScratchPlace, side: &FileSide<'_>) -> Result<Vec<FileReport>> {
        let run = |run: &FileRun| {
            self.scene.say(&format!("run {} {}", run.id, side.name));
            let invocation = self.invocation(place, &run.command, side.timeout);
            match self.scene.act.processes.run(&invocation) {
                Err(error) if error.kind == ErrorKind::Precondition => Ok(not_started(&error)),
                finished => Ok(self.report(&run.command, &finished?)),
            }
        };
        self.runs.iter().map(run).collect()
    }

    fn invocation(&self, place: &ScratchPlace, command: &[String], timeout: Duration) -> Invocation {
        let mut environment = harmless();
        environment.push(("CI".to_owned(), "true".to_owned())); // Watch modes and snapshot writing are off.
        // Python takes a compiled source for fresh by its size and second, and the other side was here a moment ago.
        environment.push(("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned()));
        Invocation {
            folder: Some(place.tree.clone()),
            environment,
            appended: watched(&self.scene.act, command),
            without: writing(),
            ..Invocation::new(command.to_vec(), timeout)
        }
    }

    /// What a run of a file said.
    fn report(&self, command: &[String], finished: &Finished) -> FileReport {
        let output = Printable::from_bytes(&finished.output);
        let text = output.as_str();
        let counts = runner::counts(text);
        let unfinished = unfinished(&self.scene.act, command, finished, text);
        let state = match (finished.ending, finished.signal) {
            (Ending::TimedOut, _) => TestState::Hang,
            (Ending::Failed, Some(_)) => TestState::Crash,
            _ if unfinished.is_some() => TestState::EndedEarly,
            (Ending::Passed, _) => passed(counts),
            (Ending::Failed, None) if runner::is_build_failure(text) => TestState::BuildFail,
            (Ending::Failed, None) => TestState::Fail,
        };
        let early = unfinished.as_ref().map(|what| format!("{what} ended its process with 0 before it was done"));
        let told = early.or_else(|| runner::failure_of(text)).unwrap_or_else(|| symptom(text));
        let whole = TestEnd {
            state,
            cause: finished.signal.map(signal_name).or_else(|| unfinished.map(|_| EARLY.to_owned())),
            symptom: (state != TestState::Pass && !told.is_empty()).then_some(told),
            milliseconds: finished.milliseconds,
        };
        let lacks_the_fix = state != TestState::Pass && runner::is_missing_api(text);
        let tests = runner::results(text).into_iter().map(|result| {
            let state = match result.outcome {
                TestOutcome::Passed => TestState::Pass,
                TestOutcome::Failed if lacks_the_fix => TestState::BuildFail,
                TestOutcome::Failed => TestState::Fail,
                TestOutcome::Ignored => TestState::Ignored,
            };
            (result.name, state)
        });
        let is_by_exit_code = state == TestState::Pass && counts.is_none();
        FileReport { whole, tests: tests.collect(), is_by_exit_code }
    }

    /// A trial for each test that the runner tells of, or for each file where it tells of none; and how many pass on both sides.
    fn trials(&self, base: &[Vec<FileReport>], fix: &[Vec<FileReport>]) -> (Vec<Trial>, u32) {
        let mut trials = Vec::new();
        for (place, run) in self.runs.iter().enumerate() {
            let (base, fix) = (reports_of(base, place), reports_of(fix, place));
            let names: Vec<String> = fix
                .first()
                .map(|report| report.tests.iter().map(|(name, _)| name.clone()).collect())
                .unwrap_or_default();
            let is_silent = |report: &&FileReport| {
                report.tests.is_empty() && matches!(report.whole.state, TestState::Fail | TestState::EndedEarly)
            };
            // What else is in a file that ended too soon nobody knows.
            let is_cut = fix.iter().any(|report| report.whole.state == TestState::EndedEarly);
            if names.is_empty() || is_cut || base.iter().any(is_silent) {
                let mut trial = Trial::new(run.id.clone(), Vec::new());
                trial.by_exit_code = fix.iter().all(|report| report.is_by_exit_code);
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

fn has_failed(rounds: &[Vec<FileReport>]) -> bool {
    // Where no test was run, nothing failed.
    let is_harmless = |state| matches!(state, TestState::Pass | TestState::Absent | TestState::Ignored);
    rounds.iter().flatten().any(|report| !is_harmless(report.whole.state))
}

fn ended_early(rounds: &[Vec<FileReport>]) -> bool {
    rounds.iter().flatten().any(|report| report.whole.state == TestState::EndedEarly)
}

/// What every round said of the file at this place.
fn reports_of(rounds: &[Vec<FileReport>], place: usize) -> Vec<&FileReport> {
    rounds.iter().filter_map(|round| round.get(place)).collect()
}

impl FileReport {
    /// How one of its tests ended; what ended the whole before it could end counts for it too.
    fn of(&self, name: &str) -> TestEnd {
        let state = self.tests.iter().find(|(test, _)| test == name).map(|(_, state)| *state);
        match (state, self.whole.state) {
            (Some(state @ (TestState::Fail | TestState::BuildFail)), _) => TestEnd { state, ..self.whole.clone() },
            (Some(state), _) => TestEnd::silent(state),
            (None, TestState::Pass | TestState::Fail) => TestEnd::silent(TestState::Absent),
            (None, _) => self.whole.clone(),
        }
    }
}

/// What a run that ended well says: one of no test says nothing.
fn passed(counts: Option<TestCounts>) -> TestState {
    match counts.map(|counts| (counts.passed, counts.ignored)) {
        None | Some((1.., _)) => TestState::Pass,
        Some((0, 1..)) => TestState::Ignored,
        Some((0, 0)) => TestState::Absent,
    }
}

/// A program that is not in the tree says as much as a test that cannot be built.
fn not_started(error: &PortError) -> FileReport {
    let symptom = Some(error.to_string());
    FileReport {
        whole: TestEnd { symptom, ..TestEnd::silent(TestState::BuildFail) },
        tests: Vec::new(),
        is_by_exit_code: false,
    }
}
