//! Deployment, verification and rollback: each at most once without a word, and of the landing that is meant.

use hotfix_tests::sandbox;

use crate::fixtures::{DEPLOY_KILLS_US, TITLE, refused, sample_with};

const BRANCH: &str = "hotfix/coupons-take-off-too-much";

#[test]
fn a_deployment_in_doubt_waits_for_a_word() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, DEPLOY_KILLS_US);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let killed = repo.run(repo.command("git-hotfix").args(["ship", "--yes"]));
    assert_eq!(killed.code(), None, "{killed}");
    repo.write("../calm", "");
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes"], 4), @"
    ------- stderr -------
    error: deploy started (`sh -c 'echo x >> ../deploys; [ -e ../calm ] || kill -9 $PPID'`), and how it ended was not recorded
    hint: look at production; if the fix is there: git hotfix mark deployed
    hint: to run it again: git hotfix deploy --again
    [exit status: 4]
    ");
    refused(&repo, &["deploy", "--yes"], 4);
    refused(&repo, &["close"], 3);
    assert_eq!(repo.read("../deploys"), "x\n");
    repo.ok(["deploy", "--again", "--yes"]);
    assert_eq!(repo.read("../deploys"), "x\nx\n");
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../deploys"), "x\nx\n");
}

/// The rules of a part whose command notes that it runs and, until there is peace, has us ended by this signal.
fn ended_by(part: &str, signal: &str) -> String {
    let script = format!("echo {part} >> ../ran; [ -e ../calm ] || {{ kill -{signal} $PPID; sleep 30; }}");
    format!("{part} = [\"sh\", \"-c\", \"{script}\"]\n")
}

#[test]
fn a_deployment_that_a_signal_ended_waits_for_a_word() {
    for (signal, code) in [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143)] {
        let sandbox = sandbox!();
        let repo = sample_with(&sandbox, &format!("[deploy]\n{}", ended_by("command", signal)));
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.fix_the_bug();
        let ended = repo.hotfix(["ship", "--yes"]);
        assert_eq!(ended.code(), Some(code));
        for words in ["how far `deploy` got is not known", "git hotfix mark deployed", "git hotfix deploy --again"] {
            assert!(ended.stderr().contains(words), "{ended}");
        }
        repo.write("../calm", "");
        let said = refused(&repo, &["ship", "--yes"], 4);
        assert!(said.contains(&format!("and how it ended is not known: interrupted by SIG{signal}")), "{said}");
        refused(&repo, &["deploy", "--yes"], 4);
        refused(&repo, &["close"], 3);
        assert_eq!(repo.read("../ran"), "command\n", "SIG{signal}");
        let log = repo.hotfix(["log"]).exits_with(0).verdict();
        assert!(log.contains(&format!("deployment: how it ended is not known, interrupted by SIG{signal}")), "{log}");
        repo.ok(["deploy", "--again", "--yes"]);
        repo.ok(["ship", "--yes"]);
        assert_eq!(repo.read("../ran"), "command\ncommand\n", "SIG{signal}");
    }
}

#[test]
fn a_migration_and_a_rollback_that_a_signal_ended_wait_for_a_word() {
    let sandbox = sandbox!();
    let (migrate, rollback) = (ended_by("migrate", "TERM"), ended_by("rollback", "INT"));
    let repo = sample_with(&sandbox, &format!("[deploy]\ncommand = [\"true\"]\n{migrate}{rollback}"));
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    assert_eq!(repo.hotfix(["ship", "--yes"]).code(), Some(143));
    assert_eq!(repo.hotfix(["deploy", "--rollback", "--yes"]).code(), Some(130));
    repo.write("../calm", "");
    refused(&repo, &["ship", "--yes"], 4);
    refused(&repo, &["deploy", "--rollback", "--yes"], 4);
    assert_eq!(repo.read("../ran"), "migrate\nrollback\n");
    repo.ok(["deploy", "--again", "--yes"]);
    repo.ok(["deploy", "--rollback", "--again", "--yes"]);
    assert_eq!(repo.read("../ran"), "migrate\nrollback\nmigrate\nrollback\n");
}

/// A look that was cut short saw nothing: neither that production is well, nor that it is not.
#[test]
fn a_look_that_a_signal_ended_is_no_verdict() {
    for (signal, code) in [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143)] {
        let sandbox = sandbox!();
        let verify = ended_by("verify", signal);
        let rollback = "rollback = [\"sh\", \"-c\", \"echo rollback >> ../ran\"]\n";
        let repo = sample_with(&sandbox, &format!("[deploy]\ncommand = [\"true\"]\n{verify}{rollback}"));
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.fix_the_bug();
        assert_eq!(repo.hotfix(["ship", "--yes"]).code(), Some(code));
        assert_eq!(repo.read("../ran"), "verify\n", "SIG{signal}");
        let log = repo.hotfix(["log"]).exits_with(0).verdict();
        assert!(log.contains("deployment passed") && !log.contains("verif"), "{log}");
        repo.write("../calm", "");
        repo.ok(["ship", "--yes"]);
        assert_eq!(repo.read("../ran"), "verify\nverify\n", "SIG{signal}");
        repo.ok(["close"]);
    }
}

#[test]
fn a_deployment_whose_script_says_that_a_signal_ended_it_waits_for_a_word() {
    let sandbox = sandbox!();
    let script = |code| format!("[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../ran; exit {code}\"]\n");
    let repo = sample_with(&sandbox, &script(137));
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let said = repo.hotfix(["ship", "--yes"]).exits_with(4).verdict();
    assert!(said.contains("exited with 137, as a shell does whose command signal 9 ended"), "{said}");
    refused(&repo, &["ship", "--yes"], 4);
    assert_eq!(repo.read("../ran"), "x\n");
    repo.ok(["mark", "deployed"]);
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../ran"), "x\n");
    // A crash is the command's own failure.
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, &script(139));
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let said = repo.hotfix(["ship", "--yes"]).exits_with(1).verdict();
    assert!(said.contains("exited with 139"), "{said}");
}

#[test]
fn a_deployment_past_its_deadline_waits_for_a_word() {
    let sandbox = sandbox!();
    let rules =
        "[deploy]\ntimeout = \"1s\"\ncommand = [\"sh\", \"-c\", \"echo x >> ../ran; [ -e ../calm ] || sleep 30\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    insta::assert_snapshot!(repo.hotfix(["ship", "--yes"]).exits_with(4).verdict(), @"
    ------- stderr -------
    error: deploy started (`sh -c 'echo x >> ../ran; [ -e ../calm ] || sleep 30'`), and how it ended is not known: it did not end in time
    hint: look at production; if the fix is there: git hotfix mark deployed
    hint: to run it again: git hotfix deploy --again
    [exit status: 4]
    ");
    repo.write("../calm", "");
    refused(&repo, &["ship", "--yes"], 4);
    assert_eq!(repo.read("../ran"), "x\n");
    repo.ok(["deploy", "--again", "--yes"]);
    assert_eq!(repo.read("../ran"), "x\nx\n");
    repo.ok(["ship", "--yes"]);
}

#[test]
fn a_deployment_in_doubt_may_be_told_done() {
    let sandbox = sandbox!();
    let deploy = "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys; kill -9 $PPID\"]\n";
    let repo = sample_with(&sandbox, deploy);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    assert_eq!(repo.run(repo.command("git-hotfix").args(["ship", "--yes"])).code(), None);
    repo.ok(["mark", "deployed"]);
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    assert_eq!(repo.read("../deploys"), "x\n");
}

#[test]
fn a_rollback_in_doubt_waits_for_a_word_and_then_runs() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"true\"]\nverify = [\"false\"]\n\
                 rollback = [\"sh\", \"-c\", \"echo x >> ../rollbacks; [ -e ../calm ] || kill -9 $PPID\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    assert_eq!(repo.run(repo.command("git-hotfix").args(["ship", "--yes"])).code(), None);
    repo.write("../calm", "");
    insta::assert_snapshot!(refused(&repo, &["deploy", "--rollback"], 4), @"
    ------- stderr -------
    error: rollback started (`sh -c 'echo x >> ../rollbacks; [ -e ../calm ] || kill -9 $PPID'`), and how it ended was not recorded
    hint: look at production; if it is back to what it was: git hotfix mark rolled-back
    hint: if the fix is still there: git hotfix mark deployed
    hint: to run it again: git hotfix deploy --rollback --again
    [exit status: 4]
    ");
    refused(&repo, &["deploy", "--rollback", "--yes"], 4);
    refused(&repo, &["deploy", "--rollback", "--again"], 2);
    assert_eq!(repo.read("../rollbacks"), "x\n");
    repo.ok(["deploy", "--rollback", "--again", "--yes"]);
    assert_eq!(repo.read("../rollbacks"), "x\nx\n");
    assert_eq!(repo.hotfix_json(["status"])["incident"]["status"], "mitigated");
}

#[test]
fn a_failed_verification_rolls_back() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"sh\", \"-c\", \"echo deploy >> ../calls\"]\n\
                 verify = [\"sh\", \"-c\", \"echo carts are wrong; exit 1\"]\n\
                 rollback = [\"sh\", \"-c\", \"echo rollback >> ../calls\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    insta::assert_snapshot!(repo.hotfix(["ship", "--yes"]).exits_with(1).verdict(), @"
    carts are wrong
    ------- stderr -------
    error: verification failed: `sh -c 'echo carts are wrong; exit 1'` exited with 1; production was rolled back
    hint: git switch -c hotfix/coupons-take-off-too-much   # a better fix; commit it, then: git hotfix ship
    [exit status: 1]
    ");
    let status = repo.hotfix_json(["status"]);
    assert_eq!(status["incident"]["status"], "mitigated");
    assert!(status["text"].as_str().unwrap().contains("mitigated (rolled back)"));
    assert_eq!(
        status["next"],
        "git switch -c hotfix/coupons-take-off-too-much   # a better fix; commit it, then: git hotfix ship"
    );
    assert_eq!(repo.hotfix_json(["propagation"])["next"], status["next"]);
    insta::assert_snapshot!(refused(&repo, &["open", TITLE], 4), @"
    ------- stderr -------
    error: the fix of HF-YYYY-ID was merged, and rolled back; its branch hotfix/coupons-take-off-too-much is gone
    hint: git switch -c hotfix/coupons-take-off-too-much   # a better fix; commit it, then: git hotfix ship
    hint: git hotfix open 'Coupons take off too much' --slug coupons-take-off-too-much-2   # or something else is broken
    [exit status: 4]
    ");
    assert_eq!(repo.read("../calls"), "deploy\nrollback\n");
    insta::assert_snapshot!(refused(&repo, &["close"], 3), @r#"
    ------- stderr -------
    error: HF-YYYY-ID cannot close yet: the fix was rolled back
    hint: git switch -c hotfix/coupons-take-off-too-much   # a better fix; commit it, then: git hotfix ship
    hint: git hotfix deploy --again   # the same fix once more
    hint: or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    [exit status: 3]
    "#);
}

#[test]
fn a_better_fix_after_a_rollback_is_shipped_and_deployed() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"sh\", \"-c\", \"echo deploy >> ../calls\"]\n\
                 verify = [\"sh\", \"-c\", \"test -e better.txt\"]\n\
                 rollback = [\"sh\", \"-c\", \"echo rollback >> ../calls\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let _ = repo.hotfix(["ship", "--yes"]).exits_with(1);
    assert_eq!(refused(&repo, &["ship", "--yes"], 4).lines().filter(|line| line.contains("deploy --again")).count(), 1);
    repo.git_ok(["switch", "--quiet", "--create", BRANCH]);
    // Nothing is committed yet: the branch stays, and so does whoever is on it.
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes"], 4), @"
    ------- stderr -------
    error: this deployment was rolled back, and hotfix/coupons-take-off-too-much holds nothing to ship yet
    hint: git add --all && git commit   # a better fix; commit it, then: git hotfix ship
    hint: git hotfix deploy --again   # the same fix once more
    [exit status: 4]
    ");
    repo.commit_file("better.txt", "x\n", "Fix it better");
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../calls"), "deploy\nrollback\ndeploy\n");
    assert_eq!(repo.hotfix_json(["status"])["incident"]["status"], "resolved");
    repo.ok(["close"]);
}

/// With or without rules about production, and as soon as it is there: the branch for the next try is nobody's leftover until
/// the incident ends.
#[test]
fn a_branch_for_the_next_try_stays_until_the_incident_is_closed() {
    for rules in ["", "[deploy]\ncommand = [\"true\"]\n"] {
        let sandbox = sandbox!();
        let repo = sample_with(&sandbox, rules);
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        let production = repo.head();
        repo.git_ok(["switch", "--quiet", "--create", BRANCH]);
        repo.git_ok(["push", "--quiet", "origin", BRANCH]);
        for command in [&["ship", "--yes"][..], &["pr"]] {
            let output = repo.hotfix(command).success();
            let told = output.to_string();
            assert!(told.contains("yet") && told.contains("a better fix; commit it"), "{told}");
            assert_eq!((repo.branch(), repo.head()), (BRANCH.to_owned(), production.clone()), "{told}");
            assert!(repo.remote_refs().contains(BRANCH), "{told}");
        }
        repo.ok(["close", "--reason", "good enough"]);
        assert_eq!((repo.branch(), repo.resolve(BRANCH)), ("main".to_owned(), None));
        assert!(!repo.remote_refs().contains(BRANCH), "{}", repo.remote_refs());
    }
}

/// Production did not come back, nothing is rolled back, and a second fix lands: what runs now is that one.
#[test]
fn a_second_landing_is_deployed_and_verified_too() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"sh\", \"-c\", \"echo $HOTFIX_COMMIT >> ../deploys\"]\n\
                 verify = [\"sh\", \"-c\", \"test -e better.txt\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let _ = repo.hotfix(["ship", "--yes"]).exits_with(1);
    let first = repo.head();
    repo.git_ok(["switch", "--quiet", "--create", BRANCH]);
    repo.commit_file("better.txt", "x\n", "Fix it better");
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../deploys"), format!("{first}\n{}\n", repo.head()));
}

#[test]
fn a_deployment_that_failed_is_tried_again_when_asked() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys; echo no disk; test -e ../calm\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let failed = repo.hotfix(["ship", "--yes"]).exits_with(1);
    assert!(failed.stdout().contains("no disk") && failed.stderr().contains("deploy --again"), "{failed}");
    refused(&repo, &["close"], 3);
    refused(&repo, &["ship"], 2);
    repo.write("../calm", "");
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../deploys"), "x\nx\n");
}

#[test]
fn a_ship_without_the_deployment_leaves_it_to_its_own_commands() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\nverify = [\"true\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes", "--skip-deploy"]);
    assert!(!repo.has("../deploys"));
    refused(&repo, &["close"], 3);
    repo.ok(["deploy", "--yes"]);
    repo.ok(["deploy", "--yes"]);
    assert_eq!(repo.read("../deploys"), "x\n");
    repo.ok(["verify"]);
    repo.ok(["close"]);
}

/// The migration is a part of the deployment, and runs again without deploying again.
#[test]
fn a_migration_that_failed_is_run_again_and_stands_in_the_way_of_close() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"sh\", \"-c\", \"echo deploy >> ../calls\"]\n\
                 migrate = [\"sh\", \"-c\", \"echo migrate >> ../calls; echo no such column; test -e ../calm\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    insta::assert_snapshot!(repo.hotfix(["ship", "--yes"]).exits_with(1).verdict(), @"
    no such column
    ------- stderr -------
    error: migrate: `sh -c 'echo migrate >> ../calls; echo no such column; test -e ../calm'` exited with 1
    hint: fix it, then: git hotfix deploy   # runs the migration again
    hint: hotfix.toml has no [deploy] rollback; roll back by hand if users still feel it
    [exit status: 1]
    ");
    assert_eq!(repo.hotfix_json(["status"])["next"], "git hotfix ship");
    insta::assert_snapshot!(refused(&repo, &["close"], 3), @r#"
    ------- stderr -------
    error: HF-YYYY-ID cannot close yet: the migration failed
    hint: git hotfix deploy
    hint: or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    [exit status: 3]
    "#);
    // What the first one came to is no answer to the second.
    let _ = repo.hotfix(["deploy", "--again", "--yes"]).exits_with(1);
    assert_eq!(repo.read("../calls"), "deploy\nmigrate\ndeploy\nmigrate\n");
    repo.write("../calm", "");
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../calls"), "deploy\nmigrate\ndeploy\nmigrate\nmigrate\n");
    assert_eq!(repo.hotfix_json(["status"])["next"], "git hotfix close");
    repo.ok(["close"]);
}

#[test]
fn a_rollback_that_failed_is_run_again_after_the_next_look() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"true\"]\nverify = [\"false\"]\n\
                 rollback = [\"sh\", \"-c\", \"echo rollback >> ../calls; test -e ../calm\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let _ = repo.hotfix(["ship", "--yes"]).exits_with(4);
    repo.write("../calm", "");
    let _ = repo.hotfix(["ship", "--yes"]).exits_with(1);
    assert_eq!(repo.read("../calls"), "rollback\nrollback\n");
    assert_eq!(repo.hotfix_json(["status"])["incident"]["status"], "mitigated");
}

#[test]
fn a_rollback_that_failed_is_told_with_the_ways_on() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"true\"]\nverify = [\"sh\", \"-c\", \"test -e ../calm\"]\n\
                 rollback = [\"sh\", \"-c\", \"echo no such release; exit 3\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    insta::assert_snapshot!(repo.hotfix(["ship", "--yes"]).exits_with(4).verdict(), @"
    no such release
    ------- stderr -------
    error: the rollback `sh -c 'echo no such release; exit 3'` exited with 3; production is in an unknown state
    hint: fix it, then: git hotfix deploy --rollback
    hint: git hotfix verify   # is production well all the same?
    [exit status: 4]
    ");
    assert_eq!(repo.hotfix_json(["status"])["next"], "git hotfix verify");
    refused(&repo, &["close"], 3);
    repo.write("../calm", "");
    repo.ok(["verify"]);
    repo.ok(["close"]);
}

/// `ship` is run again by a program, when only the look at production is left: nobody can be asked about the rollback.
#[test]
fn a_look_that_fails_where_nobody_is_asked_says_why() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"true\"]\nverify = [\"sh\", \"-c\", \"echo GET / 503; exit 1\"]\n\
                 rollback = [\"sh\", \"-c\", \"echo x >> ../rollbacks\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes", "--skip-deploy"]);
    repo.ok(["deploy", "--yes"]);
    let failed = repo.hotfix(["ship"]).exits_with(1);
    assert!(failed.stdout().contains("GET / 503") && failed.stderr().contains("deploy --rollback"), "{failed}");
    assert!(!repo.has("../rollbacks"));
    repo.ok(["deploy", "--rollback", "--yes"]);
    assert_eq!(repo.read("../rollbacks"), "x\n");
}
