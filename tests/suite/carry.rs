//! "I have fixed it already": what is there goes along to the branch of the fix, or everything stays as it is.

use hotfix_tests::{Moment, Repo, Sample, Shim, sandbox};

use crate::fixtures::{CONFLICT, TITLE, advance_production, refused};

const CARRY: [&str; 5] = ["open", TITLE, "--severity", "high", "--carry"];
const BRANCH: &str = "hotfix/coupons-take-off-too-much";

fn status(repo: &Repo<'_>) -> String {
    repo.git_ok(["status", "--porcelain"])
}

#[test]
fn uncommitted_work_goes_along() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write_fix();
    repo.write_regression_test();
    repo.git_ok(["add", "test"]);
    let lies = status(&repo);
    assert!(refused(&repo, &CARRY[..4], 3).contains("--severity high --carry   # the work here is the fix"));
    // Production went on elsewhere meanwhile.
    let colleague = repo.clone_as("colleague");
    let production = colleague.commit_file("other.txt", "x\n", "Something else");
    colleague.git_ok(["push", "--quiet"]);
    repo.ok(CARRY);
    assert_eq!((status(&repo), repo.branch().as_str(), repo.head()), (lies, BRANCH, production));
    repo.commit_all("Take it off once");
    repo.ok(["ship", "--yes"]);
    assert_eq!(status(&repo), "");
}

#[test]
fn commits_on_production_here_go_along_and_it_goes_back() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let production = repo.head();
    let fix = repo.fix_the_bug();
    repo.write("notes.txt", "mine\n");
    let said = repo.hotfix(CARRY).success();
    let id = repo.hotfix_json(["show"])["incident"]["id"].as_str().unwrap().to_owned();
    let back = format!("git branch -f main refs/hotfix/carried/{id}");
    assert!(said.stderr().contains(&format!("hint: {back}   # takes it back")), "{said}");
    assert_eq!((repo.branch().as_str(), repo.head()), (BRANCH, fix.clone()));
    assert_eq!(repo.resolve("main"), Some(production.clone()));
    assert_eq!((repo.resolve(&format!("refs/hotfix/carried/{id}")), repo.has("notes.txt")), (Some(fix.clone()), true));
    // Run again, nothing is left to do.
    let before = repo.state();
    repo.ok(CARRY);
    assert_eq!(repo.state(), before);
    // The line that was printed restores.
    let _ = repo.run(repo.command("sh").args(["-c", &back])).success();
    assert_eq!(repo.resolve("main"), Some(fix));
    repo.git_ok(["branch", "--force", "main", &production]);
    repo.ok(["ship", "--yes"]);
}

#[test]
fn what_would_not_go_along_is_refused_and_nothing_changes() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    advance_production(&repo, CONFLICT);
    repo.write_fix();
    let fetched = repo.hotfix(["open", "Other", "--severity", "high", "--worktree"]);
    let _ = fetched.success();
    let said = refused(&repo, &CARRY, 3);
    assert!(said.contains("error: the uncommitted work does not go along: total.sh is another file"), "{said}");
    assert!(said.contains("git stash --include-untracked && git hotfix open"), "{said}");
    // Committed, it does not either.
    repo.commit_all("Take it off once");
    let said = refused(&repo, &CARRY, 3);
    assert!(said.contains("error: origin/main went on since the commits that main has here were made"), "{said}");
    assert!(said.contains("hint: git rebase origin/main main"), "{said}");
    // With uncommitted work on top git begins no rebase, unless it takes that along.
    repo.write("total.sh", &format!("{}# more\n", repo.read("total.sh")));
    let said = refused(&repo, &CARRY, 3);
    assert!(said.contains("hint: git rebase --autostash origin/main main"), "{said}");
    repo.git_ok(["checkout", "--quiet", "total.sh"]);
    // The control: settled, it does.
    repo.git_ok(["rebase", "--quiet", "--strategy-option", "theirs", "origin/main"]);
    repo.ok(CARRY);
    assert_eq!(repo.branch(), BRANCH);
    // Nor does an untracked file that is there.
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let colleague = repo.clone_as("colleague");
    colleague.commit_file("docs/new.md", "theirs\n", "Write it");
    colleague.git_ok(["push", "--quiet"]);
    repo.git_ok(["fetch", "--quiet"]);
    repo.write("docs/new.md", "mine\n");
    repo.write_fix();
    assert!(refused(&repo, &CARRY, 3).contains("docs/new.md is another file"));
    for flag in ["--worktree", "--take-over"] {
        assert!(refused(&repo, &[&CARRY[..], &[flag]].concat(), 2).contains(flag));
    }
}

#[test]
fn commits_made_on_production_after_open_go_along_too() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", TITLE, "--severity", "high"]);
    let production = repo.head();
    repo.git_ok(["switch", "--quiet", "main"]);
    let fix = repo.fix_the_bug();
    repo.ok(CARRY);
    assert_eq!((repo.branch().as_str(), repo.head()), (BRANCH, fix));
    assert_eq!(repo.resolve("main"), Some(production));
    repo.ok(["ship", "--yes"]);
}

#[test]
fn an_undo_says_how_production_here_gets_back_what_was_taken_along() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let production = repo.head();
    let fix = repo.fix_the_bug();
    repo.ok(CARRY);
    let said = repo.hotfix(["undo"]).success();
    assert_eq!((repo.branch().as_str(), repo.head()), ("main", production));
    let line = said.stderr().lines().find_map(|line| line.strip_prefix("hint: git merge --ff-only ")).expect("a line");
    assert!(line.contains("   # main here had these commits before --carry took them along"), "{said}");
    let _ = repo.run(repo.command("sh").args(["-c", &format!("git merge --quiet --ff-only {line}")])).success();
    assert_eq!(repo.head(), fix);
    // Once more, nothing is to be brought back.
    assert!(!repo.hotfix(["undo"]).success().stderr().contains("refs/hotfix/carried"));
}

/// Ended at each program that it starts: the same command finishes it.
#[test]
fn a_carry_that_was_cut_short_is_finished_by_the_same_command() {
    let mut cuts = 0;
    for number in 1.. {
        let mut has_fired = false;
        for moment in [Moment::Before, Moment::After] {
            let sandbox = sandbox!();
            let repo = sandbox.sample(Sample::Shell).with_remote();
            let production = repo.head();
            let fix = repo.fix_the_bug();
            repo.write("total.sh", &format!("{}# more\n", repo.read("total.sh")));
            let shim = Shim::new(&sandbox, &["git"]);
            let _ = repo.run(shim.killing(&repo, "git-hotfix", number, moment).args(CARRY));
            has_fired |= shim.fired();
            cuts += usize::from(shim.fired());
            repo.ok(CARRY);
            let there = (repo.branch(), repo.head(), status(&repo));
            assert_eq!(there, (BRANCH.to_owned(), fix, " M total.sh".to_owned()), "{moment:?} {number}");
            assert_eq!(repo.resolve("main"), Some(production), "{moment:?} {number}");
            assert!(repo.git_ok(["for-each-ref", "refs/hotfix/carried"]).lines().count() == 1, "{moment:?} {number}");
        }
        if !has_fired {
            break;
        }
    }
    assert!(cuts > 4, "{cuts} cuts");
}
