//! The lines that lack the fix although production has it: somebody else merged it there, a line took no push, or a line is
//! newer than the landing.

use crate::domain::{Carried, CarriedBy, EventKind, Incident, ObjectId};
use crate::production;
use crate::production::hosting;
use crate::workflow::action::merge::LineToLand;
use crate::workflow::{Action, Context, MergeAction, Plan, Refusal};

use super::branch::{Forecast, Line, Way};
use super::conflict::Clash;
use super::{branch, commits, conflict, presence, pull_request};

/// Takes the fix to the lines that get it by a merge and lack it; `None` when none does.
///
/// # Errors
/// When one conflicts, or the repository cannot be read.
pub(crate) fn merges(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    resolve: bool,
) -> Result<Option<Plan>, Refusal> {
    let (mut owed, mut clashes) = (Owed::default(), Vec::new());
    for line in branch::all(context, &incident.production)? {
        if is_settled_elsewhere(incident, &line.branch) || branch::way(context, incident, head, &line)? == Way::Pick {
            continue;
        }
        clashes.extend(owed.add(context, incident, head, &line, Way::Merge)?);
    }
    let actions = owed.actions(incident);
    if !actions.is_empty() {
        return Ok(Some(Plan::then_look_again(actions)));
    }
    if clashes.is_empty() {
        return Ok(None);
    }
    conflict::plan(context, incident, head, &clashes, resolve, "ship").map(Some)
}

/// What lines still need, to be done together.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    proposes_all: bool,
    events: Vec<EventKind>,
    carried: Vec<LineToLand>,
    proposed: Vec<Action>,
}

impl Owed {
    /// By a pull request for each line where a service hosts the repository, else by pushes.
    ///
    /// # Errors
    /// When it cannot be told who hosts it.
    pub(crate) fn by_pull_requests(context: &Context<'_>, incident: &Incident) -> Result<Self, Refusal> {
        Ok(Self { proposes_all: hosting::of(context, incident)?.is_some(), ..Self::default() })
    }

    /// Adds what a line still needs to have the fix in the given way; where it conflicts, says so instead.
    ///
    /// # Errors
    /// When the repository cannot be read, or the line can have the fix in no way.
    pub(crate) fn add(
        &mut self,
        context: &Context<'_>,
        incident: &Incident,
        head: &ObjectId,
        line: &Line,
        way: Way,
    ) -> Result<Option<Clash>, Refusal> {
        if is_proposed(incident, &line.branch) || taken(context, incident, line)?.is_some() {
            return Ok(None);
        }
        if let Some(event) = finished_before(context, incident, line)? {
            self.events.push(event);
            return Ok(None);
        }
        let arrival = match branch::forecast(context, incident, head, line, way)? {
            Forecast::There if is_recorded(incident, &line.branch) => return Ok(None),
            Forecast::There => {
                let by = presence::by_ancestry(context, incident, head, &line.branch, &line.tip)?;
                let commit = by.map_or_else(|| line.tip.clone(), |by| by.to);
                let found = Carried::new(&line.branch, CarriedBy::Present, Some(commit));
                self.events.push(EventKind::Carried(found));
                return Ok(None);
            }
            Forecast::Conflict(places) => return Ok(Some(Clash { line: line.clone(), way, places })),
            Forecast::Clean(arrival) => arrival,
        };
        if self.proposes_all || production::refuses_pushes(context, &line.branch) {
            self.proposed.push(pull_request::propose(context, incident, line, arrival)?);
        } else {
            self.carried.push(branch::to_land(context, &incident.production, line, arrival)?);
        }
        Ok(None)
    }

    /// Whether it changes more than the record.
    pub(crate) fn changes_lines(&self) -> bool {
        !self.carried.is_empty() || !self.proposed.is_empty()
    }

    /// What is to be done.
    pub(crate) fn actions(self, incident: &Incident) -> Vec<Action> {
        let record = (!self.events.is_empty()).then_some(Action::record(self.events));
        let remote = incident.production.remote.clone();
        let carry =
            (!self.carried.is_empty()).then_some(Action::Merge(MergeAction::Carry { lines: self.carried, remote }));
        record.into_iter().chain(carry).chain(self.proposed).collect()
    }
}

/// Whether a line is proposed to or need not have the fix.
pub(crate) fn is_settled_elsewhere(incident: &Incident, line: &str) -> bool {
    let waived = |carried: &Carried| carried.by == CarriedBy::Waiver && carried.line == line;
    is_proposed(incident, line) || incident.carried.iter().any(waived)
}

fn is_proposed(incident: &Incident, line: &str) -> bool {
    incident.carried.iter().any(|carried| carried.by == CarriedBy::Proposal && carried.line == line)
}

/// The commit by which a line has the fix, as it is recorded and still there, and how it got there. What was there already
/// is looked at anew each time.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn taken(
    context: &Context<'_>,
    incident: &Incident,
    line: &Line,
) -> Result<Option<(ObjectId, CarriedBy)>, Refusal> {
    let landed = incident.merged.iter().flat_map(|landing| &landing.lines);
    let landed = landed.filter(|landed| landed.branch == line.branch).map(|landed| (&landed.to, CarriedBy::Merge));
    let carried = incident.carried.iter().filter(|carried| carried.line == line.branch);
    let carried = carried.filter_map(|carried| Some((carried.commit.as_ref()?, carried.by)));
    let is_ours = |by: CarriedBy| !matches!(by, CarriedBy::Closed | CarriedBy::Present);
    for (commit, by) in carried.chain(landed).filter(|(_, by)| is_ours(*by)) {
        if context.look.git.has_commit(commit)?
            && context.look.git.is_ancestor(commit, &line.tip)?
            && taken_out(context, incident, line, Some(commit))?.is_none()
        {
            return Ok(Some((commit.clone(), by)));
        }
    }
    Ok(None)
}

/// The commit by which somebody took the fix out of the line again.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn taken_out(
    context: &Context<'_>,
    incident: &Incident,
    line: &Line,
    brought_by: Option<&ObjectId>,
) -> Result<Option<ObjectId>, Refusal> {
    match &incident.merged {
        Some(landing) => commits::taken_out(context, incident, &landing.head, line, brought_by),
        None => Ok(None),
    }
}

fn is_recorded(incident: &Incident, line: &str) -> bool {
    let landed = incident.merged.iter().flat_map(|landing| &landing.lines);
    landed.into_iter().any(|known| known.branch == line) || incident.carried.iter().any(|known| known.line == line)
}

/// What a run before this one finished without being able to say so.
fn finished_before(context: &Context<'_>, incident: &Incident, line: &Line) -> Result<Option<EventKind>, Refusal> {
    let started = incident.carries_in_doubt.iter().find(|started| started.branch == line.branch);
    let Some(started) = started else { return Ok(None) };
    if !context.look.git.is_ancestor(&started.to, &line.tip)? {
        return Ok(None);
    }
    let by = match context.look.git.details(&started.to)?.parents.len() {
        0 | 1 => CarriedBy::Pick,
        _ => CarriedBy::Merge,
    };
    Ok(Some(EventKind::Carried(Carried::new(&line.branch, by, Some(started.to.clone())))))
}
