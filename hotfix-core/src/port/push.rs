//! Changes of refs on a remote, and why they did not happen.

use crate::domain::ObjectId;

use super::PortError;

/// What a ref must be for an update to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It must not exist.
    Absent,
    /// It must name this object.
    At(ObjectId),
}

/// One ref to change on a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// The full name there.
    pub name: String,
    /// The object it gets; `None` deletes it.
    pub to: Option<ObjectId>,
    /// What it must be before.
    pub expected: Expected,
}

/// Refs to change on a remote, all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The remote's name.
    pub remote: String,
    /// The changes.
    pub updates: Vec<RefUpdate>,
}

/// A no of the remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The remote's name.
    pub remote: String,
    /// The full name there of the ref that it is about.
    pub name: String,
    /// What it said, safe to print.
    pub reason: String,
    /// Where pushes go to several addresses and another one took all: the one that did not, without credentials.
    pub address: Option<String>,
    /// The full names of the refs that moved all the same: servers decide some refusals before what is to be all or nothing.
    pub moved: Vec<String>,
}

/// A no of a hook of this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookNo {
    /// Its file.
    pub path: String,
    /// What it said, safe to print.
    pub said: String,
    /// Whether it uploads what the commits need (git-lfs): without it they would not be whole.
    pub uploads: bool,
}

/// Why a push did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// A ref was not what was expected.
    #[error("`{name}` moved on the remote meanwhile")]
    Raced {
        /// The full name there.
        name: String,
    },
    /// The remote said no: protected branch, hook.
    #[error("the remote refused `{}`: {}", .0.name, .0.reason)]
    Refused(Rejection),
    /// A hook of this repository said no, and the remote was not asked.
    #[error("the hook {} said no: {}", .0.path, .0.said)]
    Hook(HookNo),
    /// Anything else; whether the remote acted is not known.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl From<Rejection> for PushError {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl From<HookNo> for PushError {
    fn from(no: HookNo) -> Self {
        Self::Hook(no)
    }
}
