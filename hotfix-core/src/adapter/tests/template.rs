//! Repositories as several git commands make them, kept in memory: another one is written without a process.

use std::fs::{self, Permissions};
use std::path::{Path, PathBuf};

use super::sandbox::Clone;

/// A file; `None` is a folder.
type TemplateFile = Option<(Permissions, Vec<u8>)>;

/// What lay in a folder: by its path a folder, before what is in it, or a file.
pub(crate) struct RepositoryTemplate(Vec<(PathBuf, TemplateFile)>);

impl RepositoryTemplate {
    pub(crate) fn of(clone: &Clone) -> Self {
        let mut template = Self(Vec::new());
        template.add(&clone.path, Path::new(""));
        template
    }

    fn add(&mut self, root: &Path, path: &Path) {
        let full = root.join(path);
        if !full.is_dir() {
            let permissions = fs::metadata(&full).unwrap().permissions();
            return self.0.push((path.to_owned(), Some((permissions, fs::read(&full).unwrap()))));
        }
        self.0.push((path.to_owned(), None));
        for entry in fs::read_dir(full).unwrap() {
            self.add(root, &path.join(entry.unwrap().file_name()));
        }
    }

    /// Writes it all to a new folder.
    pub(crate) fn write(&self, root: &Path) {
        for (path, file) in &self.0 {
            let full = root.join(path);
            match file {
                None => fs::create_dir(full).unwrap(),
                Some((permissions, content)) => {
                    fs::write(&full, content).unwrap();
                    fs::set_permissions(&full, permissions.clone()).unwrap();
                }
            }
        }
    }
}
