//! Which test runs a change needs, and which of them have their result already.

use crate::config::PLACEHOLDER;
use crate::domain::event::{Ending, Suite, TestCounts, TestRun};
use crate::domain::{CommandLine, Incident, ObjectId, one_line};
use crate::port::{Change, FileDiff};
use crate::proof::{self, Around, TestPart, rust};
use crate::runner::cargo::{Driver, Regression, Selection, Workspace};
use crate::runner::{self, Module, Project, Runner, ToolAnswer, cargo};
use crate::workflow::action::TestsToRun;
use crate::workflow::action::query::Answer;
use crate::workflow::{Action, ActionView, Code, Context, Examination, Network, ProgramAction, Refusal, Result};

/// nextest's exit code where a test program does not list its tests as it should.
const NO_LIST: i32 = 104;

/// What is asked of tests.
#[derive(Debug, Clone)]
pub(in crate::step) struct Request {
    /// The commit without the fix.
    pub(in crate::step) from: ObjectId,
    /// The tree with it.
    pub(in crate::step) tree: ObjectId,
    /// The person's arguments for the runner.
    pub(in crate::step) arguments: Vec<String>,
    /// Whether all tests run.
    pub(in crate::step) all: bool,
    /// Regression tests that the person named.
    pub(in crate::step) regression: Vec<String>,
    /// Whether each part of the fix is taken back alone.
    pub(in crate::step) deep: bool,
    /// Whether results are recorded.
    pub(in crate::step) record: bool,
}

/// What is needed next.
pub(in crate::step) enum Needed {
    /// Answers.
    Ask(Vec<Action>),
    /// Test runs.
    Runs(Wanted),
}

/// The test runs that a change needs.
#[derive(Debug, Clone, Default)]
pub(in crate::step) struct Wanted {
    /// Each as an action, in their order; empty where no runner is known.
    pub(in crate::step) runs: Vec<Action>,
    /// What was selected and why, one line each.
    pub(in crate::step) notes: Vec<String>,
}

/// The test runs that the change needs.
pub(in crate::step) fn needed(context: &Context<'_>, request: &Request) -> Result<Needed> {
    let config = &context.config.test;
    let changes = context.look.git.changes(&request.from, &request.tree)?;
    let files = runner::affected_test_files(&changes, &config.regression);
    let mut wanted = Wanted::default();
    if let Some(command) = &config.command {
        wanted.notes.push("tests: the command of [test] in hotfix.toml".to_owned());
        let files =
            if is_given_files(command) { affected(context, request, &changes, &mut wanted)? } else { files.clone() };
        let command = expanded(command, &files, context.program)?;
        let command = runner::with_arguments(command, &request.arguments);
        wanted.runs.push(run(context, request, Suite::Affected, None, command, &files));
    } else {
        let modules = modules(context, request, &changes)?;
        let questions = questions(context, request, &modules)?;
        if !questions.is_empty() {
            return Ok(Needed::Ask(questions));
        }
        for module in modules {
            if module.is_cargo_at_top() || module.is_cargo_below() {
                match workspace_in(context, &module.folder)? {
                    WorkspaceAnswer::Ask(actions) => return Ok(Needed::Ask(actions)),
                    WorkspaceAnswer::Here(workspace) => {
                        of_cargo(context, request, &module, &workspace, &files, &mut wanted)?;
                    }
                }
            } else {
                of_module(context, request, &module, &changes, &files, &mut wanted)?;
            }
        }
    }
    end_to_end(context, request, &changes, &files, &mut wanted)?;
    Ok(Needed::Runs(wanted))
}

/// What [`needed`] will come to, as far as can be told without asking anything.
#[derive(Default)]
pub(in crate::step) struct Foreseen {
    /// Whether the change has tests.
    pub(in crate::step) has_tests: bool,
    /// Those that are still to run.
    pub(in crate::step) runs: Vec<ActionView>,
    /// Whether they ran, and had no test.
    pub(in crate::step) had_no_test: bool,
}

/// What [`needed`] will come to.
pub(in crate::step) fn foreseen(context: &Context<'_>, incident: &Incident, request: &Request) -> Result<Foreseen> {
    let views = |runs| super::with_ignored(context, runs).map(|runs| runs.into_iter().map(ActionView::from).collect());
    if let Needed::Runs(wanted) = needed(context, request)? {
        let has_tests = !wanted.runs.is_empty();
        let had_no_test = had_no_test(context, &wanted);
        let runs: Vec<Action> = wanted.runs.into_iter().filter(|run| !holds(context, run)).collect();
        let had_no_test = had_no_test && runs.is_empty();
        return Ok(Foreseen { has_tests, runs: views(runs)?, had_no_test });
    }
    // Some program is to be asked which.
    if has_passed(incident, &request.tree) {
        return Ok(Foreseen { has_tests: true, ..Foreseen::default() });
    }
    let changes = context.look.git.changes(&request.from, &request.tree)?;
    let modules = modules(context, request, &changes)?;
    if modules.iter().any(Module::is_cargo_at_top) {
        let runs = vec![ProgramAction::undecided_tests_view()];
        return Ok(Foreseen { has_tests: true, runs, ..Foreseen::default() });
    }
    let files = runner::affected_test_files(&changes, &context.config.test.regression);
    let mut wanted = Wanted::default();
    for module in &modules {
        of_module(context, request, module, &changes, &files, &mut wanted)?;
    }
    Ok(Foreseen { has_tests: !wanted.runs.is_empty(), runs: views(wanted.runs)?, ..Foreseen::default() })
}

/// Whether tests ran on this tree, and each command passed when it ran last.
fn has_passed(incident: &Incident, tree: &ObjectId) -> bool {
    let mut ran = incident.test_runs.iter().rev().filter(|run| run.tree == *tree).peekable();
    let mut seen: Vec<&TestRun> = Vec::new();
    ran.peek().is_some()
        && ran.all(|run| {
            let again = seen.iter().any(|later| later.command == run.command && later.folder == run.folder);
            seen.push(run);
            again || run.ending == Ending::Passed
        })
}

/// Whether a passed run of the same command on the same tree is known.
pub(in crate::step) fn holds(context: &Context<'_>, wanted: &Action) -> bool {
    result(context, wanted).is_some_and(|run| run.ending == Ending::Passed)
}

/// The last run that an action asks for, of this command or an earlier one.
fn result<'a>(context: &Context<'a>, wanted: &Action) -> Option<&'a TestRun> {
    let Action::Program(ProgramAction::RunTests(TestsToRun { suite, command, folder, tree, .. })) = wanted else {
        return None;
    };
    let mut recorded = command.clone();
    // Recorded commands are masked: compared unmasked, one with a secret would run again each time.
    context.redactor.redact_command(&mut recorded);
    let same =
        |run: &&TestRun| run.suite == *suite && run.tree == *tree && run.folder == *folder && run.command == recorded;
    context.known.tested().rev().find(same).or_else(|| context.incident?.test_runs.iter().rev().find(same))
}

/// The results of the wanted runs.
pub(super) fn results(context: &Context<'_>, wanted: &Wanted) -> Vec<TestRun> {
    wanted.runs.iter().filter_map(|run| result(context, run)).cloned().collect()
}

/// The run of this command that did not pass.
pub(in crate::step) fn failed<'a>(context: &Context<'a>, wanted: &Wanted) -> Option<&'a TestRun> {
    let failed = |run: &&TestRun| run.ending != Ending::Passed;
    context.known.tested().filter(failed).find(|run| wanted.runs.iter().any(|action| same(context, action, run)))
}

fn same(context: &Context<'_>, action: &Action, run: &TestRun) -> bool {
    result(context, action).is_some_and(|result| std::ptr::eq(result, run) || result == run)
}

/// Whether all runs of a suite say that they had no test.
pub(super) fn none_ran(runs: &[TestRun]) -> bool {
    let is_empty = |run: &&TestRun| run.counts.is_some_and(TestCounts::ran_nothing);
    [Suite::Affected, Suite::EndToEnd].into_iter().any(|suite| {
        let mut of_suite = runs.iter().filter(|run| run.suite == suite).peekable();
        of_suite.peek().is_some() && of_suite.all(|run| is_empty(&run))
    })
}

/// The same of the runs that are wanted, which all have their result.
pub(in crate::step) fn had_no_test(context: &Context<'_>, wanted: &Wanted) -> bool {
    none_ran(&results(context, wanted))
}

/// Whether the regression tests of the change were asked for and none of them ran; the proof tells why, where it is made.
pub(super) fn no_regression_ran(runs: &[TestRun]) -> bool {
    let regression = runs.iter().filter(|run| run.part.as_deref() == Some(cargo::REGRESSION));
    let mut counts = regression.filter_map(|run| run.counts).peekable();
    counts.peek().is_some() && counts.all(TestCounts::ran_nothing)
}

/// Whether a person's word stands in for tests that are not there: a look at this tree by hand, a deferral, a waiver.
pub(in crate::step) fn excused(incident: &Incident, tree: &ObjectId) -> bool {
    incident.smoke_tests.iter().any(|(checked, _)| checked == tree)
        || !incident.test_deferrals.is_empty()
        || incident.waiver("test").is_some()
}

/// The runner that the tree at HEAD shows.
pub(super) fn detected(context: &Context<'_>) -> Result<Option<Runner>> {
    let git = context.look.git;
    let head = git.head()?;
    let Some(commit) = head.commit() else { return Ok(None) };
    let names = git.top_level_names(commit)?;
    let file = |path: &str| context.look.files.read(path).ok().flatten();
    Ok(runner::detect(&Project::of_files(&names, &file), context.prefer_cargo))
}

/// The parts of the project whose tests a change needs; none where no runner is known.
pub(super) fn modules(context: &Context<'_>, request: &Request, changes: &[Change]) -> Result<Vec<Module>> {
    let failed = std::cell::OnceCell::new();
    let files = || {
        let files = context.look.git.files(&request.tree);
        files.unwrap_or_else(|error| {
            let _ = failed.set(error);
            Vec::new()
        })
    };
    let found =
        with_project(context, |project| runner::modules(project, &paths(changes), &files, context.prefer_cargo))?;
    failed.into_inner().map_or(Ok(found), |error| Err(error.into()))
}

/// All files of the tree, where a part of the project has to be told from the rest.
pub(super) fn files_for(context: &Context<'_>, request: &Request, modules: &[Module]) -> Result<Vec<String>> {
    let is_whole = modules.iter().all(|module| module.folder.is_empty());
    Ok(if is_whole { Vec::new() } else { context.look.git.files(&request.tree)? })
}

/// Does something with the project as the work tree shows it.
pub(super) fn with_project<T>(context: &Context<'_>, act: impl FnOnce(&Project<'_>) -> T) -> Result<T> {
    let git = context.look.git;
    let names = if let Some(commit) = git.head()?.commit() { git.top_level_names(commit)? } else { Vec::new() };
    let file = |path: &str| context.look.files.read(path).ok().flatten();
    let is_linked = |path: &str| context.look.files.is_linked(path);
    let answer = |command: &CommandLine| match answer(context, &Examination::Output(command.clone())) {
        None => ToolAnswer::Unasked,
        Some(Ok(text)) => ToolAnswer::Text(text.clone()),
        Some(Err(_)) => ToolAnswer::Nothing,
    };
    Ok(act(&Project { is_linked: &is_linked, answer: &answer, ..Project::of_files(&names, &file) }))
}

/// What must be asked before the commands of some parts are known.
fn questions(context: &Context<'_>, request: &Request, modules: &[Module]) -> Result<Vec<Action>> {
    let all = files_for(context, request, modules)?;
    with_project(context, |top| {
        let question = |module: &Module| module.as_project(top, &all, |part| module.runner.question(part));
        let unasked = |question: &CommandLine| (top.answer)(question) == ToolAnswer::Unasked;
        let questions = modules.iter().filter_map(question).filter(unasked);
        questions.map(|question| Action::Examine(Examination::Output(question))).collect()
    })
}

/// A Cargo workspace, or what must be asked first.
pub(super) enum WorkspaceAnswer {
    Ask(Vec<Action>),
    Here(Workspace),
}

/// What Cargo says of the workspace at the top.
pub(super) fn workspace(context: &Context<'_>) -> Result<WorkspaceAnswer> {
    workspace_in(context, "")
}

/// The same of the one in a folder.
fn workspace_in(context: &Context<'_>, folder: &str) -> Result<WorkspaceAnswer> {
    let question = metadata(context, folder);
    let Some(answer) = answer(context, &question) else {
        // Both in one round, although nextest matters only once the workspace is known.
        return Ok(WorkspaceAnswer::Ask(vec![Action::Examine(question), Action::Examine(nextest())]));
    };
    let text = answer.map_err(|trouble| {
        let refusal = Refusal::precondition(Code::Cargo, format!("Cargo cannot read the project: {}", trouble.message));
        trouble.hint.iter().fold(refusal, |refusal, hint| refusal.hint(hint.clone()))
    })?;
    let top = context.look.git.repository().work_tree.clone().unwrap_or_default();
    let workspace = Workspace::parse(text, &top).map_err(|error| {
        Refusal::precondition(Code::Cargo, "cargo metadata gave no answer that can be read").because(error)
    })?;
    Ok(WorkspaceAnswer::Here(workspace))
}

fn metadata(context: &Context<'_>, folder: &str) -> Examination {
    let mut command = ["cargo", "metadata", "--no-deps", "--format-version", "1"].map(str::to_owned).to_vec();
    command.extend((context.network == Network::Offline).then(|| "--offline".to_owned()));
    if !folder.is_empty() {
        command.extend(["--manifest-path".to_owned(), format!("{folder}/Cargo.toml")]);
    }
    Examination::Output(command.into())
}

fn nextest() -> Examination {
    Examination::Output(["cargo", "nextest", "--version"].into())
}

/// What a program answered, if it was asked.
fn answer<'a>(
    context: &Context<'a>,
    question: &Examination,
) -> Option<Result<&'a String, &'a crate::workflow::action::query::QueryError>> {
    match context.known.answer(question)? {
        Ok(Answer::Text(text)) => Some(Ok(text)),
        Ok(Answer::Refs(_) | Answer::Abilities(_) | Answer::Audit(_)) => None,
        Err(trouble) => Some(Err(trouble)),
    }
}

/// nextest where it is here and can list the tests of this workspace.
fn driver(context: &Context<'_>) -> Driver {
    let is_nextest = |run: &TestRun| run.command.get(1).is_some_and(|word| word == "nextest");
    let has_no_list = context.known.tested().any(|run| run.exit_code == Some(NO_LIST) && is_nextest(run));
    match answer(context, &nextest()) {
        Some(Ok(_)) if !has_no_list => Driver::Nextest,
        _ => Driver::Cargo,
    }
}

fn of_cargo(
    context: &Context<'_>,
    request: &Request,
    module: &Module,
    workspace: &Workspace,
    files: &[String],
    wanted: &mut Wanted,
) -> Result<()> {
    let mut diff = context.look.git.diff(&request.from, &request.tree)?;
    // What lies elsewhere is another part's.
    diff.retain(|file| module.inside(&file.change.path).is_some());
    let files: Vec<String> = files.iter().filter(|file| module.inside(file).is_some()).cloned().collect();
    let selection = if request.all {
        cargo::everything(workspace)
    } else {
        cargo::select(workspace, &diff, &|file: &FileDiff| rust::is_same_code(&file.before, &file.after))
    };
    // A person's own choice of tests is not widened.
    let has_filter = request.arguments.iter().any(|argument| argument == "--");
    let regression =
        if request.all || has_filter { Vec::new() } else { regression(context, request, workspace, &diff) };
    let driver = driver(context);
    let runner = match driver {
        Driver::Nextest => "nextest",
        Driver::Cargo => "cargo test",
    };
    let place = module.place().map(|folder| format!(" in {}", one_line(&folder))).unwrap_or_default();
    wanted.notes.extend(lines(&selection, workspace, &format!("{runner}{place}")));
    let stages = cargo::stages(workspace, &selection, &regression, driver, &arguments(context, request));
    for stage in stages {
        let tests = tests(context, request, Suite::Affected, Some(stage.part), stage.command.into(), &files);
        wanted.runs.push(Action::Program(ProgramAction::RunTests(TestsToRun { folder: module.place(), ..tests })));
    }
    Ok(())
}

/// The person's arguments, with what they said about the network.
fn arguments(context: &Context<'_>, request: &Request) -> Vec<String> {
    let offline = (context.network == Network::Offline).then(|| "--offline".to_owned());
    offline.into_iter().chain(request.arguments.iter().cloned()).collect()
}

fn lines(selection: &Selection, workspace: &Workspace, runner: &str) -> Vec<String> {
    if let ([only], 1) = (selection.packages.as_slice(), workspace.packages.len()) {
        return vec![format!("tests: {runner}, because {}", only.why)];
    }
    let mut lines = vec![format!("tests: {runner}")];
    lines.extend(selection.lines(workspace));
    lines
}

/// The test part of the change.
pub(super) fn part(context: &Context<'_>, request: &Request, diff: &[FileDiff]) -> TestPart {
    let read = |path: &str| {
        let bytes = context.look.git.file_at(&request.tree, path).ok().flatten()?;
        String::from_utf8(bytes).ok()
    };
    let is_test_file = |path: &str| runner::is_test_file(path, &context.config.test.regression);
    proof::split(diff, &request.tree, &Around { fix: &read, is_test_file: &is_test_file })
}

/// The regression tests by package, before anything is built.
fn regression(context: &Context<'_>, request: &Request, workspace: &Workspace, diff: &[FileDiff]) -> Vec<Regression> {
    let part = part(context, request, diff);
    let mut all: Vec<Regression> = Vec::new();
    for file in part.rust.iter().filter(|file| !file.touched.tests.is_empty()) {
        let Some(index) = workspace.package_of(&file.file) else { continue };
        let Some(package) = workspace.packages.get(index) else { continue };
        let target = cargo::target_of(package, &file.file);
        let names = file.touched.tests.iter().map(|test| {
            let mut path = test.modules.clone();
            path.push(test.name.clone());
            path.join("::")
        });
        match all.iter_mut().find(|known| known.package == index) {
            Some(known) => {
                known.targets.extend((!known.targets.contains(&target)).then_some(target));
                known.names.extend(names);
            }
            None => all.push(Regression { package: index, targets: vec![target], names: names.collect() }),
        }
    }
    all
}

fn of_module(
    context: &Context<'_>,
    request: &Request,
    module: &Module,
    changes: &[Change],
    files: &[String],
    wanted: &mut Wanted,
) -> Result<()> {
    let Module { folder, runner: detected } = module;
    let place = module.place().map(|folder| format!(" in {}", one_line(&folder))).unwrap_or_default();
    wanted.notes.push(format!("tests{place}: {} ({})", detected.name, detected.why));
    let all = match request.all && folder.is_empty() {
        true => Vec::new(),
        false => context.look.git.files(&request.tree)?,
    };
    let (changed, own) = (module.all_inside(&paths(changes)), module.all_inside(&all));
    let affected = with_project(context, |top| {
        module.as_project(top, &all, |part| detected.affected(part, &changed, &own).filter(|_| !request.all))
    })?;
    let command = match affected {
        Some(affected) => {
            wanted.notes.extend(affected.why);
            affected.command.into()
        }
        None => {
            let files = module.all_inside(files);
            detected.command(&files).map_err(|_no_files| no_affected(detected.name, context.program))?
        }
    };
    let command = runner::with_arguments(command, &request.arguments);
    let files: Vec<String> = files.iter().filter(|file| module.inside(file).is_some()).cloned().collect();
    let tests =
        TestsToRun { folder: module.place(), ..tests(context, request, Suite::Affected, None, command, &files) };
    wanted.runs.push(Action::Program(ProgramAction::RunTests(tests)));
    Ok(())
}

fn is_given_files(command: &[String]) -> bool {
    command.iter().any(|argument| argument == PLACEHOLDER)
}

/// The test files that the change can affect, for a command that is given files.
fn affected(context: &Context<'_>, request: &Request, changes: &[Change], wanted: &mut Wanted) -> Result<Vec<String>> {
    let all = context.look.git.files(&request.tree)?;
    let changed = if request.all { all.clone() } else { paths(changes) };
    let detected = detected(context)?;
    let regression = &context.config.test.regression;
    let (files, why) = with_project(context, |project| {
        runner::affected_files(detected.as_ref(), project, &changed, &all, regression)
    })?;
    wanted.notes.extend((!request.all).then_some(why).into_iter().flatten());
    Ok(files)
}

/// What a change touches, with the old names of what it moves.
fn paths(changes: &[Change]) -> Vec<String> {
    changes.iter().flat_map(|change| std::iter::once(&change.path).chain(&change.renamed_from)).cloned().collect()
}

fn end_to_end(
    context: &Context<'_>,
    request: &Request,
    changes: &[Change],
    files: &[String],
    wanted: &mut Wanted,
) -> Result<()> {
    let config = &context.config.test;
    let Some(command) = &config.e2e else { return Ok(()) };
    if !changes.iter().any(|change| config.e2e_paths.is_match(&change.path)) {
        return Ok(());
    }
    let affected =
        if is_given_files(command) { affected(context, request, changes, &mut Wanted::default())? } else { Vec::new() };
    let e2e_files: Vec<String> = affected.iter().filter(|file| config.e2e_paths.is_match(file)).cloned().collect();
    let chosen = [e2e_files.as_slice(), files, &affected].into_iter().find(|some| !some.is_empty()).unwrap_or_default();
    let command = runner::with_arguments(expanded(command, chosen, context.program)?, &request.arguments);
    wanted.notes.push("end-to-end tests: the fix touches [test] e2e_paths".to_owned());
    wanted.runs.push(run(context, request, Suite::EndToEnd, None, command, files));
    Ok(())
}

fn run(
    context: &Context<'_>,
    request: &Request,
    suite: Suite,
    part: Option<String>,
    command: CommandLine,
    files: &[String],
) -> Action {
    Action::Program(ProgramAction::RunTests(tests(context, request, suite, part, command, files)))
}

fn tests(
    context: &Context<'_>,
    request: &Request,
    suite: Suite,
    part: Option<String>,
    command: CommandLine,
    files: &[String],
) -> TestsToRun {
    TestsToRun {
        suite,
        part,
        command,
        folder: None,
        tree: request.tree.clone(),
        files: files.to_vec(),
        ignored: Vec::new(),
        timeout: context.config.test.timeout,
        record: request.record,
    }
}

fn expanded(command: &CommandLine, files: &[String], program: &str) -> Result<CommandLine> {
    let wants_files = is_given_files(command);
    // A name that is not UTF-8 was read with this in place of its bytes; as an argument it would name no file.
    if let Some(unreadable) = files.iter().find(|file| wants_files && file.contains(char::REPLACEMENT_CHARACTER)) {
        let message = format!("the name of the test file {} is not UTF-8", one_line(unreadable));
        return Err(Refusal::precondition(Code::UnreadableName, message).hint("rename it with `git mv`"));
    }
    runner::expand(command, files).map_err(|_no_files| no_affected(&command.to_string(), program))
}

/// The refusal where the command wants test files and the change has none: no test would run, and that is never green.
fn no_affected(command: &str, program: &str) -> Refusal {
    let message = format!("`{command}` wants affected test files, and the change has none");
    Refusal::check_failed(Code::NoAffectedTests, message)
        .hint("add the regression test that fails without the fix")
        .hint(format!("{program} test --smoke \"what you checked by hand\""))
        .hint(format!("{program} test --defer \"why there is no test now\""))
}
