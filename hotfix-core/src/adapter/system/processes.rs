//! Programs: started in a session of their own, ended with everything they started, never waited for without a bound.

use std::io::{self, IsTerminal, PipeReader, Read, Write as _};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap, ProcessGroup, ProcessSession};

use crate::adapter::stamp::Stamp;
use crate::domain::event::Ending;
use crate::port::{ErrorKind, Finished, Invocation, PortError, Processes};

use super::environment::{GIT_REPOSITORY_VARIABLES, TOKEN_VARIABLES, WEBHOOK_VARIABLE};
use super::interrupt::{GRACE, Interrupted, ProgramGuard, Signal};
use super::output::HeadAndTail;
use super::{environment, interrupt};

/// How long what is still in the pipe is read after the program's end, should a grandchild hold the pipe open.
// A daemon that a test started keeps the pipe for as long as it lives.
const DRAIN: Duration = Duration::from_secs(1);
/// How long the system may take to end what was killed.
const KILLED: Duration = Duration::from_secs(5);
/// The longest nap between two looks at a program.
const NAP: Duration = Duration::from_millis(20);
/// How much of a standard output that is kept apart is kept, in bytes.
const ALL: usize = 64 * 1024 * 1024;
/// SIGTERM, the same number on every system.
const TERM: i32 = 15;

/// Runs programs at the top of a work tree.
#[derive(Debug, Clone)]
pub struct SystemProcesses {
    top: PathBuf,
    grace: Duration,
    stamp: Stamp,
}

impl SystemProcesses {
    /// Programs run at `top`, an absolute path.
    pub fn new(top: PathBuf) -> Self {
        Self { top, grace: GRACE, stamp: Stamp::default() }
    }

    /// The same; that a program ran is counted there.
    #[cfg(feature = "workflow")]
    pub(in crate::adapter) fn stamping(self, stamp: Stamp) -> Self {
        Self { stamp, ..self }
    }

    fn command(&self, invocation: &Invocation) -> Result<Command, environment::NotFound> {
        let (program, arguments) = invocation.command.split_first().ok_or(environment::NotFound::Empty)?;
        // A script of the project is that of the tree it runs in: many go where they lie.
        let folder = invocation.folder.as_ref().unwrap_or(&self.top);
        let program = environment::find_program(program, folder)?;
        #[expect(clippy::disallowed_methods, reason = "the one place that starts the user's programs")]
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        // A hook's GIT_DIR would turn the project's git commands on the wrong repository; neither the token nor
        // a webhook is its business.
        for name in GIT_REPOSITORY_VARIABLES.into_iter().chain(TOKEN_VARIABLES).chain([WEBHOOK_VARIABLE]) {
            command.env_remove(name);
        }
        for name in &invocation.without {
            command.env_remove(name);
        }
        command.envs(invocation.environment.iter().map(|(name, value)| (name, value)));
        // NODE_OPTIONS and the like: the person's own value must go on to count.
        for (name, more) in &invocation.appended {
            let there = environment::variable(name).map(|there| format!("{there} ")).unwrap_or_default();
            command.env(name, format!("{there}{more}"));
        }
        Ok(command)
    }
}

impl Processes for SystemProcesses {
    fn top(&self) -> PathBuf {
        self.top.clone()
    }

    fn find(&self, program: &str) -> Result<PathBuf, PortError> {
        let failed = |error: environment::NotFound| {
            PortError::new(ErrorKind::Precondition, format!("find the program `{program}`"), error)
        };
        let path = environment::find_program(program, &self.top).map_err(failed)?;
        // `which` has looked already; a path with a slash was taken as it is.
        if environment::can_run(&path) { Ok(path) } else { Err(failed(environment::NotFound::NotRunnable)) }
    }

    #[cfg(feature = "workflow")]
    fn manuals(&self) -> Vec<PathBuf> {
        super::manual::manpath()
    }

    fn watch(&self, invocation: &Invocation, seen: &mut dyn FnMut(&[u8])) -> Result<Finished, PortError> {
        let name = invocation.command.first().map_or("", String::as_str);
        let command = self.command(invocation).map_err(|error| {
            PortError::new(ErrorKind::Precondition, format!("find the program `{name}`"), error)
                .hint(format!("Install `{name}`, or name another command in hotfix.toml."))
        })?;
        let finished = to_its_end(name, self.grace, seen, || {
            // ssh and pinentry ask on the terminal, and may be answered after any deadline.
            if invocation.interactive && has_terminal() {
                return RunningProgram::sharing_our_terminal(command);
            }
            // A timeout beyond the clock is none.
            let deadline = Instant::now().checked_add(invocation.timeout);
            let kept = if invocation.keeps_all { HeadAndTail::new(0, ALL) } else { HeadAndTail::default() };
            RunningProgram::apart(command, invocation.stdin.clone(), deadline, invocation.apart, kept)
        });
        self.stamp.disturbed(); // Whatever it came to.
        finished
    }
}

/// Lets a program start apart from us: it ends with all that it started, and gets no terminal to ask on.
pub(in crate::adapter) fn apart(command: &mut CommandWrap) {
    // A session is made by a copy of us, which takes milliseconds; where there is no terminal a group will do.
    if std::fs::File::open("/dev/tty").is_ok() {
        command.wrap(ProcessSession);
    } else {
        command.wrap(ProcessGroup::leader());
    }
}

/// How a program that was started apart ended, if it did. One that was killed before it had a group of its own is in none that
/// could be waited for.
pub(in crate::adapter) fn ended(child: &mut dyn ChildWrapper) -> io::Result<Option<ExitStatus>> {
    match child.try_wait()? {
        None => child.inner_mut().try_wait(),
        ended => Ok(ended),
    }
}

/// Runs a prepared command in a session of its own; `name` is what errors call it.
#[cfg(feature = "workflow")]
pub(super) fn run_apart(name: &str, command: Command, timeout: Duration) -> Result<Finished, PortError> {
    to_its_end(name, GRACE, &mut |_| {}, || {
        RunningProgram::apart(command, None, Instant::now().checked_add(timeout), false, HeadAndTail::default())
    })
}

fn to_its_end(
    name: &str,
    grace: Duration,
    seen: &mut dyn FnMut(&[u8]),
    start: impl FnOnce() -> io::Result<RunningProgram>,
) -> Result<Finished, PortError> {
    // Before the start: a signal between start and note would orphan the program.
    let running = ProgramGuard::announce(0).map_err(|error| interrupted(name, error))?;
    let started = Instant::now();
    let program = start().map_err(|error| {
        let doing = format!("start the program `{name}`");
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => {
                PortError::new(ErrorKind::Precondition, doing, error)
                    .hint(format!("See that `{name}` is there and executable."))
            }
            // Short of files, memory or processes.
            _ => PortError::new(ErrorKind::Retry, doing, error),
        }
    })?;
    let (end, output, stdout) = program
        .finish(grace, seen)
        .map_err(|error| PortError::new(ErrorKind::Internal, format!("wait for `{name}`"), error))?;
    drop(running);
    let (status, ending) = match end {
        RunEnd::ByItself(status) if status.success() => (status, Ending::Passed),
        RunEnd::ByItself(status) => (status, Ending::Failed),
        RunEnd::Deadline(status) => (status, Ending::TimedOut),
        RunEnd::Signal(signal) => return Err(interrupted(name, Interrupted(signal))),
    };
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Finished { ending, exit_code: status.code(), signal: status.signal(), milliseconds, output, stdout })
}

fn interrupted(name: &str, error: Interrupted) -> PortError {
    PortError::new(ErrorKind::Interrupted, format!("run `{name}`"), error)
}

fn has_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// How a program came to its end.
enum RunEnd {
    ByItself(ExitStatus),
    Deadline(ExitStatus),
    Signal(Signal),
}

/// A program that runs.
struct RunningProgram {
    child: Box<dyn ChildWrapper>,
    /// Absent when it prints on our terminal.
    output: Option<Output>,
    /// Standard output, where it is kept apart.
    stdout: Option<Output>,
    deadline: Option<Instant>,
}

impl RunningProgram {
    /// In a session of its own: it gets no terminal to ask on, and a signal reaches everything it starts.
    fn apart(
        mut command: Command,
        stdin: Option<Vec<u8>>,
        deadline: Option<Instant>,
        keeps_stdout_apart: bool,
        kept: HeadAndTail,
    ) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        command.stdin(stdin.map_or_else(|| Ok(Stdio::null()), fed)?);
        let stdout = if keeps_stdout_apart {
            let (reader, writer) = io::pipe()?;
            command.stdout(writer);
            Some(Output::read(reader, HeadAndTail::new(ALL, 0))?)
        } else {
            command.stdout(writer.try_clone()?);
            None
        };
        // One pipe for both, so that an error stays beside the line it is about.
        command.stderr(writer);
        let output = Output::read(reader, kept)?;
        // The command is dropped here, and our own writing ends with it: else the pipe would never end.
        let mut command = CommandWrap::from(command);
        apart(&mut command);
        let child = command.spawn()?;
        Ok(Self { child, output: Some(output), stdout, deadline })
    }

    /// In our process group, where the terminal lets it ask. It prints on stderr: stdout is ours.
    fn sharing_our_terminal(mut command: Command) -> io::Result<Self> {
        // `--json` promises one document on stdout, whatever git prints.
        let terminal = io::stderr().as_fd().try_clone_to_owned()?;
        command.stdin(Stdio::inherit()).stdout(terminal).stderr(Stdio::inherit());
        let child = CommandWrap::from(command).spawn()?;
        Ok(Self { child, output: None, stdout: None, deadline: None })
    }

    fn finish(mut self, grace: Duration, seen: &mut dyn FnMut(&[u8])) -> io::Result<(RunEnd, Vec<u8>, Vec<u8>)> {
        let end = self.wait(grace, seen)?;
        let whole = |output: Option<Output>| output.map_or_else(Vec::new, Output::finish);
        Ok((end, whole(self.output), whole(self.stdout)))
    }

    fn wait(&mut self, grace: Duration, seen: &mut dyn FnMut(&[u8])) -> io::Result<RunEnd> {
        let mut shown = 0;
        // git answers in a few milliseconds; a fixed nap would be most of a command's time.
        let mut nap = Duration::from_millis(1);
        loop {
            let status = ended(&mut *self.child)?;
            // A signal first: what it ended must not pass for a failure.
            if let Some(signal) = interrupt::received() {
                self.end(signal, grace)?;
                return Ok(RunEnd::Signal(signal));
            }
            if let Some(status) = status {
                let signal = interrupt::received_with(status);
                return Ok(signal.map_or(RunEnd::ByItself(status), RunEnd::Signal));
            }
            if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return self.end(Signal::Terminate, grace).map(RunEnd::Deadline);
            }
            if let Some((printed, length)) = self.output.as_ref().and_then(|output| output.since(shown)) {
                seen(&printed);
                shown = length;
            }
            thread::sleep(nap);
            nap = (nap * 2).min(NAP);
        }
    }

    /// Asks it to end, with everything it started, and kills what is left after the grace period.
    fn end(&mut self, signal: Signal, grace: Duration) -> io::Result<ExitStatus> {
        // A terminal sends SIGINT and SIGQUIT to its whole group, and with that to a program that shares it.
        let was_told = self.output.is_none() && matches!(signal, Signal::Interrupt | Signal::Quit);
        if !was_told {
            // It may be gone already.
            let _ = self.child.signal(TERM);
        }
        let killed_at = Instant::now() + grace;
        // A second Ctrl-C is for somebody who does not want to wait.
        while !self.is_over()? && Instant::now() < killed_at && !interrupt::is_urgent() {
            thread::sleep(NAP);
        }
        // Also when the program itself has ended: its children may not have.
        let _ = self.child.start_kill();
        // A process that hangs in the kernel (NFS, a dead disk) survives even SIGKILL.
        let given_up_at = Instant::now() + KILLED;
        loop {
            if let Some(status) = ended(&mut *self.child)? {
                return Ok(status);
            }
            if Instant::now() >= given_up_at {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "it does not end even when killed"));
            }
            thread::sleep(NAP);
        }
    }

    /// Whether it ended and nothing that it started holds its output open.
    fn is_over(&mut self) -> io::Result<bool> {
        Ok(ended(&mut *self.child)?.is_some() && self.output.as_ref().is_none_or(|output| output.reader.is_finished()))
    }
}

/// An input that holds these bytes and then ends.
pub(in crate::adapter) fn fed(bytes: Vec<u8>) -> io::Result<Stdio> {
    let (reader, mut writer) = io::pipe()?;
    // Apart, since the pipe may hold less. A program that doesn't read it all is no error: it need not.
    thread::Builder::new().name("input".into()).spawn(move || writer.write_all(&bytes))?;
    Ok(reader.into())
}

/// What a program prints on both its streams, in the order in which it prints it.
struct Output {
    buffer: Arc<Mutex<HeadAndTail>>,
    reader: JoinHandle<()>,
}

impl Output {
    fn read(pipe: PipeReader, buffer: HeadAndTail) -> io::Result<Self> {
        let buffer = Arc::new(Mutex::new(buffer));
        let filled = Arc::clone(&buffer);
        let reader = thread::Builder::new().name("output".into()).spawn(move || drain(pipe, &filled))?;
        Ok(Self { buffer, reader })
    }

    /// What came after the first `shown` bytes, and how much came in all; `None` where nothing did.
    fn since(&self, shown: u64) -> Option<(Vec<u8>, u64)> {
        let buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        let length = buffer.length();
        (length > shown).then(|| (buffer.since(shown), length))
    }

    /// All of it, or what came so far when somebody else still holds the pipe.
    fn finish(self) -> Vec<u8> {
        let given_up_at = Instant::now() + DRAIN;
        while !self.reader.is_finished() && Instant::now() < given_up_at {
            thread::sleep(Duration::from_millis(1));
        }
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner).bytes()
    }
}

fn drain(mut pipe: PipeReader, buffer: &Mutex<HeadAndTail>) {
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match pipe.read(&mut chunk) {
            Ok(0) => return,
            Ok(length) => {
                let read = chunk.get(..length).unwrap_or_default();
                buffer.lock().unwrap_or_else(PoisonError::into_inner).push(read);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests look at the machine behind the adapter's back")]
mod tests;
