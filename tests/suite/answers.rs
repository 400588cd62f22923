//! What people answer: again and otherwise, with a hyphen first, about work trees of the fix's own.

use hotfix_tests::{Sample, sandbox};

use crate::fixtures::{TITLE, opened, refused};

#[test]
fn open_again_takes_other_answers_and_says_so() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let again = ["open", TITLE, "--severity", "sev1", "--impact", "all carts", "--started-at", "2h ago"];
    let said = repo.hotfix(again).success();
    assert!(
        said.stderr().contains("note: re-rated: severity critical, impact: all carts\nnote: started at 20"),
        "{said}"
    );
    let incident = repo.hotfix_json(["show"])["incident"].clone();
    assert_eq!((&incident["severity"], &incident["impact"]), (&"critical".into(), &"all carts".into()));
    assert!(incident["started_at"].is_string());
    // The same answers change nothing, and what was not asked for neither.
    let events = || repo.hotfix_json(["show"])["incident"]["timeline"].as_array().unwrap().len();
    let before = events();
    let said = repo.hotfix(again).success();
    assert!(!said.stderr().contains("re-rated"), "{said}");
    repo.ok(["open", TITLE]);
    assert_eq!(events(), before);
    let said = repo.hotfix(["open", TITLE, "--worktree", "../fix"]).success();
    assert!(said.stderr().contains("--worktree is not taken") && !repo.has("../fix"), "{said}");
    assert!(refused(&repo, &["open", TITLE, "--severity", "mild"], 2).contains("--severity"));
}

#[test]
fn a_value_may_begin_with_a_hyphen_and_is_no_option() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    for program in ["git-hotfix", "cargo-hotfix"] {
        let run = |arguments: &[&str]| repo.run(repo.command(program).args(arguments));
        let _ = run(&["open", "- totals", "--severity", "high", "--impact", "- carts\n- totals", "-q"]).success();
        let _ = run(&["note", "- called the bank", "--at", "5m ago"]).success();
        let _ = run(&["follow-up", "add", "-5 % is no test"]).success();
        let _ = run(&["postmortem", "--root-cause", "--- nobody knows"]).success();
        let incident = repo.hotfix_json(["show"])["incident"].clone();
        assert_eq!((&incident["title"], &incident["impact"]), (&"- totals".into(), &"- carts\n- totals".into()));
        assert!(run(&["triage", "--impact", "--severity", "high"]).exits_with(2).stderr().contains("--impact"));
        assert_eq!(repo.hotfix_json(["show"])["incident"]["impact"], "- carts\n- totals");
        let _ = run(&["abort", "--reason", "- for the next one"]).success();
    }
}

#[test]
fn what_ship_and_close_leave_of_a_work_tree_is_named() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    let worktree = repo.at("../fix");
    worktree.fix_the_bug();
    let shipped = worktree.hotfix(["ship", "--yes"]).success();
    insta::assert_snapshot!(hints(&shipped.verdict()), @"
    hint: git -C [ROOT]/shop merge --ff-only origin/main   # main there is behind
    hint: cd [ROOT]/shop && git worktree remove [ROOT]/fix   # the fix's own work tree, which is left (close, run elsewhere, does that)
    ");
    let closed = worktree.hotfix(["close"]).success();
    insta::assert_snapshot!(hints(&closed.verdict()), @"
    hint: git -C [ROOT]/shop merge --ff-only origin/main   # main there is behind
    hint: cd [ROOT]/shop && git worktree remove [ROOT]/fix   # the fix's own work tree, which is left
    ");
    repo.git_ok(["merge", "--quiet", "--ff-only", "origin/main"]);
    repo.git_ok(["worktree", "remove", "../fix"]);
    assert!(!repo.has("../fix"));
}

/// The control: closed from elsewhere, it goes, and nothing is left to be named.
#[test]
fn close_removes_the_work_tree_that_nobody_stands_in() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    let worktree = repo.at("../fix");
    worktree.fix_the_bug();
    worktree.ok(["ship", "--yes"]);
    let closed = repo.hotfix(["close"]).success();
    assert!(!repo.has("../fix") && !closed.stderr().contains("worktree remove"), "{closed}");
}

fn hints(verdict: &str) -> String {
    verdict
        .lines()
        .filter(|line| line.contains("git worktree") || line.contains("ff-only"))
        .map(|line| format!("{line}\n"))
        .collect()
}
