//! Prints all that is recorded, for other programs.

use jiff::Timestamp;

use crate::domain::{Milestone, count, one_line};
use crate::ledger::{ExportError, Summary};
use crate::workflow::{Code, Context, Outcome, Plan, Refusal, Result};

/// The milestones that a row tells, in its order.
const MILESTONES: [Milestone; 7] = [
    Milestone::Started,
    Milestone::Detected,
    Milestone::Opened,
    Milestone::Merged,
    Milestone::Deployed,
    Milestone::Resolved,
    Milestone::Closed,
];

pub(super) fn plan(context: &Context<'_>, format: &str) -> Result<Plan> {
    match format.trim() {
        "ndjson" => events(context),
        "csv" => Ok(Plan::finished(Outcome::text(table(context.incidents.all()?)).verbatim())),
        other => {
            Err(Refusal::usage(Code::Arguments, format!("--format: `{}` is none of: ndjson, csv", one_line(other))))
        }
    }
}

fn events(context: &Context<'_>) -> Result<Plan> {
    let mut text = String::new();
    let exported = context.incidents.export(&mut |line| {
        text.push_str(line);
        text.push('\n');
        Ok(())
    });
    let damaged = match exported {
        Ok(damaged) => damaged,
        Err(ExportError::Ledger(error)) => return Err(error.into()),
        Err(error) => return Err(Refusal::precondition(Code::Ledger, error.to_string())),
    };
    let mut outcome = Outcome::text(text).verbatim();
    if damaged > 0 {
        let left_out = count(damaged, "event");
        outcome.hints.push(format!(
            "{left_out} cannot be read and {} left out: {} doctor",
            were(damaged),
            context.program
        ));
    }
    Ok(Plan::finished(outcome))
}

fn were(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// A row an incident, the newest first, as RFC 4180 has it.
fn table(incidents: &[Summary]) -> String {
    let head = ["id", "title", "severity", "status", "impact", "branch", "pull_request"].map(str::to_owned);
    let head = head.into_iter().chain(MILESTONES.map(|milestone| milestone.key().to_owned()));
    let mut text = row(head);
    for summary in incidents {
        let at = |milestone| summary.milestones.get(milestone).map(Timestamp::to_string).unwrap_or_default();
        let pull_request = summary.pull_request.as_ref().and_then(|shown| shown.url.clone()).unwrap_or_default();
        let cells = [
            summary.id.to_string(),
            summary.title.to_string(),
            summary.severity.key().to_owned(),
            summary.status.key().to_owned(),
            summary.impact.clone().unwrap_or_default(),
            summary.branch.to_string(),
            pull_request,
        ];
        text.push_str(&row(cells.into_iter().chain(MILESTONES.iter().map(at))));
    }
    text
}

fn row(cells: impl Iterator<Item = String>) -> String {
    cells.map(|text| cell(&text)).collect::<Vec<_>>().join(",") + "\n"
}

fn cell(text: &str) -> String {
    let text = one_line(text);
    // A spreadsheet would calculate what begins so.
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    let text = if is_formula { format!("'{text}") } else { text };
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_never_a_formula() {
        assert_eq!(cell("Login fails"), "Login fails");
        assert_eq!(cell("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("two\nlines"), "two lines");
    }
}
