//! How far a run of tests is, read from what its runner prints while it prints it. It is shown while one waits, and nothing is
//! decided by it.

/// More of a line is looked at by nobody: a program may never end one.
const LONGEST: usize = 4 * 1024;

/// What is known of a run of tests so far.
#[derive(Debug, Default)]
pub struct TestProgress {
    /// What came of the line that is not whole yet.
    line: Vec<u8>,
    done: u32,
    failed: u32,
    /// How many tests the runner has announced.
    announced: u32,
    /// How far the last result was indented: of a suite that holds tests the runner says last how it ended, further left than
    /// they stand.
    indent: usize,
    /// A runner that says at its end once more what failed has come to that.
    is_over: bool,
    /// What a build is at, before there are tests.
    building: Option<String>,
}

/// What a line says.
enum ProgressLine {
    Announced(u32),
    Ended {
        passed: u32,
        failed: u32,
    },
    /// A test ended, or a suite with tests that stand before it.
    EndedOrHeld {
        passed: bool,
    },
}

impl TestProgress {
    /// Takes in what was printed next, which may end anywhere.
    pub fn push(&mut self, printed: &[u8]) {
        for piece in printed.split_inclusive(|byte| *byte == b'\n') {
            let room = LONGEST.saturating_sub(self.line.len());
            self.line.extend_from_slice(piece.get(..room).unwrap_or(piece));
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.read(String::from_utf8_lossy(&line).trim_end());
            }
        }
    }

    /// The same for people, in a few words; `None` where the runner has not told anything yet.
    pub fn text(&self) -> Option<String> {
        if self.done == 0 && self.announced == 0 {
            return self.building.clone();
        }
        // A runner that announces some of its tests has more of them than it said.
        let of = if self.announced > 0 && self.announced >= self.done {
            format!(" of {}", self.announced)
        } else {
            String::new()
        };
        let noun = if of.is_empty() && self.done == 1 { "test" } else { "tests" };
        let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
        Some(format!("{}{of} {noun}{failed}", self.done))
    }

    fn read(&mut self, line: &str) {
        let text = line.trim_start();
        self.is_over |= line.starts_with("✖ failing tests:");
        if self.is_over || text.is_empty() {
            return;
        }
        if let Some(package) = text.strip_prefix("Compiling ") {
            let name = package.split(' ').next().unwrap_or_default();
            self.building = Some(format!("compiling {name}"));
        }
        let indent = line.len() - text.len();
        let said = tap(text).or_else(|| libtest(line)).or_else(|| nextest(text)).or_else(|| other(line));
        match said {
            // TAP tells at its end how many there were, too, and then announces nothing.
            Some(ProgressLine::Announced(count)) if indent == 0 && self.done == 0 || !text.starts_with("1..") => {
                self.announced = self.announced.saturating_add(count);
            }
            Some(ProgressLine::Ended { passed, failed }) => self.add(passed, failed),
            Some(ProgressLine::EndedOrHeld { passed }) => {
                let is_suite = self.indent > indent;
                self.indent = indent;
                if !is_suite {
                    self.add(u32::from(passed), u32::from(!passed));
                }
            }
            Some(ProgressLine::Announced(_)) => {}
            // A heading: what follows it is of another suite.
            None if !text.starts_with(['#', '-', '.']) => self.indent = self.indent.min(indent),
            None => {}
        }
    }

    fn add(&mut self, passed: u32, failed: u32) {
        self.done = self.done.saturating_add(passed).saturating_add(failed);
        self.failed = self.failed.saturating_add(failed);
    }
}

fn ended(passed: bool) -> ProgressLine {
    ProgressLine::Ended { passed: u32::from(passed), failed: u32::from(!passed) }
}

/// `ok 1 - it adds`, `not ok 2 - it subtracts`, `1..2`.
fn tap(text: &str) -> Option<ProgressLine> {
    if let Some(plan) = text.strip_prefix("1..").and_then(|rest| rest.split([' ', '#']).next()?.parse().ok()) {
        return Some(ProgressLine::Announced(plan));
    }
    let (passed, rest) = match text.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("ok ")?),
    };
    // `ok` is a word of go's, too: of a package.
    let is_result = rest.starts_with(|character: char| character.is_ascii_digit());
    is_result.then_some(ProgressLine::EndedOrHeld { passed })
}

/// `running 3 tests`, `test cart::sum ... ok`.
fn libtest(line: &str) -> Option<ProgressLine> {
    if let Some(count) =
        line.strip_prefix("running ").and_then(|rest| rest.strip_suffix(" tests").or(rest.strip_suffix(" test")))
    {
        return count.parse().ok().map(ProgressLine::Announced);
    }
    let (_, end) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    match end.split([',', ' ']).next()? {
        "ok" | "ignored" => Some(ended(true)),
        "FAILED" => Some(ended(false)),
        _ => None,
    }
}

/// `    Starting 12 tests across 3 binaries`, `        PASS [   0.005s] shop cart::sum`.
fn nextest(text: &str) -> Option<ProgressLine> {
    if let Some(rest) = text.strip_prefix("Starting ") {
        let (count, rest) = rest.split_once(' ')?;
        return rest.starts_with("test").then(|| count.parse().ok().map(ProgressLine::Announced))?;
    }
    match text.split_once(" [")?.0.trim() {
        "PASS" | "LEAK" => Some(ended(true)),
        "FAIL" | "ABORT" | "TIMEOUT" => Some(ended(false)),
        _ => None,
    }
}

/// What pytest, go and the runners of JavaScript print.
fn other(line: &str) -> Option<ProgressLine> {
    let text = line.trim_start();
    // `collected 12 items / 2 deselected / 10 selected`
    if let Some(rest) = line.strip_prefix("collected ") {
        let count = rest.rsplit_once("/ ").and_then(|(_, last)| last.strip_suffix(" selected"));
        return count.or(rest.split(' ').next())?.parse().ok().map(ProgressLine::Announced);
    }
    // `tests/test_cart.py ..F.s   [ 41%]`, and further lines of the same file.
    if let Some((told, _)) = text.strip_suffix("%]").and_then(|rest| rest.rsplit_once('[')) {
        let marks = told.trim_end().rsplit(' ').next().unwrap_or_default();
        if !marks.is_empty() && marks.chars().all(|mark| ".FEsxX".contains(mark)) {
            let failed = u32::try_from(marks.chars().filter(|mark| matches!(mark, 'F' | 'E')).count()).ok()?;
            let all = u32::try_from(marks.len()).ok()?;
            return Some(ProgressLine::Ended { passed: all.saturating_sub(failed), failed });
        }
        return match marks {
            "PASSED" | "SKIPPED" | "XFAIL" | "XPASS" => Some(ended(true)),
            "FAILED" | "ERROR" => Some(ended(false)),
            _ => None,
        };
    }
    // `--- PASS: TestSum (0.00s)`, and the same as JSON.
    if let Some(rest) = text.strip_prefix("--- ") {
        return match rest.split(':').next()? {
            "PASS" | "SKIP" => Some(ended(true)),
            "FAIL" => Some(ended(false)),
            _ => None,
        };
    }
    if text.starts_with('{') && text.contains("\"Test\":") {
        let is = |action: &str| text.contains(&format!("\"Action\":\"{action}\""));
        return if is("fail") { Some(ended(false)) } else { (is("pass") || is("skip")).then(|| ended(true)) };
    }
    // node and mocha, jest and vitest.
    match text.split_once(' ')?.0 {
        "✔" | "✓" => Some(ProgressLine::EndedOrHeld { passed: true }),
        "✖" | "✕" | "×" => Some(ProgressLine::EndedOrHeld { passed: false }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(printed: &str) -> String {
        let mut whole = TestProgress::default();
        whole.push(printed.as_bytes());
        // Wherever the pieces end, what is known is the same.
        let mut pieces = TestProgress::default();
        printed.as_bytes().chunks(7).for_each(|piece| pieces.push(piece));
        assert_eq!(whole.text(), pieces.text());
        whole.text().unwrap_or_default()
    }

    #[test]
    fn tests_are_counted_as_each_runner_prints_them() {
        for (printed, text) in [
            ("   Compiling shop v0.1.0 (/home/ada/shop)\n", "compiling shop"),
            ("running 3 tests\n", "0 of 3 tests"),
            (
                "running 3 tests\ntest cart::sum ... ok\ntest cart::tax - should panic ... FAILED\n",
                "2 of 3 tests, 1 failed",
            ),
            ("running 1 test\ntest a ... ok\n\nrunning 2 tests\ntest b ... ignored, slow\n", "2 of 3 tests"),
            ("    Starting 2 tests across 1 binary\n        PASS [   0.005s] (1/2) shop sum\n", "1 of 2 tests"),
            // node --test: the plans follow, and what has subtests is no test more.
            (
                "TAP version 13\n# Subtest: cart\n    # Subtest: sum\n    ok 1 - sum\n    not ok 2 - tax\n    1..2\nnot ok 1 - cart\nok 2 - x\n1..2\n",
                "3 tests, 1 failed",
            ),
            ("1..4\nok 1 coupon\nok 2 sum\n", "2 of 4 tests"),
            ("▶ cart\n  ✔ sum (1.2ms)\n  ✖ tax (0.3ms)\n✖ failing tests:\n✖ tax (0.3ms)\n", "2 tests, 1 failed"),
            // Newer ones end a suite by a mark, older ones by its heading.
            ("▶ cart\n  ✔ sum (1.2ms)\n✔ cart (2ms)\n✔ x (1ms)\n", "2 tests"),
            ("▶ cart\n  ✔ sum (1.2ms)\n▶ cart (2ms)\n\n✔ x (1ms)\n", "2 tests"),
            // mocha
            ("  cart\n    inner\n      ✓ sum\n    outer\n    ✓ tax\n", "2 tests"),
            (
                "collected 9 items / 1 deselected / 8 selected\n\ntests/test_cart.py ..F.s   [ 62%]\n",
                "5 of 8 tests, 1 failed",
            ),
            ("collected 2 items\ntests/test_cart.py::test_sum PASSED [ 50%]\n", "1 of 2 tests"),
            (
                "=== RUN   TestSum\n--- PASS: TestSum (0.00s)\n--- FAIL: TestTax (0.01s)\nok  \tshop\t0.1s\n",
                "2 tests, 1 failed",
            ),
            (
                "{\"Action\":\"pass\",\"Package\":\"shop\",\"Test\":\"TestSum\"}\n{\"Action\":\"pass\",\"Package\":\"shop\"}\n",
                "1 test",
            ),
            ("all is well\n", ""),
        ] {
            assert_eq!(after(printed), text, "{printed}");
        }
    }

    #[test]
    fn a_line_that_never_ends_takes_no_memory() {
        let mut progress = TestProgress::default();
        (0..1_000).for_each(|_| progress.push(&[b'.'; 1_000]));
        assert!(progress.line.capacity() <= 2 * LONGEST);
        progress.push(b"\ntest sum ... ok\n");
        assert_eq!(progress.text().as_deref(), Some("1 test"));
    }
}
