//! What differs between two lock files, and which packages of the workspace that reaches.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// The packages of the workspace that reach a package whose locked version differs, each with a sentence on which; `None`
/// where a lock file cannot be read.
pub(super) fn reached(before: &str, after: &str) -> Option<Vec<(String, String)>> {
    let (before, after): (Lock, Lock) = (toml::from_str(before).ok()?, toml::from_str(after).ok()?);
    let versions = |lock: &Lock| {
        let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        // One without a source is of the workspace: its version changes with a release, not its code.
        for package in lock.package.iter().filter(|package| package.source.is_some()) {
            // A set: the same crate may be locked in several versions at once.
            versions.entry(package.name.clone()).or_default().insert(package.version.clone());
        }
        versions
    };
    let (old, new) = (versions(&before), versions(&after));
    let mut changed: BTreeMap<&str, String> = BTreeMap::new();
    for name in old.keys().chain(new.keys()) {
        if old.get(name) != new.get(name) {
            let all = |versions: Option<&BTreeSet<String>>| {
                let all: Vec<&str> = versions.into_iter().flatten().map(String::as_str).collect();
                if all.is_empty() { "none".to_owned() } else { all.join(", ") }
            };
            changed.insert(name, format!("{name} {} -> {}", all(old.get(name)), all(new.get(name))));
        }
    }
    let mut reached = Vec::new();
    for package in after.package.iter().filter(|package| package.source.is_none()) {
        if let Some(why) = first_changed(&package.name, &after, &changed) {
            reached.push((package.name.clone(), format!("Cargo.lock: {why}")));
        }
    }
    Some(reached)
}

/// The first changed package that `start` reaches.
fn first_changed(start: &str, lock: &Lock, changed: &BTreeMap<&str, String>) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(name) = waiting.pop() {
        // Development dependencies may close a circle.
        if !seen.insert(name) {
            continue;
        }
        if let Some(why) = changed.get(name) {
            return Some(why.clone());
        }
        for package in lock.package.iter().filter(|package| package.name == name) {
            // `name version` where a name is locked twice; both versions are followed then.
            waiting.extend(package.dependencies.iter().filter_map(|dependency| dependency.split(' ').next()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_packages_that_reach_a_change_are_reached() {
        let package = |name: &str, version: &str, source: &str, dependencies: &str| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}dependencies = [{dependencies}]\n"
            )
        };
        let lock = |version: &str| {
            [
                package("web", "1.0.0", "", "\"cart\""),
                package("cart", "1.0.0", "", "\"tls\""),
                package("kit", "1.0.0", "", "\"log\""),
                package("tls", "0.1.0", "source = \"r\"\n", "\"rustls 0.23.0\""),
                package("rustls", version, "source = \"r\"\n", ""),
                package("log", "0.4.0", "source = \"r\"\n", ""),
            ]
            .concat()
        };
        let found = reached(&lock("0.23.1"), &lock("0.23.2")).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names, found[0].1.as_str()), (vec!["web", "cart"], "Cargo.lock: rustls 0.23.1 -> 0.23.2"));
        assert_eq!(reached(&lock("1"), &lock("1")), Some(Vec::new()));
        assert_eq!(reached("[", ""), None);
    }
}
