//! Taking the last command back: what was said counts no more, and what was done has a way back of its own.

use hotfix_tests::{Repo, Sample, sandbox};

use crate::fixtures::{TITLE, opened, refused, sample_with};

/// Runs `undo`; what it printed.
#[track_caller]
fn undo(repo: &Repo<'_>) -> String {
    repo.hotfix(["undo"]).success().stdout().to_owned()
}

#[test]
fn each_word_is_taken_back_and_stays_in_the_log() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let before = repo.hotfix_json(["show"])["incident"].clone();
    repo.write("app.log", "Error: coupon\n");
    let said: [(&[&str], &str); 6] = [
        (&["note", "users cannot pay"], "users cannot pay"),
        (&["mark", "mitigated"], "mitigated"),
        (&["triage", "--severity", "critical", "--impact", "nobody can pay"], "re-rated: severity critical"),
        (&["attach", "app.log"], "evidence attached: app.log"),
        (&["follow-up", "add", "alert on totals", "--band-aid"], "band-aid, proper fix owed: alert on totals"),
        (&["guard", "--waive", "too-big", "--reason", "one file"], "exception for guard/too-big: one file"),
    ];
    for (command, told) in said {
        let output = repo.hotfix(command);
        assert!(output.code() == Some(0) || command[0] == "guard", "{output}");
        let output = undo(&repo);
        assert!(output.contains(told), "{command:?}: {output}");
        let after = repo.hotfix_json(["show"])["incident"].clone();
        for key in ["severity", "impact", "status", "band_aid", "follow_ups", "evidence", "mitigated_at"] {
            assert_eq!(after[key], before[key], "{command:?}: {key}");
        }
        let log = repo.hotfix(["log"]).success();
        let line = log.stdout().lines().find(|line| line.contains(told)).unwrap_or_default();
        assert!(line.contains("; taken back "), "{log}");
        assert!(!repo.hotfix(["show"]).success().stdout().contains(told));
        let gone = repo.hotfix_json(["log"])["incident"]["taken_back"].clone();
        assert!(gone.as_array().is_some_and(|gone| gone.iter().any(|gone| gone["text"].to_string().contains(told))));
    }
    assert_eq!(
        repo.hotfix(["list", "--grep", "users cannot pay", "--all"]).success().stdout(),
        "no incident matches\n"
    );
    // The number of one that was taken back is nobody's.
    assert_eq!(
        repo.hotfix(["follow-up", "add", "test the totals"]).success().stdout(),
        "follow-up 2: test the totals\n"
    );
    repo.ok(["follow-up", "done", "2"]);
    undo(&repo);
    assert_eq!(repo.hotfix_json(["show"])["incident"]["follow_ups"][0]["done"], false);
}

#[test]
fn once_more_takes_back_no_more_and_names_what_would() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.ok(["note", "first"]);
    repo.ok(["note", "second"]);
    undo(&repo);
    let state = repo.state();
    let again = repo.hotfix(["undo"]).success();
    assert_eq!(again.stdout(), "taken back already: second\n");
    assert_eq!(repo.state(), state);
    let hint = again.stderr().lines().find_map(|line| line.strip_prefix("hint: git hotfix ")).expect("a way on");
    let (command, what) = hint.split_once("   # ").expect("what it does");
    assert_eq!(what, "also this: first");
    let words: Vec<&str> = command.split(' ').collect();
    assert!(repo.hotfix(&words[..]).success().stdout().contains("first"));
    assert_eq!(repo.hotfix(&words[..]).success().stdout(), "taken back already: first\n");
    assert!(repo.hotfix(["undo"]).success().stderr().contains("git hotfix abort   # gives up all of it"));
}

#[test]
fn a_dry_run_says_what_it_would_take_back() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.ok(["note", "users cannot pay"]);
    let state = repo.state();
    let output = repo.hotfix(["undo", "--dry-run"]).success();
    assert_eq!(output.stdout(), "would take back: users cannot pay\n");
    let document = repo.hotfix_json(["undo", "--dry-run"]);
    assert_eq!(document["actions"][0]["action"], "retract");
    assert_eq!(repo.state(), state);
}

#[test]
fn an_incident_that_was_just_opened_goes() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let before = repo.state_without_ledger();
    repo.ok(["open", TITLE, "--severity", "high"]);
    let done = repo.hotfix_json(["undo"]);
    assert_eq!(done["incident"]["status"], "canceled");
    assert_eq!(repo.state_without_ledger(), before);
    // A run that was cut short is typed again.
    assert_eq!(repo.hotfix_json(["undo"])["incident"]["status"], "canceled");
}

#[test]
fn work_that_was_carried_is_brought_back_by_the_line_that_is_hinted_at() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write_fix();
    let before = repo.state_without_ledger();
    repo.ok(["open", TITLE, "--severity", "high", "--carry"]);
    let said = refused(&repo, &["undo"], 3);
    let line = "git stash && git hotfix undo && git stash pop";
    assert!(said.contains(&format!("hint: {line}   # keeps it")), "{said}");
    let _ = repo.run(repo.command("sh").args(["-c", line])).success();
    assert_eq!((repo.branch().as_str(), repo.state_without_ledger()), ("main", before));
}

#[test]
fn work_on_top_of_commits_that_were_carried_is_brought_back_after_them() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let fix = repo.fix_the_bug();
    let work = format!("{}# more\n", repo.read("total.sh"));
    repo.write("total.sh", &work);
    repo.ok(["open", TITLE, "--severity", "high", "--carry"]);
    let said = repo.hotfix(["undo"]).exits_with(3);
    let line = said.stderr().lines().find_map(|line| line.strip_prefix("hint: git stash ")).expect("a line");
    let (line, _) = line.split_once("   # keeps it").expect("what it does");
    assert!(line.contains("&& git hotfix undo && git merge --ff-only refs/hotfix/carried/HF-"), "{said}");
    let _ = repo.run(repo.command("sh").args(["-c", &format!("git stash {line}")])).success();
    assert_eq!((repo.branch().as_str(), repo.head(), repo.read("total.sh")), ("main", fix, work));
    assert_eq!(repo.git_ok(["status", "--porcelain"]), " M total.sh");
}

/// The last command of a person is not always about the incident of the branch that is checked out.
#[test]
fn an_older_command_is_not_taken_back_for_the_last_one() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let gamma = repo.hotfix_json(["show"])["incident"]["id"].as_str().expect("it has one").to_owned();
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.ok(["open", "Delta", "--severity", "high"]);
    let delta = repo.hotfix_json(["show"])["incident"]["id"].as_str().expect("it has one").to_owned();
    repo.ok(["note", "delta words"]);
    repo.ok(["note", "typo", "--incident", &gamma]);
    let state = repo.state();
    let said = repo.hotfix(["undo"]).exits_with(3);
    let said = said.stderr();
    assert!(said.contains(&format!("your last command was about {gamma}, and {delta} is meant here")), "{said}");
    assert!(said.contains(&format!("hint: git hotfix undo --incident {gamma}   # typo\n")), "{said}");
    assert!(said.contains(&format!("hint: git hotfix undo --incident {delta}   # delta words\n")), "{said}");
    assert_eq!(repo.state(), state);
    let said = repo.hotfix(["undo", "--incident", &gamma]).success();
    assert_eq!(said.stdout(), format!("taken back in {gamma}: typo\n"));
    // The control: said after that, it is the last one.
    repo.ok(["note", "last words"]);
    assert!(undo(&repo).ends_with(": last words\n"));
    // What somebody else says of that one is nobody else's last command.
    repo.git_ok(["config", "user.email", "bob@example.com"]);
    repo.ok(["note", "by Bob"]);
    assert!(undo(&repo).ends_with(": by Bob\n"));
}

#[test]
fn the_way_back_of_an_end_names_its_incident() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let first = repo.hotfix_json(["show"])["incident"]["id"].as_str().expect("it has one").to_owned();
    repo.ok(["abort"]);
    repo.ok(["open", "Beta", "--severity", "high"]);
    repo.ok(["abort"]);
    let said = repo.hotfix(["undo", "--incident", &first]).exits_with(4);
    let said = said.stderr();
    assert!(said.contains(&format!("hint: git hotfix reopen {first}   # goes on with the incident")), "{said}");
    repo.ok(["reopen", &first]);
    assert_eq!(repo.hotfix_json(["show"])["incident"]["id"], first.as_str());
}

#[test]
fn an_incident_that_somebody_worked_on_does_not_go_by_undo() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["guard"]);
    let said = refused(&repo, &["undo"], 4);
    assert!(said.contains("git hotfix abort"), "{said}");
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["config", "user.name", "Bob"]);
    repo.git_ok(["config", "user.email", "bob@example.com"]);
    let said = refused(&repo, &["undo"], 3);
    assert!(said.contains("nothing to take back: Bob said nothing in HF-"), "{said}");
}

fn state_of_pr(repo: &Repo<'_>) -> String {
    let steps = repo.hotfix_json(["status"])["incident"]["steps"].clone();
    let it = steps.as_array().and_then(|steps| steps.iter().find(|step| step["step"] == "pr")).expect("it is a step");
    it["state"].as_str().expect("it has a state").to_owned()
}

#[test]
fn a_pull_request_is_closed_and_its_branch_stays() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let fix = repo.fix_the_bug();
    repo.ok(["pr"]);
    assert_eq!(repo.hotfix_json(["undo"])["incident"]["pull_request"]["state"], "closed");
    assert_eq!(repo.resolve("hotfix/coupons-take-off-too-much"), Some(fix));
    let said = repo.hotfix(["undo"]).success();
    assert!(said.stdout().starts_with("taken back already: pull request written at "), "{said}");
    assert_ne!(state_of_pr(&repo), "done");
    repo.ok(["ship", "--yes"]);
}

/// One command says two things: what is left of it is named.
#[test]
fn what_came_with_a_pull_request_is_named_once_that_is_closed() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["pr", "--no-test", "none: a typo"]);
    assert_eq!(state_of_pr(&repo), "done", "the control");
    undo(&repo);
    let said = repo.hotfix(["undo"]).success();
    assert!(said.stdout().starts_with("taken back already: pull request written at "), "{said}");
    let hint = said.stderr().lines().find_map(|line| line.strip_prefix("hint: git hotfix ")).expect("a way on");
    let (command, what) = hint.split_once("   # ").expect("what it does");
    assert_eq!(what, "also this: exception for test: none: a typo", "{said}");
    let words: Vec<&str> = command.split(' ').collect();
    repo.ok(&words[..]);
}

#[test]
fn what_was_done_to_production_names_its_own_way_back() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"true\"]\nverify = [\"true\"]\nrollback = [\"true\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes", "--skip-deploy"]);
    let said = refused(&repo, &["undo"], 4);
    assert!(said.contains("git hotfix revert "), "{said}");
    repo.ok(["deploy", "--yes"]);
    let said = refused(&repo, &["undo"], 4);
    assert!(said.contains("git hotfix deploy --rollback"), "{said}");
    repo.ok(["verify"]);
    repo.ok(["close"]);
    let said = refused(&repo, &["undo"], 4);
    assert!(said.contains("git hotfix reopen"), "{said}");
}

#[test]
fn a_word_on_a_deployment_brings_its_doubt_back() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[deploy]\ncommand = [\"true\"]\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes", "--skip-deploy"]);
    repo.ok(["mark", "deployed"]);
    assert!(repo.hotfix_json(["show"])["incident"]["deployed_at"].is_string());
    undo(&repo);
    let incident = repo.hotfix_json(["show"])["incident"].clone();
    assert!(incident["deployed_at"].is_null(), "{incident}");
    let told = incident["timeline"].to_string();
    assert!(!told.contains("deployment done, as a person says"), "{told}");
}

#[test]
fn a_reopening_names_the_one_command_that_ends_it_again() {
    let ends: [(&[&str], &str, &[&str]); 3] = [
        (&["abort"], "abort   # gives it up again; its commits are kept", &["abort"]),
        (
            &["close", "--reason", "no bug"],
            "close --reason \"...\"   # ends it again",
            &["close", "--reason", "no bug"],
        ),
        (&["ship", "--yes"], "close   # ends it again", &["close"]),
    ];
    for (end, way, again) in ends {
        let sandbox = sandbox!();
        let repo = opened(&sandbox);
        repo.fix_the_bug();
        repo.ok(end);
        if end == ["ship", "--yes"] {
            repo.ok(["close"]);
        }
        repo.ok(["reopen"]);
        let said = refused(&repo, &["undo"], 4);
        let hints: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("hint: git hotfix ")).collect();
        assert_eq!(hints, [way], "{said}");
        repo.ok(again);
    }
}

#[test]
fn what_guard_saw_since_is_said_to_be_nothing_to_take_back() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    let looked = "hint: guard and test only looked at the fix since then: that is nothing to take back\n";
    for looks in [false, true] {
        repo.ok(["note", "users cannot pay"]);
        if looks {
            repo.ok(["guard"]);
        }
        let said = repo.hotfix(["undo"]).success();
        assert!(said.stdout().ends_with(": users cannot pay\n"), "{said}");
        assert_eq!(said.stderr().contains(looked), looks, "{said}");
    }
}
