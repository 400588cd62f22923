//! Webhooks: others who want to know.

use std::time::Duration;

use super::PortError;

/// Tells a webhook.
pub trait WebhookPost {
    /// Posts a JSON document. What was not answered, or for now only, is tried again until `deadline`; redirects are not
    /// followed, and of an answer no more is read than says why not.
    ///
    /// # Errors
    /// When it was not taken; the text holds nothing of the address.
    fn post(&self, address: &str, document: &[u8], deadline: Duration) -> Result<(), PortError>;
}
