//! A fix that changes more files or lines than one can review at night.

use crate::domain::Level;
use crate::port::ChangeKind;

use super::{GuardCheck, GuardedFix, Suspicion, counted};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "too-big",
    level: Level::Error,
    what: "the fix changes more files or lines than configured, tests and lock files aside",
    why: "a small change is reviewed in minutes and taken back without side effects",
    fix: "move what the fix does not need to a follow-up, or let this pass with a reason",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let over = |count: u32, limit: u32, what: &str| {
        let message = format!("the fix changes {count} {what}, more than {limit}");
        (count > limit).then(|| biggest(fix, message))
    };
    [over(fix.size.0, fix.limits.0, "files"), over(fix.size.1, fix.limits.1, "lines")].into_iter().flatten().collect()
}

/// Points to the file where most lines changed: one that is still there, if any is, for a reader is sent to it.
fn biggest(fix: &GuardedFix<'_>, message: String) -> Suspicion {
    let sizes = fix.files.iter().filter_map(|file| Some((file, counted(file, &fix.config.test.regression)?)));
    // The first of equals.
    // `max_by_key` takes the last of equals, hence the reverse.
    let most = sizes.rev().max_by_key(|(file, lines)| (file.change.kind != ChangeKind::Deleted, *lines));
    match most {
        Some((file, _)) => Suspicion::in_file(&file.change, message),
        None => Suspicion { file: None, message, level: None, help: None },
    }
}
