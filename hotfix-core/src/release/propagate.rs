//! The release branches that lack the fix although production has it: somebody else merged it there, a branch took no push,
//! or it is newer than the landing.

use crate::domain::{Carried, CarriedBy, EventKind, Incident};
use crate::production::{self, hosting};
use crate::workflow::action::merge::LineToLand;
use crate::workflow::{Action, Context, MergeAction, Plan, Result};

use super::commits::Fix;
use super::conflict::{self, MergeConflict};
use super::preview::{Preview, Strategy};
use super::table::{Entry, Table};
use super::{branch, pull_request};

/// Takes the fix to the release branches that get it by a merge and lack it; `None` when none does.
pub(crate) fn merges(table: &Table<'_>, resolve: bool) -> Result<Option<Plan>> {
    let (fix, mut pending, mut conflicts) = (table.fix, Pending::default(), Vec::new());
    for entry in table.others.iter().filter(|entry| !entry.is_settled_elsewhere()) {
        // The table says so.
        if entry.is_unknown() {
            continue;
        }
        // Cherry-picks change what was released long ago: `backport` makes them, and asks first.
        if entry.strategy()? == Strategy::Merge {
            conflicts.extend(pending.add(fix, entry)?);
        }
    }
    let actions = pending.actions(fix.incident);
    // What goes cleanly does not wait for a person who settles a conflict elsewhere.
    if !actions.is_empty() {
        return Ok(Some(Plan::then_look_again(actions)));
    }
    if conflicts.is_empty() {
        return Ok(None);
    }
    conflict::plan(fix, &conflicts, resolve, "ship").map(Some)
}

/// What release branches still need, to be done together.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    proposes_all: bool,
    events: Vec<EventKind>,
    updates: Vec<LineToLand>,
    proposals: Vec<Action>,
}

impl Pending {
    /// By a pull request for each release branch where a service hosts the repository, else by pushes.
    pub(crate) fn by_pull_requests(context: &Context<'_>, incident: &Incident) -> Result<Self> {
        Ok(Self { proposes_all: hosting::of(context, incident)?.is_some(), ..Self::default() })
    }

    /// Adds what a release branch still needs to have the fix; where it conflicts, says so instead.
    pub(crate) fn add(&mut self, fix: &Fix<'_>, entry: &Entry<'_>) -> Result<Option<MergeConflict>> {
        let (context, incident, branch) = (fix.context, fix.incident, &entry.branch);
        if entry.is_proposed() {
            return Ok(None);
        }
        if let Some(event) = finished_before(fix, entry)? {
            self.events.push(event);
            return Ok(None);
        }
        let arrival = match entry.preview()? {
            Preview::There if entry.is_recorded() => return Ok(None),
            Preview::There => {
                // Where no single commit brought it, the tip is one that has it.
                let by = entry.presence()?.by().unwrap_or(&branch.tip);
                let present = Carried::new(branch.branch.clone(), CarriedBy::Present, Some(by.clone()));
                self.events.push(EventKind::Carried(present));
                return Ok(None);
            }
            Preview::Conflict(conflicts) => {
                let (branch, strategy) = (branch.clone(), entry.strategy()?);
                return Ok(Some(MergeConflict { branch, strategy, conflicts: conflicts.clone() }));
            }
            Preview::Clean(arrival) => arrival.clone(),
        };
        if self.proposes_all || production::refuses_pushes(context, &branch.branch) {
            self.proposals.push(pull_request::propose(fix, branch, arrival)?);
        } else {
            self.updates.push(branch::to_land(context, &incident.production, branch, arrival)?);
        }
        Ok(None)
    }

    /// Whether it changes more than the record.
    pub(crate) fn changes_branches(&self) -> bool {
        !self.updates.is_empty() || !self.proposals.is_empty()
    }

    /// What is to be done.
    pub(crate) fn actions(self, incident: &Incident) -> Vec<Action> {
        let record = (!self.events.is_empty()).then_some(Action::record(self.events));
        let remote = incident.production.remote.clone();
        let carry =
            (!self.updates.is_empty()).then_some(Action::Merge(MergeAction::Carry { lines: self.updates, remote }));
        // What is true already is recorded first: the rest may be refused.
        record.into_iter().chain(carry).chain(self.proposals).collect()
    }
}

/// What a run before this one finished without being able to say so.
fn finished_before(fix: &Fix<'_>, entry: &Entry<'_>) -> Result<Option<EventKind>> {
    let (git, branch) = (fix.context.look.git, &entry.branch);
    let started = fix.incident.carries_in_doubt.iter().find(|started| started.branch == branch.branch);
    let Some(started) = started else { return Ok(None) };
    let is_taken = entry.is_recorded() && entry.presence()?.by().is_some();
    if is_taken || !git.is_ancestor(&started.to, &branch.tip)? {
        return Ok(None);
    }
    // The intent does not say how: a merge has two parents, a pick has one.
    let by = match git.details(&started.to)?.parents.len() {
        0 | 1 => CarriedBy::Pick,
        _ => CarriedBy::Merge,
    };
    Ok(Some(EventKind::Carried(Carried::new(branch.branch.clone(), by, Some(started.to.clone())))))
}
