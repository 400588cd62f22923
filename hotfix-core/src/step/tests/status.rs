//! What `status` and `list` say.

use crate::domain::Milestone;
use crate::domain::event::Waiver;
use crate::ledger::Summary;
use crate::workflow::Reader;

use super::*;

fn marked(milestone: Milestone, at: &str) -> EventKind {
    EventKind::Marked { milestone, reached_at: at.parse().unwrap() }
}

#[test]
fn status_answers_what_is_asked_in_the_call() {
    let mut scene = Scene::fixed();
    scene.head = Head::Branch { name: "topic".to_owned(), commit: id('a') };
    insta::assert_snapshot!(scene.shown(&Status::default()), @r#"
    then finish:
    HF-2026-00000000  Critical  active
    Login fails

    felt          unknown; say it: git hotfix mark started --at "40m ago"
    open          for 41 min (since 2026-11-22 09:00 UTC)
    impact        unknown; say it: git hotfix triage --impact "..."
    branch        hotfix/login-fails (checked out here: topic)
    pull request  none yet
    merged        no
    deployed      no
    verified      no

      ✓ preflight  ✓ triage  ✓ branch  ✓ fix
      → guard  · test  · pr  · merge
      · deploy  · verify
      · postmortem  · follow-up  · close
    "#);
    scene.events.push(marked(Milestone::Started, "2026-11-22T09:10:00Z"));
    let said = scene.shown(&Status::default());
    assert!(said.contains("felt          for 31 min (started 2026-11-22 09:10 UTC)\n"), "{said}");
}

#[test]
fn a_test_that_is_not_there_is_no_test_that_holds() {
    let mut scene = Scene::fixed();
    scene.events.extend([guarded(), tested(Ending::Passed), proved(Verdict::NoRegressionTest)]);
    let said = scene.shown(&Status::default());
    assert!(said.contains("✓ guard  ✗ test  "), "{said}");
    // A person's word stands in for it, and one that is there holds.
    let deferred = EventKind::TestDeferred { reason: "no time".to_owned(), tree: tree('b') };
    for word in [deferred, proved(Verdict::FailToPass)] {
        scene.events.push(word);
        let said = scene.shown(&Status::default());
        assert!(said.contains("✓ guard  ✓ test  "), "{said}");
        scene.events.pop();
    }
}

#[test]
fn where_a_test_said_no_next_is_what_it_lacks() {
    let next = |said: Vec<EventKind>, step: &dyn Step| {
        let mut scene = Scene::fixed();
        scene.events.push(guarded());
        scene.events.extend(said);
        match scene.plan(step).expect("it can be told").then {
            Then::Finish(outcome) => outcome.next.unwrap_or_default(),
            _ => panic!("it finishes"),
        }
    };
    let (corrected, caught) = ("the corrected fix", "a test of the bug");
    for (said, missing) in [
        (vec![tested(Ending::Failed)], corrected),
        (vec![tested(Ending::Passed), proved(Verdict::FailToFail)], corrected),
        (vec![tested(Ending::Passed), proved(Verdict::PassToPass)], caught),
        (vec![tested(Ending::Passed), proved(Verdict::NoRegressionTest)], caught),
    ] {
        let mend = format!("git add --all && git commit   # {missing}; then: git hotfix ship");
        assert_eq!(next(said.clone(), &Status::default()), mend);
        if said.len() > 1 {
            assert_eq!(next(said, &Test::default()), mend);
        }
    }
    // Where it did not, or a person's word stands in for it, it ships.
    let deferred = EventKind::TestDeferred { reason: "no time".to_owned(), tree: tree('b') };
    for said in [
        vec![tested(Ending::Passed), proved(Verdict::FailToPass)],
        vec![tested(Ending::Passed), proved(Verdict::NoRegressionTest), deferred],
        vec![tested(Ending::Failed), EventKind::Waived(Waiver::new("test", "the rack is on fire"))],
    ] {
        assert_eq!(next(said, &Status::default()), "git hotfix ship");
    }
}

#[test]
fn status_says_what_is_live() {
    let mut scene = landed();
    scene.events.push(marked(Milestone::Started, "2026-11-22T09:10:00Z"));
    scene.events.push(marked(Milestone::Deployed, "2026-11-22T09:30:00Z"));
    scene.events.push(marked(Milestone::Verified, "2026-11-22T09:35:00Z"));
    insta::assert_snapshot!(scene.shown(&Status::default()), @r#"
    then finish:
    HF-2026-00000000  Critical  resolved
    Login fails

    felt          for 25 min (started 2026-11-22 09:10 UTC, resolved 2026-11-22 09:35 UTC)
    open          for 41 min (since 2026-11-22 09:00 UTC)
    impact        unknown; say it: git hotfix triage --impact "..."
    branch        hotfix/login-fails
    pull request  none
    merged        as ccccccccc into origin/main
    deployed      yes, 2026-11-22 09:30 UTC
    verified      yes, 2026-11-22 09:35 UTC

      ✓ preflight  ✓ triage  ✓ branch  ✓ fix
      → guard  · test  ✓ pr  ✓ merge
      ✓ deploy  ✓ verify
      · postmortem  · follow-up  · close
    "#);
}

#[test]
fn a_list_is_as_wide_as_the_screen() {
    let mut scene = Scene::fixed();
    let incident = scene.incident().unwrap();
    scene.others = vec![Summary::from(&incident)];
    insta::assert_snapshot!(scene.shown(&List::default()), @"
    then finish:
    HF-2026-00000000  critical  active  41 min ago  hotfix/login-fails  Login fails
    ");
    scene.reader = Reader { columns: Some(90), ..Reader::default() };
    insta::assert_snapshot!(scene.shown(&List::default()), @"
    then finish:
      ID                SEVERITY  STATUS  OPENED      BRANCH              TITLE
    * HF-2026-00000000  critical  active  41 min ago  hotfix/login-fails  Login fails
    ");
    scene.reader = Reader { columns: Some(40), ..Reader::default() };
    insta::assert_snapshot!(scene.shown(&List::default()), @"
    then finish:
      ID                SEVERITY  STATUS
    * HF-2026-00000000  critical  active
        Login fails
        hotfix/login-fails
        41 min ago
    ");
}
