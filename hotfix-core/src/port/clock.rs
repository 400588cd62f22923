//! The time.

use jiff::Timestamp;

/// Tells the time.
pub trait Clock {
    /// Now, UTC, in whole seconds.
    fn now(&self) -> Timestamp;
}
