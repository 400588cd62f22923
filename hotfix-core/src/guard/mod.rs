//! Is the fix minimal? Each check is one file; none reads anything but the difference that the fix makes.

mod binary;
mod ci_pipeline;
mod configuration;
mod deleted_test;
mod dependencies;
mod forbidden_path;
mod formatting;
mod generated;
mod languages;
mod lines;
mod lock_file;
mod manifest;
mod new_dependency;
mod rename;
mod too_big;
mod unpublished_submodule;
mod weakened_test;

use crate::config::{Config, Globs};
use crate::domain::event::GuardRun;
use crate::domain::{Finding, Level, ObjectId, Severity, file_name};
use crate::port::{Change, FileDiff, SubmoduleCommit};
use crate::runner;

pub use dependencies::{is_lock_file, is_manifest};

/// Something a minimal fix does not do.
#[derive(Clone, Copy)]
pub struct GuardCheck {
    /// Its name in findings, waivers and `--waive`.
    pub id: &'static str,
    /// How serious what it finds is.
    pub level: Level,
    /// What it looks for, one line.
    pub what: &'static str,
    /// Why that is a danger in an emergency.
    pub why: &'static str,
    /// How to fix a finding.
    pub fix: &'static str,
    find: fn(&GuardedFix<'_>) -> Vec<Suspicion>,
}

/// All checks, errors first; a new one is a file and its line here.
pub const CHECKS: [GuardCheck; 14] = [
    too_big::CHECK,
    forbidden_path::CHECK,
    binary::CHECK,
    unpublished_submodule::CHECK,
    deleted_test::CHECK,
    weakened_test::CHECK,
    ci_pipeline::CHECK,
    configuration::CHECK,
    manifest::CHECK,
    lock_file::CHECK,
    new_dependency::CHECK,
    generated::CHECK,
    rename::CHECK,
    formatting::CHECK,
];

/// The change that is looked at.
struct GuardedFix<'a> {
    files: &'a [FileDiff],
    /// The submodules that it sets.
    submodules: &'a [SubmoduleCommit],
    config: &'a Config,
    /// Its size: files and lines that count.
    size: (u32, u32),
    /// The most files and lines that it may have.
    limits: (u32, u32),
}

impl GuardedFix<'_> {
    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.files.iter().map(|file| &file.change)
    }
}

/// What a check says about a change, and about which file of it.
struct Suspicion {
    file: Option<(String, u32)>,
    message: String,
    /// How serious it is, where that is not what the check says.
    level: Option<Level>,
    /// How to fix it, where that is not what the check says.
    help: Option<String>,
}

impl Suspicion {
    /// About a file as a whole: it points to the first line that changed.
    fn in_file(change: &Change, message: impl Into<String>) -> Self {
        Self::at(change, change.first_line, message.into())
    }

    /// About a line of a file, counted from 1.
    fn at_line(change: &Change, line: usize, message: impl Into<String>) -> Self {
        Self::at(change, u32::try_from(line).unwrap_or(u32::MAX), message.into())
    }

    fn at(change: &Change, line: u32, message: String) -> Self {
        Self { file: Some((change.path.clone(), line)), message, level: None, help: None }
    }
}

/// Checks that an exact revert passes: it takes out what came with it, and nothing else.
const NOT_OF_REVERTS: [&str; 3] = ["too-big", "deleted-test", "weakened-test"];

/// A fix without the exact reverts in it.
#[derive(Clone, Copy)]
pub struct Besides<'a> {
    /// What is reverted.
    pub commits: &'a [ObjectId],
    /// What the fix changes besides.
    pub files: &'a [FileDiff],
}

/// Looks at the fix that leads to `tree`, for an incident of this severity. What a check finds has the check's level, or
/// is a warning where `waived` knows its id.
pub fn inspect(
    files: &[FileDiff],
    submodules: &[SubmoduleCommit],
    besides: Option<Besides<'_>>,
    config: &Config,
    severity: Option<&Severity>,
    tree: &ObjectId,
    waived: &dyn Fn(&str) -> bool,
) -> GuardRun {
    let rest = besides.map_or(files, |besides| besides.files);
    let sizes = rest.iter().filter_map(|file| counted(file, &config.test.regression));
    let size =
        sizes.fold((0_u32, 0_u32), |(files, lines), counted| (files.saturating_add(1), lines.saturating_add(counted)));
    let fix = GuardedFix { files, submodules, config, size, limits: config.limits(severity) };
    let rest = GuardedFix { files: rest, ..fix };
    let mut findings: Vec<Finding> = CHECKS
        .iter()
        .flat_map(|check| {
            (check.find)(if NOT_OF_REVERTS.contains(&check.id) { &rest } else { &fix })
                .into_iter()
                .map(|found| finding(check, found, waived(check.id)))
        })
        .collect();
    // Stable: within a level the order is that of the checks.
    findings.sort_by_key(|finding| finding.level);
    let reverts = besides.map(|besides| besides.commits.to_vec()).unwrap_or_default();
    GuardRun { tree: tree.clone(), files: size.0, lines: size.1, reverts, findings }
}

fn finding(check: &GuardCheck, found: Suspicion, is_waived: bool) -> Finding {
    let (file, line) = found.file.unzip();
    Finding {
        check: check.id.to_owned(),
        // A waiver hides nothing: the finding stays, with its reason, for the reviewer.
        level: if is_waived { Level::Warning } else { found.level.unwrap_or(check.level) },
        file,
        // SARIF and editors count from 1.
        line: line.filter(|line| *line > 0),
        message: if is_waived { format!("{} (an exception)", found.message) } else { found.message },
        help: found.help.unwrap_or_else(|| check.fix.to_owned()),
    }
}

/// How many lines of a file count towards the size of the fix; `None` where the file does not count at all. What does not
/// count is missed when it is gone (`deleted_test`, `weakened_test`).
fn counted(file: &FileDiff, regression: &Globs) -> Option<u32> {
    let change = &file.change;
    if is_test(&change.path, regression) || is_lock_file(&change.path) {
        return None;
    }
    let lines = change.added.saturating_add(change.removed);
    let inline = lines::inline_tests(file);
    // A file whose tests alone changed does not count as a file either.
    (inline == 0 || inline < lines).then(|| lines.saturating_sub(inline))
}

/// Whether a file is a test or belongs to tests: the one answer for all checks.
fn is_test(path: &str, regression: &Globs) -> bool {
    runner::is_test_material(path, regression)
}

/// What stands after the last dot of a path's name; empty where none does.
fn extension(path: &str) -> &str {
    file_name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests;
