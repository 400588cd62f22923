//! What a branch's rules, and people at GitHub, make of a merge.

use hotfix_tests::{Fault, sandbox};
use serde_json::json;

use super::night;

#[test]
fn a_way_of_merging_that_a_rule_forbids_is_not_taken() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| settings.is_linear = true);
    let doctor = night.hotfix(&["doctor"]);
    assert!(doctor.stdout().contains("by squash, rebase"), "{doctor}");
    night.ok(&["ship", "--yes"]);
    night.repo.git_ok(["fetch", "--quiet", "origin"]);
    assert_eq!(night.repo.git_ok(["rev-list", "--count", "--merges", "origin/main"]), "0");
}

#[test]
fn a_pull_request_that_was_turned_to_another_branch_is_not_merged() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.repo.git_ok(["push", "--quiet", "origin", "origin/main:refs/heads/develop"]);
    night.ok(&["pr"]);
    night.github.retarget_pull(1, "develop");
    insta::assert_snapshot!(night.hotfix(&["ship", "--yes"]).exits_with(4).verdict(), @"
    ------- stderr -------
    error: pull request #1 merges into develop, and the fix is for main
    hint: https://github.com/dev/shop/pull/1
    hint: set its base to main there, or: git hotfix pr   # proposes it for main
    [exit status: 4]
    ");
    assert_eq!(night.github.count("PUT"), 0);
    night.ok(&["pr"]);
    night.ok(&["ship", "--yes"]);
    assert_eq!(
        (night.github.pull(1)["state"].clone(), night.github.pull(2)["state"].clone()),
        ("open".into(), "closed".into())
    );
}

#[test]
fn what_graphql_says_for_now_is_tried_again_and_what_came_meanwhile_is_seen() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| settings.approvals = 1);
    let answer = |kind: &str, message: &str| {
        Fault::Answer(200, Vec::new(), json!({ "errors": [{ "type": kind, "message": message }] }).to_string())
    };
    for (kind, message) in [
        ("RATE_LIMITED", "API rate limit exceeded"),
        ("INTERNAL", "Something went wrong while executing your query"),
        ("UNPROCESSABLE", "Pull request Pull request is in clean status"),
    ] {
        night.github.trap("POST /graphql", answer(kind, message));
        let told = night.hotfix(&["ship", "--auto", "--yes"]).exits_with(6);
        assert!(told.stderr().contains(message), "{told}");
    }
    night.github.trap("POST /graphql", answer("FORBIDDEN", "Resource not accessible by integration"));
    let _ = night.hotfix(&["ship", "--auto", "--yes"]).exits_with(5);
    assert_eq!(night.github.fired(), 4);
}

#[test]
fn a_queue_that_is_passed_over_is_said() {
    let sandbox = sandbox!();
    let night = night(&sandbox);
    night.github.set(|settings| {
        settings.queue = true;
        settings.is_admin = true;
    });
    let shipped = night.json(&["ship", "--admin", "--reason", "the queue is stuck"]);
    assert_eq!(shipped["incident"]["follow_ups"].as_array().map(Vec::len), Some(1), "{shipped}");
    let log = night.hotfix(&["log"]).success();
    assert!(log.stdout().contains("the queue is stuck (it does not await its turn in the merge queue)"), "{log}");
}
