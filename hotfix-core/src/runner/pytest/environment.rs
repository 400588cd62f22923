//! Which Python runs the tests of a project: that of its own environment, or what its tool (uv, poetry) says.

use crate::domain::CommandLine;

use super::super::{Project, ToolAnswer};

/// Where people keep the packages of a project.
pub(super) const FOLDERS: [&str; 2] = [".venv", "venv"];

/// What installs the packages of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PythonTool {
    Uv,
    Poetry,
}

/// What must be asked before the interpreter is known.
pub(super) fn question(project: &Project<'_>) -> Option<CommandLine> {
    match PythonTool::of(project)? {
        // Whether it is there at all.
        PythonTool::Uv => Some(["uv", "--version"].into()),
        PythonTool::Poetry if folder(project).is_some() => None,
        PythonTool::Poetry => {
            let place = if project.folder.is_empty() { vec![] } else { vec!["--directory", project.folder] };
            let words = std::iter::once("poetry").chain(place).chain(["env", "info", "--path"]);
            Some(words.map(str::to_owned).collect::<Vec<_>>().into())
        }
    }
}

/// Whether pytest is installed, where no tool would say so by installing it.
pub(super) fn pytest(project: &Project<'_>) -> Option<CommandLine> {
    let own = folder(project).map(|folder| project.path_of(&format!("{folder}/bin/python")));
    let python = own.unwrap_or_else(|| "python3".to_owned());
    PythonTool::of(project).is_none().then(|| vec![python, "-c".to_owned(), "import pytest".to_owned()].into())
}

/// The words that start Python in the work tree.
pub(super) fn interpreter(project: &Project<'_>) -> Vec<String> {
    match (PythonTool::of(project), is_there(project)) {
        (Some(PythonTool::Uv), true) => words(&["uv", "run", "python"]),
        (Some(PythonTool::Poetry), true) => words(&["poetry", "run", "python"]),
        _ => own(project),
    }
}

/// The same in a work tree of ours.
pub(super) fn interpreter_elsewhere(project: &Project<'_>) -> Vec<String> {
    // poetry tells its environments apart by the folder of the project: elsewhere it would make an empty one.
    match question(project)
        .filter(|_| PythonTool::of(project) == Some(PythonTool::Poetry))
        .map(|it| (project.answer)(&it))
    {
        Some(ToolAnswer::Text(path)) if !path.trim().is_empty() => vec![format!("{}/bin/python", path.trim())],
        Some(_) => words(&["python3"]),
        None => interpreter(project),
    }
}

/// What of the user's work tree another one can use.
pub(super) fn links(project: &Project<'_>) -> &'static [&'static str] {
    // uv would put the sources of the other work tree into the user's environment; a new one it makes of its cache.
    if PythonTool::of(project) == Some(PythonTool::Uv) && is_there(project) { &[] } else { &FOLDERS }
}

fn is_there(project: &Project<'_>) -> bool {
    question(project).is_some_and(|question| (project.answer)(&question) != ToolAnswer::Nothing)
}

fn own(project: &Project<'_>) -> Vec<String> {
    vec![folder(project).map_or_else(|| "python3".to_owned(), |folder| format!("{folder}/bin/python"))]
}

/// The environment in the project's folder.
fn folder(project: &Project<'_>) -> Option<&'static str> {
    // `pyvenv.cfg` marks an environment; a folder of that name alone may be anything.
    FOLDERS.into_iter().find(|folder| project.has_or_links(folder, "pyvenv.cfg"))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

impl PythonTool {
    fn of(project: &Project<'_>) -> Option<Self> {
        let manifest = project.text("pyproject.toml");
        // A lock file says what is used; sections are kept for tools that others use.
        if project.has("uv.lock") {
            Some(Self::Uv)
        } else if project.has("poetry.lock") {
            Some(Self::Poetry)
        } else if manifest.contains("[tool.uv") {
            Some(Self::Uv)
        } else {
            manifest.contains("[tool.poetry").then_some(Self::Poetry)
        }
    }
}
