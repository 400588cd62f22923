//! A landing that only the merge itself tells of.

use super::*;

/// The laptop that made the merge died before it could tell; what the merge says is enough.
#[test]
fn a_merge_that_nobody_was_told_of_is_found_by_what_it_says() {
    let mut scene = Scene::fixed();
    scene.head = Head::Branch { name: "main".to_owned(), commit: id('a') };
    scene.refs.remove("refs/heads/hotfix/login-fails");
    // The control: a merge that a person made says nothing of the incident.
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('c'));
    assert!(scene.shown(&Ship::default()).contains("branch-gone"), "{}", scene.shown(&Ship::default()));
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('m'));
    let Then::Finish(status) = scene.plan(&Status::default()).unwrap().then else { panic!("status only looks") };
    assert_eq!(status.next.as_deref(), Some("git hotfix ship"));
    let landed =
        Landing::new(id('b'), vec![LandingLine { branch: "main".parse().unwrap(), from: id('a'), to: id('m') }]);
    let recorded = Action::record(vec![EventKind::Merged(landed.clone())]);
    assert_eq!(scene.plan(&Ship::default()).unwrap().actions, std::slice::from_ref(&recorded));
    // The same where its branch was fetched.
    scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('b'));
    assert_eq!(scene.plan(&Ship::default()).unwrap().actions, [recorded]);
    assert!(scene.shown(&Abort::default()).contains("is on origin/main already"), "{}", scene.shown(&Abort::default()));
    // Once.
    scene.events.push(EventKind::Merged(landed));
    assert!(!scene.shown(&Ship::default()).contains("already; recorded"), "{}", scene.shown(&Ship::default()));
}
