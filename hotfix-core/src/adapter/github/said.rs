//! GitHub's answers, reduced to what is read of them: what is not named here may be missing or new.

use serde::Deserialize;

/// A pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) html_url: String,
    #[serde(default)]
    pub(super) node_id: String,
    pub(super) state: String,
    #[serde(default)]
    pub(super) draft: Option<bool>,
    #[serde(default)]
    pub(super) merged: Option<bool>,
    #[serde(default)]
    pub(super) merged_at: Option<String>,
    #[serde(default)]
    pub(super) merge_commit_sha: Option<String>,
    #[serde(default)]
    pub(super) mergeable: Option<bool>,
    #[serde(default)]
    pub(super) mergeable_state: Option<String>,
    #[serde(default)]
    pub(super) auto_merge: Option<serde_json::Value>,
    #[serde(default)]
    pub(super) user: Option<User>,
    pub(super) head: End,
    pub(super) base: End,
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) labels: Vec<Named>,
}

impl Pull {
    pub(super) fn is_merged(&self) -> bool {
        self.merged.unwrap_or(false) || self.merged_at.is_some()
    }
}

/// One end of a pull request.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct End {
    pub(super) sha: String,
    #[serde(rename = "ref", default)]
    pub(super) reference: String,
    /// Absent where the fork is gone.
    #[serde(rename = "repo", default)]
    pub(super) repository: Option<FullName>,
}

/// A repository by its full name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct FullName {
    #[serde(default)]
    pub(super) full_name: String,
}

/// Whatever has a name.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

/// The answer to a merge.
#[derive(Debug, Deserialize)]
pub(super) struct MergeDone {
    pub(super) sha: String,
}

/// A person, or an app.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub(super) login: String,
}

/// The repository.
#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) full_name: String,
    #[serde(default)]
    pub(super) archived: bool,
    #[serde(default)]
    pub(super) permissions: Option<Permissions>,
    #[serde(default = "yes")]
    pub(super) allow_merge_commit: Option<bool>,
    #[serde(default = "yes")]
    pub(super) allow_squash_merge: Option<bool>,
    #[serde(default = "yes")]
    pub(super) allow_rebase_merge: Option<bool>,
    #[serde(default)]
    pub(super) allow_auto_merge: Option<bool>,
}

/// Absent for those who may not see it: then it is tried.
#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's type")]
fn yes() -> Option<bool> {
    Some(true)
}

/// What the token's owner may do.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Permissions {
    #[serde(default)]
    pub(super) push: bool,
}

/// A branch.
#[derive(Debug, Deserialize)]
pub(super) struct Branch {
    pub(super) commit: Sha,
    #[serde(default)]
    pub(super) protected: Option<bool>,
    #[serde(default)]
    pub(super) protection: Option<Protection>,
}

/// A commit's id.
#[derive(Debug, Deserialize)]
pub(super) struct Sha {
    pub(super) sha: String,
}

/// What everybody may see of a classic protection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Protection {
    #[serde(default)]
    pub(super) required_status_checks: Option<RequiredChecks>,
}

/// The checks of a classic protection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RequiredChecks {
    #[serde(default)]
    pub(super) contexts: Vec<String>,
}

/// A rule of a ruleset that holds for a branch.
#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) parameters: Option<RuleParameters>,
}

/// Of all the parameters of rules, those that matter here.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RuleParameters {
    #[serde(default)]
    pub(super) required_status_checks: Vec<RuleCheck>,
    #[serde(default)]
    pub(super) strict_required_status_checks_policy: bool,
    #[serde(default)]
    pub(super) required_approving_review_count: Option<u32>,
    #[serde(default)]
    pub(super) require_code_owner_review: bool,
    #[serde(default)]
    pub(super) allowed_merge_methods: Option<Vec<String>>,
}

/// What administrators may see of a classic protection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct FullProtection {
    #[serde(default)]
    pub(super) required_pull_request_reviews: Option<RequiredReviews>,
    #[serde(default)]
    pub(super) required_linear_history: Option<Switch>,
}

/// Something that is on or off.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Switch {
    #[serde(default)]
    pub(super) enabled: bool,
}

/// The reviews of a classic protection.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RequiredReviews {
    #[serde(default)]
    pub(super) required_approving_review_count: Option<u32>,
    #[serde(default)]
    pub(super) require_code_owner_reviews: bool,
}

/// A check that a ruleset requires.
#[derive(Debug, Deserialize)]
pub(super) struct RuleCheck {
    pub(super) context: String,
}

/// Runs of checks.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CheckRuns {
    #[serde(default)]
    pub(super) check_runs: Vec<CheckRun>,
}

/// A run of a check.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct CheckRun {
    pub(super) name: String,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) conclusion: Option<String>,
    #[serde(default)]
    pub(super) html_url: Option<String>,
}

/// What older services report of a commit.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Statuses {
    #[serde(default)]
    pub(super) statuses: Vec<Status>,
}

/// One such report.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Status {
    pub(super) context: String,
    pub(super) state: String,
    #[serde(default)]
    pub(super) target_url: Option<String>,
}

/// A review.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Review {
    #[serde(default)]
    pub(super) user: Option<User>,
    pub(super) state: String,
    #[serde(default)]
    pub(super) author_association: Option<String>,
}

/// An issue.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Issue {
    pub(super) number: u64,
    pub(super) html_url: String,
    #[serde(default)]
    pub(super) body: Option<String>,
}
