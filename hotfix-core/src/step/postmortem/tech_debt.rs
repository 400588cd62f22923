//! The rows of TECH-DEBT.md: those of the first delivery, and those of band-aids that were told of afterwards.

use crate::document::records::{self, DebtEntry, EditError};
use crate::domain::Incident;
use crate::port::FileEdit;
use crate::workflow::{Code, Context, Refusal, Result};

/// The list with all band-aids of the incident; `None` where it has none.
pub(in crate::step) fn edit(
    context: &Context<'_>,
    incident: &Incident,
    before: Option<&[u8]>,
) -> Result<Option<FileEdit>> {
    with(context, before, &DebtEntry::of(incident))
}

/// The same once it was delivered: a row that somebody took out because it was done stays out. `None` where nothing changes.
pub(super) fn edit_again(
    context: &Context<'_>,
    incident: &Incident,
    before: Option<&[u8]>,
) -> Result<Option<FileEdit>> {
    let text = String::from_utf8_lossy(before.unwrap_or_default());
    let mut owed = DebtEntry::of(incident);
    owed.retain(|entry| !entry.done || entry.is_in(&text));
    let edit = with(context, before, &owed)?;
    Ok(edit.filter(|edit| before != Some(edit.content.as_slice())))
}

fn with(context: &Context<'_>, before: Option<&[u8]>, entries: &[DebtEntry]) -> Result<Option<FileEdit>> {
    if entries.is_empty() {
        return Ok(None);
    }
    let path = context.config.documents.tech_debt.clone();
    let content = records::tech_debt_file(before, entries).map_err(|error| wrong_file(&path, &error))?;
    Ok(Some(FileEdit { path, content }))
}

pub(in crate::step) fn wrong_file(path: &str, error: &EditError) -> Refusal {
    Refusal::precondition(Code::Records, format!("failed to add the record to {path}: {}", error.doing()))
        .hint("fix the file on the production branch, or name another in [documents]")
}
