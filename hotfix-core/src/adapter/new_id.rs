//! Ids of new incidents: the year, and random bytes of the system.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::IncidentId;
use crate::port::{ErrorKind, PortError};

/// An id for an incident that is opened at `at`. Its year names the ledger that it lives in, for ever.
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_id(at: Timestamp) -> Result<IncidentId, PortError> {
    let mut random = [0; 5];
    // From the system: two clones may open an incident in the same second.
    getrandom::fill(&mut random)
        .map_err(|error| PortError::new(ErrorKind::Internal, "get random bytes", error.to_string()))?;
    // UTC: the ref of the ledger is named after it, wherever the person is.
    Ok(IncidentId::from_random(at.to_zoned(TimeZone::UTC).year(), random))
}
