//! What somebody merged by hand is recorded as what brought it, whatever came after; and it counts only while it is there.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, sample_with};

const BRANCH: &str = "hotfix/coupons-take-off-too-much";
const RULES: &str = "[test]\ncommand = [\"true\"]\n\n[production]\nbranch = \"main\"\n\n[release]\ntag = \"v{version}\"\n\n\
                     [deploy]\ncommand = [\"sh\", \"-c\", \"echo $HOTFIX_COMMIT > ../deployed\"]\n";
const SHIP: [&str; 2] = ["ship", "--yes"];

/// A fix of two commits that is proposed, and the clone of who merges it.
fn proposed(sandbox: &Sandbox) -> (Repo<'_>, Repo<'_>) {
    let repo = sample_with(sandbox, RULES);
    repo.git_ok(["tag", "--annotate", "--message", "1.0.0", "v1.0.0"]);
    repo.git_ok(["push", "--quiet", "origin", "v1.0.0"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo.commit_file("limits.txt", "10\n", "Limit it");
    repo.ok(["pr", "--no-test", "rehearsal", "--yes"]);
    let colleague = repo.clone_as("colleague");
    (repo, colleague)
}

/// One commit more of the colleague's on production, and all of it pushed.
fn go_on(colleague: &Repo<'_>) -> String {
    let tip = colleague.commit_file("other.txt", "x\n", "Go on");
    colleague.git_ok(["push", "--quiet", "origin", "main"]);
    tip
}

/// The merges that are recorded, as `from..to`, oldest first; those of an incident have other ids, so as history has them.
fn recorded(repo: &Repo<'_>) -> Vec<String> {
    let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let events = repo.git_ok(["grep", "-h", "\"kind\":\"merged\"", &ledger]);
    let line = |event: &str| {
        let event: serde_json::Value = serde_json::from_str(event).expect("an event is JSON");
        let find = |name: &str| find(&event, name).expect("a landing has lines");
        format!("{}..{}", find("from"), find("to"))
    };
    let mut lines: Vec<String> = events.lines().map(line).collect();
    let age = |line: &String| repo.git_ok(["rev-list", "--count", line.rsplit('.').next().expect("it has dots")]);
    lines.sort_by_key(|line| age(line).parse::<usize>().expect("git counts"));
    lines
}

/// The first text under a name, at any depth.
fn find(value: &serde_json::Value, name: &str) -> Option<String> {
    match value {
        serde_json::Value::Object(map) => match map.get(name).and_then(serde_json::Value::as_str) {
            Some(text) => Some(text.to_owned()),
            None => map.values().find_map(|value| find(value, name)),
        },
        serde_json::Value::Array(values) => values.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}

/// What is tagged and what was handed to the deployment is `commit`.
#[track_caller]
fn assert_released(repo: &Repo<'_>, commit: &str) {
    assert_eq!(repo.read("../deployed").trim(), commit);
    let tagged = repo.git_ok(["ls-remote", "origin", "refs/tags/v1.0.1^{}"]);
    assert!(tagged.starts_with(commit), "{tagged}");
}

/// The incident does not close, because production lost the fix.
#[track_caller]
fn assert_stays_open(repo: &Repo<'_>, revert: &str) {
    let close = repo.hotfix(["close", "--yes"]).exits_with(3);
    assert!(close.stderr().contains("origin/main took the fix out again"), "{close}");
    let short = repo.git_ok(["rev-parse", "--short=9", revert]);
    assert!(close.stderr().contains(&format!("git hotfix revert {short}")), "{close}");
}

type Merging = fn(&Repo<'_>) -> (String, String);

/// Merges the branch with a commit of its own; where production was, and the merge.
fn merge(colleague: &Repo<'_>) -> (String, String) {
    let before = colleague.commit_file("before.txt", "x\n", "Meanwhile");
    colleague.git_ok(["merge", "--quiet", "--no-ff", "--message", "By hand", &format!("origin/{BRANCH}")]);
    (before, colleague.head())
}

fn fast_forward(colleague: &Repo<'_>) -> (String, String) {
    let before = colleague.head();
    colleague.git_ok(["merge", "--quiet", "--ff-only", &format!("origin/{BRANCH}")]);
    (before, colleague.head())
}

fn squash(colleague: &Repo<'_>) -> (String, String) {
    let before = colleague.commit_file("before.txt", "x\n", "Meanwhile");
    colleague.git_ok(["merge", "--quiet", "--squash", &format!("origin/{BRANCH}")]);
    colleague.git_ok(["commit", "--quiet", "--message", "Squashed"]);
    (before, colleague.head())
}

fn picks(colleague: &Repo<'_>) -> (String, String) {
    let before = colleague.commit_file("before.txt", "x\n", "Meanwhile");
    colleague.git_ok(["cherry-pick", &format!("origin/{BRANCH}~2..origin/{BRANCH}")]);
    (before, colleague.head())
}

const MERGINGS: [(&str, Merging); 4] =
    [("merge", merge), ("fast-forward", fast_forward), ("squash", squash), ("picks", picks)];

#[test]
fn what_brought_the_fix_is_recorded_tagged_and_deployed() {
    for (name, merging) in MERGINGS {
        let sandbox = sandbox!();
        let (repo, colleague) = proposed(&sandbox);
        let (before, brought) = merging(&colleague);
        let tip = go_on(&colleague);
        repo.ok(SHIP);
        assert_eq!(recorded(&repo), [format!("{before}..{brought}")], "{name}");
        assert_released(&repo, &brought);
        assert_eq!(repo.head(), tip, "{name}: production follows to its tip");
        repo.ok(["close", "--yes"]);
    }
}

#[test]
fn a_fix_that_was_taken_out_does_not_close() {
    for (name, merging) in MERGINGS {
        let sandbox = sandbox!();
        let (repo, colleague) = proposed(&sandbox);
        let (_, brought) = merging(&colleague);
        go_on(&colleague);
        repo.ok(SHIP);
        let mainline: &[&str] = if name == "merge" { &["--mainline", "1"] } else { &[] };
        colleague.git_ok([&["revert", "--no-edit"], mainline, &[&brought]].concat());
        let revert = colleague.head();
        colleague.git_ok(["push", "--quiet", "origin", "main"]);
        assert_stays_open(&repo, &revert);
        colleague.git_ok(["revert", "--no-edit", "HEAD"]);
        colleague.git_ok(["push", "--quiet", "origin", "main"]);
        repo.ok(["close", "--yes"]);
    }
}

/// A squash leaves no trace of the branch, so that git would merge it again, and nobody would be told that it was taken out.
#[test]
fn a_squash_that_was_taken_out_comes_back_by_a_persons_word_alone() {
    for is_recorded in [false, true] {
        let sandbox = sandbox!();
        let (repo, colleague) = proposed(&sandbox);
        squash(&colleague);
        colleague.git_ok(["revert", "--no-edit", "HEAD"]);
        colleague.git_ok(["push", "--quiet", "origin", "main", &format!(":{BRANCH}")]);
        repo.git_ok(["fetch", "--quiet", "--prune"]);
        if is_recorded {
            let refusal = repo.hotfix(SHIP).exits_with(4);
            assert!(refusal.stderr().contains("error: the fix was taken out of origin/main again by"), "{refusal}");
        }
        let status = repo.hotfix(["status"]).success();
        assert!(status.stdout().contains("the fix was taken out of origin/main again by"), "{status}");
        let (_, next) = status.stderr().rsplit_once("next: git hotfix ").unwrap_or_else(|| panic!("{status}"));
        let (next, _) = next.split_once("   # brings it back").unwrap_or_else(|| panic!("{status}"));
        repo.ok(next.split(' ').collect::<Vec<_>>());
        repo.ok(["ship", "--yes", "--no-test", "rehearsal"]);
        assert_eq!(repo.git_ok(["show", "origin/main:limits.txt"]), "10");
        let status = repo.hotfix(["status"]).success();
        assert!(!status.stdout().contains("taken out"), "{status}");
    }
}

#[test]
fn a_fix_that_was_undone_without_a_word_does_not_close() {
    for (name, merging) in MERGINGS {
        let sandbox = sandbox!();
        let (repo, colleague) = proposed(&sandbox);
        let (before, _) = merging(&colleague);
        go_on(&colleague);
        repo.ok(SHIP);
        colleague.git_ok(["checkout", &before, "--", "total.sh"]);
        colleague.git_ok(["rm", "--quiet", "limits.txt"]);
        // A fast-forward brings the regression test by itself.
        colleague.git_ok(["rm", "--quiet", "-r", "--ignore-unmatch", "test"]);
        colleague.git_ok(["checkout", &before, "--", "test"]);
        let undone = colleague.commit_all("Go back");
        colleague.commit_file("later.txt", "x\n", "Go on once more");
        colleague.git_ok(["push", "--quiet", "origin", "main"]);
        assert_stays_open(&repo, &undone);
        // Somebody makes it once more by hand, and no revert says so.
        colleague.git_ok(["checkout", &format!("{undone}^"), "--", "total.sh", "limits.txt", "test"]);
        colleague.commit_all(&format!("Mend it after all, {name}"));
        colleague.git_ok(["push", "--quiet", "origin", "main"]);
        repo.ok(["close", "--yes"]);
    }
}

#[test]
fn a_branch_that_was_merged_twice_landed_twice() {
    let sandbox = sandbox!();
    let (repo, colleague) = proposed(&sandbox);
    let first = merge(&colleague);
    go_on(&colleague);
    repo.commit_file("more.txt", "x\n", "Mend the rest");
    repo.ok(["pr", "--no-test", "rehearsal", "--yes"]);
    colleague.git_ok(["fetch", "--quiet"]);
    let second = merge_again(&colleague);
    colleague.commit_file("last.txt", "x\n", "Go on once more");
    colleague.git_ok(["push", "--quiet", "origin", "main"]);
    repo.ok(SHIP);
    let expected = [first, second.clone()].map(|(before, brought)| format!("{before}..{brought}"));
    assert_eq!(recorded(&repo), expected);
    assert_released(&repo, &second.1);
    repo.ok(["close", "--yes"]);
}

fn merge_again(colleague: &Repo<'_>) -> (String, String) {
    let before = colleague.commit_file("between.txt", "x\n", "Meanwhile again");
    colleague.git_ok(["merge", "--quiet", "--no-ff", "--message", "By hand again", &format!("origin/{BRANCH}")]);
    (before, colleague.head())
}

#[test]
fn a_squash_that_somebody_went_on_from_at_the_same_lines_is_what_brought_the_fix() {
    let sandbox = sandbox!();
    let (repo, colleague) = proposed(&sandbox);
    let (before, squashed) = squash(&colleague);
    // Control: what follows conflicts with the branch, so merging it once more could tell nothing.
    colleague.commit_file("limits.txt", "20\n", "Raise the limit");
    colleague.git_ok(["push", "--quiet", "origin", "main"]);
    repo.git_ok(["fetch", "--quiet"]);
    assert!(repo.git(["merge-tree", "--write-tree", "origin/main", BRANCH]).stdout().contains("CONFLICT"));
    repo.ok(SHIP);
    assert_eq!(recorded(&repo), [format!("{before}..{squashed}")]);
    assert_released(&repo, &squashed);
}

#[test]
fn what_production_got_meanwhile_is_no_part_of_a_fix_that_is_brought_back() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[test]\ncommand = [\"true\"]\n\n[guard]\nmax_files = 4\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    let fix = repo.fix_the_bug();
    repo.ok(["ship", "--no-test", "rehearsal", "--yes"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["revert", "--no-edit", "--mainline", "1", "HEAD"]);
    for number in 0..9 {
        colleague.write(&format!("feature-{number}.txt"), "x\n");
    }
    colleague.commit_all("Grow");
    colleague.git_ok(["push", "--quiet", "origin", "main"]);
    repo.git_ok(["switch", "--quiet", "--create", BRANCH, &fix]);
    repo.commit_file("limits.txt", "10\n", "Limit it");
    let shipped = repo.hotfix(["ship", "--no-test", "rehearsal", "--yes"]).success();
    assert!(shipped.stderr().contains("it is brought back"), "{shipped}");
    assert!(!shipped.stderr().contains("too-big"), "{shipped}");
}
