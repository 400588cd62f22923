//! Which release branches have the fix and which still need it: a row a branch, production first.

use std::fmt::Write as _;

use crate::domain::{Carried, CarriedBy, Incident, ObjectId, one_line};
use crate::production;
use crate::workflow::{Context, Refusal, Row, RowPullRequest};

use super::branch::{Forecast, Line, Way};
use super::{branch, conflict, presence, propagate, pull_request};

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

/// The command that closes the first open row; `None` where no row is open.
pub(crate) fn next(rows: &[Row], incident: &Incident) -> Option<&'static str> {
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
pub(crate) fn rows(context: &Context<'_>, incident: &Incident) -> Result<Vec<Row>, Refusal> {
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
    for line in branch::all(context, &incident.production)? {
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
            if !pull_request::has_arrived(context, incident, head, proposed, line)? {
                return Ok(Row::new(&line.branch, "proposed").proposed_by(proposed));
            }
        }
        Some(closed) if closed.by == CarriedBy::Closed => {
            let way = branch::way(context, incident, head, line)?;
            return Ok(foreseen(context, incident, head, line, way)?.proposed_by(closed));
        }
        Some(_) | None => {}
    }
    if let Some((commit, by)) = propagate::taken(context, incident, line)? {
        let (state, by) = match by {
            CarriedBy::Pick => ("picked", Some("pick")),
            CarriedBy::Merge | CarriedBy::Present | CarriedBy::Proposal | CarriedBy::Closed | CarriedBy::Waiver => {
                ("landed", Some("merge"))
            }
        };
        let row = Row { by, commit: Some(commit), ..Row::new(&line.branch, state) };
        return Ok(known.into_iter().fold(row, Row::proposed_by));
    }
    let way = branch::way(context, incident, head, line)?;
    let row = foreseen(context, incident, head, line, way)?;
    if !row.is_open() {
        return Ok(row);
    }
    let brought_by = known.and_then(|carried| carried.commit.as_ref());
    Ok(match propagate::taken_out(context, incident, line, brought_by)? {
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
    let forecast = branch::forecast(context, incident, head, line, way);
    if !matches!(forecast, Ok(Forecast::There)) && branch::awaits_git(context, incident, head, line, way)? {
        return Ok(Row { by, ..Row::new(&line.branch, "undecided") });
    }
    Ok(match forecast? {
        Forecast::There => Row::new(&line.branch, "present"),
        Forecast::Clean(_) => Row { by, ..Row::new(&line.branch, "clean") },
        Forecast::Conflict(places) => {
            let conflicts = places.iter().map(|place| conflict::shown(std::slice::from_ref(place))).collect();
            Row { by, conflicts, ..Row::new(&line.branch, "conflict") }
        }
    })
}

/// Rows as a table.
pub(crate) fn table(rows: &[Row]) -> String {
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
