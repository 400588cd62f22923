//! The table of a history as people keep it: which columns it has, and a row written the way its own rows are.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use crate::document::escape;

use super::outline::plain_name;

/// What a column is for, by its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Command,
    Date,
    Outcome,
    Notes,
    Branch,
    PullRequest,
    /// It stays empty.
    Other,
}

/// The headers that we know, without case, emoji, numbers and brackets.
const HEADERS: [(&str, Column); 16] = [
    ("command", Column::Command),
    ("cmd", Column::Command),
    ("date", Column::Date),
    ("when", Column::Date),
    ("result", Column::Outcome),
    ("results", Column::Outcome),
    ("status", Column::Outcome),
    ("outcome", Column::Outcome),
    ("notes", Column::Notes),
    ("note", Column::Notes),
    ("details", Column::Notes),
    ("comment", Column::Notes),
    ("comments", Column::Notes),
    ("branch", Column::Branch),
    ("pr", Column::PullRequest),
    ("pull request", Column::PullRequest),
];

/// The name of the command in a history.
const COMMAND: &str = "/hotfix";

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowValues {
    pub(super) date: String,
    pub(super) outcome: String,
    pub(super) severity: String,
    /// `#12`, or `local`.
    pub(super) pull_request: String,
    pub(super) branch: String,
}

impl RowValues {
    fn of(&self, column: Column) -> String {
        match column {
            Column::Command => COMMAND.to_owned(),
            Column::Date => self.date.clone(),
            Column::Outcome => self.outcome.clone(),
            Column::Notes => self.severity.clone(),
            Column::Branch => escape::cell(&self.branch),
            Column::PullRequest => self.pull_request.clone(),
            Column::Other => String::new(),
        }
    }

    /// A value beside others.
    fn in_a_note(&self, column: Column) -> String {
        match column {
            Column::PullRequest => format!("PR {}", self.pull_request),
            other => self.of(other),
        }
    }

    /// The row of a history that we began, one value a cell.
    fn in_our_order(&self) -> [String; 4] {
        [
            self.of(Column::Command),
            self.of(Column::Date),
            self.of(Column::Outcome),
            format!("{}, {}", self.severity, self.in_a_note(Column::PullRequest)),
        ]
    }
}

/// How the cells of a column are aligned where it is padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alignment {
    Left,
    Center,
    Right,
}

/// A table of a page.
#[derive(Debug)]
pub(super) struct HistoryTable<'a> {
    /// Where the rows below the head are, without what is around them.
    rows: Vec<Range<usize>>,
    text: &'a str,
    columns: Vec<Column>,
    /// The width of each cell with its blanks, where all rows keep it.
    padding: Option<Vec<(usize, Alignment)>>,
}

impl<'a> HistoryTable<'a> {
    /// The table at `range` of a page.
    pub(super) fn at(text: &'a str, range: Range<usize>) -> Self {
        let mut lines = lines_of(text, range).into_iter();
        let head = lines.next().unwrap_or_default();
        let delimiter = lines.next().unwrap_or_default();
        let rows: Vec<Range<usize>> = lines.collect();
        let line = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
        let columns = columns_of(line(&head));
        let kept_by_others = rows.iter().map(line).filter(|row| !row.contains(COMMAND));
        let padding = padding_of(line(&head), line(&delimiter), kept_by_others);
        Self { rows, text, columns, padding }
    }

    /// What the last row says, without the table around it; `None` where no row says anything.
    pub(super) fn last_said(&self) -> Option<String> {
        let rows = self.rows.iter().rev().filter_map(|row| self.text.get(row.clone()));
        let mut said = rows.map(|row| {
            let cells = cells_of(row).into_iter().filter(|cell| !cell.is_empty());
            cells.map(|cell| cell.replace("\\|", "|")).collect::<Vec<_>>().join(", ")
        });
        said.find(|said| !said.is_empty())
    }

    /// Where the last row with these values is, as this table or an older build of ours has them.
    pub(super) fn find(&self, values: &RowValues) -> Option<Range<usize>> {
        let (wanted, fixed) = (self.cells(values), values.in_our_order());
        let is_row = |range: &&Range<usize>| {
            let found = self.text.get((*range).clone()).map(cells_of).unwrap_or_default();
            found == wanted || found == fixed
        };
        self.rows.iter().rfind(is_row).cloned()
    }

    /// The row of these values.
    pub(super) fn row(&self, values: &RowValues) -> String {
        let cells = self.cells(values);
        let padding = self.padding.as_deref().unwrap_or_default();
        let padded = cells.iter().enumerate().map(|(at, cell)| match padding.get(at) {
            Some((width, alignment)) => padded(cell, width.saturating_sub(2), *alignment),
            None => cell.clone(),
        });
        as_row(padded)
    }

    fn cells(&self, values: &RowValues) -> Vec<String> {
        let known = self.columns.iter().filter(|column| **column != Column::Other).count();
        if known < 2 && !self.columns.contains(&Column::Command) {
            return by_position(values, self.columns.len());
        }
        // What has no column of its own is told in the notes, or where they would be looked for next.
        let sink = [Column::Notes, Column::Outcome, Column::Command, Column::Date]
            .into_iter()
            .find(|column| self.columns.contains(column));
        let here: Vec<String> = [Column::Command, Column::Date, Column::Outcome, Column::Notes, Column::PullRequest]
            .into_iter()
            .filter(|column| Some(*column) == sink || !self.columns.contains(column))
            .map(|column| values.in_a_note(column))
            .collect();
        let cell = |column: &Column| if Some(*column) == sink { here.join(", ") } else { values.of(*column) };
        self.columns.iter().map(cell).collect()
    }
}

/// A head that says nothing known: our order, and what does not fit in the last cell.
fn by_position(values: &RowValues, columns: usize) -> Vec<String> {
    let all = values.in_our_order();
    let (first, rest) = all.split_at(columns.saturating_sub(1).min(all.len() - 1));
    let empty = columns.saturating_sub(all.len());
    let last = std::iter::once(rest.join(", "));
    first.iter().cloned().chain(last).chain(std::iter::repeat_n(String::new(), empty)).collect()
}

/// A row of these cells.
fn as_row(cells: impl IntoIterator<Item = String>) -> String {
    cells.into_iter().fold("|".to_owned(), |row, cell| format!("{row} {cell} |"))
}

/// The lines of a part of a page that hold text, without the blanks around it.
fn lines_of(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut start = range.start;
    let mut lines = Vec::new();
    for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
        let trimmed = line.trim();
        if !trimmed.is_empty() {
            let at = start + (line.len() - line.trim_start().len());
            lines.push(at..at + trimmed.len());
        }
        start += line.len();
    }
    lines
}

/// The cells of a row as they are written, blanks included. A `\|` ends none.
fn raw_cells(row: &str) -> Vec<&str> {
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, _) in row.match_indices('|') {
        if !row.get(..at).is_some_and(|before| before.ends_with('\\')) {
            cells.push(row.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    cells.extend(row.get(start..).filter(|last| !last.trim().is_empty()));
    cells
}

fn cells_of(row: &str) -> Vec<&str> {
    raw_cells(row).into_iter().map(str::trim).collect()
}

/// What the columns are for. Of two with one name the first is meant.
fn columns_of(head: &str) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for cell in cells_of(head) {
        let name = plain_name(cell);
        let column = HEADERS.iter().find(|(header, _)| *header == name).map_or(Column::Other, |(_, column)| *column);
        columns.push(if columns.contains(&column) { Column::Other } else { column });
    }
    columns
}

/// How wide the columns are where each row, delimiter included, has them equally wide.
fn padding_of<'r>(
    head: &str,
    delimiter: &'r str,
    rows: impl Iterator<Item = &'r str>,
) -> Option<Vec<(usize, Alignment)>> {
    let widths = |row: &str| -> Option<Vec<usize>> {
        (row.starts_with('|') && row.ends_with('|')).then(|| raw_cells(row).iter().map(|cell| cell.width()).collect())
    };
    let wanted = widths(head)?;
    let is_padded = std::iter::once(delimiter).chain(rows).all(|row| widths(row).as_ref() == Some(&wanted));
    let alignment = |cell: &str| match (cell.starts_with(':'), cell.ends_with(':')) {
        (true, true) => Alignment::Center,
        (false, true) => Alignment::Right,
        (_, false) => Alignment::Left,
    };
    is_padded.then(|| wanted.into_iter().zip(cells_of(delimiter).into_iter().map(alignment)).collect())
}

fn padded(cell: &str, width: usize, alignment: Alignment) -> String {
    let missing = width.saturating_sub(cell.width());
    let before = match alignment {
        Alignment::Left => 0,
        Alignment::Center => missing / 2,
        Alignment::Right => missing,
    };
    format!("{:before$}{cell}{:after$}", "", "", after = missing - before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(table: &str) -> String {
        let values = RowValues {
            date: "2026-11-22".to_owned(),
            outcome: "deployed".to_owned(),
            severity: "High".to_owned(),
            pull_request: "#12".to_owned(),
            branch: "hotfix/a|b".to_owned(),
        };
        HistoryTable::at(table, 0..table.len()).row(&values)
    }

    #[test]
    fn a_row_follows_the_head() {
        let rows: Vec<String> = [
            "| Command | Date | Result | Notes |\n|---|---|---|---|",
            "| Date | Command | Branch | Result | Notes |\n|---|---|---|---|---|",
            "| Command | Date | Notes |\n|---|---|---|",
            "| 📅 Date | **Command** | Outcome (final) | PR # | Owner | Details |\n|-|-|-|-|-|-|",
            "| Date | Status |\n|-|-|",
            "Command | When\n-|-",
            "| Command | Result | Result |\n|-|-|-|",
            "| a | b |\n|-|-|",
            "| a | b | c | d | e |\n|-|-|-|-|-|",
            "| a |\n|-|",
        ]
        .map(row)
        .to_vec();
        insta::assert_snapshot!(rows.join("\n"), @r"
        | /hotfix | 2026-11-22 | deployed | High, PR #12 |
        | 2026-11-22 | /hotfix | hotfix/a\|b | deployed | High, PR #12 |
        | /hotfix | 2026-11-22 | deployed, High, PR #12 |
        | 2026-11-22 | /hotfix | deployed | #12 |  | High |
        | 2026-11-22 | /hotfix, deployed, High, PR #12 |
        | /hotfix, deployed, High, PR #12 | 2026-11-22 |
        | /hotfix | 2026-11-22, deployed, High, PR #12 |  |
        | /hotfix | 2026-11-22, deployed, High, PR #12 |
        | /hotfix | 2026-11-22 | deployed | High, PR #12 |  |
        | /hotfix, 2026-11-22, deployed, High, PR #12 |
        ");
    }

    #[test]
    fn a_padded_table_stays_padded() {
        let table = "\
| Command     |       Date | Result   |       Notes       |
| ----------- | ---------: | -------- | :---------------: |
| /plan       | 2026-11-01 | done     |        日本       |";
        insta::assert_snapshot!([table, &row(table)].join("\n"), @"
        | Command     |       Date | Result   |       Notes       |
        | ----------- | ---------: | -------- | :---------------: |
        | /plan       | 2026-11-01 | done     |        日本       |
        | /hotfix     | 2026-11-22 | deployed |   High, PR #12    |
        ");
        let ragged = table.replace("/plan       ", "/plan ");
        assert_eq!(row(&ragged), "| /hotfix | 2026-11-22 | deployed | High, PR #12 |");
    }
}
