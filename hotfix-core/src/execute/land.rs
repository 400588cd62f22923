//! Publication: commits that land on the production branch, all lines or none, with the intent recorded before and the
//! result after.

use std::path::Path;

use crate::domain::event::{Landing, LandingLine, LandingTag};
use crate::domain::{EventKind, ObjectId, one_line};
use crate::port::{Expected, NewCommit, Push, RefUpdate, TreeEdit};
use crate::workflow::action::merge::{LineToLand, TagToMake};
use crate::workflow::action::{RecordsBranch, RecordsToDeliver};

use super::{Code, Done, Executor, Refusal, refs};

impl Executor<'_> {
    /// Takes `head` to every line, tags it, and publishes all of it, or nothing.
    pub(super) fn land(
        &mut self,
        head: &ObjectId,
        lines: &[LineToLand],
        remote: Option<&str>,
        tag: Option<&TagToMake>,
    ) -> Result<Done, Refusal> {
        let mut landed = Vec::new();
        for line in lines {
            let to = self.arrive(line)?;
            landed.push(LandingLine { branch: line.branch.clone(), from: line.from.clone(), to });
        }
        self.refuse_stuck(lines, &landed)?;
        let tag = tag.map(|tag| self.tag(tag, head, &landed)).transpose()?;
        let landing = Landing { head: head.clone(), lines: landed, tag, past_rules: None };
        if let Some(moved) = self.intend(EventKind::LandingStarted(landing.clone()))? {
            return Ok(moved);
        }
        let places = lines.iter().map(|line| line.checked_out_at.as_deref());
        let done = self.publish(&landing.lines, places, remote, landing.tag.as_ref())?;
        if !done.halts() {
            self.record(vec![EventKind::Merged(landing)])?;
        }
        Ok(done)
    }

    /// Refuses to move several branches that are checked out where one of their work trees could not follow: they go one
    /// after the other, and none may have moved then.
    pub(super) fn refuse_stuck(&self, lines: &[LineToLand], landed: &[LandingLine]) -> Result<(), Refusal> {
        let places =
            lines.iter().zip(landed).filter_map(|(line, landed)| Some((line.checked_out_at.as_ref()?, landed)));
        let places: Vec<_> = places.collect();
        for (place, landed) in places.iter().filter(|_| places.len() > 1) {
            self.act.git.can_follow(Path::new(place), &landed.to).map_err(|error| {
                let message = format!(
                    "{} is checked out in {}, where changes are in the way; nothing was moved",
                    landed.branch,
                    one_line(place)
                );
                Refusal::precondition(Code::InTheWay, message).because(error).hint(format!(
                    "git -C {} status   # shows them: commit or move them away",
                    shell_words::quote(place)
                ))
            })?;
        }
        Ok(())
    }

    /// Writes the tag of a landing as an object; nothing names it yet.
    fn tag(&self, tag: &TagToMake, head: &ObjectId, landed: &[LandingLine]) -> Result<LandingTag, Refusal> {
        let merge = landed.first().map(|line| &line.to).filter(|_| !tag.names_fix);
        let commit = merge.unwrap_or(head).clone();
        if let Some(made) = tag.made.as_ref().filter(|made| made.commit == commit) {
            return Ok(made.clone());
        }
        let object = self.act.git.annotated_tag(&tag.name, &commit, &tag.message)?;
        Ok(LandingTag { name: tag.name.clone(), object, commit })
    }

    /// Tags what landed elsewhere. The name is free on the remote, or nothing happens.
    pub(super) fn tag_landed(
        &mut self,
        tag: &TagToMake,
        commit: &ObjectId,
        remote: Option<&str>,
    ) -> Result<Done, Refusal> {
        let object = self.act.git.annotated_tag(&tag.name, commit, &tag.message)?;
        let tag = LandingTag { name: tag.name.clone(), object, commit: commit.clone() };
        let done = self.publish(&[], [], remote, Some(&tag))?;
        if !done.halts() {
            self.record(vec![EventKind::Tagged(tag)])?;
        }
        Ok(done)
    }

    /// Commits the records on the production branch's tip and publishes them.
    pub(super) fn deliver(&mut self, records: &RecordsToDeliver) -> Result<Done, Refusal> {
        let edits: Vec<TreeEdit> = records.edits.iter().cloned().map(TreeEdit::Write).collect();
        let tree = self.act.git.edit_tree(&records.parent, &edits)?;
        let commit =
            NewCommit { tree, parents: vec![records.parent.clone()], message: records.message.clone(), author: None };
        let to = self.act.git.commit(&commit)?;
        if let Some(moved) = self.intend(EventKind::RecordsStarted { commit: to.clone() })? {
            return Ok(moved);
        }
        if let Some(branch) = &records.propose_as {
            return self.propose_records(branch, records, to);
        }
        if !records.stage.is_empty() {
            self.act.git.stage(&records.stage)?;
        }
        let line = LandingLine { branch: records.branch.clone(), from: records.parent.clone(), to };
        self.publish(&[line], [records.checked_out_at.as_deref()], records.remote.as_deref(), None)
    }

    /// Publishes the records on a branch of their own, which is then their delivery.
    fn propose_records(
        &mut self,
        branch: &RecordsBranch,
        records: &RecordsToDeliver,
        to: ObjectId,
    ) -> Result<Done, Refusal> {
        let name = format!("refs/heads/{}", branch.name);
        let update = RefUpdate { name, to: Some(to.clone()), expected: branch.expected.clone() };
        let remote = records.remote.clone().unwrap_or_default();
        let done = refs::push(&self.act, &Push { remote, updates: vec![update] })?;
        if !done.halts() {
            let paths = records.edits.iter().map(|edit| edit.path.clone()).collect();
            let branch = Some(branch.name.clone());
            self.record(vec![EventKind::RecordsDelivered { commit: Some(to), paths, branch }])?;
        }
        Ok(done)
    }

    /// Moves lines and tag on the remote in one push, or here where there is none.
    pub(super) fn publish<'b>(
        &self,
        lines: &[LandingLine],
        places: impl IntoIterator<Item = Option<&'b str>>,
        remote: Option<&str>,
        tag: Option<&LandingTag>,
    ) -> Result<Done, Refusal> {
        let tag = tag.map(|tag| RefUpdate {
            name: format!("refs/tags/{}", tag.name),
            to: Some(tag.object.clone()),
            expected: Expected::Absent,
        });
        let heads = lines.iter().map(|line| RefUpdate {
            name: format!("refs/heads/{}", line.branch),
            to: Some(line.to.clone()),
            expected: Expected::At(line.from.clone()),
        });
        let Some(remote) = remote else { return self.publish_here(heads.zip(places), tag) };
        let updates: Vec<RefUpdate> = heads.chain(tag).collect();
        let refs = updates.iter().filter_map(|update| Some((update.name.clone(), update.to.clone()?))).collect();
        let push = Push { remote: remote.to_owned(), updates };
        refs::published(self.act.git.push(&push), Done::Landed { refs })
    }

    /// Without a remote the branches here are the lines. Where one is checked out its work tree comes along, which may
    /// fail, so these go first.
    fn publish_here<'b>(
        &self,
        heads: impl Iterator<Item = (RefUpdate, Option<&'b str>)>,
        tag: Option<RefUpdate>,
    ) -> Result<Done, Refusal> {
        let mut rest: Vec<RefUpdate> = Vec::new();
        for (head, place) in heads {
            match (place, &head.to) {
                (Some(worktree), Some(to)) => self.act.git.fast_forward(Path::new(worktree), to)?,
                _ => rest.push(head),
            }
        }
        rest.extend(tag);
        match rest.as_slice() {
            [] => {}
            several => self.act.git.update_refs(several, "hotfix: land")?,
        }
        Ok(Done::ChangedHere)
    }
}
