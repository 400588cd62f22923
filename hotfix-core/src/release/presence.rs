//! Whether a branch has a fix, and by which commit: the one answer, for production and for every release branch. What is
//! recorded, tagged and deployed of a fix that somebody else merged comes from here.
//!
//! That a branch need not have a fix (a waiver) is no presence. What a server would do with a pull request is not asked here.

use crate::domain::event::LandingLine;
use crate::domain::{BranchName, CarriedBy, Incident, ObjectId};
use crate::port::{Applied, CommitDetails, PortError};
use crate::workflow::{Context, Result};

use super::branch::{self, ReleaseBranch};
use super::commits::{self, Fix, REVERTS};

/// A merge in memory each: of a branch that conflicts, so many commits are looked through for the fix.
const MOST_SINCE: usize = 100;
/// So many commits before the newest are looked at one by one: in a night a fix may land, be taken out, and land again.
const ONE_BY_ONE: usize = 16;
/// So many reverts are followed to what they took out.
const MOST_REVERTS: usize = 8;

/// Whether a branch has a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It lacks the fix, or a part of it.
    Absent,
    /// It has all of it.
    Present {
        /// The commit along the branch's first parents since which it does.
        by: ObjectId,
    },
    /// It had the fix, and somebody took it out again, or a part of it.
    Reverted {
        /// The commit that brought the fix.
        by: ObjectId,
        /// The commit that took it out.
        revert: ObjectId,
    },
}

impl Presence {
    /// The commit by which the branch has the fix now.
    pub(crate) fn by(&self) -> Option<&ObjectId> {
        match self {
            Self::Present { by } => Some(by),
            Self::Absent | Self::Reverted { .. } => None,
        }
    }

    /// The commit that took the fix out.
    pub(crate) fn revert(&self) -> Option<&ObjectId> {
        match self {
            Self::Reverted { revert, .. } => Some(revert),
            Self::Absent | Self::Present { .. } => None,
        }
    }
}

/// Whether a branch has the fix, and by which commit.
pub(crate) fn of(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Presence> {
    let Some(by) = bringer(fix, branch)? else { return Ok(Presence::Absent) };
    Ok(match taken_out(fix, branch, &by)? {
        Some(revert) => Presence::Reverted { by, revert },
        None => Presence::Present { by },
    })
}

/// The same, where nobody asks by which commit: where its content is there, none need be looked for.
pub(crate) fn is_on(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<bool> {
    let is_there = content_by_commits(fix, &branch.tip)? == Content::There && changes_anything(fix)?;
    Ok(is_there || of(fix, branch)?.by().is_some())
}

/// The same for production.
pub(crate) fn on_production(fix: &Fix<'_>) -> Result<Presence> {
    of(fix, &branch::production(fix.context, fix.incident)?)
}

/// Whether production has what landed there last, as it is recorded.
pub(crate) fn of_landing(context: &Context<'_>, incident: &Incident) -> Result<Presence> {
    let Some(landing) = &incident.merged else { return Ok(Presence::Absent) };
    on_production(&Fix::new(context, incident, &landing.head)?)
}

/// The commit that brought the fix, whatever came after. What is certain and cheap to see is asked first.
fn bringer(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    let ways = [by_record, by_ancestry, by_landing, by_content, by_picks, by_revert];
    for way in ways {
        if let Some(by) = way(fix, branch)? {
            return Ok(Some(by));
        }
    }
    Ok(None)
}

/// As it is recorded that the fix got to a release branch. What was there already is looked at anew each time.
fn by_record(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    if fix.landing().is_none() {
        return Ok(None); // The records are about another landing.
    }
    let is_ours = |by: CarriedBy| !matches!(by, CarriedBy::Closed | CarriedBy::Present);
    let carried = fix.incident.carried.iter().filter(|known| known.line == branch.branch && is_ours(known.by));
    for commit in carried.filter_map(|known| known.commit.as_ref()) {
        if fix.context.look.git.is_ancestor(commit, &branch.tip)? {
            return Ok(Some(commit.clone()));
        }
    }
    Ok(None)
}

/// The merge that holds the fix itself; the fix itself where nothing was merged.
fn by_ancestry(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    let git = fix.context.look.git;
    // Our own merge need not be searched for.
    if let Some(to) = landed_on(fix, branch)
        && git.is_ancestor(to, &branch.tip)?
        && git.details(to)?.parents.get(1) == Some(fix.head)
    {
        return Ok(Some(to.clone()));
    }
    if !fix.is_in(&branch.tip)? {
        return Ok(None);
    }
    Ok(git.brought_by(fix.head, &branch.tip)?.map(|found| found.id))
}

/// As the landing is recorded: a squash or a rebase by a service leaves nothing else.
fn by_landing(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    let Some(to) = landed_on(fix, branch) else { return Ok(None) };
    Ok(fix.context.look.git.is_ancestor(to, &branch.tip)?.then(|| to.clone()))
}

/// The commit that the landing of this very fix is recorded to have moved the branch to.
fn landed_on<'a>(fix: &Fix<'a>, branch: &ReleaseBranch) -> Option<&'a ObjectId> {
    fix.landing_lines().iter().find(|line| line.branch == branch.branch).map(|line| &line.to)
}

/// What a tree says of the fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    There,
    Missing,
    /// It conflicts, so the tree may have it and more.
    Unclear,
}

/// The first commit of those up to the tip that have every change of the fix, by whichever commits: a squash, a rebase, picks,
/// the same fix twice.
fn by_content(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    if !changes_anything(fix)? {
        return Ok(None); // Every tree holds nothing.
    }
    let newest = match content_at(fix, branch, &branch.tip)? {
        Content::There => branch.tip.clone(),
        Content::Missing => return Ok(None),
        // Somebody may have brought the fix and gone on from it, at the very same lines.
        Content::Unclear => match newest_with(fix, branch)? {
            Some(commit) => commit,
            None => return Ok(None),
        },
    };
    earliest(fix, newest, &fix.incident.base.commit, |commit| Ok(content_at(fix, branch, commit)? == Content::There))
        .map(Some)
}

/// The last pick, where each commit of the fix is on the branch by its content, or as a commit that says it is a pick of it:
/// who picks by hand may have settled a conflict.
fn by_picks(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    let (git, base) = (fix.context.look.git, &fix.incident.base.commit);
    if !fix.is_anything_named(&branch.tip)? {
        return Ok(None);
    }
    // Picked as it landed: with its conflicts settled once.
    if let Some(landing) = fix.landing()
        && let Some(pick) = commits::pick_of(fix.context, &landing.to, Some(base), &branch.tip)?
    {
        return Ok(Some(pick));
    }
    let mut last: Option<ObjectId> = None;
    for commit in fix.commits()? {
        match commits::pick_of(fix.context, &commit.id, Some(base), &branch.tip)? {
            Some(pick) => match &last {
                // Picks may have come in any order: the newest of them completes the fix.
                Some(known) if git.is_ancestor(&pick, known)? => {}
                _ => last = Some(pick),
            },
            None if holds(fix, commit, &branch.tip)? => {}
            None => return Ok(None),
        }
    }
    Ok(last)
}

/// What brought the fix where nothing of it is left, and only the revert names it.
fn by_revert(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    let (git, base) = (fix.context.look.git, &fix.incident.base.commit);
    if !fix.is_anything_named(&branch.tip)? || !changes_anything(fix)? {
        return Ok(None);
    }
    let mut from = branch.tip.clone();
    for _ in 0..MOST_REVERTS {
        let Some(revert) = git.find_message(Some(base), &from, REVERTS)? else { return Ok(None) };
        let revert = git.details(&revert)?;
        // Reverts of other commits stand in between; each is looked at once.
        if let Some(named) = commits::named_by_revert(&revert.message) {
            let was_here = git.is_ancestor(&named, &branch.tip);
            // Of one that has nothing of the fix that need not be known, as where history is cut off.
            if !matches!(was_here, Ok(false)) && content_at(fix, branch, &named)? == Content::There {
                was_here?;
                let has_it = |commit: &ObjectId| Ok(content_at(fix, branch, commit)? == Content::There);
                return earliest(fix, named, base, has_it).map(Some);
            }
        }
        let Some(before) = revert.parents.first() else { return Ok(None) };
        from.clone_from(before);
    }
    Ok(None)
}

fn changes_anything(fix: &Fix<'_>) -> Result<bool> {
    let git = fix.context.look.git;
    for commit in fix.commits()? {
        if let Some(parent) = commit.parents.first()
            && git.tree_of(parent)? != git.tree_of(&commit.id)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a commit of the branch has what the fix changes. A merge tells where the branch would get the fix by one, and is
/// made for the preview too; an older release has another history, so each commit of the fix is made once more.
fn content_at(fix: &Fix<'_>, branch: &ReleaseBranch, commit: &ObjectId) -> Result<Content> {
    if !fix.merges_alone(branch)? {
        return content_by_commits(fix, commit);
    }
    Ok(match fix.merge_into(commit, branch)? {
        Applied::Clean(tree) if tree != fix.context.look.git.tree_of(commit)? => Content::Missing,
        // Commits of the fix that are there already bring nothing once more, even where they were reverted.
        Applied::Clean(_) if fix.is_partly_in(commit)? => content_by_commits(fix, commit)?,
        Applied::Clean(_) => Content::There,
        Applied::Conflict(_) => Content::Unclear,
    })
}

/// Whether making the commits of the fix once more changes nothing: one by one, or all of them at once, since a later one may
/// change what an earlier one brought.
fn content_by_commits(fix: &Fix<'_>, onto: &ObjectId) -> Result<Content> {
    let git = fix.context.look.git;
    let tree = git.tree_of(onto)?;
    let mut content = if fix.commits()?.is_empty() { Content::Unclear } else { Content::There };
    for commit in fix.commits()? {
        let Some(parent) = commit.parents.first() else { continue };
        content = match fix.apply(parent, &commit.id, &tree)? {
            Applied::Clean(same) if same == tree => continue,
            Applied::Clean(_) => Content::Missing,
            Applied::Conflict(_) => Content::Unclear,
        };
        break;
    }
    if content == Content::There {
        return Ok(content);
    }
    Ok(match whole(fix)? {
        Some((from, to)) if fix.apply(&from, &to, &tree)? == Applied::Clean(tree) => Content::There,
        Some(_) | None => content,
    })
}

/// Where the fix starts and ends, where it is a row of several commits.
fn whole(fix: &Fix<'_>) -> Result<Option<(ObjectId, ObjectId)>> {
    let (git, commits) = (fix.context.look.git, fix.commits()?);
    // With a merge in between, from first to last there is more than the fix.
    let is_row = commits.iter().zip(commits.iter().skip(1)).all(|(one, next)| next.parents == [one.id.clone()]);
    let (Some(first), Some(last)) = (commits.first(), commits.last().filter(|_| commits.len() > 1 && is_row)) else {
        return Ok(None);
    };
    let Some(from) = first.parents.first() else { return Ok(None) };
    Ok((git.tree_of(from)? != git.tree_of(&last.id)?).then(|| (from.clone(), last.id.clone())))
}

/// Whether one commit, made once more, changes nothing.
fn holds(fix: &Fix<'_>, commit: &CommitDetails, onto: &ObjectId) -> Result<bool, PortError> {
    let tree = fix.context.look.git.tree_of(onto)?;
    let Some(parent) = commit.parents.first() else { return Ok(false) };
    Ok(fix.apply(parent, &commit.id, &tree)? == Applied::Clean(tree))
}

/// The newest commit before the tip that has the fix, among those that a night can bring. What was written before the fix did
/// not bring it.
fn newest_with(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    let git = fix.context.look.git;
    // By the author's date: picks and rebases keep it, and make the committer's anew.
    let written = |commit: &CommitDetails| {
        commit.author.date.split(' ').next().and_then(|seconds| seconds.parse::<i64>().ok()).unwrap_or(i64::MAX)
    };
    let since = fix.commits()?.iter().map(written).min().unwrap_or(i64::MIN);
    let mut last = git.details(&branch.tip)?;
    for _ in 0..MOST_SINCE {
        let Some(before) = last.parents.first().filter(|id| **id != fix.incident.base.commit) else { return Ok(None) };
        last = git.details(before)?;
        if written(&last) >= since && content_at(fix, branch, &last.id)? == Content::There {
            return Ok(Some(last.id));
        }
    }
    Ok(None)
}

/// The oldest commit of the run along first parents, from `tip` to before `end`, for which `holds` is true. It is for `tip`.
///
/// Each look costs a merge, so that those of a night are looked at one by one, and long ago by steps that double and halve.
fn earliest(
    fix: &Fix<'_>,
    tip: ObjectId,
    end: &ObjectId,
    holds: impl Fn(&ObjectId) -> Result<bool>,
) -> Result<ObjectId> {
    let mut line = vec![tip];
    let (mut found, mut step) = (0, 1);
    let mut missing = loop {
        let next = if extend(fix, &mut line, found + step, end)? { found + step } else { line.len() - 1 };
        if next == found {
            return Ok(line.swap_remove(found));
        }
        let commit = line.get(next).unwrap_or(end);
        if !holds(commit)? {
            break next;
        }
        found = next;
        step = if found < ONE_BY_ONE { 1 } else { step * 2 };
    };
    while missing - found > 1 {
        let middle = found + (missing - found) / 2;
        if holds(line.get(middle).unwrap_or(end))? { found = middle } else { missing = middle }
    }
    Ok(line.swap_remove(found))
}

/// Extends a row of first parents up to this place; whether it goes so far before `end`.
fn extend(fix: &Fix<'_>, line: &mut Vec<ObjectId>, index: usize, end: &ObjectId) -> Result<bool> {
    while let Some(last) = line.last().filter(|_| line.len() <= index) {
        match fix.context.look.git.details(last)?.parents.into_iter().next() {
            Some(before) if before != *end => line.push(before),
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// How the branch got the fix by this commit, as it is recorded.
pub(crate) fn landing_line(fix: &Fix<'_>, branch: &BranchName, by: ObjectId) -> Result<LandingLine> {
    Ok(LandingLine { branch: branch.clone(), from: before(fix, &by)?, to: by })
}

/// Where the branch was before `by` brought the fix, or was the last to bring it: a rebase and picks make commits of the fix
/// once more, one after the other.
fn before(fix: &Fix<'_>, by: &ObjectId) -> Result<ObjectId> {
    let (git, base) = (fix.context.look.git, &fix.incident.base.commit);
    if let Some(line) = fix.replaced_by().filter(|line| line.to == *by) {
        return Ok(line.from.clone());
    }
    if by == fix.head {
        return Ok(base.clone()); // A fast-forward leaves no commit of its own: the branch was where the fix began.
    }
    let parent = |commit: &CommitDetails| commit.parents.first().filter(|_| commit.id != *base).cloned();
    let mut last = git.details(by)?;
    let mut from = parent(&last).unwrap_or_else(|| base.clone());
    if !git.has_commit(fix.head)? || git.is_ancestor(fix.head, by)? {
        return Ok(from);
    }
    for commit in fix.commits()?.iter().rev().filter(|commit| commit.parents.len() < 2) {
        let (Some(before), Some(original)) = (parent(&last), commit.parents.first()) else { break };
        let is_it = commits::named_by_pick(&last.message).as_ref() == Some(&commit.id)
            || fix.apply(original, &commit.id, &before)? == Applied::Clean(git.tree_of(&last.id)?);
        if !is_it {
            break;
        }
        last = git.details(&before)?;
        from = before;
    }
    Ok(from)
}

/// The part of the fix that an earlier merge than `last` brought to production, and nobody recorded: its tip, and how it got
/// there. Somebody may merge a branch, add to it, and merge it once more.
pub(crate) fn part_before(fix: &Fix<'_>, last: &LandingLine) -> Result<Option<(ObjectId, LandingLine)>> {
    let (git, incident) = (fix.context.look.git, fix.incident);
    let recorded: Vec<&ObjectId> =
        incident.merged_before.iter().chain(&incident.merged).map(|landing| &landing.head).collect();
    let mut next = git.details(fix.head)?.parents.first().cloned();
    while let Some(part) = next.take() {
        let mut is_known = git.is_ancestor(&part, &incident.base.commit)?;
        for known in &recorded {
            is_known = is_known || git.is_ancestor(&part, known)?;
        }
        if is_known {
            break;
        }
        if !git.is_ancestor(&part, &last.from)? {
            next = git.details(&part)?.parents.first().cloned();
            continue;
        }
        let found = git.brought_by(&part, &last.from)?;
        // On production itself it is what the branch was rebased onto, no part of the fix.
        let Some(found) = found.filter(|found| found.id != part) else { return Ok(None) };
        let from = found.parents.first().unwrap_or(&incident.base.commit).clone();
        let line = LandingLine { branch: last.branch.clone(), from, to: found.id };
        return Ok(Some((part, line)));
    }
    Ok(None)
}

/// The commit that took the fix out of the branch again after `by` brought it: a revert of what brought it, or where none says
/// so, the commit since which nothing of it is left. A fix that somebody brought back is there.
fn taken_out(fix: &Fix<'_>, branch: &ReleaseBranch, by: &ObjectId) -> Result<Option<ObjectId>> {
    let (git, tip) = (fix.context.look.git, &branch.tip);
    let from = before(fix, by)?;
    // A merge may bring the fix with its revert.
    let since = if git.is_ancestor(fix.head, by)? { fix.head } else { &from };
    // Mostly nothing was reverted: one walk for any revert saves a walk for each commit.
    if since != tip && git.find_message(Some(since), tip, REVERTS)?.is_some() {
        for bringer in bringers(fix, branch, &from, by)? {
            let Some(revert) = commits::standing_revert(fix.context, &bringer, tip)? else { continue };
            // What the branch itself took back was never part of the fix.
            if !git.is_ancestor(&revert, fix.head)? {
                let is_there = is_back(fix, branch, &revert)? || is_settled_there(fix, tip, &from, by)?;
                return Ok((!is_there).then_some(revert));
            }
        }
    }
    if by == tip {
        return Ok(None);
    }
    let (before, after) = (git.tree_of(&from)?, git.tree_of(by)?);
    // A merge may bring more than the fix, and then be undone in part.
    let mut changes = vec![(before, after)];
    changes.extend(whole(fix)?);
    if let [only] = fix.commits()? {
        changes.extend(only.parents.first().map(|parent| (parent.clone(), only.id.clone())));
    }
    for (before, after) in changes {
        // A merge that kept only its own side (`-s ours`) never brought the fix: nobody took it out.
        if is_no_change(fix, &after, &before, tip)? && !is_no_change(fix, &after, &before, by)? {
            return earliest(fix, tip.clone(), by, |commit| is_no_change(fix, &after, &before, commit)).map(Some);
        }
    }
    Ok(None)
}

/// Whether the change from one tree to another, made on a commit once more, changes nothing.
fn is_no_change(fix: &Fix<'_>, from: &ObjectId, to: &ObjectId, commit: &ObjectId) -> Result<bool> {
    let git = fix.context.look.git;
    // Without rules for files, which would settle the very difference that is looked for.
    Ok(from != to && git.apply(from, to, commit, &|_| None)? == Applied::Clean(git.tree_of(commit)?))
}

/// Whether the fix was brought back since this revert: its content is there, or its commits were picked once more.
fn is_back(fix: &Fix<'_>, branch: &ReleaseBranch, revert: &ObjectId) -> Result<bool> {
    if content_by_commits(fix, &branch.tip)? == Content::There {
        return Ok(true);
    }
    let landed = fix.landing().map(|landing| &landing.to);
    for commit in fix.commits()?.iter().map(|commit| &commit.id).chain(landed) {
        if let Some(pick) = commits::pick_of(fix.context, commit, Some(revert), &branch.tip)?
            && commits::standing_revert(fix.context, &pick, &branch.tip)?.is_none()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether all that `by` brought to the branch, which was at `from`, is at its tip: that tells of a fix which was settled there
/// in a conflict, so that its own content does not.
fn is_settled_there(fix: &Fix<'_>, tip: &ObjectId, from: &ObjectId, by: &ObjectId) -> Result<bool> {
    let git = fix.context.look.git;
    // Where the fix was there before, or came with its revert, what `by` brought is something else.
    let is_the_fix = content_by_commits(fix, tip)? == Content::Unclear
        && content_by_commits(fix, from)? != Content::There
        && content_by_commits(fix, by)? != Content::Missing;
    Ok(is_the_fix && is_no_change(fix, &git.tree_of(from)?, &git.tree_of(by)?, tip)?)
}

/// The commits whose revert takes the fix out: the one that brought it, or all that did, those of its branch, and picks.
fn bringers(fix: &Fix<'_>, branch: &ReleaseBranch, from: &ObjectId, by: &ObjectId) -> Result<Vec<ObjectId>> {
    let (git, base) = (fix.context.look.git, &fix.incident.base.commit);
    let (mut bringers, mut next) = (Vec::new(), Some(by.clone()));
    while let Some(commit) = next.take().filter(|commit| commit != from && commit != base) {
        next = git.details(&commit)?.parents.first().cloned();
        bringers.push(commit);
    }
    if git.is_ancestor(fix.head, by)? {
        let own = git.own_commits(&[base.clone(), from.clone()], fix.head)?;
        bringers.extend(own.into_iter().filter(|commit| commit.parents.len() < 2).map(|commit| commit.id));
    }
    for commit in fix.commits()? {
        bringers.extend(commits::pick_of(fix.context, &commit.id, Some(base), &branch.tip)?);
    }
    // Where another branch was merged, a revert may name the merge that brought the fix there.
    for line in fix.landing_lines() {
        if !bringers.contains(&line.to) && git.is_ancestor(&line.to, &branch.tip)? {
            bringers.push(line.to.clone());
        }
    }
    Ok(bringers)
}

#[cfg(test)]
mod tests;
