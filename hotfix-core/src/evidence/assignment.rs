//! Values whose name says that they are secret: `key=value`, JSON, YAML, XML, headers and flags.

use crate::domain::is_among;

use super::name::{SecretKind, kind_of};
use super::span::{Span, has_mask, is_masked};

/// The longest name that is looked at, in bytes.
const LONGEST_NAME: usize = 96;
/// The longest value of a header that is looked at, in characters.
const LONGEST_HEADER: usize = 8 * 1024;
/// Authorization schemes, after which the credentials stand.
const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "apikey", "negotiate", "ntlm"];
/// Words that stand where a value would, in messages and code.
// "the token is invalid" must stay readable: masked, the report would hide its own cause.
const NO_VALUES: &str = "\
    true false null none nil undefined yes no required missing invalid incorrect expired empty wrong must is was \
    not cannot set unset string optional";

/// Finds values by their names.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut covered = 0;
    for (at, separator) in text.match_indices([':', '=', '>']) {
        if let Some(span) = Some(at).filter(|at| *at >= covered).and_then(|at| assigned(text, at, separator)) {
            // A value may hold a `=` itself, as base64 does at its end.
            covered = span.0.end;
            spans.push(span);
        }
    }
    // Logs hold whole commands; there the flag names the secret.
    for (at, _) in text.match_indices(" -") {
        let (flag, rest) = text.get(at + 1..).unwrap_or_default().split_once(' ').unwrap_or_default();
        let begin = at + flag.len() + 2;
        spans.extend(after_flag(flag, bare(rest)).map(|(range, rule)| (begin + range.start..begin + range.end, rule)));
    }
    // Without the first letter, which may be of either case.
    for (at, word) in text.match_indices("earer ") {
        let begin = at + word.len();
        let token = bare(text.get(begin..).unwrap_or_default());
        // "bearer of bad news" is prose.
        if token.len() >= 16 && !has_mask(token) {
            spans.push((begin..begin + token.len(), "authorization"));
        }
    }
}

/// The secret in the word that follows a flag: `--password hunter2`, `-u name:hunter2`.
pub(super) fn after_flag(flag: &str, word: &str) -> Option<Span> {
    let name = flag.strip_prefix('-').filter(|name| !name.contains(['=', '"', '\'']) && !word.starts_with('-'))?;
    // curl's way to write a login; the user's name may stay.
    if ["u", "-user"].contains(&name) {
        let (user, password) = word.split_once(':')?;
        return (!password.is_empty() && !is_masked(password)).then(|| (user.len() + 1..word.len(), "password"));
    }
    let kind = kind_of(name.trim_start_matches('-'))?;
    is_secret(kind, word).then(|| (0..word.len(), kind.rule()))
}

/// The secret that follows the separator at `at`.
fn assigned(text: &str, at: usize, separator: &str) -> Option<Span> {
    let (before, after) = (window_before(text, at), text.get(at + 1..)?);
    let name = name_before(before, separator)?;
    let kind = kind_of(name.text)?;
    if separator == ">" {
        let value = after.split('<').next().filter(|value| !value.contains('\n'))?;
        return is_secret(kind, value).then(|| (at + 1..at + 1 + value.len(), kind.rule()));
    }
    let trimmed = after.trim_start_matches(['=', '>', ' ', '\t']);
    // Node prints headers as lists: `authorization: [ 'Bearer x' ]`.
    let is_list = trimmed.starts_with("[\"") || trimmed.starts_with("['");
    let gap = after.len() - trimmed.len() + usize::from(is_list);
    let (quote, value) = quoted(after.get(gap..)?);
    let begin = at + 1 + gap + quote.len();
    let value = match (kind, quote) {
        (SecretKind::Authorization, "") => return authorization(value, begin),
        // The quote belongs to the whole header.
        (SecretKind::Authorization, _) => return authorization(value.split(['"', '\'']).next()?, begin),
        // "cookie: expired" is a message.
        (SecretKind::Cookie, _) if !has_pair(value) => return None,
        (SecretKind::Cookie, _) => one_line_of(value).split(['"', '\'']).next()?,
        // A line of a `.env` file has no quotes, and its value may hold commas.
        (_, "") if name.begins_line && separator == "=" => value.split(char::is_whitespace).next()?,
        (_, "") => bare(value),
        _ => value,
    };
    // "Invalid token: expected a number" is what parsers say.
    let is_prose = quote.is_empty() && !name.is_quoted && separator == ":" && kind == SecretKind::Token;
    let is_wanted = if is_prose { looks_random(value) } else { true };
    (is_wanted && is_secret(kind, value)).then(|| (begin..begin + value.len(), kind.rule()))
}

struct Name<'a> {
    text: &'a str,
    is_quoted: bool,
    begins_line: bool,
}

/// The name that ends where `before` ends.
fn name_before<'a>(before: &'a str, separator: &str) -> Option<Name<'a>> {
    let trimmed = match separator {
        ">" => before.rsplit_once('<').map(|(_, tag)| tag.split(' ').next().unwrap_or(tag))?,
        _ => before.trim_end_matches([' ', '\t', '"', '\'', '\\', ']', '`', ':']),
    };
    let is_quoted = before.get(trimmed.len()..).is_some_and(|rest| rest.contains(['"', '\'']));
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let length = trimmed.bytes().rev().take_while(is_part).take(LONGEST_NAME).count();
    let (before, text) = trimmed.split_at_checked(trimmed.len() - length)?;
    // Masking twice must be masking once.
    if before.ends_with("[redacted:") {
        return None; // The name of a rule is no name.
    }
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    // What shells, `set -x`, Docker and its files put before an assignment.
    let begins_line = ["", "export", "set", "-e", "+", "ENV"].contains(&line);
    (!text.is_empty()).then_some(Name { text, is_quoted, begins_line })
}

/// The quote that a value begins with, perhaps escaped, and the value up to its end.
fn quoted(after: &str) -> (&str, &str) {
    for quote in ["\\\"", "\"", "\\'", "'", "`"] {
        let Some(rest) = after.strip_prefix(quote) else { continue };
        // An escaped quote belongs to the value: JSON within JSON is common in logs.
        let is_end = |at: usize| rest.get(at..).is_some_and(|end| end.starts_with(quote)) && !is_escaped(rest, at);
        let ends = rest.char_indices().find(|(at, character)| *character == '\n' || is_end(*at));
        let end = ends.map_or(rest.len(), |(at, _)| at);
        return (after.get(..quote.len()).unwrap_or_default(), rest.get(..end).unwrap_or_default());
    }
    ("", after)
}

/// The rest of the line, as far as a header's value can reach.
fn one_line_of(value: &str) -> &str {
    let end = value.char_indices().take(LONGEST_HEADER).find(|(_, character)| *character == '\n');
    let end = end.or_else(|| value.char_indices().nth(LONGEST_HEADER)).map_or(value.len(), |(at, _)| at);
    value.get(..end).unwrap_or_default()
}

/// Whether a cookie's name and `=` stand here.
fn has_pair(value: &str) -> bool {
    value.bytes().take(LONGEST_NAME).take_while(|byte| !b"\n\"'".contains(byte)).any(|byte| byte == b'=')
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

fn is_escaped(line: &str, at: usize) -> bool {
    let slashes = line.get(..at).unwrap_or_default().bytes().rev().take_while(|byte| *byte == b'\\').count();
    slashes % 2 == 1
}

/// A value without quotes: up to a blank, a quote, the next parameter or the next assignment.
fn bare(value: &str) -> &str {
    let is_end = |(at, character): (usize, char)| match character {
        '&' | '"' | '\'' | '`' | '<' | '>' => true,
        ',' | ';' => {
            let rest = value.get(at + 1..).unwrap_or_default();
            let word: &str = rest.split(|next: char| !next.is_alphanumeric() && next != '_').next().unwrap_or_default();
            rest.starts_with(['"', '\'', '\\', ' ', '\n'])
                || rest.is_empty()
                // A comma may belong to a password; before another assignment it ends one.
                || rest.get(word.len()..).is_some_and(|rest| rest.starts_with(['=', ':']))
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

/// The credentials after the scheme, or the value where there is no scheme that we know.
fn authorization(value: &str, begin: usize) -> Option<Span> {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let rest = rest.trim_start_matches(' ');
    let after_scheme = value.len() - rest.len();
    let (start, credentials) = match scheme.to_ascii_lowercase().as_str() {
        // These have a list of fields, and the signature is the last one.
        "digest" | "aws4-hmac-sha256" => (after_scheme, one_line_of(rest).trim_end()),
        known if SCHEMES.contains(&known) => (after_scheme, bare(rest)),
        _ => (0, Some(bare(value)).filter(|value| looks_random(value))?),
    };
    let range = begin + start..begin + start + credentials.len();
    (!credentials.is_empty() && !is_masked(credentials)).then_some((range, "authorization"))
}

fn is_secret(kind: SecretKind, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    // `$TOKEN` and `process.env.TOKEN` name a secret, and are what a reader needs.
    let is_reference =
        ["$", "{{", "%(", "<", "process.env", "os.environ", "env."].iter().any(|start| lower.starts_with(start));
    let first = value.chars().next();
    // `****`: somebody masked it already.
    let is_mask = first.is_none_or(|first| !first.is_alphanumeric() && value.chars().all(|next| next == first));
    let fits = match kind {
        // `max_key: 12` counts something.
        SecretKind::Token | SecretKind::Key => value.len() > 5 || !value.bytes().all(|byte| byte.is_ascii_digit()),
        // "signature: invalid" is a message; session ids are long.
        SecretKind::Session => value.len() >= 16 && !has_mask(value),
        SecretKind::Password | SecretKind::Authorization | SecretKind::Cookie => true,
    };
    fits && !is_reference && !is_mask && !is_among(NO_VALUES, &lower) && !is_masked(value)
}

/// Whether a word is more likely a token than a word.
fn looks_random(value: &str) -> bool {
    !has_mask(value)
        && (value.len() >= 8 && value.bytes().any(|byte| byte.is_ascii_digit())
            || value.len() >= 16 && value.bytes().any(|byte| byte.is_ascii_uppercase())
            || value.len() >= 24)
}
