//! What an answer of GitHub means when it is no yes: pure, from status, headers and text.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Deserialize;

use crate::domain::one_line;
use crate::port::{ErrorKind, PortError};

/// How long a limit holds that does not say so.
// What GitHub's documentation asks for where a secondary limit names no time.
const USUAL_WAIT: Duration = Duration::from_secs(60);
/// The longest line of error that is shown, in characters.
pub(super) const LONGEST: usize = 300;
/// Where it is told whether the error is GitHub's.
const STATUS: &str = "https://www.githubstatus.com tells whether GitHub is well";

/// Which kind of no it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ApiErrorKind {
    /// 401: the token is not accepted.
    Unauthorized,
    /// 403: the token may not.
    Forbidden,
    /// 404: not there, or not for this token.
    NotFound,
    /// 405: not possible as things stand.
    NotAllowed,
    /// 409: something else is there now.
    Conflict,
    /// 422: what was asked makes no sense as things stand.
    Unprocessable,
    /// 403 or 429: too many requests; how long the service wants us to wait.
    Limited(Duration),
    /// 5xx.
    Server,
    /// The network, or the time, ran out before the answer was here.
    Network,
    /// An answer, but not of the kind that GitHub gives.
    Garbled,
    /// 3xx: the repository is elsewhere.
    Moved,
    /// Anything else.
    Other,
}

/// Why there is no yes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(super) struct ApiError {
    pub(super) kind: ApiErrorKind,
    /// What happened, one line.
    pub(super) text: String,
    pub(super) hint: Option<String>,
}

impl ApiError {
    pub(super) fn new(kind: ApiErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the service may have done what was asked all the same.
    pub(super) fn may_have_acted(&self) -> bool {
        // A proxy may answer 502 for a request that GitHub carried out.
        matches!(self.kind, ApiErrorKind::Server | ApiErrorKind::Network | ApiErrorKind::Garbled)
    }

    /// How long to wait before asking again, after `attempts`; `None` where asking again makes no sense.
    pub(super) fn pause(&self, attempts: u32) -> Option<Duration> {
        match self.kind {
            ApiErrorKind::Limited(wait) => Some(wait),
            // The cap keeps the power from overflowing; the budget ends it long before.
            _ if self.may_have_acted() => Some(Duration::from_millis(250) * 2_u32.pow(attempts.min(6))),
            _ => None,
        }
    }

    /// The error of a port.
    pub(super) fn into_error(self, doing: &str) -> PortError {
        // The exit code tells scripts whether the same command may do better later.
        let may_pass = self.may_have_acted() || matches!(self.kind, ApiErrorKind::Limited(_));
        let kind = if may_pass { ErrorKind::Retry } else { ErrorKind::Refused };
        let hint = self.hint.clone();
        hint.into_iter().fold(PortError::new(kind, doing, self), PortError::hint)
    }
}

/// What GitHub says when it says no.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApiErrorBody {
    message: String,
    errors: serde_json::Value,
}

/// The no of an answer; `None` for a yes.
pub(super) fn of(status: u16, headers: &HeaderMap, body: &[u8], token_from: &str, now: Timestamp) -> Option<ApiError> {
    if (200..300).contains(&status) {
        return None;
    }
    let said = said(body);
    let words =
        if said.is_empty() { format!("GitHub answers {status}") } else { format!("GitHub answers {status}: {said}") };
    let error = |kind| ApiError::new(kind, words.clone());
    Some(match status {
        // octocrab follows nothing here, so a rename arrives as the redirect that it is.
        300..=399 => ApiError::new(ApiErrorKind::Moved, format!("{words}; the repository may have been renamed"))
            .hint("git config hotfix.forge.repository OWNER/NAME, or fix the remote: git remote set-url"),
        401 => error(ApiErrorKind::Unauthorized)
            .hint(format!("the token from {token_from} is not accepted: gh auth login, or set HOTFIX_GITHUB_TOKEN")),
        // GitHub uses 403 for a missing right and for a limit alike; headers and text tell them apart.
        403 | 429 => match limit(status, headers, &said, now) {
            Some(wait) => limited(&words, wait, now),
            None => error(ApiErrorKind::Forbidden).hint(right_needed(headers, token_from)),
        },
        // Also what a token gets that may not see a private repository: GitHub does not admit that it exists.
        404 => error(ApiErrorKind::NotFound)
            .hint(format!("it is not there, or the token from {token_from} may not see it")),
        405 => error(ApiErrorKind::NotAllowed),
        409 => error(ApiErrorKind::Conflict),
        422 => error(ApiErrorKind::Unprocessable),
        408 | 500.. => error(ApiErrorKind::Server).hint(STATUS),
        _ => error(ApiErrorKind::Other),
    })
}

/// The no of a repository that has another name now.
pub(super) fn renamed(name: &str) -> ApiError {
    ApiError::new(ApiErrorKind::Moved, format!("the repository is called {name} now"))
        .hint(format!("git config hotfix.forge.repository {name}   # or fix the remote: git remote set-url"))
}

/// The no of an answer by GraphQL, which comes with status 200 whatever it is.
pub(super) fn of_graphql(errors: &[&serde_json::Value]) -> ApiError {
    let texts = |key: &str| -> Vec<&str> { errors.iter().filter_map(|error| error.get(key)?.as_str()).collect() };
    let said: String = texts("message").join("; ").chars().take(LONGEST).collect();
    let words = format!("GitHub answers: {said}");
    let kinds = texts("type");
    if kinds.contains(&"RATE_LIMITED") {
        return ApiError::new(ApiErrorKind::Limited(USUAL_WAIT), format!("{words}; it limits requests"));
    }
    // GraphQL has no status: an outage looks like a refusal but for these words.
    if kinds.contains(&"INTERNAL") || said.starts_with("Something went wrong") {
        return ApiError::new(ApiErrorKind::Server, words).hint(STATUS);
    }
    ApiError::new(ApiErrorKind::Unprocessable, words)
}

fn limited(words: &str, wait: Duration, now: Timestamp) -> ApiError {
    let until = i64::try_from(wait.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(now.as_second().checked_add(seconds)?).ok());
    // A reset far beyond the calendar must not panic.
    let until = until.map_or("later".to_owned(), |until| format!("at {until}"));
    ApiError::new(ApiErrorKind::Limited(wait), format!("{words}; it limits requests"))
        .hint(format!("it takes requests again {until}"))
}

/// How long GitHub wants us to wait; `None` where this is no limit but a missing right.
fn limit(status: u16, headers: &HeaderMap, said: &str, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    // Asked first: a secondary limit sends it while plenty remains of the primary one.
    if let Some(wait) = text("retry-after").and_then(|value| retry_after(value, now)) {
        return Some(wait);
    }
    if text("x-ratelimit-remaining") == Some("0") {
        let reset = text("x-ratelimit-reset").and_then(|value| value.parse::<i64>().ok());
        // Our clock may be ahead of GitHub's, and a wait of nothing would spin.
        let seconds = reset.map(|reset| reset.saturating_sub(now.as_second()).max(1));
        return Some(seconds.and_then(|seconds| u64::try_from(seconds).ok()).map_or(USUAL_WAIT, Duration::from_secs));
    }
    let said = said.to_ascii_lowercase();
    // Secondary limits may come without any header.
    let is_limit = status == 429 || said.contains("rate limit") || said.contains("abuse detection");
    is_limit.then_some(USUAL_WAIT)
}

/// Seconds, or a date; what is past or negative is now.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.parse::<i64>() {
        return Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
    }
    // HTTP allows a date there, and proxies send one.
    let date = rfc2822::DateTimeParser::new().parse_zoned(value).ok()?;
    let seconds = date.timestamp().as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn right_needed(headers: &HeaderMap, token_from: &str) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(one_line);
    // The address in the header authorizes exactly this token, so it is worth more than any advice.
    if let Some(url) = text("x-github-sso").and_then(|value| value.split_once("url=").map(|(_, url)| url.to_owned())) {
        return format!("authorize the token from {token_from} for single sign-on: {url}");
    }
    // Fine-grained tokens get the first header, classic ones the second.
    let needed = text("x-accepted-github-permissions").or_else(|| text("x-accepted-oauth-scopes"));
    match needed.filter(|needed| !needed.is_empty()) {
        Some(needed) => format!("the token from {token_from} needs the right {needed}"),
        None => format!("the token from {token_from} lacks the right"),
    }
}

/// What GitHub says in the body, one line of any length; empty where it says nothing that can be read.
fn said(body: &[u8]) -> String {
    let said: ApiErrorBody = serde_json::from_slice(body).unwrap_or_default();
    let mut words = vec![said.message];
    for error in said.errors.as_array().into_iter().flatten() {
        // Depending on the endpoint an error is a text, an object with a message, or a code alone.
        let text = error.as_str().or_else(|| error.get("message").and_then(serde_json::Value::as_str));
        let code = error.get("code").and_then(serde_json::Value::as_str);
        words.extend(text.or(code).map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    one_line(&words.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T09:00:00Z".parse().unwrap()
    }

    #[track_caller]
    fn check(status: u16, headers: &[(&'static str, &str)], body: &str, expected: &str) {
        let headers = headers.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect();
        let found = of(status, &headers, body.as_bytes(), "GH_TOKEN", now());
        let shown = found.map_or("yes".to_owned(), |found| {
            format!("{:?} | {} | {}", found.kind, found.text, found.hint.unwrap_or_default())
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_yes_is_no_trouble() {
        check(200, &[], "", "yes");
        check(204, &[], "", "yes");
    }

    #[test]
    fn each_no_has_its_kind_and_its_mend() {
        check(
            401,
            &[],
            r#"{"message":"Bad credentials"}"#,
            "Unauthorized | GitHub answers 401: Bad credentials | the token from GH_TOKEN is not accepted: gh auth login, or set HOTFIX_GITHUB_TOKEN",
        );
        check(
            403,
            &[("x-accepted-github-permissions", "pull_requests=write")],
            r#"{"message":"Resource not accessible by personal access token"}"#,
            "Forbidden | GitHub answers 403: Resource not accessible by personal access token | the token from GH_TOKEN needs the right pull_requests=write",
        );
        check(
            403,
            &[("x-github-sso", "required; url=https://github.com/orgs/x/sso?a=1")],
            "{}",
            "Forbidden | GitHub answers 403 | authorize the token from GH_TOKEN for single sign-on: https://github.com/orgs/x/sso?a=1",
        );
        check(
            404,
            &[],
            r#"{"message":"Not Found"}"#,
            "NotFound | GitHub answers 404: Not Found | it is not there, or the token from GH_TOKEN may not see it",
        );
        check(
            422,
            &[],
            r#"{"message":"Validation Failed","errors":[{"code":"custom","message":"A pull request already exists for dev:x."}]}"#,
            "Unprocessable | GitHub answers 422: Validation Failed; A pull request already exists for dev:x. | ",
        );
        check(
            301,
            &[("location", "https://api.github.com/repositories/1")],
            "",
            "Moved | GitHub answers 301; the repository may have been renamed | git config hotfix.forge.repository OWNER/NAME, or fix the remote: git remote set-url",
        );
        check(
            502,
            &[],
            "<html>Bad gateway</html>",
            "Server | GitHub answers 502 | https://www.githubstatus.com tells whether GitHub is well",
        );
    }

    #[test]
    fn limits_say_how_long_they_hold() {
        let later = "GitHub answers 429; it limits requests";
        check(
            429,
            &[("retry-after", "30")],
            "",
            &format!("Limited(30s) | {later} | it takes requests again at 2026-11-22T09:00:30Z"),
        );
        check(
            429,
            &[("retry-after", "Sun, 22 Nov 2026 09:00:07 GMT")],
            "",
            &format!("Limited(7s) | {later} | it takes requests again at 2026-11-22T09:00:07Z"),
        );
        check(
            429,
            &[("retry-after", "-5")],
            "",
            &format!("Limited(0ns) | {later} | it takes requests again at 2026-11-22T09:00:00Z"),
        );
        check(
            429,
            &[("retry-after", "1000000000")],
            "",
            &format!("Limited(1000000000s) | {later} | it takes requests again at 2058-07-31T10:46:40Z"),
        );
        check(
            429,
            &[("retry-after", "soon")],
            "",
            &format!("Limited(60s) | {later} | it takes requests again at 2026-11-22T09:01:00Z"),
        );
        check(
            403,
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795338010")],
            r#"{"message":"API rate limit exceeded"}"#,
            "Limited(10s) | GitHub answers 403: API rate limit exceeded; it limits requests | it takes requests again at 2026-11-22T09:00:10Z",
        );
        check(
            403,
            &[],
            r#"{"message":"You have exceeded a secondary rate limit"}"#,
            "Limited(60s) | GitHub answers 403: You have exceeded a secondary rate limit; it limits requests | it takes requests again at 2026-11-22T09:01:00Z",
        );
    }

    #[test]
    fn what_a_server_says_is_one_safe_line() {
        check(400, &[], "{\"message\":\"a\\u001b[31mred\\nline\"}", "Other | GitHub answers 400: ared line | ");
        check(400, &[], "not json at all", "Other | GitHub answers 400 | ");
    }

    #[test]
    fn only_what_may_pass_is_asked_again() {
        assert_eq!(ApiError::new(ApiErrorKind::Server, "").pause(0), Some(Duration::from_millis(250)));
        assert_eq!(ApiError::new(ApiErrorKind::Network, "").pause(2), Some(Duration::from_secs(1)));
        assert_eq!(
            ApiError::new(ApiErrorKind::Limited(Duration::from_secs(9)), "").pause(0),
            Some(Duration::from_secs(9))
        );
        assert_eq!(ApiError::new(ApiErrorKind::NotFound, "").pause(0), None);
        assert_eq!(ApiError::new(ApiErrorKind::Conflict, "").pause(0), None);
    }
}
