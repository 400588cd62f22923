//! The ledger itself: what is in it, whole, and what may not stay in it.

mod export;
mod forget;
mod import;
mod repair;
mod verify;

use crate::port::ErrorKind;
use crate::workflow::action::query::QueryError;
use crate::workflow::{Code, Context, IncidentNeed, Plan, Refusal, Result, Step};

/// Look after the record of the incidents
#[derive(Debug, Clone)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct LedgerRequest {
    /// What to do with it
    #[cfg_attr(feature = "cli", command(subcommand))]
    pub command: LedgerCommand,
}

/// What to do with the ledger.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "cli", derive(clap::Subcommand))]
pub enum LedgerCommand {
    /// Take the text of an event out of the record, for good: a secret got into it
    Forget {
        /// The event's id, or how it begins: `log --ids` shows them
        #[cfg_attr(feature = "cli", arg(value_name = "EVENT"))]
        event: String,
        /// Why; everybody will read it
        #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
        reason: String,
    },
    /// Say who signed it, whether all of it can be read, and what remotes had of it
    Verify,
    /// Print all that is recorded: every event as a line of JSON, or the incidents as a table
    Export {
        /// In which form: ndjson (every event, which `import` reads back) or csv (a row an incident)
        #[cfg_attr(feature = "cli", arg(long, value_name = "FORMAT", default_value = "ndjson"))]
        format: String,
    },
    /// Record the events of an export that are not here
    Import {
        /// The file, or - for standard input
        #[cfg_attr(feature = "cli", arg(value_name = "FILE"))]
        file: String,
    },
    /// Mend it: damaged objects that a remote has, what a fetch pruned or set back, what is no event
    Repair,
}

impl Step for LedgerRequest {
    fn name(&self) -> &'static str {
        match self.command {
            LedgerCommand::Forget { .. } => "ledger forget",
            LedgerCommand::Verify => "ledger verify",
            LedgerCommand::Export { .. } => "ledger export",
            LedgerCommand::Import { .. } => "ledger import",
            LedgerCommand::Repair => "ledger repair",
        }
    }

    fn incident(&self) -> IncidentNeed {
        match self.command {
            LedgerCommand::Forget { .. } => IncidentNeed::Any,
            LedgerCommand::Verify
            | LedgerCommand::Repair
            | LedgerCommand::Export { .. }
            | LedgerCommand::Import { .. } => IncidentNeed::None,
        }
    }

    fn only_looks(&self) -> bool {
        matches!(self.command, LedgerCommand::Verify | LedgerCommand::Repair | LedgerCommand::Export { .. })
    }

    fn works_without_rules(&self) -> bool {
        true
    }

    fn mends_record(&self) -> bool {
        matches!(self.command, LedgerCommand::Repair)
    }

    fn texts(&mut self) -> Vec<&mut String> {
        match &mut self.command {
            LedgerCommand::Forget { reason, .. } => vec![reason],
            LedgerCommand::Verify
            | LedgerCommand::Repair
            | LedgerCommand::Export { .. }
            | LedgerCommand::Import { .. } => Vec::new(),
        }
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        match &self.command {
            LedgerCommand::Forget { event, reason } => forget::plan(context, event, reason),
            LedgerCommand::Verify => verify::plan(context),
            LedgerCommand::Export { format } => export::plan(context, format),
            LedgerCommand::Import { file } => import::plan(context, file),
            LedgerCommand::Repair => repair::plan(context),
        }
    }
}

/// Why the ledger could not be looked at.
fn unverified(trouble: &QueryError) -> Refusal {
    // What may be read the next time says nothing about the record.
    let kind = if trouble.kind == ErrorKind::Retry { ErrorKind::Retry } else { ErrorKind::CheckFailed };
    let refusal = Refusal::new(kind, Code::Ledger, format!("cannot read the ledger: {}", trouble.message));
    trouble.hint.iter().cloned().fold(refusal, Refusal::hint)
}
