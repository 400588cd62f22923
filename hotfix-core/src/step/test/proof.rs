//! The proof that a change needs: which part of it is tests, and how these are run without the fix.

use crate::config::PLACEHOLDER;
use crate::domain::{CommandLine, EventKind, ObjectId, Printable, Proof, TestState};
use crate::proof::{self, TestPart};
use crate::runner::{self, Module, Project, Runner};
use crate::workflow::action::proof::{DEEP, FileRun, ProofMethod, ProofRequest};
use crate::workflow::{Action, Context, Network, Outcome, Plan, ProgramAction, Result};

use super::needed::{self, Request, WorkspaceAnswer};

/// Files that a build looks at although git may not know them.
// Libraries often leave Cargo.lock out of git; without it the base would be built with other versions.
const PROVIDED: [&str; 4] = ["Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml", "rust-toolchain"];

/// What is known of the proof that a change needs.
pub(in crate::step) enum State {
    /// It is made.
    Held(Proof),
    /// This makes it.
    Act(Action),
    /// Nothing here can make it.
    Unknown,
}

/// The proof of the same question that is known already. One that a person found by naming the test, or what its gate asks for,
/// answers the plain question too: the fix is proven.
pub(in crate::step) fn held(context: &Context<'_>, request: &Request) -> Option<Proof> {
    let asked: Vec<String> = request.arguments.iter().chain(&request.regression).cloned().collect();
    let is_it = |proof: &&Proof| {
        proof.tree == request.tree
            && proof.base == request.from
            && (proof.arguments == asked || asked.is_empty() && proof.verdict.is_proof())
            // A deep proof answers the plain question too.
            && (!request.deep || is_deep(proof))
    };
    // The one that this run made answers this very request.
    let known = context.known.proofs().last().filter(|proof| proof.tree == request.tree);
    known.or_else(|| context.incident?.proofs.iter().rev().find(is_it)).cloned()
}

fn is_deep(proof: &Proof) -> bool {
    proof.remarks.iter().any(|remark| remark == DEEP)
}

/// The proof that the change needs, or the action that makes it.
pub(in crate::step) fn state(context: &Context<'_>, request: &Request) -> Result<State> {
    if let Some(proof) = held(context, request) {
        return Ok(State::Held(proof));
    }
    let git = context.look.git;
    let diff = git.diff(&request.from, &request.tree)?;
    let part = needed::part(context, request, &diff);
    if part.is_empty() && request.regression.is_empty() {
        // Nothing needs to run.
        let proof = proof::proof_of(&request.tree, &request.from, Vec::new());
        return Ok(match request.record {
            true => State::Act(Action::record(vec![EventKind::Proved(proof)])),
            false => State::Held(proof),
        });
    }
    // A configured command in a Cargo project: the proof still goes by Cargo.
    if let Some(question) = unasked(context)? {
        return Ok(State::Act(question));
    }
    let Some(how) = method(context, request, &part)? else { return Ok(State::Unknown) };
    let with_tests = git.edit_tree(&request.from, &part.edits)?;
    let mut hunks = Vec::new();
    if request.deep {
        for hunk in proof::code_hunks(&diff, &part) {
            hunks.push((hunk.position, git.edit_tree(&request.tree, std::slice::from_ref(&hunk.edit))?));
        }
    }
    Ok(State::Act(Action::Program(ProgramAction::Prove(Box::new(ProofRequest {
        base: request.from.clone(),
        tree: request.tree.clone(),
        with_tests,
        without_tests: git.tree_of(&request.from)?,
        part,
        named: request.regression.clone(),
        arguments: request.arguments.clone(),
        how,
        hunks,
        provided: provided(context, &request.tree)?,
        timeout: context.config.test.timeout,
        offline: context.network == Network::Offline,
        record: request.record,
    })))))
}

/// What Cargo has to be asked before the proof, where a configured command ran the tests and nobody asked it.
fn unasked(context: &Context<'_>) -> Result<Option<Action>> {
    let is_cargo = || needed::detected(context).map(|runner| runner.is_some_and(|runner| runner.is_cargo()));
    if context.config.test.command.is_none() || !is_cargo()? {
        return Ok(None);
    }
    Ok(match needed::workspace(context) {
        Ok(WorkspaceAnswer::Ask(actions)) => actions.into_iter().next(),
        Ok(WorkspaceAnswer::Here(_)) | Err(_) => None,
    })
}

/// How the tests are run; `None` where nothing is known to run them.
fn method(context: &Context<'_>, request: &Request, part: &TestPart) -> Result<Option<ProofMethod>> {
    let config = &context.config.test;
    let modules = modules(context, request)?;
    if modules.iter().any(Module::is_cargo_at_top) {
        return match needed::workspace(context) {
            Ok(WorkspaceAnswer::Here(workspace)) => Ok(Some(ProofMethod::Cargo(workspace))),
            // Only foreseen: whoever proves has asked.
            Ok(WorkspaceAnswer::Ask(_)) => Ok(Some(ProofMethod::Cargo(Default::default()))),
            // The configured command may not need the Cargo of this machine.
            Err(_) if config.command.is_some() => Ok(None),
            Err(refusal) => Err(refusal),
        };
    }
    let Some((runs, is_whole)) = runs(context, request, part, &modules)? else { return Ok(None) };
    let link = if config.link.is_empty() { links(context, request, &modules)? } else { config.link.clone() };
    Ok(Some(ProofMethod::Files { runs, is_whole, setup: config.setup.clone(), link }))
}

/// The parts of the project that the tests of a change are in.
fn modules(context: &Context<'_>, request: &Request) -> Result<Vec<Module>> {
    if context.config.test.command.is_some() {
        let at_top = |runner| Module { folder: String::new(), runner };
        return Ok(needed::detected(context)?.map(at_top).into_iter().collect());
    }
    let changes = context.look.git.changes(&request.from, &request.tree)?;
    needed::modules(context, request, &changes)
}

/// What a fresh work tree lacks that need not be made anew, by what is known of the runners.
fn links(context: &Context<'_>, request: &Request, modules: &[Module]) -> Result<Vec<String>> {
    let all = needed::files_for(context, request, modules)?;
    needed::with_project(context, |top| {
        let of_part = |module: &Module| {
            let of_top = module.runner.links(top);
            let own = module.as_project(top, &all, |part| module.runner.links(part));
            // In a workspace of packages the packages themselves are linked: the top says so.
            own.iter().filter(|link| of_top.contains(link)).map(|link| module.from_top(link)).collect::<Vec<_>>()
        };
        modules.iter().flat_map(of_part).collect()
    })
}

/// The runs that prove the tests of a change, and whether each runs all tests there are; `None` where nothing can.
fn runs(
    context: &Context<'_>,
    request: &Request,
    part: &TestPart,
    modules: &[Module],
) -> Result<Option<(Vec<FileRun>, bool)>> {
    if let Some(command) = &context.config.test.command {
        return of_command(context, request, part, command, modules.first().map(|module| &module.runner));
    }
    let mut found: Option<(Vec<FileRun>, bool)> = None;
    let all = needed::files_for(context, request, modules)?;
    for module in modules {
        let (runs, is_whole) = needed::with_project(context, |top| {
            module.as_project(top, &all, |project| of_module(request, part, module, project))
        })?;
        let known = found.get_or_insert_default();
        known.0.extend(runs);
        known.1 |= is_whole;
    }
    Ok(found)
}

/// The runs of a configured command.
fn of_command(
    context: &Context<'_>,
    request: &Request,
    part: &TestPart,
    command: &CommandLine,
    detected: Option<&Runner>,
) -> Result<Option<(Vec<FileRun>, bool)>> {
    // Without `{files}` the command cannot be cut down; the whole suite runs on both sides.
    if !command.iter().any(|word| word == PLACEHOLDER) {
        return Ok(Some((vec![run(request, None, &command.to_string(), command.clone())], true)));
    }
    let files = match (request.regression.is_empty(), detected) {
        (false, _) => request.regression.clone(),
        (true, Some(runner)) => needed::with_project(context, |project| {
            let counts =
                |file: &&String| context.config.test.regression.is_match(file) || runner.is_test(project, file);
            part.files.iter().filter(counts).cloned().collect()
        })?,
        (true, None) => part.files.clone(),
    };
    let one = |file: &String| Some(run(request, None, file, runner::expand(command, std::slice::from_ref(file)).ok()?));
    let runs: Option<Vec<FileRun>> = files.iter().map(one).collect();
    Ok(runs.filter(|runs| !runs.is_empty()).map(|runs| (runs, false)))
}

/// The runs of a part of the project, by its runner.
fn of_module(request: &Request, part: &TestPart, module: &Module, project: &Project<'_>) -> (Vec<FileRun>, bool) {
    let runner = &module.runner;
    let one = |file: &String| {
        let command = runner.run_files(project, std::slice::from_ref(file))?.into();
        Some(run(request, module.place(), &module.from_top(file), command))
    };
    let single: Option<Vec<FileRun>> = files(part, &request.regression, project, module).iter().map(one).collect();
    match single.filter(|runs| !runs.is_empty()) {
        Some(runs) => (runs, false),
        None => {
            // Data that no test is named after may matter to any.
            let command = runner.arguments();
            (vec![run(request, module.place(), &module.from_top(&command.to_string()), command.clone())], true)
        }
    }
}

fn run(request: &Request, folder: Option<String>, id: &str, command: CommandLine) -> FileRun {
    FileRun { id: id.to_owned(), command: runner::with_arguments(command, &request.arguments), folder }
}

/// The test files that are run alone, as seen from their part of the project: those of the change, those whose snapshots
/// changed, or those that a person named.
fn files(part: &TestPart, named: &[String], project: &Project<'_>, module: &Module) -> Vec<String> {
    if !named.is_empty() {
        return module.all_inside(named);
    }
    let runner = &module.runner;
    let own = module.all_inside(&part.files).into_iter().filter(|file| runner.is_test(project, file));
    let data = module.all_inside(&part.data);
    let mut files: Vec<String> = Vec::new();
    for file in own.chain(data.iter().filter_map(|data| runner.test_of(data))) {
        files.extend((!files.contains(&file)).then_some(file));
    }
    files
}

/// Files of the work tree that git does not know and that a build looks at.
fn provided(context: &Context<'_>, tree: &ObjectId) -> Result<Vec<(String, Vec<u8>)>> {
    let mut provided = Vec::new();
    for path in PROVIDED {
        let is_known = context.look.git.file_at(tree, path)?.is_some();
        let there = if is_known { None } else { context.look.files.read(path).ok().flatten() };
        provided.extend(there.map(|content| (path.to_owned(), content)));
    }
    Ok(provided)
}

/// Prints the base with the tests of the change, as a patch against the base.
pub(super) fn show(context: &Context<'_>, request: &Request) -> Result<Plan> {
    let git = context.look.git;
    let diff = git.diff(&request.from, &request.tree)?;
    let part = needed::part(context, request, &diff);
    let with_tests = git.edit_tree(&request.from, &part.edits)?;
    let patch = git.patch(&request.from, &with_tests)?;
    if patch.is_empty() {
        return Ok(Plan::finished(Outcome::default().hint("the change touches no test: production stays as it is")));
    }
    Ok(Plan::finished(Outcome::text(Printable::from_bytes(&patch).to_string())))
}

/// What a person reads of a state.
pub(super) fn state_text(state: TestState) -> &'static str {
    match state {
        TestState::Pass => "passes",
        TestState::Fail => "fails",
        TestState::Crash => "crashes",
        TestState::EndedEarly => "ends early",
        TestState::Hang => "hangs",
        TestState::BuildFail => "is not built",
        TestState::Absent => "is not there",
        TestState::Ignored => "is ignored",
        TestState::Flaky => "varies",
    }
}
