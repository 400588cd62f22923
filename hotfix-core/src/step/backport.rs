//! Backports: the fix's own commits picked to lines that a merge would bring more to, newest line first.

use crate::domain::{Incident, matches_pattern};
use crate::production;
use crate::release::propagate::Owed;
use crate::release::{branch, conflict, propagate, pull_request, table};
use crate::workflow::{Code, Context, IncidentNeed, Outcome, Plan, Question, Refusal, Report, Step, Topic};

use super::propagation;

/// Pick the fix to older release lines
///
/// Picks the fix's own commits to each line that lacks it, newest first, and says where they are from. What is there already
/// is recognised. A conflict pauses its own line only; with --resolve it is laid out in a work tree of its own.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Backport {
    /// Only to this line; one * may stand for anything; may be given more than once
    #[cfg_attr(feature = "cli", arg(long, value_name = "LINE"))]
    pub to: Vec<String>,
    /// Lay conflicts out in a work tree of their own, to be settled
    #[cfg_attr(feature = "cli", arg(long))]
    pub resolve: bool,
}

impl Step for Backport {
    fn name(&self) -> &'static str {
        "backport"
    }

    fn incident(&self) -> IncidentNeed {
        IncidentNeed::Any
    }

    fn decides_merges(&self) -> bool {
        true
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal> {
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
        let head = landing.head.clone();
        let known = branch::all(context, &incident.production)?;
        if let Some(unknown) = self.to.iter().find(|name| !known.iter().any(|line| matches_pattern(name, &line.branch)))
        {
            return Err(propagation::unknown_line("--to", unknown, &known));
        }
        let (mut owed, mut clashes) = (Owed::by_pull_requests(context, incident)?, Vec::new());
        for line in known.iter().filter(|line| self.is_meant(incident, &line.branch)) {
            let way = branch::way(context, incident, &head, line)?;
            clashes.extend(owed.add(context, incident, &head, line, way)?);
        }
        let changes = owed.changes_lines();
        let actions = owed.actions(incident);
        if !actions.is_empty() {
            return match context.answers.about(Topic::Plan) {
                Some(false) => Ok(Plan::finished(Outcome::declined())),
                None if changes && context.network != crate::workflow::Network::AsOfLastFetch => {
                    let text = format!("Take {} to these lines?", incident.branch());
                    Ok(Plan::ask(Question::Confirm { topic: Topic::Plan, text }).ahead(actions))
                }
                _ => Ok(Plan::then_look_again(actions)),
            };
        }
        if !clashes.is_empty() {
            let wanted = self.resolve || context.answers.given(Topic::Resolve) == Some(true);
            match conflict::plan(context, incident, &head, &clashes, wanted, "backport") {
                Ok(plan) if wanted => return Ok(plan),
                Ok(Plan { then: crate::workflow::Then::Offer(_, refusal), .. }) => {
                    return self.told(context, incident, Some(*refusal));
                }
                Ok(plan) => return Ok(plan),
                Err(refusal) => return self.told(context, incident, Some(refusal)),
            }
        }
        let mut cleared = conflict::clear(context, incident, false)?;
        cleared.extend(pull_request::leftovers(context, incident)?);
        if !cleared.is_empty() {
            return Ok(Plan::then_look_again(cleared));
        }
        self.told(context, incident, None)
    }
}

impl Backport {
    /// Whether this line is to get the fix now.
    fn is_meant(&self, incident: &Incident, line: &str) -> bool {
        match self.to.is_empty() {
            true => !propagate::is_settled_elsewhere(incident, line),
            false => self.to.iter().any(|name| matches_pattern(name, line)),
        }
    }

    /// Where the fix is now; fails while a line that was meant lacks it.
    fn told(&self, context: &Context<'_>, incident: &Incident, refusal: Option<Refusal>) -> Result<Plan, Refusal> {
        let rows = table::rows(context, incident)?;
        let mut outcome = match refusal {
            Some(refusal) => Outcome::failed(refusal),
            None => Outcome::default(),
        };
        outcome.text = table::table(&rows);
        if rows.len() < 2 {
            let production = production::tip_ref(&incident.production);
            outcome.hints.push(format!("no line but {production} is known: [release] lines names them"));
        }
        if outcome.failure.is_none() && incident.status.is_open() && rows.iter().all(|row| !row.is_open()) {
            outcome.next = Some(format!("{} close", context.program));
        }
        outcome.report = Report { lines: Some(rows), ..Report::default() };
        Ok(Plan::finished(outcome))
    }
}
