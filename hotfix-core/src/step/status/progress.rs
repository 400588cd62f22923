//! Where an incident is in the workflow, derived from evidence.

use serde::Serialize;

use crate::config::Config;
use crate::domain::event::{DeployPart, Ending};
use crate::domain::{Incident, Level, Milestone, Status};

use crate::release::aftermath::{self, Lack};

use super::super::test::refusing_proof;

/// The state of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Its result holds.
    Done,
    /// It is the one to do now.
    Next,
    /// It comes later.
    Pending,
    /// It need not be done.
    Waived,
    /// It was tried and did not succeed.
    Failed,
}

/// One step and its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The step's name.
    pub step: &'static str,
    /// Its state.
    pub state: StepState,
}

/// The state of every step; `fix_committed` says whether the branch holds a commit of its own.
pub fn progress(incident: &Incident, config: &Config, fix_committed: bool) -> Vec<Progress> {
    let merged = incident.merged.is_some();
    let when = |done: bool| if done { StepState::Done } else { StepState::Pending };
    let mut steps = [
        ("preflight", StepState::Done),
        ("triage", StepState::Done),
        ("branch", when(incident.branch_created || merged)),
        ("fix", when(fix_committed || merged)),
        ("guard", guard(incident)),
        ("test", test(incident)),
        ("pr", when(incident.pull_request.is_some() || merged)),
        ("merge", when(merged)),
        ("deploy", deploy(incident, config)),
        ("verify", verify(incident, config)),
        ("postmortem", when(incident.postmortem.is_some())),
        (
            "follow-up",
            // That nothing is left over is an answer, given with the records.
            when(!incident.follow_ups.is_empty() || incident.records.is_some() || incident.status == Status::Closed),
        ),
        ("close", when(incident.status == Status::Closed)),
    ];
    // What failed is to be done again before anything that comes after it.
    let first = steps.iter_mut().find(|(_, state)| matches!(state, StepState::Pending | StepState::Failed));
    if let Some((_, state @ StepState::Pending)) = first.filter(|_| incident.status.is_open()) {
        *state = StepState::Next;
    }
    steps.into_iter().map(|(step, state)| Progress { step, state }).collect()
}

fn guard(incident: &Incident) -> StepState {
    if incident.waiver("guard").is_some() {
        return StepState::Waived;
    }
    match incident.guard_runs.last() {
        None => StepState::Pending,
        Some(run) if run.findings.iter().any(|finding| finding.level == Level::Error) => StepState::Failed,
        Some(_) => StepState::Done,
    }
}

fn test(incident: &Incident) -> StepState {
    match incident.test_runs.last() {
        // As `test` says it: a test that catches nothing, or is not there, is no result to rely on.
        Some(run) if run.ending == Ending::Passed => {
            let is_refused = incident.merged.is_none() && refusing_proof(incident, &run.tree).is_some();
            if is_refused { StepState::Failed } else { StepState::Done }
        }
        Some(_) if incident.merged.is_none() => StepState::Failed,
        _ if !incident.smoke_tests.is_empty() => StepState::Done,
        _ if incident.waiver("test").is_some() || !incident.test_deferrals.is_empty() => StepState::Waived,
        _ => StepState::Pending,
    }
}

fn deploy(incident: &Incident, config: &Config) -> StepState {
    let last = incident.deploys.ended.iter().rev().find(|deploy| deploy.part == DeployPart::Deploy);
    let lacks = aftermath::lacks(config, incident);
    match last {
        // First what production lacks: a rollback takes back what the milestones say.
        _ if lacks.iter().any(|lack| matches!(lack, Lack::RolledBack | Lack::Rollback | Lack::Migration)) => {
            StepState::Failed
        }
        _ if lacks.iter().any(|lack| matches!(lack, Lack::End(_))) => StepState::Pending,
        _ if incident.milestones.contains_key(&Milestone::Deployed) => StepState::Done,
        Some(_) => StepState::Failed,
        None if incident.waiver("deploy").is_some() => StepState::Waived,
        None if config.deploy.command.is_none() && incident.merged.is_some() => StepState::Waived,
        None => StepState::Pending,
    }
}

fn verify(incident: &Incident, config: &Config) -> StepState {
    let released = incident.released_commit();
    let lacks = |what: Lack| aftermath::lacks(config, incident).contains(&what);
    match incident.verifications.iter().rev().find(|look| Some(&look.commit) == released) {
        _ if incident.milestones.contains_key(&Milestone::Verified) => StepState::Done,
        Some(_) if incident.is_rolled_back() || lacks(Lack::Health) => StepState::Failed,
        Some(_) if lacks(Lack::Look) => StepState::Pending,
        Some(_) => StepState::Done,
        None if incident.waiver("verify").is_some() => StepState::Waived,
        None if config.deploy.verify.is_none() && incident.merged.is_some() => StepState::Waived,
        None => StepState::Pending,
    }
}
