//! What lists show of an incident, small enough to be kept for ten thousand of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::event::Base;
use crate::domain::{
    Incident, IncidentId, Milestone, Milestones, PullRequestState, Severity, Slug, Status, Visibility,
};

/// An incident without its events. The cache keeps it in a form that cannot skip or tag fields, so neither may it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// Its id.
    pub id: IncidentId,
    /// What is broken, one line, as given.
    pub title: String,
    /// The branch is `hotfix/<slug>`.
    pub slug: Slug,
    /// How bad it is now.
    pub severity: Severity,
    /// What is broken for users.
    pub impact: Option<String>,
    /// How many users are affected.
    pub scope: Option<String>,
    /// How it became known.
    pub source: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Who may see it.
    pub visibility: Visibility,
    /// The branch of the fix, without `refs/heads/`.
    pub branch: String,
    /// The production commit that the fix starts from.
    pub base: Base,
    /// The branch that the fix lands on, without `refs/heads/`.
    pub production_branch: String,
    /// The remote that holds it.
    pub production_remote: Option<String>,
    /// The milestones reached.
    #[serde(with = "nanoseconds")]
    pub milestones: Milestones,
    /// The pull request.
    pub pull_request: Option<PullRequestSummary>,
    /// Whether a proper fix is still owed.
    pub band_aid: bool,
    /// The postmortem's file, relative to the top of the work tree.
    pub postmortem: Option<String>,
}

/// Where a pull request is and stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestSummary {
    /// Its number; the local forge has none.
    pub number: Option<u64>,
    /// Where to read it.
    pub url: Option<String>,
    /// Where it stands.
    pub state: PullRequestState,
}

impl Summary {
    /// When it was opened (UTC).
    pub fn opened_at(&self) -> Timestamp {
        self.milestones.get(&Milestone::Opened).copied().unwrap_or_default()
    }
}

impl From<&Incident> for Summary {
    fn from(incident: &Incident) -> Self {
        Self {
            id: incident.id.clone(),
            title: incident.title.clone(),
            slug: incident.slug.clone(),
            severity: incident.severity,
            impact: incident.impact.clone(),
            scope: incident.scope.clone(),
            source: incident.source.clone(),
            status: incident.status,
            visibility: incident.visibility,
            branch: incident.branch(),
            base: incident.base.clone(),
            production_branch: incident.production.branch.clone(),
            production_remote: incident.production.remote.clone(),
            milestones: incident.milestones.clone(),
            pull_request: incident.pull_request.as_ref().map(|pull_request| PullRequestSummary {
                number: pull_request.number,
                url: pull_request.url.clone(),
                state: pull_request.state,
            }),
            band_aid: incident.has_band_aid(),
            postmortem: incident.postmortem.as_ref().map(|postmortem| postmortem.path.clone()),
        }
    }
}

/// Instants as numbers: parsing them as text would be half the time that a list takes.
mod nanoseconds {
    use jiff::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::domain::{Milestone, Milestones};

    pub(super) fn serialize<S: Serializer>(milestones: &Milestones, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs: Vec<(Milestone, i128)> =
            milestones.iter().map(|(milestone, at)| (*milestone, at.as_nanosecond())).collect();
        pairs.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Milestones, D::Error> {
        let pairs = Vec::<(Milestone, i128)>::deserialize(deserializer)?;
        let instants = pairs.into_iter().map(|(milestone, at)| Ok((milestone, Timestamp::from_nanosecond(at)?)));
        instants.collect::<Result<_, jiff::Error>>().map_err(D::Error::custom)
    }
}
