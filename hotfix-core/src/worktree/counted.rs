//! Which files that git does not have count: sources and tests, which a test runner finds without git, so that they are a
//! part of what is tested and would be missing in what ships.

use std::collections::BTreeSet;

use crate::config::Globs;
use crate::port::WorkTreeState;
use crate::workflow::{Context, Result};
use crate::{guard, runner};

/// The extensions of sources, in the languages whose tests are known.
const SOURCES: [&str; 66] = [
    "rs", "py", "pyi", "pyx", "js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte", "astro", "go",
    "java", "kt", "kts", "scala", "sc", "groovy", "gradle", "rb", "rake", "php", "sh", "bash", "bats", "snap", "c",
    "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "m", "mm", "cs", "fs", "vb", "swift", "dart", "ex", "exs", "erl",
    "hrl", "clj", "cljs", "cljc", "hs", "elm", "ml", "mli", "lua", "pl", "pm", "t", "r", "R", "jl", "zig", "nim",
    "proto",
];

/// Folders that a build, a package manager or a tool fills.
const FILLED: &str = "target node_modules bower_components jspm_packages vendor third_party Pods Carthage DerivedData \
                      deps _build elm-stuff dist build out obj coverage htmlcov test-results venv virtualenv env \
                      site-packages __pycache__ __pypackages__ tmp temp log logs";

/// How names end of what editors, merges and test runs leave behind.
const LEFT_BEHIND: [&str; 12] =
    ["~", ".orig", ".rej", ".bak", ".swp", ".tmp", ".log", ".pyc", ".pyo", ".class", ".snap.new", ".pending-snap"];

/// Whether an untracked file counts: it is a source, a manifest or a test by its name, or lies among tests.
fn counts(path: &str, regression: &Globs) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if LEFT_BEHIND.iter().any(|end| name.ends_with(end)) || name == ".DS_Store" || guard::is_lock_file(path) {
        // What an editor or a merge leaves beside a source has its extension, and takes part in nothing.
        return false;
    }
    SOURCES.contains(&extension) || guard::is_manifest(path) || runner::is_test_material(path, regression)
}

/// The folder of built or foreign code that a file lies in.
fn filled(path: &str) -> Option<&str> {
    let mut end = 0;
    for folder in path.split_inclusive('/').filter(|part| part.ends_with('/')) {
        let name = folder.trim_end_matches('/');
        // Tools keep their caches in folders with a dot: .venv, .tox, .next.
        let is_tools = name.starts_with('.') && name != ".";
        end += folder.len();
        let is_filled = FILLED.split(' ').any(|filled| filled == name);
        if is_tools || is_filled || name.ends_with(".egg-info") || name.starts_with("bazel-") {
            return path.get(..end);
        }
    }
    None
}

/// Those of these files that count. A folder named like one that a build fills holds sources where git tracks some there.
fn among(context: &Context<'_>, mut files: Vec<String>) -> Result<Vec<String>> {
    let regression = &context.config.test.regression;
    files.retain(|path| counts(path, regression));
    // Some projects keep sources in `build/` or `vendor/`: what git tracks there tells.
    let doubtful: BTreeSet<String> = files.iter().filter_map(|path| filled(path)).map(str::to_owned).collect();
    if doubtful.is_empty() {
        return Ok(files);
    }
    let git = context.look.git;
    let tracked = if let Some(commit) = git.head()?.commit() { git.files(commit)? } else { Vec::new() };
    let sources: BTreeSet<&String> =
        doubtful.iter().filter(|folder| tracked.iter().any(|path| path.starts_with(folder.as_str()))).collect();
    files.retain(|path| filled(path).is_none_or(|folder| sources.contains(&folder.to_owned())));
    Ok(files)
}

/// The untracked files that count.
pub(crate) fn untracked(context: &Context<'_>) -> Result<Vec<String>> {
    among(context, context.look.git.untracked_files()?)
}

/// The same, where the state of the work tree is known: it tells most often that there are none.
pub(crate) fn untracked_in(context: &Context<'_>, state: &WorkTreeState) -> Result<Vec<String>> {
    let regression = &context.config.test.regression;
    // git names an untracked folder in place of its files, so that a folder may hold anything.
    let may_count = |path: &String| path.ends_with('/') || counts(path, regression);
    if state.untracked.iter().any(may_count) { untracked(context) } else { Ok(Vec::new()) }
}

/// The tree of what lies here and counts: what is committed, what is not, and untracked files that count.
pub(crate) fn tree(context: &Context<'_>) -> Result<crate::domain::ObjectId> {
    let mut files = untracked(context)?;
    // A name that is not UTF-8 was read with this in place of its bytes, and names no file.
    files.retain(|path| !path.contains(char::REPLACEMENT_CHARACTER));
    Ok(context.look.git.work_tree_as_tree(&files)?)
}

/// The ignored files that would count if they were not ignored: generated code, as a rule.
pub(crate) fn ignored(context: &Context<'_>) -> Result<Vec<String>> {
    // Not walked into: node_modules alone may hold 100,000 files.
    let is_of_interest = |folder: &str| filled(folder).is_none();
    let files = context.look.git.ignored_files(&is_of_interest)?;
    let regression = &context.config.test.regression;
    Ok(files.into_iter().filter(|path| counts(path, regression) && filled(path).is_none()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_and_tests_count_in_every_language() {
        let counts = |path: &str| counts(path, &Globs::default()) && filled(path).is_none();
        for path in [
            "src/three.rs",
            "three.js",
            "web/Cart.vue",
            "billing/tax.py",
            "cart/coupon.go",
            "src/main/java/shop/Three.java",
            "lib/three.rb",
            "src/Three.php",
            "lib/three.ex",
            "Shop/Three.cs",
            "tests/data/coupon.json",
            "test/f3.test.js",
            "__snapshots__/a.snap",
            "crates/three/Cargo.toml",
            "internal/testdata/a.txt",
        ] {
            assert!(counts(path), "{path}");
        }
        for path in [
            "notes.txt",
            "src/notes.md",
            "data.json",
            "node_modules/left-pad/index.js",
            "web/dist/app.js",
            "target/debug/build/out.rs",
            ".venv/lib/a.py",
            "shop.egg-info/a.py",
            "tests/__pycache__/a.cpython-312.pyc",
            "src/three.rs.orig",
            "tests/a.snap.new",
            "Cargo.lock",
        ] {
            assert!(!counts(path), "{path}");
        }
    }
}
