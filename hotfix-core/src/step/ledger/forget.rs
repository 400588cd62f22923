//! Takes the text of an event out of the record.

use crate::domain::{EventId, Incident, one_line};
use crate::port::{fetched_place, tracked_place};
use crate::workflow::{
    Action, Code, Context, Network, Outcome, Plan, Question, RecordAction, Refusal, Result, Topic, refuse_blank,
};

pub(super) fn plan(context: &Context<'_>, event: &str, reason: &str) -> Result<Plan> {
    let incident = context.incident()?;
    refuse_blank(reason, Code::Reason, "--reason: say why; it stands in the text's place")?;
    let (id, what) = find(context, incident, event)?;
    if context.answers.about(Topic::Forget) != Some(true) && context.network != Network::AsOfLastFetch {
        let text = format!("Take the text of {what} out of the record of {}, for good?", incident.id);
        let otherwise = Refusal::usage(Code::Confirm, format!("{text} Nobody is there to confirm it")).hint(format!(
            "{} ledger forget {} --reason \"...\" --yes",
            context.program,
            id.short()
        ));
        return Ok(Plan::offer(Question::Confirm { topic: Topic::Forget, text }, otherwise));
    }
    let mut outcome = Outcome::text(format!("forgotten in {}: {what}", incident.id));
    outcome.hints = leading_there(context, incident)?;
    outcome.hints.extend([
        "git gc --prune=now   # then the old bytes are gone from .git, once nothing leads to them".to_owned(),
        "what was copied from it stays: postmortem, pull request, and clones that have it until they share the record"
            .to_owned(),
    ]);
    let action = Action::Record(RecordAction::Forget { event: id, reason: reason.trim().to_owned() });
    Ok(Plan::then_finish(vec![action], outcome))
}

/// What may lead to the old bytes still, and has to come first: what is remembered of remotes.
fn leading_there(context: &Context<'_>, incident: &Incident) -> Result<Vec<String>> {
    let (git, program) = (context.look.git, context.program);
    let year = format!("{:04}", incident.id.year());
    let mut hints = Vec::new();
    for remote in git.remotes()? {
        let (tracked, fetched) = (tracked_place(&remote), fetched_place(&remote));
        let is_there = |folder: &str| -> Result<Option<String>> {
            let refs = git.refs_under(folder)?;
            let found = refs.iter().map(|(name, _)| name.as_str()).find(|name| name.ends_with(&year));
            Ok(found.map(str::to_owned))
        };
        let Some(name) = is_there(&tracked)? else { continue };
        hints.push(format!("{program} sync {remote}   # until {remote} took this over it has the old bytes, and {name} leads to them here"));
        if let Some(name) = is_there(&fetched)? {
            hints.push(format!("git fetch {remote}   # after that: {name} leads to them until then"));
        }
    }
    Ok(hints)
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
