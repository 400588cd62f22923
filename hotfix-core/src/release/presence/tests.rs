//! Histories that people make by hand, on real repositories.

use std::sync::OnceLock;

use crate::adapter::tests::sandbox::{Clone, Sandbox};
use crate::adapter::tests::template::RepositoryTemplate;
use crate::domain::EventKind;
use crate::domain::event::{Base, Landing, LandingLine, Opened, Production};
use crate::step::tests::scene::{Scene, opened};

use super::*;

/// `main` is production, and `release/1.0` an older release; the fix changes a line and adds a file, in two commits. Since it
/// began, production went on.
const BEFORE: &str = "
    write app 1 2 3 4 5 6 7 8 9
    commit Start
    branch release/1.0
    write next x
    commit Next
    tag base
    switch --create hotfix/login-fails
    write app 1 TWO 3 4 5 6 7 8 9
    commit Fix the login
    tag first
    write guard on
    commit Guard the login
    tag fix
    switch main
    write other x
    commit Meanwhile
    tag meanwhile
";

/// What comes after: on which branch, the history, and what is said of the fix.
const HISTORIES: [(&str, &str, &str, &str); 46] = [
    ("nothing was merged", "main", "", "absent"),
    ("a merge", "main", "merge --no-ff fix; tag by; write later x; commit Later", "present by"),
    ("a fast-forward", "main", "reset --hard base; merge --ff-only fix; write later x; commit Later", "present fix"),
    ("a squash", "main", "merge --squash fix; commit Squashed; tag by; write later x; commit Later", "present by"),
    (
        "a squash, and the same lines changed since",
        "main",
        "merge --squash fix; commit Squashed; tag by; write app 1 THREE 3 4 5 6 7 8 9; write guard off; commit Later",
        "present by",
    ),
    (
        "a rebase",
        "main",
        "switch --create rebased fix; rebase main; switch main; merge --ff-only rebased; tag by; write later x; commit Later",
        "present by",
    ),
    ("picks", "main", "cherry-pick first fix; tag by; write later x; commit Later", "present by"),
    ("picks that say so", "main", "cherry-pick -x first fix; tag by; write later x; commit Later", "present by"),
    (
        "picks with something between",
        "main",
        "cherry-pick first; write later x; commit Later; cherry-pick fix; tag by; write last x; commit Last",
        "present by",
    ),
    ("one of two commits picked", "main", "cherry-pick -x first; write later x; commit Later", "absent"),
    ("a part of the branch merged", "main", "merge --no-ff first; write later x; commit Later", "absent"),
    (
        "a merge that was reverted",
        "main",
        "merge --no-ff fix; tag by; revert --mainline 1 by; tag revert",
        "reverted by revert",
    ),
    (
        "a merge that was reverted, and work since",
        "main",
        "merge --no-ff fix; tag by; revert --mainline 1 by; tag revert; write later x; commit Later",
        "reverted by revert",
    ),
    (
        "a revert that was reverted",
        "main",
        "merge --no-ff fix; tag by; revert --mainline 1 by; revert HEAD; write later x; commit Later",
        "present by",
    ),
    (
        "a fix that was taken out three times and brought back twice",
        "main",
        "merge --no-ff fix; tag by; revert --mainline 1 by; revert HEAD; revert HEAD; tag revert",
        "reverted by revert",
    ),
    (
        "a merge elsewhere that was merged and reverted, and the same lines changed since",
        "main",
        "merge --no-ff fix; tag landed; switch --create develop meanwhile; merge --no-ff fix; tag landed-elsewhere; \
         switch main; merge --no-ff develop; revert --mainline 1 landed-elsewhere; tag revert; \
         write app 1 THREE 3 4 5 6 7 8 9; write guard off; commit Later",
        "reverted landed revert",
    ),
    (
        "one of two commits reverted",
        "main",
        "merge --no-ff fix; tag by; revert first; tag revert",
        "reverted by revert",
    ),
    (
        "a revert, and picks since",
        "main",
        "merge --no-ff fix; tag by; revert --mainline 1 by; cherry-pick -x first fix",
        "present by",
    ),
    (
        "a revert, and the change made once more by hand",
        "main",
        "merge --no-ff fix; tag by; revert --mainline 1 by; write app 1 TWO 3 4 5 6 7 8 9; write guard on; commit Again",
        "present by",
    ),
    (
        "undone without a word",
        "main",
        "merge --no-ff fix; tag by; checkout meanwhile -- app; rm guard; commit Undo; tag undone; write later x; commit Later",
        "reverted by undone",
    ),
    (
        "a fast-forward whose commits were reverted",
        "main",
        "reset --hard base; merge --ff-only fix; revert fix first; tag revert; write later x; commit Later",
        "reverted fix HEAD~2",
    ),
    (
        "a squash that was reverted",
        "main",
        "merge --squash fix; commit Squashed; tag by; revert HEAD; tag revert",
        "reverted by revert",
    ),
    (
        "a squash that was reverted, and squashed once more",
        "main",
        "merge --squash fix; commit Squashed; revert HEAD; write x x; commit X; merge --squash fix; commit Again; tag by",
        "present by",
    ),
    (
        "merged into another branch that was merged",
        "main",
        "switch --create develop; write dev x; commit Develop; merge --no-ff fix; switch main; write later x; commit Later; \
         merge --no-ff develop; tag by",
        "present by",
    ),
    (
        "a merge that kept its own side",
        "main",
        "merge --no-ff --strategy ours fix; tag by; write later x; commit Later",
        "present by",
    ),
    (
        "a squash, long ago",
        "main",
        "merge --squash fix; commit Squashed; tag by; many 40; write last x; commit Last",
        "present by",
    ),
    (
        "an octopus",
        "main",
        "switch --create topic; write topic x; commit Topic; switch main; write later x; commit Later; merge --no-ff fix topic; tag by",
        "present by",
    ),
    (
        "a merge whose conflict somebody settled",
        "main",
        "write app 1 2a 3 4 5 6 7 8 9; commit Conflict; try merge --no-ff fix; write app 1 TWOa 3 4 5 6 7 8 9; commit Settled; \
         tag by; write later x; commit Later",
        "present by",
    ),
    (
        "picked, and merged since",
        "main",
        "cherry-pick first fix; write later x; commit Later; merge --no-ff fix; tag by",
        "present by",
    ),
    (
        "a branch that is gone",
        "main",
        "merge --no-ff fix; tag by; branch --delete --force hotfix/login-fails",
        "present by",
    ),
    (
        "the very same change by somebody else",
        "main",
        "write app 1 TWO 3 4 5 6 7 8 9; write guard on; commit Mine; tag by",
        "present by",
    ),
    ("half of the very same change", "main", "write app 1 TWO 3 4 5 6 7 8 9; commit Mine", "absent"),
    (
        "a production that was rewritten",
        "main",
        "merge --no-ff fix; tag landed; reset --hard meanwhile; write later x; commit Later",
        "absent",
    ),
    (
        "a production that was rewritten, and has the fix once more",
        "main",
        "merge --no-ff fix; tag landed; reset --hard base; write later x; commit Later; cherry-pick first fix; tag by",
        "present by",
    ),
    (
        "a backport",
        "release/1.0",
        "switch release/1.0; cherry-pick -x first fix; tag by; write later x; commit Later",
        "present by",
    ),
    (
        "a backport that was merged by hand",
        "release/1.0",
        "switch release/1.0 --create backport; cherry-pick -x first fix; switch release/1.0; merge --no-ff backport; tag by",
        "present by",
    ),
    (
        "a backport whose conflict somebody settled",
        "release/1.0",
        "switch release/1.0; write app 1 b 3 4 5 6 7 8 9; commit Old; try cherry-pick -x first; write app 1 TWOb 3 4 5 6 7 8 9; \
         add app; cherry-pick --continue; cherry-pick -x fix; tag by; write later x; commit Later",
        "present by",
    ),
    (
        "a backport that was reverted",
        "release/1.0",
        "switch release/1.0; cherry-pick -x first fix; tag by; revert HEAD; tag revert; write later x; commit Later",
        "reverted by revert",
    ),
    (
        "all of production",
        "release/1.0",
        "merge --no-ff fix; switch release/1.0; write old x; commit Old; merge --no-ff main; tag by; write later x; commit Later",
        "present by",
    ),
    (
        "a pick of the merge, whose conflict somebody settled",
        "release/1.0",
        "merge --no-ff fix; tag landed; switch release/1.0; write app 1 b 3 4 5 6 7 8 9; commit Old; \
         try cherry-pick -x --mainline 1 landed; write app 1 TWOb 3 4 5 6 7 8 9; add app; cherry-pick --continue; tag by; \
         write later x; commit Later",
        "present by",
    ),
    (
        "a pick of the merge, whose conflict somebody settled, that was reverted",
        "release/1.0",
        "merge --no-ff fix; tag landed; switch release/1.0; write app 1 b 3 4 5 6 7 8 9; commit Old; \
         try cherry-pick -x --mainline 1 landed; write app 1 TWOb 3 4 5 6 7 8 9; add app; cherry-pick --continue; tag by; \
         revert HEAD; tag revert",
        "reverted by revert",
    ),
    (
        "picked, merged with more, and then taken out",
        "release/1.0",
        "merge --no-ff fix; switch release/1.0; cherry-pick first fix; merge --no-ff main; tag by; revert fix first; tag revert",
        "reverted by revert",
    ),
    (
        "picked, merged with more, and still there",
        "release/1.0",
        "merge --no-ff fix; switch release/1.0; cherry-pick first fix; merge --no-ff main; tag by; write old x; commit Old; \
         revert HEAD",
        "present by",
    ),
    (
        "merged with the revert that somebody made elsewhere",
        "release/1.0",
        "merge --no-ff fix; switch release/1.0; cherry-pick first fix; revert HEAD HEAD~1; switch --create side main; \
         revert fix first; tag revert; switch release/1.0; merge --no-ff side; tag by",
        "reverted by revert",
    ),
    (
        "picked, and merged with the revert that somebody made elsewhere",
        "release/1.0",
        "merge --no-ff fix; switch release/1.0; cherry-pick first fix; switch --create side main; revert fix first; \
         switch release/1.0; merge --no-ff side; tag by",
        "present by",
    ),
    (
        "a revert that names the merge in short, and the same lines changed since",
        "main",
        "merge --no-ff fix; tag by; revert --mainline 1 --reference by; tag revert; write app 1 THREE 3 4 5 6 7 8 9; commit Later",
        "reverted by revert",
    ),
];

/// Runs one line: git's command, or what a person does to a file.
fn run(clone: &Clone, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [] => {}
        ["write", path, lines @ ..] => clone.write(path, &format!("{}\n", lines.join("\n"))),
        ["many", times] => {
            for number in 0..times.parse::<usize>().expect("a number") {
                clone.git(["commit", "--quiet", "--allow-empty", "--message", &format!("Later {number}")]);
            }
        }
        ["commit", message @ ..] => drop(clone.commit_all(&message.join(" "))),
        ["try", command @ ..] => assert!(!clone.run(command).status.success(), "{line} does not conflict"),
        ["revert", rest @ ..] => drop(clone.git([&["revert", "--no-edit"], rest].concat())),
        ["merge", rest @ ..] => drop(clone.git([&["-c", "core.editor=true", "merge"], rest].concat())),
        command => drop(clone.git([&["-c", "core.editor=true"], command].concat())),
    }
}

/// A repository in which all of [`BEFORE`] happened.
fn began(sandbox: &Sandbox) -> Clone {
    static TEMPLATE: OnceLock<RepositoryTemplate> = OnceLock::new();
    sandbox.as_in(&TEMPLATE, "clone", |clone| BEFORE.lines().for_each(|line| run(clone, line)))
}

/// The incident, as it would be recorded; what is tagged `landed` is recorded to have landed.
fn scene(clone: &Clone) -> Scene {
    let mut scene = Scene::calm();
    scene.config = crate::config::Config::resolve(
        Some(("hotfix.toml", "[release]\nlines = [\"release/*\"]\n")),
        &|_| None,
        &|_| None,
    )
    .expect("the rules are right");
    scene.events.push(EventKind::Opened(Box::new(Opened {
        base: Base { reference: "main".to_owned(), commit: clone.id("base") },
        production: Production { branch: "main".parse().unwrap(), remote: None },
        ..opened()
    })));
    let is_there = |tag: &&str| clone.run(["rev-parse", "--verify", "--quiet", *tag]).status.success();
    let lines = [("main", "landed"), ("develop", "landed-elsewhere")].into_iter().filter(|(_, tag)| is_there(tag));
    let line = |(branch, tag): (&str, &str)| LandingLine {
        branch: branch.parse().unwrap(),
        from: clone.id("meanwhile"),
        to: clone.id(tag),
    };
    let lines: Vec<LandingLine> = lines.map(line).collect();
    if !lines.is_empty() {
        let landing = Landing { head: clone.id("fix"), lines, tag: None, past_rules: None };
        scene.events.push(EventKind::Merged(landing));
    }
    scene
}

fn ask(clone: &Clone, branch: &str) -> Presence {
    let repository = clone.open();
    repository.only_look();
    let objects = clone.git(["count-objects", "-v"]);
    let head = clone.id("fix");
    let found = scene(clone).ask(&repository, |context| {
        let incident = context.incident().expect("it is open");
        let branch =
            ReleaseBranch { branch: BranchName::known(branch), tip: clone.id(&format!("refs/heads/{branch}")) };
        let fix = Fix::new(context, incident, &head).expect("the repository can be read");
        of(&fix, &branch).expect("the repository can be read")
    });
    assert_eq!(clone.git(["count-objects", "-v"]), objects, "a look writes nothing");
    found
}

/// What is expected of a history, by its tags.
fn expected(clone: &Clone, text: &str) -> Presence {
    let id = |name: &str| clone.id(&format!("{name}^{{commit}}"));
    match text.split(' ').collect::<Vec<_>>().as_slice() {
        ["present", by] => Presence::Present { by: id(by) },
        ["reverted", by, revert] => Presence::Reverted { by: id(by), revert: id(revert) },
        _ => Presence::Absent,
    }
}

#[test]
fn whether_a_branch_has_the_fix_and_by_which_commit() {
    let mut wrong = Vec::new();
    for (name, branch, history, says) in HISTORIES {
        let sandbox = Sandbox::new();
        let clone = began(&sandbox);
        history.split(';').for_each(|line| run(&clone, line));
        let (found, expected) = (ask(&clone, branch), expected(&clone, says));
        if found != expected {
            wrong.push(format!(
                "{name}: {found:?}\nexpected {expected:?}\n{}\n",
                clone.git(["log", "--graph", "--oneline", "--all"])
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A commit that changes nothing is nowhere to be seen in a tree.
#[test]
fn empty_commits_neither_hide_nor_feign_a_fix() {
    for (more, history, says) in [
        ("fix", "cherry-pick first fix~1; tag by; write later x; commit Later", "present by"),
        ("base", "write later x; commit Later", "absent"),
        ("base", "merge --no-ff fix; tag by", "present by"),
    ] {
        let sandbox = Sandbox::new();
        let clone = began(&sandbox);
        let empty = [format!("switch --detach {more}"), "commit Nothing".to_owned(), "tag --force fix".to_owned()];
        let after = std::iter::once("switch main".to_owned()).chain(history.split(';').map(str::to_owned));
        for line in empty.into_iter().chain(after) {
            run(&clone, &line);
        }
        assert_eq!(ask(&clone, "main"), expected(&clone, says), "{history}");
    }
}
