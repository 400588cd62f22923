//! Lines beside production: the fix gets there, or is proposed.

use std::path::Path;

use crate::domain::event::LandingLine;
use crate::domain::{Carried, CarriedBy, EventKind, ObjectId, PullRequestState};
use crate::port::{Expected, LayOut, NewCommit, Proposal, Push, RefUpdate};
use crate::workflow::action::merge::{Arrival, LineToLand};

use super::{Done, Executor, Refusal, refs};

impl Executor<'_> {
    /// Writes the commits that take the fix to a line; the last one. Nothing names them yet.
    pub(super) fn arrive(&self, line: &LineToLand) -> Result<ObjectId, Refusal> {
        match &line.arrival {
            Arrival::Ready(commit) => Ok(commit.clone()),
            Arrival::Merge { onto, head, tree, message } => {
                let parents = vec![onto.clone(), head.clone()];
                let commit = NewCommit { tree: tree.clone(), parents, message: message.clone(), author: None };
                Ok(self.act.git.commit(&commit)?)
            }
            Arrival::Picks(picks) => {
                let mut tip = line.from.clone();
                for pick in picks {
                    tip = self.act.git.commit(&NewCommit {
                        tree: pick.tree.clone(),
                        parents: vec![tip],
                        message: pick.message.clone(),
                        author: Some(pick.author.clone()),
                    })?;
                }
                Ok(tip)
            }
        }
    }

    /// Takes the fix to lines and publishes all of them, or none.
    pub(super) fn carry(&mut self, lines: &[LineToLand], remote: Option<&str>) -> Result<Done, Refusal> {
        let mut landed = Vec::new();
        for line in lines {
            let to = self.arrive(line)?;
            landed.push(LandingLine { branch: line.branch.clone(), from: line.from.clone(), to });
        }
        self.refuse_stuck(lines, &landed)?;
        if let Some(moved) = self.intend_all(landed.iter().cloned().map(EventKind::CarryStarted).collect())? {
            return Ok(moved);
        }
        let places = lines.iter().map(|line| line.checked_out_at.as_deref());
        let done = self.publish(&landed, places, remote, None)?;
        if !done.halts() {
            let by = |line: &LineToLand| match &line.arrival {
                Arrival::Picks(_) => CarriedBy::Pick,
                Arrival::Merge { .. } | Arrival::Ready(_) => CarriedBy::Merge,
            };
            let carried = lines.iter().zip(landed);
            let events = carried.map(|(line, landed)| Carried::new(&line.branch, by(line), Some(landed.to)));
            self.record(events.map(EventKind::Carried).collect())?;
        }
        Ok(done)
    }

    /// Proposes the fix for a line on a branch of its own.
    pub(super) fn propose_line(
        &mut self,
        line: &LineToLand,
        remote: &str,
        proposal: &Proposal,
        expected: &Expected,
    ) -> Result<Done, Refusal> {
        let to = self.arrive(line)?;
        let started = LandingLine { branch: line.branch.clone(), from: line.from.clone(), to: to.clone() };
        if let Some(moved) = self.intend(EventKind::CarryStarted(started))? {
            return Ok(moved);
        }
        let name = format!("refs/heads/{}", proposal.branch);
        let update = RefUpdate { name, to: Some(to.clone()), expected: expected.clone() };
        let done = refs::push(&self.act, &Push { remote: remote.to_owned(), updates: vec![update] })?;
        if done.halts() {
            return Ok(done);
        }
        let opened = self.act.forge.propose(&Proposal { head: to.clone(), ..proposal.clone() })?;
        self.warnings.extend(opened.warnings.iter().map(|warning| self.redactor.redact(warning).text));
        let carried = Carried {
            branch: Some(proposal.branch.clone()),
            number: opened.pull_request.number,
            url: opened.pull_request.url,
            ..Carried::new(&line.branch, CarriedBy::Proposal, Some(to))
        };
        self.record(vec![EventKind::Carried(carried)])?;
        Ok(done)
    }

    /// Looks what became of the proposal for a line.
    pub(super) fn ask_proposal(&mut self, number: u64, carried: &Carried) -> Result<Done, Refusal> {
        let standing = self.act.forge.standing(number)?;
        let became = match standing.state {
            PullRequestState::Open | PullRequestState::Draft => None,
            PullRequestState::Closed => Some(Carried { by: CarriedBy::Closed, ..carried.clone() }),
            PullRequestState::Merged => Some(Carried {
                by: CarriedBy::Merge,
                commit: standing.merge_commit.or(carried.commit.clone()),
                head: Some(standing.head),
                ..carried.clone()
            }),
        };
        if let Some(carried) = became {
            self.record(vec![EventKind::Carried(carried)])?;
        }
        Ok(Done::ProposalSeen { line: carried.line.clone() })
    }

    /// Lays a conflict out for a person.
    pub(super) fn lay_out(&self, path: &str, branch: &str, start: &ObjectId, what: &LayOut) -> Result<Done, Refusal> {
        self.act.git.lay_out_conflicts(Path::new(path), branch, start, what)?;
        Ok(Done::ChangedHere)
    }

    /// Puts a commit on the branch that is checked out in a work tree.
    pub(super) fn commit_on(&self, worktree: &str, commit: &NewCommit) -> Result<Done, Refusal> {
        let id = self.act.git.commit(commit)?;
        self.act.git.fast_forward(Path::new(worktree), &id)?;
        Ok(Done::ChangedHere)
    }
}
