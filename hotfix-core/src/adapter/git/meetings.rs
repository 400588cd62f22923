//! Where two sides of a merge meet in a way that libgit2 does not see: costs what was changed, not what there is.

use std::path::Path;

use git2::{Error, Repository, Tree};

use super::trees::{FOLDER, TreeEntry, entries};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Meetings {
    /// Whether a side adds something to a folder that the other side has no more: it may have given it another name.
    pub(super) in_renamed_folder: bool,
    /// The files, by the names that they had, that both sides changed or moved, each in its own way.
    pub(super) changed_twice: Vec<String>,
}

/// Finds them, between base, our side and theirs.
pub(super) fn of(repository: &Repository, trees: [&Tree<'_>; 3]) -> Result<Meetings, Error> {
    let mut found = Meetings::default();
    walk(repository, "", trees.map(Some), &mut found)?;
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
        let is_new = |now: Option<&TreeEntry>| was.is_none() && now.is_some();
        // git would move the new file along; libgit2 leaves it in the folder that is gone.
        found.in_renamed_folder |= is_new(own) && their_tree.is_none() || is_new(other) && our_tree.is_none();
        // One side alone changed it: no merge of contents, and nothing below to look at.
        if own == other || was == own || was == other {
            continue;
        }
        let path = format!("{path}{}", String::from_utf8_lossy(name));
        match was {
            Some((FOLDER, was)) => {
                let folder = |entry: Option<&TreeEntry>| match entry {
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

/// Whether attributes in a tree say how the file at `path` merges.
pub(super) fn tells_how_to_merge(repository: &Repository, tree: &Tree<'_>, path: &str) -> bool {
    Path::new(path).ancestors().skip(1).any(|folder| {
        let file = tree.get_path(&folder.join(".gitattributes")).and_then(|entry| entry.to_object(repository));
        let blob = file.ok().and_then(|file| file.into_blob().ok());
        let within = Path::new(path).strip_prefix(folder).unwrap_or(Path::new(path));
        blob.is_some_and(|blob| is_told(blob.content(), &within.to_string_lossy()))
    })
}

/// Whether a file of attributes says how the file at `path`, relative to its folder, merges. A macro may be used anywhere.
fn is_told(attributes: &[u8], path: &str) -> bool {
    let name = path.rfind('/').map(|slash| slash + 1);
    gix::attrs::parse(attributes).filter_map(Result::ok).any(|(kind, mut assigned, _)| {
        let is_meant = match kind {
            gix::attrs::parse::Kind::Macro(_) => true,
            gix::attrs::parse::Kind::Pattern(pattern) => pattern.matches_repo_relative_path(
                path.into(),
                name,
                Some(false),
                gix::glob::pattern::Case::Sensitive,
                gix::glob::wildmatch::Mode::NO_MATCH_SLASH_LITERAL,
            ),
        };
        // `-merge` and `merge=union` say it alike: only without the attribute is a text merged as a text.
        is_meant && assigned.any(|assigned| assigned.is_ok_and(|assigned| assigned.name.as_str() == "merge"))
    })
}

#[cfg(test)]
mod tests {
    use super::is_told;

    #[test]
    fn only_what_attributes_mean_is_left_to_git() {
        let check = |attributes: &str, path: &str, expected| {
            assert_eq!(is_told(attributes.as_bytes(), path), expected, "{attributes} {path}");
        };
        check("CHANGES merge=union", "CHANGES", true);
        check("CHANGES merge=union", "docs/CHANGES", true);
        check("/CHANGES merge=union", "docs/CHANGES", false);
        check("CHANGES merge=union", "src/lib.rs", false);
        check("# merge\n*.rs text", "src/lib.rs", false);
        check("*.lock -merge text", "a/b.lock", true);
        check("src/** merge=ours", "src/deep/lib.rs", true);
        check("[attr]ours merge=ours\n*.rs ours", "lib.rs", true);
    }
}
