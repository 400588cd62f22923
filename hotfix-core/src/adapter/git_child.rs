//! Starting the git program: where it is, what it inherits, how long it may take.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap, ProcessGroup};

use crate::port::{PortError, PortErrorKind, Repository};

use super::git::failed;

/// How long git may talk to a remote when nobody can answer a prompt.
pub(super) const NETWORK_DEADLINE: Duration = Duration::from_secs(120);
/// How long git may work here: large checkouts, slow hooks and filters.
pub(super) const LOCAL_DEADLINE: Duration = Duration::from_secs(600);
/// What a child gets to end by itself after it was asked to.
const GRACE: Duration = Duration::from_secs(10);
/// What a pipe gets to be read to its end after the child ended: a hook's own children may keep it open for ever.
const DRAIN: Duration = Duration::from_millis(500);
/// Not more of what git says is kept: a server may talk for ever.
const MAX_STDERR_BYTES: usize = 256 * 1024;
const SIGTERM: i32 = 15;

/// What `git rev-parse --local-env-vars` lists, but for the settings of `git -c`: set by a git that runs us, for its own
/// repository and index, which need not be ours.
const REPOSITORY_VARIABLES: [&str; 13] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// The git program, and the repository it works on.
pub(super) struct Program {
    path: OnceLock<PathBuf>,
    place: Repository,
}

/// One run of git.
pub(super) struct Run {
    /// What it does, for errors.
    doing: String,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
    folder: Option<PathBuf>,
    deadline: Duration,
    shares_terminal: bool,
}

/// What git answered.
pub(super) struct Answer {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

impl Run {
    pub(super) fn new<A: AsRef<OsStr>>(doing: impl Into<String>, arguments: impl IntoIterator<Item = A>) -> Self {
        Self {
            doing: doing.into(),
            arguments: arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect(),
            variables: Vec::new(),
            folder: None,
            deadline: LOCAL_DEADLINE,
            shares_terminal: false,
        }
    }

    pub(super) fn arguments<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    pub(super) fn variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// It only looks: it must not even refresh the index.
    pub(super) fn reading(self) -> Self {
        self.variable("GIT_OPTIONAL_LOCKS", "0")
    }

    /// It may ask for a passphrase or second factor when we have a terminal; the deadline holds when we have none.
    pub(super) fn asking(mut self, deadline: Duration) -> Self {
        self.shares_terminal = true;
        self.deadline = deadline;
        self
    }

    /// It works on the work tree at `folder` instead of ours.
    pub(super) fn within(mut self, folder: Option<&Path>) -> Self {
        self.folder = folder.map(Path::to_owned);
        self
    }

    pub(super) fn doing(&self) -> &str {
        &self.doing
    }
}

impl Program {
    pub(super) fn new(place: &Repository) -> Self {
        Self { path: OnceLock::new(), place: place.clone() }
    }

    /// Runs git to its end, whatever that is.
    pub(super) fn run(&self, run: &Run) -> Result<Answer, PortError> {
        let mut command = self.command(run)?;
        let has_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let shares_terminal = run.shares_terminal && has_terminal;
        command.stdin(if shares_terminal { Stdio::inherit() } else { Stdio::null() });
        if !has_terminal {
            command.env("GIT_TERMINAL_PROMPT", "0");
        }
        let mut command = CommandWrap::from(command);
        if !shares_terminal {
            command.wrap(ProcessGroup::leader());
        }
        let child = command.spawn().map_err(failed(&run.doing))?;
        finish(child, run, shares_terminal)
    }

    fn command(&self, run: &Run) -> Result<Command, PortError> {
        let mut command = Command::new(self.path()?);
        for name in REPOSITORY_VARIABLES {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").envs(run.variables.iter().map(|(name, value)| (name, value)));
        command.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "submodule.recurse=false"]);
        if let Some(folder) = &run.folder {
            command.current_dir(folder);
        } else {
            command.arg(with_value("--git-dir=", &self.place.git_dir));
            if let Some(top) = &self.place.work_tree {
                command.arg(with_value("--work-tree=", top)).current_dir(top);
            }
        }
        command.args(&run.arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    /// The program, found on `PATH` once; never in a folder that depends on where we are.
    fn path(&self) -> Result<&Path, PortError> {
        if let Some(path) = self.path.get() {
            return Ok(path);
        }
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let absolute = std::env::split_paths(&folders).filter(|folder| folder.is_absolute());
        let absolute = std::env::join_paths(absolute).map_err(failed("read PATH"))?;
        let found = which::which_in("git", Some(absolute), "/").map_err(|error| {
            PortError::new(PortErrorKind::Precondition, "find the git program", error)
                .hint("Install git 2.30 or newer.")
        })?;
        Ok(self.path.get_or_init(|| found))
    }
}

fn with_value(option: &str, value: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(value);
    argument
}

fn finish(mut child: Box<dyn ChildWrapper>, run: &Run, shares_terminal: bool) -> Result<Answer, PortError> {
    let stdout = child.stdout().take().map(|pipe| collect(pipe, usize::MAX, false));
    let stderr = child.stderr().take().map(|pipe| collect(pipe, MAX_STDERR_BYTES, shares_terminal));
    let deadline = (!shares_terminal).then_some(run.deadline);
    let Some(status) = wait(child.as_mut(), deadline).map_err(failed(&run.doing))? else {
        end(child.as_mut());
        let why = format!("git did not finish within {} seconds", run.deadline.as_secs());
        return Err(PortError::new(PortErrorKind::Retry, &run.doing, why)
            .hint("Whether the other side acted is not known; running the same command again finds out."));
    };
    let text = |pipe: Option<Receiver<Vec<u8>>>| pipe.map(drain).unwrap_or_default();
    Ok(Answer { status, stdout: text(stdout), stderr: text(stderr) })
}

/// Reads a pipe to its end in the background, and shows it to people meanwhile if asked to.
fn collect(mut pipe: impl Read + Send + 'static, limit: usize, shows: bool) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        let mut kept = 0;
        while let Ok(read @ 1..) = pipe.read(&mut buffer) {
            let bytes = buffer.get(..read).unwrap_or_default();
            if shows {
                let _ = std::io::stderr().write_all(bytes); // Nobody may be watching.
            }
            let part = bytes.get(..read.min(limit - kept)).unwrap_or_default();
            kept += part.len();
            if sender.send(part.to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn drain(pipe: Receiver<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(part) = pipe.recv_timeout(DRAIN) {
        bytes.extend(part);
    }
    bytes
}

/// The exit status; `None` when the deadline passed.
fn wait(child: &mut dyn ChildWrapper, deadline: Option<Duration>) -> std::io::Result<Option<ExitStatus>> {
    let Some(deadline) = deadline else {
        return child.wait().map(Some);
    };
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    while start.elapsed() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(pause);
        pause = (pause * 3 / 2).min(Duration::from_millis(20));
    }
    Ok(None)
}

/// Asks the child and its children to end, and kills those that do not.
fn end(child: &mut dyn ChildWrapper) {
    let _ = child.signal(SIGTERM); // It may have ended meanwhile.
    if !matches!(wait(child, Some(GRACE)), Ok(Some(_))) {
        let _ = child.kill();
    }
}
