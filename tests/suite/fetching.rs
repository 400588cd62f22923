//! What `git fetch` does with the record: it brings none of it until `sync --setup`, and spoils none of it after.

use hotfix_tests::{CommandOutput, Repo, Sandbox, sandbox};

use crate::fixtures::opened;

const BRINGS: &str = "+refs/hotfix/ledger/*:refs/hotfix-remotes/origin/fetched/*";

/// A clone whose person shared the record, and another one's, who knows nothing of it.
fn two(sandbox: &Sandbox) -> (Repo<'_>, Repo<'_>) {
    let ada = opened(sandbox);
    ada.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    ada.ok(["sync"]);
    let bob = ada.clone_as("bob");
    (ada, bob)
}

/// What the doctor says of the record.
fn checked(repo: &Repo<'_>) -> String {
    let doctor = repo.hotfix(["doctor"]);
    doctor.stdout().lines().find(|line| line.contains("  ledger  ")).expect("it is checked").to_owned()
}

fn refs(repo: &Repo<'_>, below: &str) -> String {
    repo.git_ok(["for-each-ref", "--format=%(objectname) %(refname)", below])
}

/// The refspecs of `origin`.
fn rules(repo: &Repo<'_>) -> Vec<String> {
    repo.git_ok(["config", "--get-all", "remote.origin.fetch"]).lines().map(str::to_owned).collect()
}

fn set_up(repo: &Repo<'_>) -> CommandOutput {
    repo.hotfix(["sync", "--setup"]).success()
}

#[test]
fn a_fetch_brings_the_record_once_it_is_set_up() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    assert_eq!(refs(&bob, "refs/hotfix"), "", "a clone brings none of it");
    let warned = checked(&bob);
    assert!(warned.starts_with('!') && warned.ends_with("; fix: git hotfix sync origin --setup"), "{warned}");
    let before = rules(&bob);
    let said = set_up(&bob);
    assert!(said.stdout().contains("`git hotfix sync --offline` takes them in"), "{said}");
    assert!(said.stderr().contains(BRINGS), "it says what it wrote: {said}");
    let _ = set_up(&bob);
    assert_eq!(rules(&bob), [before, vec![BRINGS.to_owned()]].concat(), "it is written once");
    assert!(checked(&bob).starts_with('✓'), "{}", checked(&bob));
    bob.git_ok(["fetch", "--quiet"]);
    let taken = bob.hotfix(["sync", "--offline"]).success();
    assert_eq!(taken.stdout(), "2 events came by `git fetch` of origin\n");
    assert_eq!(refs(&bob, "refs/hotfix/ledger"), refs(&ada, "refs/hotfix/ledger"));
    let again = bob.hotfix(["sync", "--offline"]).success();
    assert!(again.stdout().contains("is here already"), "{again}");
    let fresh = ada.clone_as("carol");
    let elsewhere = fresh.hotfix(["sync", "--offline"]).exits_with(3);
    assert!(elsewhere.stderr().contains("--offline says not to"), "{elsewhere}");
}

#[test]
fn nothing_is_said_where_nothing_is_shared() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    assert_eq!(checked(&repo), "✓ ok       ledger      the record is shared with nobody");
    repo.git_ok(["remote", "remove", "origin"]);
    assert_eq!(checked(&repo), "✓ ok       ledger      the record stays here: there is no remote");
}

/// `fetch.prune` deletes what a refspec leads to and the remote does not have: what the remote had is remembered elsewhere.
#[test]
fn a_fetch_that_prunes_takes_nothing_that_only_this_clone_knows() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    let _ = set_up(&ada);
    ada.git_ok(["config", "fetch.prune", "true"]);
    ada.git_ok(["fetch", "--quiet"]);
    ada.ok(["note", "restarted the queue"]);
    let kept = [refs(&ada, "refs/hotfix"), refs(&ada, "refs/hotfix-remotes/origin/[0-9]*")];
    assert_ne!(kept[1], "");
    let origin = ada.at("../origin.git");
    let place = origin.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    origin.git_ok(["update-ref", "-d", &place]);
    ada.git_ok(["fetch", "--quiet"]);
    ada.git_ok(["remote", "update", "--prune"]);
    assert_eq!(refs(&ada, "refs/hotfix-remotes/origin/fetched"), "", "the control: it pruned");
    assert_eq!([refs(&ada, "refs/hotfix"), refs(&ada, "refs/hotfix-remotes/origin/[0-9]*")], kept);
    let said = ada.hotfix(["sync"]).exits_with(4);
    assert!(said.stderr().contains("origin lost 2 events"), "{said}");
    ada.ok(["sync", "--restore"]);
    bob.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    bob.ok(["sync"]);
    assert_eq!(refs(&bob, "refs/hotfix/ledger"), refs(&ada, "refs/hotfix/ledger"));
}

/// No fast-forward leads to a record that forgot something.
#[test]
fn a_fetch_after_something_was_forgotten_does_not_fail() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    let _ = set_up(&bob);
    bob.git_ok(["fetch", "--quiet"]);
    ada.ok(["note", "the door opens with seven apples"]);
    ada.ok(["sync"]);
    bob.git_ok(["fetch", "--quiet"]);
    let log = ada.hotfix(["log", "--ids"]).success();
    let line = log.stdout().lines().find(|line| line.contains("apples")).expect("it was noted");
    let id = line.split_whitespace().next().expect("an id");
    ada.ok(["ledger", "forget", id, "--reason", "it opens the door", "--yes"]);
    ada.ok(["sync"]);
    bob.git_ok(["fetch", "--quiet"]);
    bob.ok(["sync", "--offline"]);
    assert_eq!(refs(&bob, "refs/hotfix/ledger"), refs(&ada, "refs/hotfix/ledger"));
}

#[test]
fn a_fetch_of_a_mirror_leaves_the_record_alone_once_it_is_set_up() {
    let sandbox = sandbox!();
    let (ada, _) = two(&sandbox);
    for is_set_up in [false, true] {
        let folder = sandbox.root().join(format!("mirror-{is_set_up}.git"));
        let path = folder.to_str().expect("a path");
        ada.git_ok(["clone", "--quiet", "--mirror", "../origin.git", path]);
        let mirror = ada.at(&folder);
        mirror.git_ok(["config", "fetch.prune", "true"]);
        assert!(checked(&mirror).contains("sets the record here back (+refs/*:refs/*)"), "{}", checked(&mirror));
        if is_set_up {
            let said = set_up(&mirror);
            assert!(said.stdout().contains("leaves the ledger here alone"), "{said}");
            let _ = set_up(&mirror);
            assert_eq!(rules(&mirror), ["+refs/*:refs/*", "^refs/hotfix/*", "^refs/hotfix-remotes/*"]);
            assert!(checked(&mirror).starts_with('✓'), "{}", checked(&mirror));
        }
        mirror.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
        mirror.ok(["sync"]);
        mirror.ok(["note", "seen from the mirror"]);
        let kept = [refs(&mirror, "refs/hotfix"), refs(&mirror, "refs/hotfix-remotes")];
        assert_ne!(kept[1], "");
        mirror.git_ok(["fetch", "--quiet"]);
        mirror.git_ok(["remote", "update", "--prune"]);
        let now = [refs(&mirror, "refs/hotfix"), refs(&mirror, "refs/hotfix-remotes")];
        if is_set_up {
            assert_eq!(now, kept);
            mirror.ok(["sync"]);
            ada.ok(["sync"]);
            assert_eq!(refs(&ada, "refs/hotfix/ledger"), refs(&mirror, "refs/hotfix/ledger"));
        } else {
            assert_ne!(now, kept, "the control: a fetch sets it back");
            mirror.ok(["ledger", "repair"]);
            let shown = mirror.hotfix(["show"]).success();
            assert!(shown.stdout().contains("seen from the mirror"), "{shown}");
        }
    }
}

#[test]
fn a_refspec_that_keeps_refs_out_keeps_nothing_from_sync() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    bob.git_ok(["config", "--add", "remote.origin.fetch", "^refs/heads/tmp/*"]);
    let _ = set_up(&bob);
    assert!(rules(&bob).iter().any(|rule| rule == BRINGS), "{:?}", rules(&bob));
    bob.git_ok(["config", "--add", "remote.origin.fetch", "^refs/hotfix/*"]);
    let before = rules(&bob);
    let said = set_up(&bob);
    assert!(said.stdout().contains("^refs/hotfix/* keeps ledgers from `git fetch`"), "{said}");
    assert_eq!(rules(&bob), before);
    assert!(checked(&bob).contains("does not bring it (^refs/hotfix/*)"), "{}", checked(&bob));
    bob.git_ok(["fetch", "--quiet"]);
    assert_eq!(refs(&bob, "refs/hotfix-remotes"), "", "the control");
    bob.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    bob.ok(["sync"]);
    assert_eq!(refs(&bob, "refs/hotfix/ledger"), refs(&ada, "refs/hotfix/ledger"));
}

#[test]
fn after_a_rename_the_refspec_of_the_old_name_is_replaced() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(hotfix_tests::Sample::Shell).with_remote();
    repo.ok(["sync", "--setup"]);
    repo.git_ok(["remote", "rename", "origin", "up"]);
    let rules = || repo.git_ok(["config", "--get-all", "remote.up.fetch"]);
    let before = rules();
    assert!(before.contains("hotfix-remotes/origin/fetched/*"), "git leaves it as it is: {before}");
    for _ in 0..2 {
        repo.ok(["sync", "--setup"]);
        let after = rules();
        assert!(after.contains("hotfix-remotes/up/fetched/*") && !after.contains("hotfix-remotes/origin"), "{after}");
        assert_eq!(after.lines().count(), 2, "{after}");
    }
}
