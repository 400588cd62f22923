//! Cargo, for Rust: its workspace, what a change can reach in it, the commands that test that, and what they print.

mod built;
mod commands;
mod lock;
mod selection;
mod workspace;

use super::{Ecosystem, Project, Runner, TestResult, file_name, folders, results};

pub use built::{Built, BuiltTest, artifacts, listed, sources};
pub use commands::{Driver, Regression, Stage, TestTarget, stages, target_of};
pub use selection::{Selected, Selection, Targets, everything, select};
pub use workspace::{Package, Target, TargetKind, Workspace, has_own_harness};

pub(super) struct Cargo;

impl Ecosystem for Cargo {
    fn runners(&self) -> &'static [&'static str] {
        &["cargo"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        project.has("Cargo.toml").then(|| Runner::new("cargo", "there is a Cargo.toml", ["cargo", "test"]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        let Some(stem) = file_name(path).strip_suffix(".rs") else { return false };
        matches!(stem, "test" | "tests")
            || stem.starts_with("test_")
            || stem.ends_with("_test")
            || stem.ends_with("_tests")
            || folders(path).any(|folder| folder == "tests")
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        results::rust(output)
    }
}
