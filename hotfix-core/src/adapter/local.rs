//! The forge without a hosting service: the pull request is the document that the ledger keeps.

use std::time::Duration;

use crate::domain::PullRequestState;
use crate::domain::event::PullRequest;
use crate::port::{
    Abilities, ErrorKind, FiledIssue, Forge, Issue, MergeAnswer, MergeRequest, PortError, Proposal, Proposed,
    PullRequestStatus,
};

/// Keeps pull requests nowhere but in the ledger.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalForge;

impl Forge for LocalForge {
    fn propose(&self, proposal: &Proposal) -> Result<Proposed, PortError> {
        let state = if proposal.draft { PullRequestState::Draft } else { PullRequestState::Open };
        let pull_request = PullRequest::new(state, &proposal.title, &proposal.body, proposal.head.clone());
        let mut warnings = Vec::new();
        // `--reviewer` was typed by somebody who expects to have asked.
        if !proposal.reviewers.is_empty() {
            warnings.push("nobody is asked to review: there is no hosting service".to_owned());
        }
        Ok(Proposed { pull_request, warnings })
    }

    fn status(&self, number: u64) -> Result<PullRequestStatus, PortError> {
        Err(nobody(format!("look at pull request #{number}")))
    }

    fn wait(&self, number: u64, _: &PullRequestStatus, _: Duration) -> Result<PullRequestStatus, PortError> {
        self.status(number)
    }

    fn merge(&self, merge: &MergeRequest) -> Result<MergeAnswer, PortError> {
        Err(nobody(format!("merge pull request #{}", merge.number)))
    }

    fn merge_when_ready(&self, merge: &MergeRequest, _: bool) -> Result<(), PortError> {
        Err(nobody(format!("merge pull request #{} when it is ready", merge.number)))
    }

    fn close(&self, number: u64) -> Result<(), PortError> {
        Err(nobody(format!("close pull request #{number}")))
    }

    fn file(&self, _: &Issue) -> Result<FiledIssue, PortError> {
        Err(nobody("file an issue".to_owned()))
    }

    fn abilities(&self, _: &str) -> Result<Abilities, PortError> {
        Err(nobody("ask what we may do there".to_owned()))
    }
}

fn nobody(doing: String) -> PortError {
    PortError::new(ErrorKind::Precondition, doing, "there is no hosting service")
        .hint("git config hotfix.forge.kind github")
}
