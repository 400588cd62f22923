//! What commands report besides the incident, for text and JSON.

use serde::Serialize;

use crate::config::ConfigEntry;
use crate::domain::event::TestRun;
use crate::domain::{BranchName, Finding, ObjectId, Proof, SeverityLevel};
use crate::evidence::Located;
use crate::ledger::Summary;
use crate::port::CommitDetails;

/// What a command has to say besides the incident.
#[derive(Debug, Default)]
pub struct Report {
    /// How bad what is told may be; a terminal gives each its colour.
    pub severities: Vec<SeverityLevel>,
    /// Incidents, for lists.
    pub incidents: Option<Vec<Summary>>,
    /// What the guard found.
    pub findings: Option<Vec<Finding>>,
    /// What the doctor found.
    pub checks: Option<Vec<Diagnosis>>,
    /// Which changes may have caused it.
    pub suspects: Option<SuspectReport>,
    /// Which release branches have the fix.
    pub lines: Option<Vec<Row>>,
    /// Keys and values of the configuration.
    pub config: Option<Vec<ConfigEntry>>,
    /// Test runs.
    pub test_runs: Vec<TestRun>,
    /// Whether the regression tests catch the bug.
    pub proof: Option<Proof>,
    /// What was selected to be tested and why, one line each.
    pub selection: Vec<String>,
    /// A file that the person wants besides: where, and what it holds.
    pub file: Option<(std::path::PathBuf, String)>,
}

/// Which changes may have caused an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspectReport {
    /// The release since which changes were looked at, as it was named; absent where there is none.
    pub since: Option<String>,
    /// Where stack traces point into files of the repository, each with its last change.
    pub traced_lines: Vec<(Located, Option<CommitDetails>)>,
    /// The suspects, best first.
    pub suspects: Vec<Suspect>,
}

/// A change that may have caused an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspect {
    /// The commit.
    pub commit: ObjectId,
    /// The first line of its message.
    pub subject: String,
    /// Its author's name.
    pub author: String,
    /// The file it changed that a stack trace names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line of that file that it changed, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Why it is suspected.
    pub why: String,
    /// How much it is suspected, from 1 to 100.
    pub score: u32,
}

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// It is ready.
    Ok,
    /// A hotfix gets through, with less comfort or safety.
    Warning,
    /// A hotfix would get stuck.
    Failure,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The check.
    pub check: &'static str,
    /// How well it is.
    pub state: Health,
    /// What was seen, one line.
    pub message: String,
    /// What helps: a command or a sentence.
    // Scripts read the key `mend`; people read `fix:`.
    #[serde(rename = "mend", skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Whether a release branch has the fix, or what would happen if it got there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowState {
    /// It got there by a merge.
    Landed,
    /// It was cherry-picked.
    Picked,
    /// It is there, and nobody recorded how.
    Present,
    /// A pull request proposes it.
    Proposed,
    /// It need not get there.
    Waived,
    /// Production took it out again.
    Reverted,
    /// It would get there.
    Clean,
    /// It would conflict.
    Conflict,
    /// Only git can tell, which is asked when it ships.
    Undecided,
    /// Nobody can tell here: history is cut off.
    Unknown,
}

/// How a release branch gets or got the fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowBy {
    /// By a merge.
    Merge,
    /// By cherry-picks.
    Pick,
}

/// A release branch and whether it has the fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The branch.
    pub line: BranchName,
    /// Whether it has the fix, or what would happen now.
    pub state: RowState,
    /// How it gets or got there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<RowBy>,
    /// The commit that took it there, or out again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<ObjectId>,
    /// Where it conflicts, as `file:line`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// The pull request that proposes or proposed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<RowPullRequest>,
    /// Why it need not, or where it is proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The pull request of a release branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowPullRequest {
    /// Its number.
    pub number: u64,
    /// Where to read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
