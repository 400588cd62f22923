//! The test part of a change: what of it goes on the base, and which tests that touches.

use std::collections::BTreeSet;

use crate::domain::{ObjectId, file_name};
use crate::port::{ChangeKind, FileDiff, FileEdit, TreeEdit};
use crate::runner;

use super::rust::{Touched, TouchedExample};
use super::{manifest, rust};

/// Folders of what tests read and compare with.
const DATA_FOLDERS: [&str; 7] =
    ["fixtures", "snapshots", "test_data", "test-data", "testdata", "proptest-regressions", "goldens"];
/// How far up the modules around a file are looked at.
// Modules may declare each other in a circle in sources that do not compile.
const DEEPEST_MODULE: usize = 8;

/// The tests of a Rust file that a change touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustTests {
    /// The file, relative to the top.
    pub file: String,
    /// The tests in it.
    pub touched: Touched,
}

/// The test part of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestPart {
    /// What makes the base with the tests out of the base.
    pub edits: Vec<TreeEdit>,
    /// Rust tests.
    pub rust: Vec<RustTests>,
    /// Examples in the documentation of Rust, each with its file.
    pub examples: Vec<(String, TouchedExample)>,
    /// Test files as a whole, of any language.
    pub files: Vec<String>,
    /// Data, snapshots and helpers of tests.
    pub data: Vec<String>,
    /// The files that hold the fix itself.
    pub code: Vec<String>,
    /// Those of them that are new: their tests cannot be on the base.
    pub new_code: Vec<String>,
    /// What a reader should know, one line each.
    pub remarks: Vec<String>,
}

impl TestPart {
    /// Whether there is any test to prove.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.data.is_empty()
            && self.examples.is_empty()
            && self.rust.iter().all(|file| file.touched == Touched::default())
    }

    /// The files that hold tests that the change touches.
    pub fn test_files(&self) -> BTreeSet<&str> {
        let rust = self.rust.iter().filter(|file| file.touched != Touched::default()).map(|file| file.file.as_str());
        let examples = self.examples.iter().map(|(file, _)| file.as_str());
        self.files.iter().map(String::as_str).chain(rust).chain(examples).collect()
    }
}

/// What [`split`] asks about files that did not change.
pub struct Around<'a> {
    /// The text of a file of the fix.
    pub fix: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a file is a test by configuration or convention.
    pub is_test_file: &'a dyn Fn(&str) -> bool,
}

/// Splits the difference between the base and the tree `fix`.
pub fn split(files: &[FileDiff], fix: &ObjectId, around: &Around<'_>) -> TestPart {
    let mut part = TestPart::default();
    for file in files {
        add(&mut part, file, fix, around);
    }
    let takes_dependencies =
        part.edits.iter().any(|edit| matches!(edit, TreeEdit::Overwrite(edit) if is_manifest(&edit.path)));
    for tests in &mut part.rust {
        let gates = module_gates(&tests.file, around, DEEPEST_MODULE);
        for test in &mut tests.touched.tests {
            test.gates.splice(0..0, gates.iter().cloned());
        }
    }
    for file in files.iter().filter(|file| takes_dependencies && file_name(&file.change.path) == "Cargo.lock") {
        part.edits.extend(manifest::merge_lock(&file.before, &file.after).map(|text| write(&file.change.path, text)));
    }
    part
}

fn add(part: &mut TestPart, file: &FileDiff, fix: &ObjectId, around: &Around<'_>) {
    let path = &file.change.path;
    // Written to the base under another name it would be another file.
    if path.contains(char::REPLACEMENT_CHARACTER) {
        part.remarks.push(format!("left out, because its name is not UTF-8: {}", crate::domain::one_line(path)));
        return;
    }
    if let Some(old) = file.change.renamed_from.as_ref().filter(|old| is_material(old, around)) {
        part.edits.push(TreeEdit::Remove { path: old.clone() });
    }
    // Both: its dependencies are code, its development dependencies are tests.
    if is_manifest(path) {
        let merged = manifest::merge(&file.before, &file.after);
        part.code.push(path.clone());
        part.edits.extend(merged.map(|text| write(path, text)));
        return;
    }
    let is_rust = path.ends_with(".rs");
    if is_material(path, around) || (is_rust && is_test_source(file, around)) {
        add_material(part, file, fix, around);
        return;
    }
    // In other languages tests and code seldom share a file.
    if !is_rust || file.change.kind == ChangeKind::Deleted {
        part.code.push(path.clone());
        return;
    }
    add_source(part, file);
}

/// A file that belongs to tests as a whole.
fn add_material(part: &mut TestPart, file: &FileDiff, fix: &ObjectId, around: &Around<'_>) {
    let path = &file.change.path;
    if file.change.kind == ChangeKind::Deleted {
        // The base keeps a test that the fix deletes otherwise, and it may fail there.
        part.edits.push(TreeEdit::Remove { path: path.clone() });
        return;
    }
    part.edits.push(TreeEdit::Take { path: path.clone(), from: fix.clone() });
    if path.ends_with(".rs") {
        let base = (file.change.kind == ChangeKind::Modified).then_some(file.before.as_str());
        let touched = rust::touched_in(base, &file.after);
        part.rust.push(RustTests { file: path.clone(), touched });
    } else if (around.is_test_file)(path) {
        part.files.push(path.clone());
    } else {
        part.data.push(path.clone());
    }
}

/// A source that may hold both.
fn add_source(part: &mut TestPart, file: &FileDiff) {
    let path = &file.change.path;
    let is_new = file.change.kind == ChangeKind::Added;
    let Some(split) = rust::split(if is_new { "" } else { &file.before }, &file.after) else {
        part.remarks.push(format!("{path} cannot be read as Rust: all of it counts as code"));
        part.code.push(path.clone());
        return;
    };
    // A new file of code is not there on the base, and its tests neither: they need what only the fix has.
    if let Some(text) = split.merged.filter(|_| !is_new) {
        part.edits.push(write(path, text));
    }
    if split.touched != Touched::default() {
        part.rust.push(RustTests { file: path.clone(), touched: split.touched });
    }
    if !is_new {
        part.examples.extend(split.examples.into_iter().map(|example| (path.clone(), example)));
    }
    part.code.push(path.clone());
    part.new_code.extend(is_new.then(|| path.clone()));
}

fn write(path: &str, text: String) -> TreeEdit {
    TreeEdit::Overwrite(FileEdit { path: path.to_owned(), content: text.into_bytes() })
}

fn is_manifest(path: &str) -> bool {
    file_name(path) == "Cargo.toml"
}

/// Whether a file is a test or belongs to tests, by its name or folder.
fn is_material(path: &str, around: &Around<'_>) -> bool {
    let mut folders = path.rsplit('/').skip(1);
    (around.is_test_file)(path)
        || runner::is_in_test_folder(path)
        || path.ends_with(".snap")
        || folders.any(|folder| DATA_FOLDERS.contains(&folder))
}

/// Whether a Rust source is compiled for tests only: it says so, or a module around it does.
fn is_test_source(file: &FileDiff, around: &Around<'_>) -> bool {
    let text = if file.change.kind == ChangeKind::Deleted { &file.before } else { &file.after };
    rust::is_for_tests(text) || is_test_module(&file.change.path, around, DEEPEST_MODULE)
}

/// The files that may declare the module that is in a folder.
fn parents(folder: &str) -> [String; 4] {
    [format!("{folder}/mod.rs"), format!("{folder}/lib.rs"), format!("{folder}/main.rs"), format!("{folder}.rs")]
}

/// What must be given for the module that a file is to be compiled, outermost first.
fn module_gates(path: &str, around: &Around<'_>, depth: usize) -> Vec<String> {
    let Some((folder, name)) = module(path).filter(|_| depth > 0) else { return Vec::new() };
    for parent in parents(folder).into_iter().filter(|parent| parent != path) {
        let declares = |text: &String| rust::declares_for_tests(text, name).is_some();
        let Some(text) = (around.fix)(&parent).filter(declares) else { continue };
        let mut gates = module_gates(&parent, around, depth - 1);
        gates.extend(rust::gates_of_module(&text, name));
        return gates;
    }
    Vec::new()
}

fn is_test_module(path: &str, around: &Around<'_>, depth: usize) -> bool {
    let Some((folder, name)) = module(path).filter(|_| depth > 0) else { return false };
    parents(folder).into_iter().filter(|parent| parent != path).any(|parent| {
        let declared = (around.fix)(&parent).and_then(|text| rust::declares_for_tests(&text, name));
        match declared {
            Some(is_for_tests) => is_for_tests || is_test_module(&parent, around, depth - 1),
            None => false,
        }
    })
}

/// The folder in which the parent of a module's file is looked for, and the module's name.
fn module(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.rsplit_once('/')?;
    match file.strip_suffix(".rs")? {
        "mod" => folder.rsplit_once('/'),
        // The root of a program has no parent.
        "lib" | "main" => None,
        name => Some((folder, name)),
    }
}

#[cfg(test)]
mod tests {
    use crate::port::Change;

    use super::*;

    fn file(path: &str, before: &str, after: &str) -> FileDiff {
        let kind = match (before.is_empty(), after.is_empty()) {
            (true, _) => ChangeKind::Added,
            (_, true) => ChangeKind::Deleted,
            _ => ChangeKind::Modified,
        };
        let change = Change {
            path: path.to_owned(),
            renamed_from: None,
            kind,
            added: 0,
            removed: 0,
            first_line: 0,
            is_binary: false,
        };
        FileDiff { change, before: before.to_owned(), after: after.to_owned(), hunks: Vec::new() }
    }

    fn shown(files: &[FileDiff]) -> String {
        let fix = "f".repeat(40).parse().unwrap();
        let read = |path: &str| match path {
            "src/lib.rs" => Some("#[cfg(test)]\nmod checks;\nmod cart;".to_owned()),
            "src/checks.rs" => Some("mod deep;".to_owned()),
            _ => None,
        };
        let is_test_file = |path: &str| runner::is_test_file(path, &crate::config::Globs::default());
        let part = split(files, &fix, &Around { fix: &read, is_test_file: &is_test_file });
        let mut shown = String::new();
        for edit in &part.edits {
            shown.push_str(&match edit {
                TreeEdit::Take { path, .. } => format!("take {path}\n"),
                TreeEdit::Remove { path } => format!("remove {path}\n"),
                TreeEdit::Write(edit) | TreeEdit::Overwrite(edit) => format!("write {}\n", edit.path),
            });
        }
        for tests in &part.rust {
            let names: Vec<&str> = tests.touched.tests.iter().map(|test| test.name.as_str()).collect();
            shown.push_str(&format!("tests of {}: {}\n", tests.file, names.join(", ")));
        }
        for (what, paths) in
            [("file", &part.files), ("data", &part.data), ("code", &part.code), ("remark", &part.remarks)]
        {
            shown.extend(paths.iter().map(|path| format!("{what} {path}\n")));
        }
        shown
    }

    #[test]
    fn each_file_goes_where_it_belongs() {
        let test = "#[test]\nfn t() {}";
        insta::assert_snapshot!(shown(&[
            file("Cargo.toml", "[package]\nname = \"x\"\n", "[package]\nname = \"x\"\n[dev-dependencies]\ny = \"1\"\n"),
            file("README.md", "a", "b"),
            file("src/cart.rs", "fn a() {}", &format!("fn a() {{ 1 }}\n#[cfg(test)]\nmod tests {{ {test} }}")),
            file("src/checks.rs", "", test),
            file("src/checks/deep.rs", "", test),
            file("src/new.rs", "", &format!("pub fn b() {{}}\n{test}")),
            file("src/snapshots/a.snap", "1", "2"),
            file("tests/data/in.json", "", "{}"),
            file("tests/gone.rs", test, ""),
            file("tests/it.rs", "", test),
            file("web/cart.test.js", "", "test()"),
        ]), @"
        write Cargo.toml
        write src/cart.rs
        take src/checks.rs
        take src/checks/deep.rs
        take src/snapshots/a.snap
        take tests/data/in.json
        remove tests/gone.rs
        take tests/it.rs
        take web/cart.test.js
        tests of src/cart.rs: t
        tests of src/checks.rs: t
        tests of src/checks/deep.rs: t
        tests of src/new.rs: t
        tests of tests/it.rs: t
        file web/cart.test.js
        data src/snapshots/a.snap
        data tests/data/in.json
        code Cargo.toml
        code README.md
        code src/cart.rs
        code src/new.rs
        ");
    }

    #[test]
    fn a_fix_without_a_test_has_no_test_part() {
        let fix = "f".repeat(40).parse().unwrap();
        let around = Around { fix: &|_| None, is_test_file: &|_| false };
        let part = split(&[file("src/lib.rs", "fn a() {}", "fn a() { 1 }")], &fix, &around);
        assert!(part.is_empty() && part.edits.is_empty());
        assert_eq!(part.code, ["src/lib.rs"]);
    }
}
