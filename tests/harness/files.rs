//! Folders, copied without a process.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Copies a folder and what is in it, with links as links; what is there already stays.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is ours");
    for entry in fs::read_dir(from).expect("it can be read") {
        let entry = entry.expect("it can be read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().expect("it can be read");
        if kind.is_dir() {
            copy_folder(&from, &to);
        } else if to.symlink_metadata().is_ok() {
            continue;
        } else if kind.is_symlink() {
            symlink(fs::read_link(from).expect("it is a link"), to).expect("the folder is ours");
        } else {
            fs::copy(from, to).expect("the folder is ours");
        }
    }
}
