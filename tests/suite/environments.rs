//! Where a person stands, and what the repository is like: none of it changes what the commands do.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use hotfix_tests::{Repo, Sample, sandbox};

use crate::fixtures::{TITLE, opened};

const OPEN: [&str; 4] = ["open", TITLE, "--severity", "high"];
const BRANCH: &str = "hotfix/coupons-take-off-too-much";

/// Ships and closes from `place`, and checks that the fix and the records are in production on the remote.
#[track_caller]
fn ship_and_close(repo: &Repo<'_>, place: &Repo<'_>) {
    place.ok(["ship", "--yes"]);
    place.ok(["close"]);
    repo.git_ok(["fetch", "--quiet", "--prune"]);
    assert!(repo.git_ok(["show", "origin/main:total.sh"]).contains("/ 100"));
    assert!(repo.git_ok(["show", "origin/main:docs/planning/STATUS.md"]).contains("| /hotfix |"));
    assert!(!repo.remote_refs().contains(BRANCH), "{}", repo.remote_refs());
    repo.git_ok(["fsck", "--strict"]);
}

#[test]
fn a_subdirectory() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let below = repo.at("test");
    below.ok(OPEN);
    repo.fix_the_bug();
    below.ok(["ship", "--yes"]);
    below.ok(["close"]);
    assert!(repo.has("docs/planning/STATUS.md") && !repo.has("test/docs"));
}

#[test]
fn a_linked_work_tree_while_production_is_checked_out_in_the_main_one() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["worktree", "add", "--quiet", "--detach", "../linked"]);
    let linked = repo.at("../linked");
    linked.ok(OPEN);
    linked.fix_the_bug();
    let broken = repo.head();
    ship_and_close(&repo, &linked);
    assert_eq!((repo.branch().as_str(), repo.head()), ("main", broken), "the main work tree is somebody's");
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    assert_eq!(linked.branch(), "");
    assert_eq!(linked.git_ok(["log", "-1", "--format=%s", "HEAD"]), "Merge hotfix: Coupons take off too much");
}

#[test]
fn a_work_tree_made_for_the_fix() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("total.sh", "half done\n");
    repo.ok([&OPEN[..], &["--worktree"]].concat());
    let own = repo.at("../shop-hotfix-coupons-take-off-too-much");
    own.fix_the_bug();
    ship_and_close(&repo, &own);
    assert_eq!(repo.read("total.sh"), "half done\n");
    assert_eq!(repo.git_ok(["status", "--porcelain"]), " M total.sh");
}

#[test]
fn the_folder_of_a_new_work_tree_is_meant_from_where_one_stands() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let _ = repo.at("test").hotfix([&OPEN[..], &["--worktree", "../../fix"]].concat()).success();
    assert!(repo.has("../fix/total.sh"));
    let _ =
        repo.at("..").hotfix(["-C", "shop", "open", "Search", "--severity", "high", "--worktree", "../two"]).success();
    assert!(repo.has("../two/total.sh"));
    let two = repo.at("../two").hotfix_json(["status"])["incident"]["id"].clone();
    repo.ok(["abort", "--incident", two.as_str().expect("it has an id")]);
    assert!(!repo.has("../two"));
}

#[test]
fn the_folder_given_by_a_flag_or_by_git_itself() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let outside = repo.at("..");
    outside.ok(["-C", "shop", "open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let by_git = outside.run(outside.command("git").args(["-C", "shop", "hotfix", "status"])).success();
    assert!(by_git.stdout().contains(TITLE));
    let by_options = ["--git-dir=shop/.git", "--work-tree=shop", "hotfix", "ship", "--yes"];
    let _ = outside.run(outside.command("git").args(by_options)).success();
    let mut by_environment = outside.command("git-hotfix");
    by_environment.env("GIT_DIR", repo.folder().join(".git")).env("GIT_WORK_TREE", repo.folder());
    let _ = outside.run(by_environment.arg("close")).success();
    assert!(repo.has("docs/planning/STATUS.md"));
}

#[test]
fn settings_of_git_itself_are_heard() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["branch", "--quiet", "release"]);
    repo.git_ok(["push", "--quiet", "origin", "release"]);
    let open = ["-c", "hotfix.production.branch=release", "hotfix", "open", TITLE, "--severity", "high", "--json"];
    let opened = repo.run(repo.command("git").args(open)).success().json();
    assert_eq!(opened["incident"]["base"]["ref"], "origin/release");
}

#[test]
fn a_submodule_is_left_alone() {
    let sandbox = sandbox!();
    let module = sandbox.empty_repo("module");
    module.commit_file("lib.sh", "echo\n", "Library");
    let repo = sandbox.sample(Sample::Shell);
    let url = module.folder().to_string_lossy().into_owned();
    repo.git_ok(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "lib"]);
    repo.commit_all("Use a library");
    let repo = repo.with_remote();
    repo.write("lib/lib.sh", "half done\n");
    repo.ok(OPEN);
    repo.write_fix();
    repo.git_ok(["commit", "--quiet", "--message", "Fix", "total.sh"]);
    ship_and_close(&repo, &repo);
    assert_eq!(repo.read("lib/lib.sh"), "half done\n");
    assert!(repo.git_ok(["ls-tree", "origin/main", "lib"]).starts_with("160000 "));
}

#[test]
fn a_path_that_is_not_utf_8() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    let name = OsStr::from_bytes(b"caf\xe9 \n.txt");
    fs::write(repo.folder().join(name), "x\n").expect("the folder is ours");
    repo.commit_all("Add a name of old");
    let repo = repo.with_remote();
    repo.ok(OPEN);
    fs::write(repo.folder().join(name), "y\n").expect("the folder is ours");
    let dirty = repo.hotfix(["ship", "--yes"]).exits_with(3);
    assert!(dirty.stderr().contains("caf"), "{dirty}");
    repo.fix_the_bug();
    ship_and_close(&repo, &repo);
    assert_eq!(fs::read_to_string(repo.folder().join(name)).ok().as_deref(), Some("y\n"));
}

#[test]
fn a_partial_clone() {
    let sandbox = sandbox!();
    let shop = sandbox.sample(Sample::Shell).with_remote();
    shop.git_ok(["--git-dir=../origin.git", "config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", shop.origin().display());
    shop.git_ok(["clone", "--quiet", "--filter=blob:none", &url, "../partial"]);
    let partial = shop.at("../partial");
    partial.ok(OPEN);
    partial.fix_the_bug();
    ship_and_close(&shop, &partial);
}

#[test]
fn a_local_production_branch_that_is_behind_is_brought_along() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let colleague = repo.clone_as("colleague");
    let theirs = colleague.commit_file("theirs.txt", "x\n", "Meanwhile");
    colleague.git_ok(["push", "--quiet"]);
    let opened = repo.hotfix_json(OPEN);
    assert_eq!(opened["incident"]["base"]["commit"], theirs.as_str());
    assert_eq!(repo.resolve("main"), Some(theirs));
    repo.fix_the_bug();
    ship_and_close(&repo, &repo);
    assert_eq!(repo.resolve("main"), repo.resolve("origin/main"));
}

#[test]
fn a_local_production_branch_that_diverged_is_left_alone() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let base = repo.head();
    let mine = repo.commit_file("mine.txt", "x\n", "Not pushed");
    let opened = repo.hotfix(OPEN).success();
    assert!(opened.stderr().contains("main here has commits that origin/main lacks; it is left alone"), "{opened}");
    assert_eq!(repo.resolve("HEAD"), Some(base));
    repo.fix_the_bug();
    ship_and_close(&repo, &repo);
    assert_eq!(repo.resolve("main"), Some(mine.clone()));
    assert!(!repo.git_ok(["rev-list", "origin/main"]).contains(&mine));
}

#[test]
fn a_repository_run_from_a_hook_of_another() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let other = sandbox.empty_repo("other");
    other.hook(".git/hooks/post-commit", "#!/bin/sh\ncd ../shop && git-hotfix -C ../shop status > ../seen 2>&1\n");
    other.commit_file("a", "b\n", "c");
    let seen = repo.read("../seen");
    assert!(seen.contains(TITLE) || seen.contains("no incidents"), "{seen}");
}

#[test]
fn a_tag_of_the_same_name_changes_nothing() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["tag", BRANCH]);
    repo.git_ok(["tag", "main"]);
    repo.git_ok(["push", "--quiet", "--tags"]);
    repo.ok(OPEN);
    let fix = repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    assert!(repo.git_ok(["log", "-1", "--format=%P", "refs/remotes/origin/main"]).ends_with(&fix));
    assert_eq!(repo.branch(), "main");
}
