//! Renames that libgit2 does not look for where many files differ, because it compares each with each. git looks among more, and by
//! name first, so it is asked where such a rename may be why libgit2 finds a conflict.

use git2::{Error, Repository, Tree};

use crate::port::{Applied, PortError};

use super::{GitRepository, merge_tree};

/// libgit2's own limit. A longer way takes minutes where git takes a second.
const MOST_FILES: u32 = 1_000;

/// So many files that differ libgit2 may look at: what the person sets for git, and no more than is quick where git can be asked.
pub(super) fn of(git: &GitRepository, repository: &Repository) -> u32 {
    let set = |key| repository.config().ok()?.get_i32(key).ok().filter(|limit| *limit != 0);
    let set = set("merge.renameLimit").or_else(|| set("diff.renameLimit"));
    match set.and_then(|limit| u32::try_from(limit).ok()) {
        Some(limit) if limit <= MOST_FILES || !merge_tree::can_merge(git, true) => limit,
        Some(_) | None => MOST_FILES,
    }
}

/// Whether more may differ than libgit2 looks at.
pub(super) fn is_passed(
    git: &GitRepository,
    repository: &Repository,
    trees: [&Tree<'_>; 3],
) -> Result<bool, PortError> {
    Ok(differing(git, repository, trees)? > of(git, repository))
}

/// How many files differ: one that both sides changed counts twice here, and once in libgit2.
fn differing(git: &GitRepository, repository: &Repository, trees: [&Tree<'_>; 3]) -> Result<u32, PortError> {
    let [base, ours, theirs] = trees;
    let count = |side| Ok::<_, Error>(repository.diff_tree_to_tree(Some(base), Some(side), None)?.deltas().len());
    let differ = count(ours).and_then(|own| Ok(own.saturating_add(count(theirs)?)));
    let differ = differ.map_err(|error| git.unreadable("count what differs on two sides of a merge", error))?;
    Ok(u32::try_from(differ).unwrap_or(u32::MAX))
}

/// Whether git may know better than libgit2 what this merge comes to, and can be asked here.
pub(super) fn may_be_why(
    git: &GitRepository,
    repository: &Repository,
    trees: [&Tree<'_>; 3],
    merged: &Applied,
    is_from_given: bool,
) -> Result<bool, PortError> {
    // A file that all three have was not renamed.
    let is_about_files = matches!(merged, Applied::Conflict(found) if found.iter().any(|one| one.line == 0));
    if !is_about_files || !is_passed(git, repository, trees)? {
        return Ok(false);
    }
    if !merge_tree::can_merge(git, is_from_given) {
        merge_tree::want_limit(git, differing(git, repository, trees)?);
    }
    Ok(merge_tree::may_be_asked(git, is_from_given))
}
