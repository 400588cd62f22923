//! The proof: the tests of the change without the fix and with it.
//!
//! With the fix they run where the user works. Without it they run in a folder of our own, whose builds are kept there for the
//! next time and never shared with the user's: Cargo tells them apart by times alone, and would take one for the other.

mod cargo;
mod files;
mod own_target;

use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::{CommandLine, EventKind, ObjectId, Proof, Verdict};
use crate::port::{Act, Finished, Invocation};
use crate::runner::WATCH;
use crate::workflow::action::proof::{ProofMethod, ProofRequest};
use crate::{evidence, runner};

use super::{Done, Executor, Result};

pub(crate) use own_target::KnownWorkspace;
pub(super) use own_target::{of_work_tree, variables};

/// What snapshot and property test libraries must not do: write into the tree, or pass by force.
const HARMLESS: [(&str, &str); 7] = [
    ("INSTA_UPDATE", "no"),
    ("INSTA_FORCE_PASS", "0"),
    ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true"),
    ("NEXTEST_NO_TESTS", "pass"),
    // A test that nextest calls passed may have ended its process too soon: what it printed tells.
    ("NEXTEST_SUCCESS_OUTPUT", "immediate"),
    // And a profile may keep that to itself.
    ("NEXTEST_STATUS_LEVEL", "pass"),
    ("NEXTEST_FINAL_STATUS_LEVEL", "fail"),
];
/// Variables whose mere presence makes such libraries write.
const WRITING: [&str; 3] = ["UPDATE_EXPECT", "TRYBUILD", "RUST_BACKTRACE"];

/// A run in the environment of tests, on both sides and when nothing is proven, with `more` variables.
pub(super) fn harmless(
    command: impl Into<CommandLine>,
    timeout: Duration,
    more: impl IntoIterator<Item = (String, String)>,
) -> Invocation {
    let environment = HARMLESS.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().chain(more);
    let without = WRITING.map(str::to_owned).to_vec();
    Invocation { environment: environment.collect(), without, ..Invocation::new(command, timeout) }
}

/// What has node load the program that looks on while its own runner runs; nothing where no JavaScript is about.
pub(super) fn watched(act: &Act<'_>, command: &[String]) -> Vec<(String, String)> {
    let is_of_node = |word: &String| ["node", "npm", "npx", "pnpm", "yarn", "tsx"].contains(&word.as_str());
    if !command.iter().any(is_of_node) && act.files.read("package.json").ok().flatten().is_none() {
        return Vec::new();
    }
    // As a file: `NODE_OPTIONS` takes the path of what node loads first.
    let path = act.scratch.program(WATCH.name, WATCH.text);
    path.and_then(|path| WATCH.variable(path.to_str()?)).into_iter().collect()
}

/// What never came to its end in a run that exited with 0, or would have; `None` where all of it did or nobody can tell.
pub(super) fn unfinished(act: &Act<'_>, command: &[String], finished: &Finished, output: &str) -> Option<String> {
    match finished.ending {
        // Where the project has its runner report elsewhere, silence says nothing.
        Ending::Passed => runner::unfinished(command, output)
            .filter(|_| runner::counts(output).is_some() || !tells_elsewhere(act, command)),
        Ending::Failed => runner::cut_short(output),
        Ending::TimedOut => None,
    }
}

fn tells_elsewhere(act: &Act<'_>, command: &[String]) -> bool {
    if command.iter().any(|word| word.starts_with("--reporter")) {
        return false;
    }
    runner::tells_elsewhere(&|path| act.files.read(path).ok().flatten())
}

/// Proves, and records what came of it.
pub(super) fn prove(executor: &mut Executor<'_>, request: &ProofRequest, watch: &dyn Fn(&str)) -> Result<Done> {
    let hunks: Vec<&ObjectId> = request.hunks.iter().map(|(_, tree)| tree).collect();
    let question = ("prove", &request.tree, &request.base, &request.arguments, &request.named, hunks);
    let known = if request.record { None } else { executor.remembered::<Proof>(&question) };
    if let Some(proof) = known {
        return Ok(Done::Proved(Box::new(proof)));
    }
    let scene = ProofScene { act: executor.act, watch };
    let mut proof = match &request.how {
        ProofMethod::Cargo(workspace) => cargo::CargoProver::new(scene, request, workspace).prove()?,
        ProofMethod::Files { runs, is_whole, setup, link } => {
            let (is_whole, setup) = (*is_whole, setup.as_ref());
            files::FileProver { scene, request, runs, is_whole, setup, link }.prove()?
        }
    };
    proof.arguments = request.arguments.iter().chain(&request.named).cloned().collect();
    proof.remarks.extend(request.part.remarks.iter().cloned());
    let mut event = EventKind::Proved(proof);
    // Masked here too: outside of an incident it is shown and kept without going through the ledger.
    executor.masked.add(evidence::mask(&mut event, executor.redactor));
    let EventKind::Proved(proof) = &event else { return Ok(Done::Nothing) };
    let proof = proof.clone();
    // A flaky test, or one that did not run, may tell more the next time.
    if !request.record && !matches!(proof.verdict, Verdict::Flaky | Verdict::NotRun) {
        executor.remember(&question, &proof);
    }
    if request.record {
        executor.record(vec![event])?;
    }
    Ok(Done::Proved(Box::new(proof)))
}

/// What a proof acts through, and where it shows what it is at.
#[derive(Clone, Copy)]
struct ProofScene<'a> {
    act: Act<'a>,
    watch: &'a dyn Fn(&str),
}

impl ProofScene<'_> {
    fn say(&self, text: &str) {
        (self.watch)(text);
    }
}
