//! Reports that a person points to: logs, stack traces, mails. They lie anywhere, or come on standard input.

use std::sync::Arc;

use super::PortError;

/// What was read of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceReport {
    /// Its bytes; of a long one the beginning and the end, with a line between them that says how much is left out.
    // Shared: a long one is kept for the next round of plans.
    pub bytes: Arc<[u8]>,
    /// How long it is, in bytes.
    pub length: u64,
}

/// Reads reports. Only what the person named is read, and each only once.
pub trait Reports {
    /// Reads a file, or standard input where `name` is `-`.
    fn report(&self, name: &str) -> Result<EvidenceReport, PortError>;

    /// Reads all of it, however long.
    ///
    /// # Errors
    /// When it cannot be read.
    fn whole(&self, name: &str) -> Result<Vec<u8>, PortError>;
}
