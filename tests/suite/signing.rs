//! `[ledger] sign`: what is recorded carries the person's signature where that takes no word of theirs, and is recorded in any case.

use hotfix_tests::{CommandOutput, Repo, Sandbox, sandbox};

use crate::fixtures::opened;

/// An incident is open, unsigned; from now on what is recorded is to be signed by a key of ssh with this passphrase. `None` where
/// the machine has no ssh.
fn signing<'s>(sandbox: &'s Sandbox, passphrase: &str) -> Option<Repo<'s>> {
    let repo = opened(sandbox);
    if repo.command("ssh-keygen").arg("-?").output().is_err() {
        eprintln!("NOT TESTED: signatures by ssh, since ssh-keygen is not on this machine");
        return None;
    }
    let key = repo.folder().join("../own");
    let key = key.to_str().expect("a path");
    let arguments = ["-q", "-t", "ed25519", "-N", passphrase, "-C", "own", "-f", key];
    let _ = repo.run(repo.command("ssh-keygen").args(arguments)).success();
    repo.write("../signers", &format!("alex@example.com {}", repo.read("../own.pub")));
    let signers = repo.folder().join("../signers");
    for (key, value) in [
        ("gpg.format", "ssh"),
        ("user.signingKey", key),
        ("gpg.ssh.allowedSignersFile", signers.to_str().expect("a path")),
        ("hotfix.ledger.sign", "true"),
    ] {
        repo.git_ok(["config", key, value]);
    }
    Some(repo)
}

/// What `ledger verify` counts.
fn signatures(repo: &Repo<'_>) -> String {
    let verified = repo.hotfix(["ledger", "verify"]).success();
    let line = verified.stdout().lines().find(|line| line.contains("  signatures  ")).expect("they are counted");
    line.split_once("signatures  ").expect("it says so").1.to_owned()
}

/// It is recorded, unsigned, and why is said.
#[track_caller]
fn noted_unsigned(repo: &Repo<'_>, output: &CommandOutput) {
    assert!(
        output.stderr().contains("note: recorded without a signature: failed to sign what is recorded"),
        "{output}"
    );
    assert!(output.stderr().contains("git config hotfix.ledger.sign false"), "{output}");
    assert_eq!(output.stderr().matches("without a signature").count(), 1, "{output}");
    assert!(repo.hotfix(["log"]).success().stdout().contains("restarted the queue"));
    assert_eq!(signatures(repo), "0 signed, 3 unsigned, 0 bad");
}

#[test]
fn what_is_recorded_is_signed_as_commits_are() {
    let sandbox = sandbox!();
    let Some(repo) = signing(&sandbox, "") else { return };
    assert_eq!(signatures(&repo), "0 signed, 2 unsigned, 0 bad", "the control");
    repo.ok(["note", "restarted the queue: it was full; so were two others — at 03:00"]);
    assert_eq!(signatures(&repo), "1 signed, 2 unsigned, 0 bad");
    let place = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    repo.git_ok(["verify-commit", &place]);
    repo.git_ok(["fsck", "--strict"]);
    let format = "--format=%an <%ae> %cn <%ce> %s %aI";
    let [signed, plain] = ["0", "1"].map(|skip| repo.git_ok(["log", "-1", "--skip", skip, format, &place]));
    let [by, at] = ["Alex Doe <alex@example.com> Alex Doe <alex@example.com> ", "+00:00"];
    for told in [&signed, &plain] {
        assert!(told.starts_with(by) && (told.ends_with(at) || told.ends_with('Z')), "{signed} and {plain}");
    }
    // What unites two is nobody's, and the same everywhere.
    let bob = repo.clone_as("bob");
    for repo in [&repo, &bob] {
        repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    }
    repo.ok(["sync"]);
    bob.ok(["sync"]);
    repo.ok(["note", "by alex"]);
    bob.ok(["note", "by bob"]);
    repo.ok(["sync"]);
    bob.ok(["sync"]);
    repo.ok(["sync"]);
    assert_eq!(bob.git_ok(["rev-parse", &place]), repo.git_ok(["rev-parse", &place]));
    assert_eq!(signatures(&repo), "2 signed, 4 unsigned, 0 bad");
}

#[test]
fn a_key_that_needs_a_passphrase_asks_nobody_and_stops_nothing() {
    let sandbox = sandbox!();
    let Some(repo) = signing(&sandbox, "seven apples") else { return };
    repo.hook("../askpass", "#!/bin/sh\necho x >>../asked\necho 'seven apples'\n");
    let mut note = repo.command("git-hotfix");
    let askpass = repo.folder().join("../askpass");
    note.args(["note", "restarted the queue"]).env("SSH_ASKPASS", askpass).env("SSH_ASKPASS_REQUIRE", "force");
    let noted = repo.run(&mut note).success();
    assert!(!repo.has("../asked"), "{noted}");
    noted_unsigned(&repo, &noted);
}

#[test]
fn a_program_that_never_signs_is_waited_for_once() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.hook("../never", "#!/bin/sh\necho x >>../tried\nexec sleep 600\n");
    let never = repo.folder().join("../never");
    repo.git_ok(["config", "gpg.program", never.to_str().expect("a path")]);
    repo.git_ok(["config", "hotfix.ledger.sign", "true"]);
    let noted = repo.hotfix(["note", "restarted the queue"]).success();
    assert_eq!(repo.read("../tried"), "x\n", "{noted}");
    noted_unsigned(&repo, &noted);
}

#[test]
fn the_signature_of_a_stranger_is_told_to_who_takes_it_in() {
    let sandbox = sandbox!();
    let Some(repo) = signing(&sandbox, "") else { return };
    let bob = repo.clone_as("bob");
    for repo in [&repo, &bob] {
        repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
        repo.ok(["sync"]);
    }
    let generate = ["-q", "-t", "ed25519", "-N", "", "-C", "bob", "-f", "../bobs"];
    let _ = bob.run(bob.command("ssh-keygen").args(generate)).success();
    let key = bob.folder().join("../bobs");
    for (name, value) in
        [("gpg.format", "ssh"), ("user.signingKey", key.to_str().expect("a path")), ("hotfix.ledger.sign", "true")]
    {
        bob.git_ok(["config", name, value]);
    }
    bob.ok(["note", "called the bank"]);
    bob.ok(["sync"]);
    let told = repo.hotfix(["sync"]).exits_with(4);
    assert!(told.stdout().contains("1 event came from origin"), "{told}");
    assert!(told.stderr().contains("for whom nobody here vouches"), "{told}");
    assert!(repo.hotfix(["show"]).success().stdout().contains("called the bank"));
    repo.ok(["sync"]);
    repo.ok(["note", "it goes on"]);
}
