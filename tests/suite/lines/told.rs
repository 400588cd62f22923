//! `propagation`, its `--check`, `status` and `close` give one answer to whether a release branch has the fix, whatever people did
//! to it by hand.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, sample_with};

use super::SHIP;

/// The fix is on `main` and tagged; `release/1.0` is older, and checked out.
fn landed(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("lines::told::landed", |sandbox| {
        let repo = sample_with(sandbox, "[release]\nlines = [\"main\", \"release/*\"]\n");
        repo.git_ok(["remote", "remove", "origin"]);
        repo.git_ok(["branch", "release/1.0"]);
        repo.commit_file("next.txt", "x\n", "Begin the next release");
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.fix_the_bug();
        repo.git_ok(["tag", "fixed"]);
        repo.ok(SHIP);
        repo.git_ok(["tag", "merge", "main"]);
        repo.git_ok(["switch", "--quiet", "release/1.0"]);
        repo.commit_file("old.txt", "x\n", "Go on with the old release");
        repo
    })
}

/// Whether `release/1.0` has the fix, as everything says.
#[track_caller]
fn has_it(repo: &Repo<'_>, name: &str) -> bool {
    let mut told = Vec::new();
    for view in ["propagation", "status"] {
        let rows = repo.hotfix_json([view])["lines"].clone();
        let row = rows.as_array().into_iter().flatten().find(|row| row["line"] == "release/1.0").cloned();
        let state = row.map(|row| row["state"].clone()).unwrap_or_default();
        told.push((view, ["landed", "picked", "present"].iter().any(|has| state == *has)));
    }
    let check = repo.hotfix(["propagation", "--check"]);
    told.push(("--check", check.code() == Some(0)));
    assert_eq!(check.stdout().contains("release/1.0 lacks "), check.code() == Some(1), "{name}: {check}");
    let first = told[0].1;
    assert!(told.iter().all(|(_, has)| *has == first), "{name}: {told:?}\n{check}");
    first
}

const HISTORIES: [(&str, &str, bool); 15] = [
    ("nothing", "", false),
    ("all of production", "git merge -q --no-edit main", true),
    ("a pick, and all of production", "git cherry-pick fixed; git merge -q --no-edit main", true),
    (
        "a pick, all of production, and a revert",
        "git cherry-pick fixed; git merge -q --no-edit main; git revert --no-edit fixed",
        false,
    ),
    (
        "a pick that was reverted, and a revert that came by a merge",
        "git cherry-pick fixed; git revert --no-edit HEAD; git switch -q -c side main; git revert --no-edit fixed; \
         git switch -q release/1.0; git merge -q --no-edit side",
        false,
    ),
    (
        "a revert that came by a merge, of what is there by a pick as well",
        "git cherry-pick fixed; git switch -q -c side main; git revert --no-edit fixed; git switch -q release/1.0; \
         git merge -q --no-edit side",
        true,
    ),
    (
        "all of production, and a revert of the merge there",
        "git merge -q --no-edit main; git revert --no-edit -m 1 merge",
        false,
    ),
    (
        "the branch of the fix, and a revert of its commit",
        "git merge -q --no-ff --no-edit fixed; git revert --no-edit fixed",
        false,
    ),
    (
        "the same, and a revert of the revert",
        "git merge -q --no-ff --no-edit fixed; git revert --no-edit fixed; git revert --no-edit HEAD",
        true,
    ),
    ("a revert of something else", "git merge -q --no-ff --no-edit fixed; git revert --no-edit HEAD^", true),
    (
        "a pick, and a revert that names it in short",
        "git cherry-pick -x fixed; git revert --no-edit --reference HEAD",
        false,
    ),
    (
        "a revert of the merge, and the tool's own backport",
        "git merge -q --no-ff --no-edit fixed; git revert --no-edit -m 1 HEAD; git switch -q main; git-hotfix backport --yes",
        true,
    ),
    (
        "a pick that does not say so, and other work at the same lines",
        "git cherry-pick fixed; sed -i 's/^/# /' total.sh; git commit -q -a -m Later",
        true,
    ),
    (
        "a pick of the merge, and other work at the same lines",
        "git cherry-pick -x -m 1 merge; sed -i 's/^/# /' total.sh; git commit -q -a -m Later",
        true,
    ),
    ("the same change by hand", "git checkout -q fixed -- .; git commit -q -a -m Mine", true),
];

#[test]
fn one_answer_is_given_to_whether_a_release_branch_has_the_fix() {
    for (name, history, expected) in HISTORIES {
        let sandbox = sandbox!();
        let repo = landed(&sandbox);
        let _ = repo.run(repo.command("sh").args(["-e", "-c", history])).success();
        assert_eq!(has_it(&repo, name), expected, "{name}\n{}", repo.git_ok(["log", "--graph", "--oneline", "--all"]));
        repo.git_ok(["switch", "--quiet", "main"]);
        let _ = repo.hotfix(["close", "--dry-run"]).exits_with(if expected { 0 } else { 3 });
    }
}

#[test]
fn a_check_names_a_command_that_brings_the_fix() {
    let sandbox = sandbox!();
    let repo = landed(&sandbox);
    let _ =
        repo.run(repo.command("sh").args(["-e", "-c", "git merge -q main; git revert --no-edit -m 1 merge"])).success();
    repo.git_ok(["switch", "--quiet", "main"]);
    let found = repo.hotfix(["propagation", "--check"]).exits_with(1);
    let hint =
        found.stderr().lines().find_map(|line| line.strip_prefix("hint: git hotfix ")).unwrap_or_default().to_owned();
    let arguments: Vec<&str> = hint.split(' ').chain(["--yes"]).collect();
    assert_eq!(arguments[..2], ["backport", "--incident"], "{found}");
    repo.ok(arguments);
    assert!(has_it(&repo, "backported"));
}

#[test]
fn a_hotfix_that_no_incident_is_named_for_is_picked_by_git() {
    let sandbox = sandbox!();
    let repo = landed(&sandbox);
    repo.git_ok(["switch", "--quiet", "main"]);
    let squash = repo.commit_file("two.sh", "exit 0\n", "[HOTFIX] Stock goes negative (#7)");
    repo.git_ok(["switch", "--quiet", "release/1.0"]);
    repo.git_ok(["merge", "--quiet", "--no-edit", "merge"]);
    let found = repo.hotfix(["propagation", "--check"]).exits_with(1);
    let short = repo.git_ok(["rev-parse", "--short=9", &squash]);
    let command = format!("git switch release/1.0 && git cherry-pick -x {short}");
    assert!(found.stderr().contains(&format!("hint: {command}\n")), "{found}");
    let _ = repo.run(repo.command("sh").args(["-e", "-c", &command])).success();
    repo.ok(["propagation", "--check"]);
}

#[test]
fn what_production_took_out_is_missed_nowhere() {
    let sandbox = sandbox!();
    let repo = landed(&sandbox);
    let _ = repo.hotfix(["propagation", "--check"]).exits_with(1);
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.git_ok(["revert", "--no-edit", "--reference", "-m", "1", "HEAD"]);
    repo.ok(["propagation", "--check"]);
}

#[test]
fn a_hotfix_is_found_where_production_was_fast_forwarded_to_what_had_merged_it() {
    let sandbox = sandbox!();
    let repo = landed(&sandbox);
    let history = "git switch -q -c develop merge^; git commit -q --allow-empty -m Develop; git merge -q --no-edit merge; \
                   git switch -q main; git merge -q --ff-only develop";
    let _ = repo.run(repo.command("sh").args(["-e", "-c", history])).success();
    assert!(!repo.git_ok(["log", "--first-parent", "--format=%s"]).contains("Merge hotfix"));
    assert!(!has_it(&repo, "before"));
    repo.ok(["backport", "--yes"]);
    assert!(has_it(&repo, "after"));
}
