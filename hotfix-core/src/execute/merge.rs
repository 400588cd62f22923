//! The fix on release branches: all of them or none, with the intent recorded before and the result after.

use std::path::Path;

use crate::domain::event::{Landing, LandingLine, LandingTag};
use crate::domain::{Carried, EventKind, ObjectId, RefName, one_line};
use crate::port::{Act, ErrorKind, Expected, NewCommit, Push, PushError, RefUpdate};
use crate::workflow::MergeAction;
use crate::workflow::action::merge::{Arrival, LineToLand, TagToMake};

use super::{Code, Done, Executor, Refusal, Result, git};

pub(super) fn execute(executor: &mut Executor<'_>, action: &MergeAction) -> Result<Done> {
    match action {
        MergeAction::Land { head, lines, remote, tag, spent } => {
            let elsewhere = remote.as_deref().map(|remote| (remote, spent.as_ref()));
            land(executor, head, lines, elsewhere, tag.as_ref())
        }
        MergeAction::Carry { lines, remote } => carry(executor, lines, remote.as_deref()),
        MergeAction::Tag { tag, commit, remote } => tag_landed(executor, tag, commit, remote.as_deref()),
        MergeAction::LayOut { branch, start, path, what, .. } => {
            Ok(executor.act.git.lay_out_conflicts(Path::new(path), branch, start, what).map(|()| Done::ChangedHere)?)
        }
        MergeAction::CommitResolved { path } => {
            Ok(executor.act.git.commit_settled(Path::new(path)).map(|()| Done::ChangedHere)?)
        }
    }
}

/// Takes `head` to every branch, tags it, and publishes all of it, or nothing: on a remote, where a spent branch is deleted along
/// with it, or here.
fn land(
    executor: &mut Executor<'_>,
    head: &ObjectId,
    lines: &[LineToLand],
    elsewhere: Option<(&str, Option<&RefUpdate>)>,
    tag: Option<&TagToMake>,
) -> Result<Done> {
    // The commits before the intent, which names them: a run after a kill finds out by it what arrived.
    let landed = write_all(&executor.act, lines)?;
    let tag = tag.map(|tag| write_tag(&executor.act, tag, head, &landed)).transpose()?;
    let landing = Landing { head: head.clone(), lines: landed, tag, past_rules: None };
    if let Some(moved) = executor.intend(EventKind::LandingStarted(landing.clone()))? {
        return Ok(moved);
    }
    let work_trees = lines.iter().map(|line| line.checked_out_at.as_deref());
    // One push for all, or the next release would lack the fix.
    let done = match elsewhere {
        Some((remote, spent)) => push(&executor.act, &landing.lines, remote, landing.tag.as_ref(), spent)?,
        None => publish(&executor.act, &landing.lines, work_trees, None, landing.tag.as_ref())?,
    };
    if !done.halts() {
        executor.record(vec![EventKind::Merged(landing)])?;
    }
    Ok(done)
}

/// Takes the fix to release branches and publishes all of them, or none.
fn carry(executor: &mut Executor<'_>, lines: &[LineToLand], remote: Option<&str>) -> Result<Done> {
    let landed = write_all(&executor.act, lines)?;
    if let Some(moved) = executor.intend_all(landed.iter().cloned().map(EventKind::CarryStarted).collect())? {
        return Ok(moved);
    }
    let work_trees = lines.iter().map(|line| line.checked_out_at.as_deref());
    let done = publish(&executor.act, &landed, work_trees, remote, None)?;
    if !done.halts() {
        let carried = lines.iter().zip(landed);
        let events =
            carried.map(|(line, landed)| Carried::new(line.branch.clone(), line.arrival.by(), Some(landed.to)));
        executor.record(events.map(EventKind::Carried).collect())?;
    }
    Ok(done)
}

/// Writes the commits that take the fix to these branches; refuses where one of them could not follow.
fn write_all(act: &Act<'_>, lines: &[LineToLand]) -> Result<Vec<LandingLine>> {
    let landed = lines.iter().map(|line| {
        Ok(LandingLine { branch: line.branch.clone(), from: line.from.clone(), to: write_commits(act, line)? })
    });
    let landed = landed.collect::<Result<Vec<_>>>()?;
    refuse_stuck(act, lines, &landed)?;
    Ok(landed)
}

/// Tags what landed elsewhere. The name is free on the remote, or nothing happens.
fn tag_landed(executor: &mut Executor<'_>, tag: &TagToMake, commit: &ObjectId, remote: Option<&str>) -> Result<Done> {
    // No intent is recorded: a tag that is on the commit already is found by looking.
    let object = executor.act.git.annotated_tag(&tag.name, commit, &tag.message)?;
    let tag = LandingTag { name: tag.name.clone(), object, commit: commit.clone() };
    let done = publish(&executor.act, &[], [], remote, Some(&tag))?;
    if !done.halts() {
        executor.record(vec![EventKind::Tagged(tag)])?;
    }
    Ok(done)
}

/// Writes the commits that take the fix to a branch; the last one. Nothing names them yet.
pub(super) fn write_commits(act: &Act<'_>, line: &LineToLand) -> Result<ObjectId> {
    match &line.arrival {
        Arrival::Ready { commit, .. } => Ok(commit.clone()),
        Arrival::Merge { onto, head, tree, message } => {
            let parents = vec![onto.clone(), head.clone()];
            let commit = NewCommit { tree: tree.clone(), parents, message: message.clone(), author: None };
            Ok(act.git.commit(&commit)?)
        }
        Arrival::Picks(picks) => {
            let mut tip = line.from.clone();
            for pick in picks {
                tip = act.git.commit(&NewCommit {
                    tree: pick.tree.clone(),
                    parents: vec![tip],
                    message: pick.message.clone(),
                    // As cherry-pick has it: who wrote the fix stays its author.
                    author: Some(pick.author.clone()),
                })?;
            }
            Ok(tip)
        }
    }
}

/// Refuses to move several branches that are checked out where one of their work trees could not follow: they go one
/// after the other, and none may have moved then.
fn refuse_stuck(act: &Act<'_>, lines: &[LineToLand], landed: &[LandingLine]) -> Result<()> {
    let work_trees =
        lines.iter().zip(landed).filter_map(|(line, landed)| Some((line.checked_out_at.as_ref()?, landed)));
    let work_trees: Vec<_> = work_trees.collect();
    // A single one needs no rehearsal: git moves it with its files, or not at all.
    for (work_tree, landed) in work_trees.iter().filter(|_| work_trees.len() > 1) {
        act.git.can_follow(Path::new(work_tree), &landed.to).map_err(|error| {
            let message = format!(
                "{} is checked out in {}, where changes are in the way; nothing was moved: {}",
                landed.branch,
                one_line(work_tree),
                error.doing
            );
            Refusal { source: error.source, ..Refusal::precondition(Code::InTheWay, message) }.hint(format!(
                "git -C {} status   # shows them: commit or move them away",
                shell_words::quote(work_tree)
            ))
        })?;
    }
    Ok(())
}

/// Writes the tag of a landing as an object; nothing names it yet.
fn write_tag(act: &Act<'_>, tag: &TagToMake, head: &ObjectId, landed: &[LandingLine]) -> Result<LandingTag> {
    let merge = landed.first().map(|line| &line.to).filter(|_| !tag.names_fix);
    let commit = merge.unwrap_or(head).clone();
    // A run that was cut off made it, and may have published it.
    if let Some(made) = tag.made.as_ref().filter(|made| made.commit == commit) {
        return Ok(made.clone());
    }
    let object = act.git.annotated_tag(&tag.name, &commit, &tag.message)?;
    Ok(LandingTag { name: tag.name.clone(), object, commit })
}

/// Moves branches and tag on the remote in one push, or here where there is none.
pub(super) fn publish<'b>(
    act: &Act<'_>,
    lines: &[LandingLine],
    work_trees: impl IntoIterator<Item = Option<&'b str>>,
    remote: Option<&str>,
    tag: Option<&LandingTag>,
) -> Result<Done> {
    match remote {
        Some(remote) => push(act, lines, remote, tag, None),
        None => publish_here(act, lines.iter().map(head_of).zip(work_trees), tag.map(tag_of)),
    }
}

/// Moves branches and tag on the remote in one push, and deletes the spent branch by the same one where nothing is against
/// that.
fn push(
    act: &Act<'_>,
    lines: &[LandingLine],
    remote: &str,
    tag: Option<&LandingTag>,
    spent: Option<&RefUpdate>,
) -> Result<Done> {
    let updates: Vec<RefUpdate> = lines.iter().map(head_of).chain(tag.map(tag_of)).collect();
    let refs = updates.iter().filter_map(|update| Some((update.name.clone(), update.to.clone()?))).collect();
    let push = Push { remote: remote.to_owned(), updates };
    if let Some(spent) = spent {
        let updates = push.updates.iter().chain([spent]).cloned().collect();
        match act.git.push(&Push { updates, ..push.clone() }) {
            Ok(()) => return Ok(Done::Landed { refs, deleted: Some(spent.name.clone()) }),
            // The landing does not wait for what is only tidied up: it goes alone, and the branch is seen to after it.
            Err(error) if may_be_about(&error, &spent.name) => {}
            Err(error) => return git::published(Err(error), Done::Nothing),
        }
    }
    git::published(act.git.push(&push), Done::Landed { refs, deleted: None })
}

/// Whether a push that moved nothing, or not everywhere, may come through without this ref.
fn may_be_about(error: &PushError, name: &RefName) -> bool {
    match error {
        PushError::Raced { name: raced } => raced == name,
        // A hook that declines all refs need not say which one it is about.
        PushError::Refused(no) => no.moved.is_empty() || no.address.is_some(),
        PushError::Hook(_) => true,
        // A single ref needs no server that takes all of several or none.
        PushError::Port(error) => error.kind == ErrorKind::Precondition,
    }
}

fn head_of(line: &LandingLine) -> RefUpdate {
    RefUpdate {
        name: RefName::of_branch(&line.branch),
        to: Some(line.to.clone()),
        // The lease: what somebody pushed meanwhile is never overwritten.
        expected: Expected::At(line.from.clone()),
    }
}

fn tag_of(tag: &LandingTag) -> RefUpdate {
    // A tag that is there already names another release.
    RefUpdate { name: RefName::of_tag(&tag.name), to: Some(tag.object.clone()), expected: Expected::Absent }
}

/// Without a remote the branches here are the release branches. Where one is checked out its work tree comes along, which may
/// fail, so these go first.
fn publish_here<'b>(
    act: &Act<'_>,
    heads: impl Iterator<Item = (RefUpdate, Option<&'b str>)>,
    tag: Option<RefUpdate>,
) -> Result<Done> {
    let mut rest: Vec<RefUpdate> = Vec::new();
    for (head, work_tree) in heads {
        match (work_tree, &head.to) {
            // git refuses to overwrite work there, so these are the ones that can fail.
            (Some(worktree), Some(to)) => act.git.fast_forward(Path::new(worktree), to)?,
            _ => rest.push(head),
        }
    }
    rest.extend(tag);
    if !rest.is_empty() {
        act.git.update_refs(&rest, "hotfix: land")?;
    }
    Ok(Done::ChangedHere)
}
