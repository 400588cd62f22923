//! Linked work trees that git does not remove, or that are no longer where they were made: nobody is stuck with them.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::TITLE;

const BRANCH: &str = "hotfix/coupons-take-off-too-much";

/// An incident whose fix is in a work tree of its own, beside the repository.
fn apart(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    repo.at("../fix").fix_the_bug();
    repo
}

/// What somebody did to its folder by hand.
fn away(repo: &Repo<'_>, command: &str) {
    let _ = repo.run(repo.command("sh").args(["-c", command])).success();
}

/// The line of a hint that removes it, typed in a shell.
#[track_caller]
fn do_as_told(repo: &Repo<'_>, said: &str) {
    let line = said.lines().find_map(|line| line.strip_prefix("hint: ").filter(|hint| hint.contains("git worktree ")));
    away(repo, line.expect("it is said"));
}

#[test]
fn one_whose_folder_is_gone_stands_in_nobodys_way() {
    for command in ["rm -r ../fix", "mv ../fix ../moved"] {
        let sandbox = sandbox!();
        let repo = apart(&sandbox);
        let tip = repo.resolve(BRANCH);
        away(&repo, command);
        insta::allow_duplicates! {
            insta::assert_snapshot!(repo.hotfix(["test"]).exits_with(3).verdict(), @"
            ------- stderr -------
            error: hotfix/coupons-take-off-too-much is not checked out here: main is, and its work tree [ROOT]/fix is gone
            hint: git worktree prune && git switch hotfix/coupons-take-off-too-much
            hint: where it was moved: git worktree repair NEW-PLACE
            [exit status: 3]
            ");
        }
        let status = repo.hotfix(["status"]).success();
        assert!(
            status
                .stdout()
                .contains(&format!("(checked out in {}, which is gone)", sandbox.root().join("fix").display())),
            "{status}"
        );
        assert!(status.stderr().contains("next: git worktree prune && git switch hotfix/coupons"), "{status}");
        let opened = repo.hotfix(["open", TITLE, "--severity", "high"]).success();
        assert!(opened.stdout().contains("fix, which is gone, from"), "{opened}");
        repo.ok(["abort"]);
        assert_eq!((repo.resolve(BRANCH), repo.git_ok(["worktree", "list"]).lines().count()), (None, 1));
        assert!(repo.git_ok(["for-each-ref", "refs/hotfix/aborted/"]).contains(&tip.expect("there is a fix")));
        assert_eq!(repo.at("..").has("moved/total.sh"), command.starts_with("mv"), "what was moved stays");
    }
}

#[test]
fn both_ways_to_one_that_is_gone_lead_there() {
    let sandbox = sandbox!();
    let repo = apart(&sandbox);
    away(&repo, "mv ../fix ../moved && git worktree repair ../moved");
    assert!(repo.hotfix(["status"]).success().stderr().ends_with("moved\n"));
    away(&repo, &format!("mv ../moved ../fix && git worktree prune && git switch --quiet {BRANCH}"));
    assert!(repo.hotfix(["status"]).success().stderr().contains("next: git hotfix ship"));
}

#[test]
fn in_one_that_was_moved_its_own_branch_is_checked_out_here() {
    let sandbox = sandbox!();
    let repo = apart(&sandbox);
    away(&repo, "mv ../fix ../moved");
    let moved = repo.at("../moved");
    assert!(moved.hotfix(["status"]).success().stderr().contains("next: git hotfix ship"));
    moved.ok(["abort"]);
    assert_eq!((moved.git_ok(["status", "--porcelain"]).as_str(), repo.resolve(BRANCH)), ("", None));
}

#[test]
fn an_incident_closes_after_its_work_tree_went() {
    for command in ["rm -r ../fix", "rm -r ../fix; echo mine > ../fix"] {
        let sandbox = sandbox!();
        let repo = apart(&sandbox);
        repo.at("../fix").ok(["ship", "--yes", "--no-test", "urgent"]);
        away(&repo, command);
        let closed = repo.hotfix(["close", "--reason", "at night"]).success();
        if command.ends_with("> ../fix") {
            let why = "fix is kept: its folder is gone, and something else is there\n";
            assert!(closed.stderr().contains(why), "{closed}");
            do_as_told(&repo, closed.stderr());
            assert_eq!(repo.read("../fix"), "mine\n");
        }
        assert_eq!(repo.git_ok(["worktree", "list"]).lines().count(), 1, "{closed}");
    }
}

#[test]
fn a_locked_one_is_kept_with_the_line_that_removes_it() {
    for command in ["true", "rm -r ../fix"] {
        let sandbox = sandbox!();
        let repo = apart(&sandbox);
        repo.git_ok(["worktree", "lock", "../fix"]);
        away(&repo, command);
        let aborted = repo.hotfix(["abort"]).success();
        insta::allow_duplicates! {
            insta::assert_snapshot!(aborted.verdict(), @"
            HF-YYYY-ID is canceled
            its commits are kept, and the branch hotfix/coupons-take-off-too-much stays
            ------- stderr -------
            hint: [ROOT]/fix is kept: it is locked
            hint: git worktree unlock [ROOT]/fix && git worktree remove [ROOT]/fix && git branch -D hotfix/coupons-take-off-too-much   # the fix's own work tree, which is left
            hint: git hotfix reopen HF-YYYY-ID   # to go on with it
            ");
        }
        do_as_told(&repo, aborted.stderr());
        assert_eq!((repo.resolve(BRANCH), repo.git_ok(["worktree", "list"]).lines().count()), (None, 1));
    }
}

/// git asks for leave to clone a submodule from a folder.
const OVER_FILES: [&str; 4] = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];

/// Production uses a library, a submodule at `lib`.
fn add_library(repo: &Repo<'_>) {
    repo.git_ok(["clone", "--quiet", "--bare", "../origin.git", "../library.git"]);
    let library = format!("file://{}", repo.origin().with_file_name("library.git").display());
    repo.git_ok([&OVER_FILES[..], &["add", &library, "lib"]].concat());
    repo.commit_all("Use the library");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
}

/// A sample project with a library at `lib`, and a fix whose own work tree has it checked out.
fn with_library(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    add_library(&repo);
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    repo.at("../fix").git_ok([&OVER_FILES[..], &["update", "--init"]].concat());
    repo
}

#[test]
fn one_with_a_submodule_is_kept_with_the_line_that_removes_it() {
    let sandbox = sandbox!();
    let repo = with_library(&sandbox);
    // Only there: git would lose it with the work tree.
    repo.at("../fix").git_ok(["-C", "lib", "commit", "--quiet", "--allow-empty", "--message", "Only here"]);
    let aborted = repo.hotfix(["abort"]).success();
    insta::assert_snapshot!(aborted.verdict(), @"
    HF-YYYY-ID is canceled
    ------- stderr -------
    hint: [ROOT]/fix is kept: it holds uncommitted work; what only its submodules hold would be lost with it (lib)
    hint: git worktree remove --force [ROOT]/fix && git branch -D hotfix/coupons-take-off-too-much   # the fix's own work tree, which is left
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    ");
    do_as_told(&repo, aborted.stderr());
    assert_eq!((repo.resolve(BRANCH), repo.git_ok(["worktree", "list"]).lines().count()), (None, 1));
}

#[test]
fn one_with_a_submodule_does_not_keep_an_incident_open() {
    let sandbox = sandbox!();
    let repo = with_library(&sandbox);
    let worktree = repo.at("../fix");
    worktree.fix_the_bug();
    worktree.ok(["ship", "--yes", "--no-test", "urgent"]);
    let closed = repo.hotfix(["close", "--reason", "at night"]).success();
    assert!(
        closed.stderr().contains("fix is kept: what only its submodules hold would be lost with it (lib)\n"),
        "{closed}"
    );
    assert!(worktree.has("lib/total.sh"));
}

#[test]
fn a_fix_that_moves_a_submodule_is_deployed_with_it_or_not_at_all() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    let rules = "[deploy]\ncommand = [\"sh\", \"-c\", \"cat lib/NEWS >> ../deployed\"]\n";
    repo.commit_file("hotfix.toml", rules, "Set the rules");
    let repo = repo.with_remote();
    add_library(&repo);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok([&OVER_FILES[..], &["update", "--init"]].concat());
    let beside = repo.clone_as("beside");
    repo.ok(["open", TITLE, "--severity", "high"]);
    let lib = repo.at("lib");
    lib.commit_file("NEWS", "fixed\n", "Fix the library");
    lib.git_ok(["push", "--quiet", "origin", "HEAD:main"]);
    repo.commit_all("Take the fixed library");
    repo.ok(["ship", "--yes", "--no-test", "urgent"]);
    assert_eq!(repo.read("../deployed"), "fixed\n");
    repo.git_ok(["config", "hotfix.ledger.share", "true"]);
    repo.ok(["sync"]);
    // git leaves the submodule where it was.
    for other in [&colleague, &beside] {
        other.git_ok(["pull", "--quiet"]);
        other.git_ok(["config", "hotfix.ledger.share", "true"]);
        other.ok(["sync"]);
    }
    let deploy = ["deploy", "--again", "--yes"];
    let refused = colleague.hotfix(deploy).exits_with(3);
    assert!(refused.stderr().ends_with("error: not at the commit that is to be deployed: lib\nhint: git submodule update -- lib   # then the same command again\n"), "{refused}");
    let close = colleague.hotfix(["close", "--reason", "at night"]).exits_with(3);
    assert!(
        close.stderr().contains(": lib\nhint: git submodule update -- lib   # what was not updated is nobody's work\n"),
        "{close}"
    );
    colleague.git_ok(["-C", "lib", "config", "protocol.file.allow", "always"]);
    colleague.git_ok(["submodule", "--quiet", "update", "--", "lib"]);
    colleague.ok(deploy);
    assert_eq!(repo.read("../deployed"), "fixed\nfixed\n");
    // Who never fetched it is told by the deployment itself, as before.
    let _ = beside.hotfix(deploy).exits_with(1);
}
