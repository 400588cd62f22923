//! Reading a repository with gix. What only the git program knows (the work tree's state) is in `cli`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, ByteSlice as _};
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;

use crate::domain::{ObjectId, Person};
use crate::port::{
    Change, CommitInfo, ErrorKind, FileDiff, GitHooks, GitRead, Head, MergePreview, Operation, PortError, Repository,
    SubmoduleCommit, TreeEdit, WorkTreeState, Worktree,
};

use super::convert::{failed, from_gix, lossy, to_gix};
use super::environment::variable;
use super::{GitRepository, UNSHALLOW};
use super::{diff, trouble};

impl GitRead for GitRepository {
    fn repository(&self) -> &Repository {
        &self.place
    }

    fn head(&self) -> Result<Head, PortError> {
        let head = self.reads.head().map_err(|error| self.unreadable("read HEAD", error))?;
        let name = head.referent_name().map(|name| lossy(name.shorten()));
        match (name, head.id()) {
            (Some(name), Some(id)) => Ok(Head::Branch { name, commit: from_gix(&id) }),
            (Some(name), None) => Ok(Head::Unborn { name }),
            (None, Some(id)) => Ok(Head::Detached { commit: from_gix(&id) }),
            (None, None) => Err(self.unreadable("read HEAD", "it names neither a branch nor a commit")),
        }
    }

    fn commit_of_ref(&self, full_name: &str) -> Result<Option<ObjectId>, PortError> {
        let doing = || format!("read {full_name}");
        let Some(mut found) = self.find_ref(full_name)? else {
            return Ok(None);
        };
        if let Some(Err(_)) = found.follow() {
            return Ok(None); // It names a branch without commits, or one that is gone.
        }
        let commit = found.peel_to_commit().map_err(|error| self.unreadable(doing(), error))?;
        Ok(Some(from_gix(&commit.id)))
    }

    fn commit_of(&self, revision: &str) -> Result<Option<ObjectId>, PortError> {
        let doing = || format!("find the commit `{revision}`");
        let found = match self.reads.rev_parse_single(revision) {
            Ok(found) => found,
            Err(error) if error.to_string().contains("ambiguous") => {
                return Err(PortError::new(ErrorKind::Precondition, doing(), error)
                    .hint("Give more of its digits, or the full name of the branch or tag."));
            }
            Err(_) => return Ok(None),
        };
        let object = found.object().map_err(|error| self.unreadable(doing(), error))?;
        Ok(object.peel_to_commit().ok().map(|commit| from_gix(&commit.id)))
    }

    fn branches(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        let references = self.reads.references().map_err(failed("list branches"))?;
        let branches = references.local_branches().map_err(failed("list branches"))?;
        let mut names = Vec::new();
        for branch in branches {
            let branch = branch.map_err(failed("list branches"))?;
            names.push(lossy(branch.name().shorten()));
        }
        names.retain(|name| name.starts_with(prefix));
        names.sort();
        Ok(names)
    }

    fn symbolic_ref(&self, full_name: &str) -> Result<Option<String>, PortError> {
        let found = self.find_ref(full_name)?;
        Ok(found.and_then(|found| found.target().try_name().map(|name| lossy(name.as_bstr()))))
    }

    fn is_ancestor(&self, ancestor: &ObjectId, descendant: &ObjectId) -> Result<bool, PortError> {
        if ancestor == descendant {
            return self.has_commit(ancestor);
        }
        if !self.has_commit(ancestor)? {
            return Ok(false);
        }
        let (below, above) = (to_gix(ancestor)?, to_gix(descendant)?);
        let bases = self
            .reads
            .merge_bases_many(below, &[above])
            .map_err(|error| self.unreadable(format!("compare {ancestor} with {descendant}"), error))?;
        if bases.iter().any(|base| *base == below) {
            return Ok(true);
        }
        self.refuse_if_cut_off(below, above, bases.iter().any(|base| *base == above))?;
        Ok(false)
    }

    fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, PortError> {
        let found = self.find_commit(commit)?;
        let tree = found.tree_id().map_err(|error| self.unreadable(format!("read commit {commit}"), error))?;
        Ok(from_gix(&tree))
    }

    fn has_commit(&self, commit: &ObjectId) -> Result<bool, PortError> {
        let header = self
            .reads
            .try_find_header(to_gix(commit)?)
            .map_err(|error| self.unreadable(format!("look for {commit}"), error))?;
        Ok(header.is_some_and(|header| header.kind() == gix::objs::Kind::Commit))
    }

    fn file_at(&self, commit: &ObjectId, path: &str) -> Result<Option<Vec<u8>>, PortError> {
        let doing = || format!("read {path} of {}", commit.short());
        let spec = format!("{commit}:{path}");
        self.with_missing_fetched(&["cat-file", "-e", &spec], || {
            let tree = self.reads.find_object(to_gix(commit)?).map_err(|error| self.unreadable(doing(), error))?;
            let tree = tree.peel_to_tree().map_err(|error| self.unreadable(doing(), error))?;
            let entry = tree.lookup_entry_by_path(path);
            let entry = entry.map_err(|error| self.unreadable(doing(), error))?;
            let Some(entry) = entry.filter(|entry| entry.mode().is_blob()) else {
                return Ok(None);
            };
            let mut object = entry.object().map_err(|error| self.unreadable(doing(), error))?;
            Ok(Some(std::mem::take(&mut object.data)))
        })
    }

    fn top_level_names(&self, commit: &ObjectId) -> Result<Vec<String>, PortError> {
        let doing = || format!("read the files of {}", commit.short());
        let tree = self.find_commit(commit)?.tree().map_err(|error| self.unreadable(doing(), error))?;
        let names = tree.iter().map(|entry| entry.map(|entry| lossy(entry.filename())));
        names.collect::<Result<_, _>>().map_err(|error| self.unreadable(doing(), error))
    }

    fn changes(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<Change>, PortError> {
        let fetching = ["diff-tree", "-r", "-M", "--numstat", "--no-ext-diff", from.as_str(), to.as_str()];
        self.with_missing_fetched(&fetching, || {
            diff::changes(self, to_gix(from)?, to_gix(to)?)
                .map_err(|error| self.unreadable(format!("compare {} with {}", from.short(), to.short()), error))
        })
    }

    fn diff(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<FileDiff>, PortError> {
        let fetching = ["diff-tree", "-r", "-M", "--numstat", "--no-ext-diff", from.as_str(), to.as_str()];
        self.with_missing_fetched(&fetching, || {
            diff::diff(self, to_gix(from)?, to_gix(to)?)
                .map_err(|error| self.unreadable(format!("compare {} with {}", from.short(), to.short()), error))
        })
    }

    fn submodule_commits(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<SubmoduleCommit>, PortError> {
        self.submodules_set(from, to)
    }

    fn commits_between(&self, base: &ObjectId, tip: &ObjectId, limit: usize) -> Result<Vec<CommitInfo>, PortError> {
        let read = || -> gix::Result<Vec<CommitInfo>> {
            let walk = self.reads.rev_walk([to_gix(tip).map_err(gix::Error::from_error)?]);
            let walk = walk.with_hidden([to_gix(base).map_err(gix::Error::from_error)?]);
            let walk = walk.sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst)).all()?;
            walk.take(limit).map(|found| info(&found?.object()?)).collect()
        };
        read().map_err(|error| {
            self.unreadable(format!("list the commits from {} to {}", base.short(), tip.short()), error)
        })
    }

    fn files(&self, commit: &ObjectId) -> Result<Vec<String>, PortError> {
        self.files_of(commit)
    }

    fn tag_before(&self, commit: &ObjectId) -> Result<Option<(String, ObjectId)>, PortError> {
        self.release_before(commit)
    }

    fn commits_touching(
        &self,
        base: Option<&ObjectId>,
        tip: &ObjectId,
        paths: &[String],
        limit: usize,
    ) -> Result<Vec<CommitInfo>, PortError> {
        self.log_of(base, tip, paths, limit)
    }

    fn last_changes(
        &self,
        commit: &ObjectId,
        path: &str,
        first: u32,
        last: u32,
    ) -> Result<Vec<(u32, ObjectId)>, PortError> {
        self.blame_of(commit, path, (first, last))
    }

    fn merge_preview(&self, ours: &ObjectId, theirs: &ObjectId) -> Result<MergePreview, PortError> {
        let fetching = ["merge-tree", "--write-tree", ours.as_str(), theirs.as_str()];
        self.with_missing_fetched(&fetching, || self.preview(ours, theirs))
    }

    fn config(&self, key: &str) -> Result<Option<String>, PortError> {
        Ok(self.reads.config_snapshot().string(key).map(|value| lossy(&value)))
    }

    fn remotes(&self) -> Result<Vec<String>, PortError> {
        let names: BTreeSet<String> = self.reads.remote_names().iter().map(|name| lossy(name.as_ref())).collect();
        Ok(names.into_iter().collect())
    }

    fn remote_url(&self, remote: &str) -> Result<Option<String>, PortError> {
        let found = self.reads.try_find_remote(remote).transpose();
        let found = found.map_err(failed(format!("read the URL of {remote}")))?;
        let url = found.as_ref().and_then(|found| found.url(gix::remote::Direction::Fetch));
        Ok(url.map(|url| lossy(&url.to_bstring())))
    }

    fn ssh_host_name(&self, host: &str) -> Option<String> {
        Self::ssh_host_name(self, host)
    }

    fn identity(&self) -> Result<Person, PortError> {
        let config = self.reads.config_snapshot();
        let set = |key: &str| config.string(key).map(|value| lossy(&value));
        let name = variable("GIT_COMMITTER_NAME").or_else(|| set("committer.name")).or_else(|| set("user.name"));
        let email = variable("GIT_COMMITTER_EMAIL").or_else(|| set("committer.email")).or_else(|| set("user.email"));
        let name = name.filter(|name| !name.trim().is_empty());
        match (name, email.or_else(|| variable("EMAIL"))) {
            (Some(name), Some(email)) => Ok(Person { name, email }),
            _ => {
                Err(PortError::new(ErrorKind::Precondition, "tell who you are", "git knows no name and e-mail address")
                    .hint("git config --global user.name \"Your Name\"")
                    .hint("git config --global user.email you@example.com"))
            }
        }
    }

    fn hooks(&self, names: &[&str]) -> Result<GitHooks, PortError> {
        self.hook_files(names)
    }

    fn worktrees(&self) -> Result<Vec<Worktree>, PortError> {
        let doing = "list the work trees";
        let main = self.reads.main_repo().map_err(failed(doing))?;
        let mut places: Vec<(PathBuf, PathBuf)> = Vec::new();
        places.extend(main.workdir().map(|path| (path.to_owned(), main.git_dir().to_owned())));
        for proxy in self.reads.worktrees().map_err(failed(doing))? {
            // One whose folder cannot be told is of no use to anybody.
            places.extend(proxy.base().ok().map(|base| (base, proxy.git_dir().to_owned())));
        }
        Ok(places.into_iter().map(|(path, git_dir)| self.worktree(path, &git_dir)).collect())
    }

    fn operation_in_progress(&self) -> Result<Option<Operation>, PortError> {
        use gix::state::InProgress as State;
        Ok(self.reads.state().map(|state| match state {
            State::ApplyMailbox => Operation::Am,
            State::ApplyMailboxRebase | State::Rebase | State::RebaseInteractive => Operation::Rebase,
            State::Bisect => Operation::Bisect,
            State::CherryPick | State::CherryPickSequence => Operation::CherryPick,
            State::Merge => Operation::Merge,
            State::Revert | State::RevertSequence => Operation::Revert,
        }))
    }

    fn work_tree_state(&self) -> Result<WorkTreeState, PortError> {
        self.status()
    }

    fn work_tree_as_tree(&self, untracked: &[String]) -> Result<ObjectId, PortError> {
        self.snapshot(untracked)
    }

    fn untracked_files(&self) -> Result<Vec<String>, PortError> {
        self.others()
    }

    fn ignored_files(&self, is_of_interest: &dyn Fn(&str) -> bool) -> Result<Vec<String>, PortError> {
        self.ignored_others(is_of_interest)
    }

    fn edited(&self, base: &ObjectId, edits: &[TreeEdit]) -> Result<ObjectId, PortError> {
        self.tree_with(base, edits)
    }

    fn patch(&self, from: &ObjectId, to: &ObjectId) -> Result<Vec<u8>, PortError> {
        self.diff_as_patch(from, to)
    }
}

impl GitRepository {
    fn find_ref(&self, full_name: &str) -> Result<Option<gix::Reference<'_>>, PortError> {
        if !full_name.starts_with("refs/") {
            return Ok(None); // gix would look for a branch or tag of that name.
        }
        let name: &gix::refs::FullNameRef = match full_name.try_into() {
            Ok(name) => name,
            Err(_) => return Ok(None), // No ref can have such a name.
        };
        let found = self.reads.try_find_reference(name.as_partial_name());
        found.map_err(|error| self.unreadable(format!("read {full_name}"), error))
    }

    fn find_commit(&self, id: &ObjectId) -> Result<gix::Commit<'_>, PortError> {
        self.reads.find_commit(to_gix(id)?).map_err(|error| self.unreadable(format!("read commit {id}"), error))
    }

    /// Refuses to say "no ancestor" when only the missing part of history could tell: when the walk from `above` ends at
    /// a cut that is not older than `below`.
    fn refuse_if_cut_off(&self, below: gix::ObjectId, above: gix::ObjectId, is_reverse: bool) -> Result<(), PortError> {
        if !self.place.is_shallow || is_reverse {
            return Ok(());
        }
        let reaches_cut = || -> gix::Result<bool> {
            let Some(cuts) = self.reads.shallow_commits()? else {
                return Ok(false);
            };
            let seconds = self.reads.find_commit(below)?.time()?.seconds;
            let sorting = Sorting::ByCommitTimeCutoff { order: CommitTimeOrder::NewestFirst, seconds };
            for found in self.reads.rev_walk([above]).sorting(sorting).all()? {
                if cuts.contains(&found?.id) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let doing = || format!("tell whether {} contains {}", from_gix(&above).short(), from_gix(&below).short());
        match reaches_cut() {
            Ok(false) => Ok(()),
            Ok(true) => {
                Err(PortError::new(ErrorKind::Precondition, doing(), "history is cut off in between").hint(UNSHALLOW))
            }
            Err(error) => Err(self.unreadable(doing(), error)),
        }
    }

    /// Runs `read`; in a partial clone, when that fails, lets git fetch what `command` looks at and runs it once more.
    pub(super) fn with_missing_fetched<T>(
        &self,
        command: &[&str],
        read: impl Fn() -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let result = read();
        if result.is_ok() || !self.is_partial_clone() {
            return result;
        }
        if !self.program.may_ask_remotes {
            return result.map_err(|error| missing(error, NOT_ASKED));
        }
        self.fetch_missing(command)?;
        read().map_err(|error| missing(error, trouble::UNREACHABLE))
    }

    fn worktree(&self, path: PathBuf, git_dir: &Path) -> Worktree {
        let head = std::fs::read(git_dir.join("HEAD")).unwrap_or_default();
        let branch = head.trim().strip_prefix(b"ref: refs/heads/").map(lossy);
        let path = path.canonicalize().unwrap_or(path); // One that was deleted by hand is still listed.
        let is_current = self.place.work_tree.as_ref() == Some(&path);
        Worktree { path, branch, is_current }
    }
}

const NOT_ASKED: &str = "Objects are fetched on demand here (a partial clone), and --offline and --dry-run do not fetch: the same \
                         command without them does.";

/// A failure to read what a partial clone may lack: another try may find it.
fn missing(error: PortError, hint: &str) -> PortError {
    let kind = if error.kind == ErrorKind::Internal { ErrorKind::Retry } else { error.kind };
    PortError { kind, ..error }.hint(hint)
}

fn info(commit: &gix::Commit<'_>) -> gix::Result<CommitInfo> {
    let message: &BStr = commit.message_raw()?;
    Ok(CommitInfo {
        id: from_gix(&commit.id),
        subject: message.lines().next().map(|line| lossy(line.trim())).unwrap_or_default(),
        author: lossy(commit.author()?.name),
    })
}
