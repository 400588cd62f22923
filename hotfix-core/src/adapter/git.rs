//! A git repository: one type behind the ports that read, write and keep the ledger.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr as _;

use crate::domain::ObjectId;
use crate::port::{ErrorKind, PortError, Repository};

use super::git_cli_child::Program;
use super::git_write::Durable;
use super::{git_environment, git_hooks, git_open};

/// A repository on this machine, found from a folder as git finds it.
///
/// Reads see what other programs write meanwhile, configuration excepted: that is read once.
pub struct GitRepository {
    pub(super) place: Repository,
    pub(super) reads: gix::Repository,
    /// The same for libgit2, once something was to be computed or written.
    pub(super) writes: OnceCell<Durable>,
    pub(super) program: Program,
    /// What ssh takes hosts for, as far as it was asked, each with whether a remote had answered before.
    pub(super) ssh_hosts: RefCell<BTreeMap<(String, bool), Option<String>>>,
    /// Whether a remote answered: then git has started what the configuration names for that.
    pub(super) met_remote: Cell<bool>,
    /// Whether merges may start programs: git, and the merge drivers of the person. A mere look does not.
    pub(super) runs_drivers: Cell<bool>,
}

impl GitRepository {
    /// Where `GIT_DIR` led instead of the folder `start`, if it did: outside of the work tree that it names.
    pub fn led_elsewhere(&self, start: &Path) -> Option<&Path> {
        git_environment::git_dir()?;
        let place = &self.place;
        let found = place.work_tree.as_ref().unwrap_or(&place.git_dir);
        let is_inside = start.canonicalize().is_ok_and(|start| start.starts_with(found));
        (!is_inside).then_some(found.as_path())
    }

    /// Finds the repository around `start`, or the one that `GIT_DIR` names.
    ///
    /// # Errors
    /// When there is none, it belongs to somebody else, or it has a format that is not supported.
    pub fn open(start: &Path) -> Result<Self, PortError> {
        let reads = git_open::discover(start)?;
        let place = git_open::place(&reads)?;
        let program = Program::new(&place, git_hooks::is_traced(&reads));
        let (writes, ssh_hosts, met_remote, runs_drivers) = Default::default();
        Ok(Self { place, reads, program, writes, ssh_hosts, met_remote, runs_drivers })
    }

    /// The same, and no remote is asked: what a partial clone lacks is missing.
    #[must_use = "the repository that asks nobody is returned"]
    pub fn without_network(mut self) -> Self {
        self.program.may_ask_remotes = false;
        self
    }

    /// Lets merges start git and the merge drivers of the person, where these have to decide.
    pub fn decide_merges(&self) {
        self.runs_drivers.set(true);
    }

    /// The top of the work tree.
    pub(super) fn top(&self, doing: &str) -> Result<&Path, PortError> {
        self.place.work_tree.as_deref().ok_or_else(|| {
            PortError::new(ErrorKind::Precondition, doing, "the repository is bare: it has no work tree")
                .hint("Run this in a clone that has one.")
        })
    }

    /// An error of reading history, with what is known of why.
    pub(super) fn unreadable(
        &self,
        doing: impl Into<String>,
        why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> PortError {
        let kind = if self.place.is_shallow { ErrorKind::Precondition } else { ErrorKind::Internal };
        let error = PortError::new(kind, doing, why);
        if self.place.is_shallow { error.hint(UNSHALLOW) } else { error }
    }

    /// Whether objects may be absent here and are fetched when git needs them.
    pub(super) fn is_partial_clone(&self) -> bool {
        let config = self.reads.config_snapshot();
        let mut remotes = config.sections_by_name("remote").into_iter().flatten();
        remotes.any(|remote| remote.value("promisor").is_some_and(|value| lossy(&value) != "false"))
    }
}

pub(super) const UNSHALLOW: &str = "History is cut off here (a shallow clone): run `git fetch --unshallow`.";

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
    String::from_utf8_lossy(bytes).into_owned()
}

/// Makes an internal error out of a library's.
pub(super) fn failed<E>(doing: impl Into<String>) -> impl FnOnce(E) -> PortError
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    move |error| PortError::new(ErrorKind::Internal, doing, error)
}
