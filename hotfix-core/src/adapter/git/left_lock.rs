//! A lock of git's that a process of ours left when it died. What it was moving stands in a file of ours: of the ledgers' refs in that
//! of [`super::ledger`], of all others in that of [`super::own_move`].

use std::path::Path;
use std::time::Duration;

/// After which nobody is about to write what is still empty.
const SETTLED: Duration = Duration::from_secs(1);

/// Removes the lock of a dead owner, and says whether nobody can be at it. It holds `left`, the line that its owner wrote there,
/// or the beginning of that: what another program locks, it locks for another commit.
pub(super) fn clear(lock: &Path, left: &str) -> bool {
    let Ok(held) = std::fs::read(lock) else { return true };
    let age = lock.metadata().and_then(|lock| lock.modified()).ok().and_then(|at| at.elapsed().ok());
    if held.is_empty() && age.is_none_or(|age| age < SETTLED) {
        return false;
    }
    if left.as_bytes().starts_with(&held) {
        #[expect(clippy::disallowed_methods, reason = "a lock that a process of ours left")]
        let _ = std::fs::remove_file(lock); // Where it stays, it is named as any lock.
    }
    true
}
