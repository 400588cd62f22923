//! Merges of trees whose changes do not meet in any file: these cost what was changed, not what there is.
//!
//! libgit2 walks every file of all three trees. Most fixes touch a file or two that nobody else touched, and then it is
//! enough to look into the folders that differ. Whatever may need more (the same file changed on both sides, files gone
//! that may have been renamed) is left to libgit2.

use std::collections::BTreeMap;

use git2::{Error, Oid, Repository, Tree};

/// What a tree has under a name: mode and object.
pub(super) type TreeEntry = (i32, Oid);

pub(super) const FOLDER: i32 = 0o040_000;

/// The tree of the merge of a base, our side and theirs; `None` where it takes more than choosing sides. Writes the trees that are new.
pub(super) fn choose_sides(repository: &Repository, trees: [&Tree<'_>; 3]) -> Result<Option<Oid>, Error> {
    let [_, ours, _] = trees;
    let [before, mine, yours] = trees.map(entries);
    let mut names: Vec<&Vec<u8>> = before.keys().chain(mine.keys()).chain(yours.keys()).collect();
    names.sort_unstable();
    names.dedup();
    // From ours: what neither side changed need not be looked at.
    let mut result = repository.treebuilder(Some(ours))?;
    for name in names {
        let (was, own, other) = (before.get(name), mine.get(name), yours.get(name));
        if own == other {
            if own.is_none() {
                return Ok(None); // Gone on both sides: each may have given it another name.
            }
            continue;
        }
        match (was, own, other) {
            (was, own, _) if was == own => match other {
                Some((mode, id)) => drop(result.insert(name.as_slice(), *id, *mode)?),
                None => result.remove(name.as_slice())?,
            },
            (was, _, other) if was == other => {}
            (Some((FOLDER, was)), Some((FOLDER, own)), Some((FOLDER, other))) => {
                let [was, own, other] = [was, own, other].map(|id| repository.find_tree(*id));
                let Some(merged) = choose_sides(repository, [&was?, &own?, &other?])? else { return Ok(None) };
                // git keeps no empty folders.
                if repository.find_tree(merged)?.is_empty() {
                    result.remove(name.as_slice())?;
                } else {
                    drop(result.insert(name.as_slice(), merged, FOLDER)?);
                }
            }
            // Both changed it, each in its own way: that takes a merge of contents.
            _ => return Ok(None),
        }
    }
    result.write().map(Some)
}

/// What is in a folder, by name.
pub(super) fn entries(tree: &Tree<'_>) -> BTreeMap<Vec<u8>, TreeEntry> {
    tree.iter().map(|entry| (entry.name_bytes().to_vec(), (entry.filemode_raw(), entry.id()))).collect()
}
