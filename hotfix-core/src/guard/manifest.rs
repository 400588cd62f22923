//! A fix that changes a manifest.

use crate::domain::Level;
use crate::port::FileDiff;

use super::dependencies::{added, is_manifest};
use super::{GuardCheck, GuardedFix, Suspicion};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "manifest",
    level: Level::Warning,
    what: "the fix changes a file that says what the project depends on and how it is built",
    why: "versions and features act on every part of the program",
    fix: "leave it to a follow-up, or say in the pull request why the bug needs it",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    // A new dependency is told by its own check, with its name.
    let is_only_changed = |file: &&FileDiff| {
        is_manifest(&file.change.path) && added(&file.change.path, &file.before, &file.after).is_empty()
    };
    fix.files
        .iter()
        .filter(is_only_changed)
        .map(|file| Suspicion::in_file(&file.change, "this manifest changes"))
        .collect()
}
