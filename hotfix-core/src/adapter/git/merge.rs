//! Merges and trees computed in memory, by libgit2 where it makes them right, else by git.

use crate::domain::ObjectId;
use crate::port::{Applied, ErrorKind, FileRules, MergeInMemory, PortError, TreeEdit};

use super::convert::{from_gix, oid, to_gix};
use super::merge_tree::{self, Sides};
use super::settle::{options, settled, three_way, tree};
use super::shared::Sharing;
use super::{GitRepository, rename_limit, snapshot, tree_edit, trouble};

impl MergeInMemory for GitRepository {
    fn merge(&self, ours: &ObjectId, theirs: &ObjectId, rules: FileRules<'_>) -> Result<Applied, PortError> {
        let fetching = ["merge-tree", "--write-tree", ours.as_str(), theirs.as_str()];
        self.with_missing_fetched(&fetching, || merged(self, ours, theirs, rules))
    }

    fn apply(
        &self,
        from: &ObjectId,
        to: &ObjectId,
        onto: &ObjectId,
        rules: FileRules<'_>,
    ) -> Result<Applied, PortError> {
        let doing = || format!("apply {} onto {} in memory", to.short(), onto.short());
        // From where we merge, and of trees too, which git does since 2.45; before, what is missing stays so.
        let base = format!("--merge-base={from}");
        let fetching = ["merge-tree", "--write-tree", &base, onto.as_str(), to.as_str()];
        self.with_missing_fetched(&fetching, || {
            let repository = self.merging()?;
            let unmerged = |error: git2::Error| unmerged(self, doing(), error);
            let [base, ours, theirs] = [from, onto, to].map(|id| tree(repository, id).map_err(unmerged));
            let trees = [&base?, &ours?, &theirs?];
            let sides = Sides { base: Some(from), ours: onto, theirs: to };
            if self.runs_drivers.get() && merge_tree::is_needed(self, repository, trees)? {
                return merge_tree::merge(self, &sides, rules);
            }
            let limit = rename_limit::of(self, repository);
            let merged = {
                let _sharing = Sharing::begin(&self.reads);
                three_way(repository, trees, limit, rules).map_err(unmerged)?
            };
            match rename_limit::may_be_why(self, repository, trees, &merged, true)? {
                true => merge_tree::merge(self, &sides, rules),
                false => Ok(merged),
            }
        })
    }

    fn awaits_git(&self, base: Option<&ObjectId>, ours: &ObjectId, theirs: &ObjectId) -> Result<bool, PortError> {
        let repository = self.merging()?;
        let bases = match base {
            Some(base) => vec![base.clone()],
            None => {
                let bases = self.merge_bases(to_gix(self, ours)?, to_gix(self, theirs)?);
                let bases = bases.map_err(|error| self.unreadable("find where two sides of a merge parted", error))?;
                bases.iter().map(|base| from_gix(base)).collect()
            }
        };
        if is_gits_from(self, repository, &bases, ours, theirs)? {
            return Ok(!(self.runs_drivers.get() && merge_tree::can_merge(self, base.is_some())));
        }
        let is_free = self.runs_drivers.get() || merge_tree::starts_no_others(self);
        match bases.first().filter(|_| !is_free && merge_tree::can_merge(self, base.is_some())) {
            Some(base) => {
                let sides = sides_of(self, repository, base, ours, theirs)?;
                rename_limit::is_passed(self, repository, sides.each_ref())
            }
            None => Ok(false),
        }
    }

    fn wanted_rename_limit(&self) -> Option<u32> {
        self.memory.wanted_rename_limit.get()
    }

    fn edit_tree(&self, base: &ObjectId, edits: &[TreeEdit]) -> Result<ObjectId, PortError> {
        let fetching = ["ls-tree", "-r", "--name-only", base.as_str()];
        self.with_missing_fetched(&fetching, || tree_edit::edited(self, base, edits))
    }

    fn work_tree_as_tree(&self, untracked: &[String]) -> Result<ObjectId, PortError> {
        snapshot::take(self, untracked)
    }
}

fn merged(git: &GitRepository, ours: &ObjectId, theirs: &ObjectId, rules: FileRules<'_>) -> Result<Applied, PortError> {
    let doing = || format!("merge {} into {} in memory", theirs.short(), ours.short());
    let bases = git.merge_bases(to_gix(git, ours)?, to_gix(git, theirs)?);
    let bases = bases.map_err(|error| git.unreadable(doing(), error))?;
    let ids: Vec<ObjectId> = bases.iter().map(|base| from_gix(base)).collect();
    let Some(base) = ids.first() else {
        let why = "they have no common history";
        // The base may lie beyond the cut.
        let is_shallow = git.layout.is_shallow;
        return Err(if is_shallow {
            PortError::cut_off(doing(), why)
        } else {
            PortError::new(ErrorKind::Precondition, doing(), why)
        });
    };
    let repository = git.merging()?;
    if git.runs_drivers.get() && is_gits_from(git, repository, &ids, ours, theirs)? {
        return merge_tree::merge(git, &Sides { base: None, ours, theirs }, rules);
    }
    let sides = sides_of(git, repository, base, ours, theirs)?;
    let sides = sides.each_ref();
    let limit = rename_limit::of(git, repository);
    let merge = || -> Result<Applied, git2::Error> {
        let _sharing = Sharing::begin(&git.reads);
        if ids.len() == 1 {
            return three_way(repository, sides, limit, rules); // gix found it by the commit-graph, which libgit2 does not read.
        }
        // Several bases: a criss-cross merge, for which libgit2 merges the bases first.
        let [ours, theirs] = [oid(ours)?, oid(theirs)?].map(|id| repository.find_commit(id));
        settled(repository, repository.merge_commits(&ours?, &theirs?, Some(&options(limit)))?, rules)
    };
    let merged = merge().map_err(|error| unmerged(git, doing(), error))?;
    match rename_limit::may_be_why(git, repository, sides, &merged, false)? {
        true => merge_tree::merge(git, &Sides { base: None, ours, theirs }, rules),
        false => Ok(merged),
    }
}

/// Why libgit2 could not merge: what it reads is damaged or not here, or what it computes could not be written for the merge to
/// come.
fn unmerged(git: &GitRepository, doing: String, error: git2::Error) -> PortError {
    let is_reading = matches!(error.class(), git2::ErrorClass::Odb | git2::ErrorClass::Object | git2::ErrorClass::Zlib);
    if is_reading { git.unreadable(doing, error) } else { trouble::unwritten(doing, error) }
}

/// Whether git has to make the merge of two sides from one of these bases.
fn is_gits_from(
    git: &GitRepository,
    repository: &git2::Repository,
    bases: &[ObjectId],
    ours: &ObjectId,
    theirs: &ObjectId,
) -> Result<bool, PortError> {
    for base in bases {
        let sides = sides_of(git, repository, base, ours, theirs)?;
        if merge_tree::is_needed(git, repository, sides.each_ref())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The trees of a base, our side and theirs.
fn sides_of<'r>(
    git: &GitRepository,
    repository: &'r git2::Repository,
    base: &ObjectId,
    ours: &ObjectId,
    theirs: &ObjectId,
) -> Result<[git2::Tree<'r>; 3], PortError> {
    let tree = |id| tree(repository, id).map_err(|error| git.unreadable("read a side of a merge", error));
    Ok([tree(base)?, tree(ours)?, tree(theirs)?])
}
