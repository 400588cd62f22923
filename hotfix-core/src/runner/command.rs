//! The command that a person configured: it comes before any that was detected. Which test files it gets is told by names
//! alone, since it cannot be asked.

use crate::config::Globs;
use crate::domain::file_name;

use super::naming::{Convention, TestReach, is_documentation};
use super::{Project, Runner, folders, is_test_file};

/// Files that no test is named after: they may be read by any.
// Named after no test, so a change to one of them reaches all tests.
const DATA: [&str; 16] = [
    "json", "yaml", "yml", "toml", "xml", "html", "css", "scss", "csv", "sql", "ini", "cfg", "lock", "txt", "env",
    "snap",
];
/// What marks a test in a file's name, before and after the name of what it tests.
const PREFIXES: [&str; 3] = ["test-", "test_", "spec_"];
const SUFFIXES: [&str; 8] = ["-test", "_test", "-spec", "_spec", "TestCase", "Tests", "Test", "Spec"];

impl Runner {
    /// The runner that `test.command` describes; `{files}` in it becomes the affected test files.
    pub fn configured(command: &[String]) -> Self {
        Self { name: "command", why: "test.command is configured".to_owned(), arguments: command.to_vec().into() }
    }
}

/// The test files that a change can affect, for a command that is given files: those that changed, those named after what
/// changed, and all where names do not tell. With why, one line each. `runner` is what the project shows.
pub fn affected_files(
    runner: Option<&Runner>,
    project: &Project<'_>,
    changed: &[String],
    files: &[String],
    regression: &Globs,
) -> (Vec<String>, Vec<String>) {
    let ecosystem = runner.and_then(Runner::ecosystem);
    let is_test = |path: &str| match runner {
        // Cargo's tests are known by syntax and not by files.
        Some(runner) if !runner.is_cargo() => regression.is_match(path) || runner.is_test(project, path),
        _ => is_test_file(path, regression),
    };
    let named = ecosystem.map_or_else(convention, |ecosystem| ecosystem.convention());
    let named_as_test = named.is_test;
    let convention = Convention { is_test: &is_test, ..named };
    let finder = ecosystem.and_then(|ecosystem| ecosystem.finder(project));
    let is_source = |path: &&String| !is_test(path) && !is_documentation(path) && !names(path).is_empty();
    let everything = |why: String| {
        let all: Vec<String> = files.iter().filter(|path| is_test(path)).cloned().collect();
        (all, vec![format!("all test files: {why}")])
    };
    // Who imports it only the tool could tell, and what a command makes of its files is not known.
    if let (Some(tool), Some(path)) = (finder, changed.iter().find(is_source)) {
        return everything(format!("{path} changed, and a command cannot be asked, as {tool} can, who imports it"));
    }
    // One that is not plainly named as a test may have been what others need.
    let is_gone = |path: &&String| !files.contains(path) && is_test(path) && !(named_as_test)(path);
    if let Some(path) = changed.iter().find(is_gone) {
        return everything(format!("{path} is gone, and any test may have needed it"));
    }
    match convention.reach(changed, files) {
        TestReach::Files { tests, why } => (tests, why),
        TestReach::Everything(why) => everything(why),
    }
}

/// How test files are named in languages that we know nothing else of.
pub(super) fn convention() -> Convention<'static> {
    Convention { widens: &|_| false, is_test: &|_| false, subject: &subject, names: &names }
}

/// What a test is named after: `cart` for `cart_test.go`, `test_cart.py`, `CartTest.java`, `cart.bats`.
fn subject(path: &str) -> Option<String> {
    let stem = stem(path);
    let stem = PREFIXES.iter().find_map(|prefix| stem.strip_prefix(prefix)).unwrap_or(stem);
    let shorter = SUFFIXES.iter().find_map(|suffix| stem.strip_suffix(suffix)).filter(|rest| !rest.is_empty());
    let subject = shorter.unwrap_or(stem);
    (!subject.is_empty()).then(|| subject.to_ascii_lowercase())
}

/// What a source may be called there.
fn names(path: &str) -> Vec<String> {
    let extension = file_name(path).rsplit_once('.').map_or("", |(_, extension)| extension);
    if DATA.contains(&extension) {
        return Vec::new();
    }
    let folder = folders(path).next().map(str::to_ascii_lowercase);
    match stem(path) {
        // Such a file speaks for its folder; its own name is everywhere.
        "" | "index" | "init__" | "mod" | "main" | "lib" => folder.into_iter().collect(),
        stem => vec![stem.to_ascii_lowercase()],
    }
}

fn stem(path: &str) -> &str {
    file_name(path).split('.').next().unwrap_or_default().trim_start_matches('_')
}
