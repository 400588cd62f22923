//! Step 1 again: a better answer to how bad it is. History is kept.

use crate::document;
use crate::domain::event::Triaged;
use crate::domain::incident::Contested;
use crate::domain::{EventKind, Incident, Severity, SeverityLevel};
use crate::workflow::{Action, Code, Context, Outcome, Plan, Refusal, Result, Step};

/// Re-rate the incident; without flags, print its triage block
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Triage {
    /// How bad it is: critical, high, medium or one of your own
    #[cfg_attr(feature = "cli", arg(long, value_name = "SEVERITY", allow_hyphen_values = true))]
    pub severity: Option<String>,
    /// What is broken for users
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub impact: Option<String>,
    /// How many users are affected
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub scope: Option<String>,
    /// How it became known
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub source: Option<String>,
}

impl Step for Triage {
    step_facts!("triage" telling impact scope source, works_without_rules);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident_to_tell_of()?;
        let Some(changed) = self.changes(context, incident)? else {
            let text =
                document::triage(incident, &context.config.severities, context.now).map_err(Refusal::from_render)?;
            return Ok(Plan::finished(Outcome::text(text)));
        };
        Ok(Plan::then_look_again(vec![Action::record(vec![EventKind::Triaged(changed)])]))
    }
}

impl Triage {
    /// The answers that differ from what is recorded, or decide between two that are; `None` where all are the same.
    pub(super) fn changes(&self, context: &Context<'_>, incident: &Incident) -> Result<Option<Triaged>> {
        let severity = if let Some(text) = &self.severity { Some(severity(context, text)?) } else { None };
        let changed = Triaged {
            severity: severity
                .filter(|severity| *severity != incident.severity || incident.is_undecided(Contested::Severity)),
            impact: differs(&self.impact, &incident.impact, incident.is_undecided(Contested::Impact)),
            scope: differs(&self.scope, &incident.scope, incident.is_undecided(Contested::Scope)),
            source: differs(&self.source, &incident.source, incident.is_undecided(Contested::Source)),
        };
        Ok((changed != Triaged::default()).then_some(changed))
    }
}

fn differs(wanted: &Option<String>, known: &Option<String>, is_undecided: bool) -> Option<String> {
    wanted.clone().filter(|wanted| is_undecided || known.as_ref() != Some(wanted))
}

/// The severity that a person means; where nobody defined it, the error lists those that are.
pub(super) fn severity(context: &Context<'_>, text: &str) -> Result<Severity> {
    let severities = &context.config.severities;
    severities.parse(text).map_err(|error| {
        let refusal = Refusal::usage(Code::Severity, format!("--severity: {error}"));
        severities.levels().iter().map(SeverityLevel::describe).fold(refusal, Refusal::hint)
    })
}
