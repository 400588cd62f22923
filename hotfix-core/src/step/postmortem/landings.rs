//! What a fix is made of that landed in several parts: neither what others brought to production in between nor our records.

use std::collections::BTreeSet;

use crate::document::Evidence;
use crate::domain::Incident;
use crate::domain::event::Landing;
use crate::port::CommitFilter;
use crate::release::commits;
use crate::workflow::{Context, Result};

/// So many commits of each part are listed.
const MOST: usize = 50;

/// The commits and files of all that landed, up to `last`.
pub(super) fn evidence(context: &Context<'_>, incident: &Incident, last: &Landing) -> Result<Evidence> {
    let git = context.look.git;
    let (mut listed, mut ids, mut paths) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut end = &last.head;
    for landing in incident.merged_before.iter().chain([last]) {
        let (mut from, mut to) = commits::extent(context, incident, landing)?;
        // What production got at once, where that is known here: from its base on, a later part holds the earlier ones.
        if let Some(line) = landing.lines.first()
            && git.has_commit(&line.from)?
            && git.has_commit(&line.to)?
        {
            (from, to) = (&line.from, &line.to);
        }
        let own = git.commits(Some(from), to, CommitFilter::All, MOST)?;
        // Two clones may have recorded the same part.
        let own = own.into_iter().filter(|commit| commit.parents.len() < 2 && ids.insert(commit.id.clone()));
        listed.splice(..0, own);
        paths.extend(git.changes(from, to)?.into_iter().map(|change| change.path));
        end = to;
    }
    let mut changes = git.changes(&incident.base.commit, end)?;
    changes.retain(|change| paths.contains(&change.path));
    Ok(Evidence { commits: listed, changes, ..Evidence::default() })
}
