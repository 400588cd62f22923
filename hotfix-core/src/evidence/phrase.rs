//! Secrets behind fixed words: OAuth's codes, bare `Bearer` tokens, SQL's `IDENTIFIED BY`, the lines of a `.netrc`.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::name::SecretKind;
use super::secret::{is_secret, looks_like_value, looks_random};
use super::span::{Span, has_mask};
use super::value::Values;

/// What a phrase is followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    /// A parameter that is traded for a token.
    Code,
    Bearer,
    Quoted,
    Word,
    /// A word where a login stands before it on the line, as in a `.netrc`.
    WordOfLogin,
    /// Oracle's `user/password@database`.
    UserAndPassword,
}

/// The phrases. Some are without their first letter, which may be of either case.
const PHRASES: [(&str, Followed); 17] = [
    ("?code=", Followed::Code),
    ("&code=", Followed::Code),
    ("code_verifier=", Followed::Code),
    ("SAMLResponse=", Followed::Code),
    ("earer ", Followed::Bearer),
    ("IDENTIFIED BY ", Followed::Quoted),
    ("identified by ", Followed::Quoted),
    ("assword BY ", Followed::Quoted),
    ("assword by ", Followed::Quoted),
    (" password ", Followed::WordOfLogin),
    ("requirepass ", Followed::Word),
    ("masterauth ", Followed::Word),
    ("assword is ", Followed::Word),
    ("assword was ", Followed::Word),
    ("asswort ist ", Followed::Word),
    ("assphrase is ", Followed::Word),
    ("sqlplus ", Followed::UserAndPassword),
];
/// What the line of such a word has before it, in a `.netrc`.
const LOGIN: &str = "login ";

/// Finds them.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let build = || AhoCorasick::new(PHRASES.iter().map(|(phrase, _)| phrase)).ok();
    let Some(automaton) = AUTOMATON.get_or_init(build) else { return };
    let values = Values::new(text);
    for phrase in automaton.find_overlapping_iter(text) {
        let Some((_, followed)) = PHRASES.get(phrase.pattern().as_usize()) else { continue };
        spans.extend(secret_behind(&values, phrase.start(), phrase.end(), *followed));
    }
}

/// The secret behind a phrase that begins at `start` and ends at `end`.
fn secret_behind(values: &Values<'_>, start: usize, end: usize, followed: Followed) -> Option<Span> {
    let quoted = matches!(followed, Followed::Quoted);
    let value = if quoted { values.quoted(end) } else { values.bare(end) }?;
    let shown = values.of(&value);
    let is_password = |shown: &str| is_secret(SecretKind::Password, shown);
    let is_wanted = match followed {
        Followed::Code => shown.len() >= 16 && looks_random(shown),
        // "bearer of bad news" is prose.
        Followed::Bearer => shown.len() >= 16 && !has_mask(shown),
        Followed::Quoted => is_password(shown),
        // "the password is required" is prose, and so is "a password with 12 characters".
        Followed::Word => looks_like_value(shown) && is_password(shown),
        Followed::WordOfLogin => {
            looks_like_value(shown) && is_password(shown) && line_before(values.text(), start).contains(LOGIN)
        }
        Followed::UserAndPassword => {
            let (user, rest) = shown.split_once('/')?;
            let (password, _) = rest.split_once('@')?;
            let begin = value.range.start + user.len() + 1;
            let is_wanted = !user.is_empty() && is_password(password);
            return is_wanted.then(|| (begin..begin + password.len(), SecretKind::Password.rule()));
        }
    };
    let rule = match followed {
        Followed::Code => "token",
        Followed::Bearer => "authorization",
        _ => SecretKind::Password.rule(),
    };
    is_wanted.then_some((value.range, rule))
}

/// What stands before a position on its line, as far as a line of a `.netrc` reaches.
fn line_before(text: &str, at: usize) -> &str {
    let mut start = at.saturating_sub(200);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default()
}
