//! Step 4: the tests that the fix can affect.

use std::fmt::Write as _;

use crate::config::PLACEHOLDER;
use crate::domain::event::{Ending, FollowUpAdded, Gap, Suite, TestRun, Waiver};
use crate::domain::{EventKind, Incident, ObjectId, Printable, one_line};
use crate::port::{Change, Finished};
use crate::runner;

use super::action::shown;
use super::{Action, Context, Done, Outcome, Plan, Refusal, Report, Step, guard, no_incident, policy};

/// Run the affected tests; end-to-end ones too when the fix touches their paths
///
/// Uses `[test] command` of hotfix.toml, or the runner that is detected. The result holds for exactly the tree that was
/// tested: run again on the same tree, the answer is there at once.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Test {
    /// Compare with this commit; also works outside an incident, for example in CI
    #[cfg_attr(feature = "cli", arg(long, value_name = "REV"))]
    pub base: Option<String>,
    /// Record what you checked by hand instead of running tests
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT", conflicts_with = "defer"))]
    pub smoke: Option<String>,
    /// Record why there is no regression test, and add the follow-up
    #[cfg_attr(feature = "cli", arg(long, value_name = "REASON"))]
    pub defer: Option<String>,
    /// Arguments for the test runner
    #[cfg_attr(feature = "cli", arg(last = true, value_name = "ARGS"))]
    pub arguments: Vec<String>,
}

impl Step for Test {
    fn texts(&mut self) -> Vec<&mut String> {
        [&mut self.smoke, &mut self.defer].into_iter().flatten().collect()
    }

    fn needs_incident(&self) -> bool {
        self.base.is_none()
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal> {
        let tree = context.look.git.work_tree_as_tree()?;
        if let Some(done) = finished(context) {
            return self.report(context, &tree, done);
        }
        let incident = context.incident;
        if let (Some(incident), Some(text)) = (incident, &self.smoke) {
            return smoke(incident, text, &tree);
        }
        if let (Some(incident), Some(reason)) = (incident, &self.defer) {
            return defer(incident, reason, &tree);
        }
        if self.smoke.is_some() || self.defer.is_some() {
            return Err(Refusal::usage(
                "smoke",
                "--smoke and --defer are recorded in an incident, and there is none here",
            ));
        }
        let from = match (&self.base, incident) {
            (Some(base), _) => context.look.git.commit_of(base)?.ok_or_else(|| policy::no_such_base(base))?,
            (None, Some(incident)) => guard::fix_starts_at(context, incident, None)?,
            (None, None) => return Err(no_incident(context.program)),
        };
        let changes = context.look.git.changes(&from, &tree)?;
        let runs = runs(context, &changes, &tree, &self.arguments, incident.is_some())?;
        if runs.is_empty() {
            return Err(no_runner(context.program));
        }
        if let Some(incident) = incident
            && self.arguments.is_empty()
            && runs.iter().all(|run| holds(context, incident, run))
        {
            return self.report_held(context, incident, &tree);
        }
        let notes = runs.iter().map(|run| why(context, run)).collect();
        Ok(Plan::then_look_again(runs).notes(notes))
    }
}

impl Test {
    /// After the runs: the result, from the events of the incident or from this run.
    fn report(&self, context: &Context<'_>, tree: &ObjectId, last: &Finished) -> Result<Plan, Refusal> {
        let runs: Vec<TestRun> = match context.incident {
            Some(incident) => incident.test_runs.iter().filter(|run| run.tree == *tree).cloned().collect(),
            None => Vec::new(),
        };
        let mut outcome = match runs.iter().rev().find(|run| run.ending != Ending::Passed) {
            Some(failed) if last.ending != Ending::Passed => Outcome::failed(failure(failed, context.program)),
            _ if last.ending != Ending::Passed => Outcome::failed(Refusal::check_failed("test", ended(last))),
            _ => Outcome::text(passed(&runs, last)),
        };
        if last.ending != Ending::Passed {
            outcome.text = Printable::from_bytes(&last.output).tail(60, 16 * 1024).to_string() + "\n";
        }
        outcome.report = Report { test_runs: runs, ..Report::default() };
        Ok(Plan::finished(outcome))
    }

    fn report_held(&self, context: &Context<'_>, incident: &Incident, tree: &ObjectId) -> Result<Plan, Refusal> {
        let runs: Vec<TestRun> = incident.test_runs.iter().filter(|run| run.tree == *tree).cloned().collect();
        let mut text = String::from("this tree was tested already\n");
        for run in &runs {
            let _ = writeln!(text, "  passed: {}", shown(&run.command)); // Writing to a `String` cannot fail.
        }
        let mut outcome = Outcome::text(text).next(format!("{} ship", context.program));
        outcome.report = Report { test_runs: runs, ..Report::default() };
        Ok(Plan::finished(outcome))
    }
}

/// The test runs that this change needs, each as an action; empty where no runner is known.
///
/// # Errors
/// When the command wants affected test files and there are none.
pub(super) fn runs(
    context: &Context<'_>,
    changes: &[Change],
    tree: &ObjectId,
    arguments: &[String],
    record: bool,
) -> Result<Vec<Action>, Refusal> {
    let config = &context.config.test;
    let files = runner::affected_test_files(changes, &config.regression);
    let run = |suite: Suite, command: Vec<String>| Action::RunTests {
        suite,
        command: command.into_iter().chain(arguments.iter().cloned()).collect(),
        tree: tree.clone(),
        files: files.clone(),
        timeout: config.timeout,
        record,
    };
    let mut runs = Vec::new();
    if let Some(command) = &config.command {
        runs.push(run(Suite::Affected, expanded(command, &files, context.program)?));
    } else if let Some(detected) = detected(context)? {
        runs.push(run(
            Suite::Affected,
            detected.command(&files).map_err(|_no_files| no_affected(detected.name, context.program))?,
        ));
    }
    if let Some(command) = &config.e2e {
        let touched = changes.iter().any(|change| config.e2e_paths.is_match(&change.path));
        if touched {
            let e2e_files: Vec<String> = files.iter().filter(|file| config.e2e_paths.is_match(file)).cloned().collect();
            let chosen = if e2e_files.is_empty() { &files } else { &e2e_files };
            runs.push(run(Suite::EndToEnd, expanded(command, chosen, context.program)?));
        }
    }
    Ok(runs)
}

fn expanded(command: &[String], files: &[String], program: &str) -> Result<Vec<String>, Refusal> {
    let wants_files = command.iter().any(|argument| argument == PLACEHOLDER);
    // A name that is not UTF-8 was read with this in place of its bytes; as an argument it would name no file.
    if let Some(unreadable) = files.iter().find(|file| wants_files && file.contains(char::REPLACEMENT_CHARACTER)) {
        let message = format!("the name of the test file {} is not UTF-8", one_line(unreadable));
        return Err(Refusal::precondition("unreadable-name", message).hint("rename it with `git mv`"));
    }
    runner::expand(command, files).map_err(|_no_files| no_affected(&shown(command), program))
}

/// The refusal where the command wants test files and the change has none: no test would run, and that is never green.
fn no_affected(command: &str, program: &str) -> Refusal {
    Refusal::check_failed(
        "no-affected-tests",
        format!("`{command}` wants affected test files, and the change has none"),
    )
    .hint("add the regression test that fails without the fix")
    .hint(format!("{program} test --smoke \"what you checked by hand\""))
    .hint(format!("{program} test --defer \"why there is no test now\""))
}

/// The runner that the tree at HEAD shows.
fn detected(context: &Context<'_>) -> Result<Option<runner::Runner>, Refusal> {
    let git = context.look.git;
    let head = git.head()?;
    let Some(commit) = head.commit() else { return Ok(None) };
    let names = git.top_level_names(commit)?;
    let file = |path: &str| context.look.files.read(path).ok().flatten();
    Ok(runner::detect(&names, &file, context.prefer_cargo))
}

/// Whether a passed run of the same command on the same tree is recorded.
pub(super) fn holds(context: &Context<'_>, incident: &Incident, wanted: &Action) -> bool {
    let Action::RunTests { suite, command, tree, .. } = wanted else { return false };
    let mut recorded = command.clone();
    context.redactor.redact_command(&mut recorded);
    let same = |run: &&TestRun| run.suite == *suite && run.tree == *tree && run.command == recorded;
    incident.test_runs.iter().rev().find(same).is_some_and(|run| run.ending == Ending::Passed)
}

/// Whether a person's word stands in for tests that are not there: a look at this tree by hand, a deferral, a waiver.
pub(super) fn excused(incident: &Incident, tree: &ObjectId) -> bool {
    incident.smoke_tests.iter().any(|(checked, _)| checked == tree)
        || !incident.test_deferrals.is_empty()
        || incident.waiver("test").is_some()
}

/// The failure of a test run.
pub(super) fn failure(run: &TestRun, program: &str) -> Refusal {
    let how = match (run.ending, run.exit_code) {
        (Ending::TimedOut, _) => "ran out of time".to_owned(),
        (_, Some(code)) => format!("exited with {code}"),
        (_, None) => "was ended by a signal".to_owned(),
    };
    Refusal::check_failed("test", format!("the tests do not pass: `{}` {how}", shown(&run.command)))
        .hint("mend the fix, commit, and run the same command again")
        .hint(format!("{program} ship --no-test \"why it ships although they fail\""))
}

/// The refusal where nothing says how to test.
pub(super) fn no_runner(program: &str) -> Refusal {
    Refusal::precondition("no-test-runner", "no test runner was found")
        .hint("name one in hotfix.toml: [test] command = [\"npm\", \"test\"]")
        .hint(format!("{program} test --smoke \"what you checked by hand\""))
}

/// The waiver that says so where nothing could be tested.
pub(super) fn nothing_to_run() -> Waiver {
    Waiver { check: "test".to_owned(), reason: "no test runner was found".to_owned() }
}

fn smoke(incident: &Incident, text: &str, tree: &ObjectId) -> Result<Plan, Refusal> {
    if one_line(text).is_empty() {
        return Err(Refusal::usage("smoke", "--smoke: say what you checked and what you saw"));
    }
    let outcome = Outcome::text("recorded as checked by hand; the pull request says so");
    if incident.smoke_tests.iter().any(|(checked, known)| checked == tree && known == text) {
        return Ok(Plan::finished(outcome));
    }
    let event = EventKind::SmokeTested { text: text.to_owned(), tree: tree.clone() };
    Ok(Plan::then_finish(vec![Action::Record { events: vec![event] }], outcome))
}

fn defer(incident: &Incident, reason: &str, tree: &ObjectId) -> Result<Plan, Refusal> {
    if one_line(reason).is_empty() {
        return Err(Refusal::usage("defer", "--defer: say why there is no regression test now"));
    }
    let outcome = Outcome::text("regression test deferred: recorded, with its follow-up");
    if incident.test_deferrals.iter().any(|(deferred, known)| deferred == tree && known == reason) {
        return Ok(Plan::finished(outcome));
    }
    let mut events = vec![EventKind::TestDeferred { reason: reason.to_owned(), tree: tree.clone() }];
    if incident.test_deferrals.is_empty() {
        events.push(EventKind::FollowUpAdded(FollowUpAdded {
            text: format!("write the regression test for \"{}\"", one_line(&incident.title)),
            band_aid: false,
            gap: Some(Gap::Test),
            owner: None,
            due: None,
        }));
    }
    Ok(Plan::then_finish(vec![Action::Record { events }], outcome))
}

fn finished<'a>(context: &Context<'a>) -> Option<&'a Finished> {
    let ends = context.done.iter().filter_map(|done| match done {
        Done::Tested(finished) => Some(finished),
        _ => None,
    });
    let ends: Vec<&Finished> = ends.collect();
    ends.iter().find(|end| end.ending != Ending::Passed).copied().or(ends.last().copied())
}

fn why(context: &Context<'_>, run: &Action) -> String {
    match run {
        Action::RunTests { suite: Suite::EndToEnd, .. } => {
            "end-to-end tests: the fix touches [test] e2e_paths".to_owned()
        }
        _ if context.config.test.command.is_some() => "tests: the command of [test] in hotfix.toml".to_owned(),
        _ => match detected(context) {
            Ok(Some(runner)) => format!("tests: {} ({})", runner.name, runner.why),
            _ => "tests".to_owned(),
        },
    }
}

fn passed(runs: &[TestRun], last: &Finished) -> String {
    if runs.is_empty() {
        return format!("tests passed in {}", seconds(last.milliseconds));
    }
    let lines: Vec<String> = runs
        .iter()
        .filter(|run| run.ending == Ending::Passed)
        .map(|run| format!("passed in {}: {}", seconds(run.milliseconds), shown(&run.command)))
        .collect();
    lines.join("\n")
}

fn ended(finished: &Finished) -> String {
    match (finished.ending, finished.exit_code) {
        (Ending::TimedOut, _) => "the tests ran out of time".to_owned(),
        (_, Some(code)) => format!("the tests do not pass: exit code {code}"),
        (_, None) => "the tests do not pass: ended by a signal".to_owned(),
    }
}

/// Milliseconds as people read them.
pub(super) fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        _ => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
    }
}
