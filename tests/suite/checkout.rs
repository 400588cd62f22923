//! What is checked out is not the fix: another branch, no branch, another work tree, an operation that is not finished.

use hotfix_tests::{Repo, Sample, sandbox};

use crate::fixtures::{advance_production, opened, refused};

const BRANCH: &str = "hotfix/coupons-take-off-too-much";
/// What looks at the work tree.
const LOOKS: [&[&str]; 4] = [&["test"], &["test", "--smoke", "looked"], &["guard"], &["test", "--show"]];

fn next(repo: &Repo<'_>) -> String {
    repo.hotfix_json(["status"])["next"].as_str().unwrap_or_default().to_owned()
}

fn events(repo: &Repo<'_>) -> usize {
    repo.hotfix_json(["status"])["incident"]["timeline"].as_array().map_or(0, Vec::len)
}

#[test]
fn on_another_branch_nothing_is_tested_and_nothing_recorded() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.git_ok(["switch", "--quiet", "main"]);
    let before = events(&repo);
    for look in LOOKS {
        let said = refused(&repo, look, 3);
        assert!(said.contains(&format!("error: {BRANCH} is not checked out here: main is\n")), "{look:?}: {said}");
        assert!(said.contains(&format!("hint: git switch {BRANCH}\n")), "{look:?}: {said}");
    }
    for look in [&["ship", "--yes"][..], &["pr", "--yes"], &["ship", "--dry-run"], &["pr", "--dry-run"]] {
        let said = refused(&repo, look, 3);
        assert!(said.contains("is not checked out here: main is"), "{look:?}: {said}");
    }
    let said = repo.hotfix(["guard", "--waive", "too-big", "--reason", "x"]).exits_with(3);
    assert!(said.stderr().contains("is not checked out here"), "{said}");
    assert_eq!(next(&repo), format!("git switch {BRANCH}"));
    assert!(
        repo.hotfix(["status"])
            .success()
            .stdout()
            .contains(&format!("branch        {BRANCH} (checked out here: main)"))
    );
    assert_eq!(events(&repo), before);

    // The control: on the branch all of it works.
    repo.git_ok(["switch", "--quiet", BRANCH]);
    repo.ok(["guard"]);
    repo.ok(["test", "--no-proof"]);
    assert_eq!(next(&repo), "git hotfix ship");
    assert!(repo.hotfix(["status"]).success().stdout().contains(&format!("branch        {BRANCH}\n")));
}

#[test]
fn a_base_by_hand_tests_whatever_is_checked_out_and_records_nothing() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["switch", "--quiet", "--create", "topic", "main"]);
    repo.commit_file("total.sh", "#!/bin/sh\nexit 0\n", "Topic");
    let before = events(&repo);
    let output = repo.hotfix(["guard", "--base", "main"]).success();
    assert!(
        output.stderr().contains(&format!("note: {BRANCH} is not checked out here: nothing is recorded")),
        "{output}"
    );
    assert!(output.stdout().contains("1 file"), "{output}");
    let output = repo.hotfix(["test", "--base", "main", "--no-proof"]);
    assert!(output.stderr().contains("nothing is recorded"), "{output}");
    assert_eq!(events(&repo), before);
    // As in CI: no incident is known, and no branch checked out.
    repo.git_ok(["push", "--quiet", "origin", "topic"]);
    let there = repo.clone_as("ci");
    there.git_ok(["switch", "--quiet", "--detach", "origin/topic"]);
    let output = there.hotfix(["guard", "--base", "origin/main"]).success();
    assert!(!output.stderr().contains("nothing is recorded") && output.stdout().contains("1 file"), "{output}");
}

#[test]
fn a_fix_that_was_committed_on_production_is_named_and_can_be_moved() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["switch", "--quiet", "main"]);
    let slip = repo.fix_the_bug();
    let short: String = slip.chars().take(9).collect();
    let said = refused(&repo, &["test"], 3);
    assert!(said.contains("main is, and main holds "), "{said}");
    let pick = format!("git switch {BRANCH} && git cherry-pick {short}");
    assert_eq!(next(&repo), pick);
    let output = repo.hotfix(["ship", "--yes"]).exits_with(3);
    let hints: Vec<&str> = output.stderr().lines().filter_map(|line| line.strip_prefix("hint: ")).collect();
    assert_eq!(hints[0], format!("{pick}   # if that is the fix"));
    assert_eq!(hints[1], "git branch --force main origin/main   # takes it off main");
    // On the branch, the slip is still known.
    repo.git_ok(["switch", "--quiet", BRANCH]);
    let said = repo.hotfix(["ship", "--yes"]).exits_with(3);
    assert!(said.stderr().contains(&format!("hint: git cherry-pick {short}   # main holds {short} ")), "{said}");
    repo.git_ok(["switch", "--quiet", "main"]);

    for hint in &hints[..2] {
        let _ = repo.run(repo.command("sh").args(["-c", hint])).success();
    }
    assert_eq!(repo.branch(), BRANCH);
    assert_eq!(repo.resolve("main"), repo.resolve("origin/main"));
    repo.ok(["ship", "--yes"]);
}

#[test]
fn a_fix_that_was_committed_on_no_branch_is_named() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["switch", "--quiet", "--detach"]);
    assert_eq!(next(&repo), format!("git switch {BRANCH}"), "nothing was committed yet");
    let slip = repo.fix_the_bug();
    let said = repo.hotfix(["guard"]).exits_with(3);
    let short: String = slip.chars().take(9).collect();
    assert!(said.stderr().contains(&format!("HEAD is detached at {short}, and no branch holds {short}")), "{said}");
    let command = next(&repo);
    let _ = repo.run(repo.command("sh").args(["-c", &command])).success();
    assert_eq!(next(&repo), "git hotfix ship");
    // Detached at the very commit of the fix, as in CI, it is the fix that is looked at.
    repo.git_ok(["switch", "--quiet", "--detach"]);
    repo.ok(["test", "--no-proof"]);
}

#[test]
fn a_branch_in_another_work_tree_is_gone_to() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", "Coupons take off too much", "--severity", "high", "--worktree"]);
    let tree = repo.at("../shop-hotfix-coupons-take-off-too-much");
    tree.fix_the_bug();
    let said = repo.hotfix(["test"]).exits_with(3);
    assert!(said.stderr().contains("hint: cd ") && !said.stderr().contains("git switch"), "{said}");
    assert!(next(&repo).starts_with("cd "), "{}", next(&repo));
    assert!(repo.hotfix(["status"]).success().stdout().contains("(checked out in "));
    assert_eq!(next(&tree), "git hotfix ship");

    // A conflict with production is settled there too.
    advance_production(&repo, "#!/bin/sh\nexit 1\n");
    let said = repo.hotfix(["ship", "--yes", "--no-test", "x"]).exits_with(4);
    assert!(said.stderr().contains("hint: cd ") && said.stderr().contains(" && git merge origin/main"), "{said}");
    assert_ne!(tree.git(["merge", "origin/main"]).code(), Some(0));
    let said = repo.hotfix(["ship", "--yes", "--no-test", "x"]).exits_with(4);
    assert!(said.stderr().contains("git add total.sh && git commit --no-edit"), "{said}");
    tree.write_fix();
    tree.git_ok(["add", "total.sh"]);
    let said = repo.hotfix(["ship", "--yes", "--no-test", "x"]).exits_with(4);
    assert!(said.stderr().contains(" && git commit --no-edit   # a merge is under way there"), "{said}");
    tree.git_ok(["commit", "--quiet", "--no-edit"]);
    tree.ok(["ship", "--yes", "--no-test", "x"]);
}

#[test]
fn what_git_left_unfinished_is_finished_first() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.git_ok(["switch", "--quiet", "--create", "other", "main"]);
    repo.commit_file("total.sh", "#!/bin/sh\nexit 1\n", "Clash");
    repo.git_ok(["switch", "--quiet", BRANCH]);
    let check = |begin: &[&str], name: &str, finish: &str, abort: &str| {
        assert_ne!(repo.git(begin).code(), Some(0), "{begin:?} meets a conflict");
        let said = repo.hotfix(["ship", "--yes"]).exits_with(3);
        let hint = format!("hint: settle them, then: git add total.sh && {finish}\n");
        assert!(said.stderr().contains(&format!("error: a {name} is under way here, and not finished")), "{said}");
        assert!(said.stderr().contains(&hint) && said.stderr().contains(&format!("hint: or {abort}\n")), "{said}");
        assert_eq!(next(&repo), finish);
        repo.write_fix();
        repo.git_ok(["add", "total.sh"]);
        for look in [&["ship", "--yes"][..], &["pr"], &["ship", "--dry-run"]] {
            let said = repo.hotfix(look).exits_with(3);
            assert!(said.stderr().contains(&format!("hint: {finish}   # or {abort}\n")), "{look:?}: {said}");
            assert!(!said.stderr().contains("git commit -a"), "{look:?}: {said}");
        }
        repo.git_ok(abort.split(' ').skip(1).collect::<Vec<_>>());
    };
    check(&["merge", "other"], "merge", "git commit --no-edit", "git merge --abort");
    check(&["cherry-pick", "other"], "cherry-pick", "git cherry-pick --continue", "git cherry-pick --abort");
    check(&["rebase", "other"], "rebase", "git rebase --continue", "git rebase --abort");
    let said = repo.hotfix(["ship", "--yes", "--no-proof"]).success();
    assert!(said.stdout().contains("merged "), "{said}");
}
