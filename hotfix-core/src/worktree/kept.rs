//! Why a linked work tree is kept that would be removed otherwise, and the line that removes it all the same.

use std::path::Path;

use crate::domain::one_line;
use crate::workflow::{Context, Result, named};

use super::ignored;

/// What stands against the removal of a work tree; not all of it may be empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct WorktreeKept {
    is_locked: bool,
    /// Its folder is gone, and something else lies there.
    is_replaced: bool,
    /// Submodules with a repository of their own in it: git removes it by force only.
    submodules: Vec<String>,
    /// Of one with submodules, which force would remove as it is.
    is_uncommitted: bool,
    /// Ignored files that nobody can make again.
    ignored: Option<String>,
}

impl WorktreeKept {
    /// What stands against the removal of the work tree at `path`; `None` where it can be removed. Of one whose folder is gone,
    /// that is what git keeps of it.
    pub(crate) fn look(context: &Context<'_>, path: &str) -> Result<Option<Self>> {
        let (git, place) = (context.look.git, Path::new(path));
        // Of one that was made by half only what git brought is removed.
        if git.is_half_made(place)? {
            return Ok(None);
        }
        let known = git.worktrees()?.into_iter().find(|worktree| worktree.path == place);
        let is_locked = known.as_ref().is_some_and(|worktree| worktree.is_locked);
        let kept = if known.is_some_and(|worktree| !worktree.is_there) {
            Self { is_locked, is_replaced: !context.look.files.is_vacant(place), ..Self::default() }
        } else {
            let submodules = git.submodules_in(place)?;
            let is_uncommitted = !submodules.is_empty() && !git.is_clean(place)?;
            Self {
                is_locked,
                submodules,
                is_uncommitted,
                ignored: ignored::would_be_lost(context, path)?,
                ..Self::default()
            }
        };
        Ok((kept != Self::default()).then_some(kept))
    }

    /// Whether git removes it by force only.
    pub(crate) fn has_submodules(&self) -> bool {
        !self.submodules.is_empty()
    }

    /// A sentence that says why.
    pub(crate) fn text(&self, path: &str) -> String {
        let ignored = self.ignored.as_ref().map(|files| format!("git ignores {files}, which would be lost with it"));
        let submodules = self.has_submodules().then(|| {
            let listed = named::listed(&self.submodules);
            format!("what only its submodules hold would be lost with it ({listed})")
        });
        let locked = self.is_locked.then(|| "it is locked".to_owned());
        let replaced = self.is_replaced.then(|| "its folder is gone, and something else is there".to_owned());
        let uncommitted = self.is_uncommitted.then(|| "it holds uncommitted work".to_owned());
        let why: Vec<String> = [locked, replaced, uncommitted, submodules, ignored].into_iter().flatten().collect();
        format!("{} is kept: {}", one_line(path), why.join("; "))
    }

    /// The command that removes it, once what it holds is seen to.
    pub(crate) fn removal(&self, path: &str) -> String {
        let quoted = shell_words::quote(path);
        let unlock = if self.is_locked { format!("git worktree unlock {quoted} && ") } else { String::new() };
        // git removes none where something else is at its place.
        if self.is_replaced {
            return format!("{unlock}git worktree prune");
        }
        let force = if self.has_submodules() { "--force " } else { "" };
        format!("{unlock}git worktree remove {force}{quoted}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_said_and_has_its_line() {
        let check = |kept: WorktreeKept, why: &str, line: &str| {
            assert_eq!(kept.text("/a b"), format!("/a b is kept: {why}"));
            assert_eq!(kept.removal("/a b"), line);
        };
        let ignored = WorktreeKept { ignored: Some(".env".to_owned()), ..WorktreeKept::default() };
        check(ignored, "git ignores .env, which would be lost with it", "git worktree remove '/a b'");
        let locked = WorktreeKept { is_locked: true, ..WorktreeKept::default() };
        check(locked, "it is locked", "git worktree unlock '/a b' && git worktree remove '/a b'");
        let submodules =
            WorktreeKept { submodules: vec!["lib/sub".to_owned()], is_uncommitted: true, ..WorktreeKept::default() };
        check(
            submodules,
            "it holds uncommitted work; what only its submodules hold would be lost with it (lib/sub)",
            "git worktree remove --force '/a b'",
        );
        let replaced = WorktreeKept { is_locked: true, is_replaced: true, ..WorktreeKept::default() };
        check(
            replaced,
            "it is locked; its folder is gone, and something else is there",
            "git worktree unlock '/a b' && git worktree prune",
        );
    }
}
