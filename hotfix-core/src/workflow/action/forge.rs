//! What is done at the service that hosts the repository.

use std::time::Duration;

use crate::domain::{BranchName, Carried, ObjectId, one_line};
use crate::port::{CheckState, Expected, Issue, MergeRequest, Proposal, PullRequestStatus};

use super::ActionView;
use super::merge::LineToLand;

/// What is done at the service that hosts the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForgeAction {
    /// Opens or updates the pull request.
    Propose {
        /// What it says.
        proposal: Proposal,
    },
    /// Opens a pull request for the branch that holds the records.
    ProposeRecords {
        /// What it says.
        proposal: Proposal,
        /// Whether the incident ends without it too: its branch is pushed.
        may_fail: bool,
    },
    /// Reads the pull request's status.
    AskPullRequest {
        /// Its number.
        number: u64,
    },
    /// Polls the pull request until its status changes.
    AwaitPullRequest {
        /// Its number.
        number: u64,
        /// The status it had.
        seen: Box<PullRequestStatus>,
        /// What ends it.
        until: Until,
    },
    /// Merges the pull request at the service that hosts it.
    MergePullRequest {
        /// What people call the service.
        service: &'static str,
        /// What is merged, and how.
        merge: MergeRequest,
        /// The branch that it merges into, without `refs/heads/`.
        branch: BranchName,
        /// Where that branch is.
        from: ObjectId,
        /// Why the rules of that branch are bypassed, where they are.
        past_rules: Option<String>,
    },
    /// Lets the service merge the pull request by itself once all is there.
    MergeWhenReady {
        /// What is merged.
        merge: MergeRequest,
        /// Whether through the branch's queue.
        through_queue: bool,
    },
    /// Closes the pull request without merging it.
    ClosePullRequest {
        /// Its number.
        number: u64,
    },
    /// Files a follow-up as an issue.
    FileIssue {
        /// The follow-up's number, counted from 1.
        follow_up: u32,
        /// What the issue says.
        issue: Issue,
    },
    /// Reads what became of the pull request for a release branch, and records it.
    AskBackport {
        /// Its number.
        number: u64,
        /// What is recorded of it.
        carried: Carried,
    },
    /// Proposes the fix for one release branch, on a branch of its own.
    ProposeBackport {
        /// The release branch.
        line: LineToLand,
        /// The remote.
        remote: String,
        /// What it says; its head is known once the commit is made.
        proposal: Box<Proposal>,
        /// What its branch is on the remote now.
        expected: Expected,
    },
}

/// What ends a wait for a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Any change, or so much time.
    Change(Duration),
    /// That it can merge or that no waiting helps, or so much time without any change.
    Decision(Duration),
}

impl ForgeAction {
    pub(super) fn view(&self) -> ActionView {
        let view = match self {
            Self::Propose { proposal } => {
                let verb = if proposal.draft { "write the draft pull request" } else { "write the pull request" };
                ActionView::new("open-pull-request", format!("{verb} \"{}\"", proposal.title))
                    .branch(&proposal.branch)
                    .commit(&proposal.head)
            }
            Self::ProposeRecords { proposal, .. } => {
                ActionView::new("propose-records", format!("open a pull request for {}", proposal.branch))
                    .branch(&proposal.branch)
                    .commit(&proposal.head)
            }
            Self::AskPullRequest { number } => {
                ActionView::new("inspect-pull-request", format!("look at pull request #{number}")).bookkeeping()
            }
            Self::AwaitPullRequest { number, seen, .. } => {
                ActionView::new("await-pull-request", format!("wait for pull request #{number}{}", awaited(seen)))
                    .logged()
            }
            Self::MergePullRequest { service, merge, branch, past_rules, .. } => {
                Self::merge_view(service, Some(merge.number), &merge.head, branch, past_rules.as_deref())
            }
            Self::MergeWhenReady { merge, through_queue } => {
                let how = if *through_queue { "into the merge queue" } else { "to merge by itself" };
                ActionView::new("merge-when-ready", format!("put pull request #{} {how}", merge.number))
                    .commit(&merge.head)
            }
            Self::ClosePullRequest { number } => {
                ActionView::new("close-pull-request", format!("close pull request #{number}"))
            }
            Self::FileIssue { issue, .. } => {
                ActionView::new("file-issue", format!("file the issue \"{}\"", issue.title))
            }
            Self::AskBackport { number, carried } => {
                let text = format!("look at pull request #{number} into {}", carried.line);
                ActionView::new("inspect-pull-request", text).branch(&carried.line)
            }
            Self::ProposeBackport { line, remote, proposal, .. } => {
                ActionView::new("propose-line", format!("propose the fix for {} as {}", line.branch, proposal.branch))
                    .branch(&proposal.branch)
                    .remote(Some(remote))
            }
        };
        view.at_forge()
    }

    /// The merge of a pull request, which may not be open yet.
    pub(crate) fn merge_view(
        service: &str,
        number: Option<u64>,
        head: &ObjectId,
        branch: &str,
        past_rules: Option<&str>,
    ) -> ActionView {
        let which = number.map_or("the pull request".to_owned(), |number| format!("pull request #{number}"));
        let past = past_rules.map(|why| format!(", past its rules: {}", one_line(why))).unwrap_or_default();
        let text = format!("merge {which} ({}) into {branch} on {service}{past}", head.short());
        ActionView::new("merge-pull-request", text).branch(branch).commit(head)
    }
}

/// What a pull request waits for: `: lint, test (1 of 3 checks passed), 0 of 1 approvals`.
pub(crate) fn awaited(seen: &PullRequestStatus) -> String {
    let is_open = |state: CheckState| state != CheckState::Passed;
    let names: Vec<&str> = seen.checks.iter().filter(|check| is_open(check.state)).map(|check| &*check.name).collect();
    let passed = seen.checks.len().saturating_sub(names.len());
    let checks = format!("{} ({passed} of {} checks passed)", names.join(", "), seen.checks.len());
    // A token may not see the rules: what it was not told is not claimed to be missing.
    let needed = seen.rules.approvals.unwrap_or_default();
    let is_short = seen.approved_by.len() < usize::try_from(needed).unwrap_or(usize::MAX);
    let parts = [
        (!names.is_empty()).then_some(checks),
        is_short.then(|| format!("{} of {needed} approvals", seen.approved_by.len())),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}
