//! Looking after a ledger as a whole: who signed it, what of it is damaged or foreign, and how that is mended.

use crate::domain::IncidentId;

use super::{Choose, Peer, PortError, SealedCommit, StoreError, StoreTip};

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

/// What came of putting together a ledger that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Salvaged {
    /// The year.
    pub year: i16,
    /// What its ref named; `None` where it named nothing.
    pub was: Option<String>,
    /// Where it is now.
    pub tip: String,
    /// How many events it has.
    pub events: usize,
    /// Whether all is there that it had, as far as can be known.
    pub is_whole: bool,
}

/// Of which incident an event is that these bytes hold; `None` where they hold none.
pub type Recognize<'r> = dyn Fn(&[u8]) -> Option<IncidentId> + 'r;

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

    /// Puts together the ledgers whose ref, newest commit or trees cannot be read, from all that is still here of them, with the tips
    /// that they are known to have had. What cannot be read is set aside.
    ///
    /// # Errors
    /// When the repository cannot be read or written.
    fn salvage(
        &self,
        known: &[StoreTip],
        choose: &Choose<'_>,
        recognize: &Recognize<'_>,
    ) -> Result<Vec<Salvaged>, StoreError>;

    /// Moves a year's ledger from `expected` to one without what is foreign in it, from which one gets back to that. It is the same
    /// wherever that is done.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when the ledger is not at `expected`; else when it cannot be read or written. Nothing is changed then.
    fn weed(&self, year: i16, expected: &str) -> Result<StoreTip, StoreError>;
}
