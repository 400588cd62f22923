//! Values whose name says that they are secret: `key=value`, JSON, YAML, XML, headers, flags and debug output.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use crate::domain::is_among;

use super::authorization;
use super::name::{NAME_PARTS, SecretKind, kind_of};
use super::secret::{is_code, is_secret, looks_like_value, looks_random};
use super::span::{Span, Spans};
use super::value::{Form, SecretValue, Values};

/// The longest name that is looked at, in bytes.
const LONGEST_NAME: usize = 96;
/// The longest value of a header that is looked at, in bytes.
const LONGEST_HEADER: usize = 8 * 1024;
/// The type between a name and its value, in bytes: `var token string = "…"`.
const LONGEST_TYPE: usize = 80;

/// Finds values by their names.
pub(super) fn find(text: &str, spans: &mut Spans) {
    let values = Values::new(text);
    let mut covered = 0;
    for name in names(text) {
        // A value may hold what looks like a name, as base64 does.
        let span = Some(&name).filter(|name| name.range.start >= covered).and_then(|name| assigned(&values, name));
        if let Some(span) = span {
            covered = span.0.end;
            spans.push(span);
        }
    }
}

/// A name that may be a secret's.
struct Name<'a> {
    text: &'a str,
    range: Range<usize>,
    kind: SecretKind,
    /// What stands before it on its line, as far as that is looked at.
    before: &'a str,
}

/// The names in a text that are those of secrets, in order.
fn names(text: &str) -> impl Iterator<Item = Name<'_>> {
    static PARTS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let parts = PARTS.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).build(NAME_PARTS).ok());
    let mut behind = 0;
    parts.iter().flat_map(move |parts| parts.find_iter(text)).filter_map(move |part| {
        if part.start() < behind {
            return None;
        }
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
        let bytes = text.as_bytes();
        let before =
            bytes.get(..part.start())?.iter().rev().take(LONGEST_NAME).take_while(|byte| is_part(byte)).count();
        let after = bytes.get(part.end()..)?.iter().take(LONGEST_NAME).take_while(|byte| is_part(byte)).count();
        let start = part.start() - before;
        let whole = text.get(start..part.end() + after)?;
        behind = part.end() + after;
        if whole.len() > LONGEST_NAME {
            return None;
        }
        let name = whole.trim_end_matches(['.', '-']);
        let window = window_before(text, start);
        // Masking twice must be masking once: the name of a rule is no name.
        if window.ends_with("[redacted:") {
            return None;
        }
        let before = window.rsplit('\n').next().unwrap_or_default();
        kind_of(name).map(|kind| Name { text: name, range: start..start + name.len(), kind, before })
    })
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Equals,
    Colon,
    Arrow,
    /// `setProperty("TOKEN", "…")`, `('authorization', 'Token …')`.
    Comma,
    /// `<password>…</password>`.
    Tag,
    /// `--password …`.
    Flag,
    /// `password "…"`.
    Blank,
    /// `password("…")`.
    Call,
}

/// Where the value of a name is.
struct Place {
    separator: Separator,
    value: usize,
    is_quoted: bool,
    is_spaced: bool,
}

impl Name<'_> {
    /// What shells, `set -x`, Docker and its files put before an assignment.
    fn begins_line(&self) -> bool {
        ["", "export", "set", "-e", "+", "ENV"].contains(&self.before.trim())
    }

    /// The quote right before it, with its backslashes.
    fn quote(&self) -> Option<&str> {
        let rest = self.before.strip_suffix(['"', '\'', '`'])?;
        self.before.get(rest.trim_end_matches('\\').len()..)
    }

    /// Whether it is a name and `value` its value, as calls and tuples have them, or a list of headers; not a list of names.
    fn is_argument(&self, value: &str) -> bool {
        let before = self.before.trim_end_matches(['"', '\'', '\\', 'b']);
        !value.contains(char::is_whitespace)
            && (before.ends_with('(')
                || before.ends_with('{') && looks_like_value(value)
                || before.ends_with(['[', ',', ' ']) && looks_random(value))
    }

    fn is_flag(&self) -> bool {
        let is_boundary = self.before.is_empty() || self.before.ends_with([' ', '\t', '"', '\'', '[', '`', '=']);
        self.text.starts_with('-') && is_boundary
    }

    /// Finds the separator and where the value begins.
    fn place(&self, text: &str) -> Option<Place> {
        let after = text.get(self.range.end..)?;
        let rest = after.trim_start_matches(['\\', '"', '\'', '`', ']', ')', '*']);
        let is_quoted = after.get(..after.len() - rest.len())?.contains(['"', '\'']);
        let rest = without_visibility(rest).trim_start_matches(['"', '\'', ']']);
        let unspaced = rest;
        let rest = rest.trim_start_matches([' ', '\t']);
        let place = |separator, value: &str, is_spaced| {
            let value = text.len() - value.len();
            Some(Place { separator, value, is_quoted, is_spaced })
        };
        if let Some(value) = self.tag(rest) {
            return place(Separator::Tag, value, false);
        }
        if let Some(value) = after_type(unspaced).filter(|_| unspaced.len() == after.len()) {
            return place(Separator::Equals, value, true);
        }
        // Of `:=`, `::=`, `?=`, `.=`, `+=`, `||=` and `??=` the last sign counts.
        let operator = rest.trim_start_matches([':', '?', '.', '+', '|', '!']);
        let (separator, value) = match operator.strip_prefix('=') {
            Some(value) if value.starts_with('>') => (Separator::Arrow, value.trim_start_matches('>')),
            Some(value) => (Separator::Equals, value.trim_start_matches(['=', '>'])),
            // `token::Kind` is a path in code.
            None if rest.starts_with("::") => return None,
            None if rest.starts_with(':') => (Separator::Colon, rest.get(1..)?),
            None if rest.starts_with("->") => (Separator::Arrow, rest.get(2..)?),
            None if rest.starts_with(',') && (is_quoted && self.quote().is_some() || self.before.ends_with('{')) => {
                (Separator::Comma, rest.get(1..)?)
            }
            None if unspaced.starts_with('(') && !is_quoted => (Separator::Call, rest.get(1..)?),
            None if self.is_flag() && rest.len() < unspaced.len() => return place(Separator::Flag, rest, true),
            None if rest.starts_with(['"', '\'', '`']) && rest.len() < unspaced.len() => {
                return place(Separator::Blank, rest, true);
            }
            None => return None,
        };
        let mut begin = value.trim_start_matches([' ', '\t']);
        // Erlang's binaries: `<<"…">>`.
        begin = begin.strip_prefix("<<").filter(|begin| begin.starts_with('"')).unwrap_or(begin);
        if separator == Separator::Colon {
            begin = without_marks(begin);
        }
        // PHP shows each value on a line of its own, and some writers of JSON do.
        let below = begin.trim_start_matches(['\r', '\n', ' ', '\t']);
        if is_quoted && below.len() < begin.len() && (below.starts_with(['"', '\'']) || below.starts_with("string(")) {
            begin = below;
        }
        if separator == Separator::Colon && begin.starts_with(['\n', '\r']) && is_word_below(begin) {
            begin = below;
        }
        let is_spaced = begin.len() < value.len() && rest.len() < unspaced.len();
        place(separator, begin, is_spaced)
    }

    /// What follows the tag that this is the name of.
    fn tag<'t>(&self, rest: &'t str) -> Option<&'t str> {
        let opening = self.before.rsplit_once('<').map(|(_, tag)| tag);
        let is_tag = opening.is_some_and(|space| space.is_empty() || space.ends_with(':') && !space.contains(' '));
        if is_tag {
            let (attributes, value) = rest.get(..rest.len().min(4 * LONGEST_NAME)).unwrap_or(rest).split_once('>')?;
            let length = attributes.len() + 1;
            return (!attributes.contains(['<', '\n', '/']) && !value.is_empty()).then(|| rest.get(length..)).flatten();
        }
        if self.before.ends_with("&lt;") {
            return rest.strip_prefix("&gt;");
        }
        // `<entry key="token">…</entry>`.
        let attribute = self.quote().and_then(|quote| self.before.strip_suffix(quote));
        if attribute.is_some_and(|attribute| attribute.ends_with("key=") || attribute.ends_with("name=")) {
            return rest.strip_prefix('>');
        }
        // `<key>token</key><string>…</string>`, `<name>token</name> <value>…</value>`.
        let (_, below) = self.before.strip_suffix('>').and_then(|_| rest.strip_prefix("</"))?.split_once('>')?;
        let (tag, _) = below.trim_start().strip_prefix('<')?.split_once('>')?;
        let value = below.trim_start().get(tag.len() + 2..)?;
        let is_named = |names: [&str; 2]| names.iter().any(|name| tag.eq_ignore_ascii_case(name));
        // A cell beside "password" may say what one is.
        let is_cell = || is_named(["td", "dd"]) && value.split('<').next().is_some_and(looks_like_value);
        (is_named(["value", "string"]) || is_cell()).then_some(value)
    }
}

/// What follows the end of a bold name, and YAML's tags and anchors: `**Password:** …`, `password: !!str …`.
fn without_marks(value: &str) -> &str {
    const TAGS: [&str; 5] = ["** ", "__ ", "!!str ", "!vault ", "!unsafe "];
    let begin = TAGS.iter().find_map(|tag| value.strip_prefix(tag)).unwrap_or(value);
    let anchor = begin.strip_prefix('&').and_then(|anchor| anchor.split_once(' '));
    let is_anchor = |(name, _): &(&str, &str)| {
        name.len() < LONGEST_NAME && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    anchor.filter(is_anchor).map_or(begin, |(_, begin)| begin).trim_start_matches(' ')
}

/// Whether the next line is one indented word, as YAML allows the value of a key to be.
fn is_word_below(rest: &str) -> bool {
    let Some(line) = rest.trim_start_matches('\r').strip_prefix('\n').and_then(|rest| rest.split('\n').next()) else {
        return false;
    };
    let word = line.trim();
    word.len() < LONGEST_NAME && line.starts_with(' ') && looks_like_value(word) && !word.contains([':', '=', '(', '"'])
}

/// What follows PHP's note of who may see a property.
fn without_visibility(rest: &str) -> &str {
    let Some(note) = rest.strip_prefix(':') else { return rest };
    let class = note.strip_prefix('"').and_then(|class| class.get(..class.len().min(LONGEST_NAME))?.split_once("\":"));
    let note = class.map_or(note, |(class, _)| note.get(class.len() + 3..).unwrap_or_default());
    let after = note.strip_prefix("protected").or_else(|| note.strip_prefix("private"));
    after.filter(|after| after.starts_with(']')).unwrap_or(rest)
}

/// What follows the type of a variable and its `=`, where a string begins there.
fn after_type(rest: &str) -> Option<&str> {
    static TYPE: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = r#"(?-u)^(?:[ \t]*:[ \t]*|[ \t]+)&?(?:'\w+ )?[*\[\]]*[A-Za-z_][\w.:]*(?:<[\w, :&']*>|\[\])*\??[ \t]*=[ \t]*[bru]?["'`]"#;
    let is_word = rest
        .trim_start_matches([' ', '\t', ':', '&', '*', '[', ']'])
        .starts_with(|first: char| first.is_ascii_alphabetic());
    if !is_word || !rest.starts_with([' ', '\t', ':']) {
        return None;
    }
    let mut end = rest.len().min(LONGEST_TYPE);
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    let window = rest.get(..end)?;
    // Seldom, and this costs less than the pattern.
    window.split('\n').next().filter(|line| line.contains('='))?;
    let found = TYPE.get_or_init(|| Regex::new(pattern).ok()).as_ref()?.find(window)?;
    // Back to the quote, and the letter before it.
    let equals = found.as_str().rfind('=')?;
    Some(rest.get(equals + 1..)?.trim_start_matches([' ', '\t']))
}

/// The secret that a name says is there.
fn assigned(values: &Values<'_>, name: &Name<'_>) -> Option<Span> {
    let text = values.text();
    let place = name.place(text)?;
    let kind = name.kind;
    let at = place.value;
    if place.separator == Separator::Tag {
        return in_tag(text, at, kind);
    }
    if let Some(block) = (place.separator == Separator::Colon).then(|| values.block(at)).flatten() {
        return is_secret(kind, values.of(&block)).then(|| (block.range, kind.rule()));
    }
    match kind {
        SecretKind::Authorization => return authorized(values, name, at),
        SecretKind::Cookie => return cookie(values, at),
        _ => {}
    }
    let value = value_of(values, name, &place)?;
    let shown = values.of(&value);
    let is_wanted = match (value.form, place.separator) {
        (Form::Quoted, Separator::Blank) => {
            (kind == SecretKind::Password || looks_random(shown)) && !shown.contains(char::is_whitespace)
        }
        (Form::Quoted, Separator::Call) => looks_like_value(shown) && closes(text, value.range.end + 1),
        (_, Separator::Call) => {
            let is_word = !shown.contains(['=', '(', ',', '.', '$', '\'']) && kind == SecretKind::Password;
            is_word && looks_random(shown) && closes(text, value.range.end)
        }
        // `PasswordEncoder.java:41` is a line of a trace.
        (_, Separator::Colon) if is_source(name.text) && !place.is_spaced => false,
        // `/run/secrets/token: permission denied`.
        (_, Separator::Colon) if name.before.ends_with('/') => false,
        // "Invalid token: expected a number" is what parsers say.
        (Form::Bare, Separator::Colon) if matches!(kind, SecretKind::Token | SecretKind::Key) && !place.is_quoted => {
            looks_random(shown)
        }
        (Form::Bare, Separator::Flag) => !shown.starts_with('-'),
        (_, Separator::Comma) => value.form == Form::Quoted && name.is_argument(shown),
        (Form::Quoted | Form::Call | Form::Bare | Form::Block, _) => true,
    };
    let is_code = value.form != Form::Quoted && is_code(name.text, name.before, shown, value.form, place.is_spaced);
    (is_wanted && !is_code && is_secret(kind, shown)).then(|| (value.range, kind.rule()))
}

/// Whether a name is that of a source file.
fn is_source(name: &str) -> bool {
    const EXTENSIONS: &str =
        "c cc cpp cs cxx dart ex exs go h hpp java js jsx kt mjs php py rb rs scala swift ts tsx vue";
    name.rsplit_once('.').is_some_and(|(_, extension)| is_among(EXTENSIONS, extension))
}

/// Whether a call is closed at a position.
fn closes(text: &str, at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.trim_start_matches(['"', '\'', '`']).trim_start().starts_with(')'))
}

/// The value where it is neither a header's nor an element's.
fn value_of(values: &Values<'_>, name: &Name<'_>, place: &Place) -> Option<SecretValue> {
    let at = place.value;
    let rest = values.text().get(at..)?;
    if let Some(quoted) = values.quoted(at) {
        return Some(quoted);
    }
    if place.separator == Separator::Equals && !place.is_spaced {
        // `"DB_PASSWORD=a b"`, as Docker lists an environment.
        let is_variable =
            name.text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if let Some(quote) = name.quote().filter(|_| is_variable) {
            let end = values.quoted(name.range.start - quote.len()).map(|quoted| quoted.range.end)?;
            return Some(SecretValue { range: at..end.max(at), form: Form::Bare });
        }
        // A line of a `.env` file has no quotes, and its value may hold commas.
        if name.begins_line() {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            return Some(SecretValue { range: at..at + end, form: Form::Bare });
        }
    }
    // Signatures are lists: `t=1,v1=…`.
    if name.kind == SecretKind::Session && place.separator == Separator::Colon {
        let end = rest.char_indices().find(|(at, next)| {
            // Paddle parts its list by semicolons.
            let is_last = || !rest.get(at + 1..at + 4).is_some_and(|next| next.contains('='));
            next.is_whitespace() || matches!(next, '"' | '\'' | '`') || *next == ';' && is_last()
        });
        let end = end.map(|(at, _)| at);
        let list = rest.get(..end.unwrap_or(rest.len()))?;
        if list.contains('=') {
            return Some(SecretValue {
                range: at..at + list.trim_end_matches([',', '.', ')', '}', '\\']).len(),
                form: Form::Bare,
            });
        }
    }
    values.read(at)
}

/// The text of an XML element, which may have a line of its own.
fn in_tag(text: &str, at: usize, kind: SecretKind) -> Option<Span> {
    let value = text.get(at..)?.split('<').next()?.split("&lt;").next()?;
    let begin = at + (value.len() - value.trim_start().len());
    let value = value.trim();
    (!value.contains('\n') && !value.is_empty() && is_secret(kind, value))
        .then(|| (begin..begin + value.len(), kind.rule()))
}

/// The credentials of a header, which ends where the quote does that it stands in.
fn authorized(values: &Values<'_>, name: &Name<'_>, at: usize) -> Option<Span> {
    let rest = values.text().get(at..)?;
    // Node prints headers as lists: `authorization: [ 'Bearer x' ]`, and Go as `[Bearer x]`.
    let list = rest.trim_start_matches(['[', '(']).trim_start_matches(' ');
    let is_list = list.len() < rest.len() && rest.starts_with(['[', '(']) && !rest.starts_with("[redacted:");
    let at = if is_list { at + rest.len() - list.len() } else { at };
    if let Some(quoted) = values.quoted(at) {
        return authorization::credentials(values.of(&quoted), quoted.range.start, true);
    }
    let line = one_line_of(values.text().get(at..)?);
    let line = if is_list { line.split([']', ')']).next()? } else { line };
    // `-H 'Authorization: Hawk id="…"'`: the quote belongs to the whole header.
    let line = match name.quote().and_then(|quote| quote.chars().next_back()) {
        Some(quote) => line.split(quote).next()?,
        None => line,
    };
    authorization::credentials(line, at, false)
}

/// All that a header says about cookies.
fn cookie(values: &Values<'_>, at: usize) -> Option<Span> {
    let (begin, value) = match values.quoted(at) {
        Some(quoted) => (quoted.range.start, values.of(&quoted)),
        None => (at, values.text().get(at..)?),
    };
    // "cookie: expired" is a message.
    if !value.bytes().take(LONGEST_NAME).take_while(|byte| !b"\n\"'".contains(byte)).any(|byte| byte == b'=') {
        return None;
    }
    let value = one_line_of(value).split(['"', '\'']).next()?;
    is_secret(SecretKind::Cookie, value).then(|| (begin..begin + value.len(), SecretKind::Cookie.rule()))
}

/// The rest of the line, as far as a header's value can reach.
fn one_line_of(value: &str) -> &str {
    let mut end = value.len().min(LONGEST_HEADER);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value.get(..end).unwrap_or_default().split('\n').next().unwrap_or_default()
}

/// What stands before a position, as far as a name and what begins its line can reach: a text may be one huge line.
fn window_before(text: &str, at: usize) -> &str {
    let mut start = at.saturating_sub(2 * LONGEST_NAME);
    // Bytes are counted, and one may lie inside of a character.
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..at).unwrap_or_default()
}
