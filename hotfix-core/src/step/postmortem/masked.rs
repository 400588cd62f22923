//! What people wrote into the postmortem by hand: it goes to production as all else is recorded, without its secrets.

use std::collections::HashSet;

use crate::domain::one_line;
use crate::workflow::Context;

/// How a mask begins.
const MASK: &str = "[redacted:";

/// The postmortem without the secrets in it, and what to tell of them; to the byte as it was where there are none.
pub(in crate::step) fn masked(context: &Context<'_>, path: &str, text: Vec<u8>) -> (Vec<u8>, Option<String>) {
    let written = String::from_utf8_lossy(&text);
    let redacted = context.redactor.redact(&written);
    if redacted.masked.is_empty() {
        return (text, None);
    }
    let before: HashSet<&str> = written.lines().collect();
    let is_new = |line: &str| line.contains(MASK) && !before.contains(line);
    let lines = redacted.text.lines().enumerate().filter(|(_, line)| is_new(line));
    let numbers: Vec<String> = lines.map(|(at, _)| (at + 1).to_string()).collect();
    let lines = if numbers.len() == 1 { "line" } else { "lines" };
    let note = format!("{} in {}, {lines} {}", redacted.masked, one_line(path), numbers.join(", "));
    // What is safe to print has no carriage returns; a file of lines that end so keeps them.
    let is_crlf = written.matches('\n').count() == written.matches("\r\n").count();
    let safe = if is_crlf { redacted.text.replace('\n', "\r\n") } else { redacted.text };
    (safe.into_bytes(), Some(note))
}
