//! Where manual pages go, so that `man` finds them without being told.

use std::path::{Path, PathBuf};

use crate::port::{ErrorKind, FilesWrite as _, PortError};

use super::{WorkTreeFiles, environment};

/// The folder of manual pages beside this program (`<prefix>/bin/program`, `<prefix>/share/man/man1`) if it can be
/// written, else the person's own; `None` without a home.
pub fn folder() -> Option<PathBuf> {
    beside_program().filter(|folder| can_write(folder)).or_else(own)
}

/// The folders that `MANPATH` would have to name, where [`folder`] may have put pages.
pub fn manpath() -> Vec<PathBuf> {
    let pages = [beside_program(), own()].into_iter().flatten();
    pages.filter_map(|pages| pages.parent().map(Path::to_owned)).collect()
}

fn beside_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent().filter(|folder| folder.ends_with("bin"))?;
    Some(folder.parent()?.join("share/man/man1"))
}

fn own() -> Option<PathBuf> {
    let absolute = |name| environment::variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))?;
    Some(data.join("man/man1"))
}

fn can_write(folder: &Path) -> bool {
    let Ok((top, below)) = deepest_there(folder) else { return false };
    // A page is tried, not the folder: it may be there and belong to root.
    let page = below.join("git-hotfix.1");
    page.to_str().is_some_and(|page| WorkTreeFiles::new(top).check_writable(page).is_ok())
}

/// The deepest folder on the way to `folder` that is there, without symbolic links, and the rest of the way.
///
/// # Errors
/// When none is there.
pub fn deepest_there(folder: &Path) -> Result<(PathBuf, PathBuf), PortError> {
    let doing = || format!("find the folder {}", folder.display());
    let absolute =
        std::path::absolute(folder).map_err(|error| PortError::new(ErrorKind::Precondition, doing(), error))?;
    for there in absolute.ancestors() {
        // The files port follows no link, and `/usr/local` is one on many machines.
        if let Ok(top) = there.canonicalize() {
            let below = absolute.strip_prefix(there).expect("it is an ancestor").to_owned();
            return Ok((top, below));
        }
    }
    Err(PortError::new(ErrorKind::Precondition, doing(), "no folder on the way is there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_as_far_as_it_is_there() {
        let there = tempfile::tempdir().unwrap();
        let top = there.path().canonicalize().unwrap();
        let (found, below) = deepest_there(&top.join("share/man/man1")).unwrap();
        assert_eq!((found, below), (top.clone(), PathBuf::from("share/man/man1")));
        assert_eq!(deepest_there(&top).unwrap(), (top, PathBuf::new()));
    }
}
