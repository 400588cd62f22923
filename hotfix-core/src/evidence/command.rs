//! Secrets in the arguments of programs: behind a flag that names them, and behind flags that only the program explains.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::domain::{file_name, is_among};

use super::name::kind_of;
use super::secret::{is_secret, looks_random};
use super::short::ShortTexts;
use super::span::{Span, Spans, has_mask, occurrences};
use super::value::Values;

/// No command is longer, in bytes: a text may be one huge line.
const LONGEST: usize = 2 * 1024;
/// How much is looked at of a command that another program is named in.
const SHORT: usize = 64;
const RULE: &str = "password";

/// How a flag holds its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// In the next word, or behind a `=`.
    Secret,
    /// Right behind the letter: `-psecret`. Alone it asks.
    Attached,
    /// `name:secret`; the name may stay.
    Login(char),
    /// No flag: the second word, where the first one names it.
    Variable,
    /// No flag: so many words after the command.
    Nth(usize),
    /// No flag: the word after a share of Windows.
    BehindShare,
}

/// Flags of programs that hold a secret and do not say so.
struct Flags {
    programs: &'static str,
    /// Words of which one must stand before the flag; none where it is empty.
    commands: &'static str,
    flags: &'static str,
    holds: Holds,
}

const fn flags(programs: &'static str, commands: &'static str, flags: &'static str, holds: Holds) -> Flags {
    Flags { programs, commands, flags, holds }
}

/// What the manuals of these programs say, read in November 2026.
const FLAGS: [Flags; 21] = [
    flags("curl wget", "", "-u --user -U --proxy-user", Holds::Login(':')),
    flags("http https xh httpie", "", "-a --auth", Holds::Login(':')),
    flags(
        "mysql mysqldump mysqladmin mysqlimport mysqlsh mariadb mariadb-dump mariadb-admin mycli",
        "",
        "-p",
        Holds::Attached,
    ),
    flags("7z 7za", "", "-p", Holds::Attached),
    flags("sshpass", "", "-p", Holds::Attached),
    flags("sshpass", "", "-p", Holds::Secret),
    flags("docker podman nerdctl buildah skopeo helm oras crane az cf oc argocd", "login", "-p", Holds::Secret),
    flags("redis-cli valkey-cli", "", "-a --pass", Holds::Secret),
    flags("mongo mongosh mongodump mongorestore mongoexport mongoimport", "", "-p", Holds::Secret),
    flags("ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd", "", "-w", Holds::Secret),
    flags("sqlcmd bcp isql", "", "-P", Holds::Secret),
    flags("zip unzip plink pscp psftp", "", "-P -pw", Holds::Secret),
    flags("keytool jarsigner", "", "-storepass -keypass", Holds::Secret),
    flags("openssl", "", "-passin -passout -pass", Holds::Secret),
    flags("smbclient rpcclient", "", "-U --user", Holds::Login('%')),
    flags("lftp", "", "-u", Holds::Login(',')),
    flags("setx ENV", "", "", Holds::Variable),
    flags("rabbitmqctl", "add_user change_password authenticate_user", "", Holds::Nth(2)),
    flags("htpasswd", "", "", Holds::Nth(2)),
    flags("net net.exe", "use", "", Holds::BehindShare),
    flags("mc mcli", "alias host", "", Holds::Nth(5)),
];

/// The secret in the word that follows the others of a command.
pub(super) fn argument(line: &[String], word: &str) -> Option<Span> {
    let before: Vec<&str> = line.iter().map(String::as_str).collect();
    named(before.last()?, word).or_else(|| {
        let program = before.iter().position(|word| is_program(file_name(word)))?;
        unnamed(&rows(file_name(before.get(program)?)), before.get(program + 1..)?, word)
    })
}

/// Finds the secrets in commands that a text shows.
pub(super) fn find(text: &str, spans: &mut Spans) {
    static PROGRAMS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    static SHORT_TEXTS: ShortTexts = ShortTexts::new();
    let names = || FLAGS.iter().flat_map(|row| row.programs.split(' '));
    let build = || AhoCorasick::builder().match_kind(aho_corasick::MatchKind::LeftmostLongest).build(names()).ok();
    let programs = if SHORT_TEXTS.may_hold(text, names()) { PROGRAMS.get_or_init(build).as_ref() } else { None };
    let values = Values::new(text);
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(byte));
    let mut behind = 0;
    for program in programs.into_iter().flat_map(|programs| programs.find_iter(text)) {
        let bytes = text.as_bytes();
        let is_word = !is_part(program.start().checked_sub(1).and_then(|before| bytes.get(before)))
            && bytes.get(program.end()).is_some_and(|after| matches!(after, b' ' | b'"' | b'\''));
        if program.start() < behind || !is_word {
            continue;
        }
        behind = arguments(&values, text.get(program.range()).unwrap_or_default(), program.end(), spans);
    }
    logins(&values, spans);
}

/// Finds the secrets in the arguments of a program that begin at `at`, and returns where they end, or where another
/// program stands among them.
fn arguments(values: &Values<'_>, program: &str, at: usize, spans: &mut Spans) -> usize {
    let text = values.text();
    let mut limit = text.len().min(at + LONGEST);
    let mut other = None;
    let rows = rows(program);
    let most = if rows.iter().all(|row| row.holds == Holds::Variable) { 2 } else { usize::MAX };
    let mut before: Vec<&str> = Vec::new();
    let mut end = at;
    while let Some(word) = word_at(values, end).filter(|word| word.start < limit) {
        let shown = text.get(word.clone()).unwrap_or_default();
        if matches!(shown, "|" | "||" | "&&" | ";") {
            break;
        }
        if other.is_none() && is_program(file_name(shown)) {
            // `docker run --rm mysql mysql -psecret`, or a user of this name.
            other = Some(word.start);
            limit = limit.min(word.start + SHORT);
        }
        if let Some((range, rule)) = unnamed(&rows, &before, shown) {
            spans.push((word.start + range.start..word.start + range.end, rule));
        }
        before.push(shown);
        end = word.end;
        if before.len() >= most {
            break;
        }
    }
    other.unwrap_or(end).max(at)
}

/// The next word of a command; `None` at the end of the line.
fn word_at(values: &Values<'_>, mut at: usize) -> Option<Range<usize>> {
    loop {
        let rest = values.text().get(at..)?;
        let next = rest.find(|next: char| next == '\n' || !matches!(next, ' ' | '\t' | ',' | ']'))?;
        let begin = at + next;
        let rest = rest.get(next..)?;
        if rest.starts_with('\n') {
            return None;
        }
        if !rest.starts_with(['"', '\'']) {
            let word = rest.get(..rest.find(char::is_whitespace).unwrap_or(rest.len()))?;
            return Some(begin..begin + word.trim_end_matches(['"', ',']).len().max(1));
        }
        let quoted = values.quoted(begin)?.range;
        // Else a quote that was closed before: the rest of a list as JSON writes it.
        if !quoted.is_empty() && !rest.get(1..).is_some_and(|rest| rest.starts_with([' ', ',', ']'])) {
            return Some(quoted);
        }
        at = begin + 1;
    }
}

/// The secret in a word behind a flag that names it: `--password hunter2`.
fn named(flag: &str, word: &str) -> Option<Span> {
    let name = flag.strip_prefix('-').filter(|name| !name.contains(['=', '"', '\'']) && !word.starts_with('-'))?;
    let kind = kind_of(name.trim_start_matches('-'))?;
    is_secret(kind, word).then(|| (0..word.len(), kind.rule()))
}

fn is_program(word: &str) -> bool {
    static PROGRAMS: OnceLock<HashSet<&str>> = OnceLock::new();
    PROGRAMS.get_or_init(|| FLAGS.iter().flat_map(|row| row.programs.split(' ')).collect()).contains(word)
}

fn rows(program: &str) -> Vec<&'static Flags> {
    FLAGS.iter().filter(|row| is_among(row.programs, program)).collect()
}

/// The secret in a word behind a flag of a program that does not name it.
fn unnamed(rows: &[&Flags], before: &[&str], word: &str) -> Option<Span> {
    let fits = |row: &&&Flags| row.commands.is_empty() || before.iter().any(|word| is_among(row.commands, word));
    rows.iter()
        .filter(fits)
        .filter_map(|row| match row.holds {
            Holds::Variable => named_variable(before, word),
            Holds::Nth(nth) => nth_word(row, nth, before, word),
            Holds::BehindShare => behind_share(before, word),
            _ => held(row, before.last().copied().unwrap_or_default(), word),
        })
        .next()
}

/// `setx DB_PASSWORD hunter2`.
fn named_variable(before: &[&str], word: &str) -> Option<Span> {
    let [name] = before else { return None };
    let kind = kind_of(name).filter(|_| !name.contains(['=', ':']))?;
    is_secret(kind, word).then(|| (0..word.len(), kind.rule()))
}

/// `rabbitmqctl add_user app hunter2`, `htpasswd -b file app hunter2`.
fn nth_word(row: &Flags, nth: usize, before: &[&str], word: &str) -> Option<Span> {
    let command = before.iter().rposition(|word| is_among(row.commands, word));
    let is_wanted = match command {
        Some(command) => before.len() == command + nth,
        None => {
            before.len() >= 3
                && before.iter().any(|flag| flag.starts_with('-') && flag.contains('b'))
                && before.iter().filter(|word| !word.starts_with('-')).count() == 2
        }
    };
    (is_wanted && is_secret(super::name::SecretKind::Password, word)).then_some((0..word.len(), RULE))
}

/// `net use z: \\host\share hunter2 /user:app`.
fn behind_share(before: &[&str], word: &str) -> Option<Span> {
    let is_behind = before.last().is_some_and(|share| share.starts_with(r"\\")) && before.contains(&"use");
    let is_wanted = is_behind && !word.starts_with('/') && is_secret(super::name::SecretKind::Password, word);
    is_wanted.then_some((0..word.len(), RULE))
}

/// The secret in a word, as this row has it.
fn held(row: &Flags, last: &str, word: &str) -> Option<Span> {
    let is_flag = |flag: &str| is_among(row.flags, flag);
    let (value, begin) = match row.holds {
        Holds::Attached => {
            let value = word.strip_prefix(row.flags).filter(|value| !value.starts_with(['-', '=']))?;
            (value, word.len() - value.len())
        }
        Holds::Secret | Holds::Login(_) if is_flag(last) => (word, 0),
        // curl takes `-uname:secret`, too.
        Holds::Login(':') if word.starts_with("-u") && is_flag("-u") => (word.get(2..)?, 2),
        Holds::Variable | Holds::Nth(_) | Holds::BehindShare => return None,
        Holds::Secret | Holds::Login(_) => {
            let (_, value) = word.split_once('=').filter(|(flag, _)| is_flag(flag))?;
            (value, word.len() - value.len())
        }
    };
    let (value, begin) = match row.holds {
        Holds::Login(mark) => {
            let value = value.trim_start_matches(['"', '\'']);
            let password = value.split_once(mark)?.1;
            (password, word.len() - password.len())
        }
        // openssl says where it comes from.
        _ => value.strip_prefix("pass:").map_or((value, begin), |pass| (pass, word.len() - pass.len())),
    };
    let open = value.len() - value.trim_start_matches(['"', '\'']).len();
    let begin = begin + open;
    let value = value.trim_matches(['"', '\'']);
    let is_elsewhere = value.starts_with("env:") || value.starts_with("file:") || value.starts_with('-');
    let is_password = !value.is_empty() && !is_elsewhere && is_secret(super::name::SecretKind::Password, value);
    is_password.then(|| (begin..begin + value.len(), RULE))
}

/// Finds `-u name:secret` where no program is seen. `chown` and `docker run` have a group there, and that is a word.
fn logins(values: &Values<'_>, spans: &mut Spans) {
    let text = values.text();
    for at in [" -u ", " --user ", " --user=", " --proxy-user "]
        .into_iter()
        .flat_map(|flag| occurrences(text, flag).map(|at| at + flag.len()))
    {
        let Some(word) = word_at(values, at) else { continue };
        let shown = text.get(word.clone()).unwrap_or_default();
        let Some((_, password)) = shown.split_once(':') else { continue };
        if looks_random(password) && !has_mask(password) && !password.contains([':', '/']) {
            spans.push((word.end - password.len()..word.end, RULE));
        }
    }
}
