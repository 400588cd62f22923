//! A whole night by the contract alone, in every kind of shop: open, commit, ship, close.

use hotfix_tests::{CommandOutput, Repo, Sample, redact, sandbox};
use serde_json::Value;

/// Which program a person types.
#[derive(Clone, Copy)]
enum Front {
    Git,
    Cargo,
}

impl Front {
    fn json(self, repo: &Repo<'_>, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        let output = match self {
            Self::Git => repo.git([&["hotfix"], &arguments[..]].concat()),
            Self::Cargo => repo.cargo_hotfix(&arguments),
        };
        output.success().json()
    }
}

const BRANCH: &str = "hotfix/coupons-take-off-too-much";

/// Whether the machine has what a sample project needs; says so where it has not.
fn has(repo: &Repo<'_>, shop: Sample, probe: &[&str]) -> bool {
    let [program, arguments @ ..] = probe else { return true };
    let found = repo.command(program).args(arguments).output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("NOT TESTED: the journey through a {shop:?} shop, since `{}` does not run here", probe.join(" "));
    }
    found
}

/// From production broken to written up; what must hold after every command.
fn journey(front: Front, shop: Sample, probe: &[&str], with_remote: bool) {
    let sandbox = sandbox!();
    let repo = sandbox.sample(shop);
    let repo = if with_remote { repo.with_remote() } else { repo };
    if !has(&repo, shop, probe) {
        return;
    }
    let production = if with_remote { "refs/remotes/origin/main" } else { "refs/heads/main" };
    let broken = repo.head();
    let stash = stash_something(&repo);
    repo.write("notes.txt", "mine\n");

    let opened = front.json(&repo, &["open", "Coupons take off too much", "--severity", "SEV2"]);
    let incident = &opened["incident"];
    assert_eq!(incident["base"]["commit"], broken.as_str());
    assert_eq!((&incident["severity"], &incident["status"]), (&"high".into(), &"active".into()));
    assert_eq!((incident["branch"].as_str(), repo.branch().as_str()), (Some(BRANCH), BRANCH));

    repo.write_fix();
    repo.write_regression_test();
    repo.git_ok(["add", "--all", "--", ":!notes.txt"]);
    repo.git_ok(["commit", "--quiet", "--message", "Take off the coupon's percentage once"]);
    let fix = repo.head();

    let shipped = front.json(&repo, &["ship", "--yes"]);
    assert!(shipped["incident"]["merged_at"].is_string(), "{shipped}");
    let merge = repo.resolve(production).expect("production is there");
    assert_eq!(repo.git_ok(["log", "-1", "--format=%P", &merge]), format!("{broken} {fix}"));
    assert_eq!((repo.branch().as_str(), repo.head()), ("main", merge.clone()));
    assert_eq!(repo.resolve(&format!("refs/heads/{BRANCH}")), None);
    assert_no_branch_on_the_remote(&repo, with_remote);

    front.json(&repo, &["follow-up", "add", "Price by one function", "--band-aid"]);
    let closed = front.json(&repo, &["close"]);
    assert_eq!(closed["incident"]["status"], "closed");
    let records = repo.resolve(production).expect("production is there");
    assert_eq!(repo.git_ok(["log", "-1", "--format=%P", &records]), merge);
    assert_eq!((repo.branch().as_str(), repo.head()), ("main", records.clone()));
    let postmortem = closed["incident"]["postmortem"].as_str().expect("it says where the postmortem is").to_owned();
    assert_records(&repo, production, &postmortem);
    assert_no_branch_on_the_remote(&repo, with_remote);

    assert_eq!(repo.read("notes.txt"), "mine\n");
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "?? notes.txt");
    assert_eq!(repo.git_ok(["stash", "list", "--format=%H"]), stash);
    repo.git_ok(["fsck", "--strict"]);
}

/// Puts a change aside, as somebody who was disturbed at work; the stash.
fn stash_something(repo: &Repo<'_>) -> String {
    let tracked = repo.git_ok(["ls-files"]);
    let file = tracked.lines().last().expect("a shop has files");
    repo.write(file, "half done\n");
    repo.git_ok(["stash", "push", "--quiet"]);
    repo.git_ok(["stash", "list", "--format=%H"])
}

fn assert_no_branch_on_the_remote(repo: &Repo<'_>, with_remote: bool) {
    if with_remote {
        let heads = repo.git_ok(["ls-remote", "--heads", "origin"]);
        assert!(heads.ends_with("\trefs/heads/main") && heads.lines().count() == 1, "{heads}");
    }
}

/// The three documents are in production, here and on the remote, and say what they must.
fn assert_records(repo: &Repo<'_>, production: &str, postmortem: &str) {
    let there = |path: &str| repo.git_ok(["show", &format!("{production}:{path}")]);
    assert!(
        postmortem.starts_with("docs/decisions/POSTMORTEM-20") && postmortem.ends_with("-coupons-take-off-too-much.md")
    );
    let sections: Vec<String> =
        there(postmortem).lines().filter_map(|line| line.strip_prefix("## ")).map(String::from).collect();
    for section in ["What broke", "Impact", "Root cause", "Fix applied", "Prevention"] {
        assert!(sections.iter().any(|found| found == section), "no `{section}` in {sections:?}");
    }
    let status = there("docs/planning/STATUS.md");
    let row = status.lines().last().expect("it is not empty");
    assert!(row.starts_with("| /hotfix | 20") && row.ends_with(" | High, PR local |"), "{row}");
    assert!(there("docs/planning/TECH-DEBT.md").contains("Price by one function"));
}

#[test]
fn a_shell_shop_with_a_remote() {
    journey(Front::Git, Sample::Shell, &[], true);
}

#[test]
fn a_shell_shop_without_a_remote() {
    journey(Front::Git, Sample::Shell, &[], false);
}

#[test]
fn a_cargo_shop_with_a_remote() {
    journey(Front::Cargo, Sample::Cargo, &[], true);
}

#[test]
fn a_cargo_shop_without_a_remote() {
    journey(Front::Cargo, Sample::Cargo, &[], false);
}

#[test]
fn a_node_shop_with_a_remote() {
    journey(Front::Git, Sample::Node, &["npm", "--version"], true);
}

#[test]
fn a_node_shop_without_a_remote() {
    journey(Front::Git, Sample::Node, &["npm", "--version"], false);
}

#[test]
fn a_python_shop_with_a_remote() {
    journey(Front::Git, Sample::Python, &["python3", "-m", "pytest", "--version"], true);
}

#[test]
fn a_python_shop_without_a_remote() {
    journey(Front::Git, Sample::Python, &["python3", "-m", "pytest", "--version"], false);
}

/// Four commands, as they are typed.
#[test]
fn the_night_as_a_transcript() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let verdict = |output: CommandOutput| output.success().verdict();
    let title = "Coupons take off too much";
    insta::assert_snapshot!(verdict(repo.hotfix(["open", title, "--severity", "critical", "--impact", "carts are free"])), @"
    INCIDENT TRIAGE
    ================

    Severity: Critical
    Impact: carts are free
    Scope: unknown
    Source: unknown

    On branch hotfix/coupons-take-off-too-much, from origin/main at [OBJECT].
    Fix the issue only, commit, then ship.
    ");
    repo.fix_the_bug();
    insta::assert_snapshot!(verdict(repo.hotfix(["status"])), @r#"
    HF-YYYY-ID  Critical  active
    Coupons take off too much

    felt          unknown; say it: git hotfix mark started --at "40m ago"
    open          for [DURATION] (since [INSTANT])
    impact        carts are free
    branch        hotfix/coupons-take-off-too-much
    pull request  none yet
    merged        no
    deployed      no
    verified      no

      ✓ preflight  ✓ triage  ✓ branch  ✓ fix
      → guard  · test  · pr  · merge
      · deploy  · verify
      · postmortem  · follow-up  · close
    "#);
    insta::assert_snapshot!(verdict(repo.hotfix(["ship", "--yes"])), @"
    merged hotfix/coupons-take-off-too-much into origin/main as [OBJECT]
    open to merged: [DURATION]
    ------- stderr -------
    hint: not deployed: hotfix.toml has no [deploy] command
    ");
    insta::assert_snapshot!(verdict(repo.hotfix(["follow-up", "add", "Price by one function", "--band-aid"])), @"follow-up 1: Price by one function");
    insta::assert_snapshot!(verdict(repo.hotfix(["close"])), @"
    ✅ HOTFIX MERGED
    ===================

    Issue: Coupons take off too much
    Severity: Critical
    Fix: Take off the coupon's percentage once
    Deployed: merged, not deployed by hotfix ([INSTANT])
    Postmortem: docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md
    Follow-up issue: Price by one function
    ------- stderr -------
    hint: unknown in the postmortem: how many users were affected, when it started, when it was over for users, the monitoring gap, the validation gap; docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md names the commands
    hint: git hotfix postmortem --incident HF-YYYY-ID   # after such a command: delivers it again
    ");
    insta::assert_snapshot!(verdict(repo.hotfix(["log"])), @"
    [INSTANT]  incident opened (critical): Coupons take off too much  (Alex Doe)
    [INSTANT]  branch hotfix/coupons-take-off-too-much created at [OBJECT]  (Alex Doe)
    [INSTANT]  guard: the fix is minimal (1 file, 2 lines)  (Alex Doe)
    [INSTANT]  tests passed by exit code: sh test/all.sh  (Alex Doe)
    [INSTANT]  the regression test fails on production and passes with the fix, by exit code  (Alex Doe)
    [INSTANT]  pull request written at [OBJECT]  (Alex Doe)
    [INSTANT]  fix merged into main as [OBJECT]  (Alex Doe)
    [INSTANT]  band-aid, proper fix owed: Price by one function  (Alex Doe)
    [INSTANT]  re-rated: impact: carts cost too little  (Alex Doe)
    [INSTANT]  postmortem written: docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md  (Alex Doe)
    [INSTANT]  records delivered: docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md, docs/planning/STATUS.md, docs/planning/TECH-DEBT.md  (Alex Doe)
    [INSTANT]  incident closed  (Alex Doe)
    ");
    insta::assert_snapshot!(verdict(repo.hotfix(["list", "--all"])), @"HF-YYYY-ID  critical  closed  YYYY-MM-DD  hotfix/coupons-take-off-too-much  Coupons take off too much");
    insta::assert_snapshot!(redact(&repo.read("docs/planning/STATUS.md"), sandbox.root()), @"
    # Status

    ## Incidents

    - YYYY-MM-DD: Coupons take off too much (HF-YYYY-ID, Critical, PR local, closed, postmortem `docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md`) <!-- hotfix: HF-YYYY-ID | YYYY-MM-DD | merged | Critical, PR local -->

    ## Command History

    | Command | Date | Result | Notes |
    | --- | --- | --- | --- |
    | /hotfix | YYYY-MM-DD | merged | Critical, PR local |
    ");
    insta::assert_snapshot!(redact(&repo.read("docs/planning/TECH-DEBT.md"), sandbox.root()), @"
    # Technical debt

    ## Hotfix band-aids

    - [ ] Price by one function (HF-YYYY-ID) <!-- hotfix: HF-YYYY-ID follow-up 1 -->
    ");
}

#[test]
fn a_deployed_and_verified_fix_is_recorded_as_deployed() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    let rules = "\
[deploy]
command = [\"sh\", \"-c\", \"echo $HOTFIX_COMMIT >> ../deploys\"]
verify = [\"true\"]
";
    repo.commit_file("hotfix.toml", &format!("{}{rules}", repo.read("hotfix.toml")), "Deploy");
    let repo = repo.with_remote();
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.fix_the_bug();
    let shipped = repo.hotfix_json(["ship", "--yes"]);
    assert_eq!(shipped["incident"]["status"], "resolved");
    assert_eq!(repo.at("..").read("deploys"), format!("{}\n", repo.head()));
    repo.ok(["close"]);
    let status = repo.read("docs/planning/STATUS.md");
    assert!(status.contains(" | deployed | High, PR local |"), "{status}");
}

/// The draft lies here untracked when the records, with a newer draft, arrive by a fast-forward.
#[test]
fn a_draft_that_nobody_edited_makes_way_for_the_records() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(["postmortem"]);
    repo.ok(["note", "told the customers"]);
    repo.ok(["close"]);
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    assert_eq!(repo.resolve("main"), repo.resolve("origin/main"));
    assert!(repo.git_ok(["grep", "told the customers", "main", "--", "docs/decisions"]).contains("told"));
}

#[test]
fn an_edited_postmortem_is_delivered_as_it_was_edited() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    let drafted = repo.hotfix_json(["postmortem"]);
    let path = drafted["incident"]["postmortem"].as_str().expect("it says where");
    let mut edited = format!("{}\n## Thanks\n\nTo all.\n", repo.read(path));
    // Typed into a shell: the harness answers nothing then.
    let close = || repo.run(repo.command("sh").args(["-c", "git hotfix close"]));
    for asks in ["triage --impact", "postmortem --root-cause", "postmortem --prevention"] {
        repo.write(path, &edited);
        assert!(close().exits_with(2).stderr().contains("cannot close yet"), "{asks}");
        let lines = edited.lines().map(|line| if line.contains(asks) { "Written by hand." } else { line });
        edited = lines.map(|line| format!("{line}\n")).collect();
    }
    repo.write(path, &edited);
    let _ = close().success();
    // What nobody touches tells the end all the same.
    let delivered = repo.git_ok(["show", &format!("origin/main:{path}")]);
    let goes_on = |line: &&str| ["| Status | ", " | postmortem written: "].iter().any(|told| line.contains(told));
    let [rest, as_edited] =
        [&delivered, &edited].map(|text| text.lines().filter(|line| !goes_on(line)).collect::<Vec<_>>());
    assert_eq!(rest, as_edited);
    assert!(
        delivered.contains("\n| Status | closed |\n") && delivered.contains(" | postmortem written: "),
        "{delivered}"
    );
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    assert_eq!(repo.resolve("main"), repo.resolve("origin/main"));
}
