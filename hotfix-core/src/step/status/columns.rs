//! Incidents as a table: a row each where the screen is wide enough, else what is short in a row, and the rest below it.

use unicode_width::UnicodeWidthStr as _;

use crate::document::duration;
use crate::domain::one_line;
use crate::ledger::Summary;
use crate::workflow::{Context, Result};

const HEADER: [&str; 6] = ["ID", "SEVERITY", "STATUS", "OPENED", "BRANCH", "TITLE"];

/// So many columns are short, and stand in the row as far as they fit.
const SHORT: usize = 4;

const DAY: i64 = 86_400;

/// The incidents: on a screen under a header, with the one marked whose branch is checked out; elsewhere a line each that
/// begins with the id, for programs that cut lines into words.
pub(super) fn table(context: &Context<'_>, incidents: &[&Summary]) -> Result<String> {
    if incidents.is_empty() {
        return Ok("no incidents\n".to_owned());
    }
    let rows: Vec<[String; 6]> = incidents.iter().map(|summary| cells(context, summary)).collect();
    let Some(columns) = context.reader.columns else {
        let widths = widths(&rows);
        return Ok(rows.iter().map(|row| line("", row, &widths)).collect());
    };
    let head = context.look.git.head()?;
    let is_here = |summary: &&Summary| head.branch() == Some(summary.branch.as_str());
    Ok(on_screen(&rows, incidents.iter().position(is_here), columns))
}

fn on_screen(rows: &[[String; 6]], here: Option<usize>, columns: usize) -> String {
    let header = HEADER.map(str::to_owned);
    let widths = widths(std::iter::once(&header).chain(rows));
    // Every cell has two blanks before it, or the mark and one.
    let fits = |count: &usize| widths.iter().take(*count).map(|width| width + 2).sum::<usize>() <= columns;
    let in_row = if fits(&HEADER.len()) { HEADER.len() } else { (1..=SHORT).rev().find(fits).unwrap_or(1) };
    let mut text = line("  ", header.get(..in_row).unwrap_or_default(), &widths);
    for (at, row) in rows.iter().enumerate() {
        let mark = if here == Some(at) { "* " } else { "  " };
        let (short, long) = row.split_at_checked(in_row).unwrap_or((row, &[]));
        text.push_str(&line(mark, short, &widths));
        text.extend(long.iter().rev().map(|cell| format!("    {cell}\n")));
    }
    text
}

/// How wide the widest cell of each column is.
fn widths<'a>(rows: impl IntoIterator<Item = &'a [String; 6]>) -> [usize; 6] {
    rows.into_iter().fold([0; 6], |mut widths, row| {
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = cell.width().max(*width));
        widths
    })
}

fn cells(context: &Context<'_>, summary: &Summary) -> [String; 6] {
    [
        summary.id.to_string(),
        summary.severity.key().to_owned(),
        summary.status.key().to_owned(),
        opened(context, summary),
        one_line(&summary.branch),
        summary.title.in_few_words(),
    ]
}

/// How long ago it was opened while it is open, and on which day once it is over.
fn opened(context: &Context<'_>, summary: &Summary) -> String {
    let (at, zone) = (summary.opened_at(), &context.reader.zone);
    if !summary.status.is_open() {
        return at.to_zoned(zone.clone()).date().to_string();
    }
    let age = context.now.as_second().saturating_sub(at.as_second()).max(0);
    if age < DAY { format!("{} ago", duration(age)) } else { format!("{} d ago", age / DAY) }
}

/// Cells under those of other lines.
fn line(mark: &str, cells: &[String], widths: &[usize]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| {
        let gap = " ".repeat(width.saturating_sub(cell.width()));
        format!("{cell}{gap}")
    });
    let cells: Vec<String> = padded.collect();
    format!("{}\n", format!("{mark}{}", cells.join("  ")).trim_end())
}
