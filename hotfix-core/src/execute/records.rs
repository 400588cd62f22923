//! What is recorded, and the records of an incident beside the code.

use crate::domain::event::LandingLine;
use crate::domain::{EventId, EventKind, IncidentId, ObjectId, RefName, one_line};
use crate::ledger::{Basis, Forgotten, ImportError, LedgerError};
use crate::port::{NewCommit, Push, RefUpdate, TreeEdit};
use crate::workflow::RecordAction;
use crate::workflow::action::{RecordsBranch, RecordsToDeliver};

use super::{Code, Done, Executor, Refusal, Result, git, merge};

/// How often others may be faster, in whatever they record.
const OPEN_TRIES: u32 = 64;

pub(super) fn execute(executor: &mut Executor<'_>, action: &RecordAction) -> Result<Done> {
    match action {
        RecordAction::Open { id, events } => open(executor, id, events),
        RecordAction::Adopt { id } => Ok(Done::Incident(id.clone())),
        // The action before did it. Told as nothing: what comes last says whether the work tree is to be looked at again.
        RecordAction::Events(events) if std::mem::take(&mut executor.recorded_along) == *events => Ok(Done::Nothing),
        // An incident ends once: what others did to it since the plan was made is looked at first.
        RecordAction::Events(events) if events.iter().any(is_end) => {
            Ok(executor.intend_all(events.clone())?.unwrap_or(Done::Over))
        }
        RecordAction::Events(events) if events.iter().all(|event| matches!(event, EventKind::Guarded(_))) => {
            executor.record_or_hold(events.clone()).map(|()| Done::Recorded)
        }
        RecordAction::Events(events) => executor.record(events.clone()).map(|()| Done::Recorded),
        RecordAction::Retract { events, .. } => {
            executor.record(vec![EventKind::Retracted { events: events.clone() }]).map(|()| Done::Recorded)
        }
        RecordAction::Forget { event, reason } => forget(executor, event, reason),
        RecordAction::Import { file, lines } => match executor.ledger.import(lines) {
            Ok(imported) => Ok(Done::Imported(imported)),
            Err(ImportError::Ledger(error)) => Err(error.into()),
            Err(ImportError::Line(bad)) => Err(Refusal::usage(Code::Report, format!("{}: {bad}", one_line(file)))
                .hint("what `ledger export` printed is read back; nothing was recorded")),
        },
        RecordAction::Deliver(records) => deliver(executor, records),
    }
}

/// What it says why may hold the secret once more: it is masked like anything else.
fn forget(executor: &mut Executor<'_>, event: &EventId, reason: &str) -> Result<Done> {
    let id = executor.incident()?;
    let redacted = executor.redactor.redact(reason);
    executor.masked.add(redacted.masked);
    let forgotten = Forgotten { at: executor.act.clock.now(), by: executor.who.clone(), reason: redacted.text };
    executor.ledger.forget(&id, event, &forgotten)?;
    Ok(Done::Recorded)
}

fn is_end(event: &EventKind) -> bool {
    matches!(event, EventKind::Closed { .. } | EventKind::Canceled { .. })
}

/// Records a new incident, unless somebody opened one of this slug since the plan was made: two would share a branch.
fn open(executor: &mut Executor<'_>, id: &IncidentId, events: &[EventKind]) -> Result<Done> {
    let slug = events.iter().find_map(|event| match event {
        EventKind::Opened(opened) => Some(opened.slug.clone()),
        _ => None,
    });
    let facts = executor.facts(events.to_vec());
    let mut attempt = 0;
    loop {
        attempt += 1;
        // First the revision, then what it holds: what is recorded in between is a lost race.
        let tip = executor.ledger.tip(id.year())?;
        let incidents = executor.ledger.incidents()?;
        if let Some(other) = incidents.open().iter().find(|open| Some(&open.slug) == slug.as_ref()) {
            return Ok(Done::OpenedMeanwhile(other.id.clone()));
        }
        match executor.append(id, Basis::NewSince(tip.as_deref()), &facts) {
            Err(LedgerError::Moved { .. }) if attempt < OPEN_TRIES => {}
            recorded => {
                recorded?;
                executor.incident = Some(id.clone());
                return Ok(Done::Incident(id.clone()));
            }
        }
    }
}

/// Commits the records on the production branch's tip and publishes them.
fn deliver(executor: &mut Executor<'_>, records: &RecordsToDeliver) -> Result<Done> {
    let edits: Vec<TreeEdit> = records.edits.iter().cloned().map(TreeEdit::Write).collect();
    let tree = executor.act.git.edit_tree(&records.parent, &edits)?;
    let commit =
        NewCommit { tree, parents: vec![records.parent.clone()], message: records.message.clone(), author: None };
    // Written before the intent, which names it; nothing else does yet.
    let to = executor.act.git.commit(&commit)?;
    if let Some(moved) = executor.intend(EventKind::RecordsStarted { commit: to.clone() })? {
        return Ok(moved);
    }
    if let Some(branch) = &records.propose_as {
        return propose_records(executor, branch, records, to);
    }
    // The drafts that lie here untracked would keep git from the fast-forward.
    if !records.stage.is_empty() {
        executor.act.git.stage(&records.stage)?;
    }
    // No tag, and one branch only: the records are no release.
    let line = LandingLine { branch: records.branch.clone(), from: records.parent.clone(), to };
    merge::publish(&executor.act, &[line], [records.checked_out_at.as_deref()], records.remote.as_deref(), None)
}

/// Publishes the records on a branch of their own, which is then their delivery.
fn propose_records(
    executor: &mut Executor<'_>,
    branch: &RecordsBranch,
    records: &RecordsToDeliver,
    to: ObjectId,
) -> Result<Done> {
    let name = RefName::of_branch(&branch.name);
    let update = RefUpdate { name, to: Some(to.clone()), expected: branch.expected.clone() };
    let remote = records.remote.clone().unwrap_or_default();
    let done = git::push(&executor.act, &Push { remote, updates: vec![update] })?;
    if !done.halts() {
        let paths = records.edits.iter().map(|edit| edit.path.clone()).collect();
        let branch = Some(branch.name.clone());
        executor.record(vec![EventKind::RecordsDelivered { commit: Some(to), paths, branch }])?;
    }
    Ok(done)
}
