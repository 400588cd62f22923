//! A fix that makes tests pass by asking less of them.

use std::collections::HashMap;
use std::ops::Range;

use crate::config::Globs;
use crate::domain::{Level, count};
use crate::port::{Change, ChangeKind, FileDiff};

use super::languages::{TestLanguage, has_any};
use super::{GuardCheck, GuardedFix, Suspicion, is_test, lines};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "weakened-test",
    level: Level::Error,
    what: "the fix takes assertions or tests out of a test file, or keeps tests from running",
    why: "a test that is in the way is often the one that knows why",
    fix: "bring the assertion or test back and fix it, or let this pass with a reason",
    find,
};

/// What counts of a line.
#[derive(Clone, Copy)]
enum LineKind {
    Assertion,
    Test,
}

impl LineKind {
    fn noun(self) -> &'static str {
        match self {
            Self::Assertion => "assertion",
            Self::Test => "test",
        }
    }

    fn is_in(self, language: &TestLanguage, line: &str) -> bool {
        match self {
            Self::Assertion => language.asks(line),
            Self::Test => has_any(line, &language.tests),
        }
    }
}

/// A line of test code that a fix takes away or adds.
struct TestLine<'a> {
    text: &'a str,
    number: usize,
}

/// The lines of test code of one file, without those that only moved within the fix.
struct TestFile<'a> {
    change: &'a Change,
    language: &'static TestLanguage,
    removed: Vec<TestLine<'a>>,
    added: Vec<TestLine<'a>>,
}

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let mut files: Vec<TestFile<'_>> =
        fix.files.iter().filter_map(|file| TestFile::of(file, &fix.config.test.regression)).collect();
    // Across files: a test may move from one to another.
    forget_moved(&mut files);
    files.iter().flat_map(TestFile::findings).collect()
}

impl<'a> TestFile<'a> {
    fn of(file: &'a FileDiff, regression: &Globs) -> Option<Self> {
        let change = &file.change;
        let language = TestLanguage::of(&change.path)?;
        let is_test = is_test(&change.path, regression);
        if is_test && change.kind == ChangeKind::Deleted {
            return None; // A check of its own says so; a source takes its tests along.
        }
        let before = tests_of(&change.path, &file.before, is_test);
        // Each side by its own syntax: a line may become a test or cease to be one.
        let after = tests_of(&change.path, &file.after, is_test);
        let is_in =
            |tests: &[Range<usize>], number: usize| tests.iter().any(|test| test.contains(&number.saturating_sub(1)));
        let mut lines = Self { change, language, removed: Vec::new(), added: Vec::new() };
        for hunk in &file.hunks {
            let number = lines::line_of(file, hunk);
            let removed =
                lines::removed(file, hunk).filter(|(number, line)| is_in(&before, *number) && lines::is_code(line));
            lines.removed.extend(removed.map(|(_, line)| TestLine { text: line.trim(), number }));
            let added =
                lines::added(file, hunk).filter(|(number, line)| is_in(&after, *number) && lines::is_code(line));
            lines.added.extend(added.map(|(number, line)| TestLine { text: line.trim(), number }));
        }
        Some(lines)
    }

    fn findings(&self) -> Vec<Suspicion> {
        let skipping = self.added.iter().filter(|line| has_any(line.text, &self.language.skips));
        let skipping = skipping.map(|line| {
            Suspicion::at_line(self.change, line.number, format!("this keeps tests from running: {}", short(line.text)))
        });
        // One finding a file: a test that goes takes its assertions along.
        skipping.chain([LineKind::Test, LineKind::Assertion].into_iter().find_map(|kind| self.fewer(kind))).collect()
    }

    fn fewer(&self, kind: LineKind) -> Option<Suspicion> {
        let removed: Vec<&TestLine<'_>> =
            self.removed.iter().filter(|line| kind.is_in(self.language, line.text)).collect();
        let added = self.added.iter().filter(|line| kind.is_in(self.language, line.text)).count();
        let first = removed.first().filter(|_| removed.len() > added)?;
        let verb = if removed.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} removed and {added} added", count(removed.len(), kind.noun()));
        Some(Suspicion::at_line(self.change, first.number, message))
    }
}

/// The lines, counted from 0, that are test code: all of a file of the tests, and the tests inside of a source.
fn tests_of(path: &str, text: &str, is_test_file: bool) -> Vec<Range<usize>> {
    if is_test_file { std::iter::once(0..usize::MAX).collect() } else { lines::tests_within(path, text) }
}

/// Drops lines that are taken away from one file and added to another.
fn forget_moved(files: &mut [TestFile<'_>]) {
    let mut balance: HashMap<String, (usize, usize)> = HashMap::new();
    for file in files.iter() {
        for line in &file.removed {
            balance.entry(line.text.to_owned()).or_default().0 += 1;
        }
        for line in &file.added {
            balance.entry(line.text.to_owned()).or_default().1 += 1;
        }
    }
    for (removed, added) in balance.values_mut() {
        let moved = (*removed).min(*added);
        // By text: who moved where does not matter, as long as as many are there as before.
        (*removed, *added) = (moved, moved);
    }
    for file in files {
        file.removed.retain(|line| !takes(balance.get_mut(line.text).map(|(removed, _)| removed)));
        file.added.retain(|line| !takes(balance.get_mut(line.text).map(|(_, added)| added)));
    }
}

/// Takes one of what is left.
fn takes(left: Option<&mut usize>) -> bool {
    match left {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

fn short(line: &str) -> String {
    line.chars().take(60).collect()
}
