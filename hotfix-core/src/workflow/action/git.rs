//! What git does with branches and work trees, here and on a remote.

use crate::domain::{BranchName, ObjectId, RefName, count};
use crate::port::{CutSwitch, NewCommit, Push, RefUpdate, SwitchTo};

use super::ActionView;

/// What git does with branches and work trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitAction {
    /// Asks the remote for its default branch and some of its refs.
    InspectRemote {
        /// The remote.
        remote: String,
        /// Full names, in which one `*` may stand for anything.
        refs: Vec<RefName>,
    },
    /// Fetches one branch into its remote-tracking ref.
    Fetch {
        /// The remote.
        remote: String,
        /// The branch, without `refs/heads/`.
        branch: BranchName,
    },
    /// Fetches several branches into their remote-tracking refs, and tags.
    FetchRefs {
        /// The remote.
        remote: String,
        /// The branches, without `refs/heads/`.
        branches: Vec<String>,
        /// The tags, without `refs/tags/`.
        tags: Vec<String>,
    },
    /// Makes the branch of the fix and checks it out, here or in a work tree of its own.
    CreateBranch {
        /// The branch, without `refs/heads/`.
        branch: BranchName,
        /// Where it starts.
        commit: ObjectId,
        /// The new work tree's path; absent: check it out here.
        worktree: Option<String>,
    },
    /// Checks something out here.
    Switch {
        /// What.
        to: SwitchTo,
    },
    /// Takes back what a switch that was cut short left in the work tree.
    TakeBack(CutSwitch),
    /// Moves a branch that is not checked out, or makes or deletes one, with a compare-and-swap.
    UpdateRef {
        /// The full name.
        name: RefName,
        /// Its new object; absent: delete it.
        to: Option<ObjectId>,
        /// What it is now; absent: it must not exist.
        from: Option<ObjectId>,
        /// For the reflog.
        why: &'static str,
    },
    /// Moves, makes or deletes refs that are not checked out, in one transaction.
    UpdateRefs {
        /// The refs.
        updates: Vec<RefUpdate>,
        /// For the reflog.
        why: &'static str,
    },
    /// Moves a branch forward in the work tree where it is checked out.
    FastForward {
        /// The branch, without `refs/heads/`.
        branch: BranchName,
        /// The work tree's path.
        worktree: String,
        /// Where to.
        to: ObjectId,
        /// Our own documents lying in that work tree, to be staged first.
        stage: Vec<String>,
    },
    /// Removes a linked work tree that was made for the fix.
    RemoveWorktree {
        /// Its path.
        path: String,
        /// What was checked out there.
        commit: ObjectId,
    },
    /// Puts a commit on the branch that is checked out in a work tree, which follows.
    Commit {
        /// The branch, without `refs/heads/`.
        branch: BranchName,
        /// The work tree's path.
        worktree: String,
        /// The commit.
        commit: NewCommit,
    },
    /// Changes refs on the remote, all or none.
    Push(Push),
    /// Sets a key of git's configuration, in every repository of the person's.
    SetOwn {
        /// The key.
        key: String,
        /// Its value.
        value: String,
    },
}

impl GitAction {
    /// Whether it only brings something here or moves what is here, so that nobody else misses anything.
    pub(crate) fn only_brings(&self) -> bool {
        match self {
            Self::Push(_) | Self::RemoveWorktree { .. } | Self::UpdateRef { to: None, .. } => false,
            Self::UpdateRefs { updates, .. } => updates.iter().all(|update| update.to.is_some()),
            _ => true,
        }
    }

    /// How refs here will follow a merge that is not made yet: one is brought to it, several are brought up to date.
    pub(crate) fn following_view(names: &[String]) -> ActionView {
        let (action, text) = match names {
            [only] => ("update-ref", format!("bring {only} to the merge")),
            several => ("update-refs", format!("bring {} here up to date", several.join(", "))),
        };
        ActionView::new(action, text).branch(names.first().map(String::as_str).unwrap_or_default())
    }

    /// The same of a branch that is checked out here.
    pub(crate) fn fast_forward_view(branch: &str) -> ActionView {
        ActionView::new("fast-forward", format!("fast-forward {branch} to the merge")).branch(branch)
    }

    /// A switch to a merge that is not made yet: to a branch that is made there, or to none.
    pub(crate) fn switch_to_merge_view(new_branch: Option<&str>) -> ActionView {
        match new_branch {
            Some(name) => {
                ActionView::new("switch", format!("create {name} at the merge and switch to it")).branch(name)
            }
            None => ActionView::new("switch", "switch to the merge (detached)".to_owned()),
        }
    }

    pub(super) fn view(&self) -> ActionView {
        match self {
            Self::InspectRemote { remote, refs } => {
                let short = |name: &RefName| name.trim_start_matches("refs/heads/").replacen("refs/tags/", "tags ", 1);
                // What could be in the way (`hotfix`, `hotfix/x/*`) and branches of conflicts tell a person nothing.
                let is_about_room = |name: &RefName| match name.strip_suffix("/*") {
                    Some(branch) => refs.iter().any(|other| other == branch),
                    None => refs.iter().any(|other| {
                        other.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/') && rest != "/*")
                    }),
                };
                let shown = refs.iter().filter(|name| !name.ends_with("-into-*") && !is_about_room(name));
                let names: Vec<String> = shown.map(short).collect();
                let names = if names.len() > 2 { names.join(", ") } else { names.join(" and ") };
                ActionView::new("inspect-remote", format!("fetch {remote}: {names}"))
                    .remote(Some(remote))
                    .recording_nothing()
            }
            // Not slow: fetch and push may ask for a passphrase, and a spinner would write over the question.
            Self::Fetch { remote, branch } => ActionView::new("fetch", format!("fetch {branch} from {remote}"))
                .remote(Some(remote))
                .branch(branch)
                .recording_nothing(),
            Self::FetchRefs { remote, branches, tags } => {
                let names: Vec<&str> = branches.iter().chain(tags).map(String::as_str).collect();
                ActionView::new("fetch", format!("fetch {} from {remote}", names.join(", ")))
                    .remote(Some(remote))
                    .recording_nothing()
            }
            Self::CreateBranch { branch, commit, worktree } => {
                let location = worktree.as_ref().map(|path| format!(" in {path}")).unwrap_or_default();
                let text = format!("create {branch} at {} and switch to it{location}", commit.short());
                ActionView::new("create-branch", text).branch(branch).commit(commit)
            }
            Self::Switch { to } => match to {
                SwitchTo::Branch(name) => ActionView::new("switch", format!("switch to {name}")).branch(name),
                SwitchTo::Commit(commit) => {
                    ActionView::new("switch", format!("switch to {} (detached)", commit.short())).commit(commit)
                }
                SwitchTo::NewBranch { name, commit } => {
                    ActionView::new("switch", format!("create {name} at {} and switch to it", commit.short()))
                        .branch(name)
                        .commit(commit)
                }
            },
            Self::TakeBack(CutSwitch { to, paths }) => {
                let files = count(*paths, "file");
                let text = format!("take back {files} of a switch to {} that was cut short", to.short());
                ActionView::new("take-back", text).commit(to).recording_nothing()
            }
            Self::UpdateRef { name, to, .. } => {
                let short = RefName::branch_in(name).unwrap_or(name.as_str());
                match to {
                    Some(to) => ActionView::new("update-ref", format!("bring {short} to {}", to.short()))
                        .branch(short)
                        .commit(to),
                    None => ActionView::new("delete-branch", format!("delete {short} here")).branch(short),
                }
            }
            Self::UpdateRefs { updates, .. } => {
                let short = |name: &str| name.trim_start_matches("refs/heads/").trim_start_matches("refs/").to_owned();
                let names: Vec<String> = updates.iter().map(|update| short(&update.name)).collect();
                ActionView::new("update-refs", format!("bring {} here up to date", names.join(", ")))
                    .branch(names.first().map(String::as_str).unwrap_or_default())
            }
            Self::FastForward { branch, to, .. } => {
                ActionView::new("fast-forward", format!("fast-forward {branch} to {}", to.short()))
                    .branch(branch)
                    .commit(to)
            }
            Self::RemoveWorktree { path, .. } => {
                ActionView::new("remove-worktree", format!("remove the work tree {path}"))
            }
            Self::Commit { branch, commit, .. } => {
                let subject = commit.message.lines().next().unwrap_or_default();
                ActionView::new("commit", format!("commit \"{subject}\" on {branch}")).branch(branch)
            }
            Self::SetOwn { key, .. } => {
                ActionView::new("set-own", format!("set {key} in your git configuration")).recording_nothing()
            }
            Self::Push(push) => view_of_push(push),
        }
    }
}

pub(super) fn view_of_push(push: &Push) -> ActionView {
    let Push { remote, updates } = push;
    let names: Vec<&str> = updates.iter().map(|update| update.name.trim_start_matches("refs/heads/")).collect();
    if updates.iter().all(|update| update.to.is_none()) {
        ActionView::new("delete-remote-branch", format!("delete {} on {remote}", names.join(", ")))
    } else {
        ActionView::new("push", format!("push {} to {remote}", names.join(", ")))
    }
    .branch(names.first().copied().unwrap_or_default())
    .remote(Some(remote))
}
