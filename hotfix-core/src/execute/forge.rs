//! What is done at the service that hosts the repository.

use crate::domain::event::{Landing, LandingLine};
use crate::domain::{EventKind, ObjectId};
use crate::port::{Issue, MergeAnswer, MergeRequest, Proposal, Standing};
use crate::release::hosted_merge;
use crate::workflow::action::{Until, forge};

use super::{Done, Executor, Refusal};

impl Executor<'_> {
    /// Opens or updates the pull request; what of it could not be done is told, and stops nothing.
    pub(super) fn propose(&mut self, proposal: &Proposal) -> Result<Done, Refusal> {
        let proposed = self.act.forge.propose(proposal)?;
        for warning in proposed.warnings {
            let warning = self.redactor.redact(&warning).text;
            self.warnings.push(warning);
        }
        self.record(vec![EventKind::PullRequestOpened(proposed.pull_request)]).map(|()| Done::Proposed)
    }

    /// Opens the pull request of the records. That it cannot is told, and stops nothing: their branch is there.
    pub(super) fn propose_records_there(&mut self, proposal: &Proposal, may_fail: bool) -> Result<Done, Refusal> {
        let branch = &proposal.branch;
        match self.act.forge.propose(proposal) {
            Ok(proposed) => {
                let url = proposed.pull_request.url.unwrap_or_default();
                let text = format!("records proposed as {branch}: {url}");
                self.record(vec![EventKind::Noted { text, happened_at: None }])?;
                Ok(Done::RecordsProposed { url: Some(url) })
            }
            Err(error) if may_fail => {
                let why = Refusal::from_port(error);
                let cause = why.source.as_ref().map(ToString::to_string).unwrap_or_default();
                let warning = self.redactor.redact(&format!("{why}: {cause}")).text;
                self.warnings.push(crate::domain::one_line(&warning));
                Ok(Done::RecordsProposed { url: None })
            }
            Err(error) => {
                Err(Refusal::from_port(error)
                    .hint(format!("the records are pushed as {branch}, to be proposed by hand")))
            }
        }
    }

    pub(super) fn ask_pull_request(&self, number: u64) -> Result<Done, Refusal> {
        Ok(Done::Standing(Box::new(self.act.forge.standing(number)?)))
    }

    pub(super) fn await_pull_request(
        &self,
        number: u64,
        seen: &Standing,
        until: Until,
        watch: &dyn Fn(&str),
    ) -> Result<Done, Refusal> {
        let limit = match until {
            Until::Change(limit) => return Ok(Done::Standing(Box::new(self.act.forge.wait(number, seen, limit)?))),
            Until::Decision(limit) => limit,
        };
        let mut seen = seen.clone();
        loop {
            let now = self.act.forge.wait(number, &seen, limit)?;
            if now == seen {
                return Ok(Done::Unchanged(Box::new(now)));
            }
            if now.head != seen.head || !hosted_merge::still_waits(&now) {
                return Ok(Done::Standing(Box::new(now)));
            }
            watch(&format!("now{}", forge::awaited(&now)));
            seen = now;
        }
    }

    /// Merges exactly one commit by its pull request. The intent is recorded first, without the commit that only the
    /// service makes; that the rules were passed over is recorded once they were.
    pub(super) fn merge_pull_request(
        &mut self,
        merge: &MergeRequest,
        branch: &str,
        from: &ObjectId,
        past_rules: Option<&String>,
    ) -> Result<Done, Refusal> {
        let landing = |lines, past_rules| Landing { head: merge.head.clone(), lines, tag: None, past_rules };
        if let Some(moved) = self.intend(EventKind::LandingStarted(landing(Vec::new(), past_rules.cloned())))? {
            return Ok(moved);
        }
        match self.act.forge.merge(merge)? {
            MergeAnswer::Merged(to) => {
                let line = LandingLine { branch: branch.to_owned(), from: from.clone(), to };
                let mut events = vec![EventKind::Merged(landing(vec![line], None))];
                events.extend(past_rules.into_iter().flat_map(|why| hosted_merge::passed_over(merge.number, why)));
                self.record(events)?;
                Ok(Done::MergedThere)
            }
            MergeAnswer::Moved => {
                let reason = "a branch moved meanwhile".to_owned();
                self.record(vec![EventKind::LandingAborted { reason }])?;
                Ok(Done::Raced { name: format!("refs/heads/{branch}") })
            }
            MergeAnswer::NotYet { reason } => {
                self.record(vec![EventKind::LandingAborted { reason: reason.clone() }])?;
                Ok(Done::NotYet { reason })
            }
        }
    }

    pub(super) fn merge_when_ready(&self, merge: &MergeRequest, through_queue: bool) -> Result<Done, Refusal> {
        self.act.forge.merge_when_ready(merge, through_queue)?;
        Ok(Done::Queued)
    }

    pub(super) fn close_pull_request(&mut self, number: u64) -> Result<Done, Refusal> {
        self.act.forge.close(number)?;
        self.record(vec![EventKind::PullRequestClosed]).map(|()| Done::Recorded)
    }

    pub(super) fn file_issue(&mut self, follow_up: u32, issue: &Issue) -> Result<Done, Refusal> {
        let filed = self.act.forge.file(issue)?;
        let event = EventKind::IssueFiled { follow_up, number: filed.number, url: filed.url };
        self.record(vec![event]).map(|()| Done::Recorded)
    }
}
