//! What was merged at GitHub, by others or in another way, is recognised.

use hotfix_tests::sandbox;

use super::{BRANCH, Night, night};

#[test]
fn squashes_and_merges_by_others_are_recognised() {
    for (method, deletes) in [("squash", true), ("squash", false), ("merge", true), ("merge", false)] {
        let sandbox = sandbox!();
        let night = night(&sandbox);
        night.ok(&["pr"]);
        night.github.set(|settings| settings.deletes_branches = deletes);
        night.github.merge_pull(1, method);
        let shipped = night.json(&["ship"]);
        assert_eq!(shipped["incident"]["pull_request"]["state"], "merged", "{method} {deletes}: {shipped}");
        assert_eq!((night.remote_branch(), night.repo.resolve(BRANCH)), (false, None), "{method} {deletes}");
        assert_eq!(night.github.count("PUT"), 0);
    }
}

/// A pull brings the branch along with what was merged: it is none for a next try.
#[test]
fn a_branch_that_was_pulled_up_to_its_merge_goes() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.ok(&["pr"]);
    night.github.merge_pull(1, "merge");
    night.repo.git_ok(["pull", "--quiet", "--ff-only", "origin", "main"]);
    night.json(&["ship"]);
    assert_eq!((night.remote_branch(), night.repo.resolve(BRANCH)), (false, None));
}

/// Somebody moves production, and presses "Update branch".
fn update_branch(night: &Night<'_>, file: &str) {
    let colleague = night.repo.clone_as("colleague");
    colleague.commit_file(file, "x\n", "Go on");
    colleague.git_ok(["push", "--quiet", "origin", "main"]);
    night.github.update_branch(1);
}

#[test]
fn a_branch_that_github_brought_up_to_date_is_recognised() {
    for (method, deletes) in [("squash", true), ("squash", false), ("rebase", false), ("merge", false)] {
        let sandbox = sandbox!();
        let night = night(&sandbox);
        night.ok(&["pr"]);
        update_branch(&night, "theirs.txt");
        night.github.set(|settings| settings.deletes_branches = deletes);
        night.github.merge_pull(1, method);
        let shipped = night.json(&["ship"]);
        assert_eq!(shipped["incident"]["pull_request"]["state"], "merged", "{method} {deletes}: {shipped}");
        assert_eq!((night.remote_branch(), night.repo.resolve(BRANCH)), (false, None), "{method} {deletes}");
        let again = night.hotfix(&["ship", "--yes"]).success();
        assert!(again.stdout().starts_with(&format!("merged {BRANCH} into origin/main as ")), "{again}");
        night.ok(&["close", "--yes", "--reason", "rehearsal"]);
        let postmortem = night.only_postmortem();
        assert!(!postmortem.contains("theirs.txt"), "{postmortem}");
    }
}

#[test]
fn what_is_here_alone_is_not_taken_for_merged() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.ok(&["pr"]);
    night.github.merge_pull(1, "squash");
    night.repo.commit_file("more.sh", "exit 0\n", "Mend the rest");
    insta::assert_snapshot!(night.hotfix(&["ship", "--yes"]).exits_with(4).verdict(), @"
    ------- stderr -------
    error: pull request #1 was merged at [OBJECT], and hotfix/coupons-take-off-too-much here is at [OBJECT]
    hint: https://github.com/dev/shop/pull/1
    hint: what is missing needs an incident of its own: git hotfix open
    [exit status: 4]
    ");
}

#[test]
fn where_only_squashes_are_allowed_it_squashes() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| settings.methods = [false, true, false]);
    let before = night.production().unwrap();
    night.ok(&["ship", "--yes"]);
    let parents = night.repo.git_ok(["show", "--no-patch", "--format=%P", "origin/main"]);
    assert_eq!(parents, before);
    assert_eq!((night.remote_branch(), night.repo.resolve(BRANCH)), (false, None));
}

#[test]
fn a_pull_request_that_was_taken_back_is_proposed_anew() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.ok(&["pr"]);
    assert_eq!(night.json(&["undo"])["incident"]["pull_request"]["state"], "closed");
    assert_eq!(night.github.pull(1)["state"], "closed");
    let shipped = night.json(&["ship"])["incident"]["pull_request"].clone();
    assert_eq!((&shipped["number"], &shipped["state"]), (&2.into(), &"merged".into()), "{shipped}");
    // The same where the whole incident was given up, and its pull request with it.
    let sandbox = sandbox!();
    let night = super::night(&sandbox);
    night.ok(&["pr"]);
    night.ok(&["abort"]);
    night.ok(&["reopen"]);
    let shipped = night.json(&["ship"])["incident"]["pull_request"].clone();
    assert_eq!((&shipped["number"], &shipped["state"]), (&2.into(), &"merged".into()), "{shipped}");
}
