//! Why something of a ledger cannot be read: it is damaged, it is still with the remote of a partial clone, or the system says no.

use crate::port::{ErrorKind, PortError, by_system};

use crate::adapter::git::convert::{BoxedError, damaged};
use crate::adapter::git::{GitRepository, trouble};

/// What to do about a ledger that is damaged.
pub(super) const REPAIR: &str =
    "git hotfix ledger repair   # puts together what is still to be found here, and asks the remotes for the rest";

/// An error of reading a ledger.
pub(super) fn error(git: &GitRepository, doing: impl Into<String>, why: impl Into<BoxedError>) -> PortError {
    let why = why.into();
    if by_system(&*why).is_some() {
        return PortError::new(ErrorKind::Internal, doing, why);
    }
    if git.is_promised(&*why) {
        return PortError::new(ErrorKind::Retry, doing, why).hint(trouble::UNREACHABLE);
    }
    damage(doing, why)
}

/// An error of recording, which begins with reading what is there.
pub(super) fn unrecorded(git: &GitRepository, doing: impl Into<String>, why: git2::Error) -> PortError {
    let doing = doing.into();
    let is_read = matches!(why.class(), git2::ErrorClass::Odb | git2::ErrorClass::Zlib | git2::ErrorClass::Object);
    if is_read && by_system(&why).is_none() {
        return error(git, doing, why);
    }
    trouble::unwritten(doing, why)
}

/// An error of reading the ref of a ledger.
pub(super) fn of_ref(mut error: PortError) -> PortError {
    if error.source.as_deref().is_some_and(|why| by_system(why).is_none()) {
        error.hints.insert(0, REPAIR.to_owned());
    }
    error
}

fn damage(doing: impl Into<String>, why: BoxedError) -> PortError {
    let mut error = damaged(doing, why);
    error.hints.insert(0, REPAIR.to_owned());
    error
}
