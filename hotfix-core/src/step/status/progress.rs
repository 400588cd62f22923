//! Where an incident is in the workflow, derived from evidence.

use serde::Serialize;

use crate::config::Config;
use crate::domain::event::{DeployPart, Ending};
use crate::domain::{Incident, Level, Milestone, PullRequestState, Status};

use crate::release::aftermath::{self, Lack};
use crate::workflow::{Context, Result};

use super::super::postmortem::edited;
use super::super::test::refusing_proof;
use super::fix_committed;

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

/// What the repository here says of the steps.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here {
    /// Whether the branch holds a commit of its own.
    pub fix_committed: bool,
    /// Whether a file lies where the postmortem was written that does not say that it is one.
    pub foreign_postmortem: bool,
}

impl Here {
    /// What it says now.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn look(context: &Context<'_>, incident: &Incident) -> Result<Self> {
        // What is delivered is on production, whatever lies here since.
        let written = incident.postmortem.as_ref().filter(|_| incident.status.is_open() && incident.records.is_none());
        // What cannot be read here, as without a work tree, says nothing.
        let is_foreign = |path: &str| edited::foreign(context, incident, path).is_ok_and(|bytes| bytes.is_some());
        let foreign_postmortem = written.is_some_and(|written| is_foreign(&written.path));
        Ok(Self { fix_committed: fix_committed(context, incident)?, foreign_postmortem })
    }
}

/// The state of every step.
pub fn progress(incident: &Incident, config: &Config, here: Here) -> Vec<Progress> {
    let merged = incident.merged.is_some();
    let proposed = incident.pull_request.as_ref();
    let is_proposed = proposed.is_some_and(|proposed| proposed.state != PullRequestState::Closed);
    let when = |done: bool| if done { StepState::Done } else { StepState::Pending };
    let mut steps = [
        ("preflight", StepState::Done),
        ("triage", StepState::Done),
        ("branch", when(incident.branch_created || merged)),
        ("fix", when(here.fix_committed || merged)),
        ("guard", guard(incident)),
        ("test", test(incident)),
        ("pr", when(is_proposed || merged)),
        ("merge", when(merged)),
        ("deploy", deploy(incident, config)),
        ("verify", verify(incident, config)),
        // As `close` says it: words that it does not take are no postmortem.
        ("postmortem", if here.foreign_postmortem { StepState::Failed } else { when(incident.postmortem.is_some()) }),
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
