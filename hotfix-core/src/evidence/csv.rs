//! Columns of CSV whose header says that they are secret: `user,password,role`.

use std::ops::Range;

use super::name::{SecretKind, kind_of};
use super::secret::is_secret;
use super::span::{Spans, is_masked};

/// A longer line is no row that a header names the columns of, in bytes.
const LONGEST: usize = 4 * 1024;

/// The columns of a table.
struct Columns {
    separator: char,
    count: usize,
    secret: Vec<(usize, SecretKind)>,
}

/// Finds the cells.
pub(super) fn find(text: &str, spans: &mut Spans) {
    let mut columns: Option<Columns> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let line = line.trim_end();
        if let Some(header) = header(line) {
            columns = Some(header);
            continue;
        }
        let Some(Columns { separator, count, secret }) = &columns else { continue };
        let row = if line.len() > LONGEST { Vec::new() } else { cells(line, *separator) };
        if row.len() != *count {
            columns = None;
            continue;
        }
        let found = secret.iter().filter_map(|(column, kind)| {
            let cell = row.get(*column)?.clone();
            let shown = line.get(cell.clone())?;
            let is_wanted = !shown.contains(' ') && !is_masked(shown) && is_secret(*kind, shown);
            is_wanted.then(|| (begin + cell.start..begin + cell.end, kind.rule()))
        });
        spans.extend(found);
    }
}

/// The columns that a line names, where one of them is a secret's.
fn header(line: &str) -> Option<Columns> {
    // Most lines of a log have another character soon.
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-\",;\t".contains(&byte);
    let begins = line.starts_with(|first: char| first.is_ascii_alphabetic() || first == '"');
    if !begins || line.len() > LONGEST || !line.bytes().all(is_name) {
        return None;
    }
    let separator = [',', ';', '\t'].into_iter().find(|separator| line.contains(*separator))?;
    let names = cells(line, separator);
    let kind = |cell: &Range<usize>| line.get(cell.clone()).and_then(kind_of);
    let secret: Vec<_> = names.iter().enumerate().filter_map(|(column, cell)| Some((column, kind(cell)?))).collect();
    let is_whole = names.iter().all(|name| !name.is_empty());
    (is_whole && !secret.is_empty()).then_some(Columns { separator, count: names.len(), secret })
}

/// The cells of a row, without their quotes.
fn cells(line: &str, separator: char) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut begin = 0;
    let mut is_quoted = false;
    let ends = line.char_indices().filter(|(_, next)| {
        is_quoted ^= *next == '"';
        *next == separator && !is_quoted
    });
    for end in ends.map(|(at, _)| at).chain([line.len()]) {
        let cell = line.get(begin..end).unwrap_or_default();
        let open = usize::from(cell.starts_with('"'));
        let inner = cell.get(open..).unwrap_or_default().trim_end_matches('"');
        cells.push(begin + open..begin + open + inner.len());
        begin = end + separator.len_utf8();
    }
    cells
}
