//! What production still lacks, and what status, the next command and close say of it.

use crate::config::ProductionCheck as Look;
use crate::domain::event::Verified;
use crate::domain::{Milestone, Workplace};
use crate::step::Here;

use super::*;

/// Production runs the fix by `./deploy`; migrations, looks and rollbacks are configured, too.
fn released() -> Scene {
    let mut scene = landed();
    let deploy = &mut scene.config.deploy;
    deploy.command = Some(vec!["./deploy".to_owned()].into());
    deploy.migrate = Some(vec!["./migrate".to_owned()].into());
    deploy.verify = Some(Look::Command(vec!["./health".to_owned()].into()));
    deploy.rollback = Some(vec!["./back".to_owned()].into());
    scene.events.push(ended(DeployPart::Deploy, Ending::Passed));
    scene
}

fn ended(part: DeployPart, ending: Ending) -> EventKind {
    EventKind::DeployFinished(DeployFinished {
        part,
        commit: id('c'),
        ending,
        exit_code: Some(i32::from(ending != Ending::Passed)),
        milliseconds: 1,
        output: String::new(),
    })
}

fn looked(ending: Ending) -> EventKind {
    EventKind::Verified(Verified {
        command: vec!["./health".to_owned()].into(),
        commit: id('c'),
        ending,
        exit_code: Some(i32::from(ending != Ending::Passed)),
        output: "GET /health -> 503".to_owned(),
    })
}

/// Without its word nobody knows whether the machine that let the fix land has deployed it.
#[test]
fn what_landed_from_elsewhere_is_not_deployed_without_a_word() {
    let landed_from = |clone: &str| {
        let mut scene = released();
        scene.events.pop();
        let at = scene.events.iter().position(|event| matches!(event, EventKind::Merged(_))).unwrap();
        scene.events.insert(at, EventKind::Claimed(Workplace::new(clone, "desk")));
        scene.shown(&Deploy::default())
    };
    insta::assert_snapshot!(landed_from("there"), @"
    needs-human deploy-in-doubt: the fix landed from desk; whether it was deployed from there is not known
    hint: look at production; if the fix is there: git hotfix mark deployed
    hint: to run it again: git hotfix deploy --again
    ");
    assert!(landed_from("here").contains("deploy: ./deploy"), "{}", landed_from("here"));
}

/// The deploy and verify steps, the next command, and what close says.
fn told(scene: &Scene) -> String {
    let incident = scene.incident().expect("it is open");
    let steps: String = progress(&incident, &scene.config, Here { fix_committed: true, ..Here::default() })
        .into_iter()
        .filter(|step| matches!(step.step, "deploy" | "verify"))
        .map(|step| format!("{} {:?}, ", step.step, step.state).to_lowercase())
        .collect();
    let next = match scene.plan(&Status::default()).expect("status can be told").then {
        Then::Finish(outcome) => outcome.next.unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    let close = match scene.plan(&answered()) {
        Ok(_) => "closes".to_owned(),
        Err(refusal) => format!("{refusal}; {}", refusal.hints.join("; ")),
    };
    scene.readable(&format!("{steps}next {next}\n{}", close.replace("HF-2026-00000000 ", "")))
}

#[test]
fn a_failed_migration_is_a_failed_deployment() {
    let mut scene = released();
    scene.events.push(ended(DeployPart::Migrate, Ending::Failed));
    insta::assert_snapshot!(told(&scene), @r#"
    deploy failed, verify pending, next git hotfix ship
    cannot close yet: the migration failed, production is not verified; git hotfix deploy; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    scene.events.push(ended(DeployPart::Migrate, Ending::Passed));
    insta::assert_snapshot!(told(&scene), @r#"
    deploy done, verify pending, next git hotfix verify
    cannot close yet: production is not verified; git hotfix verify; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    scene.events.push(looked(Ending::Passed));
    insta::assert_snapshot!(told(&scene), @"
    deploy done, verify done, next git hotfix close
    closes
    ");
}

#[test]
fn after_a_failed_look_one_rolls_back_or_looks_again() {
    let mut scene = released();
    scene.events.push(looked(Ending::Failed));
    insta::assert_snapshot!(told(&scene), @r#"
    deploy done, verify failed, next git hotfix deploy --rollback
    cannot close yet: the verification failed; git hotfix verify; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    let mut without = scene;
    without.config.deploy.rollback = None;
    insta::assert_snapshot!(told(&without), @r#"
    deploy done, verify failed, next git hotfix verify
    cannot close yet: the verification failed; git hotfix verify; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    // It was looked by a command for once.
    without.config.deploy.verify = None;
    insta::assert_snapshot!(told(&without), @r#"
    deploy done, verify failed, next git hotfix verify --verify-command ./health
    cannot close yet: the verification failed; git hotfix verify --verify-command ./health; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    without.events.push(EventKind::Marked { milestone: Milestone::Resolved, reached_at: Timestamp::UNIX_EPOCH });
    insta::assert_snapshot!(told(&without), @"
    deploy done, verify done, next git hotfix close
    closes
    ");
}

#[test]
fn after_a_rollback_a_better_fix_is_due() {
    let mut scene = released();
    scene.events.extend([looked(Ending::Failed), ended(DeployPart::Rollback, Ending::Passed)]);
    insta::assert_snapshot!(told(&scene), @r#"
    deploy failed, verify failed, next git switch -c hotfix/login-fails   # a better fix; commit it, then: git hotfix ship
    cannot close yet: the fix was rolled back; git switch -c hotfix/login-fails   # a better fix; commit it, then: git hotfix ship; git hotfix deploy --again   # the same fix once more; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    assert!(scene.shown(&Status::default()).contains("mitigated (rolled back)"));
    // Somewhere else, the branch starts from what was merged.
    scene.head = Head::Branch { name: "other".to_owned(), commit: id('9') };
    assert!(told(&scene).contains("git switch -c hotfix/login-fails ccccccccc   # a better fix"));
    scene.head = Head::Branch { name: "main".to_owned(), commit: id('c') };
    scene.events.push(ended(DeployPart::Deploy, Ending::Passed));
    insta::assert_snapshot!(told(&scene), @r#"
    deploy done, verify pending, next git hotfix verify
    cannot close yet: production is not verified; git hotfix verify; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
}

#[test]
fn a_rollback_that_failed_leaves_production_to_be_looked_at() {
    let mut scene = released();
    scene.events.extend([looked(Ending::Failed), ended(DeployPart::Rollback, Ending::Failed)]);
    insta::assert_snapshot!(told(&scene), @r#"
    deploy failed, verify failed, next git hotfix verify
    cannot close yet: the rollback failed, the verification failed; git hotfix deploy --rollback; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    scene.events.push(looked(Ending::Passed));
    insta::assert_snapshot!(told(&scene), @"
    deploy done, verify done, next git hotfix close
    closes
    ");
}

#[test]
fn a_deployment_that_failed_the_second_time_is_failed() {
    let mut scene = released();
    scene.events.extend([looked(Ending::Passed), ended(DeployPart::Deploy, Ending::Failed)]);
    insta::assert_snapshot!(told(&scene), @r#"
    deploy failed, verify done, next git hotfix ship
    cannot close yet: the fix is not deployed; git hotfix deploy; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    scene.events.push(EventKind::Marked { milestone: Milestone::Deployed, reached_at: Timestamp::UNIX_EPOCH });
    insta::assert_snapshot!(told(&scene), @"
    deploy done, verify done, next git hotfix close
    closes
    ");
}

#[test]
fn only_a_migration_in_doubt_runs_again() {
    let mut scene = released();
    scene.answers.yes = true;
    let started =
        DeployStarted { part: DeployPart::Migrate, command: vec!["./migrate".to_owned()].into(), commit: id('c') };
    scene.events.push(EventKind::DeployStarted(started));
    insta::assert_snapshot!(told(&scene), @r#"
    deploy pending, verify pending, next git hotfix mark deployed   # if production has the fix; else: git hotfix deploy --again
    cannot close yet: how the migration ended was not recorded, production is not verified; git hotfix deploy; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    insta::assert_snapshot!(scene.shown(&Deploy { again: true, ..Deploy::default() }), @r#"
    now   {"action":"migrate","text":"migrate: ./migrate","commit":"cccccccccccccccccccccccccccccccccccccccc","command":["./migrate"]}
    then look again
    "#);
}

fn begun(part: DeployPart) -> EventKind {
    EventKind::DeployStarted(DeployStarted::new(part, vec!["./it".to_owned()].into(), id('c')))
}

#[test]
fn a_deployment_in_doubt_is_not_said_to_be_none() {
    let mut scene = released();
    scene.events.pop();
    scene.events.push(begun(DeployPart::Deploy));
    insta::assert_snapshot!(told(&scene), @r#"
    deploy pending, verify pending, next git hotfix mark deployed   # if production has the fix; else: git hotfix deploy --again
    cannot close yet: how the deployment ended was not recorded, production is not verified; git hotfix deploy; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    let status = |scene: &Scene| scene.shown(&Status::default());
    let said = "deployed      not known: the deployment was begun 2026-11-22 09:00 UTC by Ada, and how it ended was not recorded\n";
    assert!(status(&scene).contains(said), "{}", status(&scene));
    mark(&mut scene, "deployed");
    assert!(status(&scene).contains("deployed      yes"), "{}", status(&scene));
}

/// Records what the word says, as its command would.
fn mark(scene: &mut Scene, word: &str) {
    let mark = Mark { milestone: word.to_owned(), at: None };
    for action in scene.plan(&mark).expect("it may be said").actions {
        let Action::Record(RecordAction::Events(events)) = action else { panic!("{action:?}") };
        scene.events.extend(events);
    }
}

#[test]
fn nothing_is_deployed_before_it_landed() {
    let early = || EventKind::Marked { milestone: Milestone::Deployed, reached_at: Timestamp::UNIX_EPOCH };
    insta::assert_snapshot!(Scene::fixed().shown(&Mark { milestone: "deployed".to_owned(), at: None }), @"
    precondition not-merged: hotfix/login-fails is not merged yet, so it cannot be deployed
    hint: git hotfix ship
    hint: done by hand? git hotfix ship --skip-deploy, then git hotfix mark deployed
    ");
    // Older programs recorded it all the same.
    let mut scene = released();
    scene.events.pop();
    let landed = scene.events.iter().position(|event| matches!(event, EventKind::Merged(_))).unwrap();
    scene.events.insert(landed, early());
    insta::assert_snapshot!(told(&scene), @r#"
    deploy pending, verify pending, next git hotfix ship
    cannot close yet: the fix is not deployed, production is not verified; git hotfix deploy; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    scene.events.push(early());
    insta::assert_snapshot!(told(&scene), @r#"
    deploy done, verify pending, next git hotfix verify
    cannot close yet: production is not verified; git hotfix verify; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
}

#[test]
fn a_word_ends_the_doubt_about_a_migration() {
    for at_first in [begun(DeployPart::Migrate), ended(DeployPart::Migrate, Ending::Failed)] {
        let mut scene = released();
        scene.events.push(at_first);
        assert!(!told(&scene).contains("deploy done"), "{}", told(&scene));
        mark(&mut scene, "deployed");
        assert!(told(&scene).starts_with("deploy done, verify pending, next git hotfix verify"), "{}", told(&scene));
        // Nor does it run again.
        insta::allow_duplicates!(insta::assert_snapshot!(scene.shown(&Deploy::default()), @"
        then finish:
        deployed at 2026-11-22 09:00:00 UTC
        "));
    }
}

#[test]
fn a_word_ends_the_doubt_about_a_rollback() {
    let mut scene = released();
    scene.events.extend([looked(Ending::Failed), begun(DeployPart::Rollback)]);
    insta::assert_snapshot!(told(&scene), @r#"
    deploy pending, verify failed, next git hotfix verify
    cannot close yet: how the rollback ended was not recorded, the verification failed; git hotfix deploy --rollback; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    mark(&mut scene, "rolled-back");
    insta::assert_snapshot!(told(&scene), @r#"
    deploy failed, verify failed, next git switch -c hotfix/login-fails   # a better fix; commit it, then: git hotfix ship
    cannot close yet: the fix was rolled back; git switch -c hotfix/login-fails   # a better fix; commit it, then: git hotfix ship; git hotfix deploy --again   # the same fix once more; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
    mark(&mut scene, "deployed");
    insta::assert_snapshot!(told(&scene), @r#"
    deploy done, verify pending, next git hotfix verify
    cannot close yet: production is not verified; git hotfix verify; or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);
}

#[test]
fn what_came_after_a_rollback_in_doubt_settles_it() {
    let doubt = || begun(DeployPart::Rollback);
    let is_in_doubt = |after: &[EventKind]| {
        let mut scene = released();
        scene.events.extend([looked(Ending::Failed), doubt()]);
        scene.events.extend(after.iter().cloned());
        told(&scene).contains("how the rollback ended")
    };
    let marked = |milestone| EventKind::Marked { milestone, reached_at: Timestamp::UNIX_EPOCH };
    assert!(is_in_doubt(&[]));
    assert!(is_in_doubt(&[looked(Ending::Failed)]));
    assert!(is_in_doubt(&[ended(DeployPart::Deploy, Ending::Failed)]));
    assert!(is_in_doubt(&[ended(DeployPart::Deploy, Ending::Passed), doubt()]));
    assert!(is_in_doubt(&[marked(Milestone::Mitigated)]));
    assert!(!is_in_doubt(&[ended(DeployPart::Deploy, Ending::Passed)]));
    assert!(!is_in_doubt(&[looked(Ending::Passed)]));
    assert!(!is_in_doubt(&[marked(Milestone::Verified)]));
    assert!(!is_in_doubt(&[marked(Milestone::Resolved)]));
}

#[test]
fn close_refuses_while_a_step_is_missing() {
    let mut scene = Scene::fixed();
    scene.config.deploy.command = Some(vec!["./deploy".to_owned()].into());
    insta::assert_snapshot!(scene.shown(&Close::default()), @r#"
    precondition not-complete: HF-2026-00000000 cannot close yet: the fix is not merged, the fix is not deployed
    hint: git hotfix ship
    hint: or say why it may: git hotfix close --reason "..."   # also of what the postmortem leaves open
    "#);

    scene.events.extend([
        EventKind::Explained { topic: ExplainTopic::RootCause, text: "stale key".to_owned() },
        EventKind::Explained { topic: ExplainTopic::Prevention, text: "an alert".to_owned() },
        EventKind::Triaged(Triaged { impact: Some("nobody gets in".to_owned()), ..Triaged::default() }),
    ]);
    assert!(
        scene.shown(&Close::default()).trim_end().ends_with("git hotfix close --reason \"...\""),
        "nothing is open"
    );
}
