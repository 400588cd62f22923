//! What people tell for the postmortem, by flags of `postmortem` and `close`.

use crate::document::Required;
use crate::domain::event::{ExplainTopic, Triaged};
use crate::domain::{EventKind, Incident};
use crate::workflow::{Code, Refusal, Result, is_bare_none, refuse_blank};

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
/// When one of them is blank, or says no more than that nothing prevents it.
pub(in crate::step) fn news(flags: &[(Required, &Option<String>)], incident: &Incident) -> Result<Vec<EventKind>> {
    let mut events = Vec::new();
    for (required, text) in flags {
        let Some(text) = text else { continue };
        refuse_blank(text, Code::Text, format!("{}: there is no text in it", flag(*required)))?;
        if *required == Required::Prevention && is_bare_none(text) {
            let message = "--prevention: none says little alone; say why";
            return Err(Refusal::usage(Code::Text, message).hint("--prevention \"none because ...\""));
        }
        if required.recorded(incident) != Some(text) {
            events.push(event(*required, text));
        }
    }
    Ok(events)
}

/// What flags tell and a document does not take, because somebody wrote that section: as the document would say it, and the
/// failure that this is.
pub(in crate::step) fn not_taken(
    flags: &[(Required, &Option<String>)],
    missing: &[(ExplainTopic, String)],
    path: &str,
) -> Option<(String, Refusal)> {
    let is_told = |required| flags.iter().any(|(flag, text)| *flag == required && text.is_some());
    let (section, text) = missing.iter().find_map(|(topic, text)| match topic {
        ExplainTopic::RootCause => is_told(Required::RootCause).then_some(("Root cause", text)),
        ExplainTopic::Prevention => is_told(Required::Prevention).then_some(("Prevention", text)),
        ExplainTopic::Fix => None,
    })?;
    let message =
        format!("the section \"{section}\" of {path} was written by hand; what you told is recorded, and not in it");
    Some((format!("{text}\n"), Refusal::check_failed(Code::Edited, message)))
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
