//! Whether the last command of a person was about another incident than the one that is meant here.

use jiff::Timestamp;

use crate::domain::{Incident, IncidentId, Person, RefName};
use crate::port::LEDGER_PLACE;
use crate::workflow::{Code, Context, Refusal, Result};

use super::command::LastCommand;

/// So many commits of the ledger are looked at: more than a second sees.
const LOOKED_AT: usize = 100;

/// Refuses to take back an older command than the last one, as both may be meant: that of the incident of this branch, and
/// the last.
///
/// # Errors
/// When the person said something about another incident since, and names none.
pub(super) fn refuse_older(
    context: &Context<'_>,
    incident: &Incident,
    who: &Person,
    here: Option<&LastCommand<'_>>,
) -> Result<()> {
    let Some((at, other, told)) = newest_elsewhere(context, incident, who)? else { return Ok(()) };
    let is_last = match here.and_then(LastCommand::at) {
        Some(here) if here == at => is_later(context, &incident.id, &other)?,
        Some(here) => here > at,
        None => false,
    };
    if is_last {
        return Ok(());
    }
    let line = |id: &IncidentId, told: &str| format!("{} undo --incident {id}   # {told}", context.program);
    let message = format!("your last command was about {other}, and {} is meant here; say which one", incident.id);
    let refusal = Refusal::precondition(Code::WhichIncident, message).hint(line(&other, &told));
    Err(match here {
        Some(here) => refusal.hint(line(&incident.id, &here.told(incident))),
        None => refusal,
    })
}

/// Whether the ledger here got the last event of `one` after the last of `other`: times are of seconds, and scripts are faster.
/// Where it does not tell, neither is meant.
fn is_later(context: &Context<'_>, one: &IncidentId, other: &IncidentId) -> Result<bool> {
    let git = context.look.git;
    let mut next = git.commit_of_ref(&RefName::known(format!("{LEDGER_PLACE}{:04}", one.year())))?;
    for _ in 0..LOOKED_AT {
        let Some(commit) = next else { break };
        // What led to it may never have come here.
        let Ok(details) = git.details(&commit) else { break };
        let is_about = |id: &IncidentId| details.subject().starts_with(id.as_str());
        match (is_about(one), is_about(other)) {
            (true, _) => return Ok(true),
            (_, true) => return Ok(false),
            _ => next = details.parents.into_iter().next(),
        }
    }
    Ok(false)
}

/// The last command of this person about any other incident: when, which, and what it told.
fn newest_elsewhere(
    context: &Context<'_>,
    incident: &Incident,
    who: &Person,
) -> Result<Option<(Timestamp, IncidentId, String)>> {
    let mut newest: Option<(Timestamp, IncidentId, String)> = None;
    for other in context.incidents.all()?.iter().filter(|other| other.id != incident.id) {
        // Nothing of one that cannot be read can be taken back.
        let Ok(loaded) = context.incidents.load(&other.id) else { continue };
        let Some(command) = LastCommand::of(&loaded.incident, who) else { continue };
        let Some(at) = command.at().filter(|at| newest.as_ref().is_none_or(|(newest, ..)| at > newest)) else {
            continue;
        };
        newest = Some((at, other.id.clone(), command.told(&loaded.incident)));
    }
    Ok(newest)
}
