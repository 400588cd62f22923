//! Refusals where not all is known that happened.

use crate::domain::Incident;
use crate::domain::event::READER;
use crate::ledger::Loss;
use crate::workflow::{Code, Refusal};

/// Events that only a newer version understands may change what happened.
pub(super) fn needs_newer(incident: &Incident, needs: u32) -> Refusal {
    let message = format!(
        "{} holds events that this hotfix does not know (they need reader {needs}, this is {READER})",
        incident.id
    );
    Refusal::precondition(Code::NewerHotfixNeeded, message)
        .hint("install a newer hotfix; until then `status`, `show` and `log` show what this one knows")
}

/// The ledger has fewer events than it had.
pub(super) fn goes_back(loss: &Loss, program: &str) -> Refusal {
    let refusal =
        Refusal::precondition(Code::EventsGone, loss.what()).hint(format!("{}   # brings it back", loss.way_back()));
    let refusal = if loss.is_here() {
        refusal
    } else {
        refusal.hint(format!(
            "to go on without them: {program} ship --accept-damage \"...\"   # why; also `close`, `deploy`"
        ))
    };
    refusal.hint(format!("{}   # if it was meant to go", loss.way_on()))
}
