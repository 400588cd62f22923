//! Plans where not all that is tested is committed.

use crate::domain::event::Waiver;
use crate::domain::{ProvenTest, TestState};

use super::*;

/// A fix, and a new source that nobody added.
fn left_out(paths: &[&str]) -> Scene {
    let mut scene = Scene::fixed();
    scene.state.untracked = paths.iter().map(|path| (*path).to_owned()).collect();
    scene
}

/// What is said where nobody is there to be asked.
fn refused(scene: &Scene, step: &dyn Step) -> Refusal {
    match scene.plan(step) {
        Err(refusal) => refusal,
        Ok(plan) => match plan.then {
            Then::Offer(_, refusal) => *refusal,
            other => panic!("{other:?}"),
        },
    }
}

fn offer(scene: &Scene) -> String {
    scene.shown(&Ship::default())
}

#[test]
fn a_source_that_is_in_no_commit_ships_nothing_and_is_offered_to_be_added() {
    let mut scene = left_out(&["src/three.go", "notes.txt"]);
    assert!(offer(&scene).starts_with("then offer Confirm { topic: AddFiles"), "{}", offer(&scene));
    let refusal = refused(&scene, &Pr::default());
    insta::assert_snapshot!(format!("{} {refusal}\n{}", refusal.code, refusal.hints.join("\n")), @"
    not-committed src/three.go takes part in the tests and is not committed
    git add src/three.go && git commit --amend --no-edit
    no part of the fix? move it away, or name it in .git/info/exclude
    ");

    scene.answers.confirmed.push((Topic::AddFiles, true));
    insta::assert_snapshot!(offer(&scene), @r#"
    now   {"action":"amend","text":"add src/three.go to the fix's commit","files":["src/three.go"]}
    then look again
    "#);
    // What others have is not made anew.
    scene.refs.insert("refs/remotes/origin/hotfix/login-fails".to_owned(), id('b'));
    insta::assert_snapshot!(offer(&scene), @r#"
    now   {"action":"commit-files","text":"commit src/three.go","files":["src/three.go"]}
    then look again
    "#);

    // The control: what does not count, or is ignored, is in nobody's way.
    assert!(
        !offer(&left_out(&["notes.txt", "node_modules/a.js", "tests/__pycache__/a.pyc"])).contains("not-committed")
    );
}

#[test]
fn hints_name_what_is_to_be_added() {
    let hints = |scene: &Scene| refused(scene, &Ship::default()).hints.join("\n");
    let mut scene = left_out(&["src/three.go"]);
    scene.refs.insert("refs/remotes/origin/hotfix/login-fails".to_owned(), id('b'));
    assert!(hints(&scene).starts_with("git add src/three.go && git commit\n"), "it is pushed");
    let mut scene = left_out(&["src/three.go"]);
    scene.state.changed = vec!["src/login.go".to_owned()];
    assert!(hints(&scene).starts_with("git add src/login.go src/three.go && git commit\n"));
    scene.state.untracked.clear();
    insta::assert_snapshot!(hints(&scene), @"
    git add src/login.go && git commit   # if it is part of the fix
    git stash   # if not; git stash pop brings it back
    ");

    // Nothing is committed yet.
    let mut scene = left_out(&["src/three.go"]);
    scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('a'));
    scene.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('a') };
    assert!(hints(&scene).ends_with("fix the issue, then: git add src/three.go && git commit"), "{}", hints(&scene));
    let next = |scene: &Scene| match scene.plan(&Status::default()).unwrap().then {
        Then::Finish(outcome) => outcome.next.unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    assert_eq!(next(&scene), "git add src/three.go && git commit   # the fix and its regression test");
    // What git may add blindly, and what not: new files that are no sources may be anything.
    scene.state.untracked = vec!["notes.txt".to_owned()];
    assert_eq!(next(&scene), "git commit -a   # the fix; first git add new files, its regression test");
    scene.state.untracked.clear();
    assert_eq!(next(&scene), "git add --all && git commit   # the fix and its regression test");
    scene.state.changed = vec!["src/login.go".to_owned()];
    assert_eq!(next(&scene), "git commit -a   # the fix and its regression test");
    let mut scene = left_out(&["src/three.go"]);
    assert_eq!(next(&scene), "git add src/three.go && git commit --amend --no-edit");
    scene.state.untracked.clear();
    assert_eq!(next(&scene), "git hotfix ship");
}

#[test]
fn ignored_sources_are_named_where_tests_run() {
    let mut scene = Scene::fixed();
    scene.ignored = vec!["src/generated.go".to_owned(), "target/a.go".to_owned(), "notes.txt".to_owned()];
    let shown = scene.shown(&Ship::default());
    assert!(shown.contains("run go test -v ./..., with ignored files: src/generated.go"), "{shown}");
    scene.ignored.clear();
    assert!(!scene.shown(&Ship::default()).contains("ignored files"));
}

#[test]
fn what_cannot_be_built_with_the_fix_does_not_ship() {
    let mut scene = Scene::fixed();
    let waiver = Waiver { check: "guard".to_owned(), reason: "not asked".to_owned() };
    scene.events.push(EventKind::Waived(waiver));
    let proof = |fix: TestState| Proof {
        tree: tree('b'),
        base: id('a'),
        verdict: Verdict::NotRun,
        profile: None,
        tests: vec![ProvenTest {
            id: "login_test.go".to_owned(),
            base: TestState::Absent,
            fix,
            verdict: Verdict::NotRun,
            runs: 1,
            symptom: Some("undefined: three".to_owned()),
            cause: None,
            gate: None,
            by_exit_code: false,
        }],
        unchanged: 0,
        arguments: Vec::new(),
        unproven: Vec::new(),
        lints_capped: false,
        remarks: Vec::new(),
    };
    scene.events.extend([tested(Ending::Passed), EventKind::Proved(proof(TestState::BuildFail))]);
    let shown = scene.shown(&Pr::default());
    assert!(shown.contains("then fail: with the fix, login_test.go cannot be built from what is committed"), "{shown}");
    let planned = scene.shown(&Ship::default());
    let stops = "note: ship stops at the proof: with the fix, login_test.go cannot be built from what is committed";
    assert!(planned.contains(stops), "{planned}");
    let unproven = Pr { options: PrOptions { no_proof: true, ..PrOptions::default() } };
    assert!(!scene.shown(&unproven).contains("cannot be built"), "a person's word");
    // The control: a test that fails in a fresh work tree may lack what only that lacks.
    scene.events.pop();
    scene.events.push(EventKind::Proved(proof(TestState::Fail)));
    assert!(!scene.shown(&Pr::default()).contains("cannot be built"));
}
