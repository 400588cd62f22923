//! What is set and remembered about the ledger: in the repository's own configuration of git, beside its caches, and for one run.

use jiff::Timestamp;

use super::PortError;

/// Settings and memory of the ledger.
pub trait LedgerSettings {
    /// Whether what is recorded from now on is signed, by what the person has set up for commits. Nobody is asked for anything.
    fn sign(&self, signs: bool);

    /// Why something was recorded without the signature that it was to have; told once.
    fn unsigned(&self) -> Option<PortError>;

    /// Remembers that a person said yes: a key of this repository's configuration is true from now on.
    ///
    /// # Errors
    /// When git cannot write it.
    fn allow(&self, key: &str) -> Result<(), PortError>;

    /// The refspecs by which a remote is fetched, in their order, wherever they are set.
    fn fetch_rules(&self, remote: &str) -> Vec<String>;

    /// Adds a refspec to those of a remote, in this repository's configuration.
    ///
    /// # Errors
    /// When git cannot write it.
    fn add_fetch_rule(&self, remote: &str, rule: &str) -> Result<(), PortError>;

    /// Takes a refspec out of those of a remote, where it is set in this repository's configuration.
    ///
    /// # Errors
    /// When git cannot write it.
    fn remove_fetch_rule(&self, remote: &str, rule: &str) -> Result<(), PortError>;

    /// Whether a person was told already that a remote lacks what is recorded here.
    fn was_told(&self) -> bool;

    /// Remembers whether a person was told that. Failing to is no error.
    fn set_told(&self, told: bool);

    /// Until when a remote that did not answer is left alone, as far as that is remembered.
    fn left_alone(&self, remote: &str) -> Option<Timestamp>;

    /// Remembers until when a remote is left alone; `None` where it answers. Of several remotes the last one is remembered. Failing to
    /// is no error.
    fn leave_alone(&self, remote: &str, until: Option<Timestamp>);
}
