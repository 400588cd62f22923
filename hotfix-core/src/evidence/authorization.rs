//! Credentials in `Authorization` headers, whatever their scheme.

use crate::domain::is_among;

use super::secret::{NO_VALUES, is_reference, looks_random};
use super::span::{Span, is_masked};
use super::value::bare;

/// Schemes after which the credentials are one word.
const SCHEMES: &str = "\
    bearer basic token apikey api-key api-token negotiate ntlm ssws geniekey bot key oauth splunk goog sharedkey \
    sharedkeylite jwt dpop zoho-oauthtoken";
/// Words that stand after a scheme in messages.
const WORDS: &str =
    "auth authentication authorization credential credentials failed for header in is key realm scheme token";

/// The credentials in the value of a header that begins at `begin`: after the scheme, or all where there is none.
pub(super) fn credentials(value: &str, begin: usize, is_quoted: bool) -> Option<Span> {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let rest = rest.trim_start_matches(' ');
    let after_scheme = value.len() - rest.len();
    let (start, found) = if rest.is_empty() || is_masked(scheme) {
        (
            0,
            Some(bare(value))
                .filter(|value| looks_random(value) || is_quoted && value.bytes().any(|byte| byte.is_ascii_digit()))?,
        )
    } else if has_fields(rest) {
        // A list of fields, and the signature is the last one.
        (after_scheme, rest.trim_end())
    } else {
        let known = scheme.trim_end_matches(':').to_ascii_lowercase();
        let word = bare(rest);
        let is_word = is_among(WORDS, &word.to_ascii_lowercase()) || is_among(NO_VALUES, &word.to_ascii_lowercase());
        // "authorization: denied for bob" is a message, and so is "user 12345678 denied".
        let is_scheme = scheme.contains(|next: char| !next.is_ascii_lowercase());
        let is_alone =
            word.len() == rest.trim_end().len() && word.len() >= 6 && word.bytes().any(|byte| byte.is_ascii_digit());
        let is_secret = is_among(SCHEMES, &known) || is_alone || is_scheme && looks_random(word);
        match is_secret && !is_word {
            true => (after_scheme, word),
            // No scheme at all, and more behind it.
            false => (0, Some(bare(scheme)).filter(|value| looks_random(value) && !is_among(SCHEMES, &known))?),
        }
    };
    let range = begin + start..begin + start + found.len();
    let is_elsewhere = is_reference(found, &found.to_ascii_lowercase());
    (!found.is_empty() && !is_masked(found) && !is_elsewhere).then_some((range, "authorization"))
}

/// Whether a list of fields begins here: `username="bob", …`, `Credential=…`. Base64 ends with `=` at most.
fn has_fields(rest: &str) -> bool {
    let name = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    let after = rest.get(name..).unwrap_or_default();
    name > 0
        && name < 40
        && after.strip_prefix('=').is_some_and(|value| !value.is_empty() && !value.starts_with(['=', ' ', ',', '\'']))
}
