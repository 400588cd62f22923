//! With whom a ledger is exchanged.

use std::time::Duration;

/// Whom a ledger is shared with, and what that may cost.
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    /// The remote's name.
    pub remote: &'a str,
    /// Whether a person waits for it, who can be asked for a passphrase.
    pub may_ask: bool,
    /// How long each exchange with it may take.
    pub patience: Duration,
}
