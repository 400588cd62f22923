//! Ids and texts of the libraries as ours, and ours as theirs.

use std::str::FromStr as _;

use crate::domain::{ObjectFormat, ObjectId};
use crate::port::{Author, CommitDetails, ErrorKind, PortError};

use super::GitRepository;

/// Why something failed, whichever library says so.
pub(super) type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// The id in gix's type, which looks for those of the repository's format only.
pub(super) fn to_gix(git: &GitRepository, id: &ObjectId) -> Result<gix::ObjectId, PortError> {
    let unusable =
        |error: BoxedError| PortError::new(ErrorKind::Precondition, format!("use {id} as an object id"), error);
    let (named, here) = (id.format().name(), git.layout.format.objects.name());
    if named != here {
        return Err(unusable(format!("it is one of {named}, and the repository's are of {here}").into()));
    }
    gix::ObjectId::from_hex(id.as_str().as_bytes()).map_err(|error| unusable(error.into()))
}

/// The id in our type.
pub(super) fn from_gix(id: &gix::oid) -> ObjectId {
    ObjectId::from_str(&id.to_hex().to_string()).expect("an object id prints as lower-case hex digits")
}

/// Text of git's that need not be UTF-8, for people.
pub(super) fn lossy(bytes: &[u8]) -> String {
    // Paths and messages in a repository have whatever bytes somebody typed.
    String::from_utf8_lossy(bytes).into_owned()
}

/// Makes an internal error out of a library's, unless the library tells of damage.
pub(super) fn failed<E: Into<BoxedError>>(doing: impl Into<String>) -> impl FnOnce(E) -> PortError {
    move |error| {
        let error = error.into();
        match is_damage(&*error) {
            true => damaged(doing, error),
            false => PortError::new(ErrorKind::Internal, doing, error),
        }
    }
}

/// What is in the repository cannot be what git wrote there.
pub(super) fn damaged(doing: impl Into<String>, why: BoxedError) -> PortError {
    PortError::new(ErrorKind::Precondition, doing, why).hint(LOOK_FOR_DAMAGE)
}

pub(super) const LOOK_FOR_DAMAGE: &str = "Run the same command again; if it says the same, `git fsck` says what is damaged, and a backup or another clone may have it.";

/// How gix says that a ref or a pack holds something else than it should.
const DAMAGE: [&str; 6] = [
    "could not be decoded",
    "Could not decode packed reference",
    "Reference content could not be parsed",
    "was supposed to be of kind",
    "Pack entry is truncated",
    "pack is corrupt",
];

pub(super) fn is_damage(why: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(why), |error| error.source());
    causes.any(|cause| {
        let said = cause.to_string();
        DAMAGE.iter().any(|text| said.contains(text))
    })
}

pub(super) fn oid(id: &ObjectId) -> Result<git2::Oid, git2::Error> {
    // Without its format it would be read as one of SHA-1, and a longer one refused.
    git2::Oid::from_str_ext(id.as_str(), object_format(id.format()))
}

/// How libgit2 calls a format of objects.
pub(super) fn object_format(format: ObjectFormat) -> git2::ObjectFormat {
    match format {
        ObjectFormat::Sha1 => git2::ObjectFormat::Sha1,
        ObjectFormat::Sha256 => git2::ObjectFormat::Sha256,
    }
}

pub(super) fn from_git2(id: git2::Oid) -> ObjectId {
    id.to_string().parse().expect("an object id prints as lower-case hex digits")
}

/// The id that a program of git printed. git ends well where a pipe did not take what it printed.
pub(super) fn object_id(stdout: &[u8], doing: &str) -> Result<ObjectId, PortError> {
    ObjectId::from_str(lossy(stdout).trim()).map_err(|error| {
        PortError::new(ErrorKind::Retry, doing, format!("git's answer was cut short: {error}"))
            .hint("Run the same command again.")
    })
}

/// What is told of a commit.
pub(super) fn commit_details(found: &gix::Commit<'_>) -> gix::Result<CommitDetails> {
    let author = found.author()?;
    Ok(CommitDetails {
        id: from_gix(&found.id),
        parents: found.parent_ids().map(|id| from_gix(&id)).collect(),
        author: Author { name: lossy(author.name), email: lossy(author.email), date: author.time.to_owned() },
        message: lossy(found.message_raw()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_cut_short_may_be_whole_the_next_time() {
        let whole = b"ca82a6dff817ec66f44342007202690a93763949\n";
        assert!(object_id(whole, "write the tree").is_ok());
        for cut in [&b""[..], &whole[..7]] {
            let error = object_id(cut, "write the tree").unwrap_err();
            assert_eq!((error.kind, error.doing.as_str()), (ErrorKind::Retry, "write the tree"));
        }
    }
}
