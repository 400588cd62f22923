//! What is done by the git program: the work tree, the remotes, and commits by the user's settings.
//!
//! git 2.30 or newer. Names are full refs or object ids, answers are `-z` or porcelain.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::str::FromStr as _;

use crate::domain::ObjectId;
use crate::port::{
    ErrorKind, Expected, FileEdit, GitRead as _, GitWrite, Head, NewCommit, PortError, Push, PushError, RemoteRefs,
    SwitchTo, WorkTreeState,
};

use super::GitRepository;
use super::child::{LOCAL_DEADLINE, Run};
use super::convert::{failed, lossy};
use super::{answers, trouble};

/// The tree without files, which git knows without storing it.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

impl GitWrite for GitRepository {
    fn inspect_remote(&self, remote: &str, patterns: &[String]) -> Result<RemoteRefs, PortError> {
        let run =
            Run::new(format!("ask {remote} for its branches"), ["ls-remote", "--symref", "--end-of-options", remote])
                .arguments(["HEAD"])
                .arguments(patterns)
                .reading()
                .talking();
        let answer = self.git(&run)?;
        self.met_remote.set(true);
        Ok(answers::remote_refs(&answer, patterns))
    }

    fn fetch(&self, remote: &str, branches: &[String]) -> Result<(), PortError> {
        let run =
            Run::new(format!("fetch {} from {remote}", branches.join(", ")), ["fetch", "--no-tags", "--no-prune"])
                .arguments(["--no-write-fetch-head", "--no-recurse-submodules", "--quiet", "--end-of-options", remote])
                .arguments(branches.iter().map(|name| format!("+refs/heads/{name}:refs/remotes/{remote}/{name}")))
                .talking();
        self.git(&run).map(drop)
    }

    fn push(&self, push: &Push) -> Result<(), PushError> {
        self.push_now(push)
    }

    fn rehearse_push(&self, push: &Push) -> Result<(), PushError> {
        self.rehearse_push_now(push)
    }

    fn rehearse_signing(&self) -> Result<(), PortError> {
        let doing = "sign a commit";
        let objects = tempfile::tempdir().map_err(failed(doing))?;
        let run = Run::new(doing, ["commit-tree", "-S", "-m", "rehearsal", EMPTY_TREE])
            .variable("GIT_OBJECT_DIRECTORY", objects.path())
            .asking(LOCAL_DEADLINE);
        self.git(&run).map(drop)
    }

    fn version(&self) -> Result<String, PortError> {
        let answer = lossy(&self.git(&Run::new("ask git for its version", ["version"]).reading())?);
        let text = crate::domain::one_line(answer.trim());
        Ok(text.strip_prefix("git version ").unwrap_or(&text).to_owned())
    }

    fn switch(&self, worktree: Option<&Path>, to: &SwitchTo) -> Result<(), PortError> {
        let target: Vec<&str> = match to {
            SwitchTo::Branch(name) => vec!["--no-guess", checked_branch(name)?],
            SwitchTo::Commit(commit) => vec!["--detach", commit.as_str()],
            // Where HEAD is already, git need not compare the work tree; that is most of its time in a large one.
            SwitchTo::NewBranch { name, commit } if self.is_at(worktree, commit)? => {
                vec!["--no-track", "-c", checked_branch(name)?]
            }
            SwitchTo::NewBranch { name, commit } => {
                vec!["--no-track", "-c", checked_branch(name)?, commit.as_str()]
            }
        };
        self.top("switch branches")?;
        let run = Run::new(format!("switch to {}", target_name(to)), ["switch", "--quiet", "--no-overwrite-ignore"])
            .arguments(target)
            .running_hooks()
            .within(worktree);
        let was_there = self.has_switched(to)?;
        match self.git(&run) {
            // A hook that says no after a switch does not undo it.
            Err(_) if worktree.is_none() && !was_there && self.has_switched(to)? => Ok(()),
            other => other.map(drop),
        }
    }

    fn add_worktree(&self, path: &Path, branch: &str, commit: &ObjectId) -> Result<(), PortError> {
        let name = checked_branch(branch)?;
        // A branch that is there already was left by an attempt that came no further.
        let exists = self.commit_of_ref(&format!("refs/heads/{branch}"))?.as_ref() == Some(commit);
        let add = Run::new(format!("make a work tree at {}", path.display()), ["worktree", "add", "--quiet"]);
        let add = if exists {
            add.arguments(["--"]).arguments([path.as_os_str(), OsStr::new(name)])
        } else {
            add.arguments(["--no-track", "-b", name, "--"]).arguments([path.as_os_str(), OsStr::new(commit.as_str())])
        };
        match self.git(&add.running_hooks()) {
            // A hook that says no after it was made does not undo it.
            Err(_) if self.has_worktree(path, branch)? => Ok(()),
            other => other.map(drop),
        }
    }

    fn remove_worktree(&self, path: &Path) -> Result<(), PortError> {
        let run = Run::new(format!("remove the work tree at {}", path.display()), ["worktree", "remove", "--"])
            .arguments([path]);
        self.git(&run).map(drop)
    }

    fn fast_forward(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError> {
        let run = Run::new(format!("move the branch at {} forward", worktree.display()), ["merge", "--ff-only"])
            .arguments(["--no-autostash", "--no-overwrite-ignore", "--no-stat", "--quiet", commit.as_str()])
            .running_hooks()
            .within(Some(worktree));
        self.git(&run).map(drop)
    }

    fn update_ref(
        &self,
        full_name: &str,
        to: Option<&ObjectId>,
        expected: &Expected,
        why: &str,
    ) -> Result<(), PortError> {
        self.move_ref(full_name, to, expected, why)
    }

    fn commit(&self, commit: &NewCommit) -> Result<ObjectId, PortError> {
        let doing = "write the commit";
        // By a file: standard input is the terminal's, for pinentry.
        let mut message = tempfile::NamedTempFile::new().map_err(failed(doing))?;
        message.write_all(commit.message.as_bytes()).map_err(failed(doing))?;
        let signs = self.reads.config_snapshot().boolean("commit.gpgSign").unwrap_or_default();
        let author = commit.author.iter().flat_map(|author| {
            let date = format!("@{}", author.date); // Without the sign small numbers would be read as calendar dates.
            [
                ("GIT_AUTHOR_NAME", author.name.clone()),
                ("GIT_AUTHOR_EMAIL", author.email.clone()),
                ("GIT_AUTHOR_DATE", date),
            ]
        });
        let run = Run::new(doing, ["-c", "i18n.commitEncoding=UTF-8", "commit-tree"]);
        let run = author
            .fold(run, |run, (name, value)| run.variable(name, value))
            .arguments(signs.then_some("-S"))
            .arguments(commit.parents.iter().flat_map(|parent| ["-p", parent.as_str()]))
            .arguments([OsStr::new("-F"), message.path().as_os_str(), OsStr::new(commit.tree.as_str())])
            .asking(LOCAL_DEADLINE);
        object_id(&self.git(&run)?, doing)
    }

    fn edit_tree(&self, commit: &ObjectId, edits: &[FileEdit]) -> Result<ObjectId, PortError> {
        let fetching = ["ls-tree", "-r", "--name-only", commit.as_str()];
        self.with_missing_fetched(&fetching, || self.edited_tree(commit, edits))
    }

    fn lay_out(&self, path: &Path, tree: &ObjectId, base: &ObjectId) -> Result<(), PortError> {
        self.lay_out_at(path, tree, base)
    }

    fn stage(&self, paths: &[String]) -> Result<(), PortError> {
        self.top("stage files")?;
        let run =
            Run::new(format!("stage {}", paths.join(", ")), ["--literal-pathspecs", "add", "--"]).arguments(paths);
        self.git(&run).map(drop)
    }

    fn edit(&self, path: &str) -> Result<(), PortError> {
        let top = self.top("edit a file")?.to_owned();
        // git knows the user's editor, and starts it as it does for commit messages.
        let run =
            Run::new(format!("edit {path}"), ["-c", "alias.hotfix-edit=!eval \"$(git var GIT_EDITOR)\" '\"$@\"' #"])
                .arguments(["hotfix-edit"])
                .arguments([top.join(path)])
                .taking_the_screen();
        self.git(&run).map(drop)
    }

    fn commit_files(&self, paths: &[String], message: &str) -> Result<(), PortError> {
        let doing = format!("commit {}", paths.join(", "));
        self.stage(paths)?;
        let mut file = tempfile::NamedTempFile::new().map_err(failed(&doing))?;
        file.write_all(message.as_bytes()).map_err(failed(&doing))?;
        let run = Run::new(doing, ["--literal-pathspecs", "commit", "--quiet", "-F"])
            .arguments([file.path().as_os_str(), OsStr::new("--")])
            .arguments(paths)
            .running_hooks()
            .asking(LOCAL_DEADLINE);
        self.git(&run).map(drop)
    }

    fn amend(&self, paths: &[String]) -> Result<(), PortError> {
        self.stage(paths)?;
        let doing = format!("add {} to the last commit", paths.join(", "));
        let run = Run::new(doing, ["--literal-pathspecs", "commit", "--quiet", "--amend", "--no-edit", "--"])
            .arguments(paths)
            .asking(LOCAL_DEADLINE);
        self.git(&run).map(drop)
    }
}

impl GitRepository {
    /// Whether HEAD of our own work tree is at `commit`.
    fn is_at(&self, worktree: Option<&Path>, commit: &ObjectId) -> Result<bool, PortError> {
        Ok(worktree.is_none() && self.head()?.commit() == Some(commit))
    }

    /// What git printed; an error when it failed.
    pub(super) fn git(&self, run: &Run) -> Result<Vec<u8>, PortError> {
        let answer = self.program.run(run)?;
        if answer.status.success() { Ok(answer.stdout) } else { Err(trouble::error(run, &answer)) }
    }

    /// Submodules count when they are at another commit than recorded. What is uncommitted inside them does not: we
    /// never touch their work trees, and it would start a git in each of them.
    pub(super) fn status(&self) -> Result<WorkTreeState, PortError> {
        let doing = "read the state of the work tree";
        self.top(doing)?;
        let run = Run::new(doing, ["status", "--porcelain=v2", "-z", "--untracked-files=normal"])
            .arguments(["--ignore-submodules=dirty"])
            .reading();
        let stdout = self.git(&run)?;
        answers::status(&stdout)
            .ok_or_else(|| PortError::new(ErrorKind::Internal, doing, "git's answer cannot be read"))
    }

    /// The tree of the work tree's tracked files and these others, made in an index of our own.
    pub(super) fn snapshot(&self, others: &[String]) -> Result<ObjectId, PortError> {
        let doing = "write the tree of the work tree";
        let state = self.status()?;
        if let Some(path) = state.conflicted.first() {
            return Err(PortError::new(ErrorKind::Precondition, doing, format!("{path} has conflicts"))
                .hint("Resolve the conflicts first, and `git add` the files."));
        }
        let head = self.head()?;
        if let (true, Some(commit)) = (state.changed.is_empty() && others.is_empty(), head.commit()) {
            return self.tree_of(commit);
        }
        let folder = tempfile::tempdir().map_err(failed(doing))?;
        let index = folder.path().join("index");
        #[expect(clippy::disallowed_methods, reason = "the copy is in a folder of its own, and gone after this")]
        match std::fs::copy(self.place.git_dir.join("index"), &index) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(doing)(error)),
            Err(_) => {}
            Ok(_) => same_time(&self.place.git_dir.join("index"), &index).map_err(failed(doing))?,
        }
        let with_index = |arguments: &[&str]| Run::new(doing, arguments).variable("GIT_INDEX_FILE", &index);
        self.git(&with_index(&["add", "-u"]))?;
        if !others.is_empty() {
            self.git(&with_index(&["--literal-pathspecs", "add", "--"]).arguments(others))?;
        }
        object_id(&self.git(&with_index(&["write-tree"]))?, doing)
    }

    /// Lets git fetch the objects that `command` looks at. What it answers, and whether it fails, is of no interest.
    pub(super) fn fetch_missing(&self, command: &[&str]) -> Result<(), PortError> {
        self.program.run(&Run::new("fetch missing objects", command).reading().talking()).map(drop)
    }

    /// Whether a linked work tree at `path` has `branch` checked out: git removes one that it could not fill.
    fn has_worktree(&self, path: &Path, branch: &str) -> Result<bool, PortError> {
        let Ok(path) = path.canonicalize() else { return Ok(false) };
        let is_it = |tree: &crate::port::Worktree| {
            tree.branch.as_deref() == Some(branch) && tree.path.canonicalize().is_ok_and(|place| place == path)
        };
        Ok(self.worktrees()?.iter().any(is_it))
    }

    /// Whether HEAD is where a switch goes.
    fn has_switched(&self, to: &SwitchTo) -> Result<bool, PortError> {
        Ok(match (self.head()?, to) {
            (Head::Branch { name, .. }, SwitchTo::Branch(wanted) | SwitchTo::NewBranch { name: wanted, .. }) => {
                name == *wanted
            }
            (Head::Detached { commit }, SwitchTo::Commit(wanted)) => commit == *wanted,
            _ => false,
        })
    }
}

fn target_name(to: &SwitchTo) -> &str {
    match to {
        SwitchTo::Branch(name) | SwitchTo::NewBranch { name, .. } => name,
        SwitchTo::Commit(commit) => commit.short(),
    }
}

/// Gives a copy of an index the time of the original: by it git tells which files may have changed right after it was
/// written, and takes a second look at them.
fn same_time(original: &Path, copy: &Path) -> std::io::Result<()> {
    let written = std::fs::metadata(original)?.modified()?;
    std::fs::File::open(copy)?.set_modified(written)
}

/// A name that git cannot take for an option, `@{-1}` or a path.
fn checked_branch(name: &str) -> Result<&str, PortError> {
    let is_plain =
        !name.starts_with('-') && gix::validate::reference::name(format!("refs/heads/{name}").as_str().into()).is_ok();
    if is_plain {
        Ok(name)
    } else {
        Err(PortError::new(
            ErrorKind::Precondition,
            format!("use `{name}` as a branch"),
            "git has no branch of such a name",
        ))
    }
}

pub(super) fn object_id(stdout: &[u8], doing: &str) -> Result<ObjectId, PortError> {
    ObjectId::from_str(lossy(stdout).trim()).map_err(failed(doing))
}
