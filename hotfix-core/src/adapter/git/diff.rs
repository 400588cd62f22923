//! What differs between two trees, with renames and counts of lines.
//!
//! Blobs are compared as they are stored: no attribute, filter or diff driver of the repository has a say.

use std::ops::ControlFlow;

use gix::diff::blob::pipeline::{Mode, WorktreeRoots};
use gix::diff::blob::{Algorithm, Diff, InternedInput};
use gix::diff::tree_with_rewrites::Change as TreeChange;
use gix::glob::pattern::Case;
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryMode;
use gix::worktree::stack;

use crate::port::{Change, ChangeKind, FileDiff, Hunk};

use super::GitRepository;
use super::convert::lossy;
use super::large::{self, Sketch};
use super::renames::{self, RenameEnd};

/// Beyond this size a file is not compared line by line: it is read as a stream, and its lines are counted.
const MAX_TEXT_BYTES: u64 = 16 * 1024 * 1024;
/// Of a longer file, no text is shown.
const MAX_SHOWN_BYTES: usize = 1024 * 1024;
/// Of all files together, not more text is shown.
const MAX_SHOWN_IN_ALL: usize = 64 * 1024 * 1024;
/// Files that are the same; those that were changed too are found by [`renames`].
const RENAMES: gix::diff::Rewrites =
    gix::diff::Rewrites { copies: None, percentage: None, limit: 1000, track_empty: false };

/// The files that differ, sorted by path.
pub(super) fn changes(repository: &GitRepository, from: gix::ObjectId, to: gix::ObjectId) -> gix::Result<Vec<Change>> {
    each(repository, from, to, |change, _, _| change)
}

/// The files that differ, sorted by path, with their texts as long as these are not too long.
pub(super) fn diff(repository: &GitRepository, from: gix::ObjectId, to: gix::ObjectId) -> gix::Result<Vec<FileDiff>> {
    let mut left = MAX_SHOWN_IN_ALL;
    each(repository, from, to, |change, texts, hunks| {
        let shown = texts.filter(|(before, after)| before.len().max(after.len()) <= MAX_SHOWN_BYTES);
        let shown = shown.filter(|(before, after)| before.len() + after.len() <= left);
        let Some((before, after)) = shown else {
            return FileDiff { change, before: String::new(), after: String::new(), hunks: Vec::new() };
        };
        left -= before.len() + after.len();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        FileDiff { change, before: text(before), after: text(after), hunks }
    })
}

/// What differs between two trees. Unlike gix's own function for it this reads no attributes, and so no index, which is most of
/// the time in a large repository.
pub(super) fn differing(
    repository: &gix::Repository,
    from: &gix::Tree<'_>,
    to: &gix::Tree<'_>,
    rewrites: Option<gix::diff::Rewrites>,
) -> gix::Result<Vec<TreeChange>> {
    let top = repository.workdir().unwrap_or(repository.git_dir());
    let no_attributes = stack::State::AttributesStack(stack::state::Attributes::default());
    let stack = gix::worktree::Stack::new(top, no_attributes, Case::Sensitive, Vec::new(), Vec::new());
    let mut blobs = gix::diff::resource_cache(repository, Mode::ToGit, stack, WorktreeRoots::default())?;
    let mut changes = Vec::new();
    gix::diff::tree_with_rewrites(
        TreeRefIter::from_bytes(&from.data, from.id.kind()),
        TreeRefIter::from_bytes(&to.data, to.id.kind()),
        &mut blobs,
        &mut gix::diff::tree::State::default(),
        &repository.objects,
        |change| {
            changes.push(change.into_owned());
            Ok(ControlFlow::Continue(()))
        },
        gix::diff::Options::default().with_rewrites(rewrites).into(),
    )
    .map_err(gix::Error::from_error)?;
    Ok(changes)
}

fn each<T>(
    git: &GitRepository,
    from: gix::ObjectId,
    to: gix::ObjectId,
    mut view: impl FnMut(Change, Option<(Vec<u8>, Vec<u8>)>, Vec<Hunk>) -> T,
) -> gix::Result<Vec<T>> {
    let repository = &git.reads;
    let from = repository.find_object(from)?.peel_to_tree()?;
    let to = repository.find_object(to)?.peel_to_tree()?;
    // By our own options: `diff.renames` of the person would change what the guard says.
    let changes = differing(repository, &from, &to, Some(RENAMES))?;
    let mut files = renamed(repository, changes.into_iter().filter_map(ChangedFile::of).collect())?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    let mut views = Vec::with_capacity(files.len());
    for ChangedFile { path, renamed_from, kind, before, after } in files {
        let (texts, lines, is_binary) = if is_large(repository, before)? || is_large(repository, after)? {
            let (before, after) = (sketch(git, before)?, sketch(git, after)?);
            let is_binary = before.is_binary() || after.is_binary();
            let (added, removed) = if is_binary { (0, 0) } else { (before.lacks_of(&after), after.lacks_of(&before)) };
            let first = u32::from(!is_binary && !after.is_empty());
            (None, Lines { added, removed, first, hunks: Vec::new() }, is_binary)
        } else {
            let (before, after) = (content(repository, before)?, content(repository, after)?);
            let texts = (!large::is_binary(&before) && !large::is_binary(&after)).then_some((before, after));
            let lines = texts.as_ref().map_or_else(Lines::default, |(before, after)| Lines::of(before, after));
            let is_binary = texts.is_none();
            (texts, lines, is_binary)
        };
        let Lines { added, removed, first: first_line, hunks } = lines;
        let change = Change { path, renamed_from, kind, added, removed, first_line, is_binary };
        views.push(view(change, texts, hunks));
    }
    Ok(views)
}

type DiffSide = Option<(gix::ObjectId, EntryMode)>;

/// A file and what it was on both sides.
struct ChangedFile {
    path: String,
    renamed_from: Option<String>,
    kind: ChangeKind,
    before: DiffSide,
    after: DiffSide,
}

impl ChangedFile {
    /// `None` for folders, whose files come by themselves.
    fn of(change: TreeChange) -> Option<Self> {
        let (path, renamed_from, kind, before, after): (_, _, _, DiffSide, DiffSide) = match change {
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
        let has_folder = [before, after].into_iter().flatten().any(|(_, mode)| mode.is_tree());
        let renamed_from = renamed_from.map(|path| lossy(&path));
        (!has_folder).then(|| Self { path: lossy(&path), renamed_from, kind, before, after })
    }

    /// As one side of what may be a rename.
    fn end(&self) -> Option<RenameEnd<'_>> {
        self.before.or(self.after).map(|(blob, _)| RenameEnd { path: &self.path, blob })
    }
}

/// The same with those that were renamed and changed as one.
fn renamed(repository: &gix::Repository, files: Vec<ChangedFile>) -> gix::Result<Vec<ChangedFile>> {
    let is_of =
        |file: &ChangedFile, kind, side: DiffSide| file.kind == kind && side.is_some_and(|(_, mode)| mode.is_blob());
    let (gone, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| is_of(file, ChangeKind::Deleted, file.before));
    let (mut new, others): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| is_of(file, ChangeKind::Added, file.after));
    let (froms, tos): (Vec<_>, Vec<_>) =
        (gone.iter().filter_map(ChangedFile::end).collect(), new.iter().filter_map(ChangedFile::end).collect());
    let pairs = renames::pairs(repository, &froms, &tos)?;
    let mut is_renamed = vec![false; gone.len()];
    for (from, to) in pairs {
        if let (Some(from), Some(to), Some(is_renamed)) = (gone.get(from), new.get_mut(to), is_renamed.get_mut(from)) {
            (to.renamed_from, to.kind, to.before) = (Some(from.path.clone()), ChangeKind::Modified, from.before);
            *is_renamed = true;
        }
    }
    let left = gone.into_iter().zip(is_renamed).filter_map(|(file, is_renamed)| (!is_renamed).then_some(file));
    Ok(left.chain(new).chain(others).collect())
}

/// Whether a file is too long to be compared line by line.
fn is_large(repository: &gix::Repository, side: DiffSide) -> gix::Result<bool> {
    let Some((id, _)) = side.filter(|(_, mode)| mode.is_blob_or_symlink()) else { return Ok(false) };
    Ok(repository.find_header(id)?.size() > MAX_TEXT_BYTES)
}

fn sketch(repository: &GitRepository, side: DiffSide) -> gix::Result<Sketch> {
    match side {
        Some((id, _)) if is_large(&repository.reads, side)? => {
            large::sketch(repository, id).map_err(gix::Error::from_error)
        }
        _ => Ok(Sketch::of(&content(&repository.reads, side)?)),
    }
}

/// What a file holds. A submodule holds nothing.
fn content(repository: &gix::Repository, side: DiffSide) -> gix::Result<Vec<u8>> {
    let Some((id, _)) = side.filter(|(_, mode)| mode.is_blob_or_symlink()) else { return Ok(Vec::new()) };
    Ok(repository.find_blob(id)?.take_data())
}

#[derive(Default)]
struct Lines {
    added: u32,
    removed: u32,
    first: u32,
    hunks: Vec<Hunk>,
}

impl Lines {
    fn of(before: &[u8], after: &[u8]) -> Self {
        let input = InternedInput::new(before, after);
        // It keeps functions together where Myers splits them; only `first` and counts are told.
        let diff = Diff::compute(Algorithm::Histogram, &input);
        let lines_after = u32::try_from(input.after.len()).unwrap_or(u32::MAX);
        let first = diff.hunks().next().map_or(0, |hunk| (hunk.after.start.saturating_add(1)).min(lines_after));
        let index = |line: u32| usize::try_from(line).unwrap_or(usize::MAX);
        let hunks = diff.hunks().map(|hunk| Hunk {
            before: index(hunk.before.start)..index(hunk.before.end),
            after: index(hunk.after.start)..index(hunk.after.end),
        });
        Self { added: diff.count_additions(), removed: diff.count_removals(), first, hunks: hunks.collect() }
    }
}
