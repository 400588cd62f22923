//! How a fix got to a release branch beside production, or why it need not.

use serde::{Deserialize, Serialize};

use super::{BranchName, ObjectId};

/// How a fix got to a release branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CarriedBy {
    /// By a merge.
    Merge,
    /// By cherry-picking its commits.
    Pick,
    /// It was there already.
    Present,
    /// It is proposed on a branch of its own.
    Proposal,
    /// It was proposed, and somebody closed the pull request without merging it: the branch still needs it.
    Closed,
    /// It need not get there, for a reason.
    Waiver,
}

/// A release branch that has the fix now, or need not have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Carried {
    /// The branch, without `refs/heads/`.
    pub line: BranchName,
    /// How.
    pub by: CarriedBy,
    /// The commit that took it there; of a proposal, the tip of its branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<ObjectId>,
    /// The branch that proposes or proposed it, without `refs/heads/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchName>,
    /// The tip of that branch when it was merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<ObjectId>,
    /// The number of the pull request that proposes or proposed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Where to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Why it need not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Carried {
    /// Got to the branch in this way, which is at `commit` now.
    pub fn new(line: BranchName, by: CarriedBy, commit: Option<ObjectId>) -> Self {
        Self { line, by, commit, branch: None, head: None, number: None, url: None, reason: None }
    }

    /// Where it is proposed, a few words: `#7 (https://...)`, or the branch.
    pub fn proposal(&self) -> Option<String> {
        match (self.number, &self.url) {
            (Some(number), Some(url)) => Some(format!("#{number} ({url})")),
            (Some(number), None) => Some(format!("#{number}")),
            // Without a service a branch is all there is to look at.
            (None, url) => url.clone().or_else(|| self.branch.as_ref().map(BranchName::to_string)),
        }
    }

    /// One line for the timeline.
    pub fn sentence(&self) -> String {
        let at = self.commit.as_ref().map(|commit| format!(" as {}", commit.short())).unwrap_or_default();
        let link = || self.proposal().unwrap_or_default();
        match self.by {
            CarriedBy::Merge if self.number.is_some() => format!("fix merged into {}{at} by {}", self.line, link()),
            CarriedBy::Merge => format!("fix merged into {}{at}", self.line),
            CarriedBy::Pick => format!("fix picked to {}{at}", self.line),
            CarriedBy::Present => format!("fix found on {}", self.line),
            CarriedBy::Proposal => format!("fix proposed for {}: {}", self.line, link()),
            CarriedBy::Closed => format!("fix for {} not merged, its pull request was closed: {}", self.line, link()),
            CarriedBy::Waiver => {
                format!("fix not needed on {}: {}", self.line, self.reason.as_deref().unwrap_or("no reason given"))
            }
        }
    }
}
