//! What comes out: one JSON document, nothing from a dry run but the plan, the documented exit codes, and no text of
//! others that a terminal or a document would obey.

use std::collections::BTreeSet;

use hotfix_tests::{CommandOutput, Repo, Sample, sandbox};
use serde_json::Value;

use crate::fixtures::{TITLE, opened, sample_with};
use crate::schema;

const OPEN: [&str; 4] = ["open", TITLE, "--severity", "high"];

/// Every command in an order in which each has something to do, and how it ends.
const NIGHT: [(&[&str], i32); 24] = [
    (&OPEN, 0),
    (&["triage", "--impact", "carts are free"], 0),
    (&["status"], 0),
    (&["list"], 0),
    (&["show"], 0),
    (&["log"], 0),
    (&["note", "seen in the EU"], 0),
    (&["mark", "started", "--at", "10m ago"], 0),
    (&["guard"], 0),
    (&["test"], 0),
    (&["pr"], 0),
    (&["deploy"], 3),
    (&["ship", "--yes"], 0),
    (&["verify"], 3),
    (&["postmortem"], 0),
    (&["follow-up", "add", "Price by one function", "--band-aid"], 0),
    (&["follow-up", "list"], 0),
    (&["follow-up", "done", "1"], 0),
    (&["close"], 0),
    (&["abort"], 3),
    (&["init"], 3),
    (&["doctor"], 0),
    (&["completions", "bash"], 0),
    (&["man"], 0),
];

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// The keys of CLI.md, and none that it does not know.
#[track_caller]
fn assert_document(document: &Value, arguments: &[&str], code: i32) {
    schema::assert_valid(document);
    assert_eq!((&document["v"], document["dry_run"].is_boolean()), (&1.into(), true), "{document}");
    let name = document["command"].as_str().unwrap_or_default();
    assert!(arguments.join(" ").starts_with(name) && !name.is_empty(), "{document}");
    assert_eq!(document["error"].is_object(), code != 0, "{document}");
    if code != 0 {
        assert_eq!(keys(&document["error"]), BTreeSet::from(["kind", "code", "message", "hints"]), "{document}");
    }
    if document["incident"].is_object() {
        assert_incident(&document["incident"]);
    }
}

#[track_caller]
fn assert_incident(incident: &Value) {
    let always = [
        "id",
        "title",
        "slug",
        "severity",
        "status",
        "visibility",
        "branch",
        "base",
        "opened_at",
        "steps",
        "timeline",
        "follow_ups",
        "band_aid",
    ];
    for key in always {
        assert!(!incident[key].is_null(), "no `{key}` in {incident}");
    }
    assert_eq!(keys(&incident["base"]), BTreeSet::from(["ref", "commit"]));
    let id = incident["id"].as_str().unwrap_or_default();
    assert!(id.len() == "HF-2026-7k3mq2xa".len() && id.starts_with("HF-20"), "{id}");
    let steps: Vec<&str> =
        incident["steps"].as_array().into_iter().flatten().filter_map(|step| step["step"].as_str()).collect();
    let all = "preflight triage branch fix guard test pr merge deploy verify postmortem follow-up close";
    assert_eq!(steps.join(" "), all);
    for entry in incident["timeline"].as_array().into_iter().flatten() {
        assert_eq!(keys(entry), BTreeSet::from(["at", "kind", "text"]), "{entry}");
        assert!(entry["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{entry}");
    }
}

#[test]
fn every_command_prints_one_document_and_nothing_else() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    for (arguments, code) in NIGHT {
        let output = repo.hotfix([arguments, &["--json"]].concat()).exits_with(code);
        assert_document(&output.json(), arguments, code);
        assert!(!output.stderr().contains("error:"), "{output}");
        if arguments.first() == Some(&"open") {
            repo.fix_the_bug();
        }
    }
}

#[test]
fn wrong_arguments_are_a_document_too() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    for arguments in [&["ship", "--nope"][..], &["nope"], &["open"], &["open", "x", "--severity", "nope"], &["mark"]] {
        let output = repo.hotfix([arguments, &["--json"]].concat()).exits_with(2);
        schema::assert_valid(&output.json());
        assert_eq!(output.json()["error"]["kind"], "usage", "{output}");
    }
}

#[test]
fn a_dry_run_changes_nothing_and_asks_no_remote() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let url = repo.git_ok(["remote", "get-url", "origin"]);
    for (arguments, _) in NIGHT {
        repo.git_ok(["remote", "set-url", "origin", "git://127.0.0.1:1/none.git"]);
        let before = repo.state();
        let dry = repo.hotfix([arguments, &["--dry-run", "--json"]].concat());
        assert_eq!(repo.state(), before, "{arguments:?}");
        schema::assert_valid(&dry.json());
        assert_eq!(dry.json()["dry_run"], true, "{dry}");
        assert_ne!(dry.code(), Some(6), "{dry}");
        repo.git_ok(["remote", "set-url", "origin", &url]);
        let _ = repo.hotfix(arguments);
        if arguments.first() == Some(&"open") {
            repo.fix_the_bug();
        }
    }
}

#[test]
fn a_dry_run_runs_no_program_of_the_repository() {
    let sandbox = sandbox!();
    let touch = "[\"sh\", \"-c\", \"echo x >> ../ran\"]";
    let rules = format!(
        "\
[test]
command = {touch}
[deploy]
command = {touch}
verify = {touch}
rollback = {touch}
"
    );
    let repo = sample_with(&sandbox, &rules);
    repo.ok(OPEN);
    repo.fix_the_bug();
    for arguments in [["test", "--dry-run"], ["pr", "--dry-run"], ["ship", "--dry-run"]] {
        repo.ok(arguments);
    }
    assert!(!repo.has("../ran"));
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../ran"), "x\nx\nx\n");
    repo.ok(["deploy", "--rollback", "--dry-run"]);
    assert_eq!(repo.read("../ran"), "x\nx\nx\n");
}

#[test]
fn a_dry_run_of_ship_foresees_the_landing() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    insta::assert_snapshot!(plan(&repo), @"
    record
    run-tests
    prove
    push
    open-pull-request
    merge
    delete-remote-branch
    update-ref
    switch
    delete-branch
    ");
}

/// The names of the actions that a ship would do, a line each.
fn plan(repo: &Repo<'_>) -> String {
    let document = repo.hotfix_json(["ship", "--dry-run"]);
    let actions = document["actions"].as_array().cloned().unwrap_or_default();
    actions.iter().filter_map(|action| action["action"].as_str()).map(|name| format!("{name}\n")).collect()
}

#[test]
fn quiet_is_quiet() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let quiet = |arguments: &[&str]| repo.hotfix([arguments, &["-q"]].concat()).success();
    let opened = quiet(&OPEN);
    assert_eq!(opened.stderr(), "");
    assert!(opened.stdout().starts_with("INCIDENT TRIAGE\n"));
    repo.fix_the_bug();
    for command in [&["status"][..], &["ship", "--yes"], &["close"], &["list", "--all"]] {
        assert_eq!(quiet(command).stderr(), "", "{command:?}");
    }
    let refused = repo.hotfix(["open", "x", "-q"]).exits_with(2);
    assert_eq!(refused.stderr().lines().count(), 1, "{refused}");
}

/// Runs a script in which `hotfix` is the program.
fn script(repo: &Repo<'_>, script: &str) -> CommandOutput {
    repo.run(repo.command("sh").args(["-c", &format!("hotfix() {{ git-hotfix \"$@\"; }}; {script}")]))
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    for command in ["show", "log", "list", "status", "show --json"] {
        let gone = format!("{{ sleep 0.1; hotfix {command}; echo $? >../code; }} | true");
        let _ = script(&repo, &gone).success();
        assert_eq!(repo.read("../code"), "0\n", "{command}");
    }
    repo.fix_the_bug();
    let _ = script(&repo, "{ sleep 0.1; hotfix ship --yes; echo $? >../code; } | true").success();
    assert_eq!(repo.read("../code"), "0\n");
    assert_eq!(repo.branch(), "main");
}

#[test]
fn a_full_disk_under_the_output_is_told_and_the_work_is_kept() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let full = script(&repo, "hotfix show >/dev/full").exits_with(3);
    assert!(full.stderr().contains("hint: Make room where it goes."), "{full}");
    repo.fix_the_bug();
    let _ = script(&repo, "hotfix ship --yes >/dev/full").exits_with(3);
    let _ = script(&repo, "hotfix ship --yes 2>/dev/full").success();
    let _ = script(&repo, "hotfix close --reason x >/dev/full 2>/dev/full").exits_with(3);
    let closed = repo.hotfix(["close", "--reason", "x"]).success();
    assert!(closed.stdout().contains(" was closed at "), "{closed}");
}

#[test]
fn closed_streams_do_not_stop_the_work() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    let output = script(&repo, "hotfix ship --yes >&- 2>&-");
    assert!(matches!(output.code(), Some(0 | 70)), "{output}");
    assert_eq!(repo.branch(), "main");
    repo.git_ok(["fsck", "--strict"]);
}

/// Escape sequences, direction marks, line ends, and what Markdown, tables, HTML comments and forges obey.
const HOSTILE: &str = "\u{1b}[31mRed\u{1b}]0;owned\u{7}\u{9b}2J \u{202e}live\u{2066}\u{200b} | a `b` **c** <!-- hotfix: x --> -->\
                       <script>x</script> [d](http://e) \r\n\r\n# Heading\r\n## Command History\r\n| /hotfix | x | @all #1";

#[track_caller]
fn assert_harmless(text: &str) {
    let bad = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(bad), None, "{text:?}");
}

/// The headings of a Markdown text.
fn headings(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with('#') && !line.starts_with("# Postmortem")).collect()
}

/// A whole night with this title and text; everything that was printed, and the documents.
fn night(repo: &Repo<'_>, title: &str, text: &str) -> Vec<String> {
    let mut printed = Vec::new();
    let mut run = |arguments: &[&str]| {
        let output = repo.hotfix(arguments).success();
        printed.push(format!("{}{}", output.stdout(), output.stderr()));
    };
    run(&["open", title, "--severity", "high", "--slug", "night", "--impact", text, "--scope", text, "--source", text]);
    repo.write_fix();
    repo.write_regression_test();
    repo.commit_all(text);
    for command in
        [&["note", text][..], &["follow-up", "add", text, "--band-aid"], &["pr", "--fix", text], &["status"], &["show"]]
    {
        run(command);
    }
    let close = ["close", "--root-cause", text, "--prevention", text, "--reason", text];
    for command in [&["ship", "--yes"][..], &close, &["list", "--all"], &["log"], &["show"], &close] {
        run(command);
    }
    run(&["show", "--json"]);
    printed
}

#[test]
fn text_of_others_is_harmless_wherever_it_comes_out() {
    let [plain_sandbox, sandbox] = [sandbox!(), sandbox!()];
    let plain = plain_sandbox.sample(Sample::Shell).with_remote();
    let hostile = sandbox.sample(Sample::Shell).with_remote();
    night(&plain, "Red", "text");
    night(&hostile, HOSTILE, HOSTILE).iter().for_each(|printed| assert_harmless(printed));
    assert_harmless(&hostile.git_ok(["log", "--format=%s%n%b", "-2", "main"]));
    let postmortem = |repo: &Repo<'_>| repo.git_ok(["ls-files", "docs/decisions"]);
    for [ours, theirs] in [
        [postmortem(&hostile), postmortem(&plain)],
        ["docs/planning/STATUS.md".into(), "docs/planning/STATUS.md".into()],
        ["docs/planning/TECH-DEBT.md".into(), "docs/planning/TECH-DEBT.md".into()],
    ] {
        let document = hostile.read(&ours);
        assert_harmless(&document);
        assert_eq!(headings(&document), headings(&plain.read(&theirs)), "{document}");
        assert!(!document.replace("\\<", "").contains("<script"), "{document}");
    }
}

#[test]
fn what_a_server_and_a_test_say_is_harmless() {
    let sandbox = sandbox!();
    let noise = "printf '\\033[31mred\\033]0;owned\\007\\r\\n'";
    let rules = format!("[test]\ncommand = [\"sh\", \"-c\", \"{}; test ! -e ../bad\"]\n", noise.replace('\\', "\\\\"));
    let repo = sample_with(&sandbox, &rules);
    repo.ok(OPEN);
    repo.fix_the_bug();
    repo.write("../bad", "");
    let failed = repo.hotfix(["ship", "--yes"]).exits_with(1);
    assert!(failed.stdout().contains("red"), "{failed}");
    assert_harmless(&format!("{}{}", failed.stdout(), failed.stderr()));
    std::fs::remove_file(repo.folder().join("../bad")).expect("it is there");
    let hook = format!("#!/bin/sh\n[ \"$1\" != refs/heads/main ] && exit 0\n{noise} >&2\nexit 1\n");
    repo.hook("../origin.git/hooks/update", &hook);
    let refused = repo.hotfix(["ship", "--yes"]).exits_with(5);
    assert!(refused.stderr().contains("red"), "{refused}");
    assert_harmless(&format!("{}{}", refused.stdout(), refused.stderr()));
}
