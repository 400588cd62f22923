//! An incident: what its events add up to.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

pub use super::apart::{Anomaly, Contested};
use super::deployment::{DeployInDoubt, Deploys};
use super::event::{
    Base, ExplainTopic, FollowUpAdded, GuardRun, Landing, LandingLine, Origin, Production, PullRequest, TestRun,
    Verified, Visibility, Waiver,
};
use super::lineage::Traces;
pub use super::timeline::TimelineEntry;
use super::{
    Attachment, BranchName, Carried, ClaimedBy, EventId, IncidentId, Milestone, Milestones, ObjectId, Person, Proof,
    RecordedEvent, Severities, Severity, Slug, Status, TakenBack, Title, Workplace,
};

/// An incident as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// What is broken.
    pub title: Title,
    /// Which incident it is, in the names of its branch and its postmortem.
    pub slug: Slug,
    /// The branch that it was opened with, where that is another than `hotfix/<slug>`.
    pub own_branch: Option<BranchName>,
    /// How bad it is now.
    pub severity: Severity,
    /// What is broken for users.
    pub impact: Option<String>,
    /// How many users are affected.
    pub scope: Option<String>,
    /// How it became known.
    pub source: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Where it stands.
    pub status: Status,
    /// Who opened it.
    pub opened_by: Person,
    /// The production commit that the fix starts from.
    pub base: Base,
    /// The branch that the fix lands on.
    pub production: Production,
    /// The commit whose `hotfix.toml` rules this incident.
    pub policy: Option<ObjectId>,
    /// Where HEAD was before.
    pub origin: Origin,
    /// Whether the branch was created.
    pub branch_created: bool,
    /// The milestones reached.
    pub milestones: Milestones,
    /// What people explained, by topic; the last one counts.
    pub explanations: Vec<(ExplainTopic, String)>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// The evidence attached, oldest first.
    pub attachments: Vec<Attachment>,
    /// What the guard said, oldest first.
    pub guard_runs: Vec<GuardRun>,
    /// Finished test runs, oldest first.
    pub test_runs: Vec<TestRun>,
    /// Whether the regression tests caught the bug, oldest first.
    pub proofs: Vec<Proof>,
    /// What people checked by hand, with the tree they checked.
    pub smoke_tests: Vec<(ObjectId, String)>,
    /// Why there is no regression test, with the tree that lacks it.
    pub test_deferrals: Vec<(ObjectId, String)>,
    /// What was let pass.
    pub waivers: Vec<Waiver>,
    /// The pull request.
    pub pull_request: Option<PullRequest>,
    /// A landing that started and was neither seen to finish nor forgotten.
    pub landing_in_doubt: Option<Landing>,
    /// The landing that finished.
    pub merged: Option<Landing>,
    /// Earlier landings, oldest first, where the incident needed several fixes.
    pub merged_before: Vec<Landing>,
    /// How many commits the production branch was ahead of the base that was chosen; the fix is released without them.
    pub ahead: u32,
    /// Release branches beside production that have the fix or need not have it, each once.
    pub carried: Vec<Carried>,
    /// Release branches that the fix was about to get to, and whose end nobody recorded.
    pub carries_in_doubt: Vec<LandingLine>,
    /// Every commit that was to take the fix to a release branch: what of them is on a branch that proposes it is ours.
    pub carriers: Vec<ObjectId>,
    /// What was done to production.
    pub deploys: Deploys,
    /// Who drives it, where that was said.
    pub driver: Option<ClaimedBy>,
    /// From where the fix landed that landed last, where that was said.
    pub landed_from: Option<Workplace>,
    /// Whether that landing was told before it began: whoever lets it land with hotfix tells, and nobody else does.
    pub landing_was_told: bool,
    /// The events that cannot be read and were given up.
    pub given_up: Vec<EventId>,
    /// Looks at production, oldest first.
    pub verifications: Vec<Verified>,
    /// Whether production became another since it was looked at.
    pub deployed_since_look: bool,
    /// The postmortem's file and preset.
    pub postmortem: Option<PostmortemFile>,
    /// Remaining work. Numbers count from 1 and stay: that of one that was taken back is nobody's.
    pub follow_ups: Vec<FollowUp>,
    /// A delivery of the records that was not seen to finish.
    pub records_in_doubt: Option<ObjectId>,
    /// The delivered records.
    pub records: Option<DeliveredRecords>,
    /// Why it was closed or canceled.
    pub ended_because: Option<String>,
    /// The tip of the branch that an abort kept.
    pub aborted_tip: Option<ObjectId>,
    /// Everything that happened, in the order in which it happened.
    pub timeline: Vec<TimelineEntry>,
    /// What was said and taken back, in the same order; no part of anything else.
    pub taken_back: Vec<TakenBack>,
    /// Events that could not legally follow the ones before them, as can happen when replicas merge.
    pub anomalies: Vec<Anomaly>,
    /// The newest events; they are the parents of the next one.
    pub heads: Vec<EventId>,
    /// Every event in the order of replay.
    pub events: Vec<RecordedEvent>,
    /// The reader that some event needs, where that is newer than this one ([`READER`](super::event::READER)): what the
    /// incident is now is then not known here.
    pub newer: Option<u32>,
    /// What replay must remember to know what an event takes back.
    pub(super) traces: Traces,
}

/// Something that somebody wrote down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When it happened.
    pub at: Timestamp,
    /// What, as given.
    pub text: String,
}

/// Where the postmortem was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostmortemFile {
    /// Relative to the top of the work tree.
    pub path: String,
    /// The preset it follows.
    pub preset: String,
    /// The SHA-256 of what was written, 64 hex digits.
    pub digest: String,
    /// The same of what was written before, oldest first.
    pub earlier: Vec<String>,
}

/// Remaining work and whether it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Its number, counted from 1.
    pub number: u32,
    /// What is to be done, by whom, until when.
    pub added: FollowUpAdded,
    /// Whether it was done.
    pub done: bool,
    /// Where to see it.
    pub link: Option<String>,
    /// The issue that it was filed as: its number and where to read it.
    pub issue: Option<(u64, String)>,
}

/// The records that were delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredRecords {
    /// The commit that holds them; absent when they were left in the work tree.
    pub commit: Option<ObjectId>,
    /// The files, relative to the top of the work tree.
    pub paths: Vec<String>,
    /// The branch on the remote that proposes them, where production did not take them directly.
    pub branch: Option<BranchName>,
}

impl Incident {
    /// The branch of the fix, without `refs/heads/`.
    pub fn branch(&self) -> BranchName {
        self.own_branch.clone().unwrap_or_else(|| self.slug.branch())
    }

    /// When it was opened (UTC).
    pub fn opened_at(&self) -> Timestamp {
        self.milestones.get(&Milestone::Opened).copied().unwrap_or_default()
    }

    /// The event that ended it; `None` while it is open, and where that event cannot be read.
    pub fn ended(&self) -> Option<&RecordedEvent> {
        let is_end = |event: &&RecordedEvent| event.kind == self.status.key() && !event.is_retracted;
        self.events.iter().rev().find(is_end).filter(|_| !self.status.is_open())
    }

    /// When the postmortem is due, where its severity sets a date: so many days after it was resolved, or opened while it
    /// is not.
    pub fn postmortem_due(&self, severities: &Severities) -> Option<Date> {
        let days = severities.get(&self.severity)?.postmortem_due_days?;
        let from = self.milestones.get(&Milestone::Resolved).copied().unwrap_or(self.opened_at());
        from.to_zoned(TimeZone::UTC).date().checked_add(Span::new().try_days(days).ok()?).ok()
    }

    /// What was explained last about `topic`.
    pub fn explanation(&self, topic: ExplainTopic) -> Option<&str> {
        self.explanations.iter().rev().find(|(about, _)| *about == topic).map(|(_, text)| text.as_str())
    }

    /// Whether `check` was let pass, and why.
    pub fn waiver(&self, check: &str) -> Option<&Waiver> {
        self.waivers.iter().rev().find(|waiver| waiver.check == check)
    }

    /// The merge commit on production, once it is there.
    pub fn merge_commit(&self) -> Option<&ObjectId> {
        self.merged.as_ref().and_then(Landing::on_production)
    }

    /// The commit that goes to production: the merge commit, or the fix alone where its base was chosen apart from the
    /// production branch.
    pub fn released_commit(&self) -> Option<&ObjectId> {
        match &self.merged {
            Some(landing) if self.ahead > 0 => Some(&landing.head),
            _ => self.merge_commit(),
        }
    }

    /// The event that told of the start of what is in doubt.
    pub fn start_of(&self, doubt: &DeployInDoubt) -> Option<&RecordedEvent> {
        self.events.get(doubt.at)
    }

    /// Whether what landed last was deployed and then rolled back.
    pub fn is_rolled_back(&self) -> bool {
        self.released_commit().is_some_and(|commit| self.deploys.is_taken_back(commit))
    }

    /// Whether several people answered this at once, and nobody who knew it said which it is.
    pub fn is_undecided(&self, topic: Contested) -> bool {
        self.anomalies.iter().any(|odd| odd.topic == Some(topic))
    }

    /// The number that the next follow-up gets.
    pub fn next_follow_up(&self) -> u32 {
        u32::try_from(self.traces.follow_ups.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Whether a proper fix is still missing.
    pub fn has_band_aid(&self) -> bool {
        self.follow_ups.iter().any(|follow_up| follow_up.added.band_aid)
    }
}
