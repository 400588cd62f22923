//! Which actions meet the service that hosts the repository, and what one of them waits for.

use crate::port::{CheckState, Standing};
use crate::workflow::query::Examination;

use super::Action;

impl Action {
    /// Whether it is done at the service that hosts the repository.
    pub fn meets_forge(&self) -> bool {
        match self {
            Self::Propose { .. }
            | Self::ProposeRecords { .. }
            | Self::AskPullRequest { .. }
            | Self::AwaitPullRequest { .. }
            | Self::MergePullRequest { .. }
            | Self::MergeWhenReady { .. }
            | Self::ClosePullRequest { .. }
            | Self::FileIssue { .. }
            | Self::AskProposal { .. }
            | Self::ProposeLine { .. } => true,
            Self::Examine(examination) => matches!(examination, Examination::Forge { .. }),
            Self::InspectRemote { .. }
            | Self::Fetch { .. }
            | Self::FetchLines { .. }
            | Self::Open { .. }
            | Self::Adopt { .. }
            | Self::Record { .. }
            | Self::CreateBranch { .. }
            | Self::Switch { .. }
            | Self::UpdateRef { .. }
            | Self::UpdateRefs { .. }
            | Self::FastForward { .. }
            | Self::RemoveWorktree { .. }
            | Self::Push(_)
            | Self::RunTests { .. }
            | Self::Prove(_)
            | Self::Land { .. }
            | Self::Carry { .. }
            | Self::Tag { .. }
            | Self::LayOut { .. }
            | Self::CommitSettled { .. }
            | Self::Commit { .. }
            | Self::Deploy { .. }
            | Self::Verify { .. }
            | Self::WriteFile { .. }
            | Self::RemoveFile { .. }
            | Self::EditFile { .. }
            | Self::CommitFiles { .. }
            | Self::Amend { .. }
            | Self::DeliverRecords { .. } => false,
        }
    }
}

/// What a pull request waits for: `: lint, test (1 of 3 checks passed), 0 of 1 approvals`.
pub(crate) fn awaited(seen: &Standing) -> String {
    let is_open = |state: CheckState| state != CheckState::Passed;
    let names: Vec<&str> = seen.checks.iter().filter(|check| is_open(check.state)).map(|check| &*check.name).collect();
    let passed = seen.checks.len().saturating_sub(names.len());
    let checks = format!("{} ({passed} of {} checks passed)", names.join(", "), seen.checks.len());
    let needed = seen.rules.approvals.unwrap_or_default();
    let is_short = seen.approved_by.len() < usize::try_from(needed).unwrap_or(usize::MAX);
    let parts = [
        (!names.is_empty()).then_some(checks),
        is_short.then(|| format!("{} of {needed} approvals", seen.approved_by.len())),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}
