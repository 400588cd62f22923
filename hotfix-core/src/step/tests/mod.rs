//! Plans, as data: what each step wants to do in a given scene, without doing it.

use crate::domain::event::{
    DeployFinished, DeployPart, DeployStarted, Ending, ExplainTopic, GuardRun, Landing, LandingLine, Opened, Origin,
    Production, Suite, TestRun, Triaged,
};
use crate::domain::{EventKind, Proof, RefName, Verdict};
use crate::evidence::Redactor;
use crate::port::{Head, RemoteRefs, WorkTreeState, Worktree};
use crate::workflow::{Action, Done, Network, RecordAction, Refusal, Step, Then, Topic, action, mask_request};
use jiff::Timestamp;

use super::*;
use scene::{Scene, id, opened, tree};

mod aftermath;
mod carry;
mod checkout;
mod lines;
mod not_proven;
pub(crate) mod scene;
mod status;
mod uncommitted;
mod untold;

fn open(title: &str, severity: &str) -> Open {
    Open { title: Some(title.to_owned()), severity: Some(severity.to_owned()), ..Open::default() }
}

fn guarded() -> EventKind {
    EventKind::Guarded(GuardRun { tree: tree('b'), files: 1, lines: 3, reverts: Vec::new(), findings: Vec::new() })
}

pub(crate) fn tested(ending: Ending) -> EventKind {
    EventKind::Tested(TestRun {
        suite: Suite::Affected,
        command: ["go", "test", "-v", "./..."].map(str::to_owned).to_vec().into(),
        folder: None,
        tree: tree('b'),
        ending,
        exit_code: Some(i32::from(ending != Ending::Passed)),
        milliseconds: 1_200,
        files: Vec::new(),
        part: None,
        counts: None,
        unfinished: None,
        by_exit_code: false,
        ignored: Vec::new(),
        output: String::new(),
    })
}

fn proved(verdict: Verdict) -> EventKind {
    EventKind::Proved(Proof {
        tree: tree('b'),
        base: id('a'),
        verdict,
        profile: None,
        lints_capped: false,
        tests: Vec::new(),
        unchanged: 0,
        arguments: Vec::new(),
        unproven: Vec::new(),
        remarks: Vec::new(),
    })
}

fn landing() -> Landing {
    let line = LandingLine { branch: "main".parse().unwrap(), from: id('a'), to: id('c') };
    Landing { head: id('b'), lines: vec![line], tag: None, past_rules: None }
}

/// The fix is merged and pushed, and the branch is gone.
fn landed() -> Scene {
    let mut scene = Scene::fixed();
    scene.head = Head::Branch { name: "main".to_owned(), commit: id('c') };
    scene.refs.remove("refs/heads/hotfix/login-fails");
    scene.refs.insert("refs/heads/main".to_owned(), id('c'));
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('c'));
    scene.events.push(EventKind::Merged(landing()));
    scene
}

#[test]
fn every_file_of_the_folder_is_a_module() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/step");
    let listed = include_str!("../mod.rs");
    for entry in std::fs::read_dir(folder).expect("the folder of the steps is there") {
        let name = entry.expect("an entry").file_name().to_string_lossy().trim_end_matches(".rs").to_owned();
        let known = name.starts_with('.') || name == "mod" || listed.contains(&format!("mod {name};"));
        assert!(known, "{name}.rs is not listed in step/mod.rs");
    }
}

#[test]
fn open_branches_from_what_production_runs() {
    let mut scene = Scene::calm();
    scene.state.untracked = vec!["notes.txt".to_owned()];
    insta::assert_snapshot!(scene.shown(&open("Login fails", "sev1")), @r#"
    now   {"action":"open-incident","text":"open HF-2026-00000000","events":["opened"]}
    now   {"action":"create-branch","text":"create hotfix/login-fails at aaaaaaaaa and switch to it","branch":"hotfix/login-fails","commit":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
    now   {"action":"record","text":"record \"branch hotfix/login-fails created at aaaaaaaaa\"","events":["branch-created"]}
    note: untracked files stay where they are: notes.txt
    then look again
    "#);
}

#[test]
fn open_asks_the_remote_first() {
    let mut scene = Scene::calm();
    scene.network = Network::Online;
    insta::assert_snapshot!(scene.shown(&open("Login fails", "critical")), @r#"
    now   {"action":"inspect-remote","text":"fetch origin: main and hotfix/login-fails","remote":"origin"}
    then look again
    "#);

    let room = ["refs/heads/hotfix", "refs/heads/hotfix/login-fails/*"];
    let asked =
        ["refs/heads/main", "refs/heads/hotfix/login-fails"].into_iter().chain(room).map(RefName::known).collect();
    let refs =
        RemoteRefs { default_branch: None, aliases: Vec::new(), refs: vec![(RefName::of_branch("main"), id('9'))] };
    scene.done = vec![Done::Inspected { remote: "origin".to_owned(), asked, refs }];
    insta::assert_snapshot!(scene.shown(&open("Login fails", "critical")), @r#"
    now   {"action":"fetch","text":"fetch main from origin","branch":"main","remote":"origin"}
    then look again
    "#);
}

#[test]
fn open_fast_forwards_a_production_branch_that_is_behind() {
    let mut scene = Scene::calm();
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('d'));
    insta::assert_snapshot!(scene.shown(&open("Login fails", "critical")), @r#"
    now   {"action":"open-incident","text":"open HF-2026-00000000","events":["opened"]}
    now   {"action":"create-branch","text":"create hotfix/login-fails at ddddddddd and switch to it","branch":"hotfix/login-fails","commit":"dddddddddddddddddddddddddddddddddddddddd"}
    now   {"action":"record","text":"record \"branch hotfix/login-fails created at ddddddddd\"","events":["branch-created"]}
    now   {"action":"update-ref","text":"bring main to ddddddddd","branch":"main","commit":"dddddddddddddddddddddddddddddddddddddddd"}
    then look again
    "#);
}

#[test]
fn open_leaves_uncommitted_work_alone() {
    let mut scene = Scene::calm();
    scene.state = WorkTreeState { changed: vec!["src/cart.rs".to_owned()], ..WorkTreeState::default() };
    insta::assert_snapshot!(scene.shown(&open("Login fails", "critical")), @r#"then offer Confirm { topic: Worktree, text: "Uncommitted work here stays untouched in a work tree of the fix's own. Open it there?" }, or: Stash or commit current work first — hotfixes branch from clean main. Uncommitted: src/cart.rs"#);

    let apart = Open { worktree: Some(String::new()), ..open("Login fails", "critical") };
    insta::assert_snapshot!(scene.shown(&apart), @r#"
    now   {"action":"open-incident","text":"open HF-2026-00000000","events":["opened"]}
    now   {"action":"create-branch","text":"create hotfix/login-fails at aaaaaaaaa and switch to it in /shop-hotfix-login-fails","branch":"hotfix/login-fails","commit":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
    now   {"action":"record","text":"record \"branch hotfix/login-fails created at aaaaaaaaa\"","events":["branch-created"]}
    then look again
    "#);
}

#[test]
fn open_refuses_a_branch_of_somebody_else() {
    let mut scene = Scene::calm();
    scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('d'));
    insta::assert_snapshot!(scene.shown(&open("Login fails", "critical")), @"
    needs-human branch-exists: a branch hotfix/login-fails exists here and belongs to no open incident
    hint: git hotfix open 'Login fails' --severity critical --take-over   # go on with that branch
    hint: git hotfix open 'Login fails' --severity critical --slug login-fails-2   # or use another name
    ");

    let taken = Open { take_over: true, ..open("Login fails", "critical") };
    insta::assert_snapshot!(scene.shown(&taken), @r#"
    now   {"action":"open-incident","text":"open HF-2026-00000000","events":["opened"]}
    now   {"action":"switch","text":"switch to hotfix/login-fails","branch":"hotfix/login-fails"}
    now   {"action":"record","text":"record \"branch hotfix/login-fails created at ddddddddd\"","events":["branch-created"]}
    then look again
    "#);
}

#[test]
fn open_wants_a_title_and_a_severity() {
    insta::assert_snapshot!(Scene::calm().shown(&open(" \t", "critical")), @"usage title: TITLE: say in a few words what is broken");
    insta::assert_snapshot!(Scene::calm().shown(&open("Login fails", "P9")), @"
    usage severity: --severity: unknown severity `P9`
    hint: critical (p0, sev1, sev-1): down, or data at risk, for many users
    hint: high (p1, sev2, sev-2): a main function is broken for a part of the users
    hint: medium (p2, sev3, sev-3): users are hindered but can work
    ");
    insta::assert_snapshot!(Scene::calm().shown(&Open { title: Some("Login fails".to_owned()), ..Open::default() }), @"then ask how bad it is: critical, high, medium");
}

#[test]
fn ship_asks_once_for_the_whole_plan() {
    let scene = Scene::fixed();
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    ahead {"action":"record","text":"check that the fix is minimal (1 file, 3 lines)","events":["guarded"]}
    ahead {"action":"run-tests","text":"run go test -v ./...","command":["go","test","-v","./..."]}
    ahead {"action":"push","text":"push hotfix/login-fails to origin","branch":"hotfix/login-fails","remote":"origin"}
    ahead {"action":"open-pull-request","text":"write the pull request \"[HOTFIX] Login fails\"","branch":"hotfix/login-fails","commit":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}
    ahead {"action":"merge","text":"merge bbbbbbbbb into main and push it to origin","branch":"main","commit":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","remote":"origin"}
    ahead {"action":"delete-remote-branch","text":"delete hotfix/login-fails on origin","branch":"hotfix/login-fails","remote":"origin"}
    ahead {"action":"update-ref","text":"bring main to the merge","branch":"main"}
    ahead {"action":"switch","text":"switch to main","branch":"main"}
    ahead {"action":"delete-branch","text":"delete hotfix/login-fails here","branch":"hotfix/login-fails"}
    note: no regression test: the change touches none, and the pull request says so
    then ask Confirm { topic: Plan, text: "Merge hotfix/login-fails into origin/main?" }
    "#);
}

#[test]
fn ship_guards_tests_proposes_and_lands_in_rounds() {
    let mut scene = Scene::fixed();
    scene.network = Network::Online;
    scene.answers.yes = true;
    let asked = ["main", "hotfix/login-fails"].map(RefName::of_branch).to_vec();
    let refs =
        RemoteRefs { default_branch: None, aliases: Vec::new(), refs: vec![(RefName::of_branch("main"), id('a'))] };
    scene.done = vec![Done::Inspected { remote: "origin".to_owned(), asked, refs }];
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"record","text":"check that the fix is minimal (1 file, 3 lines)","events":["guarded"]}
    now   {"action":"run-tests","text":"run go test -v ./...","command":["go","test","-v","./..."]}
    now   {"action":"record","text":"record \"the regression test is missing: the change touches no test\"","events":["proved"]}
    note, once that is done: no regression test: the change touches none, and the pull request says so
    then look again
    "#);
    scene.events.push(guarded());
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"run-tests","text":"run go test -v ./...","command":["go","test","-v","./..."]}
    now   {"action":"record","text":"record \"the regression test is missing: the change touches no test\"","events":["proved"]}
    note, once that is done: no regression test: the change touches none, and the pull request says so
    then look again
    "#);
    scene.events.push(tested(Ending::Passed));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"record","text":"record \"the regression test is missing: the change touches no test\"","events":["proved"]}
    note: no regression test: the change touches none, and the pull request says so
    then look again
    "#);
    scene.events.push(proved(Verdict::NoRegressionTest));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"push","text":"push hotfix/login-fails to origin","branch":"hotfix/login-fails","remote":"origin"}
    now   {"action":"open-pull-request","text":"write the pull request \"[HOTFIX] Login fails\"","branch":"hotfix/login-fails","commit":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}
    now   {"action":"merge","text":"merge bbbbbbbbb into main and push it to origin","branch":"main","commit":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","remote":"origin"}
    note: no regression test: the change touches none, and the pull request says so
    then look again
    "#);
}

#[test]
fn ship_stops_where_tests_fail() {
    let mut scene = Scene::fixed();
    scene.answers.yes = true;
    scene.network = Network::Online;
    scene.remotes.clear();
    let mut local = opened();
    local.production.remote = None;
    scene.events = vec![
        EventKind::Opened(Box::new(local)),
        EventKind::BranchCreated { branch: "hotfix/login-fails".parse().unwrap(), commit: id('a') },
        guarded(),
        tested(Ending::Failed),
    ];
    let EventKind::Tested(run) = tested(Ending::Failed) else { panic!("it is a run") };
    scene.done = vec![Done::Tested { run: Box::new(run), results: Vec::new() }];
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"

    then fail: the tests do not pass: `go test -v ./...` exited with 1
    ");
}

#[test]
fn ship_refuses_a_conflict_and_changes_nothing() {
    let mut scene = Scene::fixed();
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('k'));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"
    needs-human conflict: hotfix/login-fails conflicts with origin/main in src/login.go:7; nothing was changed
    hint: git switch hotfix/login-fails && git merge origin/main
    hint: resolve, commit, then: git hotfix ship
    ");
}

#[test]
fn ship_refuses_an_empty_fix() {
    let mut scene = Scene::fixed();
    scene.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('a') };
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"
    precondition no-fix: hotfix/login-fails holds no commit of its own yet
    hint: fix the issue, then: git add --all && git commit
    ");
}

#[test]
fn ship_adopts_a_landing_that_a_crash_left_unrecorded() {
    let mut scene = Scene::fixed();
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('c'));
    scene.events.push(EventKind::LandingStarted(landing()));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"record","text":"record \"fix merged into main as ccccccccc\"","events":["merged"]}
    note: bbbbbbbbb is on origin/main already; recorded
    then look again
    "#);
}

#[test]
fn a_branch_that_only_followed_production_has_not_landed() {
    let mut scene = Scene::fixed();
    scene.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('c') };
    scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('c'));
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('c'));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    precondition no-fix: origin/main holds all of hotfix/login-fails already
    hint: fix the issue, then: git add --all && git commit
    hint: merged by hand? git hotfix close --reason "merged by hand"
    "#);
}

#[test]
fn a_branch_goes_only_when_production_on_the_remote_contains_it() {
    let mut scene = landed();
    scene.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('b') };
    scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('b'));
    scene.refs.insert("refs/remotes/origin/hotfix/login-fails".to_owned(), id('b'));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"switch","text":"switch to main","branch":"main"}
    now   {"action":"delete-remote-branch","text":"delete hotfix/login-fails on origin","branch":"hotfix/login-fails","remote":"origin"}
    now   {"action":"delete-branch","text":"delete hotfix/login-fails here","branch":"hotfix/login-fails"}
    then look again
    "#);

    // Somebody rewrote production on the remote: the branch holds the only copy, and stays until it landed once more.
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('d'));
    let shown = scene.shown(&Ship::default());
    assert!(!shown.contains("now  "), "{shown}");
    assert!(
        shown.ends_with("then ask Confirm { topic: Plan, text: \"Merge hotfix/login-fails into origin/main?\" }\n")
    );
}

#[test]
fn production_checked_out_elsewhere_is_left_alone() {
    let mut scene = landed();
    scene.head = Head::Branch { name: "hotfix/login-fails".to_owned(), commit: id('b') };
    scene.refs.insert("refs/heads/hotfix/login-fails".to_owned(), id('b'));
    scene.refs.insert("refs/heads/main".to_owned(), id('a'));
    scene.worktrees = vec![Worktree {
        path: "/other".into(),
        branch: Some("main".to_owned()),
        is_current: false,
        is_there: true,
        is_locked: false,
    }];
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"switch","text":"switch to ccccccccc (detached)","commit":"cccccccccccccccccccccccccccccccccccccccc"}
    now   {"action":"delete-branch","text":"delete hotfix/login-fails here","branch":"hotfix/login-fails"}
    then look again
    "#);
}

#[test]
fn a_deployment_in_doubt_is_never_repeated_by_itself() {
    let mut scene = landed();
    scene.config.deploy.command = Some(vec!["./deploy".to_owned()].into());
    scene.answers.yes = true;
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"deploy","text":"deploy: ./deploy","commit":"cccccccccccccccccccccccccccccccccccccccc","command":["./deploy"]}
    then look again
    "#);

    let started =
        DeployStarted { part: DeployPart::Deploy, command: vec!["./deploy".to_owned()].into(), commit: id('c') };
    scene.events.push(EventKind::DeployStarted(started));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"
    needs-human deploy-in-doubt: deploy started (`./deploy`), and how it ended was not recorded
    hint: look at production; if the fix is there: git hotfix mark deployed
    hint: to run it again: git hotfix deploy --again
    ");
    insta::assert_snapshot!(scene.shown(&Deploy { again: true, ..Deploy::default() }), @r#"
    now   {"action":"deploy","text":"deploy: ./deploy","commit":"cccccccccccccccccccccccccccccccccccccccc","command":["./deploy"]}
    then look again
    "#);
}

#[test]
fn a_rolled_back_commit_is_not_deployed_again_by_itself() {
    let mut scene = landed();
    scene.config.deploy.command = Some(vec!["./deploy".to_owned()].into());
    scene.answers.yes = true;
    for part in [DeployPart::Deploy, DeployPart::Rollback] {
        scene.events.push(EventKind::DeployFinished(DeployFinished {
            part,
            commit: id('c'),
            ending: Ending::Passed,
            exit_code: Some(0),
            milliseconds: 1,
            output: String::new(),
        }));
    }
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"
    needs-human rolled-back: this deployment was rolled back
    hint: git switch -c hotfix/login-fails   # a better fix; commit it, then: git hotfix ship
    hint: git hotfix deploy --again   # the same fix once more
    ");
}

/// It answers what the postmortem has to say.
fn answered() -> Close {
    let [root_cause, impact, prevention] =
        ["stale key", "nobody gets in", "an alert"].map(|text| Some(text.to_owned()));
    Close { root_cause, impact, prevention, ..Close::default() }
}

#[test]
fn close_wants_the_answers_of_the_postmortem_first() {
    let mut scene = landed();
    insta::assert_snapshot!(scene.shown(&Close::default()), @r#"
    usage unanswered: HF-2026-00000000 cannot close yet: the postmortem does not say the root cause, what was broken for users, what prevents it from happening again
    hint: git hotfix close --root-cause "..." --impact "..." --prevention "none because ..."
    hint: git hotfix close --reason "..."   # why it is not known
    "#);
    let told = Close { root_cause: None, ..answered() };
    insta::assert_snapshot!(scene.shown(&told), @r#"
    now   {"action":"record","text":"record \"re-rated: impact: nobody gets in\"","events":["triaged","explained"]}
    then look again
    "#);
    scene.events.push(EventKind::Triaged(Triaged { impact: told.impact.clone(), ..Triaged::default() }));
    let blank = Close { prevention: Some(" \n".to_owned()), ..told };
    insta::assert_snapshot!(scene.shown(&blank), @"usage text: --prevention: there is no text in it");
    insta::assert_snapshot!(scene.shown(&Close { reason: Some("nobody knows".to_owned()), ..Close::default() }), @r#"
    now   {"action":"record","text":"record what was explained","events":["explained","explained"]}
    then look again
    "#);
    insta::assert_snapshot!(scene.shown(&Close::default()), @r#"
    usage unanswered: HF-2026-00000000 cannot close yet: the postmortem does not say the root cause, what prevents it from happening again
    hint: git hotfix close --root-cause "..." --prevention "none because ..."
    hint: git hotfix close --reason "..."   # why it is not known
    "#);
}

#[test]
fn close_delivers_the_records_on_the_production_tip() {
    let mut scene = landed();
    let explained = |topic, text: &str| EventKind::Explained { topic, text: text.to_owned() };
    scene.events.extend([
        explained(ExplainTopic::RootCause, "stale key"),
        explained(ExplainTopic::Prevention, "an alert"),
        EventKind::Triaged(Triaged { impact: Some("nobody gets in".to_owned()), ..Triaged::default() }),
    ]);
    insta::assert_snapshot!(scene.shown(&Close::default()), @r#"
    now   {"action":"record","text":"record \"postmortem written: docs/decisions/POSTMORTEM-2026-11-22-login-fails.md\"","events":["postmortem-written"]}
    ahead {"action":"deliver-records","text":"commit the records on main and push them to origin","branch":"main","remote":"origin","files":["docs/decisions/POSTMORTEM-2026-11-22-login-fails.md","docs/planning/STATUS.md"]}
    then look again
    "#);

    let path = "docs/decisions/POSTMORTEM-2026-11-22-login-fails.md".to_owned();
    let digest = "0".repeat(64);
    scene.events.push(EventKind::PostmortemWritten { path, preset: "default".to_owned(), digest });
    insta::assert_snapshot!(scene.shown(&Close::default()), @r#"
    now   {"action":"deliver-records","text":"commit the records on main and push them to origin","branch":"main","remote":"origin","files":["docs/decisions/POSTMORTEM-2026-11-22-login-fails.md","docs/planning/STATUS.md"]}
    then look again
    "#);
}

#[test]
fn abort_keeps_the_tip_leaves_and_then_deletes() {
    let mut scene = Scene::fixed();
    scene.refs.insert("refs/remotes/origin/hotfix/login-fails".to_owned(), id('b'));
    insta::assert_snapshot!(scene.shown(&Abort::default()), @r#"
    now   {"action":"update-ref","text":"bring refs/hotfix/aborted/HF-2026-00000000 to bbbbbbbbb","branch":"refs/hotfix/aborted/HF-2026-00000000","commit":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}
    now   {"action":"switch","text":"switch to main","branch":"main"}
    now   {"action":"delete-remote-branch","text":"delete hotfix/login-fails on origin","branch":"hotfix/login-fails","remote":"origin"}
    now   {"action":"delete-branch","text":"delete hotfix/login-fails here","branch":"hotfix/login-fails"}
    then look again
    "#);
}

#[test]
fn abort_leaves_a_remote_branch_that_somebody_else_pushed_to() {
    let mut scene = Scene::fixed();
    scene.refs.insert("refs/remotes/origin/hotfix/login-fails".to_owned(), id('d'));
    insta::assert_snapshot!(scene.shown(&Abort::default()), @r#"
    now   {"action":"update-ref","text":"bring refs/hotfix/aborted/HF-2026-00000000 to bbbbbbbbb","branch":"refs/hotfix/aborted/HF-2026-00000000","commit":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}
    now   {"action":"switch","text":"switch to main","branch":"main"}
    now   {"action":"delete-branch","text":"delete hotfix/login-fails here","branch":"hotfix/login-fails"}
    then look again
    "#);
}

#[test]
fn abort_refuses_once_the_fix_is_on_production() {
    insta::assert_snapshot!(landed().shown(&Abort::default()), @"
    precondition merged: hotfix/login-fails is on origin/main already, by ccccccccc
    hint: git hotfix revert ccccccccc --severity critical   # an incident whose fix is the revert
    ");
}

#[test]
fn a_no_to_the_plan_is_no_success() {
    let mut scene = Scene::fixed();
    scene.network = Network::Offline;
    scene.events = vec![EventKind::Opened(Box::new(Opened {
        production: Production { branch: "main".parse().unwrap(), remote: None },
        ..opened()
    }))];
    scene.answers.confirmed = vec![(Topic::Plan, false)];
    let plan = scene.plan(&Ship::default()).unwrap();
    let Then::Finish(outcome) = plan.then else { panic!("{plan:?}") };
    let failure = outcome.failure.unwrap();
    assert_eq!((failure.kind.key(), failure.code.as_str(), plan.actions.len()), ("interrupted", "declined", 0));
}

#[test]
fn commands_run_again_say_so_and_do_nothing() {
    let mut scene = landed();
    scene.events.push(EventKind::Closed { reason: None });
    for step in [&Ship::default() as &dyn Step, &Pr::default(), &Deploy::default(), &Verify::default()] {
        let plan = scene.plan(step).expect("it holds already");
        assert!(plan.actions.is_empty() && matches!(plan.then, Then::Finish(_)));
    }
}

#[test]
fn an_aborted_incident_returns_to_a_detached_head() {
    let mut scene = Scene::fixed();
    let mut detached = opened();
    detached.origin = Origin::Detached(id('f'));
    scene.events = vec![EventKind::Opened(Box::new(detached))];
    assert!(scene.shown(&Abort::default()).contains(&format!("switch to {} (detached)", "f".repeat(9))));
}

#[test]
fn suspects_are_ranked_by_how_near_they_are() {
    let mut scene = Scene::fixed();
    scene.refs.insert("refs/tags/v1".to_owned(), id('s'));
    scene.reports.insert("trace.txt".to_owned(), b"thread 'main' panicked at src/cart.rs:7:1:\n".to_vec());
    let attach = Attach { file: "trace.txt".to_owned() };
    let plan = scene.plan(&attach).unwrap();
    let Some(Action::Record(RecordAction::Events(events))) = plan.actions.first() else { panic!("{plan:?}") };
    scene.events.extend(events.clone());
    insta::assert_snapshot!(scene.shown(&attach), @"
    note: 1 of 1 stack frame in trace.txt is in a file of this repository
    then finish:
    attached to HF-2026-00000000 already: trace.txt (43 bytes), points to src/cart.rs:7
    ");
    insta::assert_snapshot!(scene.shown(&Suspects { since: None, limit: 10 }), @"
    then finish:
    Named by the stack traces of HF-2026-00000000
      src/cart.rs:7, last changed by 999999999 sell (Bo)

    Suspects among 1 commit since v1
      aaaaaaaaa  check the token (Ada)
               changed a line 2 lines from it: src/cart.rs:9
    ");
}

#[test]
fn without_a_line_of_ours_nobody_is_suspected() {
    let mut scene = Scene::fixed();
    scene.refs.insert("refs/tags/v1".to_owned(), id('s'));
    let said = |scene: &mut Scene, name: &str, text: &str| {
        scene.reports.insert(name.to_owned(), text.as_bytes().to_vec());
        let plan = scene.plan(&Attach { file: name.to_owned() }).unwrap();
        let Some(Action::Record(RecordAction::Events(events))) = plan.actions.first() else { panic!("{plan:?}") };
        scene.events.extend(events.clone());
        let notes = plan.notes.join("\n");
        format!("{notes}\n{}", scene.shown(&Suspects { since: None, limit: 10 }))
    };
    let mail = said(&mut scene, "mail.txt", "it says total: 0\n");
    assert!(mail.starts_with("no stack trace was recognised in mail.txt\n"), "{mail}");
    assert!(mail.contains("no stack trace in mail.txt names a file of this repository: none of "), "{mail}");
    let log = said(&mut scene, "boot.log", "thread 'main' panicked at src/other.rs:7:1:\n");
    assert!(log.starts_with("none of 1 stack frame in boot.log is in a file of this repository\n"), "{log}");
    assert!(log.contains("no stack trace in mail.txt, boot.log names a file"), "{log}");
    assert!(!log.contains("is new in production\n"), "{log}");
}

#[test]
fn a_request_with_secrets_is_the_same_request_when_it_is_run_again() {
    let redactor = Redactor::default();
    let mut scene = Scene::fixed();
    let mut again =
        Pr { options: PrOptions { fix: Some("rotate password=hunter2".to_owned()), ..PrOptions::default() } };
    assert_eq!(mask_request(&mut again, &redactor).to_string(), "1 secret masked: password");
    let plan = scene.plan(&again).unwrap();
    let Some(Action::Record(RecordAction::Events(events))) = plan.actions.first() else { panic!("{plan:?}") };
    let mut recorded = events.clone();
    recorded.iter_mut().for_each(|event| assert!(crate::evidence::mask(event, &redactor).is_empty()));
    scene.events.extend(recorded);
    assert!(!scene.shown(&again).contains("explained"), "it was said already");
}
