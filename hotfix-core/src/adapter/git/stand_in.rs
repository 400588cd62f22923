//! What libgit2 opens in place of a repository whose refs it cannot read: a folder with no refs, and with the objects and
//! attributes of the repository by links. Whatever it reads and writes there is the repository's; only refs are none.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::port::Repository;

/// Makes one; it goes when this is dropped.
#[expect(clippy::disallowed_methods, reason = "the folder is of our own, and gone after this")]
pub(super) fn make(layout: &Repository) -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    fs::create_dir(path.join("refs"))?;
    // libgit2 knows a repository by `HEAD`, `objects` and `refs`; the branch need not exist.
    fs::write(path.join("HEAD"), "ref: refs/heads/none\n")?;
    fs::write(path.join("config"), config(layout))?;
    for shared in ["objects", "info"] {
        symlink(layout.common_dir.join(shared), path.join(shared))?;
    }
    Ok(folder)
}

fn config(layout: &Repository) -> String {
    let objects = layout.format.objects.name();
    let top = layout.work_tree.as_deref().map(quoted);
    // Attributes are read where files are checked out.
    let place = top.map_or_else(|| "\tbare = true\n".to_owned(), |top| format!("\tbare = false\n\tworktree = {top}\n"));
    format!("[core]\n\trepositoryFormatVersion = 1\n{place}[extensions]\n\tobjectFormat = {objects}\n")
}

/// A path as a value of git's configuration.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\""))
}
