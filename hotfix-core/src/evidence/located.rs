//! Which files of a repository a stack trace names: built, deployed and bundled files have other folders than ours.

use std::collections::HashMap;

use crate::domain::Frame;

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
    let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
    for path in paths {
        by_name.entry(name(path)).or_default().push(path);
    }
    let mut located: Vec<Located> = Vec::new();
    for frame in frames {
        let candidates = by_name.get(name(&frame.file)).map(Vec::as_slice).unwrap_or_default();
        // A wrong file costs more at night than none.
        let Some(path) = best(&frame.file, candidates) else { continue };
        if located.iter().all(|known| known.path != path || known.line != frame.line) {
            located.push(Located { path: path.to_owned(), line: frame.line, function: frame.function.clone() });
        }
    }
    located
}

/// The path that shares most of its end with the frame's: all of one of the two, or at least the file and its folder.
fn best<'p>(file: &str, candidates: &[&'p str]) -> Option<&'p str> {
    let shared = |path: &str| parts(file).zip(parts(path)).take_while(|(ours, theirs)| ours == theirs).count();
    let is_whole = |path: &str, shared: usize| shared == parts(path).count() || shared == parts(file).count();
    let fitting = candidates.iter().map(|path| (shared(path), *path));
    let mut fitting: Vec<(usize, &str)> =
        fitting.filter(|(shared, path)| *shared >= 2 || is_whole(path, *shared)).collect();
    // Of equally good ones the shorter path: the whole of it was matched.
    fitting.sort_by_key(|(shared, path)| (std::cmp::Reverse(*shared), parts(path).count()));
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

/// The parts of a path from its end.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit('/').filter(|part| !part.is_empty() && *part != ".")
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
