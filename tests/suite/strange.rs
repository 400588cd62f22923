//! What a remote may hold that nobody meant, and clocks that are years off: one ledger everywhere, all else readable, nothing lost.

use std::path::PathBuf;

use hotfix_core::domain::sha256_hex;
use hotfix_tests::{CommandOutput, Repo, Sandbox, sandbox};

use crate::fixtures::opened;
use crate::newer::record_newer;

/// Two clones, the record shared; both may go on.
fn two(sandbox: &Sandbox) -> (Repo<'_>, Repo<'_>) {
    let ada = opened(sandbox);
    let bob = ada.clone_as("bob");
    for repo in [&ada, &bob] {
        repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
        repo.ok(["sync"]);
    }
    (ada, bob)
}

fn place(repo: &Repo<'_>) -> String {
    repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"])
}

/// Somebody puts a file into the remote's record, by hand, in the folder of the incident.
fn put(repo: &Repo<'_>, name: &str, make: &str) {
    let script = format!(
        "export GIT_DIR=../origin.git GIT_INDEX_FILE=$PWD/../strange.index && git read-tree $0 \
         && folder=$(dirname $(git ls-files | head -1)) && blob=$({make} | git hash-object -w --stdin) \
         && git update-index --add --cacheinfo 100644,$blob,$folder/{name} \
         && git update-ref $0 $(git commit-tree -m strange -p $0 $(git write-tree))"
    );
    let _ = repo.run(repo.command("sh").args(["-ec", &script, &place(repo)])).success();
}

/// Whatever is there, both come to one record and go on; what is odd is told by `told`.
#[track_caller]
fn go_on(ada: &Repo<'_>, bob: &Repo<'_>, told: &str) -> CommandOutput {
    ada.ok(["note", "restarted the queue"]);
    bob.ok(["note", "called the bank"]);
    // Whoever takes damage in is told; it keeps nothing else away.
    let is_damaged = !told.is_empty();
    for (repo, takes_it_in) in [(ada, true), (bob, true), (ada, true), (bob, false)] {
        let synced = repo.hotfix(["sync"]).exits_with(if is_damaged && takes_it_in { 4 } else { 0 });
        assert!(!is_damaged || !takes_it_in || synced.stderr().contains("error: HF-"), "{synced}");
    }
    let tip =
        |repo: &Repo<'_>| repo.git_ok(["for-each-ref", "--format=%(objectname) %(refname)", "refs/hotfix/ledger"]);
    assert_eq!(tip(ada), tip(bob));
    let shown = bob.hotfix(["show"]).success();
    for part in ["restarted the queue", "called the bank"] {
        assert!(shown.stdout().contains(part), "{part}: {shown}");
    }
    assert!(shown.stderr().contains(told), "{told}: {shown}");
    bob.ok(["list", "--all"]);
    shown
}

#[test]
fn a_file_of_a_hundred_megabytes_is_no_event_and_hides_none() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    put(&ada, &format!("{}.json", "a".repeat(64)), "head -c 100000000 /dev/zero");
    let _ = go_on(&ada, &bob, "its object is lost or damaged, or longer than an event can be");
    let verified = bob.hotfix(["ledger", "verify"]).exits_with(1);
    assert!(verified.stdout().contains("✗ failure  events"), "{verified}");
}

#[test]
fn an_event_under_another_ones_id_is_told_and_hides_none() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    put(&ada, &format!("{}.json", "b".repeat(64)), "git show $0:$(git ls-files | head -1)");
    let _ = go_on(&ada, &bob, "damaged: HF-");
    assert_ne!(bob.hotfix(["doctor"]).code(), Some(70));
}

#[test]
fn an_event_of_an_unknown_version_is_told_and_hides_none() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    let event = "{\"v\":99}\n";
    put(&ada, &format!("{}.json", sha256_hex(event.as_bytes())), "printf '{\"v\":99}\\n'");
    let _ = go_on(&ada, &bob, "damaged: HF-");
    // One of a kind that is not known yet is kept, and is nobody's fault.
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    record_newer(&ada, "");
    let shown = go_on(&ada, &bob, "");
    assert!(!shown.stderr().contains("damaged"), "{shown}");
}

#[test]
fn a_folder_where_a_file_should_be_spreads_to_nobody() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    put(&ada, &format!("{}.json/x", "c".repeat(64)), "echo x");
    let _ = go_on(&ada, &bob, "");
    assert!(bob.hotfix(["ledger", "verify"]).success().stdout().contains("✓ ok       events"));
}

#[test]
fn a_ref_that_holds_something_else_is_named_and_stops_nothing_but_sync() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    let place = place(&ada);
    let origin = ada.at("../origin.git");
    let was = origin.git_ok(["rev-parse", &place]);
    let big = "head -c 100000000 /dev/zero | git hash-object -w --stdin";
    let big = origin.run(origin.command("sh").args(["-c", big])).success().stdout().trim().to_owned();
    let tree = origin.git_ok(["rev-parse", "main^{tree}"]);
    for odd in ["main", &big, &tree] {
        origin.git_ok(["update-ref", "--no-deref", &place, odd]);
        let said = ada.hotfix(["sync"]).exits_with(4);
        assert!(said.stderr().contains(&format!("what {place} has now is no ledger")), "{said}");
        ada.ok(["note", "it goes on"]);
    }
    origin.git_ok(["update-ref", &place, &was]);
    let _ = go_on(&ada, &bob, "");
}

/// The library that moves a program's clock; `None`, said aloud, where the machine has none.
fn faketime() -> Option<PathBuf> {
    let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(|machine| format!("/usr/lib/{machine}/faketime"));
    let found = folders.iter().map(|folder| PathBuf::from(folder).join("libfaketime.so.1")).find(|file| file.exists());
    if found.is_none() {
        eprintln!("NOT TESTED: clocks that are years off, since libfaketime is not on this machine");
    }
    found
}

#[test]
fn a_clock_that_is_years_off_decides_nothing() {
    let Some(library) = faketime() else { return };
    for off in ["-5y", "+3y"] {
        let sandbox = sandbox!();
        let (ada, bob) = two(&sandbox);
        let skewed = |arguments: &[&str]| {
            let mut command = bob.command("git-hotfix");
            command
                .args(arguments)
                .env("LD_PRELOAD", &library)
                .env("FAKETIME", off)
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            bob.run(&mut command).success()
        };
        for round in 0..3 {
            ada.ok(["note", &format!("ada {round}")]);
            let _ = skewed(&["note", &format!("bob {round}")]);
            if round == 1 {
                ada.ok(["triage", "--severity", "medium"]);
                ada.ok(["sync"]);
                let _ = skewed(&["sync"]);
                // Whoever knows the other's word has the last one, whatever its clock says.
                let _ = skewed(&["triage", "--severity", "critical"]);
            }
        }
        for _ in 0..2 {
            ada.ok(["sync"]);
            let _ = skewed(&["sync"]);
        }
        let tip = |repo: &Repo<'_>| repo.git_ok(["rev-parse", &place(repo)]);
        assert_eq!(tip(&ada), tip(&bob), "{off}");
        let json = [ada.hotfix_json(["show"]), bob.hotfix_json(["show"])];
        assert_eq!(json[0]["incident"], json[1]["incident"], "{off}");
        assert_eq!(json[0]["incident"]["severity"], "critical", "{off}");
        assert_eq!(json[0]["incident"].get("anomalies"), None, "{off}");
        let log = ada.hotfix(["log"]).success();
        let years: std::collections::BTreeSet<&str> = log.stdout().lines().filter_map(|line| line.get(..4)).collect();
        assert!(years.len() > 1, "the control: the clocks differ: {log}");
        let written: Vec<bool> = (0..3)
            .flat_map(|round| ["ada", "bob"].map(|who| log.stdout().contains(&format!("{who} {round}"))))
            .collect();
        assert_eq!(written, [true; 6], "{log}");
    }
}
