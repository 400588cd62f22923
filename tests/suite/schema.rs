//! The JSON Schema that we publish holds for every document that we print, and says something.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use hotfix_core::step::{LISTED_FIELDS, SHOWN_FIELDS};
use hotfix_tests::{Sample, sandbox};
use jsonschema::Validator;
use serde_json::{Value, json};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../docs/schema/hotfix-v1.json")).expect("the schema is JSON")
});

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&SCHEMA).expect("the schema is a schema"));

/// What is wrong with a document; empty when nothing is.
fn problems(document: &Value) -> String {
    let problems = VALIDATOR.iter_errors(document).map(|error| format!("{}: {error}\n", error.instance_path()));
    problems.collect()
}

/// Holds a document to the schema.
#[track_caller]
pub(crate) fn assert_valid(document: &Value) {
    let problems = problems(document);
    assert!(problems.is_empty(), "{problems}\n{document:#}");
}

#[test]
fn documents_without_an_incident_are_valid() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    for command in [
        &["list"][..],
        &["status"],
        &["init", "--dry-run"],
        &["guard", "--base", "HEAD"],
        &["test", "--base", "HEAD"],
        &["drill", "--dry-run"],
        &["completions", "zsh"],
        &["man"],
        &["man", "--out", "../man"],
        &["man", "--install", "--dry-run"],
        &["doctor"],
        &["doctor", "--dry-run"],
        &["nope"],
        &["open"],
    ] {
        let document = repo.hotfix_json(command);
        assert_valid(&document);
    }
    repo.git_ok(["branch", "hotfix"]);
    let document = repo.hotfix(["doctor", "--json"]).exits_with(1).json();
    assert_valid(&document);
    assert_eq!(document["error"]["kind"], "check-failed");
}

#[test]
fn documents_are_narrowed_to_the_values_that_one_names() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", "Search is down", "--severity", "high"]);
    let narrow = |command: &[&str]| {
        let document = repo.hotfix(command).success().json();
        assert_valid(&document);
        assert_eq!(document.get("text"), None, "{document:#}");
        document
    };
    for command in ["status", "show"] {
        let document = narrow(&[command, "--fields", "title,status", "--fields", "timeline,merged_at"]);
        assert_eq!(document["fields"], json!(["title", "status", "timeline", "merged_at"]));
        let incident = document["incident"].as_object().expect("it is there");
        assert_eq!(incident.keys().collect::<Vec<_>>(), ["status", "timeline", "title"]);
    }
    let listed = narrow(&["list", "--fields", "slug", "--json"]);
    assert_eq!(listed["incidents"], json!([{ "slug": "search-is-down" }]));
    let unknown = repo.hotfix(["list", "--fields", "id,timeline"]).exits_with(2);
    insta::assert_snapshot!(unknown, @"
    ------- stderr -------
    error: invalid value 'timeline' for '--fields <NAMES>'
    hint: possible values: id, title, slug, severity, impact, scope, source, status, visibility, branch, base, band_aid, postmortem, started_at, detected_at, opened_at, mitigated_at, merged_at, deployed_at, verified_at, resolved_at, closed_at
    [exit status: 2]
    ");
    assert_eq!(repo.hotfix(["show", "--fields", ""]).exits_with(2).stdout(), "");
}

#[test]
fn every_value_of_an_incident_can_be_named() {
    let names = |of: &str| {
        let values = SCHEMA.pointer(&format!("/$defs/{of}/properties")).and_then(Value::as_object);
        values.expect("it has values").keys().cloned().collect::<BTreeSet<_>>()
    };
    let named = |fields: &[&str]| fields.iter().map(|&field| field.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(names("summary_values"), named(&LISTED_FIELDS));
    assert_eq!(names("incident_values"), named(&SHOWN_FIELDS));
}

#[test]
fn the_drill_is_valid() {
    let sandbox = sandbox!();
    let output = sandbox.run(sandbox.command("git", sandbox.root()).args(["hotfix", "drill", "--json"]));
    assert_valid(&output.success().json());
}

#[test]
fn the_schema_forbids_what_is_no_document() {
    let good = json!({ "v": 1, "command": "list", "dry_run": false, "incidents": [] });
    assert_eq!(problems(&good), "");
    for (key, value) in [
        ("v", json!(2)),
        ("dry_run", json!("no")),
        ("surprise", json!(1)),
        ("incidents", json!([{ "id": "HF-2026-7k3mq2xa" }])),
        ("incident", json!({})),
        ("actions", json!([{ "action": "Create Branch", "text": "x" }])),
        ("checks", json!([{ "check": "git", "state": "fine", "message": "x" }])),
        ("error", json!({ "kind": "usage", "message": "x", "hints": [] })),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        assert_ne!(problems(&bad), "", "{bad}");
    }
}
