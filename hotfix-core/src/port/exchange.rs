//! How a ledger becomes one with another's: what remotes have of it, and the union of two.

use crate::domain::{EventId, IncidentId, RefName};

use super::{Choose, LedgerSettings, LedgerUpkeep, Peer, PortError, PushError, StoreError, StoreTip};

/// Where the ledgers of all years lie on a remote: below this.
pub const LEDGER_PLACE: &str = "refs/hotfix/ledger/";
/// Where they lie on hosts that take only branches and tags.
pub const LEDGER_BRANCH: &str = "refs/heads/hotfix-ledger/";

/// A year's ledger as a remote has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteLedger {
    /// The year.
    pub year: i16,
    /// The full name of its ref there: some hosts take only branches and tags.
    pub place: RefName,
    /// Its tip.
    pub tip: String,
}

/// A year's ledger as a remote is to have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerUpdate {
    /// The full name of its ref there.
    pub place: RefName,
    /// The tip that it gets.
    pub to: String,
    /// The tip that it must have before; `None`: none.
    pub expected: Option<String>,
}

/// Makes ledgers one, and exchanges them with remotes.
pub trait LedgerExchange: LedgerSettings + LedgerUpkeep {
    /// The ledgers that a remote has now.
    ///
    /// # Errors
    /// When it cannot be reached.
    fn ask(&self, peer: &Peer<'_>) -> Result<Vec<RemoteLedger>, PortError>;

    /// Gets what these hold; no ref is moved.
    ///
    /// # Errors
    /// When the remote cannot be reached, or does not have them any more.
    fn fetch(&self, peer: &Peer<'_>, ledgers: &[RemoteLedger]) -> Result<(), PortError>;

    /// Whether what a tip names is a ledger: it holds incidents, or nothing at all. It was fetched.
    ///
    /// # Errors
    /// When it cannot be read.
    fn is_ledger(&self, tip: &str) -> Result<bool, PortError>;

    /// Moves ledgers on a remote, each from what it was; no hook of this repository runs.
    ///
    /// # Errors
    /// As [`PushError`] says.
    fn push(&self, peer: &Peer<'_>, updates: &[LedgerUpdate]) -> Result<(), PushError>;

    /// The ledgers that a remote had when it was last asked.
    ///
    /// # Errors
    /// When the repository cannot be read.
    fn tracked(&self, remote: &str) -> Result<Vec<RemoteLedger>, PortError>;

    /// The ledgers of a remote that the last `git fetch` brought, where it is set up for that.
    ///
    /// # Errors
    /// When the repository cannot be read.
    fn fetched(&self, remote: &str) -> Result<Vec<RemoteLedger>, PortError>;

    /// Remembers what a remote has.
    ///
    /// # Errors
    /// When the repository cannot be written.
    fn track(&self, remote: &str, ledger: &RemoteLedger) -> Result<(), PortError>;

    /// The events under the tip `of` that are not under `tip`, or stand there as something else.
    ///
    /// # Errors
    /// When a tip cannot be read.
    fn missing(
        &self,
        tip: Option<&str>,
        of: &str,
        choose: &Choose<'_>,
    ) -> Result<Vec<(IncidentId, EventId)>, PortError>;

    /// Moves a year's ledger from `expected` to one that holds what that and `theirs` hold; the tip, which is the same
    /// wherever the two are united.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when the ledger is not at `expected`; else when it cannot be read or written. Nothing is changed
    /// then.
    fn unite(
        &self,
        year: i16,
        expected: Option<&str>,
        theirs: &str,
        choose: &Choose<'_>,
    ) -> Result<StoreTip, StoreError>;
}
