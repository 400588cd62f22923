//! Going on with an incident that ended: its notes and times stay, its branch comes back, and it ends again like any other.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};
use serde_json::Value;

use crate::fixtures::{TITLE, opened, refused, sample_with};

const BRANCH: &str = "hotfix/coupons-take-off-too-much";

#[track_caller]
fn reopen(repo: &Repo<'_>) -> Value {
    let incident = repo.hotfix_json(["reopen"])["incident"].clone();
    assert_eq!((incident["status"].as_str(), repo.branch().as_str()), (Some("active"), BRANCH));
    incident
}

#[test]
fn an_aborted_one_comes_back_with_its_branch_and_its_notes_and_ships() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.ok(["note", "support calls"]);
    let fix = repo.fix_the_bug();
    repo.ok(["pr"]);
    repo.ok(["abort", "--reason", "false alarm"]);
    assert_eq!(repo.resolve(BRANCH), None);
    let incident = reopen(&repo);
    assert_eq!(repo.resolve(BRANCH), Some(fix.clone()));
    let told = incident["timeline"].to_string();
    assert!(told.contains("support calls") && told.contains("incident reopened"), "{told}");
    // Typed again it says so, and does nothing more.
    let state = repo.state();
    let again = repo.hotfix(["reopen"]).success();
    assert!(again.stdout().contains(" is open: Coupons take off too much"), "{again}");
    assert_eq!(repo.state(), state);
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.git_ok(["rev-parse", "origin/main^2"]).trim(), fix);
    repo.ok(["close"]);
}

#[test]
fn one_that_was_aborted_without_a_commit_begins_at_its_base() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let base = repo.head();
    repo.ok(["abort"]);
    reopen(&repo);
    assert_eq!(repo.head(), base);
    // Given up once more, it comes back once more.
    repo.ok(["abort"]);
    repo.ok(["reopen", "coupons-take-off-too-much", "--reason", "it is one after all"]);
    assert!(repo.hotfix(["log"]).success().stdout().contains("incident reopened: it is one after all"));
}

#[test]
fn a_closed_one_gets_a_second_fix_that_is_verified_and_written_up() {
    let sandbox = sandbox!();
    let rules = "[deploy]\ncommand = [\"true\"]\nverify = [\"sh\", \"-c\", \"echo x >> ../looks\"]\n";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", TITLE, "--severity", "high"]);
    let first = repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    let production = repo.resolve("origin/main");
    let incident = reopen(&repo);
    assert_eq!(repo.resolve(BRANCH), production);
    // To end it as it is takes a look at production first, or a reason.
    let next = repo.hotfix_json(["status"])["next"].as_str().unwrap_or_default().to_owned();
    assert!(next.ends_with("; if none is needed: git hotfix verify"), "{next}");
    assert!(refused(&repo, &["undo"], 4).contains("git hotfix close --reason \"...\"   # ends it again"));
    for gone in ["closed_at", "resolved_at", "verified_at"] {
        assert!(incident[gone].is_null(), "{incident}");
    }
    repo.commit_file("notice.txt", "Prices are right again.\n", "Tell the customers");
    repo.ok(["ship", "--yes", "--no-test", "no code"]);
    assert_eq!(repo.read("../looks").lines().count(), 2, "the second fix is looked at too");
    repo.ok(["close", "--reason", "done"]);
    let postmortem = repo.hotfix_json(["show"])["incident"]["postmortem"].as_str().unwrap().to_owned();
    let written = repo.git_ok(["show", &format!("origin/main:{postmortem}")]);
    for told in ["incident reopened", "Tell the customers"] {
        assert!(written.contains(told), "{written}");
    }
    let status = repo.git_ok(["show", "origin/main:docs/planning/STATUS.md"]);
    assert_eq!(status.matches("/hotfix").count(), 1, "{status}");
    assert!(repo.git_ok(["log", "--format=%H", "origin/main"]).contains(&first));
}

#[test]
fn what_somebody_wrote_into_the_postmortem_stays() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    let postmortem = repo.hotfix_json(["show"])["incident"]["postmortem"].as_str().unwrap().to_owned();
    let known = repo.read(&postmortem);
    repo.commit_file(&postmortem, &format!("{known}\nOurs alone.\n"), "Say more");
    repo.git_ok(["push", "--quiet", "origin", "HEAD:main"]);
    reopen(&repo);
    repo.ok(["close", "--reason", "done"]);
    let written = repo.git_ok(["show", &format!("origin/main:{postmortem}")]);
    assert!(written.contains("Ours alone."), "{written}");
}

#[test]
fn one_that_ended_without_landing_is_written_anew_wherever_its_branch_is_by_then() {
    let (all, ours): (&[&str], _) = (&["incident reopened", "Try two"], "Ours alone.");
    for (lands, writes) in [(false, false), (true, false), (false, true)] {
        let sandbox = sandbox!();
        let repo = opened(&sandbox);
        repo.fix_the_bug();
        repo.ok(["close", "--reason", "not now"]);
        let postmortem = repo.hotfix_json(["show"])["incident"]["postmortem"].as_str().unwrap().to_owned();
        if writes {
            let written = repo.git_ok(["show", &format!("origin/main:{postmortem}")]);
            repo.git_ok(["switch", "--quiet", "--detach", "origin/main"]);
            repo.commit_file(&postmortem, &format!("{written}\n{ours}\n"), "Say more");
            repo.git_ok(["push", "--quiet", "origin", "HEAD:main"]);
            repo.git_ok(["switch", "--quiet", BRANCH]);
        }
        repo.ok(["reopen"]);
        repo.commit_file("notice.txt", "Prices are right again.\n", "Try two");
        if lands {
            repo.ok(["ship", "--yes", "--no-test", "no code"]);
        }
        repo.ok(["close", "--reason", "done"]);
        let written = repo.git_ok(["show", &format!("origin/main:{postmortem}")]);
        let told: &[&str] = if writes { &[ours] } else { all };
        for told in told {
            assert!(written.contains(told), "{lands} {writes}: {written}");
        }
    }
}

#[test]
fn uncommitted_work_and_a_branch_of_somebody_elses_stay() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["abort"]);
    repo.write("total.sh", "half done\n");
    let said = refused(&repo, &["reopen"], 3);
    assert!(said.contains("there is uncommitted work here: total.sh"), "{said}");
    repo.git_ok(["checkout", "--quiet", "--", "total.sh"]);
    repo.git_ok(["branch", BRANCH, "main"]);
    let said = refused(&repo, &["reopen"], 4);
    assert!(said.contains("git branch -m"), "{said}");
    repo.git_ok(["branch", "--quiet", "-D", BRANCH]);
    reopen(&repo);
}

#[test]
fn without_a_name_the_newest_that_is_over_is_meant_whatever_else_is_open() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let none = refused(&repo, &["reopen"], 3);
    assert!(none.contains("no incident is closed or canceled"), "{none}");
    repo.ok(["open", "Search is down", "--severity", "high"]);
    repo.ok(["abort"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.ok(["reopen"]);
    assert_eq!(repo.branch(), "hotfix/search-is-down");
}

#[test]
fn a_branch_that_another_incident_has_is_left_to_it() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let first = repo.hotfix_json(["show"])["incident"]["id"].as_str().unwrap().to_owned();
    repo.ok(["abort"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    let said = refused(&repo, &["reopen", &first], 4);
    assert!(said.contains("git hotfix abort --incident HF-"), "{said}");
}

#[test]
fn a_work_tree_of_its_own_comes_back_too() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("total.sh", "half done\n");
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    repo.ok(["abort"]);
    assert!(!repo.has("../fix"));
    repo.ok(["reopen"]);
    assert_eq!(repo.at("../fix").branch(), BRANCH);
    assert_eq!(repo.read("total.sh"), "half done\n");
}

#[test]
fn a_dry_run_shows_the_branch_and_changes_nothing() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["abort"]);
    let state = repo.state();
    let output = repo.hotfix(["reopen", "--dry-run"]).success();
    assert!(output.stdout().contains("would create hotfix/coupons-take-off-too-much at "), "{output}");
    assert!(output.stdout().contains("would record \"incident reopened\""), "{output}");
    assert_eq!(repo.state(), state);
}

/// An incident that was closed and taken up again, with the path of its postmortem, which lies tracked in the work tree.
fn taken_up_again<'a>(sandbox: &'a Sandbox) -> (Repo<'a>, String) {
    let repo = opened(sandbox);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    let postmortem = repo.hotfix_json(["show"])["incident"]["postmortem"].as_str().unwrap().to_owned();
    reopen(&repo);
    (repo, postmortem)
}

#[track_caller]
fn back_on_main_with(repo: &Repo<'_>, postmortem: &str, said: &str) {
    assert_eq!((repo.branch().as_str(), repo.git_ok(["status", "--porcelain"]).as_str()), ("main", ""));
    let written = repo.git_ok(["show", &format!("origin/main:{postmortem}")]);
    assert!(written.contains(said), "{written}");
    assert_eq!(repo.read(postmortem).trim_end(), written.trim_end());
}

#[test]
fn closed_again_from_its_branch_the_new_postmortem_is_not_in_the_way() {
    let sandbox = sandbox!();
    let (repo, postmortem) = taken_up_again(&sandbox);
    repo.ok(["triage", "--scope", "all the users there are"]);
    repo.ok(["close"]);
    back_on_main_with(&repo, &postmortem, "all the users there are");
}

#[test]
fn told_why_at_the_end_it_closes_from_its_branch() {
    let sandbox = sandbox!();
    let (repo, postmortem) = taken_up_again(&sandbox);
    repo.ok(["close", "--root-cause", "Rounded twice.", "--prevention", "none because it is rare"]);
    back_on_main_with(&repo, &postmortem, "Rounded twice.");
}

#[test]
fn what_somebody_writes_into_it_on_the_branch_is_delivered_and_put_back_there() {
    let sandbox = sandbox!();
    let (repo, postmortem) = taken_up_again(&sandbox);
    repo.write(&postmortem, &format!("{}\nOurs alone.\n", repo.read(&postmortem)));
    repo.ok(["close"]);
    back_on_main_with(&repo, &postmortem, "Ours alone.");
}

#[test]
fn what_somebody_writes_while_it_closes_is_delivered_too() {
    let sandbox = sandbox!();
    let (repo, postmortem) = taken_up_again(&sandbox);
    repo.write(&postmortem, &format!("{}\nOurs alone.\n", repo.read(&postmortem)));
    let once = format!("#!/bin/sh\n[ -e ../said ] || echo 'Said meanwhile.' >> '{postmortem}'\n: > ../said\n");
    repo.hook(".git/hooks/pre-push", &once);
    repo.ok(["close"]);
    assert!(repo.has("../said"));
    back_on_main_with(&repo, &postmortem, "Ours alone.\nSaid meanwhile.");
}

#[test]
fn what_somebody_wrote_after_it_was_delivered_is_never_put_back() {
    let sandbox = sandbox!();
    let (repo, postmortem) = taken_up_again(&sandbox);
    repo.ok(["triage", "--scope", "all the users there are"]);
    // Delivered, it cannot leave the branch.
    repo.hook(".git/hooks/pre-push", "#!/bin/sh\n: > .git/index.lock\n");
    let locked = repo.hotfix(["close"]).exits_with(6);
    std::fs::remove_file(repo.folder().join(".git/index.lock")).expect("the hook made it");
    assert!(locked.stderr().contains("push them to origin"), "{locked}");
    let edited = format!("{}\nOurs alone.\n", repo.read(&postmortem));
    repo.write(&postmortem, &edited);
    let _ = repo.hotfix(["close"]).exits_with(3);
    assert_eq!((repo.branch().as_str(), repo.read(&postmortem)), (BRANCH, edited));
}

/// Lets a second go by: a postmortem tells how long it had lasted when it was written.
fn a_second_later() {
    std::thread::sleep(std::time::Duration::from_millis(1_100));
}

#[test]
fn the_second_fix_is_in_the_postmortem_and_alone_in_its_pull_request() {
    let sandbox = sandbox!();
    let (repo, postmortem) = taken_up_again(&sandbox);
    a_second_later();
    repo.commit_file("notice.txt", "Prices are right again.\n", "Tell the customers");
    let proposed = repo.hotfix(["pr", "--no-test", "no code"]).success();
    for earlier in ["Record hotfix", "Take off the coupon"] {
        assert!(!proposed.stdout().contains(earlier), "{proposed}");
    }
    assert!(proposed.stdout().contains("Tell the customers"), "{proposed}");
    repo.ok(["ship", "--yes"]);
    let closed = repo.hotfix(["close"]).success();
    let fix = closed.stdout().lines().find(|line| line.starts_with("Fix: ")).unwrap_or_default().to_owned();
    assert!(fix.ends_with("; Tell the customers") && fix.matches("; ").count() == 1, "{fix}");
    let written = repo.git_ok(["show", &format!("origin/main:{postmortem}")]);
    for told in ["Tell the customers", "`notice.txt` (new", "`total.sh` (changed", "incident reopened"] {
        assert!(written.contains(told), "{told}: {written}");
    }
    for ours in ["Record hotfix", "Merge hotfix", "STATUS.md` ("] {
        assert!(!written.contains(ours), "{ours}: {written}");
    }
}

#[test]
fn what_is_recorded_after_the_reopening_gets_into_the_postmortem() {
    let sandbox = sandbox!();
    let (repo, postmortem) = taken_up_again(&sandbox);
    a_second_later();
    repo.ok(["follow-up", "add", "Rewrite the cart"]);
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.ok(["triage", "--severity", "critical"]);
    repo.ok(["close"]);
    back_on_main_with(&repo, &postmortem, "- [ ] Rewrite the cart");
    assert!(repo.read(&postmortem).contains("| Severity | Critical |"));
    // Once more, with a cause that was told after it was delivered.
    repo.ok(["postmortem", "--root-cause", "Rounded twice."]);
    reopen(&repo);
    a_second_later();
    repo.ok(["follow-up", "add", "Watch the totals"]);
    repo.ok(["close"]);
    back_on_main_with(&repo, &postmortem, "- [ ] Watch the totals");
}

#[test]
fn a_draft_after_the_reopening_is_drafted_anew_and_not_in_the_way() {
    let sandbox = sandbox!();
    let (repo, postmortem) = taken_up_again(&sandbox);
    a_second_later();
    repo.ok(["follow-up", "add", "Rewrite the cart"]);
    repo.ok(["postmortem"]);
    assert!(repo.read(&postmortem).contains("- [ ] Rewrite the cart"));
    repo.ok(["close"]);
    back_on_main_with(&repo, &postmortem, "- [ ] Rewrite the cart");
}

#[test]
fn what_is_next_is_a_better_fix_or_the_end_whoever_says_it() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    let next = |arguments: &[&str]| repo.hotfix_json(arguments)["next"].as_str().unwrap_or_default().to_owned();
    let said = next(&["reopen"]);
    let way = "git add --all && git commit   # a better fix; commit it, then: git hotfix ship; if none is needed: git hotfix close";
    assert_eq!((said.as_str(), next(&["status"]).as_str()), (way, way));
    repo.commit_file("notice.txt", "Prices are right again.\n", "Tell the customers");
    assert_eq!(["status", "postmortem"].map(|command| next(&[command])), ["git hotfix ship"; 2]);
    repo.git_ok(["restore", "docs"]);
    repo.ok(["ship", "--yes", "--no-test", "no code"]);
    assert_eq!(next(&["status"]), "git hotfix close");
}
