//! A machine of its own, as far as a program can tell: home, configuration, environment and folders.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError, mpsc};
use std::time::Duration;

use tempfile::TempDir;

use crate::files::copy_folder;
use crate::{CommandOutput, Repo, Sample};

const GIT_CONFIG: &str = "\
[user]
	name = Alex Doe
	email = alex@example.com
[init]
	defaultBranch = main
[gc]
	auto = 0
[maintenance]
	auto = false
";

const GIT_CONFIG_FILE: &str = "gitconfig";

/// What a sandbox begins with, besides that.
const FOLDERS: [&str; 4] = ["home", "bin", "tmp", "template"];

/// Both of ours, by their places in it.
pub(crate) const PROGRAMS: [&str; 2] = ["bin/git-hotfix", "bin/cargo-hotfix"];

/// A file system in memory: a test waits longer for the disk, some two hundred times, than it computes.
const IN_MEMORY: &str = "/dev/shm";

/// What all tests at once may need of it.
const ENOUGH_KIB: u64 = 2 << 20;

/// Where sandboxes lie.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let is_chosen = env::var_os("TMPDIR").is_some();
    if !is_chosen && runs_programs(IN_MEMORY) { IN_MEMORY.into() } else { env::temp_dir() }
});

/// Where the compiler that builds us is: rustup, which stands before it, takes as long as it does to find it each time.
static TOOLCHAIN: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let asked = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let folder = Path::new(String::from_utf8(asked.stdout).ok()?.trim()).join("bin");
    folder.join("cargo").is_file().then_some(folder)
});

/// The folder of a sample project.
pub(crate) const SHOP: &str = "shop";

/// The date of every commit that git writes.
const DATE: &str = "2026-01-05T09:00:00Z";

/// What stands before the machine's nextest: tests are run by Cargo alone on every machine.
const NEXTEST: &str = "bin/cargo-nextest";

/// A folder in which programs run with a home, an environment and a git configuration of their own. Removed when dropped.
#[derive(Debug)]
pub struct Sandbox {
    root: PathBuf,
    path: OsString,
    cargo_home: PathBuf,
    rustup_home: PathBuf,
    _folder: TempDir,
}

impl Sandbox {
    /// A new one, in which `git hotfix` and `cargo hotfix` are these programs. Tests call [`crate::sandbox!`].
    pub fn new(git_hotfix: &Path, cargo_hotfix: &Path) -> Self {
        let sandbox = Self::without_programs();
        for (program, name) in [git_hotfix, cargo_hotfix].into_iter().zip(PROGRAMS) {
            symlink(written_at_once(program), sandbox.root.join(name)).expect("the folder is ours");
        }
        sandbox
    }

    /// The same with the programs of the machine alone.
    pub(crate) fn without_programs() -> Self {
        let folder = TempDir::with_prefix_in("hotfix-test-", &*FOLDER).expect("a temporary folder can be made");
        let root = folder.path().canonicalize().expect("it is there");
        for name in FOLDERS.into_iter().chain(["template/hooks", "template/info"]) {
            fs::create_dir_all(root.join(name)).expect("the folder is ours");
        }
        fs::write(root.join(GIT_CONFIG_FILE), GIT_CONFIG).expect("the folder is ours");
        let nextest = root.join(NEXTEST);
        let written = fs::write(&nextest, "#!/bin/sh\nexit 101\n");
        written
            .and_then(|()| fs::set_permissions(&nextest, fs::Permissions::from_mode(0o755)))
            .expect("the folder is ours");
        let cargo_home = tool_home("CARGO_HOME", ".cargo");
        let path = search_path(&root.join("bin"), TOOLCHAIN.as_deref(), &cargo_home.join("bin"));
        Self { root, path, cargo_home, rustup_home: tool_home("RUSTUP_HOME", ".rustup"), _folder: folder }
    }

    /// Its folder, without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The git configuration that stands for the user's own.
    pub fn git_config_file(&self) -> PathBuf {
        self.root.join(GIT_CONFIG_FILE)
    }

    /// A program to run in a folder, without input; change it as the test needs, and pass it to [`Self::run`].
    pub fn command(&self, program: &str, folder: &Path) -> Command {
        // By its path: a program that is looked for in a `PATH` of its own is started by a copy of all our memory.
        let mut command = Command::new(self.found(program).unwrap_or_else(|| program.into()));
        command.arg0(program).current_dir(folder).stdin(Stdio::null()).env_clear();
        command.env("PATH", &self.path).env("HOME", self.root.join("home")).env("TMPDIR", self.root.join("tmp"));
        command.env("TZ", "UTC").env("LC_ALL", "C");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", self.git_config_file());
        command.env("GIT_AUTHOR_DATE", DATE).env("GIT_COMMITTER_DATE", DATE);
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_EDITOR", ":").env("GIT_CEILING_DIRECTORIES", &self.root);
        // Without the samples of hooks, which git would copy each time.
        command.env("GIT_TEMPLATE_DIR", self.root.join("template"));
        command.envs(formats());
        command.env("CARGO_HOME", &self.cargo_home).env("RUSTUP_HOME", &self.rustup_home);
        // What is built is run and thrown away: neither what makes the next build faster nor what a debugger reads is needed.
        command.env("CARGO_NET_OFFLINE", "true").env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
        if let Some(toolchain) = env::var_os("RUSTUP_TOOLCHAIN") {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        command
    }

    /// Has tests run by nextest from now on, and says whether the machine has it.
    pub fn use_nextest(&self) -> bool {
        fs::remove_file(self.root.join(NEXTEST)).expect("the file is ours");
        let asked = self.command("cargo", &self.root).args(["nextest", "--version"]).output();
        asked.is_ok_and(|output| output.status.success())
    }

    /// Runs a command of [`Self::command`] to its end.
    pub fn run(&self, command: &mut Command) -> CommandOutput {
        let output = answering(command).output().unwrap_or_else(|error| panic_at(command, &error));
        CommandOutput::new(output, &self.root)
    }

    /// The same; one that takes longer than this is ended, and the test fails.
    pub fn run_within(&self, longest: Duration, command: &mut Command) -> CommandOutput {
        self.run_while(longest, command, |_| ())
    }

    /// The same; meanwhile something is done to it, by its process id.
    pub fn run_while(&self, longest: Duration, command: &mut Command, meanwhile: impl FnOnce(u32)) -> CommandOutput {
        let child = answering(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.unwrap_or_else(|error| panic_at(command, &error));
        let id = child.id();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait_with_output()));
        meanwhile(id);
        let Ok(output) = receiver.recv_timeout(longest) else {
            let told = what_hangs(id);
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
            panic_at(command, &format!("it hangs:\n{told}"));
        };
        CommandOutput::new(output.unwrap_or_else(|error| panic_at(command, &error)), &self.root)
    }

    /// The `PATH` of the sandbox with a folder before it.
    pub fn path_from(&self, folder: &Path) -> OsString {
        let rest = env::split_paths(&self.path);
        env::join_paths([folder.to_path_buf()].into_iter().chain(rest)).expect("folders of PATH have no colon")
    }

    /// Where a program of the sandbox's `PATH` is.
    pub(crate) fn find(&self, program: &str) -> PathBuf {
        self.found(program).expect("the machine has it")
    }

    fn found(&self, program: &str) -> Option<PathBuf> {
        let mut files = env::split_paths(&self.path).map(|folder| folder.join(program));
        files.find(|file| file.is_file())
    }

    /// A repository of another sandbox, with its remote, as it is now: cheaper than making it once more. Its remote is
    /// found by a relative path.
    pub fn copy_of(&self, template: &Repo<'_>) -> Repo<'_> {
        let copy = template.in_sandbox(self);
        copy_folder(template.folder(), copy.folder());
        copy_folder(&template.origin(), &copy.origin());
        copy
    }

    /// A repository with this service, its tests and its bug, committed on `main`.
    pub fn sample(&self, sample: Sample) -> Repo<'_> {
        if !self.is_plain() {
            return self.new_sample(sample);
        }
        sample.template().write(&self.root);
        Repo::new(self, self.root.join(SHOP)).of_sample(sample)
    }

    /// The same, made by git.
    pub(crate) fn new_sample(&self, sample: Sample) -> Repo<'_> {
        let repo = self.empty_repo(SHOP).with_sample(sample);
        repo.commit_all("Sell things");
        repo
    }

    /// What somebody made in it, by names.
    pub(crate) fn made_in_it(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.root).expect("it can be read").map(|entry| entry.expect("it can be read"));
        let names = entries.map(|entry| entry.file_name().into_string().expect("we named it"));
        names.filter(|name| !FOLDERS.contains(&name.as_str()) && name != GIT_CONFIG_FILE).collect()
    }

    /// Whether git is configured here as it is everywhere.
    pub(crate) fn is_plain(&self) -> bool {
        fs::read_to_string(self.git_config_file()).is_ok_and(|config| config == GIT_CONFIG)
    }

    /// A repository without commits, in a folder of this name.
    pub fn empty_repo(&self, name: &str) -> Repo<'_> {
        let folder = self.root.join(name);
        let _ = self.run(self.command("git", &self.root).args(["init", "--quiet"]).arg(&folder)).success();
        Repo::new(self, folder)
    }
}

/// A copy of a program beside it. What a linker writes here and there lies in memory in pages of 4 KiB, and is mapped by
/// these each time that it starts; of a file that was written at once the kernel maps much larger pieces, in half the time.
fn written_at_once(program: &Path) -> PathBuf {
    static COPIED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let name = program.file_name().expect("it is a file");
    let copy = program.with_file_name("written-at-once").join(name);
    let mut copied = COPIED.lock().unwrap_or_else(PoisonError::into_inner);
    if !copied.contains(&copy) {
        let content = fs::read(program).expect("it was built");
        // Others may run it at this very time.
        let folder = copy.parent().expect("it is in a folder");
        fs::create_dir_all(folder).expect("the folder is ours");
        let written = TempDir::new_in(folder).expect("the folder is ours");
        let new = written.path().join(name);
        fs::write(&new, content).expect("the folder is ours");
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        fs::rename(&new, &copy).expect("the folder is ours");
        copied.insert(copy.clone());
    }
    copy
}

/// What a postmortem has to say, where a test that closes is about something else.
const ANSWERS: [(&str, &str); 3] = [
    ("--root-cause", "nobody ordered two items"),
    ("--impact", "carts cost too little"),
    ("--prevention", "a test orders two"),
];

/// The same command; a `close` that answers nothing answers what it would be refused without. One that a shell runs does not.
pub fn answering(command: &mut Command) -> &mut Command {
    let words: Vec<&OsStr> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let is_ours = |word: &&OsStr| word.to_str().is_some_and(|word| word.ends_with("hotfix"));
    let Some(at) = words.iter().position(is_ours) else { return command };
    let rest = words.get(at..).unwrap_or_default();
    let answers = |word: &&OsStr| ANSWERS.iter().any(|(flag, _)| word == flag) || *word == "--reason";
    if rest.contains(&OsStr::new("close")) && !rest.iter().any(answers) {
        command.args(ANSWERS.iter().flat_map(|(flag, text)| [flag, text]));
    }
    command
}

/// Whether programs can be put and started there, and enough is free: a container's often has 64 MiB, and starts nothing.
fn runs_programs(folder: &str) -> bool {
    let space = Command::new("df").args(["-Pk", folder]).output();
    let space = space.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let free = space.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)).and_then(|free| free.parse().ok());
    let trial = TempDir::with_prefix_in("hotfix-test-", folder).ok().filter(|_| free >= Some(ENOUGH_KIB));
    trial.is_some_and(|trial| {
        let script = trial.path().join("script");
        let executable = fs::Permissions::from_mode(0o755);
        let written = fs::write(&script, "#!/bin/sh\n").and_then(|()| fs::set_permissions(&script, executable));
        written.is_ok() && Command::new(script).status().is_ok_and(|status| status.success())
    })
}

/// Whether each ref of what git makes has a file; tests of these files have nothing to test elsewhere.
pub fn has_ref_files() -> bool {
    env::var_os("HOTFIX_REF_FORMAT").is_none_or(|format| format == "files")
}

/// The formats of all repositories that git makes, where `HOTFIX_REF_FORMAT` and `HOTFIX_OBJECT_FORMAT` name others than git's.
fn formats() -> impl Iterator<Item = (&'static str, OsString)> {
    let chosen = [("HOTFIX_REF_FORMAT", "GIT_DEFAULT_REF_FORMAT"), ("HOTFIX_OBJECT_FORMAT", "GIT_DEFAULT_HASH")];
    chosen.into_iter().filter_map(|(ours, gits)| Some((gits, env::var_os(ours)?)))
}

/// What a program and all others are at, as far as the machine can tell.
fn what_hangs(id: u32) -> String {
    let ask = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    };
    let id = id.to_string();
    let all = ask("ps", &["-eo", "pid,ppid,pgid,stat,wchan:24,etime,args", "--forest"]);
    let files = ask("ls", &["-l", &format!("/proc/{id}/fd")]);
    let stacks = ask("gdb", &["-p", &id, "-batch", "-ex", "thread apply all bt 40"]);
    format!("{all}\n{files}\n{stacks}")
}

#[expect(clippy::panic, reason = "a test that cannot start its program has failed")]
fn panic_at(command: &Command, error: &dyn Display) -> ! {
    panic!("failed to run {command:?}: {error}")
}

/// Where a Rust tool keeps its things: our home is not the user's, so it must be told.
fn tool_home(variable: &str, default: &str) -> PathBuf {
    let in_home = || env::home_dir().map(|home| home.join(default));
    env::var_os(variable).map(PathBuf::from).or_else(in_home).expect("somebody who runs tests has a home")
}

/// The programs under test first, then the compiler's own and the machine's. Cargo looks into its own `bin` before `PATH`
/// when it isn't there.
fn search_path(first: &Path, toolchain: Option<&Path>, cargo_bin: &Path) -> OsString {
    let machine = env::var_os("PATH").unwrap_or_default();
    let before = [Some(first), toolchain].into_iter().flatten().map(Path::to_path_buf);
    let folders = before.chain(env::split_paths(&machine)).chain([cargo_bin.to_path_buf()]);
    env::join_paths(folders).expect("folders of PATH have no colon")
}
