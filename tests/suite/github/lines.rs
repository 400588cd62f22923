//! Release lines of a repository that GitHub hosts: tag and lines follow the pull request.

use hotfix_tests::{Fault, Sandbox, redact, sandbox};
use serde_json::json;

use crate::fixtures::{CONFLICT, at_once};

use super::{Night, night_with};

/// A hosted shop whose release 1.0.0 is on `main`, with `develop` beside it; the incident is open, and the fix committed.
fn releasing(sandbox: &Sandbox) -> Night<'_> {
    let night = night_with(sandbox, "[release]\nlines = [\"main\", \"develop\"]\ntag = \"v{version}\"\n");
    night.repo.git_ok(["tag", "--annotate", "--message", "1.0.0", "v1.0.0", "origin/main"]);
    night.repo.git_ok(["push", "--quiet", "origin", "v1.0.0", "origin/main:refs/heads/develop"]);
    night
}

#[test]
fn the_tag_and_the_other_lines_follow_the_pull_request() {
    let sandbox = sandbox!();
    let night = releasing(&sandbox);
    let fix = night.repo.head();
    let plan = night.hotfix(&["ship", "--dry-run"]).success();
    let steps: String = plan.stdout().lines().skip(5).take(3).map(|line| format!("{line}\n")).collect();
    let steps = steps.replace(&night.repo.git_ok(["rev-parse", "--short=9", &fix]), "[FIX]");
    insta::assert_snapshot!(steps, @"
    would merge the pull request ([FIX]) into main on GitHub
    would tag v1.0.1 and push it to origin
    would merge [FIX] into develop and push it to origin
    ");
    insta::assert_snapshot!(night.seen(&night.hotfix(&["ship", "--yes"])), @r#"
    merged hotfix/coupons-take-off-too-much into origin/main as [OBJECT] (PR #1), tagged v1.0.1
      ✓ develop  landed as [OBJECT]
    pull request: https://github.com/dev/shop/pull/1
    open to merged: [DURATION]
    ------- stderr -------
    note: rules: hotfix.toml at [OBJECT]
      ✓ fetch origin: main, hotfix/coupons-take-off-too-much, develop, tags v*
      ✓ check that the fix is minimal (1 file, 2 lines)
      ✓ run sh test/all.sh
      ✓ prove that the regression test fails on production ([OBJECT]) and passes with the fix
      ✓ push hotfix/coupons-take-off-too-much to origin
      ✓ write the pull request "[HOTFIX] Coupons take off too much"
      ✓ merge pull request #1 ([OBJECT]) into main on GitHub
      ✓ fetch origin: main, hotfix/coupons-take-off-too-much, develop, tags v*
      ✓ fetch main from origin
      ✓ tag [OBJECT] v1.0.1 and push it to origin
      ✓ merge [OBJECT] into develop and push it to origin
      ✓ bring main, tags/v1.0.1 here up to date
      ✓ switch to main
      ✓ delete hotfix/coupons-take-off-too-much on origin
      ✓ delete hotfix/coupons-take-off-too-much here
    hint: not deployed: hotfix.toml has no [deploy] command

    next: git hotfix close
    "#);
    let remote = |name: &str| night.repo.git_ok(["ls-remote", "origin", name]);
    assert_eq!(remote("refs/tags/v1.0.1^{}").split('\t').next(), night.production().as_deref());
    night.repo.git_ok(["fetch", "--quiet", "origin"]);
    night.repo.git_ok(["merge-base", "--is-ancestor", &fix, "origin/develop"]);
    assert_eq!(night.github.count("PUT"), 1);
    let log = night.hotfix(&["log"]).success();
    assert_eq!(log.stdout().matches(" tagged v1.0.1").count(), 1, "{log}");
    let again = night.hotfix(&["ship", "--yes"]).success();
    assert!(again.stdout().contains(", tagged v1.0.1\n  ✓ develop  landed as "), "{again}");
    assert_eq!(remote("refs/tags/v1.0.*").lines().count(), 4, "two tags, once each");
    night.ok(&["close", "--yes"]);
}

#[test]
fn a_tag_that_is_on_the_merge_already_is_taken_for_the_release() {
    let sandbox = sandbox!();
    let night = releasing(&sandbox);
    night.ok(&["pr"]);
    night.github.merge_pull(1, "squash");
    let merge = night.production().expect("it is there");
    night.repo.git_ok(["fetch", "--quiet", "origin"]);
    night.repo.git_ok(["push", "--quiet", "origin", &format!("{merge}:refs/tags/v1.0.7")]);
    let ship = night.hotfix(&["ship", "--yes"]).success();
    assert!(ship.stdout().contains(", tagged v1.0.7\n  ✓ develop  landed as "), "{ship}");
    assert!(!night.repo.remote_refs().contains("v1.0.1") && !night.repo.remote_refs().contains("v1.0.8"), "{ship}");
}

#[test]
fn a_line_that_takes_no_pushes_gets_a_pull_request_of_its_own() {
    let sandbox = sandbox!();
    let night = releasing(&sandbox);
    let script = "\
#!/bin/sh
[ \"$1\" = refs/heads/develop ] || exit 0
echo 'develop is protected' >&2
exit 1
";
    night.repo.hook("../origin.git/hooks/update", script);
    let ship = night.hotfix(&["ship", "--yes"]).success();
    assert!(ship.stdout().contains("  → develop  proposed: #2 (https://github.com/dev/shop/pull/2)"), "{ship}");
    assert_eq!((&night.github.pull(2)["base"], night.github.pulls()), (&json!("develop"), 2));
}

/// The fix is on production, and two older releases lack it.
fn owed(sandbox: &Sandbox) -> Night<'_> {
    let night = night_with(sandbox, "[release]\nlines = [\"main\", \"release/*\"]\n");
    for line in ["release/1.1", "release/1.0"] {
        night.repo.git_ok(["push", "--quiet", "origin", &format!("origin/main~1:refs/heads/{line}")]);
    }
    night.ok(&["ship", "--yes"]);
    night
}

fn branches(night: &Night<'_>) -> Vec<String> {
    let there = night.repo.git_ok(["ls-remote", "--heads", "origin", "hotfix/*"]);
    there.lines().filter_map(|line| line.split("refs/heads/").nth(1).map(str::to_owned)).collect()
}

#[test]
fn a_backport_opens_one_pull_request_a_line_and_follows_it() {
    let sandbox = sandbox!();
    let night = owed(&sandbox);
    insta::assert_snapshot!(night.seen(&night.hotfix(&["backport", "--yes"])), @"
      ✓ main         landed as [OBJECT]
      → release/1.1  proposed: #2 (https://github.com/dev/shop/pull/2)
      → release/1.0  proposed: #3 (https://github.com/dev/shop/pull/3)
    ------- stderr -------
      ✓ fetch origin: main, hotfix/coupons-take-off-too-much, release/*
      ✓ propose the fix for release/1.1 as hotfix/coupons-take-off-too-much-into-release-1.1
      ✓ propose the fix for release/1.0 as hotfix/coupons-take-off-too-much-into-release-1.0

    next: git hotfix close
    ");
    let pull = night.github.pull(2);
    assert_eq!((&pull["base"], &pull["labels"]), (&json!("release/1.1"), &json!(["hotfix"])));
    let body = redact(pull["body"].as_str().unwrap(), night.repo.folder());
    insta::assert_snapshot!(body, @"
    Takes the fix of HF-YYYY-ID to `release/1.1`.

    - Fix: #1, merged into `main` as [OBJECT]
    - Picked: [OBJECT]
    ");
    let writes = night.github.writes().len();
    night.ok(&["backport", "--yes"]);
    night.ok(&["backport", "--yes", "--to", "release/1.0"]);
    assert_eq!((night.github.pulls(), night.github.writes().len()), (3, writes), "nothing is done twice");

    night.github.merge_pull(2, "squash");
    night.github.close_pull(3);
    let rows = night.json(&["propagation"])["lines"].clone();
    assert_eq!((&rows[1]["state"], &rows[1]["pull_request"]["number"]), (&json!("landed"), &json!(2)), "{rows}");
    assert_eq!((&rows[2]["state"], &rows[2]["pull_request"]["number"]), (&json!("clean"), &json!(3)), "{rows}");
    let squash = night.repo.git_ok(["ls-remote", "origin", "refs/heads/release/1.1"]);
    assert!(squash.starts_with(rows[1]["commit"].as_str().unwrap()), "{squash} {rows}");
    insta::assert_snapshot!(night.seen(&night.hotfix(&["close", "--yes"])), @r#"
    ------- stderr -------
      ✓ fetch origin: main, hotfix/coupons-take-off-too-much, release/*
    error: HF-YYYY-ID cannot close yet: release/1.0 lacks the fix
    hint: git hotfix backport
    hint: git hotfix propagation --waive release/1.0 --reason "..."   # if it need not
    hint: or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    [exit status: 3]
    "#);

    let again = night.hotfix(&["backport", "--yes"]).success();
    assert!(again.stdout().contains("proposed: #4 "), "{again}");
    assert_eq!(branches(&night), ["hotfix/coupons-take-off-too-much-into-release-1.0"]);
    night.github.merge_pull(4, "merge");
    night.ok(&["close", "--yes"]);
    assert!(branches(&night).is_empty());
    let log = night.hotfix(&["log"]).success();
    let told = log.stdout().lines().filter_map(|line| Some(line.split_once("  fix ")?.1));
    let told: String = told.map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(redact(&told, night.repo.folder()), @"
    merged into main as [OBJECT]  (Alex Doe)
    proposed for release/1.1: #2 (https://github.com/dev/shop/pull/2)  (Alex Doe)
    proposed for release/1.0: #3 (https://github.com/dev/shop/pull/3)  (Alex Doe)
    merged into release/1.1 as [OBJECT] by #2 (https://github.com/dev/shop/pull/2)  (Alex Doe)
    for release/1.0 not merged, its pull request was closed: #3 (https://github.com/dev/shop/pull/3)  (Alex Doe)
    proposed for release/1.0: #4 (https://github.com/dev/shop/pull/4)  (Alex Doe)
    merged into release/1.0 as [OBJECT] by #4 (https://github.com/dev/shop/pull/4)  (Alex Doe)
    ");
}

#[test]
fn a_backport_that_was_cut_off_proposes_once() {
    at_once(["POST /repos/dev/shop/pulls", "GET /repos/dev/shop/pulls"], |begins| {
        let sandbox = sandbox!();
        let night = owed(&sandbox);
        night.github.trap_often(begins, Fault::CutBefore, 4);
        let _ = night.hotfix(&["backport", "--yes"]).exits_with(6);
        assert!(night.github.fired() > 0, "nothing went wrong");
        night.github.clear_traps();
        let pushed = night.repo.git_ok(["ls-remote", "origin", "refs/heads/hotfix/*"]);
        night.ok(&["backport", "--yes"]);
        assert_eq!((night.github.pulls(), branches(&night).len()), (3, 2));
        let now = night.repo.git_ok(["ls-remote", "origin", "refs/heads/hotfix/*"]);
        assert!(now.starts_with(&pushed) || now.ends_with(&pushed), "what was pushed is proposed: {pushed} {now}");
    });
}

#[test]
fn a_branch_that_somebody_else_has_there_is_left_alone() {
    let sandbox = sandbox!();
    let night = owed(&sandbox);
    let branch = "hotfix/coupons-take-off-too-much-into-release-1.0";
    let colleague = night.repo.clone_as("colleague");
    colleague.git_ok(["switch", "--quiet", "--create", branch, "origin/release/1.0"]);
    let theirs = colleague.commit_file("theirs.txt", "x\n", "Settle it in another way");
    colleague.git_ok(["push", "--quiet", "origin", branch]);
    insta::assert_snapshot!(night.hotfix(&["backport", "--yes"]).exits_with(4).verdict(), @"
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much-into-release-1.0 on origin holds commits that are not ours
    hint: git fetch origin hotfix/coupons-take-off-too-much-into-release-1.0:hotfix/coupons-take-off-too-much-into-release-1.0   # goes on with them, then: git hotfix backport
    hint: git push origin --delete hotfix/coupons-take-off-too-much-into-release-1.0   # drops them, then: git hotfix backport
    [exit status: 4]
    ");
    assert!(night.repo.remote_refs().contains(&theirs));
    assert_eq!(night.github.pulls(), 1, "nothing is half done");
    night.repo.git_ok(["fetch", "--quiet", "origin", &format!("{branch}:{branch}")]);
    night.ok(&["backport", "--yes"]);
    assert_eq!(night.github.pulls(), 3);
    assert!(night.repo.remote_refs().contains(&theirs), "it is proposed as it is");
}

#[test]
fn a_conflict_that_was_settled_goes_by_a_pull_request_too() {
    let sandbox = sandbox!();
    let night = owed(&sandbox);
    let colleague = night.repo.clone_as("colleague");
    colleague.git_ok(["switch", "--quiet", "release/1.0"]);
    colleague.commit_file("total.sh", CONFLICT, "Go on");
    colleague.git_ok(["push", "--quiet", "origin", "release/1.0"]);
    let _ = night.hotfix(&["backport", "--yes", "--resolve"]).exits_with(4);
    assert_eq!(night.github.pulls(), 2, "the line without a conflict is proposed to");
    let into = night.repo.at("../shop-hotfix-coupons-take-off-too-much-into-release-1.0");
    into.write("total.sh", "echo both\n");
    into.git_ok(["add", "total.sh"]);
    night.ok(&["backport", "--yes"]);
    let pull = night.github.pull(3);
    assert_eq!(pull["base"], "release/1.0");
    assert!(
        pull["body"].as_str().unwrap().contains("Conflicts with the release branch were settled by hand"),
        "{pull}"
    );
    for number in [2, 3] {
        night.github.merge_pull(number, "squash");
    }
    let rows = night.json(&["backport"])["lines"].clone();
    assert!(rows.as_array().unwrap().iter().all(|row| row["state"] == "landed"), "{rows}");
    assert_eq!(night.repo.git_ok(["show", "origin/release/1.0:total.sh"]), "echo both");
    assert!(branches(&night).is_empty() && night.repo.git_ok(["branch", "--list", "hotfix/*"]).is_empty());
    assert!(!night.repo.has("../shop-hotfix-coupons-take-off-too-much-into-release-1.0"));
    night.ok(&["close", "--yes"]);
}

#[test]
fn a_second_fix_of_the_night_goes_everywhere_too() {
    let sandbox = sandbox!();
    let night = owed(&sandbox);
    night.ok(&["backport", "--yes"]);
    night.github.merge_pull(2, "merge");
    night.ok(&["backport", "--yes"]);
    night.repo.git_ok(["switch", "--quiet", "--create", "hotfix/coupons-take-off-too-much"]);
    night.repo.commit_file("more.sh", "exit 0\n", "Mend the rest");
    night.ok(&["ship", "--yes"]);
    let rows = night.json(&["propagation"])["lines"].clone();
    assert!(rows.as_array().unwrap().iter().skip(1).all(|row| row["state"] == "clean"), "{rows}");
    let _ = night.hotfix(&["close", "--yes"]).exits_with(3);
    let told = night.hotfix(&["backport", "--yes"]).success();
    // The one for 1.0 is still open, and holds both now; the one for 1.1 is merged, and gets another.
    assert!(
        told.stdout().contains("release/1.1  proposed: #5 ") && told.stdout().contains("release/1.0  proposed: #3 "),
        "{told}"
    );
    for number in [3, 5] {
        night.github.merge_pull(number, "squash");
    }
    night.ok(&["close", "--yes"]);
    for line in ["release/1.1", "release/1.0"] {
        let files = night.repo.git_ok(["ls-tree", "--name-only", &format!("origin/{line}")]);
        assert!(files.contains("more.sh"), "{line}: {files}");
    }
    assert!(branches(&night).is_empty());
}

#[test]
fn what_is_proposed_only_is_told_when_the_incident_closes() {
    let sandbox = sandbox!();
    let night = owed(&sandbox);
    night.ok(&["backport", "--yes"]);
    let close = night.hotfix(&["close", "--yes"]).success();
    let hints = close.stderr().lines().filter(|line| line.contains("gets the fix by"));
    insta::assert_snapshot!(hints.map(|line| format!("{line}\n")).collect::<String>(), @"
    hint: release/1.1 gets the fix by #2 (https://github.com/dev/shop/pull/2): see that it is merged
    hint: release/1.0 gets the fix by #3 (https://github.com/dev/shop/pull/3): see that it is merged
    ");
    night.github.merge_pull(2, "rebase");
    let told = night.hotfix(&["propagation"]).success();
    assert!(told.stdout().contains("✓ release/1.1  landed as ") && told.stdout().contains("→ release/1.0"), "{told}");
}
