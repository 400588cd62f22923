//! The secrets of an event are masked in the texts that came from people, programs and servers.

use crate::domain::EventKind;

use super::{Masked, Redactor};

/// Masks the secrets in every free text of an event, and returns what was masked.
pub fn mask(event: &mut EventKind, redactor: &Redactor) -> Masked {
    let mut masked = Masked::default();
    for text in event.free_texts_mut() {
        masked.add(redactor.redact_in_place(text));
    }
    if let Some(command) = event.command_mut() {
        masked.add(redactor.redact_command(command));
    }
    masked
}
