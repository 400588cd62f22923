//! Shares the ledger with a remote.

use std::time::Duration;

use crate::ledger::SyncError;
use crate::port::{ErrorKind, Peer, PortError, PushError};
use crate::workflow::action::ShareAction;
use crate::workflow::consent;

use super::{Code, Done, Executor, Refusal, Result};

/// How long a remote may take when somebody asked for it.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) fn execute(executor: &Executor<'_>, action: &ShareAction) -> Result<Done> {
    match action {
        ShareAction::Allow { remote } => {
            executor.act.exchange.allow(&consent::key(remote))?;
            Ok(Done::Nothing)
        }
        ShareAction::Sync { remote, restores } => {
            let peer = Peer { remote, may_ask: true, patience: PATIENCE };
            let synced = executor.ledger.sync(executor.act.exchange, &peer, *restores);
            Ok(Done::Shared(synced.map_err(|error| refusal(remote, error))?))
        }
    }
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
