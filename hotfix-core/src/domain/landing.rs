//! What lands: release branches, commits and a tag, published together.

use serde::{Deserialize, Serialize};

use super::{BranchName, ObjectId};

/// One branch that the fix lands on, and the commit that takes it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandingLine {
    /// The branch, without `refs/heads/`.
    pub branch: BranchName,
    /// Where the branch was.
    pub from: ObjectId,
    /// The merge commit it moves to.
    pub to: ObjectId,
}

/// The merge of one tested commit into every release branch, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Landing {
    /// The hotfix branch's tip that lands.
    pub head: ObjectId,
    /// The release branches, production first.
    pub lines: Vec<LandingLine>,
    /// The annotated tag that is published with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<LandingTag>,
    /// Why the service is asked to bypass the rules of the branch, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub past_rules: Option<String>,
}

impl Landing {
    /// The merge of this commit into these lines, production first, without a tag.
    pub fn new(head: ObjectId, lines: Vec<LandingLine>) -> Self {
        Self { head, lines, tag: None, past_rules: None }
    }

    /// The commit that production got.
    pub fn on_production(&self) -> Option<&ObjectId> {
        self.lines.first().map(|line| &line.to)
    }
}

/// The annotated tag of a landing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandingTag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// The tag object.
    pub object: ObjectId,
    /// The commit it names.
    pub commit: ObjectId,
}
