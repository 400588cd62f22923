//! Where the work tree's own code is built when Cargo would build it where others build too.
//!
//! Cargo leaves the path of a work tree out of what tells its packages apart, and goes by times: in a target folder that two
//! work trees or clones share it takes what one of them built for the code of the other.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::sha256_hex;
use crate::port::{Act, Invocation, ScratchFolder};
use crate::runner::cargo::Workspace;

use super::Result;

/// Cargo reads manifests only.
const DEADLINE: Duration = Duration::from_secs(60);
/// What Cargo is asked of a workspace, and how the question of a plan begins.
const QUESTION: [&str; 5] = ["cargo", "metadata", "--no-deps", "--format-version", "1"];
/// The folders of Cargo's profiles of which foreign packages are copied.
const PROFILES: [&str; 2] = ["debug", "release"];

/// The variables that make Cargo build in `target`.
pub(in crate::execute) fn variables(target: &Path) -> [(String, String); 2] {
    let target = target.to_string_lossy().into_owned();
    ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"].map(|name| (name.to_owned(), target.clone()))
}

/// What Cargo said of the work tree before the last tests, and the files that told it so.
#[derive(Debug, Default)]
pub(crate) struct KnownWorkspace {
    workspace: Option<Workspace>,
    told_by: Vec<(PathBuf, Option<Vec<u8>>)>,
}

impl KnownWorkspace {
    /// What holds now: tests run between two questions, and may have written what Cargo reads.
    fn now(&mut self, act: Act<'_>) -> Option<&Workspace> {
        let is_same = |(path, content): &(PathBuf, Option<Vec<u8>>)| act.scratch.built(path) == *content;
        if self.workspace.is_none() || !self.told_by.iter().all(is_same) {
            let workspace = ask(act);
            self.keep(act, workspace);
        }
        self.workspace.as_ref()
    }

    /// Keeps what Cargo answers where a plan asked it the same, so that it is not asked twice.
    pub(in crate::execute) fn hear(&mut self, act: Act<'_>, command: &[String], answer: &str) {
        if command.starts_with(&QUESTION.map(str::to_owned)) {
            self.keep(act, Workspace::parse(answer, &act.processes.top()).ok());
        }
    }

    fn keep(&mut self, act: Act<'_>, workspace: Option<Workspace>) {
        let files = workspace.iter().flat_map(|workspace| read_by_cargo(workspace, &act.processes.top()));
        self.told_by = files
            .map(|path| {
                let content = act.scratch.built(&path);
                (path, content)
            })
            .collect();
        self.workspace = workspace;
    }
}

/// The manifests, and the configuration of every folder from the work tree up.
fn read_by_cargo(workspace: &Workspace, top: &Path) -> Vec<PathBuf> {
    let folders = workspace.packages.iter().map(|package| top.join(&package.folder));
    let manifests = folders.chain([PathBuf::from(&workspace.root)]).map(|folder| folder.join("Cargo.toml"));
    let names = [".cargo/config.toml", ".cargo/config"];
    manifests.chain(top.ancestors().flat_map(|folder| names.map(|name| folder.join(name)))).collect()
}

fn ask(act: Act<'_>) -> Option<Workspace> {
    // Offline and without dependencies: this runs before tests, also without a network.
    let command = QUESTION.into_iter().chain(["--offline"]).map(str::to_owned).collect::<Vec<_>>();
    let invocation = Invocation { apart: true, ..Invocation::new(command, DEADLINE) };
    // Where Cargo is not here or cannot read the project, the tests say so themselves.
    let finished = act.processes.run(&invocation).ok().filter(|finished| finished.ending == Ending::Passed)?;
    Workspace::parse(&String::from_utf8_lossy(&finished.stdout), &act.processes.top()).ok()
}

/// A target folder of this work tree alone; `None` where Cargo builds inside the work tree, or where there is nothing to build.
///
/// # Errors
/// When the folder cannot be made.
pub(in crate::execute) fn of_work_tree(act: Act<'_>, known: &mut KnownWorkspace) -> Result<Option<ScratchFolder>> {
    let manifest = act.processes.top().join("Cargo.toml");
    if act.scratch.built(&manifest).is_none() {
        return Ok(None);
    }
    known.now(act).map_or(Ok(None), |workspace| of_workspace(act, workspace))
}

/// The same where the workspace is known.
pub(super) fn of_workspace(act: Act<'_>, workspace: &Workspace) -> Result<Option<ScratchFolder>> {
    let top = act.processes.top();
    let folders = [&workspace.target_directory, &workspace.build_directory];
    // A link that leads out of the work tree may lead others to the same folder.
    if folders.iter().all(|folder| folder.is_empty() || act.scratch.lies_in(Path::new(folder.as_str()), &top)) {
        return Ok(None);
    }
    // By the path of the work tree: two of them must never share one.
    let name = sha256_hex(top.as_os_str().as_encoded_bytes());
    let scratch = act.scratch.claim(&format!("fix-{}", name.get(..16).unwrap_or(&name)))?;
    // Dependencies are the same code everywhere; building them anew would take minutes of a night.
    for profile in PROFILES {
        let from = Path::new(&workspace.build_directory).join(profile);
        act.scratch.seed(&scratch, &from, &workspace.own_names)?;
    }
    Ok(Some(scratch))
}
