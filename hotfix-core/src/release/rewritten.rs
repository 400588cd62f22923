//! Production's branch was rewritten after the incident was opened: what was taken out of it lies below the fix, whose merge would
//! bring it back.

use crate::domain::{Incident, ObjectId, one_line};
use crate::port::CommitFilter;
use crate::production;
use crate::workflow::{Code, Context, Refusal, Result};

/// So many of the commits are named.
const MOST: usize = 3;

/// Refuses a fix that would bring commits back to production that it held when the incident was opened, and no longer does.
pub(crate) fn refuse(context: &Context<'_>, incident: &Incident, tip: &ObjectId) -> Result<()> {
    let (git, base) = (context.look.git, &incident.base.commit);
    let production = incident.production.display_name();
    // Of a tag, or a commit that a command told, nobody said that the branch has it.
    let is_own = incident.base.reference == production;
    if !is_own || production::contains(context.look, &incident.production, base)? || !git.is_ancestor(base, tip)? {
        return Ok(());
    }
    let there = production::tip(context.look, &incident.production)?;
    let commits = git.commits(Some(&there), base, CommitFilter::All, MOST + 1)?;
    let named = commits.iter().take(MOST).map(|commit| format!("{} {}", commit.id.short(), one_line(commit.subject())));
    let mut named: Vec<String> = named.collect();
    if commits.len() > MOST {
        named.push("and more".to_owned());
    }
    let (branch, base) = (incident.branch(), base.short());
    let message = format!(
        "{production} was rewritten since {} was opened: {branch} would bring back {}",
        incident.id,
        named.join(", ")
    );
    Err(Refusal::needs_human(Code::ProductionRewritten, message).hint(format!(
        "git rebase --onto {production} {base} {branch}   # leaves that out; then: {} ship",
        context.program
    )))
}
