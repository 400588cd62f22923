//! GitHub, github.com or Enterprise, as a forge: through octocrab, with a runtime of its own.
//!
//! Nothing is asked, no token is looked for and no connection made before the first question. Writes go one after the
//! other; what was not answered is looked at before it is asked again.

mod client;
mod connection;
mod error;
mod issues;
mod merge;
mod programs;
mod proposal;
mod pull_request_status;
mod responses;
mod rights;
mod token;

use std::cell::OnceCell;
use std::time::Duration;

use crate::port::{
    Abilities, ErrorKind, FiledIssue, Forge, ForgeAddress, Issue, MergeAnswer, MergeRequest, PortError, Processes,
    Proposal, Proposed, PullRequestStatus,
};

use client::{Client, Connection};

/// A repository at GitHub.
pub struct GitHubForge {
    address: ForgeAddress,
    processes: Box<dyn Processes>,
    connection: OnceCell<Connection>,
    total: Duration,
}

/// How long one piece of work may take, repeats and pauses included.
const TOTAL: Duration = Duration::from_secs(60);

impl GitHubForge {
    /// The repository at this address; `processes` are asked for a token where the environment has none.
    pub fn new(address: ForgeAddress, processes: Box<dyn Processes>) -> Self {
        Self { address, processes, connection: OnceCell::new(), total: TOTAL }
    }

    /// The same; one piece of work may take so long, repeats and pauses included. Usually 60 seconds.
    #[must_use]
    pub fn deadline(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// A client for one piece of work, which begins now.
    fn client(&self) -> Result<Client<'_>, PortError> {
        self.connection().map(|connection| connection.within(self.total))
    }

    fn connection(&self) -> Result<&Connection, PortError> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection);
        }
        // Late: most commands ask nothing, and looking for a token may start two programs.
        let token = token::find(&self.address, &*self.processes)?;
        let connection = Connection::new(&self.address, token, &*self.processes)?;
        Ok(self.connection.get_or_init(|| connection))
    }
}

impl std::fmt::Debug for GitHubForge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // By hand: the client holds the token, which belongs in no log.
        formatter.debug_struct("GitHubForge").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Forge for GitHubForge {
    fn propose(&self, proposal: &Proposal) -> Result<Proposed, PortError> {
        let doing = format!("propose {} at {}", proposal.branch, self.address.host);
        proposal::propose(self.client()?, &self.address, proposal).map_err(|error| error.into_error(&doing))
    }

    fn status(&self, number: u64) -> Result<PullRequestStatus, PortError> {
        pull_request_status::read(self.client()?, number)
            .map_err(|error| error.into_error(&format!("look at pull request #{number}")))
    }

    fn wait(&self, number: u64, seen: &PullRequestStatus, limit: Duration) -> Result<PullRequestStatus, PortError> {
        pull_request_status::wait(self.connection()?, self.total, number, seen, limit)
            .map_err(|error| error.into_error(&format!("wait for pull request #{number}")))
    }

    fn merge(&self, merge: &MergeRequest) -> Result<MergeAnswer, PortError> {
        merge::merge(self.client()?, merge)
            .map_err(|error| error.into_error(&format!("merge pull request #{}", merge.number)))
    }

    fn merge_when_ready(&self, merge: &MergeRequest, through_queue: bool) -> Result<(), PortError> {
        let doing = format!("let pull request #{} merge when it is ready", merge.number);
        merge::merge_when_ready(self.client()?, merge, through_queue).map_err(|error| error.into_error(&doing))
    }

    fn close(&self, number: u64) -> Result<(), PortError> {
        let doing = format!("close pull request #{number}");
        if merge::close(self.client()?, number).map_err(|error| error.into_error(&doing))? {
            return Ok(());
        }
        Err(PortError::new(ErrorKind::NeedsHuman, doing, "it is merged"))
    }

    fn file(&self, issue: &Issue) -> Result<FiledIssue, PortError> {
        issues::file(self.client()?, issue)
            .map_err(|error| error.into_error(&format!("file the issue \"{}\"", issue.title)))
    }

    fn abilities(&self, branch: &str) -> Result<Abilities, PortError> {
        let doing = format!("ask {} about {}/{}", self.address.host, self.address.owner, self.address.name);
        rights::abilities(self.client()?, branch).map_err(|error| error.into_error(&doing))
    }
}
