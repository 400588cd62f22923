//! Who reads what is printed: where their clocks stand, and how wide their screen is.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Whoever reads what is printed. JSON and documents are the same for everybody, and in UTC.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The zone of their clocks.
    pub zone: TimeZone,
    /// How wide their screen is; absent where lines may be of any length.
    pub columns: Option<usize>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { zone: TimeZone::UTC, columns: None }
    }
}

impl Reader {
    /// An instant to the second: `2026-11-22 10:41:00 CET`.
    pub(crate) fn second(&self, at: Timestamp) -> String {
        self.zoned(at, "%Y-%m-%d %H:%M:%S %Z")
    }

    /// An instant to the minute: `2026-11-22 10:41 CET`.
    pub(crate) fn minute(&self, at: Timestamp) -> String {
        self.zoned(at, "%Y-%m-%d %H:%M %Z")
    }

    fn zoned(&self, at: Timestamp, format: &str) -> String {
        at.to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}
