//! What is known when an incident is opened: what broke, where production is, and where the person stood.

use serde::{Deserialize, Serialize};

use super::{BranchName, IncidentId, ObjectId, Severity, Slug, Title};

/// The production commit that the fix starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// What was asked for, for example `origin/main`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The commit.
    pub commit: ObjectId,
}

/// The branch that production is built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Production {
    /// Its name without `refs/heads/`.
    pub branch: BranchName,
    /// The remote that holds it; absent in a repository that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
}

impl Production {
    /// How people write it: `origin/main`, or `main` without a remote.
    pub fn display_name(&self) -> String {
        match &self.remote {
            Some(remote) => format!("{remote}/{}", self.branch),
            None => self.branch.to_string(),
        }
    }
}

/// Who may see an incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Everybody who sees the repository.
    #[default]
    Open,
    /// Nobody outside this clone, until it is published on purpose.
    Restricted,
}

/// Where HEAD was before the incident; `abort` returns there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "at", content = "name")]
pub enum Origin {
    /// On this branch, without `refs/heads/`.
    Branch(BranchName),
    /// Detached at this commit.
    Detached(ObjectId),
    /// HEAD was not moved: the fix has a work tree of its own, at this path.
    Untouched(String),
}

/// What was opened: the first event of an incident. [`Opened::new`] makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Opened {
    /// What is broken.
    pub title: Title,
    /// Which incident it is, in the names of its branch and its postmortem.
    pub slug: Slug,
    /// The branch, without `refs/heads/`; absent where it is `hotfix/<slug>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchName>,
    /// How bad it is.
    pub severity: Severity,
    /// What is broken for users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    /// How many users are affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// How it became known: an error log, a user's report, an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Who may see it.
    #[serde(default)]
    pub visibility: Visibility,
    /// The production commit that the fix starts from.
    pub base: Base,
    /// The branch that the fix lands on.
    pub production: Production,
    /// The commit whose `hotfix.toml` rules this incident; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<ObjectId>,
    /// Where HEAD was.
    pub origin: Origin,
}

impl Opened {
    /// What must be known; the rest may be set. HEAD was on the production branch.
    pub fn new(title: Title, slug: Slug, severity: Severity, base: Base, production: Production) -> Self {
        let origin = Origin::Branch(production.branch.clone());
        Self {
            title,
            slug,
            branch: None,
            severity,
            impact: None,
            scope: None,
            source: None,
            visibility: Visibility::Open,
            base,
            production,
            policy: None,
            origin,
        }
    }
}

/// Events that do not say what was opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("none of the {events} events of {incident} says that it was opened")]
pub struct NeverOpened {
    /// The incident.
    pub incident: IncidentId,
    /// How many events it has.
    pub events: usize,
}
