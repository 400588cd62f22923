//! Programs: tests, deployments and checks of production.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::CommandLine;
use crate::domain::event::Ending;

use super::PortError;

/// A program to run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The program and its arguments. A relative program with a slash is found from the top of the work tree, one
    /// without on `PATH`.
    pub command: CommandLine,
    /// After this it is ended: first asked to, and killed 10 seconds later, with its children.
    pub timeout: Duration,
    /// Where it runs; absent: at the top of the work tree.
    pub folder: Option<PathBuf>,
    /// Variables added to the environment.
    pub environment: Vec<(String, String)>,
    /// Variables to whose value something is added, after a space.
    pub appended: Vec<(String, String)>,
    /// Variables left out of the environment.
    pub without: Vec<String>,
    /// What it reads on standard input; absent: nothing.
    pub stdin: Option<Vec<u8>>,
    /// Whether it shares our terminal for passphrases and second factors; then there is no deadline while we have one.
    pub interactive: bool,
    /// Whether standard output is kept apart from standard error, because a program reads it: all of it up to 64 MiB.
    pub apart: bool,
    /// Whether up to 64 MiB of what it prints last are kept, and not only the usual 256 KiB: each of its lines may count.
    pub keeps_all: bool,
}

impl Invocation {
    /// A program that reads nothing and asks nothing.
    pub fn new(command: impl Into<CommandLine>, timeout: Duration) -> Self {
        Self { command: command.into(), timeout, ..Self::default() }
    }
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// In short.
    pub ending: Ending,
    /// The exit code; absent when a signal ended it.
    pub exit_code: Option<i32>,
    /// The number of the signal that ended it, where one did.
    pub signal: Option<i32>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// What it printed on both streams, or on standard error where the other is kept apart: the first 64 KiB and the last
    /// 256 KiB.
    pub output: Vec<u8>,
    /// What it printed on standard output, where that is kept apart.
    pub stdout: Vec<u8>,
}

/// Runs programs, each in a process group of its own, without a forge's token in its environment.
pub trait Processes {
    /// Runs one to its end, and shows to `seen` what it prints while it prints it: in order, in pieces that end anywhere, and
    /// nothing of it twice.
    ///
    /// # Errors
    /// When it cannot be started.
    fn watch(&self, invocation: &Invocation, seen: &mut dyn FnMut(&[u8])) -> Result<Finished, PortError>;

    /// The same without watching.
    fn run(&self, invocation: &Invocation) -> Result<Finished, PortError> {
        self.watch(invocation, &mut |_| {})
    }

    /// The top of the work tree, where programs run.
    fn top(&self) -> PathBuf;

    /// Where a program is that [`Self::run`] would start.
    ///
    /// # Errors
    /// When it is not there, or cannot be run.
    fn find(&self, program: &str) -> Result<PathBuf, PortError>;

    /// Where our own manual pages may have been installed, as `MANPATH` names folders; `man` need not look there.
    fn manuals(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// Asks a URL whether production is well.
pub trait Probe {
    /// The HTTP status that a GET is answered with, after redirects.
    ///
    /// # Errors
    /// When there is no answer within `timeout`.
    fn get(&self, url: &str, timeout: Duration) -> Result<u16, PortError>;
}
