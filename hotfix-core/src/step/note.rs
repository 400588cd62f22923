//! A line in the timeline.

use crate::domain::EventKind;
use crate::workflow::{Action, Context, EditorUse, Outcome, Plan, Result, Step, time};

use super::written::{self, ComposedText};

/// Write what you see or did into the timeline
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Note {
    /// What happened; without it, your editor opens
    #[cfg_attr(feature = "cli", arg(value_name = "TEXT"))]
    pub text: Option<String>,
    /// When it happened, if not now: "10 minutes ago", "14:05", "yesterday 14:05" (by your clock) or RFC 3339
    #[cfg_attr(feature = "cli", arg(long, value_name = "TIME"))]
    pub at: Option<String>,
}

impl Step for Note {
    step_facts!("note", works_without_rules);

    fn texts(&mut self) -> Vec<&mut String> {
        self.text.iter_mut().collect()
    }

    fn editor(&self) -> Option<EditorUse> {
        let instead = "note \"...\"   # what happened";
        self.text.is_none().then_some(EditorUse { argument: "TEXT", is_given: false, instead })
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident_to_tell_of()?;
        let text =
            match written::text(context, incident, self.text.as_ref(), "What you see or did, for the timeline of")? {
                ComposedText::Text(text) => text,
                ComposedText::First(plan) => return Ok(plan),
            };
        let typed = self.at.as_deref().map(|at| time::parse(at, "--at", context)).transpose()?;
        let happened_at = typed.as_ref().map(|typed| typed.at);
        let event = EventKind::Noted { text, happened_at };
        let outcome = Outcome::text(format!("noted in {}", incident.id));
        let notes = typed.and_then(|typed| typed.guess).into_iter().collect();
        Ok(Plan { notes, ..Plan::then_finish(vec![Action::record(vec![event])], outcome) })
    }
}
