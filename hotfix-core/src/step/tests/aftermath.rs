//! What production still lacks, and what status, the next command and close say of it.

use crate::config::ProductionCheck as Look;
use crate::domain::event::Verified;
use crate::domain::{Milestone, Workplace};

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
    let steps: String = progress(&incident, &scene.config, true)
        .into_iter()
        .filter(|step| matches!(step.step, "deploy" | "verify"))
        .map(|step| format!("{} {:?}, ", step.step, step.state).to_lowercase())
        .collect();
    let next = match scene.plan(&Status {}).expect("status can be told").then {
        Then::Finish(outcome) => outcome.next.unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    let close = match scene.plan(&Close::default()) {
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
    cannot close yet: the migration failed, production is not verified; git hotfix deploy; or say why it may: git hotfix close --reason "..."
    "#);
    scene.events.push(ended(DeployPart::Migrate, Ending::Passed));
    insta::assert_snapshot!(told(&scene), @r#"
    deploy done, verify pending, next git hotfix verify
    cannot close yet: production is not verified; git hotfix verify; or say why it may: git hotfix close --reason "..."
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
    cannot close yet: the verification failed; git hotfix verify; or say why it may: git hotfix close --reason "..."
    "#);
    let mut without = scene;
    without.config.deploy.rollback = None;
    insta::assert_snapshot!(told(&without), @r#"
    deploy done, verify failed, next git hotfix verify
    cannot close yet: the verification failed; git hotfix verify; or say why it may: git hotfix close --reason "..."
    "#);
    // It was looked by a command for once.
    without.config.deploy.verify = None;
    insta::assert_snapshot!(told(&without), @r#"
    deploy done, verify failed, next git hotfix verify --verify-command ./health
    cannot close yet: the verification failed; git hotfix verify --verify-command ./health; or say why it may: git hotfix close --reason "..."
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
    cannot close yet: the fix was rolled back; git switch -c hotfix/login-fails   # a better fix; commit it, then: git hotfix ship; git hotfix deploy --again   # the same fix once more; or say why it may: git hotfix close --reason "..."
    "#);
    assert!(scene.shown(&Status {}).contains("mitigated (rolled back)"));
    // Somewhere else, the branch starts from what was merged.
    scene.head = Head::Branch { name: "other".to_owned(), commit: id('9') };
    assert!(told(&scene).contains("git switch -c hotfix/login-fails ccccccccc   # a better fix"));
    scene.head = Head::Branch { name: "main".to_owned(), commit: id('c') };
    scene.events.push(ended(DeployPart::Deploy, Ending::Passed));
    insta::assert_snapshot!(told(&scene), @r#"
    deploy done, verify pending, next git hotfix verify
    cannot close yet: production is not verified; git hotfix verify; or say why it may: git hotfix close --reason "..."
    "#);
}

#[test]
fn a_rollback_that_failed_leaves_production_to_be_looked_at() {
    let mut scene = released();
    scene.events.extend([looked(Ending::Failed), ended(DeployPart::Rollback, Ending::Failed)]);
    insta::assert_snapshot!(told(&scene), @r#"
    deploy failed, verify failed, next git hotfix verify
    cannot close yet: the rollback failed, the verification failed; git hotfix deploy --rollback; or say why it may: git hotfix close --reason "..."
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
    cannot close yet: the fix is not deployed; git hotfix deploy; or say why it may: git hotfix close --reason "..."
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
    deploy pending, verify pending, next git hotfix ship
    cannot close yet: how the migration ended was not recorded, production is not verified; git hotfix deploy; or say why it may: git hotfix close --reason "..."
    "#);
    insta::assert_snapshot!(scene.shown(&Deploy { again: true, ..Deploy::default() }), @r#"
    now   {"action":"migrate","text":"migrate: ./migrate","commit":"cccccccccccccccccccccccccccccccccccccccc","command":["./migrate"]}
    then look again
    "#);
}
