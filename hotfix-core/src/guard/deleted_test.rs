//! A fix that makes tests pass by taking them away.

use super::{Check, Fix, Found, is_test_file};
use crate::domain::Level;
use crate::port::ChangeKind;

pub(super) const CHECK: Check = Check {
    id: "deleted-test",
    level: Level::Error,
    what: "the fix deletes a test file, or renames it to something that is none",
    why: "a test that is in the way is often the one that knows why",
    mend: "bring the test back and mend it, or waive this with a reason",
    find,
};

fn find(fix: &Fix<'_>) -> Vec<Found> {
    let is_test = |path: &str| is_test_file(path, &fix.config.test.regression);
    fix.changes()
        .filter_map(|change| match (&change.renamed_from, change.kind) {
            (_, ChangeKind::Deleted) if is_test(&change.path) => {
                Some(Found::in_file(change, "this test file is deleted"))
            }
            (Some(from), ChangeKind::Added | ChangeKind::Modified) if is_test(from) && !is_test(&change.path) => {
                Some(Found::in_file(change, format!("the test file {from} is no longer one under this name")))
            }
            _ => None,
        })
        .collect()
}
