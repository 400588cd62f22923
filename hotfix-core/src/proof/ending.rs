//! How one test ended that ran alone: its state, what ended its process, and what it printed.

use crate::domain::event::Ending;
use crate::domain::{Printable, TestState};
use crate::port::Finished;

/// How much of what a test printed is kept: lines and bytes.
const SYMPTOM: (usize, usize) = (12, 1_200);
/// What ended a process too soon.
pub const EARLY: &str = "exit code 0 before it was done";

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestEnd {
    /// Its state.
    pub state: TestState,
    /// What ended its process, where something did.
    pub cause: Option<String>,
    /// What it printed when it did not pass.
    pub symptom: Option<String>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

impl TestEnd {
    /// An end without words.
    pub fn silent(state: TestState) -> Self {
        Self { state, cause: None, symptom: None, milliseconds: 0 }
    }
}

/// How a Rust test ended that ran alone in its test program. `has_report`: the program says so itself, as Rust's own test
/// programs do; of another one only the exit code is known.
pub fn of_rust_test(finished: &Finished, has_report: bool) -> TestEnd {
    let output = Printable::from_bytes(&finished.output);
    let text = output.as_str();
    // The last one: a test may print such a line itself.
    let summary = text.lines().rev().find(|line| line.starts_with("test result: "));
    let (state, cause) = match (finished.ending, finished.signal, finished.exit_code) {
        (Ending::TimedOut, _, _) => (TestState::Hang, Some("out of time".to_owned())),
        // Before the exit code: a killed process has none.
        (_, Some(signal), _) => (TestState::Crash, Some(cause_of(signal, text))),
        (Ending::Passed, _, _) => match (summary, has_report) {
            (Some(summary), _) => (reported(summary), None),
            (None, false) => (TestState::Pass, None),
            // A fix that calls `exit(0)` was once called proven.
            (None, true) => (TestState::EndedEarly, Some(EARLY.to_owned())),
        },
        // The test program reports a failure with this code, in its own words.
        (Ending::Failed, None, Some(101)) => (TestState::Fail, None),
        // Without its last line the program did not end by itself.
        (Ending::Failed, None, code) if summary.is_none() => {
            (TestState::Crash, code.map(|code| format!("exit code {code}")))
        }
        (Ending::Failed, _, _) => (TestState::Fail, None),
    };
    let symptom = match state {
        TestState::Pass | TestState::Ignored | TestState::Absent => None,
        // An earlier panic may be caught on purpose.
        TestState::Crash | TestState::EndedEarly => Some(last_words(text)),
        TestState::Fail | TestState::Hang | TestState::BuildFail | TestState::Flaky => Some(symptom(text)),
    };
    TestEnd { state, cause, symptom: symptom.filter(|text| !text.is_empty()), milliseconds: finished.milliseconds }
}

/// What the last line of a test program says.
fn reported(summary: &str) -> TestState {
    let count = |what: &str| {
        let words = summary.split([';', '.']).map(str::trim);
        words.filter_map(|part| part.strip_suffix(what)?.trim().parse::<u32>().ok()).next().unwrap_or_default()
    };
    match (count("failed"), count("passed"), count("ignored")) {
        (1.., _, _) => TestState::Fail,
        (0, 1.., _) => TestState::Pass,
        (0, 0, 1..) => TestState::Ignored,
        // The filter met nothing: a test that is gone passes every time.
        (0, 0, 0) => TestState::Absent,
    }
}

fn cause_of(signal: i32, output: &str) -> String {
    let name = signal_name(signal);
    // Rust's own handler says it, and then aborts: the signal alone would mislead.
    if output.contains("has overflowed its stack") { format!("stack overflow ({name})") } else { name }
}

/// The name of a signal.
pub fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        // Linux's number; elsewhere the test still has its state.
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

/// What a panicking or failing test printed: from the panic on, without what the test program says around it.
pub fn symptom(output: &str) -> String {
    const AROUND: [&str; 3] = ["running ", "error: test failed", "error: process didn't exit"];
    const AFTER: [&str; 4] = ["failures:", "test result: ", "stack backtrace:", "note: run with `RUST_BACKTRACE"];
    let is_around = |line: &str| {
        let line = line.trim_start();
        AROUND.iter().any(|around| line.starts_with(around)) || line.starts_with("test ") && line.contains(" ... ")
    };
    let lines: Vec<&str> = output.lines().collect();
    let starts =
        |line: &str| line.contains("panicked at") || line.starts_with("Error: ") || line.contains("has overflowed");
    let first = lines.iter().position(|line| starts(line)).unwrap_or_default();
    let is_after = |line: &str| AFTER.iter().any(|after| line.trim_start().starts_with(after));
    let of_panic = lines.iter().skip(first).take_while(|line| !is_after(line));
    let lines: Vec<&str> = of_panic.copied().filter(|line| !is_around(line) && !line.trim().is_empty()).collect();
    let (most_lines, most_bytes) = SYMPTOM;
    let lines: Vec<&str> = lines.into_iter().take(most_lines).map(str::trim_end).collect();
    Printable::new(&lines.join("\n")).excerpt(most_bytes).to_string()
}

/// What a process printed last before it was ended: an earlier panic may be one that the test provokes and catches.
fn last_words(output: &str) -> String {
    const LINES: usize = 6;
    if output.contains("has overflowed its stack") {
        return symptom(output);
    }
    let is_own = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with("running ") && !line.starts_with("note: run with `RUST_BACKTRACE")
    };
    let lines: Vec<&str> = output.lines().filter(is_own).collect();
    let last = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default();
    Printable::new(&last.join("\n")).excerpt(SYMPTOM.1).to_string()
}

/// The first error of a build, cut.
pub fn first_error(errors: &[String], output: &[u8]) -> String {
    let (most_lines, most_bytes) = SYMPTOM;
    let text = match errors.first() {
        Some(error) => error.clone(),
        None => {
            let output = Printable::from_bytes(output);
            let error = output.as_str().lines().skip_while(|line| !line.starts_with("error")).collect::<Vec<_>>();
            if error.is_empty() { output.tail(most_lines, most_bytes).to_string() } else { error.join("\n") }
        }
    };
    let lines: Vec<&str> = text.lines().take(most_lines).map(str::trim_end).collect();
    Printable::new(lines.join("\n").trim_end()).excerpt(most_bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(ending: Ending, exit_code: Option<i32>, signal: Option<i32>, output: &str) -> String {
        let output = output.as_bytes().to_vec();
        let finished = Finished { ending, exit_code, signal, milliseconds: 1, output, stdout: Vec::new() };
        let end = of_rust_test(&finished, true);
        format!("{} {} | {}", end.state.key(), end.cause.unwrap_or_default(), end.symptom.unwrap_or_default())
    }

    #[test]
    fn a_failing_test_says_why() {
        let output = "\nrunning 1 test\n\nthread 'cart::sum' (12) panicked at src/cart.rs:7:5:\nassertion `left == right` failed\n  left: 0\n right: 90\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\ntest cart::sum ... FAILED\n\nfailures:\n    cart::sum\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.00s\n";
        insta::assert_snapshot!(end(Ending::Failed, Some(101), None, output), @"
        fail  | thread 'cart::sum' (12) panicked at src/cart.rs:7:5:
        assertion `left == right` failed
          left: 0
         right: 90
        ");
    }

    #[test]
    fn what_ends_the_process_is_named() {
        let overflow =
            "running 1 test\n\nthread 'deep' has overflowed its stack\nfatal runtime error: stack overflow, aborting\n";
        insta::assert_snapshot!(end(Ending::Failed, None, Some(6), overflow), @"
        crash stack overflow (SIGABRT) | thread 'deep' has overflowed its stack
        fatal runtime error: stack overflow, aborting
        ");
        let provoked = "running 1 test\n\nthread 'x' panicked at a.rs:1:\non purpose\nnote: run with `RUST_BACKTRACE=1`\nfree(): double free detected\n";
        insta::assert_snapshot!(end(Ending::Failed, None, Some(6), provoked), @"
        crash SIGABRT | thread 'x' panicked at a.rs:1:
        on purpose
        free(): double free detected
        ");
        assert_eq!(end(Ending::Failed, None, Some(11), "running 1 test\n"), "crash SIGSEGV | ");
        assert_eq!(end(Ending::Failed, Some(3), None, "running 1 test\n"), "crash exit code 3 | ");
        assert_eq!(end(Ending::TimedOut, None, Some(15), "running 1 test\n"), "hang out of time | ");
    }

    #[test]
    fn what_did_not_run_did_not_pass() {
        let result =
            |counts: &str| format!("running 1 test\n\ntest result: ok. {counts}; 0 measured; 0 filtered out\n");
        assert_eq!(end(Ending::Passed, Some(0), None, &result("1 passed; 0 failed; 0 ignored")), "pass  | ");
        assert_eq!(end(Ending::Passed, Some(0), None, &result("0 passed; 0 failed; 1 ignored")), "ignored  | ");
        assert_eq!(end(Ending::Passed, Some(0), None, &result("0 passed; 0 failed; 0 ignored")), "absent  | ");
        let failed =
            "running 1 test\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(end(Ending::Passed, Some(0), None, failed), "fail  | ");
    }

    #[test]
    fn an_exit_with_0_is_no_success_where_the_program_would_have_said_so() {
        let said = "\nrunning 1 test\nunreadable: five\n";
        assert_eq!(
            end(Ending::Passed, Some(0), None, said),
            "ended-early exit code 0 before it was done | unreadable: five"
        );
        let output = b"all well\n".to_vec();
        let (exit_code, signal, stdout) = (Some(0), None, Vec::new());
        let finished = Finished { ending: Ending::Passed, exit_code, signal, milliseconds: 1, output, stdout };
        assert_eq!(of_rust_test(&finished, false).state, TestState::Pass);
        assert_eq!(of_rust_test(&finished, true).state, TestState::EndedEarly);
    }

    #[test]
    fn the_first_error_of_a_build_is_shown() {
        let errors =
            ["error[E0425]: cannot find function `sum`\n --> src/lib.rs:1\n\n".to_owned(), "error: two".to_owned()];
        assert_eq!(first_error(&errors, b""), "error[E0425]: cannot find function `sum`\n --> src/lib.rs:1");
        assert_eq!(first_error(&[], b"    Updating index\nerror: no matching package\n"), "error: no matching package");
    }
}
