//! The forge without a hosting service: the pull request is the document that the ledger keeps.

use crate::domain::PullRequestState;
use crate::domain::event::PullRequest;
use crate::port::{Forge, PortError, Proposal};

/// Keeps pull requests nowhere but in the ledger.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalForge;

impl Forge for LocalForge {
    fn propose(&self, proposal: &Proposal) -> Result<PullRequest, PortError> {
        let state = if proposal.draft { PullRequestState::Draft } else { PullRequestState::Open };
        Ok(PullRequest {
            number: None,
            url: None,
            state,
            title: proposal.title.clone(),
            body: proposal.body.clone(),
            head: proposal.head.clone(),
        })
    }
}
