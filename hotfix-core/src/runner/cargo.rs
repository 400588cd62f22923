//! Cargo, for Rust.

use super::{Ecosystem, Project, Runner, file_name, folders};

pub(super) struct Cargo;

impl Ecosystem for Cargo {
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
}
