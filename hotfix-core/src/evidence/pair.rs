//! A name and its value as two fields of a record: `{"name": "DB_PASSWORD", "value": "…"}`, in JSON, YAML and XML.

use std::sync::OnceLock;

use regex::Regex;

use super::name::kind_of;
use super::secret::is_secret;
use super::span::{Spans, occurrences};
use super::value::{Form, Values};

/// How far apart the two fields can be, in bytes.
const NEAR: usize = 256;
/// `"name": "DB_PASSWORD", "value":` as it stands before the value, whatever the quotes and however often they are escaped.
const BEFORE: &str = r#"(?i-u)\b(?:name|key|parameter_?(?:key|name)|field|variable)[\\"']{0,8}\s*[:=]\s*[\\"']{0,8}([\w.-]{2,96})[\\"']{0,8}\s*/?>?[,;]?\s*(?:-\s)?<?[\\"']{0,8}(?:parameter_?|default_?|string_?|new_?)?$"#;
/// `, "name": "DB_PASSWORD"` as it stands behind the value.
const BEHIND: &str = r#"(?i-u)^[\\"']{0,8}\s*[,;]?\s*(?:-\s)?[\\"']{0,8}(?:name|key|parameter_?(?:key|name))[\\"']{0,8}\s*[:=]\s*[\\"']{0,8}([\w.-]{2,96})"#;

/// Finds the values.
pub(super) fn find(text: &str, spans: &mut Spans) {
    let values = Values::new(text);
    for at in occurrences(text, "alue") {
        let Some(place) = place(text, at, "alue") else { continue };
        let Some((before, behind)) = patterns() else { return };
        let Some(value) = values.quoted(place.value).or_else(|| values.bare(place.value)) else { continue };
        let end = value.range.end;
        let window = text.get(floor(text, place.begin.saturating_sub(NEAR))..place.begin).unwrap_or_default();
        let rest = text.get(end..ceil(text, end + NEAR)).unwrap_or_default();
        let name = before.captures(window).or_else(|| behind.captures(rest)).and_then(|found| found.get(1));
        let Some(kind) = name.and_then(|name| kind_of(name.as_str())) else { continue };
        let is_reference = value.form == Form::Bare && values.of(&value).starts_with(['{', '[', '&', '*']);
        if is_secret(kind, values.of(&value)) && !is_reference {
            spans.push((value.range, kind.rule()));
        }
    }
}

/// Both patterns, compiled when the first value is met.
fn patterns() -> Option<&'static (Regex, Regex)> {
    static BOTH: OnceLock<Option<(Regex, Regex)>> = OnceLock::new();
    BOTH.get_or_init(|| Regex::new(BEFORE).ok().zip(Regex::new(BEHIND).ok())).as_ref()
}

/// Where a field called `value` begins, and its value.
struct KeyPlace {
    begin: usize,
    value: usize,
}

/// The field whose name ends with the word at `at`; `None` when it is another word.
fn place(text: &str, at: usize, word: &str) -> Option<KeyPlace> {
    let begin = at.checked_sub(1).filter(|before| matches!(text.as_bytes().get(*before), Some(b'v' | b'V')))?;
    let after = text.get(at + word.len()..)?;
    let rest = after.trim_start_matches(['\\', '"', '\'']).trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix([':', '='])?;
    let rest = rest.trim_start_matches([' ', '\t']);
    Some(KeyPlace { begin, value: text.len() - rest.len() })
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, at: usize) -> usize {
    floor(text, at.min(text.len()))
}
