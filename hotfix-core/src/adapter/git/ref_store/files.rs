//! Refs that lie in files: read by gix, moved by libgit2.

use std::path::Path;
use std::str::FromStr as _;

use gix::bstr::ByteSlice as _;

use crate::adapter::git::convert::{failed, from_gix, lossy, oid};
use crate::adapter::git::own_move::OwnMove;
use crate::adapter::git::{GitRepository, trouble};
use crate::domain::{ObjectFormat, ObjectId, RefName};
use crate::port::{ErrorKind, Expected, Head, Operation, PortError, RefUpdate};

use super::revision::TELL_MORE;
use super::{RefStore, Swap, revision};

/// One file a ref, or all in `packed-refs`.
pub(super) struct RefFiles;

impl RefStore for RefFiles {
    fn head(&self, git: &GitRepository) -> Result<Head, PortError> {
        let head = git.reads.head().map_err(|error| git.unreadable("read HEAD", error))?;
        let name = head.referent_name().map(|name| lossy(name.shorten()));
        match (name, head.id()) {
            (Some(name), Some(id)) => Ok(Head::Branch { name, commit: from_gix(&id) }),
            (Some(name), None) => Ok(Head::Unborn { name }),
            (None, Some(id)) => Ok(Head::Detached { commit: from_gix(&id) }),
            (None, None) => Err(git.unreadable("read HEAD", "it names neither a branch nor a commit")),
        }
    }

    fn branch_of(&self, _: &GitRepository, git_dir: &Path) -> Option<String> {
        let head = std::fs::read(git_dir.join("HEAD")).unwrap_or_default();
        head.trim().strip_prefix(b"ref: refs/heads/").map(lossy)
    }

    fn pick_in_progress(&self, git: &GitRepository) -> Result<Option<Operation>, PortError> {
        use gix::state::InProgress as State;
        Ok(match git.reads.state() {
            Some(State::CherryPick | State::CherryPickSequence) => Some(Operation::CherryPick),
            Some(State::Revert | State::RevertSequence) => Some(Operation::Revert),
            _ => None,
        })
    }

    fn commit_of_ref(&self, git: &GitRepository, name: &str) -> Result<Option<ObjectId>, PortError> {
        let Some(mut found) = find_ref(git, name)? else { return Ok(None) };
        if let Some(Err(_)) = found.follow() {
            return Ok(None); // It names a branch without commits, or one that is gone.
        }
        let commit = found.peel_to_commit().map_err(|error| git.unreadable(format!("read {name}"), error))?;
        Ok(Some(from_gix(&commit.id)))
    }

    fn commit_of(&self, git: &GitRepository, revision: &str) -> Result<Option<ObjectId>, PortError> {
        let doing = || format!("find the commit `{revision}`");
        let is_whole = ObjectId::from_str(revision).is_ok_and(|id| id.format() == git.layout.format.objects);
        // gix 0.90 finds no object of SHA-256 by its first digits.
        if git.layout.format.objects == ObjectFormat::Sha256 && !is_whole {
            return revision::by_git(git, revision);
        }
        let found = match git.reads.rev_parse_single(revision) {
            Ok(found) => found,
            Err(error) if error.to_string().contains("ambiguous") => {
                return Err(PortError::new(ErrorKind::Precondition, doing(), error).hint(TELL_MORE));
            }
            Err(_) => return Ok(None),
        };
        let object = found.object().map_err(|error| git.unreadable(doing(), error))?;
        Ok(object.peel_to_commit().ok().map(|commit| from_gix(&commit.id)))
    }

    fn symbolic_ref(&self, git: &GitRepository, name: &str) -> Result<Option<RefName>, PortError> {
        let found = find_ref(git, name)?;
        Ok(found.and_then(|found| found.target().try_name().map(|name| RefName::known(lossy(name.as_bstr())))))
    }

    fn commits_under(&self, git: &GitRepository, prefix: &str) -> Result<Vec<(RefName, ObjectId)>, PortError> {
        let read = || -> gix::Result<Vec<(RefName, ObjectId)>> {
            let mut found = Vec::new();
            let references = git.reads.references()?;
            // gix takes no prefix with a character that a path has not on Windows, which branches have elsewhere.
            let under = references.prefixed(prefix).or_else(|_| references.all())?;
            for reference in under {
                let mut reference = reference?;
                let name = RefName::known(lossy(reference.name().as_bstr()));
                if !name.starts_with(prefix) {
                    continue;
                }
                // A tag of a tree, or a ref whose object is gone, is no commit to go by.
                found.extend(reference.peel_to_commit().ok().map(|commit| (name, from_gix(&commit.id))));
            }
            found.sort();
            Ok(found)
        };
        read().map_err(|error| git.unreadable(format!("list {prefix}"), error))
    }

    fn object_of(&self, git: &GitRepository, name: &str, doing: &str) -> Result<Option<ObjectId>, PortError> {
        let found = git.reads.try_find_reference(name).map_err(|error| git.unreadable(doing, error))?;
        Ok(found.and_then(|found| found.try_id().map(|id| from_gix(&id))))
    }

    fn objects_under(
        &self,
        git: &GitRepository,
        prefix: &str,
        doing: &str,
    ) -> Result<Vec<(String, ObjectId)>, PortError> {
        // `git gc` moves refs into one file: one that was listed a moment ago may be read there now.
        let read = || objects_under(git, prefix);
        read().or_else(|_| read()).map_err(|error| git.unreadable(doing, error))
    }

    fn swap(&self, git: &GitRepository, update: &RefUpdate, why: &str) -> Result<(), Swap> {
        let RefUpdate { name, to, expected } = update;
        let told = match (to, expected) {
            (Some(commit), _) | (None, Expected::At(commit)) => Some(commit),
            (None, Expected::Absent) => None,
        };
        let _told = told.map(|commit| OwnMove::begin(git, name, commit));
        let durable = git.durable()?;
        let repository = &durable.repository;
        let expected = expected_id(git, expected, &format!("move {name}"))?;
        let result = match to {
            Some(to) => oid(to).and_then(|to| {
                // For libgit2, too, zeros say that it must not exist.
                let expected = expected.unwrap_or(match to.object_format() {
                    git2::ObjectFormat::Sha1 => git2::Oid::ZERO_SHA1,
                    git2::ObjectFormat::Sha256 => git2::Oid::ZERO_SHA256,
                });
                repository.reference_matching(name, to, true, expected, why).map(drop)
            }),
            None => repository.find_reference(name).and_then(|mut found| match found.target() {
                // libgit2 deletes it only while it is what was found.
                Some(target) if Some(target) == expected => found.delete(),
                _ => Err(git2::Error::new(git2::ErrorCode::Modified, git2::ErrorClass::Reference, "it moved")),
            }),
        };
        result.map_err(|error| match error.code() {
            git2::ErrorCode::Modified | git2::ErrorCode::NotFound | git2::ErrorCode::Exists => {
                Swap::Moved(name.clone())
            }
            _ => Swap::Failed(ref_error(git, name, error)),
        })
    }

    fn swap_all(&self, git: &GitRepository, updates: &[RefUpdate], why: &str) -> Result<(), Swap> {
        if let [one] = updates {
            return self.swap(git, one, why); // Unlike a transaction, it takes the log of a ref that goes along.
        }
        let durable = git.durable()?;
        let repository = &durable.repository;
        let names: Vec<&str> = updates.iter().map(|update| update.name.as_str()).collect();
        let doing = format!("move {}", names.join(", "));
        let mut transaction = repository.transaction().map_err(failed(&doing))?;
        for update in updates {
            // All are locked before one is moved: a ref that moved meanwhile then moves none.
            transaction.lock_ref(&update.name).map_err(|error| ref_error(git, &update.name, error))?;
            let now = repository.refname_to_id(&update.name).ok();
            if now != expected_id(git, &update.expected, &doing)? {
                return Err(Swap::Moved(update.name.clone()));
            }
            match &update.to {
                Some(to) => oid(to).and_then(|to| transaction.set_target(&update.name, to, None, why)),
                None => transaction.remove(&update.name),
            }
            .map_err(|error| ref_error(git, &update.name, error))?;
        }
        transaction.commit().map_err(|error| Swap::Failed(trouble::unwritten(doing, error)))
    }

    fn put(&self, git: &GitRepository, name: &str, to: &ObjectId, why: &str) -> Result<(), PortError> {
        let durable = git.durable()?;
        let put = oid(to).and_then(|to| durable.repository.reference(name, to, true, why).map(drop));
        put.map_err(|error| ref_error(git, name, error))
    }
}

fn expected_id(git: &GitRepository, expected: &Expected, doing: &str) -> Result<Option<git2::Oid>, PortError> {
    match expected {
        Expected::Absent => Ok(None),
        Expected::At(id) => oid(id).map(Some).map_err(|error| git.unreadable(doing, error)),
    }
}

fn find_ref<'r>(git: &'r GitRepository, full_name: &str) -> Result<Option<gix::Reference<'r>>, PortError> {
    if !full_name.starts_with("refs/") {
        return Ok(None); // gix would look for a branch or tag of that name.
    }
    // Some texts no ref can have for its name.
    let Ok(name) = <&gix::refs::FullNameRef>::try_from(full_name) else { return Ok(None) };
    let found = git.reads.try_find_reference(name.as_partial_name());
    found.map_err(|error| git.unreadable(format!("read {name}"), error))
}

fn objects_under(git: &GitRepository, prefix: &str) -> gix::Result<Vec<(String, ObjectId)>> {
    let mut objects = Vec::new();
    for found in git.reads.references()?.prefixed(prefix)? {
        let found = found?;
        objects.extend(found.try_id().map(|id| (lossy(found.name().as_bstr()), from_gix(&id))));
    }
    Ok(objects)
}

/// A failure to write a ref; a taken lock is named.
fn ref_error(git: &GitRepository, name: &str, error: git2::Error) -> PortError {
    let doing = format!("move {name}");
    let own = git.layout.common_dir.join(format!("{name}.lock"));
    // A ref that is deleted may be packed, too.
    let packed = git.layout.common_dir.join("packed-refs.lock");
    let is_locked = error.code() == git2::ErrorCode::Locked;
    // libgit2 does not always say `Locked` where it meets a lock.
    if own.exists() || is_locked && !packed.exists() {
        PortError::new(ErrorKind::Retry, doing, "its lock is taken").hint(trouble::lock_hint(&own))
    } else if is_locked {
        PortError::new(ErrorKind::Retry, doing, "the lock of all packed refs is taken")
            .hint(trouble::lock_hint(&packed))
    } else {
        trouble::unwritten(doing, error)
    }
}
