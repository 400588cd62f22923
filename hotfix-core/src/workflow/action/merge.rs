//! How a fix gets to release branches: merges, cherry-picks and tags to make, computed before anything moves.

use crate::domain::event::LandingTag;
use crate::domain::{BranchName, CarriedBy, ObjectId, count};
use crate::port::{Author, LayOut, Push, RefUpdate};

use super::ActionView;
use super::git::view_of_push;

/// How the fix gets to release branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeAction {
    /// Merges the fix into every release branch and publishes all of them, or none.
    Land {
        /// The tested tip of the hotfix branch.
        head: ObjectId,
        /// The release branches, production first.
        lines: Vec<LineToLand>,
        /// The remote; absent in a repository without one.
        remote: Option<String>,
        /// The annotated tag that is published with them.
        tag: Option<TagToMake>,
        /// The branch of the fix, deleted on the remote by the same push where the remote lets that be.
        spent: Option<RefUpdate>,
    },
    /// Tags what landed elsewhere, and publishes the tag.
    Tag {
        /// The tag.
        tag: TagToMake,
        /// What it names.
        commit: ObjectId,
        /// The remote; absent in a repository without one.
        remote: Option<String>,
    },
    /// Takes the fix to release branches beside production, and publishes them at once.
    Carry {
        /// The release branches.
        lines: Vec<LineToLand>,
        /// The remote; absent in a repository without one.
        remote: Option<String>,
    },
    /// Checks a merge or cherry-pick out with its conflicts, in a work tree of its own.
    LayOut {
        /// The release branch it is for.
        line: BranchName,
        /// The new branch, without `refs/heads/`.
        branch: BranchName,
        /// Where it starts.
        start: ObjectId,
        /// The work tree's path.
        path: String,
        /// What is laid out.
        what: LayOut,
    },
    /// Commits what a person resolved and staged in such a work tree.
    CommitResolved {
        /// The work tree's path.
        path: String,
    },
}

/// One branch that the fix is to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineToLand {
    /// The branch, without `refs/heads/`.
    pub branch: BranchName,
    /// Where it is.
    pub from: ObjectId,
    /// How the fix gets there, computed in memory.
    pub arrival: Arrival,
    /// The work tree where the branch is checked out, in a repository without a remote.
    pub checked_out_at: Option<String>,
}

/// How a fix gets to a release branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// By a merge.
    Merge {
        /// Its first parent: the branch's tip, or what somebody resolved on top of it.
        onto: ObjectId,
        /// Its second parent.
        head: ObjectId,
        /// Its tree.
        tree: ObjectId,
        /// Its message.
        message: String,
    },
    /// By cherry-picks, oldest first.
    Picks(Vec<Picked>),
    /// By a commit that is there already.
    Ready {
        /// The commit.
        commit: ObjectId,
        /// How it was made, of the fix: by a merge or by picks.
        by: CarriedBy,
    },
}

impl Arrival {
    /// How the fix gets there, as it is recorded.
    pub fn by(&self) -> CarriedBy {
        match self {
            Self::Merge { .. } => CarriedBy::Merge,
            Self::Picks(_) => CarriedBy::Pick,
            Self::Ready { by, .. } => *by,
        }
    }
}

/// A commit as it is made once more on a release branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// Its tree there.
    pub tree: ObjectId,
    /// Its author.
    pub author: Author,
    /// Its message, which says where it is from.
    pub message: String,
}

/// An annotated tag to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagToMake {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// Its annotation, verbatim.
    pub message: String,
    /// Whether it names the fix alone, not the merge: the production branch holds more than what production runs.
    pub names_fix: bool,
    /// What an earlier attempt made, and perhaps published: it is the tag where it names the same commit.
    pub made: Option<LandingTag>,
}

impl MergeAction {
    pub(super) fn view(&self) -> ActionView {
        match self {
            Self::Land { head, lines, remote, tag, .. } => {
                let names: Vec<&str> = lines.iter().map(|line| line.branch.as_str()).collect();
                let what = if lines.len() > 1 || tag.is_some() { "all of it at once" } else { "it" };
                let pushed = remote.as_ref().map(|remote| format!(" and push {what} to {remote}")).unwrap_or_default();
                let tagged = tag.as_ref().map(|tag| format!(", tag {}", tag.name)).unwrap_or_default();
                ActionView::new("merge", format!("merge {} into {}{tagged}{pushed}", head.short(), names.join(", ")))
                    .branch(names.first().copied().unwrap_or_default())
                    .commit(head)
                    .remote(remote.as_ref())
            }
            Self::Tag { tag, commit, remote } => Self::tag_view(tag, Some(commit), remote.as_ref()),
            Self::Carry { lines, remote } => {
                let first = lines.first().map(|line| line.branch.as_str()).unwrap_or_default();
                ActionView::new("carry", carried(lines, remote.as_ref())).branch(first).remote(remote.as_ref())
            }
            Self::LayOut { line, branch, path, .. } => {
                ActionView::new("lay-out", format!("lay the conflict with {line} out in {path}")).branch(branch)
            }
            Self::CommitResolved { path } => {
                ActionView::new("commit-settled", format!("commit what was settled in {path}"))
            }
        }
    }

    /// What is done along with it where that can be, told as what it is.
    pub(super) fn along(&self) -> Option<ActionView> {
        let Self::Land { remote: Some(remote), spent: Some(spent), .. } = self else { return None };
        Some(view_of_push(&Push { remote: remote.clone(), updates: vec![spent.clone()] }))
    }

    /// A tag on what landed, which may have no commit yet.
    pub(crate) fn tag_view(tag: &TagToMake, commit: Option<&ObjectId>, remote: Option<&String>) -> ActionView {
        let what = commit.map(|commit| format!("{} ", commit.short())).unwrap_or_default();
        let pushed = remote.map(|remote| format!(" and push it to {remote}")).unwrap_or_default();
        let view = ActionView::new("tag", format!("tag {what}{}{pushed}", tag.name)).remote(remote);
        commit.into_iter().fold(view, ActionView::commit)
    }
}

/// What taking the fix to lines does, one line.
fn carried(lines: &[LineToLand], remote: Option<&String>) -> String {
    let each: Vec<String> = lines.iter().map(LineToLand::text).collect();
    let what = if lines.len() > 1 { "all of it at once" } else { "it" };
    let pushed = remote.map(|remote| format!(" and push {what} to {remote}")).unwrap_or_default();
    format!("{}{pushed}", each.join(", "))
}

impl LineToLand {
    /// How the fix gets there, a few words.
    fn text(&self) -> String {
        match &self.arrival {
            Arrival::Merge { head, .. } => format!("merge {} into {}", head.short(), self.branch),
            Arrival::Picks(picks) => {
                format!("pick {} to {}", count(picks.len(), "commit"), self.branch)
            }
            Arrival::Ready { commit, .. } => format!("bring {} to {}", self.branch, commit.short()),
        }
    }
}
