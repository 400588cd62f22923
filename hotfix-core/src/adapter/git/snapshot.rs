//! The tree of what is in the work tree, made by git in an index of our own.

use std::path::Path;

use crate::domain::ObjectId;
use crate::port::{ErrorKind, HistoryRead as _, PortError, RepositoryRead as _, WorktreeRead as _};

use super::GitRepository;
use super::child::GitRun;
use super::convert::{failed, object_id};

/// The tree of the work tree's tracked files and these others, made in an index of our own.
pub(super) fn take(git: &GitRepository, others: &[String]) -> Result<ObjectId, PortError> {
    let doing = "write the tree of the work tree";
    let state = git.work_tree_state()?;
    if let Some(path) = state.conflicted.first() {
        return Err(PortError::new(ErrorKind::Precondition, doing, format!("{path} has conflicts"))
            .hint("Resolve the conflicts first, and `git add` the files."));
    }
    let head = git.head()?;
    // Most often nothing is changed, and the tree is there already.
    if let (true, Some(commit)) = (state.changed.is_empty() && others.is_empty(), head.commit()) {
        return git.tree_of(commit);
    }
    let folder = tempfile::tempdir().map_err(failed(doing))?;
    let index = folder.path().join("index");
    #[expect(clippy::disallowed_methods, reason = "the copy is in a folder of its own, and gone after this")]
    // A copy: without what it knows of unchanged files git would read all of them.
    match std::fs::copy(git.layout.git_dir.join("index"), &index) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(doing)(error)),
        Err(_) => {}
        Ok(_) => same_time(&git.layout.git_dir.join("index"), &index).map_err(failed(doing))?,
    }
    let with_index = |arguments: &[&str]| GitRun::new(doing, arguments).variable("GIT_INDEX_FILE", &index);
    git.output(&with_index(&["add", "-u"]))?;
    if !others.is_empty() {
        // A name may look like a pattern, `[id].ts` for example.
        git.output(&with_index(&["--literal-pathspecs", "add", "--"]).arguments(others))?;
    }
    object_id(&git.output(&with_index(&["write-tree"]))?, doing)
}

/// Gives a copy of an index the time of the original: by it git tells which files may have changed right after it was
/// written, and takes a second look at them.
fn same_time(original: &Path, copy: &Path) -> std::io::Result<()> {
    let written = std::fs::metadata(original)?.modified()?;
    std::fs::File::open(copy)?.set_modified(written)
}
