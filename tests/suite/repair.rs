//! `ledger repair`: what a disk or a hand spoiled in the record is mended where somebody has it, and named where nobody has.

use std::fs;
use std::path::{Path, PathBuf};

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::opened;

/// An incident with a note, shared with the remote.
fn shared(sandbox: &Sandbox) -> Repo<'_> {
    let repo = opened(sandbox);
    repo.ok(["note", "restarted the queue"]);
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    repo.ok(["sync"]);
    repo
}

fn place(repo: &Repo<'_>) -> String {
    repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"])
}

/// The file of an object that lies alone.
fn file(repo: &Repo<'_>, id: &str) -> PathBuf {
    let (folder, name) = id.split_at(2);
    repo.folder().join(".git/objects").join(folder).join(name)
}

/// A disk that keeps a file, and not what it held.
fn spoil(file: &Path, content: Option<&[u8]>) {
    fs::remove_file(file).unwrap();
    if let Some(content) = content {
        fs::write(file, content).unwrap();
    }
}

/// The commit, the trees and the events of the newest incident, each with the file where it lies.
fn objects(repo: &Repo<'_>) -> Vec<(String, PathBuf)> {
    let place = place(repo);
    let listed = repo.git_ok(["ls-tree", "-r", "-t", "--format=%(objectname)", &place]);
    let tops = [repo.git_ok(["rev-parse", &place]), repo.git_ok(["rev-parse", &format!("{place}^{{tree}}")])];
    let ids = tops.into_iter().chain(listed.lines().map(str::to_owned));
    ids.map(|id| (id.clone(), file(repo, &id))).collect()
}

fn assert_sound(repo: &Repo<'_>) {
    assert_eq!(repo.git_ok(["fsck", "--strict", "--no-dangling"]), "");
    repo.ok(["ledger", "verify"]);
    assert!(repo.hotfix(["show"]).success().stdout().contains("restarted the queue"));
}

#[test]
fn a_damaged_object_that_a_remote_has_is_whole_again() {
    let sandbox = sandbox!();
    let repo = shared(&sandbox);
    let objects = objects(&repo);
    assert!(objects.len() > 6, "a commit, three trees, three events: {objects:?}");
    let whole = objects.iter().map(|(_, file)| fs::read(file).unwrap()).collect::<Vec<_>>();
    for content in [None, Some(&b""[..]), Some(b"garbage"), Some(&whole[0])] {
        for (id, file) in objects.iter().skip(usize::from(content == Some(&whole[0]))) {
            spoil(file, content);
            assert_ne!(repo.git(["fsck", "--strict"]).code(), Some(0), "the control: {id}");
            let mended = repo.hotfix(["ledger", "repair"]).success();
            assert_eq!(mended.stdout(), "whole again: 1 object\n", "{id}: {mended}");
            assert_sound(&repo);
        }
    }
    // All of them at once, and no work tree.
    objects.iter().for_each(|(_, file)| spoil(file, Some(b"")));
    let mended = repo.hotfix(["ledger", "repair"]).success();
    assert_eq!(mended.stdout(), format!("whole again: {} objects\n", objects.len()), "{mended}");
    assert_sound(&repo);
    assert_eq!(repo.hotfix(["ledger", "repair"]).success().stdout(), "nothing to repair\n");
}

#[test]
fn a_damaged_object_that_lies_elsewhere_too_needs_no_network() {
    let sandbox = sandbox!();
    let repo = shared(&sandbox);
    let objects = objects(&repo);
    repo.git_ok(["repack", "--quiet", "-a"]);
    objects.iter().for_each(|(_, file)| spoil(file, Some(b"garbage")));
    let mended = repo.hotfix(["ledger", "repair", "--offline"]).success();
    assert_eq!(mended.stdout(), format!("whole again: {} objects\n", objects.len()), "{mended}");
    assert_sound(&repo);
}

#[test]
fn what_nobody_has_is_named_and_stays_as_it_is_until_somebody_has_it() {
    let sandbox = sandbox!();
    let repo = shared(&sandbox);
    repo.ok(["note", "called the bank"]);
    let _ = repo.run(repo.command("cp").args(["-a", ".git", "../backup.git"])).success();
    let place = place(&repo);
    let script = "git diff-tree -r --root \"$0^\" \"$0\" | cut -d' ' -f4 | tail -1";
    let id = repo.run(repo.command("sh").args(["-c", script, &place])).success().stdout().trim().to_owned();
    spoil(&file(&repo, &id), Some(b"gar"));
    for _ in 0..2 {
        let said = repo.hotfix(["ledger", "repair"]).exits_with(1);
        assert!(
            said.stderr().contains(&format!("nobody who was asked has it: 1 object of the ledger ({id})")),
            "{said}"
        );
        assert!(said.stderr().contains("git remote add rescue PLACE && git hotfix ledger repair"), "{said}");
        assert_eq!(fs::read(file(&repo, &id)).unwrap(), b"gar", "it is left as it was found");
    }
    repo.git_ok(["remote", "add", "away", "../nowhere.git"]);
    let said = repo.hotfix(["ledger", "repair"]).exits_with(1);
    assert!(said.stderr().contains("not asked: failed to ask away for its ledgers"), "{said}");
    repo.git_ok(["remote", "add", "rescue", "../backup.git"]);
    let mended = repo.hotfix(["ledger", "repair"]).success();
    assert_eq!(mended.stdout(), "whole again: 1 object\n");
    assert_sound(&repo);
    assert!(repo.hotfix(["show"]).success().stdout().contains("called the bank"));
}

#[test]
fn a_folder_in_the_place_of_an_event_goes_and_the_event_is_back() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.ok(["note", "restarted the queue"]);
    let script = "export GIT_INDEX_FILE=../index && git read-tree \"$0\" && path=$(git ls-files | tail -1) \
                  && blob=$(echo litter | git hash-object -w --stdin) && git update-index --force-remove $path \
                  && git update-index --add --cacheinfo 100644,$blob,$path/x \
                  && git update-ref \"$0\" $(git commit-tree -m odd -p \"$0\" $(git write-tree))";
    let _ = repo.run(repo.command("sh").args(["-c", script, &place(&repo)])).success();
    let _ = repo.hotfix(["ledger", "verify"]).exits_with(4);
    let mended = repo.hotfix(["ledger", "repair"]).success();
    assert!(mended.stdout().contains("; it is back") && mended.stdout().contains("left in its history"), "{mended}");
    assert_sound(&repo);
    assert_eq!(repo.hotfix(["ledger", "repair"]).success().stdout(), "nothing to repair\n");
}

/// Puts files into the tree of the record that have nothing to look for there.
fn litter(repo: &Repo<'_>) {
    let script = "export GIT_INDEX_FILE=../index && git read-tree \"$0\" && incident=$(dirname $(git ls-files | head -1)) \
                  && blob=$(echo litter | git hash-object -w --stdin) \
                  && for path in README \"$(dirname $incident)/notes\" \"$incident/draft.json\" \
                     \"$incident/$(printf %064d 0).json/x\"; do git update-index --add --cacheinfo 100644,$blob,$path || exit; done \
                  && git update-ref \"$0\" $(git commit-tree -m odd -p \"$0\" $(git write-tree))";
    let _ = repo.run(repo.command("sh").args(["-c", script, &place(repo)])).success();
}

#[test]
fn what_is_no_event_is_taken_out_and_comes_back_from_nobody() {
    let sandbox = sandbox!();
    let ada = shared(&sandbox);
    let bob = ada.clone_as("bob");
    bob.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    litter(&ada);
    let dirty = ada.git_ok(["rev-parse", &place(&ada)]);
    let files = |repo: &Repo<'_>| repo.git_ok(["ls-tree", "-r", "--name-only", &place(repo)]).lines().count();
    assert_eq!(files(&ada), 7, "the control: three events, four others");
    let told = ada.hotfix(["ledger", "verify"]).success();
    assert!(
        told.stdout().contains("! warning  events      the ledger of ") && told.stdout().contains(" (and 3 more)"),
        "{told}"
    );
    // It stops nobody.
    ada.ok(["note", "the night goes on"]);
    assert_eq!(files(&ada), 8);
    let _ = ada.run(ada.command("cp").args(["-a", ".", "../carol"])).success();
    let mended = ada.hotfix(["ledger", "repair"]).success();
    assert_eq!(mended.stdout().matches("left in its history").count(), 4, "{mended}");
    assert_eq!(files(&ada), 4);
    assert_sound(&ada);
    ada.git_ok(["cat-file", "-e", &format!("{dirty}:README")]);
    assert_eq!(ada.hotfix(["ledger", "repair"]).success().stdout(), "nothing to repair\n");
    let carol = ada.at("../carol");
    carol.ok(["ledger", "repair"]);
    assert_eq!(carol.git_ok(["rev-parse", &place(&carol)]), ada.git_ok(["rev-parse", &place(&ada)]));
    // It is in the remote, and in a clone that had none of it before; whoever has it already knows better.
    ada.git_ok(["push", "--quiet", "origin", &format!("{dirty}:{}", place(&ada))]);
    bob.ok(["sync"]);
    assert_eq!(files(&bob), 7);
    bob.ok(["note", "called the bank"]);
    for repo in [&ada, &bob, &ada] {
        repo.ok(["sync"]);
    }
    assert_eq!(bob.git_ok(["rev-parse", &place(&bob)]), ada.git_ok(["rev-parse", &place(&ada)]));
    assert_eq!(files(&bob), 5);
    assert_sound(&bob);
}
