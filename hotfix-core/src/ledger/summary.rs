//! What lists show of an incident, small enough to be kept for ten thousand of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::event::Base;
use crate::domain::{
    BranchName, Incident, IncidentId, Milestone, Milestones, PullRequestState, Severity, Slug, Status, Title,
    Visibility,
};

/// An incident without its events. The cache keeps it in a form that cannot skip or tag fields, so neither may it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Summary {
    /// Its id.
    pub id: IncidentId,
    /// What is broken.
    pub title: Title,
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
    pub branch: BranchName,
    /// The production commit that the fix starts from.
    pub base: Base,
    /// The branch that the fix lands on, without `refs/heads/`.
    pub production_branch: BranchName,
    /// The remote that holds it.
    pub production_remote: Option<String>,
    /// The milestones reached.
    #[serde(with = "instants")]
    pub milestones: Milestones,
    /// The pull request.
    pub pull_request: Option<PullRequestSummary>,
    /// Whether a proper fix is still missing.
    pub band_aid: bool,
    /// The postmortem's file, relative to the top of the work tree.
    pub postmortem: Option<String>,
    /// Whether a landing or a deployment was begun and did not come to its end.
    pub is_underway: bool,
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
            severity: incident.severity.clone(),
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
            is_underway: incident.landing_in_doubt.is_some()
                || !incident.carries_in_doubt.is_empty()
                || incident.deploys.is_unfinished(),
        }
    }
}

/// Instants as seconds and nanoseconds: parsing them as text would be half the time that a list takes.
mod instants {
    use jiff::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::domain::{Milestone, Milestones};

    type Reached = (Milestone, i64, i32);

    pub(super) fn serialize<S: Serializer>(milestones: &Milestones, serializer: S) -> Result<S::Ok, S::Error> {
        let reached = milestones.iter().map(|(what, at)| (*what, at.as_second(), at.subsec_nanosecond()));
        reached.collect::<Vec<Reached>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Milestones, D::Error> {
        let reached = Vec::<Reached>::deserialize(deserializer)?.into_iter();
        let milestones = reached.map(|(what, seconds, nanos)| Ok((what, Timestamp::new(seconds, nanos)?)));
        milestones.collect::<Result<_, jiff::Error>>().map_err(D::Error::custom)
    }
}
