//! What landing looks at, computed without the work tree: merges, picks and reverts in memory, and whose commits are whose.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::str::FromStr as _;

use gix::bstr::ByteSlice as _;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use crate::domain::{ObjectId, is_about_versions};
use crate::port::{
    Applied, Author, CommitDetails, Conflict, ErrorKind, FileRule, FileRules, GitLinesRead, GitRead as _, PortError,
    Unfinished,
};

use super::child::Run;
use super::convert::{from_git2, from_gix, lossy, oid, to_gix};
use super::merge_tree::Sides;
use super::{GitRepository, UNSHALLOW};
use super::{answers, trees, trouble};

/// Longer than any marker that a file has of its own.
const MARKER_SIZE: u16 = 41;
/// The mode of an entry that names a commit of another repository.
const SUBMODULE: u32 = 0o160_000;
/// The bits of an index entry's flags that hold its stage.
const STAGE: u16 = 0x3000;

type Failure = git2::Error;

impl GitLinesRead for GitRepository {
    fn refs_under(&self, prefix: &str) -> Result<Vec<(String, ObjectId)>, PortError> {
        let read = || -> gix::Result<Vec<(String, ObjectId)>> {
            let mut found = Vec::new();
            for reference in self.reads.references()?.prefixed(prefix)? {
                let mut reference = reference?;
                let name = lossy(reference.name().as_bstr());
                // A tag of a tree, or a ref whose object is gone, is no commit to go by.
                found.extend(reference.peel_to_commit().ok().map(|commit| (name, from_gix(&commit.id))));
            }
            found.sort();
            Ok(found)
        };
        read().map_err(|error| self.unreadable(format!("list {prefix}"), error))
    }

    fn apply(
        &self,
        from: &ObjectId,
        to: &ObjectId,
        onto: &ObjectId,
        rules: FileRules<'_>,
    ) -> Result<Applied, PortError> {
        let doing = || format!("apply {} onto {} in memory", to.short(), onto.short());
        let fetching = ["merge-tree", "--write-tree", onto.as_str(), to.as_str()];
        self.with_missing_fetched(&fetching, || {
            let durable = self.durable()?;
            let repository = &durable.repository;
            let unwritten = |error: Failure| trouble::unwritten(doing(), error);
            let [base, ours, theirs] = [from, onto, to].map(|id| tree(repository, id).map_err(unwritten));
            let (base, ours, theirs) = (base?, ours?, theirs?);
            if self.runs_drivers.get() && self.is_gits(repository, [&base, &ours, &theirs])? {
                return self.merged_by_git(durable, &Sides { base: Some(from), ours: onto, theirs: to }, rules);
            }
            three_way(repository, &base, &ours, &theirs, rules).map_err(unwritten)
        })
    }

    fn merge_by_rules(&self, ours: &ObjectId, theirs: &ObjectId, rules: FileRules<'_>) -> Result<Applied, PortError> {
        let fetching = ["merge-tree", "--write-tree", ours.as_str(), theirs.as_str()];
        self.with_missing_fetched(&fetching, || self.merged(ours, theirs, rules))
    }

    fn awaits_git(&self, base: Option<&ObjectId>, ours: &ObjectId, theirs: &ObjectId) -> Result<bool, PortError> {
        let durable = self.durable()?;
        let repository = &durable.repository;
        let bases = match base {
            Some(base) => vec![base.clone()],
            None => {
                let bases = self.reads.merge_bases_many(to_gix(ours)?, &[to_gix(theirs)?]);
                let bases = bases.map_err(|error| self.unreadable("find where two sides of a merge parted", error))?;
                bases.iter().map(|base| from_gix(base)).collect()
            }
        };
        Ok(self.is_gits_from(repository, &bases, ours, theirs)?
            && !(self.runs_drivers.get() && self.can_merge_from(base.is_some())?))
    }

    fn details(&self, commit: &ObjectId) -> Result<CommitDetails, PortError> {
        let read = || commit_details(&self.reads.find_commit(to_gix(commit).map_err(gix::Error::from_error)?)?);
        read().map_err(|error| self.unreadable(format!("read commit {}", commit.short()), error))
    }

    fn own_commits(&self, others: &[ObjectId], tip: &ObjectId) -> Result<Vec<CommitDetails>, PortError> {
        let read = || -> gix::Result<HashMap<ObjectId, CommitDetails>> {
            let id = |id: &ObjectId| to_gix(id).map_err(gix::Error::from_error);
            let others = others.iter().map(id).collect::<Result<Vec<_>, _>>()?;
            let walk = self.reads.rev_walk([id(tip)?]).with_hidden(others).all()?;
            walk.map(|found| commit_details(&found?.object()?)).map(|read| read.map(|it| (it.id.clone(), it))).collect()
        };
        let found = read().map_err(|error| self.unreadable(format!("list the commits of {}", tip.short()), error))?;
        Ok(parents_first(found, tip))
    }

    fn brought_by(&self, commit: &ObjectId, tip: &ObjectId) -> Result<Option<CommitDetails>, PortError> {
        if !self.is_ancestor(commit, tip)? {
            return Ok(None);
        }
        // Along first parents the holders are a run that begins at the tip. Each question about ancestry is a walk of its
        // own, so the end of the run is found by leaps and halving, not by asking every commit.
        let mut line = vec![self.details(tip)?];
        let (mut holds, mut lacks, mut leap) = (0, usize::MAX, 1);
        while lacks - holds > 1 {
            let next = if lacks == usize::MAX { holds + leap } else { holds + (lacks - holds) / 2 };
            leap *= 2;
            match self.first_parent_at(&mut line, next, commit)? {
                Some(id) if self.is_ancestor(commit, &id)? => holds = next,
                Some(_) => lacks = next,
                None => lacks = line.len(),
            }
        }
        Ok(line.into_iter().nth(holds))
    }

    fn count_between(&self, base: &ObjectId, tip: &ObjectId, limit: usize) -> Result<usize, PortError> {
        let read = || -> gix::Result<usize> {
            let walk = self.reads.rev_walk([to_gix(tip).map_err(gix::Error::from_error)?]);
            let walk = walk.with_hidden([to_gix(base).map_err(gix::Error::from_error)?]).all()?;
            let mut count = 0;
            for found in walk {
                count += usize::from(found?.parent_ids.len() < 2);
                if count >= limit {
                    break;
                }
            }
            Ok(count)
        };
        read().map_err(|error| {
            self.unreadable(format!("count the commits from {} to {}", base.short(), tip.short()), error)
        })
    }

    fn find_message(&self, base: Option<&ObjectId>, tip: &ObjectId, text: &str) -> Result<Option<ObjectId>, PortError> {
        let doing = || format!("look for \"{text}\" in the history");
        let Some(base) = base else {
            // All of the history is git's to read: it has what makes that fast.
            let run = Run::new(doing(), ["log", "--no-show-signature", "--format=%H", "--max-count=1"])
                .arguments(["--fixed-strings", &format!("--grep={text}"), tip.as_str()])
                .reading();
            return Ok(ObjectId::from_str(lossy(&self.git(&run)?).trim()).ok());
        };
        let read = || -> gix::Result<Option<ObjectId>> {
            let walk = self.reads.rev_walk([to_gix(tip).map_err(gix::Error::from_error)?]);
            let newest = Sorting::ByCommitTime(CommitTimeOrder::NewestFirst);
            for found in walk.sorting(newest).with_hidden([to_gix(base).map_err(gix::Error::from_error)?]).all()? {
                let found = found?;
                if found.object()?.message_raw()?.contains_str(text) {
                    return Ok(Some(from_gix(&found.id)));
                }
            }
            Ok(None)
        };
        read().map_err(|error| self.unreadable(doing(), error))
    }

    fn marked_between(
        &self,
        base: Option<&ObjectId>,
        tip: &ObjectId,
        texts: &[&str],
    ) -> Result<Vec<CommitDetails>, PortError> {
        let run = Run::new("look for hotfixes in the history", ["log", "--no-show-signature", "--format=%H"])
            .arguments(["--first-parent", "--basic-regexp"])
            .arguments(texts.iter().map(|text| format!("--grep=^{}", literal(text))))
            .arguments([tip.as_str()])
            .arguments(base.map(|base| format!("^{base}")))
            .reading();
        let stdout = lossy(&self.git(&run)?);
        stdout.lines().filter_map(|line| ObjectId::from_str(line).ok()).map(|id| self.details(&id)).collect()
    }

    fn is_clean(&self, worktree: &Path) -> Result<bool, PortError> {
        let doing = format!("look at the work tree {}", worktree.display());
        let run = Run::new(doing, ["status", "--porcelain", "-z", "--untracked-files=normal"])
            .within(Some(worktree))
            .reading();
        Ok(self.git(&run)?.is_empty())
    }

    fn unfinished(&self, worktree: &Path) -> Result<Unfinished, PortError> {
        if !worktree.exists() {
            return Ok(Unfinished::Nothing);
        }
        let doing = format!("look at the work tree {}", worktree.display());
        let mut is_underway = false;
        for name in ["MERGE_HEAD", "CHERRY_PICK_HEAD"] {
            is_underway = is_underway || self.is_at_work(worktree, name)?;
        }
        // Who commits one pick of several by hand leaves the others to be made.
        is_underway = is_underway || self.has_picks_left(worktree)?;
        let run = Run::new(&doing, ["status", "--porcelain=v2", "-z", "--untracked-files=no"])
            .within(Some(worktree))
            .reading();
        let state = answers::status(&self.git(&run)?)
            .ok_or_else(|| PortError::new(ErrorKind::Internal, doing, "git's answer cannot be read"))?;
        if !is_underway {
            return Ok(Unfinished::Nothing);
        }
        let open = if state.conflicted.is_empty() { self.marked(worktree)? } else { state.conflicted };
        Ok(if open.is_empty() { Unfinished::Settled } else { Unfinished::Conflicts(open) })
    }
}

fn commit_details(found: &gix::Commit<'_>) -> gix::Result<CommitDetails> {
    let author = found.author()?;
    Ok(CommitDetails {
        id: from_gix(&found.id),
        parents: found.parent_ids().map(|id| from_gix(&id)).collect(),
        author: Author { name: lossy(author.name), email: lossy(author.email), date: author.time.to_owned() },
        message: lossy(found.message_raw()?),
    })
}

/// These commits, each after its parents; what was merged stands before its merge, in one piece.
fn parents_first(mut found: HashMap<ObjectId, CommitDetails>, tip: &ObjectId) -> Vec<CommitDetails> {
    let (mut ordered, mut seen) = (Vec::new(), HashSet::new());
    let mut next = vec![(tip.clone(), false)];
    while let Some((id, parents_are_done)) = next.pop() {
        if parents_are_done {
            ordered.extend(found.remove(&id));
        } else if let Some(commit) = found.get(&id).filter(|_| seen.insert(id.clone())) {
            let parents: Vec<_> = commit.parents.iter().rev().map(|parent| (parent.clone(), false)).collect();
            next.push((id, true));
            next.extend(parents);
        }
    }
    ordered
}

/// A text as a basic regular expression that stands for just that.
fn literal(text: &str) -> String {
    let is_special = |character: char| matches!(character, '\\' | '[' | ']' | '.' | '*' | '^' | '$');
    let escaped = |character| is_special(character).then_some('\\').into_iter().chain([character]);
    text.chars().flat_map(escaped).collect()
}

impl GitRepository {
    /// The commit `place` steps from the first of `line` along first parents, which it prolongs as far as that; `None` where
    /// the line ends before, at `end` or at a root.
    fn first_parent_at(
        &self,
        line: &mut Vec<CommitDetails>,
        place: usize,
        end: &ObjectId,
    ) -> Result<Option<ObjectId>, PortError> {
        while line.len() <= place {
            let Some(last) = line.last().filter(|last| last.id != *end) else { return Ok(None) };
            let Some(parent) = last.parents.first() else { return Ok(None) };
            line.push(self.details(parent)?);
        }
        Ok(line.get(place).map(|commit| commit.id.clone()))
    }

    /// Whether a merge (`MERGE_HEAD`) or pick (`CHERRY_PICK_HEAD`) is underway in a work tree.
    pub(super) fn is_at_work(&self, worktree: &Path, name: &str) -> Result<bool, PortError> {
        let run = Run::new(format!("look for a merge in {}", worktree.display()), ["rev-parse", "--quiet", "--verify"])
            .arguments([name])
            .within(Some(worktree))
            .reading();
        Ok(self.program.run(&run)?.status.success())
    }

    /// Whether there are picks that still follow in a work tree.
    pub(super) fn has_picks_left(&self, worktree: &Path) -> Result<bool, PortError> {
        let doing = format!("look for picks in {}", worktree.display());
        let run = Run::new(doing, ["rev-parse", "--git-path", "sequencer/todo"]).within(Some(worktree)).reading();
        Ok(worktree.join(lossy(&self.git(&run)?).trim_end_matches('\n')).exists())
    }

    /// The files that are staged with the markers of a conflict in them.
    fn marked(&self, worktree: &Path) -> Result<Vec<String>, PortError> {
        let run =
            Run::new(format!("look for conflicts in {}", worktree.display()), ["diff", "--cached", "--no-ext-diff"])
                .arguments(["--name-only", "-z", "-G^(<<<<<<<|>>>>>>>) "])
                .within(Some(worktree))
                .reading();
        Ok(lossy(&self.git(&run)?).split_terminator('\0').map(str::to_owned).collect())
    }

    pub(super) fn merged(
        &self,
        ours: &ObjectId,
        theirs: &ObjectId,
        rules: FileRules<'_>,
    ) -> Result<Applied, PortError> {
        let doing = || format!("merge {} into {} in memory", theirs.short(), ours.short());
        let bases = self.reads.merge_bases_many(to_gix(ours)?, &[to_gix(theirs)?]);
        let bases = bases.map_err(|error| self.unreadable(doing(), error))?;
        if bases.is_empty() {
            let error = PortError::new(ErrorKind::Precondition, doing(), "they have no common history");
            return Err(if self.place.is_shallow { error.hint(UNSHALLOW) } else { error });
        }
        let durable = self.durable()?;
        let repository = &durable.repository;
        let ids: Vec<ObjectId> = bases.iter().map(|base| from_gix(base)).collect();
        if self.runs_drivers.get() && self.is_gits_from(repository, &ids, ours, theirs)? {
            return self.merged_by_git(durable, &Sides { base: None, ours, theirs }, rules);
        }
        let merge = || -> Result<Applied, Failure> {
            let [ours, theirs] = [oid(ours)?, oid(theirs)?].map(|id| repository.find_commit(id));
            let (ours, theirs) = (ours?, theirs?);
            match bases.as_slice() {
                // gix found it by the commit-graph, which libgit2 does not read.
                [base] => {
                    let base = repository.find_commit(oid(&from_gix(base))?)?.tree()?;
                    three_way(repository, &base, &ours.tree()?, &theirs.tree()?, rules)
                }
                _ => settled(repository, repository.merge_commits(&ours, &theirs, Some(&options()))?, rules),
            }
        };
        merge().map_err(|error| match self.place.is_shallow {
            true => self.unreadable(doing(), error),
            false => trouble::unwritten(doing(), error), // What it computes is written, for the merge to come.
        })
    }
}

impl GitRepository {
    /// Whether git has to make the merge of two sides from one of these bases.
    fn is_gits_from(
        &self,
        repository: &git2::Repository,
        bases: &[ObjectId],
        ours: &ObjectId,
        theirs: &ObjectId,
    ) -> Result<bool, PortError> {
        let tree =
            |id: &ObjectId| tree(repository, id).map_err(|error| self.unreadable("read a side of a merge", error));
        for base in bases {
            if self.is_gits(repository, [&tree(base)?, &tree(ours)?, &tree(theirs)?])? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn options() -> git2::MergeOptions {
    let mut options = git2::MergeOptions::new();
    options.find_renames(true);
    options
}

/// The merge of two trees that come from `base`.
fn three_way(
    repository: &git2::Repository,
    base: &git2::Tree<'_>,
    ours: &git2::Tree<'_>,
    theirs: &git2::Tree<'_>,
    rules: FileRules<'_>,
) -> Result<Applied, Failure> {
    if let Some(tree) = trees::choose_sides(repository, base, ours, theirs)? {
        return Ok(Applied::Clean(from_git2(tree)));
    }
    settled(repository, repository.merge_trees(base, ours, theirs, Some(&options()))?, rules)
}

/// The tree of a commit, or the tree itself.
pub(super) fn tree<'r>(repository: &'r git2::Repository, id: &ObjectId) -> Result<git2::Tree<'r>, Failure> {
    repository.find_object(oid(id)?, None)?.peel_to_tree()
}

/// The tree of a merge once the rules have settled what they can; else where it conflicts.
fn settled(repository: &git2::Repository, mut index: git2::Index, rules: FileRules<'_>) -> Result<Applied, Failure> {
    if !index.has_conflicts() {
        return index.write_tree_to(repository).map(from_git2).map(Applied::Clean);
    }
    let all = index.conflicts()?.collect::<Result<Vec<_>, _>>()?;
    let mut left = Vec::new();
    for conflict in all {
        let named = conflict.our.as_ref().or(conflict.their.as_ref()).or(conflict.ancestor.as_ref());
        let path = named.map(|entry| lossy(&entry.path)).unwrap_or_default();
        let (Some(before), Some(ours), Some(theirs)) = (&conflict.ancestor, &conflict.our, &conflict.their) else {
            left.push(Conflict { path, line: 0 });
            continue;
        };
        if [before, ours, theirs].iter().any(|entry| entry.mode == SUBMODULE) {
            left.push(Conflict { path, line: 0 });
            continue;
        }
        match settled_file(repository, [before, ours, theirs], rules(&path))? {
            Ok(id) => {
                index.conflict_remove(Path::new(&path))?;
                index.add(&git2::IndexEntry { id, flags: ours.flags & !STAGE, ..copy(ours) })?;
            }
            Err(line) => left.push(Conflict { path, line }),
        }
    }
    if left.is_empty() {
        return index.write_tree_to(repository).map(from_git2).map(Applied::Clean);
    }
    left.sort_by(|one, other| one.path.cmp(&other.path));
    left.dedup_by(|one, other| one.path == other.path);
    Ok(Applied::Conflict(left))
}

/// The file that the rule makes of its three sides; else the line of the first conflict that it does not settle.
pub(super) fn settled_file(
    repository: &git2::Repository,
    sides: [&git2::IndexEntry; 3],
    rule: Option<FileRule>,
) -> Result<Result<git2::Oid, u32>, Failure> {
    let [before, ours, theirs] = sides;
    let mut options = git2::MergeFileOptions::new();
    options.style_diff3(true).marker_size(MARKER_SIZE);
    let file = repository.merge_file_from_index(before, ours, theirs, Some(&mut options))?;
    Ok(match settled_text(file.content(), rule) {
        Ok(text) if before.mode == ours.mode && ours.mode == theirs.mode => Ok(repository.blob(&text)?),
        Ok(_) => Err(0),
        Err(line) => Err(line),
    })
}

/// A side of a file as an index has it.
pub(super) fn entry(path: &str, mode: u32, id: git2::Oid) -> git2::IndexEntry {
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
        path: path.as_bytes().to_vec(),
    }
}

fn copy(entry: &git2::IndexEntry) -> git2::IndexEntry {
    git2::IndexEntry {
        ctime: entry.ctime,
        mtime: entry.mtime,
        dev: entry.dev,
        ino: entry.ino,
        mode: entry.mode,
        uid: entry.uid,
        gid: entry.gid,
        file_size: entry.file_size,
        id: entry.id,
        flags: entry.flags,
        flags_extended: entry.flags_extended,
        path: entry.path.clone(),
    }
}

/// Where a line of a merged file belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
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
    let (mut text, mut side, mut begins, mut number) = (Vec::new(), Side::Both, 0, 1);
    let (mut ours, mut before, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for line in merged.lines_with_terminator() {
        match side {
            Side::Both if marker(line, b'<') => (side, begins) = (Side::Ours, number),
            Side::Ours if marker(line, b'|') => side = Side::Before,
            Side::Ours | Side::Before if marker(line, b'=') => side = Side::Theirs,
            Side::Theirs if marker(line, b'>') => {
                side = Side::Both;
                text.extend(settled_lines(&ours, &before, &theirs, rule).ok_or(begins)?);
                [&mut ours, &mut before, &mut theirs].into_iter().for_each(Vec::clear);
            }
            Side::Both => text.extend_from_slice(line),
            Side::Ours => ours.push(line),
            Side::Before => before.push(line),
            Side::Theirs => theirs.push(line),
        }
        // Lines are counted as the line's own file has them.
        number += u32::from(!marker(line, b'<') && matches!(side, Side::Both | Side::Ours) && !marker(line, b'>'));
    }
    if side == Side::Both && begins > 0 { Ok(text) } else { Err(begins) }
}

fn settled_lines(ours: &[&[u8]], before: &[&[u8]], theirs: &[&[u8]], rule: Option<FileRule>) -> Option<Vec<u8>> {
    match rule? {
        FileRule::KeepVersion => {
            let (before, after) = (lossy(&before.concat()), lossy(&theirs.concat()));
            let about = is_about_versions(&before.lines().collect::<Vec<_>>(), &after.lines().collect::<Vec<_>>());
            about.then(|| ours.concat())
        }
        FileRule::KeepBoth => before.is_empty().then(|| [ours.concat(), theirs.concat()].concat()),
    }
}
