//! GitHub's answers, reduced to what is read of them: what is not named here may be missing or new.

use serde::Deserialize;

/// A pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiPull {
    pub(super) number: u64,
    pub(super) html_url: String,
    #[serde(default)]
    pub(super) node_id: String,
    pub(super) state: String,
    pub(super) draft: Option<bool>,
    pub(super) merged: Option<bool>,
    pub(super) merged_at: Option<String>,
    // Before the merge, the commit of a trial merge that no branch ever gets.
    pub(super) merge_commit_sha: Option<String>,
    // `null` while GitHub still computes it.
    pub(super) mergeable: Option<bool>,
    pub(super) mergeable_state: Option<String>,
    pub(super) auto_merge: Option<serde_json::Value>,
    // `null` where the account is gone.
    pub(super) user: Option<ApiUser>,
    pub(super) head: ApiRef,
    pub(super) base: ApiRef,
    #[serde(default)]
    pub(super) title: String,
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) labels: Vec<ApiNamed>,
}

impl ApiPull {
    pub(super) fn is_merged(&self) -> bool {
        // Lists leave `merged` out, and give the time only.
        self.merged.unwrap_or(false) || self.merged_at.is_some()
    }
}

/// One end of a pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiRef {
    pub(super) sha: String,
    #[serde(rename = "ref", default)]
    pub(super) reference: String,
    /// Absent where the fork is gone.
    #[serde(rename = "repo", default)]
    pub(super) repository: Option<ApiFullName>,
}

/// A repository by its full name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiFullName {
    #[serde(default)]
    pub(super) full_name: String,
}

/// Whatever has a name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiNamed {
    pub(super) name: String,
}

/// A person, or an app.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiUser {
    pub(super) login: String,
}

/// The repository.
#[derive(Debug, Deserialize)]
pub(super) struct ApiRepository {
    pub(super) full_name: String,
    #[serde(default)]
    pub(super) archived: bool,
    pub(super) permissions: Option<ApiPermissions>,
    #[serde(default = "yes")]
    pub(super) allow_merge_commit: Option<bool>,
    #[serde(default = "yes")]
    pub(super) allow_squash_merge: Option<bool>,
    #[serde(default = "yes")]
    pub(super) allow_rebase_merge: Option<bool>,
    pub(super) allow_auto_merge: Option<bool>,
}

/// Absent for those who may not see it: then it is tried.
#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's type")]
fn yes() -> Option<bool> {
    Some(true)
}

/// What the token's owner may do.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ApiPermissions {
    #[serde(default)]
    pub(super) push: bool,
}

/// A branch.
#[derive(Debug, Deserialize)]
pub(super) struct ApiBranch {
    pub(super) commit: ApiSha,
    pub(super) protected: Option<bool>,
    pub(super) protection: Option<ApiProtection>,
}

/// A commit's id.
#[derive(Debug, Deserialize)]
pub(super) struct ApiSha {
    pub(super) sha: String,
}

/// What everybody may see of a classic protection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ApiProtection {
    pub(super) required_status_checks: Option<ApiRequiredChecks>,
}

/// The checks of a classic protection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ApiRequiredChecks {
    #[serde(default)]
    pub(super) contexts: Vec<String>,
}

/// A rule of a ruleset that holds for a branch.
#[derive(Debug, Deserialize)]
pub(super) struct ApiRule {
    #[serde(rename = "type")]
    // A text: GitHub adds kinds, and one that is not known here is no error.
    pub(super) kind: String,
    pub(super) parameters: Option<ApiRuleParameters>,
}

/// Of all the parameters of rules, those that matter here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ApiRuleParameters {
    pub(super) required_status_checks: Vec<ApiRuleCheck>,
    pub(super) strict_required_status_checks_policy: bool,
    pub(super) required_approving_review_count: Option<u32>,
    pub(super) require_code_owner_review: bool,
    pub(super) allowed_merge_methods: Option<Vec<String>>,
}

/// What administrators may see of a classic protection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ApiFullProtection {
    pub(super) required_pull_request_reviews: Option<ApiRequiredReviews>,
    pub(super) required_linear_history: Option<ApiSwitch>,
}

/// Something that is on or off.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ApiSwitch {
    #[serde(default)]
    pub(super) enabled: bool,
}

/// The reviews of a classic protection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ApiRequiredReviews {
    pub(super) required_approving_review_count: Option<u32>,
    #[serde(default)]
    pub(super) require_code_owner_reviews: bool,
}

/// A check that a ruleset requires.
#[derive(Debug, Deserialize)]
pub(super) struct ApiRuleCheck {
    pub(super) context: String,
}

/// Runs of checks.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ApiCheckRuns {
    #[serde(default)]
    pub(super) check_runs: Vec<ApiCheckRun>,
}

/// A run of a check.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiCheckRun {
    pub(super) name: String,
    pub(super) status: Option<String>,
    // `null` until the status is `completed`.
    pub(super) conclusion: Option<String>,
    pub(super) html_url: Option<String>,
}

/// What older services report of a commit.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ApiStatuses {
    #[serde(default)]
    pub(super) statuses: Vec<ApiStatus>,
}

/// One such report.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiStatus {
    pub(super) context: String,
    pub(super) state: String,
    pub(super) target_url: Option<String>,
}

/// A review.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiReview {
    pub(super) user: Option<ApiUser>,
    pub(super) state: String,
    pub(super) author_association: Option<String>,
}

/// An issue.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ApiIssue {
    pub(super) number: u64,
    pub(super) html_url: String,
    pub(super) body: Option<String>,
}
