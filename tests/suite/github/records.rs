//! The records of an incident where production takes no pushes.

use hotfix_tests::{Fault, sandbox};
use serde_json::json;

use super::{Night, night};

/// Only the service may move production: a push to it is refused.
fn protect_production(night: &Night<'_>) {
    let hook = night.repo.at(night.repo.origin());
    hook.hook(
        "hooks/pre-receive",
        "#!/bin/sh\nwhile read -r _ _ name; do [ \"$name\" != refs/heads/main ] || { echo protected; exit 1; }; done\n",
    );
}

#[test]
fn a_protected_branch_gets_fix_and_records_by_pull_requests() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    protect_production(&night);
    night.ok(&["ship", "--yes"]);
    let closed = night.hotfix(&["close", "--yes", "--reason", "rehearsal"]).success();
    let hint = "hint: the records are proposed as hotfix/coupons-take-off-too-much-records at \
                https://github.com/dev/shop/pull/2: merge it into origin/main";
    assert!(closed.stderr().contains(hint), "{closed}");
    let records = night.github.pull(2);
    insta::assert_snapshot!(hotfix_tests::redact(&format!("{}\n\n{}", records["title"].as_str().unwrap(), records["body"].as_str().unwrap()), sandbox.root()), @"
    Records of HF-YYYY-ID: Coupons take off too much

    Postmortem, status and technical debt of the incident HF-YYYY-ID, whose fix is #1.
    ");
    assert_eq!(records["labels"], json!(["hotfix"]));
}

#[test]
fn records_that_could_not_be_proposed_keep_the_incident_open() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    protect_production(&night);
    night.ok(&["ship", "--yes"]);
    let failing = || Fault::Answer(500, Vec::new(), "{\"message\": \"Oops\"}".to_owned());
    night.github.trap_often("POST /repos/dev/shop/pulls", failing(), 9);
    let stopped = night.hotfix(&["close", "--yes"]).exits_with(6);
    assert!(
        stopped.stderr().contains("the records are pushed as hotfix/coupons-take-off-too-much-records"),
        "{stopped}"
    );
    assert_eq!(night.json(&["status"])["incident"]["status"], "active");
    assert!(night.github.fired() > 0);
    night.github.clear_traps();
    night.ok(&["close", "--yes"]);
    assert_eq!((night.github.pulls(), night.json(&["show"])["incident"]["status"].clone()), (2, "closed".into()));
    night.github.merge_pull(2, "merge");
    night.repo.git_ok(["fetch", "--quiet", "origin"]);
    let closed = night.hotfix(&["close", "--yes"]).success();
    assert!(!closed.stderr().contains("the records are proposed"), "{closed}");
}

#[test]
fn records_without_a_pull_request_end_the_incident_for_a_reason() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    protect_production(&night);
    night.ok(&["ship", "--yes"]);
    night.github.set(|settings| settings.can_write = false);
    let closed = night.hotfix(&["close", "--yes", "--reason", "rehearsal"]).success();
    assert!(closed.stderr().contains("GitHub answers 403: Resource not accessible"), "{closed}");
    assert!(
        closed.stderr().contains("the records are proposed as hotfix/coupons-take-off-too-much-records: merge"),
        "{closed}"
    );
}
