//! What may have changed the work tree since it was looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what may have changed the work tree. Whoever starts a program or writes a file there counts; clones count together.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamp {
    moved: Arc<AtomicU64>,
    disturbed: Arc<AtomicU64>,
}

/// What a stamp said at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StampedAt {
    moved: u64,
    disturbed: u64,
}

impl Stamp {
    /// git checked something out: files changed, and what was committed stays so.
    pub(super) fn moved(&self) {
        self.moved.fetch_add(1, Ordering::Relaxed);
    }

    /// Anything may have been changed.
    pub(super) fn disturbed(&self) {
        self.disturbed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> StampedAt {
        StampedAt { moved: self.moved.load(Ordering::Relaxed), disturbed: self.disturbed.load(Ordering::Relaxed) }
    }
}

impl StampedAt {
    /// Whether nothing but git itself changed anything between the two.
    pub(super) fn is_undisturbed(self, now: Self) -> bool {
        self.disturbed == now.disturbed
    }
}
