//! Which targets of a Cargo workspace hold the tests of a change, and what is said of those that were not built.

use std::collections::BTreeMap;

use crate::runner::cargo::{Package, TargetKind, TestTarget, Workspace, target_of};

use super::trial::Trial;
use super::{Candidates, TestPart};

/// Test targets by the package that has them.
pub(crate) type Groups = BTreeMap<usize, Vec<TestTarget>>;

/// The packages and targets that hold the tests of the change; with names by hand, everything that the fix touches.
pub(crate) fn groups(part: &TestPart, named: &[String], workspace: &Workspace) -> Groups {
    let mut groups = Groups::new();
    let touched = part.rust.iter().filter(|file| file.touched != Default::default()).map(|file| file.file.as_str());
    let data = part.data.iter().map(String::as_str);
    let code = part.code.iter().map(String::as_str).filter(|_| !named.is_empty());
    for file in touched.chain(data).chain(code) {
        let Some(index) = workspace.package_of(file) else { continue };
        let Some(package) = workspace.packages.get(index) else { continue };
        let targets = groups.entry(index).or_default();
        targets.push(target_of(package, file));
        // Data names no target, and a named test may be in any.
        if !file.ends_with(".rs") || !named.is_empty() {
            targets.push(TestTarget::Tests);
            targets.extend(package.library().is_some().then_some(TestTarget::Library));
        }
    }
    for targets in groups.values_mut() {
        targets.sort();
        targets.dedup();
        // `--tests` means every target that is tested, so that it stands alone.
        if targets.contains(&TestTarget::Tests) {
            *targets = vec![TestTarget::Tests];
        }
    }
    groups
}

/// Each target of a package that has tests.
pub(crate) fn all_targets(package: &Package) -> Vec<TestTarget> {
    let tests = package.targets.iter().filter(|target| target.kind == TargetKind::Test);
    let tests = tests.map(|target| TestTarget::Test(target.name.clone()));
    package.library().map(|_| TestTarget::Library).into_iter().chain(tests).collect()
}

/// Adds the tests of the change that were not built: those that a gate keeps out, and all where there is nothing else. What
/// is said of the others.
pub(crate) fn add_missing(meant: &Candidates, workspace: &Workspace, trials: &mut Vec<Trial>) -> Option<String> {
    let missing = meant.missing.iter().map(|(file, function)| {
        let path = function.modules.iter().chain([&function.name]).map(String::as_str).collect::<Vec<_>>();
        let mut gates = function.gates.clone();
        gates.extend(workspace.gate_of(file));
        Trial::new(format!("{file}::{}", path.join("::")), gates)
    });
    let is_all = trials.is_empty();
    let (gated, unknown): (Vec<Trial>, Vec<Trial>) = missing.partition(|trial| is_all || !trial.gates.is_empty());
    trials.extend(gated);
    let names: Vec<String> = unknown.into_iter().map(|trial| trial.id).collect();
    (!names.is_empty()).then(|| format!("not among the tests that were built: {}", names.join(", ")))
}
