//! What a fix is made of, and what messages say of its commits: which were picked, which were reverted.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::hash::Hash;

use crate::domain::event::{Landing, LandingLine};
use crate::domain::{Incident, ObjectId, RefName};
use crate::port::{Applied, CommitDetails, FileRule, NAMES_A_COMMIT, PortError};
use crate::production;
use crate::workflow::{Context, Result};

use super::branch::{self, ReleaseBranch};

/// What git writes into the message of a revert.
pub(crate) const REVERTS: &str = "This reverts commit ";
/// So many digits git writes of an id that it abbreviates, or more.
const ABBREVIATED: usize = 7;
/// What `git cherry-pick -x` writes into the message of a pick, before the commit that it is from.
const PICKED: &str = "(cherry picked from commit ";

/// A fix with its tip, for one plan. It remembers what several questions of that plan ask: most of them are about every
/// release branch, and the answers are facts about commits, which cannot change.
pub(crate) struct Fix<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) incident: &'a Incident,
    /// Its tip, or where that is gone the commit that production got instead.
    pub(crate) head: &'a ObjectId,
    /// Its tip, as it is recorded.
    named: &'a ObjectId,
    memory: FixMemory,
}

/// What is known of a fix by now.
#[derive(Default)]
struct FixMemory {
    parts: OnceCell<Vec<Part>>,
    commits: OnceCell<Vec<CommitDetails>>,
    applied: Memory<[ObjectId; 3], Applied>,
    merged: Memory<(ObjectId, bool), Applied>,
    takes_merges: Memory<ObjectId, bool>,
    holders: Memory<ObjectId, bool>,
    namers: Memory<ObjectId, bool>,
    conflict_branches: OnceCell<Vec<String>>,
}

impl<'a> Fix<'a> {
    /// The fix that ends at `named`, which may be gone once it landed ([`extent`]).
    pub(crate) fn new(
        context: &'a Context<'a>,
        incident: &'a Incident,
        named: &'a ObjectId,
    ) -> Result<Self, PortError> {
        let landing = incident.merged.as_ref().filter(|landing| landing.head == *named);
        let head = match landing {
            Some(landing) => extent(context, incident, landing)?.1,
            None => named,
        };
        Ok(Self { context, incident, head, named, memory: FixMemory::default() })
    }

    /// The commits to pick to another branch, oldest first. A merge among them stands for what it changes against its first
    /// parent: it is there where the fix is more than the commits beside merges, because a conflict was settled in one.
    pub(crate) fn commits(&self) -> Result<&[CommitDetails]> {
        if let Some(known) = self.memory.commits.get() {
            return Ok(known);
        }
        let mut commits = Vec::new();
        for part in self.parts()? {
            match &part.merge {
                Some(merge) if !part.merges.is_empty() && !self.adds_up(&part.own, merge)? => {
                    commits.push(merge.clone());
                }
                _ => commits.extend(part.own.iter().cloned()),
            }
        }
        if commits.is_empty() && self.context.look.git.has_commit(self.head)? {
            commits.push(self.context.look.git.details(self.head)?);
        }
        Ok(self.memory.commits.get_or_init(|| commits))
    }

    /// The parts of the fix, oldest first: what landed before and was not taken out of production again, and what is at its
    /// head.
    pub(super) fn parts(&self) -> Result<&[Part]> {
        if let Some(known) = self.memory.parts.get() {
            return Ok(known);
        }
        let (git, incident) = (self.context.look.git, self.incident);
        let mut parts = Vec::new();
        let landings = incident.merged_before.iter().chain(&incident.merged);
        for landing in landings.filter(|landing| landing.head != *self.named) {
            let Some(line) = landing.lines.first() else { continue };
            let tip = production::tip(self.context.look, &incident.production)?;
            // What was taken out again is owed to no release branch.
            if git.has_commit(&line.to)? && standing_revert(self.context, &line.to, &tip)?.is_none() {
                parts.push(self.part(&landing.head, Some(line))?);
            }
        }
        parts.push(self.part(self.named, self.landing())?);
        Ok(self.memory.parts.get_or_init(|| parts))
    }

    /// How it is recorded to have landed on production.
    pub(crate) fn landing(&self) -> Option<&'a LandingLine> {
        self.landing_lines().first()
    }

    /// The same for every branch that it landed on.
    pub(super) fn landing_lines(&self) -> &'a [LandingLine] {
        let landing = self.incident.merged.as_ref().filter(|landing| landing.head == *self.named);
        landing.map_or(&[], |landing| &landing.lines)
    }

    /// The way in which production got what stands for a tip that is gone.
    pub(super) fn replaced_by(&self) -> Option<&'a LandingLine> {
        self.landing().filter(|_| self.head != self.named)
    }

    fn part(&self, head: &ObjectId, landed: Option<&LandingLine>) -> Result<Part> {
        let (git, incident) = (self.context.look.git, self.incident);
        let landed = match landed {
            Some(line) if git.has_commit(&line.to)? => Some(line),
            Some(_) | None => None,
        };
        if !git.has_commit(head)? {
            // A squash or a rebase brought it, maybe of what was never here.
            let landed = match landed {
                Some(line) if git.has_commit(&line.from)? => {
                    git.own_commits(std::slice::from_ref(&line.from), &line.to)?
                }
                Some(_) | None => Vec::new(),
            };
            let (own, merges) = landed.into_iter().partition(|commit| commit.parents.len() < 2);
            return Ok(Part { own, merges, merge: None });
        }
        let merge = match landed {
            Some(line) => git.brought_by(head, &line.to)?,
            None => None,
        };
        let merge = merge.filter(|merge| merge.id != *head && merge.parents.len() > 1);
        let mut others = vec![incident.base.commit.clone()];
        match merge.as_ref().and_then(|merge| merge.parents.first()) {
            Some(before) => others.push(before.clone()),
            // Fast-forwarded: against production no commit would be the fix's own.
            None if production::contains(self.context.look, &incident.production, head)? => {}
            None => others.extend(production::tip(self.context.look, &incident.production).ok()),
        }
        let all = git.own_commits(&others, head)?;
        if git.repository().is_shallow && all.iter().any(|commit| commit.parents.is_empty()) {
            return Err(PortError::cut_off(
                format!("list the commits of {}", head.short()),
                "history is cut off in between",
            )
            .into());
        }
        let (own, merges) = all.into_iter().partition(|commit| commit.parents.len() < 2);
        Ok(Part { own, merges, merge })
    }

    /// Whether these commits, made once more where the merge was made, bring what it brought.
    fn adds_up(&self, own: &[CommitDetails], merge: &CommitDetails) -> Result<bool, PortError> {
        let git = self.context.look.git;
        let Some(before) = merge.parents.first() else { return Ok(true) };
        let mut tree = git.tree_of(before)?;
        for commit in own {
            let Some(parent) = commit.parents.first() else { return Ok(false) };
            match git.apply(parent, &commit.id, &tree, &|_| None)? {
                Applied::Clean(next) => tree = next,
                Applied::Conflict(_) => return Ok(false),
            }
        }
        Ok(tree == git.tree_of(&merge.id)?)
    }

    /// What the change between two commits gives on a third one, or on a tree, by the rules for files that every release has.
    pub(crate) fn apply(&self, from: &ObjectId, to: &ObjectId, onto: &ObjectId) -> Result<Applied, PortError> {
        let key = [from.clone(), to.clone(), onto.clone()];
        let git = self.context.look.git;
        remembered(&self.memory.applied, key, || git.apply(from, to, onto, &|path| rule(self.context, path)))
    }

    /// What merging the fix into a commit of a branch gives, and what is missing then made once more: a merge brings nothing of
    /// what the branch had, and took out again. On production no rule settles anything.
    pub(crate) fn merge_into(&self, commit: &ObjectId, branch: &ReleaseBranch) -> Result<Applied> {
        let is_production = branch.branch == self.incident.production.branch;
        remembered(&self.memory.merged, (commit.clone(), is_production), || {
            let git = self.context.look.git;
            let rules = |path: &str| rule(self.context, path).filter(|_| !is_production);
            let mut merged = git.merge(commit, self.head, &rules)?;
            if let Applied::Clean(tree) = &mut merged {
                for (from, to) in self.changes()? {
                    if let Applied::Clean(next) = git.apply(&from, &to, tree, &rules)? {
                        *tree = next;
                    }
                }
            }
            Ok(merged)
        })
    }

    /// Whether a commit holds some commits of the fix itself.
    pub(super) fn is_partly_in(&self, commit: &ObjectId) -> Result<bool> {
        for part in self.parts()? {
            let is_own = |id: &ObjectId| part.own.iter().chain(&part.merges).any(|own| own.id == *id);
            // Whoever has a later commit has the first ones too.
            for first in part.own.iter().filter(|own| !own.parents.iter().any(is_own)) {
                let is_there = match first.id == *self.head {
                    true => self.is_in(commit)?,
                    false => self.context.look.git.is_ancestor(&first.id, commit)?,
                };
                if is_there {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether a commit holds the whole fix itself.
    pub(crate) fn is_in(&self, commit: &ObjectId) -> Result<bool, PortError> {
        remembered(&self.memory.holders, commit.clone(), || self.context.look.git.is_ancestor(self.head, commit))
    }

    /// Whether any commit of a branch since the fix began may name another one, as picks and reverts do. Mostly none does, and
    /// then one look at the branch is enough.
    pub(super) fn is_anything_named(&self, tip: &ObjectId) -> Result<bool, PortError> {
        let base = &self.incident.base.commit;
        let look = || Ok(self.context.look.git.find_message(Some(base), tip, NAMES_A_COMMIT)?.is_some());
        remembered(&self.memory.namers, tip.clone(), look)
    }

    /// What the fix changes, from tree to tree: commit by commit, or in one where the branch holds merges, since one of them
    /// may hold a part of the fix.
    fn changes(&self) -> Result<Vec<(ObjectId, ObjectId)>> {
        let git = self.context.look.git;
        let single = |commit: &CommitDetails| Some((commit.parents.first()?.clone(), commit.id.clone()));
        let mut changes = Vec::new();
        for part in self.parts()? {
            if part.merges.is_empty() {
                changes.extend(part.own.iter().filter_map(single));
            } else if let Some(merge) = &part.merge {
                changes.extend(single(merge));
            } else {
                let production = production::tip(self.context.look, &self.incident.production)?;
                if let Applied::Clean(tree) = git.merge(&production, self.head, &|_| None)? {
                    changes.push((production, tree));
                }
            }
        }
        Ok(changes)
    }

    /// Whether merging it brings a branch nothing but the fix, or the branch is there to get everything; any other, an older
    /// release, would get more than the fix.
    pub(crate) fn merges_alone(&self, branch: &ReleaseBranch) -> Result<bool> {
        if branch.branch == self.incident.production.branch || branch::is_integration(self.context, &branch.branch)? {
            return Ok(true);
        }
        remembered(&self.memory.takes_merges, branch.tip.clone(), || {
            let own: usize = self.parts()?.iter().map(|part| part.own.len()).sum();
            // One more than its own is one too many; further ones need not be counted.
            let brought = self.context.look.git.count_between(&branch.tip, self.head, own.saturating_add(1))?;
            Ok(brought <= own)
        })
    }

    /// Merges two commits, settling what the rules for files that every release has can settle.
    pub(super) fn merge_by_rules(&self, ours: &ObjectId, theirs: &ObjectId) -> Result<Applied, PortError> {
        self.context.look.git.merge(ours, theirs, &|path| rule(self.context, path))
    }

    /// Where the branch is on which a conflict with a release branch is settled.
    pub(super) fn conflict_branch_tip(&self, line: &str) -> Result<Option<ObjectId>, PortError> {
        let git = self.context.look.git;
        let find = || git.branches(&branch::conflict_branch(self.incident, ""));
        let known = remembered_once(&self.memory.conflict_branches, find)?;
        let name = branch::conflict_branch(self.incident, line);
        if known.iter().any(|known| name == *known) { git.commit_of_ref(&RefName::of_branch(&name)) } else { Ok(None) }
    }

    /// Those of its commits that a branch which left a release branch at `start` does not have yet: neither what they change,
    /// nor a pick of them.
    pub(crate) fn missing_from(&self, start: &ObjectId, tip: &ObjectId) -> Result<Vec<CommitDetails>> {
        let git = self.context.look.git;
        let tree = git.tree_of(tip)?;
        let mut missing = Vec::new();
        for commit in self.commits()? {
            let Some(parent) = commit.parents.first() else { continue };
            let is_there = pick_of(self.context, &commit.id, Some(start), tip)?.is_some()
                || git.apply(parent, &commit.id, &tree, &|_| None)? == Applied::Clean(tree.clone());
            if !is_there {
                missing.push(commit.clone());
            }
        }
        Ok(missing)
    }

    /// Whether a branch which left a release branch at `start` holds anything of its commits, or a pick of one.
    pub(crate) fn has_begun(&self, start: &ObjectId, tip: &ObjectId) -> Result<bool> {
        for commit in self.commits()? {
            if self.context.look.git.is_ancestor(&commit.id, tip)?
                || pick_of(self.context, &commit.id, Some(start), tip)?.is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// From where to where a fix goes that landed: from its base to its tip. Where a squash or a rebase brought it, nothing holds that
/// commit once its branch is deleted; where git threw it away, or a new clone never had it, what production got stands for it.
pub(crate) fn extent<'a>(
    context: &Context<'_>,
    incident: &'a Incident,
    landing: &'a Landing,
) -> Result<(&'a ObjectId, &'a ObjectId), PortError> {
    let git = context.look.git;
    let is_gone = !git.has_commit(&landing.head)?;
    let Some(line) = landing.lines.first().filter(|_| is_gone) else {
        return Ok((&incident.base.commit, &landing.head));
    };
    let is_here = git.has_commit(&line.from)? && git.has_commit(&line.to)?;
    Ok(if is_here { (&line.from, &line.to) } else { (&incident.base.commit, &landing.head) })
}

type Memory<K, V> = RefCell<HashMap<K, V>>;

/// What is known already, or is found out now.
fn remembered<K: Eq + Hash, V: Clone, E>(
    known: &Memory<K, V>,
    key: K,
    find: impl FnOnce() -> Result<V, E>,
) -> Result<V, E> {
    if let Some(known) = known.borrow().get(&key) {
        return Ok(known.clone());
    }
    let found = find()?;
    known.borrow_mut().insert(key, found.clone());
    Ok(found)
}

/// The same of a single thing.
pub(crate) fn remembered_once<V, E>(known: &OnceCell<V>, find: impl FnOnce() -> Result<V, E>) -> Result<&V, E> {
    if let Some(known) = known.get() { Ok(known) } else { find().map(|found| known.get_or_init(|| found)) }
}

/// What landed at once, or is still to land.
pub(super) struct Part {
    /// The commits of the branch that production lacked, parents first, merges aside.
    pub(super) own: Vec<CommitDetails>,
    /// The merges among them.
    pub(super) merges: Vec<CommitDetails>,
    /// The merge that brought them to production; `None` before it, and where they came in another way.
    merge: Option<CommitDetails>,
}

/// How conflicts in a file are settled.
fn rule(context: &Context<'_>, path: &str) -> Option<FileRule> {
    let files = &context.config.release.version_files;
    if files.keep_both.is_match(path) {
        Some(FileRule::KeepBoth)
    } else {
        files.keep_version.is_match(path).then_some(FileRule::KeepVersion)
    }
}

/// The newest commit from `base` to `tip` whose message says that it is a pick of this one.
pub(crate) fn pick_of(
    context: &Context<'_>,
    commit: &ObjectId,
    base: Option<&ObjectId>,
    tip: &ObjectId,
) -> Result<Option<ObjectId>, PortError> {
    context.look.git.find_message(base, tip, &trailer(commit))
}

/// The commit up to `tip` that takes a commit out again, if there is one that stands.
pub(crate) fn standing_revert(context: &Context<'_>, commit: &ObjectId, tip: &ObjectId) -> Result<Option<ObjectId>> {
    let (mut last, mut stands) = (commit.clone(), None);
    // A revert of the revert brings it back, and so on.
    while let Some(next) = revert_of(context, &last, tip)? {
        stands = if stands.is_none() { Some(next.clone()) } else { None };
        last = next;
    }
    Ok(stands)
}

/// The newest commit up to `tip` whose message says that it reverts this one: in full, or as `git revert --reference` has it.
fn revert_of(context: &Context<'_>, commit: &ObjectId, tip: &ObjectId) -> Result<Option<ObjectId>> {
    let git = context.look.git;
    let short: String = commit.as_str().chars().take(ABBREVIATED).collect();
    let Some(found) = git.find_message(Some(commit), tip, &format!("{REVERTS}{short}"))? else { return Ok(None) };
    let message = git.details(&found)?.message;
    let is_meant = message.split(REVERTS).skip(1).any(|rest| {
        let digits = rest.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(rest.len());
        rest.get(..digits).is_some_and(|named| commit.as_str().starts_with(named) && named.len() >= ABBREVIATED)
    });
    Ok(is_meant.then_some(found))
}

/// The commit that this one says it reverts, in full or in short, where it is here.
pub(crate) fn reverted_by(context: &Context<'_>, revert: &CommitDetails) -> Result<Option<CommitDetails>, PortError> {
    let git = context.look.git;
    let named = revert.message.split_once(REVERTS).map(|(_, rest)| rest);
    let digits: String = named.into_iter().flat_map(str::chars).take_while(char::is_ascii_hexdigit).collect();
    if digits.len() < ABBREVIATED {
        return Ok(None);
    }
    git.commit_of(&digits)?.map(|found| git.details(&found)).transpose()
}

/// The commit that a message says it reverts.
pub(crate) fn named_by_revert(message: &str) -> Option<ObjectId> {
    id_after(message, REVERTS)
}

/// The commit of which a message says that it is a pick.
pub(crate) fn named_by_pick(message: &str) -> Option<ObjectId> {
    // Of a pick of a pick, the last names what was picked here.
    let (_, last) = message.rsplit_once(PICKED)?;
    id_after(&format!("{PICKED}{last}"), PICKED)
}

/// The id of a commit that follows these words.
pub(crate) fn id_after(message: &str, words: &str) -> Option<ObjectId> {
    let (_, rest) = message.split_once(words)?;
    let id: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    id.parse().ok()
}

/// What picks name the commit they are from by.
pub(crate) fn trailer(commit: &ObjectId) -> String {
    format!("{PICKED}{commit})")
}

/// The message of the pick of a commit: what it is from is the last of its trailers, as git has it.
pub(crate) fn picked_message(commit: &CommitDetails) -> String {
    let message = commit.message.trim_end();
    let last = message.rsplit_once("\n\n").map(|(_, last)| last);
    let is_trailer = |line: &str| {
        let token = line.split_once(": ").map(|(token, _)| token);
        let is_token =
            |token: &str| token.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
        token.is_some_and(|token| !token.is_empty() && is_token(token)) || line.starts_with(PICKED)
    };
    let gap = if last.is_some_and(|last| last.lines().all(is_trailer)) { "\n" } else { "\n\n" };
    format!("{message}{gap}{}\n", trailer(&commit.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Author;
    use crate::step::tests::scene::id;

    #[test]
    fn what_a_pick_is_from_is_its_last_trailer() {
        let check = |message: &str, expected: &str| {
            let author = Author { name: String::new(), email: String::new(), date: String::new() };
            let commit = CommitDetails { id: id('c'), parents: Vec::new(), author, message: message.to_owned() };
            assert_eq!(picked_message(&commit), format!("{expected}{}\n", trailer(&id('c'))));
        };
        check("Mend it", "Mend it\n\n");
        check("Mend: it", "Mend: it\n\n");
        check("Mend it\n\nBecause.\n", "Mend it\n\nBecause.\n\n");
        check("Mend it\n\nWhy: so.\nOr not.\n", "Mend it\n\nWhy: so.\nOr not.\n\n");
        check("Mend it\n\nSigned-off-by: Ada\n\n", "Mend it\n\nSigned-off-by: Ada\n");
        check("Mend it\n\n(cherry picked from commit 1)\n", "Mend it\n\n(cherry picked from commit 1)\n");
    }
}
