//! What `status` and `list` say.

use crate::domain::Milestone;
use crate::domain::event::{PullRequest, PullRequestState, Waiver};
use crate::ledger::Summary;
use crate::workflow::{GitAction, Reader};

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

/// The lines of `status` about a fix that was taken out, and what is next.
fn told(scene: &Scene) -> String {
    let Then::Finish(status) = scene.plan(&Status::default()).unwrap().then else { panic!("status only looks") };
    let lines = status.text.lines().filter(|line| line.contains("taken out") || line.starts_with("merged "));
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    scene.readable(&format!("{lines}next: {}\n", status.next.unwrap_or_default()))
}

#[test]
fn status_tells_of_a_fix_that_was_taken_out_what_ship_does() {
    let mut scene = landed();
    assert!(!told(&scene).contains("taken out"), "{}", told(&scene));
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('7'));
    insta::assert_snapshot!(told(&scene), @"
    merged        as ccccccccc into origin/main
    the fix was taken out of origin/main again by 777777777; merging its branch once more would not bring it back
    next: git hotfix revert 777777777 --severity critical   # brings it back
    ");
    // Who went on with the branch ships it, and is asked whether the revert is to be taken back.
    scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('x'));
    assert!(told(&scene).ends_with("next: git hotfix ship\n"), "{}", told(&scene));
    // The revert was reverted.
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('8'));
    assert!(!told(&scene).contains("taken out"), "{}", told(&scene));
}

/// Nothing is recorded of it: somebody squashed what was proposed, and then had a reason.
#[test]
fn a_squash_that_was_reverted_is_not_landed_once_more() {
    let mut scene = Scene::fixed();
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('r'));
    // The control: what was not proposed nobody can have squashed.
    assert!(!told(&scene).contains("taken out"), "{}", told(&scene));
    let proposed = PullRequest::new(PullRequestState::Open, "[HOTFIX] Login fails", "", id('b'));
    scene.events.push(EventKind::PullRequestOpened(proposed));
    insta::assert_snapshot!(told(&scene), @"
    merged        no
    the fix was taken out of origin/main again by rrrrrrrrr
    next: git hotfix revert rrrrrrrrr --severity critical   # brings it back
    ");
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"record","text":"record \"fix merged into main as qqqqqqqqq\"","events":["merged"]}
    note: all that hotfix/login-fails changes was on origin/main already; recorded
    then look again
    "#);
    let line = LandingLine { branch: "main".parse().unwrap(), from: id('d'), to: id('q') };
    scene.events.push(EventKind::Merged(Landing::new(id('b'), vec![line])));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    needs-human reverted: the fix was taken out of origin/main again by rrrrrrrrr
    hint: git hotfix revert rrrrrrrrr --severity critical   # brings it back
    hint: git hotfix close --reason "reverted"   # it stays out
    "#);
    assert!(
        told(&scene).ends_with("next: git hotfix revert rrrrrrrrr --severity critical   # brings it back\n"),
        "{}",
        told(&scene)
    );
    // On the branch, whose merge brings it back by itself, that is what the revert says.
    let plan = scene.plan(&Revert { revision: id('r').to_string(), ..Revert::default() }).unwrap();
    let [Action::Git(GitAction::Commit { commit, .. })] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    assert_eq!(commit.parents, [id('b'), id('r')]);
    // The control: of a revert that production took back nothing is left.
    let line = LandingLine { branch: "main".parse().unwrap(), from: id('a'), to: id('c') };
    scene.events.push(EventKind::Merged(Landing::new(id('b'), vec![line])));
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('8'));
    let again = scene.shown(&Revert { revision: id('7').to_string(), ..Revert::default() });
    assert!(again.contains("nothing of 777777777 is left to revert"), "{again}");
}

#[test]
fn a_branch_that_is_nowhere_known_is_looked_for_by_ship() {
    let mut scene = Scene::fixed();
    scene.head = Head::Branch { name: "main".to_owned(), commit: id('a') };
    scene.refs.remove("refs/heads/hotfix/login-fails");
    let proposed =
        PullRequest::new(PullRequestState::Open, "[HOTFIX] Login fails", "", "5".repeat(40).parse().unwrap());
    scene.events.push(EventKind::PullRequestOpened(proposed));
    insta::assert_snapshot!(told(&scene), @"
    merged        no
    next: git hotfix ship   # takes it over from origin; if it is gone there, where it is: git push origin hotfix/login-fails
    ");
}

#[test]
fn of_two_on_one_branch_the_one_that_has_not_landed_is_to_be_given_up() {
    let (fixed, landed) = (Scene::fixed(), landed());
    let other = |scene: &Scene| {
        let mut other = Summary::from(&scene.incident().expect("it is open"));
        other.id = crate::domain::IncidentId::from_random(2026, [1; 5]);
        other
    };
    let gives_up = |scene: Scene, other| {
        let own = scene.incident().expect("it is open").id;
        let Then::Finish(status) = Scene { others: vec![other], ..scene }.plan(&Status::default()).unwrap().then else {
            panic!("status only looks")
        };
        let told = status.text;
        assert!(told.contains("are both open on hotfix/login-fails"), "{told}");
        told.contains("abort --incident").then(|| told.contains(&format!("abort --incident {own} ")))
    };
    assert_eq!(gives_up(Scene::fixed(), other(&landed)), Some(true), "the other has landed");
    assert_eq!(gives_up(super::landed(), other(&fixed)), Some(false));
    assert_eq!(gives_up(super::landed(), other(&landed)), None, "neither can be given up");
}
