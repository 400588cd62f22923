//! Merges and trees computed in memory, by libgit2 where it makes them right, else by git.

use crate::domain::ObjectId;
use crate::port::{Applied, ErrorKind, FileRules, MergeInMemory, PortError, TreeEdit};

use super::convert::{from_gix, oid, to_gix};
use super::merge_tree::{self, Sides};
use super::settle::{options, settled, three_way, tree};
use super::shared::Sharing;
use super::{GitRepository, UNSHALLOW, snapshot, tree_edit, trouble};

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
            let unwritten = |error: git2::Error| trouble::unwritten(doing(), error);
            let [base, ours, theirs] = [from, onto, to].map(|id| tree(repository, id).map_err(unwritten));
            let trees = [&base?, &ours?, &theirs?];
            if self.runs_drivers.get() && merge_tree::is_needed(self, repository, trees)? {
                return merge_tree::merge(self, &Sides { base: Some(from), ours: onto, theirs: to }, rules);
            }
            let _sharing = Sharing::begin(&self.reads);
            three_way(repository, trees, rules).map_err(unwritten)
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
        Ok(is_gits_from(self, repository, &bases, ours, theirs)?
            && !(self.runs_drivers.get() && merge_tree::can_merge(self, base.is_some())?))
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
    if bases.is_empty() {
        let error = PortError::new(ErrorKind::Precondition, doing(), "they have no common history");
        // The base may lie beyond the cut.
        return Err(if git.layout.is_shallow { error.hint(UNSHALLOW) } else { error });
    }
    let repository = git.merging()?;
    let ids: Vec<ObjectId> = bases.iter().map(|base| from_gix(base)).collect();
    if git.runs_drivers.get() && is_gits_from(git, repository, &ids, ours, theirs)? {
        return merge_tree::merge(git, &Sides { base: None, ours, theirs }, rules);
    }
    let _sharing = Sharing::begin(&git.reads);
    let merge = || -> Result<Applied, git2::Error> {
        let [ours, theirs] = [oid(ours)?, oid(theirs)?].map(|id| repository.find_commit(id));
        let (ours, theirs) = (ours?, theirs?);
        match bases.as_slice() {
            // gix found it by the commit-graph, which libgit2 does not read.
            [base] => {
                let base = repository.find_commit(oid(&from_gix(base))?)?.tree()?;
                three_way(repository, [&base, &ours.tree()?, &theirs.tree()?], rules)
            }
            // Several bases: a criss-cross merge, for which libgit2 merges the bases first.
            _ => settled(repository, repository.merge_commits(&ours, &theirs, Some(&options()))?, rules),
        }
    };
    merge().map_err(|error| match git.layout.is_shallow {
        true => git.unreadable(doing(), error),
        false => trouble::unwritten(doing(), error), // What it computes is written, for the merge to come.
    })
}

/// Whether git has to make the merge of two sides from one of these bases.
fn is_gits_from(
    git: &GitRepository,
    repository: &git2::Repository,
    bases: &[ObjectId],
    ours: &ObjectId,
    theirs: &ObjectId,
) -> Result<bool, PortError> {
    let tree = |id: &ObjectId| tree(repository, id).map_err(|error| git.unreadable("read a side of a merge", error));
    for base in bases {
        if merge_tree::is_needed(git, repository, [&tree(base)?, &tree(ours)?, &tree(theirs)?])? {
            return Ok(true);
        }
    }
    Ok(false)
}
