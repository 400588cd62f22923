//! Manifests and lock files of package managers, and the names of the dependencies that a manifest declares.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use toml::{Table, Value as Toml};

use crate::domain::file_name;

/// Files that a package manager writes, and the manifests that it writes them from.
const LOCK_FILES: [(&str, &[&str]); 19] = [
    ("Cargo.lock", &["Cargo.toml"]),
    ("Gemfile.lock", &["Gemfile"]),
    ("Pipfile.lock", &["Pipfile"]),
    ("Podfile.lock", &["Podfile"]),
    ("bun.lock", &["package.json"]),
    ("bun.lockb", &["package.json"]),
    ("composer.lock", &["composer.json"]),
    ("deno.lock", &["deno.json", "deno.jsonc", "package.json"]),
    ("flake.lock", &["flake.nix"]),
    ("go.sum", &["go.mod"]),
    ("gradle.lockfile", &["build.gradle", "build.gradle.kts"]),
    ("mix.lock", &["mix.exs"]),
    ("npm-shrinkwrap.json", &["package.json"]),
    ("package-lock.json", &["package.json"]),
    ("packages.lock.json", &["packages.config"]),
    ("pnpm-lock.yaml", &["package.json", "pnpm-workspace.yaml"]),
    ("poetry.lock", &["pyproject.toml"]),
    ("uv.lock", &["pyproject.toml"]),
    ("yarn.lock", &["package.json"]),
];

/// Manifests that no lock file above is written from.
const OTHER_MANIFESTS: [&str; 5] = ["pom.xml", "pubspec.yaml", "Package.swift", "setup.py", "setup.cfg"];

/// Whether a package manager writes the file.
pub fn is_lock_file(path: &str) -> bool {
    manifests_of(path).is_some()
}

/// The names of the manifests that a lock file is written from.
pub(super) fn manifests_of(lock_file: &str) -> Option<&'static [&'static str]> {
    let name = file_name(lock_file);
    LOCK_FILES.iter().find(|(known, _)| *known == name).map(|(_, manifests)| *manifests)
}

/// Whether the file says what the project depends on.
pub fn is_manifest(path: &str) -> bool {
    let name = file_name(path);
    is_requirements(path)
        || OTHER_MANIFESTS.contains(&name)
        || name.ends_with(".gemspec")
        || name.ends_with(".csproj")
        || LOCK_FILES.iter().any(|(_, manifests)| manifests.contains(&name))
}

/// The dependencies that are in the new text of a manifest and not in the old one; none where either cannot be read.
pub(super) fn added(path: &str, before: &str, after: &str) -> BTreeSet<String> {
    match (names(path, before), names(path, after)) {
        (Some(before), Some(after)) => after.difference(&before).cloned().collect(),
        // A manifest that cannot be read is broken by this very fix, which its tests will say.
        _ => BTreeSet::new(),
    }
}

fn names(path: &str, text: &str) -> Option<BTreeSet<String>> {
    // A new manifest has no text before.
    if text.trim().is_empty() {
        return Some(BTreeSet::new());
    }
    match file_name(path) {
        "Cargo.toml" => Some(of_cargo(&text.parse().ok()?)),
        "package.json" | "composer.json" => Some(of_json(&serde_json::from_str(text).ok()?)),
        "pyproject.toml" => Some(of_python(&text.parse().ok()?)),
        "go.mod" => Some(of_go(text)),
        "Gemfile" => Some(of_ruby(text)),
        _ if is_requirements(path) => Some(text.lines().filter_map(requirement).collect()),
        _ => None,
    }
}

fn is_requirements(path: &str) -> bool {
    let name = file_name(path);
    name.ends_with(".txt") && (name.starts_with("requirements") || path.contains("requirements/"))
}

fn of_cargo(manifest: &Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (key, value) in manifest {
        match (key.as_str(), value) {
            ("dependencies" | "dev-dependencies" | "build-dependencies", Toml::Table(list)) => {
                names.extend(list.keys().cloned());
            }
            // Members inherit what is declared there.
            ("workspace", Toml::Table(inner)) => names.extend(of_cargo(inner)),
            ("target", Toml::Table(targets)) => {
                names.extend(targets.values().filter_map(Toml::as_table).flat_map(of_cargo));
            }
            _ => {}
        }
    }
    names
}

fn of_json(manifest: &Json) -> BTreeSet<String> {
    const LISTS: [&str; 6] =
        ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "require", "require-dev"];
    let lists = LISTS.iter().filter_map(|list| manifest.get(list)?.as_object());
    lists.flat_map(|list| list.keys().cloned()).collect()
}

/// The standard's lists of requirements, and the tables of Poetry.
fn of_python(manifest: &Table) -> BTreeSet<String> {
    let at = |path: &[&str]| path.iter().try_fold(manifest, |table, key| table.get(*key)?.as_table());
    let requirements = |list: &Toml| -> Vec<String> {
        let texts = list.as_array().into_iter().flatten().filter_map(Toml::as_str);
        texts.filter_map(requirement).collect()
    };
    let mut names = BTreeSet::new();
    for (table, key) in [(at(&["project"]), "dependencies"), (at(&["build-system"]), "requires")] {
        names.extend(table.and_then(|table| table.get(key)).into_iter().flat_map(requirements));
    }
    for groups in [at(&["project", "optional-dependencies"]), at(&["dependency-groups"])].into_iter().flatten() {
        names.extend(groups.values().flat_map(requirements));
    }
    let poetry = at(&["tool", "poetry"]);
    let groups = at(&["tool", "poetry", "group"]).into_iter().flat_map(Table::values).filter_map(Toml::as_table);
    for table in poetry.into_iter().chain(groups) {
        let lists = ["dependencies", "dev-dependencies"].iter().filter_map(|list| table.get(*list)?.as_table());
        names.extend(lists.flat_map(|list| list.keys().cloned()));
    }
    names
}

/// The name at the start of a requirement such as `requests[socks]>=2; python_version > "3"`.
fn requirement(text: &str) -> Option<String> {
    let text = text.trim();
    // `-r other.txt`, `--index-url`: options of pip.
    if text.starts_with(['#', '-']) {
        return None;
    }
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    let name: String = text.chars().take_while(|character| is_name(*character)).collect();
    (!name.is_empty()).then(|| name.to_lowercase())
}

/// The modules of `require` lines and blocks, without those that only other modules need.
fn of_go(text: &str) -> BTreeSet<String> {
    let mut is_inside = false;
    let mut names = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        let single = line.strip_prefix("require ").map(str::trim);
        match (single, line) {
            (Some("("), _) => is_inside = true,
            (None, ")") => is_inside = false,
            (required, _) if is_inside || required.is_some() => {
                let required = required.unwrap_or(line);
                let name = required.split_whitespace().next().filter(|name| !name.starts_with("//"));
                // Go lists those as well, and changes them by itself.
                names.extend(name.filter(|_| !required.contains("// indirect")).map(str::to_owned));
            }
            _ => {}
        }
    }
    names
}

fn of_ruby(text: &str) -> BTreeSet<String> {
    let quoted = |rest: &str| rest.trim().split(['\'', '"']).nth(1).map(str::to_owned);
    text.lines().filter_map(|line| line.trim().strip_prefix("gem ").and_then(quoted)).collect()
}
