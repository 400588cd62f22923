//! A milestone, set by a person, and how a part of the deployment ended that only a person can tell.

use crate::domain::event::DeployFinished;
use crate::domain::{EventKind, Incident, Milestone, ObjectId};
use crate::workflow::{Action, Code, Context, Outcome, Plan, Refusal, Result, Step, time};

/// Say when a milestone was reached: started, detected, mitigated, rolled-back, deployed, verified, resolved
///
/// "deployed" and "rolled-back" also say how a deployment, its migration or a rollback ended of which nobody knows.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Mark {
    /// Which milestone
    #[cfg_attr(feature = "cli", arg(value_name = "MILESTONE"))]
    pub milestone: String,
    /// When it was reached, if not now: "10 minutes ago", "14:05", "yesterday 14:05" (by your clock) or RFC 3339
    #[cfg_attr(feature = "cli", arg(long, value_name = "TIME"))]
    pub at: Option<String>,
}

/// Production is what it was before the fix: no milestone of its own, as users are helped by whatever means.
const ROLLED_BACK: &str = "rolled-back";

/// The words that a person may mark.
pub(super) fn settable() -> [&'static str; 7] {
    [
        Milestone::Started.key(),
        Milestone::Detected.key(),
        Milestone::Mitigated.key(),
        ROLLED_BACK,
        Milestone::Deployed.key(),
        Milestone::Verified.key(),
        Milestone::Resolved.key(),
    ]
}

impl Step for Mark {
    step_facts!("mark", works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident_to_tell_of()?;
        let milestone = self.milestone()?;
        let typed = self.at.as_deref().map(|at| time::parse(at, "--at", context)).transpose()?;
        let (reached_at, guess) = typed.map_or((context.now, None), |typed| (typed.at, typed.guess));
        let ends = self.ends(context, incident, milestone)?;
        let is_reached = incident.milestones.contains_key(&milestone);
        if self.at.is_none() && is_reached && ends.is_empty() {
            return Ok(Plan::finished(Outcome::text(format!(
                "{} is marked already; --at corrects it",
                self.milestone
            ))));
        }
        let mut events: Vec<EventKind> = ends.into_iter().map(EventKind::DeployFinished).collect();
        // Last: the time that the person says counts.
        if self.at.is_some() || !is_reached {
            events.push(EventKind::Marked { milestone, reached_at });
        }
        let outcome = Outcome::text(format!("{} at {}", self.milestone, context.reader.second(reached_at)));
        Ok(Plan { notes: guess.into_iter().collect(), ..Plan::then_finish(vec![Action::record(events)], outcome) })
    }
}

impl Mark {
    fn milestone(&self) -> Result<Milestone> {
        if self.milestone == ROLLED_BACK {
            return Ok(Milestone::Mitigated);
        }
        let names = || settable().join(", ");
        let milestone: Milestone = self.milestone.parse().map_err(|error: crate::domain::UnknownMilestone| {
            Refusal::usage(Code::Milestone, format!("MILESTONE: {error}")).hint(names())
        })?;
        let own_command = match milestone {
            Milestone::Opened => "open",
            Milestone::Merged => "ship",
            Milestone::Closed => "close",
            Milestone::Started
            | Milestone::Detected
            | Milestone::Mitigated
            | Milestone::Deployed
            | Milestone::Verified
            | Milestone::Resolved => return Ok(milestone),
        };
        Err(Refusal::usage(Code::Milestone, format!("MILESTONE: {milestone} is recorded by its own command"))
            .hint(own_command)
            .hint(names()))
    }

    /// What the word says of the parts of the deployment.
    fn ends(&self, context: &Context<'_>, incident: &Incident, milestone: Milestone) -> Result<Vec<DeployFinished>> {
        let is_back = self.milestone == ROLLED_BACK;
        if !is_back && milestone != Milestone::Deployed {
            return Ok(Vec::new());
        }
        let Some(commit) = incident.released_commit() else { return Err(self.nothing_landed(context, incident)) };
        Ok(if is_back { rolled_back(incident, commit) } else { incident.deploys.told_deployed(commit) })
    }

    fn nothing_landed(&self, context: &Context<'_>, incident: &Incident) -> Refusal {
        let (program, word) = (context.program, &self.milestone);
        let message = format!("{} is not merged yet, so it cannot be {word}", incident.branch());
        Refusal::precondition(Code::NotMerged, message)
            .hint(format!("{program} ship"))
            .hint(format!("done by hand? {program} ship --skip-deploy, then {program} mark {word}"))
    }
}

fn rolled_back(incident: &Incident, commit: &ObjectId) -> Vec<DeployFinished> {
    if incident.is_rolled_back() { Vec::new() } else { vec![DeployFinished::told_rolled_back(commit.clone())] }
}
