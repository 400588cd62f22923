//! Where the fix still has to go: a row a line. The definition of done.

mod check;

use crate::domain::{Carried, CarriedBy, EventKind, Incident, matches_pattern, one_line};
use crate::release::branch::ReleaseBranch;
use crate::release::conflict::LaidOut;
use crate::release::{aftermath, branch, conflict, pull_request, table};
use crate::workflow::{
    Action, Code, Context, IncidentNeed, Outcome, Plan, Refusal, Report, Result, Row, RowState, Step, refuse_blank,
};

/// Show which release branches have the fix and which still need it
///
/// With --check it needs no incident: it looks through the history of production for hotfixes that never reached a release branch, and
/// fails when it finds one. For CI.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Propagation {
    /// Fail when a hotfix on production never reached one of the release branches; needs no incident
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "waive"))]
    pub check: bool,
    /// Record that this release branch need not have the fix; one * may stand for anything
    #[cfg_attr(feature = "cli", arg(long, value_name = "BRANCH", requires = "reason"))]
    pub waive: Option<String>,
    /// Why it need not
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT", requires = "waive"))]
    pub reason: Option<String>,
}

impl Step for Propagation {
    step_facts!("propagation" telling reason);

    fn incident(&self) -> IncidentNeed {
        if self.check { IncidentNeed::AnyIfClear } else { IncidentNeed::Any }
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan> {
        if self.check {
            return check::plan(context);
        }
        let incident = context.incident()?;
        if let Some(actions) = pull_request::still_to_look_at(context, incident)? {
            return Ok(Plan::then_look_again(actions));
        }
        if let Some(actions) = branch::still_to_ask(context, incident, None)? {
            return Ok(Plan::then_look_again(actions));
        }
        let rows = table::rows(context, incident)?;
        if let Some(plan) = self.waived(context, incident, &rows)? {
            return Ok(plan);
        }
        let mut outcome = Outcome::text(table::text(&rows));
        if rows.is_empty() {
            outcome.hints.push(format!("{} holds no commit of its own yet", incident.branch()));
        }
        if branch::all(context, &incident.production)?.is_empty() {
            outcome.hints.push("production is the only release branch: [release] lines names others".to_owned());
            outcome.hints.push(how_to_name(context, "release/*"));
        }
        let waived = rows.iter().filter(|row| row.state == RowState::Waived).map(|row| row.line.as_str());
        outcome.hints.extend(conflict::laid_out(context, incident, waived)?.iter().map(LaidOut::way_out));
        outcome.hints.extend(conflict::limit_hint(context));
        if let Some(command) = table::next(context, &rows, incident) {
            outcome.next = Some(command);
        } else if incident.status.is_open() && incident.merged.is_some() {
            outcome.next = Some(aftermath::next(context, incident)?);
        }
        outcome.report = Report { lines: Some(rows), ..Report::default() };
        Ok(Plan::finished(outcome))
    }
}

impl Propagation {
    fn waived(&self, context: &Context<'_>, incident: &Incident, rows: &[Row]) -> Result<Option<Plan>> {
        let (Some(line), Some(reason)) = (&self.waive, &self.reason) else { return Ok(None) };
        refuse_blank(reason, Code::Reason, "--reason: say why this release branch need not have the fix")?;
        let known = branch::all(context, &incident.production)?;
        let meant: Vec<&ReleaseBranch> = known.iter().filter(|known| matches_pattern(line, &known.branch)).collect();
        if meant.is_empty() {
            return Err(unknown_line(context, "--waive", line, known.iter()));
        }
        let proposed = |carried: &&Carried| {
            carried.by == CarriedBy::Proposal && meant.iter().any(|line| line.branch == carried.line)
        };
        if let Some(proposal) = incident.carried.iter().find(proposed).and_then(Carried::proposal) {
            return Err(Refusal::needs_human(Code::Proposed, format!("the fix is proposed there: {proposal}"))
                .hint("close it, then the same command again"));
        }
        // What has the fix needs no waiver, and would look as if it lacked it.
        let has_it = |line: &str| rows.iter().any(|row| row.line == line && row.has_fix());
        let waived = meant.into_iter().filter(|line| !has_it(&line.branch)).map(|line| Carried {
            reason: Some(reason.clone()),
            ..Carried::new(line.branch.clone(), CarriedBy::Waiver, None)
        });
        let new = waived.filter(|waived| !incident.carried.contains(waived)).map(EventKind::Carried);
        let events: Vec<EventKind> = new.collect();
        Ok((!events.is_empty()).then(|| Plan::then_look_again(vec![Action::record(events)])))
    }
}

/// The refusal of a name that is no line.
pub(super) fn unknown_line<'a>(
    context: &Context<'_>,
    flag: &str,
    given: &str,
    known: impl Iterator<Item = &'a ReleaseBranch>,
) -> Refusal {
    let names: Vec<&str> = known.map(|line| line.branch.as_str()).collect();
    let refusal = Refusal::usage(
        Code::Line,
        format!("{flag}: {} is no release branch that [release] lines names", one_line(given)),
    );
    refusal.hint(match names.as_slice() {
        [] => how_to_name(context, given),
        names => format!("release branches: {}", names.join(", ")),
    })
}

/// The command that makes release branches of those that match. For the person: `hotfix.toml` counts from the next incident on.
pub(super) fn how_to_name(context: &Context<'_>, pattern: &str) -> String {
    let list = serde_json::json!([one_line(pattern)]).to_string();
    let list = shell_words::quote(&list);
    format!(
        "{} config set release.lines {list}   # for you; with --repository for all, from the next incident on",
        context.program
    )
}
