//! Does signing work, where commits or tags are signed?

use crate::port::PortError;
use crate::release::tag;
use crate::workflow::Context;

use super::{CheckVerdict, Examination, Halt, Setup};

/// What git and gpg say of a failure is long; its end says why.
const LONGEST: usize = 160;

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let tags = tag::template(setup.context)?.is_some();
    let signs_record = setup.context.config.ledger.sign;
    if !signs_record && !is_wanted(setup.context, tags)? {
        return Ok(CheckVerdict::ok("commits are not signed"));
    }
    Ok(match setup.ask(Examination::Signing)? {
        Ok(_) => CheckVerdict::ok("a throw-away commit was signed"),
        Err(trouble) => {
            CheckVerdict::failure(tail(&trouble.message), "set user.signingKey and gpg.format, or unlock the key")
        }
    })
}

/// Whether commits, or `tags` where some are made, are signed by the user's settings.
///
/// # Errors
/// When git's configuration cannot be read.
pub(in crate::step) fn is_wanted(context: &Context<'_>, tags: bool) -> Result<bool, PortError> {
    let git = context.look.git;
    let is_on = |key: &str| Ok::<_, PortError>(git.config(key)?.is_some_and(|value| is_true(&value)));
    // git signs annotated tags by a setting of their own.
    Ok(is_on("commit.gpgSign")? || (tags && (is_on("tag.gpgSign")? || is_on("tag.forceSignAnnotated")?)))
}

fn tail(message: &str) -> String {
    // From the end: gpg says last why it gave up.
    let skipped = message.chars().count().saturating_sub(LONGEST);
    let dots = if skipped > 0 { "…" } else { "" };
    format!("{dots}{}", message.chars().skip(skipped).collect::<String>())
}

/// As git reads a boolean.
fn is_true(value: &str) -> bool {
    let lower = value.to_lowercase();
    matches!(lower.as_str(), "true" | "yes" | "on") || lower.parse::<i64>().is_ok_and(|number| number != 0)
}
