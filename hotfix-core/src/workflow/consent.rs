//! Whether a person lets a remote have the ledger: what is in it was written for the people here.

use crate::port::Look;

use super::Result;

/// The person's own word, for every remote. What the repository says of itself does not count.
const EVERYWHERE: &str = "hotfix.ledger.share";

/// The key of git's configuration that remembers the answer about one remote.
pub(crate) fn key(remote: &str) -> String {
    format!("remote.{remote}.hotfixLedger")
}

/// Whether the ledger may be shared with a remote.
///
/// # Errors
/// When the configuration cannot be read.
pub(crate) fn is_given(look: Look<'_>, remote: &str) -> Result<bool> {
    Ok(answer(look, remote)? == Some(true))
}

/// What a person said about a remote; `None` where nobody was asked yet.
///
/// # Errors
/// When the configuration cannot be read.
pub(crate) fn answer(look: Look<'_>, remote: &str) -> Result<Option<bool>> {
    for key in [key(remote), EVERYWHERE.to_owned()] {
        if let Some(answer) = look.git.config(&key)? {
            return Ok(Some(is_yes(&answer)));
        }
    }
    Ok(None)
}

/// As git reads a boolean.
fn is_yes(text: &str) -> bool {
    ["true", "yes", "on", "1", ""].iter().any(|yes| text.eq_ignore_ascii_case(yes))
}
