//! Looking after a ledger as a whole: who signed it, what of it is damaged or foreign, and how that is mended.

use super::{Peer, PortError, SealedCommit, StoreError, StoreTip};

/// What came of mending damaged objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mended {
    /// How many objects are whole again.
    pub mended: usize,
    /// The ids of those that nobody had.
    pub left: Vec<String>,
    /// Why remotes could not be asked, one line each.
    pub unasked: Vec<String>,
}

/// Looks after ledgers as a whole.
pub trait LedgerUpkeep {
    /// The commits that a tip leads to, newest first, and what their signatures are worth; where one is given, without those that
    /// `since` leads to.
    ///
    /// # Errors
    /// When they cannot be read.
    fn seals(&self, tip: &str, since: Option<&str>) -> Result<Vec<SealedCommit>, PortError>;

    /// The paths under a tip that hold what is no event, and nothing that leads to one.
    ///
    /// # Errors
    /// When they cannot be read.
    fn foreign(&self, tip: &str) -> Result<Vec<String>, PortError>;

    /// The ids of the objects that these tips lead to and that are gone, or hold something else. Every one of them is read.
    ///
    /// # Errors
    /// When the repository cannot be opened.
    fn damaged(&self, tips: &[String]) -> Result<Vec<String>, PortError>;

    /// Brings damaged objects back: by another copy of them here, else from the remotes that have the ledgers. What nobody has stays
    /// as it is.
    ///
    /// # Errors
    /// When the repository cannot be read or written.
    fn mend(&self, tips: &[String], peers: &[Peer<'_>]) -> Result<Mended, PortError>;

    /// Moves a year's ledger from `expected` to one without what is foreign in it, from which one gets back to that. It is the same
    /// wherever that is done.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when the ledger is not at `expected`; else when it cannot be read or written. Nothing is changed then.
    fn weed(&self, year: i16, expected: &str) -> Result<StoreTip, StoreError>;
}
