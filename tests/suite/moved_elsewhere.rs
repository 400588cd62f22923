//! Branches that somebody moved: a colleague's commits on that of the fix, and a production that was rewritten.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, sample_with, two_clones};

const SHIP: [&str; 2] = ["ship", "--yes"];
const BRANCH: &str = "hotfix/coupons-take-off-too-much";

/// Two clones that share the record; the fix is proposed by one, and its branch is in both.
fn proposed_by_one(sandbox: &Sandbox) -> (Repo<'_>, Repo<'_>) {
    let (ada, bob) = two_clones(sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
    ada.ok(["open", TITLE, "--severity", "high"]);
    ada.fix_the_bug();
    ada.ok(["pr"]);
    bob.git_ok(["fetch", "--quiet"]);
    bob.git_ok(["switch", "--quiet", BRANCH]);
    (ada, bob)
}

fn there(repo: &Repo<'_>) -> String {
    repo.git_ok(["ls-remote", "origin", BRANCH])
}

#[test]
fn what_a_colleague_proposed_meanwhile_is_neither_moved_nor_deleted() {
    for amends in [false, true] {
        let sandbox = sandbox!();
        let (ada, bob) = proposed_by_one(&sandbox);
        if amends {
            ada.git_ok(["commit", "--quiet", "--amend", "--message", "Better words"]);
        } else {
            ada.commit_file("more.txt", "x\n", "The second half");
        }
        ada.ok(["pr"]);
        let proposed = there(&ada);
        for command in [&SHIP[..], &["pr"]] {
            let said = bob.hotfix(command).exits_with(4);
            assert!(said.stderr().contains(&format!("{BRANCH} on origin holds commits that are not here")), "{said}");
            assert!(said.stderr().contains(&format!("hint: git pull --rebase origin {BRANCH}")), "{said}");
        }
        assert_eq!(there(&bob), proposed, "amends: {amends}");
        let way = if amends {
            "git fetch -q origin $0 && git reset -q --keep FETCH_HEAD"
        } else {
            "git pull -q --rebase origin $0"
        };
        let _ = bob.run(bob.command("sh").args(["-c", way, BRANCH])).success();
        bob.ok(SHIP);
        assert_eq!(bob.read("../deploys"), "x\n");
    }
}

#[test]
fn what_was_here_before_an_amend_is_moved() {
    let sandbox = sandbox!();
    let (ada, _bob) = proposed_by_one(&sandbox);
    ada.git_ok(["commit", "--quiet", "--amend", "--message", "Better words"]);
    ada.ok(SHIP);
    assert_eq!(there(&ada), "", "it landed, and the branch is gone");
}

#[test]
fn abort_leaves_a_colleagues_commits_on_the_remote_and_says_so() {
    let sandbox = sandbox!();
    let (ada, bob) = proposed_by_one(&sandbox);
    ada.commit_file("more.txt", "x\n", "The second half");
    ada.ok(["pr"]);
    let proposed = there(&ada);
    let said = bob.hotfix(["abort", "--yes"]).success();
    assert!(said.stderr().contains(&format!("note: {BRANCH} stays on origin, as it holds commits")), "{said}");
    assert_eq!(there(&bob), proposed);
    // The control: what is all here is deleted there.
    let sandbox = sandbox!();
    let (_ada, bob) = proposed_by_one(&sandbox);
    bob.ok(["sync"]);
    bob.ok(["abort", "--yes"]);
    assert_eq!(there(&bob), "");
}

#[test]
fn a_landing_that_was_taken_off_production_is_given_up_by_who_never_saw_it() {
    for end in [&["abort", "--yes"][..], &["close", "--reason", "taken off again"]] {
        let sandbox = sandbox!();
        let (ada, bob) = proposed_by_one(&sandbox);
        ada.ok(SHIP);
        bob.git_ok(["push", "--quiet", "--force", "origin", "origin/main:main"]);
        let late = ada.clone_as("late");
        late.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
        late.ok(["sync"]);
        let said = late.hotfix(SHIP).exits_with(4);
        assert!(said.stderr().contains("production no longer holds it"), "{said}");
        let ended = late.hotfix(end).success();
        let told = late.hotfix(["list", "--all"]).success();
        assert!(["canceled", "closed"].iter().any(|state| told.stdout().contains(state)), "{ended}\n{told}");
        assert_eq!(late.read("../deploys"), "x\n");
    }
}

#[test]
fn what_was_taken_out_of_production_is_not_brought_back_by_a_fix_that_stands_on_it() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[test]\ncommand = [\"true\"]\n");
    let before = repo.head();
    repo.commit_file("secret.txt", "x\n", "Oops");
    repo.git_ok(["push", "--quiet"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["push", "--quiet", "--force", "origin", &format!("{before}:main")]);
    for command in [&SHIP[..], &["pr"]] {
        let said = repo.hotfix(command).exits_with(4);
        assert!(
            said.stderr().contains("origin/main was rewritten since ") && said.stderr().contains(" Oops\n"),
            "{said}"
        );
        assert!(said.stderr().contains("hint: git rebase --onto origin/main "), "{said}");
    }
    let base = repo.git_ok(["rev-parse", "HEAD~1"]);
    repo.git_ok(["rebase", "--quiet", "--onto", "origin/main", base.trim(), BRANCH]);
    repo.ok(SHIP);
    let kept = repo.git_ok(["ls-tree", "--name-only", "origin/main"]);
    assert!(kept.contains("total.sh") && !kept.contains("secret.txt"), "{kept}");
}
