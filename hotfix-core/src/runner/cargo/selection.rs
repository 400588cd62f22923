//! Which packages and test targets a change can reach. What Cargo cannot know widens the selection, and it is said why.

use std::collections::BTreeMap;

use crate::port::{ChangeKind, FileDiff};

use super::lock;
use super::workspace::{Package, TargetKind, Workspace};

/// Files that no build and no test looks at.
const IGNORED_NAMES: &str = "\
    CHANGELOG CHANGES LICENSE LICENCE COPYING AUTHORS CONTRIBUTING CODE_OF_CONDUCT SECURITY .gitignore \
    .gitattributes .mailmap .editorconfig hotfix.toml";
/// Folders of such files.
const IGNORED_FOLDERS: [&str; 3] = [".github/", ".gitlab/", ".ci/"];

/// Which targets of a package are tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Targets {
    /// All, examples in the documentation included.
    All,
    /// These: whether the library's own tests, and files of integration tests by name.
    Some {
        /// The tests inside the library.
        library: bool,
        /// The tests inside programs.
        programs: bool,
        /// Files of integration tests.
        tests: Vec<String>,
    },
}

/// A package that is tested, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its place in the workspace.
    pub package: usize,
    /// How many packages lie between it and the change; 0 where it changed itself.
    pub distance: usize,
    /// Which targets.
    pub targets: Targets,
    /// Why, one clause.
    pub why: String,
}

/// What a change can reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// What is tested, nearest first.
    pub packages: Vec<Selected>,
    /// How many packages the workspace has.
    pub of: usize,
}

impl Selection {
    /// What was selected and why, one line each.
    pub fn lines(&self, workspace: &Workspace) -> Vec<String> {
        let name =
            |place: usize| workspace.packages.get(place).map(|package| package.name.as_str()).unwrap_or_default();
        let mut lines: Vec<String> = self
            .packages
            .iter()
            .map(|selected| {
                let what = match &selected.targets {
                    Targets::All => String::new(),
                    Targets::Some { library, programs, tests } => {
                        let mut parts: Vec<String> = tests.iter().map(|test| format!("tests/{test}")).collect();
                        parts.extend(library.then(|| "the library's own tests".to_owned()));
                        parts.extend(programs.then(|| "the programs' own tests".to_owned()));
                        format!(", only {}", parts.join(" and "))
                    }
                };
                format!("{}{what}: {}", name(selected.package), selected.why)
            })
            .collect();
        let rest = self.of - self.packages.len().min(self.of);
        if rest > 0 {
            let (noun, verb) = if rest == 1 { ("package", "is") } else { ("packages", "are") };
            lines.push(format!("{rest} of {} {noun} {verb} out of reach of the change", self.of));
        }
        lines
    }
}

/// What a file is the cause of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause {
    /// Every package.
    Everything,
    /// This package, all of it, and those that need it.
    WithDependents(usize),
    /// This package alone, all of it.
    Alone(usize),
    /// Some targets of this package.
    Targets(usize, Targets),
    /// Nothing.
    Nothing,
}

/// All packages, because a person wants that.
pub fn everything(workspace: &Workspace) -> Selection {
    let all =
        |package| Selected { package, distance: 0, targets: Targets::All, why: "everything was asked for".to_owned() };
    let of = workspace.packages.len();
    Selection { packages: (0..of).map(all).collect(), of }
}

/// Selects what `files` can reach. `is_test_only` says whether only tests differ in a source.
pub fn select(workspace: &Workspace, files: &[FileDiff], is_test_only: &dyn Fn(&FileDiff) -> bool) -> Selection {
    let mut chosen: BTreeMap<usize, Selected> = BTreeMap::new();
    for file in files {
        let renamed = file.change.renamed_from.as_deref();
        for path in std::iter::once(file.change.path.as_str()).chain(renamed) {
            for (cause, why) in causes(workspace, file, path, is_test_only) {
                apply(workspace, cause, &why, &mut chosen);
            }
        }
    }
    // Nothing found is no proof that nothing is reached.
    if chosen.is_empty() && !workspace.packages.is_empty() {
        apply(workspace, Cause::Everything, "nothing of the change belongs to a package", &mut chosen);
    }
    let mut packages: Vec<Selected> = chosen.into_values().collect();
    packages.sort_by_key(|selected| (selected.distance, selected.package));
    Selection { packages, of: workspace.packages.len() }
}

fn causes(
    workspace: &Workspace,
    file: &FileDiff,
    path: &str,
    is_test_only: &dyn Fn(&FileDiff) -> bool,
) -> Vec<(Cause, String)> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let one = |cause: Cause, why: String| vec![(cause, why)];
    let is_config = matches!(name, "config" | "config.toml") && path.trim_end_matches(name).ends_with(".cargo/");
    // Another compiler builds everything anew.
    if matches!(name, "rust-toolchain" | "rust-toolchain.toml") || is_config {
        return one(Cause::Everything, format!("{path} changed"));
    }
    // One updated crate reaches who depends on it, not the whole workspace.
    if name == "Cargo.lock" {
        return lock_causes(workspace, file);
    }
    if is_ignored(path, name) {
        return one(Cause::Nothing, String::new());
    }
    if name == "Cargo.toml" && changes_workspace(&file.before, &file.after) {
        return one(Cause::Everything, format!("{path} changed for the whole workspace"));
    }
    let Some(place) = workspace.package_of(path) else {
        // Any build script or test may read it.
        return one(Cause::Everything, format!("{path} belongs to no package"));
    };
    let Some(package) = workspace.packages.get(place) else { return Vec::new() };
    one(in_package(package, place, file, path, is_test_only), format!("{path} changed"))
}

fn in_package(
    package: &Package,
    place: usize,
    file: &FileDiff,
    path: &str,
    is_test_only: &dyn Fn(&FileDiff) -> bool,
) -> Cause {
    let inside = package.inside(path).unwrap_or(path);
    let source = |kind: TargetKind| package.targets.iter().filter(move |target| target.kind == kind);
    let tests = |names: Vec<String>| Targets::Some { library: false, programs: false, tests: names };
    if let Some(below) = inside.strip_prefix("tests/") {
        let own = source(TargetKind::Test).find(|target| target.source == path);
        // A folder below `tests` belongs to the target whose `main.rs` it holds; helpers and data belong to all of them.
        let folder = below.split_once('/').map(|(folder, _)| format!("/tests/{folder}/main.rs"));
        let of_folder = folder
            .and_then(|main| source(TargetKind::Test).find(|target| format!("/{}", target.source).ends_with(&main)));
        if let Some(target) = own.or(of_folder) {
            return Cause::Targets(place, tests(vec![target.name.clone()]));
        }
        let all: Vec<String> = source(TargetKind::Test).map(|target| target.name.clone()).collect();
        return if all.is_empty() { Cause::Alone(place) } else { Cause::Targets(place, tests(all)) };
    }
    // Nobody can depend on these; a README may be tested as documentation.
    if inside.starts_with("examples/") || inside.starts_with("benches/") || inside.starts_with("README") {
        return Cause::Alone(place);
    }
    let is_source = path.ends_with(".rs");
    let has_library = package.library().is_some();
    // A source that is new or gone changes the crate's modules.
    let is_modified = file.change.kind == ChangeKind::Modified;
    // Code is compiled into dependents, its unit tests are not.
    if is_source && has_library && is_modified && inside.starts_with("src/") && is_test_only(file) {
        let library = !inside.starts_with("src/bin/") && inside != "src/main.rs";
        return Cause::Targets(place, Targets::Some { library, programs: !library, tests: Vec::new() });
    }
    let is_program = inside.starts_with("src/bin/") || source(TargetKind::Bin).any(|target| target.source == path);
    if is_source && (is_program || (!has_library && inside.starts_with("src/"))) {
        return Cause::Alone(place);
    }
    // Anything else in a package may be read by its build script.
    Cause::WithDependents(place)
}

fn lock_causes(workspace: &Workspace, file: &FileDiff) -> Vec<(Cause, String)> {
    let Some(reached) = lock::reached(&file.before, &file.after) else {
        return vec![(Cause::Everything, format!("{} changed and cannot be read", file.change.path))];
    };
    let place = |name: &str| workspace.packages.iter().position(|package| package.name == name);
    reached.into_iter().filter_map(|(name, why)| Some((Cause::Alone(place(&name)?), why))).collect()
}

fn is_ignored(path: &str, name: &str) -> bool {
    IGNORED_NAMES
        .split(' ')
        .any(|ignored| name.strip_prefix(ignored).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-'])))
        || IGNORED_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// Whether what holds for all packages differs; a manifest that cannot be read may hold anything.
fn changes_workspace(before: &str, after: &str) -> bool {
    let parse = |text: &str| toml::from_str::<toml::Table>(text).ok();
    // Compared as TOML: a comment or another order changes nothing.
    let (Some(before), Some(after)) = (parse(before), parse(after)) else { return true };
    ["workspace", "profile", "patch", "replace"].iter().any(|key| before.get(*key) != after.get(*key))
}

fn apply(workspace: &Workspace, cause: Cause, why: &str, chosen: &mut BTreeMap<usize, Selected>) {
    let near = |package, targets| Selected { package, distance: 0, targets, why: why.to_owned() };
    match cause {
        Cause::Nothing => {}
        Cause::Everything => {
            (0..workspace.packages.len()).for_each(|package| choose(near(package, Targets::All), chosen));
        }
        Cause::Alone(package) => choose(near(package, Targets::All), chosen),
        Cause::Targets(package, targets) => choose(near(package, targets), chosen),
        Cause::WithDependents(package) => {
            choose(near(package, Targets::All), chosen);
            dependents(workspace, package, chosen);
        }
    }
}

/// Those that need a package, and who needs them in turn; those whose tests alone need one go no further.
fn dependents(workspace: &Workspace, changed: usize, chosen: &mut BTreeMap<usize, Selected>) {
    let name = |place: usize| workspace.packages.get(place).map(|package| package.name.clone()).unwrap_or_default();
    let mut near = vec![changed];
    // Packages may need each other in a circle by their tests.
    let mut seen = vec![changed];
    let mut distance = 0;
    while !near.is_empty() {
        distance += 1;
        let mut next = Vec::new();
        for (package, all) in workspace.packages.iter().enumerate() {
            let needed = near.iter().find(|place| all.needs.contains(place));
            // Their code does not have it, so whoever needs them is out of reach.
            let needed_by_tests = near.iter().find(|place| all.tests_need.contains(place));
            let Some(through) = needed.or(needed_by_tests).filter(|_| !seen.contains(&package)) else { continue };
            let how = if needed.is_some() { "needs" } else { "its tests need" };
            let why = format!("{how} {}", name(*through));
            choose(Selected { package, distance, targets: Targets::All, why }, chosen);
            if needed.is_some() {
                next.push(package);
                seen.push(package);
            }
        }
        near = next;
    }
}

/// The nearer and wider reason counts.
fn choose(selected: Selected, chosen: &mut BTreeMap<usize, Selected>) {
    let Some(known) = chosen.get_mut(&selected.package) else {
        chosen.insert(selected.package, selected);
        return;
    };
    known.targets = match (known.targets.clone(), selected.targets) {
        (Targets::Some { library, programs, mut tests }, Targets::Some { library: l, programs: p, tests: more }) => {
            tests.extend(more);
            tests.sort();
            tests.dedup();
            Targets::Some { library: library || l, programs: programs || p, tests }
        }
        _ => Targets::All,
    };
    if selected.distance < known.distance {
        known.distance = selected.distance;
        known.why = selected.why;
    }
}

#[cfg(test)]
mod tests {
    use super::super::workspace::tests::shop;
    use super::*;
    use crate::port::Change;

    fn selected(files: &[(&str, &str, &str)], test_only: bool) -> String {
        let files: Vec<FileDiff> = files
            .iter()
            .map(|(path, before, after)| FileDiff {
                change: Change {
                    path: (*path).to_owned(),
                    renamed_from: None,
                    kind: ChangeKind::Modified,
                    added: 1,
                    removed: 1,
                    first_line: 1,
                    is_binary: false,
                },
                before: (*before).to_owned(),
                after: (*after).to_owned(),
                hunks: Vec::new(),
            })
            .collect();
        let shop = shop();
        select(&shop, &files, &|_| test_only).lines(&shop).join("\n")
    }

    fn one(path: &str) -> String {
        selected(&[(path, "", "")], false)
    }

    #[test]
    fn a_library_reaches_those_that_need_it() {
        insta::assert_snapshot!(one("cart/src/lib.rs"), @"
        cart: cart/src/lib.rs changed
        web: needs cart
        1 of 3 package is out of reach of the change
        ");
        insta::assert_snapshot!(one("kit/src/lib.rs"), @"
        kit: kit/src/lib.rs changed
        cart: its tests need kit
        1 of 3 package is out of reach of the change
        ");
        insta::assert_snapshot!(one("cart/build.rs"), @"
        cart: cart/build.rs changed
        web: needs cart
        1 of 3 package is out of reach of the change
        ");
    }

    #[test]
    fn tests_and_programs_reach_only_themselves() {
        insta::assert_snapshot!(one("cart/tests/prices.rs"), @"
        cart, only tests/prices: cart/tests/prices.rs changed
        2 of 3 packages are out of reach of the change
        ");
        insta::assert_snapshot!(one("cart/tests/sums/more.rs"), @"
        cart, only tests/sums: cart/tests/sums/more.rs changed
        2 of 3 packages are out of reach of the change
        ");
        insta::assert_snapshot!(one("cart/tests/data/in.json"), @"
        cart, only tests/prices and tests/sums: cart/tests/data/in.json changed
        2 of 3 packages are out of reach of the change
        ");
        insta::assert_snapshot!(one("web/src/main.rs"), @"
        web: web/src/main.rs changed
        2 of 3 packages are out of reach of the change
        ");
        insta::assert_snapshot!(selected(&[("cart/src/lib.rs", "", "")], true), @"
        cart, only the library's own tests: cart/src/lib.rs changed
        2 of 3 packages are out of reach of the change
        ");
    }

    #[test]
    fn what_cargo_does_not_know_widens() {
        for path in ["rust-toolchain.toml", ".cargo/config.toml", "cart/.cargo/config", "schema/prices.sql"] {
            assert_eq!(one(path).lines().count(), 3, "{path}");
        }
        insta::assert_snapshot!(one("cart/prices.csv"), @"
        cart: cart/prices.csv changed
        web: needs cart
        1 of 3 package is out of reach of the change
        ");
        insta::assert_snapshot!(selected(&[("Cargo.toml", "", "[profile.release]\nlto = true")], false), @"
        cart: Cargo.toml changed for the whole workspace
        kit: Cargo.toml changed for the whole workspace
        web: Cargo.toml changed for the whole workspace
        ");
    }

    #[test]
    fn what_nobody_reads_reaches_nothing_unless_it_is_all() {
        insta::assert_snapshot!(selected(&[("CHANGELOG.md", "", ""), ("kit/src/lib.rs", "", "")], false), @"
        kit: kit/src/lib.rs changed
        cart: its tests need kit
        1 of 3 package is out of reach of the change
        ");
        insta::assert_snapshot!(one("CHANGELOG.md"), @"
        cart: nothing of the change belongs to a package
        kit: nothing of the change belongs to a package
        web: nothing of the change belongs to a package
        ");
    }

    #[test]
    fn locked_versions_reach_those_that_use_them() {
        let lock = |version: &str| {
            format!(
                "[[package]]\nname = \"kit\"\nversion = \"1.0.0\"\ndependencies = [\"log\"]\n[[package]]\nname = \"log\"\nversion = \"{version}\"\nsource = \"r\"\n"
            )
        };
        insta::assert_snapshot!(selected(&[("Cargo.lock", &lock("1.0.0"), &lock("1.0.1"))], false), @"
        kit: Cargo.lock: log 1.0.0 -> 1.0.1
        2 of 3 packages are out of reach of the change
        ");
    }
}
