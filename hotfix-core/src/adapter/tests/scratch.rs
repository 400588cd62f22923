//! Trees beside the user's: what is computed, and how it is laid out.

use crate::port::{
    ContentRead as _, FileEdit, HistoryRead as _, MergeInMemory as _, TreeEdit, WorktreeRead as _, WorktreeWrite as _,
};

use super::sandbox::Sandbox;

#[test]
fn edits_make_another_tree_and_touch_nothing() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let base = clone.id("HEAD");
    clone.write("src/new.rs", "new\n");
    clone.write("README", "changed\n");
    clone.commit_all("change");
    let repository = clone.open();
    let take = |path: &str| TreeEdit::Take { path: path.to_owned(), from: clone.id("HEAD") };
    let write = TreeEdit::Write(FileEdit { path: "a/b.txt".to_owned(), content: b"b\n".to_vec() });
    let gone = |path: &str| TreeEdit::Remove { path: path.to_owned() };
    let edits = [take("src/new.rs"), take("not/there"), write, gone("src/lib.rs"), gone("no/such")];
    let tree = repository.edit_tree(&base, &edits).unwrap();
    let mut files = repository.files(&tree).unwrap();
    files.sort();
    assert_eq!(files, ["README", "a/b.txt", "src/new.rs"]);
    assert_eq!(repository.file_at(&tree, "README").unwrap(), repository.file_at(&base, "README").unwrap());
    let patch = String::from_utf8(repository.patch(&base, &tree).unwrap()).unwrap();
    assert!(patch.contains("+++ b/src/new.rs") && patch.contains("--- a/src/lib.rs"), "{patch}");
    assert_eq!(clone.git(["status", "--porcelain"]), "");
}

#[test]
fn a_tree_is_laid_out_and_laid_out_anew() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.git(["config", "core.hooksPath", "hooks"]);
    clone.write("hooks/post-checkout", "#!/bin/sh\ntouch hook-ran\n");
    let base = clone.id("HEAD");
    let repository = clone.open();
    let place = clone.path.parent().unwrap().join("cache/place/tree");
    repository.lay_out(&place, &repository.tree_of(&base).unwrap(), &base).unwrap();
    assert!(place.join("src/lib.rs").is_file() && !place.join("hook-ran").exists());
    let written = |name: &str| std::fs::metadata(place.join(name)).unwrap().modified().unwrap();
    let times = [written("README"), written("src/lib.rs")];
    std::thread::sleep(std::time::Duration::from_millis(20));
    std::fs::write(place.join("left-by-a-test"), "x").unwrap();
    std::fs::write(place.join("src/lib.rs"), "a test wrote here\n").unwrap();
    std::fs::write(place.join(".git/index.lock"), "").unwrap();
    let edit = TreeEdit::Write(FileEdit { path: "tests/it.rs".to_owned(), content: b"it\n".to_vec() });
    let tree = repository.edit_tree(&base, &[edit]).unwrap();
    repository.lay_out(&place, &tree, &base).unwrap();
    assert!(place.join("tests/it.rs").is_file() && !place.join("left-by-a-test").exists());
    assert_eq!(std::fs::read(place.join("src/lib.rs")).ok(), repository.file_at(&base, "src/lib.rs").unwrap());
    assert_eq!(written("README"), times[0], "what is the same keeps its time");
    assert_ne!(written("src/lib.rs"), times[1], "what was written over is written anew");
    let there = sandbox.at("cache/place/tree");
    assert_eq!(there.git(["rev-parse", "HEAD^"]).trim(), base.as_str());
    assert_eq!(there.git(["status", "--porcelain"]), "");
    assert_eq!(clone.git(["worktree", "list"]).lines().count(), 1, "the user's repository knows nothing of it");
}

#[test]
fn untracked_files_are_part_of_the_tree_that_is_asked_for() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.write("tests/new file.rs", "x\n");
    clone.write("notes.txt", "x\n");
    let repository = clone.open();
    assert_eq!(repository.untracked_files().unwrap(), ["notes.txt", "tests/new file.rs"]);
    let tree = repository.work_tree_as_tree(&["tests/new file.rs".to_owned()]).unwrap();
    let files = repository.files(&tree).unwrap();
    assert!(files.contains(&"tests/new file.rs".to_owned()) && !files.contains(&"notes.txt".to_owned()));
    clone.git(["add", "tests"]);
    clone.git(["commit", "--quiet", "-m", "test"]);
    assert_eq!(tree, clone.id("HEAD^{tree}"), "committing it gives the same tree");
}
