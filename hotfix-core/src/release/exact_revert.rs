//! What of a fix is the exact revert of commits that production has: nobody has to review again, line by line, what takes
//! out what was reviewed when it came, and the tests that came with it go with it.

use std::collections::BTreeMap;

use crate::domain::ObjectId;
use crate::port::{Applied, CommitDetails, FileDiff};
use crate::workflow::{Context, Result};

use super::commits::{self, REVERTS};
use super::revert::Reverted;

/// No more reverts in one fix are looked at.
const MOST: usize = 8;

/// A fix that reverts, told apart from what it does besides.
pub(crate) struct ExactRevert {
    /// What it reverts, in the order of the branch.
    pub(crate) commits: Vec<ObjectId>,
    /// What it changes besides.
    pub(crate) rest: Vec<FileDiff>,
}

/// Finds it in the change from `from` to the tree `to`, for a branch at `tip`.
///
/// A message only names a commit. That its revert is there is seen by the trees: what is left of the change without it must
/// take nothing of it back.
pub(crate) fn find(
    context: &Context<'_>,
    from: &ObjectId,
    tip: &ObjectId,
    to: &ObjectId,
) -> Result<Option<ExactRevert>> {
    let git = context.look.git;
    if git.find_message(Some(from), tip, REVERTS)?.is_none() {
        return Ok(None);
    }
    let (mut without, mut commits) = (git.tree_of(from)?, Vec::new());
    for named in git.own_commits(std::slice::from_ref(from), tip)?.iter().rev().filter_map(named_by).take(MOST) {
        // Of an own commit of the fix, the revert is not in the change at all.
        if !git.has_commit(&named.0)? || !git.is_ancestor(&named.0, from)? {
            continue;
        }
        let details = git.details(&named.0)?;
        let mainline = named.1.and_then(|kept| details.parents.iter().position(|parent| *parent == kept));
        let mainline = mainline.filter(|_| details.parents.len() > 1).and_then(|index| u32::try_from(index + 1).ok());
        let Ok(reverted) = Reverted::of(context, &named.0, mainline) else { continue };
        let Applied::Clean(next) = git.apply(&named.0, reverted.parent(), &without, &|_| None)? else { continue };
        if next == without {
            continue;
        }
        let (revert, rest) = (git.diff(&without, &next)?, git.diff(&next, to)?);
        if !takes_back(&revert, &rest) {
            without = next;
            commits.push(named.0);
        }
    }
    if commits.is_empty() {
        return Ok(None);
    }
    Ok(Some(ExactRevert { commits, rest: git.diff(&without, to)? }))
}

/// The commit whose revert a message says it is, and the parent of it that stays.
fn named_by(commit: &CommitDetails) -> Option<(ObjectId, Option<ObjectId>)> {
    let kept = commits::id_after(&commit.message, "changes made to ");
    Some((commits::named_by_revert(&commit.message)?, kept))
}

/// Whether the rest of a change takes back some of what a revert did: a file or line that is there again, or a line that
/// the revert brought and that nothing replaces.
fn takes_back(revert: &[FileDiff], rest: &[FileDiff]) -> bool {
    let reverted: BTreeMap<&str, &FileDiff> =
        revert.iter().flat_map(|file| paths(file).map(move |path| (path, file))).collect();
    rest.iter().any(|file| {
        let Some(before) = paths(file).find_map(|path| reverted.get(path)) else { return false };
        let is_opaque = |file: &FileDiff| file.hunks.is_empty();
        if is_opaque(before) || is_opaque(file) {
            return true; // Not text, too long or moved: what it was is not seen.
        }
        let taken_out: Vec<&str> = before.hunks.iter().flat_map(|hunk| lines(&before.before, &hunk.before)).collect();
        let brought: Vec<&str> = before.hunks.iter().flat_map(|hunk| lines(&before.after, &hunk.after)).collect();
        file.hunks.iter().any(|hunk| {
            lines(&file.after, &hunk.after).any(|line| says_something(line) && taken_out.contains(&line))
                || (hunk.after.is_empty()
                    && lines(&file.before, &hunk.before).any(|line| says_something(line) && brought.contains(&line)))
        })
    })
}

fn paths(file: &FileDiff) -> impl Iterator<Item = &str> {
    std::iter::once(file.change.path.as_str()).chain(file.change.renamed_from.as_deref())
}

fn lines<'a>(text: &'a str, range: &std::ops::Range<usize>) -> impl Iterator<Item = &'a str> {
    text.lines().skip(range.start).take(range.len()).map(str::trim)
}

fn says_something(line: &str) -> bool {
    // Braces and blank lines come and go with any change.
    line.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use crate::port::{Change, ChangeKind, Hunk};

    use super::*;

    /// A file of which all lines are replaced.
    fn replaced(path: &str, before: &str, after: &str) -> FileDiff {
        let change = Change {
            path: path.to_owned(),
            renamed_from: None,
            kind: ChangeKind::Modified,
            added: 1,
            removed: 1,
            first_line: 1,
            is_binary: false,
        };
        let hunk = Hunk { before: 0..before.lines().count(), after: 0..after.lines().count() };
        FileDiff { change, before: before.to_owned(), after: after.to_owned(), hunks: vec![hunk] }
    }

    #[test]
    fn what_comes_on_top_is_no_part_of_what_was_taken_back() {
        let revert = [replaced("app", "new\n", "old\n"), replaced("tests/new", "check new\n", "")];
        for (rest, expected) in [
            (replaced("app", "old\n", "mended by hand\n"), false),
            (replaced("other", "x\n", "new\n"), false),
            (replaced("app", "old\n", "new\n"), true),
            (replaced("app", "old\n", ""), true),
            (replaced("tests/new", "", "check new\n"), true),
            (replaced("tests/new", "", "}\n"), false),
        ] {
            assert_eq!(takes_back(&revert, std::slice::from_ref(&rest)), expected, "{rest:?}");
        }
        assert!(!takes_back(&revert, &[]));
    }
}
