//! The one place that acts. Each action is done through the writing halves of the ports, then told to the ledger.

mod answers;
mod files;
mod forge;
mod git;
mod hooks;
mod merge;
mod notify;
mod pre_push;
mod program;
mod prove;
mod query;
mod records;
mod share;

use crate::config::Hooks;
use crate::domain::{EventId, EventKind, Fact, IncidentId, Person, Printable};
use crate::evidence::{self, Masked, Redactor};
use crate::ledger::{Basis, Ledger, LedgerError};
use crate::port::{Act, ErrorKind};
use crate::workflow::{Action, Code, Done, MergeAction, ProgramAction, RecordAction, Refusal, Result};

pub(crate) use notify::Notifier;
pub(crate) use prove::KnownWorkspace;

/// Does what plans say.
pub struct Executor<'a> {
    act: Act<'a>,
    ledger: &'a Ledger<'a>,
    who: &'a Person,
    redactor: &'a Redactor,
    masked: Masked,
    incident: Option<IncidentId>,
    /// The newest events that the plan was made from, and those that this round added.
    heads: Vec<EventId>,
    hooks: Option<&'a Hooks>,
    notifier: Option<Notifier<'a>>,
    warnings: Vec<String>,
    workspace: KnownWorkspace,
    /// The remote that is told what is about to happen outside.
    shared_with: Option<String>,
    /// What the next action records, and this one may record with its own.
    along: Vec<EventKind>,
    /// What an action recorded for the next one.
    recorded_along: Vec<EventKind>,
    /// Whether the next action records something too.
    next_records: bool,
    /// What is recorded with what comes next, in one write.
    held: Vec<Fact>,
}

impl<'a> Executor<'a> {
    /// An executor for a plan made from `incident` when its newest events were `heads`. Nothing is recorded that `redactor`
    /// has not seen.
    pub fn new(
        act: Act<'a>,
        ledger: &'a Ledger<'a>,
        who: &'a Person,
        redactor: &'a Redactor,
        incident: Option<IncidentId>,
        heads: Vec<EventId>,
    ) -> Self {
        let (masked, hooks, notifier, warnings) = (Masked::default(), None, None, Vec::new());
        let (workspace, shared_with, along, recorded_along, next_records, held) = Default::default();
        Self {
            act,
            ledger,
            who,
            redactor,
            masked,
            incident,
            heads,
            hooks,
            notifier,
            warnings,
            workspace,
            shared_with,
            along,
            recorded_along,
            next_records,
            held,
        }
    }

    /// What was masked in what this executor recorded.
    pub fn masked(&self) -> &Masked {
        &self.masked
    }

    /// The same, telling a webhook of events.
    #[must_use]
    pub(crate) fn notifying(mut self, notifier: Notifier<'a>) -> Self {
        self.notifier = Some(notifier);
        self
    }

    /// The same, running these commands after events.
    #[must_use]
    pub fn hooks(mut self, hooks: &'a Hooks) -> Self {
        self.hooks = Some(hooks);
        self
    }

    /// The same, knowing what an earlier round heard of Cargo.
    #[must_use]
    pub(crate) fn remembering(mut self, workspace: KnownWorkspace) -> Self {
        self.workspace = workspace;
        self
    }

    /// Tells what comes after the next action: where both record something, one write may do for both.
    pub(crate) fn recording_along(&mut self, next: Option<&Action>) {
        self.along = match next {
            Some(Action::Record(RecordAction::Events(events))) => events.clone(),
            _ => Vec::new(),
        };
        self.next_records = match next {
            Some(Action::Program(ProgramAction::RunTests(tests))) => tests.record,
            Some(Action::Merge(MergeAction::Land { .. })) => true,
            _ => false,
        };
    }

    /// Records what still waits for what was to come next.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub(crate) fn record_held(&mut self) -> Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let id = self.incident()?;
        Ok(self.append(&id, Basis::Any, &[])?)
    }

    /// The same, telling a remote of what is about to happen outside before it does.
    #[must_use]
    pub(crate) fn sharing_with(mut self, remote: Option<String>) -> Self {
        self.shared_with = remote;
        self
    }

    /// What was heard of Cargo, for the next round.
    pub(crate) fn into_workspace(self) -> KnownWorkspace {
        self.workspace
    }

    /// What a person should know of what went wrong without stopping anything, each told once.
    pub fn warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Does one thing, and records it.
    ///
    /// # Errors
    /// When it could not be done; what earlier actions did stays done and is recorded.
    pub fn execute(&mut self, action: &Action) -> Result<Done> {
        self.execute_watched(action, &|_| {})
    }

    /// The same, showing `watch` what it is at while something takes its time.
    ///
    /// # Errors
    /// As for [`Self::execute`].
    pub fn execute_watched(&mut self, action: &Action, watch: &dyn Fn(&str)) -> Result<Done> {
        match action {
            Action::Examine(examination) => Ok(query::examine(self, examination)),
            Action::Git(action) => git::execute(&self.act, action),
            Action::Merge(action) => merge::execute(self, action),
            Action::Forge(action) => forge::execute(self, action, watch),
            Action::Program(action) => program::execute(self, action, watch),
            Action::File(action) => files::execute(self, action),
            Action::Record(action) => records::execute(self, action),
            Action::Share(action) => share::execute(self, action),
        }
    }

    /// Records what happened; whatever others recorded meanwhile stays beside it.
    fn record(&mut self, events: Vec<EventKind>) -> Result<()> {
        let id = self.incident()?;
        let facts = self.facts(events);
        // What happened, happened: nobody else's event can make it untrue.
        Ok(self.append(&id, Basis::Any, &facts)?)
    }

    /// The same, with what the next action records.
    fn record_with_next(&mut self, mut events: Vec<EventKind>) -> Result<()> {
        let along = std::mem::take(&mut self.along);
        events.extend(along.iter().cloned());
        self.record(events)?;
        self.recorded_along = along;
        Ok(())
    }

    /// The same, with what the next action records where that one records something too. Only for what a run after a kill
    /// says again at no cost.
    fn record_or_hold(&mut self, events: Vec<EventKind>) -> Result<()> {
        // A command that runs after an event runs before anything else is done.
        let is_heard =
            self.hooks.is_some_and(|hooks| !hooks.is_empty()) || self.notifier.is_some_and(Notifier::is_listening);
        if !self.next_records || is_heard {
            return self.record(events);
        }
        let facts = self.facts(events);
        self.held.extend(facts);
        Ok(())
    }

    /// Records an intent, unless somebody recorded something since the plan was made: then the plan must be made anew.
    fn intend(&mut self, event: EventKind) -> Result<Option<Done>> {
        self.intend_all(vec![event])
    }

    /// The same with several intents at once.
    fn intend_all(&mut self, events: Vec<EventKind>) -> Result<Option<Done>> {
        let id = self.incident()?;
        let facts = self.facts(events);
        let heads = self.heads.clone();
        // A colleague may have merged or aborted since the plan was confirmed.
        match self.append(&id, Basis::Heads(&heads), &facts) {
            Ok(()) => Ok(None),
            Err(LedgerError::Moved { .. }) => Ok(Some(Done::Raced { name: None })),
            Err(error) => Err(error.into()),
        }
    }

    /// The one place where events are recorded; their hooks run once they are durable.
    fn append(&mut self, id: &IncidentId, basis: Basis<'_>, facts: &[Fact]) -> Result<(), LedgerError> {
        let facts: Vec<Fact> = self.held.iter().chain(facts).cloned().collect();
        let events = match self.ledger.append(id, basis, &facts) {
            // It is there: to say that it failed would have it recorded twice.
            Err(LedgerError::Unsynced { events, why }) => {
                self.warnings.push(format!("what was recorded in {id} may not survive a power cut: {why}"));
                events
            }
            appended => appended?,
        };
        self.held.clear();
        // Our own events are no race: the next intent of this round goes on from them.
        self.heads = events.last().map(|event| vec![event.id.clone()]).unwrap_or_default();
        // Only now: a hook must not tell others of what a full disk kept from being recorded.
        if let Some(hooks) = self.hooks {
            self.warnings.extend(hooks::run(&self.act, hooks, &events));
        }
        if let Some(notifier) = self.notifier {
            self.warnings.extend(notifier.tell(&self.act, self.ledger, self.redactor, &events));
        }
        Ok(())
    }

    /// The events as facts: the one way into the ledger, and where secrets end.
    fn facts(&mut self, mut events: Vec<EventKind>) -> Vec<Fact> {
        // One instant for all: they were done together.
        let at = self.act.clock.now();
        for event in &mut events {
            // Here and not in the plans: no command can forget it.
            self.masked.add(evidence::mask(event, self.redactor));
        }
        events.into_iter().map(|kind| Fact { at, by: self.who.clone(), kind }).collect()
    }

    /// The end of what a program printed, as the ledger keeps it. Masked before it is cut: half a secret is not recognised.
    fn kept(&mut self, output: &[u8]) -> String {
        let redacted = self.redactor.redact(Printable::from_bytes(output).as_str());
        self.masked.add(redacted.masked);
        Printable::new(&redacted.text).tail(program::KEPT_LINES, program::KEPT_BYTES).into()
    }

    fn incident(&self) -> Result<IncidentId> {
        self.incident
            .clone()
            .ok_or_else(|| Refusal::new(ErrorKind::Internal, Code::NoIncident, "an event has no incident to belong to"))
    }
}
