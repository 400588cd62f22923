//! pytest and unittest, for Python.

mod output;

use crate::domain::event::TestCounts;
use crate::domain::{file_name, is_among};

use super::naming::{Convention, TestReach, tested_by_data};
use super::{Affected, Ecosystem, Project, Runner, TestResult, folders, not_an_option};

/// Files that configure pytest, and what in them does.
// An empty section: the file's mere presence makes pytest take the folder for its root.
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

/// Files any of whose changes can change any test.
const WIDENING: &str = "\
    conftest.py pytest.ini .pytest.ini pyproject.toml setup.cfg setup.py tox.ini poetry.lock uv.lock pdm.lock \
    Pipfile Pipfile.lock";

pub(super) struct Pytest;

impl Ecosystem for Pytest {
    fn runners(&self) -> &'static [&'static str] {
        &["pytest", "unittest"]
    }

    fn builds(&self) -> &'static [&'static str] {
        &["venv", ".venv", "__pycache__", ".pytest_cache"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let (name, why) = detected(project)?;
        Some(Runner { name, why, arguments: everything(project, name).into() })
    }

    fn is_test_file(&self, path: &str) -> bool {
        is_test_name(file_name(path))
            || (path.ends_with(".py") && folders(path).any(|folder| matches!(folder, "tests" | "test")))
    }

    fn is_test(&self, _project: &Project<'_>, path: &str) -> bool {
        // A test may be named inside its file: `tests/test_cart.py::test_coupon`.
        is_test_name(file_name(path.split("::").next().unwrap_or_default()))
    }

    fn test_of(&self, data: &str) -> Option<String> {
        tested_by_data(data)
    }

    fn convention(&self) -> Convention<'static> {
        Convention { widens: &widens, is_test: &|path| is_test_name(file_name(path)), subject: &subject, names: &names }
    }

    fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        let (tool, _) = detected(project)?;
        Some(match self.convention().reach(changed, files) {
            TestReach::Files { tests, why } => Affected { command: command(project, tool, &[], &tests), why },
            TestReach::Everything(why) => {
                Affected { command: everything(project, tool), why: vec![format!("all of them: {why}")] }
            }
        })
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        let (tool, _) = detected(project)?;
        Some(command(project, tool, if tool == "unittest" { &["-v"] } else { &["-rA"] }, files))
    }

    fn links(&self, _project: &Project<'_>) -> &'static [&'static str] {
        &ENVIRONMENTS
    }

    fn is_build_failure(&self, output: &str) -> bool {
        output::is_build_failure(output)
    }

    fn is_missing_api(&self, output: &str) -> bool {
        let failed = output::counts(output).map_or(0, |counts| counts.failed);
        failed > 0 && output::missing_names(output) >= failed
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        output::failure_of(output)
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        output::unfinished(command, output)
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        output::results(output)
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        output::counts(output)
    }
}

/// Where people keep the packages of a project.
const ENVIRONMENTS: [&str; 2] = [".venv", "venv"];

/// pytest or unittest, and what tells that it is the one.
fn detected(project: &Project<'_>) -> Option<(&'static str, String)> {
    let pytest = |why: String| Some(("pytest", why));
    let configures = |(name, section): &(&str, &str)| project.has(name) && project.text(name).contains(section);
    if let Some((name, _)) = CONFIGURATION.iter().find(|entry| configures(entry)) {
        return pytest(format!("{name} configures pytest"));
    }
    if project.has("conftest.py") || (project.has("tests") && (project.file)("tests/conftest.py").is_some()) {
        return pytest("there is a conftest.py".to_owned());
    }
    // Before any guess by names: what is required is installed.
    if let Some(name) = REQUIREMENTS.iter().find(|name| project.text(name).contains("pytest")) {
        return pytest(format!("{name} asks for pytest"));
    }
    if let Some(name) = project.top_level_names.iter().find(|name| is_test_name(name)) {
        return match project.text(name).contains("unittest") {
            true => Some(("unittest", format!("{name} uses unittest"))),
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
        true => Some(("unittest", "there is a Python package of tests".to_owned())),
        false => pytest("there is a Python project with tests".to_owned()),
    }
}

/// The command that runs all tests.
fn everything(project: &Project<'_>, tool: &str) -> Vec<String> {
    let all = if tool == "unittest" { ["discover".to_owned()].to_vec() } else { Vec::new() };
    command(project, tool, &[], &all)
}

/// The command of pytest or unittest, with the interpreter of the project's own environment where it has one.
fn command(project: &Project<'_>, tool: &str, options: &[&str], files: &[String]) -> Vec<String> {
    // `pyvenv.cfg` marks an environment; a folder of that name alone may be anything.
    let own = ENVIRONMENTS.iter().find(|folder| (project.file)(&format!("{folder}/pyvenv.cfg")).is_some());
    let python = own.map_or_else(|| "python3".to_owned(), |folder| format!("{folder}/bin/python"));
    // An editable installation leads to the work tree of the user: these sources come first.
    let sources = ["env", "PYTHONPATH=src"].map(str::to_owned);
    let sources = if project.has("src") { sources.to_vec() } else { Vec::new() };
    let words = [python, "-m".to_owned(), tool.to_owned()].into_iter();
    let options = options.iter().map(|option| (*option).to_owned());
    sources.into_iter().chain(words).chain(options).chain(files.iter().map(|file| not_an_option(file))).collect()
}

fn widens(path: &str) -> bool {
    let name = file_name(path);
    // People split them: `requirements-dev.txt`, `requirements/test.txt`.
    is_among(WIDENING, name) || (name.contains("requirements") && name.ends_with(".txt"))
}

fn is_test_name(name: &str) -> bool {
    name.strip_suffix(".py").is_some_and(|stem| stem.starts_with("test_") || stem.ends_with("_test"))
}

/// What a test is named after: `cart` for `test_cart.py`.
fn subject(path: &str) -> Option<String> {
    let stem = file_name(path).strip_suffix(".py")?;
    Some(stem.strip_prefix("test_").or_else(|| stem.strip_suffix("_test")).unwrap_or(stem).to_ascii_lowercase())
}

/// What a source may be called there: `cart`, and `shop_cart` for `shop/cart.py`.
fn names(path: &str) -> Vec<String> {
    let Some(stem) = file_name(path).strip_suffix(".py") else { return Vec::new() };
    let stem = stem.trim_start_matches('_').to_ascii_lowercase();
    let folder = folders(path).next().map(str::to_ascii_lowercase);
    match (path.ends_with("__init__.py"), folder) {
        (true, folder) => folder.into_iter().collect(),
        // Two packages may each have a `utils.py`; the longer name is the surer one.
        (false, Some(folder)) => vec![format!("{folder}_{stem}"), stem],
        (false, None) => vec![stem],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 8] = [
        "shop/__init__.py",
        "shop/cart.py",
        "shop/_rates.py",
        "shop/price.py",
        "tests/test_cart.py",
        "tests/test_cart_totals.py",
        "tests/test_shop_rates.py",
        "tests/helpers.py",
    ];

    fn with_project<T>(files: &[(&str, &str)], act: impl FnOnce(&Project<'_>) -> T) -> T {
        let names: Vec<String> = files.iter().map(|(path, _)| path.split('/').next().unwrap().to_owned()).collect();
        let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_bytes().to_vec());
        act(&Project { top_level_names: &names, file: &read })
    }

    fn affected(project: &[(&str, &str)], changed: &[&str]) -> String {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        with_project(project, |project| {
            let affected = Pytest.affected(project, &owned(changed), &owned(&FILES)).unwrap();
            format!("{}\n  {}\n", affected.command.join(" "), affected.why.join("\n  "))
        })
    }

    #[test]
    fn a_change_reaches_the_tests_named_after_it() {
        let pytest: &[(&str, &str)] = &[("pytest.ini", ""), ("shop", "")];
        insta::assert_snapshot!(affected(pytest, &["shop/cart.py", "tests/test_shop_rates.py", "CHANGES.rst"]), @"
        python3 -m pytest tests/test_shop_rates.py tests/test_cart.py tests/test_cart_totals.py
          tests/test_cart.py: named after shop/cart.py
          tests/test_cart_totals.py: named after shop/cart.py
          tests/test_shop_rates.py: it changed
        ");
        insta::assert_snapshot!(affected(pytest, &["shop/_rates.py", "tests/test_cart.py"]), @"
        python3 -m pytest tests/test_cart.py tests/test_shop_rates.py
          tests/test_shop_rates.py: named after shop/_rates.py
          tests/test_cart.py: it changed
        ");
    }

    #[test]
    fn what_names_do_not_tell_runs_everything_and_says_why() {
        let pytest: &[(&str, &str)] = &[("pytest.ini", "")];
        let shown: String =
            ["shop/price.py", "tests/helpers.py", "conftest.py", "requirements-dev.txt", "tests/rates.json"]
                .iter()
                .map(|path| affected(pytest, &[path, "shop/cart.py"]))
                .collect();
        insta::assert_snapshot!(shown, @"
        python3 -m pytest
          all of them: no test file is named after shop/price.py
        python3 -m pytest
          all of them: no test file is named after tests/helpers.py
        python3 -m pytest
          all of them: conftest.py changed
        python3 -m pytest
          all of them: requirements-dev.txt changed
        python3 -m pytest
          all of them: no test file is named after tests/rates.json
        ");
        let unittest: &[(&str, &str)] = &[("test_app.py", "import unittest")];
        insta::assert_snapshot!(affected(unittest, &["shop/price.py"]), @"
        python3 -m unittest discover
          all of them: no test file is named after shop/price.py
        ");
    }

    #[test]
    fn the_interpreter_of_the_project_comes_first() {
        let project: &[(&str, &str)] = &[("pytest.ini", ""), ("src", ""), (".venv/pyvenv.cfg", "home = /usr")];
        let files = ["tests/test_cart.py::test_coupon".to_owned()];
        let command = with_project(project, |project| Pytest.run_files(project, &files)).unwrap();
        insta::assert_snapshot!(command.join(" "), @"env PYTHONPATH=src .venv/bin/python -m pytest -rA tests/test_cart.py::test_coupon");
        let unittest: &[(&str, &str)] = &[("test_app.py", "import unittest")];
        let command = with_project(unittest, |project| Pytest.run_files(project, &["test_app.py".to_owned()])).unwrap();
        assert_eq!(command.join(" "), "python3 -m unittest -v test_app.py");
    }
}
