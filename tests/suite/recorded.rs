//! A record that an earlier build wrote, kept as it is: whoever changes the written form or its replay reads it still, to the same.

use hotfix_tests::sandbox;
use serde_json::Value;

/// What the build of that month recorded, with the commits that it speaks of: one incident from open to close, one that was given
/// up, one that is open. Another build's gets another pair of files; these are never made anew.
const BUNDLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/suite/recorded/2026-11.bundle");
/// What that build read of it.
const READ: &str = include_str!("recorded/2026-11.json");

#[test]
fn what_an_earlier_build_recorded_reads_as_it_read_it() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    // It was recorded with these, whatever the formats of today are.
    repo.git_ok(["init", "--quiet", "--object-format=sha1", "../recorded"]);
    let repo = repo.at("../recorded");
    repo.git_ok(["fetch", "--quiet", "--update-head-ok", BUNDLE, "refs/*:refs/*"]);
    let read: Vec<Value> = serde_json::from_str(READ).expect("it is JSON");
    assert_eq!(read.len(), 3);
    for then in &read {
        let id = then["id"].as_str().expect("it has an id").to_owned();
        let now = repo.hotfix_json(["show", "--incident", &id]);
        for (key, value) in then.as_object().expect("it is an incident") {
            assert_eq!(now["incident"][key], *value, "{id}: {key}");
        }
        assert_eq!(now["incident"].get("anomalies"), None, "{id}");
    }
    repo.ok(["ledger", "verify"]);
    // It goes on, too.
    let open = read.iter().find(|incident| incident["status"] == "active").expect("one is open");
    repo.ok(["note", "read by a newer one", "--incident", open["id"].as_str().expect("it has an id")]);
}
