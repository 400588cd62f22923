//! Backports: the fix's own commits cherry-picked to release branches that a merge would bring more to, newest first.

use crate::domain::{Incident, matches_pattern};
use crate::production::{self, unfetched};
use crate::release::commits::Fix;
use crate::release::conflict::{self, MergeConflict};
use crate::release::propagate::Pending;
use crate::release::table::{Entry, Table};
use crate::release::{branch, pull_request, table};
use crate::workflow::{Code, Context, Network, Outcome, Plan, Question, Refusal, Report, Result, Step, Topic};

use super::propagation;

/// Pick the fix to older release branches
///
/// Picks the fix's own commits to each release branch that lacks it, newest first, and says where they are from. What is there already
/// is recognised. A conflict pauses its own branch only; with --resolve it is laid out in a work tree of its own.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Backport {
    /// Only to this release branch; one * may stand for anything; may be given more than once
    #[cfg_attr(feature = "cli", arg(long, value_name = "BRANCH"))]
    pub to: Vec<String>,
    /// Lay conflicts out in a work tree of their own, to be settled
    #[cfg_attr(feature = "cli", arg(long))]
    pub resolve: bool,
}

impl Step for Backport {
    step_facts!("backport" about Any, drives, decides_merges, needs_work_tree);

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        let incident = context.incident()?;
        if let Some(actions) = pull_request::still_to_look_at(context, incident)? {
            return Ok(Plan::then_look_again(actions));
        }
        if let Some(actions) = branch::still_to_ask(context, incident, None)? {
            return Ok(Plan::then_look_again(actions));
        }
        let Some(landing) = &incident.merged else {
            let production = incident.production.display_name();
            return Err(Refusal::precondition(Code::NotMerged, format!("the fix is not on {production} yet"))
                .hint(format!("{} ship", context.program)));
        };
        let fix = Fix::new(context, incident, &landing.head)?;
        let table = Table::new(&fix)?;
        let known = |name: &&String| table.others.iter().any(|entry| matches_pattern(name, &entry.branch.branch));
        if let Some(unknown) = self.to.iter().find(|name| !known(name)) {
            return Err(propagation::unknown_line(context, "--to", unknown, table.branches()));
        }
        let (mut pending, mut conflicts) = (Pending::by_pull_requests(context, incident)?, Vec::new());
        let (unknown, meant): (Vec<&Entry<'_>>, Vec<&Entry<'_>>) =
            table.others.iter().filter(|entry| self.is_meant(entry)).partition(|entry| entry.is_unknown());
        for entry in meant {
            conflicts.extend(pending.add(&fix, entry)?);
        }
        let changes = pending.changes_branches();
        let actions = pending.actions(incident);
        if !actions.is_empty() {
            let is_dry_run = context.network == Network::AsOfLastFetch;
            // Once the rest is done, the refusal tells it.
            let left_out = || conflicts.iter().map(MergeConflict::text).collect();
            return match context.answers.about(Topic::Plan) {
                Some(false) => Ok(Plan::finished(Outcome::declined())),
                None if changes && !is_dry_run => {
                    let text = format!("Take {} to these release branches?", incident.branch());
                    Ok(Plan::ask(Question::Confirm { topic: Topic::Plan, text }).ahead(actions).notes(left_out()))
                }
                _ if is_dry_run => Ok(Plan::then_look_again(actions).notes(left_out())),
                _ => Ok(Plan::then_look_again(actions)),
            };
        }
        if !conflicts.is_empty() {
            let wanted = self.resolve || context.answers.given(Topic::Resolve) == Some(true);
            match conflict::plan(&fix, &conflicts, wanted, "backport") {
                Ok(plan) if wanted => return Ok(plan),
                Ok(Plan { then: crate::workflow::Then::Offer(_, refusal), .. }) => {
                    return report(context, incident, &table, Some(*refusal));
                }
                Ok(plan) => return Ok(plan),
                Err(refusal) => return report(context, incident, &table, Some(refusal)),
            }
        }
        let mut cleared = conflict::clear(context, incident, table.branches(), false)?;
        cleared.extend(pull_request::leftovers(context, incident)?);
        if !cleared.is_empty() {
            return Ok(Plan::then_look_again(cleared));
        }
        let cut_off = unknown.first().map(|entry| {
            let message = format!("whether {} has the fix cannot be told: history is cut off", entry.branch.branch);
            Refusal::precondition(Code::Shallow, message).hint(unfetched::way(context.look, incident))
        });
        report(context, incident, &table, cut_off)
    }
}

impl Backport {
    /// Whether this line is to get the fix now.
    fn is_meant(&self, entry: &Entry<'_>) -> bool {
        match self.to.is_empty() {
            true => !entry.is_settled_elsewhere(),
            false => self.to.iter().any(|name| matches_pattern(name, &entry.branch.branch)),
        }
    }
}

/// Where the fix is now; fails while a line that was meant lacks it.
fn report(context: &Context<'_>, incident: &Incident, table: &Table<'_>, refusal: Option<Refusal>) -> Result<Plan> {
    let rows = table.rows()?;
    let mut outcome = Outcome { failure: refusal, text: table::text(&rows), ..Outcome::default() };
    if rows.len() < 2 {
        let production = production::tip_ref(&incident.production);
        outcome.hints.push(format!("no release branch but {production} is known: [release] lines names them"));
        outcome.hints.push(propagation::how_to_name(context, "release/*"));
    }
    if outcome.failure.is_none() && incident.status.is_open() && rows.iter().all(|row| !row.is_open()) {
        outcome.next = Some(format!("{} close", context.program));
    }
    outcome.report = Report { lines: Some(rows), ..Report::default() };
    Ok(Plan::finished(outcome))
}
