//! Which hooks git would run. They are looked at, and not run.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::adapter::system::environment::{can_run, find_program};
use crate::port::{GitHook, GitHooks, HookFault, PortError, Repository};

use super::GitRepository;
use super::convert::failed;

/// How much of a script is looked at, in bytes; some hooks are large programs.
const LOOKED_AT: u64 = 64 * 1024;

pub(super) fn find(git: &GitRepository, names: &[&str]) -> Result<GitHooks, PortError> {
    let top = top(&git.layout);
    let is_set = set(&git.reads)?.is_some();
    let folder = folder(&git.reads, &git.layout)?;
    let from_top = |path: PathBuf| path.strip_prefix(top).map(Path::to_owned).unwrap_or(path);
    let hooks = names.iter().filter_map(|name| {
        let program = folder.join(name);
        // git passes over a hook that is no file, without a word.
        let script = scripts(&folder, name).into_iter().find(|script| script.is_file())?;
        let uploads = [&program, &script].into_iter().any(|file| start_of(file).contains("lfs"));
        let fault = fault(&program, top);
        Some(GitHook { name: (*name).to_owned(), file: from_top(script), program, fault, uploads })
    });
    let hooks = hooks.collect();
    Ok(GitHooks { is_lost: is_set && !folder.exists(), folder: from_top(folder), hooks })
}

fn top(layout: &Repository) -> &Path {
    layout.work_tree.as_ref().unwrap_or(&layout.git_dir)
}

fn set(settings: &gix::Repository) -> Result<Option<PathBuf>, PortError> {
    settings.config_snapshot().trusted_path("core.hooksPath").map_err(failed("read core.hooksPath"))
}

/// The folder of the hooks.
pub(super) fn folder(settings: &gix::Repository, layout: &Repository) -> Result<PathBuf, PortError> {
    // git starts hooks at the top, and reads a relative path from there: each linked work tree has its own folder.
    Ok(set(settings)?.map_or_else(|| layout.common_dir.join("hooks"), |set| top(layout).join(set)))
}

/// The same as seen from the top of whichever work tree, where all hooks are there: newer git takes some from its
/// configuration, too.
pub(super) fn only_folder(settings: &gix::Repository, layout: &Repository) -> Option<PathBuf> {
    let is_configured = settings.config_snapshot().sections_by_name("hook").is_some();
    let set = set(settings).ok().filter(|_| !is_configured)?;
    Some(set.unwrap_or_else(|| layout.common_dir.join("hooks")))
}

/// Where the script of a hook may be. husky has a stub for each hook that git knows in `.husky/_`, which runs the one
/// beside that folder where there is one.
fn scripts(folder: &Path, name: &str) -> Vec<PathBuf> {
    // husky 9 names its runner `h`.
    let is_huskys = folder.ends_with("_") && folder.join("h").is_file();
    match folder.parent().filter(|_| is_huskys) {
        Some(parent) if folder.join(name).is_file() => vec![parent.join(name)],
        Some(_) => Vec::new(),
        None => vec![folder.join(name)],
    }
}

fn fault(program: &Path, top: &Path) -> Option<HookFault> {
    if !can_run(program) {
        return Some(HookFault::NotExecutable);
    }
    let start = start_of(program);
    let words = start.strip_prefix("#!")?.split('\n').next()?.trim_start_matches([' ', '\t']);
    // Not at other white space: a carriage return is part of the name, and the usual reason why there is no such program.
    let mut words = words.split([' ', '\t']).filter(|word| !word.is_empty());
    let interpreter = words.next()?;
    if !can_run(&top.join(interpreter)) {
        return Some(HookFault::NoInterpreter(shown(interpreter)));
    }
    // `#!/usr/bin/env node` is there wherever env is; node need not be.
    if !interpreter.ends_with("/env") {
        return None;
    }
    let found = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
    let is_there = find_program(found, top).is_ok_and(|path| can_run(&path));
    (!is_there).then(|| HookFault::NoInterpreter(shown(found)))
}

fn shown(name: &str) -> String {
    name.escape_debug().to_string()
}

fn start_of(path: &Path) -> String {
    let mut bytes = Vec::new();
    // What cannot be read cannot be judged: that it cannot run is told by its mode.
    let _ = File::open(path).and_then(|file| file.take(LOOKED_AT).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}
