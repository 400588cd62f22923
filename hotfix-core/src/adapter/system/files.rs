//! Files of a work tree: read and replaced without ever leaving it, following a link, or tearing one.

use std::path::{Component, Path, PathBuf};

use crate::adapter::stamp::Stamp;
use crate::port::{ErrorKind, FilesRead, FilesWrite, PortError};

use super::folder::{FileProblem, Folder, LARGEST};

/// The files of the work tree at a top folder.
#[derive(Debug, Clone)]
pub struct WorkTreeFiles {
    top: PathBuf,
    stamp: Stamp,
}

impl WorkTreeFiles {
    /// The files under `top`, which must exist and may itself lie behind symbolic links.
    pub fn new(top: PathBuf) -> Self {
        Self { top, stamp: Stamp::default() }
    }

    /// The same; that a file was written is counted there.
    #[cfg(feature = "workflow")]
    pub(in crate::adapter) fn stamping(self, stamp: Stamp) -> Self {
        Self { stamp, ..self }
    }

    fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, FileProblem> {
        let target = RelativePath::parse(path)?;
        let way = OpenFolders::walk(&self.top, &target)?;
        let Some(folder) = way.end() else { return Ok(None) };
        Ok(folder.read(target.name)?.map(|stored| stored.bytes))
    }

    /// `meanwhile` runs when the new content is on the disk and before the original is checked a second time.
    fn replace(
        &self,
        path: &str,
        expected: Option<&[u8]>,
        content: &[u8],
        meanwhile: impl FnOnce(),
    ) -> Result<(), FileProblem> {
        if content.len() > LARGEST {
            return Err(FileProblem::TooLarge);
        }
        let target = RelativePath::parse(path)?;
        let mut way = OpenFolders::walk(&self.top, &target)?;
        let already_there = way.folders.len();
        let result = way.make_rest().and_then(|folder| {
            let original = folder.read(target.name)?;
            // An editor may have saved since the plan was shown; its text is nobody's to overwrite.
            if original.as_ref().map(|stored| stored.bytes.as_slice()) != expected {
                return Err(FileProblem::Changed);
            }
            let temporary = folder.write_temporary(content, original.as_ref())?;
            meanwhile();
            // Once more: writing and syncing take long enough for a save in between.
            if folder.read(target.name)?.map(|stored| stored.bytes).as_deref() != expected {
                return Err(FileProblem::Changed);
            }
            temporary.rename_to(target.name)
        });
        if result.is_err() {
            // A failed write leaves no folders behind that only it needed.
            way.remove_empty(already_there);
        }
        result
    }

    fn check_target(&self, path: &str) -> Result<(), FileProblem> {
        let target = RelativePath::parse(path)?;
        let way = OpenFolders::walk(&self.top, &target)?;
        if let Some(folder) = way.end() {
            // A link or a pipe at the end is found before anything is promised.
            folder.read(target.name)?;
        }
        way.deepest().check_writable()
    }

    fn remove_file(&self, path: &str, expected: &[u8]) -> Result<(), FileProblem> {
        let target = RelativePath::parse(path)?;
        let way = OpenFolders::walk(&self.top, &target)?;
        let folder = way.end().ok_or(FileProblem::Changed)?;
        if folder.read(target.name)?.map(|stored| stored.bytes).as_deref() != Some(expected) {
            return Err(FileProblem::Changed);
        }
        folder.remove_file(target.name)?;
        way.remove_empty(1);
        Ok(())
    }
}

impl FilesRead for WorkTreeFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.read_file(path).map_err(|problem| failure("read", path, problem))
    }

    fn is_linked(&self, path: &str) -> bool {
        // Parsed: no `..` and no `.git` are looked up.
        RelativePath::parse(path).is_ok() && std::fs::metadata(self.top.join(path)).is_ok_and(|there| there.is_file())
    }

    fn is_vacant(&self, path: &Path) -> bool {
        match std::fs::symlink_metadata(path) {
            // `git worktree add` takes an empty folder, and nothing else that is there.
            Ok(there) if there.is_dir() => std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none()),
            Ok(_) => false,
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        }
    }
}

impl FilesWrite for WorkTreeFiles {
    fn write(&self, path: &str, expected: Option<&[u8]>, content: &[u8]) -> Result<(), PortError> {
        self.stamp.disturbed();
        self.replace(path, expected, content, || ()).map_err(|problem| failure("write", path, problem))
    }

    fn check_writable(&self, path: &str) -> Result<(), PortError> {
        self.check_target(path).map_err(|problem| failure("write", path, problem))
    }

    fn remove(&self, path: &str, expected: &[u8]) -> Result<(), PortError> {
        self.stamp.disturbed();
        self.remove_file(path, expected).map_err(|problem| failure("remove", path, problem))
    }
}

fn failure(verb: &str, path: &str, problem: FileProblem) -> PortError {
    use std::io::ErrorKind as Io;
    let kind = match &problem {
        FileProblem::Changed => ErrorKind::Retry,
        FileProblem::Io(error) => match error.kind() {
            Io::PermissionDenied
            | Io::ReadOnlyFilesystem
            | Io::StorageFull
            | Io::QuotaExceeded
            | Io::NotFound
            // Names that the file system refuses: too long, or with a NUL byte.
            | Io::InvalidInput
            | Io::InvalidFilename => ErrorKind::Precondition,
            _ => ErrorKind::Internal,
        },
        _ => ErrorKind::Precondition,
    };
    PortError::new(kind, format!("{verb} `{path}`"), problem)
}

/// A path inside the work tree, in its parts.
struct RelativePath<'a> {
    folders: Vec<&'a str>,
    name: &'a str,
}

impl<'a> RelativePath<'a> {
    fn parse(path: &'a str) -> Result<Self, FileProblem> {
        let mut folders = Vec::new();
        for component in Path::new(path).components() {
            match component {
                Component::Normal(name) => folders.push(name.to_str().ok_or(FileProblem::Outside)?),
                Component::CurDir => {}
                // A document's path comes from hotfix.toml, which a pull request may change.
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(FileProblem::Outside),
            }
        }
        // git on Windows takes a backslash for a separator (CVE-2019-1354).
        if folders.iter().any(|name| name.split('\\').any(is_git_folder)) {
            return Err(FileProblem::GitFolder);
        }
        let name = folders.pop().ok_or(FileProblem::Outside)?;
        Ok(Self { folders, name })
    }
}

/// Whether some file system takes the name for `.git`: in any case, in its short form, with trailing dots and blanks or
/// a stream's name (Windows), with characters that are ignored (macOS).
fn is_git_folder(name: &str) -> bool {
    // HFS+ drops these when it compares names (CVE-2014-9390).
    let visible: String = name.chars().filter(|c| !is_ignored_by_hfs(*c)).collect();
    let stem = visible.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    stem.eq_ignore_ascii_case(".git") || stem.eq_ignore_ascii_case("git~1")
}

fn is_ignored_by_hfs(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// The folders from the top down to a file's, as far as they are there.
struct OpenFolders<'a> {
    names: &'a [&'a str],
    /// One more than names entered: the first is the top.
    folders: Vec<Folder>,
}

impl<'a> OpenFolders<'a> {
    fn walk(top: &Path, target: &'a RelativePath<'_>) -> Result<Self, FileProblem> {
        let mut way = Self { names: &target.folders, folders: vec![Folder::open(top)?] };
        for name in way.names {
            let Some(next) = way.deepest().enter(name)? else { break };
            way.folders.push(next);
        }
        Ok(way)
    }

    fn deepest(&self) -> &Folder {
        self.folders.last().expect("the top is always there")
    }

    /// The file's folder; `None` where it is not there.
    fn end(&self) -> Option<&Folder> {
        (self.folders.len() > self.names.len()).then(|| self.deepest())
    }

    /// Makes the folders that are missing; the file's folder.
    fn make_rest(&mut self) -> Result<&Folder, FileProblem> {
        for name in self.names.iter().skip(self.folders.len() - 1) {
            self.deepest().make(name)?;
            // Entered, not trusted: between the two calls it may have become a link.
            let made = self.deepest().enter(name)?.ok_or(FileProblem::Changed)?;
            self.folders.push(made);
        }
        Ok(self.deepest())
    }

    /// Removes folders from the deepest up while they are empty; the first `keep`, the top counted, stay.
    fn remove_empty(&self, keep: usize) {
        let pairs = self.folders.iter().zip(self.names).skip(keep.saturating_sub(1));
        for (parent, name) in pairs.collect::<Vec<_>>().into_iter().rev() {
            if !parent.remove_if_empty(name) {
                return;
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at the disk behind the adapter's back")]
mod tests;
