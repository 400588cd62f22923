//! Which incident is meant.

use crate::domain::IncidentId;
use crate::ledger::{Incidents, Summary};
use crate::workflow::{Code, IncidentNeed, Refusal};

/// What the command line says about the incident, and what the repository does.
pub(super) struct Wanted<'a> {
    /// `--incident`, or the argument that names it.
    pub(super) named: Option<&'a str>,
    /// The branch that is checked out.
    pub(super) branch: Option<&'a str>,
    /// Which one the command is about where none is named.
    pub(super) need: IncidentNeed,
    /// How the program is called.
    pub(super) program: &'a str,
}

/// The incident meant: the named one, else what the command [needs](IncidentNeed); several are an error.
pub(super) fn choose(wanted: &Wanted<'_>, incidents: &Incidents<'_>) -> Result<Option<IncidentId>, Refusal> {
    if let Some(named) = wanted.named {
        return named.parse().map(Some).map_err(|error: crate::domain::InvalidId| {
            Refusal::usage(Code::Incident, format!("--incident: {error}"))
                .hint(format!("{} list --all", wanted.program))
        });
    }
    let open = incidents.open();
    // Whoever stands on a branch means its incident, whatever else is open.
    if let Some(here) = open.iter().find(|summary| wanted.branch == Some(summary.branch.as_str())) {
        return Ok(Some(here.id.clone()));
    }
    match (open, wanted.need) {
        (_, IncidentNeed::None | IncidentNeed::AtHand) => Ok(None),
        ([only], _) => Ok(Some(only.id.clone())),
        ([], IncidentNeed::Any | IncidentNeed::AnyIfClear) => Ok(incidents.newest().map(|newest| newest.id.clone())),
        ([], _) | (_, IncidentNeed::OpenIfClear | IncidentNeed::AnyIfClear) => Ok(None),
        (several, IncidentNeed::Open | IncidentNeed::Any) => Err(which(several, wanted.program)),
    }
}

fn which(several: &[Summary], program: &str) -> Refusal {
    let mut refusal =
        Refusal::precondition(Code::WhichIncident, format!("{} incidents are open; say which one", several.len()));
    for summary in several {
        refusal = refusal.hint(format!("--incident {}   # {}", summary.id, summary.title));
    }
    refusal.hint(format!("or git switch to its branch; {program} list shows them all"))
}
