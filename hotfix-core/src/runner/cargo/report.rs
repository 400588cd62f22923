//! What test programs themselves say in the output of `cargo test` and nextest. Both call a program that exits with 0 passed;
//! only its own last line, `test result: ok`, says that it came to its end.

use crate::domain::event::TestCounts;

/// What the output says of test programs that exited with 0.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// Those that began and never came to their end: test programs, or single tests where each has a process of its own.
    pub unfinished: Vec<String>,
    /// Whether some said nothing that is known, as those with a `main` of their own do.
    pub has_silent: bool,
}

/// A part of the output: what one process printed.
struct OutputSection {
    name: String,
    kind: SectionKind,
    /// Whether it began to run tests.
    began: bool,
    /// Whether its result came after that.
    ended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SectionKind {
    /// A test program that `cargo test` runs, or all examples of a package.
    Program,
    /// One test that nextest calls passed; what it printed follows.
    Passed,
    /// One test that nextest starts without keeping its output back.
    Started,
    /// Nothing of which anything is expected.
    Other,
}

/// Reads the output of a run that exited with 0.
pub fn reported(output: &str) -> Reported {
    let mut reported = Reported::default();
    let mut part = OutputSection::new("a test program", SectionKind::Other);
    for line in output.lines() {
        if let Some(next) = OutputSection::begun_by(line) {
            // Without its output kept back, a test is done when nextest calls it passed.
            let is_started = part.kind == SectionKind::Started;
            std::mem::replace(&mut part, next).add_to(&mut reported);
            // Its output came before the line that calls it passed.
            if is_started && part.kind == SectionKind::Passed {
                part.kind = SectionKind::Other;
            }
        } else {
            part.read(line);
        }
    }
    part.add_to(&mut reported);
    reported
}

/// The output of nextest without what tests printed that passed, and that came to their end.
pub fn without_passed(output: &str) -> String {
    let mut kept = String::with_capacity(output.len().min(64 * 1024));
    let mut part = OutputSection::new("", SectionKind::Other);
    let mut printed = String::new();
    for line in output.lines() {
        let next = OutputSection::begun_by(line)
            .or_else(|| line.starts_with("────").then(|| OutputSection::new("", SectionKind::Other)));
        // A failed test's output is all a person has; only what passed is folded away.
        if let Some(next) = next {
            let is_told = part.kind != SectionKind::Passed || part.is_unfinished();
            kept.push_str(if is_told { &printed } else { "" });
            kept.push_str(line);
            kept.push('\n');
            printed.clear();
            part = next;
        } else {
            part.read(line);
            printed.push_str(line);
            printed.push('\n');
        }
    }
    if part.kind != SectionKind::Passed || part.is_unfinished() {
        kept.push_str(&printed);
    }
    kept
}

/// How many tests ended how, by nextest's `Summary [   0.219s] 3 tests run: 3 passed, 0 skipped`: asked for no more, it names none.
pub(super) fn summary(output: &str) -> Option<TestCounts> {
    // From the end: a test may print such a line itself.
    let is_summary = |line: &&str| line.trim_start().starts_with("Summary [");
    let (_, told) = output.lines().rev().find(is_summary)?.split_once(" run: ")?;
    let of = |word: &str| {
        let parts = told.split(", ").filter_map(|part| part.split_once(' '));
        parts.filter(|(_, what)| what.starts_with(word)).filter_map(|(many, _)| many.parse::<u32>().ok()).sum::<u32>()
    };
    let failed = of("failed").saturating_add(of("timed out")).saturating_add(of("exec failed"));
    Some(TestCounts { passed: of("passed"), failed, ignored: 0 })
}

/// How many tests ended how, by the last lines of test programs; `None` where there are none of those that `cargo test` runs.
pub(super) fn totals(output: &str) -> Option<TestCounts> {
    let mut counts = TestCounts::default();
    let mut is_any = false;
    for line in output.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        // A run of nothing says `ok. 0 passed`, which is a total; no line at all is none.
        is_any = true;
        let of = |what: &str| {
            let words = line.split([';', '.']).map(str::trim);
            words.filter_map(|part| part.strip_suffix(what)?.trim().parse::<u32>().ok()).next().unwrap_or_default()
        };
        counts.passed = counts.passed.saturating_add(of("passed"));
        counts.failed = counts.failed.saturating_add(of("failed"));
        counts.ignored = counts.ignored.saturating_add(of("ignored"));
    }
    is_any.then_some(counts)
}

impl OutputSection {
    fn new(name: &str, kind: SectionKind) -> Self {
        Self { name: name.to_owned(), kind, began: false, ended: false }
    }

    /// The part that begins with this line.
    fn begun_by(line: &str) -> Option<Self> {
        let text = line.trim_start();
        // Cargo sets its words apart by blanks; what a test prints seldom looks like that.
        if line.starts_with("   ") {
            let program = text.strip_prefix("Running ").filter(|rest| rest.ends_with(')'));
            if let Some((name, _)) = program.and_then(|rest| rest.rsplit_once(" (")) {
                return Some(Self::new(name.trim_start_matches("unittests "), SectionKind::Program));
            }
            if let Some(package) = text.strip_prefix("Doc-tests ") {
                return Some(Self::new(&format!("an example of {package}"), SectionKind::Program));
            }
        }
        let (word, rest) = text.split_once(" [")?;
        let (time, name) = rest.split_once("] ")?;
        let is_time =
            |text: &str| text.trim().trim_start_matches('>').trim().trim_end_matches('s').parse::<f64>().is_ok();
        if !time.trim().is_empty() && !is_time(time) {
            return None;
        }
        let name = name.trim();
        // Newer versions of nextest put `(1/3)` before the name.
        let name = name.strip_prefix('(').and_then(|rest| rest.split_once(") ")).map_or(name, |(_, name)| name.trim());
        let kind = match word.trim() {
            // A leak is a handle that a child held open; nextest counts it as passed.
            "PASS" | "LEAK" => SectionKind::Passed,
            "START" => SectionKind::Started,
            word if word.starts_with("TRY ") && word.ends_with(" PASS") => SectionKind::Passed,
            _ => SectionKind::Other,
        };
        Some(Self::new(name, kind))
    }

    fn read(&mut self, line: &str) {
        let line = line.trim_start();
        let number = line.strip_prefix("running ").and_then(|rest| rest.split_once(" test"));
        if number.is_some_and(|(number, rest)| number.parse::<u32>().is_ok() && matches!(rest, "" | "s")) {
            // rustdoc runs examples in more than one go; in a test's own process what it prints may look like that.
            self.ended &= self.kind == SectionKind::Passed || self.kind == SectionKind::Started;
            self.began = true;
        }
        self.ended |= self.began && line.starts_with("test result: ");
    }

    fn is_unfinished(&self) -> bool {
        self.began && !self.ended
    }

    fn add_to(self, reported: &mut Reported) {
        if self.is_unfinished() {
            // Both Cargo and nextest go by the exit code, and call `exit(0)` in a test a pass.
            reported.unfinished.push(self.name);
        } else {
            reported.has_silent |= !self.began && matches!(self.kind, SectionKind::Program | SectionKind::Passed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: &str = "   Compiling shop v0.1.0 (/shop)\n     Running unittests src/lib.rs (target/debug/deps/shop-a351b7fad5c5bb2c)\n\nrunning 1 test\ntest unit ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n     Running tests/percent.rs (target/debug/deps/percent-c7dd16418bfd7e8a)\n\nrunning 3 tests\ntest good ... ok\n   Doc-tests shop\n\nrunning 2 tests\ntest src/lib.rs - percent (line 2) ... ok\n\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.03s\n";
    const NEXTEST: &str = "    Starting 3 tests across 3 binaries\n        PASS [   0.015s] (1/3) shop unit\n  stdout ───\n\n    running 1 test\n    running 7 tests\n    test unit ... ok\n\n    test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\n        PASS [   0.014s] (2/3) shop::percent bad\n  stdout ───\n\n    running 1 test\n    x\n\n  TRY 2 PASS [   0.014s] (3/3) shop::percent good\n  stdout ───\n\n    running 1 test\n    test result: ok. 1 passed\n\n────────────\n     Summary [   0.219s] 3 tests run: 3 passed, 0 skipped\n";

    #[test]
    fn a_program_that_exits_before_its_result_is_found() {
        assert_eq!(reported(CARGO), Reported { unfinished: vec!["tests/percent.rs".to_owned()], has_silent: false });
        let whole = CARGO.replace("test good ... ok\n", "test result: ok. 3 passed; 0 failed\n");
        assert_eq!(reported(&whole), Reported::default());
        // Asked to be quiet, Cargo names no programs.
        let quiet = "\nrunning 3 tests\n..\n";
        assert_eq!(reported(quiet).unfinished, ["a test program"]);
        assert_eq!(
            reported("\nrunning 1 test\n.\ntest result: ok. 1 passed\n\n\nrunning 0 tests\n").unfinished.len(),
            1
        );
        assert_eq!(reported("ok\n"), Reported::default());
    }

    #[test]
    fn a_test_that_nextest_calls_passed_is_looked_into() {
        let found = reported(NEXTEST);
        assert_eq!(found, Reported { unfinished: vec!["shop::percent bad".to_owned()], has_silent: false });
        let straight = "       START [         ] (1/2) shop a\n\nrunning 1 test\n\ntest result: ok. 1 passed\n\n        PASS [   0.005s] (1/2) shop a\n       START [         ] (2/2) shop b\n\nrunning 1 test\n        PASS [   0.005s] (2/2) shop b\n";
        assert_eq!(reported(straight), Reported { unfinished: vec!["shop b".to_owned()], has_silent: false });
    }

    #[test]
    fn programs_that_say_nothing_known_are_told_apart() {
        let own = "     Running tests/own.rs (target/debug/deps/own-b65ea4c089b7d802)\nfine\n";
        assert_eq!(reported(own), Reported { unfinished: Vec::new(), has_silent: true });
        assert!(reported("        PASS [   0.031s] (1/5) shop::own one\n").has_silent);
    }

    #[test]
    fn what_passed_tests_print_is_left_out() {
        insta::assert_snapshot!(without_passed(NEXTEST), @"
            Starting 3 tests across 3 binaries
                PASS [   0.015s] (1/3) shop unit
                PASS [   0.014s] (2/3) shop::percent bad
          stdout ───

            running 1 test
            x

          TRY 2 PASS [   0.014s] (3/3) shop::percent good
        ────────────
             Summary [   0.219s] 3 tests run: 3 passed, 0 skipped
        ");
    }

    #[test]
    fn the_last_lines_are_added_up() {
        assert_eq!(totals(CARGO), Some(TestCounts { passed: 3, failed: 0, ignored: 1 }));
        assert_eq!(totals(NEXTEST), None);
        assert_eq!(summary(NEXTEST), Some(TestCounts { passed: 3, failed: 0, ignored: 0 }));
        let failed =
            "     Summary [   0.1s] 9/12 tests run: 4 passed (1 slow, 1 flaky), 2 failed, 3 timed out, 3 skipped\n";
        assert_eq!(summary(failed), Some(TestCounts { passed: 4, failed: 5, ignored: 0 }));
        assert_eq!(summary(CARGO), None);
    }
}
