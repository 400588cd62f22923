//! What a command may know when it plans.

use jiff::Timestamp;

use crate::config::Config as Rules;
use crate::domain::{ClaimedBy, Incident, IncidentId, ObjectId, Status, Workplace, one_line};
use crate::evidence::Redactor;
use crate::ledger::Incidents;
use crate::port::{Look, RemoteRefs};

use super::{Answers, Code, Known, Outcome, Reader, Refusal, Result};

/// Whether the remote may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Yes.
    Online,
    /// No, the person said so.
    Offline,
    /// No, this is a dry run: what is known is as of the last fetch.
    AsOfLastFetch,
}

/// What a step may know when it plans.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The world.
    pub look: Look<'a>,
    /// The time.
    pub now: Timestamp,
    /// The rules: `hotfix.toml` and the other sources.
    pub config: &'a Rules,
    /// The commit whose `hotfix.toml` was read.
    pub policy: Option<&'a ObjectId>,
    /// Why the rules cannot be used; only for a step that [works without them](super::Step::works_without_rules).
    pub wrong_rules: Option<&'a Refusal>,
    /// The incident meant, as it is now.
    pub incident: Option<&'a Incident>,
    /// Whether the command line names it.
    pub names_incident: bool,
    /// All incidents.
    pub incidents: &'a Incidents<'a>,
    /// The id that a new incident gets.
    pub new_id: &'a IncidentId,
    /// What this run has learnt so far.
    pub known: &'a Known,
    /// What the person answered so far.
    pub answers: &'a Answers,
    /// Whether the remote may be asked.
    pub network: Network,
    /// The clone that this is.
    pub workplace: &'a Workplace,
    /// Masks secrets.
    pub redactor: &'a Redactor,
    /// Who reads what is printed.
    pub reader: &'a Reader,
    /// How the program is called, for hints: `git hotfix` or `cargo hotfix`.
    pub program: &'a str,
    /// Whether Cargo's own test runner is preferred.
    pub prefer_cargo: bool,
}

impl<'a> Context<'a> {
    /// The incident, where the front has made sure that there is one.
    ///
    /// # Errors
    /// When there is none.
    pub fn incident(&self) -> Result<&'a Incident> {
        self.incident.ok_or_else(|| {
            let last = self.incidents.newest().and_then(|last| self.incidents.load(&last.id).ok());
            match last.filter(|last| self.ended_by_another(&last.incident).is_some()) {
                Some(last) => {
                    let message = format!("there is no open incident: {}", self.over(&last.incident));
                    Refusal { message, ..no_incident(self.program) }
                        .hint(format!("{} reopen {}   # goes on with that one", self.program, last.incident.id))
                }
                None => self.recorded_elsewhere().into_iter().fold(no_incident(self.program), Refusal::hint),
            }
        })
    }

    /// The command that brings what others recorded, where nothing is recorded here yet and a remote may have it.
    pub(crate) fn recorded_elsewhere(&self) -> Option<String> {
        let is_new = self.incidents.newest().is_none() && self.incidents.unread().is_none();
        let has_remote = || self.look.git.remotes().is_ok_and(|remotes| !remotes.is_empty());
        (is_new && has_remote()).then(|| format!("{} sync   # brings those that others recorded", self.program))
    }

    /// The same, for what may still be told of one that is over: that has to be named.
    ///
    /// # Errors
    /// When none is open.
    pub fn incident_to_tell_of(&self) -> Result<&'a Incident> {
        self.incident().map_err(|refusal| match self.incidents.newest() {
            Some(last) => {
                refusal.hint(format!("--incident {}   # the last one, {}: {}", last.id, last.status, last.title))
            }
            None => refusal,
        })
    }

    /// That an incident is over, and who ended it where that was somebody else, or on another machine.
    pub fn over(&self, incident: &Incident) -> String {
        let Incident { id, status, .. } = incident;
        match self.ended_by_another(incident) {
            Some((who, at)) => format!("{id} was {status} by {who} at {}", self.reader.second(at)),
            None => format!("{id} is {status}"),
        }
    }

    /// Who ended an incident, and when, where that was not the person here in this clone.
    pub(crate) fn ended_by_another(&self, incident: &Incident) -> Option<(String, Timestamp)> {
        let end = incident.ended()?;
        let name = one_line(&end.by.name);
        if self.look.git.identity().is_ok_and(|here| here != end.by) {
            return Some((name, end.at));
        }
        // Whoever ends it drives it, where that is shared.
        let is_elsewhere = |driver: &&ClaimedBy| driver.workplace != *self.workplace && driver.name == name;
        let driver = incident.driver.as_ref().filter(is_elsewhere)?;
        Some((format!("{name} from {}", one_line(&driver.workplace.host)), end.at))
    }

    /// What comes of a command when the incident is over, so that there is nothing to `do_this`.
    ///
    /// # Errors
    /// Where it was canceled: what the command is for will never be.
    pub fn nothing_to(&self, do_this: &str, incident: &Incident) -> Result<Outcome> {
        let message = format!("{}; there is nothing to {do_this}", self.over(incident));
        if incident.status == Status::Canceled {
            return Err(self.instead_of(incident).fold(Refusal::precondition(Code::Canceled, message), Refusal::hint));
        }
        Ok(self.instead_of(incident).fold(Outcome::text(message), Outcome::hint))
    }

    /// What whoever came to an incident that is over may have meant: to go on with it, or one that is open.
    pub fn instead_of(&self, over: &Incident) -> impl Iterator<Item = String> + use<'a> {
        std::iter::once(reopen(self.program, &over.id)).chain(self.those_open())
    }

    /// What names each incident that is open, for whoever meant one of those.
    fn those_open(&self) -> impl Iterator<Item = String> + use<'a> {
        // As they were when the command began: the one that it is about may be over since.
        let own = self.incident.map(|incident| &incident.id);
        let others = self.incidents.open().iter().filter(move |open| Some(&open.id) != own);
        others.map(|open| format!("--incident {}   # {}, which is open", open.id, open.title))
    }

    /// What production's remote answered in this run.
    pub fn inspected(&self) -> Option<&'a RemoteRefs> {
        let own = self.incident.and_then(|incident| incident.production.remote.as_ref());
        self.known.inspected(own.map(String::as_str))
    }
}

/// The command that goes on with an incident which is over.
pub fn reopen(program: &str, over: &IncidentId) -> String {
    format!("{program} reopen {over}   # to go on with it")
}

/// The command that does the same once more, this time without git's hooks.
pub fn without_git_hooks(program: &str, command: &str) -> String {
    match program.strip_prefix("git ") {
        // `git -c` reaches our own git by GIT_CONFIG_PARAMETERS; Cargo has no such option, so a variable has to do.
        Some(name) => format!("git -c core.hooksPath=/dev/null {name} {command}"),
        None => format!(
            "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/dev/null {program} {command}"
        ),
    }
}

pub(crate) fn no_incident(program: &str) -> Refusal {
    Refusal::precondition(Code::NoIncident, "there is no open incident")
        .hint(format!("{program} open \"what is broken\""))
}
