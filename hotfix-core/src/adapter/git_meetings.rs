//! Where two sides of a merge meet in a way that libgit2 does not see: costs what was changed, not what there is.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Error, ObjectType, Oid, Repository, Tree};

/// What a tree has under a name: mode and object.
type Entry = (i32, Oid);

const FOLDER: i32 = 0o040_000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    /// Whether a side adds something to a folder that the other side has no more: it may have given it another name.
    pub(super) in_renamed_folder: bool,
    /// The files, by the names that they had, that both sides changed or moved, each in its own way.
    pub(super) changed_twice: Vec<String>,
}

/// Finds them.
pub(super) fn of(
    repository: &Repository,
    base: &Tree<'_>,
    ours: &Tree<'_>,
    theirs: &Tree<'_>,
) -> Result<Meetings, Error> {
    let mut found = Meetings::default();
    walk(repository, "", [Some(base), Some(ours), Some(theirs)], &mut found)?;
    Ok(found)
}

/// Looks into one folder; a side that has it no more is absent.
fn walk(repository: &Repository, path: &str, trees: [Option<&Tree<'_>>; 3], found: &mut Meetings) -> Result<(), Error> {
    let [_, our_tree, their_tree] = trees;
    let [before, mine, yours] = trees.map(|tree| tree.map(entries).unwrap_or_default());
    let mut names: Vec<&Vec<u8>> = before.keys().chain(mine.keys()).chain(yours.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (was, own, other) = (before.get(name), mine.get(name), yours.get(name));
        let is_new = |now: Option<&Entry>| was.is_none() && now.is_some();
        found.in_renamed_folder |= is_new(own) && their_tree.is_none() || is_new(other) && our_tree.is_none();
        if own == other || was == own || was == other {
            continue;
        }
        let path = format!("{path}{}", String::from_utf8_lossy(name));
        match was {
            Some((FOLDER, was)) => {
                let folder = |entry: Option<&Entry>| match entry {
                    Some((FOLDER, id)) => repository.find_tree(*id).map(Some),
                    _ => Ok(None),
                };
                let (was, own, other) = (repository.find_tree(*was)?, folder(own)?, folder(other)?);
                walk(repository, &format!("{path}/"), [Some(&was), own.as_ref(), other.as_ref()], found)?;
            }
            Some(_) => found.changed_twice.push(path),
            None => {}
        }
    }
    Ok(())
}

fn entries(tree: &Tree<'_>) -> BTreeMap<Vec<u8>, Entry> {
    tree.iter().map(|entry| (entry.name_bytes().to_vec(), (entry.filemode_raw(), entry.id()))).collect()
}

/// Whether attributes in a tree may say how the file at `path` merges.
pub(super) fn tells_how_to_merge(repository: &Repository, tree: &Tree<'_>, path: &str) -> bool {
    Path::new(path).ancestors().skip(1).any(|folder| {
        let file = tree.get_path(&folder.join(".gitattributes")).and_then(|entry| entry.to_object(repository));
        let blob =
            file.ok().filter(|file| file.kind() == Some(ObjectType::Blob)).and_then(|file| file.into_blob().ok());
        blob.is_some_and(|blob| String::from_utf8_lossy(blob.content()).contains("merge"))
    })
}
