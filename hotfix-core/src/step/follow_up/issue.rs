//! Step 8, at a hosting service: remaining work as an issue, filed once and linked both ways.

use crate::document::escape;
use crate::domain::event::FollowUpAdded;
use crate::domain::incident::FollowUp;
use crate::domain::{EventKind, Incident, one_line};
use crate::port::Issue;
use crate::production::hosting;
use crate::release::pull_request_text;
use crate::workflow::{Action, Code, Context, ForgeAction, Network, Plan, Refusal, Result};

/// The longest title of an issue, in characters.
const MAX_TITLE: usize = 256;

/// Adds the follow-up unless it is there, files it unless it was, and says where it is.
pub(super) fn file_as_issue(context: &Context<'_>, incident: &Incident, added: FollowUpAdded) -> Result<Plan> {
    refuse_unreachable(context, incident)?;
    // An earlier run may have recorded it and not filed it; from the last, for the same work may come up twice.
    let Some(known) = incident.follow_ups.iter().rev().find(|known| known.added == added && !known.done) else {
        return Ok(Plan::then_look_again(vec![Action::record(vec![EventKind::FollowUpAdded(added)])]));
    };
    match &known.issue {
        None => {
            let issue = issue(incident, known);
            Ok(Plan::then_look_again(vec![Action::Forge(ForgeAction::FileIssue { follow_up: known.number, issue })]))
        }
        Some((number, url)) => {
            let text =
                format!("follow-up {}: {}\nissue #{number}: {}", known.number, one_line(&added.text), one_line(url));
            Ok(Plan::finished(super::recorded(context, incident, text)))
        }
    }
}

fn refuse_unreachable(context: &Context<'_>, incident: &Incident) -> Result<()> {
    let again = format!("{} follow-up add TEXT   # keeps it in the ledger alone", context.program);
    if hosting::of(context, incident)?.is_none() {
        return Err(Refusal::precondition(Code::NoForge, "--issue: no hosting service is known to file it at")
            .hint("git config hotfix.forge.kind github")
            .hint(again));
    }
    if context.network == Network::Offline {
        let service = hosting::name(context, incident);
        let message = format!("--issue needs {service}, and --offline forbids to ask it");
        return Err(Refusal::precondition(Code::Offline, message).hint(again));
    }
    Ok(())
}

fn issue(incident: &Incident, follow_up: &FollowUp) -> Issue {
    // After a lost answer the service is searched for this: it must stay as it is.
    let marker = format!("<!-- hotfix: {} follow-up {} -->", incident.id, follow_up.number);
    let mut body = format!("{}\n\n", escape::block(&follow_up.added.text));
    let kind = if follow_up.added.band_aid {
        "The fix was a band-aid; this is the proper one."
    } else {
        "Left over from a hotfix."
    };
    body.push_str(&format!("{kind} Incident {}: {}\n", incident.id, escape::prose(incident.title.as_given())));
    let details = [
        incident
            .pull_request
            .as_ref()
            .and_then(|known| known.number)
            .map(|number| format!("- Pull request: #{number}\n")),
        follow_up.added.gap.map(|gap| format!("- Gap: {}\n", gap.key())),
        follow_up.added.owner.as_ref().map(|owner| format!("- Owner: {}\n", escape::prose(owner))),
        follow_up.added.due.map(|due| format!("- Due: {due}\n")),
    ];
    let details: String = details.into_iter().flatten().collect();
    if !details.is_empty() {
        body.push_str(&format!("\n{details}"));
    }
    body.push_str(&format!("\n{marker}\n"));
    let band_aid = follow_up.added.band_aid.then(|| "band-aid".to_owned());
    let labels = std::iter::once(pull_request_text::LABEL.to_owned()).chain(band_aid).collect();
    Issue { title: escape::commit_line(&follow_up.added.text, MAX_TITLE), body, marker, labels }
}
