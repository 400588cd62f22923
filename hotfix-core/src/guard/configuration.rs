//! A fix that changes how the project is built, tested or checked.

use crate::config::FILE_NAME;
use crate::domain::{Level, file_name, is_among};

use super::{GuardCheck, GuardedFix, Suspicion};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "configuration",
    level: Level::Warning,
    what: "the fix changes the configuration of a tool: hotfix itself, a compiler, a linter, a test runner, a container",
    why: "it acts far beyond the bug, and what it acts on is not under test",
    fix: "set it in a follow-up, or say in the pull request why the bug needs it",
    find,
};

/// Names of files that configure tools.
const NAMES: &str = "\
    hotfix.toml .dockerignore .editorconfig .gitattributes .gitignore .gitmodules .npmrc .nvmrc \
    .pre-commit-config.yaml .python-version .rubocop.yml .ruby-version .tool-versions CODEOWNERS Dockerfile \
    Makefile biome.json clippy.toml conftest.py deny.toml docker-compose.yaml docker-compose.yml mypy.ini \
    pytest.ini rust-toolchain rust-toolchain.toml rustfmt.toml setup.cfg tox.ini tsconfig.json";

/// How names begin of files that configure tools, in any of the formats that these tools read.
// By beginning: `.js`, `.cjs`, `.mjs`, `.ts`, `.json` and `.yml` are all in use.
const BEGINNINGS: &str = "\
    .babelrc .eslintrc .golangci. .prettierrc babel.config. eslint.config. jest.config. playwright.config. \
    rollup.config. vite.config. vitest.config. webpack.config.";

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    fix.changes().filter_map(|change| Some(Suspicion::in_file(change, message_for(&change.path)?))).collect()
}

fn message_for(path: &str) -> Option<&'static str> {
    let name = file_name(path);
    if path == FILE_NAME {
        return Some("these are the rules of hotfix; those of the production branch rule this fix");
    }
    let is_tool = is_among(NAMES, name)
        || BEGINNINGS.split(' ').any(|beginning| name.starts_with(beginning))
        || path.starts_with(".cargo/");
    is_tool.then_some("this file configures a tool")
}
