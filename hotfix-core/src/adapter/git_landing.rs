//! What landing changes: tags as objects, several refs at once, and conflicts laid out for a person.

use std::ffi::OsStr;
use std::path::Path;

use crate::domain::ObjectId;
use crate::port::{Expected, GitLinesWrite, GitRead as _, LayOut, PortError, PortErrorKind, RefUpdate};

use super::git::{GitRepository, failed};
use super::git_cli::object_id;
use super::git_cli_child::{LOCAL_DEADLINE, NETWORK_DEADLINE, Run};
use super::git_trouble;
use super::git_write::oid;

impl GitLinesWrite for GitRepository {
    fn fetch_lines(&self, remote: &str, branches: &[String], tags: &[String]) -> Result<(), PortError> {
        let names: Vec<&str> = branches.iter().chain(tags).map(String::as_str).collect();
        let run = Run::new(format!("fetch {} from {remote}", names.join(", ")), ["fetch", "--no-tags", "--no-prune"])
            .arguments(["--no-write-fetch-head", "--no-recurse-submodules", "--quiet", "--end-of-options", remote])
            .arguments(branches.iter().map(|name| format!("+refs/heads/{name}:refs/remotes/{remote}/{name}")))
            .arguments(tags.iter().map(|name| format!("refs/tags/{name}:refs/tags/{name}")))
            .asking(NETWORK_DEADLINE);
        self.git(&run).map(drop)
    }

    /// `git tag` makes a ref at once, so it works in a throw-away repository that shares objects and settings with ours.
    #[expect(clippy::disallowed_methods, reason = "the folder is of our own, and gone after this")]
    fn annotated_tag(&self, name: &str, commit: &ObjectId, message: &str) -> Result<ObjectId, PortError> {
        let doing = format!("write the tag {name}");
        let folder = tempfile::tempdir().map_err(failed(&doing))?;
        let place = folder.path().join("git");
        for part in ["objects", "refs"] {
            std::fs::create_dir_all(place.join(part)).map_err(failed(&doing))?;
        }
        std::fs::write(place.join("HEAD"), "ref: refs/heads/none\n").map_err(failed(&doing))?;
        let text = folder.path().join("message");
        std::fs::write(&text, message).map_err(failed(&doing))?;
        let settings = format!("include.path={}", self.place.common_dir.join("config").display());
        let within = |arguments: &[&OsStr]| {
            Run::new(&doing, arguments)
                .variable("GIT_DIR", &place)
                .variable("GIT_OBJECT_DIRECTORY", self.place.common_dir.join("objects"))
                .within(Some(&place))
        };
        let option = |text: &'static str| OsStr::new(text);
        let tag = [option("-c"), OsStr::new(&settings), option("-c"), option("core.bare=true"), option("tag")];
        let rest = [
            option("--annotate"),
            option("--cleanup=verbatim"),
            option("--file"),
            text.as_os_str(),
            option("--end-of-options"),
            OsStr::new(name),
            OsStr::new(commit.as_str()),
        ];
        self.git(&within(&[&tag[..], &rest[..]].concat()).asking(LOCAL_DEADLINE))?;
        let full_name = format!("refs/tags/{name}");
        let read = [option("rev-parse"), option("--verify"), OsStr::new(&full_name)];
        object_id(&self.git(&within(&read))?, &doing)
    }

    fn update_refs(&self, updates: &[RefUpdate], why: &str) -> Result<(), PortError> {
        let durable = self.durable()?;
        let repository = &durable.repository;
        let names: Vec<&str> = updates.iter().map(|update| update.name.as_str()).collect();
        let doing = || format!("move {}", names.join(", "));
        let mut transaction = repository.transaction().map_err(failed(doing()))?;
        for update in updates {
            transaction.lock_ref(&update.name).map_err(|error| self.ref_error(&update.name, error))?;
            let now = repository.refname_to_id(&update.name).ok();
            let expected = match &update.expected {
                Expected::Absent => None,
                Expected::At(id) => Some(oid(id).map_err(failed(doing()))?),
            };
            if now != expected {
                let why = "somebody else moved it meanwhile";
                return Err(PortError::new(PortErrorKind::Retry, format!("move {}", update.name), why)
                    .hint("Run the same command again: it looks at the new state first."));
            }
            match &update.to {
                Some(to) => oid(to).and_then(|to| transaction.set_target(&update.name, to, None, why)),
                None => transaction.remove(&update.name),
            }
            .map_err(|error| self.ref_error(&update.name, error))?;
        }
        transaction.commit().map_err(|error| git_trouble::unwritten(doing(), error))
    }

    fn can_follow(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError> {
        let run =
            Run::new(format!("move the branch at {} forward", worktree.display()), ["read-tree", "-n", "-m", "-u"])
                .arguments(["HEAD", commit.as_str()])
                .within(Some(worktree));
        self.git(&run).map(drop)
    }

    fn lay_out_conflicts(&self, path: &Path, branch: &str, start: &ObjectId, what: &LayOut) -> Result<(), PortError> {
        let there = self.worktrees()?.into_iter().any(|worktree| {
            worktree.branch.as_deref() == Some(branch) && (worktree.path == path || worktree.path.exists())
        });
        if !there {
            let exists = self.commit_of_ref(&format!("refs/heads/{branch}"))?.is_some();
            let add = Run::new(format!("make a work tree at {}", path.display()), ["worktree", "add", "--quiet"]);
            let add = if exists {
                add.arguments(["--"]).arguments([path.as_os_str(), OsStr::new(branch)])
            } else {
                let place = [path.as_os_str(), OsStr::new(start.as_str())];
                add.arguments(["--no-track", "-b", branch, "--"]).arguments(place)
            };
            self.git(&add)?;
        }
        let (name, run) = match what {
            LayOut::Merge { head, message } => {
                let run = Run::new(format!("lay out the merge of {} in {}", head.short(), path.display()), ["merge"])
                    .arguments(["--no-ff", "--no-commit", "--no-autostash", "--quiet", "-m", message, head.as_str()]);
                ("MERGE_HEAD", run)
            }
            LayOut::Pick(commits) => {
                let run = Run::new(format!("lay out the pick in {}", path.display()), ["cherry-pick", "-x"])
                    .variable("GIT_EDITOR", ":")
                    .arguments(commits.iter().map(ObjectId::as_str));
                ("CHERRY_PICK_HEAD", run)
            }
        };
        if self.is_at_work(path, name)? {
            return Ok(()); // A person is at it.
        }
        let run = run.within(Some(path)).asking(LOCAL_DEADLINE);
        let answer = self.program.run(&run)?;
        // Conflicts are what is laid out; git calls them a failure.
        if answer.status.success() || self.is_at_work(path, name)? {
            return Ok(());
        }
        Err(git_trouble::error(&run, &answer))
    }

    fn commit_settled(&self, worktree: &Path) -> Result<(), PortError> {
        let command: &[&str] = match self.is_at_work(worktree, "MERGE_HEAD")? {
            true => &["commit", "--quiet", "--no-edit"],
            false => &["cherry-pick", "--continue"],
        };
        let run = Run::new(format!("commit what was settled in {}", worktree.display()), command)
            .variable("GIT_EDITOR", ":")
            .within(Some(worktree))
            .asking(LOCAL_DEADLINE);
        self.git(&run).map(drop)
    }
}
