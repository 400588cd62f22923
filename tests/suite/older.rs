//! The build before the record could be shared, and today's, on one record: each reads what the other wrote, and goes on with it.
//!
//! `HOTFIX_OLDER` names that build's program; the gate makes one where it is asked for everything.

use hotfix_tests::{CommandOutput, Repo, Sample, sandbox};
use serde_json::Value;

use crate::fixtures::{TITLE, opened};

/// The older program in a repository.
struct Older {
    program: String,
}

impl Older {
    fn find() -> Option<Self> {
        let program = std::env::var("HOTFIX_OLDER").ok();
        if program.is_none() {
            eprintln!("NOT TESTED: an older build on the record of today, since HOTFIX_OLDER names none");
        }
        program.map(|program| Self { program })
    }

    fn run(&self, repo: &Repo<'_>, arguments: &[&str]) -> CommandOutput {
        repo.run(repo.command(&self.program).args(arguments))
    }

    #[track_caller]
    fn ok(&self, repo: &Repo<'_>, arguments: &[&str]) -> String {
        self.run(repo, arguments).success().stdout().to_owned()
    }

    #[track_caller]
    fn incident(&self, repo: &Repo<'_>) -> Value {
        let json = self.ok(repo, &["show", "--json"]);
        serde_json::from_str::<Value>(&json).expect("it is JSON")["incident"].clone()
    }
}

/// What both builds must tell alike.
fn essence(incident: &Value) -> Vec<&Value> {
    ["id", "title", "severity", "status", "branch", "base", "opened_at", "follow_ups"]
        .map(|key| &incident[key])
        .to_vec()
}

fn now(repo: &Repo<'_>) -> Value {
    repo.hotfix_json(["show"])["incident"].clone()
}

#[test]
fn an_older_build_reads_what_today_records_and_goes_on() {
    let Some(older) = Older::find() else { return };
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    repo.fix_the_bug();
    repo.ok(["note", "restarted the queue"]);
    repo.ok(["follow-up", "add", "Watch the queue"]);
    repo.ok(["pr"]);
    repo.ok(["sync"]);
    assert_eq!(essence(&older.incident(&repo)), essence(&now(&repo)));
    for view in [&["status"][..], &["log"], &["list", "--all"], &["doctor", "--offline"]] {
        let seen = older.run(&repo, view);
        assert!(!seen.to_string().contains("damage"), "{seen}");
    }
    older.ok(&repo, &["note", "said by an older one"]);
    older.ok(&repo, &["ship", "--yes"]);
    // Today's takes it from there.
    let shown = repo.hotfix(["log"]).success();
    for said in ["restarted the queue", "said by an older one", "merged"] {
        assert!(shown.stdout().contains(said), "{said}: {shown}");
    }
    repo.ok(["ship", "--yes"]);
    repo.ok(["sync"]);
    repo.ok(["ledger", "verify"]);
    assert_eq!(now(&repo).get("anomalies"), None);
}

#[test]
fn what_an_older_build_records_is_read_shared_and_closed() {
    let Some(older) = Older::find() else { return };
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    older.ok(&repo, &["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    older.ok(&repo, &["note", "said by an older one"]);
    older.ok(&repo, &["pr"]);
    let (read, then) = (now(&repo), older.incident(&repo));
    assert_eq!(essence(&read), essence(&then));
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    repo.ok(["sync"]);
    // An older build on another machine has none of it, and today's has all.
    let bob = repo.clone_as("bob");
    bob.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    bob.ok(["sync"]);
    assert_eq!(essence(&now(&bob)), essence(&then));
    older.ok(&repo, &["ship", "--yes"]);
    repo.ok(["sync"]);
    bob.ok(["sync"]);
    assert_eq!(essence(&now(&bob)), essence(&older.incident(&repo)));
    repo.ok(["ledger", "verify"]);
    repo.git_ok(["fsck", "--strict"]);
}

#[test]
fn what_is_forgotten_stops_an_older_build_and_nothing_is_lost() {
    let Some(older) = Older::find() else { return };
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["note", "the cellar door"]);
    let log = repo.hotfix(["log", "--ids"]).success();
    let line = log.stdout().lines().find(|line| line.contains("the cellar door")).expect("it is told").to_owned();
    let id = line.split_whitespace().next().expect("it begins with an id").to_owned();
    older.ok(&repo, &["status"]);
    repo.ok(["ledger", "forget", &id, "--reason", "it opens", "--yes"]);
    let said = older.run(&repo, &["ship", "--yes"]).exits_with(3);
    assert!(
        said.stderr().contains("its bytes have the id") && said.stderr().contains("what happened is not known"),
        "{said}"
    );
    repo.ok(["ship", "--yes"]);
    repo.ok(["ledger", "verify"]);
}

#[test]
fn what_is_taken_back_is_read_by_an_older_build_and_ships_by_none_that_would_count_it() {
    let Some(older) = Older::find() else { return };
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["note", "users cannot pay"]);
    let before = older.incident(&repo);
    let production = repo.remote_refs();
    repo.ok(["undo"]);
    // It knows nothing of taking back, loses nothing by it, and tells what was said.
    assert_eq!(essence(&older.incident(&repo)), essence(&before));
    assert_eq!(essence(&now(&repo)), essence(&before));
    for view in [&["status"][..], &["log"], &["list", "--all"], &["doctor", "--offline"]] {
        let seen = older.run(&repo, view);
        assert!(!seen.to_string().contains("damage"), "{seen}");
    }
    assert!(older.ok(&repo, &["log"]).contains("users cannot pay"));
    // Since events say what they need, a build that does not know an event acts on nothing; the one before that goes on.
    let shipped = older.run(&repo, &["ship", "--yes"]);
    match shipped.code() {
        Some(3) => {
            assert!(shipped.stderr().contains("newer"), "{shipped}");
            assert_eq!(repo.remote_refs(), production, "{shipped}");
        }
        code => assert_eq!(code, Some(0), "{shipped}"),
    }
    repo.ok(["ship", "--yes"]);
    let log = repo.hotfix(["log"]).success();
    let line = log.stdout().lines().find(|line| line.contains("users cannot pay")).unwrap_or_default();
    assert!(line.contains("; taken back "), "{log}");
    repo.ok(["ledger", "verify"]);
}
