//! Which test files a change reaches, as far as their names tell: what every kind of project has in common.

use super::{Affected, Ecosystem, Project};

/// No more test files than this are named in one command.
// A command line has an end, and so many files are most of the suite anyway.
const MOST_FILES: usize = 200;
/// So many lines say why; the rest is counted.
const MOST_LINES: usize = 8;

/// How a kind of project names its tests.
pub(super) struct Convention<'a> {
    /// Whether a changed file can change how any test is run.
    pub(super) widens: &'a dyn Fn(&str) -> bool,
    /// Whether a file can be run as a test.
    pub(super) is_test: &'a dyn Fn(&str) -> bool,
    /// What a test file is named after: `cart` for `cart.test.js`.
    pub(super) subject: &'a dyn Fn(&str) -> Option<String>,
    /// What a source may be called in the name of its test; none where names do not tell.
    pub(super) names: &'a dyn Fn(&str) -> Vec<String>,
}

/// What a change reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TestReach {
    /// These test files, those of the change first, and why, one line each.
    Files { tests: Vec<String>, why: Vec<String> },
    /// Any test, because of this.
    Everything(String),
}

impl Convention<'_> {
    /// What the changed files reach among all `files`.
    pub(super) fn reach(&self, changed: &[String], files: &[String]) -> TestReach {
        let mut own = Vec::new();
        let mut named = Vec::new();
        let mut why = Vec::new();
        for path in changed {
            let is_there = files.contains(path);
            let test = tested_by_data(path);
            // Configuration and lock files are read by whatever runs the tests.
            if (self.widens)(path) {
                return TestReach::Everything(format!("{path} changed"));
            } else if !is_there && !(self.names)(path).is_empty() && !(self.is_test)(path) {
                // Its own test went with it or fails; whoever else loads it can no longer be asked for.
                return TestReach::Everything(format!("{path} is gone, and nothing tells who needed it"));
            } else if (self.is_test)(path) {
                own.extend(is_there.then(|| path.clone()));
                why.extend(is_there.then(|| format!("{path}: it changed")));
            } else if let Some(test) = test.filter(|test| files.contains(test)) {
                why.push(format!("{test}: {path} changed"));
                own.push(test);
            } else if is_documentation(path) {
                continue;
            } else {
                // What no test is named after may be used by any: guessing wrong would ship it untested.
                let tests = self.named_after(path, files);
                if tests.is_empty() {
                    return TestReach::Everything(format!("no test file is named after {path}"));
                }
                why.extend(tests.iter().map(|test| format!("{test}: named after {path}")));
                named.extend(tests);
            }
        }
        let mut tests: Vec<String> = Vec::new();
        for test in own.into_iter().chain(named) {
            tests.extend((!tests.contains(&test)).then_some(test));
        }
        match tests.len() {
            0 => TestReach::Everything("no test file is named after what changed".to_owned()),
            1..=MOST_FILES => TestReach::Files { tests, why: shortened(why) },
            many => TestReach::Everything(format!("{many} test files are named after what changed")),
        }
    }

    /// The test files that are named after a source.
    pub(super) fn named_after(&self, path: &str, files: &[String]) -> Vec<String> {
        let names = (self.names)(path);
        let is_named = |subject: &str| {
            names.iter().any(|name| {
                let rest = subject.strip_prefix(name.as_str());
                // `cart` has `cart-total.test.js`, and not `cartoon.test.js`.
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
            })
        };
        let is_its_test = |file: &&String| (self.is_test)(file) && (self.subject)(file).is_some_and(|it| is_named(&it));
        files.iter().filter(is_its_test).cloned().collect()
    }
}

/// What a runner is told to run where only names tell.
pub(super) fn affected(
    tool: &dyn Ecosystem,
    project: &Project<'_>,
    changed: &[String],
    files: &[String],
) -> Option<Affected> {
    let runner = tool.detect(project)?;
    Some(match tool.convention().reach(changed, files) {
        TestReach::Files { tests, why } => Affected { command: tool.run_files(project, &tests)?, why },
        TestReach::Everything(why) => {
            Affected { command: runner.arguments().to_vec(), why: vec![format!("all of them: {why}")] }
        }
    })
}

/// The test file that a snapshot belongs to: `test/cart.test.js` for `test/__snapshots__/cart.test.js.snap`.
pub(super) fn tested_by_data(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/')?;
    let parent = folder.strip_suffix("__snapshots__")?;
    Some(format!("{parent}{}", name.strip_suffix(".snap")?))
}

/// Whether a file is for people only. One among sources or tests may be what these read.
pub(super) fn is_documentation(path: &str) -> bool {
    const FOLDERS: [&str; 5] = ["docs", "doc", ".github", ".changeset", "changelog.d"];
    // Text among sources may be a fixture or a template.
    let place = path.split_once('/').map(|(folder, _)| folder);
    let is_text = path.ends_with(".md") || path.ends_with(".rst");
    let is_at_top = place.is_none() && (is_text || path.starts_with("LICENSE") || path == ".gitignore");
    is_at_top || (is_text && place.is_some_and(|folder| FOLDERS.contains(&folder)))
}

fn shortened(mut why: Vec<String>) -> Vec<String> {
    let more = why.len().saturating_sub(MOST_LINES);
    if more > 1 {
        why.truncate(MOST_LINES);
        why.push(format!("and {more} more"));
    }
    why
}
