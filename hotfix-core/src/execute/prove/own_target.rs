//! Where the work tree's own code is built when Cargo would build it where others build too.
//!
//! Cargo leaves the path of a work tree out of what tells its packages apart, and goes by times: in a target folder that two
//! work trees or clones share it takes what one of them built for the code of the other.

use std::path::Path;
use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::sha256_hex;
use crate::port::{Act, Invocation, ScratchFolder};
use crate::runner::cargo::Workspace;

use super::Result;

/// Cargo reads manifests only.
const DEADLINE: Duration = Duration::from_secs(60);
/// The folders of Cargo's profiles of which foreign packages are copied.
const PROFILES: [&str; 2] = ["debug", "release"];

/// The variables that make Cargo build in `target`.
pub(in crate::execute) fn variables(target: &Path) -> [(String, String); 2] {
    let target = target.to_string_lossy().into_owned();
    ["CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"].map(|name| (name.to_owned(), target.clone()))
}

/// A target folder of this work tree alone; `None` where Cargo builds inside the work tree, or where there is nothing to build.
///
/// # Errors
/// When the folder cannot be made.
pub(in crate::execute) fn of_work_tree(act: Act<'_>) -> Result<Option<ScratchFolder>> {
    let manifest = act.processes.top().join("Cargo.toml");
    if act.scratch.built(&manifest).is_none() {
        return Ok(None);
    }
    // Offline and without dependencies: this runs before every test, also without a network.
    let command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"].map(str::to_owned);
    let invocation = Invocation { apart: true, ..Invocation::new(command.to_vec(), DEADLINE) };
    // Where Cargo is not here or cannot read the project, the tests say so themselves.
    let Ok(finished) = act.processes.run(&invocation) else { return Ok(None) };
    let answer = String::from_utf8_lossy(&finished.stdout);
    match Workspace::parse(&answer, &act.processes.top()) {
        Ok(workspace) if finished.ending == Ending::Passed => of_workspace(act, &workspace),
        _ => Ok(None),
    }
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
