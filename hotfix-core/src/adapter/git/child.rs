//! Starting the git program: where it is, what it inherits, how long it may take.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use gix::bstr::ByteSlice as _;
use process_wrap::std::{ChildWrapper, CommandWrap};

use crate::adapter::stamp::Stamp;
use crate::adapter::system::environment::{GIT_REPOSITORY_VARIABLES, find_program};
use crate::adapter::system::interrupt::{self, GRACE, Interrupted, ProgramGuard, Signal};
use crate::adapter::system::{apart, ended, fed};
use crate::port::{ErrorKind, PortError, RefFormat, Repository};

use super::convert::failed;
use super::failed_hook::{FailedHook, HookWatch};
use super::pipes::{self, ChildPipe, PipeReader};

/// How long git may talk to a remote when nobody can answer a prompt.
const NETWORK_DEADLINE: Duration = Duration::from_secs(120);
/// How long git may work here: large checkouts, slow hooks and filters.
pub(super) const LOCAL_DEADLINE: Duration = Duration::from_secs(600);
/// How long the system may take to end what was killed.
const KILLED: Duration = Duration::from_secs(5);
/// The shortest and the longest nap between two looks at the child.
const SHORTEST_NAP: Duration = Duration::from_micros(200);
const LONGEST_NAP: Duration = Duration::from_millis(20);
/// What git says where somebody has the one lock of all refs in tables.
pub(super) const ALL_REFS_LOCKED: &str = "cannot lock references";
/// How long it is waited for: by git, in milliseconds, and by us, as git gives up where somebody wrote while it waited.
const REFTABLE_LOCK_TIMEOUT: &str = "reftable.lockTimeout=1000";
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);
/// How many signals a run goes on for that takes a moment only.
const BRIEF_PATIENCE: usize = 8;
/// Not more of what git says is kept: a server may talk for ever.
const MAX_STDERR_BYTES: usize = 256 * 1024;
const SIGTERM: i32 = 15;

/// What a git that runs us set for the settings of `git -c`; they hold for the git that we run too. All else that it set
/// names its own repository and index, which need not be ours.
const SETTINGS_VARIABLES: [&str; 2] = ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"];

/// The git program, and the repository it works on.
pub(super) struct GitProgram {
    // Found once: the person's PATH may change while a long test runs.
    path: OnceLock<PathBuf>,
    layout: Repository,
    /// Whether git may talk to a remote, also to fetch objects that a partial clone lacks.
    pub(super) may_ask_remotes: bool,
    is_traced: bool,
    /// Where hooks are, as seen from the top of a work tree; `None` where that cannot be told.
    hooks: Option<PathBuf>,
    /// Counts what may have changed the work tree.
    pub(super) stamp: Stamp,
}

/// One run of git.
#[derive(Default)]
pub(super) struct GitRun {
    /// What it does, for errors.
    doing: String,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    input: GitInput,
    deadline: Duration,
    shares_terminal: bool,
    takes_screen: bool,
    is_quiet: bool,
    talks: bool,
    is_unattended: bool,
    runs_hooks: bool,
    is_brief: bool,
    effect: GitEffect,
}

/// What a run does to the work tree, hooks aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum GitEffect {
    /// Nothing: it only looks.
    Looks,
    /// Nothing: it works on refs and objects.
    Elsewhere,
    /// It checks something out.
    Moves,
    /// Anything.
    #[default]
    Any,
}

/// What a run has for its standard input.
#[derive(Default)]
enum GitInput {
    #[default]
    Nothing,
    Bytes(Vec<u8>),
    /// A file that it does not read, and holds open until it ends.
    Held(File),
}

/// What git answered.
pub(super) struct GitOutput {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    /// The hook that failed, of a run that may run some.
    pub(super) hook: Option<FailedHook>,
}

impl GitRun {
    pub(super) fn new<A: AsRef<OsStr>>(doing: impl Into<String>, arguments: impl IntoIterator<Item = A>) -> Self {
        Self {
            doing: doing.into(),
            arguments: arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect(),
            deadline: LOCAL_DEADLINE,
            ..Self::default()
        }
    }

    pub(super) fn arguments<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    pub(super) fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// It only looks: it must not even refresh the index.
    pub(super) fn reading(self) -> Self {
        Self { effect: GitEffect::Looks, ..self.variable("GIT_OPTIONAL_LOCKS", "0") }
    }

    /// It leaves the work tree alone.
    pub(super) fn elsewhere(self) -> Self {
        Self { effect: GitEffect::Elsewhere, ..self }
    }

    /// It checks something out, or leaves all as it is.
    pub(super) fn moving(self) -> Self {
        Self { effect: GitEffect::Moves, ..self }
    }

    /// It reads these bytes.
    pub(super) fn reading_bytes(self, bytes: Vec<u8>) -> Self {
        Self { input: GitInput::Bytes(bytes), ..self }
    }

    /// It holds this file open until it ends, and with that its lock.
    pub(super) fn holding(self, file: File) -> Self {
        Self { input: GitInput::Held(file), ..self }
    }

    /// It may ask for a passphrase or second factor when we have a terminal; the deadline holds when we have none.
    pub(super) fn asking(mut self, deadline: Duration) -> Self {
        self.shares_terminal = true;
        self.deadline = deadline;
        self
    }

    /// What it says is shown only where it fails for good; a passphrase is asked for on the terminal itself.
    pub(super) fn quietly(self) -> Self {
        Self { is_quiet: true, ..self }
    }

    /// It talks to a remote, which may ask for a passphrase or second factor.
    pub(super) fn talking(mut self) -> Self {
        self.talks = true;
        self.asking(NETWORK_DEADLINE)
    }

    /// It talks to a remote while nobody waits for it: nobody is asked for anything.
    pub(super) fn talking_alone(mut self) -> Self {
        self.talks = true;
        self.unattended()
    }

    /// Nobody is asked for anything, neither by it nor by what it starts.
    pub(super) fn unattended(self) -> Self {
        // An agent would ask on a terminal or screen that it is told of.
        let unseen = self.variable("GPG_TTY", "/dev/null").variable("DISPLAY", "").variable("WAYLAND_DISPLAY", "");
        Self { is_unattended: true, ..unseen }
    }

    /// Hooks of the repository run with it; one that fails is told by its name.
    pub(super) fn running_hooks(mut self) -> Self {
        self.runs_hooks = true;
        self
    }

    /// It may not take longer than this.
    pub(super) fn within_time(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// It is an editor: when we have a terminal, all of that is its own, and nothing is kept of what it prints.
    pub(super) fn taking_the_screen(mut self) -> Self {
        self.takes_screen = true;
        self.asking(LOCAL_DEADLINE)
    }

    /// It works on the work tree at `folder` instead of ours.
    pub(super) fn within(mut self, folder: Option<&Path>) -> Self {
        self.folder = folder.map(Path::to_owned);
        self
    }

    pub(super) fn doing(&self) -> &str {
        &self.doing
    }

    /// Whether it checks something out.
    pub(super) fn moves(&self) -> bool {
        self.effect == GitEffect::Moves
    }

    /// It takes a moment, and may start after a signal: what that ended is still to be recorded.
    pub(super) fn briefly(mut self) -> Self {
        self.is_brief = true;
        self
    }

    /// How many signals it may go on for: half a checkout helps nobody.
    fn patience(&self) -> usize {
        if self.is_brief { BRIEF_PATIENCE } else { usize::from(self.moves()) }
    }

    pub(super) fn talks(&self) -> bool {
        self.talks
    }
}

impl GitProgram {
    /// Where git `is_traced` by somebody else, hooks that fail are not told by name.
    pub(super) fn new(layout: &Repository, is_traced: bool, hooks: Option<PathBuf>) -> Self {
        let (path, stamp) = Default::default();
        Self { path, layout: layout.clone(), may_ask_remotes: true, is_traced, hooks, stamp }
    }

    /// Runs git to its end, whatever that is.
    pub(super) fn run(&self, run: &GitRun) -> Result<GitOutput, PortError> {
        let given_up_at = Instant::now() + LOCK_TIMEOUT;
        let mut pause = SHORTEST_NAP;
        loop {
            let answer = self.run_with(run, None)?;
            if !self.met_lock(run, &answer) || Instant::now() >= given_up_at {
                return Ok(answer);
            }
            std::thread::sleep(pause);
            pause = (pause * 4).min(LONGEST_NAP);
        }
    }

    /// Whether a run that changes nothing but refs and objects came to nothing for the one lock that all refs have in tables:
    /// somebody else has it, or had it and wrote meanwhile.
    fn met_lock(&self, run: &GitRun, answer: &GitOutput) -> bool {
        let is_sole = self.layout.format.refs == RefFormat::Reftable && run.effect == GitEffect::Elsewhere;
        is_sole && !run.runs_hooks && !answer.status.success() && answer.stderr.contains_str(ALL_REFS_LOCKED)
    }

    /// Runs git, and shows what it prints as it comes; nothing of that is kept. Once `each` says no, it reads no further,
    /// and what git then ends with says nothing.
    pub(super) fn read_through(&self, run: &GitRun, each: impl FnMut(&[u8]) -> bool) -> Result<GitOutput, PortError> {
        self.run_with(run, Some(Box::new(each)))
    }

    fn run_with(&self, run: &GitRun, reader: Option<PipeReader<'_>>) -> Result<GitOutput, PortError> {
        let mut command = self.command(run)?;
        // Both: a prompt is written on the one and answered on the other.
        let has_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let shares_terminal = run.shares_terminal && has_terminal;
        command.stdin(match &run.input {
            GitInput::Nothing if shares_terminal => Stdio::inherit(),
            GitInput::Nothing => Stdio::null(),
            GitInput::Bytes(bytes) => fed(bytes.clone()).map_err(failed(&run.doing))?,
            GitInput::Held(file) => file.try_clone().map_err(failed(&run.doing))?.into(),
        });
        if run.takes_screen && shares_terminal {
            let screen = std::io::stderr().as_fd().try_clone_to_owned().map_err(failed(&run.doing))?;
            command.stdout(screen).stderr(Stdio::inherit()); // Our stdout may be a pipe, and is for what was asked.
        }
        if !has_terminal || run.is_unattended {
            // A prompt that nobody sees would last until the deadline.
            command.env("GIT_TERMINAL_PROMPT", "0");
        }
        if run.is_unattended {
            // Nor may a window open; an empty name is no program.
            command.env("GIT_ASKPASS", "").env("SSH_ASKPASS_REQUIRE", "never").env("GCM_INTERACTIVE", "never");
        }
        // git has one place for its trace: where it is the person's, theirs comes first.
        let watch = if run.runs_hooks && !self.is_traced && self.has_hooks(run) { HookWatch::new() } else { None };
        if let Some((name, path)) = watch.as_ref().map(HookWatch::variable) {
            command.env(name, path);
        }
        let mut command = CommandWrap::from(command);
        if !shares_terminal {
            apart(&mut command); // It gets no terminal to ask on.
        }
        let running = match run.is_brief {
            true => ProgramGuard::after_all(),
            false => ProgramGuard::announce(run.patience()).map_err(|error| interrupted(run, error))?,
        };
        let child = command.spawn().map_err(failed(&run.doing))?;
        let answer = finish(child, run, shares_terminal, reader);
        drop(running);
        self.count(run, answer.as_ref().is_ok_and(|answer| answer.status.success()));
        let answer = answer?;
        // A hook after the fact (post-checkout) may fail where git itself has done its work.
        let hook = watch.filter(|_| !answer.status.success()).and_then(|watch| watch.failed());
        Ok(GitOutput { hook, ..answer })
    }

    /// The error where a signal came that `run` was let to finish for.
    pub(super) fn go_on(&self, run: &GitRun) -> Result<(), PortError> {
        interrupt::received().map_or(Ok(()), |signal| Err(interrupted(run, Interrupted(signal))))
    }

    /// Counts what a run may have changed.
    fn count(&self, run: &GitRun, has_succeeded: bool) {
        if run.effect == GitEffect::Moves {
            self.stamp.moved();
        }
        let is_known = match run.effect {
            GitEffect::Looks => true,
            GitEffect::Elsewhere => !self.has_hooks(run),
            GitEffect::Moves => has_succeeded && !self.has_hooks(run),
            GitEffect::Any => false,
        };
        if !is_known {
            self.stamp.disturbed();
        }
    }

    /// Whether any hook may run.
    fn has_hooks(&self, run: &GitRun) -> bool {
        let top = run.folder.as_ref().or(self.layout.work_tree.as_ref()).unwrap_or(&self.layout.git_dir);
        // Looked up each time: what ran since may have put one there.
        let Some(entries) = self.hooks.as_ref().map(|folder| std::fs::read_dir(top.join(folder))) else { return true };
        let mut names = entries.into_iter().flatten().flatten().map(|entry| entry.file_name());
        names.any(|name| !name.as_encoded_bytes().ends_with(b".sample"))
    }

    fn command(&self, run: &GitRun) -> Result<Command, PortError> {
        #[expect(clippy::disallowed_methods, reason = "the one place that starts git")]
        let mut command = Command::new(self.path()?);
        // A hook that runs us has GIT_DIR and GIT_INDEX_FILE set for its own repository.
        for name in GIT_REPOSITORY_VARIABLES.into_iter().filter(|name| !SETTINGS_VARIABLES.contains(name)) {
            command.env_remove(name);
        }
        if !self.may_ask_remotes {
            // git before 2.44 does not know the first; without any protocol its fetch goes nowhere.
            command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none");
        }
        // What git says is read; in another language it would mean nothing to us.
        command.env("LC_ALL", "C").envs(run.variables.iter().map(|(name, value)| (name, value)));
        // A collection in the background outlives us, and holds locks.
        command.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "submodule.recurse=false"]);
        command.args(["-c", "core.fsync=committed,reference"]); // By default git leaves loose objects and refs unsynced.
        if self.layout.format.refs == RefFormat::Reftable {
            command.args(["-c", REFTABLE_LOCK_TIMEOUT]); // Two who move different refs meet there.
        }
        if let Some(folder) = &run.folder {
            command.current_dir(folder);
        } else {
            command.arg(with_value("--git-dir=", &self.layout.git_dir));
            if let Some(top) = &self.layout.work_tree {
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
        let found = find_program("git", Path::new("/")).map_err(|error| {
            PortError::new(ErrorKind::Precondition, "find the git program", error).hint("Install git 2.30 or newer.")
        })?;
        Ok(self.path.get_or_init(|| found))
    }
}

fn with_value(option: &str, value: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(value);
    argument
}

fn finish(
    mut child: Box<dyn ChildWrapper>,
    run: &GitRun,
    shares_terminal: bool,
    reader: Option<PipeReader<'_>>,
) -> Result<GitOutput, PortError> {
    let show = |bytes: &[u8]| {
        let _ = std::io::stderr().write_all(bytes); // Nobody may be watching.
        true
    };
    let shown: Option<PipeReader<'_>> = if shares_terminal && !run.is_quiet { Some(Box::new(show)) } else { None };
    let kept = if reader.is_some() { 0 } else { usize::MAX };
    // Both at once: a filter that says much on the one would stop git on the other.
    let mut pipes = [
        ChildPipe::new(child.stdout().take(), kept, reader),
        ChildPipe::new(child.stderr().take(), MAX_STDERR_BYTES, shown),
    ];
    // With a prompt open, a person sets the time.
    let deadline = if shares_terminal { None } else { Instant::now().checked_add(run.deadline) };
    match wait(child.as_mut(), &mut pipes, deadline, run.patience()).map_err(failed(&run.doing))? {
        End::ByItself(status) => {
            pipes::drain(&mut pipes);
            let [stdout, stderr] = pipes.map(ChildPipe::into_kept);
            Ok(GitOutput { status, stdout, stderr, hook: None })
        }
        End::Deadline => {
            end(child.as_mut(), run.patience());
            let why = format!("git did not finish within {} seconds", run.deadline.as_secs());
            Err(PortError::new(ErrorKind::Retry, &run.doing, why)
                .hint("Whether the other side acted is not known; running the same command again finds out."))
        }
        End::Signal(signal) => {
            end(child.as_mut(), run.patience());
            Err(interrupted(run, Interrupted(signal)))
        }
    }
}

fn interrupted(run: &GitRun, error: Interrupted) -> PortError {
    PortError::new(ErrorKind::Retry, &run.doing, error)
}

/// Why there is nothing more to wait for.
enum End {
    ByItself(ExitStatus),
    Deadline,
    Signal(Signal),
}

fn wait(
    child: &mut dyn ChildWrapper,
    pipes: &mut [ChildPipe<'_>],
    deadline: Option<Instant>,
    patience: usize,
) -> std::io::Result<End> {
    let mut nap = SHORTEST_NAP;
    loop {
        let status = ended(child)?;
        // A signal first: what it ended must not pass for a failure of git's.
        if let Some(signal) = interrupt::received_after(patience) {
            return Ok(End::Signal(signal));
        }
        if let Some(status) = status {
            let signal = interrupt::received_with(status).and_then(|_| interrupt::received_after(patience));
            return Ok(signal.map_or(End::ByItself(status), End::Signal));
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ok(End::Deadline);
        }
        if pipes::are_open(pipes) {
            pipes::read_for(pipes, LONGEST_NAP);
        } else {
            // It has said its last word, and ends at once.
            std::thread::sleep(nap);
            nap = (nap * 2).min(LONGEST_NAP);
        }
    }
}

/// Asks git and its children to end, and kills those that do not: a killed git leaves its locks behind.
fn end(child: &mut dyn ChildWrapper, patience: usize) {
    let _ = child.signal(SIGTERM); // It may have ended meanwhile.
    let killed_at = Instant::now() + GRACE;
    while matches!(ended(child), Ok(None))
        && Instant::now() < killed_at
        && interrupt::received_after(patience + 1).is_none()
    {
        std::thread::sleep(LONGEST_NAP);
    }
    let _ = child.start_kill();
    // One that hangs in the kernel (NFS, a dead disk) survives even that.
    let given_up_at = Instant::now() + KILLED;
    while matches!(ended(child), Ok(None)) && Instant::now() < given_up_at {
        std::thread::sleep(LONGEST_NAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> (tempfile::TempDir, GitProgram) {
        let folder = tempfile::tempdir().unwrap();
        let git_dir = folder.path().to_owned();
        let layout = Repository {
            git_dir: git_dir.clone(),
            common_dir: git_dir,
            work_tree: None,
            is_shallow: false,
            format: Default::default(),
        };
        (folder, GitProgram::new(&layout, false, None))
    }

    #[test]
    fn a_child_that_hangs_is_ended_with_its_children() {
        let (folder, program) = program();
        let script = "alias.hang=!sh -c 'echo $$ > pid; sleep 60; true' & wait";
        let mut run = GitRun::new("wait", ["-c", script, "hang"]).within(Some(folder.path()));
        run.deadline = Duration::from_millis(500);
        let start = Instant::now();
        let Err(error) = program.run(&run) else { panic!("it ended by itself") };
        assert_eq!(error.kind, ErrorKind::Retry);
        assert!(start.elapsed() < GRACE, "it was asked to end, and did");
        let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
        let alive = Path::new("/proc").join(pid.trim()).join("stat");
        let is_gone = || std::fs::read_to_string(&alive).map_or(true, |stat| stat.contains(") Z"));
        assert!(
            (0..100).any(|_| is_gone() || {
                std::thread::sleep(LONGEST_NAP);
                false
            }),
            "its child goes on"
        );
    }

    #[test]
    fn what_a_hook_leaves_talking_is_not_listened_to_for_ever() {
        let (folder, program) = program();
        let script = "alias.leave=!(i=0; while [ $i -lt 600 ]; do echo on; sleep 0.1; i=$((i+1)); done) & echo done";
        let start = Instant::now();
        let answer = program.run(&GitRun::new("leave", ["-c", script, "leave"]).within(Some(folder.path()))).unwrap();
        assert!(answer.stdout.starts_with(b"done") || answer.stdout.starts_with(b"on\n"));
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }

    #[test]
    fn what_is_read_as_it_comes_has_a_deadline_and_may_be_noisy() {
        let (folder, program) = program();
        let script =
            "alias.talk=!i=0; while [ $i -lt 20000 ]; do echo 0123456789 >&2; i=$((i+1)); done; echo read; sleep 60";
        let mut run = GitRun::new("talk", ["-c", script, "talk"]).within(Some(folder.path()));
        run.deadline = Duration::from_secs(5);
        let (start, mut read) = (Instant::now(), Vec::new());
        let answer = program.read_through(&run, |bytes| {
            read.extend_from_slice(bytes);
            true
        });
        assert_eq!(answer.err().map(|error| error.kind), Some(ErrorKind::Retry));
        assert_eq!(read, b"read\n");
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        let enough = program
            .read_through(&GitRun::new("talk", ["-c", "alias.yes=!yes", "yes"]).within(Some(folder.path())), |_| false);
        assert!(enough.is_ok());
    }

    #[test]
    fn much_output_on_both_streams_is_no_deadlock() {
        let (folder, program) = program();
        let script =
            "alias.talk=!i=0; while [ $i -lt 20000 ]; do echo 0123456789; echo 0123456789 >&2; i=$((i+1)); done";
        let answer = program.run(&GitRun::new("talk", ["-c", script, "talk"]).within(Some(folder.path()))).unwrap();
        assert_eq!(answer.stdout.len(), 220_000);
        assert_eq!(answer.stderr.len(), 220_000);
    }
}
