//! Passwords and tokens before the `@` of URLs and data source names; host and path stay readable.

use super::secret::looks_like_value;
use super::span::{Spans, has_mask, occurrences};

/// The longest URL that is looked at, in bytes: a text may be one huge word.
const LONGEST: usize = 4 * 1024;
/// A user name without a password that is at least this long is a token.
const SHORTEST_TOKEN: usize = 20;
const RULE: &str = "url-password";

/// Finds passwords in URLs.
pub(super) fn find(text: &str, spans: &mut Spans) {
    let mut end = 0;
    for at in occurrences(text, "://") {
        let begin = at + "://".len();
        // One word may hold many: its end is looked for once.
        if begin >= end {
            end = begin + word_of(text.get(begin..).unwrap_or_default()).len();
        }
        let Some(information) = text.get(begin..end).and_then(user_information) else { continue };
        let secret = match information.split_once(':') {
            // GitHub takes the token as the user's name.
            Some((token, "" | "x-oauth-basic")) if token.len() >= SHORTEST_TOKEN => 0..token.len(),
            Some((user, password)) if !password.is_empty() => user.len() + 1..information.len(),
            None if information.len() >= SHORTEST_TOKEN => 0..information.len(),
            _ => continue,
        };
        if !has_mask(information) && !is_reference(information.get(secret.clone()).unwrap_or_default()) {
            spans.push((begin + secret.start..begin + secret.end, RULE));
        }
    }
    // Go's MySQL driver: `user:password@tcp(host)/db`.
    for (mark, is_sure) in
        [("@tcp(", true), ("@tcp4(", true), ("@tcp6(", true), ("@unix(", true), ("@(", false), ("@/", false)]
    {
        for at in occurrences(text, mark) {
            let word = word_before(text, at);
            let is_password = |(user, password): &(&str, &str)| {
                // The driver has a host that is not said; so has many a thing that is no login.
                let is_login = is_sure || !user.is_empty() && looks_like_value(password);
                is_login
                    && !password.is_empty()
                    && !has_mask(password)
                    && !user.contains(['/', '='])
                    && !is_reference(password)
            };
            if let Some((_, password)) = word.split_once(':').filter(is_password) {
                spans.push((at - password.len()..at, RULE));
            }
        }
    }
    // Oracle's thin driver: `jdbc:oracle:thin:user/password@host`.
    let mark = ":thin:";
    for at in occurrences(text, mark) {
        let word = word_of(text.get(at + mark.len()..).unwrap_or_default());
        let login = word.split_once('/').filter(|(user, _)| !user.is_empty() && !user.contains('@'));
        let password = login.and_then(|(user, rest)| Some((user, rest.rsplit_once('@')?.0)));
        if let Some((user, password)) = password.filter(|(_, password)| !password.is_empty() && !has_mask(password)) {
            let begin = at + mark.len() + user.len() + 1;
            spans.push((begin..begin + password.len(), RULE));
        }
    }
}

/// What stands before the last `@` that can end the user part; `None` when nothing does.
fn user_information(word: &str) -> Option<&str> {
    let slash = word.find(['/', '?', '#']).unwrap_or(word.len());
    let authority = word.get(..slash)?;
    if let Some((information, host)) = authority.rsplit_once('@') {
        // `p@ss/word@host`: what follows the `@` is no host, and another `@` does follow.
        let is_host = host.contains(['.', ':', '[']) || host == "localhost" || !information.contains(':');
        let further = if is_host { None } else { further_information(word) };
        return Some(further.unwrap_or(information));
    }
    // A password may hold a `/` that nobody escaped. What follows a host's `:` is a port, and that is digits.
    let (user, after) = authority.split_once(':')?;
    let is_port = after.bytes().all(|byte| byte.is_ascii_digit());
    if is_port || user.starts_with('[') { None } else { further_information(word) }
}

/// The text before the last `@` behind which a host can stand.
fn further_information(word: &str) -> Option<&str> {
    word.rmatch_indices('@').map(|(at, _)| word.split_at(at)).find_map(|(information, host)| {
        let host = host.get(1..)?;
        let is_host = host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[');
        // `/@scope/name` is a package, and `?mail=bob@example.com` a parameter.
        let is_part =
            information.ends_with('/') || information.split_once('?').is_some_and(|(_, query)| query.contains('='));
        (is_host && !is_part).then_some(information)
    })
}

/// `$PASSWORD`, `${PASSWORD}`, `<password>`, `****`: where it is, or that it is hidden already.
fn is_reference(password: &str) -> bool {
    let variable =
        password.strip_prefix('$').map(|name| name.trim_start_matches(['{', '(']).trim_end_matches(['}', ')']));
    variable
        .is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        || password.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'))
        || password.starts_with("%s")
        || password.starts_with("{{")
        || password == "{}"
}

/// The word that a text begins with, which is not looked for too far away.
fn word_of(text: &str) -> &str {
    let is_end = |character: char| character.is_whitespace() || "\"'`<>".contains(character);
    let mut limit = text.len().min(LONGEST);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let text = text.get(..limit).unwrap_or_default();
    text.get(..text.find(is_end).unwrap_or(limit)).unwrap_or_default()
}

/// The word that ends at a position.
fn word_before(text: &str, at: usize) -> &str {
    let mut start = at.saturating_sub(LONGEST / 16);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let before = text.get(start..at).unwrap_or_default();
    before.rsplit(|character: char| character.is_whitespace() || "\"'`=".contains(character)).next().unwrap_or_default()
}
