//! Cargo, for Rust: its workspace, what a change can reach in it, the commands that test that, and what they print.

mod built;
mod commands;
mod lock;
mod report;
mod selection;
mod workspace;

use crate::domain::event::TestCounts;
use crate::domain::file_name;

use super::{Ecosystem, Project, Runner, TestResult, folders, results};

pub use built::{Built, BuiltTest, artifacts, listed, sources};
pub use commands::{Driver, REGRESSION, Regression, Stage, TestTarget, stages, target_of};
pub use report::{Reported, reported, without_passed};
pub use selection::{Selected, Selection, Targets, everything, select};
pub use workspace::{CargoTarget, Package, TargetKind, Workspace, has_own_harness};

pub(super) struct Cargo;

impl Ecosystem for Cargo {
    fn runners(&self) -> &'static [&'static str] {
        &["cargo"]
    }

    fn builds(&self) -> &'static [&'static str] {
        &["target"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        project.has("Cargo.toml").then(|| Runner::new("cargo", "there is a Cargo.toml", ["cargo", "test"]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        let Some(stem) = file_name(path).strip_suffix(".rs") else { return false };
        // `#[cfg(test)] mod tests;` puts them into a file beside the code.
        matches!(stem, "test" | "tests")
            || stem.starts_with("test_")
            || stem.ends_with("_test")
            || stem.ends_with("_tests")
            || folders(path).any(|folder| folder == "tests")
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        results::rust(output)
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        let results = self.results(output);
        // Asked to be quiet, test programs name no tests and still count them.
        if results.is_empty() {
            report::totals(output).or_else(|| report::summary(output))
        } else {
            Some(results::count(&results))
        }
    }

    fn unfinished(&self, _command: &[String], output: &str) -> Option<String> {
        // The line is for a terminal at night; a broken harness may leave hundreds.
        const MOST: usize = 3;
        let unfinished = reported(output).unfinished;
        let more = unfinished.len().saturating_sub(MOST);
        let named = unfinished.into_iter().take(MOST).collect::<Vec<_>>().join(", ");
        match (named.is_empty(), more) {
            (true, _) => None,
            (false, 0) => Some(named),
            (false, more) => Some(format!("{named} and {more} more")),
        }
    }
}
