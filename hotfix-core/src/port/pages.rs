//! Pages of the web that say something for machines.

use std::time::Duration;

use super::PortError;

/// Reads pages.
pub trait Pages {
    /// The beginning of what a GET is answered with, after redirects, where that is a success.
    ///
    /// # Errors
    /// When there is no answer within `timeout`, or it is no success.
    fn read(&self, url: &str, timeout: Duration) -> Result<Vec<u8>, PortError>;
}
