//! What makes rules count that were written here: they have to be on production.

use crate::production::detect::{self, Learnt};
use crate::production::policy;
use crate::workflow::{Context, Result};

/// Where rules count: `origin/main`; `None` where that is not known.
pub(super) fn place(context: &Context<'_>) -> Option<String> {
    detect::likely(context.look, context.config, Learnt::of(context)).ok().map(|production| production.display_name())
}

/// The command that pushes the branch that is checked out; `None` where it is not production's, or nothing is to be pushed.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn push(context: &Context<'_>) -> Result<Option<String>> {
    let Ok(production) = detect::likely(context.look, context.config, Learnt::of(context)) else { return Ok(None) };
    let head = context.look.git.head()?;
    Ok(match (production.remote, head.branch()) {
        (Some(remote), Some(branch)) if *branch == *production.branch => {
            Some(format!("git push {} {}", shell_words::quote(&remote), shell_words::quote(branch)))
        }
        _ => None,
    })
}

/// The command that commits the rules, and pushes them where that makes them count.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn commit_and_push(context: &Context<'_>, message: &str) -> Result<String> {
    let commit = format!("git add {0} && git commit -m {1} {0}", policy::FILE, shell_words::quote(message));
    Ok(match push(context)? {
        Some(push) => format!("{commit} && {push}"),
        None => commit,
    })
}
