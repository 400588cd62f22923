//! Merging exactly the tested commit, now or when all is there, and closing without.

use http::Method;
use serde_json::{Value as Json, json};

use crate::port::{MergeAnswer, MergeMethod, MergeRequest};

use super::client::{Budget, Client};
use super::said::{MergeDone, Pull};
use super::standing::object_id;
use super::trouble::{Kind, Trouble};

/// How often the merge is read back until it shows.
const LOOKS: u32 = 5;

/// Merges, and reads back that it did. The head's id goes with it, so that asking twice merges once.
pub(super) fn merge(client: &Client, budget: Budget, merge: &MergeRequest) -> Result<MergeAnswer, Trouble> {
    let (title, message) = merge.message.split_once('\n').unwrap_or((&merge.message, ""));
    let mut question = json!({ "sha": merge.head, "merge_method": merge.method.key() });
    if let (Some(fields), false) = (question.as_object_mut(), merge.method == MergeMethod::Rebase) {
        fields.insert("commit_title".to_owned(), title.into());
        fields.insert("commit_message".to_owned(), message.trim_start().into());
    }
    let path = client.path(&format!("/pulls/{}/merge", merge.number));
    let said = match client.send_again::<MergeDone>(budget, &Method::PUT, &path, &question) {
        Ok(done) => return confirmed(client, budget, merge, Some(&done)),
        Err(trouble) => trouble,
    };
    // Whatever it says: an earlier request whose answer was lost, or somebody else, may have merged it.
    let pull = pull(client, budget, merge.number)?;
    if pull.is_merged() {
        return confirmed(client, budget, merge, None);
    }
    if pull.head.sha != merge.head.as_str() {
        return Ok(MergeAnswer::Moved);
    }
    match said.kind {
        Kind::Conflict => Ok(MergeAnswer::Moved),
        Kind::NotAllowed if said.text.contains("branch was modified") => Ok(MergeAnswer::Moved),
        Kind::NotAllowed | Kind::Unprocessable => Ok(MergeAnswer::NotYet { reason: said.text }),
        _ => Err(said),
    }
}

/// Reads back what was merged, and that it was this head.
fn confirmed(
    client: &Client,
    budget: Budget,
    merge: &MergeRequest,
    done: Option<&MergeDone>,
) -> Result<MergeAnswer, Trouble> {
    for look in 1..=LOOKS {
        let there = pull(client, budget, merge.number)?;
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
    Err(Trouble::new(Kind::Garbled, "GitHub says that it merged, and does not show it yet"))
}

fn pull(client: &Client, budget: Budget, number: u64) -> Result<Pull, Trouble> {
    client.get(budget, &client.path(&format!("/pulls/{number}")))
}

/// Puts it into the queue, or lets it merge by itself.
pub(super) fn merge_when_ready(
    client: &Client,
    budget: Budget,
    merge: &MergeRequest,
    through_queue: bool,
) -> Result<(), Trouble> {
    let there = pull(client, budget, merge.number)?;
    let (query, variables) = if through_queue {
        (
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
    match client.graphql(budget, query, &variables) {
        Err(trouble) if trouble.text.to_ascii_lowercase().contains("already") => Ok(()),
        // What was missing came meanwhile, and so may have the merge.
        Err(trouble) if trouble.kind == Kind::Unprocessable && pull(client, budget, merge.number)?.is_merged() => {
            Ok(())
        }
        Err(trouble) if trouble.text.contains("clean status") => {
            let hint = "nothing is missing any more: the same command again merges it".to_owned();
            Err(Trouble { kind: Kind::Server, hint: Some(hint), ..trouble })
        }
        Err(trouble) if trouble.text.contains("not allowed") => {
            let hint = "allow auto-merge in the repository's settings, or wait here: ship --wait".to_owned();
            Err(Trouble { hint: Some(hint), ..trouble })
        }
        other => other.map(drop),
    }
}

/// Closes it; `false` when it is merged.
pub(super) fn close(client: &Client, budget: Budget, number: u64) -> Result<bool, Trouble> {
    let path = client.path(&format!("/pulls/{number}"));
    let Some(there) = client.find::<Pull>(budget, &path)? else { return Ok(true) };
    if there.is_merged() {
        return Ok(false);
    }
    if there.state != "closed" {
        client.send_again::<Json>(budget, &Method::PATCH, &path, &json!({ "state": "closed" }))?;
    }
    Ok(true)
}
