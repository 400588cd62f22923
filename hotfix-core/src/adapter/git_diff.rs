//! What differs between two trees, with renames and counts of lines.
//!
//! Blobs are compared as they are stored: no attribute, filter or diff driver of the repository has a say.

use gix::diff::blob::{Algorithm, Diff, InternedInput};
use gix::diff::tree_with_rewrites::Change as TreeChange;
use gix::objs::tree::EntryMode;

use crate::port::{Change, ChangeKind};

use super::git::lossy;

/// Beyond this size a file is not compared line by line, and counts as binary.
const MAX_TEXT_BYTES: u64 = 16 * 1024 * 1024;
/// Where git looks for a NUL byte.
const BINARY_PROBE_BYTES: usize = 8000;
/// git's own defaults, whatever the user's are: the guard must say the same for everybody.
const RENAMES: gix::diff::Rewrites =
    gix::diff::Rewrites { copies: None, percentage: Some(0.5), limit: 1000, track_empty: false };

/// The files that differ, sorted by path.
pub(super) fn changes(
    repository: &gix::Repository,
    from: gix::ObjectId,
    to: gix::ObjectId,
) -> gix::Result<Vec<Change>> {
    let from = repository.find_object(from)?.peel_to_tree()?;
    let to = repository.find_object(to)?.peel_to_tree()?;
    let options = gix::diff::Options::default().with_rewrites(Some(RENAMES));
    let mut changes = Vec::new();
    for change in repository.diff_tree_to_tree(&from, &to, options)? {
        changes.extend(file_change(repository, change)?);
    }
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(changes)
}

type Side = Option<(gix::ObjectId, EntryMode)>;

/// One file's change; `None` for folders, whose files come by themselves.
fn file_change(repository: &gix::Repository, change: TreeChange) -> gix::Result<Option<Change>> {
    let (path, renamed_from, kind, before, after): (_, _, _, Side, Side) = match change {
        TreeChange::Addition { location, entry_mode, id, .. } => {
            (location, None, ChangeKind::Added, None, Some((id, entry_mode)))
        }
        TreeChange::Deletion { location, entry_mode, id, .. } => {
            (location, None, ChangeKind::Deleted, Some((id, entry_mode)), None)
        }
        TreeChange::Modification { location, previous_entry_mode, previous_id, entry_mode, id } => {
            (location, None, ChangeKind::Modified, Some((previous_id, previous_entry_mode)), Some((id, entry_mode)))
        }
        TreeChange::Rewrite { source_location, source_id, source_entry_mode, location, id, entry_mode, .. } => {
            let before = Some((source_id, source_entry_mode));
            (location, Some(source_location), ChangeKind::Modified, before, Some((id, entry_mode)))
        }
    };
    if [before, after].into_iter().flatten().any(|(_, mode)| mode.is_tree()) {
        return Ok(None);
    }
    let lines = Lines::of(content(repository, before)?, content(repository, after)?);
    Ok(Some(Change {
        path: lossy(&path),
        renamed_from: renamed_from.map(|path| lossy(&path)),
        kind,
        added: lines.added,
        removed: lines.removed,
        first_line: lines.first,
        is_binary: lines.is_binary,
    }))
}

/// What a file holds; `None` when it is too large to look at. A submodule holds nothing.
fn content(repository: &gix::Repository, side: Side) -> gix::Result<Option<Vec<u8>>> {
    let Some((id, mode)) = side else {
        return Ok(Some(Vec::new()));
    };
    if !mode.is_blob_or_symlink() {
        return Ok(Some(Vec::new()));
    }
    if repository.find_header(id)?.size() > MAX_TEXT_BYTES {
        return Ok(None);
    }
    Ok(Some(repository.find_blob(id)?.take_data()))
}

#[derive(Default)]
struct Lines {
    added: u32,
    removed: u32,
    first: u32,
    is_binary: bool,
}

impl Lines {
    fn of(before: Option<Vec<u8>>, after: Option<Vec<u8>>) -> Self {
        let binary = Self { is_binary: true, ..Self::default() };
        let (Some(before), Some(after)) = (before, after) else {
            return binary;
        };
        if is_binary(&before) || is_binary(&after) {
            return binary;
        }
        let input = InternedInput::new(before.as_slice(), after.as_slice());
        let diff = Diff::compute(Algorithm::Histogram, &input);
        let lines_after = u32::try_from(input.after.len()).unwrap_or(u32::MAX);
        let first = diff.hunks().next().map_or(0, |hunk| (hunk.after.start.saturating_add(1)).min(lines_after));
        Self { added: diff.count_additions(), removed: diff.count_removals(), first, is_binary: false }
    }
}

fn is_binary(content: &[u8]) -> bool {
    content.iter().take(BINARY_PROBE_BYTES).any(|byte| *byte == 0)
}
