//! Conflicts with a line: named, laid out, settled in every way, and gone on with in another clone.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{CONFLICT, refused};

use super::{BRANCH, RULES, SHIP, assert_landed, contains, fixed, lines_of, push_to, releasing};

const INTO: &str = "../shop-hotfix-coupons-take-off-too-much-into-develop";

#[test]
fn a_conflict_with_a_line_moves_nothing_and_is_named() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    push_to(&repo, "develop", "total.sh", CONFLICT);
    fixed(&repo);
    repo.ok(["pr"]);
    repo.git_ok(["fetch", "--quiet", "origin"]);
    insta::assert_snapshot!(refused(&repo, &SHIP, 4), @"
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much does not go everywhere: develop conflicts in total.sh:1; nothing was changed
    hint: git hotfix ship --resolve   # lays it out in a work tree of its own
    [exit status: 4]
    ");
    insta::assert_snapshot!(refused(&repo, &["ship", "--abort"], 0), @"no landing is under way");
    insta::assert_snapshot!(repo.hotfix(["status"]).success().stdout().split("Release branches\n").nth(1).unwrap_or_default(), @"
    · main     merges cleanly
    ✗ develop  conflicts in total.sh:1
    ");
}

/// Lays the conflict with develop out.
fn laid_out<'s>(sandbox: &'s Sandbox) -> (Repo<'s>, String) {
    let repo = releasing(sandbox, RULES);
    push_to(&repo, "develop", "total.sh", CONFLICT);
    let fix = fixed(&repo);
    insta::allow_duplicates! {
        insta::assert_snapshot!(repo.hotfix(["ship", "--yes", "--resolve"]).exits_with(4).verdict(), @"
        ------- stderr -------
        error: the conflict with develop is laid out in [ROOT]/shop-hotfix-coupons-take-off-too-much-into-develop: total.sh
        hint: cd [ROOT]/shop-hotfix-coupons-take-off-too-much-into-develop   # settle it until no <<<<<<< is left, then: git add total.sh
        hint: git hotfix ship   # goes on
        [exit status: 4]
        ");
    }
    assert!(repo.at(INTO).read("total.sh").contains("<<<<<<<"));
    (repo, fix)
}

#[test]
fn what_is_laid_out_is_named_where_it_waits_and_where_it_is_needed_no_more() {
    let sandbox = sandbox!();
    let (repo, _) = laid_out(&sandbox);
    let status = repo.hotfix(["status"]).success().to_string();
    let waits = "the conflict with develop is laid out in [ROOT]/shop-hotfix-coupons-take-off-too-much-into-develop\n";
    assert!(status.contains(waits), "{status}");
    let waived = repo.hotfix(["propagation", "--waive", "develop", "--reason", "rewritten"]).success().to_string();
    let remove = waived.lines().find_map(|line| line.strip_prefix("hint: git worktree remove ")).expect("it is named");
    assert!(remove.ends_with("# drops the conflict with develop that is laid out there"), "{remove}");
    assert!(repo.at(INTO).read("total.sh").contains("<<<<<<<"), "it is the person's");
    repo.git_ok(["worktree", "remove", "--force", INTO]);
    repo.git_ok(["branch", "-D", &format!("{BRANCH}-into-develop")]);
    repo.ok(SHIP);
}

#[test]
fn a_settled_conflict_is_picked_up_when_it_is_committed() {
    let sandbox = sandbox!();
    let (repo, fix) = laid_out(&sandbox);
    refused(&repo, &SHIP, 4);
    repo.at(INTO).write("total.sh", "echo both\n");
    repo.at(INTO).git_ok(["commit", "--quiet", "--all", "--no-edit"]);
    repo.ok(SHIP);
    assert_landed(&repo, &fix);
    assert_eq!(repo.git_ok(["show", "origin/develop:total.sh"]), "echo both");
    assert!(!repo.has(INTO) && repo.git_ok(["branch", "--list", "hotfix/*"]).is_empty());
}

#[test]
fn markers_that_were_committed_go_nowhere() {
    let sandbox = sandbox!();
    let (repo, fix) = laid_out(&sandbox);
    repo.at(INTO).git_ok(["commit", "--quiet", "--all", "--no-edit"]);
    for arguments in [&SHIP[..], &["ship", "--yes", "--resolve"]] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused(&repo, arguments, 4), @"
            ------- stderr -------
            error: hotfix/coupons-take-off-too-much-into-develop has the markers of a conflict in total.sh
            hint: cd [ROOT]/shop-hotfix-coupons-take-off-too-much-into-develop   # settle it until no <<<<<<< is left, then: git commit --amend --no-edit total.sh
            hint: git hotfix ship   # goes on
            [exit status: 4]
            ");
        }
    }
    let status = repo.hotfix(["status"]).success();
    assert!(status.stdout().contains("✗ develop  conflicts in total.sh:1"), "{status}");
    repo.at(INTO).write("total.sh", "echo both\n");
    repo.at(INTO).git_ok(["commit", "--quiet", "--amend", "--no-edit", "total.sh"]);
    repo.ok(SHIP);
    assert_landed(&repo, &fix);
    assert_eq!(repo.git_ok(["show", "origin/develop:total.sh"]), "echo both");
}

#[test]
fn what_looks_like_a_marker_in_the_fix_itself_is_none() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    push_to(&repo, "develop", "total.sh", CONFLICT);
    fixed(&repo);
    let fix = repo.commit_file("NOTES", "<<<<<<< ours\n=======\n>>>>>>> theirs\n", "Say what a conflict looks like");
    let _ = repo.hotfix(["ship", "--yes", "--resolve"]).exits_with(4);
    repo.at(INTO).write("total.sh", "echo both\n");
    repo.at(INTO).git_ok(["commit", "--quiet", "--all", "--no-edit"]);
    repo.ok(SHIP);
    assert_landed(&repo, &fix);
}

#[test]
fn a_settled_conflict_is_picked_up_when_it_is_staged() {
    let sandbox = sandbox!();
    let (repo, fix) = laid_out(&sandbox);
    repo.at(INTO).write("total.sh", "echo both\n");
    repo.at(INTO).git_ok(["add", "total.sh"]);
    repo.ok(SHIP);
    assert_landed(&repo, &fix);
    assert_eq!(repo.git_ok(["show", "origin/develop:total.sh"]), "echo both");
}

#[test]
fn a_merge_that_was_aborted_by_hand_is_laid_out_again() {
    let sandbox = sandbox!();
    let (repo, fix) = laid_out(&sandbox);
    repo.at(INTO).git_ok(["merge", "--abort"]);
    refused(&repo, &SHIP, 4);
    let _ = repo.hotfix(["ship", "--yes", "--resolve"]).exits_with(4);
    repo.at(INTO).write("total.sh", "echo both\n");
    repo.at(INTO).git_ok(["add", "total.sh"]);
    repo.ok(SHIP);
    assert_landed(&repo, &fix);
}

#[test]
fn what_was_settled_stays_settled_when_line_and_fix_go_on() {
    let sandbox = sandbox!();
    let (repo, fix) = laid_out(&sandbox);
    repo.at(INTO).write("total.sh", "echo both\n");
    repo.at(INTO).git_ok(["commit", "--quiet", "--all", "--no-edit"]);
    push_to(&repo, "main", "readme.txt", "x\n");
    repo.git_ok(["fetch", "--quiet", "origin"]);
    repo.git_ok(["merge", "--quiet", "--no-edit", "origin/main"]);
    let _ = repo.run(repo.command("rm").args(["-rf", "../on-develop"])).success();
    push_to(&repo, "develop", "later.txt", "x\n");
    // Both went on at once, so it is asked again; with one of them it is not.
    let ship = repo.hotfix(SHIP);
    if ship.code() == Some(4) {
        let _ = repo.hotfix(["ship", "--yes", "--resolve"]);
        repo.ok(SHIP);
    }
    assert!(contains(&repo, "develop", &fix) && contains(&repo, "main", &fix));
    assert_eq!(repo.git_ok(["show", "origin/develop:total.sh"]), "echo both");
    assert_eq!(repo.git_ok(["show", "origin/develop:later.txt"]), "x");
}

/// Another clone, with what is recorded and pushed here.
fn taken_over<'s>(repo: &Repo<'s>) -> Repo<'s> {
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["fetch", "--quiet", "../shop", "refs/hotfix/*:refs/hotfix/*"]);
    colleague
}

#[test]
fn another_clone_goes_on_from_the_same_step() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    push_to(&repo, "develop", "total.sh", CONFLICT);
    let fix = fixed(&repo);
    let early = taken_over(&repo);
    assert!(early.hotfix(["status"]).success().stderr().contains("next: git fetch origin"));
    insta::assert_snapshot!(refused(&early, &SHIP, 4), @"
    ------- stderr -------
    error: the branch hotfix/coupons-take-off-too-much is not here, and is not known to have landed
    hint: where it is: git push origin hotfix/coupons-take-off-too-much
    hint: git hotfix abort   # or give it up
    [exit status: 4]
    ");
    repo.ok(["pr"]);
    let _ = repo.hotfix(SHIP).exits_with(4);

    let _ = repo.run(repo.command("rm").args(["-rf", "../colleague"])).success();
    let colleague = taken_over(&repo);
    assert!(colleague.hotfix(["status"]).success().stderr().contains("next: git hotfix ship"));
    insta::assert_snapshot!(colleague.hotfix(["ship", "--yes", "--resolve"]).exits_with(4), @"
    ------- stderr -------
    note: rules: hotfix.toml at [OBJECT]
      ✓ fetch origin: main, hotfix/coupons-take-off-too-much, develop, release/*, tags v*
    note: hotfix/coupons-take-off-too-much is not here: taken over from origin as it was proposed
      ✓ bring hotfix/coupons-take-off-too-much to [OBJECT]
      ✓ lay the conflict with develop out in [ROOT]/colleague-hotfix-coupons-take-off-too-much-into-develop
    error: the conflict with develop is laid out in [ROOT]/colleague-hotfix-coupons-take-off-too-much-into-develop: total.sh
    hint: cd [ROOT]/colleague-hotfix-coupons-take-off-too-much-into-develop   # settle it until no <<<<<<< is left, then: git add total.sh
    hint: git hotfix ship   # goes on
    [exit status: 4]
    ");
    let into = colleague.at("../colleague-hotfix-coupons-take-off-too-much-into-develop");
    into.write("total.sh", "echo both\n");
    into.git_ok(["add", "total.sh"]);
    colleague.ok(SHIP);
    // Here it is done too, once it is looked at.
    let ship = repo.hotfix(SHIP).success();
    assert!(ship.stderr().contains("recorded"), "{ship}");
    assert_landed(&repo, &fix);
    assert_eq!(repo.git_ok(["show", "origin/develop:total.sh"]), "echo both");
}

#[test]
fn a_branch_that_is_not_what_was_proposed_is_not_taken_over() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    repo.ok(["pr"]);
    let colleague = taken_over(&repo);
    repo.commit_file("more.txt", "x\n", "More");
    repo.git_ok(["push", "--quiet", "origin", BRANCH]);
    insta::assert_snapshot!(refused(&colleague, &SHIP, 4), @"
    ------- stderr -------
    error: the branch hotfix/coupons-take-off-too-much is not here, and is not known to have landed
    hint: git fetch origin hotfix/coupons-take-off-too-much:hotfix/coupons-take-off-too-much   # not what was proposed: look at it first
    hint: git hotfix abort   # or give it up
    [exit status: 4]
    ");
}

#[test]
fn an_aborted_landing_leaves_no_trace_and_loses_nothing() {
    let sandbox = sandbox!();
    let (repo, _) = laid_out(&sandbox);
    insta::assert_snapshot!(refused(&repo, &["ship", "--abort"], 4), @"
    ------- stderr -------
    error: [ROOT]/shop-hotfix-coupons-take-off-too-much-into-develop holds a conflict that somebody is settling
    hint: git -C [ROOT]/shop-hotfix-coupons-take-off-too-much-into-develop merge --abort   # drops it, then the same command again
    [exit status: 4]
    ");
    repo.at(INTO).write("total.sh", "echo both\n");
    repo.at(INTO).git_ok(["commit", "--quiet", "--all", "--no-edit"]);
    let settled = repo.at(INTO).head();
    let remote = lines_of(&repo);
    repo.ok(["ship", "--abort"]);
    assert!(!repo.has(INTO) && repo.branch() == BRANCH);
    let kept = repo.git_ok(["for-each-ref", "--format=%(objectname)", "refs/hotfix/aborted"]);
    assert_eq!((kept, lines_of(&repo)), (settled, remote));
}
