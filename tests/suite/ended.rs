//! On the branch of an incident that is over, and with several that are open: commands never act on another one.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{DEPLOY_KILLS_US, TITLE, opened, refused, sample_with};

/// An open incident with half a fix, and the branch of one that ended checked out.
fn beside_another<'s>(sandbox: &'s Sandbox, end: &[&'s str]) -> Repo<'s> {
    let repo = opened(sandbox);
    repo.fix_the_bug();
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.ok(["open", "Search is empty", "--severity", "medium"]);
    repo.commit_file("search.sh", "true\n", "Search");
    let tip = repo.head();
    repo.ok(end);
    repo.git_ok(["switch", "--quiet", "-C", "hotfix/search-is-empty", &tip]);
    repo
}

#[test]
fn on_the_branch_of_a_closed_incident_no_other_is_shipped() {
    let sandbox = sandbox!();
    let repo = beside_another(&sandbox, &["close", "--reason", "by mistake"]);
    let production = repo.resolve("origin/main");
    insta::assert_snapshot!(repo.hotfix(["ship", "--yes"]).success().verdict(), @"
    HF-YYYY-ID is closed; there is nothing to ship
    ------- stderr -------
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    hint: --incident HF-YYYY-ID   # Coupons take off too much, which is open
    ");
    let _ = repo.hotfix(["pr"]).success();
    let _ = repo.hotfix(["close", "--reason", "by mistake"]).success();
    insta::assert_snapshot!(refused(&repo, &["abort"], 3), @"
    ------- stderr -------
    error: HF-YYYY-ID is closed; there is nothing to abort
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    hint: --incident HF-YYYY-ID   # Coupons take off too much, which is open
    [exit status: 3]
    ");
    insta::assert_snapshot!(refused(&repo, &["note", "What?"], 3), @"
    ------- stderr -------
    error: HF-YYYY-ID, whose branch is checked out, was closed by Alex Doe
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    hint: --incident HF-YYYY-ID   # Search is empty
    hint: --incident HF-YYYY-ID   # Coupons take off too much
    [exit status: 3]
    ");
    repo.git_ok(["fetch", "--quiet"]);
    assert_eq!(repo.resolve("origin/main"), production);
}

#[test]
fn on_the_branch_of_a_canceled_incident_no_other_is_shipped() {
    let sandbox = sandbox!();
    let repo = beside_another(&sandbox, &["abort"]);
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes"], 3), @"
    ------- stderr -------
    error: HF-YYYY-ID is canceled; there is nothing to ship
    hint: git hotfix reopen HF-YYYY-ID   # to go on with it
    hint: --incident HF-YYYY-ID   # Coupons take off too much, which is open
    [exit status: 3]
    ");
    refused(&repo, &["pr"], 3);
    refused(&repo, &["close"], 3);
    refused(&repo, &["test"], 3);
    let _ = repo.hotfix(["abort"]).success();
}

#[test]
fn of_several_that_are_open_the_one_underway_is_meant_and_named() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, DEPLOY_KILLS_US);
    repo.ok(["open", "Search is empty", "--severity", "medium"]);
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    assert_eq!(repo.run(repo.command("git-hotfix").args(["ship", "--yes"])).code(), None);
    assert_eq!(repo.branch(), "main");
    repo.write("../calm", "");
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes"], 4), @"
    ------- stderr -------
    error: deploy started (`sh -c 'echo x >> ../deploys; [ -e ../calm ] || kill -9 $PPID'`), and how it ended was not recorded
    hint: look at production; if the fix is there: git hotfix mark deployed
    hint: to run it again: git hotfix deploy --again
    [exit status: 4]
    ");
    let said = repo.hotfix(["ship", "--yes"]).exits_with(4);
    assert!(said.stderr().contains("is meant, which is underway: Coupons take off too much"), "{said}");
    repo.ok(["deploy", "--again", "--yes"]);
    // Where none is underway they are listed.
    refused(&repo, &["ship", "--yes"], 3);
}

/// The first hint with these words, as somebody would paste it.
fn follow(repo: &Repo<'_>, said: &str, words: &str) {
    let hint = said.lines().find(|line| line.starts_with("hint: ") && line.contains(words)).expect("it is hinted at");
    let (_, command) = hint.split_once("git hotfix ").expect("it names a command");
    let words = command.split("   #").next().expect("there is a first").split(' ');
    repo.ok(words.collect::<Vec<_>>());
}

#[test]
fn what_is_hinted_at_is_about_the_incident_that_was_named() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, DEPLOY_KILLS_US);
    repo.ok(["open", TITLE, "--severity", "high"]);
    let first = repo.hotfix_json(["status"])["incident"]["id"].as_str().expect("it has an id").to_owned();
    repo.fix_the_bug();
    assert_eq!(repo.run(repo.command("git-hotfix").args(["ship", "--yes"])).code(), None);
    repo.write("../calm", "");
    repo.ok(["open", "Search is empty", "--severity", "medium"]);
    let ship = ["ship", "--yes", "--incident", &first];
    insta::assert_snapshot!(refused(&repo, &ship, 4), @"
    ------- stderr -------
    error: deploy started (`sh -c 'echo x >> ../deploys; [ -e ../calm ] || kill -9 $PPID'`), and how it ended was not recorded
    hint: look at production; if the fix is there: git hotfix --incident HF-YYYY-ID mark deployed
    hint: to run it again: git hotfix --incident HF-YYYY-ID deploy --again
    [exit status: 4]
    ");
    follow(&repo, repo.hotfix(ship).exits_with(4).stderr(), "mark deployed");
    repo.ok(ship);
    assert!(repo.hotfix_json(["status"])["incident"]["deployed_at"].is_null(), "the other one is not deployed");
    assert_eq!(repo.read("../deploys"), "x\n");
}

#[test]
fn of_two_deployments_in_doubt_each_hint_means_its_own() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys; kill -TERM $PPID; sleep 30\"]\n";
    let repo = sample_with(&sandbox, rules);
    for (number, title) in [TITLE, "Search is empty"].into_iter().enumerate() {
        repo.ok(["open", title, "--severity", "high"]);
        repo.commit_file(&format!("{number}.sh"), "true\n", "Mend it");
        let said = repo.hotfix(["ship", "--yes", "--no-test", "x"]).exits_with(143);
        assert_eq!(said.stderr().contains("--incident"), number > 0, "{said}");
        if number > 0 {
            assert_eq!(repo.branch(), "main");
            follow(&repo, said.stderr(), "mark deployed");
        }
    }
    let listed = repo.hotfix_json(["list"]);
    let deployed = |at: usize| !listed["incidents"][at]["deployed_at"].is_null();
    assert_eq!([deployed(0), deployed(1)].iter().filter(|is| **is).count(), 1, "{listed}");
    assert_eq!(repo.read("../deploys"), "x\nx\n");
}
