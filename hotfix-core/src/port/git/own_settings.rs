//! What a person sets for all of their repositories.

use crate::port::PortError;

/// Writes git's configuration of the person.
pub trait OwnSettingsWrite {
    /// Sets a key to this one value, in every repository of the person's; git replaces the file as a whole.
    ///
    /// # Errors
    /// When git cannot write it.
    fn set_own(&self, key: &str, value: &str) -> Result<(), PortError>;
}
