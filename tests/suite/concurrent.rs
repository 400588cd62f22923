//! Two clones go on with one incident at once, and sync then: nothing of either is lost, and what cannot both be is told.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, opened, refused, with_bob};

/// Both know the incident that the first has open.
fn both_know(sandbox: &Sandbox) -> (Repo<'_>, Repo<'_>) {
    let (ada, bob) = with_bob(opened(sandbox));
    met(&ada, &bob);
    (ada, bob)
}

/// Both come to the same ledger.
#[track_caller]
fn met(ada: &Repo<'_>, bob: &Repo<'_>) {
    for repo in [ada, bob, ada] {
        repo.ok(["sync"]);
    }
    let ledger = |repo: &Repo<'_>| repo.git_ok(["for-each-ref", "--format=%(objectname)", "refs/hotfix/ledger"]);
    assert_eq!(ledger(ada), ledger(bob));
}

#[test]
fn each_finishes_the_follow_up_that_it_saw() {
    let sandbox = sandbox!();
    let (ada, bob) = both_know(&sandbox);
    for (repo, done, left) in [(&ada, "alert on the queue", "by ada"), (&bob, "test the total", "by bob")] {
        repo.ok(["follow-up", "add", done]);
        repo.ok(["follow-up", "done", "1"]);
        repo.ok(["follow-up", "add", left]);
    }
    met(&ada, &bob);
    let listed = ada.hotfix(["follow-up", "list"]).success();
    assert_eq!(listed.stdout(), bob.hotfix(["follow-up", "list"]).success().stdout());
    assert_eq!(listed.stdout().lines().count(), 4, "{listed}");
    for (repo, left) in [(&ada, "by ada"), (&bob, "by bob")] {
        let number = listed.stdout().lines().zip(1..).find(|(line, _)| line.contains(left)).expect("it is left").1;
        repo.ok(["follow-up", "done", &number.to_string()]);
    }
    met(&ada, &bob);
    let status = bob.hotfix(["status"]).success();
    assert!(!status.stdout().contains("open\n") && !status.stdout().contains("odd"), "{status}");
}

#[test]
fn two_severities_are_told_until_somebody_decides() {
    let sandbox = sandbox!();
    let (ada, bob) = both_know(&sandbox);
    ada.ok(["triage", "--severity", "critical"]);
    bob.ok(["triage", "--severity", "medium"]);
    met(&ada, &bob);
    for repo in [&ada, &bob] {
        let status = repo.hotfix(["status", "--incident", &incident(repo)]).success();
        for part in ["odd: at once in two clones", "critical (Ada)", "medium (Bob)", "triage --severity LEVEL"] {
            assert!(status.stdout().contains(part), "{part}: {status}");
        }
        let json = repo.hotfix_json(["status"]);
        assert_eq!(json["incident"]["anomalies"].as_array().map(Vec::len), Some(1), "{json}");
    }
    bob.ok(["triage", "--severity", "critical"]);
    met(&ada, &bob);
    assert!(!ada.hotfix(["status"]).success().stdout().contains("odd:"));
}

fn incident(repo: &Repo<'_>) -> String {
    let listed = repo.hotfix(["list"]).success();
    listed.stdout().split_whitespace().next().expect("an incident").to_owned()
}

#[test]
fn an_incident_given_up_here_while_it_shipped_there_stays_open() {
    let sandbox = sandbox!();
    let (ada, bob) = both_know(&sandbox);
    ada.fix_the_bug();
    let branch = ada.git_ok(["branch", "--show-current"]).trim().to_owned();
    ada.git_ok(["push", "--quiet", "origin", &branch]);
    bob.git_ok(["fetch", "--quiet"]);
    bob.git_ok(["switch", "--quiet", &branch]);
    bob.ok(["ship", "--yes"]);
    // Without a network it cannot know.
    ada.ok(["abort", "--reason", "false alarm", "--offline"]);
    met(&ada, &bob);
    for repo in [&ada, &bob] {
        let status = repo.hotfix(["status"]).success();
        for part in ["incident canceled: false alarm (Ada)", "fix merged", "(Bob); it stays open", "ship   # goes on:"]
        {
            assert!(status.stdout().contains(part), "{part}: {status}");
        }
        repo.git_ok(["fsck", "--strict"]);
    }
    bob.ok(["close", "--yes"]);
    met(&ada, &bob);
    let over = ada.hotfix(["status", "--incident", &closed(&ada)]).success();
    assert!(over.stdout().contains("closed") && !over.stdout().contains("odd:"), "{over}");
}

fn closed(repo: &Repo<'_>) -> String {
    let listed = repo.hotfix(["list", "--status", "closed"]).success();
    listed.stdout().split_whitespace().next().expect("an incident").to_owned()
}

#[test]
fn one_incident_opened_twice_is_told_and_asks_which() {
    let sandbox = sandbox!();
    let sample = sandbox.sample(hotfix_tests::Sample::Shell).with_remote();
    let (ada, bob) = with_bob(sample);
    for repo in [&ada, &bob] {
        repo.ok(["open", TITLE, "--severity", "high"]);
    }
    let own = incident(&bob);
    met(&ada, &bob);
    let listed = bob.hotfix(["list"]).success();
    assert!(listed.stdout().contains("are both open on hotfix/"), "{listed}");
    let asked = refused(&bob, &["note", "which?"], 3);
    assert!(asked.contains("2 incidents are open on hotfix/") && asked.contains("--incident HF-"), "{asked}");
    let status = bob.hotfix(["status", "--incident", &own]).success();
    assert!(status.stdout().contains("are both open on hotfix/"), "{status}");
    // Each command that is named says which one, since their branch does not.
    for (repo, severity) in [(&ada, "critical"), (&bob, "medium")] {
        repo.ok(["triage", "--severity", severity, "--incident", &own]);
    }
    met(&ada, &bob);
    bob.fix_the_bug();
    let status = bob.hotfix(["status", "--incident", &own]).success();
    assert!(status.stdout().contains(&format!("git hotfix --incident {own} triage --severity LEVEL")), "{status}");
    assert!(status.stderr().contains(&format!("next: git hotfix ship --incident {own}")), "{status}");
    let branch = bob.git_ok(["branch", "--show-current"]);
    let given_up = bob.hotfix(["abort", "--incident", &own, "--reason", "the same as Ada's"]).success();
    assert!(given_up.stdout().contains(" stays: HF-") && !given_up.stdout().contains("git branch"), "{given_up}");
    assert_eq!(bob.git_ok(["branch", "--show-current"]), branch, "the other one needs it");
    bob.ok(["note", "the one that is left"]);
    met(&ada, &bob);
    assert!(!ada.hotfix(["list"]).success().stdout().contains("odd:"));
}

/// A waiver that one clone recorded holds where the other's ledger is all that came.
#[test]
fn a_line_that_need_not_have_the_fix_is_known_in_a_fresh_clone() {
    let sandbox = sandbox!();
    let sample = sandbox.sample(hotfix_tests::Sample::Shell);
    sample.commit_file("hotfix.toml", "[release]\nlines = [\"release/*\"]\n", "Set the rules");
    let sample = sample.with_remote();
    sample.git_ok(["push", "--quiet", "origin", "main:release/1.0"]);
    let (ada, bob) = with_bob(sample);
    ada.ok(["open", TITLE, "--severity", "high"]);
    ada.fix_the_bug();
    met(&ada, &bob);
    ada.ok(["propagation", "--waive", "release/1.0", "--reason", "nobody runs it"]);
    ada.ok(["ship", "--yes"]);
    bob.ok(["note", "called the bank"]);
    met(&ada, &bob);
    let fresh = ada.clone_as("fresh");
    fresh.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    let before = fresh.hotfix(["propagation", "--check"]).exits_with(1);
    fresh.ok(["sync"]);
    let after = fresh.hotfix(["propagation", "--check"]).success();
    assert_ne!(before.stdout(), after.stdout());
}
