//! TECH-DEBT.md: one list entry for each band-aid under `## Hotfix band-aids`.

use jiff::civil::Date;

use crate::document::escape;
use crate::domain::{Incident, IncidentId, Printable};

use super::outline::Outline;
use super::splice::{Spacing, end_of_content, insert_after, insert_item, line_around, replace};
use super::{EditError, text_of};

const BAND_AIDS: &str = "Hotfix band-aids";

/// A proper fix that is still missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DebtEntry {
    /// The incident.
    pub id: IncidentId,
    /// The number of the follow-up.
    pub number: u32,
    /// What the proper fix is, one line, as given.
    pub text: String,
    /// Who does it.
    pub owner: Option<String>,
    /// Until when.
    pub due: Option<Date>,
    /// Where to see it.
    pub link: Option<String>,
    /// Whether it was done.
    pub done: bool,
}

impl DebtEntry {
    /// The entries of an incident: its follow-ups that say that the fix was a band-aid.
    pub fn of(incident: &Incident) -> Vec<Self> {
        let band_aids = incident.follow_ups.iter().filter(|follow_up| follow_up.added.band_aid);
        band_aids
            .map(|follow_up| Self {
                id: incident.id.clone(),
                number: follow_up.number,
                text: follow_up.added.text.clone(),
                owner: follow_up.added.owner.clone(),
                due: follow_up.added.due,
                link: follow_up.link.clone(),
                done: follow_up.done,
            })
            .collect()
    }

    /// Whether the list has its row.
    pub fn is_in(&self, list: &str) -> bool {
        Outline::of(list).marker(&self.key()).is_some()
    }

    fn key(&self) -> String {
        format!("{} follow-up {}", self.id, self.number)
    }

    fn line(&self) -> String {
        let text: String = Printable::new(&self.text).one_line().at_most(500).into();
        let details = [
            Some(self.id.to_string()),
            self.owner.as_deref().map(|owner| format!("owner {}", escape::prose(owner))),
            self.due.map(|due| format!("due {due}")),
            self.link.as_deref().map(escape::prose),
        ];
        let details: Vec<String> = details.into_iter().flatten().collect();
        let check = if self.done { "x" } else { " " };
        let text = escape::prose(&text);
        format!("- [{check}] {text} ({}) <!-- hotfix: {} -->", details.join(", "), self.key())
    }
}

/// The list of technical debt with these entries; `old` is the file as it is, if there is one. Without entries it stays.
///
/// # Errors
/// When the file is not UTF-8, is too large, or has no place where an entry would be seen.
pub fn tech_debt_file(old: Option<&[u8]>, entries: &[DebtEntry]) -> Result<Vec<u8>, EditError> {
    let mut text = text_of(old)?.to_owned();
    for entry in entries {
        let before = Outline::of(&text);
        text = with_entry(&text, entry);
        let after = Outline::of(&text);
        // Read back: below an open fence nobody would see the entry.
        if after.marker(&entry.key()).is_none() || !after.keeps(&before) {
            return Err(EditError::Swallowed { what: entry.line() });
        }
    }
    Ok(text.into_bytes())
}

fn with_entry(text: &str, entry: &DebtEntry) -> String {
    let outline = Outline::of(text);
    let line = entry.line();
    if let Some(marker) = outline.marker(&entry.key()) {
        let start = line_around(text, marker.range.start).start;
        let is_ours = text.get(start..).is_some_and(|line| line.starts_with("- "));
        // Somebody made a heading or a table of it: that is theirs now.
        return if is_ours { replace(text, start..marker.range.end, &line) } else { text.to_owned() };
    }
    if let Some(section) = outline.section(BAND_AIDS) {
        let end = end_of_content(text, section.content_end);
        return insert_item(text, end, &line);
    }
    let heading = format!("## {BAND_AIDS}");
    let end = end_of_content(text, outline.content_end);
    match text.trim_start_matches('\u{feff}').trim().is_empty() {
        true => insert_after(text, text.len(), Spacing::None, &["# Technical debt", "", &heading, "", &line]),
        false => insert_after(text, end, Spacing::BlankLine, &[&heading, "", &line]),
    }
}
