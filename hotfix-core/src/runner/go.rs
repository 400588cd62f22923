//! `go test`, for Go.

use super::{Ecosystem, Project, Runner};

pub(super) struct Go;

impl Ecosystem for Go {
    fn runners(&self) -> &'static [&'static str] {
        &["go"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        project.has("go.mod").then(|| Runner::new("go", "there is a go.mod", ["go", "test", "./..."]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        path.ends_with("_test.go")
    }
}
