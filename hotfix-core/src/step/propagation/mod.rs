//! Where the fix still has to go: a row a line. The definition of done.

mod check;

use std::fmt::Write as _;

use serde::Serialize;

use crate::domain::{Carried, CarriedBy, EventKind, Incident, ObjectId, matches_pattern, one_line};

use super::lines::{self, Forecast, Line, Way};
use super::{Action, Context, Outcome, Plan, Refusal, Report, Step, carry, presence, production, proposals, resolve};

/// Show which lines have the fix and which still need it
///
/// With --check it needs no incident: it looks through the history of production for hotfixes that never reached a line, and
/// fails when it finds one. For CI.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct Propagation {
    /// Fail when a hotfix on production never reached one of the lines; needs no incident
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "waive"))]
    pub check: bool,
    /// Record that this line need not have the fix; one * may stand for anything
    #[cfg_attr(feature = "cli", arg(long, value_name = "LINE", requires = "reason"))]
    pub waive: Option<String>,
    /// Why it need not
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT", requires = "waive"))]
    pub reason: Option<String>,
}

/// A line and whether it has the fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The branch.
    pub line: String,
    /// `landed`, `picked`, `present`, `proposed`, `waived`; `reverted` for production that took it out again; or what would
    /// happen now: `clean`, `conflict`, or `undecided` where only git can tell, which is asked when it ships.
    pub state: &'static str,
    /// How it gets or got there: `merge` or `pick`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<&'static str>,
    /// The commit that took it there, or out again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<ObjectId>,
    /// Where it conflicts, as `file:line`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// The pull request that proposes or proposed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<RowPullRequest>,
    /// Why it need not, or where it is proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The pull request of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowPullRequest {
    /// Its number.
    pub number: u64,
    /// Where to read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Row {
    fn new(line: &str, state: &'static str) -> Self {
        Self {
            line: line.to_owned(),
            state,
            by: None,
            commit: None,
            conflicts: Vec::new(),
            pull_request: None,
            note: None,
        }
    }

    /// The same, with the pull request that it is proposed by, or was.
    fn proposed_by(self, carried: &Carried) -> Self {
        let pull_request = carried.number.map(|number| RowPullRequest { number, url: carried.url.clone() });
        let place = carried.place().map(|place| match carried.by {
            CarriedBy::Closed => format!("somebody closed {place}"),
            _ => place,
        });
        Self { pull_request, note: place, ..self }
    }

    /// Whether the line still needs the fix.
    pub fn is_open(&self) -> bool {
        matches!(self.state, "clean" | "conflict" | "undecided" | "reverted")
    }

    fn text(&self) -> String {
        let what = match (self.state, self.by) {
            ("clean", Some("pick")) => "goes there by a pick".to_owned(),
            ("clean", _) => "merges cleanly".to_owned(),
            ("undecided", _) => "decided at ship".to_owned(),
            ("conflict", _) => format!("conflicts in {}", self.conflicts.join(", ")),
            ("present", _) => "has it already".to_owned(),
            ("reverted", _) => "taken out again".to_owned(),
            (state, _) => state.to_owned(),
        };
        let commit = self.commit.as_ref().map(|commit| format!(" as {}", commit.short())).unwrap_or_default();
        let commit = if self.state == "present" { String::new() } else { commit };
        let note = self.note.as_ref().map(|note| format!(": {}", one_line(note))).unwrap_or_default();
        format!("{what}{commit}{note}")
    }
}

impl Step for Propagation {
    fn texts(&mut self) -> Vec<&mut String> {
        self.reason.iter_mut().collect()
    }

    fn accepts_ended(&self) -> bool {
        true
    }

    fn needs_incident(&self) -> bool {
        !self.check
    }

    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal> {
        if self.check {
            return check::plan(context);
        }
        let incident = context.incident()?;
        if let Some(actions) = proposals::still_to_look_at(context, incident)? {
            return Ok(Plan::then_look_again(actions));
        }
        if let Some(actions) = lines::still_to_ask(context, incident, None)? {
            return Ok(Plan::then_look_again(actions));
        }
        if let Some(plan) = self.waived(context, incident)? {
            return Ok(plan);
        }
        let rows = rows(context, incident)?;
        let mut outcome = Outcome::text(table(&rows));
        if rows.len() < 2 {
            outcome.hints.push("production is the only line: [release] lines names others".to_owned());
        }
        if let Some(command) = next(&rows, incident) {
            outcome.next = Some(format!("{} {command}", context.program));
        } else if incident.status.is_open() && incident.merged.is_some() {
            outcome.next = Some(format!("{} close", context.program));
        }
        outcome.report = Report { lines: Some(rows), ..Report::default() };
        Ok(Plan::finished(outcome))
    }
}

impl Propagation {
    fn waived(&self, context: &Context<'_>, incident: &Incident) -> Result<Option<Plan>, Refusal> {
        let (Some(line), Some(reason)) = (&self.waive, &self.reason) else { return Ok(None) };
        if one_line(reason).is_empty() {
            return Err(Refusal::usage("reason", "--reason: say why the line need not have the fix"));
        }
        let known = lines::all(context, &incident.production)?;
        let meant: Vec<&Line> = known.iter().filter(|known| matches_pattern(line, &known.branch)).collect();
        if meant.is_empty() {
            return Err(unknown_line("--waive", line, &known));
        }
        let proposed = |carried: &&Carried| {
            carried.by == CarriedBy::Proposal && meant.iter().any(|line| line.branch == carried.line)
        };
        if let Some(place) = incident.carried.iter().find(proposed).and_then(Carried::place) {
            return Err(Refusal::needs_human("proposed", format!("the fix is proposed there: {place}"))
                .hint("close it, then the same command again"));
        }
        // What has the fix needs no waiver, and would look as if it lacked it.
        let rows = rows(context, incident)?;
        let has_it = |line: &str| {
            let there = |row: &Row| matches!(row.state, "landed" | "picked" | "present");
            rows.iter().any(|row| row.line == line && there(row))
        };
        let waived = meant.into_iter().filter(|line| !has_it(&line.branch)).map(|line| Carried {
            reason: Some(reason.clone()),
            ..Carried::new(&line.branch, CarriedBy::Waiver, None)
        });
        let new = waived.filter(|waived| !incident.carried.contains(waived)).map(EventKind::Carried);
        let events: Vec<EventKind> = new.collect();
        Ok((!events.is_empty()).then(|| Plan::then_look_again(vec![Action::Record { events }])))
    }
}

/// The refusal of a name that is no line.
pub(super) fn unknown_line(flag: &str, given: &str, known: &[Line]) -> Refusal {
    let names: Vec<&str> = known.iter().map(|line| line.branch.as_str()).collect();
    let refusal = Refusal::usage("line", format!("{flag}: {} is no line that [release] lines names", one_line(given)));
    if names.is_empty() { refusal } else { refusal.hint(format!("lines: {}", names.join(", "))) }
}

/// The command that closes the first open row; `None` where no row is open.
pub(super) fn next(rows: &[Row], incident: &Incident) -> Option<&'static str> {
    let open = || rows.iter().filter(|row| row.is_open());
    open().next()?;
    let is_picked = |row: &Row| row.by == Some("pick") || row.state == "reverted";
    Some(if incident.merged.is_some() && open().all(is_picked) && open().any(|row| row.state != "reverted") {
        "backport"
    } else {
        "ship"
    })
}

/// A row for every line, production first.
///
/// # Errors
/// When the repository cannot be read.
pub(super) fn rows(context: &Context<'_>, incident: &Incident) -> Result<Vec<Row>, Refusal> {
    let tip = production::local_branch_tip(context.look, incident)?;
    let head = incident.merged.as_ref().map(|landing| landing.head.clone()).or(tip);
    let Some(head) = head.filter(|head| *head != incident.base.commit) else { return Ok(Vec::new()) };
    let production =
        Line { branch: incident.production.branch.clone(), tip: production::tip(context.look, &incident.production)? };
    let mut rows = vec![match &incident.merged {
        Some(_) => match presence::taken_out(context, incident)? {
            Some(revert) => Row { commit: Some(revert), ..Row::new(&production.branch, "reverted") },
            None => Row { commit: incident.merge_commit().cloned(), ..Row::new(&production.branch, "landed") },
        },
        None => foreseen(context, incident, &head, &production, Way::Merge)?,
    }];
    for line in lines::all(context, &incident.production)? {
        rows.push(row(context, incident, &head, &line)?);
    }
    Ok(rows)
}

fn row(context: &Context<'_>, incident: &Incident, head: &ObjectId, line: &Line) -> Result<Row, Refusal> {
    let known = incident.carried.iter().find(|carried| carried.line == line.branch);
    match known {
        Some(Carried { by: CarriedBy::Waiver, reason, .. }) => {
            return Ok(Row { note: reason.clone(), ..Row::new(&line.branch, "waived") });
        }
        Some(proposed) if proposed.by == CarriedBy::Proposal => {
            if !proposals::has_arrived(context, incident, head, proposed, line)? {
                return Ok(Row::new(&line.branch, "proposed").proposed_by(proposed));
            }
        }
        Some(closed) if closed.by == CarriedBy::Closed => {
            let way = lines::way(context, incident, head, line)?;
            return Ok(foreseen(context, incident, head, line, way)?.proposed_by(closed));
        }
        Some(_) | None => {}
    }
    if let Some((commit, by)) = carry::taken(context, incident, line)? {
        let (state, by) = match by {
            CarriedBy::Pick => ("picked", Some("pick")),
            CarriedBy::Merge | CarriedBy::Present | CarriedBy::Proposal | CarriedBy::Closed | CarriedBy::Waiver => {
                ("landed", Some("merge"))
            }
        };
        let row = Row { by, commit: Some(commit), ..Row::new(&line.branch, state) };
        return Ok(known.into_iter().fold(row, Row::proposed_by));
    }
    let way = lines::way(context, incident, head, line)?;
    let row = foreseen(context, incident, head, line, way)?;
    if !row.is_open() {
        return Ok(row);
    }
    let brought_by = known.and_then(|carried| carried.commit.as_ref());
    Ok(match carry::taken_out(context, incident, line, brought_by)? {
        Some(revert) => Row { note: Some(format!("{} took it out again", revert.short())), ..row },
        None => row,
    })
}

fn foreseen(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    line: &Line,
    way: Way,
) -> Result<Row, Refusal> {
    let by = match way {
        Way::Merge => Some("merge"),
        Way::Pick => Some("pick"),
    };
    let forecast = lines::forecast(context, incident, head, line, way);
    if !matches!(forecast, Ok(Forecast::There)) && lines::awaits_git(context, incident, head, line, way)? {
        return Ok(Row { by, ..Row::new(&line.branch, "undecided") });
    }
    Ok(match forecast? {
        Forecast::There => Row::new(&line.branch, "present"),
        Forecast::Clean(_) => Row { by, ..Row::new(&line.branch, "clean") },
        Forecast::Conflict(places) => {
            let conflicts = places.iter().map(|place| resolve::shown(std::slice::from_ref(place))).collect();
            Row { by, conflicts, ..Row::new(&line.branch, "conflict") }
        }
    })
}

/// Rows as a table.
pub(super) fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.line.chars().count()).max().unwrap_or_default();
    rows.iter().fold(String::new(), |mut text, row| {
        let mark = match row.state {
            "conflict" | "reverted" => "✗",
            "clean" | "undecided" => "·",
            "proposed" => "→",
            "waived" => "–",
            _ => "✓",
        };
        let _ = writeln!(text, "  {mark} {:<width$}  {}", one_line(&row.line), row.text()); // Writing to a `String` cannot fail.
        text
    })
}
