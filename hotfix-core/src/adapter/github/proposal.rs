//! The one pull request of a branch: found, else made; then made to say what it should.

use http::Method;
use serde_json::{Value as Json, json};

use crate::domain::event::PullRequest;
use crate::domain::{PullRequestState, one_line};
use crate::port::{ForgeAddress, Proposal, Proposed};

use super::client::{Client, encoded};
use super::error::{ApiError, ApiErrorKind};
use super::responses::{ApiPull, ApiRef, ApiUser};

/// The colour of labels that we make.
const COLOUR: &str = "d93f0b";

/// Opens the pull request, or updates the one that is open.
pub(super) fn propose(client: Client<'_>, address: &ForgeAddress, proposal: &Proposal) -> Result<Proposed, ApiError> {
    let pull = open(client, address, proposal)?.map_or_else(|| create(client, address, proposal), Ok)?;
    let pull = update(client, proposal, pull)?;
    let mut warnings = Vec::new();
    let mut warn = |what: &str, result: Result<(), ApiError>| {
        if let Err(error) = result {
            warnings.push(format!("{what}: {}", error.text));
        }
    };
    // The pull request is what the night needs; what decorates it must not fail it.
    warn("not labelled", label(client, pull.number, &missing_labels(&pull, proposal)));
    warn("not assigned", assign(client, pull.number));
    warnings.extend(ask_for_review(client, &pull, &proposal.reviewers));
    // Just made to be so; the answer to the update may still show the state before.
    let state = if proposal.draft { PullRequestState::Draft } else { PullRequestState::Open };
    let pull_request = PullRequest {
        number: Some(pull.number),
        url: Some(one_line(&pull.html_url)),
        state,
        title: proposal.title.clone(),
        body: proposal.body.clone(),
        head: proposal.head.clone(),
    };
    Ok(Proposed { pull_request, warnings })
}

/// The pull request that is open for the branch.
fn open(client: Client<'_>, address: &ForgeAddress, proposal: &Proposal) -> Result<Option<ApiPull>, ApiError> {
    let owner = proposal.fork.as_ref().map_or(&address.owner, |fork| &fork.owner);
    // Without an owner GitHub ignores the filter and lists everything.
    let head = encoded(&format!("{owner}:{}", proposal.branch));
    let path = format!("/pulls?state=open&head={head}&base={}&per_page=100", encoded(&proposal.base));
    let found: Vec<ApiPull> = client.get(&client.path(&path))?;
    // Somebody may have several forks, each with a branch of that name.
    let fork = proposal.fork.as_ref().map(|fork| format!("{}/{}", fork.owner, fork.name));
    // A fork that was deleted has no repository in the answer.
    let is_in = |end: &ApiRef, full_name: &String| {
        end.repository.as_ref().is_none_or(|repository| repository.full_name.eq_ignore_ascii_case(full_name))
    };
    let is_ours =
        |end: &ApiRef| end.reference == proposal.branch && fork.as_ref().is_none_or(|full_name| is_in(end, full_name));
    Ok(found.into_iter().find(|pull| is_ours(&pull.head) && pull.base.reference == proposal.base))
}

/// Makes it. Where the answer is lost, or says that there is one, the one that is there counts.
fn create(client: Client<'_>, address: &ForgeAddress, proposal: &Proposal) -> Result<ApiPull, ApiError> {
    let head = match &proposal.fork {
        Some(fork) => format!("{}:{}", fork.owner, proposal.branch),
        None => proposal.branch.to_string(),
    };
    let mut question = json!({
        "title": proposal.title,
        "body": proposal.body,
        "head": head,
        "base": proposal.base,
        "draft": proposal.draft,
    });
    // A fork of the same owner has another name, and only this tells which of the two is meant.
    let within = proposal.fork.as_ref().filter(|fork| fork.owner.eq_ignore_ascii_case(&address.owner));
    if let (Some(fork), Some(fields)) = (within, question.as_object_mut()) {
        fields.insert("head_repo".to_owned(), fork.name.clone().into());
    }
    let path = client.path("/pulls");
    let lost = match client.send(&Method::POST, &path, &question) {
        Ok(made) => return Ok(made),
        // 422 is also how GitHub says that there is one already.
        Err(error) if error.may_have_acted() || error.kind == ApiErrorKind::Unprocessable => error,
        Err(error) => return Err(error),
    };
    match open(client, address, proposal)? {
        Some(there) => Ok(there),
        None if lost.kind == ApiErrorKind::Unprocessable => Err(explained(lost, proposal)),
        // It did nothing the first time, as was just seen.
        None => client.send(&Method::POST, &path, &question),
    }
}

fn explained(error: ApiError, proposal: &Proposal) -> ApiError {
    let said = error.text.to_ascii_lowercase();
    let hint = if said.contains("draft") {
        Some("this repository has no drafts: leave --draft out".to_owned())
    } else if said.contains("no commits between") {
        Some(format!("{} holds all of it already: look there", proposal.base))
    } else {
        None
    };
    ApiError { hint: hint.or(error.hint), ..error }
}

/// Makes it say what it should; a request that changes nothing is not sent.
fn update(client: Client<'_>, proposal: &Proposal, pull: ApiPull) -> Result<ApiPull, ApiError> {
    // GitHub's form sends line ends as CRLF, so an edit in the browser changes all of them.
    let same = |there: &str, wanted: &str| there.replace("\r\n", "\n").trim_end() == wanted.trim_end();
    let is_same = same(&pull.title, &proposal.title) && same(pull.body.as_deref().unwrap_or_default(), &proposal.body);
    let pull = if is_same {
        pull
    } else {
        let question = json!({ "title": proposal.title, "body": proposal.body });
        client.send_again(&Method::PATCH, &client.path(&format!("/pulls/{}", pull.number)), &question)?
    };
    match (pull.draft.unwrap_or(false), proposal.draft) {
        // REST shows a draft and cannot change it.
        (true, false) => mark(client, &pull, "markPullRequestReadyForReview")?,
        (false, true) => mark(client, &pull, "convertPullRequestToDraft")?,
        (true, true) | (false, false) => {}
    }
    Ok(pull)
}

/// Makes a draft ready, or the reverse.
fn mark(client: Client<'_>, pull: &ApiPull, mutation: &str) -> Result<(), ApiError> {
    let query =
        format!("mutation($id: ID!) {{ {mutation}(input: {{pullRequestId: $id}}) {{ pullRequest {{ isDraft }} }} }}");
    client.graphql(&query, &json!({ "id": pull.node_id })).map(drop)
}

fn missing_labels(pull: &ApiPull, proposal: &Proposal) -> Vec<String> {
    let has = |wanted: &String| pull.labels.iter().any(|label| label.name.eq_ignore_ascii_case(wanted));
    proposal.labels.iter().filter(|wanted| !has(wanted)).cloned().collect()
}

/// Puts labels on an issue or pull request, and makes those that do not exist.
pub(super) fn label(client: Client<'_>, number: u64, labels: &[String]) -> Result<(), ApiError> {
    if labels.is_empty() {
        return Ok(());
    }
    // GitHub drops labels that the token's owner may not set, and says nothing; making them first does.
    make_labels(client, labels)?;
    let path = client.path(&format!("/issues/{number}/labels"));
    client.send_again::<Json>(&Method::POST, &path, &json!({ "labels": labels })).map(drop)
}

/// Makes the labels that do not exist.
pub(super) fn make_labels(client: Client<'_>, labels: &[String]) -> Result<(), ApiError> {
    for name in labels {
        let there: Option<Json> = client.find(&client.path(&format!("/labels/{}", encoded(name))))?;
        if there.is_some() {
            continue;
        }
        let question = json!({ "name": name, "color": COLOUR });
        match client.send_again::<Json>(&Method::POST, &client.path("/labels"), &question) {
            // Somebody else, or a request whose answer was lost, made it.
            Err(error) if error.kind != ApiErrorKind::Unprocessable => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Asks people, and teams given as `owner/team`, to review; what could not be done, one line each. Nobody is asked to review
/// what is their own. GitHub takes all of a request or nothing, so after a no they are asked one by one.
fn ask_for_review(client: Client<'_>, pull: &ApiPull, reviewers: &[String]) -> Vec<String> {
    let author = pull.user.as_ref().map(|user| user.login.as_str());
    let names = reviewers.iter().map(|name| name.trim_start_matches('@'));
    let is_author = |name: &&str| author.is_some_and(|author| author.eq_ignore_ascii_case(name));
    // Asking the author refuses the whole request.
    let (own, others): (Vec<&str>, Vec<&str>) = names.partition(is_author);
    let warning = |names: &[&str], why: &str| format!("not asked to review, {}: {why}", one_line(&names.join(", ")));
    let mut warnings: Vec<String> = own.iter().map(|name| warning(&[name], "the pull request is theirs")).collect();
    let ask = |names: &[&str]| request_reviews(client, pull.number, names);
    if others.is_empty() {
        return warnings;
    }
    match ask(&others) {
        Ok(()) => {}
        Err(error) if error.kind == ApiErrorKind::Unprocessable && others.len() > 1 => {
            let refused = others.iter().filter_map(|name| Some(warning(&[name], &ask(&[name]).err()?.text)));
            warnings.extend(refused);
        }
        Err(error) => warnings.push(warning(&others, &error.text)),
    }
    warnings
}

fn request_reviews(client: Client<'_>, number: u64, names: &[&str]) -> Result<(), ApiError> {
    let people: Vec<&str> = names.iter().copied().filter(|name| !name.contains('/')).collect();
    // The API wants the team's short name, of the repository's own organisation.
    let teams: Vec<&str> = names.iter().filter_map(|name| name.split_once('/')).map(|(_, team)| team).collect();
    let question = json!({ "reviewers": people, "team_reviewers": teams });
    let path = client.path(&format!("/pulls/{number}/requested_reviewers"));
    client.send_again::<Json>(&Method::POST, &path, &question).map(drop)
}

/// Gives it to the token's owner; an app has no login and gets nothing.
fn assign(client: Client<'_>, number: u64) -> Result<(), ApiError> {
    // An app's token has no user, which is no reason to say anything.
    let Ok(user) = client.get::<ApiUser>("/user") else { return Ok(()) };
    let path = client.path(&format!("/issues/{number}/assignees"));
    client.send_again::<Json>(&Method::POST, &path, &json!({ "assignees": [user.login] })).map(drop)
}
