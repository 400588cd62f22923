//! Repositories as several git commands make them, kept in memory: another one is written without a process.

use std::fs::{self, Permissions};
use std::path::{Path, PathBuf};

/// Where git names a folder: the address of a remote, and what was cloned or fetched from it.
fn names_folders(path: &Path) -> bool {
    path.ends_with(".git/config") || path.ends_with(".git/FETCH_HEAD") || path.iter().any(|part| part == "logs")
}

/// What lay in a folder.
pub(crate) struct Template {
    root: String,
    /// By their paths, a folder before what is in it.
    entries: Vec<(PathBuf, Entry)>,
}

enum Entry {
    Folder,
    File(Permissions, Vec<u8>),
}

impl Template {
    /// Reads these files of a folder, and what is in these folders of it.
    pub(crate) fn of<'a>(root: &Path, parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut template = Self { root: root.to_string_lossy().into_owned(), entries: Vec::new() };
        parts.into_iter().for_each(|part| template.add(root, Path::new(part)));
        template
    }

    fn add(&mut self, root: &Path, path: &Path) {
        let full = root.join(path);
        let permissions = fs::symlink_metadata(&full).expect("it is there").permissions();
        if !full.is_dir() {
            let content = fs::read(&full).expect("it can be read");
            return self.entries.push((path.to_owned(), Entry::File(permissions, content)));
        }
        self.entries.push((path.to_owned(), Entry::Folder));
        for entry in fs::read_dir(full).expect("it can be read") {
            self.add(root, &path.join(entry.expect("it can be read").file_name()));
        }
    }

    /// Writes it all into another folder.
    pub(crate) fn write(&self, root: &Path) {
        for (path, entry) in &self.entries {
            let full = root.join(path);
            match entry {
                Entry::Folder => fs::create_dir_all(full).expect("the folder is ours"),
                Entry::File(permissions, content) => {
                    fs::write(&full, self.moved(path, content, root)).expect("the folder is ours");
                    fs::set_permissions(&full, permissions.clone()).expect("the file is ours");
                }
            }
        }
    }

    /// Nothing but what is moved with it names its folder.
    pub(crate) fn assert_movable(&self) {
        for (path, entry) in &self.entries {
            let Entry::File(_, content) = entry else { continue };
            let names_root = content.windows(self.root.len()).any(|part| part == self.root.as_bytes());
            assert!(!names_root || names_folders(path), "{} names its folder", path.display());
        }
    }

    /// Whether these files of a folder are still as it would write them.
    pub(crate) fn still_has(&self, root: &Path, files: &[&str]) -> bool {
        files.iter().all(|file| {
            let kept = self.entries.iter().find_map(|(path, entry)| match entry {
                Entry::File(_, content) if path == Path::new(file) => Some(self.moved(path, content, root)),
                _ => None,
            });
            kept.is_some() && fs::read(root.join(file)).ok() == kept
        })
    }

    fn moved(&self, path: &Path, content: &[u8], root: &Path) -> Vec<u8> {
        if !names_folders(path) {
            return content.to_vec();
        }
        String::from_utf8_lossy(content).replace(&self.root, &root.to_string_lossy()).into_bytes()
    }
}
