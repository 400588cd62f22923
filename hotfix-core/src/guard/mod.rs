//! Is the fix minimal? Each check is one file; none reads anything but the list of changes.

mod binary;
mod deleted_test;
mod forbidden_path;
mod too_big;

use crate::config::Config;
use crate::domain::event::GuardRun;
use crate::domain::{Finding, Level, ObjectId};
use crate::port::Change;
use crate::runner;

/// Something a minimal fix does not do.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its name in findings, waivers and `--waive`.
    pub id: &'static str,
    /// What it looks for, one line.
    pub what: &'static str,
    /// Why that is a danger in an emergency.
    pub why: &'static str,
    /// How to mend a finding.
    pub mend: &'static str,
    find: fn(&Fix<'_>) -> Vec<Found>,
}

/// All checks; a new one is a file and its line here.
pub const CHECKS: [Check; 4] = [too_big::CHECK, forbidden_path::CHECK, binary::CHECK, deleted_test::CHECK];

/// The change that is looked at.
struct Fix<'a> {
    changes: &'a [Change],
    config: &'a Config,
    files: u32,
    lines: u32,
}

/// What a check says about a change, and about which file of it.
struct Found {
    file: Option<(String, u32)>,
    message: String,
}

impl Found {
    fn in_file(change: &Change, message: impl Into<String>) -> Self {
        Self { file: Some((change.path.clone(), change.first_line)), message: message.into() }
    }
}

/// Looks at the fix that leads to `tree`. What a check finds is an error, or a warning where `waived` knows its id.
pub fn inspect(changes: &[Change], config: &Config, tree: &ObjectId, waived: &dyn Fn(&str) -> bool) -> GuardRun {
    let counted = || changes.iter().filter(|change| counts(change, config));
    let files = counted().fold(0_u32, |files, _| files.saturating_add(1));
    let lines =
        counted().fold(0_u32, |lines, change| lines.saturating_add(change.added).saturating_add(change.removed));
    let fix = Fix { changes, config, files, lines };
    let mut findings: Vec<Finding> = CHECKS
        .iter()
        .flat_map(|check| (check.find)(&fix).into_iter().map(|found| finding(check, found, waived(check.id))))
        .collect();
    findings.sort_by_key(|finding| finding.level);
    GuardRun { tree: tree.clone(), files, lines, findings }
}

fn finding(check: &Check, found: Found, is_waived: bool) -> Finding {
    let (file, line) = found.file.unzip();
    Finding {
        check: check.id.to_owned(),
        level: if is_waived { Level::Warning } else { Level::Error },
        file,
        line: line.filter(|line| *line > 0),
        message: if is_waived { format!("{} (waived)", found.message) } else { found.message },
        help: check.mend.to_owned(),
    }
}

/// Whether a change counts towards the size of the fix: tests and lock files don't.
fn counts(change: &Change, config: &Config) -> bool {
    !runner::is_test_material(&change.path, &config.test.regression) && !is_lock_file(&change.path)
}

/// Files that a package manager writes.
const LOCK_FILES: [&str; 19] = [
    "Cargo.lock",
    "Gemfile.lock",
    "Pipfile.lock",
    "Podfile.lock",
    "bun.lock",
    "bun.lockb",
    "composer.lock",
    "deno.lock",
    "flake.lock",
    "go.sum",
    "gradle.lockfile",
    "mix.lock",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "packages.lock.json",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
];

fn is_lock_file(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| LOCK_FILES.contains(&name))
}

#[cfg(test)]
mod tests;
