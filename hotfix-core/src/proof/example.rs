//! Examples in the documentation as rustdoc names them and tells of them: by file, item and line.

use crate::domain::event::Ending;
use crate::domain::{Printable, TestState};
use crate::port::Finished;
use crate::runner::{self, TestOutcome};

use super::TestEnd;

/// How an example ended; rustdoc tells of a signal in words only.
pub(crate) fn of_example(finished: &Finished, name: &str) -> TestEnd {
    let output = Printable::from_bytes(&finished.output);
    let text = output.as_str();
    let printed = section(text, name);
    let crashed = printed.split("Test executable failed (signal: ").nth(1).and_then(|rest| rest.split(')').next());
    let outcome = runner::results(text).into_iter().find(|result| result.name == name).map(|result| result.outcome);
    let state = match outcome {
        _ if finished.ending == Ending::TimedOut => TestState::Hang,
        Some(TestOutcome::Passed) => TestState::Pass,
        Some(TestOutcome::Ignored) => TestState::Ignored,
        Some(TestOutcome::Failed) if crashed.is_some() => TestState::Crash,
        Some(TestOutcome::Failed) if printed.contains("Couldn't compile the test") => TestState::BuildFail,
        Some(TestOutcome::Failed) => TestState::Fail,
        // The library itself could not be built, or the example is not there.
        None if finished.ending == Ending::Failed && !text.contains("test result: ") => TestState::BuildFail,
        None => TestState::Absent,
    };
    let symptom = match state {
        TestState::BuildFail => {
            let of_build = if printed.is_empty() { text } else { printed };
            of_build.lines().skip_while(|line| !line.starts_with("error")).take(10).collect::<Vec<_>>().join("\n")
        }
        _ => super::symptom(printed),
    };
    TestEnd {
        state,
        cause: crashed.map(signal_in),
        symptom: (state != TestState::Pass && !symptom.is_empty()).then_some(symptom),
        milliseconds: finished.milliseconds,
    }
}

/// The name in `6 (SIGABRT` or `6, SIGABRT`.
fn signal_in(words: &str) -> String {
    let name = words.split([' ', '(', ',']).find(|word| word.starts_with("SIG"));
    name.map_or_else(|| format!("signal {words}"), str::to_owned)
}

/// What rustdoc says of one failed example.
fn section<'t>(text: &'t str, name: &str) -> &'t str {
    let after = text.split_once(&format!("---- {name} stdout ----\n")).map(|(_, after)| after).unwrap_or_default();
    after.split("\n---- ").next().unwrap_or_default().split("\nfailures:\n").next().unwrap_or_default()
}

/// Whether a name such as `src/lib.rs - cart::sum (line 7)` is of a file; its path may begin at the package.
pub(crate) fn is_in(name: &str, file: &str) -> bool {
    let of = name.split(" - ").next().unwrap_or_default();
    // rustdoc is started in the package, and names the file from there.
    !of.is_empty() && (file == of || file.ends_with(&format!("/{of}")))
}

/// The example of the same item that is as far down there as this one is here.
pub(crate) fn counterpart(name: &str, here: &[String], there: &[String]) -> Option<String> {
    let item = |name: &str| name.rsplit_once(" (line ").map_or(name, |(item, _)| item).to_owned();
    let line = |name: &str| {
        let line = name.rsplit_once(" (line ").and_then(|(_, rest)| rest.split(')').next());
        line.and_then(|line| line.parse::<usize>().ok()).unwrap_or_default()
    };
    let of_item = |names: &[String]| {
        let mut names: Vec<String> = names.iter().filter(|other| item(other) == item(name)).cloned().collect();
        names.sort_by_key(|name| line(name));
        names
    };
    // Lines differ on both sides: of one item, examples are told apart by their order.
    let index = of_item(here).iter().position(|other| other == name)?;
    of_item(there).into_iter().nth(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_found_again_where_lines_moved() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let here = names(&["src/lib.rs - sum (line 12)", "src/lib.rs - sum (line 5)", "src/lib.rs - other (line 1)"]);
        let there = names(&["src/lib.rs - sum (line 3)", "src/lib.rs - sum (line 9)"]);
        assert_eq!(
            counterpart("src/lib.rs - sum (line 12)", &here, &there).as_deref(),
            Some("src/lib.rs - sum (line 9)")
        );
        assert_eq!(counterpart("src/lib.rs - other (line 1)", &here, &there), None);
        assert!(is_in("src/lib.rs - sum (line 5)", "cart/src/lib.rs") && !is_in("src/lib.rs - x (line 1)", "src/a.rs"));
    }

    #[test]
    fn rustdoc_tells_how_an_example_ended() {
        const NAME: &str = "src/lib.rs - sum (line 3)";
        let shown = |ending, output: &str| {
            let output = output.as_bytes().to_vec();
            let finished =
                Finished { ending, exit_code: None, signal: None, milliseconds: 0, output, stdout: Vec::new() };
            let end = of_example(&finished, NAME);
            format!("{} {}", end.state.key(), end.cause.unwrap_or_default())
        };
        let failed = |told: &str| {
            format!(
                "test src/lib.rs - other (line 9) ... ok\ntest {NAME} ... FAILED\n\nfailures:\n\n---- {NAME} stdout ----\n{told}\n\nfailures:\n    {NAME}\n\ntest result: FAILED. 1 passed; 1 failed\n"
            )
        };
        let passed = format!("test {NAME} ... ok\n\ntest result: ok. 1 passed; 0 failed");
        assert_eq!(shown(Ending::Passed, &passed), "pass ");
        assert_eq!(shown(Ending::Passed, "test result: ok. 0 passed; 0 failed"), "absent ");
        assert_eq!(shown(Ending::Failed, &failed("thread 'main' panicked")), "fail ");
        assert_eq!(shown(Ending::Failed, &failed("error[E0425]: x\nCouldn't compile the test.")), "build-fail ");
        assert_eq!(shown(Ending::Failed, &failed("Test executable failed (signal: 6 (SIGABRT)).")), "crash SIGABRT");
        assert_eq!(shown(Ending::Failed, "error: could not compile `shop`\n"), "build-fail ");
        assert_eq!(shown(Ending::TimedOut, ""), "hang ");
    }
}
