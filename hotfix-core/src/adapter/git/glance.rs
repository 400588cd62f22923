//! What a shell prompt can look at before every command: the branch and a cache, by reading a few small files. Nothing is
//! opened or listed, and nothing started but where refs have no files.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::port::{RefFormat, Repository, RepositoryFormat};

use super::child::{GitProgram, GitRun};
use super::convert::lossy;

/// More than a file has that says where something is.
const MOST_BYTES: u64 = 4_096;

/// What HEAD is said to name where refs are in tables.
const IN_TABLES: &str = "refs/heads/.invalid";

/// A prompt waits for nobody.
const PROMPT_DEADLINE: Duration = Duration::from_secs(2);

/// What is seen of a repository at a glance.
#[derive(Debug)]
pub struct Glance {
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// The cache of that name, as it was kept last.
    pub cache: Vec<u8>,
}

impl Glance {
    /// The branch that is checked out; absent where there is none.
    pub fn branch(&self) -> Option<String> {
        let head = small(&self.git_dir.join("HEAD"))?;
        let name = head.strip_prefix("ref: ")?;
        // There the file is the same for every branch.
        let named = if name == IN_TABLES { self.branch_in_tables()? } else { name.to_owned() };
        named.strip_prefix("refs/heads/").map(str::to_owned)
    }

    /// What HEAD names in reftable, which only git reads.
    fn branch_in_tables(&self) -> Option<String> {
        let layout = Repository {
            git_dir: self.git_dir.clone(),
            common_dir: self.common_dir.clone(),
            work_tree: None,
            is_shallow: false,
            format: RepositoryFormat { refs: RefFormat::Reftable, ..RepositoryFormat::default() },
        };
        let run = GitRun::new("see which branch is checked out", ["symbolic-ref", "--quiet", "HEAD"]).reading();
        let answer = GitProgram::new(&layout, false, None).run(&run.within_time(PROMPT_DEADLINE)).ok()?;
        answer.status.success().then(|| lossy(&answer.stdout).trim_end().to_owned())
    }
}

/// Looks at the repository of a folder; `None` where there is none, where it is somebody else's, or where nothing is kept.
pub fn glance(folder: &Path, cache: &str) -> Option<Glance> {
    // Absolute: git is started elsewhere.
    let git_dir = git_dir(folder)?.canonicalize().ok()?;
    // As git: what others put there is not for us. What is printed is no command, but it is in every prompt.
    let owner = git_dir.metadata().ok()?.uid();
    if owner != rustix::process::geteuid().as_raw() {
        return None;
    }
    let common_dir = small(&git_dir.join("commondir")).map_or_else(|| git_dir.clone(), |common| git_dir.join(common));
    let cache = std::fs::read(common_dir.join("hotfix").join(cache)).ok()?;
    Some(Glance { git_dir, common_dir, cache })
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
