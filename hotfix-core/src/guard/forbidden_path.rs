//! A fix that touches what the project keeps hotfixes away from.

use crate::domain::Level;

use super::{GuardCheck, GuardedFix, Suspicion};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "forbidden-path",
    level: Level::Error,
    what: "the fix touches a path that guard.forbid names",
    why: "the project decided that such files change on the normal path only",
    fix: "undo the change of this file, or let this pass with a reason",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let forbid = &fix.config.guard.forbid;
    let touched = fix.changes().filter(|change| {
        forbid.is_match(&change.path) || change.renamed_from.as_deref().is_some_and(|from| forbid.is_match(from))
    });
    touched.map(|change| Suspicion::in_file(change, "guard.forbid keeps hotfixes away from this file")).collect()
}
