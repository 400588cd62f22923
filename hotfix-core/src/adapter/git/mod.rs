//! A git repository: one type behind the ports that read, write and keep the ledger.

mod answers;
mod bulk;
mod checkout;
mod child;
mod config;
mod content;
mod convert;
mod cut_switch;
mod diff;
mod durable;
mod editor;
mod environment;
mod failed_hook;
mod glance;
mod graph;
mod half_made;
mod history;
mod hooks;
mod large;
mod lay_out;
mod ledger;
mod left_lock;
mod marked;
mod meetings;
mod merge;
mod merge_tree;
mod open;
mod own_move;
mod pipes;
mod promised;
mod push;
mod push_answer;
mod ref_store;
mod reflog;
mod refs;
mod remote;
mod removal;
mod rename_limit;
mod renames;
mod repository;
mod seen;
mod settle;
mod shared;
mod snapshot;
mod ssh;
mod stand_in;
mod submodules;
mod switch_intent;
mod tree_edit;
mod trees;
mod trouble;
mod unsigned;
#[cfg(feature = "workflow")]
mod workplace;
mod worktree;

use std::cell::{Cell, OnceCell, RefCell, RefMut};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use gix::bstr::ByteSlice as _;

#[cfg(feature = "workflow")]
use crate::adapter::stamp::Stamp;
use crate::domain::ObjectId;
use crate::port::{Applied, Change, ErrorKind, PortError, RefFormat, Repository, RepositoryFormat, by_system};

use bulk::BulkReader;
pub use glance::{Glance, glance};

use child::{ALL_REFS_LOCKED, GitOutput, GitProgram, GitRun};
use convert::{BoxedError, lossy};
use durable::Durable;
use graph::CommitGraph;
use merge_tree::MergeQuestion;
use ref_store::RefStore;
use seen::Seen;
use shared::Writing;

/// A repository on this machine, found from a folder as git finds it.
///
/// Reads see what other programs write meanwhile, configuration excepted: that is read once.
pub struct GitRepository {
    layout: Repository,
    /// Its refs are read by `refs` only: of some formats gix knows nothing, and does not say so.
    reads: gix::Repository,
    refs: Box<dyn RefStore>,
    /// The same for libgit2, once something was to be written.
    writes: OnceCell<Durable>,
    /// The same for libgit2 once more, where what it computes goes nowhere.
    sketches: OnceCell<Durable>,
    /// Whether what merges compute is only looked at: then nothing of it gets to the disk.
    only_looks: Cell<bool>,
    program: GitProgram,
    /// Whether what a partial clone lacks stays with its remote.
    leaves_missing: Cell<bool>,
    /// Whether merges may start programs: git, and the merge drivers of the person. A mere look does not.
    runs_drivers: Cell<bool>,
    memory: GitMemory,
    seen: Seen,
}

/// What was found out so far.
#[derive(Default)]
struct GitMemory {
    /// The commits that were met so far.
    graph: RefCell<Option<CommitGraph>>,
    /// What reads many objects once.
    bulk: RefCell<Option<BulkReader>>,
    /// How two trees differ, as far as it was asked: each round of a plan asks it of the same two.
    changes: RefCell<HashMap<[gix::ObjectId; 2], Vec<Change>>>,
    /// What git made of two sides of a merge, from a given base or by their history, before any rule settled something.
    by_git: RefCell<HashMap<MergeQuestion, Applied>>,
    /// With which limit a conflict would have been no guess.
    wanted_rename_limit: Cell<Option<u32>>,
    /// What git says that its version is.
    version: OnceCell<String>,
    /// What was recorded last in the ledger of each year.
    recorded: RefCell<BTreeMap<i16, ObjectId>>,
    /// Whether what is recorded is to be signed.
    signs: Cell<bool>,
    /// That it could not be, and why, until that was told.
    unsigned: RefCell<Option<Option<PortError>>>,
    /// Small caches that are still to be kept.
    caches: RefCell<BTreeMap<String, Vec<u8>>>,
    /// What ssh takes hosts for, as far as it was asked, each with whether a remote had answered before.
    ssh_hosts: RefCell<BTreeMap<(String, bool), Option<String>>>,
    /// Whether a remote answered: then git has started what the configuration names for that.
    met_remote: Cell<bool>,
}

impl GitRepository {
    /// Where `GIT_DIR` led instead of the folder `start`, if it did: outside of the work tree that it names.
    pub fn led_elsewhere(&self, start: &Path) -> Option<&Path> {
        // Set by a hook or an alias, it beats the folder that one stands in.
        environment::git_dir()?;
        let layout = &self.layout;
        let found = layout.work_tree.as_ref().unwrap_or(&layout.git_dir);
        let is_inside = start.canonicalize().is_ok_and(|start| start.starts_with(found));
        (!is_inside).then_some(found.as_path())
    }

    /// Finds the repository around `start`, or the one that `GIT_DIR` names.
    ///
    /// # Errors
    /// When there is none, it belongs to somebody else, or it has a format that is not supported.
    pub fn open(start: &Path) -> Result<Self, PortError> {
        let (reads, format) = open::discover(start)?;
        Self::of(reads, format)
    }

    /// The one at this very path, a work tree or a git directory.
    fn at(path: &Path) -> Result<Self, PortError> {
        let (reads, format) = open::exactly(path)?;
        Self::of(reads, format)
    }

    fn of(reads: gix::Repository, format: RepositoryFormat) -> Result<Self, PortError> {
        let layout = open::layout(&reads, format)?;
        let refs = ref_store::of(format.refs);
        let program = GitProgram::new(&layout, failed_hook::is_traced(&reads), hooks::only_folder(&reads, &layout));
        let (writes, sketches, only_looks, leaves_missing, runs_drivers, memory, seen) = Default::default();
        Ok(Self {
            layout,
            reads,
            refs,
            writes,
            sketches,
            only_looks,
            program,
            leaves_missing,
            runs_drivers,
            memory,
            seen,
        })
    }

    /// The same, and no remote is asked: what a partial clone lacks is missing.
    #[must_use = "the repository that asks nobody is returned"]
    pub fn without_network(mut self) -> Self {
        self.program.may_ask_remotes = false;
        self
    }

    /// Leaves with its remote what a partial clone lacks of files: it is missing. What it lacks of the ledger is fetched all the same.
    pub fn leave_missing(&self) {
        self.leaves_missing.set(true);
    }

    /// Lets merges start git and the merge drivers of the person, where these have to decide.
    pub fn decide_merges(&self) {
        self.runs_drivers.set(true);
    }

    /// Keeps what merges compute in memory: no object is written before somebody builds on it.
    pub fn only_look(&self) {
        self.only_looks.set(true);
    }

    /// Keeps what is seen of the work tree until this stamp says that it may have changed.
    #[cfg(feature = "workflow")]
    pub(in crate::adapter) fn keep_looks(&mut self) -> Stamp {
        self.seen.stamp.insert(self.program.stamp.clone()).clone()
    }

    /// Reads many objects once.
    fn bulk(&self) -> RefMut<'_, BulkReader> {
        RefMut::map(self.memory.bulk.borrow_mut(), |bulk| bulk.get_or_insert_with(BulkReader::new))
    }

    /// The top of the work tree.
    fn top(&self, doing: &str) -> Result<&Path, PortError> {
        self.layout.work_tree.as_deref().ok_or_else(|| {
            PortError::new(ErrorKind::Precondition, doing, "the repository is bare: it has no work tree")
                .hint("Run this in a clone that has one.")
        })
    }

    /// An error of reading history, with what is known of why.
    fn unreadable(&self, doing: impl Into<String>, why: impl Into<BoxedError>) -> PortError {
        let why = why.into();
        // A person can fetch what is cut off; what is here and unreadable stays so.
        if self.layout.is_shallow && trouble::lacks_object(&*why) {
            return PortError::cut_off(doing, why).hint(convert::LOOK_FOR_DAMAGE);
        }
        // In a partial clone it may be at the remote, and nothing is lost; and what the system does not let us read may be well.
        if self.is_promised(&*why) || by_system(&*why).is_some() {
            return PortError::new(ErrorKind::Internal, doing, why);
        }
        convert::damaged(doing, why)
    }

    /// Whether something failed for want of an object that a partial clone left with its remote.
    fn is_promised(&self, why: &(dyn std::error::Error + 'static)) -> bool {
        trouble::lacks_object(why) && self.is_partial_clone()
    }

    /// Whether objects may be absent here and are fetched when git needs them.
    fn is_partial_clone(&self) -> bool {
        let config = self.reads.config_snapshot();
        let mut remotes = config.sections_by_name("remote").into_iter().flatten();
        // git marks the remote, not the repository.
        remotes.any(|remote| remote.value("promisor").is_some_and(|value| lossy(&value) != "false"))
    }

    /// Whether what a partial clone lacks is fetched here when git needs it.
    fn fetches_missing(&self) -> bool {
        self.program.may_ask_remotes && !self.leaves_missing.get()
    }

    /// What git printed; an error when it failed.
    fn output(&self, run: &GitRun) -> Result<Vec<u8>, PortError> {
        let answer = self.program.run(run)?;
        if answer.status.success() { Ok(answer.stdout) } else { Err(self.failure(run, &answer)) }
    }

    /// What git's failure means here.
    fn failure(&self, run: &GitRun, answer: &GitOutput) -> PortError {
        let error = trouble::error(run, answer);
        if self.layout.format.refs != RefFormat::Reftable || !answer.stderr.contains_str(ALL_REFS_LOCKED) {
            return error;
        }
        // A linked work tree has tables of its own, for its HEAD.
        let locks = [&self.layout.common_dir, &self.layout.git_dir].map(|dir| dir.join("reftable/tables.list.lock"));
        let lock = locks.iter().find(|lock| lock.exists()).unwrap_or(&locks[0]);
        PortError { hints: vec![trouble::lock_hint(lock)], ..error }
    }

    /// The repository for writing, opened once: a merge in memory costs less than that. All work trees share it.
    pub(in crate::adapter) fn durable(&self) -> Result<Writing<'_>, PortError> {
        Ok(Writing::begin(self.opened()?, &self.reads))
    }

    fn opened(&self) -> Result<&Durable, PortError> {
        if let Some(open) = self.writes.get() {
            return Ok(open);
        }
        self.allow_missing_objects();
        let opened = Durable::open(&self.layout).map_err(|error| {
            trouble::unwritten(format!("open {} for writing", self.layout.common_dir.display()), error)
        })?;
        Ok(self.writes.get_or_init(|| opened))
    }

    fn allow_missing_objects(&self) {
        if self.is_partial_clone() {
            // What a merge need not read need not be here, and a tree may name it all the same. It holds for the process.
            git2::opts::strict_object_creation(false);
        }
    }

    /// The repository to merge in.
    fn merging(&self) -> Result<&git2::Repository, PortError> {
        if !self.only_looks.get() {
            return self.opened().map(|durable| &durable.repository);
        }
        if let Some(open) = self.sketches.get() {
            return Ok(&open.repository);
        }
        self.allow_missing_objects();
        let folder = self.layout.common_dir.display();
        let opened = Durable::in_memory(&self.layout).map_err(convert::failed(format!("open {folder}")))?;
        Ok(&self.sketches.get_or_init(|| opened).repository)
    }

    /// Writes what was computed in memory, before something else than a merge reads or names it.
    fn keep(&self, computed: &ObjectId) -> Result<(), PortError> {
        let Some(sketches) = self.sketches.get() else { return Ok(()) };
        if self.reads.has_object(convert::to_gix(self, computed)?) {
            return Ok(());
        }
        let durable = self.durable()?;
        let kept = convert::oid(computed).and_then(|id| durable::copy(&sketches.repository, &durable.repository, id));
        kept.map_err(|error| trouble::unwritten(format!("write {}", computed.short()), error))
    }

    /// Runs `read`; in a partial clone, when that fails, lets git fetch what `command` looks at and runs it once more.
    fn with_missing_fetched<T>(
        &self,
        command: &[&str],
        read: impl Fn() -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let result = read();
        if result.is_ok() || !self.is_partial_clone() {
            return result;
        }
        if !self.fetches_missing() {
            return result.map_err(|error| missing(error, NOT_ASKED));
        }
        // What it answers, and whether it fails, is of no interest.
        // gix fetches nothing by itself; git does when it looks at the same.
        self.program.run(&GitRun::new("fetch missing objects", command).reading().talking())?;
        read().map_err(|error| missing(error, trouble::UNREACHABLE))
    }
}

const NOT_ASKED: &str = "Objects are fetched on demand here (a partial clone), and --offline and --dry-run do not fetch: the same \
                         command without them does.";

/// A failure to read what a partial clone may lack: another try may find it.
fn missing(error: PortError, hint: &str) -> PortError {
    let kind = if error.kind == ErrorKind::Internal { ErrorKind::Retry } else { error.kind };
    PortError { kind, ..error }.hint(hint)
}
