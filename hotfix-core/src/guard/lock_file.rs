//! A fix that changes which versions of other code are used.

use crate::domain::{Level, file_name};

use super::dependencies::manifests_of;
use super::{GuardCheck, GuardedFix, Suspicion};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "lock-file",
    level: Level::Warning,
    what: "the fix changes a lock file",
    why: "an update that came along by accident ships to production untested, and does not count towards the size of the fix",
    fix: "restore the lock file unless the fix is an update, and then update only what it needs",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let locks = fix.changes().filter_map(|change| Some((change, manifests_of(&change.path)?)));
    locks
        .map(|(change, manifests)| match manifest_beside(fix, &change.path, manifests) {
            // Updates on purpose and by accident look alike; the manifest beside it tells most of it.
            Some(manifest) => Suspicion::in_file(change, format!("this lock file changes with {manifest}")),
            None => Suspicion::in_file(change, "this lock file changes, and no manifest does"),
        })
        .collect()
}

/// A changed manifest in the lock file's folder or below it, as in a workspace.
fn manifest_beside<'a>(fix: &'a GuardedFix<'_>, lock_file: &str, manifests: &[&str]) -> Option<&'a str> {
    let folder = lock_file.strip_suffix(file_name(lock_file)).unwrap_or_default();
    let mut paths = fix.changes().map(|change| change.path.as_str());
    paths.find(|path| path.starts_with(folder) && manifests.contains(&file_name(path)))
}
