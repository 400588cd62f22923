//! The record as a whole: who signed what, what cannot be read, and what remotes had.

use crate::port::{LedgerExchange, RemoteLedger, Seal, SealedCommit};

use super::append::tried;
use super::{DamagedIncident, Ledger, LedgerError, union};

/// What is to be said of the record as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerAudit {
    /// The commits of all years, newest first.
    pub commits: Vec<SealedCommit>,
    /// Years whose ledger holds what is no event.
    pub foreign: Vec<i16>,
    /// What cannot be read, and was not given up.
    pub damage: Vec<DamagedIncident>,
    /// What remotes had when they were last asked, and how many events of that are not here.
    pub remotes: Vec<(String, RemoteLedger, usize)>,
}

impl LedgerAudit {
    /// How many commits have such a signature.
    pub fn count(&self, seal: Seal) -> usize {
        self.commits.iter().filter(|commit| commit.seal == seal).count()
    }
}

impl Ledger<'_> {
    /// Puts back into a year's ledger what it had at a tip; what it has stays.
    ///
    /// # Errors
    /// When the tip cannot be read, or the store cannot be written.
    pub fn put_back(&self, exchange: &dyn LedgerExchange, year: i16, had: &str) -> Result<(), LedgerError> {
        tried(|| {
            let tip = self.tip(year)?;
            Ok(exchange.unite(year, tip.as_deref(), had, &union::choose).map(drop))
        })
    }

    /// Looks at all that is recorded, and at what these remotes had of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audit(&self, exchange: &dyn LedgerExchange, remotes: &[String]) -> Result<LedgerAudit, LedgerError> {
        let mut audit = LedgerAudit { damage: self.damage()?, ..LedgerAudit::default() };
        for (year, tip) in self.store.tips()? {
            audit.commits.extend(exchange.seals(&tip)?);
            if !exchange.is_ledger(&tip)? {
                audit.foreign.push(year);
            }
        }
        for remote in remotes {
            for known in exchange.tracked(remote)? {
                let missing = exchange.missing(self.tip(known.year)?.as_deref(), &known.tip, &union::choose)?;
                audit.remotes.push((remote.clone(), known, missing.len()));
            }
        }
        Ok(audit)
    }
}
