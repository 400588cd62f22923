//! What test runners print, test by test; and what of it a person needs when something failed.

use serde::{Deserialize, Serialize};

use crate::domain::event::TestCounts;

/// How one test ended, as its runner says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TestOutcome {
    /// It passed.
    Passed,
    /// It did not.
    Failed,
    /// It was left out.
    Ignored,
}

/// One test in the output of its runner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestResult {
    /// Its name, as the runner prints it.
    pub name: String,
    /// How it ended.
    pub outcome: TestOutcome,
    /// How long it took, in milliseconds, where the runner says so.
    pub milliseconds: Option<u64>,
}

impl TestResult {
    pub(super) fn new(name: &str, outcome: TestOutcome) -> Self {
        Self { name: name.to_owned(), outcome, milliseconds: None }
    }
}

/// How many tests ended how.
pub fn count(results: &[TestResult]) -> TestCounts {
    let of =
        |outcome| u32::try_from(results.iter().filter(|result| result.outcome == outcome).count()).unwrap_or(u32::MAX);
    TestCounts { passed: of(TestOutcome::Passed), failed: of(TestOutcome::Failed), ignored: of(TestOutcome::Ignored) }
}

/// The tests in the output of `cargo test` and of nextest.
pub(super) fn rust(output: &str) -> Vec<TestResult> {
    let mut results: Vec<TestResult> = Vec::new();
    for result in output.lines().filter_map(|line| libtest(line).or_else(|| nextest(line))) {
        // nextest says at the end once more what failed.
        // libtest gives no times, so two tests of one name stay two: they are of two programs.
        let known = results.iter_mut().rev().find(|known| known.name == result.name && known.milliseconds.is_some());
        match known.filter(|_| result.milliseconds.is_some()) {
            Some(known) => *known = result,
            None => results.push(result),
        }
    }
    results
}

/// `test cart::tests::sum ... ok`, `test x - should panic ... FAILED`, `test y ... ignored, slow`.
fn libtest(line: &str) -> Option<TestResult> {
    // From the right: an example's name holds its path and line.
    let (name, end) = line.trim_end().strip_prefix("test ")?.rsplit_once(" ... ")?;
    let outcome = match end.split([',', ' ']).next()? {
        "ok" => TestOutcome::Passed,
        "FAILED" => TestOutcome::Failed,
        "ignored" => TestOutcome::Ignored,
        _ => return None,
    };
    Some(TestResult::new(name.trim_end_matches(" - should panic"), outcome))
}

/// `    PASS [   0.005s] (1/3) shop cart::tests::sum`, `SIGABRT [   0.1s] shop::it boom`.
fn nextest(line: &str) -> Option<TestResult> {
    let (word, rest) = line.trim_start().split_once(" [")?;
    let (time, name) = rest.split_once("] ")?;
    let seconds: f64 = time.trim().trim_start_matches('>').trim_end_matches('s').trim().parse().ok()?;
    let outcome = match word.trim() {
        word if word.starts_with("TRY ") && word.ends_with(" PASS") => TestOutcome::Passed,
        "PASS" | "LEAK" => TestOutcome::Passed,
        "FAIL" | "ABORT" | "TIMEOUT" => TestOutcome::Failed,
        "SKIP" => TestOutcome::Ignored,
        signal if signal.starts_with("SIG") => TestOutcome::Failed,
        _ => return None,
    };
    let name = name.trim();
    let name = name.strip_prefix('(').and_then(|rest| rest.split_once(") ")).map_or(name, |(_, name)| name.trim());
    let milliseconds = Some((seconds * 1_000.0).round().max(0.0));
    // Whole milliseconds of a test's run are far below where a float has gaps.
    let milliseconds = milliseconds.and_then(|milliseconds| format!("{milliseconds:.0}").parse().ok());
    Some(TestResult { name: name.to_owned(), outcome, milliseconds })
}

/// What of a report that any program may print never came to its end: TAP that has fewer results than it announced, or
/// announces none; JUnit's XML that is not closed.
pub(super) fn unfinished(output: &str) -> Option<String> {
    let plan = |line: &str| line.strip_prefix("1..")?.split([' ', '#']).next()?.parse::<usize>().ok();
    let is_result = |line: &&str| {
        let rest = line.strip_prefix("not ok ").or_else(|| line.strip_prefix("ok "));
        rest.is_some_and(|rest| rest.starts_with(|character: char| character.is_ascii_digit()))
    };
    let announced: Vec<usize> = output.lines().filter_map(plan).collect();
    let told = output.lines().filter(is_result).count();
    // TAP allows the plan at the end, so one that is missing tells of a cut.
    let has_no_plan = announced.is_empty() && output.lines().any(|line| line.starts_with("TAP version "));
    if has_no_plan || told < announced.iter().sum() {
        return Some(format!("what followed test {told}"));
    }
    (output.contains("<testsuites") && !output.contains("</testsuites>") && !output.contains("<testsuites/>"))
        .then(|| "the program that prints JUnit's XML".to_owned())
}

/// How many tests ended how in JUnit's XML.
pub(super) fn junit(output: &str) -> Option<TestCounts> {
    if !output.contains("<testsuite") {
        return None;
    }
    // Counted by text: the XML may be cut off, which no parser takes.
    let many = |what: &str| u32::try_from(output.matches(what).count()).unwrap_or(u32::MAX);
    let failed = many("<failure").saturating_add(many("<error"));
    let ignored = many("<skipped");
    let passed = many("<testcase").saturating_sub(failed).saturating_sub(ignored);
    Some(TestCounts { passed, failed, ignored })
}

/// What of a run's output matters when it failed: without what was built and what passed.
pub fn folded(output: &str) -> String {
    const NOISE: [&str; 15] = [
        "Compiling ",
        "Checking ",
        "Finished ",
        "Running ",
        "Fresh ",
        "Downloaded ",
        "Downloading ",
        "Updating ",
        "Locking ",
        "Blocking ",
        "Adding ",
        "Doc-tests ",
        "Executable ",
        "PASS [",
        "Starting ",
    ];
    let mut folded = String::with_capacity(output.len());
    let mut is_blank = true;
    for line in output.lines() {
        let trimmed = line.trim_start();
        let passed = libtest(line).is_some_and(|result| result.outcome != TestOutcome::Failed);
        let noise = NOISE.iter().any(|noise| trimmed.starts_with(noise)) || passed;
        let empty_run = trimmed == "running 0 tests"
            || (trimmed.starts_with("test result: ok. 0 passed; 0 failed") && trimmed.contains("0 measured"));
        if noise || empty_run || (trimmed.is_empty() && is_blank) {
            continue;
        }
        is_blank = trimmed.is_empty();
        folded.push_str(line.trim_end());
        folded.push('\n');
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: &str = "   Compiling shop v1.0.0\n    Finished `test` profile\n     Running unittests src/lib.rs\n\nrunning 3 tests\ntest cart::sum ... ok\ntest cart::slow ... ignored, slow\ntest cart::boom - should panic ... FAILED\n\nfailures:\n\n---- cart::boom stdout ----\nnote: test did not panic as expected\n\ntest result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out\n";
    const NEXTEST: &str = "    Starting 2 tests across 1 binary\n        PASS [   0.005s] (1/2) shop cart::sum\n     SIGABRT [   0.104s] (2/2) shop::it boom\n  stdout ---\nrunning 1 test\n────────────\n     Summary [   0.105s] 2 tests run: 1 passed, 1 failed, 0 skipped\n     SIGABRT [   0.104s] (2/2) shop::it boom\n";

    fn shown(output: &str) -> String {
        rust(output)
            .iter()
            .map(|result| format!("{} {:?} {:?}\n", result.name, result.outcome, result.milliseconds))
            .collect()
    }

    #[test]
    fn tests_are_found_in_what_runners_print() {
        insta::assert_snapshot!(shown(CARGO), @"
        cart::sum Passed None
        cart::slow Ignored None
        cart::boom Failed None
        ");
        insta::assert_snapshot!(shown(NEXTEST), @"
        shop cart::sum Passed Some(5)
        shop::it boom Failed Some(104)
        ");
        assert_eq!(count(&rust(CARGO)), TestCounts { passed: 1, failed: 1, ignored: 1 });
        assert_eq!(rust("test result: ok. 3 passed\ntest x ... bench\n"), []);
    }

    #[test]
    fn a_report_that_stops_is_not_done() {
        for done in [
            "1..2\nok 1 a\nok 2 b\n",
            "TAP version 13\nok 1 - a\n    1..1\nok 2 - b\n1..2\n# tests 2\n",
            "1..0 # SKIP nothing to do\n",
            "<testsuites>\n<testcase name=\"a\"/>\n</testsuites>\n",
            "ok 1 of 2 files\nall is well\n",
        ] {
            assert_eq!(unfinished(done), None, "{done}");
        }
        assert_eq!(unfinished("1..3\nok 1 a\n").unwrap(), "what followed test 1");
        assert_eq!(unfinished("TAP version 13\nok 1 - a\n").unwrap(), "what followed test 1");
        assert!(unfinished("<testsuites>\n<testcase name=\"a\"/>\n").is_some());
    }

    #[test]
    fn tests_are_counted_in_the_xml_of_junit() {
        let xml = "<testsuites><testsuite name=\"a\"><testcase name=\"b\"/><testcase name=\"c\"><failure/></testcase><testcase name=\"d\"><skipped/></testcase></testsuite></testsuites>";
        assert_eq!(junit(xml), Some(TestCounts { passed: 1, failed: 1, ignored: 1 }));
        assert_eq!(junit("all is well\n"), None);
    }

    #[test]
    fn what_passed_is_folded_away() {
        insta::assert_snapshot!(folded(CARGO), @"
        running 3 tests
        test cart::boom - should panic ... FAILED

        failures:

        ---- cart::boom stdout ----
        note: test did not panic as expected

        test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out
        ");
    }
}
