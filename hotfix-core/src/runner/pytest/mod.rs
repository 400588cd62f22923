//! pytest and unittest, for Python.

mod environment;
mod output;
mod unittest;

use crate::domain::event::TestCounts;
use crate::domain::{CommandLine, file_name, is_among};

use super::naming::{Convention, TestReach, tested_by_data};
use super::{Affected, Ecosystem, Project, Runner, TestResult, ToolAnswer, folders, not_an_option};

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
            TestReach::Files { tests, why } => {
                Affected { command: command(project, environment::interpreter(project), tool, &[], &tests), why }
            }
            TestReach::Everything(why) => {
                Affected { command: everything(project, tool), why: vec![format!("all of them: {why}")] }
            }
        })
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        let (tool, _) = detected(project)?;
        let options: &[&str] = if tool == "unittest" { &["-v"] } else { &["-rA"] };
        Some(command(project, environment::interpreter_elsewhere(project), tool, options, files))
    }

    fn question(&self, project: &Project<'_>) -> Option<CommandLine> {
        environment::question(project).or_else(|| match told(project)? {
            Told::Tests(_) => environment::pytest(project),
            Told::Tool(..) => None,
        })
    }

    fn links(&self, project: &Project<'_>) -> &'static [&'static str] {
        environment::links(project)
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

/// What tells which tool it is.
enum Told {
    /// Some file does.
    Tool(&'static str, String),
    /// That there are tests; whether pytest is installed decides.
    Tests(String),
}

/// pytest or unittest, and what tells that it is the one.
fn detected(project: &Project<'_>) -> Option<(&'static str, String)> {
    let why = match told(project)? {
        Told::Tool(tool, why) => return Some((tool, why)),
        Told::Tests(why) => why,
    };
    let question = environment::pytest(project);
    let is_missing = question.is_some_and(|question| (project.answer)(&question) == ToolAnswer::Nothing);
    Some(if is_missing { ("unittest", format!("{why}, and no pytest is installed")) } else { ("pytest", why) })
}

fn told(project: &Project<'_>) -> Option<Told> {
    let pytest = |why: String| Some(Told::Tool("pytest", why));
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
        return Some(match project.text(name).contains("unittest") {
            true => Told::Tool("unittest", format!("{name} uses unittest")),
            false => Told::Tests(format!("there is a {name}")),
        });
    }
    let is_python = REQUIREMENTS.iter().any(|name| project.has(name))
        || project.top_level_names.iter().any(|name| name.ends_with(".py"));
    if !(is_python && project.has("tests")) {
        return None;
    }
    // Without a word of pytest it may not be installed; unittest always is, and finds what lies in a package.
    Some(match is_package(project, "tests") {
        true => Told::Tool("unittest", "there is a Python package of tests".to_owned()),
        false => Told::Tests("there is a Python project with tests".to_owned()),
    })
}

fn is_package(project: &Project<'_>, folder: &str) -> bool {
    (project.file)(&format!("{folder}/__init__.py")).is_some()
}

/// The command that runs all tests.
fn everything(project: &Project<'_>, tool: &str) -> Vec<String> {
    let mut options = if tool == "unittest" { vec!["discover"] } else { Vec::new() };
    // unittest looks into packages alone, and begins where it is told to.
    let is_apart = || project.has("tests") && !is_package(project, "tests");
    let at_top = || project.top_level_names.iter().any(|name| is_test_name(name));
    if tool == "unittest" && is_apart() && !at_top() {
        options.extend(["-s", "tests"]);
    }
    command(project, environment::interpreter(project), tool, &options, &[])
}

/// The command of pytest or unittest.
fn command(
    project: &Project<'_>,
    interpreter: Vec<String>,
    tool: &str,
    options: &[&str],
    files: &[String],
) -> Vec<String> {
    // An editable installation leads to the work tree of the user: these sources come first.
    let mut sources: Vec<&str> = project.has("src").then_some("src").into_iter().collect();
    let mut tests: Vec<String> = Vec::new();
    for file in files {
        let (folder, name) = if tool == "unittest" { unittest::name(project, file) } else { (None, file.clone()) };
        sources.extend(folder.filter(|folder| !sources.contains(folder)));
        tests.push(not_an_option(&name));
    }
    let path = (!sources.is_empty()).then(|| ["env".to_owned(), format!("PYTHONPATH={}", sources.join(":"))]);
    let words = std::iter::once(&"-m").chain([&tool]).chain(options).map(|word| (*word).to_owned());
    path.into_iter().flatten().chain(interpreter).chain(words).chain(tests).collect()
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
        act(&Project::of_files(&names, &read))
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

    /// The whole run and the run of one file, with what the machine has: files behind links, and answers.
    fn on_a_machine(files: &[(&str, &str)], links: &[&str], answers: &[(&str, &str)]) -> String {
        with_project(files, |project| {
            let is_linked = |path: &str| links.contains(&path);
            let answer = |question: &CommandLine| {
                let known = answers.iter().find(|(asked, _)| *asked == question.to_string());
                known.map_or(ToolAnswer::Nothing, |(_, text)| ToolAnswer::Text((*text).to_owned()))
            };
            let project = Project { is_linked: &is_linked, answer: &answer, ..*project };
            let all = Pytest.detect(&project).unwrap().arguments.to_string();
            let one = Pytest.run_files(&project, &["tests/test_cart.py::Cart::test_sum".to_owned()]).unwrap();
            let question = Pytest.question(&project).map_or_else(|| "nothing".to_owned(), |it| it.to_string());
            format!("asks {question}\n  {all}\n  {}\n", one.join(" "))
        })
    }

    #[test]
    fn a_link_that_a_person_made_leads_to_the_interpreter() {
        let links = [".venv/pyvenv.cfg"];
        insta::assert_snapshot!(on_a_machine(&[("pytest.ini", "")], &links, &[]), @"
        asks nothing
          .venv/bin/python -m pytest
          .venv/bin/python -m pytest -rA tests/test_cart.py::Cart::test_sum
        ");
        // One that came with the repository may lead anywhere.
        insta::assert_snapshot!(on_a_machine(&[("pytest.ini", ""), (".venv", "")], &links, &[]), @"
        asks nothing
          python3 -m pytest
          python3 -m pytest -rA tests/test_cart.py::Cart::test_sum
        ");
    }

    #[test]
    fn tools_with_environments_of_their_own_are_asked() {
        let uv = [("pyproject.toml", "[tool.pytest]"), ("uv.lock", "")];
        let poetry = [("pyproject.toml", "[tool.pytest]\n[tool.poetry]")];
        let path = [("poetry env info --path", "/envs/shop-py3.11\n")];
        insta::assert_snapshot!(on_a_machine(&uv, &[], &[("uv --version", "uv 0.9")]), @"
        asks uv --version
          uv run python -m pytest
          uv run python -m pytest -rA tests/test_cart.py::Cart::test_sum
        ");
        insta::assert_snapshot!(on_a_machine(&uv, &[".venv/pyvenv.cfg"], &[]), @"
        asks uv --version
          .venv/bin/python -m pytest
          .venv/bin/python -m pytest -rA tests/test_cart.py::Cart::test_sum
        ");
        insta::assert_snapshot!(on_a_machine(&poetry, &[], &path), @"
        asks poetry env info --path
          poetry run python -m pytest
          /envs/shop-py3.11/bin/python -m pytest -rA tests/test_cart.py::Cart::test_sum
        ");
        insta::assert_snapshot!(on_a_machine(&poetry, &[".venv/pyvenv.cfg"], &path), @"
        asks nothing
          .venv/bin/python -m pytest
          .venv/bin/python -m pytest -rA tests/test_cart.py::Cart::test_sum
        ");
        insta::assert_snapshot!(on_a_machine(&poetry, &[], &[]), @"
        asks poetry env info --path
          python3 -m pytest
          python3 -m pytest -rA tests/test_cart.py::Cart::test_sum
        ");
    }

    #[test]
    fn unittest_runs_what_pytest_would_where_that_is_missing() {
        let tests = [("setup.py", ""), ("tests/test_cart.py", "")];
        let package = [("setup.py", ""), ("tests/__init__.py", ""), ("tests/test_cart.py", "")];
        insta::assert_snapshot!(on_a_machine(&tests, &[], &[]), @"
        asks python3 -c 'import pytest'
          python3 -m unittest discover -s tests
          env PYTHONPATH=tests python3 -m unittest -v test_cart.Cart.test_sum
        ");
        insta::assert_snapshot!(on_a_machine(&tests, &[], &[("python3 -c 'import pytest'", "")]), @"
        asks python3 -c 'import pytest'
          python3 -m pytest
          python3 -m pytest -rA tests/test_cart.py::Cart::test_sum
        ");
        insta::assert_snapshot!(on_a_machine(&package, &[], &[]), @"
        asks nothing
          python3 -m unittest discover
          python3 -m unittest -v tests.test_cart.Cart.test_sum
        ");
    }
}
