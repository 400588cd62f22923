//! What people tell for the postmortem, by flags of `postmortem` and `close`.

use crate::document::Required;
use crate::domain::event::{ExplainTopic, Triaged};
use crate::domain::{EventKind, Incident};
use crate::workflow::{Code, Result, refuse_blank};

/// The flag that answers a question of the postmortem.
pub(in crate::step) fn flag(required: Required) -> &'static str {
    match required {
        Required::RootCause => "--root-cause",
        Required::Impact => "--impact",
        Required::Prevention => "--prevention",
    }
}

/// What flags tell and the record does not say yet.
///
/// # Errors
/// When one of them is blank.
pub(in crate::step) fn news(flags: &[(Required, &Option<String>)], incident: &Incident) -> Result<Vec<EventKind>> {
    let mut events = Vec::new();
    for (required, text) in flags {
        let Some(text) = text else { continue };
        refuse_blank(text, Code::Text, format!("{}: there is no text in it", flag(*required)))?;
        if required.recorded(incident) != Some(text) {
            events.push(event(*required, text));
        }
    }
    Ok(events)
}

/// An answer as it is recorded.
pub(in crate::step) fn event(required: Required, text: &str) -> EventKind {
    let text = text.to_owned();
    match required {
        Required::RootCause => EventKind::Explained { topic: ExplainTopic::RootCause, text },
        Required::Impact => EventKind::Triaged(Triaged { impact: Some(text), ..Triaged::default() }),
        Required::Prevention => EventKind::Explained { topic: ExplainTopic::Prevention, text },
    }
}
