//! A fix that needs a commit of a submodule which nobody else has.

use crate::domain::{Level, one_line};
use crate::port::{Publication, SubmoduleCommit};

use super::{GuardCheck, GuardedFix, Suspicion};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "unpublished-submodule",
    level: Level::Error,
    what: "the fix sets a submodule to a commit that no remote of the submodule is known to have",
    why: "nobody could clone or build what was released",
    fix: "push the commit from the submodule's own repository",
    find,
};

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    fix.submodules.iter().filter_map(found).collect()
}

fn found(submodule: &SubmoduleCommit) -> Option<Suspicion> {
    let SubmoduleCommit { path, commit, .. } = submodule;
    let short = commit.short();
    let git = match &submodule.git_dir {
        None => format!("git -C {}", quoted(path)),
        Some(git_dir) => format!("git --git-dir {}", quoted(git_dir)),
    };
    let remote = submodule.remote.as_deref().unwrap_or("origin");
    let push = format!("{git} push {} {commit}:refs/heads/hotfix-{short}", quoted(remote));
    let only_here = format!("nobody else has commit {short} of this submodule");
    let cannot_tell =
        |why: &str| format!("it cannot be told whether anybody else has commit {short} of this submodule: {why}");
    let (message, help) = match submodule.publication {
        Publication::Published => return None,
        Publication::OnlyHere if submodule.remote.is_none() => {
            (format!("{only_here}, and its repository has no remote"), format!("{git} remote add origin <url>; {push}"))
        }
        Publication::OnlyHere => (only_here, push),
        // `push.recurseSubmodules` is the person's own: git will push it first.
        Publication::ComesAlong => (format!("{only_here}; your settings have the push bring it along"), push),
        Publication::NoRepository => {
            (cannot_tell("it is not checked out here"), format!("git submodule update --init -- {}", quoted(path)))
        }
        Publication::Absent => (cannot_tell("its repository here lacks it"), format!("{git} fetch")),
        Publication::CutOff => (cannot_tell("its history is cut off here"), format!("{git} fetch --unshallow")),
        Publication::Unreadable => (cannot_tell("its repository here cannot be read"), format!("{git} fetch")),
    };
    let found = Suspicion { file: Some((path.clone(), 0)), message, level: None, help: Some(help) };
    // CI often has no submodules checked out, and must not fail for that.
    let is_certain = submodule.publication == Publication::OnlyHere;
    Some(if is_certain { found } else { Suspicion { level: Some(Level::Warning), ..found } })
}

/// A word of a command line, for people to copy.
fn quoted(word: &str) -> String {
    shell_words::quote(&one_line(word)).into_owned()
}
