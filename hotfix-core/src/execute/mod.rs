//! The one place that acts. Each action is done through the writing halves of the ports, then told to the ledger.

mod answers;
mod carry;
mod examine;
mod forge;
mod hooks;
mod land;
mod pre_push;
mod prove;
mod refs;
mod run;

use std::path::Path;

use crate::config::Hooks;
use crate::domain::{EventId, EventKind, Fact, IncidentId, Person, Printable};
use crate::evidence;
use crate::evidence::{Masked, Redactor};
use crate::ledger::{Basis, Ledger, LedgerError};
use crate::port::{Act, ErrorKind};
use crate::workflow::{
    Action, Code, Done, FileAction, ForgeAction, GitAction, MergeAction, ProgramAction, RecordAction, Refusal,
};

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
    warnings: Vec<String>,
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
        Self {
            act,
            ledger,
            who,
            redactor,
            masked: Masked::default(),
            incident,
            heads,
            hooks: None,
            warnings: Vec::new(),
        }
    }

    /// What was masked in what this executor recorded.
    pub fn masked(&self) -> &Masked {
        &self.masked
    }

    /// The same, running these commands after events.
    #[must_use]
    pub fn hooks(mut self, hooks: &'a Hooks) -> Self {
        self.hooks = Some(hooks);
        self
    }

    /// What a person should know of what went wrong without stopping anything, each told once.
    pub fn warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Does one thing, and records it.
    ///
    /// # Errors
    /// When it could not be done; what earlier actions did stays done and is recorded.
    pub fn execute(&mut self, action: &Action) -> Result<Done, Refusal> {
        self.execute_watched(action, &|_| {})
    }

    /// The same, showing `watch` what it is at while something takes its time.
    ///
    /// # Errors
    /// As for [`Self::execute`].
    pub fn execute_watched(&mut self, action: &Action, watch: &dyn Fn(&str)) -> Result<Done, Refusal> {
        match action {
            Action::Git(GitAction::InspectRemote { remote, refs }) => {
                let answer = self.act.git.inspect_remote(remote, refs)?;
                Ok(Done::Inspected { remote: remote.clone(), asked: refs.clone(), refs: answer })
            }
            Action::Examine(examination) => Ok(self.examine(examination)),
            Action::Git(GitAction::Fetch { remote, branch }) => {
                self.act.git.fetch(remote, std::slice::from_ref(branch), &[])?;
                Ok(Done::Fetched { branches: vec![branch.clone()] })
            }
            Action::Git(GitAction::FetchRefs { remote, branches, tags }) => {
                self.act.git.fetch(remote, branches, tags)?;
                Ok(Done::Fetched { branches: branches.clone() })
            }
            Action::Record(RecordAction::Open { id, events }) => self.open(id, events),
            Action::Record(RecordAction::Adopt { id }) => Ok(Done::Incident(id.clone())),
            Action::Record(RecordAction::Events(events)) => self.record(events.clone()).map(|()| Done::Recorded),
            Action::Git(GitAction::CreateBranch { branch, commit, worktree }) => {
                refs::create_branch(&self.act, branch, commit, worktree.as_deref())
            }
            Action::Git(GitAction::Switch { to }) => {
                self.act.git.switch(None, to).map(|()| Done::ChangedHere).map_err(Refusal::from)
            }
            Action::Git(GitAction::UpdateRef { name, to, from, why }) => {
                refs::update(&self.act, name, to.as_ref(), from.as_ref(), why)
            }
            Action::Git(GitAction::UpdateRefs { updates, why }) => {
                self.act.git.update_refs(updates, why).map(|()| Done::ChangedHere).map_err(Refusal::from)
            }
            Action::Git(GitAction::FastForward { branch, worktree, to, stage }) => {
                refs::fast_forward(&self.act, branch, Path::new(worktree), to, stage)
            }
            Action::Git(GitAction::RemoveWorktree { path }) => {
                self.act.git.remove_worktree(Path::new(path)).map(|()| Done::ChangedHere).map_err(Refusal::from)
            }
            Action::Git(GitAction::Push(push)) => refs::push(&self.act, push),
            Action::Forge(ForgeAction::Propose { proposal }) => self.propose(proposal),
            Action::Forge(ForgeAction::ProposeRecords { proposal, may_fail }) => {
                self.propose_records_there(proposal, *may_fail)
            }
            Action::Forge(ForgeAction::AskPullRequest { number }) => self.ask_pull_request(*number),
            Action::Forge(ForgeAction::AwaitPullRequest { number, seen, until }) => {
                self.await_pull_request(*number, seen, *until, watch)
            }
            Action::Forge(ForgeAction::MergePullRequest { merge, branch, from, past_rules }) => {
                self.merge_pull_request(merge, branch, from, past_rules.as_ref())
            }
            Action::Forge(ForgeAction::MergeWhenReady { merge, through_queue }) => {
                self.merge_when_ready(merge, *through_queue)
            }
            Action::Forge(ForgeAction::ClosePullRequest { number }) => self.close_pull_request(*number),
            Action::Forge(ForgeAction::FileIssue { follow_up, issue }) => self.file_issue(*follow_up, issue),
            Action::Program(ProgramAction::RunTests(tests)) => self.run_tests(tests, watch),
            Action::Program(ProgramAction::Prove(request)) => self.prove(request, watch),
            Action::Merge(MergeAction::Land { head, lines, remote, tag }) => {
                self.land(head, lines, remote.as_deref(), tag.as_ref())
            }
            Action::Merge(MergeAction::Tag { tag, commit, remote }) => self.tag_landed(tag, commit, remote.as_deref()),
            Action::Merge(MergeAction::Carry { lines, remote }) => self.carry(lines, remote.as_deref()),
            Action::Forge(ForgeAction::AskBackport { number, carried }) => self.ask_proposal(*number, carried),
            Action::Forge(ForgeAction::ProposeBackport { line, remote, proposal, expected }) => {
                self.propose_line(line, remote, proposal, expected)
            }
            Action::Merge(MergeAction::LayOut { branch, start, path, what, .. }) => {
                self.lay_out(path, branch, start, what)
            }
            Action::Merge(MergeAction::CommitSettled { path }) => {
                self.act.git.commit_settled(Path::new(path)).map(|()| Done::ChangedHere).map_err(Refusal::from)
            }
            Action::Git(GitAction::Commit { worktree, commit, .. }) => self.commit_on(worktree, commit),
            Action::Program(ProgramAction::Deploy { part, command, commit, timeout }) => {
                self.deploy(*part, command, commit, *timeout)
            }
            Action::Program(ProgramAction::Verify { check, commit, timeout }) => self.verify(check, commit, *timeout),
            Action::File(FileAction::Write { path, expected, content }) => self
                .act
                .files
                .write(path, expected.as_deref(), content)
                .map(|()| Done::ChangedHere)
                .map_err(Refusal::from),
            Action::File(FileAction::Remove { path, expected }) => {
                self.act.files.remove(path, expected).map(|()| Done::ChangedHere).map_err(Refusal::from)
            }
            Action::File(FileAction::Edit { path }) => {
                self.act.git.edit(path).map(|()| Done::ChangedHere).map_err(Refusal::from)
            }
            Action::File(FileAction::Commit { paths, message }) => {
                self.act.git.commit_files(paths, message).map(|()| Done::ChangedHere).map_err(Refusal::from)
            }
            Action::File(FileAction::Amend { paths }) => {
                self.act.git.amend(paths).map(|()| Done::ChangedHere).map_err(Refusal::from)
            }
            Action::Record(RecordAction::Deliver(records)) => self.deliver(records),
        }
    }

    fn open(&mut self, id: &IncidentId, events: &[EventKind]) -> Result<Done, Refusal> {
        let facts = self.facts(events.to_vec());
        self.append(id, Basis::New, &facts).map_err(ledger)?;
        self.incident = Some(id.clone());
        Ok(Done::Incident(id.clone()))
    }

    /// Records what happened; whatever others recorded meanwhile stays beside it.
    fn record(&mut self, events: Vec<EventKind>) -> Result<(), Refusal> {
        let id = self.incident()?;
        let facts = self.facts(events);
        self.append(&id, Basis::Any, &facts).map_err(ledger)
    }

    /// Records an intent, unless somebody recorded something since the plan was made: then the plan must be made anew.
    fn intend(&mut self, event: EventKind) -> Result<Option<Done>, Refusal> {
        self.intend_all(vec![event])
    }

    /// The same with several intents at once.
    fn intend_all(&mut self, events: Vec<EventKind>) -> Result<Option<Done>, Refusal> {
        let id = self.incident()?;
        let facts = self.facts(events);
        let heads = self.heads.clone();
        match self.append(&id, Basis::Heads(&heads), &facts) {
            Ok(()) => Ok(None),
            Err(LedgerError::Moved { .. }) => Ok(Some(Done::Raced { name: "the incident".to_owned() })),
            Err(error) => Err(ledger(error)),
        }
    }

    /// The one place where events are recorded; their hooks run once they are durable.
    fn append(&mut self, id: &IncidentId, basis: Basis<'_>, facts: &[Fact]) -> Result<(), LedgerError> {
        let events = self.ledger.append(id, basis, facts)?;
        self.heads = events.last().map(|event| vec![event.id.clone()]).unwrap_or_default();
        if let Some(hooks) = self.hooks {
            self.warnings.extend(hooks::run(&self.act, hooks, &events));
        }
        Ok(())
    }

    /// The events as facts: the one way into the ledger, and where secrets end.
    fn facts(&mut self, mut events: Vec<EventKind>) -> Vec<Fact> {
        let at = self.act.clock.now();
        for event in &mut events {
            self.masked.add(evidence::mask(event, self.redactor));
        }
        events.into_iter().map(|kind| Fact { at, by: self.who.clone(), kind }).collect()
    }

    /// The end of what a program printed, as the ledger keeps it. Masked before it is cut: half a secret is not recognised.
    fn kept(&mut self, output: &[u8]) -> String {
        let redacted = self.redactor.redact(Printable::from_bytes(output).as_str());
        self.masked.add(redacted.masked);
        Printable::new(&redacted.text).tail(run::KEPT_LINES, run::KEPT_BYTES).into()
    }

    fn incident(&self) -> Result<IncidentId, Refusal> {
        self.incident
            .clone()
            .ok_or_else(|| Refusal::new(ErrorKind::Internal, Code::NoIncident, "an event has no incident to belong to"))
    }
}

/// A failure of the ledger as a refusal.
pub(crate) fn ledger(error: LedgerError) -> Refusal {
    let kind = match &error {
        LedgerError::Unknown { .. } => ErrorKind::Precondition,
        LedgerError::Moved { .. } | LedgerError::Contended => ErrorKind::Retry,
        LedgerError::NeverOpened(_) | LedgerError::Unwritable(_) => ErrorKind::Internal,
        LedgerError::Store(port) => port.kind,
    };
    let hints = match &error {
        LedgerError::Store(port) => port.hints.clone(),
        _ => Vec::new(),
    };
    let refusal = Refusal::new(kind, Code::Ledger, format!("failed to {error}")).because(error);
    hints.into_iter().fold(refusal, Refusal::hint)
}
