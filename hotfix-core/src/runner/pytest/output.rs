//! What pytest and unittest print: each test with its end, totals, and failures.

use crate::domain::event::TestCounts;
use crate::domain::file_name;

use super::super::{TestOutcome, TestResult};
use super::is_test_name;

/// How much of a failure is kept, in lines.
const MOST_LINES: usize = 12;

/// The tests one by one, where the output tells them.
pub(super) fn results(output: &str) -> Vec<TestResult> {
    let found = pytest(output);
    if found.is_empty() { unittest(output) } else { found }
}

/// pytest's summary: `FAILED test_cart.py::TestCart::test_coupon - assert 0 == 90`.
fn pytest(output: &str) -> Vec<TestResult> {
    let mut results: Vec<TestResult> = Vec::new();
    for (outcome, name) in output.lines().filter_map(summary_line) {
        match results.iter_mut().find(|known| known.name == name) {
            // A test can pass, and fail again when it cleans up.
            Some(known) if outcome == TestOutcome::Failed => known.outcome = outcome,
            Some(_) => {}
            None => results.push(TestResult::new(name, outcome)),
        }
    }
    results
}

fn summary_line(line: &str) -> Option<(TestOutcome, &str)> {
    let (word, rest) = line.split_once(' ')?;
    let outcome = match word {
        "PASSED" | "XPASS" => TestOutcome::Passed,
        "FAILED" | "ERROR" => TestOutcome::Failed,
        "XFAIL" => TestOutcome::Ignored,
        _ => return None,
    };
    // A file that cannot be collected is listed without a test.
    let (file, name) = rest.split_once("::")?;
    // What a parameter holds is part of the name.
    // A parameter may hold ` - ` itself, which begins the message elsewhere.
    let end = match (name.find('['), name.find("] - ")) {
        (Some(open), Some(close)) if name.find(" - ").is_none_or(|dash| open < dash) => close + 1,
        (Some(open), None) if name.ends_with(']') && name.find(" - ").is_none_or(|dash| open < dash) => name.len(),
        _ => name.find(" - ").unwrap_or(name.len()),
    };
    file.ends_with(".py").then_some((outcome, name.get(..end)?.trim_end()))
}

/// `test_sum (test_cart.Cart.test_sum) ... ok`, with what the test says of itself on a line between.
fn unittest(output: &str) -> Vec<TestResult> {
    let mut results = Vec::new();
    let mut open: Option<String> = None;
    // Below it each failure is told again, with the same head.
    for line in output.lines().take_while(|line| !line.starts_with("======")) {
        let head = line.split_once(" (").and_then(|(name, rest)| {
            let (path, rest) = rest.split_once(')')?;
            let is_head =
                name.starts_with("test") && !name.contains(' ') && (rest.is_empty() || rest.starts_with(" ..."));
            is_head.then(|| (unittest_name(name, path), rest))
        });
        let end = match head {
            Some((name, rest)) => {
                open = Some(name);
                rest
            }
            None => line,
        };
        let end = end.rsplit_once(" ... ").map_or(end, |(_, end)| end).trim();
        let outcome = match end {
            "ok" | "unexpected success" => TestOutcome::Passed,
            "FAIL" | "ERROR" => TestOutcome::Failed,
            "expected failure" => TestOutcome::Ignored,
            end if end.starts_with("skipped ") => TestOutcome::Ignored,
            _ => continue,
        };
        // What stands for a file that cannot be loaded is no test.
        results.extend(
            open.take().filter(|name| !name.contains("_FailedTest")).map(|name| TestResult::new(&name, outcome)),
        );
    }
    results
}

/// `Cart.test_sum`, whichever way this Python writes the path.
fn unittest_name(name: &str, path: &str) -> String {
    // Since Python 3.11 the path in brackets ends with the test's own name.
    let class = path.strip_suffix(name).and_then(|path| path.strip_suffix('.')).unwrap_or(path);
    format!("{}.{name}", class.rsplit('.').next().unwrap_or(class))
}

/// How many tests ended how: `=== 1 failed, 2 passed in 0.04s ===`, `Ran 4 tests in 0.001s`.
pub(super) fn counts(output: &str) -> Option<TestCounts> {
    output.lines().rev().find_map(pytest_total).or_else(|| unittest_total(output))
}

fn pytest_total(line: &str) -> Option<TestCounts> {
    let (counted, time) = line.trim_matches(['=', ' ']).rsplit_once(" in ")?;
    let mut counts = TestCounts { passed: 0, failed: 0, ignored: 0 };
    // A test may print ` in ` anywhere; pytest's own line goes on with seconds.
    if !time.starts_with(|character: char| character.is_ascii_digit()) || !time.contains('s') {
        return None;
    }
    if counted == "no tests ran" {
        return Some(counts);
    }
    for part in counted.split(", ") {
        let (many, word) = part.split_once(' ')?;
        let many: u32 = many.parse().ok()?;
        match word {
            "passed" | "xpassed" => counts.passed = counts.passed.saturating_add(many),
            "failed" | "error" | "errors" => counts.failed = counts.failed.saturating_add(many),
            "skipped" | "xfailed" => counts.ignored = counts.ignored.saturating_add(many),
            // Counted in the same line, and none of them an end of a test.
            "deselected" | "warning" | "warnings" | "rerun" => {}
            _ => return None,
        }
    }
    Some(counts)
}

fn unittest_total(output: &str) -> Option<TestCounts> {
    let ran =
        output.lines().rev().find_map(|line| line.strip_prefix("Ran ")?.split_once(" test")?.0.parse::<u32>().ok())?;
    let end = output.lines().rev().find(|line| line.starts_with("OK") || line.starts_with("FAILED ("));
    let of = |word: &str| {
        let inside = end.and_then(|end| end.split_once('(')).map(|(_, inside)| inside.trim_end_matches(')'));
        let many = inside.into_iter().flat_map(|inside| inside.split(", ")).find_map(|part| part.strip_prefix(word));
        many.and_then(|many| many.parse::<u32>().ok()).unwrap_or_default()
    };
    let failed = of("failures=").saturating_add(of("errors="));
    let ignored = of("skipped=").saturating_add(of("expected failures="));
    Some(TestCounts { passed: ran.saturating_sub(failed).saturating_sub(ignored), failed, ignored })
}

/// What never came to its end: pytest and unittest say at the end what came of it, whatever is asked of them.
pub(super) fn unfinished(command: &[String], output: &str) -> Option<String> {
    let starts = |tools: &[&str]| command.iter().any(|word| tools.contains(&file_name(word)));
    // The last one: a plugin's own tests start sessions inside of a session.
    let session = output.rsplit_once(" test session starts ").map(|(_, session)| session);
    if starts(&["pytest", "py.test"]) || session.is_some() {
        let session = session.unwrap_or(output);
        // With -qq there is no total.
        let is_done = session.lines().any(|line| pytest_total(line).is_some() || line.trim_end().ends_with("[100%]"));
        // `pytest.exit` leaves out the rest, and says totals all the same.
        let is_done = is_done && !session.contains("! _pytest.outcomes.Exit: ");
        // Without `-v` the line of the file that ran is all that tells where it ended.
        let last = session.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let file = last.split([' ', ':']).next().filter(|word| word.ends_with(".py")).unwrap_or("pytest");
        return (!is_done).then(|| file.to_owned());
    }
    if starts(&["unittest"]) && unittest_total(output).is_none() {
        let open = output.lines().rev().find_map(|line| line.trim_end().strip_suffix(" ..."));
        return Some(open.unwrap_or("unittest").to_owned());
    }
    None
}

/// Whether tests could not be imported, for want of what the fix brings.
pub(super) fn is_build_failure(output: &str) -> bool {
    let is_about_loading = output.contains("ERROR collecting ") || output.contains("unittest.loader._FailedTest");
    let is_missing = |line: &str| {
        let line = line.strip_prefix("E ").unwrap_or(line).trim_start();
        is_about_a_name(line) || line.starts_with("SyntaxError: ") || line.starts_with("IndentationError: ")
    };
    // Both: a test that raises ImportError by itself fails, and is built.
    is_about_loading && output.lines().any(is_missing)
}

/// `ImportError: cannot import name 'coupon' from 'cart'`; but not of imports in a circle, which are a bug of their own.
fn is_about_a_name(message: &str) -> bool {
    let is_import = message.starts_with("ModuleNotFoundError: No module named ")
        || message.starts_with("ImportError: cannot import name ");
    let is_attribute = message.starts_with("AttributeError: module ") && message.contains("has no attribute");
    (is_import || is_attribute) && !message.contains("partially initialized")
}

/// How many failures are a test's own use of a name that is not there.
pub(super) fn missing_names(output: &str) -> u32 {
    let mut missing = 0_u32;
    let mut is_missing = false;
    let mut is_in_test = false;
    for line in output.lines() {
        if let Some(message) = line.strip_prefix("E ") {
            is_missing = is_missing || is_about_a_name(message.trim_start());
        } else if let Some((path, _)) = line.split_once(".py:").filter(|_| line.ends_with("Error")) {
            // pytest ends a failure with the place where it was raised.
            missing += u32::from(is_missing && is_test_name(file_name(&format!("{path}.py"))));
            is_missing = false;
        } else if let Some(path) = line.trim_start().strip_prefix("File \"").and_then(|rest| rest.split('"').next()) {
            is_in_test = is_test_name(file_name(path));
        } else if is_about_a_name(line) {
            missing += u32::from(is_in_test);
        }
    }
    missing
}

/// The first failure in its own words: what pytest marks with `E`, or the last line of a traceback.
pub(super) fn failure_of(output: &str) -> Option<String> {
    let marked = output.lines().map(str::trim_end).skip_while(|line| !line.starts_with("E  "));
    let marked = marked.take_while(|line| line.starts_with("E  ")).filter_map(|line| line.strip_prefix('E'));
    let marked: Vec<&str> = marked.take(MOST_LINES).collect();
    let indent = marked.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or_default();
    if !marked.is_empty() {
        return Some(marked.iter().filter_map(|line| line.get(indent..)).collect::<Vec<_>>().join("\n"));
    }
    let mut lines = output.lines().skip_while(|line| !line.starts_with("Traceback (most recent call last)")).skip(1);
    let raised = lines.by_ref().find(|line| !line.starts_with(' ') && !line.trim().is_empty())?;
    let more = lines.take_while(|line| !line.trim().is_empty() && !line.starts_with("-----"));
    Some(std::iter::once(raised).chain(more).take(MOST_LINES).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTEST: &str = "============ test session starts =============\ncollected 5 items\n\n>       assert total([100], 10) == 90\nE       assert 0 == 90\nE        +  where 0 = total([100], 10)\n\ntest_cart.py:7: AssertionError\n_______ test_new _______\nE   AttributeError: module 'cart' has no attribute 'coupon'\n\ntest_cart.py:12: AttributeError\n==== short test summary info ====\nPASSED test_cart.py::TestCart::test_sum\nPASSED test_cart.py::test_p[a b]\nSKIPPED [1] test_cart.py:8: unconditional skip\nXFAIL test_cart.py::test_x\nERROR test_cart.py::TestCart::test_sum - ValueError: no\nFAILED test_cart.py::TestCart::test_coupon - assert [0] - 1 == 90\nFAILED test_cart.py::test_p[c - d] - AssertionError: assert 'c - d' == 'a b'\n========== 3 failed, 2 passed, 1 skipped, 1 xfailed, 1 error in 0.04s ==========\n";
    const UNITTEST: &str = "test_coupon (test_u.T.test_coupon)\nA coupon takes off its part ... FAIL\ntest_err (test_u.T) ... hi\nERROR\ntest_later (test_u.T.test_later) ... skipped 'slow'\ntest_sum (test_u.T.test_sum) ... ok\n\n======================================================================\nFAIL: test_coupon (test_u.T.test_coupon)\n----------------------------------------------------------------------\nTraceback (most recent call last):\n  File \"/shop/test_u.py\", line 6, in test_coupon\n    self.assertEqual(cart.total([100], 10), 90)\nAssertionError: 0 != 90\n\n----------------------------------------------------------------------\nRan 4 tests in 0.001s\n\nFAILED (failures=1, errors=1, skipped=1)\n";
    const COLLECTION: &str = "collected 0 items / 1 error\n____ ERROR collecting test_bad.py ____\nE   ImportError: cannot import name 'nope' from 'cart' (/shop/cart.py)\nERROR test_bad.py\n=== 1 error in 0.30s ===\n";

    fn shown(output: &str) -> String {
        let tests = results(output).into_iter().map(|result| format!("{} {:?}\n", result.name, result.outcome));
        format!("{}{:?}", tests.collect::<String>(), counts(output).map(|it| (it.passed, it.failed, it.ignored)))
    }

    #[test]
    fn tests_are_found_in_what_pytest_and_unittest_print() {
        insta::assert_snapshot!(shown(PYTEST), @"
        TestCart::test_sum Failed
        test_p[a b] Passed
        test_x Ignored
        TestCart::test_coupon Failed
        test_p[c - d] Failed
        Some((2, 4, 2))
        ");
        insta::assert_snapshot!(shown(UNITTEST), @"
        T.test_coupon Failed
        T.test_err Failed
        T.test_later Ignored
        T.test_sum Passed
        Some((1, 2, 1))
        ");
        insta::assert_snapshot!(shown(COLLECTION), @"Some((0, 1, 0))");
        insta::assert_snapshot!(shown("no tests ran in 0.01s\n"), @"Some((0, 0, 0))");
        insta::assert_snapshot!(shown("Ran 0 tests in 0.000s\n\nOK\n"), @"Some((0, 0, 0))");
        insta::assert_snapshot!(shown("test cart::sum ... ok\n\ntest result: ok. 1 passed; finished in 0.01s\n"), @"None");
    }

    #[test]
    fn a_process_that_ended_before_its_total_is_not_done() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let pytest = words("env PYTHONPATH=src python3 -m pytest -rA tests/test_a.py");
        let cut = "==== test session starts ====\ncollected 3 items\n\ntests/test_a.py .";
        assert_eq!(unfinished(&pytest, cut).unwrap(), "tests/test_a.py");
        assert_eq!(unfinished(&words("sh test/all.sh"), cut).unwrap(), "tests/test_a.py");
        assert_eq!(unfinished(&pytest, "").unwrap(), "pytest");
        for done in [PYTEST, "..   [100%]\n", "3 passed in 0.01s\n", "no tests ran in 0.01s\n"] {
            assert_eq!(unfinished(&pytest, done), None, "{done}");
        }
        let unittest = words("python3 -m unittest -v test_u.py");
        assert_eq!(
            unfinished(&unittest, "test_a (test_u.T.test_a) ... ok\ntest_b (test_u.T.test_b) ... ").unwrap(),
            "test_b (test_u.T.test_b)"
        );
        assert_eq!(unfinished(&unittest, "").unwrap(), "unittest");
        assert_eq!(unfinished(&unittest, UNITTEST), None);
        assert_eq!(unfinished(&words("make test"), "all is well\n"), None);
    }

    #[test]
    fn what_cannot_be_imported_is_told_from_what_fails() {
        assert!(is_build_failure(COLLECTION));
        let circle = COLLECTION.replace("from 'cart'", "from partially initialized module 'cart'");
        assert!(!is_build_failure(&circle));
        assert!(!is_build_failure(
            &COLLECTION.replace("ImportError: cannot import name 'nope'", "ZeroDivisionError: no")
        ));
        assert!(!is_build_failure(PYTEST) && !is_build_failure(UNITTEST));
        assert!(is_build_failure(
            "test_b (unittest.loader._FailedTest.test_b) ... ERROR\nImportError: cannot import name 'x' from 'cart'\n"
        ));
    }

    #[test]
    fn names_that_a_test_itself_misses_are_counted() {
        assert_eq!(missing_names(PYTEST), 1);
        assert_eq!(missing_names(&PYTEST.replace("test_cart.py:12:", "cart.py:12:")), 0);
        let raised = "  File \"/shop/test_u.py\", line 9, in test_err\nAttributeError: module 'cart' has no attribute 'coupon'\n";
        assert_eq!(missing_names(raised), 1);
        assert_eq!(missing_names(&raised.replace("test_u.py", "cart.py")), 0);
    }

    #[test]
    fn a_failure_is_told_in_its_own_words() {
        assert_eq!(failure_of(PYTEST).unwrap(), "assert 0 == 90\n +  where 0 = total([100], 10)");
        assert_eq!(failure_of(UNITTEST).unwrap(), "AssertionError: 0 != 90");
        assert_eq!(failure_of("all is well\n"), None);
    }
}
