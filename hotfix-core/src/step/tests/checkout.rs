//! Plans where something else than the fix is checked out.

use crate::domain::event::Waiver;
use crate::port::Operation;

use super::*;

fn elsewhere(head: Head) -> Scene {
    let mut scene = Scene::fixed();
    scene.head = head;
    scene
}

#[test]
fn what_looks_at_the_work_tree_wants_the_fix_there() {
    let other = elsewhere(Head::Branch { name: "topic".to_owned(), commit: id('a') });
    for step in [&Test::default() as &dyn Step, &Guard::default(), &Pr::default(), &Ship::default()] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(other.shown(step), @"
            precondition not-checked-out: hotfix/login-fails is not checked out here: topic is
            hint: git switch hotfix/login-fails
            ");
        }
    }
    assert!(other.shown(&Status::default()).contains("branch        hotfix/login-fails (checked out here: topic)\n"));
    // Its very commit is the fix, whatever it is called here.
    let same = elsewhere(Head::Detached { commit: id('b') });
    assert!(!same.shown(&Guard::default()).contains("not-checked-out"));
}

#[test]
fn what_was_tested_ships_from_anywhere() {
    let mut other = elsewhere(Head::Branch { name: "topic".to_owned(), commit: id('a') });
    other.events.push(EventKind::Waived(Waiver { check: "test".to_owned(), reason: "flaky".to_owned() }));
    assert!(!other.shown(&Pr::default()).contains("not-checked-out"));
}

#[test]
fn an_operation_under_way_is_finished_first() {
    let mut scene = Scene::fixed();
    let check = |scene: &Scene, said: &str| assert_eq!(scene.shown(&Ship::default()), said);
    scene.operation = Some(Operation::Am);
    check(
        &scene,
        "precondition unfinished: a git am is under way here, and not finished\n\
         hint: git am --continue   # or git am --abort\n",
    );
    scene.operation = Some(Operation::Revert);
    scene.state.conflicted = vec!["src/login.go".to_owned()];
    check(
        &scene,
        "precondition unfinished: a revert is under way here, and not finished: conflicts in src/login.go\n\
         hint: settle them, then: git add src/login.go && git revert --continue\n\
         hint: or git revert --abort\n",
    );
    // A rebase takes the branch away from HEAD while it lasts.
    scene.state.conflicted.clear();
    scene.head = Head::Detached { commit: id('a') };
    scene.operation = Some(Operation::Rebase);
    assert!(scene.shown(&Ship::default()).contains("git rebase --continue"));
    // While one looks for the culprit, the fix ships as it is.
    scene.operation = Some(Operation::Bisect);
    scene.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('b') };
    assert!(!scene.shown(&Ship::default()).contains("unfinished"));
}

#[test]
fn what_gives_up_ends_or_deploys_wants_an_operation_finished_too() {
    let mut fixed = Scene::fixed();
    fixed.state.changed = vec!["src/login.go".to_owned()];
    fixed.state.conflicted = vec!["src/login.go".to_owned()];
    fixed.operation = Some(Operation::Merge);
    let close = Close { reason: Some("at night".to_owned()), ..Close::default() };
    for step in [&Abort::default() as &dyn Step, &Undo::default(), &close] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(fixed.shown(step), @"
            precondition unfinished: a merge is under way here, and not finished: conflicts in src/login.go
            hint: settle them, then: git add src/login.go && git commit --no-edit
            hint: or git merge --abort
            ");
        }
    }
    // A stash that conflicts leaves no operation that could be given up.
    fixed.operation = None;
    insta::assert_snapshot!(fixed.shown(&Abort::default()), @"
    precondition unfinished: conflicts are not settled here: src/login.go
    hint: settle them, then: git add src/login.go
    ");
    let mut landed = landed();
    landed.config.deploy.command = Some(vec!["./deploy".to_owned()].into());
    landed.head = Head::Branch { name: "topic".to_owned(), commit: id('a') };
    landed.operation = Some(Operation::CherryPick);
    let deploy = |scene: &Scene| scene.shown(&Deploy::default());
    insta::assert_snapshot!(deploy(&landed), @"
    precondition unfinished: a cherry-pick is under way here, and not finished
    hint: git cherry-pick --continue   # or git cherry-pick --abort
    ");
    landed.operation = Some(Operation::Bisect);
    assert!(deploy(&landed).contains("not-checked-out"), "a bisect stands in nobody's way");
}

#[test]
fn production_on_a_remote_that_is_none_here_is_said_with_the_way_back() {
    let mut scene = Scene::fixed();
    scene.network = Network::Online;
    scene.remotes = vec!["up stream".to_owned()];
    let close = Close { reason: Some("at night".to_owned()), ..Close::default() };
    let steps = [&Ship::default() as &dyn Step, &Pr::default(), &close, &Abort::default(), &Undo::default()];
    for step in steps {
        insta::allow_duplicates! {
            insta::assert_snapshot!(scene.shown(step), @"
            precondition no-such-remote: production is on origin, which is no remote here
            hint: git remote rename 'up stream' origin
            ");
        }
    }
    let status = scene.plan(&Status::default()).expect("it is shown");
    let Then::Finish(outcome) = status.then else { panic!("{status:?}") };
    let next = "git remote rename 'up stream' origin   # production is on origin, which is no remote here";
    assert_eq!(outcome.next.as_deref(), Some(next));
    // Which of several it is nobody here can say.
    scene.remotes.push("fork".to_owned());
    assert!(scene.shown(&Ship::default()).ends_with("hint: git remote add origin URL\n"));
    // As of the last fetch it is known all the same, unless what was fetched is gone, too.
    scene.network = Network::Offline;
    assert!(!scene.shown(&Abort::default()).contains("no-such-remote"));
    scene.refs.remove("refs/remotes/origin/main");
    let said = crate::production::tip(scene.look(&scene.lay_out()), &opened().production).unwrap_err();
    assert_eq!(said.code, crate::workflow::Code::NoSuchRemote);
}
