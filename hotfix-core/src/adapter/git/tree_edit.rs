//! Trees with files changed, made in the object store.

use std::path::Path;

use crate::domain::ObjectId;
use crate::port::{ErrorKind, PortError, TreeEdit};

use super::convert::{failed, from_git2, oid, to_gix};
use super::{GitRepository, trouble};

/// The tree of `base` with `edits` made.
pub(super) fn edited(git: &GitRepository, base: &ObjectId, edits: &[TreeEdit]) -> Result<ObjectId, PortError> {
    let doing = || format!("write files into the tree of {}", base.short());
    git.keep(base)?;
    let durable = git.durable()?;
    let repository = &durable.repository;
    let tree = oid(base).and_then(|id| repository.find_object(id, None)).and_then(|found| found.peel_to_tree());
    let tree = tree.map_err(failed(doing()))?;
    let mut update = git2::build::TreeUpdateBuilder::new();
    for edit in edits {
        match edit {
            TreeEdit::Take { path, from } => match git.keep(from).and_then(|()| entry(git, from, path))? {
                Some((id, mode)) => drop(update.upsert(path.as_str(), id, mode)),
                // libgit2 fails on the removal of what is not there.
                None if has(&tree, path) => drop(update.remove(path.as_str())),
                None => {}
            },
            TreeEdit::Write(edit) => {
                let mode = mode_for(repository, &tree, &edit.path)
                    .map_err(|why| PortError::new(ErrorKind::Precondition, format!("write {}", edit.path), why))?;
                let blob = repository.blob(&edit.content).map_err(|error| trouble::unwritten(doing(), error))?;
                update.upsert(edit.path.as_str(), blob, mode);
            }
            TreeEdit::Overwrite(edit) => {
                let blob = repository.blob(&edit.content).map_err(|error| trouble::unwritten(doing(), error))?;
                let mode = tree.get_path(Path::new(&edit.path)).map_or(0o100_644, |entry| entry.filemode());
                let mode = if mode == 0o100_755 { git2::FileMode::BlobExecutable } else { git2::FileMode::Blob };
                update.upsert(edit.path.as_str(), blob, mode);
            }
            TreeEdit::Remove { path } if has(&tree, path) => drop(update.remove(path.as_str())),
            TreeEdit::Remove { .. } => {}
        }
    }
    update.create_updated(repository, &tree).map(from_git2).map_err(|error| trouble::unwritten(doing(), error))
}

/// What a tree has at a path.
fn entry(git: &GitRepository, tree: &ObjectId, path: &str) -> Result<Option<(git2::Oid, git2::FileMode)>, PortError> {
    let doing = || format!("read {path} of {}", tree.short());
    let object = git.reads.find_object(to_gix(git, tree)?).map_err(|error| git.unreadable(doing(), error))?;
    let tree = object.peel_to_tree().map_err(|error| git.unreadable(doing(), error))?;
    let entry = tree.lookup_entry_by_path(path).map_err(|error| git.unreadable(doing(), error))?;
    let Some(entry) = entry else { return Ok(None) };
    let mode = match entry.mode().kind() {
        gix::objs::tree::EntryKind::Blob => git2::FileMode::Blob,
        gix::objs::tree::EntryKind::BlobExecutable => git2::FileMode::BlobExecutable,
        gix::objs::tree::EntryKind::Link => git2::FileMode::Link,
        gix::objs::tree::EntryKind::Commit => git2::FileMode::Commit,
        gix::objs::tree::EntryKind::Tree => git2::FileMode::Tree,
    };
    let id = git2::Oid::from_bytes(entry.object_id().as_bytes()).map_err(failed(doing()))?;
    Ok(Some((id, mode)))
}

fn has(tree: &git2::Tree<'_>, path: &str) -> bool {
    tree.get_path(Path::new(path)).is_ok()
}

/// The mode that the file at `path` keeps or gets, or why it cannot be written there.
fn mode_for(repository: &git2::Repository, tree: &git2::Tree<'_>, path: &str) -> Result<git2::FileMode, String> {
    let mut folder = Some(tree.clone());
    let mut components = path.split('/').peekable();
    while let Some(name) = components.next() {
        // A tree may hold any name; checked out, such a one would write outside, or into `.git`.
        if matches!(name, "" | "." | "..") || name.eq_ignore_ascii_case(".git") {
            return Err("it is no path inside the repository".to_owned());
        }
        let entry = folder.as_ref().and_then(|folder| folder.get_name(name));
        let is_last = components.peek().is_none();
        match entry.map(|entry| (entry.filemode(), entry.id())) {
            None => folder = None,
            Some((0o100_755, _)) if is_last => return Ok(git2::FileMode::BlobExecutable),
            Some((0o100_644 | 0o100_664, _)) if is_last => return Ok(git2::FileMode::Blob),
            Some((0o040_000, id)) if !is_last => {
                folder = Some(repository.find_tree(id).map_err(|error| error.message().to_owned())?);
            }
            // Written through a link, the file would land wherever that leads.
            Some((0o120_000, _)) => return Err(format!("`{name}` is a symbolic link")),
            Some((0o160_000, _)) => return Err(format!("`{name}` is a submodule")),
            Some((0o040_000, _)) => return Err(format!("`{name}` is a folder")),
            Some(_) => return Err(format!("`{name}` is a file")),
        }
    }
    Ok(git2::FileMode::Blob)
}
