//! Where a pull request stands, and waiting for it to stand otherwise.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::{ObjectId, PullRequestState, one_line};
use crate::port::{BranchRules, CheckState, PullRequestStatus, RequiredCheck};

use super::client::{Budget, Client, Connection};
use super::error::{ApiError, ApiErrorKind};
use super::responses::{ApiCheckRun, ApiPull, ApiRepository, ApiReview, ApiStatus};
use super::rights;

/// How long it is until the first look, and the longest time between two.
const FIRST_NAP: Duration = Duration::from_secs(1);
const LONGEST_NAP: Duration = Duration::from_secs(15);

/// Reads all that matters of a pull request.
pub(super) fn read(client: Client<'_>, number: u64) -> Result<PullRequestStatus, ApiError> {
    let pull: ApiPull = client.get(&client.path(&format!("/pulls/{number}")))?;
    let head = object_id(&pull.head.sha)?;
    let state = if pull.is_merged() {
        PullRequestState::Merged
    } else if pull.state == "closed" {
        PullRequestState::Closed
    } else if pull.draft.unwrap_or(false) {
        PullRequestState::Draft
    } else {
        PullRequestState::Open
    };
    // For an open one it names GitHub's trial merge, which is on no branch.
    let merge_commit = pull.merge_commit_sha.as_deref().filter(|_| state == PullRequestState::Merged);
    let mergeable_state = pull.mergeable_state.as_deref().unwrap_or_default();
    let mut status = PullRequestStatus {
        number,
        url: one_line(&pull.html_url),
        state,
        merge_commit: merge_commit.map(object_id).transpose()?,
        mergeable: pull.mergeable,
        behind: mergeable_state == "behind",
        blocked: mergeable_state == "blocked",
        checks: Vec::new(),
        approved_by: Vec::new(),
        changes_requested_by: Vec::new(),
        rules: BranchRules::default(),
        automatic: pull.auto_merge.as_ref().is_some_and(|value| !value.is_null()),
        methods: Vec::new(),
        base: one_line(&pull.base.reference),
        head,
    };
    // Nothing is left to decide, and each question counts towards the limit.
    if matches!(state, PullRequestState::Merged | PullRequestState::Closed) {
        return Ok(status);
    }
    // Of its own base: somebody may have turned it to another branch.
    status.rules = rights::rules(client, &pull.base.reference)?;
    status.methods = rights::methods(&client.get::<ApiRepository>(&client.path(""))?, &status.rules);
    if !status.rules.checks.is_empty() {
        let runs = rights::check_runs(client, &pull.head.sha)?;
        let statuses = rights::statuses(client, &pull.head.sha)?;
        status.checks = checks(&status.rules, &runs, &statuses);
    }
    let path = client.path(&format!("/pulls/{number}/reviews"));
    let reviews: Vec<ApiReview> = client.find_all(&path)?.unwrap_or_default();
    (status.approved_by, status.changes_requested_by) = judged(&reviews);
    Ok(status)
}

/// Looks again until it stands otherwise than was `seen`.
pub(super) fn wait(
    connection: &Connection,
    total: Duration,
    number: u64,
    seen: &PullRequestStatus,
    limit: Duration,
) -> Result<PullRequestStatus, ApiError> {
    let time = Budget::of(limit);
    let mut nap = FIRST_NAP;
    loop {
        std::thread::sleep(nap.min(time.left()));
        let now = read(connection.within(total), number)?;
        if now != *seen || time.left().is_zero() {
            return Ok(now);
        }
        nap = (nap * 2).min(LONGEST_NAP);
    }
}

/// How each required check stands: by its run, else by an older service's report.
fn checks(rules: &BranchRules, runs: &[ApiCheckRun], statuses: &[ApiStatus]) -> Vec<RequiredCheck> {
    let check = |name: &String| {
        let run = runs.iter().find(|run| one_line(&run.name) == *name);
        let status = statuses.iter().find(|status| one_line(&status.context) == *name);
        let (state, url) = match (run, status) {
            (Some(run), _) => (of_run(run), run.html_url.as_deref()),
            (None, Some(status)) => (of_status(status), status.target_url.as_deref()),
            // Waiting for a check that has never run here would last for ever.
            (None, None) if rules.silent.contains(name) => (CheckState::Silent, None),
            (None, None) => (CheckState::Missing, None),
        };
        RequiredCheck { name: name.clone(), state, url: url.map(one_line) }
    };
    rules.checks.iter().map(check).collect()
}

fn of_run(run: &ApiCheckRun) -> CheckState {
    match (run.status.as_deref(), run.conclusion.as_deref()) {
        // GitHub lets a skipped job satisfy a required check.
        (_, Some("success" | "neutral" | "skipped")) => CheckState::Passed,
        (Some("completed") | None, Some(_)) => CheckState::Failed,
        _ => CheckState::Pending,
    }
}

fn of_status(status: &ApiStatus) -> CheckState {
    match status.state.as_str() {
        "success" => CheckState::Passed,
        "pending" => CheckState::Pending,
        _ => CheckState::Failed,
    }
}

/// Who approves and who wants changes, by the last word of each. The word of who does not belong to the repository counts
/// for nothing at GitHub.
fn judged(reviews: &[ApiReview]) -> (Vec<String>, Vec<String>) {
    let mut last: BTreeMap<String, &str> = BTreeMap::new();
    let counts = |review: &&ApiReview| {
        let who = review.author_association.as_deref();
        // A stranger can review a public repository, and change nothing by it.
        who.is_none_or(|who| matches!(who, "OWNER" | "MEMBER" | "COLLABORATOR"))
    };
    for review in reviews.iter().filter(counts) {
        let Some(user) = &review.user else { continue };
        // A later comment does not take an approval back.
        if matches!(review.state.as_str(), "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED") {
            last.insert(one_line(&user.login), &review.state);
        }
    }
    let of =
        |wanted: &str| last.iter().filter(|(_, state)| **state == wanted).map(|(login, _)| login.clone()).collect();
    (of("APPROVED"), of("CHANGES_REQUESTED"))
}

/// A commit's id, as GitHub gives it.
pub(super) fn object_id(text: &str) -> Result<ObjectId, ApiError> {
    text.parse().map_err(|_| ApiError::new(ApiErrorKind::Garbled, "a commit in the answer has no id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, status: &str, conclusion: Option<&str>) -> ApiCheckRun {
        ApiCheckRun {
            name: name.to_owned(),
            status: Some(status.to_owned()),
            conclusion: conclusion.map(str::to_owned),
            html_url: None,
        }
    }

    #[test]
    fn a_check_stands_as_its_run_or_its_report_says() {
        let names = ["a", "b", "c", "d", "e", "f", "g"].map(str::to_owned).to_vec();
        let rules = BranchRules { checks: names, silent: vec!["g".to_owned()], ..BranchRules::default() };
        let runs = [
            run("a", "completed", Some("success")),
            run("b", "completed", Some("timed_out")),
            run("c", "in_progress", None),
        ];
        let status = |context: &str, state: &str| ApiStatus {
            context: context.to_owned(),
            state: state.to_owned(),
            target_url: None,
        };
        let found = checks(&rules, &runs, &[status("d", "pending"), status("e", "error")]);
        let states: Vec<CheckState> = found.iter().map(|check| check.state).collect();
        use CheckState::{Failed, Missing, Passed, Pending, Silent};
        assert_eq!(states, [Passed, Failed, Pending, Pending, Failed, Missing, Silent]);
    }

    /// Answers of any form are read or refused; of what is read, a state follows and a word that is safe to print.
    #[test]
    fn fuzz_github() {
        use super::super::{error, responses};
        let read = |input: &[u8]| {
            let runs: responses::ApiCheckRuns = serde_json::from_slice(input).unwrap_or_default();
            let statuses: responses::ApiStatuses = serde_json::from_slice(input).unwrap_or_default();
            let names = runs.check_runs.iter().map(|run| run.name.clone());
            let rules = BranchRules { checks: names.collect(), ..BranchRules::default() };
            assert_eq!(checks(&rules, &runs.check_runs, &statuses.statuses).len(), rules.checks.len());
            let reviews: Vec<ApiReview> = serde_json::from_slice(input).unwrap_or_default();
            let (approved, objected) = judged(&reviews);
            assert!(!approved.iter().any(|login| objected.contains(login)));
            if let Ok(pull) = serde_json::from_slice::<ApiPull>(input) {
                drop((pull.is_merged(), object_id(&pull.head.sha)));
            }
            if let Ok(repository) = serde_json::from_slice::<ApiRepository>(input) {
                drop(rights::methods(&repository, &rules));
            }
            drop(serde_json::from_slice::<Vec<responses::ApiRule>>(input));
            drop(serde_json::from_slice::<responses::ApiFullProtection>(input));
            let answer: serde_json::Value = serde_json::from_slice(input).unwrap_or_default();
            let errors: Vec<&serde_json::Value> = answer["errors"].as_array().into_iter().flatten().collect();
            drop(error::of_graphql(&errors));
            for status in [200, 301, 401, 403, 404, 405, 409, 422, 429, 500] {
                let no = error::of(status, &http::HeaderMap::new(), input, "GH_TOKEN", jiff::Timestamp::UNIX_EPOCH);
                assert_eq!(no.is_some(), status != 200);
                assert!(!no.is_some_and(|no| no.text.chars().any(char::is_control)), "{status}");
            }
        };
        crate::tests::fuzz("github", read);
    }

    #[test]
    fn the_last_word_of_each_reviewer_counts() {
        let review = |login: &str, state: &str| ApiReview {
            user: Some(super::super::responses::ApiUser { login: login.to_owned() }),
            state: state.to_owned(),
            author_association: None,
        };
        let stranger = ApiReview { author_association: Some("NONE".to_owned()), ..review("eve", "CHANGES_REQUESTED") };
        let reviews = [
            stranger,
            review("ada", "CHANGES_REQUESTED"),
            review("bo", "APPROVED"),
            review("ada", "APPROVED"),
            review("ada", "COMMENTED"),
            review("bo", "DISMISSED"),
            review("cy", "CHANGES_REQUESTED"),
        ];
        assert_eq!(judged(&reviews), (vec!["ada".to_owned()], vec!["cy".to_owned()]));
    }
}
