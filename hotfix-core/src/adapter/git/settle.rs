//! Merges of trees by libgit2, and the conflicts that rules settle in them.

use std::path::Path;

use gix::bstr::ByteSlice as _;

use crate::domain::{ObjectId, is_about_versions};
use crate::port::{Applied, Conflict, FileRule, FileRules};

use super::convert::{from_git2, lossy, oid};
use super::trees;

/// Longer than any marker that a file has of its own.
const MARKER_SIZE: u16 = 41;
/// The mode of an entry that names a commit of another repository.
const SUBMODULE: u32 = 0o160_000;

pub(super) fn options(rename_limit: u32) -> git2::MergeOptions {
    let mut options = git2::MergeOptions::new();
    // As git does, or a file that one side renamed and the other changed is gone and changed at once.
    options.find_renames(true).target_limit(rename_limit);
    options
}

/// The merge of two trees that come from the first of these three.
pub(super) fn three_way(
    repository: &git2::Repository,
    sides: [&git2::Tree<'_>; 3],
    rename_limit: u32,
    rules: FileRules<'_>,
) -> Result<Applied, git2::Error> {
    if let Some(tree) = trees::choose_sides(repository, sides)? {
        return Ok(Applied::Clean(from_git2(tree)));
    }
    let [base, ours, theirs] = sides;
    settled(repository, repository.merge_trees(base, ours, theirs, Some(&options(rename_limit)))?, rules)
}

/// The tree of a commit, or the tree itself.
pub(super) fn tree<'r>(repository: &'r git2::Repository, id: &ObjectId) -> Result<git2::Tree<'r>, git2::Error> {
    repository.find_object(oid(id)?, None)?.peel_to_tree()
}

/// The tree of a merge once the rules have settled what they can; else where it conflicts.
pub(super) fn settled(
    repository: &git2::Repository,
    mut index: git2::Index,
    rules: FileRules<'_>,
) -> Result<Applied, git2::Error> {
    if !index.has_conflicts() {
        return index.write_tree_to(repository).map(from_git2).map(Applied::Clean);
    }
    let all = index.conflicts()?.collect::<Result<Vec<_>, _>>()?;
    let mut left = Vec::new();
    for conflict in all {
        let named = conflict.our.as_ref().or(conflict.their.as_ref()).or(conflict.ancestor.as_ref());
        let path = named.map(|entry| lossy(&entry.path)).unwrap_or_default();
        // Deleted on one side or added on both: which of them counts is a person's decision.
        let sides = conflict.ancestor.as_ref().zip(conflict.our.as_ref()).zip(conflict.their.as_ref());
        let sides = sides.map(|((before, ours), theirs)| [before, ours, theirs]);
        // A submodule's entry names a commit of another repository: there is no text to merge.
        let texts = sides.filter(|sides| sides.iter().all(|entry| entry.mode != SUBMODULE));
        let Some([before, ours, theirs]) = texts else {
            left.push(Conflict { path, line: 0 });
            continue;
        };
        match settled_file(repository, [before, ours, theirs], rules(&path))? {
            Ok(id) => {
                // First: while a path has conflicts, the tree cannot be written.
                index.conflict_remove(Path::new(&path))?;
                // As stage 0: an entry with a stage is a conflict.
                index.add(&entry(&ours.path, ours.mode, id))?;
            }
            Err(line) => left.push(Conflict { path, line }),
        }
    }
    if left.is_empty() {
        return index.write_tree_to(repository).map(from_git2).map(Applied::Clean);
    }
    left.sort_by(|one, other| one.path.cmp(&other.path));
    // One file may be in several conflicts, where a side renamed it for example.
    left.dedup_by(|one, other| one.path == other.path);
    Ok(Applied::Conflict(left))
}

/// The file that the rule makes of its three sides; else the line of the first conflict that it does not settle.
pub(super) fn settled_file(
    repository: &git2::Repository,
    sides: [&git2::IndexEntry; 3],
    rule: Option<FileRule>,
) -> Result<Result<git2::Oid, u32>, git2::Error> {
    let [before, ours, theirs] = sides;
    let mut options = git2::MergeFileOptions::new();
    // With what was before: whether both sides only added is seen by that alone.
    options.style_diff3(true).marker_size(MARKER_SIZE);
    let file = repository.merge_file_from_index(before, ours, theirs, Some(&mut options))?;
    Ok(match settled_text(file.content(), rule) {
        // A mode that changed on one side is no line that a rule could settle.
        Ok(text) if before.mode == ours.mode && ours.mode == theirs.mode => Ok(repository.blob(&text)?),
        Ok(_) => Err(0),
        Err(line) => Err(line),
    })
}

/// A file as an index has it, in no conflict.
pub(super) fn entry(path: &[u8], mode: u32, id: git2::Oid) -> git2::IndexEntry {
    let never = || git2::IndexTime::new(0, 0);
    git2::IndexEntry {
        ctime: never(),
        mtime: never(),
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.to_vec(),
    }
}

/// Where a line of a merged file belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MergedPart {
    Both,
    Ours,
    Before,
    Theirs,
}

/// The merged file without its conflicts where the rule settles all of them; else the line of the first one that it does not.
fn settled_text(merged: &[u8], rule: Option<FileRule>) -> Result<Vec<u8>, u32> {
    let marker = |line: &[u8], sign: u8| {
        let size = usize::from(MARKER_SIZE);
        line.len() >= size && line.iter().take(size).all(|byte| *byte == sign)
    };
    let (mut text, mut side, mut begins, mut number) = (Vec::new(), MergedPart::Both, 0, 1);
    let (mut ours, mut before, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for line in merged.lines_with_terminator() {
        match side {
            MergedPart::Both if marker(line, b'<') => (side, begins) = (MergedPart::Ours, number),
            MergedPart::Ours if marker(line, b'|') => side = MergedPart::Before,
            MergedPart::Ours | MergedPart::Before if marker(line, b'=') => side = MergedPart::Theirs,
            MergedPart::Theirs if marker(line, b'>') => {
                side = MergedPart::Both;
                text.extend(settled_lines(&ours, &before, &theirs, rule).ok_or(begins)?);
                [&mut ours, &mut before, &mut theirs].into_iter().for_each(Vec::clear);
            }
            MergedPart::Both => text.extend_from_slice(line),
            MergedPart::Ours => ours.push(line),
            MergedPart::Before => before.push(line),
            MergedPart::Theirs => theirs.push(line),
        }
        // Lines are counted as the line's own file has them.
        number += u32::from(
            !marker(line, b'<') && matches!(side, MergedPart::Both | MergedPart::Ours) && !marker(line, b'>'),
        );
    }
    if side == MergedPart::Both && begins > 0 { Ok(text) } else { Err(begins) }
}

fn settled_lines(ours: &[&[u8]], before: &[&[u8]], theirs: &[&[u8]], rule: Option<FileRule>) -> Option<Vec<u8>> {
    match rule? {
        FileRule::KeepVersion => {
            let (before, after) = (lossy(&before.concat()), lossy(&theirs.concat()));
            let about = is_about_versions(&before.lines().collect::<Vec<_>>(), &after.lines().collect::<Vec<_>>());
            about.then(|| ours.concat())
        }
        // Only what both sides added: lines that one of them changed cannot stand twice.
        FileRule::KeepBoth => before.is_empty().then(|| [ours.concat(), theirs.concat()].concat()),
    }
}
