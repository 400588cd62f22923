//! `ledger verify`: who signed the record, whether all of it can be read, and what remotes had of it.

use std::path::Path;

use hotfix_tests::{Repo, sandbox};

use crate::fixtures::opened;

/// A key of ssh of its own, in a file beside the repository.
fn key(repo: &Repo<'_>, name: &str) -> String {
    let path = repo.folder().join("..").join(name);
    let path = path.to_str().expect("a path").to_owned();
    let _ =
        repo.run(repo.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", &path])).success();
    path
}

/// Signs the newest commit of the ledger again, by this key.
fn sign(repo: &Repo<'_>, key: &str) {
    let place = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let (format, key) = ("gpg.format=ssh", format!("user.signingKey={key}.pub"));
    let (tree, before) = (format!("{}^{{tree}}", place.trim()), place.trim());
    let arguments = ["-c", format, "-c", &key, "commit-tree", "-S", "-m", "signed", "-p", before, &tree];
    let signed = repo.git_ok(arguments);
    repo.git_ok(["update-ref", place.trim(), signed.trim()]);
}

fn allow(repo: &Repo<'_>, signers: &str) {
    let path = repo.folder().join("../signers");
    repo.write("../signers", signers);
    repo.git_ok(["config", "gpg.ssh.allowedSignersFile", path.to_str().expect("a path")]);
}

fn public(key: &str) -> String {
    std::fs::read_to_string(Path::new(&format!("{key}.pub"))).expect("a key")
}

#[test]
fn signatures_are_told_by_what_they_are_worth() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let plain = repo.hotfix(["ledger", "verify"]).success();
    assert!(plain.stdout().contains("0 signed, 2 unsigned, 0 bad"), "{plain}");
    assert!(plain.stdout().contains("all can be read"), "{plain}");
    let own = key(&repo, "own");
    sign(&repo, &own);
    let unchecked = repo.hotfix(["ledger", "verify"]).success();
    assert!(unchecked.stdout().contains("1 that cannot be checked"), "{unchecked}");
    let other = public(&key(&repo, "other"));
    allow(&repo, &format!("eve@example.org {other}"));
    let stranger = repo.hotfix(["ledger", "verify"]).exits_with(4);
    assert!(stranger.stdout().contains("1 by a stranger's key; "), "{stranger}");
    // git gives both the same letter.
    allow(&repo, &format!("ada@example.org valid-before=\"20010101\" {}", public(&own)));
    let ran_out = repo.hotfix(["ledger", "verify"]).success();
    assert!(
        ran_out.stdout().contains("1 signed, 2 unsigned, 0 bad, 1 of the signed by a key that ran out"),
        "{ran_out}"
    );
    allow(&repo, &format!("ada@example.org {}", public(&own)));
    let good = repo.hotfix(["ledger", "verify"]).success();
    assert!(good.stdout().contains("✓ ok       signatures  1 signed, 2 unsigned, 0 bad\n"), "{good}");
}

#[test]
fn what_a_remote_had_and_is_not_here_is_told() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    repo.ok(["note", "restarted the queue"]);
    repo.ok(["sync"]);
    let whole = repo.hotfix(["ledger", "verify"]).success();
    assert!(whole.stdout().contains("origin had refs/hotfix/ledger/"), "{whole}");
    let place = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    repo.git_ok(["update-ref", place.trim(), &format!("{}~1", place.trim())]);
    let lost = repo.hotfix(["ledger", "verify"]).exits_with(4);
    assert!(lost.stdout().contains(", with 1 event not here"), "{lost}");
    assert!(lost.stdout().contains("went back"), "{lost}");
    let checks = repo.hotfix(["ledger", "verify", "--json"]).exits_with(4);
    assert!(checks.stdout().contains("\"check\": \"refs\""), "{checks}");
}

#[test]
fn an_event_that_is_not_what_its_name_says_fails() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let place = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let script = format!(
        "export GIT_INDEX_FILE=../index && git read-tree {0} && path=$(git ls-files | head -1) \
         && blob=$(echo '{{}}' | git hash-object -w --stdin) \
         && git update-index --add --cacheinfo 100644,$blob,$(dirname $path)/{1}.json \
         && git update-ref {0} $(git commit-tree -m odd -p {0} $(git write-tree))",
        place.trim(),
        "0".repeat(64)
    );
    let _ = repo.run(repo.command("sh").args(["-c", &script])).success();
    let odd = repo.hotfix(["ledger", "verify"]).exits_with(1);
    assert!(odd.stdout().contains("✗ failure  events"), "{odd}");
}

#[test]
fn what_went_back_or_was_pruned_is_put_back() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.ok(["note", "restarted the queue"]);
    let nothing = repo.hotfix(["ledger", "repair"]).success();
    assert_eq!(nothing.stdout(), "nothing to repair\n");
    let place = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let place = place.trim();
    let back = format!("{place}~1");
    for lost in [&["update-ref", place, &back][..], &["update-ref", "-d", place]] {
        repo.git_ok(lost);
        let told = repo.hotfix(["ledger", "verify"]).exits_with(4);
        assert!(told.stdout().contains("ledger repair"), "{told}");
        let mended = repo.hotfix(["ledger", "repair"]).success();
        assert!(mended.stdout().contains("it is back"), "{mended}");
        let shown = repo.hotfix(["show"]).success();
        assert!(shown.stdout().contains("restarted the queue"), "{shown}");
        repo.ok(["ledger", "verify"]);
        repo.git_ok(["fsck", "--strict"]);
    }
    // Both sides have events of their own.
    repo.git_ok(["update-ref", place, &back]);
    let other = repo.git_ok(["commit-tree", "-m", "other", &format!("{back}^{{tree}}")]);
    repo.git_ok(["update-ref", place, other.trim()]);
    repo.ok(["ledger", "repair"]);
    repo.ok(["note", "and goes on"]);
    let shown = repo.hotfix(["show"]).success();
    assert!(shown.stdout().contains("restarted the queue") && shown.stdout().contains("and goes on"), "{shown}");
}
