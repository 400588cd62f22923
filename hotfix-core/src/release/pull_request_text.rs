//! What a pull request of ours carries besides its own text: the label, and the repository's template.

use crate::domain::{Incident, Printable};
use crate::workflow::{Context, Result};

/// The label of every pull request of ours.
pub(crate) const LABEL: &str = "hotfix";
/// The longest text of a pull request that hosting services take, in characters.
const MAX_BODY: usize = 65_536;
/// Where a repository keeps what it wants pull requests to say.
const TEMPLATES: [&str; 6] = [
    ".github/pull_request_template.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
    "docs/pull_request_template.md",
    "docs/PULL_REQUEST_TEMPLATE.md",
    "pull_request_template.md",
    "PULL_REQUEST_TEMPLATE.md",
];

/// The text with what the repository wants pull requests to say below it, where both fit.
pub(crate) fn with_template(context: &Context<'_>, incident: &Incident, body: String) -> Result<String> {
    for path in TEMPLATES {
        let Some(bytes) = context.look.git.file_at(&incident.base.commit, path)? else { continue };
        let template = Printable::from_bytes(&bytes);
        let both = format!("{}\n\n---\n\n{}\n", body.trim_end(), template.as_str().trim());
        // What the fix says counts more than a form: a text that is too long is refused as a whole.
        return Ok(if both.chars().count() <= MAX_BODY { both } else { body });
    }
    Ok(body)
}
