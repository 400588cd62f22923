//! Which incident is meant.

use crate::domain::{IncidentId, Status, one_line};
use crate::ledger::{Incidents, Summary};
use crate::workflow::{Code, IncidentNeed, Refusal, reopen};

use super::by_name;
pub(super) use super::by_name::NamedIncident;

/// An incident that was chosen.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) id: IncidentId,
    /// Why it is this one, where that is not plain.
    pub(super) note: Option<String>,
    /// Whether its branch is checked out: then no other can be meant.
    pub(super) is_here: bool,
}

impl Chosen {
    fn of(id: IncidentId) -> Self {
        Self { id, note: None, is_here: false }
    }
}

/// What the command line says about the incident, and what the repository does.
pub(super) struct Wanted<'a> {
    /// `--incident`, or the argument that names it.
    pub(super) named: Option<NamedIncident<'a>>,
    /// The branch that is checked out.
    pub(super) branch: Option<&'a str>,
    /// Which one the command is about where none is named.
    pub(super) need: IncidentNeed,
    /// How the program is called.
    pub(super) program: &'a str,
}

/// The incident meant, and what is to be said of the choice: the named one, else what the command [needs](IncidentNeed);
/// several are an error.
pub(super) fn choose(wanted: &Wanted<'_>, incidents: &Incidents<'_>) -> Result<Option<Chosen>, Refusal> {
    if let Some(named) = wanted.named {
        return by_name::find(named, incidents, wanted.program).map(Chosen::of).map(Some);
    }
    if wanted.need == IncidentNeed::None {
        return Ok(None);
    }
    let open = incidents.open();
    // Whoever stands on a branch means its incident, whatever else is open.
    let here: Vec<&Summary> = open.iter().filter(|summary| wanted.branch == Some(summary.branch.as_str())).collect();
    match here.as_slice() {
        [] => {}
        [here] => return Ok(Some(Chosen { is_here: true, ..Chosen::of(here.id.clone()) })),
        // Opened in two clones at once. What only looks shows them all.
        [_, ..] if wanted.need == IncidentNeed::OpenIfClear => return Ok(None),
        [first, ..] => {
            let message = format!("{} incidents are open on {}; say which one", here.len(), first.branch);
            return Err(by_its_id(Refusal::precondition(Code::WhichIncident, message), here.iter().copied()));
        }
    }
    if wanted.need == IncidentNeed::AtHand {
        return Ok(None);
    }
    if let Some(ended) = ended_here(wanted, incidents)? {
        return match wanted.need {
            IncidentNeed::Open => Err(is_over(&ended, incidents, wanted.program)),
            _ => Ok(Some(Chosen::of(ended.id))),
        };
    }
    if wanted.need == IncidentNeed::Ended {
        return newest_ended(incidents);
    }
    let underway: Vec<&Summary> = open.iter().filter(|summary| summary.is_underway).collect();
    Ok(match (open, underway.as_slice(), wanted.need) {
        ([only], _, _) => Some(Chosen::of(only.id.clone())),
        ([], _, IncidentNeed::Any | IncidentNeed::AnyIfClear) => {
            incidents.newest().map(|newest| Chosen::of(newest.id.clone()))
        }
        ([], _, _) | (_, _, IncidentNeed::OpenIfClear | IncidentNeed::AnyIfClear) => None,
        // A command that was interrupted is run again as it was typed.
        (_, [underway], _) => {
            let note = format!("{} is meant, which is underway: {}", underway.id, underway.title);
            Some(Chosen { note: Some(note), ..Chosen::of(underway.id.clone()) })
        }
        (several, _, _) => return Err(which(several, wanted.program)),
    })
}

/// The newest of the incidents that are over, and which that is where several are.
fn newest_ended(incidents: &Incidents<'_>) -> Result<Option<Chosen>, Refusal> {
    let mut ended = incidents.all()?.iter().filter(|summary| !summary.status.is_open());
    let Some(newest) = ended.next() else { return Ok(None) };
    let note = format!("{} is meant, the newest that is over: {}", newest.id, newest.title);
    Ok(Some(Chosen { note: ended.next().map(|_| note), ..Chosen::of(newest.id.clone()) }))
}

/// The incident of the branch that is checked out, where it is over.
fn ended_here(wanted: &Wanted<'_>, incidents: &Incidents<'_>) -> Result<Option<Summary>, Refusal> {
    // Only then: to find it, all incidents are read.
    let Some(branch) = wanted.branch.filter(|branch| incidents.may_have_branch(branch)) else { return Ok(None) };
    Ok(incidents.all()?.iter().find(|summary| summary.branch.as_str() == branch).cloned())
}

fn is_over(ended: &Summary, incidents: &Incidents<'_>, program: &str) -> Refusal {
    let Summary { id, status, .. } = ended;
    let loaded = incidents.load(id).ok();
    let who = loaded.as_ref().and_then(|loaded| loaded.incident.ended()).map(|end| one_line(&end.by.name));
    let over = who.map_or_else(|| format!("is {status}"), |who| format!("was {status} by {who}"));
    let message = format!("{id}, whose branch is checked out, {over}");
    let code = if *status == Status::Canceled { Code::Canceled } else { Code::Closed };
    let refusal = Refusal::precondition(code, message).hint(reopen(program, id));
    by_its_id(refusal, std::iter::once(ended).chain(incidents.open()))
}

fn which(several: &[Summary], program: &str) -> Refusal {
    let message = format!("{} incidents are open; say which one", several.len());
    by_its_id(Refusal::precondition(Code::WhichIncident, message), several)
        .hint(format!("or git switch to its branch; {program} list shows them all"))
}

/// Names incidents by what chooses one of them.
fn by_its_id<'a>(refusal: Refusal, incidents: impl IntoIterator<Item = &'a Summary>) -> Refusal {
    incidents.into_iter().fold(refusal, |refusal, summary| {
        let underway = if summary.is_underway { ", underway" } else { "" };
        refusal.hint(format!("--incident {}   # {}{underway}", summary.id, summary.title))
    })
}
