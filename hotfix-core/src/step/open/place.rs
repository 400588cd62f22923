//! The work tree of the fix's own, where it gets one.

use std::path::{Component, Path, PathBuf};

use crate::domain::event::Origin;
use crate::domain::{Slug, one_line};
use crate::workflow::{Code, Context, Refusal, Result, Topic};

use super::Open;

impl Open {
    /// Whether the fix gets one.
    pub(super) fn wants_worktree(&self, context: &Context<'_>) -> bool {
        self.worktree.is_some() || context.answers.given(Topic::Worktree) == Some(true)
    }

    /// The path of the fix's own work tree, where it has or gets one; a path given now goes before the recorded one,
    /// which may have been impossible.
    pub(super) fn worktree_for(&self, context: &Context<'_>, slug: &Slug) -> Result<Option<String>> {
        if self.wants_worktree(context) {
            return self.worktree_path(context, slug).map(Some);
        }
        Ok(match context.incident.map(|incident| &incident.origin) {
            Some(Origin::Untouched(path)) => Some(path.clone()),
            Some(Origin::Branch(_) | Origin::Detached(_)) | None => None,
        })
    }

    /// The new work tree's path: as given, or `<repository>-hotfix-<slug>` beside this one.
    pub(super) fn worktree_path(&self, context: &Context<'_>, slug: &Slug) -> Result<String> {
        let top = context.look.git.repository().work_tree.clone().unwrap_or_default();
        let given = self.worktree.as_deref().unwrap_or_default();
        let path = if given.is_empty() {
            let name = top.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            // Beside it: within it, git status would show it as untracked.
            top.with_file_name(format!("{name}-hotfix-{slug}"))
        } else {
            without_dots(&top.join(given))
        };
        path.to_str().map(str::to_owned).ok_or_else(|| {
            Refusal::usage(Code::Worktree, "--worktree: the path is not UTF-8").hint("give a path: --worktree DIR")
        })
    }

    /// Refuses a path for the new work tree that is taken, before anything is recorded.
    pub(super) fn refuse_taken_path(&self, context: &Context<'_>, slug: &Slug) -> Result<()> {
        let path = self.worktree_path(context, slug)?;
        if context.look.files.is_vacant(Path::new(&path)) {
            return Ok(());
        }
        Err(Refusal::usage(Code::Worktree, format!("--worktree: {} is there already", one_line(&path)))
            .hint("give the path of a folder that does not exist yet: --worktree DIR"))
    }
}

/// The same path as git names it later: without `.` and `..`.
fn without_dots(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(path.pop()),
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => path.push(component),
        }
        path
    })
}
