//! A fix that brings a file nobody can review.

use crate::domain::Level;
use crate::port::ChangeKind;

use super::dependencies::is_lock_file;
use super::{GuardCheck, GuardedFix, Suspicion};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "binary",
    level: Level::Error,
    what: "the fix adds or changes a file that is not text",
    why: "nobody can review it, and a build product or dump committed in a hurry stays in history",
    fix: "take the file out of the commit, or let this pass with a reason",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let is_brought = |kind| matches!(kind, ChangeKind::Added | ChangeKind::Modified);
    let binaries = fix.changes().filter(|change| change.is_binary && is_brought(change.kind));
    binaries
        // `bun.lockb` is binary; a check of its own speaks of lock files.
        .filter(|change| !is_lock_file(&change.path))
        .map(|change| Suspicion::in_file(change, "this file is not text"))
        .collect()
}
