//! Incidents of a repository that GitHub hosts, through the program: a fake server in this process stands for GitHub.

pub(crate) mod codes;
mod fork;
mod lines;
mod merged;
mod moved;
mod proxy;
mod records;
mod rules;
mod token;

use std::time::Duration;

use hotfix_tests::{CommandOutput, Fault, GitHub, Repo, Sample, Sandbox, TOKEN, sandbox};
use serde_json::{Value as Json, json};

use crate::fixtures::at_once;

const BRANCH: &str = "hotfix/coupons-take-off-too-much";

/// A sample project hosted at the fake server, with an open incident whose fix is committed.
struct Night<'s> {
    repo: Repo<'s>,
    github: GitHub,
}

/// The person's own word that the token may go where the repository says: no file in it can give that.
fn trust(repo: &Repo<'_>, github: &GitHub) {
    repo.git_ok(["config", "--global", "hotfix.forge.api", github.address()]);
}

fn night(sandbox: &Sandbox) -> Night<'_> {
    night_with(sandbox, "")
}

/// The same, with more rules.
fn night_with<'s>(sandbox: &'s Sandbox, rules: &str) -> Night<'s> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let github = GitHub::serve(&repo.origin());
    let known = repo.read("hotfix.toml");
    repo.commit_file("hotfix.toml", &format!("{known}\n{}\n{rules}", github.hotfix_toml()), "Say where we are");
    trust(&repo, &github);
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    let night = Night { repo, github };
    night.ok(&["open", "Coupons take off too much", "--severity", "high"]);
    night.repo.fix_the_bug();
    night
}

impl Night<'_> {
    fn hotfix(&self, arguments: &[&str]) -> CommandOutput {
        let mut command = self.repo.command("git-hotfix");
        self.repo.run(command.args(arguments).env("HOTFIX_GITHUB_TOKEN", TOKEN))
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str]) {
        let _ = self.hotfix(arguments).success();
    }

    fn json(&self, arguments: &[&str]) -> Json {
        self.hotfix(&[arguments, &["--json", "--yes"]].concat()).json()
    }

    fn production(&self) -> Option<String> {
        let line = self.repo.git_ok(["ls-remote", "origin", "refs/heads/main"]);
        line.split('\t').next().map(str::to_owned)
    }

    fn remote_branch(&self) -> bool {
        !self.repo.git_ok(["ls-remote", "origin", &format!("refs/heads/{BRANCH}")]).is_empty()
    }

    /// The postmortem, written now.
    fn postmortem(&self) -> String {
        self.ok(&["postmortem"]);
        self.only_postmortem()
    }

    /// The postmortem that is there.
    fn only_postmortem(&self) -> String {
        let folder = self.repo.folder().join("docs/decisions");
        let file = std::fs::read_dir(folder).unwrap().flatten().next().unwrap().path();
        std::fs::read_to_string(file).unwrap()
    }

    /// What a person sees, without addresses.
    fn seen(&self, output: &CommandOutput) -> String {
        output.to_string().replace(self.github.address(), "GITHUB")
    }
}

#[test]
fn a_whole_incident_lands_by_its_pull_request() {
    let sandbox = sandbox!();
    let night = night_with(
        &sandbox,
        "[deploy]\ncommand = [\"sh\", \"-c\", \"git merge-base --is-ancestor HEAD origin/main\"]\n",
    );
    let fix = night.repo.head();
    let before = night.production();
    insta::assert_snapshot!(night.seen(&night.hotfix(&["ship", "--yes"])), @r#"
    merged hotfix/coupons-take-off-too-much into origin/main as [OBJECT] (PR #1)
    pull request: https://github.com/dev/shop/pull/1
    deployed at [INSTANT]
    open to deployed: [DURATION]
    ------- stderr -------
    note: rules: hotfix.toml at [OBJECT]
      ✓ fetch origin: main and hotfix/coupons-take-off-too-much
      ✓ check that the fix is minimal (1 file, 2 lines)
      ✓ run sh test/all.sh
      ✓ prove that the regression test fails on production ([OBJECT]) and passes with the fix
      ✓ push hotfix/coupons-take-off-too-much to origin
      ✓ write the pull request "[HOTFIX] Coupons take off too much"
      ✓ merge pull request #1 ([OBJECT]) into main on GitHub
      ✓ fetch origin: main and hotfix/coupons-take-off-too-much
      ✓ fetch main from origin
      ✓ bring main to [OBJECT]
      ✓ switch to main
      ✓ delete hotfix/coupons-take-off-too-much on origin
      ✓ delete hotfix/coupons-take-off-too-much here
      ✓ deploy: sh -c 'git merge-base --is-ancestor HEAD origin/main'
    hint: not verified: when production is well, git hotfix mark resolved

    next: git hotfix close
    "#);
    let after = night.production();
    assert_ne!(after, before);
    let parents = night.repo.git_ok(["show", "--no-patch", "--format=%P", "origin/main"]);
    assert_eq!(parents, format!("{} {fix}", before.unwrap()));
    assert_eq!(
        (night.repo.branch().as_str(), night.remote_branch(), night.repo.resolve(BRANCH)),
        ("main", false, None)
    );
    let pull = night.github.pull(1);
    assert_eq!(pull["title"], "[HOTFIX] Coupons take off too much");
    for section in ["## Incident", "## Fix", "## Testing", "## Follow-up"] {
        assert!(pull["body"].as_str().unwrap().contains(section), "{pull}");
    }
    assert_eq!((&pull["labels"], &pull["assignees"]), (&json!(["hotfix"]), &json!(["dev"])));
    let shown = night.json(&["ship"]);
    assert_eq!(shown["incident"]["pull_request"]["state"], "merged");
    assert_eq!(shown["incident"]["pull_request"]["url"], "https://github.com/dev/shop/pull/1");
    assert_eq!((night.github.pulls(), night.github.count("PUT")), (1, 1));
    // Without a terminal the address is printed, whatever browser there is.
    for command in ["show", "ship"] {
        let said = night.hotfix(&[command, "--web"]).success();
        assert!(said.stdout().ends_with("\nhttps://github.com/dev/shop/pull/1\n"), "{said}");
    }
    night.ok(&["close", "--yes", "--reason", "rehearsal"]);
    assert!(night.repo.read("docs/planning/STATUS.md").contains("PR #1"));
}

#[test]
fn the_plan_names_the_pull_request_and_asks_nobody() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    let planned = night.hotfix(&["ship", "--dry-run"]).success();
    assert!(planned.stdout().contains("into main on GitHub"), "{planned}");
    assert_eq!(night.github.count(""), 0);
}

#[test]
fn one_pull_request_is_updated_by_every_run() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    insta::assert_snapshot!(night.seen(&night.hotfix(&["pr", "--draft", "--reviewer", "ada", "--label", "urgent"])), @r#"
    [HOTFIX] Coupons take off too much
    https://github.com/dev/shop/pull/1

    ## Incident

    Coupons take off too much

    - Incident: HF-YYYY-ID, High, opened [INSTANT]
    - Impact: unknown
    - Scope: unknown
    - Source: unknown

    ## Fix

    Commits on `origin/main` at `[OBJECT]`:

    - `[OBJECT]` Take off the coupon's percentage once

    Changed files:

    - `test/coupon_test.sh` (new, +1 −0)
    - `total.sh` (changed, +1 −1)

    ## Testing

    - Tests passed by exit code after [DURATION]: `sh test/all.sh`
    - Proven: the regression test fails on production and passes with the fix, by exit code: `sh test/all.sh`
    - Minimal fix: yes (1 file, 2 lines, tests and lock files aside)

    What the regression test says on production:

    ```text
    coupon_test: takes off too much
    ```

    ## Follow-up

    None recorded.
    ------- stderr -------
      ✓ fetch origin: main and hotfix/coupons-take-off-too-much
      ✓ check that the fix is minimal (1 file, 2 lines)
      ✓ run sh test/all.sh
      ✓ prove that the regression test fails on production ([OBJECT]) and passes with the fix
      ✓ push hotfix/coupons-take-off-too-much to origin
      ✓ write the draft pull request "[HOTFIX] Coupons take off too much"

    next: git hotfix ship
    "#);
    assert_eq!(night.github.pull(1)["draft"], true);
    assert_eq!(night.github.pull(1)["reviewers"], json!(["ada"]));
    assert_eq!(night.github.pull(1)["labels"], json!(["hotfix", "urgent"]));
    night.ok(&["pr", "--fix", "Percent is taken once"]);
    let pull = night.github.pull(1);
    assert_eq!((&pull["draft"], night.github.pulls()), (&json!(false), 1));
    assert!(pull["body"].as_str().unwrap().contains("Percent is taken once"));
    let writes = night.github.writes();
    night.ok(&["pr"]);
    assert_eq!(night.github.writes(), writes, "nothing was to be done");
}

#[test]
fn the_template_of_the_repository_is_below_our_sections() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let github = GitHub::serve(&repo.origin());
    repo.commit_file(".github/pull_request_template.md", "- [ ] I told support\n", "Ask for it");
    let toml = format!("{}\n{}", repo.read("hotfix.toml"), github.hotfix_toml());
    repo.commit_file("hotfix.toml", &toml, "Say where we are");
    trust(&repo, &github);
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    let night = Night { repo, github };
    night.ok(&["open", "Coupons take off too much", "--severity", "high"]);
    night.repo.fix_the_bug();
    night.ok(&["pr"]);
    let body = night.github.pull(1)["body"].as_str().unwrap().to_owned();
    assert!(body.starts_with("## Incident") && body.trim_end().ends_with("---\n\n- [ ] I told support"), "{body}");
}

#[test]
fn checks_and_reviews_are_waited_for_or_named() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| {
        settings.checks = ["build", "ghost"].map(str::to_owned).to_vec();
        settings.approvals = 1;
    });
    night.github.report("main", "build", Some("success"));
    insta::assert_snapshot!(night.hotfix(&["ship", "--yes"]).exits_with(4).verdict(), @r#"
    ------- stderr -------
    error: pull request #1 cannot merge yet: the check build has not reported; the check ghost has not reported, and never did for main: it may not run for this branch at all; it has 0 of 1 approvals
    hint: https://github.com/dev/shop/pull/1
    hint: git hotfix ship --wait   # or --auto: GitHub merges by itself
    hint: git hotfix ship --admin --reason "why it must be"
    [exit status: 4]
    "#);
    night.github.report(BRANCH, "build", Some("failure"));
    insta::assert_snapshot!(night.hotfix(&["ship", "--yes", "--wait"]).exits_with(1).verdict(), @r#"
    ------- stderr -------
    error: pull request #1 cannot merge yet: the check build failed; the check ghost has not reported, and never did for main: it may not run for this branch at all; it has 0 of 1 approvals
    hint: https://github.com/dev/shop/runs/build
    hint: fix it, commit, then: git hotfix ship
    hint: git hotfix ship --admin --reason "why it must be"
    [exit status: 1]
    "#);
    night.github.report(BRANCH, "build", None);
    let github = night.github.clone();
    let later = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        github.report(BRANCH, "build", Some("success"));
        std::thread::sleep(Duration::from_secs(1));
        github.report(BRANCH, "ghost", Some("success"));
        github.approve(1, "ada");
    });
    let waited = night.hotfix(&["ship", "--yes", "--wait"]).success();
    later.join().unwrap();
    let told: Vec<&str> = waited.stderr().lines().filter(|line| line.starts_with("  · ")).collect();
    assert_eq!(told[0], "  · wait for pull request #1: build, ghost (0 of 2 checks passed), 0 of 1 approvals");
    assert!(told.contains(&"  · now: ghost (1 of 2 checks passed), 0 of 1 approvals"), "{waited}");
    // What changes on the way does not count as another look.
    assert_eq!(waited.stderr().matches("wait for").count(), 2, "{waited}");
    assert_eq!(night.github.count("PUT"), 1);
}

#[test]
fn glass_is_broken_with_a_reason_that_everybody_reads() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| {
        settings.approvals = 1;
        settings.is_admin = true;
    });
    insta::assert_snapshot!(night.hotfix(&["ship", "--yes", "--admin"]).exits_with(2).verdict(), @"
    ------- stderr -------
    error: the following required arguments were not provided: --reason <TEXT>
    hint: git hotfix ship -h   # usage: git hotfix ship --admin --reason <TEXT> --yes
    [exit status: 2]
    ");
    let _ = night.hotfix(&["ship", "--yes", "--admin", "--reason", " "]).exits_with(2);
    assert_eq!(night.github.pulls(), 0);
    let shipped = night.json(&["ship", "--admin", "--reason", "nobody is awake"]);
    assert_eq!(shipped["incident"]["pull_request"]["state"], "merged");
    insta::assert_snapshot!(shipped["incident"]["follow_ups"][0]["text"].as_str().unwrap(), @"Review pull request #1, which was merged past the rules of the branch");
    assert!(night.github.pull(1)["body"].as_str().unwrap().contains("nobody is awake"));
    assert!(night.postmortem().contains("nobody is awake"));
}

#[test]
fn glass_that_did_not_break_is_not_in_the_record() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| settings.approvals = 1);
    let _ = night.hotfix(&["ship", "--yes", "--admin", "--reason", "nobody is awake"]).exits_with(4);
    night.github.approve(1, "ada");
    let shipped = night.json(&["ship"]);
    assert_eq!(shipped["incident"]["pull_request"]["state"], "merged");
    assert_eq!(shipped["incident"]["follow_ups"].as_array().map(Vec::len).unwrap_or_default(), 0, "{shipped}");
    assert!(!night.github.pull(1)["body"].as_str().unwrap().contains("nobody is awake"));
    let log = night.hotfix(&["log"]).success();
    assert!(!log.stdout().contains("exception for protection"), "{log}");
    assert!(!night.postmortem().contains("nobody is awake"));
}

#[test]
fn glass_that_broke_when_nobody_heard_is_in_the_record_by_its_last_reason() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| settings.approvals = 1);
    let _ = night.hotfix(&["ship", "--yes", "--admin", "--reason", "nobody is awake"]).exits_with(4);
    night.github.set(|settings| settings.is_admin = true);
    night.github.trap("PUT", Fault::CutAfter);
    night.github.trap_after_merge("GET /repos/dev/shop/pulls/1", Fault::CutBefore);
    let _ = night.hotfix(&["ship", "--yes", "--admin", "--reason", "the shop is down"]).exits_with(6);
    night.github.clear_traps();
    for _ in 0..2 {
        let shipped = night.json(&["ship"]);
        assert_eq!(shipped["incident"]["follow_ups"].as_array().map(Vec::len), Some(1), "{shipped}");
    }
    let postmortem = night.postmortem();
    assert!(postmortem.contains("the shop is down") && !postmortem.contains("nobody is awake"), "{postmortem}");
}

#[test]
fn a_rule_that_stands_is_told_in_githubs_words() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| settings.approvals = 1);
    insta::assert_snapshot!(
        night.hotfix(&["ship", "--yes", "--admin", "--reason", "nobody is awake"]).exits_with(4).verdict(),
        @"
    ------- stderr -------
    error: GitHub does not merge pull request #1: GitHub answers 405: At least 1 approving review is required by reviewers with write access.
    hint: https://github.com/dev/shop/pull/1
    hint: then: git hotfix ship --wait
    [exit status: 4]
    "
    );
    assert!(night.remote_branch());
}

#[test]
fn a_queue_is_used_and_the_branch_stays_until_it_merged() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| settings.queue = true);
    night.github.merge_after_looks(99);
    insta::assert_snapshot!(night.hotfix(&["ship", "--yes"]).exits_with(6).verdict(), @"
    ------- stderr -------
    error: pull request #1 waits in the merge queue, and origin/main does not have the fix yet; the branch stays until then
    hint: git hotfix ship --wait   # or later: git hotfix ship
    [exit status: 6]
    ");
    assert_eq!(night.json(&["ship"])["error"]["code"], "queued");
    night.ok(&["ship", "--yes", "--auto"]);
    assert!(night.remote_branch() && night.repo.resolve(BRANCH).is_some());
    night.github.merge_after_looks(2);
    night.ok(&["ship", "--yes", "--wait"]);
    assert_eq!((night.remote_branch(), night.repo.resolve(BRANCH), night.github.count("PUT")), (false, None, 0));
    assert_eq!(night.json(&["ship"])["incident"]["pull_request"]["state"], "merged");
}

#[test]
fn it_merges_by_itself_once_all_is_there() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| settings.approvals = 1);
    night.github.merge_after_looks(99);
    insta::assert_snapshot!(night.hotfix(&["ship", "--yes", "--auto"]).success().verdict(), @"
    pull request #1 merges by itself when GitHub is satisfied
    https://github.com/dev/shop/pull/1
    ------- stderr -------
    hint: the branch stays until it is merged
    ");
    assert_eq!(night.github.pull(1)["automatic"], true);
    assert!(night.remote_branch());
    night.github.approve(1, "ada");
    night.github.merge_after_looks(1);
    night.ok(&["ship", "--yes"]);
    assert_eq!((night.remote_branch(), night.github.count("PUT")), (false, 0));
}

#[test]
fn a_lost_answer_lands_once_and_the_next_run_goes_on() {
    for begins in ["POST /repos/dev/shop/pulls", "PUT /repos/dev/shop/pulls/1/merge"] {
        let sandbox = sandbox!();
        let night = night(&sandbox);
        night.github.trap(begins, Fault::CutAfter);
        night.ok(&["ship", "--yes"]);
        assert_eq!((night.github.fired(), night.github.pulls()), (1, 1), "{begins}");
        assert_eq!(night.repo.git_ok(["rev-list", "--count", "--merges", "origin/main"]), "1", "{begins}");
    }
}

#[test]
fn a_service_that_is_down_costs_nothing_and_the_next_run_finishes() {
    at_once(["GET /repos/dev/shop/pulls", "POST /repos/dev/shop/pulls", "PUT"], |begins| {
        let sandbox = sandbox!();
        let night = night(&sandbox);
        let before = night.production();
        night.github.trap_often(begins, Fault::CutBefore, 99);
        let failed = night.hotfix(&["ship", "--yes"]).exits_with(6);
        assert!(failed.stderr().contains("no answer"), "{begins}: {failed}");
        assert_eq!(night.production(), before, "{begins}");
        night.github.clear_traps();
        night.ok(&["ship", "--yes"]);
        assert_eq!(night.github.pulls(), 1, "{begins}");
    });
}

#[test]
fn a_merge_that_nobody_heard_of_is_found_by_the_next_run() {
    at_once(["merge", "squash"], |method| {
        let sandbox = sandbox!();
        let night = night(&sandbox);
        night.github.set(|settings| settings.methods = ["merge", "squash", "rebase"].map(|known| known == method));
        night.ok(&["pr"]);
        night.github.trap("PUT", Fault::CutAfter);
        night.github.trap_after_merge("GET /repos/dev/shop/pulls/1", Fault::CutBefore);
        let _ = night.hotfix(&["ship", "--yes"]).exits_with(6);
        let (after, puts) = (night.production(), night.github.count("PUT"));
        night.github.clear_traps();
        let found = night.json(&["ship"]);
        assert_eq!(found["incident"]["pull_request"]["state"], "merged", "{method}: {found}");
        assert_eq!((night.production(), night.github.count("PUT")), (after, puts), "{method}");
    });
}

#[test]
fn somebody_who_closed_it_is_asked() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.ok(&["pr"]);
    night.github.close_pull(1);
    insta::assert_snapshot!(night.hotfix(&["ship", "--yes"]).exits_with(4).verdict(), @"
    ------- stderr -------
    error: somebody closed pull request #1
    hint: https://github.com/dev/shop/pull/1
    hint: reopen it there, then: git hotfix ship
    hint: or give the fix up: git hotfix abort
    [exit status: 4]
    ");
    let _ = night.hotfix(&["pr"]).exits_with(4);
    assert_eq!(night.github.pulls(), 1);
}

#[test]
fn abort_closes_the_pull_request() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.ok(&["pr"]);
    let aborted = night.json(&["abort", "--reason", "not ours"]);
    assert_eq!(aborted["incident"]["pull_request"]["state"], "closed");
    assert_eq!((&night.github.pull(1)["state"], night.remote_branch()), (&json!("closed"), false));
    night.ok(&["abort", "--incident", aborted["incident"]["id"].as_str().unwrap()]);
    assert_eq!(night.github.count("PATCH"), 1);
}

#[test]
fn remaining_work_is_filed_once_and_linked_both_ways() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.ok(&["pr"]);
    let add =
        ["follow-up", "add", "Alert on @support: coupons over 50%", "--issue", "--band-aid", "--gap", "monitoring"];
    night.github.trap("POST /repos/dev/shop/issues", Fault::CutAfter);
    insta::assert_snapshot!(night.hotfix(&add).success().stdout(), @"
    follow-up 1: Alert on @support: coupons over 50%
    issue #100: https://github.com/dev/shop/issues/100
    ");
    assert_eq!(night.github.fired(), 1);
    let again = night.json(&add);
    assert_eq!((night.github.issues().len(), again["incident"]["follow_ups"].as_array().unwrap().len()), (1, 1));
    assert_eq!(again["incident"]["follow_ups"][0]["issue"]["number"], 100);
    let issue = &night.github.issues()[0];
    assert_eq!(issue["labels"], json!(["hotfix", "band-aid"]));
    let body = issue["body"].as_str().unwrap();
    assert!(body.contains("Pull request: #1") && !body.contains(" @support"), "{body}");
    night.ok(&["pr"]);
    assert!(night.github.pull(1)["body"].as_str().unwrap().contains("), #100"));
}

#[test]
fn offline_asks_nobody() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    insta::assert_snapshot!(night.hotfix(&["pr", "--offline"]).exits_with(3).verdict(), @"
    ------- stderr -------
    error: a pull request needs GitHub, and --offline forbids to ask it
    hint: git hotfix pr
    [exit status: 3]
    ");
    let _ = night.hotfix(&["follow-up", "add", "Alert", "--issue", "--offline"]).exits_with(3);
    assert_eq!(night.github.count(""), 0);
}

#[test]
fn the_doctor_says_what_the_night_will_meet() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| {
        settings.checks = vec!["build".to_owned()];
        settings.approvals = 2;
    });
    let told = night.hotfix(&["doctor"]);
    let ours = told
        .stdout()
        .lines()
        .filter(|line| ["  forge ", "  token ", "  rules ", "  reviewers "].iter().any(|name| line.contains(name)));
    let ours: String = ours.map(|line| format!("{}\n", line.replace(night.github.address(), "GITHUB"))).collect();
    insta::with_settings!({ filters => vec![(r"127\.0\.0\.1:\d+", "HOST")] }, {
        insta::assert_snapshot!(ours, @"
        ✓ ok       forge       dev/shop at HOST: merges by merge, squash, rebase, auto-merge allowed
        ✓ ok       token       the token from HOTFIX_GITHUB_TOKEN of dev may push, scopes repo, read:org
        ! warning  rules       main demands the check build, 2 approvals; never reported there: build; fix: a required check that does not run blocks every hotfix: let it run for hotfix/** and main
        ✗ failure  reviewers   2 approvals needed, and 1 person may write beside dev; fix: invite reviewers who may write, or have somebody at hand who may use ship --admin
        ");
    });
    assert!(night.github.writes().is_empty());
}

#[test]
fn the_doctor_says_what_it_may_not_know_and_what_administrators_see() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    let reviewers = || {
        let told = night.hotfix(&["doctor"]);
        told.stdout().lines().find(|line| line.contains("  reviewers ")).unwrap_or_default().to_owned()
    };
    night.github.set(|settings| settings.approvals = 1);
    let forbidden = Fault::Answer(403, Vec::new(), json!({ "message": "Must have push access" }).to_string());
    night.github.trap("GET /repos/dev/shop/collaborators", forbidden);
    assert!(reviewers().contains("1 approval needed; who may give them is not told to this token"), "{}", reviewers());
    // A classic protection, as administrators see it.
    night.github.set(|settings| {
        settings.approvals = 0;
        settings.checks = vec!["build".to_owned()];
    });
    assert!(reviewers().contains("whether approvals are needed is not told to this token"), "{}", reviewers());
    let reviews = json!({ "required_approving_review_count": 1, "require_code_owner_reviews": true });
    let classic = json!({ "required_pull_request_reviews": reviews }).to_string();
    night.github.trap("GET /repos/dev/shop/branches/main/protection", Fault::Answer(200, Vec::new(), classic));
    let told = reviewers();
    assert!(
        told.contains("1 approval needed, an owner of the code that changes among them; may approve: ada"),
        "{told}"
    );
    assert_eq!(night.github.fired(), 2);
}
