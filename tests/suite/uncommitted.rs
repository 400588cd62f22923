//! Sources and tests that lie in the work tree and are in no commit: nothing ships as tested that was tested with them.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::{opened, refused};

const TOTAL: &str = "# total.sh PERCENT_OFF PRICE...\n. ./off.sh\n";
const OFF: &str = "\
off=$1; sum=0; shift
for price; do sum=$((sum + price)); done
echo $((sum - sum * off / 100))
";

fn next(repo: &Repo<'_>) -> String {
    repo.hotfix_json(["status"])["next"].as_str().unwrap_or_default().to_owned()
}

fn sh(repo: &Repo<'_>, line: &str) {
    let _ = repo.run(repo.command("sh").args(["-c", line])).success();
}

/// A fix whose new source was left out by `git commit -a`.
fn left_out(sandbox: &Sandbox) -> Repo<'_> {
    let repo = opened(sandbox);
    repo.write("total.sh", TOTAL);
    repo.write("off.sh", OFF);
    repo.git_ok(["commit", "--quiet", "--all", "--message", "Take it off once"]);
    repo
}

#[test]
fn a_source_that_nobody_added_is_not_shipped_without() {
    let sandbox = sandbox!();
    let repo = left_out(&sandbox);
    let add = "git add off.sh && git commit --amend --no-edit";
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes"], 3), @"
    ------- stderr -------
    error: off.sh takes part in the tests and is not committed
    hint: git add off.sh && git commit --amend --no-edit
    hint: no part of the fix? move it away, or name it in .git/info/exclude
    [exit status: 3]
    ");
    for look in [&["pr"][..], &["ship", "--dry-run"], &["pr", "--dry-run"], &["ship", "--yes", "--no-test", "x"]] {
        let said = refused(&repo, look, 3);
        assert!(said.contains(&format!("hint: {add}\n")) && !said.contains("commit -a"), "{look:?}: {said}");
    }
    assert_eq!(repo.hotfix(["ship", "--yes", "--json"]).exits_with(3).json()["error"]["code"], "not-committed");
    assert_eq!(next(&repo), add);
    // `test` says so, and what it found holds once the file is in the commit.
    repo.write_regression_test();
    let said = repo.hotfix(["test", "--no-proof"]).success();
    assert!(
        said.stderr().contains("off.sh, test/coupon_test.sh take part in the tests and are not committed: "),
        "{said}"
    );
    assert!(
        said.stderr().contains("next: git add off.sh test/coupon_test.sh && git commit --amend --no-edit"),
        "{said}"
    );
    let said = repo.hotfix(["guard"]).success();
    assert!(said.stdout().contains("2 files") && said.stderr().contains("not committed"), "{said}");

    sh(&repo, &next(&repo));
    let said = repo.hotfix(["test", "--no-proof"]).success();
    assert!(
        said.stdout().contains("this tree was tested already") && !said.stderr().contains("not committed"),
        "{said}"
    );
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.git_ok(["show", "origin/main:off.sh"]).trim(), OFF.trim());
}

#[test]
fn a_regression_test_that_nobody_added_is_named() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.write_regression_test();
    assert_eq!(next(&repo), "git add test/coupon_test.sh && git commit   # the fix and its regression test");
    let said = refused(&repo, &["ship", "--yes"], 3);
    assert!(said.contains("hint: fix the issue, then: git add test/coupon_test.sh && git commit\n"), "{said}");
    repo.write_fix();
    assert_eq!(next(&repo), "git add test/coupon_test.sh total.sh && git commit   # the fix and its regression test");
    repo.git_ok(["commit", "--quiet", "--all", "--message", "Fix it"]);
    repo.git_ok(["push", "--quiet", "origin", "HEAD"]);
    let said = refused(&repo, &["ship", "--yes"], 3);
    assert!(said.contains("error: test/coupon_test.sh takes part in the tests and is not committed\n"), "{said}");
    assert!(
        said.contains("hint: git add test/coupon_test.sh && git commit\n"),
        "what is pushed is not amended: {said}"
    );
    sh(&repo, "git add test/coupon_test.sh && git commit --quiet --message 'Test it'");
    repo.ok(["ship", "--yes"]);
}

#[test]
fn many_files_are_named_by_their_folder_and_others_stay_out_of_it() {
    let sandbox = sandbox!();
    let repo = left_out(&sandbox);
    repo.write("notes.txt", "buy milk\n");
    repo.write("node_modules/left-pad/index.js", "\n");
    for name in ["a", "b", "c", "d", "e", "f"] {
        repo.write(&format!("lib/{name}.sh"), "\n");
    }
    let said = refused(&repo, &["ship", "--yes"], 3);
    assert!(
        said.contains("lib/a.sh, lib/b.sh, lib/c.sh, lib/d.sh, lib/e.sh and 2 more in lib, off.sh take part"),
        "{said}"
    );
    assert!(said.contains("hint: git add lib off.sh && git commit --amend --no-edit\n"), "{said}");
    assert!(!said.contains("notes.txt") && !said.contains("node_modules"), "{said}");
    sh(&repo, "git add lib off.sh && git commit --quiet --amend --no-edit");
    // The control: what does not count stays where it is.
    repo.ok(["ship", "--yes"]);
    assert!(repo.has("notes.txt") && repo.has("node_modules/left-pad/index.js"));
}

#[test]
fn what_is_uncommitted_beside_a_fix_may_be_no_part_of_it() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.commit_file("notes.txt", "milk\n", "Note");
    let repo = repo.with_remote();
    repo.ok(["open", "Coupons take off too much", "--severity", "high"]);
    repo.fix_the_bug();
    repo.write("notes.txt", "milk, bread\n");
    let said = refused(&repo, &["ship", "--yes"], 3);
    assert!(said.contains("hint: git add notes.txt && git commit   # if it is part of the fix\n"), "{said}");
    assert!(said.contains("hint: git stash   # if not; git stash pop brings it back\n"), "{said}");
    assert!(!said.contains("commit -a"), "{said}");
    sh(&repo, "git stash --quiet");
    repo.ok(["ship", "--yes"]);
}

#[test]
fn ignored_sources_are_named_in_plan_result_and_pull_request() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.write(".git/info/exclude", "gen/\n/made.sh\n*.log\n");
    repo.write("gen/prices.sh", "\n");
    repo.write("made.sh", "\n");
    repo.write("node_modules/x.js", "\n");
    repo.write("run.log", "\n");
    repo.fix_the_bug();
    let said = repo.hotfix(["ship", "--dry-run"]).success();
    assert!(said.stdout().contains("would run sh test/all.sh, with ignored files: gen/prices.sh, made.sh\n"), "{said}");
    let said = repo.hotfix(["test"]).success();
    let line = "ignored files took part, which are in no commit: gen/prices.sh, made.sh\n";
    assert!(said.stdout().contains(line), "{said}");
    assert_eq!(
        repo.hotfix_json(["test"])["tests"]["runs"][0]["ignored"],
        serde_json::json!(["gen/prices.sh", "made.sh"])
    );
    let said = repo.hotfix(["pr"]).success();
    let line = "- Ignored files took part in the tests, and are in no commit: `gen/prices.sh`, `made.sh`\n";
    assert!(said.stdout().contains(line), "{said}");
    repo.ok(["ship", "--yes"]);
}
