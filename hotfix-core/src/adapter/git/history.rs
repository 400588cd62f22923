//! Commits, and which of them a branch has. Ancestry is asked of the graph in memory; what one path's history is, or what the
//! whole of it says, of the git program: it knows the changed-path filters of the commit-graph.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::str::FromStr as _;
use std::time::Duration;

use gix::bstr::ByteSlice as _;
use gix::objs::Kind;

use crate::domain::{ObjectId, RefName};
use crate::port::{CommitDetails, CommitFilter, HistoryRead, Marked, NAMES_A_COMMIT, PortError, RepositoryRead as _};

use super::GitRepository;
use super::child::GitRun;
use super::convert::{commit_details, from_gix, lossy, to_gix};
use super::graph::{CommitGraph, Cuts};
use super::marked::MarkedCommits;

/// Nobody waits longer for what a long history has on one path.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

/// Lists ids, whatever the person's settings of `git log` are.
const LOG: [&str; 4] = ["log", "--no-show-signature", "--no-color", "--format=%H"];

impl GitRepository {
    /// Asks the graph of commits.
    fn ask<T>(&self, question: impl Fn(&mut CommitGraph) -> gix::Result<T>) -> gix::Result<T> {
        let mut memory = self.memory.graph.borrow_mut();
        // Where history is cut off may change while we run.
        let known = match memory.take() {
            Some(known) if known.is_current(self)? => known,
            Some(_) | None => CommitGraph::open(self)?,
        };
        let graph = memory.insert(known);
        match question(graph) {
            // The file may be damaged far down; the commits themselves say all that it says.
            Err(_) if graph.has_file() => {
                *graph = CommitGraph::default();
                question(graph)
            }
            answer => answer,
        }
    }

    /// Where two commits parted.
    pub(super) fn merge_bases(&self, one: gix::ObjectId, other: gix::ObjectId) -> gix::Result<Vec<gix::ObjectId>> {
        self.ask(|graph| graph.merge_bases(self, one, other))
    }

    /// What is told of a commit; of one at which history is cut off, no parents.
    pub(super) fn commit_details(&self, id: gix::ObjectId) -> gix::Result<CommitDetails> {
        let mut details = commit_details(&self.reads.find_commit(id)?)?;
        if Cuts::of(self)?.is_some_and(|cuts| cuts.has(id)) {
            details.parents.clear();
        }
        Ok(details)
    }
}

impl HistoryRead for GitRepository {
    fn has_commit(&self, commit: &ObjectId) -> Result<bool, PortError> {
        if commit.format() != self.layout.format.objects {
            return Ok(false); // It was recorded before the repository was made anew in another format.
        }
        let header = self
            .reads
            .try_find_header(to_gix(self, commit)?)
            .map_err(|error| self.unreadable(format!("look for {commit}"), error))?;
        Ok(header.is_some_and(|header| header.kind() == Kind::Commit))
    }

    fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, PortError> {
        if ancestor == descendant {
            return self.has_commit(ancestor);
        }
        if ancestor.format() != self.layout.format.objects {
            return Ok(false);
        }
        let (below, above) = (to_gix(self, ancestor)?, to_gix(self, descendant)?);
        let found = self.ask(|graph| graph.is_ancestor(self, below, above));
        if found.map_err(|error| self.unreadable(format!("compare {ancestor} with {descendant}"), error))? {
            return Ok(true);
        }
        // In a shallow clone "no" may only mean that the rest is missing.
        if !self.layout.is_shallow || !self.has_commit(ancestor)? {
            return Ok(false);
        }
        let doing = || format!("tell whether {} contains {}", descendant.short(), ancestor.short());
        match self.ask(|graph| graph.may_be_ancestor(self, below, above)) {
            Ok(false) => Ok(false),
            Ok(true) => Err(PortError::cut_off(doing(), "history is cut off in between")),
            Err(error) => Err(self.unreadable(doing(), error)),
        }
    }

    fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, PortError> {
        let found = find_commit(self, commit)?;
        let tree = found.tree_id().map_err(|error| self.unreadable(format!("read commit {commit}"), error))?;
        Ok(from_gix(&tree))
    }

    fn details(&self, commit: &ObjectId) -> Result<CommitDetails, PortError> {
        let id = to_gix(self, commit)?;
        self.commit_details(id).map_err(|error| self.unreadable(format!("read commit {}", commit.short()), error))
    }

    fn own_commits(&self, others: &[ObjectId], tip: &ObjectId) -> Result<Vec<CommitDetails>, PortError> {
        let others = others.iter().map(|other| to_gix(self, other)).collect::<Result<Vec<_>, _>>()?;
        let tip_id = to_gix(self, tip)?;
        // The walk gives no order to go by; it is made of the parents afterwards.
        let read = || -> gix::Result<HashMap<ObjectId, CommitDetails>> {
            let own = self.ask(|graph| graph.own(self, &others, tip_id))?;
            own.into_iter().map(|id| self.commit_details(id)).map(|read| read.map(|it| (it.id.clone(), it))).collect()
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
            (CommitFilter::All, _) => newest(self, base, tip, None, limit),
            (CommitFilter::Says(text), Some(_)) => newest(self, base, tip, Some(text), limit),
            // All of the history is git's to read: it has what makes that fast.
            (CommitFilter::Says(text), None) => {
                logged(
                    self,
                    GitRun::new(format!("look for \"{text}\" in the history"), LOG)
                        .arguments(at_most(limit))
                        .arguments(["--fixed-strings", &format!("--grep={text}"), tip.as_str()]),
                )
            }
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

    fn marked(&self, bases: &[ObjectId], tip: &ObjectId, marks: &[&str]) -> Result<Marked, PortError> {
        let (bases, id) =
            (bases.iter().map(|base| to_gix(self, base)).collect::<Result<Vec<_>, _>>()?, to_gix(self, tip)?);
        let read = || -> gix::Result<Marked> {
            let lacked = self.ask(|graph| graph.lacked(self, &bases, id))?;
            let mut commits = MarkedCommits::new(self, marks, lacked.line.len() + lacked.merges.len());
            let marked = Marked { along: commits.among(lacked.line)?, beside: commits.among(lacked.merges)? };
            commits.keep();
            Ok(marked)
        };
        read().map_err(|error| self.unreadable(format!("look for hotfixes in the history of {}", tip.short()), error))
    }

    fn count_between(&self, base: &ObjectId, tip: &ObjectId, limit: usize) -> Result<usize, PortError> {
        let (from, to) = (to_gix(self, base)?, to_gix(self, tip)?);
        self.ask(|graph| graph.count_own(self, from, to, limit)).map_err(|error| {
            self.unreadable(format!("count the commits from {} to {}", base.short(), tip.short()), error)
        })
    }

    fn brought_by(&self, commit: &ObjectId, tip: &ObjectId) -> Result<Option<CommitDetails>, PortError> {
        if !self.is_ancestor(commit, tip)? {
            return Ok(None);
        }
        let (id, from) = (to_gix(self, commit)?, to_gix(self, tip)?);
        let found = self.ask(|graph| graph.oldest_with(self, id, from));
        let found = found.map_err(|error| {
            self.unreadable(format!("find what brought {} to {}", commit.short(), tip.short()), error)
        })?;
        found.map(|found| self.details(&from_gix(&found))).transpose()
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
            let tagged = self.commit_of(&RefName::of_tag(&name))?;
            if let Some(tagged) = tagged.filter(|tagged| tagged != commit) {
                return Ok(Some((name, tagged)));
            }
        }
        Ok(None)
    }
}

/// The commits that `tip` has, `base` lacks and whose message holds `text`, newest first.
fn newest(
    git: &GitRepository,
    base: Option<&ObjectId>,
    tip: &ObjectId,
    text: Option<&str>,
    limit: usize,
) -> Result<Vec<CommitDetails>, PortError> {
    let base_id = base.map(|base| to_gix(git, base)).transpose()?;
    let tip_id = to_gix(git, tip)?;
    let read = |graph: &mut CommitGraph| -> gix::Result<Vec<CommitDetails>> {
        let mut commits = Vec::new();
        graph.visit_own(git, base_id.as_slice(), tip_id, |graph, id| {
            if commits.len() >= limit {
                return Ok(ControlFlow::Break(()));
            }
            let is_meant = match text {
                Some(text) => says(git, graph, id, text)?,
                None => true,
            };
            if is_meant {
                commits.push(git.commit_details(id)?);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(commits)
    };
    git.ask(read).map_err(|error| {
        let from = base.map_or("the first", ObjectId::short);
        git.unreadable(format!("list the commits from {from} to {}", tip.short()), error)
    })
}

/// Whether the message of a commit holds a text. Mostly one is asked for that names another commit, and few do.
fn says(git: &GitRepository, graph: &mut CommitGraph, id: gix::ObjectId, text: &str) -> gix::Result<bool> {
    if text.contains(NAMES_A_COMMIT) && graph.names_a_commit(id) == Some(false) {
        return Ok(false);
    }
    let commit = git.reads.find_commit(id)?;
    let message = commit.message_raw()?;
    graph.learn_names(id, message.contains_str(NAMES_A_COMMIT));
    Ok(message.contains_str(text))
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
    git.reads.find_commit(to_gix(git, id)?).map_err(|error| git.unreadable(format!("read commit {id}"), error))
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
