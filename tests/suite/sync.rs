//! One ledger on several machines: whatever each recorded alone, all end with the same.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, opened, refused, sample_with};

/// Two clones of one repository whose people let the remote have the ledger; the first has an incident open.
fn two(sandbox: &Sandbox) -> (Repo<'_>, Repo<'_>) {
    let ada = opened(sandbox);
    let bob = ada.clone_as("bob");
    for repo in [&ada, &bob] {
        repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    }
    (ada, bob)
}

/// The commits of the ledgers, by year.
fn ledger(repo: &Repo<'_>) -> String {
    repo.git_ok(["for-each-ref", "--format=%(objectname) %(refname)", "refs/hotfix/ledger"])
}

fn year(repo: &Repo<'_>) -> String {
    repo.git_ok(["for-each-ref", "--format=%(refname:lstrip=3)", "refs/hotfix/ledger"]).trim().to_owned()
}

#[test]
fn an_incident_goes_to_a_colleague_and_what_both_recorded_becomes_one() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    let sent = ada.hotfix(["sync"]).success();
    assert_eq!(sent.stdout(), "2 events went to origin\n");
    let nothing = ada.hotfix(["sync"]).success();
    assert_eq!(nothing.stdout(), "origin has what is here\n");
    let came = bob.hotfix(["sync"]).success();
    assert_eq!(came.stdout(), "2 events came from origin\n");
    assert_eq!(ledger(&bob), ledger(&ada));
    // Both go on without knowing of each other.
    ada.ok(["note", "restarted the queue"]);
    ada.ok(["triage", "--severity", "critical"]);
    bob.ok(["note", "called the bank"]);
    ada.ok(["sync"]);
    let both = bob.hotfix(["sync"]).success();
    assert_eq!(both.stdout(), "2 events came from origin, 1 went there\n");
    ada.ok(["sync"]);
    assert_eq!(ledger(&bob), ledger(&ada));
    for repo in [&ada, &bob] {
        let shown = repo.hotfix(["show"]).success();
        for part in ["restarted the queue", "called the bank", "critical"] {
            assert!(shown.stdout().contains(part), "{part}: {shown}");
        }
        repo.git_ok(["fsck", "--strict"]);
    }
}

#[test]
fn two_that_unite_the_same_apart_come_to_one_commit() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    ada.ok(["sync"]);
    bob.ok(["sync"]);
    ada.ok(["note", "by ada"]);
    bob.ok(["note", "by bob"]);
    // Each gets the other's by hand, and the remote gets neither meanwhile.
    let place = format!("refs/hotfix/ledger/{}", year(&ada));
    let there = ada.origin();
    let there = there.to_str().expect("a path").to_owned();
    ada.git_ok(["push", "--quiet", &there, &format!("{place}:refs/tmp/ada")]);
    bob.git_ok(["push", "--quiet", &there, &format!("{place}:refs/tmp/bob")]);
    let origin = ada.at("../origin.git");
    origin.git_ok(["update-ref", &place, "refs/tmp/bob"]);
    ada.ok(["sync"]);
    origin.git_ok(["update-ref", &place, "refs/tmp/ada"]);
    bob.ok(["sync"]);
    assert_eq!(ledger(&bob), ledger(&ada));
}

#[test]
fn a_clone_that_knows_of_nothing_names_the_command_that_brings_it() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    ada.ok(["sync"]);
    let brings = "git hotfix sync   # brings those that others recorded";
    for (arguments, code) in [(&["list"][..], 0), (&["status"], 0), (&["note", "restarted the queue"], 3)] {
        assert!(bob.hotfix(arguments).exits_with(code).stderr().contains(brings), "{arguments:?}");
    }
    bob.ok(["sync"]);
    assert!(!bob.hotfix(["list"]).success().stderr().contains(brings));
    // Where there is no remote, nobody has any.
    let alone = sandbox.empty_repo("alone");
    assert!(!alone.hotfix(["list"]).success().stderr().contains(brings));
}

#[test]
fn nothing_is_shared_until_a_person_says_so() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let before = repo.remote_refs();
    for arguments in [&["sync"][..], &["sync", "--yes"]] {
        let said = refused(&repo, arguments, 3);
        assert!(said.contains("nobody allowed to share the ledger with origin"), "{said}");
    }
    repo.git_ok(["config", "hotfix.ledger.share", "false"]);
    refused(&repo, &["sync"], 3);
    assert_eq!(repo.remote_refs(), before);
    let none = refused(&repo, &["sync", "nowhere"], 2);
    assert!(none.contains("there is no remote nowhere"), "{none}");
    let offline = refused(&repo, &["sync", "--offline"], 3);
    assert!(offline.contains("--offline says not to"), "{offline}");
}

/// The variable is a person's own word, as every setting may come from the environment.
#[test]
fn the_environment_may_let_a_remote_have_the_record() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let run = |arguments: &[&str], share: &str| {
        let mut command = repo.command("git");
        repo.run(command.arg("hotfix").args(arguments).env("HOTFIX_LEDGER_SHARE", share))
    };
    let said = run(&["sync"], "false").exits_with(3);
    assert!(said.stderr().contains("nobody allowed to share the ledger with origin"), "{said}");
    let _ = run(&["sync"], "true").success();
    let place = format!("refs/hotfix/ledger/{}", year(&repo));
    let there = || repo.git_ok(["ls-remote", "origin", &place]);
    let first = there();
    assert!(!first.is_empty());
    // By itself, too, around what records; and it remembers nothing.
    let _ = run(&["note", "later"], "true").success();
    assert!(there() != first, "{first}");
    refused(&repo, &["sync"], 3);
}

#[test]
fn a_remote_that_lost_events_is_told_and_they_are_put_back_when_asked() {
    let sandbox = sandbox!();
    let (ada, _) = two(&sandbox);
    let place = format!("refs/hotfix/ledger/{}", year(&ada));
    let origin = ada.at("../origin.git");
    ada.ok(["sync"]);
    let first = origin.git_ok(["rev-parse", &place]).trim().to_owned();
    ada.ok(["note", "restarted the queue"]);
    ada.ok(["sync"]);
    for lost in [&["update-ref", &place, &first][..], &["update-ref", "-d", &place]] {
        let whole = ledger(&ada);
        origin.git_ok(lost);
        let said = ada.hotfix(["sync"]).exits_with(4);
        assert!(said.stderr().contains("origin lost "), "{said}");
        assert!(said.stderr().contains("sync origin --restore"), "{said}");
        assert_eq!(ledger(&ada), whole);
        let _ = ada.hotfix(["sync"]).exits_with(4);
        ada.ok(["sync", "--restore"]);
        assert_eq!(origin.git_ok(["rev-parse", &place]).trim(), ada.git_ok(["rev-parse", &place]).trim());
        ada.ok(["sync"]);
    }
}

#[test]
fn what_is_no_ledger_is_not_taken_for_one() {
    let sandbox = sandbox!();
    let (ada, _) = two(&sandbox);
    let whole = ledger(&ada);
    let place = format!("refs/hotfix/ledger/{}", year(&ada));
    let origin = ada.at("../origin.git");
    origin.git_ok(["update-ref", &place, "main"]);
    let said = ada.hotfix(["sync"]).exits_with(3);
    assert!(said.stderr().contains(&format!("{place} of origin is no ledger")), "{said}");
    origin.git_ok(["update-ref", &place, "main:total.sh"]);
    let said = ada.hotfix(["sync"]).exits_with(3);
    assert!(said.stderr().contains(&format!("{place} of origin is no ledger")), "{said}");
    assert_eq!(ledger(&ada), whole);
    ada.ok(["note", "the night goes on"]);
}

#[test]
fn a_host_that_takes_only_branches_gets_a_branch() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    ada.hook(
        "../origin.git/hooks/pre-receive",
        "#!/bin/sh\nwhile read -r old new name; do case $name in refs/heads/*|refs/tags/*) ;; *) echo 'only branches' >&2; exit 1;; esac; done\n",
    );
    let said = ada.hotfix(["sync"]).success();
    assert!(said.stderr().contains(&format!("the ledger is on hotfix-ledger/{} there", year(&ada))), "{said}");
    let again = ada.hotfix(["sync"]).success();
    assert!(!again.stderr().contains("the ledger is on"), "it is said once: {again}");
    bob.ok(["sync"]);
    bob.ok(["note", "called the bank"]);
    bob.ok(["sync"]);
    ada.ok(["sync"]);
    assert_eq!(ledger(&bob), ledger(&ada));
}

#[test]
fn what_one_forgot_is_forgotten_everywhere_and_comes_back_from_nobody() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    let secret = "the cellar door opens with seven apples";
    ada.ok(["note", secret]);
    ada.ok(["sync"]);
    bob.ok(["sync"]);
    let shown = ada.hotfix(["log", "--ids"]).success();
    let line = shown.stdout().lines().find(|line| line.contains(secret)).expect("it was noted").to_owned();
    let id = line.split_whitespace().next().expect("an id");
    ada.ok(["ledger", "forget", id, "--reason", "it opens the door", "--yes"]);
    bob.ok(["note", "called the bank"]);
    ada.ok(["sync"]);
    bob.ok(["sync"]);
    ada.ok(["sync"]);
    assert_eq!(ledger(&bob), ledger(&ada));
    let origin = ada.at("../origin.git");
    for repo in [&ada, &bob, &origin] {
        let script = "git rev-list --objects $(git for-each-ref --format='%(refname)' refs/hotfix refs/hotfix-remotes) | cut -d' ' -f1 | git cat-file --batch";
        let bytes = repo.run(repo.command("sh").args(["-c", script])).success();
        assert!(!bytes.stdout().contains(secret), "{}", repo.folder().display());
    }
    let shown = bob.hotfix(["show"]).success();
    for part in ["(forgotten: it opens the door)", "called the bank"] {
        assert!(shown.stdout().contains(part), "{shown}");
    }
}

#[test]
fn a_year_that_is_no_ledger_there_stops_no_other() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    ada.ok(["sync"]);
    bob.ok(["sync"]);
    let origin = ada.at("../origin.git");
    origin.git_ok(["update-ref", "refs/hotfix/ledger/1999", "main"]);
    ada.ok(["note", "restarted the queue"]);
    let said = ada.hotfix(["sync"]).exits_with(3);
    assert!(said.stderr().contains("refs/hotfix/ledger/1999 of origin is no ledger; all other years"), "{said}");
    let _ = bob.hotfix(["sync"]).exits_with(3);
    assert!(bob.hotfix(["log"]).success().stdout().contains("restarted the queue"));
    assert_eq!(ledger(&bob), ledger(&ada));
    assert_eq!(origin.git_ok(["rev-parse", "refs/hotfix/ledger/1999"]), origin.git_ok(["rev-parse", "main"]));
}

#[test]
fn what_replaced_the_ledger_there_gives_way_when_asked_for() {
    let sandbox = sandbox!();
    let (ada, _) = two(&sandbox);
    ada.ok(["sync"]);
    let place = format!("refs/hotfix/ledger/{}", year(&ada));
    let origin = ada.at("../origin.git");
    origin.git_ok(["update-ref", &place, "main"]);
    let said = ada.hotfix(["sync"]).exits_with(4);
    assert!(said.stderr().contains("origin lost 2 events"), "{said}");
    assert!(said.stderr().contains(&format!("what {place} has now is no ledger")), "{said}");
    assert_eq!(origin.git_ok(["rev-parse", &place]), origin.git_ok(["rev-parse", "main"]));
    ada.ok(["sync", "--restore"]);
    assert_eq!(origin.git_ok(["rev-parse", &place]).trim(), ada.git_ok(["rev-parse", &place]).trim());
    ada.ok(["sync"]);
}

#[test]
fn whoever_drives_a_fix_is_told_that_nobody_sees_it() {
    const UNSEEN: &str = "note: nobody sees what is recorded here";
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[ledger]\nshare = true\n");
    let opened = repo.hotfix(["open", TITLE, "--severity", "high"]).success();
    assert!(opened.stderr().contains(&format!("{UNSEEN} until you allow it: git hotfix sync origin")), "{opened}");
    let doctor = repo.hotfix(["doctor"]);
    assert!(doctor.stdout().contains("shared with nobody until you allow origin to have it"), "{doctor}");
    assert!(doctor.stdout().contains("fix: git hotfix sync origin"), "{doctor}");
    repo.git_ok(["config", "hotfix.ledger.share", "false"]);
    let declined = repo.hotfix(["ship", "--dry-run"]);
    assert!(!declined.stderr().contains(UNSEEN), "that was decided: {declined}");
    repo.git_ok(["config", "hotfix.ledger.share", "true"]);
    let shared = repo.hotfix(["ship", "--yes"]);
    assert!(!shared.stderr().contains(UNSEEN), "{shared}");
}

#[test]
fn a_remote_that_the_rules_name_and_that_is_not_here_is_named_by_its_key() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[ledger]\nshare = true\nremote = \"records\"\n");
    let missing = "`ledger.remote` is records, and there is no such remote";
    let opened = repo.hotfix(["open", TITLE, "--severity", "high"]).success();
    assert!(opened.stderr().contains(missing), "{opened}");
    let doctor = repo.hotfix(["doctor"]);
    assert!(
        doctor.stdout().contains(missing) && doctor.stdout().contains("fix: git remote add records URL"),
        "{doctor}"
    );
    let said = refused(&repo, &["sync"], 2);
    assert!(said.contains("`ledger.remote`: there is no remote records"), "{said}");
}
