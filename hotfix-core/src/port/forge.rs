//! The service that holds pull requests, checks, reviews and issues.

use std::time::Duration;

use crate::domain::event::PullRequest;
use crate::domain::{BranchName, ObjectId, PullRequestState, keys};

use super::PortError;

/// A service that hosts repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostingService {
    /// github.com, or a company's GitHub Enterprise.
    GitHub,
}

impl HostingService {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
        }
    }
}

/// Where a repository is hosted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgeAddress {
    /// The service.
    pub service: HostingService,
    /// The address of the service's interface, without a slash at its end.
    pub api: String,
    /// The host that a token is for, with a port where it is not the usual one.
    pub host: String,
    /// Who owns the repository.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Whether the person named the host, outside the repository: then the tokens of the environment are meant for it.
    pub is_named_by_user: bool,
}

/// A copy of the repository at the same service, from which it merges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// Who owns it.
    pub owner: String,
    /// Its name.
    pub name: String,
}

/// A pull request to open, or to update where it is open already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its title.
    pub title: String,
    /// Its text, Markdown.
    pub body: String,
    /// The branch that it merges into, without `refs/heads/`.
    pub base: BranchName,
    /// The branch it proposes, without `refs/heads/`.
    pub branch: BranchName,
    /// The fork that the branch is in; absent where it is in the repository itself.
    pub fork: Option<Fork>,
    /// The commit at that branch's tip.
    pub head: ObjectId,
    /// Whether it is not ready for review.
    pub draft: bool,
    /// Labels it gets; those that do not exist are made.
    pub labels: Vec<String>,
    /// Who is asked to review it: people, and teams as `owner/team`.
    pub reviewers: Vec<String>,
}

/// A pull request that is open now, and what of it could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The pull request.
    pub pull_request: PullRequest,
    /// What a person should know, one line each: a label, a reviewer or an assignee that the service did not take.
    pub warnings: Vec<String>,
}

keys! {
    /// How a pull request is merged.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MergeMethod {
        /// A merge commit, whose parents are the target and the head.
        Merge = "merge",
        /// One new commit.
        Squash = "squash",
        /// New commits, one each.
        Rebase = "rebase",
    }
}

/// The state of a required check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// It did not report for the head.
    Missing,
    /// It did not report for the head, and not for the target branch's tip either: it may never do.
    Silent,
    /// It runs, or waits to.
    Pending,
    /// It let the head pass.
    Passed,
    /// It did not.
    Failed,
}

/// A required check and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredCheck {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: CheckState,
    /// Where to read about it.
    pub url: Option<String>,
}

/// What a branch demands of those who change it, as far as the service tells us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BranchRules {
    /// Whether any rule holds.
    pub protected: bool,
    /// The checks that must pass, by name.
    pub checks: Vec<String>,
    /// Those of them that did not report for the branch's own tip.
    pub silent: Vec<String>,
    /// How many approvals are needed, where that is told.
    pub approvals: Option<u32>,
    /// Whether an owner of the code that changes must be among those who approve.
    pub code_owners: bool,
    /// Whether a pull request must hold the branch's tip.
    pub strict: bool,
    /// Whether changes go through a merge queue.
    pub queue: bool,
    /// The merge methods that a rule forbids, whatever the repository allows.
    pub forbids: Vec<MergeMethod>,
}

/// The status of a pull request, read back from the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestStatus {
    /// Its number.
    pub number: u64,
    /// Where to read it.
    pub url: String,
    /// Whether it is open, a draft, merged or closed.
    pub state: PullRequestState,
    /// The commit it proposes.
    pub head: ObjectId,
    /// The branch that it merges into, without `refs/heads/`.
    pub base: String,
    /// The commit on the target branch, once it is merged.
    pub merge_commit: Option<ObjectId>,
    /// Whether it merges without conflict; `None` while the service computes it.
    pub mergeable: Option<bool>,
    /// Whether the service says that it must be brought up to date first.
    pub behind: bool,
    /// Whether the service says that something is still missing.
    pub blocked: bool,
    /// Required checks.
    pub checks: Vec<RequiredCheck>,
    /// Who approves, by each person's last review, whichever head it was about: a service dismisses approvals of older
    /// heads where the branch takes none.
    pub approved_by: Vec<String>,
    /// Who asks for changes, by each person's last review, of those whose reviews count.
    pub changes_requested_by: Vec<String>,
    /// What the target branch demands.
    pub rules: BranchRules,
    /// Whether it merges by itself once all is there. Whether it waits in a queue is not known.
    pub automatic: bool,
    /// The merge methods that are allowed, the preferred first.
    pub methods: Vec<MergeMethod>,
}

/// A merge of exactly one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRequest {
    /// The pull request.
    pub number: u64,
    /// The tested commit; nothing else is merged.
    pub head: ObjectId,
    /// How.
    pub method: MergeMethod,
    /// The message of the new commit, its first line the title.
    pub message: String,
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeAnswer {
    /// It is merged, read back; this commit is on the target branch.
    Merged(ObjectId),
    /// The head, or the target branch, is another one now; nothing of ours was merged.
    Moved,
    /// The service says no for now; nothing was merged.
    NotYet {
        /// Why, safe to print.
        reason: String,
    },
}

/// Work to be filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Its title.
    pub title: String,
    /// Its text, Markdown.
    pub body: String,
    /// An invisible line of the text that nobody else writes: by it, an issue whose filing was not answered is found.
    pub marker: String,
    /// Labels it gets; those that do not exist are made.
    pub labels: Vec<String>,
}

/// An issue that was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledIssue {
    /// Its number.
    pub number: u64,
    /// Where to read it.
    pub url: String,
}

/// What we may do at the service, and what it demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abilities {
    /// `owner/name` as the service spells it.
    pub repository: String,
    /// Where the token was found, for example `GH_TOKEN`.
    pub token_from: String,
    /// Whose token it is, where it is a person's.
    pub login: Option<String>,
    /// The token's scopes, where it has any.
    pub scopes: Option<Vec<String>>,
    /// Whether it may push.
    pub can_push: bool,
    /// Whether the repository takes no changes at all.
    pub archived: bool,
    /// The merge methods that are allowed, the preferred first.
    pub methods: Vec<MergeMethod>,
    /// Whether pull requests can merge by themselves.
    pub auto_merge: bool,
    /// What the production branch demands.
    pub rules: BranchRules,
    /// Who else may approve, where approvals are needed and the service says so.
    pub approvers: Option<Vec<String>>,
}

/// Holds pull requests and issues. Every method may be called again after a lost answer without doing anything twice.
pub trait Forge {
    /// Opens the pull request, or updates the one that is open for the branch: there is one at most.
    ///
    /// # Errors
    /// When the service cannot be reached or refuses.
    fn propose(&self, proposal: &Proposal) -> Result<Proposed, PortError>;

    /// The status of a pull request.
    fn status(&self, number: u64) -> Result<PullRequestStatus, PortError>;

    /// Polls a pull request until its status is another one than was `seen`, or `limit` has passed; its status then.
    fn wait(&self, number: u64, seen: &PullRequestStatus, limit: Duration) -> Result<PullRequestStatus, PortError>;

    /// Merges, and reads back that it did.
    fn merge(&self, merge: &MergeRequest) -> Result<MergeAnswer, PortError>;

    /// Lets the pull request merge by itself once all is there: through the queue where there is one.
    fn merge_when_ready(&self, merge: &MergeRequest, through_queue: bool) -> Result<(), PortError>;

    /// Closes a pull request without merging it; one that is closed stays so.
    fn close(&self, number: u64) -> Result<(), PortError>;

    /// Files an issue, once.
    fn file(&self, issue: &Issue) -> Result<FiledIssue, PortError>;

    /// What we may do there, and what this branch demands.
    fn abilities(&self, branch: &str) -> Result<Abilities, PortError>;
}
