//! All of the outside that one run of a command needs.

use std::path::Path;
use std::rc::Rc;

use crate::domain::{IncidentId, Workplace};

use super::{Act, Clock, Forge, ForgeAddress, LedgerExchange, LedgerStore, Look, PortError};

/// How far a run may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Whether it may ask remotes.
    pub asks_remotes: bool,
    /// Whether what a partial clone left with its remote is fetched when it is read.
    pub fetches_missing: bool,
    /// Whether merges may start git and the merge drivers of the person, where these have to decide.
    pub decides_merges: bool,
}

/// A repository with the machine around it. `adapter` has the real one; an embedder may bring its own.
pub trait Outside {
    /// The reading halves.
    fn look(&self) -> Look<'_>;

    /// The writing halves, with this forge.
    fn act<'a>(&'a self, forge: &'a dyn Forge) -> Act<'a>;

    /// The service at this address, or none; one connection serves the whole run. Nothing is asked yet.
    fn forge(&self, address: Option<ForgeAddress>) -> Rc<dyn Forge>;

    /// Where the ledger is.
    fn store(&self) -> &dyn LedgerStore;

    /// How the ledger becomes one with others'.
    fn exchange(&self) -> &dyn LedgerExchange;

    /// The time.
    fn clock(&self) -> &dyn Clock;

    /// An id for a new incident.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    fn new_id(&self) -> Result<IncidentId, PortError>;

    /// The clone that this is, on which machine. It gets a name of its own where it has none and `names` says so; else that is
    /// empty.
    fn workplace(&self, names: bool) -> Workplace;

    /// A variable of the environment, for the rules.
    fn variable(&self, name: &str) -> Option<String>;

    /// Others had time to change things, a person who was asked for example: what was read of the work tree is read anew.
    fn time_passed(&self) {}

    /// The repository, where something (`GIT_DIR`) led to another one than the folder that was named.
    fn led_elsewhere(&self) -> Option<&Path> {
        None
    }
}
