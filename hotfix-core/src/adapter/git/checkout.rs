//! Work trees as git changes them: by its own rules on what may be overwritten, and with the person's hooks.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;

use crate::domain::{ObjectId, RefName, count};
use crate::port::{
    ErrorKind, Head, HistoryRead as _, LayOut, PortError, RepositoryRead as _, SwitchTo, Worktree, WorktreeRead as _,
    WorktreeWrite,
};

use super::child::{GitRun, LOCAL_DEADLINE};
use super::convert::failed;
use super::half_made::Making;
use super::switch_intent::{SwitchIntent, SwitchPlace};
use super::worktree::{has_picks_left, is_at_work};
use super::{GitRepository, cut_switch, half_made, lay_out, removal, switch_intent};

impl WorktreeWrite for GitRepository {
    fn switch(&self, worktree: Option<&Path>, to: &SwitchTo) -> Result<(), PortError> {
        let target: Vec<&str> = match to {
            // git would make a branch of a remote's of that name.
            SwitchTo::Branch(name) => vec!["--no-guess", checked_branch(name)?],
            SwitchTo::Commit(commit) => vec!["--detach", commit.as_str()],
            // Where HEAD is already, git need not compare the work tree; that is most of its time in a large one.
            SwitchTo::NewBranch { name, commit } if is_at(self, worktree, commit)? => {
                vec!["--no-track", "-c", checked_branch(name)?]
            }
            // `--no-track`: a plain `git push` would else go to production.
            SwitchTo::NewBranch { name, commit } => {
                vec!["--no-track", "-c", checked_branch(name)?, commit.as_str()]
            }
        };
        self.top("switch branches")?;
        let run = GitRun::new(format!("switch to {}", target_name(to)), ["switch", "--quiet", "--no-overwrite-ignore"])
            .arguments(target)
            .running_hooks()
            .moving();
        // Asked before, as nothing tells a switch that failed from one that was needless.
        let was_there = has_switched(self, to)?;
        let destination = match to {
            SwitchTo::Branch(name) => self.commit_of_ref(&RefName::of_branch(name))?,
            SwitchTo::Commit(commit) | SwitchTo::NewBranch { commit, .. } => Some(commit.clone()),
        };
        take_to(self, worktree, destination.as_ref(), run, || {
            // A hook that says no after a switch does not undo it.
            Ok(worktree.is_none() && !was_there && has_switched(self, to)?)
        })
    }

    fn add_worktree(&self, path: &Path, branch: &str, commit: &ObjectId) -> Result<(), PortError> {
        let name = checked_branch(branch)?;
        let making = Making::begin(self);
        half_made::clear(self, &making, path, commit)?;
        // A branch that is there already was left by an attempt that came no further.
        let exists = self.commit_of_ref(&RefName::of_branch(branch))?.as_ref() == Some(commit);
        match self.output(&making.held_by(adding(path, name, commit, exists, &[]).running_hooks())) {
            // A hook that says no after it was made does not undo it.
            Err(_) if has_worktree(self, path, branch)? => Ok(()),
            other => other.map(drop),
        }
    }

    fn remove_worktree(&self, path: &Path, commit: &ObjectId) -> Result<(), PortError> {
        let making = Making::begin(self);
        if half_made::clear(self, &making, path, commit)? {
            return Ok(());
        }
        // One that somebody deleted by hand has nothing to look at.
        let git_dir = Self::at(path).ok().map(|found| found.layout.git_dir.clone());
        let is_begun = match &git_dir {
            Some(git_dir) => removal::begin(git_dir, || self.is_clean(path))?,
            None => false,
        };
        // Never `--force`: git refuses where something uncommitted would be lost.
        let run = GitRun::new(format!("remove the work tree at {}", path.display()), ["worktree", "remove", "--"])
            .arguments([path]);
        let removed = self.output(&making.held_by(run)).map(drop);
        if let Some(git_dir) = git_dir.filter(|_| is_begun && removed.is_err())
            && self.is_clean(path).unwrap_or(false)
        {
            removal::forget(&git_dir); // git refused, or came to nothing that is missed.
        }
        removed
    }

    fn fast_forward(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError> {
        let run = GitRun::new(format!("move the branch at {} forward", worktree.display()), ["merge", "--ff-only"])
            // git overwrites ignored files by default, and `.env` is one.
            .arguments(["--no-autostash", "--no-overwrite-ignore", "--no-stat", "--quiet", commit.as_str()])
            .running_hooks()
            .moving();
        switch_intent::hold(self, commit)?;
        take_to(self, Some(worktree), Some(commit), run, || Ok(false))?;
        switch_intent::release(self, commit); // Where it was there already, no switch was begun.
        Ok(())
    }

    fn can_follow(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError> {
        cut_switch::take_back(self, &SwitchPlace::of(self, Some(worktree))?)?;
        let run =
            // `-n`: git's own answer whether it could, with nothing moved.
            GitRun::new(format!("move the branch at {} forward", worktree.display()), ["read-tree", "-n", "-m", "-u"])
                .arguments(["HEAD", commit.as_str()])
                .elsewhere()
                .within(Some(worktree));
        self.output(&run).map(drop)
    }

    fn lay_out(&self, path: &Path, tree: &ObjectId, base: &ObjectId) -> Result<(), PortError> {
        lay_out::lay_out(self, path, tree, base)
    }

    fn lay_out_conflicts(&self, path: &Path, branch: &str, start: &ObjectId, what: &LayOut) -> Result<(), PortError> {
        let there = self
            .worktrees()?
            .into_iter()
            .any(|worktree| worktree.branch.as_deref() == Some(branch) && worktree.path.exists());
        if !there {
            let exists = self.commit_of_ref(&RefName::of_branch(branch))?.is_some();
            let making = Making::begin(self);
            half_made::clear(self, &making, path, start)?;
            // Forced only over a work tree that somebody removed by hand: git never takes a folder that holds something.
            self.output(&making.held_by(adding(path, branch, start, exists, &["--force"])))?;
        }
        if let Some(tip) = self.commit_of_ref(&RefName::of_branch(branch))?
            && tip != *start
            && self.is_ancestor(&tip, start)?
        {
            self.fast_forward(path, start)?; // Nothing was settled on it, and the line went on.
        }
        let (name, run) = match what {
            LayOut::Merge { head, message } => {
                let doing = format!("lay out the merge of {} in {}", head.short(), path.display());
                let run = GitRun::new(doing, ["merge", "--no-ff", "--no-commit", "--no-autostash", "--quiet"]);
                ("MERGE_HEAD", run.arguments(["-m", message, head.as_str()]))
            }
            LayOut::Pick(commits) => {
                let run = GitRun::new(format!("lay out the pick in {}", path.display()), ["cherry-pick", "-x"])
                    .variable("GIT_EDITOR", ":")
                    .arguments(["--mainline", "1"]) // Where a merge is picked, it is what it changed for production.
                    .arguments(commits.iter().map(ObjectId::as_str));
                ("CHERRY_PICK_HEAD", run)
            }
        };
        if is_at_work(self, path, name)? {
            return Ok(()); // A person is at it.
        }
        // Conflicts are what is laid out; git calls them a failure, with advice of its own on what is next.
        let run = run.within(Some(path)).running_hooks().asking(LOCAL_DEADLINE).quietly();
        let answer = self.program.run(&run)?;
        if answer.status.success() || is_at_work(self, path, name)? {
            return Ok(());
        }
        Err(self.failure(&run, &answer))
    }

    fn commit_settled(&self, worktree: &Path) -> Result<(), PortError> {
        let doing = format!("commit what was settled in {}", worktree.display());
        let run = |command: &[&str]| {
            GitRun::new(&doing, command)
                .variable("GIT_EDITOR", ":")
                .within(Some(worktree))
                .running_hooks()
                .asking(LOCAL_DEADLINE)
        };
        if is_at_work(self, worktree, "MERGE_HEAD")? {
            return self.output(&run(&["commit", "--quiet", "--no-edit"])).map(drop);
        }
        if is_at_work(self, worktree, "CHERRY_PICK_HEAD")? {
            // Settled may be that the line stays as it is; the commit says so.
            self.output(&run(&["commit", "--quiet", "--no-edit", "--allow-empty", "--cleanup=strip"]))?;
        }
        if !has_picks_left(self, worktree)? {
            return Ok(());
        }
        let go_on = run(&["cherry-pick", "--continue"]).quietly();
        let answer = self.program.run(&go_on)?;
        // The next one may conflict in its turn.
        if answer.status.success() || is_at_work(self, worktree, "CHERRY_PICK_HEAD")? {
            return Ok(());
        }
        Err(self.failure(&go_on, &answer))
    }

    fn stage(&self, paths: &[String]) -> Result<(), PortError> {
        self.top("stage files")?;
        let run =
            GitRun::new(format!("stage {}", paths.join(", ")), ["--literal-pathspecs", "add", "--"]).arguments(paths);
        self.output(&run).map(drop)
    }

    fn commit_files(&self, paths: &[String], message: &str) -> Result<(), PortError> {
        let doing = format!("commit {}", paths.join(", "));
        self.stage(paths)?;
        // A message on the command line has a length, and begins with a hyphen at times.
        let mut file = tempfile::NamedTempFile::new().map_err(failed(&doing))?;
        file.write_all(message.as_bytes()).map_err(failed(&doing))?;
        let run = GitRun::new(doing, ["--literal-pathspecs", "commit", "--quiet", "-F"])
            .arguments([file.path().as_os_str(), OsStr::new("--")])
            .arguments(paths)
            .running_hooks()
            .asking(LOCAL_DEADLINE);
        self.output(&run).map(drop)
    }

    fn amend(&self, paths: &[String]) -> Result<(), PortError> {
        self.stage(paths)?;
        let doing = format!("add {} to the last commit", paths.join(", "));
        let run = GitRun::new(doing, ["--literal-pathspecs", "commit", "--quiet", "--amend", "--no-edit", "--"])
            .arguments(paths)
            .asking(LOCAL_DEADLINE);
        self.output(&run).map(drop)
    }
}

/// Runs a git that takes a work tree to a commit, which is written down until it is there. `got_there` says whether one that
/// failed did it all the same.
fn take_to(
    git: &GitRepository,
    worktree: Option<&Path>,
    to: Option<&ObjectId>,
    run: GitRun,
    got_there: impl FnOnce() -> Result<bool, PortError>,
) -> Result<(), PortError> {
    let run = run.within(worktree);
    let place = SwitchPlace::of(git, worktree)?;
    cut_switch::take_back(git, &place)?; // In another work tree nobody has looked yet.
    // Where no file changes, nothing can be cut short.
    let sides = place.head(git)?.zip(to.cloned()).filter(|(from, to)| from != to);
    let intent = sides.map(|(from, to)| {
        let removed = cut_switch::removed_before(git, &place, &from, &to);
        SwitchIntent::begin(&place, from, to, removed)
    });
    let intent = intent.transpose()?;
    let handle = intent.as_ref().map(SwitchIntent::handle).transpose().map_err(failed(run.doing()))?;
    let run = if let Some(handle) = handle { run.holding(handle) } else { run };
    let result = git.output(&run);
    if result.is_ok() || got_there()? {
        intent.into_iter().for_each(|intent| intent.done(git));
        return git.program.go_on(&run); // A signal let git finish.
    }
    drop((intent, run)); // With them the lock.
    // Most often git refuses before it begins, and then there is nothing to keep in mind.
    let cut = cut_switch::look(git, &place).ok().flatten();
    result.map(drop).map_err(|error| match cut {
        Some(cut) => error.hint(format!(
            "The checkout was cut short: the same command takes back {} first, and so does `abort`.",
            count(cut.paths, "file")
        )),
        None => error,
    })
}

/// Makes a linked work tree of a branch, and the branch at `start` where it does not exist.
fn adding(path: &Path, branch: &str, start: &ObjectId, exists: bool, options: &[&str]) -> GitRun {
    let run = GitRun::new(format!("make a work tree at {}", path.display()), ["worktree", "add", "--quiet"]);
    let run = run.arguments(options);
    let run = if exists { run } else { run.arguments(["--no-track", "-b", branch]) };
    let start = if exists { branch } else { start.as_str() };
    run.arguments([OsStr::new("--"), path.as_os_str(), OsStr::new(start)])
}

/// Whether HEAD of our own work tree is at `commit`.
fn is_at(git: &GitRepository, worktree: Option<&Path>, commit: &ObjectId) -> Result<bool, PortError> {
    Ok(worktree.is_none() && git.head()?.commit() == Some(commit))
}

/// Whether HEAD is where a switch goes.
fn has_switched(git: &GitRepository, to: &SwitchTo) -> Result<bool, PortError> {
    Ok(match (git.head()?, to) {
        (Head::Branch { name, .. }, SwitchTo::Branch(wanted) | SwitchTo::NewBranch { name: wanted, .. }) => {
            name == *wanted
        }
        (Head::Detached { commit }, SwitchTo::Commit(wanted)) => commit == *wanted,
        _ => false,
    })
}

/// Whether a linked work tree at `path` has `branch` checked out: git removes one that it could not fill.
fn has_worktree(git: &GitRepository, path: &Path, branch: &str) -> Result<bool, PortError> {
    let Ok(path) = path.canonicalize() else { return Ok(false) };
    // A hook that fails leaves the work tree; a failed checkout takes it away again.
    let is_it = |tree: &Worktree| {
        tree.branch.as_deref() == Some(branch) && tree.path.canonicalize().is_ok_and(|place| place == path)
    };
    Ok(git.worktrees()?.iter().any(is_it))
}

fn target_name(to: &SwitchTo) -> &str {
    match to {
        SwitchTo::Branch(name) | SwitchTo::NewBranch { name, .. } => name,
        SwitchTo::Commit(commit) => commit.short(),
    }
}

/// A name that git cannot take for an option, `@{-1}` or a path.
fn checked_branch(name: &str) -> Result<&str, PortError> {
    // `@{-1}` and `-` mean earlier branches to git.
    let is_plain =
        !name.starts_with('-') && gix::validate::reference::name(format!("refs/heads/{name}").as_str().into()).is_ok();
    if is_plain {
        Ok(name)
    } else {
        let doing = format!("use `{name}` as a branch");
        Err(PortError::new(ErrorKind::Precondition, doing, "git has no branch of such a name"))
    }
}
