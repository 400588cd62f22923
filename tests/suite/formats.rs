//! Repositories of every kind that git makes: in tables, with SHA-256, mirrored, and bare with work trees beside them.

use std::fs;

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::TITLE;

const OPEN: [&str; 4] = ["open", TITLE, "--severity", "high"];

/// Lets git make repositories in these formats; whether it knows them.
fn makes(sandbox: &Sandbox, refs: &str, objects: &str) -> bool {
    let file = sandbox.git_config_file();
    let config = fs::read_to_string(&file).expect("it is there");
    let formats = format!("[init]\n\tdefaultRefFormat = {refs}\n\tdefaultObjectFormat = {objects}\n");
    fs::write(file, config + &formats).expect("the folder is ours");
    let trial = sandbox.empty_repo("trial");
    let made = trial.git(["rev-parse", "--show-ref-format", "--show-object-format"]);
    let knows = made.code() == Some(0) && [refs, objects].iter().any(|format| made.stdout().contains(format));
    if !knows {
        eprintln!("NOT TESTED: {refs} and {objects}, since git before 2.47 does not make them by a setting");
    }
    knows
}

/// From production broken to written up, fixed in `place`; the formats that `doctor` tells.
#[track_caller]
fn night(repo: &Repo<'_>, place: &Repo<'_>) -> String {
    let doctor = place.hotfix(["doctor"]).success().stdout().to_owned();
    place.fix_the_bug();
    place.ok(["ship", "--yes"]);
    place.ok(["close"]);
    repo.git_ok(["fetch", "--quiet"]);
    assert!(repo.git_ok(["show", "origin/main:total.sh"]).contains("/ 100"));
    assert!(repo.git_ok(["show", "origin/main:docs/planning/STATUS.md"]).contains("| /hotfix |"));
    repo.git_ok(["fsck", "--strict"]);
    doctor.lines().find(|line| line.contains(" repository ")).unwrap_or_default().to_owned()
}

#[test]
fn refs_in_tables() {
    let sandbox = sandbox!();
    if !makes(&sandbox, "reftable", "sha1") {
        return;
    }
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(OPEN);
    let told = night(&repo, &repo);
    assert!(told.contains("refs: reftable"), "{told}");
    assert_eq!(repo.read(".git/HEAD"), "ref: refs/heads/.invalid\n", "the files that only stand there");
    assert!(repo.at(".git/refs").has("heads") && !repo.at(".git/refs").has("hotfix"));
    let status = repo.hotfix(["log"]).success();
    assert!(status.stdout().contains("closed"), "{status}");
}

#[test]
fn doctor_says_what_is_not_seen_where_refs_are_in_tables() {
    let sandbox = sandbox!();
    if !makes(&sandbox, "reftable", "sha1") {
        return;
    }
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let told = || {
        let doctor = repo.hotfix(["doctor", "--offline"]).to_string();
        doctor.lines().find(|line| line.contains(" repository ")).unwrap_or_default().to_owned()
    };
    assert!(told().contains("refs: reftable"), "the control: {}", told());
    let stands_for_it = repo.git_ok(["commit-tree", "-m", "another", "HEAD^{tree}"]);
    repo.git_ok(["replace", "HEAD", stands_for_it.trim()]);
    assert!(told().contains("replaced objects as they were (refs/replace/"), "{}", told());
    repo.git_ok(["config", "includeIf.onbranch:main.path", "night.config"]);
    assert!(told().contains("reach git and not hotfix"), "{}", told());
}

#[test]
fn objects_with_sha_256() {
    let sandbox = sandbox!();
    if !makes(&sandbox, "files", "sha256") {
        return;
    }
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(OPEN);
    let told = night(&repo, &repo);
    assert!(told.contains("objects: sha256"), "{told}");
    assert_eq!(repo.head().len(), 64);
}

#[test]
fn a_work_tree_of_its_own_in_the_formats_of_git_3() {
    let sandbox = sandbox!();
    if !makes(&sandbox, "reftable", "sha256") {
        return;
    }
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("total.sh", "half done\n");
    repo.ok([&OPEN[..], &["--worktree", "../own"]].concat());
    let told = night(&repo, &repo.at("../own"));
    assert!(told.ends_with("(refs: reftable, objects: sha256)"), "{told}");
    assert_eq!(repo.read("total.sh"), "half done\n");
}

#[test]
fn a_bare_repository_with_work_trees_beside_it() {
    let sandbox = sandbox!();
    let shop = sandbox.sample(Sample::Shell).with_remote();
    shop.git_ok(["clone", "--quiet", "--bare", "../origin.git", "../bare"]);
    let bare = shop.at("../bare");
    bare.git_ok(["worktree", "add", "--quiet", "../place", "main"]);
    let place = shop.at("../place");
    place.ok(OPEN);
    let _ = night(&shop, &place);
}

#[test]
fn a_mirror_is_no_place_for_a_fix() {
    let sandbox = sandbox!();
    let shop = sandbox.sample(Sample::Shell).with_remote();
    shop.git_ok(["clone", "--quiet", "--mirror", "../origin.git", "../mirror"]);
    let mirror = shop.at("../mirror");
    let bare = mirror.hotfix(OPEN);
    assert_eq!(bare.code(), Some(3), "{bare}");
    assert!(bare.stderr().contains("this is a bare repository"), "{bare}");
    mirror.git_ok(["worktree", "add", "--quiet", "../place", "main"]);
    shop.commit_file("more.txt", "more\n", "Meanwhile");
    shop.git_ok(["push", "--quiet"]);
    let refused = shop.at("../place").hotfix(OPEN);
    assert_eq!(refused.code(), Some(3), "{refused}");
    assert!(refused.stderr().contains("hint: This clone mirrors its remote"), "{refused}");
}
