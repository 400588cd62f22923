//! Test results as JUnit XML, which every CI reads.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::domain::event::{Ending, TestRun};
use crate::domain::{Proof, Verdict};
use crate::runner::{TestOutcome, TestResult};

/// The document: the tests one by one, or each run where its runner names no tests; then the proof.
pub(super) fn document(results: &[TestResult], runs: &[TestRun], proof: Option<&Proof>) -> String {
    let mut report = Report::new("hotfix test");
    let mut tests = TestSuite::new("affected tests");
    if results.is_empty() {
        tests.add_test_cases(runs.iter().map(of_run));
    } else {
        tests.add_test_cases(results.iter().map(of_result));
    }
    report.add_test_suite(tests);
    report.add_test_suites(proof.map(of_proof));
    report.to_string().unwrap_or_default()
}

fn of_run(run: &TestRun) -> TestCase {
    let status = match run.ending {
        Ending::Passed => TestCaseStatus::success(),
        Ending::Failed | Ending::TimedOut => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_description(run.output.clone());
            status
        }
    };
    let mut case = TestCase::new(run.command.to_string(), status);
    case.set_time(Duration::from_millis(run.milliseconds));
    case
}

fn of_result(result: &TestResult) -> TestCase {
    let status = match result.outcome {
        TestOutcome::Passed => TestCaseStatus::success(),
        TestOutcome::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        TestOutcome::Ignored => TestCaseStatus::skipped(),
    };
    let mut case = TestCase::new(result.name.clone(), status);
    if let Some(milliseconds) = result.milliseconds {
        case.set_time(Duration::from_millis(milliseconds));
    }
    case
}

/// A test that catches the bug is a success; one that says no is a failure, and what says nothing is left out.
fn of_proof(proof: &Proof) -> TestSuite {
    let mut suite = TestSuite::new("proof");
    let status = |verdict: Verdict, description: &str| {
        let mut status = match (verdict.is_proof(), verdict.is_no()) {
            (true, _) => return TestCaseStatus::success(),
            (_, true) => TestCaseStatus::non_success(NonSuccessKind::Failure),
            (false, false) => TestCaseStatus::skipped(),
        };
        status.set_message(format!("{}: {}", verdict.key(), verdict.meaning()));
        status.set_description(description.to_owned());
        status
    };
    if proof.tests.is_empty() {
        suite.add_test_case(TestCase::new("regression test", status(proof.verdict, "")));
    }
    let is_proven = proof.verdict.is_proof();
    for test in &proof.tests {
        // Beside a test that proves it, one that passes on both sides is no failure.
        let verdict = if is_proven && test.verdict == Verdict::PassToPass { proof.verdict } else { test.verdict };
        suite.add_test_case(TestCase::new(
            test.id.clone(),
            status(verdict, test.symptom.as_deref().unwrap_or_default()),
        ));
    }
    suite
}
