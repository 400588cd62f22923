//! Deployment, rollback and what is known of them.

use std::fs;

use hotfix_core::workflow::Code;
use hotfix_tests::{Repo, Sandbox, sandbox};

use super::Rows;
use crate::damaged::{empty, event_file};
use crate::fixtures::{TITLE, sample_with};

const SHIP: [&str; 2] = ["ship", "--yes"];

/// A fix under rules, committed.
fn fixed<'s>(sandbox: &'s Sandbox, rules: &str) -> Repo<'s> {
    let repo = sample_with(sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo
}

pub(super) fn rows(rows: &mut Rows) {
    let sandbox = sandbox!();
    let rules =
        "[deploy]\ncommand = [\"sh\", \"-c\", \"[ -e ../deploys ] || kill -9 $PPID; cat ../deploys; exit 1\"]\n";
    let repo = fixed(&sandbox, rules);
    let killed = repo.run(repo.command("git-hotfix").args(SHIP));
    assert_eq!(killed.code(), None, "{killed}");
    rows.refused(Code::DeployInDoubt, 4, &repo, &SHIP);
    repo.write("../deploys", "no disk\n");
    rows.refused(Code::Deploy, 1, &repo, &["deploy", "--again", "--yes"]);

    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"true\"]\nverify = [\"false\"]\nrollback = [\"test\", \"-e\", \"../calm\"]\n";
    let repo = fixed(&sandbox, rules);
    rows.refused(Code::Rollback, 4, &repo, &SHIP);
    repo.write("../calm", "");
    rows.refused(Code::Verify, 1, &repo, &SHIP);
    rows.refused(Code::RolledBack, 4, &repo, &SHIP);
}

pub(super) fn lost_events(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = fixed(&sandbox, "[deploy]\ncommand = [\"true\"]\n");
    repo.ok(SHIP);
    let lost = event_file(&repo, "deploy-finished");
    let event = fs::read(&lost).unwrap();
    empty(&lost);
    rows.refused(Code::Damaged, 3, &repo, &SHIP);
    fs::remove_file(&lost).unwrap();
    fs::write(&lost, event).unwrap();
    let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    repo.git_ok(["update-ref", "-d", &ledger]);
    rows.refused(Code::EventsGone, 3, &repo, &["open", TITLE, "--severity", "high"]);
}
