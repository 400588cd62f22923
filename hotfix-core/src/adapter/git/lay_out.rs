//! Trees beside the user's, laid out in a repository of their own.
//!
//! Not as linked work trees: those leave an entry in the user's repository when we are killed.

use std::path::Path;

use crate::domain::ObjectId;
use crate::port::{ErrorKind, PortError};

use super::child::GitRun;
use super::convert::{BoxedError, failed, object_format, oid};
use super::{GitRepository, durable};

/// Nothing there is worth a sync, and nothing of the user's set-up has a say.
const SETTINGS: &str = "-c core.fsync=none -c core.hooksPath=/dev/null -c commit.gpgSign=false -c core.fsmonitor=false";

/// Few git programs: the tree is laid out by one, and cleaned by another where something lay there before.
pub(super) fn lay_out(git: &GitRepository, path: &Path, tree: &ObjectId, base: &ObjectId) -> Result<(), PortError> {
    let doing = format!("lay out {} at {}", tree.short(), path.display());
    let was_there = path.join(".git/HEAD").is_file();
    let repository = prepare(git, path, &doing)?;
    let there = |arguments: &[&str]| {
        GitRun::new(&doing, SETTINGS.split(' '))
            .arguments(arguments)
            .within(Some(path))
            .variable("GIT_CEILING_DIRECTORIES", path)
    };
    git.output(&there(&["read-tree", "--reset", "-u", "--no-recurse-submodules", tree.as_str()]))?;
    // What an earlier proof built beside the sources must not reach this one.
    if was_there {
        git.output(&there(&["clean", "-ffdxq"]))?;
    }
    stand_on(&repository, tree, base).map_err(failed(doing))
}

/// The repository at `path` that borrows our objects.
fn prepare(git: &GitRepository, path: &Path, doing: &str) -> Result<git2::Repository, PortError> {
    let failed = |error: BoxedError| {
        PortError::new(ErrorKind::Precondition, doing, error)
            .hint("Set XDG_CACHE_HOME to a folder that can be written.")
    };
    std::fs::create_dir_all(path.join(".git/objects/info")).map_err(|error| failed(error.into()))?;
    // Borrowed, so that laying out copies no history.
    let objects = git.layout.common_dir.join("objects");
    let alternates = path.join(".git/objects/info/alternates");
    #[expect(clippy::disallowed_methods, reason = "a file of our own in the cache, written anew each time")]
    std::fs::write(alternates, format!("{}\n", objects.display())).map_err(|error| failed(error.into()))?;
    // We hold the place: whoever left it is gone.
    for lock in ["index.lock", "config.lock", "HEAD.lock"] {
        #[expect(clippy::disallowed_methods, reason = "a lock of our own in the cache")]
        let _ = std::fs::remove_file(path.join(".git").join(lock));
    }
    let mut options = git2::RepositoryInitOptions::new();
    options.external_template(false).no_reinit(false).object_format(object_format(git.layout.format.objects));
    git2::Repository::init_opts(path, &options).map_err(|error| failed(error.into()))
}

/// Makes HEAD a commit of this tree after `base`, so that what asks git where it is gets an answer.
fn stand_on(repository: &git2::Repository, tree: &ObjectId, base: &ObjectId) -> Result<(), git2::Error> {
    let tree = repository.find_object(oid(tree)?, None)?.peel_to_tree()?;
    let now = repository.head().and_then(|head| head.peel_to_tree());
    if now.is_ok_and(|now| now.id() == tree.id()) {
        return Ok(());
    }
    let base = repository.find_commit(oid(base)?)?;
    // The base's time: the same tree gets the same commit, whenever it is laid out.
    let who = git2::Signature::new("hotfix", "hotfix@localhost", &base.time())?;
    let message = "What production runs, with the tests of the fix";
    let commit = durable::commit(repository, [&who, &who], message, &tree, &[&base])?;
    repository.set_head_detached(commit)
}
