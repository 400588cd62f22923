//! Where the value of a name begins and ends: in quotes, however often they are escaped, as the call or type that debug
//! output shows it in, as the lines of a block, or bare.

use std::cell::Cell;
use std::ops::Range;

use super::span::is_masked;

/// How much of a call is looked at, in bytes.
const LONGEST_CALL: usize = 4 * 1024;
/// How much of a value is looked at once a text has cost its share, in bytes.
// Hostile texts begin a value at every other letter, and each may reach to the end.
const SHORT: usize = 128;
/// Letters that say what kind of string follows, in Python, Rust, C++ and SQL.
const STRING_KINDS: [&str; 16] = ["b", "r", "f", "u", "rb", "br", "B", "R", "F", "U", "L", "N", "E", "@", "$", "c"];

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Bare,
    Quoted,
    /// `Some("…")`, `SecretString(…)`, `string(8) "…"`: the whole of it.
    Call,
    /// A block of YAML.
    Block,
}

/// A value: where it is, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretValue {
    pub(super) range: Range<usize>,
    pub(super) form: Form,
}

/// Reads the values of a text, in time that grows with the text alone.
pub(super) struct Values<'a> {
    text: &'a str,
    budget: Cell<usize>,
}

impl<'a> Values<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, budget: Cell::new(2 * text.len() + 64 * 1024) }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn of(&self, value: &SecretValue) -> &'a str {
        self.text.get(value.range.clone()).unwrap_or_default()
    }

    /// The value that begins at `at`, whatever its form.
    pub(super) fn read(&self, at: usize) -> Option<SecretValue> {
        self.quoted(at).or_else(|| self.call(at)).or_else(|| self.bare(at))
    }

    /// A value in quotes, without them.
    pub(super) fn quoted(&self, at: usize) -> Option<SecretValue> {
        let opening = Opening::at(self.text.get(at..)?)?;
        let begin = at + opening.length;
        let length = opening.content(self.rest(begin, usize::MAX));
        self.spend(length);
        Some(SecretValue { range: begin..begin + length, form: Form::Quoted })
    }

    /// The name of a type or function and what is in its brackets: `Some("…")`, `Secret { inner: "…" }`, `Just "…"`.
    fn call(&self, at: usize) -> Option<SecretValue> {
        let text = self.rest(at, LONGEST_CALL);
        let name = callee(text);
        let after = text.get(name.len()..)?;
        let is_type = is_type(name);
        let gap = after.len() - after.trim_start_matches(' ').len();
        let open = after.get(gap..)?.chars().next()?;
        // What is looked through costs, also where nothing closes it.
        let closed = |text: &str, open| {
            let (length, seen) = closed(text, open)?;
            self.spend(seen);
            Some(length)
        };
        let length = match open {
            _ if name.is_empty() && !matches!(open, '(' | '[') => return None,
            '(' if gap == 0 => closed(after, open)?,
            '[' if gap == 0 && (is_type || name.is_empty()) => closed(after, open)?,
            '{' if is_type => gap + closed(after.get(gap..)?, open)?,
            '<' if name.starts_with('#') => closed(after, open)?,
            // Haskell: `Just "…"`.
            '"' | '\\' if is_type && gap == 1 => 0,
            _ => return None,
        };
        let mut end = at + name.len() + length;
        // PHP: `string(8) "…"`; Haskell.
        let rest = self.text.get(end..).unwrap_or_default();
        if let Some(SecretValue { range, .. }) = rest.strip_prefix(' ').and_then(|_| self.quoted(end + 1)) {
            let quote = self.text.get(range.end..).and_then(Opening::at).map_or(0, |opening| opening.length);
            end = range.end + quote;
        } else if length == 0 {
            return None;
        }
        self.spend(end - at);
        Some(SecretValue { range: at..end, form: Form::Call })
    }

    /// A value without quotes: up to a blank, a quote, the next parameter or the next assignment.
    pub(super) fn bare(&self, at: usize) -> Option<SecretValue> {
        let value = bare(self.rest(at, usize::MAX));
        self.spend(value.len());
        Some(SecretValue { range: at..at + value.len(), form: Form::Bare })
    }

    /// The lines of a YAML block (`|`, `>-`) that begins at `at`.
    pub(super) fn block(&self, at: usize) -> Option<SecretValue> {
        // Looked for nearby only: a text may be one huge line of such keys.
        let end = self.rest(at, SHORT).find('\n').filter(|_| self.rest(at, 1).starts_with(['|', '>']))?;
        let (mark, body) = (self.text.get(at..at + end)?, self.text.get(at + end + 1..)?);
        let is_mark = mark.trim_end().len() <= 3;
        if !is_mark || !mark.trim_end().bytes().skip(1).all(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9')) {
            return None;
        }
        let margin = body.len() - body.trim_start_matches(' ').len();
        let line = self.text.get(..at)?.rsplit('\n').next().unwrap_or_default();
        let outer = line.len() - line.trim_start_matches([' ', '-']).len();
        let begin = at + mark.len() + 1;
        if margin <= outer.min(line.len() - line.trim_start_matches(' ').len()) {
            return None;
        }
        let mut end = begin;
        for line in body.split_inclusive('\n') {
            let indent = line.len() - line.trim_start_matches(' ').len();
            if indent < margin && !line.trim().is_empty() {
                break;
            }
            end += line.len();
        }
        let lines = self.text.get(begin..end)?;
        self.spend(lines.len());
        let begin = begin + margin;
        let value = begin..begin.max(end - (lines.len() - lines.trim_end().len()));
        Some(SecretValue { range: value, form: Form::Block })
    }

    /// What follows a position: at most `most` bytes of it, and less when the text has cost its share.
    fn rest(&self, at: usize, most: usize) -> &'a str {
        let most = if self.budget.get() == 0 { most.min(SHORT) } else { most };
        let rest = self.text.get(at..).unwrap_or_default();
        let mut end = rest.len().min(most);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        rest.get(..end).unwrap_or_default()
    }

    fn spend(&self, length: usize) {
        self.budget.set(self.budget.get().saturating_sub(length));
    }
}

/// A quote that begins a string, with what stands before it.
pub(super) struct Opening {
    /// Of the letters, the backslashes and the quote, in bytes.
    pub(super) length: usize,
    slashes: usize,
    quote: char,
    is_triple: bool,
}

impl Opening {
    pub(super) fn at(text: &str) -> Option<Self> {
        let kinds = text.bytes().take(2).take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'@' | b'$'));
        let kind = kinds.count();
        let rest = text.get(kind..)?;
        let slashes = rest.bytes().take_while(|byte| *byte == b'\\').count();
        let rest = rest.get(slashes..)?;
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
        if kind > 0 && !STRING_KINDS.contains(&text.get(..kind)?) {
            return None;
        }
        let is_triple = slashes == 0 && rest.starts_with(if quote == '"' { "\"\"\"" } else { "'''" });
        Some(Self { length: kind + slashes + if is_triple { 3 } else { 1 }, slashes, quote, is_triple })
    }

    /// The string whose quote, with all before it, begins at a position.
    pub(super) fn string(text: &str, at: usize) -> Option<Range<usize>> {
        let opening = Self::at(text.get(at..)?)?;
        let begin = at + opening.length;
        Some(begin..begin + opening.content(text.get(begin..)?))
    }

    /// How long the string is that begins after the quote; to the end of the line where it has no end.
    fn content(&self, rest: &str) -> usize {
        if self.is_triple {
            return rest.find("\"\"\"").or_else(|| rest.find("'''")).unwrap_or_else(|| line_end(rest));
        }
        // Each time that JSON is put into JSON, quotes get another `\` and those that they had are doubled.
        let unit = 2 * (self.slashes + 1);
        for (at, character) in rest.match_indices(['\n', self.quote]) {
            if character == "\n" {
                return at;
            }
            let run =
                rest.as_bytes().get(..at).unwrap_or_default().iter().rev().take_while(|byte| **byte == b'\\').count();
            if run < self.slashes || run % unit == self.slashes {
                return at - run.min(self.slashes);
            }
        }
        rest.len()
    }
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// The name that a call begins with, as `Some`, `std::string::String` or `&Secret<String>`; empty when there is none.
pub(super) fn callee(text: &str) -> &str {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_:.$!#&*\\".contains(byte);
    let mut length = text.bytes().take(96).take_while(is_part).count();
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return "";
    }
    // `Option<String>`, `Box<dyn Key>`.
    if length > 0 && !text.starts_with('#') && text.get(length..).is_some_and(|rest| rest.starts_with('<')) {
        let generic = text.get(length..).and_then(|rest| closed(rest.get(..rest.len().min(96)).unwrap_or(rest), '<'));
        length += generic.map_or(0, |(length, _)| length);
    }
    text.get(..length).unwrap_or_default()
}

/// Whether what a call begins with is the name of a type: `Some`, `main.Secret`, `std::string::String`.
pub(super) fn is_type(callee: &str) -> bool {
    let path = callee.split('<').next().unwrap_or_default();
    path.rsplit(['.', ':', '&', '*', '#'])
        .next()
        .is_some_and(|last| last.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// How long the brackets at the beginning of a text are with all in them, to the end of the line where they are not closed;
/// and how much was looked through for that.
fn closed(text: &str, open: char) -> Option<(usize, usize)> {
    let close = match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        _ => '>',
    };
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(opening) = Opening::at(rest).filter(|_| matches!(next, '"' | '\'' | '`' | '\\')) {
            let inside = rest.get(opening.length..).unwrap_or_default();
            at += opening.length + opening.content(inside);
            // The quote that closes it, and its backslashes; a `'` without one is an apostrophe or a lifetime.
            let end = text.get(at..).and_then(Opening::at).map_or(0, |closing| closing.length);
            at += end;
            continue;
        }
        at += next.len_utf8();
        if next == open {
            depth += 1;
        } else if next == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some((at, at));
            }
        }
    }
    Some((line_end(text), text.len()))
}

/// The strings in a text that stand in quotes.
pub(super) fn literals(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(quote) = rest.find(['"', '\'', '`']) else { break };
        // Its backslashes belong to it.
        let slashes = rest.get(..quote).unwrap_or_default().bytes().rev().take_while(|byte| *byte == b'\\').count();
        let begin = at + quote - slashes;
        let Some(opening) = text.get(begin..).and_then(Opening::at) else { break };
        let inside = text.get(begin + opening.length..).unwrap_or_default();
        let length = opening.content(inside);
        found.extend(inside.get(..length));
        let end = begin + opening.length + length;
        at = end + text.get(end..).and_then(Opening::at).map_or(0, |closing| closing.length).max(1);
        while at < text.len() && !text.is_char_boundary(at) {
            at += 1;
        }
    }
    found
}

/// A word without quotes, as it stands in a log.
pub(super) fn bare(value: &str) -> &str {
    let is_end = |(at, character): (usize, char)| match character {
        '&' | '"' | '\'' | '`' | '<' | '>' => true,
        ',' | ';' => {
            let rest = value.get(at + 1..).unwrap_or_default();
            let is_word = |next: char| next.is_alphanumeric() || next == '_';
            // As long as a name can be.
            let word: usize = rest.chars().take(96).take_while(|next| is_word(*next)).map(char::len_utf8).sum();
            rest.starts_with(['"', '\'', '\\', ' ', '\n'])
                || rest.is_empty()
                // A comma may belong to a password; before another assignment it ends one.
                || rest.get(word..).is_some_and(|rest| rest.starts_with(['=', ':']))
        }
        _ => character.is_whitespace(),
    };
    let end = value.char_indices().find(|found| is_end(*found)).map_or(value.len(), |(at, _)| at);
    let value = value.get(..end).unwrap_or_default();
    // Its closing bracket is part of the mask.
    if is_masked(value) {
        return value;
    }
    value.trim_end_matches([')', ']', '}', ',', ';', '.', ':', '!', '?', '\\'])
}
