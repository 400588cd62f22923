//! A fix that moves files.

use crate::domain::Level;

use super::{GuardCheck, GuardedFix, Suspicion};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "rename",
    level: Level::Warning,
    what: "the fix moves or renames a file",
    why: "other branches and the blame lose track of it, and a revert touches two places",
    fix: "leave the file where it is, and move it in a follow-up",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let moved = fix.changes().filter_map(|change| Some((change, change.renamed_from.as_ref()?)));
    moved.map(|(change, from)| Suspicion::in_file(change, format!("this file was {from}"))).collect()
}
