//! A fix that makes tests pass by taking them away.

use crate::domain::Level;
use crate::port::{ChangeKind, FileDiff};

use super::{GuardCheck, GuardedFix, Suspicion, is_test, lines};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "deleted-test",
    level: Level::Error,
    what: "the fix deletes or empties a test file or what tests need, or renames it to something that is none",
    why: "a test that is in the way is often the one that knows why",
    fix: "bring the file back and fix it, or let this pass with a reason",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let is_test = |path: &str| is_test(path, &fix.config.test.regression);
    fix.files
        .iter()
        .filter_map(|file| {
            let change = &file.change;
            match (&change.renamed_from, change.kind) {
                (_, ChangeKind::Deleted) if is_test(&change.path) => {
                    Some(Suspicion::in_file(change, "this file of the tests is deleted"))
                }
                // `cart.test.js` renamed to `cart.js` is never run again.
                (Some(from), _) if is_test(from) && !is_test(&change.path) => Some(Suspicion::in_file(
                    change,
                    format!("{from} belonged to the tests, and no longer does under this name"),
                )),
                (_, ChangeKind::Modified) if is_test(&change.path) && is_emptied(file) => {
                    Some(Suspicion::in_file(change, "this file of the tests is emptied"))
                }
                _ => None,
            }
        })
        .collect()
}

/// Whether nothing is left of a file but blanks and comments. Of one that is too long to be shown, only whether it is empty.
fn is_emptied(file: &FileDiff) -> bool {
    let change = &file.change;
    let says_something = |text: &str| text.lines().any(|line| !line.trim().is_empty() && lines::is_code(line));
    // git streams a text that is too long to be shown, so only the counts are known.
    let is_empty = change.first_line == 0 && change.added == 0 && change.removed > 0;
    is_empty || (says_something(&file.before) && !says_something(&file.after))
}
