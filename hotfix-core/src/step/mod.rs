//! The commands, one a file: the request as a plain struct (with clap's derive behind feature `cli`) and its plan.

/// What never changes of a command: its name, which incident it is about if not the open one, which of its arguments are free
/// texts, and what is true of it.
macro_rules! step_facts {
    ($name:literal $(about $need:ident)? $(telling $($text:ident)+)? $(, $fact:ident)*) => {
        fn name(&self) -> &'static str {
            $name
        }
        $(fn incident(&self) -> crate::workflow::IncidentNeed {
            crate::workflow::IncidentNeed::$need
        })?
        $(fn texts(&mut self) -> Vec<&mut String> {
            [$(&mut self.$text),+].into_iter().flatten().collect()
        })?
        $(fn $fact(&self) -> bool {
            true
        })*
    };
}

mod abort;
mod attach;
mod backport;
mod close;
mod config;
mod deploy;
mod doctor;
mod follow_up;
mod guard;
mod init;
mod ledger;
mod mark;
mod note;
mod offered_values;
mod open;
mod postmortem;
pub(crate) mod pr;
mod propagation;
mod publish;
mod remedies;
mod reopen;
pub(crate) mod revert;
mod ship;
mod similar;
mod status;
mod suspects;
mod sync;
mod test;
mod triage;
mod undo;
mod verify;
mod written;

pub use abort::Abort;
pub use attach::Attach;
pub use backport::Backport;
pub use close::Close;
pub use config::Config;
pub use deploy::Deploy;
#[cfg(feature = "cli")]
pub(crate) use deploy::after_unknown_end;
pub use doctor::Doctor;
pub use follow_up::{FollowUp, FollowUpCommand};
pub use guard::{Guard, GuardFormat};
pub use init::Init;
pub use ledger::{LedgerCommand, LedgerRequest as Ledger};
pub use mark::Mark;
pub use note::Note;
pub use offered_values::{OfferedValues, ValueKind};
pub use open::Open;
pub use postmortem::Postmortem;
pub use pr::{Pr, PrOptions};
pub use propagation::Propagation;
pub use reopen::Reopen;
pub use revert::Revert;
pub use ship::Ship;
pub use status::{
    Here, LISTED_FIELDS, List, Log, Progress, SHOWN_FIELDS, Show, Status, StepState, next_command, progress,
};
pub use suspects::Suspects;
pub use sync::Sync;
pub use test::Test;
pub use triage::Triage;
pub use undo::Undo;
pub use verify::Verify;

#[cfg(test)]
pub(crate) mod tests;
