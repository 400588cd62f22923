//! The record as a whole: who signed what, what cannot be read, and what remotes had.

use crate::port::{LedgerExchange, Mended, Peer, PortError, RemoteLedger, Salvaged, Seal, SealedCommit};

use super::append::tried;
use super::{DamagedIncident, Ledger, LedgerError, codec, union};

/// What is to be said of the record as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerAudit {
    /// The commits of all years, newest first.
    pub commits: Vec<SealedCommit>,
    /// What is no event in the ledgers of the years, by its path.
    pub foreign: Vec<(i16, String)>,
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

    /// The ids of objects that are damaged, of all that the ledgers lead to.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn damaged_objects(&self, exchange: &dyn LedgerExchange) -> Result<Vec<String>, LedgerError> {
        Ok(exchange.damaged(&self.all_tips()?)?)
    }

    /// Brings damaged objects back, from wherever these remotes have them.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn mend(&self, exchange: &dyn LedgerExchange, peers: &[Peer<'_>]) -> Result<Mended, LedgerError> {
        Ok(exchange.mend(&self.all_tips()?, peers)?)
    }

    /// Puts together the ledgers that cannot be read, from all that is still here.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn salvage(&self, exchange: &dyn LedgerExchange) -> Result<Vec<Salvaged>, LedgerError> {
        let known = self.known_tips();
        let salvaged = tried(|| Ok(exchange.salvage(&known, &union::choose, &codec::incident_of)))?;
        let whole: Vec<i16> = salvaged.iter().filter(|year| year.is_whole).map(|year| year.year).collect();
        self.forget_tips(&whole);
        Ok(salvaged)
    }

    fn all_tips(&self) -> Result<Vec<String>, PortError> {
        Ok(self.store.tips()?.into_iter().map(|(_, tip)| tip).collect())
    }

    /// Takes out of a year's ledger what is no event; it stays in the history.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn weed(&self, exchange: &dyn LedgerExchange, year: i16) -> Result<(), LedgerError> {
        tried(|| match self.tip(year)? {
            Some(tip) if !exchange.foreign(&tip)?.is_empty() => Ok(exchange.weed(year, &tip).map(drop)),
            _ => Ok(Ok(())),
        })
    }

    /// Looks at all that is recorded, and at what these remotes had of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn audit(&self, exchange: &dyn LedgerExchange, remotes: &[String]) -> Result<LedgerAudit, LedgerError> {
        let mut audit = LedgerAudit { damage: self.damage()?, ..LedgerAudit::default() };
        for (year, tip) in self.store.tips()? {
            audit.commits.extend(exchange.seals(&tip, None)?);
            audit.foreign.extend(exchange.foreign(&tip)?.into_iter().map(|path| (year, path)));
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
