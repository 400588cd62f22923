//! A git repository: one type behind the ports that read, write and keep the ledger.

mod answers;
mod child;
mod cli;
mod convert;
mod diff;
mod environment;
mod failed_hook;
mod history;
mod hooks;
mod landing;
mod large;
mod lines;
mod meetings;
mod merge_tree;
mod open;
mod push;
mod push_answer;
mod read;
mod scratch;
mod ssh;
mod store;
mod submodules;
mod trees;
mod trouble;
mod write;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

use crate::port::{ErrorKind, PortError, Repository};

use child::Program;
use convert::lossy;
use write::Durable;

/// A repository on this machine, found from a folder as git finds it.
///
/// Reads see what other programs write meanwhile, configuration excepted: that is read once.
pub struct GitRepository {
    place: Repository,
    reads: gix::Repository,
    /// The same for libgit2, once something was to be computed or written.
    writes: OnceCell<Durable>,
    program: Program,
    /// What ssh takes hosts for, as far as it was asked, each with whether a remote had answered before.
    ssh_hosts: RefCell<BTreeMap<(String, bool), Option<String>>>,
    /// Whether a remote answered: then git has started what the configuration names for that.
    met_remote: Cell<bool>,
    /// Whether merges may start programs: git, and the merge drivers of the person. A mere look does not.
    runs_drivers: Cell<bool>,
}

impl GitRepository {
    /// Where `GIT_DIR` led instead of the folder `start`, if it did: outside of the work tree that it names.
    pub fn led_elsewhere(&self, start: &Path) -> Option<&Path> {
        environment::git_dir()?;
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
        let reads = open::discover(start)?;
        let place = open::place(&reads)?;
        let program = Program::new(&place, failed_hook::is_traced(&reads));
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
    fn top(&self, doing: &str) -> Result<&Path, PortError> {
        self.place.work_tree.as_deref().ok_or_else(|| {
            PortError::new(ErrorKind::Precondition, doing, "the repository is bare: it has no work tree")
                .hint("Run this in a clone that has one.")
        })
    }

    /// An error of reading history, with what is known of why.
    fn unreadable(
        &self,
        doing: impl Into<String>,
        why: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> PortError {
        let kind = if self.place.is_shallow { ErrorKind::Precondition } else { ErrorKind::Internal };
        let error = PortError::new(kind, doing, why);
        if self.place.is_shallow { error.hint(UNSHALLOW) } else { error }
    }

    /// Whether objects may be absent here and are fetched when git needs them.
    fn is_partial_clone(&self) -> bool {
        let config = self.reads.config_snapshot();
        let mut remotes = config.sections_by_name("remote").into_iter().flatten();
        remotes.any(|remote| remote.value("promisor").is_some_and(|value| lossy(&value) != "false"))
    }
}

const UNSHALLOW: &str = "History is cut off here (a shallow clone): run `git fetch --unshallow`.";
