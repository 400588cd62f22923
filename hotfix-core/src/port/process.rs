//! Programs: tests, deployments and checks of production.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::event::Ending;

use super::PortError;

/// A program to run at the top of the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The program and its arguments. A relative program with a slash is found from the top of the work tree, one
    /// without on `PATH`.
    pub command: Vec<String>,
    /// After this it is ended: first asked to, and killed 10 seconds later, with its children.
    pub timeout: Duration,
    /// Variables added to the environment.
    pub environment: Vec<(String, String)>,
    /// Whether it shares our terminal for passphrases and second factors; then there is no deadline while we have one.
    pub interactive: bool,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// In short.
    pub ending: Ending,
    /// The exit code; absent when a signal ended it.
    pub exit_code: Option<i32>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// What it printed on both streams: the first 64 KiB and the last 256 KiB.
    pub output: Vec<u8>,
}

/// Runs programs, each in a process group of its own, without a forge's token in its environment.
pub trait Processes {
    /// Runs one to its end.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run(&self, invocation: &Invocation) -> Result<Finished, PortError>;

    /// Where a program is that [`Self::run`] would start.
    ///
    /// # Errors
    /// When it is not there, or cannot be run.
    fn find(&self, program: &str) -> Result<PathBuf, PortError>;
}

/// Asks a URL whether production is well.
pub trait Probe {
    /// The HTTP status that a GET is answered with, after redirects.
    ///
    /// # Errors
    /// When there is no answer within `timeout`.
    fn get(&self, url: &str, timeout: Duration) -> Result<u16, PortError>;
}
