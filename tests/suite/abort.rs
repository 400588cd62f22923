//! Giving up, at every stage: back where one was, nothing lost, nothing of others touched.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};
use serde_json::Value;

use crate::fixtures::{TITLE, advance_production, opened};

const BRANCH: &str = "hotfix/coupons-take-off-too-much";

/// Aborts; the incident as it is then.
#[track_caller]
fn abort(repo: &Repo<'_>) -> Value {
    let before = repo.git_ok(["stash", "list", "--format=%H"]);
    let incident = repo.hotfix_json(["abort"])["incident"].clone();
    assert_eq!(incident["status"], "canceled");
    assert_eq!(repo.git_ok(["stash", "list", "--format=%H"]), before);
    assert_eq!(repo.resolve(&format!("refs/heads/{BRANCH}")), None);
    incident
}

/// The ref that keeps what was aborted.
fn kept(repo: &Repo<'_>, incident: &Value) -> Option<String> {
    repo.resolve(&format!("refs/hotfix/aborted/{}", incident["id"].as_str().expect("it has an id")))
}

/// Runs the line that restores the branch, as `abort` prints it.
#[track_caller]
fn restore(repo: &Repo<'_>) {
    let output = repo.hotfix(["abort"]).success();
    let line = output.stdout().lines().find_map(|line| line.split_once("to restore the branch: "));
    let (_, line) = line.expect("the line is printed");
    let _ = repo.run(repo.command("sh").args(["-c", line])).success();
}

fn remote_has_branch(repo: &Repo<'_>) -> bool {
    repo.remote_refs().contains(&format!("refs/heads/{BRANCH}"))
}

#[test]
fn after_open_there_is_nothing_to_keep() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("notes.txt", "mine\n");
    repo.write("total.sh", "half done\n");
    repo.git_ok(["stash", "push", "--quiet", "total.sh"]);
    let before = repo.state_without_ledger();
    repo.ok(["open", TITLE, "--severity", "high"]);
    let incident = abort(&repo);
    assert_eq!(kept(&repo, &incident), None);
    assert_eq!(repo.state_without_ledger(), before);
    assert!(!repo.hotfix(["abort"]).success().stdout().contains("restore"));
}

#[test]
fn after_a_commit_its_tip_is_kept_and_can_be_restored() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let fix = repo.fix_the_bug();
    repo.write("notes.txt", "mine\n");
    let incident = abort(&repo);
    assert_eq!(repo.branch(), "main");
    assert_eq!((kept(&repo, &incident), repo.read("notes.txt").as_str()), (Some(fix.clone()), "mine\n"));
    restore(&repo);
    assert_eq!(repo.resolve(BRANCH), Some(fix));
}

#[test]
fn after_the_pull_request_the_branch_goes_from_the_remote_too() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let fix = repo.fix_the_bug();
    repo.ok(["pr"]);
    assert!(remote_has_branch(&repo));
    let incident = abort(&repo);
    assert!(!remote_has_branch(&repo));
    assert_eq!((kept(&repo, &incident), &incident["pull_request"]["state"]), (Some(fix.clone()), &"closed".into()));
    restore(&repo);
    assert_eq!(repo.resolve(BRANCH), Some(fix));
}

#[test]
fn a_branch_that_somebody_else_pushed_to_stays_on_the_remote() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["pr"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["switch", "--quiet", BRANCH]);
    let theirs = colleague.commit_file("theirs.txt", "x\n", "Help");
    colleague.git_ok(["push", "--quiet"]);
    abort(&repo);
    assert!(repo.remote_refs().contains(&format!("{theirs}\trefs/heads/{BRANCH}")));
}

#[test]
fn with_a_work_tree_of_its_own_that_goes_and_dirty_work_here_stays() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("untracked.txt", "mine\n");
    let before = repo.state_without_ledger();
    let opened = repo.hotfix(["open", TITLE, "--severity", "high", "--worktree", "../fix"]).success();
    assert!(opened.stderr().contains("next: cd "), "{opened}");
    let worktree = repo.at("../fix");
    let fix = worktree.fix_the_bug();
    assert_eq!(repo.resolve(BRANCH), Some(fix.clone()));
    repo.write("total.sh", "# somebody is at it\n");
    let incident = abort(&repo);
    assert!(!repo.has("../fix"));
    assert_eq!(kept(&repo, &incident), Some(fix));
    assert_eq!(repo.read("total.sh"), "# somebody is at it\n");
    repo.git_ok(["restore", "total.sh"]);
    let kept_line = |line: &&str| !line.contains("refs/hotfix/aborted/");
    assert_eq!(
        repo.state_without_ledger().lines().filter(kept_line).collect::<Vec<_>>(),
        before.lines().collect::<Vec<_>>()
    );
}

#[test]
fn from_inside_its_own_work_tree_that_stays_and_is_named() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("total.sh", "# somebody is at it\n");
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    let worktree = repo.at("../fix");
    let fix = worktree.fix_the_bug();
    let aborted = worktree.hotfix(["abort"]).success();
    insta::assert_snapshot!(aborted.verdict(), @"
    HF-YYYY-ID is canceled
    its commits are kept; to restore the branch: git branch hotfix/coupons-take-off-too-much [OBJECT]
    ------- stderr -------
    hint: cd [ROOT]/shop && git worktree remove [ROOT]/fix   # the fix's own work tree, which is left
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    ");
    assert_eq!((repo.resolve(BRANCH), repo.read("total.sh").as_str()), (None, "# somebody is at it\n"));
    assert!(worktree.git_ok(["rev-list", "--all"]).contains(&fix));
    // The line that is printed removes it.
    repo.git_ok(["worktree", "remove", "../fix"]);
    assert!(!repo.has("../fix"));
}

#[test]
fn the_branch_is_not_deleted_under_a_work_tree_that_has_it_checked_out() {
    for is_here in [true, false] {
        let sandbox = sandbox!();
        let repo = sandbox.sample(Sample::Shell).with_remote();
        repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
        repo.at("../fix").git_ok(["switch", "--quiet", "--detach"]);
        // Somebody fixes it where they always work.
        let place = if is_here {
            repo.git_ok(["switch", "--quiet", BRANCH]);
            repo.at(".")
        } else {
            repo.git_ok(["worktree", "add", "--quiet", "../third", BRANCH]);
            repo.at("../third")
        };
        let fix = place.fix_the_bug();
        repo.ok(["abort", "--yes"]);
        assert!(!repo.at("..").has("fix"), "the fix's own work tree is gone");
        assert_eq!(place.git_ok(["status", "--porcelain"]), "");
        assert_eq!(repo.resolve(BRANCH), (!is_here).then(|| fix.clone()));
        assert_eq!(place.head() == fix, !is_here, "here HEAD went back");
        assert!(repo.git_ok(["rev-list", "--all"]).contains(&fix), "its commits are kept");
    }
}

/// A work tree of the fix's own, with files that git ignores: one that nobody can make again, and what a build made.
fn with_ignored_files<'s>(sandbox: &'s Sandbox, precious: &str) -> (Repo<'s>, Repo<'s>) {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.commit_file(".gitignore", ".env\nsecrets/\ntarget/\nnode_modules\n", "Ignore");
    repo.git_ok(["push", "--quiet"]);
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    let worktree = repo.at("../fix");
    worktree.write("target/debug/shop", "built\n");
    if !precious.is_empty() {
        worktree.write(precious, "KEY=precious\n");
    }
    (repo, worktree)
}

#[test]
fn a_work_tree_with_ignored_files_that_nobody_can_make_again_stays() {
    let sandbox = sandbox!();
    let (repo, worktree) = with_ignored_files(&sandbox, ".env");
    let aborted = repo.hotfix(["abort"]).success();
    insta::assert_snapshot!(aborted.verdict(), @"
    HF-YYYY-ID is canceled
    ------- stderr -------
    hint: [ROOT]/fix is kept: git ignores .env, which would be lost with it
    hint: git worktree remove [ROOT]/fix && git branch -D hotfix/coupons-take-off-too-much   # the fix's own work tree, which is left
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    ");
    assert_eq!(worktree.read(".env"), "KEY=precious\n");
    // The line that is printed removes both.
    repo.git_ok(["worktree", "remove", "../fix"]);
    repo.git_ok(["branch", "-D", BRANCH]);
    repo.ok(["abort"]);
}

#[test]
fn close_keeps_ignored_files_too_and_what_was_built_goes() {
    for (precious, stays) in [("secrets/key", true), ("", false)] {
        let sandbox = sandbox!();
        let (repo, worktree) = with_ignored_files(&sandbox, precious);
        worktree.fix_the_bug();
        worktree.ok(["ship", "--yes"]);
        let closed = repo.hotfix(["close"]).success();
        assert_eq!(repo.has("../fix"), stays, "{closed}");
        assert_eq!(closed.stderr().contains("git ignores secrets/, which would be lost with it"), stays, "{closed}");
    }
}

#[test]
fn a_work_tree_with_uncommitted_work_is_not_removed() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    repo.at("../fix").write_fix();
    let output = repo.hotfix(["abort"]).exits_with(3);
    insta::assert_snapshot!(output.verdict(), @"
    ------- stderr -------
    error: [ROOT]/fix holds uncommitted work, and would be removed
    hint: git -C [ROOT]/fix stash --include-untracked   # keeps it; or commit it there
    hint: then: git hotfix abort
    [exit status: 3]
    ");
    assert!(repo.at("../fix").git_ok(["status", "--porcelain"]).contains("M total.sh"));
    assert!(repo.resolve(BRANCH).is_some());
}

#[test]
fn a_work_tree_that_was_moved_keeps_its_branch() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    let fix = repo.at("../fix").fix_the_bug();
    repo.git_ok(["worktree", "move", "../fix", "../elsewhere"]);
    repo.ok(["abort"]);
    assert_eq!((repo.at("../elsewhere").branch().as_str(), repo.resolve(BRANCH)), (BRANCH, Some(fix)));
}

#[test]
fn from_a_detached_head_it_is_detached_again() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["switch", "--quiet", "--detach"]);
    let detached = repo.commit_file("tried.txt", "x\n", "Try");
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    abort(&repo);
    assert_eq!((repo.branch().as_str(), repo.head()), ("", detached));
}

#[test]
fn from_another_branch_it_is_that_branch_again() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["switch", "--quiet", "--create", "feature"]);
    repo.commit_file("feature.txt", "x\n", "Start");
    repo.ok(["open", TITLE, "--severity", "high"]);
    assert!(!repo.has("feature.txt"));
    repo.fix_the_bug();
    abort(&repo);
    assert_eq!(repo.branch(), "feature");
    assert!(repo.has("feature.txt"));
}

#[test]
fn where_one_was_may_be_gone() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["switch", "--quiet", "--create", "feature"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.git_ok(["branch", "--quiet", "--delete", "feature"]);
    let base = repo.head();
    abort(&repo);
    assert_eq!(repo.head(), base);
}

#[test]
fn uncommitted_changes_refuse_it() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.write_fix();
    let before = repo.state();
    insta::assert_snapshot!(repo.hotfix(["abort"]).exits_with(3).verdict(), @"
    ------- stderr -------
    error: there is uncommitted work here: total.sh
    hint: git stash   # keeps it; then the same command again, and git stash pop brings it back
    [exit status: 3]
    ");
    assert_eq!(repo.state(), before);
}

#[test]
fn what_is_merged_is_not_aborted() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    let before = repo.state();
    let output = repo.hotfix(["abort"]).exits_with(3);
    let merge = repo.git_ok(["rev-parse", "--short=9", "main"]);
    let hint = format!("hint: git hotfix revert {} --severity ", merge.trim());
    assert!(output.stderr().contains(&hint), "{output}");
    assert_eq!(repo.state(), before);
}

#[test]
fn what_somebody_else_merged_is_not_aborted() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["pr"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["merge", "--quiet", "--no-ff", "--message", "By hand", &format!("origin/{BRANCH}")]);
    colleague.git_ok(["push", "--quiet"]);
    let output = repo.hotfix(["abort"]).exits_with(3);
    assert!(output.stderr().contains("is on origin/main already"), "{output}");
    assert!(repo.resolve(BRANCH).is_some() && remote_has_branch(&repo));
}

#[test]
fn production_may_have_moved_on() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let fix = repo.fix_the_bug();
    let theirs = advance_production(&repo, "echo 0\n");
    let incident = abort(&repo);
    assert_eq!(kept(&repo, &incident), Some(fix));
    assert!(repo.remote_refs().contains(&format!("{theirs}\trefs/heads/main")));
}

#[test]
fn an_untouched_postmortem_draft_goes_and_an_edited_one_stays() {
    for edited in [false, true] {
        let sandbox = sandbox!();
        let repo = opened(&sandbox);
        let path = repo.hotfix_json(["postmortem"])["incident"]["postmortem"].as_str().map(String::from);
        let path = path.expect("it says where");
        assert!(repo.has(&path));
        if edited {
            repo.write(&path, &repo.read(&path).replace("## Root cause", "## Root cause\n\nMe."));
        }
        abort(&repo);
        assert_eq!(repo.has(&path), edited);
    }
}

#[test]
fn a_landing_that_met_a_refusal_can_be_forgotten_or_given_up() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let fix = repo.fix_the_bug();
    crate::fixtures::reject_main(&repo, "update");
    let _ = repo.hotfix(["ship", "--yes"]).exits_with(5);
    let before = repo.state_without_ledger();
    repo.ok(["ship", "--abort"]);
    assert_eq!(repo.state_without_ledger(), before);
    let incident = abort(&repo);
    assert_eq!((kept(&repo, &incident), remote_has_branch(&repo)), (Some(fix), false));
}
