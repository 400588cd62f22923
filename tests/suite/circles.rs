//! Files of the core make no circle: each can be read and understood after those that it names.
//!
//! What a `mod.rs` names of the files below it is its list, and is not counted.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::architecture::{Source, core_sources};

/// Files by the path of their module, and what each imports, by name.
struct Core<'a> {
    files: BTreeMap<String, &'a str>,
    imports: BTreeMap<String, BTreeMap<String, String>>,
}

/// One file names something that the other declares, and how.
type Arrow = (String, String, String);

impl<'a> Core<'a> {
    fn of(sources: &'a [Source]) -> Self {
        let files: BTreeMap<String, &str> =
            sources.iter().map(|source| (module(&source.path), &*source.code)).collect();
        let imports = files.iter().map(|(module, code)| (module.clone(), imports(code))).collect();
        Self { files, imports }
    }

    /// What a file writes as `path`, from the root of the crate; `None` for what is not ours.
    fn absolute(&self, module: &str, path: &str) -> Option<String> {
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        let base = match first {
            "crate" => String::new(),
            "self" => module.to_owned(),
            "super" if rest.starts_with("super") => return self.absolute(parent(module), rest),
            "super" => parent(module).to_owned(),
            child if self.files.contains_key(&join(module, child)) => join(module, child),
            imported => {
                let import = self.imports.get(module)?.get(imported).filter(|import| *import != path)?;
                self.absolute(module, import)?
            }
        };
        Some(join(&base, rest))
    }

    /// The file that declares what `path` names, whoever exports it again.
    fn declared_in(&self, path: &str) -> Option<String> {
        let splits = path.match_indices("::").filter_map(|(end, _)| path.split_at_checked(end));
        let (module, item) = splits.filter(|(prefix, _)| self.files.contains_key(*prefix)).last()?;
        let item = item.trim_start_matches("::");
        if self.files.contains_key(path) {
            return None; // What is used of a module is counted where it is used.
        }
        let (name, rest) = item.split_once("::").unwrap_or((item, ""));
        match self.imports.get(module)?.get(name) {
            Some(import) => self.declared_in(&join(&self.absolute(module, import)?, rest)),
            None => Some(module.to_owned()),
        }
    }

    fn arrows(&self) -> BTreeSet<Arrow> {
        let inline = Regex::new(r"(?:^|[^:\w])((?:[a-z_]\w*::)+\w+)").expect("the pattern is fixed");
        let mut arrows = BTreeSet::new();
        for (module, code) in &self.files {
            let imported = self.imports.get(module).into_iter().flatten().map(|(_, path)| path.clone());
            let named = inline.captures_iter(code).map(|found| found[1].to_owned());
            for path in imported.chain(named) {
                let declared = self.absolute(module, &path).and_then(|path| self.declared_in(&path));
                let declared = declared.filter(|other| other != module && !other.starts_with(&format!("{module}::")));
                arrows.extend(declared.map(|other| (module.clone(), other, path)));
            }
        }
        arrows
    }
}

fn module(path: &str) -> String {
    path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::")
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

fn join(base: &str, rest: &str) -> String {
    if base.is_empty() || rest.is_empty() { format!("{base}{rest}") } else { format!("{base}::{rest}") }
}

/// What each name that a file imports stands for.
fn imports(code: &str) -> BTreeMap<String, String> {
    let uses = Regex::new(r"(?m)^\s*(?:pub(?:\([a-z: ]+\))? )?use ([^;]+);").expect("the pattern is fixed");
    let mut paths = Vec::new();
    uses.captures_iter(code).for_each(|found| leaves("", &found[1], &mut paths));
    let named = paths.into_iter().map(|path| {
        let (path, alias) = path.split_once(" as ").map_or((path.as_str(), None), |(path, alias)| (path, Some(alias)));
        let path = path.trim_end_matches("::self");
        let name = alias.unwrap_or_else(|| path.rsplit("::").next().unwrap_or(path));
        (name.to_owned(), path.to_owned())
    });
    named.collect()
}

/// The paths that a tree of imports lists.
fn leaves(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let mut depth = 0;
    let top = tree.split(|character| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        character == ',' && depth == 0
    });
    for branch in top.map(str::trim).filter(|branch| !branch.is_empty()) {
        match branch.split_once('{') {
            Some((head, rest)) => leaves(&format!("{prefix}{head}"), rest.trim_end_matches('}'), paths),
            None => paths.push(format!("{prefix}{branch}")),
        }
    }
}

/// The arrows that are part of a circle, or lead from one to another.
fn circles(mut arrows: BTreeSet<Arrow>) -> Vec<String> {
    loop {
        let from: BTreeSet<String> = arrows.iter().map(|(from, ..)| from.clone()).collect();
        let to: BTreeSet<String> = arrows.iter().map(|(_, to, _)| to.clone()).collect();
        let before = arrows.len();
        arrows.retain(|(one, other, _)| to.contains(one) && from.contains(other));
        if arrows.len() == before {
            return arrows.into_iter().map(|(from, to, by)| format!("{from} -> {to}: {by}")).collect();
        }
    }
}

#[test]
fn files_of_the_core_make_no_circle() {
    let sources = core_sources();
    let arrows = Core::of(&sources).arrows();
    assert!(arrows.len() > 500, "the imports are not found: {}", arrows.len());
    assert_eq!(circles(arrows), Vec::<String>::new(), "move what both need below them");
}

#[test]
fn a_circle_is_seen() {
    let source = |(path, code): &(&str, &str)| Source { path: (*path).to_owned(), code: (*code).to_owned() };
    let found = |files: &[(&str, &str)]| {
        let sources: Vec<Source> = files.iter().map(source).collect();
        circles(Core::of(&sources).arrows()).join("\n")
    };
    let ship = ("step/ship.rs", "use super::{land, pr::Pr};\nuse crate::port;\nfn ship() { land::now(); }");
    let list = ("step/mod.rs", "mod ship;\nmod land;\npub use land::Land;\nfn run() { ship::ship(); }");
    let land = |code| ("step/land.rs", code);
    assert_eq!(found(&[ship, list, land("use std::fmt;\nuse super::Step;\npub struct Land;")]), "");
    let seen = "step::land -> step::ship: super::ship::Ship\nstep::ship -> step::land: land::now";
    assert_eq!(found(&[ship, list, land("use super::ship::Ship;")]), seen);
    // By way of what the list exports.
    let port = ("port.rs", "use crate::step::Land;");
    let seen = "port -> step::land: crate::step::Land\nstep::land -> port: port::Look";
    assert_eq!(found(&[port, list, land("use crate::port;\nfn look(look: port::Look) {}")]), seen);
}
