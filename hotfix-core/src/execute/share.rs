//! Shares the ledger with a remote.

use std::time::Duration;

use crate::domain::event::DeployPart;
use crate::domain::{Event, EventKind, ObjectId, one_line};
use crate::ledger::SyncError;
use crate::port::{ErrorKind, Peer, PortError, PushError};
use crate::workflow::action::ShareAction;
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
        ShareAction::SetUp { remote, rules } => {
            for rule in rules {
                executor.act.exchange.add_fetch_rule(remote, rule)?;
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
            let synced = executor.ledger.sync(executor.act.exchange, &peer, *restores);
            Ok(Done::Shared(synced.map_err(|error| refusal(remote, error))?))
        }
    }
}

/// Tells the remote that a part of the deployment is about to run; who began the same meanwhile, if somebody did.
pub(super) fn begun_elsewhere(
    executor: &mut Executor<'_>,
    part: DeployPart,
    commit: &ObjectId,
) -> Result<Option<String>> {
    let Some(remote) = executor.shared_with.clone() else { return Ok(None) };
    let peer = Peer { remote: &remote, may_ask: false, patience: BEFORE_AN_EFFECT };
    match executor.ledger.share(executor.act.exchange, &peer) {
        Ok(synced) if synced.brought > 0 => {}
        Ok(_) => return Ok(None),
        Err(error) => {
            executor.warnings.push(format!("{remote} was not told that {} begins: {error}", part.key()));
            return Ok(None);
        }
    }
    let loaded = executor.ledger.load(&executor.incident()?)?;
    let ours = executor.heads.clone();
    let is_same = |of: DeployPart, at: &ObjectId| of == part && at == commit;
    let ended = |event: &Event| match &event.fact.kind {
        EventKind::DeployFinished(finished) => is_same(finished.part, &finished.commit),
        EventKind::DeployInterrupted(interrupted) => is_same(interrupted.part, &interrupted.commit),
        _ => false,
    };
    let others: Vec<&Event> = loaded
        .events
        .iter()
        .filter(|event| !ours.contains(&event.id))
        .filter(|event| matches!(&event.fact.kind, EventKind::DeployStarted(started) if is_same(started.part, &started.commit)))
        .collect();
    let is_underway = others.len() > loaded.events.iter().filter(|event| ended(event)).count();
    // Whatever others recorded stays beside what follows here.
    executor.heads = loaded.incident.heads;
    Ok(others.last().filter(|_| is_underway).map(|other| one_line(&other.fact.by.name)))
}

fn refusal(remote: &str, error: SyncError) -> Refusal {
    match error {
        SyncError::NoLedger { ref place, .. } => Refusal::precondition(Code::NotShared, error.to_string())
            .hint(format!("git push {remote} :{place}   # takes it away there, if nobody needs it")),
        SyncError::Ledger(error) => error.into(),
        SyncError::Port(error) | SyncError::Push(PushError::Port(error)) => error.into(),
        SyncError::Push(PushError::Refused(no)) => {
            let why = format!("{}: {}", no.name, no.why());
            PortError::new(ErrorKind::Precondition, format!("share the ledger with {remote}"), why)
                .hint("`[ledger] remote` names another remote for it")
                .into()
        }
        SyncError::Push(other) => {
            Refusal::new(ErrorKind::Retry, Code::Raced, other.to_string()).hint("Run the same command again.")
        }
    }
}
