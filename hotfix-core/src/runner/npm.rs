//! npm, pnpm and yarn, for JavaScript and TypeScript.

use super::{Ecosystem, Project, Runner, file_name, folders};

/// What npm writes into a new `package.json`: a script that only fails.
const NO_TESTS: &str = "no test specified";
const EXTENSIONS: [&str; 8] = ["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts"];

pub(super) struct Npm;

impl Ecosystem for Npm {
    fn runners(&self) -> &'static [&'static str] {
        &["npm", "pnpm", "yarn"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let package: serde_json::Value = serde_json::from_str(&project.text("package.json")).ok()?;
        let script = package.get("scripts")?.get("test")?.as_str()?;
        if script.trim().is_empty() || script.contains(NO_TESTS) {
            return None;
        }
        let manager = manager(project, package.get("packageManager").and_then(serde_json::Value::as_str));
        Some(Runner::new(manager, "package.json has a test script", [manager, "test"]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        let mut parts = file_name(path).rsplit('.');
        let is_script = parts.next().is_some_and(|extension| EXTENSIONS.contains(&extension));
        let is_named = parts.next().is_some_and(|part| matches!(part, "test" | "spec" | "e2e" | "cy"));
        let has_a_stem = parts.next().is_some_and(|stem| !stem.is_empty());
        is_script
            && ((is_named && has_a_stem)
                || folders(path).any(|folder| matches!(folder, "__tests__" | "tests" | "test")))
    }
}

/// The package manager that the project says it uses, else the one whose lock file it has.
fn manager(project: &Project<'_>, declared: Option<&str>) -> &'static str {
    let declared = declared.and_then(|declared| declared.split('@').next());
    match declared {
        Some("pnpm") => "pnpm",
        Some("yarn") => "yarn",
        Some("npm") => "npm",
        _ if project.has("pnpm-lock.yaml") => "pnpm",
        _ if project.has("yarn.lock") => "yarn",
        _ => "npm",
    }
}
