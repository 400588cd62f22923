//! Plans where production's branch has commits that are only here.

use super::*;

fn ahead(tip: char) -> Scene {
    let mut scene = Scene::calm();
    scene.head = Head::Branch { name: "main".to_owned(), commit: id(tip) };
    scene.refs.insert("refs/heads/main".to_owned(), id(tip));
    scene
}

fn open_told() -> Open {
    let [impact, source] = ["all", "a call"].map(|text| Some(text.to_owned()));
    Open { impact, source, ..open("Login fails", "critical") }
}

#[test]
fn commits_are_named_before_they_are_taken_along() {
    let mut scene = ahead('x');
    scene.answers.can_ask = true;
    insta::assert_snapshot!(scene.shown(&open_told()), @r#"
    note: main has 2 commits here that origin/main lacks, in 2 files:
      xxxxxxxxx say so
      bbbbbbbbb check the token
    then ask Confirm { topic: CarryCommits, text: "Is what main has only here the fix? It goes along to the new branch then, and ships." }
    "#);
    assert!(!Topic::CarryCommits.is_assumed() && Topic::Carry.is_assumed() && Topic::Plan.is_assumed());
    let list = "main has 2 commits here";
    for (answer, is_carried) in [(true, true), (false, false)] {
        scene.answers.confirmed = vec![(Topic::CarryCommits, answer)];
        assert_eq!(scene.shown(&open_told()).contains(list), is_carried);
    }
    // Nobody is there, and the plan names them all the same.
    scene.answers = Default::default();
    assert!(scene.shown(&Open { carry: true, ..open_told() }).contains(list));
    assert!(!scene.shown(&open_told()).contains(list));
}

#[test]
fn of_many_commits_the_newest_are_named() {
    let mut scene = ahead('a');
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('9'));
    let shown = scene.shown(&Open { carry: true, ..open_told() });
    assert!(
        shown.contains("main has 14 commits here that origin/main lacks, in 1 file:\n  aaaaaaaaa check the token\n"),
        "{shown}"
    );
    assert!(shown.contains("\n  and 9 more\n"), "{shown}");
}
