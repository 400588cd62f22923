//! Passwords and tokens before the `@` of URLs; host and path stay readable.

use super::span::{Span, has_mask};

/// The longest URL that is looked at, in characters: a text may be one huge word.
const LONGEST: usize = 4 * 1024;
/// A user name without a password that is at least this long is a token.
const SHORTEST_TOKEN: usize = 20;

/// Finds passwords in URLs.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    for (at, mark) in text.match_indices("://") {
        let begin = at + mark.len();
        let Some(information) = user_information(text.get(begin..).unwrap_or_default()) else { continue };
        let secret = match information.split_once(':') {
            // GitHub takes the token as the user's name.
            Some((token, "" | "x-oauth-basic")) if token.len() >= SHORTEST_TOKEN => 0..token.len(),
            Some((user, password)) if !password.is_empty() => user.len() + 1..information.len(),
            None if information.len() >= SHORTEST_TOKEN => 0..information.len(),
            _ => continue,
        };
        if !has_mask(information) {
            spans.push((begin + secret.start..begin + secret.end, "url-password"));
        }
    }
}

/// What stands before the `@` of the host; `None` when nothing does.
fn user_information(rest: &str) -> Option<&str> {
    let is_end = |character: char| character.is_whitespace() || "\"'`<>".contains(character);
    let authority = up_to(rest, |character| is_end(character) || "/?#".contains(character));
    // The last one: a password may hold an `@`.
    if let Some((information, _host)) = authority.rsplit_once('@') {
        return Some(information);
    }
    // A password may hold a `/` that nobody escaped. What follows a host's `:` is a port, and that is digits.
    let (_user, after) = authority.split_once(':')?;
    let is_port = after.bytes().all(|byte| byte.is_ascii_digit());
    if is_port { None } else { up_to(rest, is_end).rsplit_once('@').map(|(information, _host)| information) }
}

/// The text before the end, which is not looked for too far away.
fn up_to(text: &str, is_end: impl Fn(char) -> bool) -> &str {
    let mut ends = text.char_indices().enumerate();
    let end = ends.find(|(count, (_, next))| *count == LONGEST || is_end(*next));
    text.get(..end.map_or(text.len(), |(_, (at, _))| at)).unwrap_or_default()
}
