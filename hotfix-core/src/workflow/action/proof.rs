//! What a proof needs to know: the base, the part of the change that is tests, and how such tests are built and run.

use std::time::Duration;

use crate::domain::{CommandLine, ObjectId};
use crate::proof::TestPart;
use crate::runner::cargo::Workspace;

/// What a proof says that took back each part of the fix.
pub const DEEP: &str = "each part of the fix was taken back alone";

/// A proof to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofRequest {
    /// The commit without the fix.
    pub base: ObjectId,
    /// The tree with it, which is what is checked out.
    pub tree: ObjectId,
    /// The tree without it, with the tests of the change.
    pub with_tests: ObjectId,
    /// The tree of the base itself.
    pub without_tests: ObjectId,
    /// The tests of the change.
    pub part: TestPart,
    /// Tests that the person named.
    pub named: Vec<String>,
    /// The person's arguments for the runner.
    pub arguments: Vec<String>,
    /// How they are run.
    pub how: ProofMethod,
    /// The parts of the fix to take back one by one, each with the tree that lacks just it; empty unless that was asked for.
    pub hunks: Vec<(String, ObjectId)>,
    /// Files that git does not know and a build on the base needs too, such as an ignored `Cargo.lock`.
    pub provided: Vec<(String, Vec<u8>)>,
    /// After this a build, or a test with the fix, is ended.
    pub timeout: Duration,
    /// Whether no network may be used.
    pub offline: bool,
    /// Whether the result is recorded; not outside an incident.
    pub record: bool,
}

/// How regression tests are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProofMethod {
    /// By Cargo: each test in a process of its own.
    Cargo(Workspace),
    /// By a command for each test file.
    Files {
        /// The test files and their commands.
        runs: Vec<FileRun>,
        /// Whether a command runs all tests there are, and not just its file.
        is_whole: bool,
        /// What prepares a fresh work tree.
        setup: Option<CommandLine>,
        /// What is linked from the user's work tree into the fresh one.
        link: Vec<String>,
    },
}

/// A test file and the command that runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRun {
    /// What it is called: the file, or the command where that runs all tests.
    pub id: String,
    /// The command.
    pub command: CommandLine,
    /// Where it runs, relative to the top; absent: at the top.
    pub folder: Option<String>,
}

impl ProofRequest {
    /// The regression tests, as far as files tell.
    pub fn files(&self) -> Vec<String> {
        self.part.test_files().into_iter().map(str::to_owned).collect()
    }
}
