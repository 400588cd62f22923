//! Which files of a repository a stack trace names: built, deployed and bundled files have other folders than ours.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::domain::Frame;

use super::foreign;

/// A line of the repository that a stack trace names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The file, relative to the top.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The function, where the trace names it.
    pub function: Option<String>,
}

/// Finds the files that `frames` name among `paths`, in the order of the frames, each line once. Where several files
/// could be meant, none is.
pub fn locate(frames: &[Frame], paths: &[String]) -> Vec<Located> {
    let files = RepositoryFiles::of(paths);
    let mut located: Vec<Located> = Vec::new();
    let mut known = HashSet::new();
    for frame in frames {
        // A wrong file costs more at night than none.
        let Some(path) = files.find(&frame.file) else { continue };
        if known.insert((path, frame.line)) {
            located.push(Located { path: path.to_owned(), line: frame.line, function: frame.function.clone() });
        }
    }
    located
}

/// The files of a repository, by their names without folders.
pub(super) struct RepositoryFiles<'p> {
    by_name: HashMap<&'p str, Vec<&'p str>>,
}

impl<'p> RepositoryFiles<'p> {
    pub(super) fn of(paths: &'p [String]) -> Self {
        let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
        for path in paths {
            by_name.entry(name(path)).or_default().push(path);
        }
        Self { by_name }
    }

    /// The path that shares most of its end with a frame's file: all of one of the two, or at least the file and its
    /// folder, and of what was installed as a library all of it.
    pub(super) fn find(&self, file: &str) -> Option<&'p str> {
        let candidates = self.by_name.get(name(file))?;
        let shared = |path: &str| parts(file).zip(parts(path)).take_while(|(theirs, ours)| theirs == ours).count();
        let is_whole = |path: &str, shared: usize| shared == parts(path).count() || shared == parts(file).count();
        let wanted = wanted(file);
        let mut fitting: Vec<(usize, &str)> = candidates
            .iter()
            .map(|path| (shared(path), *path))
            .filter(|(shared, path)| *shared >= wanted || wanted == 2 && *shared == 1 && is_enough(file, path))
            .collect();
        // Of equally good ones the shorter path: the whole of it was matched.
        fitting.sort_by_key(|(shared, path)| (Reverse(*shared), parts(path).count()));
        match fitting.as_slice() {
            [] => None,
            [(_, only)] => Some(only),
            [(first, path), (second, _), ..] => {
                // Two packages may each have a `src/index.js`.
                let is_clear = first > second || (is_whole(path, *first) && parts(path).count() == *first);
                is_clear.then_some(path)
            }
        }
    }
}

/// How many parts of its path a file must have in common with one of ours.
fn wanted(file: &str) -> usize {
    let all = parts(file).count();
    match foreign::parts_in_common(file) {
        Some(parts) => parts,
        // The folders are those of the package, and whole.
        None if file.ends_with(".java") && !file.starts_with('/') => all,
        None => all.min(2),
    }
}

/// Whether the name alone is enough: ours lies at the top, and what stands before it is where it was put.
fn is_enough(file: &str, path: &str) -> bool {
    let first = parts(file).last().unwrap_or_default();
    let is_module = file.ends_with(".go") && first.contains('.');
    !path.contains('/') && (file.starts_with('/') || first.ends_with(':') || is_module)
}

/// The parts of a path from its end.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit('/').filter(|part| !part.is_empty() && *part != ".")
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
