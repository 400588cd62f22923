//! What one round of a command has read, the next one reads anew where something ran in between.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, sample_with};

/// A fix in a repository whose hook after this event runs a line of shell.
fn with_hook<'s>(sandbox: &'s Sandbox, event: &str, line: &str) -> Repo<'s> {
    let repo = sample_with(sandbox, &format!("[hooks]\n{event} = [\"sh\", \"-c\", \"{line}\"]\n"));
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo
}

#[test]
fn a_hook_that_changes_a_file_is_noticed() {
    let sandbox = sandbox!();
    let repo = with_hook(&sandbox, "records-delivered", "echo '# hook' >>total.sh");
    repo.ok(["ship", "--yes"]);
    let refused = repo.hotfix(["close"]).exits_with(3);
    assert!(refused.stderr().contains("uncommitted work here: total.sh"), "{refused}");
    repo.git_ok(["checkout", "total.sh"]);
    repo.ok(["close"]);
}

#[test]
fn a_hook_of_git_that_changes_a_file_is_noticed() {
    let sandbox = sandbox!();
    let repo = with_hook(&sandbox, "noted", "true");
    repo.ok(["ship", "--yes"]);
    repo.hook(".git/hooks/post-merge", "echo '# hook' >>total.sh");
    let refused = repo.hotfix(["close"]).exits_with(3);
    assert!(refused.stderr().contains("uncommitted work here: total.sh"), "{refused}");
}

#[test]
fn tests_that_change_a_file_are_noticed() {
    let sandbox = sandbox!();
    let rules = "[test]\ncommand = [\"sh\", \"-c\", \"echo '# test' >>total.sh\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    // With its regression test and without one, of which the result and the lack are recorded together.
    repo.write_fix();
    repo.commit_all("Fix the total");
    for command in [&["ship", "--yes"][..], &["pr"]] {
        let refused = repo.hotfix(command).exits_with(3);
        assert!(refused.stderr().contains("uncommitted work here: total.sh"), "{refused}");
        repo.git_ok(["checkout", "--quiet", "total.sh"]);
        if command == ["ship", "--yes"] {
            repo.write_regression_test();
            repo.commit_all("Test it");
        }
    }
}

#[test]
fn a_hook_that_commits_ships_with_the_fix() {
    let sandbox = sandbox!();
    let line = "test -e more.txt || { echo more >more.txt; git add more.txt; git commit --quiet -m More; }";
    let repo = with_hook(&sandbox, "guarded", line);
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.git_ok(["show", "origin/main:more.txt"]), "more");
}

#[test]
fn a_hook_that_records_is_part_of_the_record() {
    let sandbox = sandbox!();
    let repo = with_hook(&sandbox, "guarded", "git hotfix note 'said meanwhile' --no-hooks");
    repo.ok(["ship", "--yes"]);
    let log = repo.hotfix(["log"]).success();
    let log = log.stdout();
    assert_eq!(log.matches("said meanwhile").count(), 1, "{log}");
    repo.ok(["close"]);
}
