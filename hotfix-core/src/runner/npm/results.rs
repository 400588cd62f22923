//! The tests in what the test tools of JavaScript print: TAP, node's own way, jest's and vitest's `verbose`, and totals.

use std::collections::BTreeMap;

use crate::domain::event::TestCounts;

use super::super::{TestOutcome, TestResult};
use super::EXTENSIONS;

/// The tests one by one, where the output tells them.
pub(super) fn results(output: &str) -> Vec<TestResult> {
    // TAP first: mocha and node print it by request, and its marks are nobody else's.
    let ways: [fn(&str) -> Vec<TestResult>; 4] = [tap, node, jest, vitest];
    ways.iter().map(|way| way(output)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// How many tests ended how, by the totals at the end of each tool's run.
pub(super) fn counts(output: &str) -> Option<TestCounts> {
    let mut total: Option<TestCounts> = None;
    let mut add = |word: &str, many: &str| {
        let (Some(outcome), Ok(many)) = (outcome_of(word), many.parse::<u32>()) else { return };
        let total = total.get_or_insert(TestCounts { passed: 0, failed: 0, ignored: 0 });
        let place = match outcome {
            TestOutcome::Passed => &mut total.passed,
            TestOutcome::Failed => &mut total.failed,
            TestOutcome::Ignored => &mut total.ignored,
        };
        *place = place.saturating_add(many);
    };
    for line in output.lines().map(str::trim) {
        let words: Vec<&str> = line.split([' ', ',', '|']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            // jest: `Tests: 1 failed, 1 skipped, 2 passed, 4 total`; vitest: `Tests 1 failed | 2 passed (3)`.
            ["Tests:", counted @ .., _, "total"] => of_words(counted, &mut add),
            // A run of no test is known, and never green.
            ["Tests", "no", "tests"] | ["No", "test", "files", "found", ..] | ["No", "tests", "found", ..] => {
                add("passed", "0")
            }
            ["Tests", counted @ .., last] if last.starts_with('(') => of_words(counted, &mut add),
            // node: `# pass 3`, `ℹ fail 1`; mocha's TAP too.
            ["#" | "ℹ", word, many] => add(word, many),
            // mocha: `3 passing (12ms)`.
            [many, word @ ("passing" | "failing" | "pending"), ..] if words.len() <= 3 => add(word, many),
            _ => {}
        }
    }
    total
}

fn of_words(words: &[&str], add: &mut dyn FnMut(&str, &str)) {
    add("passed", "0");
    for pair in words.chunks(2) {
        if let [many, word] = pair {
            add(word, many);
        }
    }
}

fn outcome_of(word: &str) -> Option<TestOutcome> {
    match word {
        "pass" | "passed" | "passing" => Some(TestOutcome::Passed),
        "fail" | "failed" | "failing" | "cancelled" => Some(TestOutcome::Failed),
        "skipped" | "todo" | "pending" => Some(TestOutcome::Ignored),
        _ => None,
    }
}

/// TAP, with the tests inside a suite before it and further in.
fn tap(output: &str) -> Vec<TestResult> {
    let mut known: Vec<(usize, TestResult)> = Vec::new();
    for (level, mut result) in output.lines().filter_map(tap_line) {
        // TAP names a suite after its tests, which are further in.
        let first = known.iter().position(|(inner, _)| *inner > level).unwrap_or(known.len());
        let mut inner = known.split_off(first);
        let failed = |(_, result): &(usize, TestResult)| result.outcome == TestOutcome::Failed;
        // A suite fails by its tests; counted itself only where a hook of it failed.
        let says_itself = inner.is_empty() || (result.outcome == TestOutcome::Failed && !inner.iter().any(failed));
        for (depth, test) in &mut inner {
            test.name = format!("{} > {}", result.name, test.name);
            *depth = level;
        }
        known.append(&mut inner);
        if says_itself {
            result.milliseconds = None;
            known.push((level, result));
        }
    }
    numbered(known.into_iter().map(|(_, result)| result).filter(|result| !is_file(&result.name)).collect())
}

/// `    not ok 2 - coupon`, `ok 4 cart later # SKIP -`.
fn tap_line(line: &str) -> Option<(usize, TestResult)> {
    let trimmed = line.trim_start();
    let (has_passed, rest) = match trimmed.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, trimmed.strip_prefix("ok ")?),
    };
    let (number, name) = rest.split_once(' ')?;
    number.parse::<u32>().ok()?;
    let name = name.strip_prefix("- ").unwrap_or(name);
    let (name, directive) = name.split_once(" # ").unwrap_or((name, ""));
    let is_ignored = directive.starts_with("SKIP") || directive.starts_with("TODO");
    let outcome = match (is_ignored, has_passed) {
        (true, _) => TestOutcome::Ignored,
        (false, true) => TestOutcome::Passed,
        (false, false) => TestOutcome::Failed,
    };
    Some((line.len() - trimmed.len(), TestResult::new(name.trim(), outcome)))
}

/// node's `spec` reporter.
fn node(output: &str) -> Vec<TestResult> {
    // The marks alone are printed by many tools.
    if !output.contains("ℹ tests ") {
        return Vec::new();
    }
    let mut suites: Vec<(usize, &str)> = Vec::new();
    let mut results = Vec::new();
    for line in output.lines().take_while(|line| !line.starts_with("✖ failing tests:")) {
        let trimmed = line.trim_start();
        let level = line.len() - trimmed.len();
        let Some((mark, name)) = trimmed.split_once(' ') else { continue };
        let outcome = match mark {
            "▶" => None,
            "✔" => Some(TestOutcome::Passed),
            "✖" => Some(TestOutcome::Failed),
            "﹣" => Some(TestOutcome::Ignored),
            _ => continue,
        };
        let name = name.split_once(" # ").map_or(name, |(name, _)| name);
        // The duration differs from run to run, and names are compared.
        let name = name.rsplit_once(" (").filter(|(_, time)| time.ends_with("ms)")).map_or(name, |(name, _)| name);
        suites.retain(|(suite, _)| *suite <= level);
        // node names a suite before its tests and again after them.
        if suites.last() == Some(&(level, name)) {
            suites.pop();
            continue;
        }
        suites.retain(|(suite, _)| *suite < level);
        match outcome {
            None => suites.push((level, name)),
            Some(outcome) => results.push(TestResult::new(&path_of(&suites, name), outcome)),
        }
    }
    numbered(results.into_iter().filter(|result| !is_file(&result.name)).collect())
}

/// jest's `--verbose`: the block after each `PASS` or `FAIL` line.
fn jest(output: &str) -> Vec<TestResult> {
    let mut results = Vec::new();
    let mut lines = output.lines();
    while let Some(line) = lines.next() {
        let is_head =
            ["PASS ", "FAIL "].iter().any(|word| line.strip_prefix(word).is_some_and(|path| path.contains('.')));
        if !is_head {
            continue;
        }
        let mut suites: Vec<(usize, &str)> = Vec::new();
        for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
            let trimmed = line.trim_start();
            let level = line.len() - trimmed.len();
            suites.retain(|(suite, _)| *suite < level);
            let marked = trimmed.split_once(' ').and_then(|(mark, name)| match mark {
                "✓" | "√" => Some((TestOutcome::Passed, name)),
                "✕" | "×" => Some((TestOutcome::Failed, name)),
                "○" => Some((TestOutcome::Ignored, name.strip_prefix("skipped ").unwrap_or(name))),
                "✎" => Some((TestOutcome::Ignored, name.strip_prefix("todo ").unwrap_or(name))),
                _ => None,
            });
            match marked {
                Some((outcome, name)) => {
                    let is_time = |time: &str| time.ends_with(" ms)") || time.ends_with(" s)");
                    let name = name.rsplit_once(" (").filter(|(_, time)| is_time(time)).map_or(name, |(name, _)| name);
                    results.push(TestResult::new(&path_of(&suites, name), outcome));
                }
                None => suites.push((level, trimmed)),
            }
        }
    }
    numbered(results)
}

/// vitest's `verbose` reporter: ` ✓ test/cart.test.ts > cart > sums 2ms`.
fn vitest(output: &str) -> Vec<TestResult> {
    let of_line = |line: &str| {
        let (mark, path) = line.trim_start().split_once(' ')?;
        let outcome = match mark {
            "✓" => TestOutcome::Passed,
            "×" => TestOutcome::Failed,
            "↓" => TestOutcome::Ignored,
            _ => return None,
        };
        let (file, name) = path.split_once(" > ")?;
        let name = name.strip_suffix(" [skipped]").unwrap_or(name);
        let is_time = |word: &str| word.strip_suffix("ms").is_some_and(|time| time.parse::<f64>().is_ok());
        let name = name.rsplit_once(' ').filter(|(_, time)| is_time(time)).map_or(name, |(name, _)| name);
        // Other tools print ` ✓ ... > ...` as well; vitest begins with the file.
        is_file(file).then(|| TestResult::new(name, outcome))
    };
    numbered(output.lines().filter_map(of_line).collect())
}

fn path_of(suites: &[(usize, &str)], name: &str) -> String {
    let suites = suites.iter().map(|(_, suite)| *suite);
    suites.chain(std::iter::once(name)).collect::<Vec<_>>().join(" > ")
}

/// Whether what is called a test is a whole file, which says nothing of the tests in it.
fn is_file(name: &str) -> bool {
    !name.contains(" > ") && name.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

/// Tests of the same name are told apart by their order.
fn numbered(mut results: Vec<TestResult>) -> Vec<TestResult> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for result in &mut results {
        let times = seen.entry(result.name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            result.name = format!("{} ({times})", result.name);
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(output: &str) -> String {
        let tests = results(output).into_iter().map(|result| format!("{} {:?}\n", result.name, result.outcome));
        format!("{}{:?}", tests.collect::<String>(), counts(output).map(|it| (it.passed, it.failed, it.ignored)))
    }

    const NODE_TAP: &str = "TAP version 13\n# hi\n# Subtest: cart\n    # Subtest: sums\n    ok 1 - sums\n      ---\n      duration_ms: 0.5\n      ...\n    # Subtest: coupon\n    not ok 2 - coupon\n      ---\n      error: '0 == 90'\n      ...\n    ok 3 - later # SKIP\n    1..3\nnot ok 1 - cart\n  ---\n  type: 'suite'\n  ...\nok 2 - new\n1..2\n# tests 4\n# suites 1\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n";
    const MOCHA_TAP: &str = "not ok 1 new\n  coupon is not a function\nok 2 cart sums\nok 4 cart later # SKIP -\n# tests 3\n# pass 1\n# fail 1\n1..4\n";
    const NODE_SPEC: &str = "hi\n▶ cart\n  ✔ sums (0.54305ms)\n  ✖ coupon (1.481269ms)\n    AssertionError [ERR_ASSERTION]: 0 == 90\n  ﹣ later (0.142672ms) # SKIP\n✖ cart (8.057418ms)\n✔ new (0.1ms)\nℹ tests 4\nℹ pass 2\nℹ fail 1\nℹ skipped 1\n\n✖ failing tests:\n\n✖ coupon (1.481269ms)\n";
    const JEST: &str = "  console.log\n    hi\n\nFAIL jest/cart.test.js (5.1 s)\n  ✕ new\n  cart\n    ✓ sums (2 ms)\n    in depth\n      ✓ sums (2 ms)\n    ○ skipped later\n    ✎ todo todo\n\n  ● cart › coupon\n\nTests:       1 failed, 1 skipped, 1 todo, 2 passed, 5 total\n";
    const VITEST: &str = " ✓ vi/cart.test.mjs > cart > sums 2ms\n × vi/cart.test.mjs > cart > coupon\n   → expected +0 to be 90\n ↓ vi/cart.test.mjs > later [skipped]\n\n Test Files  1 failed (1)\n      Tests  1 failed | 1 passed | 1 skipped (3)\n";
    const MOCHA: &str =
        "  cart\n    ✔ sums\n    1) coupon\n    - later\n\n  1 passing (4ms)\n  1 pending\n  1 failing\n";

    #[test]
    fn tests_are_found_in_what_each_tool_prints() {
        insta::assert_snapshot!(shown(NODE_TAP), @"
        cart > sums Passed
        cart > coupon Failed
        cart > later Ignored
        new Passed
        Some((2, 1, 1))
        ");
        insta::assert_snapshot!(shown(MOCHA_TAP), @"
        new Failed
        cart sums Passed
        cart later Ignored
        Some((1, 1, 0))
        ");
        insta::assert_snapshot!(shown(NODE_SPEC), @"
        cart > sums Passed
        cart > coupon Failed
        cart > later Ignored
        new Passed
        Some((2, 1, 1))
        ");
        insta::assert_snapshot!(shown(JEST), @"
        new Failed
        cart > sums Passed
        cart > in depth > sums Passed
        cart > later Ignored
        cart > todo Ignored
        Some((2, 1, 2))
        ");
        insta::assert_snapshot!(shown(VITEST), @"
        cart > sums Passed
        cart > coupon Failed
        later Ignored
        Some((1, 1, 1))
        ");
        insta::assert_snapshot!(shown(MOCHA), @"Some((1, 1, 1))");
    }

    #[test]
    fn a_file_is_no_test_and_a_run_of_nothing_counts_nothing() {
        insta::assert_snapshot!(shown("TAP version 13\nnot ok 1 - /shop/test/bad.test.mjs\n1..1\n# pass 0\n# fail 1\n"), @"Some((0, 1, 0))");
        insta::assert_snapshot!(shown("Tests:       0 total\n"), @"Some((0, 0, 0))");
        insta::assert_snapshot!(shown("      Tests  no tests\n"), @"Some((0, 0, 0))");
        insta::assert_snapshot!(shown("  0 passing (1ms)\n"), @"Some((0, 0, 0))");
        insta::assert_snapshot!(shown("No test files found, exiting with code 0\n"), @"Some((0, 0, 0))");
        insta::assert_snapshot!(shown("test result: ok. 3 passed; 0 failed\ncollected 2 items\n"), @"None");
    }

    #[test]
    fn a_suite_that_fails_by_itself_is_a_failure() {
        insta::assert_snapshot!(shown("    ok 1 - a\n    ok 2 - a\nnot ok 1 - cart\n"), @"
        cart > a Passed
        cart > a (2) Passed
        cart Failed
        None
        ");
    }
}
