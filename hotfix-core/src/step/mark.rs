//! A milestone, set by a person.

use crate::domain::{EventKind, Milestone};
use crate::workflow::{Action, Code, Context, Outcome, Plan, Refusal, Result, Step, time};

/// Say when a milestone was reached: started, detected, mitigated, deployed, verified, resolved
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Mark {
    /// Which milestone
    #[cfg_attr(feature = "cli", arg(value_name = "MILESTONE"))]
    pub milestone: String,
    /// When it was reached, if not now: RFC 3339, "HH:MM" (UTC) or "15m ago"
    #[cfg_attr(feature = "cli", arg(long, value_name = "TIME"))]
    pub at: Option<String>,
}

impl Step for Mark {
    step_facts!("mark", works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        let milestone = self.milestone()?;
        let reached_at = if let Some(at) = &self.at { time::parse(at, "--at", context.now)? } else { context.now };
        if self.at.is_none() && incident.milestones.contains_key(&milestone) {
            return Ok(Plan::finished(Outcome::text(format!("{milestone} is marked already; --at corrects it"))));
        }
        let event = EventKind::Marked { milestone, reached_at };
        let outcome = Outcome::text(format!("{milestone} at {}", time::human(reached_at)));
        Ok(Plan::then_finish(vec![Action::record(vec![event])], outcome))
    }
}

impl Mark {
    fn milestone(&self) -> Result<Milestone> {
        let names = || {
            let settable = [
                Milestone::Started,
                Milestone::Detected,
                Milestone::Mitigated,
                Milestone::Deployed,
                Milestone::Verified,
                Milestone::Resolved,
            ];
            settable.map(Milestone::key).join(", ")
        };
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
}
