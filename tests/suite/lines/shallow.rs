//! Release branches in a shallow clone: what the cut does not hide is told, and nothing ends at it.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, sample_with};

use super::SHIP;

/// A clone of the last two commits of production, in which `release/1.0` parted from the older one; the incident is open. The
/// release branch is on the remote, as `prepare` leaves it.
fn shallow<'s>(sandbox: &'s Sandbox, prepare: impl FnOnce(&Repo<'s>)) -> Repo<'s> {
    let repo = sample_with(sandbox, "[release]\nlines = [\"release/*\"]\n");
    repo.commit_file("news.txt", "more\n", "Say more");
    repo.git_ok(["branch", "release/1.0"]);
    repo.commit_file("news.txt", "most\n", "Say most");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    repo.git_ok(["switch", "--quiet", "release/1.0"]);
    prepare(&repo);
    repo.git_ok(["push", "--quiet", "origin", "release/1.0"]);
    let url = format!("file://{}", repo.origin().display());
    repo.git_ok(["clone", "--quiet", "--depth", "2", &url, "../shallow"]);
    let shallow = repo.at("../shallow");
    shallow.ok(["open", TITLE, "--severity", "high"]);
    shallow
}

#[test]
fn a_release_branch_that_conflicts_is_looked_through_down_to_the_cut() {
    let sandbox = sandbox!();
    let shallow = shallow(&sandbox, |repo| {
        repo.commit_file("total.sh", "exit 1\n", "Sell nothing");
    });
    shallow.fix_the_bug();
    insta::assert_snapshot!(shallow.hotfix(["propagation"]).success().stdout(), @"
      · main         merges cleanly
      ✗ release/1.0  conflicts in total.sh:1
    ");
    let status = shallow.hotfix(["status"]).success();
    assert!(status.stdout().contains("release/1.0  conflicts in total.sh"), "{status}");
    shallow.ok(SHIP);
    shallow.ok(["propagation"]);
    shallow.ok(["close", "--reason", "release/1.0 sells nothing"]);
}

#[test]
fn what_reverts_something_from_before_the_cut_is_told_as_elsewhere() {
    let sandbox = sandbox!();
    let shallow = shallow(&sandbox, |repo| {
        // Another release branch brings what the cut hides of this one.
        let before = repo.git_ok(["rev-parse", "HEAD^"]);
        repo.git_ok(["push", "--quiet", "origin", "HEAD^:refs/heads/release/0.9"]);
        let says = format!("This reverts commit {before}.");
        repo.git_ok(["commit", "--quiet", "--allow-empty", "--message", "Take it back", "--message", &says]);
    });
    shallow.fix_the_bug();
    insta::assert_snapshot!(shallow.hotfix(["propagation"]).success().stdout(), @"
      · main         merges cleanly
      · release/1.0  goes there by a pick
      · release/0.9  goes there by a pick
    ");
    shallow.ok(SHIP);
    shallow.ok(["backport", "--yes"]);
    shallow.ok(["close", "--reason", "it is over"]);
}
