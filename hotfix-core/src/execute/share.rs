//! Shares the ledger with a remote.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::domain::event::{DeployPart, Ending};
use crate::domain::{Event, EventId, EventKind, ObjectId, one_line};
use crate::ledger::SyncError;
use crate::port::{ErrorKind, Peer, PortError, PushError};
use crate::workflow::action::ShareAction;
use crate::workflow::by_itself::{self, Insistence};
use crate::workflow::consent;

use super::{Code, Done, Executor, Refusal, Result};

/// How long an effect waits for a remote to hear of it.
const BEFORE_AN_EFFECT: Duration = Duration::from_secs(10);
/// How long a remote may take when somebody asked for it.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) fn execute(executor: &Executor<'_>, action: &ShareAction) -> Result<Done> {
    match action {
        ShareAction::Allow { remote } => {
            executor.act.exchange.allow(&consent::key(remote))?;
            Ok(Done::Nothing)
        }
        ShareAction::TakeIn { remote } => {
            let synced = executor.ledger.take_in_fetched(executor.act.exchange, remote);
            Ok(Done::Shared(synced.map_err(|error| refusal(remote, error))?))
        }
        ShareAction::SetUp { remote, rules, instead_of } => {
            for rule in rules {
                executor.act.exchange.add_fetch_rule(remote, rule)?;
            }
            for rule in instead_of {
                executor.act.exchange.remove_fetch_rule(remote, rule)?;
            }
            Ok(Done::Nothing)
        }
        ShareAction::Mend { remotes, .. } => {
            let peer = |remote| Peer { remote, may_ask: true, patience: PATIENCE };
            let peers: Vec<Peer<'_>> = remotes.iter().map(|remote| peer(remote.as_str())).collect();
            Ok(Done::Mended(executor.ledger.mend(executor.act.exchange, &peers)?))
        }
        ShareAction::Salvage => Ok(Done::Salvaged(executor.ledger.salvage(executor.act.exchange)?)),
        ShareAction::Weed { years } => {
            for year in years {
                executor.ledger.weed(executor.act.exchange, *year)?;
            }
            Ok(Done::ChangedHere)
        }
        ShareAction::PutBack { tips } => {
            for (year, tip) in tips {
                executor.ledger.put_back(executor.act.exchange, *year, tip)?;
            }
            Ok(Done::ChangedHere)
        }
        ShareAction::Sync { remote, restores } => {
            let peer = Peer { remote, may_ask: true, patience: PATIENCE };
            let exchange = executor.act.exchange;
            let synced = executor.ledger.sync(exchange, &peer, *restores).map_err(|error| refusal(remote, error))?;
            exchange.leave_alone(remote, None);
            Ok(Done::Shared(synced))
        }
    }
}

/// What somebody else did meanwhile of a part of the deployment that is about to run, and who.
pub(super) enum Meanwhile {
    Began(String),
    Deployed(String),
}

/// Tells the remote that a part of the deployment is about to run; what somebody did of the same meanwhile.
pub(super) fn meanwhile(executor: &mut Executor<'_>, part: DeployPart, commit: &ObjectId) -> Result<Option<Meanwhile>> {
    if !tell(executor, &format!("{} begins", part.key())) {
        return Ok(None);
    }
    let loaded = executor.ledger.load(&executor.incident()?)?;
    let known = up_to(&loaded.events, &executor.heads);
    let (mut began, mut ended, mut passed) = (Vec::new(), 0, None);
    for event in loaded.events.iter().filter(|event| !known.contains(&event.id)) {
        let is_same = |of: DeployPart, at: &ObjectId| of == part && at == commit;
        match &event.fact.kind {
            EventKind::DeployStarted(started) if is_same(started.part, &started.commit) => began.push(event),
            EventKind::DeployFinished(finished) if is_same(finished.part, &finished.commit) => {
                ended += 1;
                passed = passed.or((finished.ending == Ending::Passed).then_some(event));
            }
            EventKind::DeployInterrupted(cut) if is_same(cut.part, &cut.commit) => ended += 1,
            _ => {}
        }
    }
    let who = |event: &Event| one_line(&event.fact.by.name);
    let underway = began.last().filter(|_| began.len() > ended).map(|event| Meanwhile::Began(who(event)));
    // Whatever others recorded stays beside what follows here.
    executor.heads = loaded.incident.heads;
    Ok(underway.or(passed.map(|event| Meanwhile::Deployed(who(event)))))
}

/// Tells the remote that the fix is about to land. Of a squash nothing but the pull request says whose fix it is, and who dies before the
/// answer tells nobody of that any more.
pub(super) fn before_landing(executor: &mut Executor<'_>) -> Result<()> {
    if tell(executor, "the fix is about to land") {
        // What others recorded stays beside what follows here.
        executor.heads = executor.ledger.load(&executor.incident()?)?.incident.heads;
    }
    Ok(())
}

/// Shares what is recorded before something happens; whether something came in turn. That nobody could be told stops nothing.
fn tell(executor: &mut Executor<'_>, what: &str) -> bool {
    let Some(remote) = executor.shared_with.clone() else { return false };
    let peer = Peer { remote: &remote, may_ask: false, patience: BEFORE_AN_EFFECT };
    let exchange = executor.act.exchange;
    let share = |peer: &Peer<'_>| executor.ledger.share(exchange, peer);
    match by_itself::exchange(exchange, executor.act.clock, &peer, Insistence::Insists, share) {
        Ok(synced) => synced.brought > 0,
        Err(error) => {
            executor.warnings.push(format!("{remote} was not told that {what}: {error}"));
            false
        }
    }
}

/// The events that lead to `heads`, these among them: what was known before others were asked.
fn up_to(events: &[Event], heads: &[EventId]) -> HashSet<EventId> {
    let parents: HashMap<&EventId, &[EventId]> =
        events.iter().map(|event| (&event.id, event.parents.as_slice())).collect();
    let (mut known, mut ahead) = (HashSet::new(), heads.to_vec());
    while let Some(id) = ahead.pop() {
        if known.insert(id.clone()) {
            ahead.extend(parents.get(&id).into_iter().flat_map(|parents| parents.iter().cloned()));
        }
    }
    known
}

fn refusal(remote: &str, error: SyncError) -> Refusal {
    match error {
        SyncError::Ledger(error) => error.into(),
        SyncError::Port(error) | SyncError::Push(PushError::Port(error)) => error.into(),
        SyncError::Push(PushError::Refused(no)) => {
            let why = format!("{}: {}", no.name, no.why());
            let error = PortError::new(ErrorKind::Refused, format!("share the ledger with {remote}"), why);
            let error = match no.reason.starts_with("non-fast-forward") {
                true => error
                    .hint("what was forgotten is in its history there, so it has to be replaced: whoever runs the host can allow that")
                    .hint(format!(
                        "git push {remote} :{place} && git hotfix sync {remote} --restore   # else: puts a new one in its place",
                        place = no.name
                    )),
                false => error,
            };
            error.hint("`[ledger] remote` names another remote for it").into()
        }
        SyncError::Push(other) => {
            Refusal::new(ErrorKind::Retry, Code::Raced, other.to_string()).hint("Run the same command again.")
        }
    }
}
