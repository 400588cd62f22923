//! The parts of a project that have a manifest of their own: the nearest one of a file says what tests it.

use std::collections::{BTreeMap, BTreeSet};

use super::naming::is_documentation;
use super::{Project, Runner, detect};

/// The files that begin a part of a project. .NET's have names of their own, and its solution is at the top.
const MANIFESTS: [&str; 19] = [
    "package.json",
    "deno.json",
    "deno.jsonc",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "pytest.ini",
    "Gemfile",
    "Rakefile",
    ".rspec",
    "composer.json",
    "phpunit.xml",
    "phpunit.xml.dist",
];
/// Runners that know the parts below the top by themselves, with what such a part begins with.
const OF_ALL_PARTS: [(&str, &[&str]); 4] = [
    ("cargo", &["Cargo.toml"]),
    ("mvn", &["pom.xml"]),
    ("gradle", &["build.gradle", "build.gradle.kts"]),
    ("dotnet", &[]),
];

/// A part of a project, and what runs its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Where it is, relative to the top, without a slash at its end; empty: the top itself.
    pub folder: String,
    /// What runs its tests, in that folder.
    pub runner: Runner,
}

impl Module {
    /// Whether Cargo itself says what it consists of.
    pub fn is_cargo_at_top(&self) -> bool {
        self.folder.is_empty() && self.runner.is_cargo()
    }

    /// Whether Cargo says the same of a workspace or package below the top.
    pub fn is_cargo_below(&self) -> bool {
        !self.folder.is_empty() && self.runner.is_cargo()
    }

    /// Its folder, where that is not the top.
    pub fn place(&self) -> Option<String> {
        (!self.folder.is_empty()).then(|| self.folder.clone())
    }

    /// A path as seen from its folder; `None` for one that is not in it.
    pub fn inside<'p>(&self, path: &'p str) -> Option<&'p str> {
        inside(&self.folder, path)
    }

    /// The paths in it, as seen from its folder.
    pub fn all_inside<'p>(&self, paths: impl IntoIterator<Item = &'p String>) -> Vec<String> {
        paths.into_iter().filter_map(|path| self.inside(path)).map(str::to_owned).collect()
    }

    /// A path of its own as seen from the top.
    pub fn from_top(&self, path: &str) -> String {
        if self.folder.is_empty() { path.to_owned() } else { format!("{}/{path}", self.folder) }
    }

    /// Does something with the part as a project; `files` are all that the project has.
    pub fn as_project<T>(&self, top: &Project<'_>, files: &[String], act: impl FnOnce(&Project<'_>) -> T) -> T {
        part(&self.folder, top, files, act)
    }
}

/// The parts whose tests a change needs, the top first; `changed` are its files, `files` tells all that the project has.
pub fn modules(
    top: &Project<'_>,
    changed: &[String],
    files: &dyn Fn() -> Vec<String>,
    prefer_cargo: bool,
) -> Vec<Module> {
    let at_top = detect(top, prefer_cargo);
    let own = OF_ALL_PARTS.iter().find(|(name, _)| at_top.as_ref().is_some_and(|top| top.name == *name));
    let own = own.map(|(_, manifests)| *manifests).unwrap_or_default();
    // Most changes lie in no such part, and a large project is not listed for them.
    let files = std::cell::LazyCell::new(files);
    let begins = |folder: &str| {
        let is_there = |name: &&&str| (top.file)(&format!("{folder}/{name}")).is_some();
        MANIFESTS.iter().filter(|name| !own.contains(name)).any(|name| is_there(&name))
    };
    let mut seen: BTreeMap<&str, Option<Runner>> = BTreeMap::new();
    let mut found: BTreeMap<String, Runner> = BTreeMap::new();
    let sources: Vec<&String> = changed.iter().filter(|path| !is_documentation(path)).collect();
    for path in &sources {
        for folder in folders_of(path) {
            let detected = || part(folder, top, &files, |part| detect(part, prefer_cargo));
            let runner = seen.entry(folder).or_insert_with(|| if begins(folder) { detected() } else { None });
            if let Some(runner) = runner {
                let (folder, runner) = of_workspace(top, folder, runner.clone());
                found.insert(folder, runner);
                break;
            }
        }
    }
    let is_in_one = |path: &&String| found.keys().any(|folder| inside(folder, path).is_some());
    let needs_top = found.is_empty() || !sources.iter().all(is_in_one);
    let top = at_top.filter(|_| needs_top);
    // Cargo proves in another way than the others, and by one question.
    if let Some(runner) = top.as_ref().filter(|runner| runner.is_cargo()) {
        return vec![Module { folder: String::new(), runner: runner.clone() }];
    }
    let top = top.map(|runner| (String::new(), runner));
    top.into_iter().chain(found).map(|(folder, runner)| Module { folder, runner }).collect()
}

/// The Cargo workspace that a package is a member of: whoever needs the package is tested there, too.
fn of_workspace(top: &Project<'_>, folder: &str, runner: Runner) -> (String, Runner) {
    let holds = |around: &&str| {
        let manifest = (top.file)(&format!("{around}/Cargo.toml"));
        let manifest = manifest.and_then(|text| toml::from_str::<toml::Table>(&String::from_utf8(text).ok()?).ok());
        let workspace = manifest.as_ref().and_then(|manifest| manifest.get("workspace"));
        let excluded = workspace.and_then(|workspace| workspace.get("exclude")?.as_array());
        let is_excluded = |path: &toml::Value| {
            let path = path.as_str().map(|path| path.trim_end_matches('/')).unwrap_or_default();
            inside(around, folder).is_some_and(|member| member == path || inside(path, member).is_some())
        };
        workspace.is_some() && !excluded.is_some_and(|paths| paths.iter().any(is_excluded))
    };
    let around = std::iter::once(folder).chain(folders_of(folder)).filter(|_| runner.is_cargo()).find(holds);
    match around {
        Some(around) => (around.to_owned(), Runner::new("cargo", runner.why, ["cargo", "test", "--workspace"])),
        None => (folder.to_owned(), runner),
    }
}

/// The folders around a file, the nearest first, without the top.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').filter_map(|(at, _)| path.get(..at))
}

fn inside<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

fn part<T>(folder: &str, top: &Project<'_>, files: &[String], act: impl FnOnce(&Project<'_>) -> T) -> T {
    if folder.is_empty() {
        return act(top);
    }
    let names: BTreeSet<&str> = files.iter().filter_map(|path| inside(folder, path)?.split('/').next()).collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    act(&Project { folder, top_level_names: &names, file: &|path| (top.file)(&format!("{folder}/{path}")), ..*top })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = r#"{"scripts": {"test": "node --test"}}"#;

    fn shown(files: &[(&str, &str)], changed: &[&str]) -> String {
        let names: Vec<String> = files.iter().map(|(path, _)| path.split('/').next().unwrap().to_owned()).collect();
        let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| text.as_bytes().to_vec());
        let top = Project::of_files(&names, &read);
        let paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        let changed: Vec<String> = changed.iter().map(|path| (*path).to_owned()).collect();
        let found = modules(&top, &changed, &|| paths.clone(), false);
        let one = |module: &Module| format!("{}: {}", module.folder, module.runner.arguments());
        found.iter().map(one).collect::<Vec<_>>().join(", ") + "\n"
    }

    #[test]
    fn the_nearest_manifest_of_each_file_decides() {
        let web = ("services/web/package.json", NODE);
        let billing = ("services/billing/pyproject.toml", "[tool.pytest.ini_options]");
        let library = ("libs/money/package.json", "{}");
        let root = ("package.json", NODE);
        let workspace = ("backend/Cargo.toml", "[workspace]\nmembers = [\"*\"]\nexclude = [\"old\"]");
        let shown = [
            shown(&[web], &["services/web/src/cart.js"]),
            shown(&[web], &["README.md", "Makefile"]),
            shown(&[web, billing], &["services/web/a.js", "services/billing/tests/test_a.py"]),
            shown(&[root, web, library], &["services/web/a.js", "libs/money/a.js"]),
            shown(&[root, web], &["services/web/a.js", "services/web/README.md"]),
            shown(&[("go.mod", ""), ("tools/gen/go.mod", "")], &["tools/gen/main.go"]),
            shown(&[("go.work", ""), ("shop/go.mod", "")], &["shop/cart/cart.go"]),
            shown(&[("pom.xml", ""), ("shop/pom.xml", "")], &["shop/src/main/java/Cart.java"]),
            shown(&[("Cargo.toml", ""), ("crates/a/Cargo.toml", "")], &["crates/a/src/lib.rs"]),
            shown(&[("Cargo.toml", ""), web], &["services/web/a.js"]),
            shown(&[("Cargo.toml", ""), web], &["services/web/a.js", "src/lib.rs"]),
            shown(&[root, ("native/Cargo.toml", "")], &["native/src/lib.rs"]),
            shown(&[workspace, ("backend/a/Cargo.toml", ""), ("backend/b/Cargo.toml", "")], &["backend/a/src/lib.rs"]),
            shown(&[workspace, ("backend/old/Cargo.toml", "")], &["backend/old/src/lib.rs", "backend/a/b.rs"]),
            shown(&[workspace, ("tools/Cargo.toml", "[workspace]")], &["backend/Cargo.lock", "tools/src/main.rs"]),
            shown(&[("pytest.ini", ""), ("tests/conftest.py", "")], &["tests/test_a.py"]),
        ];
        insta::assert_snapshot!(shown.concat(), @"
        services/web: npm test

        services/billing: python3 -m pytest, services/web: npm test
        : npm test, services/web: npm test
        services/web: npm test
        tools/gen: go test ./...
        shop: go test ./...
        : mvn --batch-mode test
        : cargo test
        services/web: npm test
        : cargo test
        native: cargo test
        backend: cargo test --workspace
        backend: cargo test --workspace, backend/old: cargo test
        backend: cargo test --workspace, tools: cargo test --workspace
        : python3 -m pytest
        ");
    }
}
