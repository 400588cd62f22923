//! An event of a newer hotfix that changes what the incident is: it is shown, and nothing is done without knowing it.

use hotfix_core::domain::sha256_hex;
use hotfix_tests::{Repo, sandbox};

use crate::fixtures::{opened, refused};

/// Records an event as a newer version would, in whose form is `needs`.
pub(crate) fn record_newer(repo: &Repo<'_>, needs: &str) {
    let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let ledger = ledger.trim();
    let files = repo.git_ok(["ls-tree", "-r", "--name-only", ledger]);
    let (folder, _) = files.lines().next().expect("an event").rsplit_once('/').expect("it is in folders");
    let (_, incident) = folder.rsplit_once('/').expect("it is in a shard");
    let event = format!(
        "{{\"at\":\"2026-03-01T02:00:00Z\",\"by\":{{\"email\":\"\",\"name\":\"Ada\"}},\"incident\":\"{incident}\",\
         \"kind\":\"approval-withdrawn\",{needs}\"parents\":[],\"v\":1}}\n"
    );
    let script = format!(
        "export GIT_INDEX_FILE=\"$PWD/../newer.index\"\n\
         git read-tree {ledger}\n\
         blob=$(printf '%s' \"$1\" | git hash-object -w --stdin)\n\
         git update-index --add --cacheinfo 100644,$blob,{folder}/{}.json\n\
         git update-ref {ledger} $(git commit-tree -m newer -p {ledger} $(git write-tree))",
        sha256_hex(event.as_bytes())
    );
    let _ = repo.run(repo.command("sh").args(["-ec", &script, "sh", &event])).success();
}

#[test]
fn what_needs_a_newer_hotfix_is_shown_and_not_acted_on() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    record_newer(&repo, "\"needs\":3,");
    for command in [&["status"][..], &["show"], &["log"], &["list"], &["doctor", "--offline"]] {
        let _ = repo.hotfix(command);
        assert!(!repo.hotfix(command).stderr().contains("newer hotfix"), "{command:?}");
    }
    for command in [&["ship", "--yes"][..], &["pr"], &["close"], &["abort"], &["note", "x"], &["deploy"]] {
        let said = refused(&repo, command, 3);
        assert!(said.contains("holds events that this hotfix does not know"), "{command:?}: {said}");
    }
}

#[test]
fn an_unknown_event_that_needs_nothing_stops_nobody() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    record_newer(&repo, "");
    repo.ok(["ship", "--yes"]);
}
