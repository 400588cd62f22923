//! Which of the files that are gone and those that are new are one file, renamed and changed.
//!
//! As git has it: by what both hold, in whatever order. gix compares each file that is gone with each that is new line by line,
//! which takes minutes where there are hundreds of both.

use std::cmp::Reverse;
use std::hash::{DefaultHasher, Hasher as _};

use super::large;

/// git's `diff.renameLimit`, squared: where more pairs are possible, only files that are the same are told.
const MOST_PAIRS: usize = 1_000_000;
/// So many lines are compared in all, which takes some seconds.
const MOST_LINES: usize = 1 << 30;
/// A longer file is not compared.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A file that is gone, or one that is new.
pub(super) struct RenameEnd<'f> {
    pub(super) path: &'f str,
    pub(super) blob: gix::ObjectId,
}

/// The pairs that are one file, as places in `gone` and `new`: each in one pair at most, the most similar first.
pub(super) fn pairs(
    repository: &gix::Repository,
    gone: &[RenameEnd<'_>],
    new: &[RenameEnd<'_>],
) -> gix::Result<Vec<(usize, usize)>> {
    if gone.is_empty() || new.is_empty() || gone.len().saturating_mul(new.len()) > MOST_PAIRS {
        return Ok(Vec::new());
    }
    let (gone_sizes, new_sizes) = (sizes(repository, gone)?, sizes(repository, new)?);
    let lines_of = |ends: &[RenameEnd<'_>], sizes: &[u64], others: &[u64]| -> gix::Result<Vec<Option<FileLines>>> {
        let read = ends.iter().zip(sizes).map(|(end, size)| {
            // One whose size fits no other is not even read.
            if !others.iter().any(|other| may_be_half(*size, *other)) {
                return Ok(None);
            }
            Ok(FileLines::of(&repository.find_blob(end.blob)?.data))
        });
        read.collect()
    };
    let (gone_lines, new_lines) = (lines_of(gone, &gone_sizes, &new_sizes)?, lines_of(new, &new_sizes, &gone_sizes)?);
    let mut left = MOST_LINES;
    let mut found = Vec::new();
    for (at, (end, its)) in new.iter().zip(&new_lines).enumerate() {
        let Some(its) = its else { continue };
        for (from, (source, before)) in gone.iter().zip(&gone_lines).enumerate() {
            let Some(before) = before.as_ref().filter(|before| may_be_half(before.bytes, its.bytes)) else { continue };
            let Some(fewer) = left.checked_sub(before.lines.len() + its.lines.len()) else { return Ok(best(found)) };
            left = fewer;
            let shared = before.shared_with(its);
            let most = before.bytes.max(its.bytes);
            if shared.saturating_mul(2) >= most {
                let is_moved = name(source.path) == name(end.path);
                found.push((Reverse((shared.saturating_mul(10_000) / most, is_moved)), from, at));
            }
        }
    }
    Ok(best(found))
}

/// How similar two files are, and whether their names are the same; and which they are.
type RenameCandidate = (Reverse<(u64, bool)>, usize, usize);

fn best(mut found: Vec<RenameCandidate>) -> Vec<(usize, usize)> {
    found.sort_unstable();
    let (mut gone, mut new) = (std::collections::HashSet::new(), std::collections::HashSet::new());
    let mut is_free = |from, at| !gone.contains(&from) && !new.contains(&at) && gone.insert(from) && new.insert(at);
    found.into_iter().filter(|(_, from, at)| is_free(*from, *at)).map(|(_, from, at)| (from, at)).collect()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn sizes(repository: &gix::Repository, ends: &[RenameEnd<'_>]) -> gix::Result<Vec<u64>> {
    ends.iter().map(|end| Ok(repository.find_header(end.blob)?.size())).collect()
}

/// Whether files of these sizes can have half in common.
fn may_be_half(one: u64, other: u64) -> bool {
    let (less, more) = (one.min(other), one.max(other));
    less > 0 && more <= MAX_BYTES && less.saturating_mul(2) >= more
}

/// The lines of a text, whatever their order.
struct FileLines {
    bytes: u64,
    /// The hash of each line, sorted, and how many bytes all that are like it have.
    lines: Vec<(u64, u64)>,
}

impl FileLines {
    /// `None` for what is no text.
    fn of(content: &[u8]) -> Option<Self> {
        if large::is_binary(content) {
            return None;
        }
        let line = |line: &[u8]| {
            let mut hasher = DefaultHasher::new();
            hasher.write(line);
            (hasher.finish(), line.len() as u64)
        };
        let mut lines: Vec<(u64, u64)> = content.split_inclusive(|byte| *byte == b'\n').map(line).collect();
        lines.sort_unstable();
        lines.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 += if is_same { next.1 } else { 0 };
            is_same
        });
        Some(Self { bytes: content.len() as u64, lines })
    }

    /// How many bytes are in lines that both have.
    fn shared_with(&self, other: &Self) -> u64 {
        let mut others = other.lines.iter().peekable();
        let mut shared = 0;
        for (hash, bytes) in &self.lines {
            while others.next_if(|(theirs, _)| theirs < hash).is_some() {}
            if let Some((_, theirs)) = others.next_if(|(theirs, _)| theirs == hash) {
                shared += bytes.min(theirs);
            }
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_files_share_is_counted_in_bytes_and_in_any_order() {
        let of = |text: &str| FileLines::of(text.as_bytes()).unwrap();
        let (one, other) = (of("a\nbb\nbb\nccc\n"), of("ccc\nbb\nx\n"));
        assert_eq!((one.shared_with(&other), other.shared_with(&one)), (7, 7));
        assert_eq!(one.shared_with(&of("A\n")), 0);
        assert!(FileLines::of(b"a\0").is_none());
        assert!(may_be_half(5, 10) && !may_be_half(4, 10) && !may_be_half(0, 0));
    }

    #[test]
    fn each_file_is_paired_once_with_the_one_most_like_it() {
        let candidate = |score, moved, from, at| (Reverse((score, moved)), from, at);
        let found = vec![
            candidate(6_000, false, 0, 0),
            candidate(9_000, false, 0, 1),
            candidate(7_000, false, 1, 2),
            candidate(7_000, true, 2, 2),
            candidate(5_000, false, 1, 0),
        ];
        assert_eq!(best(found), [(0, 1), (2, 2), (1, 0)]);
    }
}
