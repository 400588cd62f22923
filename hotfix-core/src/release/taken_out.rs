//! A fix that somebody took out of production again: `ship` stops there, and `status` says so before, in the same words.

use crate::domain::{Incident, ObjectId, PullRequestState, Severity};
use crate::production;
use crate::workflow::{Context, Result};

use super::commits::Fix;
use super::presence::{self, Presence};
use super::untold;

/// That production had the fix, and which commit took it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TakenOut {
    production: String,
    revert: ObjectId,
    /// Where the fix's branch is not checked out, the revert of the revert is an incident of its own.
    severity: Severity,
    /// Whether production holds the very commits of the fix: git merges none of them once more.
    is_merged: bool,
}

impl TakenOut {
    /// By what is known of the fix on production.
    pub(crate) fn of(fix: &Fix<'_>, presence: &Presence) -> Result<Option<Self>> {
        let Some(revert) = presence.revert().cloned() else { return Ok(None) };
        let (look, production) = (fix.context.look, &fix.incident.production);
        let is_merged = look.git.has_commit(fix.head)? && production::contains(look, production, fix.head)?;
        Ok(Some(Self {
            production: production.display_name(),
            revert,
            severity: fix.incident.severity.clone(),
            is_merged,
        }))
    }

    /// As far as production is known here: of what landed last, else of what landed and is not recorded; the branch is at `tip`.
    pub(crate) fn find(context: &Context<'_>, incident: &Incident, tip: Option<&ObjectId>) -> Result<Option<Self>> {
        let landed = landed_head(context, incident)?;
        let is_certain = landed.is_some();
        let proposed = tip.filter(|tip| incident.merged.is_none() && is_proposed(incident, tip));
        let Some(head) = landed.or_else(|| proposed.cloned()) else { return Ok(None) };
        let fix = Fix::new(context, incident, &head)?;
        if !is_certain && !is_anything_named(&fix)? {
            return Ok(None);
        }
        let presence = presence::on_production(&fix)?;
        let is_meant = match presence.revert() {
            Some(revert) => incident.merged.is_some() || is_news(&fix, revert)?,
            None => false,
        };
        if is_meant { Self::of(&fix, &presence) } else { Ok(None) }
    }

    /// What happened, a clause.
    pub(crate) fn text(&self) -> String {
        let said = format!("the fix was taken out of {} again by {}", self.production, self.revert.short());
        let vain = "; merging its branch once more would not bring it back";
        if self.is_merged { said + vain } else { said }
    }

    /// The command that brings the fix back.
    pub(crate) fn command(&self, program: &str) -> String {
        format!("{program} revert {} --severity {}   # brings it back", self.revert.short(), self.severity.key())
    }
}

/// Whether what production took out again landed by other commits than those of the branch: a squash of what was proposed.
pub(crate) fn is_squash_of_proposed(fix: &Fix<'_>, revert: &ObjectId) -> Result<bool> {
    Ok(is_proposed(fix.incident, fix.head) && is_news(fix, revert)?)
}

/// The tip of what landed, as it is recorded or as production tells.
fn landed_head(context: &Context<'_>, incident: &Incident) -> Result<Option<ObjectId>> {
    let (Some(landing), Some(merge)) = (&incident.merged, incident.merge_commit()) else {
        return Ok(untold::landing(context, incident)?.map(|landing| landing.head));
    };
    // What a service merged need not be here yet.
    Ok(context.look.git.has_commit(merge)?.then(|| landing.head.clone()))
}

fn is_proposed(incident: &Incident, head: &ObjectId) -> bool {
    let proposed = incident.pull_request.as_ref().filter(|known| known.state != PullRequestState::Closed);
    proposed.is_some_and(|proposed| proposed.head == *head)
}

/// Whoever brought the revert into the branch, and went on, wants the fix.
fn is_news(fix: &Fix<'_>, revert: &ObjectId) -> Result<bool> {
    let git = fix.context.look.git;
    Ok(!git.has_commit(fix.head)? || !git.is_ancestor(revert, fix.head)?)
}

/// Whether any commit of production names another one since the incident began: one walk saves merges in memory.
fn is_anything_named(fix: &Fix<'_>) -> Result<bool> {
    let (git, base) = (fix.context.look.git, &fix.incident.base.commit);
    let Some(tip) = git.commit_of_ref(&production::tip_ref(&fix.incident.production))? else { return Ok(false) };
    Ok(tip != *base && git.has_commit(base)? && fix.is_anything_named(&tip)?)
}
