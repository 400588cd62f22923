//! A repository that has another name now: its number still leads there.

use super::*;

/// Every answer about the old name leads to `location`.
fn moved<'s>(sandbox: &'s Sandbox, location: &str) -> Night<'s> {
    let night = night(sandbox);
    let location = location.replace("GITHUB", night.github.address());
    let fault =
        |status| Fault::Answer(status, vec![("location", location.clone())], r#"{"message":"Moved"}"#.to_owned());
    night.github.trap_often("GET /repos/dev/shop", fault(301), usize::MAX);
    night.github.trap_often("POST /repos/dev/shop", fault(307), usize::MAX);
    night
}

#[test]
fn the_new_name_is_told() {
    let sandbox = sandbox!();
    let night = moved(&sandbox, "GITHUB/repositories/1/pulls?state=open");
    let refused = night.hotfix(&["ship", "--yes"]).exits_with(5);
    assert!(refused.stderr().contains("the repository is called dev/store now"), "{refused}");
    assert!(refused.stderr().contains("hint: git config hotfix.forge.repository dev/store"), "{refused}");
    assert!(night.github.fired() > 0 && night.github.pulls() == 0);
    let doctor = night.hotfix(&["doctor"]).exits_with(1);
    assert!(doctor.stdout().contains("fix: git config hotfix.forge.repository dev/store"), "{doctor}");
    night.github.clear_traps();
    night.ok(&["ship", "--yes"]);
}

#[test]
fn no_answer_leads_to_another_host() {
    let sandbox = sandbox!();
    let night = moved(&sandbox, "http://127.0.0.1:9/repositories/1");
    let refused = night.hotfix(&["ship", "--yes"]).exits_with(5);
    assert!(refused.stderr().contains("may have been renamed"), "{refused}");
    assert_eq!(night.github.count("GET /repositories"), 0);
}
