//! How many git programs a command starts: each costs milliseconds, and more on a large repository.

use std::path::Path;

use hotfix_tests::{Repo, Sample, Sandbox, Shim, has_ref_files, sandbox};

use crate::fixtures::sample_with;

/// Runs a command, which must succeed, and counts the git programs it started.
fn git_children(repo: &Repo<'_>, arguments: &[&str]) -> usize {
    let shim = Shim::new(repo.sandbox(), &["git"]);
    let _ = repo.run(shim.command(repo, "git-hotfix").args(arguments)).success();
    println!("{}: {} git programs", arguments.join(" "), shim.calls());
    shim.calls()
}

/// So many, and where refs have no files also those that read and move these.
fn at_most(count: usize) -> usize {
    if has_ref_files() { count } else { 3 * count + 6 }
}

#[test]
fn commands_start_few_git_programs() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let open = git_children(&repo, &["open", "Coupons", "--severity", "high"]);
    assert!((1..=at_most(3)).contains(&open), "open: {open}");
    repo.fix_the_bug();
    assert!(git_children(&repo, &["status"]) <= at_most(1));
    let ship = git_children(&repo, &["ship", "--yes"]);
    assert!((1..=at_most(17)).contains(&ship), "ship with a remote: {ship}");
    let close = git_children(&repo, &["close"]);
    assert!((1..=at_most(4)).contains(&close), "close with a remote: {close}");
}

#[test]
fn shipping_without_a_remote_starts_few_git_programs() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    assert!(git_children(&repo, &["open", "Coupons", "--severity", "high"]) <= at_most(2));
    repo.fix_the_bug();
    let ship = git_children(&repo, &["ship", "--yes"]);
    assert!((1..=at_most(13)).contains(&ship), "{ship}");
    assert!(git_children(&repo, &["list", "--all"]) <= at_most(0));
}

/// What was recorded for the only incident, a line for each commit.
fn recorded(repo: &Repo<'_>) -> Vec<String> {
    let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let subjects = repo.git_ok(["log", "--reverse", "--format=%s", ledger.trim()]);
    subjects.lines().filter_map(|line| line.split_once(": ")).map(|(_, kinds)| kinds.to_owned()).collect()
}

#[test]
fn what_is_known_at_once_is_recorded_by_one_commit() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[test]\ncommand = [\"true\"]\n");
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.commit_file("README", "Coupons count once.\n", "Say that coupons count once");
    repo.ok(["ship", "--yes"]);
    assert_eq!(
        recorded(&repo),
        ["opened", "branch-created", "guarded, tested, proved", "pull-request-opened, landing-started", "merged"]
    );
}

#[test]
fn what_was_done_is_recorded_where_what_comes_next_fails() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[test]\ncommand = [\"./no-such-program\"]\n");
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.commit_file("README", "Coupons count once.\n", "Say that coupons count once");
    let _ = repo.hotfix(["ship", "--yes"]).exits_with(3);
    assert_eq!(recorded(&repo), ["opened", "branch-created", "guarded"]);
}

const LINES: &str = "[release]\nlines = [\"main\", \"develop\", \"release/*\"]\n";
const VIEWS: [&[&str]; 6] =
    [&["status"], &["list"], &["show"], &["log"], &["propagation"], &["propagation", "--check"]];

/// A fix that `develop` gets by a merge, and four older releases by picks: three cleanly, and one conflicts.
fn with_release_branches(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sample_with(sandbox, LINES);
    for line in ["release/1.0", "release/1.1", "release/1.2", "release/1.3"] {
        repo.git_ok(["switch", "--quiet", "--create", line, "main"]);
        repo.commit_file(&format!("{}.txt", line.replace('/', "-")), "old\n", "Go on with the old release");
        if line == "release/1.3" {
            repo.commit_file("total.sh", "#!/bin/sh\necho 0\n", "Add nothing up");
        }
    }
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.commit_file("next.txt", "x\n", "Begin the next release");
    repo.git_ok(["branch", "develop"]);
    repo.git_ok(["push", "--quiet", "--all", "origin"]);
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.fix_the_bug();
    repo
}

/// The objects and refs of a repository, and what holds them.
fn stored(repo: &Repo<'_>) -> String {
    let files = repo.run(repo.command("find").args([".git/objects", "-type", "f"]));
    let mut files: Vec<String> = files.success().stdout().lines().map(str::to_owned).collect();
    files.sort();
    format!("{}\n{}", files.join("\n"), repo.git_ok(["for-each-ref"]))
}

#[test]
fn what_only_shows_something_writes_nothing_and_waits_for_no_disk() {
    let sandbox = sandbox!();
    let repo = with_release_branches(&sandbox);
    let has_strace = Path::new("/usr/bin/strace").exists();
    let check = |code: i32| {
        let before = stored(&repo);
        for view in VIEWS {
            let exit = if view == ["propagation", "--check"] { code } else { 0 };
            let _ = repo.hotfix(view).exits_with(exit);
            assert_eq!(stored(&repo), before, "{view:?}");
            if !has_strace {
                continue;
            }
            let mut traced = repo.command("strace");
            traced.args(["-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,syncfs", "-e", "signal=none"]);
            traced.args(["-o", "../syncs", "git-hotfix"]).args(view);
            let _ = repo.run(&mut traced).exits_with(exit);
            assert_eq!(repo.at("..").read("syncs"), "", "{view:?}");
        }
    };
    let rows = repo.hotfix_json(["status"])["lines"].to_string();
    for state in ["clean", "conflict"] {
        assert!(rows.contains(state), "{rows}");
    }
    check(0);
    let children = |arguments: &[&str]| {
        let shim = Shim::new(repo.sandbox(), &["git"]);
        let _ = repo.run(shim.command(&repo, "git-hotfix").args(arguments));
        shim.calls()
    };
    assert!(children(&["status"]) <= at_most(1), "the work tree is git's to look at");
    repo.ok(["ship", "--yes"]);
    check(1);
    // The remote is asked; what its branches say is read here, however many there are.
    assert!(children(&["propagation", "--check"]) <= at_most(3));
}
