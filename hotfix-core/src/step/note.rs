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
    /// When it happened, if not now: "10 minutes ago", "14:05", "yesterday 14:05" (by your clock) or RFC 3339
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
        let typed = self.at.as_deref().map(|at| time::parse(at, "--at", context)).transpose()?;
        let happened_at = typed.as_ref().map(|typed| typed.at);
        let event = EventKind::Noted { text: self.text.trim().to_owned(), happened_at };
        let outcome = Outcome::text(format!("noted in {}", incident.id));
        let notes = typed.and_then(|typed| typed.guess).into_iter().collect();
        Ok(Plan { notes, ..Plan::then_finish(vec![Action::record(vec![event])], outcome) })
    }
}
