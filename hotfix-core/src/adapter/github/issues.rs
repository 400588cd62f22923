//! Issues: filed once, however often it is tried.

use http::Method;
use serde_json::json;

use crate::domain::one_line;
use crate::port::{FiledIssue, Issue};

use super::client::Client;
use super::error::ApiError;
use super::proposal::make_labels;
use super::responses;

/// Files an issue, unless one with its marker is there.
pub(super) fn file(client: Client<'_>, issue: &Issue) -> Result<FiledIssue, ApiError> {
    // An issue cannot be deleted by most: filed twice, it stays twice.
    if let Some(there) = filed(client, issue)? {
        return Ok(there);
    }
    make_labels(client, &issue.labels)?;
    let question = json!({ "title": issue.title, "body": issue.body, "labels": issue.labels });
    let path = client.path("/issues");
    match client.send::<responses::ApiIssue>(&Method::POST, &path, &question) {
        Ok(made) => Ok(told(&made)),
        Err(error) if error.may_have_acted() => match filed(client, issue)? {
            Some(there) => Ok(there),
            // It did nothing the first time, as was just seen.
            None => client.send::<responses::ApiIssue>(&Method::POST, &path, &question).map(|made| told(&made)),
        },
        Err(error) => Err(error),
    }
}

/// The issue that holds the marker, among the newest. It is not looked for by its labels: GitHub drops those that the token's
/// owner may not set, and says nothing.
fn filed(client: Client<'_>, issue: &Issue) -> Result<Option<FiledIssue>, ApiError> {
    let holds = |found: &responses::ApiIssue| {
        found.body.as_deref().unwrap_or_default().lines().any(|line| line.trim_end() == issue.marker)
    };
    let path = client.path("/issues?state=all&sort=created&direction=desc");
    let pages: Vec<Vec<responses::ApiIssue>> = client.pages(&path, |page: &Vec<_>| page.iter().any(holds))?;
    Ok(pages.iter().flatten().find(|found| holds(found)).map(told))
}

fn told(issue: &responses::ApiIssue) -> FiledIssue {
    FiledIssue { number: issue.number, url: one_line(&issue.html_url) }
}
