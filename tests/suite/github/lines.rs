//! Release lines of a repository that GitHub hosts: tag and lines follow the pull request.

use hotfix_tests::{Sandbox, sandbox};
use serde_json::json;

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
    ------- stderr -------
    note: rules: hotfix.toml at [OBJECT]
      ✓ ask origin about main, hotfix/coupons-take-off-too-much, develop, tags v*
      ✓ check that the fix is minimal (1 file, 2 lines)
      ✓ run sh test/all.sh
      ✓ prove that the regression test fails on [OBJECT] and passes with the fix
      ✓ push hotfix/coupons-take-off-too-much to origin
      ✓ write the pull request "[HOTFIX] Coupons take off too much"
      ✓ merge pull request #1 ([OBJECT]) into main on GitHub
      ✓ ask origin about main, hotfix/coupons-take-off-too-much, develop, tags v*
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
    let _ = night.repo.git(["merge-base", "--is-ancestor", &fix, "origin/develop"]).success();
    assert_eq!(night.github.count("PUT"), 1);
    let log = night.hotfix(&["log"]).success();
    assert_eq!(log.stdout().matches(" tagged v1.0.1").count(), 1, "{log}");
    let again = night.hotfix(&["ship", "--yes"]).success();
    assert!(again.stdout().contains(", tagged v1.0.1\n  ✓ develop  landed as "), "{again}");
    assert_eq!(remote("refs/tags/v1.0.*").lines().count(), 4, "two tags, once each");
    let _ = night.hotfix(&["close", "--yes"]).success();
}

#[test]
fn a_tag_that_is_on_the_merge_already_is_taken_for_the_release() {
    let sandbox = sandbox!();
    let night = releasing(&sandbox);
    let _ = night.hotfix(&["pr"]).success();
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
    let script = "#!/bin/sh\n[ \"$1\" = refs/heads/develop ] || exit 0\necho 'develop is protected' >&2\nexit 1\n";
    night.repo.hook("../origin.git/hooks/update", script);
    let ship = night.hotfix(&["ship", "--yes"]).success();
    assert!(ship.stdout().contains("  ✓ develop  proposed: https://github.com/dev/shop/pull/2"), "{ship}");
    assert_eq!((&night.github.pull(2)["base"], night.github.pulls()), (&json!("develop"), 2));
}
