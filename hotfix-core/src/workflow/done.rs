//! What an action gave. How a run reads them: [`Known`](super::Known).

use crate::domain::event::{DeployPart, Ending, TestCounts, TestRun};
use crate::domain::{BranchName, IncidentId, ObjectId, Proof, RefName};
use crate::ledger::{Imported, Synced};
use crate::port::{Mended, PullRequestStatus, Rejection, RemoteRefs, Salvaged};
use crate::runner::TestResult;

use super::action::query::{self, Examination};

/// What an action gave that later rounds need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The remote answered.
    Inspected {
        /// The remote.
        remote: String,
        /// The full ref names it was asked about.
        asked: Vec<RefName>,
        /// Its answer.
        refs: RemoteRefs,
    },
    /// A query was run.
    Examined {
        /// What.
        examination: Examination,
        /// Its answer, or why there is none.
        answer: Result<query::Answer, query::QueryError>,
    },
    /// Branches were fetched.
    Fetched {
        /// The branches, without `refs/heads/`.
        branches: Vec<String>,
    },
    /// A file of the work tree was shown in an editor.
    Edited,
    /// A text was written in an editor.
    Composed(String),
    /// The incident that the run is about from now on.
    Incident(IncidentId),
    /// Somebody else opened an incident of the same slug, which is this one; nothing was recorded.
    OpenedMeanwhile(IncidentId),
    /// Refs got somewhere on the remote, all at once.
    Landed {
        /// Their full names, and where they are now.
        refs: Vec<(RefName, ObjectId)>,
        /// The full name of the branch that was deleted there by the same push.
        deleted: Option<RefName>,
    },
    /// A branch was deleted on the remote.
    Deleted {
        /// The full ref name.
        name: RefName,
    },
    /// A branch was pushed.
    Pushed {
        /// The full ref name.
        name: RefName,
        /// Where it is now.
        to: ObjectId,
    },
    /// The pull request says what it should.
    Proposed,
    /// The records are proposed; where to read it, if the service took it.
    RecordsProposed {
        /// The pull request's address.
        url: Option<String>,
    },
    /// The pull request was looked at.
    PullRequestStatus(Box<PullRequestStatus>),
    /// Polling the pull request timed out without a change.
    Unchanged(Box<PullRequestStatus>),
    /// The pull request for a release branch was read; what became of it is recorded.
    ProposalSeen {
        /// The branch.
        line: BranchName,
    },
    /// The service merged the pull request; what was known of the remote is old.
    MergedThere,
    /// The service does not merge the pull request for now, and nothing was changed.
    NotYet {
        /// Why, safe to print.
        reason: String,
    },
    /// The service merges the pull request by itself, later.
    Queued,
    /// Tests ended.
    Tested {
        /// The run, as it is recorded.
        run: Box<TestRun>,
        /// Its tests one by one, where the runner tells.
        results: Vec<TestResult>,
    },
    /// Regression tests ran without the fix and with it.
    Proved(Box<Proof>),
    /// A ref moved meanwhile and nothing was changed.
    Raced {
        /// The full ref name; absent: it was the incident.
        name: Option<RefName>,
    },
    /// The remote said no; what moved all the same is in it.
    Rejected(Rejection),
    /// A part of the deployment ended, or a verification, which is no part.
    Ended(Option<DeployPart>, Ending),
    /// The work tree where a branch is checked out could not follow.
    CouldNotFollow {
        /// The branch, without `refs/heads/`.
        branch: String,
        /// Why, safe to print.
        reason: String,
    },
    /// Events were recorded.
    Recorded,
    /// The incident was closed or canceled.
    Over,
    /// The ledger was shared with a remote.
    Shared(Synced),
    /// Damaged objects of the ledgers were looked for.
    Mended(Mended),
    /// Ledgers that could not be read were put together.
    Salvaged(Vec<Salvaged>),
    /// Events of an export were recorded.
    Imported(Imported),
    /// A remedy of the doctor's was run; why it did not end well, safe to print, where it did not.
    Remedied {
        /// Why.
        why_not: Option<String>,
    },
    /// Refs, work trees or files of this repository were changed, as planned.
    ChangedHere,
    /// What a switch that was cut short had left is gone: the run begins as if there had been none.
    TakenBack,
    /// There was nothing to do. It says nothing about the world.
    Nothing,
}

impl Done {
    /// Whether the action succeeded.
    pub fn is_well(&self) -> bool {
        match self {
            // Shown as failed, but the round goes on: what follows from a proof is for the step to decide.
            Self::Proved(proof) => !proof.verdict.is_no(),
            // Likewise: one remedy does not wait for another.
            Self::Remedied { why_not } => why_not.is_none(),
            // The fix is where it belongs; here it is not.
            Self::CouldNotFollow { .. } => false,
            // Whether the round can do without tests of this part is for the step, too.
            Self::Tested { run, .. } => run.ending == Ending::Passed,
            other => !other.halts(),
        }
    }

    /// What to know of one that succeeded.
    pub fn remark(&self) -> Option<&'static str> {
        let is_empty = matches!(self, Self::Tested { run, .. } if run.ending == Ending::Passed && had_no_test(run));
        is_empty.then_some("no tests")
    }

    /// Why it did not succeed, where nothing else says so: what tests and deployments print is shown with them.
    pub fn why_not(&self) -> Option<String> {
        match self {
            Self::Raced { name: None } => Some("the incident moved meanwhile".to_owned()),
            Self::Raced { name: Some(name) } => {
                Some(format!("{} moved meanwhile", RefName::branch_in(name).unwrap_or(name)))
            }
            Self::OpenedMeanwhile(other) => Some(format!("{other} was opened meanwhile")),
            Self::Rejected(no) => Some(no.why()),
            Self::NotYet { reason } => Some(reason.clone()),
            Self::Remedied { why_not } => why_not.clone(),
            Self::Tested { run, .. } if run.ending == Ending::TimedOut => Some("it ran past its deadline".to_owned()),
            Self::Tested { run, .. } => match (&run.unfinished, run.counts, run.exit_code) {
                (Some(unfinished), _, _) => Some(unfinished.clone()),
                (None, Some(counts), _) if counts.failed > 0 => Some(format!("{} failed", counts.failed)),
                (None, _, Some(code)) if code != 0 => Some(format!("exit code {code}")),
                (None, _, None) => Some("a signal ended it".to_owned()),
                (None, _, Some(_)) => None,
            },
            Self::Ended(_, Ending::TimedOut) => Some("it ran past its deadline".to_owned()),
            _ => None,
        }
        .filter(|_| !self.is_well())
    }

    /// Whether the rest of the round must not happen: the step has to look again first.
    pub fn halts(&self) -> bool {
        match self {
            // What says that it had no test may have to be excused first.
            Self::Tested { run, .. } => run.ending != Ending::Passed || had_no_test(run),
            Self::Ended(_, ending) => *ending != Ending::Passed,
            Self::Raced { .. } | Self::Rejected(_) | Self::NotYet { .. } | Self::OpenedMeanwhile(_) => true,
            // No wildcard: whether a new result ends the round has to be decided.
            Self::Inspected { .. }
            | Self::Examined { .. }
            | Self::Fetched { .. }
            | Self::Incident(_)
            | Self::Deleted { .. }
            | Self::Landed { .. }
            | Self::Pushed { .. }
            | Self::Proposed
            | Self::RecordsProposed { .. }
            | Self::PullRequestStatus(_)
            | Self::Unchanged(_)
            | Self::ProposalSeen { .. }
            | Self::MergedThere
            | Self::Queued
            | Self::CouldNotFollow { .. }
            | Self::Proved(_)
            | Self::Recorded
            | Self::Over
            | Self::Shared(_)
            | Self::Salvaged(_)
            | Self::Mended(_)
            | Self::Imported(_)
            | Self::Remedied { .. }
            | Self::ChangedHere
            | Self::TakenBack
            | Self::Composed(_)
            | Self::Edited
            | Self::Nothing => false,
        }
    }
}

fn had_no_test(run: &TestRun) -> bool {
    run.counts.is_some_and(TestCounts::ran_nothing)
}
