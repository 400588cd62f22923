//! Merging exactly the tested commit, now or when all is there, and closing without.

use http::Method;
use serde_json::{Value as Json, json};

use crate::port::{MergeAnswer, MergeMethod, MergeRequest};

use super::client::Client;
use super::error::{ApiError, ApiErrorKind};
use super::pull_request_status::object_id;
use super::responses::{ApiPull, ApiSha};

/// How often the merge is read back until it shows.
const LOOKS: u32 = 5;

/// Merges, and reads back that it did. The head's id goes with it, so that asking twice merges once.
pub(super) fn merge(client: Client<'_>, merge: &MergeRequest) -> Result<MergeAnswer, ApiError> {
    let (title, message) = merge.message.split_once('\n').unwrap_or((&merge.message, ""));
    // GitHub then refuses if the head moved: what was tested is merged, or nothing.
    let mut question = json!({ "sha": merge.head, "merge_method": merge.method.key() });
    // A rebase keeps the commits' own messages.
    if let (Some(fields), false) = (question.as_object_mut(), merge.method == MergeMethod::Rebase) {
        fields.insert("commit_title".to_owned(), title.into());
        fields.insert("commit_message".to_owned(), message.trim_start().into());
    }
    let path = client.path(&format!("/pulls/{}/merge", merge.number));
    let said = match client.send_again::<ApiSha>(&Method::PUT, &path, &question) {
        Ok(done) => return confirmed(client, merge, Some(&done)),
        Err(error) => error,
    };
    // Whatever it says: an earlier request whose answer was lost, or somebody else, may have merged it.
    let pull = pull(client, merge.number)?;
    if pull.is_merged() {
        return confirmed(client, merge, None);
    }
    if pull.head.sha != merge.head.as_str() {
        return Ok(MergeAnswer::Moved);
    }
    match said.kind {
        // 409 is documented for exactly one case: `sha` is not the head any more.
        ApiErrorKind::Conflict => Ok(MergeAnswer::Moved),
        // Production moved while it merged; the status is the one for everything else.
        ApiErrorKind::NotAllowed if said.text.contains("branch was modified") => Ok(MergeAnswer::Moved),
        ApiErrorKind::NotAllowed | ApiErrorKind::Unprocessable => Ok(MergeAnswer::NotYet { reason: said.text }),
        _ => Err(said),
    }
}

/// Reads back what was merged, and that it was this head.
fn confirmed(client: Client<'_>, merge: &MergeRequest, done: Option<&ApiSha>) -> Result<MergeAnswer, ApiError> {
    // The read side lags: a pull request may show as open for a moment after its merge was answered.
    for look in 1..=LOOKS {
        let there = pull(client, merge.number)?;
        // Somebody pushed and merged in between: that commit was never tested.
        if there.is_merged() && there.head.sha != merge.head.as_str() {
            return Ok(MergeAnswer::Moved);
        }
        let commit = done.map(|done| done.sha.as_str()).or(there.merge_commit_sha.as_deref());
        if let Some(commit) = commit.filter(|_| there.is_merged()) {
            return Ok(MergeAnswer::Merged(object_id(commit)?));
        }
        if look < LOOKS {
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
    }
    Err(ApiError::new(ApiErrorKind::Garbled, "GitHub says that it merged, and does not show it yet"))
}

fn pull(client: Client<'_>, number: u64) -> Result<ApiPull, ApiError> {
    client.get(&client.path(&format!("/pulls/{number}")))
}

/// Puts it into the queue, or lets it merge by itself.
pub(super) fn merge_when_ready(client: Client<'_>, merge: &MergeRequest, through_queue: bool) -> Result<(), ApiError> {
    let there = pull(client, merge.number)?;
    let (query, variables) = if through_queue {
        (
            // REST offers neither the queue nor auto-merge.
            "mutation($id: ID!, $head: GitObjectID!) { enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) \
             { mergeQueueEntry { position } } }",
            json!({ "id": there.node_id, "head": merge.head }),
        )
    } else {
        (
            "mutation($id: ID!, $head: GitObjectID!, $method: PullRequestMergeMethod!) { enablePullRequestAutoMerge(input: \
             {pullRequestId: $id, expectedHeadOid: $head, mergeMethod: $method}) { pullRequest { number } } }",
            json!({ "id": there.node_id, "head": merge.head, "method": merge.method.key().to_ascii_uppercase() }),
        )
    };
    match client.graphql(query, &variables) {
        // A repeat after a lost answer: it is in the queue already.
        Err(error) if error.text.to_ascii_lowercase().contains("already") => Ok(()),
        // What was missing came meanwhile, and so may have the merge.
        Err(error) if error.kind == ApiErrorKind::Unprocessable && pull(client, merge.number)?.is_merged() => Ok(()),
        // GitHub refuses auto-merge where nothing is left to wait for.
        Err(error) if error.text.contains("clean status") => {
            let hint = "nothing is missing any more: the same command again merges it".to_owned();
            Err(ApiError { kind: ApiErrorKind::Server, hint: Some(hint), ..error })
        }
        Err(error) if error.text.contains("not allowed") => {
            let hint = "allow auto-merge in the repository's settings, or wait here: ship --wait".to_owned();
            Err(ApiError { hint: Some(hint), ..error })
        }
        other => other.map(drop),
    }
}

/// Closes it; `false` when it is merged.
pub(super) fn close(client: Client<'_>, number: u64) -> Result<bool, ApiError> {
    let path = client.path(&format!("/pulls/{number}"));
    // One that is gone is as closed as it gets.
    let Some(there) = client.find::<ApiPull>(&path)? else { return Ok(true) };
    // Closing what was merged would be told as success, and abort would drop a fix that landed.
    if there.is_merged() {
        return Ok(false);
    }
    if there.state != "closed" {
        client.send_again::<Json>(&Method::PATCH, &path, &json!({ "state": "closed" }))?;
    }
    Ok(true)
}
