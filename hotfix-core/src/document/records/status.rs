//! STATUS.md: a record of the incident under `## Incidents`, and a row of the table under `## Command History`.
//!
//! The row has no room for an id. So the record's marker keeps what the row says, and the row is found again by that.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::document::escape;
use crate::domain::{BranchName, Incident, IncidentId, Milestone, Printable, Severities, Status, Title};

use super::outline::{Marker, Outline};
use super::splice::{
    END_OF_LIST, Spacing, end_of_content, insert_after, insert_before, insert_item, line_around, replace,
};
use super::table::{HistoryTable, RowValues};
use super::{EditError, text_of};

const INCIDENTS: &str = "Incidents";
const HISTORY: &str = "Command History";
const TABLE: [&str; 2] = ["| Command | Date | Result | Notes |", "| --- | --- | --- | --- |"];

/// How far a hotfix came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedOutcome {
    /// It runs in production.
    Deployed,
    /// It is on the production branch; nobody said that it was deployed.
    Merged,
    /// It was deployed, and production went back to what it ran before.
    RolledBack,
    /// The production branch had it, and somebody took it out again.
    TakenBack,
    /// It never reached the production branch.
    NotMerged,
}

impl RecordedOutcome {
    /// The outcome of an incident so far, and of a fix that was taken out again.
    pub fn of(incident: &Incident, is_taken_out: bool) -> Self {
        if is_taken_out && !incident.is_rolled_back() {
            return Self::TakenBack;
        }
        match (incident.is_rolled_back(), incident.milestones.contains_key(&Milestone::Deployed), &incident.merged) {
            (true, _, _) => Self::RolledBack,
            (false, true, _) => Self::Deployed,
            (false, false, Some(_)) => Self::Merged,
            (false, false, None) => Self::NotMerged,
        }
    }

    /// The word in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Merged => "merged",
            Self::RolledBack => "rolled back",
            Self::TakenBack => "taken back",
            Self::NotMerged => "not merged",
        }
    }
}

/// What the status page says about an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusEntry {
    /// The incident.
    pub id: IncidentId,
    /// What was broken.
    pub title: Title,
    /// How bad it was, by its label.
    pub severity: String,
    /// Where it stands.
    pub status: Status,
    /// How far the fix came.
    pub outcome: RecordedOutcome,
    /// When it was deployed, else merged, else now (UTC).
    pub date: Date,
    /// The branch of the fix.
    pub branch: BranchName,
    /// The number of the pull request; the local forge has none.
    pub pull_request: Option<u64>,
    /// The postmortem, relative to the top of the work tree.
    pub postmortem: Option<String>,
}

impl StatusEntry {
    /// The entry of an incident as of `now`, and of a fix that was taken out again.
    pub fn of(incident: &Incident, is_taken_out: bool, severities: &Severities, now: Timestamp) -> Self {
        let at = |milestone| incident.milestones.get(&milestone).copied();
        let date = at(Milestone::Deployed).or_else(|| at(Milestone::Merged)).unwrap_or(now);
        Self {
            id: incident.id.clone(),
            title: incident.title.clone(),
            severity: severities.label(&incident.severity).to_owned(),
            status: incident.status,
            outcome: RecordedOutcome::of(incident, is_taken_out),
            date: date.to_zoned(jiff::tz::TimeZone::UTC).date(),
            branch: incident.branch().clone(),
            pull_request: incident.pull_request.as_ref().and_then(|pull_request| pull_request.number),
            postmortem: incident.postmortem.as_ref().map(|file| file.path.clone()),
        }
    }

    fn values(&self) -> RowValues {
        RowValues {
            date: self.date.to_string(),
            outcome: self.outcome.word().to_owned(),
            severity: self.severity.replace('|', r"\|"),
            pull_request: self.pull_request.map_or_else(|| "local".to_owned(), |number| format!("#{number}")),
            branch: self.branch.to_string(),
        }
    }

    /// What the row said when this was written, if it is a marker of ours.
    fn written(&self, marker: &Marker) -> Option<RowValues> {
        let mut parts = marker.text.splitn(4, " | ").skip(1).map(str::to_owned);
        let (date, outcome, note) = (parts.next()?, parts.next()?, parts.next()?);
        let (severity, pull_request) = note.rsplit_once(", PR ")?;
        let (severity, pull_request) = (severity.to_owned(), pull_request.to_owned());
        Some(RowValues { date, outcome, severity, pull_request, branch: self.branch.to_string() })
    }

    fn note(&self) -> String {
        let RowValues { severity, pull_request, .. } = self.values();
        format!("{severity}, PR {pull_request}")
    }

    fn marker_text(&self) -> String {
        format!("{} | {} | {} | {}", self.id, self.date, self.outcome.word(), self.note())
    }

    /// The record under `## Incidents`, one list item that ends with its marker.
    fn record(&self) -> String {
        let title: String = Printable::new(self.title.as_given()).one_line().at_most(256).into();
        let postmortem = match &self.postmortem {
            Some(path) => format!(", postmortem {}", escape::code(path)),
            None => String::new(),
        };
        format!(
            "- {}: {} ({}, {}, {}{postmortem}) <!-- hotfix: {} -->",
            self.date,
            escape::prose(&title),
            self.id,
            self.note(),
            self.status,
            self.marker_text()
        )
    }
}

/// The status page with this entry; `old` is the file as it is, if there is one.
///
/// # Errors
/// When the file is not UTF-8, is too large, or has no place where the entry would be seen.
pub fn status_file(old: Option<&[u8]>, entry: &StatusEntry) -> Result<Vec<u8>, EditError> {
    let old = text_of(old)?;
    // A page that was only touched gets its title.
    let start = if old.trim_start_matches('\u{feff}').trim().is_empty() {
        insert_after(old, old.len(), Spacing::None, &["# Status"])
    } else {
        old.to_owned()
    };
    let new = match Outline::of(&start).marker(entry.id.as_str()).cloned() {
        Some(marker) => {
            let with_row = update_row(&start, &marker, entry);
            let marker = Outline::of(&with_row).marker(entry.id.as_str()).cloned().unwrap_or(marker);
            update_record(&with_row, &marker, entry)
        }
        None => {
            let with_row = add_row(&start, entry);
            // An open fence above would swallow it, and nobody would see it.
            if history(&with_row).and_then(|table| table.find(&entry.values())).is_none() {
                return Err(EditError::Swallowed { what: our_row(entry) });
            }
            add_record(&with_row, entry)
        }
    };
    let (before, after) = (Outline::of(&start), Outline::of(&new));
    match after.marker(entry.id.as_str()) {
        // Read back as a reader would: what is not seen was not written.
        Some(marker) if marker.text == entry.marker_text() && after.keeps(&before) => Ok(new.into_bytes()),
        _ => Err(EditError::Swallowed { what: entry.record() }),
    }
}

/// What the last row of the table under `## Command History` says: its cells, parted by commas, on one line and safe to print.
pub fn last_history_row(file: &[u8]) -> Option<String> {
    let text = text_of(Some(file)).ok()?;
    let said = history(text)?.last_said()?;
    Some(Printable::new(&said).one_line().into())
}

/// The table under `## Command History`.
fn history(text: &str) -> Option<HistoryTable<'_>> {
    let range = Outline::of(text).section(HISTORY)?.table.clone()?;
    Some(HistoryTable::at(text, range))
}

/// The row in a table that we begin.
fn our_row(entry: &StatusEntry) -> String {
    let head = TABLE.join("\n");
    HistoryTable::at(&head, 0..head.len()).row(&entry.values())
}

fn add_row(text: &str, entry: &StatusEntry) -> String {
    let outline = Outline::of(text);
    let row = our_row(entry);
    match outline.section(HISTORY) {
        Some(section) => match &section.table {
            Some(table) => {
                let row = HistoryTable::at(text, table.clone()).row(&entry.values());
                insert_after(text, end_of_content(text, table.end), Spacing::None, &[&row])
            }
            None => {
                let end = end_of_content(text, section.content_end);
                insert_after(text, end, Spacing::BlankLine, &[TABLE[0], TABLE[1], &row])
            }
        },
        None => {
            let heading = format!("## {HISTORY}");
            let end = end_of_content(text, outline.content_end);
            insert_after(text, end, Spacing::BlankLine, &[&heading, "", TABLE[0], TABLE[1], &row])
        }
    }
}

/// Replaces the row that was written for the entry before. One that a person removed or rewrote is left to them.
fn update_row(text: &str, marker: &Marker, entry: &StatusEntry) -> String {
    let (Some(table), Some(written)) = (history(text), entry.written(marker)) else { return text.to_owned() };
    // What is as it should be keeps its blanks too, which another row may have made uneven.
    match table.find(&written).filter(|_| written != entry.values()) {
        // The last: two incidents of a day may have the same row.
        Some(row) => replace(text, row, &table.row(&entry.values())),
        None => text.to_owned(),
    }
}

fn add_record(text: &str, entry: &StatusEntry) -> String {
    let outline = Outline::of(text);
    let record = entry.record();
    if let Some(section) = outline.section(INCIDENTS) {
        let end = end_of_content(text, section.content_end);
        return insert_item(text, end, &record);
    }
    let Some(history) = outline.section(HISTORY) else { return text.to_owned() };
    let heading = format!("{} {INCIDENTS}", "#".repeat(history.level));
    let line = line_around(text, history.start);
    match text.get(line.clone()).is_some_and(|line| line.starts_with(' ')) {
        true => insert_before(text, line.start, &[&heading, "", &record, "", END_OF_LIST]),
        false => insert_before(text, line.start, &[&heading, "", &record]),
    }
}

/// Replaces the record up to its marker; what a person wrote after it, or in place of it, stays.
fn update_record(text: &str, marker: &Marker, entry: &StatusEntry) -> String {
    let line = line_around(text, marker.range.start);
    if text.get(line.start..).is_some_and(|line| line.starts_with("- ")) {
        return replace(text, line.start..marker.range.end, &entry.record());
    }
    replace(text, marker.range.clone(), &format!("<!-- hotfix: {} -->", entry.marker_text()))
}
