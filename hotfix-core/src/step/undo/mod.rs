//! Takes the last command back: a person's word by an event that says so, what was done in the world by its own way back.

mod command;
mod newest;

use crate::domain::{EventKind, Incident, PullRequestState, RecordedEvent, Status, WayBack};
use crate::production::hosting;
use crate::release::aftermath;
use crate::workflow::{
    Action, Code, Context, ForgeAction, Network, Outcome, Plan, RecordAction, Refusal, Result, Step,
};

use self::command::{LastCommand, words_of};
use super::abort::OPENED_BY_MISTAKE;
use super::{Abort, abort};

/// Take back your last command
///
/// What you said counts no more (a note, a mark, a new rating, evidence, a follow-up, an exception): the event stays, another one
/// takes it back, and `log` shows both. An incident that was just opened is given up as by `abort`, a pull request is closed.
/// A merge, a deployment and a close have a way back of their own, which is named.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Undo {
    /// What to take back instead: an event, by the beginning of its id (`log --ids` shows them)
    #[cfg_attr(feature = "cli", arg(value_name = "EVENT"))]
    pub event: Option<String>,
}

/// What is said where the last command was one that looks, which nobody can take back.
const ONLY_LOOKED: &str = "guard and test only looked at the fix since then: that is nothing to take back";

impl Step for Undo {
    step_facts!("undo" about Any, works_without_rules, needs_work_tree);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        // An earlier run may have been cut short after it.
        if incident.status == Status::Canceled && incident.ended_because.as_deref() == Some(OPENED_BY_MISTAKE) {
            return give_up(context);
        }
        let who = context.look.git.identity()?;
        let command = match &self.event {
            Some(prefix) => LastCommand::named(context, incident, prefix)?,
            None => {
                let last = LastCommand::of(incident, &who);
                if !context.names_incident {
                    newest::refuse_older(context, incident, &who, last.as_ref())?;
                }
                last.ok_or_else(|| nothing(incident, &who.name))?
            }
        };
        match command.way_back() {
            WayBack::Retraction => Ok(retract(context, incident, &command)),
            WayBack::Abort if command.may_be_given_up(context, incident) => give_up(context),
            WayBack::ClosePullRequest if self.event.is_none() => close_pull_request(context, incident),
            _ => elsewhere(context, incident, &command),
        }
    }
}

fn nothing(incident: &Incident, who: &str) -> Refusal {
    let who = crate::domain::one_line(who);
    Refusal::precondition(Code::NothingToUndo, format!("nothing to take back: {who} said nothing in {}", incident.id))
}

/// What was said counts no more.
fn retract(context: &Context<'_>, incident: &Incident, command: &LastCommand<'_>) -> Plan {
    let told = words_of(incident, &command.events);
    let mut outcome = Outcome::text(format!("taken back in {}: {told}", incident.id));
    let program = context.program;
    if command.is_looked_at {
        outcome.hints.push(ONLY_LOOKED.to_owned());
    }
    if let Some((number, url)) = command.issue(incident) {
        outcome.hints.push(format!("issue #{number} stays open: {url}"));
    }
    if incident.records.is_some() {
        outcome.hints.push("the records that were delivered may tell it still: edit them there".to_owned());
    } else if incident.pull_request.as_ref().is_some_and(|open| {
        // What is merged or closed nobody reads to decide.
        matches!(open.state, PullRequestState::Open | PullRequestState::Draft)
    }) {
        outcome.hints.push(format!("{program} pr   # brings the pull request up to date"));
    }
    let events = command.events.iter().map(|event| event.id.clone()).collect();
    Plan::then_finish(vec![Action::Record(RecordAction::Retract { events, told })], outcome)
}

fn give_up(context: &Context<'_>) -> Result<Plan> {
    Abort { reason: Some(OPENED_BY_MISTAKE.to_owned()), accept_damage: None }.plan(context)
}

fn close_pull_request(context: &Context<'_>, incident: &Incident) -> Result<Plan> {
    let Some(proposed) = &incident.pull_request else { return Err(nothing(incident, "you")) };
    let again = format!("{} pr", context.program);
    if proposed.state == PullRequestState::Closed {
        return Ok(Plan::finished(Outcome::text("the pull request is closed already").next(again)));
    }
    let (action, name) = match proposed.number {
        None => (Action::record(vec![EventKind::PullRequestClosed]), "the pull request".to_owned()),
        Some(number) => {
            if context.network == Network::Offline {
                let message =
                    format!("pull request #{number} is closed at its service, and --offline forbids to ask it");
                return Err(Refusal::precondition(Code::Offline, message));
            }
            if hosting::of(context, incident)?.is_none() {
                let message = format!("the service that holds pull request #{number} is not known here");
                return Err(Refusal::needs_human(Code::OtherWayBack, message)
                    .hint("git config hotfix.forge.kind github   # and again; or close it there"));
            }
            (Action::Forge(ForgeAction::ClosePullRequest { number }), format!("pull request #{number}"))
        }
    };
    let outcome = Outcome::text(format!("{name} is closed; its branch and commits stay")).next(again);
    Ok(Plan::then_finish(vec![action], outcome))
}

/// What has another way back than this command: said, with the command that goes it.
fn elsewhere(context: &Context<'_>, incident: &Incident, command: &LastCommand<'_>) -> Result<Plan> {
    let own = |words: &str| format!("{} {words}", context.program);
    let told = command.told(incident);
    let refusal = Refusal::needs_human(Code::OtherWayBack, format!("`undo` cannot take this back: {told}"));
    let refusal = if command.is_looked_at { refusal.hint(ONLY_LOOKED) } else { refusal };
    Err(match command.way_back() {
        WayBack::Retraction | WayBack::Needless | WayBack::Seen => {
            Refusal::precondition(Code::NothingToUndo, format!("it was seen, and stays in the record: {told}"))
        }
        WayBack::Again => return Ok(already(context, incident, command, &told)),
        WayBack::Abort => refusal.hint(own("abort   # gives the incident up; its commits are kept")),
        WayBack::ClosePullRequest => refusal.hint(own("undo   # where it was the last command; or close it there")),
        WayBack::Reopen => {
            // Without its id the newest that ended would be meant.
            refusal.hint(own(&format!("reopen {}   # goes on with the incident", incident.id)))
        }
        WayBack::EndAgain => refusal.hint(own(end_again(context, incident))),
        WayBack::Edit => refusal.hint("the file is yours: edit it, or remove it"),
        WayBack::Revert | WayBack::Rollback => match &incident.merged {
            Some(landing) => abort::ways_back(context, incident, landing, refusal),
            None if incident.landing_in_doubt.is_some() => {
                refusal.hint(own("ship --abort   # forgets the landing; the incident and its branch stay"))
            }
            None => refusal.hint(own("status   # says where it stands")),
        },
    })
}

/// What ends an incident again that was reopened, as it had ended.
fn end_again(context: &Context<'_>, incident: &Incident) -> &'static str {
    let is_end = |event: &&RecordedEvent| matches!(event.kind, "closed" | "canceled");
    let was_closed = incident.events.iter().rev().find(is_end).is_some_and(|event| event.kind == "closed");
    match (&incident.merged, was_closed) {
        (Some(_), _) if aftermath::lacks(context.config, incident).is_empty() => "close   # ends it again",
        (Some(_), _) | (None, true) => "close --reason \"...\"   # ends it again",
        (None, false) => "abort   # gives it up again; its commits are kept",
    }
}

/// What was taken back before, and what is the next to take back: to run `undo` again must not take back more.
fn already(context: &Context<'_>, incident: &Incident, command: &LastCommand<'_>, told: &str) -> Plan {
    // A pull request that was closed: taken back is what opened it.
    let opened = command.closed(incident).map(|opening| words_of(incident, &[opening]));
    let told = opened.as_deref().unwrap_or(told);
    let mut outcome = Outcome::text(format!("taken back already: {told}"));
    if let Some(earlier) = command.earlier(incident) {
        let what = words_of(incident, &[earlier]);
        outcome.hints.push(match earlier.way_back {
            WayBack::Retraction => format!("{} undo {}   # also this: {what}", context.program, earlier.id.short()),
            WayBack::Abort => format!("{} abort   # gives up all of it, which was opened before that", context.program),
            _ => return Plan::finished(outcome),
        });
    }
    Plan::finished(outcome)
}
