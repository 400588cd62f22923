//! Programs: tests, deployments, looks at production. Their ends become events, whatever they are.

use std::time::Duration;

use crate::domain::event::{DeployFinished, DeployInterrupted, DeployPart, DeployStarted, Ending, TestRun, Verified};
use crate::domain::{CommandLine, EventKind, ObjectId, Printable};
use crate::port::{ErrorKind, Finished, Invocation, PortError};
use crate::runner::{TestOutcome, TestProgress, TestResult};
use crate::workflow::ProgramAction;
use crate::workflow::action::{ProductionCheck, TestsToRun};
use crate::{evidence, runner};

use super::share::{self, Meanwhile};
use super::{Done, Executor, Result, prove};

/// How much of what a program printed goes into the ledger.
pub(super) const KEPT_LINES: usize = 60;
pub(super) const KEPT_BYTES: usize = 8 * 1024;
/// How long a command may take that the doctor advised.
const REMEDY_DEADLINE: Duration = Duration::from_secs(120);

pub(super) fn execute(executor: &mut Executor<'_>, action: &ProgramAction, watch: &dyn Fn(&str)) -> Result<Done> {
    match action {
        ProgramAction::RunTests(tests) => run_tests(executor, tests, watch),
        ProgramAction::Prove(request) => prove::prove(executor, request, watch),
        ProgramAction::Deploy { part, command, commit, timeout } => deploy(executor, *part, command, commit, *timeout),
        ProgramAction::Verify { check, commit, timeout } => verify(executor, check, commit, *timeout),
        ProgramAction::Remedy { command } => Ok(remedy(executor, command)),
    }
}

/// Runs what the doctor advised. That it did not help is told, and stops nothing.
fn remedy(executor: &Executor<'_>, command: &CommandLine) -> Done {
    // git may ask for a passphrase; what we print ourselves would only stand in the way.
    let interactive =
        command.first().is_some_and(|program| program == "git") && command.get(1).is_none_or(|word| word != "hotfix");
    let invocation = Invocation { interactive, ..Invocation::new(command.clone(), REMEDY_DEADLINE) };
    let why_not = match executor.act.processes.run(&invocation) {
        Ok(finished) if finished.ending == Ending::Passed => None,
        Ok(finished) => Some(Printable::from_bytes(&finished.output).tail(1, 200).one_line().to_string()),
        Err(error) => Some(sentence(&error)),
    };
    Done::Remedied { why_not }
}

/// Runs tests; the result holds for the tree they ran on.
fn run_tests(executor: &mut Executor<'_>, tests: &TestsToRun, watch: &dyn Fn(&str)) -> Result<Done> {
    let question = ("test", &tests.tree, &tests.command, &tests.folder);
    let known = if tests.record { None } else { executor.remembered::<(TestRun, Vec<TestResult>)>(&question) };
    if let Some((run, results)) = known {
        return Ok(Done::Tested { run: Box::new(run), results });
    }
    // Held until they have ended: nobody else builds there meanwhile.
    let own = prove::of_work_tree(executor.act, &mut executor.workspace)?;
    let target = own.iter().flat_map(|scratch| prove::variables(&scratch.target));
    let invocation = Invocation {
        appended: prove::watched(&executor.act, &tests.command),
        // Results are counted in all that was printed; what the ledger keeps of it is cut afterwards.
        keeps_all: true,
        folder: tests.folder.as_ref().map(|folder| executor.act.processes.top().join(folder)),
        ..prove::harmless(tests.command.clone(), tests.timeout, target)
    };
    let mut progress = TestProgress::default();
    let finished = executor.act.processes.watch(&invocation, &mut |printed| {
        progress.push(printed);
        if let Some(text) = progress.text() {
            watch(&text);
        }
    })?;
    let output = Printable::from_bytes(&finished.output);
    let reported = runner::cargo::reported(output.as_str());
    let mut results = runner::results(output.as_str());
    // nextest calls passed what exits with 0.
    let mut is_mended = false;
    for result in results.iter_mut().filter(|result| reported.unfinished.contains(&result.name)) {
        result.outcome = TestOutcome::Failed;
        is_mended = true;
    }
    // Cargo always tells: where it names no test, none was run.
    let is_cargo = tests.command.first().is_some_and(|program| program == "cargo");
    let counts = if is_mended { None } else { runner::counts(output.as_str()) };
    let counts = counts.or_else(|| (is_cargo || is_mended).then(|| runner::count(&results)));
    let unfinished = prove::unfinished(&executor.act, &tests.command, &finished, output.as_str());
    // What exits with 0 before it is done has not passed, whatever its exit code says.
    let ending = if unfinished.is_some() { Ending::Failed } else { finished.ending };
    let shown = runner::cargo::without_passed(output.as_str());
    let shown = if ending == Ending::Passed { shown } else { runner::folded(&shown) };
    let run = TestRun {
        suite: tests.suite,
        command: tests.command.clone(),
        folder: tests.folder.clone(),
        tree: tests.tree.clone(),
        ending,
        exit_code: finished.exit_code,
        milliseconds: finished.milliseconds,
        files: tests.files.clone(),
        ignored: tests.ignored.clone(),
        part: tests.part.clone(),
        counts,
        unfinished,
        by_exit_code: ending == Ending::Passed && (counts.is_none() || reported.has_silent),
        output: executor.kept(shown.as_bytes()),
    };
    let mut event = EventKind::Tested(run);
    executor.masked.add(evidence::mask(&mut event, executor.redactor));
    let EventKind::Tested(run) = &event else { return Ok(Done::Nothing) };
    // What failed may pass the next time, so that it is run again.
    if !tests.record && run.ending == Ending::Passed {
        executor.remember(&question, &(run, &results));
    }
    let done = Done::Tested { run: Box::new(run.clone()), results };
    if tests.record && done.halts() {
        executor.record(vec![event])?;
    } else if tests.record {
        executor.record_with_next(vec![event])?;
    }
    Ok(done)
}

/// Runs a part of the deployment: the intent first, then the command, then how it ended.
fn deploy(
    executor: &mut Executor<'_>,
    part: DeployPart,
    command: &CommandLine,
    commit: &ObjectId,
    timeout: Duration,
) -> Result<Done> {
    let started = DeployStarted::new(part, command.clone(), commit.clone());
    if let Some(moved) = executor.intend(EventKind::DeployStarted(started))? {
        return Ok(moved);
    }
    match share::meanwhile(executor, part, commit)? {
        Some(Meanwhile::Began(other)) => {
            let (commit, milliseconds, output) = (commit.clone(), None, String::new());
            let reason = format!("{other} began it at the same time, so it was not run here");
            let interrupted = DeployInterrupted { part, commit, reason, milliseconds, output };
            executor.record(vec![EventKind::DeployInterrupted(interrupted)])?;
            return Ok(Done::Raced { name: None });
        }
        Some(Meanwhile::Deployed(other)) => {
            let output = format!("{other} did it meanwhile, so it was not run here");
            executor.warnings.push(format!("{}: {output}", part.key()));
            let finished = DeployFinished { output, ..DeployFinished::new(part, commit.clone(), Ending::Passed) };
            executor.record(vec![EventKind::DeployFinished(finished)])?;
            return Ok(Done::Ended(Some(part), Ending::Passed));
        }
        None => {}
    }
    let invocation = Invocation { interactive: true, ..invocation(executor, command, commit, timeout) };
    let ran = executor.act.processes.run(&invocation);
    if let Some(reason) = cut_short(&ran) {
        // How far it got, nobody knows: to call that a failure would be to run it twice.
        let interrupted = DeployInterrupted {
            part,
            commit: commit.clone(),
            reason,
            milliseconds: ran.as_ref().ok().map(|finished| finished.milliseconds),
            output: ran.as_ref().map(|finished| executor.kept(&finished.output)).unwrap_or_default(),
        };
        executor.record(vec![EventKind::DeployInterrupted(interrupted)])?;
        return ran.map(|finished| Done::Ended(Some(part), finished.ending)).map_err(Into::into);
    }
    // Even that it did not start is recorded: an intent without an end would be asked about for ever.
    let finished = ran.unwrap_or_else(not_started);
    let output = executor.kept(&finished.output);
    executor.record(vec![EventKind::DeployFinished(DeployFinished {
        part,
        commit: commit.clone(),
        ending: finished.ending,
        exit_code: finished.exit_code,
        milliseconds: finished.milliseconds,
        output,
    })])?;
    Ok(Done::Ended(Some(part), finished.ending))
}

/// The signals by which somebody else ends a program: HUP, INT, QUIT, KILL, TERM. By others it ends itself, which is a failure.
const ENDING: [i32; 5] = [1, 2, 3, 9, 15];

/// What ended a command before it was done, where something did.
fn cut_short(ran: &Result<Finished, PortError>) -> Option<String> {
    match ran {
        Ok(Finished { ending: Ending::TimedOut, .. }) => Some("it did not end in time".to_owned()),
        Ok(Finished { signal: Some(signal), .. }) => Some(format!("ended by signal {signal}")),
        Ok(Finished { exit_code: Some(code), .. }) => {
            let signal = code.checked_sub(128).filter(|signal| ENDING.contains(signal))?;
            Some(format!("exited with {code}, as a shell does whose command signal {signal} ended"))
        }
        Ok(_) => None,
        // What could not be started has done nothing.
        Err(error) if error.kind == ErrorKind::Precondition => None,
        Err(error) => Some(error.source.as_ref().map_or_else(|| sentence(error), ToString::to_string)),
    }
}

/// Looks whether production works.
fn verify(executor: &mut Executor<'_>, check: &ProductionCheck, commit: &ObjectId, timeout: Duration) -> Result<Done> {
    // Without an intent: a look changes nothing, and may be repeated.
    let (ending, exit_code, output) = match check {
        ProductionCheck::Command(command) => {
            let invocation = invocation(executor, command, commit, timeout);
            let finished = match executor.act.processes.run(&invocation) {
                // Somebody ended us: that says nothing of production.
                Err(error) if error.kind == ErrorKind::Interrupted => return Err(error.into()),
                ran => ran.unwrap_or_else(not_started),
            };
            (finished.ending, finished.exit_code, executor.kept(&finished.output))
        }
        ProductionCheck::Url(url) => match executor.act.probe.get(url, timeout) {
            Ok(status @ 200..=299) => (Ending::Passed, None, format!("HTTP {status}")),
            Ok(status) => (Ending::Failed, None, format!("HTTP {status}")),
            Err(error) => (Ending::Failed, None, sentence(&error)),
        },
    };
    let verified = Verified { command: check.words(), commit: commit.clone(), ending, exit_code, output };
    executor.record(vec![EventKind::Verified(verified)])?;
    Ok(Done::Ended(None, ending))
}

/// A command that learns which incident and commit it is for.
fn invocation(executor: &Executor<'_>, command: &CommandLine, commit: &ObjectId, timeout: Duration) -> Invocation {
    let incident = executor.incident.as_ref().map(ToString::to_string).unwrap_or_default();
    Invocation {
        command: command.clone(),
        timeout,
        environment: vec![("HOTFIX_INCIDENT".to_owned(), incident), ("HOTFIX_COMMIT".to_owned(), commit.to_string())],
        ..Invocation::default()
    }
}

/// A program that could not be started has done nothing, which is an end like another.
fn not_started(error: PortError) -> Finished {
    Finished {
        ending: Ending::Failed,
        exit_code: None,
        signal: None,
        milliseconds: 0,
        output: sentence(&error).into_bytes(),
        stdout: Vec::new(),
    }
}

pub(super) fn sentence(error: &PortError) -> String {
    Printable::new(&error.to_string()).one_line().into()
}
