//! Tables in which the column or the cell before says that a cell is secret: Markdown, and what `psql` and `mysql` print.

use std::ops::Range;

use super::name::{SecretKind, kind_of};
use super::secret::{is_secret, looks_random};
use super::span::{Spans, is_masked};

/// More columns are no table that a person reads.
const MOST_COLUMNS: usize = 64;

/// Finds the cells.
pub(super) fn find(text: &str, spans: &mut Spans) {
    if !text.contains('|') {
        return;
    }
    let mut header: Vec<Range<usize>> = Vec::new();
    let mut secret: Vec<Option<SecretKind>> = Vec::new();
    let mut is_framed = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        if is_rule(line) {
            // The line between the header and the rows; `mysql` has one above the header too.
            let word = |cell: &Range<usize>| text.get(cell.clone()).unwrap_or_default();
            if !header.is_empty() {
                secret = header.iter().map(|cell| kind_of(word(cell))).collect();
            }
            continue;
        }
        if !line.contains('|') {
            header.clear();
            secret.clear();
            continue;
        }
        header = cells(line, begin);
        // Another form of row is another table's.
        if header.len() != secret.len() || line.starts_with('|') != is_framed {
            secret.clear();
            is_framed = line.starts_with('|');
        }
        let pairs = header.iter().zip(header.iter().skip(1));
        for (index, cell) in header.iter().enumerate() {
            let shown = text.get(cell.clone()).unwrap_or_default();
            if let Some(kind) = secret.get(index).copied().flatten() {
                spans.extend((is_secret(kind, shown) && !is_masked(shown)).then(|| (cell.clone(), kind.rule())));
            }
        }
        // `| DB_PASSWORD | hunter2 |`: a word may also be the next column's name.
        spans.extend(pairs.filter_map(|(name, value)| {
            let name = text.get(name.clone()).filter(|name| !name.contains(' '))?;
            let shown = text.get(value.clone())?;
            let kind = kind_of(name)?;
            let is_value = looks_random(shown) || shown.len() >= 6 && shown.bytes().any(|byte| byte.is_ascii_digit());
            (is_value && !shown.contains(' ') && is_secret(kind, shown)).then(|| (value.clone(), kind.rule()))
        }));
    }
}

/// Whether a line parts the header from the rows: `|---|:---:|`, `----+----`.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3
        && line.contains("--")
        && line.contains(['|', '+'])
        && line.bytes().all(|byte| b"-|+: ".contains(&byte))
}

/// The cells of a row, without the blanks and the marks around them.
fn cells(line: &str, begin: usize) -> Vec<Range<usize>> {
    let shown = line.trim_end();
    let inner = shown.trim_start();
    let mut at = begin + shown.len() - inner.len();
    let first = inner.strip_prefix('|').unwrap_or(inner);
    at += inner.len() - first.len();
    let mut cells = Vec::new();
    for cell in first.strip_suffix('|').unwrap_or(first).split('|').take(MOST_COLUMNS) {
        let marks = [' ', '\t', '`', '*', '"', '\''];
        let start = at + cell.len() - cell.trim_start_matches(marks).len();
        let word = cell.trim_matches(marks);
        cells.push(start..start + word.len());
        at += cell.len() + 1;
    }
    cells
}
