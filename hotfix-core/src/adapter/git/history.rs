//! Commits, and which of them a branch has. gix reads what is near; the git program reads what takes its indexes: it knows the
//! changed-path filters of the commit-graph, and answers for one path or text without reading the rest of history.

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;
use std::time::Duration;

use gix::bstr::ByteSlice as _;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use crate::domain::ObjectId;
use crate::port::{Author, CommitDetails, CommitFilter, ErrorKind, HistoryRead, PortError, RepositoryRead as _};

use super::child::GitRun;
use super::convert::{from_gix, lossy, to_gix};
use super::{GitRepository, UNSHALLOW};

/// Nobody waits longer for what a long history has on one path.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// Lists ids, whatever the person's settings of `git log` are.
const LOG: [&str; 4] = ["log", "--no-show-signature", "--no-color", "--format=%H"];

impl GitRepository {
    /// Where two commits parted. That cannot change: ids name their history.
    pub(super) fn merge_bases(&self, one: gix::ObjectId, other: gix::ObjectId) -> gix::Result<Vec<gix::ObjectId>> {
        // The question is the same either way round.
        let pair = if one < other { [one, other] } else { [other, one] };
        if let Some(known) = self.merge_bases.borrow().get(&pair) {
            return Ok(known.clone());
        }
        let found = self.reads.merge_bases_many(one, &[other]).map_err(gix::Error::from_error)?;
        let found: Vec<gix::ObjectId> = found.into_iter().map(gix::Id::detach).collect();
        self.merge_bases.borrow_mut().insert(pair, found.clone());
        Ok(found)
    }
}

impl HistoryRead for GitRepository {
    fn has_commit(&self, commit: &ObjectId) -> Result<bool, PortError> {
        let header = self
            .reads
            .try_find_header(to_gix(commit)?)
            .map_err(|error| self.unreadable(format!("look for {commit}"), error))?;
        Ok(header.is_some_and(|header| header.kind() == gix::objs::Kind::Commit))
    }

    fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, PortError> {
        if ancestor == descendant {
            return self.has_commit(ancestor);
        }
        if !self.has_commit(ancestor)? {
            return Ok(false);
        }
        let (below, above) = (to_gix(ancestor)?, to_gix(descendant)?);
        let bases = self
            .merge_bases(below, above)
            .map_err(|error| self.unreadable(format!("compare {ancestor} with {descendant}"), error))?;
        if bases.contains(&below) {
            return Ok(true);
        }
        // In a shallow clone "no" may only mean that the rest is missing.
        refuse_if_cut_off(self, below, above, bases.contains(&above))?;
        Ok(false)
    }

    fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, PortError> {
        let found = find_commit(self, commit)?;
        let tree = found.tree_id().map_err(|error| self.unreadable(format!("read commit {commit}"), error))?;
        Ok(from_gix(&tree))
    }

    fn details(&self, commit: &ObjectId) -> Result<CommitDetails, PortError> {
        let read = || commit_details(&self.reads.find_commit(to_gix(commit).map_err(gix::Error::from_error)?)?);
        read().map_err(|error| self.unreadable(format!("read commit {}", commit.short()), error))
    }

    fn own_commits(&self, others: &[ObjectId], tip: &ObjectId) -> Result<Vec<CommitDetails>, PortError> {
        // The walk gives no order to go by; it is made of the parents afterwards.
        let read = || -> gix::Result<HashMap<ObjectId, CommitDetails>> {
            let id = |id: &ObjectId| to_gix(id).map_err(gix::Error::from_error);
            let others = others.iter().map(id).collect::<Result<Vec<_>, _>>()?;
            let walk = self.reads.rev_walk([id(tip)?]).with_hidden(others).all()?;
            walk.map(|found| commit_details(&found?.object()?)).map(|read| read.map(|it| (it.id.clone(), it))).collect()
        };
        let found = read().map_err(|error| self.unreadable(format!("list the commits of {}", tip.short()), error))?;
        Ok(parents_first(found, tip))
    }

    fn commits(
        &self,
        base: Option<&ObjectId>,
        tip: &ObjectId,
        filter: CommitFilter<'_>,
        limit: usize,
    ) -> Result<Vec<CommitDetails>, PortError> {
        match (filter, base) {
            (CommitFilter::All, _) => newest(self, base, tip, |_| true, limit),
            (CommitFilter::Says(text), Some(_)) => newest(self, base, tip, |commit| says(commit, text), limit),
            // All of the history is git's to read: it has what makes that fast.
            (CommitFilter::Says(text), None) => {
                logged(
                    self,
                    GitRun::new(format!("look for \"{text}\" in the history"), LOG)
                        .arguments(at_most(limit))
                        .arguments(["--fixed-strings", &format!("--grep={text}"), tip.as_str()]),
                )
            }
            (CommitFilter::Marked(texts), _) => logged(
                self,
                GitRun::new("look for hotfixes in the history", LOG)
                    // `grep.patternType` of the person would read the pattern in another way.
                    .arguments(["--first-parent", "--basic-regexp"])
                    .arguments(texts.iter().map(|text| format!("--grep=^{}", literal(text))))
                    .arguments(at_most(limit))
                    .arguments([tip.as_str()])
                    .arguments(base.map(|base| format!("^{base}"))),
            ),
            (CommitFilter::Touching(paths), _) => logged(
                self,
                GitRun::new(format!("read the history of {}", paths.join(", ")), ["--literal-pathspecs"])
                    .arguments(LOG)
                    .arguments(["--no-ext-diff", "--no-textconv"])
                    .arguments(at_most(limit))
                    .arguments([tip.as_str()])
                    .arguments(base.map(|base| format!("^{base}")))
                    .arguments(["--"])
                    .arguments(paths)
                    .within_time(DEADLINE),
            ),
        }
    }

    fn count_between(&self, base: &ObjectId, tip: &ObjectId, limit: usize) -> Result<usize, PortError> {
        let read = || -> gix::Result<usize> {
            let walk = self.reads.rev_walk([to_gix(tip).map_err(gix::Error::from_error)?]);
            let walk = walk.with_hidden([to_gix(base).map_err(gix::Error::from_error)?]).all()?;
            let mut count = 0;
            for found in walk {
                // Merges are no work of their own; people count commits.
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
            match first_parent_at(self, &mut line, next, commit)? {
                Some(id) if self.is_ancestor(commit, &id)? => holds = next,
                Some(_) => lacks = next,
                None => lacks = line.len(),
            }
        }
        Ok(line.into_iter().nth(holds))
    }

    fn tag_before(&self, commit: &ObjectId) -> Result<Option<(String, ObjectId)>, PortError> {
        // A tag on the commit itself is the release that is broken, not the one before.
        for revision in [commit.to_string(), format!("{commit}^")] {
            let run = GitRun::new("find the last release", ["describe", "--tags", "--abbrev=0", "--candidates=1"])
                .arguments([&revision])
                .reading()
                .within_time(DEADLINE);
            let answer = self.program.run(&run)?;
            let name = lossy(&answer.stdout).trim().to_owned();
            if !answer.status.success() || name.is_empty() {
                return Ok(None);
            }
            let tagged = self.commit_of(&format!("refs/tags/{name}"))?;
            if let Some(tagged) = tagged.filter(|tagged| tagged != commit) {
                return Ok(Some((name, tagged)));
            }
        }
        Ok(None)
    }
}

/// The commits that `tip` has, `base` lacks and `is_meant` takes, newest first.
fn newest(
    git: &GitRepository,
    base: Option<&ObjectId>,
    tip: &ObjectId,
    is_meant: impl Fn(&gix::Commit<'_>) -> bool,
    limit: usize,
) -> Result<Vec<CommitDetails>, PortError> {
    let read = || -> gix::Result<Vec<CommitDetails>> {
        let id = |id: &ObjectId| to_gix(id).map_err(gix::Error::from_error);
        let walk = git.reads.rev_walk([id(tip)?]).with_hidden(base.map(id).transpose()?);
        let walk = walk.sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst)).all()?;
        let mut commits = Vec::new();
        for found in walk {
            if commits.len() >= limit {
                break;
            }
            let commit = found?.object()?;
            if is_meant(&commit) {
                commits.push(commit_details(&commit)?);
            }
        }
        Ok(commits)
    };
    read().map_err(|error| {
        let from = base.map_or("the first", ObjectId::short);
        git.unreadable(format!("list the commits from {from} to {}", tip.short()), error)
    })
}

fn says(commit: &gix::Commit<'_>, text: &str) -> bool {
    commit.message_raw().is_ok_and(|message| message.contains_str(text))
}

/// The option of `git log` for a limit; it takes no number beyond an `int`.
fn at_most(limit: usize) -> Option<String> {
    i32::try_from(limit).ok().map(|limit| format!("--max-count={limit}"))
}

/// The commits that a `git log` lists.
fn logged(git: &GitRepository, log: GitRun) -> Result<Vec<CommitDetails>, PortError> {
    // Ids only, read anew by gix: no format of git's has to be parsed.
    let listed = lossy(&git.output(&log.reading())?);
    listed.lines().filter_map(|line| ObjectId::from_str(line).ok()).map(|id| git.details(&id)).collect()
}

pub(super) fn find_commit<'r>(git: &'r GitRepository, id: &ObjectId) -> Result<gix::Commit<'r>, PortError> {
    git.reads.find_commit(to_gix(id)?).map_err(|error| git.unreadable(format!("read commit {id}"), error))
}

/// Refuses to say "no ancestor" when only the missing part of history could tell: when the walk from `above` ends at
/// a cut that is not older than `below`.
fn refuse_if_cut_off(
    git: &GitRepository,
    below: gix::ObjectId,
    above: gix::ObjectId,
    is_reverse: bool,
) -> Result<(), PortError> {
    if !git.layout.is_shallow || is_reverse {
        return Ok(());
    }
    let reaches_cut = || -> gix::Result<bool> {
        let Some(cuts) = git.reads.shallow_commits()? else {
            return Ok(false);
        };
        // What is older than the commit in question cannot hold it.
        let seconds = git.reads.find_commit(below)?.time()?.seconds;
        let sorting = Sorting::ByCommitTimeCutoff { order: CommitTimeOrder::NewestFirst, seconds };
        for found in git.reads.rev_walk([above]).sorting(sorting).all()? {
            if cuts.contains(&found?.id) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let doing = || format!("tell whether {} contains {}", from_gix(&above).short(), from_gix(&below).short());
    match reaches_cut() {
        Ok(false) => Ok(()),
        Ok(true) => {
            Err(PortError::new(ErrorKind::Precondition, doing(), "history is cut off in between").hint(UNSHALLOW))
        }
        Err(error) => Err(git.unreadable(doing(), error)),
    }
}

/// The commit `index` steps from the first of `line` along first parents, which it prolongs as far as that; `None` where
/// the line ends before, at `end` or at a root.
fn first_parent_at(
    git: &GitRepository,
    line: &mut Vec<CommitDetails>,
    index: usize,
    end: &ObjectId,
) -> Result<Option<ObjectId>, PortError> {
    while line.len() <= index {
        let Some(last) = line.last().filter(|last| last.id != *end) else { return Ok(None) };
        let Some(parent) = last.parents.first() else { return Ok(None) };
        line.push(git.details(parent)?);
    }
    Ok(line.get(index).map(|commit| commit.id.clone()))
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
    // A stack of our own: recursion over a long history would overflow the thread's.
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
    // In a basic expression `+`, `?` and braces stand for themselves.
    let is_special = |character: char| matches!(character, '\\' | '[' | ']' | '.' | '*' | '^' | '$');
    let escaped = |character| is_special(character).then_some('\\').into_iter().chain([character]);
    text.chars().flat_map(escaped).collect()
}
