//! How a fix got to a line beside production, or why it need not.

use serde::{Deserialize, Serialize};

use super::ObjectId;

/// The way a fix got to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CarriedBy {
    /// By a merge.
    Merge,
    /// By picking its commits.
    Pick,
    /// It was there already.
    Present,
    /// It is proposed on a branch of its own, as the line takes no pushes.
    Proposal,
    /// It need not get there, for a reason.
    Waiver,
}

/// A line that has the fix now, or need not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The line's branch, without `refs/heads/`.
    pub line: String,
    /// How.
    pub by: CarriedBy,
    /// The commit that the line was at then; of a proposal, the branch's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<ObjectId>,
    /// The branch that proposes it, without `refs/heads/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Where to read the proposal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Why it need not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Carried {
    /// Got to `line` in this way, which is at `commit` now.
    pub fn new(line: impl Into<String>, by: CarriedBy, commit: Option<ObjectId>) -> Self {
        Self { line: line.into(), by, commit, branch: None, url: None, reason: None }
    }

    /// One line for the timeline.
    pub fn sentence(&self) -> String {
        let at = self.commit.as_ref().map(|commit| format!(" as {}", commit.short())).unwrap_or_default();
        match self.by {
            CarriedBy::Merge => format!("fix merged into {}{at}", self.line),
            CarriedBy::Pick => format!("fix picked to {}{at}", self.line),
            CarriedBy::Present => format!("fix found on {}", self.line),
            CarriedBy::Proposal => {
                let place = self.url.as_ref().or(self.branch.as_ref()).cloned().unwrap_or_default();
                format!("fix proposed for {}: {place}", self.line)
            }
            CarriedBy::Waiver => {
                format!("fix not needed on {}: {}", self.line, self.reason.as_deref().unwrap_or("no reason given"))
            }
        }
    }
}
