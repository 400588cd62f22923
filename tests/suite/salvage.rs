//! Ledgers whose ref, newest commit or trees a power loss spoiled: they are told as damage, and put together from what is still here.

use std::fs;
use std::path::PathBuf;

use hotfix_tests::{Repo, Sandbox, has_ref_files, sandbox};

use crate::fixtures::{TITLE, refused, sample_with};

/// An incident that was shipped and deployed, with a note as its last word; nobody else has any of it.
fn deployed(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("salvage::deployed", |sandbox| {
        let repo = sample_with(sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        repo.ok(["note", "restarted the queue"]);
        repo
    })
}

fn place(repo: &Repo<'_>) -> String {
    repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"])
}

fn events(repo: &Repo<'_>) -> String {
    repo.git_ok(["ls-tree", "-r", &place(repo)])
}

/// The file of an object that lies alone.
fn file(repo: &Repo<'_>, revision: &str) -> PathBuf {
    let id = repo.git_ok(["rev-parse", revision]);
    let (folder, name) = id.split_at(2);
    repo.folder().join(".git/objects").join(folder).join(name)
}

/// The newest commit, its tree, the folder of a shard, and that of an incident.
fn above_the_events(repo: &Repo<'_>) -> Vec<(&'static str, PathBuf)> {
    let place = place(repo);
    let path = repo.git_ok(["ls-tree", "-r", "--name-only", &place]).lines().next().unwrap().to_owned();
    let (incident, _) = path.rsplit_once('/').unwrap();
    let (shard, _) = incident.rsplit_once('/').unwrap();
    let revisions = [
        ("commit", place.clone()),
        ("tree", format!("{place}^{{tree}}")),
        ("shard", format!("{place}:{shard}")),
        ("folder", format!("{place}:{incident}")),
    ];
    revisions.into_iter().map(|(what, revision)| (what, file(repo, &revision))).collect()
}

#[test]
fn whatever_leads_to_the_events_is_found_again() {
    let sandbox = sandbox!();
    let template = deployed(&sandbox);
    let before = events(&template);
    let fsck = |repo: &Repo<'_>| repo.git(["fsck", "--strict", "--no-dangling"]).code();
    for (at, content) in
        (0..4).flat_map(|at| [None, Some("")].map(|content| (at, content))).chain([(0, Some("garbage"))])
    {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        repo.write("../deploys", "x\n");
        let (what, file) = above_the_events(&repo).swap_remove(at);
        fs::remove_file(&file).unwrap();
        if let Some(content) = content {
            fs::write(&file, content).unwrap();
        }
        let what = format!("{what} as {content:?}");
        assert_ne!(fsck(&repo), Some(0), "the control: {what}");
        for command in [&["note", "x"][..], &["ship", "--yes"], &["close"]] {
            let said = repo.hotfix(command).exits_with(3);
            assert!(said.stderr().contains("hint: git hotfix ledger repair   #"), "{what}: {said}");
        }
        let mended = repo.hotfix(["ledger", "repair"]).success();
        assert!(mended.stdout().contains("could not be read at "), "{what}: {mended}");
        assert_eq!(events(&repo), before, "{what}");
        repo.ok(["ledger", "verify"]);
        repo.ok(["ship", "--yes"]);
        repo.ok(["note", "the night goes on"]);
        assert_eq!(repo.hotfix(["ledger", "repair"]).success().stdout(), "nothing to repair\n", "{what}");
        assert_eq!(repo.read("../deploys"), "x\n", "{what}");
    }
}

#[test]
fn a_ref_that_names_nothing_is_made_anew() {
    if !has_ref_files() {
        return; // In tables a ref has no file of its own to be garbled.
    }
    let sandbox = sandbox!();
    let template = deployed(&sandbox);
    let before = events(&template);
    let blob = format!("{}\n", template.git_ok(["rev-parse", "HEAD:total.sh"]));
    for content in ["", "\0\0\0\0", "garbage\n", blob.as_str()] {
        for is_packed in [false, true] {
            let sandbox = sandbox!();
            let repo = sandbox.copy_of(&template);
            let place = place(&repo);
            if is_packed {
                repo.git_ok(["pack-refs", "--all"]);
                repo.ok(["note", "after that"]);
            }
            repo.write(&format!(".git/{place}"), content);
            let said = repo.hotfix(["note", "x"]).exits_with(3);
            assert!(said.stderr().contains("hint: git hotfix ledger repair   #"), "{content:?}: {said}");
            let mended = repo.hotfix(["ledger", "repair"]).success();
            assert!(mended.stdout().contains(" could not be read"), "{content:?}: {mended}");
            let now = events(&repo);
            assert!(before.lines().all(|event| now.contains(event)), "{content:?}: {now}");
            assert_eq!(now.lines().count(), before.lines().count() + usize::from(is_packed), "{content:?}");
            repo.ok(["ledger", "verify"]);
            repo.ok(["ship", "--yes"]);
            assert_eq!(repo.git_ok(["fsck", "--strict", "--no-dangling"]), "", "{content:?}");
        }
    }
}

#[test]
fn what_is_nowhere_any_more_is_given_up_by_a_person() {
    let sandbox = sandbox!();
    let repo = deployed(&sandbox);
    let before = events(&repo);
    let place = place(&repo);
    let script = "git diff-tree -r -t \"$0^\" \"$0\" | cut -d' ' -f4; git rev-parse \"$0\" \"$0^{tree}\"";
    let lost = repo.run(repo.command("sh").args(["-c", script, &place])).success().stdout().to_owned();
    assert_eq!(lost.lines().count(), 5, "an event, two folders, a tree, a commit: {lost}");
    lost.lines().map(|id| file(&repo, id)).for_each(|file| fs::remove_file(file).unwrap());
    let said = repo.hotfix(["ledger", "repair"]).exits_with(1);
    assert!(said.stderr().contains("what was recorded last in the ledger of "), "{said}");
    assert_eq!(events(&repo).lines().count(), before.lines().count() - 1);
    let said = refused(&repo, &["ship", "--yes"], 3);
    assert!(said.contains("lost events") && said.contains("--accept-damage"), "{said}");
    let said = repo.hotfix(["ship", "--yes", "--accept-damage", "the power went"]);
    assert!(matches!(said.code(), Some(0 | 4)), "{said}");
    let log = repo.hotfix(["log"]).success();
    assert!(log.stdout().contains("given up: the power went"), "{log}");
    repo.ok(["note", "the night goes on"]);
    repo.ok(["close"]);
    assert_eq!(repo.read("../deploys"), "x\n");
}
