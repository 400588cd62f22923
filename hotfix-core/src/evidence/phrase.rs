//! Secrets behind fixed words: OAuth's codes, bare `Bearer` tokens, SQL's `IDENTIFIED BY`, the lines of a `.netrc`.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::name::SecretKind;
use super::secret::{is_secret, looks_like_value, looks_random};
use super::short::ShortTexts;
use super::span::{Span, Spans, has_mask};
use super::value::Values;

/// What a phrase is followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    /// A parameter that is traded for a token.
    Code,
    /// The same where a form begins with it.
    FormCode,
    /// The same in JSON that says what it is traded for.
    JsonCode,
    Bearer,
    Quoted,
    Word,
    /// A word where a login stands before it on the line, as in a `.netrc`.
    WordOfLogin,
    /// Oracle's `user/password@database`.
    UserAndPassword,
    /// `user:password`.
    Login,
    /// Redis' command, which takes a name too.
    Auth,
    /// The program reads what the one before it prints.
    Stdin,
}

/// The phrases. Some are without their first letter, which may be of either case.
const PHRASES: [(&str, Followed); 25] = [
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
    ("login=", Followed::Login),
    ("userpwd=", Followed::Login),
    ("user=", Followed::Login),
    ("chpasswd <<< ", Followed::Login),
    ("AUTH", Followed::Auth),
    ("--password-stdin", Followed::Stdin),
    ("code=", Followed::FormCode),
    ("\"code\":", Followed::JsonCode),
];
/// What the line of such a word has before it, in a `.netrc`.
const LOGIN: &str = "login ";

/// What JSON has beside a code that is traded for a token.
const GRANT: &str = "\"grant_type\"";

/// Finds them.
pub(super) fn find(text: &str, spans: &mut Spans) {
    static AUTOMATON: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    static SHORT_TEXTS: ShortTexts = ShortTexts::new();
    let phrases = || PHRASES.iter().map(|(phrase, _)| *phrase);
    if !SHORT_TEXTS.may_hold(text, phrases()) {
        return;
    }
    let build = || AhoCorasick::new(phrases()).ok();
    let Some(automaton) = AUTOMATON.get_or_init(build) else { return };
    let values = Values::new(text);
    for phrase in automaton.find_overlapping_iter(text) {
        let Some((_, followed)) = PHRASES.get(phrase.pattern().as_usize()) else { continue };
        spans.extend(secret_behind(&values, phrase.start(), phrase.end(), *followed));
    }
}

/// The secret behind a phrase that begins at `start` and ends at `end`.
fn secret_behind(values: &Values<'_>, start: usize, end: usize, followed: Followed) -> Option<Span> {
    match followed {
        Followed::Auth => return of_redis(values, start, end),
        Followed::Stdin => return printed_before(values, start),
        _ => {}
    }
    let text = values.text();
    let is_json = followed == Followed::JsonCode;
    let end = if is_json && text.get(end..)?.starts_with(' ') { end + 1 } else { end };
    let quoted = is_json || followed == Followed::Quoted;
    let value = if quoted { values.quoted(end) } else { values.bare(end) }?;
    let shown = values.of(&value);
    let is_password = |shown: &str| is_secret(SecretKind::Password, shown);
    let is_wanted = match followed {
        Followed::Code => shown.len() >= 16 && looks_random(shown),
        // "code=" alone may be an error's; a form has other fields.
        Followed::FormCode => {
            let is_form = values.text().get(value.range.end..).is_some_and(|rest| rest.starts_with('&'));
            is_form && shown.len() >= 16 && looks_random(shown)
        }
        Followed::JsonCode => {
            let is_login =
                line_before(text, start).contains(GRANT) || line_behind(text, value.range.end).contains(GRANT);
            is_login && shown.len() >= 16 && looks_random(shown)
        }
        // "bearer of bad news" is prose.
        Followed::Bearer => shown.len() >= 16 && !has_mask(shown),
        Followed::Quoted => is_password(shown),
        // "the password is required" is prose, and so is "a password with 12 characters".
        Followed::Word => looks_like_value(shown) && is_password(shown),
        Followed::WordOfLogin => {
            looks_like_value(shown) && is_password(shown) && line_before(values.text(), start).contains(LOGIN)
        }
        Followed::Login => {
            let (user, password) = shown.split_once(':')?;
            let begin = value.range.end - password.len();
            let is_wanted = !user.is_empty()
                && !password.contains(['/', ':'])
                && looks_like_value(password)
                && is_password(password);
            return is_wanted.then(|| (begin..value.range.end, SecretKind::Password.rule()));
        }
        Followed::Auth | Followed::Stdin => false,
        Followed::UserAndPassword => {
            let (user, rest) = shown.split_once('/')?;
            let (password, _) = rest.split_once('@')?;
            let begin = value.range.start + user.len() + 1;
            let is_wanted = !user.is_empty() && is_password(password);
            return is_wanted.then(|| (begin..begin + password.len(), SecretKind::Password.rule()));
        }
    };
    let rule = match followed {
        Followed::Code | Followed::FormCode | Followed::JsonCode => "token",
        Followed::Bearer => "authorization",
        _ => SecretKind::Password.rule(),
    };
    is_wanted.then_some((value.range, rule))
}

/// `AUTH hunter2`, `AUTH default hunter2`, and as `MONITOR` shows it, with quotes.
fn of_redis(values: &Values<'_>, start: usize, end: usize) -> Option<Span> {
    let text = values.text();
    let is_command = before(text, start).is_none_or(|before| matches!(before, '\n' | '"' | '\'' | ' ' | '>'));
    let mut at = end;
    let mut found = None;
    // The last of at most two words; more are a sentence.
    for _ in 0..3 {
        let rest = text.get(at..)?;
        let blanks = rest.trim_start_matches('"').trim_start_matches([' ', '\t']);
        if blanks.is_empty() || blanks.starts_with(['\n', '\r']) {
            break;
        }
        let begin = text.len() - blanks.len();
        let value = values
            .quoted(begin)
            .or_else(|| values.bare(begin))
            .filter(|value| begin > at && !value.range.is_empty())?;
        at = value.range.end;
        found = Some(value.range);
    }
    let range = found.filter(|_| {
        is_command
            && text.get(at..).is_none_or(|rest| {
                rest.trim_start_matches(['"', '\'']).starts_with(['\n', '\r'])
                    || rest.trim_start_matches(['"', '\'']).is_empty()
            })
    })?;
    let shown = text.get(range.clone())?;
    (looks_like_value(shown) && is_secret(SecretKind::Password, shown)).then(|| (range, SecretKind::Password.rule()))
}

/// `echo hunter2 | docker login --password-stdin`.
fn printed_before(values: &Values<'_>, at: usize) -> Option<Span> {
    let line = line_before(values.text(), at);
    let (echo, _) = line.rsplit_once('|')?;
    let word = echo.rsplit_once("echo ").or_else(|| echo.rsplit_once("printf "))?.1;
    let word = word.trim().trim_start_matches("-n ").trim_matches(['"', '\'', ' ']);
    let begin = at - line.len() + line.find(word)?;
    (!word.contains(' ') && is_secret(SecretKind::Password, word))
        .then(|| (begin..begin + word.len(), SecretKind::Password.rule()))
}

fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// What stands before a position on its line, as far as a line of a `.netrc` reaches.
fn line_before(text: &str, at: usize) -> &str {
    let mut start = at.saturating_sub(200);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default()
}

/// What stands behind a position on its line, as far.
fn line_behind(text: &str, at: usize) -> &str {
    let mut end = text.len().min(at + 200);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(at..end).unwrap_or_default().split('\n').next().unwrap_or_default()
}
