//! Secrets behind fixed words: OAuth's codes, bare `Bearer` tokens, SQL's `IDENTIFIED BY`, the lines of a `.netrc`.

use super::name::SecretKind;
use super::secret::{is_secret, looks_like_value, looks_random};
use super::span::{Span, has_mask};
use super::value::Values;

/// Parameters of URLs whose value is traded for a token.
const CODES: [&str; 4] = ["?code=", "&code=", "code_verifier=", "SAMLResponse="];
/// What stands before the word of a password, where no sign does.
const BEFORE_WORD: [&str; 7] =
    [" password ", "requirepass ", "masterauth ", "assword is ", "assword was ", "asswort ist ", "assphrase is "];
/// What the line of such a word has before it, in a `.netrc`.
const LOGIN: &str = "login ";

/// Finds them.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let values = Values::new(text);
    for (at, parameter) in CODES.iter().flat_map(|name| text.match_indices(name)) {
        let Some(code) = values.bare(at + parameter.len()) else { continue };
        if code.range.len() >= 16 && looks_random(values.of(&code)) {
            spans.push((code.range, "token"));
        }
    }
    // Without the first letter, which may be of either case.
    for (at, word) in text.match_indices("earer ") {
        let Some(token) = values.bare(at + word.len()) else { continue };
        // "bearer of bad news" is prose.
        if token.range.len() >= 16 && !has_mask(values.of(&token)) {
            spans.push((token.range, "authorization"));
        }
    }
    for (at, phrase) in
        ["IDENTIFIED BY ", "identified by ", "assword BY ", "assword by "].iter().flat_map(|by| text.match_indices(by))
    {
        let Some(password) = values.quoted(at + phrase.len()) else { continue };
        if is_secret(SecretKind::Password, values.of(&password)) {
            spans.push((password.range, SecretKind::Password.rule()));
        }
    }
    for (at, phrase) in BEFORE_WORD.iter().flat_map(|phrase| text.match_indices(phrase)) {
        let Some(word) = values.bare(at + phrase.len()) else { continue };
        let is_login = || line_before(text, at).contains(LOGIN);
        // "the password is required" is prose, and so is "a password with 12 characters".
        let is_word = looks_like_value(values.of(&word)) && (!phrase.starts_with(' ') || is_login());
        if is_word && is_secret(SecretKind::Password, values.of(&word)) {
            spans.push((word.range, SecretKind::Password.rule()));
        }
    }
    // Oracle's `sqlplus user/password@database`.
    for (at, program) in text.match_indices("sqlplus ") {
        let Some(login) = values.bare(at + program.len()) else { continue };
        let password = values.of(&login).split_once('/').and_then(|(user, rest)| Some((user, rest.split_once('@')?.0)));
        if let Some((user, password)) =
            password.filter(|(user, password)| !user.is_empty() && is_secret(SecretKind::Password, password))
        {
            let begin = login.range.start + user.len() + 1;
            spans.push((begin..begin + password.len(), SecretKind::Password.rule()));
        }
    }
}

/// What stands before a position on its line, as far as a line of a `.netrc` reaches.
fn line_before(text: &str, at: usize) -> &str {
    let mut start = at.saturating_sub(200);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default()
}
