//! How a fix gets to a line: merges, picks and tags to make, computed before anything moves.

use crate::domain::ObjectId;
use crate::domain::event::LandingTag;
use crate::port::Author;

use super::count;

/// One branch that the fix is to land on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineToLand {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// Where it is.
    pub from: ObjectId,
    /// How the fix gets there, computed in memory.
    pub arrival: Arrival,
    /// The work tree where the branch is checked out, in a repository without a remote.
    pub checked_out_at: Option<String>,
}

/// How a fix gets to a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// By a merge.
    Merge {
        /// Its first parent: the line's tip, or what somebody settled on top of it.
        onto: ObjectId,
        /// Its second parent.
        head: ObjectId,
        /// Its tree.
        tree: ObjectId,
        /// Its message.
        message: String,
    },
    /// By picks, oldest first.
    Picks(Vec<Picked>),
    /// By a commit that is there already.
    Ready(ObjectId),
}

/// A commit as it is made once more on a line.
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

/// What taking the fix to lines does, one line.
pub(crate) fn carried(lines: &[LineToLand], remote: Option<&String>) -> String {
    let each: Vec<String> = lines.iter().map(LineToLand::text).collect();
    let what = if lines.len() > 1 { "all of it at once" } else { "it" };
    let place = remote.map(|remote| format!(" and push {what} to {remote}")).unwrap_or_default();
    format!("{}{place}", each.join(", "))
}

impl LineToLand {
    /// How the fix gets there, a few words.
    fn text(&self) -> String {
        match &self.arrival {
            Arrival::Merge { head, .. } => format!("merge {} into {}", head.short(), self.branch),
            Arrival::Picks(picks) => {
                let number = u32::try_from(picks.len()).unwrap_or(u32::MAX);
                format!("pick {} to {}", count(number, "commit"), self.branch)
            }
            Arrival::Ready(commit) => format!("bring {} to {}", self.branch, commit.short()),
        }
    }
}
