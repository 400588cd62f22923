//! The JSON Schema that we publish holds for every document that we print, and says something.

use std::sync::LazyLock;

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
