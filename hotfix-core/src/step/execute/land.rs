//! Publication: commits that land on the production branch, all lines or none, with the intent recorded before and the
//! result after.

use std::path::Path;

use crate::domain::event::{Landing, LandingLine};
use crate::domain::{EventKind, ObjectId};
use crate::port::{Expected, FileEdit, NewCommit, Push, RefUpdate};
use crate::step::action::{LineToLand, RecordsBranch};

use super::{Done, Executor, Refusal, refs};

/// Records to be committed and published.
pub(super) struct Records<'a> {
    pub(super) branch: &'a str,
    pub(super) remote: Option<&'a str>,
    pub(super) parent: &'a ObjectId,
    pub(super) edits: &'a [FileEdit],
    pub(super) checked_out_at: Option<&'a str>,
    pub(super) stage: &'a [String],
    pub(super) message: &'a str,
    pub(super) propose_as: Option<&'a RecordsBranch>,
}

impl Executor<'_> {
    /// Merges `head` into every line and publishes all of them, or none.
    pub(super) fn land(
        &mut self,
        head: &ObjectId,
        lines: &[LineToLand],
        remote: Option<&str>,
        message: &str,
    ) -> Result<Done, Refusal> {
        let mut landed = Vec::new();
        for line in lines {
            let parents = vec![line.from.clone(), head.clone()];
            let commit = NewCommit { tree: line.tree.clone(), parents, message: message.to_owned() };
            let to = self.act.git.commit(&commit)?;
            landed.push(LandingLine { branch: line.branch.clone(), from: line.from.clone(), to });
        }
        let landing = Landing { head: head.clone(), lines: landed };
        if let Some(moved) = self.intend(EventKind::LandingStarted(landing.clone()))? {
            return Ok(moved);
        }
        let places = lines.iter().map(|line| line.checked_out_at.as_deref());
        let done = self.publish(&landing.lines, places, remote)?;
        if !done.halts() {
            self.record(vec![EventKind::Merged(landing)])?;
        }
        Ok(done)
    }

    /// Commits the records on the production branch's tip and publishes them.
    pub(super) fn deliver(&mut self, records: &Records<'_>) -> Result<Done, Refusal> {
        let tree = self.act.git.edit_tree(records.parent, records.edits)?;
        let commit = NewCommit { tree, parents: vec![records.parent.clone()], message: records.message.to_owned() };
        let to = self.act.git.commit(&commit)?;
        if let Some(moved) = self.intend(EventKind::RecordsStarted { commit: to.clone() })? {
            return Ok(moved);
        }
        if let Some(branch) = records.propose_as {
            return self.propose_records(branch, records, to);
        }
        if !records.stage.is_empty() {
            self.act.git.stage(records.stage)?;
        }
        let line = LandingLine { branch: records.branch.to_owned(), from: records.parent.clone(), to };
        self.publish(&[line], [records.checked_out_at], records.remote)
    }

    /// Publishes the records on a branch of their own, which is then their delivery.
    fn propose_records(
        &mut self,
        branch: &RecordsBranch,
        records: &Records<'_>,
        to: ObjectId,
    ) -> Result<Done, Refusal> {
        let name = format!("refs/heads/{}", branch.name);
        let update = RefUpdate { name, to: Some(to.clone()), expected: branch.expected.clone() };
        let remote = records.remote.unwrap_or_default().to_owned();
        let done = refs::push(&self.act, &Push { remote, updates: vec![update] })?;
        if !done.halts() {
            let paths = records.edits.iter().map(|edit| edit.path.clone()).collect();
            let branch = Some(branch.name.clone());
            self.record(vec![EventKind::RecordsDelivered { commit: Some(to), paths, branch }])?;
        }
        Ok(done)
    }

    fn publish<'b>(
        &self,
        lines: &[LandingLine],
        places: impl IntoIterator<Item = Option<&'b str>>,
        remote: Option<&str>,
    ) -> Result<Done, Refusal> {
        let Some(remote) = remote else { return self.publish_here(lines, places) };
        let updates: Vec<RefUpdate> = lines
            .iter()
            .map(|line| RefUpdate {
                name: format!("refs/heads/{}", line.branch),
                to: Some(line.to.clone()),
                expected: Expected::At(line.from.clone()),
            })
            .collect();
        refs::push(&self.act, &Push { remote: remote.to_owned(), updates })
    }

    /// Without a remote the branch here is production; where it is checked out, its work tree comes along.
    fn publish_here<'b>(
        &self,
        lines: &[LandingLine],
        places: impl IntoIterator<Item = Option<&'b str>>,
    ) -> Result<Done, Refusal> {
        for (line, place) in lines.iter().zip(places) {
            match place {
                Some(worktree) => self.act.git.fast_forward(Path::new(worktree), &line.to)?,
                None => {
                    let name = format!("refs/heads/{}", line.branch);
                    self.act.git.update_ref(&name, Some(&line.to), &Expected::At(line.from.clone()), "hotfix: land")?;
                }
            }
        }
        Ok(Done::Nothing)
    }
}
