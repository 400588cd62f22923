//! What somebody committed of a conflict with a release branch, on the branch where it is resolved.

use crate::domain::ObjectId;
use crate::workflow::Result;

use super::branch::ReleaseBranch;
use super::commits::Fix;

/// The commit that goes to the release branch; `None` where nothing was resolved yet, or markers of the conflict are left.
pub(super) fn of(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    let Some(tip) = committed(fix, branch)? else { return Ok(None) };
    Ok(marked(fix, branch, &tip)?.is_empty().then_some(tip))
}

/// The files that were committed with markers of the conflict.
pub(super) fn still_marked(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Vec<String>> {
    committed(fix, branch)?.map_or_else(|| Ok(Vec::new()), |tip| marked(fix, branch, &tip))
}

/// What is committed there of this fix.
fn committed(fix: &Fix<'_>, branch: &ReleaseBranch) -> Result<Option<ObjectId>> {
    let git = fix.context.look.git;
    let Some(tip) = fix.conflict_branch_tip(&branch.branch)? else { return Ok(None) };
    // At the release branch's tip, or behind it, nothing was resolved yet. Another fix of that name may have left its branch.
    let is_resolved = !git.is_ancestor(&tip, &branch.tip)? && fix.has_begun(&branch.tip, &tip)?;
    Ok(is_resolved.then_some(tip))
}

/// The files of it in which markers of the conflict still stand. What the fix itself brings is no such: a text about conflicts
/// may have them.
fn marked(fix: &Fix<'_>, branch: &ReleaseBranch, committed: &ObjectId) -> Result<Vec<String>> {
    let git = fix.context.look.git;
    let mut marked = Vec::new();
    for file in git.diff(&branch.tip, committed)? {
        let lines: Vec<&str> = file.after.lines().collect();
        let changed = file.hunks.iter().filter_map(|hunk| lines.get(hunk.after.clone())).flatten();
        if !has_markers(changed.copied()) {
            continue;
        }
        let of_fix = git.file_at(fix.head, &file.change.path)?.unwrap_or_default();
        if !has_markers(String::from_utf8_lossy(&of_fix).lines()) {
            marked.push(file.change.path);
        }
    }
    Ok(marked)
}

/// Whether a conflict begins and ends in these lines, as git writes it.
fn has_markers<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> bool {
    ["<<<<<<< ", ">>>>>>> "].iter().all(|marker| lines.clone().any(|line| line.starts_with(marker)))
}
