//! What a shell prompt can look at before every command: the branch and a cache, by reading a few small files. Nothing is
//! opened, listed or started.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// More than a file has that says where something is.
const MOST_BYTES: u64 = 4_096;

/// What is seen of a repository at a glance.
#[derive(Debug)]
pub struct Glance {
    /// The branch that is checked out; absent where there is none, or where refs have no files.
    pub branch: Option<String>,
    /// The cache of that name, as it was kept last.
    pub cache: Vec<u8>,
}

/// Looks at the repository of a folder; `None` where there is none, where it is somebody else's, or where nothing is kept.
pub fn glance(folder: &Path, cache: &str) -> Option<Glance> {
    let git_dir = git_dir(folder)?;
    // As git: what others put there is not for us. What is printed is no command, but it is in every prompt.
    let owner = git_dir.metadata().ok()?.uid();
    if owner != rustix::process::geteuid().as_raw() {
        return None;
    }
    let common = small(&git_dir.join("commondir")).map_or_else(|| git_dir.clone(), |common| git_dir.join(common));
    let cache = std::fs::read(common.join("hotfix").join(cache)).ok()?;
    let branch = small(&git_dir.join("HEAD"))?.strip_prefix("ref: refs/heads/").map(str::to_owned);
    Some(Glance { branch: branch.filter(|branch| branch != ".invalid"), cache })
}

/// The git directory of this folder, or of one above it.
fn git_dir(folder: &Path) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where git leads us, as everywhere else")]
    if let Some(named) = std::env::var_os("GIT_DIR") {
        return Some(folder.join(named));
    }
    let folder = folder.canonicalize().ok()?;
    folder.ancestors().find_map(|folder| {
        let path = folder.join(".git");
        let kind = path.metadata().ok()?;
        if kind.is_dir() {
            return Some(path);
        }
        // A linked work tree, or a submodule.
        Some(folder.join(small(&path)?.strip_prefix("gitdir: ")?))
    })
}

/// The one line of a file.
fn small(path: &Path) -> Option<String> {
    let is_small = path.metadata().is_ok_and(|found| found.is_file() && found.len() <= MOST_BYTES);
    let text = if is_small { std::fs::read_to_string(path).ok() } else { None };
    text.map(|text| text.trim_end().to_owned())
}
