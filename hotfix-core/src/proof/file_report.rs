//! What a run of a test file says, for runners that build nothing we know of, and what its runs on both sides say together.

use crate::domain::event::{Ending, TestCounts};
use crate::domain::{TestState, Verdict};
use crate::port::{Finished, PortError};
use crate::runner::{self, TestOutcome};

use super::trial::Trial;
use super::{EARLY, TestEnd, signal_name};

/// So many tests that say nothing are listed; more are counted.
const MOST_LISTED: usize = 20;

/// What one run of a file printed: of the whole, and test by test where its runner tells.
pub(crate) struct FileReport {
    pub(crate) whole: TestEnd,
    tests: Vec<(String, TestState)>,
    /// Whether its exit code is all that tells how it ended.
    is_by_exit_code: bool,
}

impl FileReport {
    /// What a run of a file printed.
    /// `unfinished`: what of it never came to its end although it exited with 0.
    pub(crate) fn of_run(finished: &Finished, text: &str, unfinished: Option<String>) -> Self {
        let counts = runner::counts(text);
        let state = match (finished.ending, finished.signal) {
            // Out of time first: what we ended has died of our signal.
            (Ending::TimedOut, _) => TestState::Hang,
            (Ending::Failed, Some(_)) => TestState::Crash,
            _ if unfinished.is_some() => TestState::EndedEarly,
            (Ending::Passed, _) => passed(counts),
            (Ending::Failed, None) if runner::is_build_failure(text) => TestState::BuildFail,
            (Ending::Failed, None) => TestState::Fail,
        };
        let early = unfinished.as_ref().map(|what| format!("{what} ended its process with 0 before it was done"));
        let symptom = early.or_else(|| runner::failure_of(text)).unwrap_or_else(|| super::symptom(text));
        let whole = TestEnd {
            state,
            cause: finished.signal.map(signal_name).or_else(|| unfinished.map(|_| EARLY.to_owned())),
            symptom: (state != TestState::Pass && !symptom.is_empty()).then_some(symptom),
            milliseconds: finished.milliseconds,
        };
        // On production the test may call what only the fix has: then it fails for want of that, not by the bug.
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
        Self { whole, tests: tests.collect(), is_by_exit_code }
    }

    /// A program that is not in the tree says as much as a test that cannot be built.
    pub(crate) fn not_started(error: &PortError) -> Self {
        let symptom = Some(error.to_string());
        let whole = TestEnd { symptom, ..TestEnd::silent(TestState::BuildFail) };
        Self { whole, tests: Vec::new(), is_by_exit_code: false }
    }

    /// How one of its tests ended; what ended the whole before it could end counts for it too.
    fn of(&self, name: &str) -> TestEnd {
        let state = self.tests.iter().find(|(test, _)| test == name).map(|(_, state)| *state);
        match (state, self.whole.state) {
            (Some(state @ (TestState::Fail | TestState::BuildFail)), _) => TestEnd { state, ..self.whole.clone() },
            (Some(state), _) => TestEnd::silent(state),
            // The run came to its end without it: on this side there is no such test.
            (None, TestState::Pass | TestState::Fail) => TestEnd::silent(TestState::Absent),
            (None, _) => self.whole.clone(),
        }
    }
}

/// What each round tells of each file.
type Rounds<'a> = &'a [Vec<FileReport>];

/// A trial for each test that the runner tells of, or for each file where it tells of none; and how many pass on both sides.
pub(crate) fn trials<'r>(
    ids: impl Iterator<Item = &'r String>,
    base: Rounds<'_>,
    fix: Rounds<'_>,
) -> (Vec<Trial>, u32) {
    let mut trials = Vec::new();
    for (index, id) in ids.enumerate() {
        let (base, fix) = (reports_of(base, index), reports_of(fix, index));
        let trial = |id: String, end: &dyn Fn(&FileReport) -> TestEnd| {
            let ends = |reports: &[&FileReport]| reports.iter().map(|report| end(report)).collect();
            Trial { base: ends(&base), fix: ends(&fix), ..Trial::new(id, Vec::new()) }
        };
        let names: Vec<String> =
            fix.first().map(|report| report.tests.iter().map(|(name, _)| name.clone()).collect()).unwrap_or_default();
        // A run that lists no test can be compared as a whole only.
        let is_silent = |report: &&FileReport| {
            report.tests.is_empty() && matches!(report.whole.state, TestState::Fail | TestState::EndedEarly)
        };
        // What else is in a file that ended too soon nobody knows.
        let is_cut = fix.iter().any(|report| report.whole.state == TestState::EndedEarly);
        if names.is_empty() || is_cut || base.iter().any(is_silent) {
            let by_exit_code = fix.iter().all(|report| report.is_by_exit_code);
            trials.push(Trial { by_exit_code, ..trial(id.clone(), &|report| report.whole.clone()) });
        } else {
            trials.extend(names.iter().map(|name| trial(format!("{id}::{name}"), &|report| report.of(name))));
        }
    }
    let (mut telling, silent): (Vec<Trial>, Vec<Trial>) =
        trials.into_iter().partition(|trial| trial.verdict() != Verdict::PassToPass);
    // Of a whole suite, hundreds pass on both sides and say nothing of the fix.
    let listed = if telling.is_empty() { silent.len().min(MOST_LISTED) } else { 0 };
    let unchanged = u32::try_from(silent.len() - listed).unwrap_or(u32::MAX);
    telling.extend(silent.into_iter().take(listed));
    (telling, unchanged)
}

/// The trials where nothing can be said of the tests.
pub(crate) fn not_run<'r>(ids: impl Iterator<Item = &'r String>, base: Rounds<'_>, fix: Rounds<'_>) -> Vec<Trial> {
    let ends = |rounds, index| reports_of(rounds, index).into_iter().map(|report| report.whole.clone()).collect();
    ids.enumerate()
        .map(|(index, id)| Trial {
            verdict: Some(Verdict::NotRun),
            base: ends(base, index),
            fix: ends(fix, index),
            ..Trial::new(id.clone(), Vec::new())
        })
        .collect()
}

pub(crate) fn has_failed(rounds: Rounds<'_>) -> bool {
    // Where no test was run, nothing failed.
    let is_harmless = |state| matches!(state, TestState::Pass | TestState::Absent | TestState::Ignored);
    rounds.iter().flatten().any(|report| !is_harmless(report.whole.state))
}

pub(crate) fn ended_early(rounds: Rounds<'_>) -> bool {
    rounds.iter().flatten().any(|report| report.whole.state == TestState::EndedEarly)
}

/// What every round tells of the file at this index.
fn reports_of(rounds: Rounds<'_>, index: usize) -> Vec<&FileReport> {
    rounds.iter().filter_map(|round| round.get(index)).collect()
}

/// What a run that ended well says: one of no test says nothing.
fn passed(counts: Option<TestCounts>) -> TestState {
    match counts.map(|counts| (counts.passed, counts.ignored)) {
        None | Some((1.., _)) => TestState::Pass,
        Some((0, 1..)) => TestState::Ignored,
        Some((0, 0)) => TestState::Absent,
    }
}
