//! Takes the text of an event out of the record.

use crate::domain::{EventId, Incident, one_line};
use crate::workflow::{
    Action, Code, Context, Network, Outcome, Plan, Question, RecordAction, Refusal, Result, Topic, refuse_blank,
};

pub(super) fn plan(context: &Context<'_>, event: &str, reason: &str) -> Result<Plan> {
    let incident = context.incident()?;
    refuse_blank(reason, Code::Reason, "--reason: say why; it stands in the text's place")?;
    let (id, what) = find(context, incident, event)?;
    match context.answers.about(Topic::Forget) {
        Some(true) => {}
        Some(false) => return Ok(Plan::finished(Outcome::declined())),
        None if context.network == Network::AsOfLastFetch => {}
        None => {
            let text = format!("Take the text of {what} out of the record of {}, for good?", incident.id);
            let otherwise = Refusal::usage(Code::Confirm, format!("{text} Nobody is there to confirm it"))
                .hint(format!("{} ledger forget {} --reason \"...\" --yes", context.program, id.short()));
            return Ok(Plan::offer(Question::Confirm { topic: Topic::Forget, text }, otherwise));
        }
    }
    let mut outcome = Outcome::text(format!("forgotten in {}: {what}", incident.id));
    outcome.hints = vec![
        "git gc --prune=now   # until then the old bytes lie in .git, where nothing leads to them".to_owned(),
        "what was copied from it stays: postmortem, pull request, and clones that have it until they share the record"
            .to_owned(),
    ];
    let action = Action::Record(RecordAction::Forget { event: id, reason: reason.trim().to_owned() });
    Ok(Plan::then_finish(vec![action], outcome))
}

/// The event whose id begins so, and what it is in words.
fn find(context: &Context<'_>, incident: &Incident, prefix: &str) -> Result<(EventId, String)> {
    let wanted = prefix.trim().to_ascii_lowercase();
    let found: Vec<_> = incident.events.iter().filter(|event| event.id.as_str().starts_with(&wanted)).collect();
    let way = format!("{} log --ids --incident {}", context.program, incident.id);
    match found.as_slice() {
        [event] => Ok((event.id.clone(), format!("{} ({})", event.kind, event.id.short()))),
        [] => {
            Err(Refusal::usage(Code::Event, format!("EVENT: {} has no event {}", incident.id, one_line(prefix)))
                .hint(way))
        }
        several => {
            let message = format!("EVENT: {} is the beginning of {} ids", one_line(prefix), several.len());
            Err(Refusal::usage(Code::Event, message).hint(way))
        }
    }
}
