//! What landing changes: tags as objects, several refs at once, and conflicts laid out for a person.

use std::ffi::OsStr;
use std::path::Path;

use crate::domain::ObjectId;
use crate::port::{ErrorKind, Expected, GitLinesWrite, GitRead as _, GitWrite as _, LayOut, PortError, RefUpdate};

use super::GitRepository;
use super::child::{LOCAL_DEADLINE, Run};
use super::cli::object_id;
use super::convert::{failed, lossy, oid};
use super::trouble;

/// The settings by which a tag is written and signed. Scopes of the machine and the person hold in the throw-away repository
/// too; here they stand again, and after what the repository says.
const TAGGING: [&str; 5] = ["user.", "committer.", "gpg.", "tag.", "i18n."];

impl GitLinesWrite for GitRepository {
    fn fetch_lines(&self, remote: &str, branches: &[String], tags: &[String]) -> Result<(), PortError> {
        let names: Vec<&str> = branches.iter().chain(tags).map(String::as_str).collect();
        let run = Run::new(format!("fetch {} from {remote}", names.join(", ")), ["fetch", "--no-tags", "--no-prune"])
            .arguments(["--no-write-fetch-head", "--no-recurse-submodules", "--quiet", "--end-of-options", remote])
            .arguments(branches.iter().map(|name| format!("+refs/heads/{name}:refs/remotes/{remote}/{name}")))
            .arguments(tags.iter().map(|name| format!("refs/tags/{name}:refs/tags/{name}")))
            .talking();
        self.git(&run).map(drop)
    }

    /// `git tag` makes a ref at once, so it works in a throw-away repository that has our objects and settings.
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
        // Settings may hang on where the repository is (`includeIf`, `config.worktree`), so they are read there.
        let read = Run::new(&doing, ["config", "--list", "--includes", "-z"]).reading();
        let settings = lossy(&self.git(&read)?);
        let settings: Vec<(&str, &str)> = settings
            .split_terminator('\0')
            .map(|setting| setting.split_once('\n').unwrap_or((setting, "true")))
            .filter(|(name, _)| TAGGING.iter().any(|section| name.starts_with(section)))
            .collect();
        let top = self.place.work_tree.as_ref().unwrap_or(&self.place.git_dir);
        let within = |arguments: &[&OsStr]| {
            let run = Run::new(&doing, arguments)
                .variable("GIT_DIR", &place)
                .variable("GIT_OBJECT_DIRECTORY", self.place.common_dir.join("objects"))
                .variable("GIT_CONFIG_COUNT", settings.len().to_string())
                .within(Some(top));
            (0..).zip(&settings).fold(run, |run, (number, (name, value))| {
                run.variable(format!("GIT_CONFIG_KEY_{number}"), name)
                    .variable(format!("GIT_CONFIG_VALUE_{number}"), value)
            })
        };
        let option = |text: &'static str| OsStr::new(text);
        let tag = [option("-c"), option("core.bare=true"), option("tag")];
        let rest = [
            // With `--annotate`, `tag.forceSignAnnotated` would not count.
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
                return Err(PortError::new(ErrorKind::Retry, format!("move {}", update.name), why)
                    .hint("Run the same command again: it looks at the new state first."));
            }
            match &update.to {
                Some(to) => oid(to).and_then(|to| transaction.set_target(&update.name, to, None, why)),
                None => transaction.remove(&update.name),
            }
            .map_err(|error| self.ref_error(&update.name, error))?;
        }
        transaction.commit().map_err(|error| trouble::unwritten(doing(), error))
    }

    fn can_follow(&self, worktree: &Path, commit: &ObjectId) -> Result<(), PortError> {
        let run =
            Run::new(format!("move the branch at {} forward", worktree.display()), ["read-tree", "-n", "-m", "-u"])
                .arguments(["HEAD", commit.as_str()])
                .within(Some(worktree));
        self.git(&run).map(drop)
    }

    fn lay_out_conflicts(&self, path: &Path, branch: &str, start: &ObjectId, what: &LayOut) -> Result<(), PortError> {
        let there = self
            .worktrees()?
            .into_iter()
            .any(|worktree| worktree.branch.as_deref() == Some(branch) && worktree.path.exists());
        if !there {
            let exists = self.commit_of_ref(&format!("refs/heads/{branch}"))?.is_some();
            // Forced only over a work tree that somebody removed by hand: git never takes a folder that holds something.
            let add = Run::new(format!("make a work tree at {}", path.display()), ["worktree", "add", "--quiet"])
                .arguments(["--force"]);
            let add = if exists {
                add.arguments(["--"]).arguments([path.as_os_str(), OsStr::new(branch)])
            } else {
                let place = [path.as_os_str(), OsStr::new(start.as_str())];
                add.arguments(["--no-track", "-b", branch, "--"]).arguments(place)
            };
            self.git(&add)?;
        }
        if let Some(tip) = self.commit_of_ref(&format!("refs/heads/{branch}"))?
            && tip != *start
            && self.is_ancestor(&tip, start)?
        {
            self.fast_forward(path, start)?; // Nothing was settled on it, and the line went on.
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
                    .arguments(["--mainline", "1"]) // Where a merge is picked, it is what it changed for production.
                    .arguments(commits.iter().map(ObjectId::as_str));
                ("CHERRY_PICK_HEAD", run)
            }
        };
        if self.is_at_work(path, name)? {
            return Ok(()); // A person is at it.
        }
        let run = run.within(Some(path)).running_hooks().asking(LOCAL_DEADLINE);
        let answer = self.program.run(&run)?;
        // Conflicts are what is laid out; git calls them a failure.
        if answer.status.success() || self.is_at_work(path, name)? {
            return Ok(());
        }
        Err(trouble::error(&run, &answer))
    }

    fn commit_settled(&self, worktree: &Path) -> Result<(), PortError> {
        let doing = format!("commit what was settled in {}", worktree.display());
        let run = |command: &[&str]| {
            Run::new(&doing, command)
                .variable("GIT_EDITOR", ":")
                .within(Some(worktree))
                .running_hooks()
                .asking(LOCAL_DEADLINE)
        };
        if self.is_at_work(worktree, "MERGE_HEAD")? {
            return self.git(&run(&["commit", "--quiet", "--no-edit"])).map(drop);
        }
        if self.is_at_work(worktree, "CHERRY_PICK_HEAD")? {
            // Settled may be that the line stays as it is; the commit says so.
            self.git(&run(&["commit", "--quiet", "--no-edit", "--allow-empty", "--cleanup=strip"]))?;
        }
        if !self.has_picks_left(worktree)? {
            return Ok(());
        }
        let go_on = run(&["cherry-pick", "--continue"]);
        let answer = self.program.run(&go_on)?;
        // The next one may conflict in its turn.
        if answer.status.success() || self.is_at_work(worktree, "CHERRY_PICK_HEAD")? {
            return Ok(());
        }
        Err(trouble::error(&go_on, &answer))
    }
}
