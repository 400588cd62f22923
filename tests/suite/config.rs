//! What a team and a person can set: severities of their own, hooks, and where every value comes from.

use hotfix_tests::{Repo, Sample, Sandbox, redact, sandbox};

use crate::fixtures::{TITLE, sample_with};

const SEVERITIES: &str = "\
[severity.low]
label = \"Low (slow lane)\"
aliases = [\"P3\", \"sev4\"]
urgency = 3
definition = \"an annoyance\"
postmortem_due_days = 5

[severity.blocker]
urgency = 0

[severity.critical]
label = \"Sev 1\"
";

#[test]
fn severities_of_the_team_are_understood_and_shown() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, SEVERITIES);
    insta::assert_snapshot!(repo.hotfix(["open", TITLE, "--severity", "urgent"]).exits_with(2).verdict(), @"
    ------- stderr -------
    error: --severity: unknown severity `urgent`
    hint: critical (p0, sev1, sev-1): down, or data at risk, for many users
    hint: blocker
    hint: high (p1, sev2, sev-2): a main function is broken for a part of the users
    hint: medium (p2, sev3, sev-3): users are hindered but can work
    hint: low (p3, sev4): an annoyance
    [exit status: 2]
    ");
    insta::assert_snapshot!(repo.hotfix(["open", TITLE]).exits_with(2).verdict(), @"
    ------- stderr -------
    error: --severity is required: critical, blocker, high, medium or low
    [exit status: 2]
    ");
    insta::assert_snapshot!(repo.hotfix(["open", TITLE, "--severity", " p3\n"]).success(), @"
    INCIDENT TRIAGE
    ================

    Severity: Low (slow lane)
    Impact: unknown
    Scope: unknown
    Source: unknown

    On branch hotfix/coupons-take-off-too-much, from origin/main at [OBJECT].
    Fix the issue only, commit, then ship.
    ------- stderr -------
    note: rules: hotfix.toml at [OBJECT]
      ✓ fetch origin: main and hotfix/coupons-take-off-too-much
      ✓ open HF-YYYY-ID
      ✓ create hotfix/coupons-take-off-too-much at [OBJECT] and switch to it

    next: git commit -a   # git add new files first; then: git hotfix ship
    ");
    let status = repo.hotfix_json(["status"]);
    assert_eq!(status["incident"]["severity"], "low");
    assert!(status["incident"]["postmortem_due"].is_string(), "{status}");
    assert!(repo.hotfix(["list", "--severity", "sev4"]).success().stdout().contains("low"));
    assert!(repo.hotfix(["show"]).success().stdout().contains("Severity: Low (slow lane)"));

    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    let closed = repo.hotfix(["close"]).success();
    assert!(closed.stderr().contains("the postmortem is due on "), "{closed}");
    let page = repo.read("docs/planning/STATUS.md");
    assert!(page.contains("| Low (slow lane), PR local |"), "{page}");
    assert!(repo.git_ok(["log", "-1", "--format=%B"]).contains("Low (slow lane)"));
}

#[test]
fn a_severity_that_is_defined_no_more_is_shown_by_its_key() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, SEVERITIES);
    repo.ok(["open", TITLE, "--severity", "blocker"]);
    repo.ok(["abort"]);
    repo.commit_file("hotfix.toml", "", "Forget the severities");
    repo.git_ok(["push", "--quiet"]);
    let list = repo.hotfix(["list", "--all", "--severity", "blocker"]).success();
    assert!(list.stdout().contains("blocker"), "{list}");
    let _ = repo.hotfix(["list", "--all", "--severity", "low"]).exits_with(2);
}

/// A sample project whose hooks write what they get, beside the repository.
fn shop_with_hooks<'s>(sandbox: &'s Sandbox, rules: &str) -> Repo<'s> {
    let repo = sandbox.sample(Sample::Shell);
    repo.write(
        "hook.sh",
        "\
#!/bin/sh
(echo \"$HOTFIX_EVENT $HOTFIX_INCIDENT\"; cat) >>../hooks.log
echo loud
",
    );
    repo.git_ok(["add", "hook.sh"]);
    repo.git_ok(["update-index", "--chmod=+x", "hook.sh"]);
    repo.git_ok(["commit", "--quiet", "--message", "Add a hook"]);
    repo.git_ok(["checkout", "--quiet", "HEAD", "--", "hook.sh"]);
    repo.commit_file("hotfix.toml", rules, "Set the rules");
    repo.with_remote()
}

#[test]
fn hooks_get_the_stored_event_and_keep_off_standard_output() {
    let sandbox = sandbox!();
    let rules = "\
[hooks]
opened = [\"sh\", \"./hook.sh\"]
merged = [\"sh\", \"./hook.sh\"]
closed = [\"sh\", \"./hook.sh\"]
";
    let repo = shop_with_hooks(&sandbox, rules);
    let before = repo.state();
    let dry = repo.hotfix(["open", TITLE, "--severity", "high", "--dry-run"]).success();
    assert!(dry.stderr().contains("hooks: closed runs sh ./hook.sh; merged"), "{dry}");
    assert_eq!(repo.state(), before);
    assert!(!repo.has("../hooks.log"));

    let opened = repo.hotfix(["open", TITLE, "--severity", "high", "--json"]).success();
    assert!(!opened.stdout().contains("loud"), "{opened}");
    let id = opened.json()["incident"]["id"].as_str().expect("it has an id").to_owned();
    let log = repo.read("../hooks.log");
    let (first, event) = log.split_once('\n').expect("the hook wrote two lines");
    assert_eq!(first, format!("opened {id}"));
    let year = id.split('-').nth(1).expect("the id has a year");
    let files = repo.git_ok(["ls-tree", "-r", "--name-only", &format!("refs/hotfix/ledger/{year}")]);
    let stored = files.lines().map(|file| repo.git_ok(["show", &format!("refs/hotfix/ledger/{year}:{file}")]));
    assert!(stored.into_iter().any(|stored| stored == event.trim_end()), "{event} is not stored like that");

    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(["close", "--no-hooks"]);
    let log = repo.read("../hooks.log");
    assert_eq!(log.lines().filter(|line| line.ends_with(&id)).count(), 2, "{log}");
}

#[test]
fn a_failing_hook_warns_and_stops_nothing() {
    let sandbox = sandbox!();
    let rules = "\
[hooks]
opened = [\"sh\", \"-c\", \"echo no network; exit 3\"]
branch-created = [\"./gone\"]
";
    let repo = sample_with(&sandbox, rules);
    let opened = repo.hotfix(["open", TITLE, "--severity", "high"]).success();
    let notes: String =
        opened.stderr().lines().filter(|line| line.contains("hook")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(notes, @"
    note: hooks: branch-created runs ./gone; opened runs sh -c 'echo no network; exit 3'
    note: the hook `opened` failed with exit code 3: no network; the hotfix goes on
    note: the hook `branch-created` failed to start the program `./gone`: No such file or directory (os error 2); the hotfix goes on
    ");
    repo.ok(["note", "restarted"]);
}

#[test]
fn an_unknown_event_is_named_with_the_nearest_one() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[guard]\n\n[hooks]\nmerge = [\"x\"]\n");
    insta::assert_snapshot!(repo.hotfix(["guard"]).exits_with(2).verdict(), @"
    ------- stderr -------
    error: read `hooks.merge` (hotfix.toml at [OBJECT], line 4): there is no such key; did you mean `hooks.merged`?
    [exit status: 2]
    ");
}

#[test]
fn every_value_is_told_with_its_origin() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[guard]\nmax_files = 3\n");
    repo.git_ok(["config", "hotfix.test.timeout", "90s"]);
    let with = |arguments: &[&str]| {
        let mut command = repo.command("git-hotfix");
        repo.run(command.args(arguments).env("HOTFIX_GUARD_MAX_LINES", "7"))
    };
    insta::assert_snapshot!(redact(with(&["config", "guard", "--show-origin"]).success().stdout(), sandbox.root()), @"
    guard.max_files = 3  # hotfix.toml at [OBJECT], line 2
    guard.max_lines = 7  # environment variable HOTFIX_GUARD_MAX_LINES
    guard.forbid = []    # default
    ");
    insta::assert_snapshot!(with(&["config", "test.timeout"]).success().stdout(), @r#""90s""#);
    let all = with(&["config", "--json"]).success().json();
    let of = |key: &str| {
        let all = all["config"].as_array().expect("it is a list");
        all.iter().find(|entry| entry["key"] == key).expect("the key is there").clone()
    };
    assert_eq!((&of("guard.max_lines")["value"], &of("guard.max_lines")["source"]), (&7.into(), &"environment".into()));
    assert_eq!(of("test.timeout")["origin"], "git config hotfix.test.timeout");
    assert!(of("test.command")["value"].is_null());
    insta::assert_snapshot!(repo.hotfix(["config", "guard.max_file"]).exits_with(2).verdict(), @"
    ------- stderr -------
    error: read `guard.max_file` (command line): there is no such key; did you mean `guard.max_files`?
    [exit status: 2]
    ");
}
