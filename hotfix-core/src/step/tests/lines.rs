//! Plans about release branches, tags and what production runs.

use crate::config::Config as Rules;
use crate::domain::{Carried, CarriedBy, RefName};
use crate::port::{ErrorKind, Rejection, Unfinished};
use crate::workflow::Plan;
use crate::workflow::action::query::{Answer, Examination, QueryError};
use crate::workflow::{Code, Outcome};

use super::*;

/// A fix with its pull request ready, and `develop` and an older release beside production.
fn with_lines() -> Scene {
    let mut scene = Scene::fixed();
    scene.config = rules("[release]\nlines = [\"main\", \"develop\", \"release/*\"]\ntag = \"v{version}\"\n");
    scene.refs.insert("refs/remotes/origin/develop".to_owned(), id('d'));
    scene.refs.insert("refs/tags/v1.4.2".to_owned(), id('a'));
    scene.events.push(guarded());
    scene.events.push(EventKind::Waived(test::nothing_to_run()));
    scene
}

fn rules(text: &str) -> Rules {
    Rules::resolve(Some(("hotfix.toml", text)), &|_| None, &|_| None).expect("the rules are right")
}

/// What the plan would do, a line each.
fn does(scene: &Scene, step: &dyn Step) -> String {
    scene.readable(&match scene.plan(step) {
        Ok(plan) => {
            plan.actions.iter().map(Action::view).chain(plan.ahead).map(|view| format!("{}\n", view.text)).collect()
        }
        Err(refusal) => refusal.to_string(),
    })
}

/// The command that comes next.
fn next(scene: &Scene, step: &dyn Step) -> Option<String> {
    let Ok(Plan { then: Then::Finish(outcome), .. }) = scene.plan(step) else { panic!("it is not finished") };
    outcome.next
}

#[test]
fn ship_lands_on_all_lines_with_the_next_tag() {
    let mut scene = with_lines();
    scene.events.retain(|event| !matches!(event, EventKind::Guarded(_)));
    insta::assert_snapshot!(does(&scene, &Ship::default()), @r#"
    check that the fix is minimal (1 file, 3 lines)
    push hotfix/login-fails to origin
    write the pull request "[HOTFIX] Login fails"
    merge bbbbbbbbb into main, develop, tag v1.4.3 and push all of it at once to origin
    delete hotfix/login-fails on origin
    bring main, tags/v1.4.3 here up to date
    switch to main
    delete hotfix/login-fails here
    "#);
}

#[test]
fn status_foresees_every_line() {
    let mut scene = with_lines();
    scene.refs.insert("refs/remotes/origin/develop".to_owned(), id('k'));
    scene.refs.insert("refs/remotes/origin/release/1.0".to_owned(), id('1'));
    scene.refs.insert("refs/remotes/origin/release/1.10".to_owned(), id('2'));
    scene.refs.insert("refs/remotes/origin/release/1.9".to_owned(), id('3'));
    let shown = scene.shown(&Status::default());
    insta::assert_snapshot!(shown.split("Release branches\n").nth(1).unwrap_or_default(), @"
    · main          merges cleanly
    ✗ develop       conflicts in src/login.go:7
    · release/1.10  merges cleanly
    ✓ release/1.9   has it already
    · release/1.0   merges cleanly
    ");
}

#[test]
fn a_line_that_would_get_more_than_the_fix_is_left_to_backport() {
    let mut scene = with_lines();
    scene.refs.insert("refs/remotes/origin/release/1.0".to_owned(), id('o'));
    scene.refs.insert("refs/remotes/origin/develop".to_owned(), id('f'));
    assert!(
        does(&scene, &Ship::default()).contains("into main, develop, tag v1.4.3"),
        "an integration branch gets it all"
    );
    let refusal = does(&scene, &Backport::default());
    assert_eq!(refusal, "the fix is not on origin/main yet");
    let mut landed = landed();
    landed.config = scene.config.clone();
    landed.refs.insert("refs/remotes/origin/release/1.0".to_owned(), id('o'));
    insta::assert_snapshot!(landed.shown(&Backport::default()), @r#"
    now   {"action":"carry","text":"pick 1 commit to release/1.0 and push it to origin","branch":"release/1.0","remote":"origin"}
    then look again
    "#);
}

/// The fix has landed; a pick is owed to this release branch.
fn owed(line: &str, tip: char) -> Scene {
    let mut scene = landed();
    scene.config = rules("[release]\nlines = [\"main\", \"release/*\"]\n");
    scene.refs.insert(format!("refs/remotes/origin/{line}"), id(tip));
    scene
}

#[test]
fn a_backport_tells_what_conflicts_beside_what_it_picks() {
    let mut scene = owed("release/0.8", 'n');
    assert_eq!(next(&scene, &Propagation::default()).as_deref(), Some("git hotfix backport --resolve"));
    scene.refs.insert("refs/remotes/origin/release/0.9".to_owned(), id('o'));
    let next = next(&scene, &Propagation::default());
    assert_eq!(next.as_deref(), Some("git hotfix backport"), "what goes cleanly goes first");
    insta::assert_snapshot!(scene.shown(&Backport::default()), @r#"
    now   {"action":"carry","text":"pick 1 commit to release/0.9 and push it to origin","branch":"release/0.9","remote":"origin"}
    note: release/0.8 conflicts in src/login.go:7
    then look again
    "#);
}

#[test]
fn what_is_settled_of_a_pick_is_a_pick() {
    let mut scene = owed("release/0.8", 'n');
    scene.refs.insert("refs/heads/hotfix/login-fails-into-release-0.8".to_owned(), id('v'));
    let plan = scene.plan(&Backport::default()).unwrap();
    let [Action::Merge(action::MergeAction::Carry { lines, .. })] = plan.actions.as_slice() else { panic!("{plan:?}") };
    assert_eq!(lines.iter().map(|line| line.arrival.by()).collect::<Vec<_>>(), [CarriedBy::Pick]);
}

#[test]
fn the_next_command_lays_out_what_stops_the_landing() {
    let mut scene = with_lines();
    scene.refs.insert("refs/remotes/origin/develop".to_owned(), id('k'));
    for step in [&Status::default() as &dyn Step, &Propagation::default()] {
        assert_eq!(next(&scene, step).as_deref(), Some("git hotfix ship --resolve"));
    }
    let production = scene.refs.insert("refs/remotes/origin/develop".to_owned(), id('d'));
    scene.refs.insert("refs/remotes/origin/main".to_owned(), production.unwrap());
    let next = next(&scene, &Propagation::default());
    assert_eq!(next.as_deref(), Some("git hotfix ship"), "a conflict with production is settled on the fix's branch");
}

#[test]
fn undo_names_all_release_branches_that_one_backport_reached() {
    let mut scene = owed("release/0.9", 'o');
    for line in ["release/0.9", "release/0.8"] {
        scene.events.push(EventKind::Carried(Carried::new(line.parse().unwrap(), CarriedBy::Pick, Some(id('v')))));
    }
    let shown = scene.shown(&Undo::default());
    let told = "fix picked to release/0.9 as vvvvvvvvv; fix picked to release/0.8 as vvvvvvvvv\n";
    assert!(shown.contains(told), "{shown}");
}

#[test]
fn a_conflict_with_a_line_offers_to_lay_it_out() {
    let mut scene = with_lines();
    scene.refs.insert("refs/remotes/origin/develop".to_owned(), id('k'));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"then offer Confirm { topic: Resolve, text: "develop conflicts in src/login.go:7. Lay the conflict with develop out to be settled?" }, or: hotfix/login-fails does not go everywhere: develop conflicts in src/login.go:7; nothing was changed"#);
    insta::assert_snapshot!(does(&scene, &Ship { resolve: true, ..Ship::default() }), @"lay the conflict with develop out in /shop-hotfix-login-fails-into-develop");
    let path = std::path::PathBuf::from("/shop-hotfix-login-fails-into-develop");
    let branch = Some("hotfix/login-fails-into-develop".to_owned());
    scene.worktrees.push(Worktree { path, branch, is_current: false, is_there: true, is_locked: false });
    scene.unfinished = Unfinished::Settled;
    insta::assert_snapshot!(does(&scene, &Ship::default()), @"commit what was settled in /shop-hotfix-login-fails-into-develop");
    scene.unfinished = Unfinished::Conflicts(vec!["src/login.go".to_owned()]);
    insta::assert_snapshot!(does(&scene, &Ship::default()), @"the conflict with develop is laid out in /shop-hotfix-login-fails-into-develop: src/login.go");
}

#[test]
fn a_line_that_takes_no_pushes_is_proposed_to_once_production_has_the_fix() {
    let mut scene = with_lines();
    scene.network = Network::Online;
    scene.answers.yes = true;
    let refused = Done::Rejected(Rejection {
        remote: "origin".to_owned(),
        name: RefName::of_branch("develop"),
        reason: "protected".to_owned(),
        address: None,
        moved: Vec::new(),
    });
    scene.done = vec![refused.clone()];
    scene.network = Network::AsOfLastFetch;
    assert!(does(&scene, &Ship::default()).contains("into main, tag v1.4.3"), "production lands without it");
    let mut landed = landed();
    landed.config = rules("[release]\nlines = [\"develop\"]\n");
    landed.refs.insert("refs/remotes/origin/develop".to_owned(), id('d'));
    landed.done = vec![refused];
    insta::assert_snapshot!(does(&landed, &Ship::default()), @"propose the fix for develop as hotfix/login-fails-into-develop");
    let proposed = Carried {
        branch: Some("x".parse().unwrap()),
        ..Carried::new("develop".parse().unwrap(), CarriedBy::Proposal, Some(id('d')))
    };
    landed.events.push(EventKind::Carried(proposed));
    assert!(!does(&landed, &Ship::default()).contains("develop"), "once is enough");
}

/// The fix is on production at GitHub, and `develop` has been proposed to by pull request 7.
fn proposed(by: CarriedBy) -> Scene {
    let mut scene = landed();
    scene.config = rules("[release]\nlines = [\"develop\"]\n");
    scene.settings.insert("remote.origin.url".to_owned(), "https://github.com/dev/shop".to_owned());
    scene.refs.insert("refs/remotes/origin/develop".to_owned(), id('d'));
    let carried = Carried {
        number: Some(7),
        branch: Some("x".parse().unwrap()),
        ..Carried::new("develop".parse().unwrap(), by, Some(id('e')))
    };
    scene.events.push(EventKind::Carried(carried));
    scene
}

#[test]
fn what_became_of_a_proposal_is_looked_at_once_in_a_run() {
    let mut scene = proposed(CarriedBy::Proposal);
    scene.network = Network::Online;
    insta::assert_snapshot!(does(&scene, &Propagation::default()), @"look at pull request #7 into develop");
    scene.done = vec![Done::ProposalSeen { line: "develop".parse().unwrap() }];
    assert!(!does(&scene, &Propagation::default()).contains("#7"));
    scene.done.clear();
    scene.network = Network::Offline;
    assert!(!does(&scene, &Propagation::default()).contains("#7"), "nobody may be asked");
}

#[test]
fn a_backport_goes_by_a_pull_request_where_a_service_hosts_the_repository() {
    let mut scene = proposed(CarriedBy::Closed);
    scene.answers.yes = true;
    scene.network = Network::AsOfLastFetch;
    insta::assert_snapshot!(does(&scene, &Backport::default()), @"propose the fix for develop as hotfix/login-fails-into-develop");
    scene.settings.clear();
    insta::assert_snapshot!(does(&scene, &Backport::default()), @"merge bbbbbbbbb into develop and push it to origin");
}

#[test]
fn a_proposal_that_somebody_closed_leaves_its_line_open() {
    let open = proposed(CarriedBy::Proposal);
    assert!(!open.shown(&answered()).contains("develop lacks the fix"));
    let closed = proposed(CarriedBy::Closed);
    assert!(closed.shown(&Close::default()).contains("develop lacks the fix"));
    let shown = closed.shown(&Propagation::default());
    insta::assert_snapshot!(shown.lines().find(|line| line.contains("develop")).unwrap_or_default(), @"  · develop  merges cleanly: somebody closed #7");
}

#[test]
fn close_waits_for_every_line() {
    let mut scene = landed();
    scene.config = rules("[release]\nlines = [\"develop\"]\n");
    scene.refs.insert("refs/remotes/origin/develop".to_owned(), id('d'));
    insta::assert_snapshot!(scene.shown(&Close::default()), @r#"
    precondition not-complete: HF-2026-00000000 cannot close yet: develop lacks the fix
    hint: git hotfix ship
    hint: git hotfix propagation --waive develop --reason "..."   # if it need not
    hint: or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    let waived = Carried {
        reason: Some("gone".to_owned()),
        ..Carried::new("develop".parse().unwrap(), CarriedBy::Waiver, None)
    };
    scene.events.push(EventKind::Carried(waived));
    assert!(!scene.shown(&answered()).contains("cannot close yet"));
}

/// What a command that finishes at once says.
fn finished(scene: &Scene, step: &dyn Step) -> Outcome {
    match scene.plan(step).map(|plan| plan.then) {
        Ok(Then::Finish(outcome)) => *outcome,
        other => panic!("it does not finish: {other:?}"),
    }
}

#[test]
fn release_branches_that_are_named_are_known_before_the_first_commit() {
    let mut scene = with_lines();
    scene.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('a') };
    scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('a'));
    let hints = finished(&scene, &Propagation::default()).hints;
    assert_eq!(hints, ["hotfix/login-fails holds no commit of its own yet"]);
}

#[test]
fn a_hotfix_that_several_release_branches_lack_is_counted_once() {
    let mut scene = landed();
    scene.config = rules("[release]\nlines = [\"release/*\"]\n");
    scene.refs.insert("refs/remotes/origin/release/1.0".to_owned(), id('1'));
    scene.refs.insert("refs/remotes/origin/release/1.10".to_owned(), id('2'));
    insta::assert_snapshot!(scene.shown(&Propagation { check: true, ..Propagation::default() }), @"
    release/1.10 lacks ccccccccc Merge hotfix: Login fails
    release/1.0 lacks ccccccccc Merge hotfix: Login fails
    then fail: 1 hotfix on origin/main never reached a release branch
    ");
}

/// `release/1.0` was fetched alone and without its history, so that it may have the fix.
fn cut_off() -> Scene {
    let mut scene = with_lines();
    scene.config = rules("[release]\nlines = [\"develop\", \"release/*\"]\n");
    scene.refs.insert("refs/remotes/origin/release/1.0".to_owned(), id('1'));
    scene.cuts.push(id('1'));
    scene
}

#[test]
fn of_a_line_whose_history_is_cut_off_it_is_said_that_it_cannot_be_told() {
    let scene = cut_off();
    let shown = scene.shown(&Propagation::default());
    insta::assert_snapshot!(shown, @"
    then finish:
      · main         merges cleanly
      · develop      merges cleanly
      ? release/1.0  cannot be told: history is cut off (a shallow clone); git fetch --unshallow
    ");
    assert!(scene.shown(&Status::default()).contains("? release/1.0  cannot be told: history is cut off"));
}

#[test]
fn a_line_whose_history_is_cut_off_holds_up_no_landing() {
    let does = does(&cut_off(), &Ship::default());
    assert!(does.contains("into main, develop and push"), "{does}");
    let mut scene = landed();
    let Scene { config, refs, cuts, .. } = cut_off();
    (scene.config, scene.cuts) = (config, cuts);
    scene.refs.extend(refs.into_iter().filter(|(name, _)| name.contains("release")));
    let shipped = finished(&scene, &Ship { skip_deploy: true, ..Ship::default() });
    assert!(shipped.failure.is_none(), "{:?}", shipped.failure);
    insta::assert_snapshot!(scene.readable(&shipped.text), @"
    merged hotfix/login-fails into origin/main as ccccccccc
      ? release/1.0  cannot be told: history is cut off (a shallow clone); git fetch --unshallow
    ");
    let next = finished(&scene, &Propagation::default()).next.unwrap_or_default();
    assert_eq!(next, "git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'");
    let cannot = "whether release/1.0 has the fix cannot be told: history is cut off";
    let close = scene.plan(&Close::default()).unwrap_err();
    assert!(close.message.ends_with(cannot) && close.hints.contains(&next), "{close} {:?}", close.hints);
    let failure = finished(&scene, &Backport::default()).failure.expect("it is not known");
    assert_eq!((failure.code, failure.message.as_str()), (Code::Shallow, cannot));
}

#[test]
fn a_fix_that_was_reverted_is_not_shipped() {
    let mut scene = landed();
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('7'));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    needs-human reverted: the fix was taken out of origin/main again by 777777777; merging its branch once more would not bring it back
    hint: git hotfix revert 777777777 --severity critical   # brings it back
    hint: git hotfix close --reason "reverted"   # it stays out
    "#);
    // The revert was reverted.
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('8'));
    scene.head = Head::Branch { name: "main".to_owned(), commit: id('8') };
    assert!(scene.shown(&Ship::default()).contains("merged hotfix/login-fails"));
}

#[test]
fn a_throw_away_commit_is_signed_before_anything_else() {
    let mut scene = with_lines();
    scene.network = Network::Offline;
    scene.remotes = Vec::new();
    scene.events = vec![
        EventKind::Opened(Box::new(Opened {
            production: Production { branch: "main".parse().unwrap(), remote: None },
            ..opened()
        })),
        EventKind::BranchCreated { branch: "hotfix/login-fails".parse().unwrap(), commit: id('a') },
    ];
    scene.answers.yes = true;
    scene.settings.insert("commit.gpgSign".to_owned(), "true".to_owned());
    assert_eq!(does(&scene, &Ship::default()), "sign a throw-away commit\n");
    let trouble = QueryError { message: "no secret key".to_owned(), hint: None, kind: ErrorKind::CheckFailed };
    scene.done = vec![Done::Examined { examination: Examination::Signing, answer: Err(trouble) }];
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"
    precondition signing: signing does not work, and nothing was changed: no secret key
    hint: git hotfix doctor   # tries it with a throw-away commit
    ");
    scene.done = vec![Done::Examined { examination: Examination::Signing, answer: Ok(Answer::Text(String::new())) }];
    assert!(!does(&scene, &Ship::default()).contains("sign"));
}

#[test]
fn the_tag_is_what_it_was_asked_to_be() {
    let scene = with_lines();
    let tag = |name: &str| Ship { tag: Some(name.to_owned()), ..Ship::default() };
    assert!(does(&scene, &tag("release-7")).contains("tag release-7"));
    insta::assert_snapshot!(scene.shown(&tag("v1.4.2")), @"
    needs-human tag-exists: a tag v1.4.2 is here already; nothing was changed
    hint: git hotfix ship --tag <another>
    ");
    insta::assert_snapshot!(scene.shown(&tag("-d")), @"usage tag: --tag: git has no tag of the name `-d`");
    let mut none = with_lines();
    none.refs.remove("refs/tags/v1.4.2");
    insta::assert_snapshot!(none.shown(&Ship::default()), @"
    usage tag: --tag is required: no release is tagged v{version} yet
    hint: git hotfix ship --tag v1.0.1
    ");
    none.config = rules("");
    let message = Ship { message: Some("x".to_owned()), ..Ship::default() };
    insta::assert_snapshot!(none.shown(&message), @r#"
    usage message: --message is the annotation of a tag, and none is made here
    hint: name one: --tag v1.2.3, or set [release] tag = "v{version}"
    "#);
}

/// `main` is ahead of the tag that production runs.
fn behind() -> Scene {
    let mut scene = Scene::calm();
    scene.config = rules("[production]\ntag = \"v*\"\n");
    scene.refs.insert("refs/tags/v1.4.2".to_owned(), id('9'));
    scene
}

#[test]
fn open_asks_from_where_when_production_is_behind_its_branch() {
    let mut scene = behind();
    insta::assert_snapshot!(scene.shown(&open("Login fails", "high")), @r#"then ask Confirm { topic: Base, text: "main is 14 commits ahead of production (v1.4.2); start from v1.4.2, so that the fix ships alone? (no: from origin/main)" }, or take it for a yes"#);
    scene.answers.confirmed = vec![(Topic::Base, true)];
    insta::assert_snapshot!(scene.shown(&open("Login fails", "high")), @r#"
    now   {"action":"open-incident","text":"open HF-2026-00000000","events":["opened","base-chosen"]}
    now   {"action":"create-branch","text":"create hotfix/login-fails at 999999999 and switch to it","branch":"hotfix/login-fails","commit":"9999999999999999999999999999999999999999"}
    now   {"action":"record","text":"record \"branch hotfix/login-fails created at 999999999\"","events":["branch-created"]}
    note: main is 14 commits ahead of production (v1.4.2): base = v1.4.2; what ships later: check the token, count the sales, count the sales, ...
    then look again
    "#);
    scene.answers.confirmed = vec![(Topic::Base, false)];
    let shown = scene.shown(&open("Login fails", "high"));
    assert!(shown.contains("note: 14 more commits ship with the fix") && !shown.contains("base-chosen"), "{shown}");
}

#[test]
fn what_production_runs_may_be_asked() {
    let mut scene = behind();
    scene.config = rules("[production]\ndeployed = [\"running\"]\n");
    assert_eq!(does(&scene, &open("Login fails", "high")), "ask what production runs: running\n");
    let examination = Examination::Deployed(action::ProductionCheck::Command(vec!["running".to_owned()].into()));
    let trouble = QueryError { message: "`running` failed".to_owned(), hint: None, kind: ErrorKind::CheckFailed };
    scene.done = vec![Done::Examined { examination, answer: Err(trouble) }];
    insta::assert_snapshot!(scene.shown(&open("Login fails", "high")), @"
    needs-human deployed-unknown: what production runs cannot be told: `running` failed
    hint: name it: --base <commit or tag>, or --base origin/main
    ");
}

#[test]
fn git_flows_production_branch_counts_where_it_is_there() {
    let mut scene = Scene::calm();
    scene.refs.insert("refs/remotes/origin/stable".to_owned(), id('c'));
    for (branch, expected) in [("stable", "at ccccccccc"), ("gone", "at aaaaaaaaa")] {
        scene.settings.insert("gitflow.branch.master".to_owned(), branch.to_owned());
        let plan = does(&scene, &open("Login fails", "high"));
        assert!(plan.contains(expected), "{plan}");
    }
}
