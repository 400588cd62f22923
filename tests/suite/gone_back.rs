//! Ledgers that vanish or go back, as a fetch that prunes or forces makes them: it is told, and nothing is built on it.

use hotfix_tests::{CommandOutput, Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, refused, sample_with};

/// An incident that was shipped and deployed, and the year whose ledger has it; its origin has the beginning of that.
fn deployed(sandbox: &Sandbox) -> (Repo<'_>, String) {
    let repo = sample_with(sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let year = repo.git_ok(["for-each-ref", "--format=%(refname:lstrip=3)", "refs/hotfix/ledger"]).trim().to_owned();
    repo.git_ok(["push", "--quiet", "origin", &ledger(&year)]);
    repo.ok(["ship", "--yes"]);
    (repo, year)
}

fn ledger(year: &str) -> String {
    format!("refs/hotfix/ledger/{year}")
}

/// The command that a note names.
fn way_back(said: &CommandOutput) -> String {
    let (_, line) = said.stderr().split_once("; to bring it back: ").unwrap_or_else(|| panic!("{said}"));
    line.lines().next().expect("it is a line").to_owned()
}

/// Brings it back as a person does, and all is there again.
#[track_caller]
fn bring_back(repo: &Repo<'_>, year: &str, said: &CommandOutput, kinds: &[&str]) {
    let _ = repo.run(repo.command("sh").args(["-c", &way_back(said)])).success();
    let events = repo.git_ok(["grep", "-h", "\"kind\":", &ledger(year)]);
    for kind in kinds {
        assert!(events.contains(&format!("\"kind\":\"{kind}\"")), "{kind} is lost:\n{events}");
    }
    let now = repo.hotfix(["status"]).success();
    assert!(!now.stderr().contains("to bring it back"), "{now}");
}

#[test]
fn a_ledger_that_a_fetch_pruned_is_missed_by_whoever_looks() {
    for with_what_was_seen in [false, true] {
        let sandbox = sandbox!();
        let (repo, year) = deployed(&sandbox);
        repo.git_ok(["update-ref", "-d", &ledger(&year)]);
        if with_what_was_seen {
            repo.git_ok(["update-ref", "-d", &format!("refs/hotfix/seen/{year}")]);
        }
        let before = repo.state();
        for command in [&["list"][..], &["list", "--all"], &["status"], &["doctor", "--offline"]] {
            let said = repo.hotfix(command);
            assert!(said.stderr().contains(&format!("note: the ledger of {year} is gone: it was at ")), "{said}");
        }
        let document = repo.hotfix(["status", "--json"]);
        assert!(document.stdout().contains(&format!("the ledger of {year} is gone")), "{document}");
        assert_eq!(repo.state(), before, "looking writes no ref");
        let doctor = repo.hotfix(["doctor", "--offline", "--json"]);
        assert!(doctor.stdout().contains(&format!("\"git update-ref refs/hotfix/ledger/{year} ")), "{doctor}");
        let said = refused(&repo, &["open", "Search is down", "--severity", "high"], 3);
        assert!(said.contains(&format!("error: the ledger of {year} is gone: it was at ")), "{said}");
        assert!(said.contains(&format!("hint: git update-ref refs/hotfix/ledger/{year} ")), "{said}");
        bring_back(&repo, &year, &repo.hotfix(["status"]), &["opened", "deploy-finished"]);
        repo.ok(["close"]);
        assert_eq!(repo.read("../deploys"), "x\n");
    }
}

#[test]
fn a_ledger_that_went_back_deploys_nothing_again() {
    let sandbox = sandbox!();
    let (repo, year) = deployed(&sandbox);
    repo.git_ok(["fetch", "--quiet", "origin", "+refs/hotfix/*:refs/hotfix/*"]);
    let said = repo.hotfix(["status"]).success();
    assert!(said.stderr().contains(&format!("note: the ledger of {year} went back: it was at ")), "{said}");
    for command in [&["ship", "--yes"][..], &["deploy", "--yes"], &["close"], &["note", "x"], &["abort", "--yes"]] {
        refused(&repo, command, 3);
    }
    bring_back(&repo, &year, &said, &["opened", "deploy-finished"]);
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../deploys"), "x\n");
}

#[test]
fn a_ledger_that_goes_back_while_a_command_runs_is_noticed_by_its_next_round() {
    let sandbox = sandbox!();
    let fetch = "git fetch --quiet origin '+refs/hotfix/*:refs/hotfix/*'";
    let deploy = "command = [\"sh\", \"-c\", \"echo x >> ../deploys\"]";
    let hook = format!("merged = [\"sh\", \"-c\", \"{fetch}\"]");
    let repo = sample_with(&sandbox, &format!("[deploy]\n{deploy}\n[hooks]\n{hook}\n"));
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let year = repo.git_ok(["for-each-ref", "--format=%(refname:lstrip=3)", "refs/hotfix/ledger"]).trim().to_owned();
    repo.git_ok(["push", "--quiet", "origin", &ledger(&year)]);
    let said = repo.hotfix(["ship", "--yes"]).exits_with(3);
    assert!(said.stderr().contains(&format!("error: the ledger of {year} went back: it was at ")), "{said}");
    assert!(!repo.has("../deploys"));
    bring_back(&repo, &year, &repo.hotfix(["status"]), &["opened", "merged"]);
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../deploys"), "x\n");
}

#[test]
fn two_records_that_parted_are_united() {
    let sandbox = sandbox!();
    let (repo, year) = deployed(&sandbox);
    let hers = repo.clone_as("hers");
    hers.git_ok(["fetch", "--quiet", "--no-prune", "origin", "refs/hotfix/ledger/*:refs/hotfix/ledger/*"]);
    let id = repo.hotfix_json(["status"])["incident"]["id"].as_str().expect("there is one").to_owned();
    hers.ok(["note", "restarted by hand", "--incident", &id]);
    hers.git_ok(["push", "--quiet", "origin", &ledger(&year)]);
    repo.git_ok(["fetch", "--quiet", "origin", "+refs/hotfix/*:refs/hotfix/*"]);
    let said = repo.hotfix(["status"]).success();
    assert!(
        said.stderr().contains(&format!("note: the ledger of {year} was replaced: events that it had at ")),
        "{said}"
    );
    assert!(refused(&repo, &["ship", "--yes"], 3).contains(&format!("error: the ledger of {year} was replaced")));
    bring_back(&repo, &year, &said, &["opened", "deploy-finished", "noted"]);
    assert_eq!(repo.git_ok(["fsck", "--strict", "--no-dangling"]), "");
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../deploys"), "x\n");
}

#[test]
fn what_is_lost_for_good_is_told_until_it_is_given_up() {
    let sandbox = sandbox!();
    let (repo, year) = deployed(&sandbox);
    repo.ok(["list"]);
    repo.git_ok(["fetch", "--quiet", "origin", "+refs/hotfix/*:refs/hotfix/*"]);
    repo.git_ok(["update-ref", "-d", &format!("refs/hotfix/seen/{year}")]);
    repo.git_ok(["gc", "--quiet", "--prune=now"]);
    let said = repo.hotfix(["status"]).success();
    assert!(said.stderr().contains(&format!("note: the ledger of {year} lost events: it was at ")), "{said}");
    assert!(way_back(&said).starts_with("git fetch --no-prune <another clone or a backup> "), "{said}");
    let said = refused(&repo, &["note", "x"], 3);
    let (_, forget) = said.rsplit_once("hint: ").expect("it names the way on");
    let (forget, _) = forget.split_once("   #").expect("and why");
    let _ = repo.run(repo.command("sh").args(["-c", forget])).success();
    assert!(!repo.hotfix(["status"]).success().stderr().contains("lost events"));
    repo.ok(["note", "x"]);
}

#[test]
fn what_a_fetch_adds_is_no_loss() {
    let sandbox = sandbox!();
    let (repo, year) = deployed(&sandbox);
    repo.git_ok(["push", "--quiet", "origin", &ledger(&year)]);
    let hers = repo.clone_as("hers");
    hers.git_ok(["fetch", "--quiet", "--no-prune", "origin", "refs/hotfix/ledger/*:refs/hotfix/ledger/*"]);
    hers.ok(["list", "--all"]);
    repo.ok(["close"]);
    repo.git_ok(["push", "--quiet", "origin", &ledger(&year)]);
    hers.git_ok(["fetch", "--quiet", "--no-prune", "origin", "refs/hotfix/ledger/*:refs/hotfix/ledger/*"]);
    let said = hers.hotfix(["list", "--all"]).success();
    assert!(said.stderr().is_empty() && said.stdout().contains("closed"), "{said}");
}
