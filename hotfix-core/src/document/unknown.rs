//! What a postmortem still has to say is unknown, and the command that tells it.

use crate::domain::event::{ExplainTopic, PreventionGap};
use crate::domain::{Incident, Milestone};

use super::Evidence;

/// A question that the postmortem answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenQuestion {
    Impact,
    UsersAffected,
    Started,
    Over,
    RootCause,
    Fix,
    Prevention,
    Gap(PreventionGap),
}

impl OpenQuestion {
    pub(super) const ALL: [Self; 10] = [
        Self::Impact,
        Self::UsersAffected,
        Self::Started,
        Self::Over,
        Self::RootCause,
        Self::Fix,
        Self::Prevention,
        Self::Gap(PreventionGap::Test),
        Self::Gap(PreventionGap::Monitoring),
        Self::Gap(PreventionGap::Validation),
    ];

    /// The name that templates know it by.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Impact => "impact",
            Self::UsersAffected => "users_affected",
            Self::Started => "started",
            Self::Over => "over",
            Self::RootCause => "root_cause",
            Self::Fix => "fix",
            Self::Prevention => "prevention",
            Self::Gap(gap) => gap.key(),
        }
    }

    /// What is asked.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Impact => "what was broken for users",
            Self::UsersAffected => "how many users were affected",
            Self::Started => "when it started",
            Self::Over => "when it was over for users",
            Self::RootCause => "the root cause",
            Self::Fix => "what the fix changes",
            Self::Prevention => "what prevents it from happening again",
            Self::Gap(PreventionGap::Test) => "the test gap",
            Self::Gap(PreventionGap::Monitoring) => "the monitoring gap",
            Self::Gap(PreventionGap::Validation) => "the validation gap",
        }
    }

    /// The command that answers it.
    pub(super) fn command(self) -> &'static str {
        match self {
            Self::Impact => "git hotfix triage --impact TEXT",
            Self::UsersAffected => "git hotfix triage --scope TEXT",
            Self::Started => "git hotfix mark started --at TIME",
            Self::Over => "git hotfix mark resolved --at TIME",
            Self::RootCause => "git hotfix postmortem --root-cause TEXT",
            Self::Fix => "git hotfix pr --fix TEXT",
            Self::Prevention => "git hotfix postmortem --prevention TEXT",
            Self::Gap(PreventionGap::Test) => "git hotfix follow-up add TEXT --gap test",
            Self::Gap(PreventionGap::Monitoring) => "git hotfix follow-up add TEXT --gap monitoring",
            Self::Gap(PreventionGap::Validation) => "git hotfix follow-up add TEXT --gap validation",
        }
    }

    /// The same of this incident, whatever is open when somebody reads it.
    pub(super) fn command_for(self, incident: &Incident) -> String {
        format!("{} --incident {}", self.command(), incident.id)
    }

    /// What people explain there, where it is that.
    pub(super) fn topic(self) -> Option<ExplainTopic> {
        match self {
            Self::RootCause => Some(ExplainTopic::RootCause),
            Self::Fix => Some(ExplainTopic::Fix),
            Self::Prevention => Some(ExplainTopic::Prevention),
            Self::Impact | Self::UsersAffected | Self::Started | Self::Over | Self::Gap(_) => None,
        }
    }

    fn is_open(self, incident: &Incident, evidence: &Evidence) -> bool {
        let reached = |milestone| incident.milestones.contains_key(&milestone);
        match self {
            Self::Impact => incident.impact.is_none(),
            Self::UsersAffected => incident.scope.is_none(),
            Self::Started => !reached(Milestone::Started),
            Self::Over => ![Milestone::Mitigated, Milestone::Resolved, Milestone::Verified].into_iter().any(reached),
            Self::RootCause => incident.explanation(ExplainTopic::RootCause).is_none(),
            Self::Prevention => incident.explanation(ExplainTopic::Prevention).is_none(),
            Self::Fix => {
                incident.explanation(ExplainTopic::Fix).is_none()
                    && evidence.commits.is_empty()
                    && evidence.changes.is_empty()
            }
            Self::Gap(gap) => {
                let is_known = incident.follow_ups.iter().any(|follow_up| follow_up.added.gap == Some(gap));
                // A fix that came with its test leaves no gap there.
                !is_known && (gap != PreventionGap::Test || !has_tests_of_the_fix(incident))
            }
        }
    }
}

/// Whether the fix came with a test: one that was proven, or a test file.
pub(super) fn has_tests_of_the_fix(incident: &Incident) -> bool {
    let is_proven = incident.proofs.last().is_some_and(|proof| proof.verdict.is_proof());
    is_proven || !tests_of_the_fix(incident).is_empty()
}

/// The test files that belong to the fix, by the last run of the affected tests.
pub(super) fn tests_of_the_fix(incident: &Incident) -> &[String] {
    use crate::domain::event::Suite;
    let last = incident.test_runs.iter().rev().find(|run| run.suite == Suite::Affected);
    last.map(|run| run.files.as_slice()).unwrap_or_default()
}

/// What the postmortem would say is unknown, each with the command that tells it.
pub fn unknowns(incident: &Incident, evidence: &Evidence) -> Vec<String> {
    OpenQuestion::ALL
        .into_iter()
        .filter(|question| question.is_open(incident, evidence))
        .map(|question| format!("{}: {}", question.what(), question.command()))
        .collect()
}

/// Whether a postmortem asks when users began to feel it.
pub fn asks_for_start(postmortem: &str) -> bool {
    postmortem.contains(OpenQuestion::Started.command())
}

/// Whether a postmortem asks when it was over for users.
pub fn asks_for_end(postmortem: &str) -> bool {
    postmortem.contains(OpenQuestion::Over.command())
}

/// Whether a postmortem asks how a gap is closed.
pub fn asks_for_gap(postmortem: &str, gap: PreventionGap) -> bool {
    postmortem.contains(OpenQuestion::Gap(gap).command())
}
