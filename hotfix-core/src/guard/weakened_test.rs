//! A fix that makes tests pass by asking less of them.

use std::collections::HashMap;

use crate::config::Globs;
use crate::domain::Level;
use crate::port::{Change, ChangeKind, FileDiff};
use crate::runner;

use super::{Check, Fix, Found, count, extension, is_test_file, lines};

pub(super) const CHECK: Check = Check {
    id: "weakened-test",
    level: Level::Error,
    what: "the fix takes assertions or tests out of a test file, or keeps tests from running",
    why: "a test that is in the way is often the one that knows why",
    mend: "bring the assertion or test back and mend it, or waive this with a reason",
    find,
};

/// How tests are written in a language.
struct Language {
    extensions: &'static [&'static str],
    /// What begins a test.
    tests: &'static [&'static str],
    /// What asks something, besides everything with `assert` in it.
    asks: &'static [&'static str],
    /// What keeps tests from running, or from counting.
    skips: &'static [&'static str],
}

const LANGUAGES: [Language; 9] = [
    Language {
        extensions: &["rs"],
        tests: &["#[test]", "::test]", "::test(", "#[rstest"],
        asks: &[],
        skips: &["#[ignore"],
    },
    Language {
        extensions: &["py"],
        tests: &["def test"],
        asks: &["pytest.raises("],
        skips: &[
            ".mark.skip",
            ".mark.xfail",
            "pytest.skip(",
            "pytest.xfail(",
            "unittest.skip",
            ".skipTest(",
            "expectedFailure",
        ],
    },
    Language {
        extensions: &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue"],
        tests: &["it(", "it.", "test(", "test."],
        asks: &["expect(", "should."],
        skips: &[
            ".skip(",
            ".only(",
            ".todo(",
            ".fixme(",
            ".failing(",
            "xit(",
            "xtest(",
            "xdescribe(",
            "fit(",
            "fdescribe(",
        ],
    },
    Language {
        extensions: &["go"],
        tests: &["func Test", "func Fuzz"],
        asks: &["t.Error", "t.Fatal", "t.Fail", "require."],
        skips: &["t.Skip"],
    },
    Language {
        extensions: &["java", "kt", "kts", "scala", "groovy"],
        tests: &["@Test", "@ParameterizedTest"],
        asks: &["verify("],
        skips: &["@Disabled", "@Ignore"],
    },
    Language {
        extensions: &["rb"],
        tests: &["it \"", "it '", "def test_", "test \"", "test '"],
        asks: &["expect(", "expect {", ".should"],
        skips: &["skip \"", "skip '", "skip(", "xit ", "xdescribe ", "pending ", "skip:"],
    },
    Language {
        extensions: &["php"],
        tests: &["function test"],
        asks: &["expectException("],
        skips: &["markTestSkipped(", "markTestIncomplete("],
    },
    Language {
        extensions: &["cs", "fs", "vb"],
        tests: &["[Fact", "[Theory", "[Test]", "[TestMethod"],
        asks: &[".Should("],
        skips: &["Skip =", "[Ignore"],
    },
    Language { extensions: &["swift"], tests: &["func test"], asks: &["#expect("], skips: &["XCTSkip", ".disabled("] },
];

impl Language {
    fn of(path: &str) -> Option<&'static Self> {
        let extension = extension(path);
        LANGUAGES.iter().find(|language| language.extensions.contains(&extension))
    }

    fn asks(&self, line: &str) -> bool {
        line.to_lowercase().contains("assert") || has_any(line, self.asks)
    }
}

/// What counts of a line.
#[derive(Clone, Copy)]
enum Kind {
    Assertion,
    Test,
}

impl Kind {
    fn noun(self) -> &'static str {
        match self {
            Self::Assertion => "assertion",
            Self::Test => "test",
        }
    }

    fn is_in(self, language: &Language, line: &str) -> bool {
        match self {
            Self::Assertion => language.asks(line),
            Self::Test => has_any(line, language.tests),
        }
    }
}

/// A line of test code that a fix takes away or adds.
struct Line<'a> {
    text: &'a str,
    number: usize,
}

/// The lines of test code of one file, without those that only moved within the fix.
struct TestFile<'a> {
    change: &'a Change,
    language: &'static Language,
    removed: Vec<Line<'a>>,
    added: Vec<Line<'a>>,
}

fn find(fix: &Fix<'_>) -> Vec<Found> {
    let mut files: Vec<TestFile<'_>> =
        fix.files.iter().filter_map(|file| TestFile::of(file, &fix.config.test.regression)).collect();
    forget_moved(&mut files);
    files.iter().flat_map(TestFile::findings).collect()
}

impl<'a> TestFile<'a> {
    fn of(file: &'a FileDiff, regression: &Globs) -> Option<Self> {
        let change = &file.change;
        let language = Language::of(&change.path)?;
        let is_test = is_test_file(&change.path, regression) || runner::is_test_material(&change.path, regression);
        if change.kind == ChangeKind::Deleted {
            return None;
        }
        let (before, after) = (tests_from(&file.before, is_test), tests_from(&file.after, is_test));
        let mut lines = Self { change, language, removed: Vec::new(), added: Vec::new() };
        for hunk in &file.hunks {
            let place = lines::place_of(file, hunk);
            let removed = lines::removed(file, hunk).filter(|(number, line)| *number >= before && is_code(line));
            lines.removed.extend(removed.map(|(_, line)| Line { text: line.trim(), number: place }));
            let added = lines::added(file, hunk).filter(|(number, line)| *number >= after && is_code(line));
            lines.added.extend(added.map(|(number, line)| Line { text: line.trim(), number }));
        }
        Some(lines)
    }

    fn findings(&self) -> Vec<Found> {
        let skipping = self.added.iter().filter(|line| has_any(line.text, self.language.skips));
        let skipping = skipping.map(|line| {
            Found::at_line(self.change, line.number, format!("this keeps tests from running: {}", short(line.text)))
        });
        skipping.chain([Kind::Test, Kind::Assertion].into_iter().find_map(|kind| self.fewer(kind))).collect()
    }

    fn fewer(&self, kind: Kind) -> Option<Found> {
        let removed: Vec<&Line<'_>> = self.removed.iter().filter(|line| kind.is_in(self.language, line.text)).collect();
        let added = self.added.iter().filter(|line| kind.is_in(self.language, line.text)).count();
        let first = removed.first().filter(|_| removed.len() > added)?;
        let verb = if removed.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} removed and {added} added", count(removed.len(), kind.noun()));
        Some(Found::at_line(self.change, first.number, message))
    }
}

/// The first line, counted from 1, of what is test code: all of a test file, and the tests at the end of a Rust file.
fn tests_from(text: &str, is_test_file: bool) -> usize {
    if is_test_file {
        return 1;
    }
    let begins = text.lines().position(|line| line.trim_start().starts_with("#[cfg(test)]"));
    begins.map_or(usize::MAX, |place| place + 1)
}

/// Whether a line does something: comments and imports of assertions don't.
fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    let is_comment = line.starts_with("//") || line.starts_with('*') || line.starts_with("/*");
    let is_hash_comment = line.starts_with('#') && !line.starts_with("#[") && !line.starts_with("#expect(");
    let is_import = ["use ", "import ", "from ", "using ", "require "].iter().any(|word| line.starts_with(word));
    !(is_comment || is_hash_comment || is_import || line.contains("require('") || line.contains("require(\""))
}

/// Whether a line holds one of the words, not as the end of a longer one.
fn has_any(line: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        let begins_with_letter = word.starts_with(char::is_alphanumeric);
        let is_call = word.ends_with('(');
        let goes_on = |last: char| last.is_alphanumeric() || last == '_' || (last == '.' && is_call);
        let is_whole = |place: usize| !line.get(..place).unwrap_or_default().ends_with(goes_on);
        line.match_indices(word).any(|(place, _)| !begins_with_letter || is_whole(place))
    })
}

/// Drops lines that are taken away at one place and added at another.
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
