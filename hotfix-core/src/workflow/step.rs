//! What every command is: a request that plans.

use crate::evidence::{Masked, Redactor};

use super::{Context, Plan, Refusal};

/// One thing that a person asks for.
pub trait Step {
    /// Plans what is still missing.
    ///
    /// # Errors
    /// When it cannot or must not be done; nothing was changed by this round.
    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal>;

    /// The free texts of the request. Whoever drives the step masks the secrets in them first ([`mask_request`]): what is
    /// compared with the record, shown and made a name of is then the same text as the one that is recorded.
    fn texts(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    /// Whether what it merges may be left to git and to the merge drivers of the person, where these have to decide. What only
    /// looks starts no programs.
    fn decides_merges(&self) -> bool {
        false
    }

    /// Whether an incident that ended is meant when none is open: for commands that say "done already".
    fn accepts_ended(&self) -> bool {
        false
    }

    /// Whether it works without an incident.
    fn needs_incident(&self) -> bool {
        true
    }

    /// Whether it goes on with the default rules where those of the repository are wrong.
    fn works_without_rules(&self) -> bool {
        false
    }
}

/// Masks the secrets in the free texts of a request, and says what that were.
pub fn mask_request(step: &mut dyn Step, redactor: &Redactor) -> Masked {
    let mut masked = Masked::default();
    for text in step.texts() {
        masked.add(redactor.redact_in_place(text));
    }
    masked
}
