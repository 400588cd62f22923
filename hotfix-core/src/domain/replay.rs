//! How events add up to an incident. What was recorded at once in two clones takes back only what its writer knew, so that
//! nothing of either is lost, whichever comes first in the order of replay.

use super::apart::Anomaly;
use super::carried::CarriedBy;
use super::deployment::{Deploys, Verified};
use super::event::{
    DeployFinished, DeployInterrupted, DeployPart, Ending, Landing, LandingTag, Opened, PullRequest, PullRequestState,
    READER,
};
use super::incident::{DeliveredRecords, FollowUp, Note, PostmortemFile};
use super::lineage::{Lineage, Past, Traces};
use super::timeline::timeline;
use super::way_back::Retractions;
use super::{
    Attachment, Carried, ClaimedBy, Event, EventId, EventKind, Fact, Incident, IncidentId, Milestone, Milestones,
    NeverOpened, RecordedEvent, Status, StatusChange, apart, one_line,
};
use jiff::Timestamp;

impl Incident {
    /// Replays `events`, which are in ledger order (parents first).
    ///
    /// # Errors
    /// When none of them says what was opened.
    pub fn replay(id: &IncidentId, events: &[Event]) -> Result<Self, NeverOpened> {
        let (lineage, retractions) = (Lineage::of(events), Retractions::among(events));
        let mut incident = Self::followed(id, events, &lineage, &retractions)?;
        incident.anomalies.extend(apart::anomalies(events, &lineage, &retractions));
        (incident.timeline, incident.taken_back) = timeline(events, &retractions);
        incident.heads = heads_of(events);
        let recorded = |event: &Event| RecordedEvent {
            id: event.id.clone(),
            kind: event.fact.kind.name(),
            at: event.fact.at,
            by: event.fact.by.clone(),
            way_back: event.fact.kind.way_back(),
            is_retracted: retractions.has(&event.id),
        };
        incident.events = events.iter().map(recorded).collect();
        Ok(incident)
    }

    /// The same without its timeline and its heads, which lists do not show.
    pub(crate) fn outline(id: &IncidentId, events: &[Event]) -> Result<Self, NeverOpened> {
        Self::followed(id, events, &Lineage::of(events), &Retractions::among(events))
    }

    fn followed(
        id: &IncidentId,
        events: &[Event],
        lineage: &Lineage,
        retractions: &Retractions<'_>,
    ) -> Result<Self, NeverOpened> {
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
            if retractions.has(&event.id) {
                incident.pass_over(event, at);
            } else if at != opening_at {
                incident.apply(event, &lineage.past(at));
            }
        }
        Ok(incident)
    }

    /// What was taken back counts no more, but the numbers of others stay.
    fn pass_over(&mut self, event: &Event, place: usize) {
        if matches!(event.fact.kind, EventKind::FollowUpAdded(_)) {
            self.traces.follow_ups.push(place);
        }
    }

    /// The incident as it will be once these events are recorded, for texts that are written before they are.
    #[must_use]
    pub fn with(&self, kinds: &[EventKind]) -> Self {
        let mut after = self.clone();
        for (kind, id) in kinds.iter().zip(self.heads.iter().cycle()) {
            let fact = Fact { at: self.opened_at(), by: self.opened_by.clone(), kind: kind.clone() };
            let event = Event { id: id.clone(), incident: self.id.clone(), parents: Vec::new(), needs: 0, fact };
            after.apply(&event, &Past::whole());
        }
        // Its timeline stays: nobody knows yet when it will be, nor who will record it.
        after
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
            landing_was_told: false,
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
            taken_back: Vec::new(),
            anomalies: Vec::new(),
            heads: Vec::new(),
            events: Vec::new(),
            newer: None,
            traces: Traces::default(),
        }
    }

    fn apply(&mut self, event: &Event, past: &Past<'_>) {
        let at = event.fact.at;
        if apart::is_deed(&event.fact.kind) {
            self.outlive_end(past);
        }
        match &event.fact.kind {
            EventKind::Opened(_) => self.changes(event, past, StatusChange::Opened),
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
            EventKind::Marked { milestone, reached_at } => self.mark(past, *milestone, *reached_at),
            EventKind::Explained { topic, text } => self.explanations.push((*topic, text.clone())),
            EventKind::Guarded(run) => self.guard_runs.push(run.clone()),
            EventKind::Tested(run) => self.test_runs.push(run.clone()),
            EventKind::Proved(proof) => self.proofs.push(proof.clone()),
            EventKind::SmokeTested { text, tree } => self.smoke_tests.push((tree.clone(), text.clone())),
            EventKind::TestDeferred { reason, tree } => self.test_deferrals.push((tree.clone(), reason.clone())),
            EventKind::Waived(waiver) => self.waivers.push(waiver.clone()),
            EventKind::PullRequestOpened(pull_request) => self.propose(past, pull_request),
            EventKind::PullRequestClosed => self.set_pull_request_state(PullRequestState::Closed),
            EventKind::LandingStarted(landing) => {
                // A later attempt replaces the earlier one.
                self.traces.landings.retain(|(started, _)| !past.knows(*started));
                self.traces.landings.push((past.place, landing.clone()));
                self.landing_in_doubt = Some(landing.clone());
            }
            EventKind::LandingAborted { .. } => self.end_landing(past, |_| false),
            EventKind::Merged(landing) => self.land(at, past, landing),
            EventKind::Tagged(tag) => self.tag(tag),
            EventKind::BaseChosen { ahead, .. } => self.ahead = *ahead,
            EventKind::ProductionMoved { branch } => self.production.branch.clone_from(branch),
            EventKind::CarryStarted(line) => {
                // A later attempt replaces the earlier one.
                self.carries_in_doubt.retain(|known| known.branch != line.branch);
                self.carries_in_doubt.push(line.clone());
                // Kept even when it failed: the push may have moved the branch all the same.
                self.carriers.push(line.to.clone());
            }
            EventKind::Carried(carried) => self.carry(past, carried),
            EventKind::DeployStarted(started) => self.deploys.start(started, past.place, |start| past.knows(start)),
            EventKind::DeployFinished(finished) => match finished.as_interrupted() {
                Some(interrupted) => self.interrupt_deploy(past, interrupted),
                None => self.finish_deploy(event, past, finished),
            },
            EventKind::DeployInterrupted(interrupted) => self.interrupt_deploy(past, interrupted.clone()),
            EventKind::Claimed(workplace) => {
                let (name, workplace) = (one_line(&event.fact.by.name), workplace.clone());
                self.driver = Some(ClaimedBy { name, workplace, since: at });
            }
            EventKind::DamageAccepted { events, .. } => {
                self.given_up.extend(events.iter().cloned());
                self.deploys.may_be_lost = true;
            }
            EventKind::Verified(verified) => self.verify(event, past, verified),
            EventKind::PostmortemWritten { path, preset, digest } => {
                let before = self.postmortem.take().map(|known| known.earlier.into_iter().chain([known.digest]));
                let earlier = before.into_iter().flatten().collect();
                let (path, preset, digest) = (path.clone(), preset.clone(), digest.clone());
                self.postmortem = Some(PostmortemFile { path, preset, digest, earlier });
            }
            EventKind::FollowUpAdded(added) => {
                // Counted at replay: after two replicas merged, both number alike.
                let number = self.next_follow_up();
                self.traces.follow_ups.push(past.place);
                let (added, done) = (added.clone(), added.is_nothing());
                self.follow_ups.push(FollowUp { number, added, done, link: None, issue: None });
            }
            EventKind::IssueFiled { follow_up, number, url } => self.file(event, past, *follow_up, (*number, url)),
            EventKind::FollowUpDone { number, link } => self.finish_follow_up(event, past, *number, link.as_ref()),
            EventKind::RecordsStarted { commit } => self.records_in_doubt = Some(commit.clone()),
            EventKind::RecordsDelivered { commit, paths, branch } => {
                self.records_in_doubt = None;
                self.records =
                    Some(DeliveredRecords { commit: commit.clone(), paths: paths.clone(), branch: branch.clone() });
            }
            // One that does not count is told as an anomaly.
            EventKind::Closed { .. } | EventKind::Canceled { .. } if !self.may_end(past) => {}
            EventKind::Closed { reason } => {
                self.changes(event, past, StatusChange::Closed);
                self.milestones.insert(Milestone::Closed, at);
                self.ended_because.clone_from(reason);
            }
            EventKind::Canceled { reason, tip } => {
                self.changes(event, past, StatusChange::Canceled);
                self.ended_because.clone_from(reason);
                self.aborted_tip.clone_from(tip);
            }
            EventKind::Reopened { .. } => {
                self.changes(event, past, StatusChange::Reopened);
                // Users feel it again, so that it was not over.
                for milestone in [Milestone::Verified, Milestone::Resolved, Milestone::Closed] {
                    self.milestones.remove(&milestone);
                }
                self.ended_because = None;
                self.aborted_tip = None;
                // What is delivered next tells this too.
                self.records = None;
            }
            // Asked before anything is replayed: it may come before what it takes back.
            EventKind::Retracted { .. } | EventKind::Unknown { .. } => {}
        }
        if apart::is_deed(&event.fact.kind) {
            self.traces.deeds.push(past.place);
        }
    }

    /// An end counts where it knew all that was done: what somebody did meanwhile needs its end as well.
    fn may_end(&mut self, past: &Past<'_>) -> bool {
        let missed = self.traces.deeds.iter().find(|deed| !past.knows(**deed)).copied();
        self.traces.moved = missed.unwrap_or(self.traces.moved);
        missed.is_none()
    }

    /// Takes an end back that did not know of this event, nor this event of it.
    fn outlive_end(&mut self, past: &Past<'_>) {
        let Some((end, before)) = self.traces.ended.filter(|(end, _)| !past.knows(*end)) else { return };
        self.status = before;
        self.milestones.remove(&Milestone::Closed);
        self.ended_because = None;
        self.traces.ended = None;
        self.traces.moved = end;
    }

    fn propose(&mut self, past: &Past<'_>, proposed: &PullRequest) {
        self.pull_request = Some(proposed.clone());
        // It landed while somebody elsewhere proposed it.
        if self.merged.as_ref().is_some_and(|landing| landing.head == proposed.head) && !self.landing_is_known(past) {
            self.set_pull_request_state(PullRequestState::Merged);
        }
    }

    fn land(&mut self, at: Timestamp, past: &Past<'_>, landing: &Landing) {
        // Whoever finished it told it; another clone may know of fewer release branches.
        let is_told = self
            .merged
            .as_ref()
            .is_some_and(|known| known.on_production().is_some() && known.on_production() == landing.on_production());
        if !is_told {
            // What was deployed and verified is an earlier landing.
            self.milestones.remove(&Milestone::Deployed);
            self.milestones.remove(&Milestone::Verified);
            self.landed_from = self.driver.as_ref().map(|driver| driver.workplace.clone());
            self.traces.landed.clear();
        }
        self.traces.landed.push(past.place);
        if self.merged.as_ref().is_some_and(|known| known.head != landing.head) {
            // It was another fix that the release branches got, or were proposed.
            self.carried.retain(|carried| carried.by == CarriedBy::Waiver);
            self.carries_in_doubt.clear();
            self.merged_before.extend(self.merged.take());
        }
        let is_known = self.merged.as_ref().is_some_and(|known| known.head == landing.head);
        let was_told = self.traces.landings.iter().any(|(_, started)| started.head == landing.head);
        self.landing_was_told = was_told || (is_known && self.landing_was_told);
        self.end_landing(past, |started| started.head == landing.head);
        self.merged = Some(landing.clone());
        self.set_pull_request_state(PullRequestState::Merged);
        // The first landing counts: users had a fix from then on.
        self.milestones.entry(Milestone::Merged).or_insert(at);
    }

    /// Whether the writer knew of what landed last, or nothing has landed.
    fn landing_is_known(&self, past: &Past<'_>) -> bool {
        self.traces.landed.is_empty() || self.traces.landed.iter().any(|told| past.knows(*told))
    }

    /// Ends the landing in doubt that the writer saw, and those that are `over` with it.
    fn end_landing(&mut self, past: &Past<'_>, over: impl Fn(&Landing) -> bool) {
        let landings = &mut self.traces.landings;
        if let Some(seen) = landings.iter().rposition(|(started, _)| past.knows(*started)) {
            landings.remove(seen);
        }
        landings.retain(|(_, started)| !over(started));
        self.landing_in_doubt = landings.last().map(|(_, started)| started.clone());
    }

    fn tag(&mut self, tag: &LandingTag) {
        let has_it = |landing: &&mut Landing| landing.lines.iter().any(|line| line.to == tag.commit);
        let landing = match self.merged_before.iter_mut().find(has_it) {
            Some(earlier) if self.merged.as_mut().is_none_or(|merged| !has_it(&merged)) => Some(earlier),
            _ => self.merged.as_mut(),
        };
        landing.into_iter().for_each(|landing| landing.tag = Some(tag.clone()));
    }

    fn carry(&mut self, past: &Past<'_>, carried: &Carried) {
        self.carries_in_doubt.retain(|known| known.branch != carried.line);
        if let Some((line, said)) = self.traces.carried.iter().find(|(line, _)| *line == carried.line)
            && !past.knows(*said)
            && let Some(known) = self.carried.iter().find(|known| known.line == *line)
            && finality(known.by) > finality(carried.by)
        {
            return;
        }
        self.traces.carried.retain(|(line, _)| *line != carried.line);
        self.traces.carried.push((carried.line.clone(), past.place));
        self.carried.retain(|known| known.line != carried.line);
        self.carried.push(carried.clone());
    }

    /// Two people may attach the same evidence at the same time; once is enough.
    fn attach(&mut self, attachment: &Attachment) {
        if self.attachments.iter().all(|known| known.digest != attachment.digest) {
            self.attachments.push(attachment.clone());
        }
    }

    /// A person's mark corrects times at any point; it moves the status only where that is legal.
    fn mark(&mut self, past: &Past<'_>, milestone: Milestone, reached_at: Timestamp) {
        // What is deployed is a landing: a word from before it, or by who did not know it, is of something else.
        if milestone != Milestone::Deployed || (self.merged.is_some() && self.landing_is_known(past)) {
            self.milestones.insert(milestone, reached_at);
        }
        let change = match milestone {
            Milestone::Mitigated => StatusChange::Mitigated,
            Milestone::Verified => {
                // Somebody may have marked an earlier time by hand.
                self.milestones.entry(Milestone::Resolved).or_insert(reached_at);
                StatusChange::Resolved
            }
            Milestone::Resolved => StatusChange::Resolved,
            // What the person says ends the doubt.
            Milestone::Deployed => return self.deploys.end_doubt(DeployPart::Deploy, |start| past.knows(start)),
            Milestone::Started | Milestone::Detected | Milestone::Opened | Milestone::Merged | Milestone::Closed => {
                return;
            }
        };
        if change == StatusChange::Resolved {
            self.deploys.settle(DeployPart::Rollback, |start| past.knows(start));
        }
        // Correcting a time of a closed incident must not reopen it.
        self.status = self.status.after(change).unwrap_or(self.status);
    }

    fn finish_deploy(&mut self, event: &Event, past: &Past<'_>, finished: &DeployFinished) {
        self.deploys.finish(finished, |start| past.knows(start));
        if finished.ending == Ending::Passed {
            self.deployed_since_look = true;
            self.traces.not_looked_at.push(past.place);
            match finished.part {
                DeployPart::Deploy => {
                    // What landed elsewhere meanwhile was not deployed by this.
                    if self.landing_is_known(past) || self.released_commit() == Some(&finished.commit) {
                        self.milestones.insert(Milestone::Deployed, event.fact.at);
                    }
                }
                DeployPart::Migrate => {}
                DeployPart::Rollback => {
                    // With the old version back, users no longer feel it, although nothing is fixed.
                    self.milestones.insert(Milestone::Mitigated, event.fact.at);
                    self.milestones.remove(&Milestone::Deployed);
                    self.changes(event, past, StatusChange::Mitigated);
                }
            }
        } else if finished.part == DeployPart::Deploy {
            // What an earlier attempt brought there is no longer sure to be there.
            self.milestones.remove(&Milestone::Deployed);
        }
    }

    fn interrupt_deploy(&mut self, past: &Past<'_>, interrupted: DeployInterrupted) {
        let is_deploy = interrupted.part == DeployPart::Deploy;
        if self.deploys.interrupt(interrupted, |start| past.knows(start)) && is_deploy {
            // As after a failure: what an earlier attempt brought there need not be there.
            self.milestones.remove(&Milestone::Deployed);
        }
    }

    fn verify(&mut self, event: &Event, past: &Past<'_>, verified: &Verified) {
        let at = event.fact.at;
        if verified.ending == Ending::Passed {
            if self.landing_is_known(past) || self.released_commit() == Some(&verified.commit) {
                self.milestones.insert(Milestone::Verified, at);
            }
            self.milestones.entry(Milestone::Resolved).or_insert(at);
            self.changes(event, past, StatusChange::Resolved);
            // Production is well, whatever a rollback came to.
            self.deploys.settle(DeployPart::Rollback, |start| past.knows(start));
        // Before anything was resolved a failed look takes nothing back.
        } else if matches!(self.status, Status::Resolved) {
            self.milestones.remove(&Milestone::Verified);
            self.milestones.remove(&Milestone::Resolved);
            self.changes(event, past, StatusChange::Regressed);
        }
        // Whatever it saw: production was looked at, as its writer knew it.
        self.traces.not_looked_at.retain(|deployed| !past.knows(*deployed));
        self.deployed_since_look = !self.traces.not_looked_at.is_empty();
        self.verifications.push(verified.clone());
    }

    fn finish_follow_up(&mut self, event: &Event, past: &Past<'_>, number: u32, link: Option<&String>) {
        if let Some(follow_up) = self.follow_up(event, past, number, "done") {
            follow_up.done = true;
            replace_if_some(&mut follow_up.link, link);
        }
    }

    fn file(&mut self, event: &Event, past: &Past<'_>, follow_up: u32, (number, url): (u64, &str)) {
        if let Some(known) = self.follow_up(event, past, follow_up, "filed") {
            known.issue = Some((number, url.to_owned()));
        }
    }

    /// The follow-up that had this number for the writer of the event: others may have added some at once.
    fn follow_up(&mut self, event: &Event, past: &Past<'_>, number: u32, was: &str) -> Option<&mut FollowUp> {
        let nth = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let mut known = self.traces.follow_ups.iter().zip(1_u32..).filter(|(added, _)| past.knows(**added));
        let found = nth.and_then(|nth| known.nth(nth)).map(|(_, number)| number);
        if found.is_none() {
            let text = format!("follow-up {number} was {was}, but there is none of that number");
            self.anomalies.push(Anomaly::of(event, text));
        }
        // One that somebody took back meanwhile is nobody's work any more.
        self.follow_ups.iter_mut().find(|follow_up| Some(follow_up.number) == found)
    }

    fn set_pull_request_state(&mut self, state: PullRequestState) {
        if let Some(pull_request) = &mut self.pull_request {
            pull_request.state = state;
        }
    }

    fn changes(&mut self, event: &Event, past: &Past<'_>, change: StatusChange) {
        match self.status.after(change) {
            Some(status) => {
                let is_end = self.status.is_open() && !status.is_open();
                self.traces.ended = is_end.then_some((past.place, self.status));
                self.traces.moved = past.place;
                self.status = status;
            }
            // What was legal in each of two clones is told by `apart`.
            None if !past.knows(self.traces.moved) => {}
            None => {
                let text = format!("{} while {}", format!("{change:?}").to_lowercase(), self.status);
                self.anomalies.push(Anomaly::of(event, text));
            }
        }
    }
}

/// Which of two words on a release branch, said at once, holds.
fn finality(by: CarriedBy) -> u8 {
    match by {
        CarriedBy::Merge | CarriedBy::Pick | CarriedBy::Present => 3,
        CarriedBy::Waiver => 2,
        CarriedBy::Proposal => 1,
        CarriedBy::Closed => 0,
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
