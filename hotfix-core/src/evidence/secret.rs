//! Whether a value is a secret, beside a name that says so, or a message, a reference, a type or code.

use crate::domain::is_among;

use super::name::{SecretKind, kind_of};
use super::span::{has_mask, is_masked};
use super::value::{Form, callee, is_type, literals};

/// Words that stand where a value would, in messages and code.
// "the token is invalid" must stay readable: masked, the report would hide its own cause.
pub(super) const NO_VALUES: &str = "\
    true false null none nil undefined yes no required missing invalid incorrect expired empty wrong must is was \
    not cannot set unset string optional ok include omit same-origin permission denied";
/// Types, as declarations have them behind the name.
const TYPES: &str = "any bool boolean byte bytes bytearray char dict int integer list map number object secretstr secretstring str text u8 varchar void vec option path";
/// With what messages about a value begin.
const MESSAGES: &str =
    "is was must has can can't cannot not does doesn't should may required invalid wrong missing too expected expired";
/// Words that follow a flag in sentences about it.
const AFTER_FLAGS: &str = "and argument flag for from in instead option or parameter to with";
/// What functions are called that look a value up. Its name is their argument.
const LOOKUPS: &str = "\
    env environ fetch find get getattr getenv getpass getproperty getitem input lookup param parse pop prompt query \
    read_line require resolve setting value var";
/// With what lines of code begin.
const CODE: &str = "\
    assert async auto await class const def else elif export final fn for func if impl import interface let match mut \
    private protected pub public raise return self static struct this throw type val var while";

/// Whether a value that stands beside the name of a secret is one.
pub(super) fn is_secret(kind: SecretKind, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let first = value.chars().next();
    // `****`: somebody masked it already.
    let is_mask = first.is_none_or(|first| !first.is_alphanumeric() && value.chars().all(|next| next == first));
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let fits = match kind {
        // `max_key: 12` counts something.
        SecretKind::Token | SecretKind::Key => value.len() > 5 || !value.bytes().all(|byte| byte.is_ascii_digit()),
        SecretKind::PerhapsKey => {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=".contains(&byte);
            looks_random(value) && has_digit && value.len() >= 16 && value.bytes().all(is_word) && !is_id(value)
        }
        // "signature: invalid" is a message; session ids are long.
        SecretKind::Session => {
            value.len() >= 16 && looks_random(value) && !is_address(value) && !value.contains(['(', ' '])
        }
        SecretKind::Login => {
            looks_random(value)
                && has_digit
                && value.contains(|next: char| next.is_alphabetic())
                && !value.contains(['(', ' '])
        }
        SecretKind::Password | SecretKind::Authorization | SecretKind::Cookie => true,
    };
    let is_mask = is_mask || is_placeholder(&lower);
    let is_message = value.split_once(' ').is_some_and(|(first, _)| is_among(MESSAGES, &first.to_ascii_lowercase()));
    let is_word = [NO_VALUES, TYPES, AFTER_FLAGS].iter().any(|words| is_among(words, &lower));
    fits && !is_mask && !is_message && !is_word && !is_reference(value, &lower) && !is_masked(value)
}

/// Whether somebody wrote that a value belongs there: `[FILTERED]`, `YOUR_API_KEY`.
fn is_placeholder(lower: &str) -> bool {
    const HIDDEN: &str = "filtered redacted masked hidden removed omitted sanitized secret snip none null";
    let word = lower.trim_matches(['[', ']', '<', '>', '(', ')', '{', '}', '*', '-', '_', ' ']);
    let is_bracketed = word.len() < lower.len() && is_among(HIDDEN, word);
    is_bracketed
        || ["your_", "your-", "my_secret", "my-secret", "change_me", "xxxx"].iter().any(|start| word.starts_with(start))
}

/// Whether a value says where the secret is: `$TOKEN`, `process.env.TOKEN`, `vault:…`. That is what a reader needs.
pub(super) fn is_reference(value: &str, lower: &str) -> bool {
    const PLACES: [&str; 16] = [
        "{{",
        "%(",
        "<",
        "process.env",
        "os.environ",
        "os.getenv",
        "env.",
        "vault:",
        "arn:",
        "op://",
        "ssm:",
        "!ref",
        "!sub",
        "@microsoft.keyvault",
        "secretref:",
        "projects/",
    ];
    let variable = value.strip_prefix('$').is_some_and(|name| {
        let word = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let after = name.get(word..).unwrap_or_default();
        let is_name = word > 0 && !name.starts_with(|first: char| first.is_ascii_digit());
        // `$1` is a parameter of SQL.
        let is_parameter = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        name.starts_with(['{', '('])
            || is_parameter
            || is_name && (after.is_empty() || after.starts_with(['-', '[', '.', ':', ')']))
    });
    // `/run/secrets/token`, `./token`; base64 may begin with a slash, too, but has no second one so soon.
    let is_path = value.starts_with("./")
        || value.starts_with("~/")
        || value.strip_prefix('/').is_some_and(|path| {
            let parts = || path.split('/');
            (parts().count() > 1 || path.len() < 12)
                && parts().all(|part| {
                    let is_number = parts().count() > 2 && part.bytes().all(|byte| byte.is_ascii_digit());
                    is_number || part.bytes().all(|byte| byte.is_ascii_lowercase() || b"._-".contains(&byte))
                })
        });
    variable || is_path || PLACES.iter().any(|start| lower.starts_with(start))
}

/// Whether a value without quotes is code: a call, a field, the name of something else.
pub(super) fn is_code(name: &str, before: &str, value: &str, form: Form, is_spaced: bool) -> bool {
    let first = before.split_whitespace().next().unwrap_or_default();
    let is_line = is_among(CODE, first.trim_start_matches('(')) || before.trim_end().ends_with(['.', '(']) && is_spaced;
    if form == Form::Call {
        return is_code_call(value, is_line, is_spaced);
    }
    let value = value.trim_end_matches([';', '?', ')']);
    let is_identifier =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let parts: Vec<&str> = value.split(['.', ':']).filter(|part| !part.is_empty()).collect();
    let is_field = parts.len() > 1 && parts.iter().all(|part| is_identifier(part));
    let is_same = value.eq_ignore_ascii_case(name.rsplit(['.', '-']).next().unwrap_or(name));
    let is_name = is_identifier(value) && is_spaced && is_line;
    let is_element = value.split_once('[').is_some_and(|(array, index)| {
        array.split('.').all(is_identifier)
            && index.trim_end_matches(']').bytes().all(|byte| byte.is_ascii_digit())
            && !index.is_empty()
    });
    // `Client(api_key=settings.API_KEY)`.
    let is_secret_field = is_field && parts.last().is_some_and(|last| kind_of(last).is_some());
    // `token: Token::Identifier`.
    let is_path = is_field && value.contains("::");
    is_same || is_name || is_element || is_secret_field || is_path || is_field && (is_spaced || is_line)
}

/// Whether a call is code, and not the debug output of a value.
fn is_code_call(call: &str, is_line: bool, is_spaced: bool) -> bool {
    let name = callee(call);
    let inside = call.get(name.len()..).unwrap_or_default();
    let last = name.split('<').next().unwrap_or_default().rsplit(['.', ':', '!']).next().unwrap_or_default();
    let literals = literals(inside);
    let is_known = |literal: &&str| {
        literal.is_empty()
            || is_masked(literal)
            || is_among(NO_VALUES, &literal.to_ascii_lowercase())
            || literal.contains(' ') && name.is_empty()
    };
    let is_type = is_type(name);
    if !literals.is_empty() {
        let lower = last.to_ascii_lowercase();
        let is_lookup = !is_type
            && (lower.split('_').any(|word| is_among(LOOKUPS, word))
                || lower.starts_with("get")
                || lower.ends_with("env"));
        let is_wanted = |literal: &&str| {
            !is_known(literal) && (is_type || name.is_empty() || name.ends_with(')') || looks_like_value(literal))
        };
        // PHP: `string(8) "…"`.
        let is_shown = inside.starts_with('(') && call.ends_with(['"', '\'']);
        return !is_shown && (is_lookup || !literals.iter().any(is_wanted));
    }
    let is_shown = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit()) && !word.is_empty();
    let mut words = inside.split(|next: char| !next.is_alphanumeric() && !"_-+/!@#%^*".contains(next));
    let is_method = is_spaced
        && !is_type
        && name.contains('.')
        && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_.".contains(&byte));
    let is_plain = is_method || !words.any(is_shown);
    // `Some(token)`, `Optional[str]`, `parse(input)`, `Token { kind, value }`.
    if name.is_empty() || inside.starts_with('{') {
        return is_plain;
    }
    is_plain
        && (is_line
            || !is_type
            || inside.split(['(', '[', ')', ']']).any(|word| is_among(TYPES, &word.to_ascii_lowercase()))
            || inside.contains('.'))
}

/// Whether a string can be a password or token, and not the name of one.
pub(super) fn looks_like_value(text: &str) -> bool {
    text.len() >= 6 && !text.contains(' ') && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a word is more likely a token than a word.
pub(super) fn looks_random(value: &str) -> bool {
    !has_mask(value)
        && (value.len() >= 8 && value.bytes().any(|byte| byte.is_ascii_digit())
            || value.len() >= 16 && value.bytes().any(|byte| byte.is_ascii_uppercase())
            || value.len() >= 24)
}

/// Whether it is the address of a network card.
fn is_address(value: &str) -> bool {
    value.contains([':', '-']) && value.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-'))
}

/// Whether it is a UUID.
fn is_id(value: &str) -> bool {
    value.len() == 36 && value.bytes().filter(|byte| *byte == b'-').count() == 4
}
