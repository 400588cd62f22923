//! Times by the clocks of whoever reads: shown, read, and told apart from those of JSON and documents.

use hotfix_tests::{CommandOutput, Repo, Sample, sandbox};

/// Nine hours ahead of UTC, all year; a rule, since not every machine has the database of zones.
const ZONE: &str = "XST-9";

fn in_zone(repo: &Repo<'_>, arguments: &[&str]) -> CommandOutput {
    repo.run(repo.command("git-hotfix").env("TZ", ZONE).args(arguments)).success()
}

#[test]
fn times_are_those_of_the_readers_clock_but_in_json_and_documents() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let at = ["--started-at", "2026-01-05 18:00"];
    let opened = in_zone(&repo, &[&["open", "Coupons", "--severity", "high"][..], &at].concat());
    assert!(opened.stdout().contains("On branch"), "{opened}");
    let status = in_zone(&repo, &["status"]);
    assert!(status.stdout().contains("(started 2026-01-05 18:00 XST)\n"), "{status}");
    let status = in_zone(&repo, &["status", "--utc"]);
    assert!(status.stdout().contains("(started 2026-01-05 09:00 UTC)\n"), "{status}");
    let log = in_zone(&repo, &["log"]);
    assert!(log.stdout().contains("2026-01-05 18:00:00 XST  started"), "{log}");
    assert_eq!(in_zone(&repo, &["status", "--json"]).json()["incident"]["started_at"], "2026-01-05T09:00:00Z");
    repo.fix_the_bug();
    let _ = in_zone(&repo, &["ship", "--yes"]);
    let _ = in_zone(&repo, &["postmortem", "--out", "pm.md"]);
    assert!(repo.read("pm.md").contains("2026-01-05 09:00 UTC"), "{}", repo.read("pm.md"));
}

#[test]
fn a_day_that_was_guessed_is_told() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", "Coupons", "--severity", "high"]);
    // A minute ahead of now is yesterday's, except in the last minute of a day.
    let hour_and_minute = repo.run(repo.command("date").args(["-u", "-d", "+10 minutes", "+%H:%M"])).success();
    let typed = hour_and_minute.stdout().trim();
    let said = repo.hotfix(["note", "restarted the queue", "--at", typed]).success();
    if !typed.starts_with("00:0") {
        let told = format!("note: --at {typed} is taken for yesterday's: ");
        assert!(said.stderr().contains(&told), "{said}");
    }
}
