//! Changes of refs on a remote, and why they did not happen.

use crate::domain::{ObjectId, RefName};

use crate::port::PortError;

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
    pub name: RefName,
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
    pub name: RefName,
    /// What it said, safe to print.
    pub reason: String,
    /// Where pushes go to several addresses and another one took all: the one that did not, without credentials.
    pub address: Option<String>,
    /// The full names of the refs that moved all the same: servers decide some refusals before what is to be all or nothing.
    pub moved: Vec<RefName>,
}

impl Rejection {
    /// Why the push did not do what was planned, and what moved all the same, one line.
    pub fn why(&self) -> String {
        let moved = if self.moved.is_empty() { String::new() } else { format!("; {}", self.what_moved()) };
        format!("{}{moved}", self.reason_at_address())
    }

    /// What it said, after the address that said it where there are several.
    pub fn reason_at_address(&self) -> String {
        match &self.address {
            Some(address) => format!("{address}: {}", self.reason),
            None => self.reason.clone(),
        }
    }

    /// What the push changed, as far as was seen.
    pub fn what_moved(&self) -> String {
        let names: Vec<&str> = self.moved.iter().map(|name| RefName::short_in(name)).collect();
        match names.as_slice() {
            [] => "nothing was changed".to_owned(),
            several if self.address.is_some() => format!("another address has {}", several.join(", ")),
            several => format!("{} moved all the same", several.join(", ")),
        }
    }
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
#[non_exhaustive]
pub enum PushError {
    /// A ref was not what was expected.
    #[error("`{name}` moved on the remote meanwhile")]
    Raced {
        /// The full name there.
        name: RefName,
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
