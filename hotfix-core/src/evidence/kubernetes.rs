//! Secrets of Kubernetes, in which every value is one: all under `data` and `stringData` beside `kind: Secret`.

use std::ops::Range;

use super::span::{Spans, has_mask, keep};
use super::value::Opening;

const RULE: &str = "kubernetes-secret";
const FIELDS: [&str; 2] = ["data", "stringData"];

/// Finds the values.
pub(super) fn find(text: &str, spans: &mut Spans) {
    if !text.contains("Secret") {
        return;
    }
    in_yaml(text, spans);
    in_json(text, 0, spans);
}

/// A mapping of YAML that is read, by the column of its keys.
#[derive(Default)]
struct Mapping {
    column: usize,
    is_secret: bool,
    is_in_data: bool,
    /// Of a block, the column of its key.
    block: Option<usize>,
    values: Vec<Range<usize>>,
}

/// Line by line, once: a mapping ends where a line begins before its column, and only then is known what it was.
fn in_yaml(text: &str, spans: &mut Spans) {
    let mut open: Vec<Mapping> = Vec::new();
    let mut close = |mapping: Mapping| {
        let values = mapping.values.into_iter().filter(|_| mapping.is_secret);
        spans.extend(
            values.filter(|range| !has_mask(text.get(range.clone()).unwrap_or_default())).map(|range| (range, RULE)),
        );
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begin = at;
        at += line.len();
        let shown = line.trim_end();
        // Items of a list are mappings too, whose first key stands behind the dash.
        let key_text = shown.trim_start_matches([' ', '-']);
        let column = shown.len() - key_text.len();
        let is_item = shown.trim_start().starts_with("- ");
        if shown.is_empty() {
            continue;
        }
        while let Some(last) =
            open.pop_if(|last| shown == "---" || column < last.column || is_item && column == last.column)
        {
            close(last);
        }
        if let Some(parent) = open.last_mut().filter(|parent| parent.is_in_data && column > parent.column) {
            let value = value_below(parent.block, column, key_text).map(|length| at_end(begin, shown, length));
            value.into_iter().for_each(|value| keep(&mut parent.values, value));
            parent.block = block_of(parent.block, column, key_text);
            continue;
        }
        let Some((key, value)) = key_text.split_once(':') else { continue };
        if open.last().is_none_or(|last| column > last.column) {
            open.push(Mapping { column, ..Mapping::default() });
        }
        let Some(mapping) = open.last_mut() else { continue };
        let value = value.trim().trim_matches(['"', '\'']);
        mapping.is_secret |= key == "kind" && value == "Secret";
        mapping.is_in_data = FIELDS.contains(&key) && value.is_empty();
        // `data: {password: aHVudGVy}`.
        if let Some(flow) = value.strip_prefix('{').filter(|flow| FIELDS.contains(&key) && flow.contains(':')) {
            let end = begin + shown.len() - (shown.len() - shown.trim_end_matches('}').len());
            let start = begin + shown.len() - flow.len();
            keep(&mut mapping.values, start..end.max(start));
        }
        mapping.block = None;
    }
    while let Some(last) = open.pop() {
        close(last);
    }
}

fn at_end(begin: usize, shown: &str, length: usize) -> Range<usize> {
    let end = begin + shown.len();
    end - length..end
}

/// How long the value is that a line under `data` ends with.
fn value_below(block: Option<usize>, column: usize, line: &str) -> Option<usize> {
    if block.is_some_and(|key| column > key) {
        return Some(line.len());
    }
    let value = line.split_once(':')?.1.trim_start();
    let is_block = value.starts_with(['|', '>']) && value.len() <= 3;
    (!value.is_empty() && !is_block && !matches!(value, "\"\"" | "''" | "{}")).then_some(value.len())
}

/// The column of the key whose block goes on after this line.
fn block_of(block: Option<usize>, column: usize, line: &str) -> Option<usize> {
    if block.is_some_and(|key| column > key) {
        return block;
    }
    let value = line.split_once(':')?.1.trim_start();
    (value.starts_with(['|', '>']) && value.len() <= 3).then_some(column)
}

/// An object of JSON that is read.
#[derive(Default)]
struct Object {
    is_secret: bool,
    is_data: bool,
    key: Range<usize>,
    values: Vec<Range<usize>>,
}

/// String by string, from `at` to the end: also where the JSON stands in a string itself.
fn in_json(text: &str, mut at: usize, spans: &mut Spans) {
    let mut open: Vec<Object> = Vec::new();
    let word = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
    while let Some(next) = text.get(at..).and_then(|rest| rest.find(['{', '}', '"'])) {
        at += next;
        let byte = text.as_bytes().get(at).copied().unwrap_or_default();
        if byte == b'{' {
            let is_data = open.last().is_some_and(|object| FIELDS.contains(&word(&object.key)));
            open.push(Object { is_data, ..Object::default() });
            at += 1;
            continue;
        }
        if byte == b'}' {
            at += 1;
            let Some(object) = open.pop() else { continue };
            if object.is_secret {
                let values = object.values.into_iter().filter(|range| !range.is_empty() && !has_mask(word(range)));
                spans.extend(values.map(|range| (range, RULE)));
            } else if let Some(parent) = open.last_mut().filter(|_| object.is_data) {
                object.values.into_iter().for_each(|value| keep(&mut parent.values, value));
            }
            continue;
        }
        let slashes = text.get(..at).unwrap_or_default().bytes().rev().take_while(|byte| *byte == b'\\').count();
        let Some(string) = Opening::string(text, at - slashes) else { break };
        let closing = text.get(string.end..).and_then(Opening::at).map_or(0, |closing| closing.length);
        at = (string.end + closing).max(at + 1);
        // Each level doubles the backslashes, and so there are few.
        if word(&string).contains("Secret") && word(&string).contains('{') {
            in_json(text.get(..string.end).unwrap_or_default(), string.start, spans);
        }
        let Some(object) = open.last_mut() else { continue };
        let after = text.get(at..).unwrap_or_default().trim_start_matches(' ');
        if after.starts_with(':') {
            object.key = string;
            continue;
        }
        object.is_secret |= word(&object.key) == "kind" && word(&string) == "Secret";
        if object.is_data {
            keep(&mut object.values, string);
        }
    }
}
