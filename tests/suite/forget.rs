//! A secret that got into the record is taken out again, and the rest stays as it was.

use hotfix_tests::{Repo, sandbox};

use crate::fixtures::{opened, refused};

const SECRET: &str = "the cellar door opens with seven apples";

/// The id that `log --ids` shows for an event.
fn id_of(repo: &Repo<'_>, text: &str) -> String {
    let shown = repo.hotfix(["log", "--ids"]).success();
    let line = shown.stdout().lines().find(|line| line.contains(text)).unwrap_or_else(|| panic!("{shown}")).to_owned();
    line.split_whitespace().next().expect("it begins with an id").to_owned()
}

/// Every byte that a ref leads to, and every byte at all.
fn all_bytes(repo: &Repo<'_>) -> [String; 2] {
    let reachable = "git rev-list --objects --all | cut -d' ' -f1 | git cat-file --batch";
    let stored = "git cat-file --batch-all-objects --batch";
    [reachable, stored].map(|script| {
        let output = repo.run(repo.command("sh").args(["-c", &format!("{script} | LC_ALL=C tr -cd '[:print:]\\n'")]));
        output.success().stdout().to_owned()
    })
}

#[test]
fn what_is_forgotten_is_gone_from_whatever_a_ref_leads_to() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.ok(["note", SECRET]);
    repo.ok(["note", "restarted the queue"]);
    let id = id_of(&repo, SECRET);
    assert!(all_bytes(&repo).iter().all(|bytes| bytes.contains(SECRET)));
    let asked = refused(&repo, &["ledger", "forget", &id, "--reason", "it opens the door"], 2);
    assert!(asked.contains("Nobody is there to confirm it"), "{asked}");
    repo.ok(["ledger", "forget", &id, "--reason", "it opens the door", "--yes"]);
    let [reachable, stored] = all_bytes(&repo);
    assert!(!reachable.contains(SECRET) && stored.contains(SECRET), "git has not cleaned up yet");
    let shown = repo.hotfix(["show"]).success();
    assert!(shown.stdout().contains("(forgotten: it opens the door)"), "{shown}");
    assert!(shown.stdout().contains("restarted the queue"), "{shown}");
    assert_eq!(shown.stderr(), "", "nothing is damaged, and nothing is missed");
    repo.git_ok(["gc", "--quiet", "--prune=now"]);
    assert!(!all_bytes(&repo)[1].contains(SECRET));
    repo.git_ok(["fsck", "--strict"]);
    // Once more is no error, and the night goes on.
    repo.ok(["ledger", "forget", &id, "--reason", "again", "--yes"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
}

#[test]
fn an_event_is_named_by_how_its_id_begins() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let none = refused(&repo, &["ledger", "forget", "zzz", "--reason", "x", "--yes"], 2);
    assert!(none.contains("has no event zzz"), "{none}");
    assert!(none.contains("log --ids --incident HF-"), "{none}");
    let many = refused(&repo, &["ledger", "forget", "", "--reason", "x", "--yes"], 2);
    assert!(many.contains("is the beginning of 2 ids"), "{many}");
    let id = id_of(&repo, "incident opened");
    let blank = refused(&repo, &["ledger", "forget", &id, "--reason", " ", "--yes"], 2);
    assert!(blank.contains("--reason: say why"), "{blank}");
    let planned = repo.hotfix(["ledger", "forget", &id, "--reason", "x", "--dry-run"]).success();
    assert!(planned.stdout().contains(&format!("would take the text of event {id} out of the record")), "{planned}");
}

#[test]
fn what_still_leads_to_the_old_bytes_is_named_first() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["config", "hotfix.ledger.share", "true"]);
    repo.ok(["note", SECRET]);
    repo.ok(["sync", "--setup"]);
    repo.ok(["sync"]);
    repo.git_ok(["fetch", "--quiet"]);
    let id = id_of(&repo, SECRET);
    let forgotten = repo.hotfix(["ledger", "forget", &id, "--reason", "a door", "--yes", "--offline"]).success();
    let hints = ["hint: git hotfix sync origin ", "hint: git fetch origin ", "hint: git gc --prune=now "];
    let places: Vec<_> = hints.iter().map(|hint| forgotten.stderr().find(hint)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{forgotten}");
    let [reachable, _] = all_bytes(&repo);
    assert!(reachable.contains(SECRET), "so it is");
    // Done as it says, nothing of it is left.
    repo.ok(["sync", "origin"]);
    repo.git_ok(["fetch", "--quiet", "origin"]);
    repo.git_ok(["gc", "--quiet", "--prune=now"]);
    assert!(!all_bytes(&repo)[1].contains(SECRET));
}

#[test]
fn a_host_that_replaces_no_branch_is_said_to_be_that() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let bob = repo.clone_as("bob");
    for repo in [&repo, &bob] {
        repo.git_ok(["config", "hotfix.ledger.share", "true"]);
    }
    let origin = repo.at("../origin.git");
    origin.git_ok(["config", "receive.denyNonFastForwards", "true"]);
    let branches = "#!/bin/sh\ncase $1 in refs/heads/*|refs/tags/*) ;; *) exit 1;; esac\n";
    repo.hook("../origin.git/hooks/update", branches);
    repo.ok(["note", SECRET]);
    repo.ok(["sync"]);
    bob.ok(["sync"]);
    repo.ok(["ledger", "forget", &id_of(&repo, SECRET), "--reason", "a door", "--yes"]);
    let said = repo.hotfix(["sync"]).exits_with(5);
    assert!(said.stderr().contains("hotfix-ledger/") && said.stderr().contains("non-fast-forward"), "{said}");
    assert!(!said.stderr().contains("others kept writing"), "{said}");
    let way = said.stderr().lines().find_map(|line| line.strip_prefix("hint: git push origin ")).expect("a way");
    let place = way.split(' ').next().expect("a place");
    bob.ok(["note", "called the bank"]);
    bob.ok(["sync"]);
    let _ = repo.hotfix(["sync"]).exits_with(5);
    repo.git_ok(["push", "--quiet", "origin", place]);
    repo.ok(["sync", "origin", "--restore"]);
    bob.ok(["sync"]);
    for repo in [&repo, &bob] {
        let shown = repo.hotfix(["log"]).success();
        assert!(shown.stdout().contains("called the bank") && !shown.stdout().contains(SECRET), "{shown}");
    }
}
