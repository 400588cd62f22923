//! A landing that only the merge itself tells of: whoever let it land with hotfix could not tell the record any more.

use crate::domain::event::{Landing, LandingLine};
use crate::domain::{Incident, ObjectId};
use crate::production;
use crate::workflow::{Context, Result};

use super::branch;

/// The oldest merge into production that hotfix made for the incident and that the record does not know, as far as production
/// is known here.
///
/// # Errors
/// When the history of production cannot be read.
pub(crate) fn landing(context: &Context<'_>, incident: &Incident) -> Result<Option<Landing>> {
    let git = context.look.git;
    let Some(tip) = git.commit_of_ref(&production::tip_ref(&incident.production))? else { return Ok(None) };
    let base = &incident.base.commit;
    // What came before the incident brought no fix of it.
    if tip == *base || !git.has_commit(base)? {
        return Ok(None);
    }
    let told = || incident.merged.iter().chain(&incident.merged_before);
    let is_told = |head: &ObjectId| told().any(|landing| landing.head == *head);
    let mark = branch::trailer(&incident.id);
    // The commits that bring the records name the incident as well, and merge nothing.
    let mut merges = git.marked(std::slice::from_ref(base), &tip, &[&mark])?.into_iter().rev();
    Ok(merges.find_map(|commit| {
        let [from, head] = commit.parents.as_slice() else { return None };
        let line = LandingLine { branch: incident.production.branch.clone(), from: from.clone(), to: commit.id };
        (!is_told(head)).then(|| Landing::new(head.clone(), vec![line]))
    }))
}
