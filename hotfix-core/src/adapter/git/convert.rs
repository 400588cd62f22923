//! Ids and texts of the libraries as ours, and ours as theirs.

use std::str::FromStr as _;

use crate::domain::ObjectId;
use crate::port::{ErrorKind, PortError};

/// Why something failed, whichever library says so.
pub(super) type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// The id in gix's type.
pub(super) fn to_gix(id: &ObjectId) -> Result<gix::ObjectId, PortError> {
    gix::ObjectId::from_hex(id.as_str().as_bytes())
        .map_err(|error| PortError::new(ErrorKind::Precondition, format!("use {id} as an object id"), error))
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

/// Makes an internal error out of a library's.
pub(super) fn failed<E: Into<BoxedError>>(doing: impl Into<String>) -> impl FnOnce(E) -> PortError {
    move |error| PortError::new(ErrorKind::Internal, doing, error)
}

pub(super) fn oid(id: &ObjectId) -> Result<git2::Oid, git2::Error> {
    git2::Oid::from_str(id.as_str())
}

pub(super) fn from_git2(id: git2::Oid) -> ObjectId {
    id.to_string().parse().expect("an object id prints as lower-case hex digits")
}

/// The id that a program of git printed.
pub(super) fn object_id(stdout: &[u8], doing: &str) -> Result<ObjectId, PortError> {
    ObjectId::from_str(lossy(stdout).trim()).map_err(failed(doing))
}
