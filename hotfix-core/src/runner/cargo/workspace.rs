//! What `cargo metadata --no-deps` says: the packages of the workspace, their targets, and who depends on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

/// A Cargo workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workspace {
    /// Its folder, absolute.
    pub root: String,
    /// Where it is built, absolute.
    pub target_directory: String,
    /// Where what is built meanwhile lies, absolute; mostly the same.
    pub build_directory: String,
    /// Its packages.
    pub packages: Vec<Package>,
    /// Sources of targets that are not built without features that are off, and the features.
    pub unbuilt: Vec<(String, Vec<String>)>,
    /// The names of its packages and targets, and of the packages that they take from a folder: what is built of these may
    /// be another work tree's.
    pub own_names: Vec<String>,
}

/// A package of the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its folder, relative to the top of the work tree; empty for the top itself.
    pub folder: String,
    /// What is built of it.
    pub targets: Vec<CargoTarget>,
    /// Places in the workspace of the packages that it needs to be built, its build script's included.
    pub needs: Vec<usize>,
    /// The same of those that only its tests need.
    pub tests_need: Vec<usize>,
}

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// A library, a procedural macro included.
    Lib,
    /// A program.
    Bin,
    /// A file of integration tests.
    Test,
    /// An example.
    Example,
    /// A benchmark.
    Bench,
    /// A build script.
    Build,
}

/// Something that is built of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CargoTarget {
    /// What it is.
    pub kind: TargetKind,
    /// Its name.
    pub name: String,
    /// The source that it begins with, relative to the top of the work tree.
    pub source: String,
    /// Whether `cargo test` builds it for tests.
    pub is_tested: bool,
    /// Whether examples in its documentation are tests.
    pub has_examples: bool,
    /// The features without which it is not built.
    pub required_features: Vec<String>,
}

impl Package {
    /// Its library.
    pub fn library(&self) -> Option<&CargoTarget> {
        self.targets.iter().find(|target| target.kind == TargetKind::Lib)
    }

    /// A path relative to its folder, if it is inside.
    pub fn inside<'p>(&self, path: &'p str) -> Option<&'p str> {
        match self.folder.as_str() {
            "" => Some(path),
            folder => path.strip_prefix(folder)?.strip_prefix('/'),
        }
    }
}

impl Workspace {
    /// Reads the answer of `cargo metadata --no-deps --format-version 1`; `top` is the top of the work tree.
    ///
    /// # Errors
    /// When it is no such answer.
    pub fn parse(answer: &str, top: &Path) -> Result<Self, serde_json::Error> {
        let raw: Raw = serde_json::from_str(answer)?;
        let top = top.to_string_lossy().trim_end_matches('/').to_owned();
        let mut packages: Vec<Package> = raw.packages.iter().map(|package| package.resolve(&top)).collect();
        let folders: Vec<&str> = raw.packages.iter().map(|package| folder_of(&package.manifest_path)).collect();
        for (package, raw) in packages.iter_mut().zip(&raw.packages) {
            for dependency in &raw.dependencies {
                // By folder, not by name: a crate from a registry may bear the same one.
                let place = dependency.path.as_ref().and_then(|path| folders.iter().position(|folder| folder == path));
                let Some(place) = place else { continue };
                match dependency.kind.as_deref() {
                    // Anything else (`build` too) ends up in what is built of the package.
                    Some("dev") => package.tests_need.push(place),
                    _ => package.needs.push(place),
                }
            }
        }
        // Older versions of Cargo do not tell it, and have no other.
        let build_directory = raw.build_directory.unwrap_or_else(|| raw.target_directory.clone());
        let (root, target_directory) = (raw.workspace_root, raw.target_directory);
        let own_names = own_names(&raw.packages);
        let mut workspace = Self { root, target_directory, build_directory, packages, unbuilt: Vec::new(), own_names };
        workspace.leave_out_unbuilt(&raw.packages);
        Ok(workspace)
    }

    /// Leaves out targets that Cargo does not build because a feature that they require is not on by default: it refuses to
    /// be asked for them by name.
    fn leave_out_unbuilt(&mut self, raw: &[RawPackage]) {
        for (package, raw) in self.packages.iter_mut().zip(raw) {
            let on = raw.default_features();
            let (built, unbuilt): (Vec<CargoTarget>, Vec<CargoTarget>) = std::mem::take(&mut package.targets)
                .into_iter()
                .partition(|target| target.required_features.iter().all(|feature| on.contains(feature)));
            package.targets = built;
            self.unbuilt.extend(unbuilt.into_iter().map(|target| (target.source, target.required_features)));
        }
    }

    /// What keeps the target that begins with this file from being built.
    pub fn gate_of(&self, file: &str) -> Option<String> {
        let (_, features) = self.unbuilt.iter().find(|(source, _)| source == file)?;
        Some(format!("required-features = {features:?}"))
    }

    /// The package that a file belongs to: the one whose folder is nearest.
    pub fn package_of(&self, path: &str) -> Option<usize> {
        let places = self.packages.iter().enumerate().filter(|(_, package)| package.inside(path).is_some());
        // A package may lie inside of another one's folder.
        places.max_by_key(|(_, package)| package.folder.len()).map(|(place, _)| place)
    }

    /// How a package is named on Cargo's command line: by its name alone where the workspace has no other of that name.
    pub fn spec(&self, place: usize) -> String {
        // `-p name` alone is ambiguous once a dependency of that name is locked too.
        self.packages.get(place).map(|package| format!("{}@{}", package.name, package.version)).unwrap_or_default()
    }
}

fn own_names(packages: &[RawPackage]) -> Vec<String> {
    let targets = packages.iter().flat_map(|package| &package.targets).map(|target| &target.name);
    let dependencies = packages.iter().flat_map(|package| &package.dependencies);
    // A path dependency outside of the workspace is not foreign: it may change with the fix.
    let beside = dependencies.filter(|dependency| dependency.path.is_some()).map(|dependency| &dependency.name);
    let mut names: Vec<String> =
        packages.iter().map(|package| &package.name).chain(targets).chain(beside).cloned().collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a manifest says that a target of this kind (`test`, `bench`, `bin`, `lib` ...) brings a `main` of its own, and so no
/// list of tests.
pub fn has_own_harness(manifest: &str, kind: &str, name: &str) -> bool {
    let Ok(manifest) = toml::from_str::<toml::Table>(manifest) else { return false };
    // `cargo metadata` leaves `harness` out, so the manifest is read for it.
    let is_own = |target: &toml::Value| target.get("harness").and_then(toml::Value::as_bool) == Some(false);
    let is_named = |target: &toml::Value| target.get("name").and_then(toml::Value::as_str) == Some(name);
    match manifest.get(kind) {
        Some(toml::Value::Array(targets)) => targets.iter().any(|target| is_named(target) && is_own(target)),
        Some(target) => is_own(target),
        // A library may be of many kinds, and there is one only.
        None => !matches!(kind, "test" | "bench" | "bin" | "example") && manifest.get("lib").is_some_and(is_own),
    }
}

fn folder_of(manifest: &str) -> &str {
    manifest.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn below<'p>(path: &'p str, top: &str) -> &'p str {
    path.strip_prefix(top).map_or(path, |path| path.trim_start_matches('/'))
}

#[derive(Deserialize)]
struct Raw {
    packages: Vec<RawPackage>,
    workspace_root: String,
    target_directory: String,
    build_directory: Option<String>,
}

#[derive(Deserialize)]
struct RawPackage {
    name: String,
    version: String,
    manifest_path: String,
    dependencies: Vec<RawDependency>,
    targets: Vec<RawTarget>,
    #[serde(default)]
    features: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct RawDependency {
    #[serde(default)]
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct RawTarget {
    kind: Vec<String>,
    name: String,
    src_path: String,
    #[serde(default = "yes")]
    test: bool,
    #[serde(default)]
    doctest: bool,
    #[serde(default, rename = "required-features")]
    required_features: Vec<String>,
}

fn yes() -> bool {
    true
}

impl RawPackage {
    /// The features that are on by default, and those that they turn on.
    fn default_features(&self) -> BTreeSet<String> {
        let mut on = BTreeSet::new();
        let mut waiting = vec!["default".to_owned()];
        while let Some(feature) = waiting.pop() {
            if on.insert(feature.clone()) {
                waiting.extend(self.features.get(&feature).into_iter().flatten().cloned());
            }
        }
        on
    }

    fn resolve(&self, top: &str) -> Package {
        let target = |target: &RawTarget| CargoTarget {
            kind: match target.kind.first().map(String::as_str) {
                Some("bin") => TargetKind::Bin,
                Some("test") => TargetKind::Test,
                Some("example") => TargetKind::Example,
                Some("bench") => TargetKind::Bench,
                Some("custom-build") => TargetKind::Build,
                // `rlib`, `proc-macro` and the rest are all one library of the package.
                _ => TargetKind::Lib,
            },
            name: target.name.clone(),
            source: below(&target.src_path, top).to_owned(),
            is_tested: target.test,
            has_examples: target.doctest,
            required_features: target.required_features.clone(),
        };
        Package {
            name: self.name.clone(),
            version: self.version.clone(),
            folder: below(folder_of(&self.manifest_path), top).to_owned(),
            targets: self.targets.iter().map(target).collect(),
            needs: Vec::new(),
            tests_need: Vec::new(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
