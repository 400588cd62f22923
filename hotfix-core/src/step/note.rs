//! A line in the timeline.

use crate::domain::EventKind;
use crate::workflow::{Action, Code, Context, Outcome, Plan, Result, Step, refuse_blank, time};

/// Write what you see or did into the timeline
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Note {
    /// What happened
    #[cfg_attr(feature = "cli", arg(value_name = "TEXT"))]
    pub text: String,
    /// When it happened, if not now: RFC 3339, "HH:MM" (UTC) or "15m ago"
    #[cfg_attr(feature = "cli", arg(long, value_name = "TIME"))]
    pub at: Option<String>,
}

impl Step for Note {
    step_facts!("note", works_without_rules);

    fn texts(&mut self) -> Vec<&mut String> {
        vec![&mut self.text]
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        refuse_blank(&self.text, Code::Text, "TEXT: there is nothing to write down")?;
        let happened_at = self.at.as_deref().map(|at| time::parse(at, "--at", context.now)).transpose()?;
        let event = EventKind::Noted { text: self.text.trim().to_owned(), happened_at };
        let outcome = Outcome::text(format!("noted in {}", incident.id));
        Ok(Plan::then_finish(vec![Action::record(vec![event])], outcome))
    }
}
