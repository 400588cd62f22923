//! An incident: what its events add up to.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::deployment::Deploys;
use super::event::{
    Base, DeployFinished, DeployInterrupted, DeployPart, Ending, EventKind, ExplainTopic, FollowUpAdded, GuardRun,
    Landing, LandingLine, Opened, Origin, Production, PullRequest, PullRequestState, READER, TestRun, Verified,
    Visibility, Waiver,
};
pub use super::timeline::TimelineEntry;
use super::timeline::timeline;
use super::{
    Attachment, BranchName, Carried, CarriedBy, ClaimedBy, Event, EventId, Fact, IncidentId, Milestone, Milestones,
    NeverOpened, ObjectId, Person, Proof, Severities, Severity, Slug, Status, StatusChange, Title, Workplace, one_line,
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
    /// The events that cannot be read and were given up.
    pub given_up: Vec<EventId>,
    /// Looks at production, oldest first.
    pub verifications: Vec<Verified>,
    /// Whether production became another since it was looked at.
    pub deployed_since_look: bool,
    /// The postmortem's file and preset.
    pub postmortem: Option<PostmortemFile>,
    /// Remaining work; its number is its position here, counted from 1.
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
    /// Events that could not legally follow the ones before them, as can happen when replicas merge.
    pub anomalies: Vec<Anomaly>,
    /// The newest events; they are the parents of the next one.
    pub heads: Vec<EventId>,
    /// Every event in the order of replay: its id and its kind.
    pub events: Vec<(EventId, &'static str)>,
    /// The reader that some event needs, where that is newer than this one ([`READER`](super::event::READER)): what the
    /// incident is now is then not known here.
    pub newer: Option<u32>,
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

/// An event that could not legally follow the ones before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// The event.
    pub event: EventId,
    /// What is odd about it.
    pub text: String,
}

impl Incident {
    /// Replays `events`, which are in ledger order (parents first).
    ///
    /// # Errors
    /// When none of them says what was opened.
    pub fn replay(id: &IncidentId, events: &[Event]) -> Result<Self, NeverOpened> {
        let mut incident = Self::outline(id, events)?;
        incident.timeline = timeline(events);
        incident.heads = heads_of(events);
        incident.events = events.iter().map(|event| (event.id.clone(), event.fact.kind.name())).collect();
        Ok(incident)
    }

    /// The same without its timeline and its heads, which lists do not show.
    pub(crate) fn outline(id: &IncidentId, events: &[Event]) -> Result<Self, NeverOpened> {
        // Anywhere: a replica that lost its first event must still say what it has.
        let opening = events.iter().enumerate().find_map(|(at, event)| match &event.fact.kind {
            EventKind::Opened(opened) => Some((at, event, opened)),
            _ => None,
        });
        let Some((opening_at, event, opened)) = opening else {
            return Err(NeverOpened { incident: id.clone(), events: events.len() });
        };
        let mut incident = Self::opened(id, event, opened);
        incident.newer = events.iter().map(|event| event.needs).max().filter(|needs| *needs > READER);
        for (at, event) in events.iter().enumerate() {
            if at != opening_at {
                incident.apply(event);
            }
        }
        Ok(incident)
    }

    /// The incident as it will be once these events are recorded, for texts that are written before they are.
    #[must_use]
    pub fn with(&self, kinds: &[EventKind]) -> Self {
        let mut after = self.clone();
        for (kind, id) in kinds.iter().zip(self.heads.iter().cycle()) {
            let fact = Fact { at: self.opened_at(), by: self.opened_by.clone(), kind: kind.clone() };
            after.apply(&Event { id: id.clone(), incident: self.id.clone(), parents: Vec::new(), needs: 0, fact });
        }
        // Its timeline stays: nobody knows yet when it will be, nor who will record it.
        after
    }

    /// The branch of the fix, without `refs/heads/`.
    pub fn branch(&self) -> BranchName {
        self.own_branch.clone().unwrap_or_else(|| self.slug.branch())
    }

    /// When it was opened (UTC).
    pub fn opened_at(&self) -> Timestamp {
        self.milestones.get(&Milestone::Opened).copied().unwrap_or_default()
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
        self.merged.as_ref().and_then(|landing| landing.lines.first()).map(|line| &line.to)
    }

    /// The commit that goes to production: the merge commit, or the fix alone where its base was chosen apart from the
    /// production branch.
    pub fn released_commit(&self) -> Option<&ObjectId> {
        match &self.merged {
            Some(landing) if self.ahead > 0 => Some(&landing.head),
            _ => self.merge_commit(),
        }
    }

    /// Whether what landed last was deployed and then rolled back.
    pub fn is_rolled_back(&self) -> bool {
        self.released_commit().is_some_and(|commit| self.deploys.is_taken_back(commit))
    }

    /// Whether a proper fix is still missing.
    pub fn has_band_aid(&self) -> bool {
        self.follow_ups.iter().any(|follow_up| follow_up.added.band_aid)
    }

    fn opened(id: &IncidentId, event: &Event, opened: &Opened) -> Self {
        Self {
            id: id.clone(),
            title: opened.title.clone(),
            slug: opened.slug.clone(),
            own_branch: opened.branch.clone(),
            severity: opened.severity.clone(),
            impact: opened.impact.clone(),
            scope: opened.scope.clone(),
            source: opened.source.clone(),
            visibility: opened.visibility,
            status: Status::Active,
            opened_by: event.fact.by.clone(),
            base: opened.base.clone(),
            production: opened.production.clone(),
            policy: opened.policy.clone(),
            origin: opened.origin.clone(),
            branch_created: false,
            milestones: Milestones::from([(Milestone::Opened, event.fact.at)]),
            explanations: Vec::new(),
            notes: Vec::new(),
            attachments: Vec::new(),
            guard_runs: Vec::new(),
            test_runs: Vec::new(),
            proofs: Vec::new(),
            smoke_tests: Vec::new(),
            test_deferrals: Vec::new(),
            waivers: Vec::new(),
            pull_request: None,
            landing_in_doubt: None,
            merged: None,
            merged_before: Vec::new(),
            ahead: 0,
            carried: Vec::new(),
            carries_in_doubt: Vec::new(),
            carriers: Vec::new(),
            deploys: Deploys::default(),
            driver: None,
            landed_from: None,
            given_up: Vec::new(),
            verifications: Vec::new(),
            deployed_since_look: false,
            postmortem: None,
            follow_ups: Vec::new(),
            records_in_doubt: None,
            records: None,
            ended_because: None,
            aborted_tip: None,
            timeline: Vec::new(),
            anomalies: Vec::new(),
            heads: Vec::new(),
            events: Vec::new(),
            newer: None,
        }
    }

    fn apply(&mut self, event: &Event) {
        let at = event.fact.at;
        match &event.fact.kind {
            EventKind::Opened(_) => self.changes(event, StatusChange::Opened),
            EventKind::BranchCreated { .. } => self.branch_created = true,
            EventKind::Triaged(triaged) => {
                if let Some(severity) = &triaged.severity {
                    self.severity.clone_from(severity);
                }
                replace_if_some(&mut self.impact, triaged.impact.as_ref());
                replace_if_some(&mut self.scope, triaged.scope.as_ref());
                replace_if_some(&mut self.source, triaged.source.as_ref());
            }
            EventKind::Noted { text, happened_at } => {
                self.notes.push(Note { at: happened_at.unwrap_or(at), text: text.clone() });
            }
            EventKind::EvidenceAttached(attachment) => self.attach(attachment),
            EventKind::Marked { milestone, reached_at } => self.mark(*milestone, *reached_at),
            EventKind::Explained { topic, text } => self.explanations.push((*topic, text.clone())),
            EventKind::Guarded(run) => self.guard_runs.push(run.clone()),
            EventKind::Tested(run) => self.test_runs.push(run.clone()),
            EventKind::Proved(proof) => self.proofs.push(proof.clone()),
            EventKind::SmokeTested { text, tree } => self.smoke_tests.push((tree.clone(), text.clone())),
            EventKind::TestDeferred { reason, tree } => self.test_deferrals.push((tree.clone(), reason.clone())),
            EventKind::Waived(waiver) => self.waivers.push(waiver.clone()),
            EventKind::PullRequestOpened(pull_request) => self.pull_request = Some(pull_request.clone()),
            EventKind::PullRequestClosed => self.set_pull_request_state(PullRequestState::Closed),
            EventKind::LandingStarted(landing) => self.landing_in_doubt = Some(landing.clone()),
            EventKind::LandingAborted { .. } => self.landing_in_doubt = None,
            EventKind::Merged(landing) => {
                if self.merged.as_ref().is_some_and(|known| known.lines != landing.lines) {
                    // What was deployed and verified is an earlier landing.
                    self.milestones.remove(&Milestone::Deployed);
                    self.milestones.remove(&Milestone::Verified);
                }
                if self.merged.as_ref().is_some_and(|known| known.head != landing.head) {
                    // It was another fix that the release branches got, or were proposed.
                    self.carried.retain(|carried| carried.by == CarriedBy::Waiver);
                    self.carries_in_doubt.clear();
                    self.merged_before.extend(self.merged.take());
                }
                self.landing_in_doubt = None;
                self.landed_from = self.driver.as_ref().map(|driver| driver.workplace.clone());
                self.merged = Some(landing.clone());
                self.set_pull_request_state(PullRequestState::Merged);
                // The first landing counts: users had a fix from then on.
                self.milestones.entry(Milestone::Merged).or_insert(at);
            }
            EventKind::Tagged(tag) => {
                if let Some(landing) = &mut self.merged {
                    landing.tag = Some(tag.clone());
                }
            }
            EventKind::BaseChosen { ahead, .. } => self.ahead = *ahead,
            EventKind::ProductionMoved { branch } => self.production.branch.clone_from(branch),
            EventKind::CarryStarted(line) => {
                // A later attempt replaces the earlier one.
                self.carries_in_doubt.retain(|known| known.branch != line.branch);
                self.carries_in_doubt.push(line.clone());
                // Kept even when it failed: the push may have moved the branch all the same.
                self.carriers.push(line.to.clone());
            }
            EventKind::Carried(carried) => {
                self.carries_in_doubt.retain(|known| known.branch != carried.line);
                self.carried.retain(|known| known.line != carried.line);
                self.carried.push(carried.clone());
            }
            EventKind::DeployStarted(started) => self.deploys.start(started),
            EventKind::DeployFinished(finished) => match finished.as_interrupted() {
                Some(interrupted) => self.interrupt_deploy(interrupted),
                None => self.finish_deploy(event, finished),
            },
            EventKind::DeployInterrupted(interrupted) => self.interrupt_deploy(interrupted.clone()),
            EventKind::Claimed(workplace) => {
                let (name, workplace) = (one_line(&event.fact.by.name), workplace.clone());
                self.driver = Some(ClaimedBy { name, workplace, since: at });
            }
            EventKind::DamageAccepted { events, .. } => {
                self.given_up.extend(events.iter().cloned());
                self.deploys.may_be_lost = true;
            }
            EventKind::Verified(verified) => self.verify(event, verified),
            EventKind::PostmortemWritten { path, preset, digest } => {
                self.postmortem =
                    Some(PostmortemFile { path: path.clone(), preset: preset.clone(), digest: digest.clone() });
            }
            EventKind::FollowUpAdded(added) => self.follow_ups.push(FollowUp {
                // Counted at replay: after two replicas merged, both number alike.
                number: u32::try_from(self.follow_ups.len()).unwrap_or(u32::MAX).saturating_add(1),
                added: added.clone(),
                done: false,
                link: None,
                issue: None,
            }),
            EventKind::IssueFiled { follow_up, number, url } => self.file(event, *follow_up, *number, url),
            EventKind::FollowUpDone { number, link } => self.finish_follow_up(event, *number, link.as_ref()),
            EventKind::RecordsStarted { commit } => self.records_in_doubt = Some(commit.clone()),
            EventKind::RecordsDelivered { commit, paths, branch } => {
                self.records_in_doubt = None;
                self.records =
                    Some(DeliveredRecords { commit: commit.clone(), paths: paths.clone(), branch: branch.clone() });
            }
            EventKind::Closed { reason } => {
                self.changes(event, StatusChange::Closed);
                self.milestones.insert(Milestone::Closed, at);
                self.ended_because.clone_from(reason);
            }
            EventKind::Canceled { reason, tip } => {
                self.changes(event, StatusChange::Canceled);
                self.ended_because.clone_from(reason);
                self.aborted_tip.clone_from(tip);
            }
            EventKind::Reopened { .. } => {
                self.changes(event, StatusChange::Reopened);
                self.milestones.remove(&Milestone::Closed);
                self.ended_because = None;
            }
            EventKind::Unknown { .. } => {}
        }
    }

    /// Two people may attach the same evidence at the same time; once is enough.
    fn attach(&mut self, attachment: &Attachment) {
        if self.attachments.iter().all(|known| known.digest != attachment.digest) {
            self.attachments.push(attachment.clone());
        }
    }

    /// A person's mark corrects times at any point; it moves the status only where that is legal.
    fn mark(&mut self, milestone: Milestone, reached_at: Timestamp) {
        self.milestones.insert(milestone, reached_at);
        let change = match milestone {
            Milestone::Mitigated => StatusChange::Mitigated,
            Milestone::Verified => {
                // Somebody may have marked an earlier time by hand.
                self.milestones.entry(Milestone::Resolved).or_insert(reached_at);
                StatusChange::Resolved
            }
            Milestone::Resolved => StatusChange::Resolved,
            // What the person says ends the doubt.
            Milestone::Deployed => return self.deploys.end_doubt(DeployPart::Deploy),
            Milestone::Started | Milestone::Detected | Milestone::Opened | Milestone::Merged | Milestone::Closed => {
                return;
            }
        };
        // Correcting a time of a closed incident must not reopen it.
        self.status = self.status.after(change).unwrap_or(self.status);
    }

    fn finish_deploy(&mut self, event: &Event, finished: &DeployFinished) {
        self.deploys.finish(finished);
        if finished.ending == Ending::Passed {
            self.deployed_since_look = true;
            match finished.part {
                DeployPart::Deploy => {
                    self.milestones.insert(Milestone::Deployed, event.fact.at);
                }
                DeployPart::Migrate => {}
                DeployPart::Rollback => {
                    // With the old version back, users no longer feel it, although nothing is fixed.
                    self.milestones.insert(Milestone::Mitigated, event.fact.at);
                    self.milestones.remove(&Milestone::Deployed);
                    self.changes(event, StatusChange::Mitigated);
                }
            }
        } else if finished.part == DeployPart::Deploy {
            // What an earlier attempt brought there is no longer sure to be there.
            self.milestones.remove(&Milestone::Deployed);
        }
    }

    fn interrupt_deploy(&mut self, interrupted: DeployInterrupted) {
        let is_deploy = interrupted.part == DeployPart::Deploy;
        if self.deploys.interrupt(interrupted) && is_deploy {
            // As after a failure: what an earlier attempt brought there need not be there.
            self.milestones.remove(&Milestone::Deployed);
        }
    }

    fn verify(&mut self, event: &Event, verified: &Verified) {
        let at = event.fact.at;
        if verified.ending == Ending::Passed {
            self.milestones.insert(Milestone::Verified, at);
            self.milestones.entry(Milestone::Resolved).or_insert(at);
            self.changes(event, StatusChange::Resolved);
        // Before anything was resolved a failed look takes nothing back.
        } else if matches!(self.status, Status::Resolved) {
            self.milestones.remove(&Milestone::Verified);
            self.milestones.remove(&Milestone::Resolved);
            self.changes(event, StatusChange::Regressed);
        }
        // Whatever it saw: production was looked at.
        self.deployed_since_look = false;
        self.verifications.push(verified.clone());
    }

    fn finish_follow_up(&mut self, event: &Event, number: u32, link: Option<&String>) {
        if let Some(follow_up) = self.follow_up(event, number, "done") {
            follow_up.done = true;
            replace_if_some(&mut follow_up.link, link);
        }
    }

    fn file(&mut self, event: &Event, follow_up: u32, number: u64, url: &str) {
        if let Some(known) = self.follow_up(event, follow_up, "filed") {
            known.issue = Some((number, url.to_owned()));
        }
    }

    fn follow_up(&mut self, event: &Event, number: u32, was: &str) -> Option<&mut FollowUp> {
        let found = self.follow_ups.iter_mut().find(|follow_up| follow_up.number == number);
        if found.is_none() {
            let text = format!("follow-up {number} was {was}, but there is none of that number");
            self.anomalies.push(Anomaly { event: event.id.clone(), text });
        }
        found
    }

    fn set_pull_request_state(&mut self, state: PullRequestState) {
        if let Some(pull_request) = &mut self.pull_request {
            pull_request.state = state;
        }
    }

    fn changes(&mut self, event: &Event, change: StatusChange) {
        match self.status.after(change) {
            Some(status) => self.status = status,
            None => self.anomalies.push(Anomaly {
                event: event.id.clone(),
                // Replicas merge: both histories were legal where they were written.
                text: format!("{} while {}", format!("{change:?}").to_lowercase(), self.status),
            }),
        }
    }
}

fn replace_if_some(old: &mut Option<String>, new: Option<&String>) {
    if let Some(new) = new {
        *old = Some(new.clone());
    }
}

/// The events that no other event names as its parent, sorted.
pub fn heads_of(events: &[Event]) -> Vec<EventId> {
    let parents: std::collections::HashSet<&EventId> = events.iter().flat_map(|event| &event.parents).collect();
    let mut heads: Vec<EventId> =
        events.iter().filter(|event| !parents.contains(&event.id)).map(|event| event.id.clone()).collect();
    // `Ledger::append` compares them as sets.
    heads.sort();
    heads
}
