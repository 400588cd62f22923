//! A fix that brings code of others.

use crate::domain::Level;

use super::dependencies::added;
use super::{GuardCheck, GuardedFix, Suspicion, lines};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "new-dependency",
    level: Level::Warning,
    what: "the fix adds a dependency",
    why: "nobody reviews the code of others at night, and it ships to production with the fix",
    fix: "fix the bug with what is there, or say in the pull request why it cannot be done",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let mut found = Vec::new();
    for file in fix.files {
        for name in added(&file.change.path, &file.before, &file.after) {
            // pip takes `Foo_Bar` and `foo-bar` for one name.
            let line = lines::first_added_with(file, &name).or_else(|| lines::first_added_with(file, tail(&name)));
            let line = line.unwrap_or(usize::try_from(file.change.first_line).unwrap_or(0));
            found.push(Suspicion::at_line(&file.change, line, format!("{name} is a new dependency")));
        }
    }
    found
}

/// What a name is found by where it is written in another case or with another separator.
fn tail(name: &str) -> &str {
    name.rsplit(['-', '_', '.']).next().unwrap_or(name)
}
