//! What is in work trees, and what is checked out, read by the git program: it knows the index, filters and ignored files.

use std::path::{Path, PathBuf};

use crate::port::{
    CutSwitch, ErrorKind, IgnoredEntry, Operation, PortError, RepositoryRead as _, Unfinished, WorkTreeState, Worktree,
    WorktreeRead,
};

use super::child::GitRun;
use super::convert::{failed, lossy};
use super::half_made::{self, HalfMade};
use super::seen::WorkTreeLook;
use super::switch_intent::SwitchPlace;
use super::{GitRepository, answers, cut_switch, submodules};

/// So many folders that are ignored as a whole are looked into.
const MOST_FOLDERS: usize = 50;

impl WorktreeRead for GitRepository {
    fn worktrees(&self) -> Result<Vec<Worktree>, PortError> {
        let doing = "list the work trees";
        let main = self.reads.main_repo().map_err(failed(doing))?;
        let mut found: Vec<(PathBuf, PathBuf)> = Vec::new();
        found.extend(main.workdir().map(|path| (path.to_owned(), main.git_dir().to_owned())));
        for proxy in self.reads.worktrees().map_err(failed(doing))? {
            // One whose folder cannot be told is of no use to anybody.
            found.extend(proxy.base().ok().map(|base| (base, proxy.git_dir().to_owned())));
        }
        Ok(found.into_iter().map(|(path, git_dir)| worktree(self, path, &git_dir)).collect())
    }

    fn operation_in_progress(&self) -> Result<Option<Operation>, PortError> {
        use gix::state::InProgress as State;
        Ok(match self.reads.state() {
            Some(State::ApplyMailbox) => Some(Operation::Am),
            Some(State::ApplyMailboxRebase | State::Rebase | State::RebaseInteractive) => Some(Operation::Rebase),
            Some(State::Merge) => Some(Operation::Merge),
            // What names the commit that is picked is a ref of its own.
            state => self.refs.pick_in_progress(self)?.or_else(|| state.map(|_| Operation::Bisect)),
        })
    }

    fn cut_switch(&self) -> Result<Option<CutSwitch>, PortError> {
        // A bare repository has no work tree to switch in.
        if self.layout.work_tree.is_none() {
            return Ok(None);
        }
        cut_switch::look(self, &SwitchPlace::of(self, None)?)
    }

    /// Submodules count when they are at another commit than recorded. What is uncommitted inside them does not: we
    /// never touch their work trees, and it would start a git in each of them.
    fn work_tree_state(&self) -> Result<WorkTreeState, PortError> {
        match self.seen.look(self.head()?.commit()) {
            Some(seen) => Ok(seen.state),
            None => Ok(look(self, false)?.state),
        }
    }

    fn has_changes(&self) -> Result<bool, PortError> {
        Ok(!self.seen.is_clean() && !self.work_tree_state()?.is_committed())
    }

    fn untracked_files(&self) -> Result<Vec<String>, PortError> {
        let doing = "list untracked files";
        self.top(doing)?;
        let seen = self.work_tree_state()?.untracked;
        // git names a folder in place of the files in it.
        if !seen.iter().any(|path| path.ends_with('/')) {
            return Ok(seen);
        }
        let run = GitRun::new(doing, ["ls-files", "--others", "--exclude-standard", "-z"]).reading();
        // A nested repository is listed as a folder; git would add it as a submodule.
        let mut files: Vec<String> = names(&self.output(&run)?).filter(|name| !name.ends_with('/')).collect();
        files.sort();
        Ok(files)
    }

    fn ignored_files(&self, is_of_interest: &dyn Fn(&str) -> bool) -> Result<Vec<String>, PortError> {
        let doing = "list ignored files";
        self.top(doing)?;
        let list = ["--literal-pathspecs", "ls-files", "--others", "--ignored", "--exclude-standard", "-z"];
        // One look tells both; where the state was seen already, git need not compare every file once more.
        let listed = match self.seen.look(self.head()?.commit()) {
            None => look(self, true)?.ignored.unwrap_or_default(),
            Some(WorkTreeLook { ignored: Some(ignored), .. }) => ignored,
            Some(_) => {
                let run = GitRun::new(doing, list).arguments(["--directory"]).reading();
                names(&self.output(&run)?).collect()
            }
        };
        let (folders, mut files): (Vec<String>, Vec<String>) = listed.into_iter().partition(|name| name.ends_with('/'));
        // A name that has lost bytes would list another folder, or none.
        let is_typed = |folder: &&String| !folder.contains(char::REPLACEMENT_CHARACTER);
        let folders: Vec<&String> = folders.iter().filter(is_typed).filter(|folder| is_of_interest(folder)).collect();
        if let Some(folders) = folders.get(..folders.len().min(MOST_FOLDERS)).filter(|folders| !folders.is_empty()) {
            let run = GitRun::new(doing, list).arguments(["--"]).arguments(folders).reading();
            files.extend(names(&self.output(&run)?).filter(|name| !name.ends_with('/')));
        }
        files.sort();
        Ok(files)
    }

    fn ignored_in(&self, worktree: &Path) -> Result<Vec<IgnoredEntry>, PortError> {
        let doing = format!("list the ignored files of {}", worktree.display());
        let run = GitRun::new(doing, ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"])
            .within(Some(worktree))
            .reading();
        let entry = |path: String| {
            let is_link = worktree.join(&path).symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
            IgnoredEntry { path, is_link }
        };
        let mut entries: Vec<_> = names(&self.output(&run)?).map(entry).collect();
        entries.sort();
        Ok(entries)
    }

    fn submodules_in(&self, worktree: &Path) -> Result<Vec<String>, PortError> {
        let doing = format!("look for submodules in {}", worktree.display());
        let run = GitRun::new(doing, ["ls-files", "--stage", "-z"]).within(Some(worktree)).reading();
        let listed = self.output(&run)?;
        let linked = listed.split(|byte| *byte == 0).filter(|entry| entry.starts_with(b"160000 "));
        let paths = linked.filter_map(|entry| entry.splitn(2, |byte| *byte == b'\t').nth(1).map(lossy));
        let mut found: Vec<String> = paths.filter(|path| worktree.join(path).join(".git").exists()).collect();
        let kept = Self::at(worktree)?.layout.git_dir.join("modules");
        // What is no longer checked out lies there all the same, and git removes no work tree that has such a folder.
        if found.is_empty() && kept.is_dir() {
            found.push(kept.display().to_string());
        }
        Ok(found)
    }

    fn is_clean(&self, worktree: &Path) -> Result<bool, PortError> {
        let doing = format!("look at the work tree {}", worktree.display());
        let run = GitRun::new(doing, ["status", "--porcelain", "-z", "--untracked-files=normal"])
            .within(Some(worktree))
            .reading();
        Ok(self.output(&run)?.is_empty())
    }

    fn is_half_made(&self, worktree: &Path) -> Result<bool, PortError> {
        Ok(HalfMade::at(self, worktree)?.is_some())
    }

    fn unfinished(&self, worktree: &Path) -> Result<Unfinished, PortError> {
        // git lists a work tree that was deleted by hand until somebody prunes.
        if !worktree.is_dir() {
            return Ok(Unfinished::Nothing);
        }
        let doing = format!("look at the work tree {}", worktree.display());
        let mut is_underway = false;
        for name in ["MERGE_HEAD", "CHERRY_PICK_HEAD"] {
            is_underway = is_underway || is_at_work(self, worktree, name)?;
        }
        // Who commits one pick of several by hand leaves the others to be made.
        is_underway = is_underway || has_picks_left(self, worktree)?;
        let run = GitRun::new(&doing, ["status", "--porcelain=v2", "-z", "--untracked-files=no"])
            .within(Some(worktree))
            .reading();
        let state = answers::status(&self.output(&run)?)
            .ok_or_else(|| PortError::new(ErrorKind::Internal, doing, "git's answer cannot be read"))?;
        if !is_underway {
            return Ok(Unfinished::Nothing);
        }
        let open = if state.conflicted.is_empty() { marked(self, worktree)? } else { state.conflicted };
        Ok(if open.is_empty() { Unfinished::Settled } else { Unfinished::Conflicts(open) })
    }
}

fn worktree(git: &GitRepository, path: PathBuf, git_dir: &Path) -> Worktree {
    let branch = git.refs.branch_of(git, git_dir);
    let here = git.layout.work_tree.as_ref();
    // Where it was moved, git knows it by the place where it was.
    let moved = here.filter(|_| !path.is_dir() && is_same(git_dir, &git.layout.git_dir));
    let path = moved.cloned().unwrap_or(path);
    let path = path.canonicalize().unwrap_or(path); // One that was deleted by hand is still listed.
    let is_current = here == Some(&path);
    let is_half_made = git_dir != git.layout.common_dir && half_made::is_half_made(git_dir, &path);
    let is_there = path.is_dir();
    let is_locked = !is_half_made && git_dir.join("locked").exists();
    Worktree { path, branch: branch.filter(|_| !is_half_made), is_current, is_there, is_locked }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// Whether a merge (`MERGE_HEAD`) or pick (`CHERRY_PICK_HEAD`) is underway in a work tree.
pub(super) fn is_at_work(git: &GitRepository, worktree: &Path, name: &str) -> Result<bool, PortError> {
    let run = GitRun::new(format!("look for a merge in {}", worktree.display()), ["rev-parse", "--quiet", "--verify"])
        .arguments([name])
        .within(Some(worktree))
        .reading();
    Ok(git.program.run(&run)?.status.success())
}

/// Whether there are picks that still follow in a work tree.
pub(super) fn has_picks_left(git: &GitRepository, worktree: &Path) -> Result<bool, PortError> {
    let doing = format!("look for picks in {}", worktree.display());
    let run = GitRun::new(doing, ["rev-parse", "--git-path", "sequencer/todo"]).within(Some(worktree)).reading();
    Ok(worktree.join(lossy(&git.output(&run)?).trim_end_matches('\n')).exists())
}

/// The files that are staged with the markers of a conflict in them.
fn marked(git: &GitRepository, worktree: &Path) -> Result<Vec<String>, PortError> {
    let run =
        GitRun::new(format!("look for conflicts in {}", worktree.display()), ["diff", "--cached", "--no-ext-diff"])
            // `git add` takes a file with its markers, and then calls the conflict resolved.
            .arguments(["--name-only", "-z", "-G^(<<<<<<<|>>>>>>>) "])
            .within(Some(worktree))
            .reading();
    Ok(lossy(&git.output(&run)?).split_terminator('\0').map(str::to_owned).collect())
}

/// Looks at the work tree, and keeps what is seen.
fn look(git: &GitRepository, with_ignored: bool) -> Result<WorkTreeLook, PortError> {
    let doing = "read the state of the work tree";
    git.top(doing)?;
    let run = GitRun::new(doing, ["status", "--porcelain=v2", "-z", "--untracked-files=normal"])
        .arguments(["--ignore-submodules=dirty"])
        // Folders that a pattern names are not walked into.
        .arguments(with_ignored.then_some("--ignored=matching"))
        .reading();
    let (mut state, ignored, moved) = answers::status_and_more(&git.output(&run)?)
        .ok_or_else(|| PortError::new(ErrorKind::Internal, doing, "git's answer cannot be read"))?;
    let outdated = moved.into_iter().filter(|(path, recorded)| submodules::is_outdated(git, path, recorded));
    state.outdated = outdated.map(|(path, _)| path).collect();
    let look = WorkTreeLook { state, ignored: with_ignored.then_some(ignored) };
    git.seen.keep(git.head()?.commit().cloned(), &look);
    Ok(look)
}

/// The names in what git lists with `-z`.
fn names(listed: &[u8]) -> impl Iterator<Item = String> {
    listed.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(lossy)
}
