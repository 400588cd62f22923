//! Conflicts with a release branch are resolved on a branch and in a work tree of their own, never on the release branch.

use std::path::Path;

use crate::domain::{BranchName, Carried, Incident, ObjectId, RefName, one_line};
use crate::port::{Conflict, Expected, LayOut, PortError, RefUpdate, Unfinished};
use crate::production;
use crate::workflow::{Action, Code, Context, GitAction, MergeAction, Plan, Question, Refusal, Result, Topic};
use crate::worktree::kept::WorktreeKept;

use super::branch::{self, ReleaseBranch};
use super::commits::Fix;
use super::preview::Strategy;
use super::resolved;

/// How many places are named.
const NAMED: usize = 5;

/// A release branch that the fix conflicts with.
#[derive(Debug, Clone)]
pub(crate) struct MergeConflict {
    pub(crate) branch: ReleaseBranch,
    pub(crate) strategy: Strategy,
    pub(crate) conflicts: Vec<Conflict>,
}

impl MergeConflict {
    /// `develop conflicts in VERSION:1`.
    pub(crate) fn text(&self) -> String {
        format!("{} conflicts in {}", self.branch.branch, shown(&self.conflicts))
    }
}

/// Places as people read them: `src/cart.rs:14, VERSION:1`.
pub(crate) fn shown(conflicts: &[Conflict]) -> String {
    let more = conflicts.len().saturating_sub(NAMED);
    let position = |conflict: &Conflict| match conflict.line {
        0 => one_line(&conflict.path),
        line => format!("{}:{line}", one_line(&conflict.path)),
    };
    let names: Vec<String> = conflicts.iter().take(NAMED).map(position).collect();
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}

/// Goes on with release branches that conflict: commits what a person resolved, checks out what is to be resolved if that is
/// `wanted`, and else refuses, naming the `command` that does.
pub(crate) fn plan(fix: &Fix<'_>, conflicts: &[MergeConflict], wanted: bool, command: &str) -> Result<Plan> {
    let (context, incident) = (fix.context, fix.incident);
    let git = context.look.git;
    let wanted = wanted || context.answers.given(Topic::Resolve) == Some(true);
    let (mut actions, mut at_work) = (Vec::new(), Vec::new());
    for conflict in conflicts {
        let branch = branch::conflict_branch(incident, &conflict.branch.branch);
        // By its branch: a person may have moved the work tree, or made it elsewhere.
        let there = git.worktrees()?.into_iter().find(|worktree| worktree.branch.as_deref() == Some(&*branch));
        let state = if let Some(worktree) = &there { git.unfinished(&worktree.path)? } else { Unfinished::Nothing };
        let is_there = there.as_ref().is_some_and(|worktree| worktree.is_there);
        let path = there.map(|worktree| worktree.path.to_string_lossy().into_owned());
        let path = path.unwrap_or_else(|| work_tree_path(context, incident, &conflict.branch.branch));
        match state {
            Unfinished::Settled => actions.push(Action::Merge(MergeAction::CommitResolved { path })),
            Unfinished::Conflicts(files) => at_work.push(unresolved(conflict, &path, &files)),
            Unfinished::Nothing => match resolved::still_marked(fix, &conflict.branch)? {
                marked if !marked.is_empty() => at_work.push(half_resolved(&branch, is_there, &path, &marked)),
                _ if wanted => actions.push(check_out(fix, conflict, branch, path)?),
                _ => {}
            },
        }
    }
    // What can go on goes first: a conflict that somebody still works at holds no other up.
    if !actions.is_empty() {
        return Ok(Plan::then_look_again(actions));
    }
    if let Some(refusal) = at_work.into_iter().next() {
        return Err(refusal.hint(format!("{} {command}   # goes on", context.program)));
    }
    let what: Vec<String> = conflicts.iter().map(MergeConflict::text).collect();
    let kept = if command == "ship" { "nothing was changed" } else { "what conflicts is as it was" };
    let message = format!("{} does not go everywhere: {}; {kept}", incident.branch(), what.join("; "));
    let refusal = Refusal::needs_human(Code::LineConflict, message)
        .hint(format!("{} {command} --resolve   # lays it out in a work tree of its own", context.program));
    let refusal = limit_hint(context).into_iter().fold(refusal, Refusal::hint);
    let names: Vec<&str> = conflicts.iter().map(|conflict| conflict.branch.branch.as_str()).collect();
    let text = format!("{}. Lay the conflict with {} out to be settled?", what.join("; "), names.join(", "));
    Ok(Plan::offer(Question::Confirm { topic: Topic::Resolve, text }, refusal))
}

/// What to set where fewer files were compared than were moved.
pub(crate) fn limit_hint(context: &Context<'_>) -> Option<String> {
    let limit = context.look.git.wanted_rename_limit()?;
    Some(format!(
        "git config merge.renameLimit {limit}   # compares all files that were moved: it may be no conflict then"
    ))
}

fn unresolved(conflict: &MergeConflict, path: &str, files: &[String]) -> Refusal {
    let names = named(files);
    let message =
        format!("the conflict with {} is laid out in {}: {}", conflict.branch.branch, one_line(path), names.join(", "));
    let quoted = shell_words::quote(path).into_owned();
    Refusal::needs_human(Code::LineConflict, message).hint(format!(
        "cd {quoted}   # settle it until no <<<<<<< is left, then: git add {}",
        shell_words::join(&names)
    ))
}

/// The refusal of what was committed with markers of the conflict in these files.
fn half_resolved(branch: &BranchName, is_there: bool, path: &str, files: &[String]) -> Refusal {
    let names = named(files);
    let message = format!("{branch} has the markers of a conflict in {}", names.join(", "));
    let go = if is_there { format!("cd {}", shell_words::quote(path)) } else { format!("git switch {branch}") };
    Refusal::needs_human(Code::LineConflict, message).hint(format!(
        "{go}   # settle it until no <<<<<<< is left, then: git commit --amend --no-edit {}",
        shell_words::join(&names)
    ))
}

fn named(files: &[String]) -> Vec<String> {
    files.iter().take(NAMED).map(|file| one_line(file)).collect()
}

fn check_out(fix: &Fix<'_>, conflict: &MergeConflict, branch: BranchName, path: String) -> Result<Action> {
    let git = fix.context.look.git;
    let target = &conflict.branch;
    let there = git.commit_of_ref(&RefName::of_branch(&branch))?;
    // At the release branch's tip, or behind it, nothing was resolved yet.
    let resolved = match there {
        Some(there) if !git.is_ancestor(&there, &target.tip)? => Some(there),
        _ => None,
    };
    // Nobody knows here whose commits these are: the person moves them away, not we.
    if let Some(resolved) = &resolved
        && !fix.has_begun(&target.tip, resolved)?
    {
        let name = &target.branch;
        let message = format!("{branch} holds something else than this fix for {name}");
        return Err(Refusal::needs_human(Code::ForeignBranch, message)
            .hint(format!("git branch --move {branch} {branch}-before   # keeps it, then the same command again")));
    }
    // Of several picks some may be done: those are not laid out a second time.
    let missing = match &resolved {
        Some(resolved) => fix.missing_from(&target.tip, resolved)?,
        None => fix.commits()?.to_vec(),
    };
    let has_target = if let Some(resolved) = &resolved { git.is_ancestor(&target.tip, resolved)? } else { true };
    let merge = |head: &ObjectId, message| LayOut::Merge { head: head.clone(), message };
    let what = match conflict.strategy {
        // The release branch advanced since something was resolved.
        _ if !has_target => merge(&target.tip, format!("Merge {} into {branch}\n", target.branch)),
        Strategy::Merge => merge(fix.head, branch::merge_message(fix.context, fix.incident, &target.branch)?),
        Strategy::CherryPick => LayOut::Pick(missing.into_iter().map(|commit| commit.id).collect()),
    };
    let (line, start) = (target.branch.clone(), target.tip.clone());
    Ok(Action::Merge(MergeAction::LayOut { line, branch, start, path, what }))
}

/// Where the work tree goes: `<repository>-hotfix-<slug>-into-<branch>` beside this one.
fn work_tree_path(context: &Context<'_>, incident: &Incident, release_branch: &str) -> String {
    let top = production::top(context);
    let top = Path::new(&top);
    let name = top.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let branch = branch::conflict_branch(incident, release_branch).replace('/', "-");
    // Beside this work tree: inside of it, git would show it as untracked, and test runners would find it.
    top.with_file_name(format!("{name}-{branch}")).to_string_lossy().into_owned()
}

/// A conflict that is laid out in a work tree and waits to be settled.
pub(crate) struct LaidOut<'a> {
    pub(crate) release_branch: &'a str,
    pub(crate) path: String,
    branch: BranchName,
}

impl LaidOut<'_> {
    /// The command that drops it, where the release branch need not have the fix any more. It is the person's to type: how far
    /// they had settled it, nobody else knows.
    pub(crate) fn way_out(&self) -> String {
        let (path, branch) = (shell_words::quote(&self.path), &self.branch);
        let what = format!("drops the conflict with {} that is laid out there", one_line(self.release_branch));
        format!("git worktree remove --force {path} && git branch -D {branch}   # {what}")
    }
}

/// The conflicts with these release branches that are laid out.
pub(crate) fn laid_out<'a>(
    context: &Context<'_>,
    incident: &Incident,
    release_branches: impl Iterator<Item = &'a str>,
) -> Result<Vec<LaidOut<'a>>> {
    let mut wanted = release_branches.peekable();
    if wanted.peek().is_none() {
        return Ok(Vec::new());
    }
    let git = context.look.git;
    // One that cannot be looked at is no reason to say nothing of the incident.
    let waits = |path: &Path| git.unfinished(path).is_ok_and(|state| state != Unfinished::Nothing);
    let worktrees: Vec<_> = git.worktrees()?.into_iter().filter(|worktree| worktree.is_there).collect();
    let found = wanted.filter_map(|release_branch| {
        let branch = branch::conflict_branch(incident, release_branch);
        let worktree = worktrees.iter().find(|worktree| worktree.branch.as_deref() == Some(&*branch))?;
        let path = worktree.path.to_string_lossy().into_owned();
        waits(&worktree.path).then_some(LaidOut { release_branch, path, branch })
    });
    Ok(found.collect())
}

/// Removes work trees and branches on which conflicts were resolved: those that landed, or with `all` every one. What
/// somebody committed on one that did not land is kept as `refs/hotfix/aborted/<id>-into-<line>`.
///
/// # Errors
/// When one of them is still being worked at.
pub(crate) fn clear<'a>(
    context: &Context<'_>,
    incident: &Incident,
    targets: impl Iterator<Item = &'a ReleaseBranch> + Clone,
    all: bool,
) -> Result<Vec<Action>> {
    let git = context.look.git;
    let mut actions = Vec::new();
    let mut updates = Vec::new();
    let prefix = format!("{}-into-", incident.branch());
    for branch in branches(context, incident, targets.clone())? {
        let name = RefName::of_branch(&branch);
        let Some(tip) = git.commit_of_ref(&name)? else { continue };
        // A squash leaves no commit of the branch on the release branch; what became of the pull request is recorded.
        let merged = |carried: &Carried| {
            carried.branch.as_ref().is_some_and(|own| *own == branch) && carried.head.as_ref() == Some(&tip)
        };
        let mut landed = incident.carried.iter().any(merged);
        for target in targets.clone() {
            landed = landed || git.is_ancestor(&tip, &target.tip)?;
        }
        if !landed && !all {
            continue;
        }
        if let Some(worktree) = git.worktrees()?.into_iter().find(|worktree| worktree.branch.as_ref() == Some(&branch))
        {
            let path = worktree.path.to_string_lossy().into_owned();
            if git.unfinished(&worktree.path)? != Unfinished::Nothing {
                if !all {
                    continue; // Somebody uses it for something else.
                }
                let message = format!("{} holds a conflict that somebody is settling", one_line(&path));
                return Err(Refusal::needs_human(Code::Unsettled, message).hint(format!(
                    "git -C {} merge --abort   # drops it, then the same command again",
                    shell_words::quote(&path)
                )));
            }
            if worktree.is_current || worktree.is_there && !git.is_clean(&worktree.path)? {
                continue; // `git worktree remove` would refuse.
            }
            if WorktreeKept::look(context, &path)?.is_some() {
                continue;
            }
            actions.push(Action::Git(GitAction::RemoveWorktree { path, commit: tip.clone() }));
        }
        if !landed {
            // What is given up loses no commit.
            let into = branch.trim_start_matches(&prefix);
            let kept = RefName::known(format!("refs/hotfix/aborted/{}-into-{into}", incident.id));
            if git.commit_of_ref(&kept)?.is_none() {
                updates.push(RefUpdate { name: kept, to: Some(tip.clone()), expected: Expected::Absent });
            }
        }
        // Only where it still is as it was looked at: a commit made meanwhile keeps its branch.
        updates.push(RefUpdate { name, to: None, expected: Expected::At(tip) });
    }
    if !updates.is_empty() {
        // After the work trees: `update-ref` would leave them on branches that are gone.
        actions.push(Action::Git(GitAction::UpdateRefs { updates, why: "hotfix: settled" }));
    }
    Ok(actions)
}

/// The branches on which conflicts of this fix are resolved. Another incident may have a branch that begins alike.
fn branches<'a>(
    context: &Context<'_>,
    incident: &Incident,
    targets: impl Iterator<Item = &'a ReleaseBranch>,
) -> Result<Vec<String>, PortError> {
    let here = context.look.git.branches(&format!("{}-into-", incident.branch()))?;
    // A branch that [release] no longer names may have got the fix before.
    let carried = incident.carried.iter().map(|carried| &carried.line);
    let names = targets.map(|target| &target.branch).chain(carried);
    let ours: Vec<BranchName> = names.map(|name| branch::conflict_branch(incident, name)).collect();
    let is_anothers = |branch: &String| {
        context.incidents.open().iter().any(|other| other.id != incident.id && other.branch == *branch)
    };
    Ok(here.into_iter().filter(|branch| ours.iter().any(|own| own == branch) && !is_anothers(branch)).collect())
}
