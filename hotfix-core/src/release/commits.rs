//! What the fix is made of: the commits that its branch brought and production did not have.

use crate::domain::{Incident, ObjectId};
use crate::port::{Applied, CommitDetails, FileRules, PortError};
use crate::production;
use crate::release::revert;
use crate::workflow::{Context, Refusal};

use super::branch::Line;

/// What picks name the commit they are from by.
pub(crate) fn trailer(commit: &ObjectId) -> String {
    format!("(cherry picked from commit {commit})")
}

/// The message of the pick of a commit: what it is from is the last of its trailers, as git has it.
pub(crate) fn picked_message(commit: &CommitDetails) -> String {
    let message = commit.message.trim_end();
    let last = message.rsplit_once("\n\n").map(|(_, last)| last);
    let is_trailer = |line: &str| {
        let token = line.split_once(": ").map(|(token, _)| token);
        let is_token =
            |token: &str| token.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
        token.is_some_and(|token| !token.is_empty() && is_token(token))
            || line.starts_with("(cherry picked from commit ")
    };
    let gap = if last.is_some_and(|last| last.lines().all(is_trailer)) { "\n" } else { "\n\n" };
    format!("{message}{gap}{}\n", trailer(&commit.id))
}

/// The commits to pick to another line, oldest first. A merge among them stands for what it changes against its first
/// parent: it is there where the fix is more than the commits beside merges, because a conflict was settled in one.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn commits(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
) -> Result<Vec<CommitDetails>, Refusal> {
    let mut commits = Vec::new();
    for part in parts(context, incident, head)? {
        match part.merge {
            Some(merge) if !part.merges.is_empty() && !adds_up(context, &part.own, &merge)? => commits.push(merge),
            _ => commits.extend(part.own),
        }
    }
    if commits.is_empty() {
        commits.push(context.look.git.details(head)?);
    }
    Ok(commits)
}

/// How many commits the fix has, merges aside.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn count(context: &Context<'_>, incident: &Incident, head: &ObjectId) -> Result<usize, Refusal> {
    Ok(parts(context, incident, head)?.iter().map(|part| part.own.len()).sum())
}

/// What landed at once, or is still to land.
struct Part {
    /// The commits of the branch that production lacked, parents first, merges aside.
    own: Vec<CommitDetails>,
    /// The merges among them.
    merges: Vec<CommitDetails>,
    /// The merge that brought them to production; `None` before it, and where they came in another way.
    merge: Option<CommitDetails>,
}

/// The parts of the fix, oldest first: what landed before and was not taken out of production again, and what is at `head`.
fn parts(context: &Context<'_>, incident: &Incident, head: &ObjectId) -> Result<Vec<Part>, Refusal> {
    let mut parts = Vec::new();
    let landings = incident.merged_before.iter().chain(&incident.merged);
    for landing in landings.filter(|landing| landing.head != *head) {
        let Some(landed) = landing.lines.first().map(|line| &line.to) else { continue };
        let tip = production::tip(context.look, &incident.production)?;
        if context.look.git.has_commit(landed)? && revert::that_stands(context, landed, &tip)?.is_none() {
            parts.push(part(context, incident, &landing.head, Some(landed))?);
        }
    }
    let landed =
        incident.merged.as_ref().filter(|landing| landing.head == *head).and_then(|landing| landing.lines.first());
    parts.push(part(context, incident, head, landed.map(|line| &line.to))?);
    Ok(parts)
}

fn part(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    landed: Option<&ObjectId>,
) -> Result<Part, Refusal> {
    let git = context.look.git;
    let merge = match landed {
        Some(landed) if git.has_commit(landed)? => git.brought_by(head, landed)?,
        _ => None,
    };
    let merge = merge.filter(|merge| merge.id != *head && merge.parents.len() > 1);
    let mut others = vec![incident.base.commit.clone()];
    match merge.as_ref().and_then(|merge| merge.parents.first()) {
        Some(before) => others.push(before.clone()),
        None if production::contains(context.look, &incident.production, head)? => {}
        None => others.extend(production::tip(context.look, &incident.production).ok()),
    }
    let all = git.own_commits(&others, head)?;
    let (own, merges) = all.into_iter().partition(|commit| commit.parents.len() < 2);
    Ok(Part { own, merges, merge })
}

/// Whether these commits, made once more where the merge was made, bring what it brought.
fn adds_up(context: &Context<'_>, own: &[CommitDetails], merge: &CommitDetails) -> Result<bool, PortError> {
    let git = context.look.git;
    let Some(before) = merge.parents.first() else { return Ok(true) };
    let mut tree = git.tree_of(before)?;
    for commit in own {
        let Some(parent) = commit.parents.first() else { return Ok(false) };
        match git.apply(parent, &commit.id, &tree, &|_| None)? {
            Applied::Clean(next) => tree = next,
            Applied::Conflict(_) => return Ok(false),
        }
    }
    Ok(tree == git.tree_of(&merge.id)?)
}

/// Those of the commits that a branch which left the line at `line` does not have yet: neither what they change, nor a pick
/// of them.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn missing_from(
    context: &Context<'_>,
    commits: Vec<CommitDetails>,
    line: &ObjectId,
    branch: &ObjectId,
) -> Result<Vec<CommitDetails>, PortError> {
    let git = context.look.git;
    let tree = git.tree_of(branch)?;
    let mut missing = Vec::new();
    for commit in commits {
        let Some(parent) = commit.parents.first() else { continue };
        let is_there = git.find_message(Some(line), branch, &trailer(&commit.id))?.is_some()
            || git.apply(parent, &commit.id, &tree, &|_| None)? == Applied::Clean(tree.clone());
        if !is_there {
            missing.push(commit);
        }
    }
    Ok(missing)
}

/// Whether a branch which left the line at `line` holds anything of these commits, or a pick of one.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn has_begun(
    context: &Context<'_>,
    commits: &[CommitDetails],
    line: &ObjectId,
    branch: &ObjectId,
) -> Result<bool, PortError> {
    let git = context.look.git;
    for commit in commits {
        if git.is_ancestor(&commit.id, branch)? || git.find_message(Some(line), branch, &trailer(&commit.id))?.is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The tree with what the fix changes, where that can be had without a conflict: a merge brings nothing of what the line
/// had, and took out again.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn brought_back(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    tree: ObjectId,
    rules: FileRules<'_>,
) -> Result<ObjectId, Refusal> {
    let mut tree = tree;
    for (from, to) in changes(context, incident, head)? {
        if let Applied::Clean(next) = context.look.git.apply(&from, &to, &tree, rules)? {
            tree = next;
        }
    }
    Ok(tree)
}

/// What the fix changes, from tree to tree: commit by commit, or in one where the branch holds merges, since one of them may
/// hold a part of the fix.
fn changes(context: &Context<'_>, incident: &Incident, head: &ObjectId) -> Result<Vec<(ObjectId, ObjectId)>, Refusal> {
    let git = context.look.git;
    let single = |commit: CommitDetails| Some((commit.parents.first()?.clone(), commit.id));
    let mut changes = Vec::new();
    for part in parts(context, incident, head)? {
        if part.merges.is_empty() {
            changes.extend(part.own.into_iter().filter_map(single));
        } else if let Some(merge) = part.merge {
            changes.extend(single(merge));
        } else {
            let production = production::tip(context.look, &incident.production)?;
            if let Applied::Clean(tree) = git.merge(&production, head, &|_| None)? {
                changes.push((production, tree));
            }
        }
    }
    Ok(changes)
}

/// The commit by which somebody took the fix out of a line again: it reverts one of its commits, the pick of one, or what
/// brought them, and they were not picked once more since. `brought_by` is the last commit that was recorded to bring it.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) fn taken_out(
    context: &Context<'_>,
    incident: &Incident,
    head: &ObjectId,
    line: &Line,
    brought_by: Option<&ObjectId>,
) -> Result<Option<ObjectId>, Refusal> {
    let git = context.look.git;
    let commits = commits(context, incident, head)?;
    // Picks stand in a row.
    let (mut bringers, mut next) = (Vec::new(), brought_by.cloned());
    while let Some(bringer) = next.take().filter(|_| bringers.len() < commits.len()) {
        if git.has_commit(&bringer)? {
            next = git.details(&bringer)?.parents.first().cloned();
            bringers.push(bringer);
        }
    }
    if let Some(merge) = git.brought_by(head, &line.tip)? {
        bringers.push(merge.id);
        bringers.extend(commits.iter().map(|commit| commit.id.clone()));
    }
    for bringer in bringers {
        let Some(revert) = revert::that_stands(context, &bringer, &line.tip)? else { continue };
        let mut is_back = false;
        for commit in &commits {
            is_back = is_back || git.find_message(Some(&revert), &line.tip, &trailer(&commit.id))?.is_some();
        }
        if !is_back {
            return Ok(Some(revert));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Author;
    use crate::step::tests::scene::id;

    #[test]
    fn what_a_pick_is_from_is_its_last_trailer() {
        let check = |message: &str, expected: &str| {
            let author = Author { name: String::new(), email: String::new(), date: String::new() };
            let commit = CommitDetails { id: id('c'), parents: Vec::new(), author, message: message.to_owned() };
            assert_eq!(picked_message(&commit), format!("{expected}{}\n", trailer(&id('c'))));
        };
        check("Mend it", "Mend it\n\n");
        check("Mend: it", "Mend: it\n\n");
        check("Mend it\n\nBecause.\n", "Mend it\n\nBecause.\n\n");
        check("Mend it\n\nWhy: so.\nOr not.\n", "Mend it\n\nWhy: so.\nOr not.\n\n");
        check("Mend it\n\nSigned-off-by: Ada\n\n", "Mend it\n\nSigned-off-by: Ada\n");
        check("Mend it\n\n(cherry picked from commit 1)\n", "Mend it\n\n(cherry picked from commit 1)\n");
    }
}
