//! pytest and unittest, for Python.

use super::{Ecosystem, Project, Runner, file_name, folders};

/// Files that configure pytest, and what in them does.
const CONFIGURATION: [(&str, &str); 5] = [
    ("pytest.ini", ""),
    (".pytest.ini", ""),
    ("pyproject.toml", "[tool.pytest"),
    ("setup.cfg", "[tool:pytest]"),
    ("tox.ini", "[pytest]"),
];
/// Files that name what a project needs.
const REQUIREMENTS: [&str; 6] =
    ["pyproject.toml", "requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "setup.py", "setup.cfg"];

pub(super) struct Pytest;

impl Ecosystem for Pytest {
    fn runners(&self) -> &'static [&'static str] {
        &["pytest", "unittest"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let pytest = |why: String| Some(Runner::new("pytest", why, ["python3", "-m", "pytest"]));
        let configures = |(name, section): &(&str, &str)| project.has(name) && project.text(name).contains(section);
        if let Some((name, _)) = CONFIGURATION.iter().find(|entry| configures(entry)) {
            return pytest(format!("{name} configures pytest"));
        }
        if project.has("conftest.py") || (project.has("tests") && (project.file)("tests/conftest.py").is_some()) {
            return pytest("there is a conftest.py".to_owned());
        }
        if let Some(name) = REQUIREMENTS.iter().find(|name| project.text(name).contains("pytest")) {
            return pytest(format!("{name} asks for pytest"));
        }
        if let Some(name) = project.top_level_names.iter().find(|name| is_test_name(name)) {
            return match project.text(name).contains("unittest") {
                true => Some(unittest(format!("{name} uses unittest"))),
                false => pytest(format!("there is a {name}")),
            };
        }
        let is_python = REQUIREMENTS.iter().any(|name| project.has(name))
            || project.top_level_names.iter().any(|name| name.ends_with(".py"));
        if !(is_python && project.has("tests")) {
            return None;
        }
        // Without a word of pytest it may not be installed; unittest always is, and finds what lies in a package.
        match (project.file)("tests/__init__.py").is_some() {
            true => Some(unittest("there is a Python package of tests".to_owned())),
            false => pytest("there is a Python project with tests".to_owned()),
        }
    }

    fn is_test_file(&self, path: &str) -> bool {
        is_test_name(file_name(path))
            || (path.ends_with(".py") && folders(path).any(|folder| matches!(folder, "tests" | "test")))
    }
}

fn unittest(why: String) -> Runner {
    Runner::new("unittest", why, ["python3", "-m", "unittest", "discover"])
}

fn is_test_name(name: &str) -> bool {
    name.strip_suffix(".py").is_some_and(|stem| stem.starts_with("test_") || stem.ends_with("_test"))
}
