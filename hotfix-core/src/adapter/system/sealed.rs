//! A machine of its own, as far as a program can tell: a throwaway folder with a home, a git configuration and nothing
//! of our environment but where programs are, and in which formats git makes repositories.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::port::{ErrorKind, FilesRead, FilesWrite, Finished, PortError};

use super::interrupt::ProgramGuard;
use super::{WorkTreeFiles, environment, processes};

/// The variable that says how wide to print where no screen does.
pub const COLUMNS: &str = "HOTFIX_COLUMNS";

/// No program of a rehearsal takes this long.
const DEADLINE: Duration = Duration::from_secs(120);

// The rehearsal must look the same on every machine: no signing, no hooks, no collection in between.
const GIT_CONFIG: &str = "\
[user]
\tname = On-Call Engineer
\temail = on-call@shop.example
[init]
\tdefaultBranch = main
\ttemplateDir =
[core]
\thooksPath = /dev/null
[commit]
\tgpgSign = false
[tag]
\tgpgSign = false
[advice]
\tdetachedHead = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
";

/// What says in which formats git makes repositories: a variable, or else a setting.
const FORMATS: [(&str, &str); 2] =
    [("GIT_DEFAULT_REF_FORMAT", "init.defaultRefFormat"), ("GIT_DEFAULT_HASH", "init.defaultObjectFormat")];

/// Who runs in the sealed place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The program that runs now.
    Ourselves,
    /// A program on `PATH`.
    Named(&'static str),
}

/// A throwaway folder, and programs that see nothing beyond it but the programs on `PATH`. Removed when dropped, unless
/// [`Self::keep`] is called.
#[derive(Debug)]
pub struct Sealed {
    root: PathBuf,
    files: WorkTreeFiles,
    folder: TempDir,
    /// How wide the screen is on which all of it is shown.
    columns: usize,
    /// The formats that this machine has chosen, as variables: what works in them is what is rehearsed.
    formats: Vec<(&'static str, String)>,
    /// A signal waits until the folder is removed.
    running: ProgramGuard,
}

impl Sealed {
    /// A new one, whose programs print for a screen of so many columns.
    ///
    /// # Errors
    /// When the folder for temporary files cannot be written, or a signal ends us.
    pub fn new(columns: usize) -> Result<Self, PortError> {
        // Ctrl-C would else leave the folder behind.
        let running = ProgramGuard::announce(0)
            .map_err(|error| PortError::new(ErrorKind::Retry, "make a temporary folder", error))?;
        let failed = |error| {
            PortError::new(ErrorKind::Precondition, "make a temporary folder", error)
                .hint("Set TMPDIR to a folder that can be written.")
        };
        let folder = TempDir::with_prefix("hotfix-drill-").map_err(failed)?;
        // git prints resolved paths, and the story compares them.
        let root = folder.path().canonicalize().map_err(failed)?;
        for name in ["home", "tmp"] {
            std::fs::create_dir(root.join(name)).map_err(failed)?;
        }
        let formats = FORMATS.into_iter().filter_map(|it| Some((it.0, chosen(it, &root)?))).collect();
        let sealed = Self { files: WorkTreeFiles::new(root.clone()), root, folder, columns, formats, running };
        sealed.write("home/gitconfig", GIT_CONFIG)?;
        Ok(sealed)
    }

    /// The folder, an absolute path without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a file, with its folders; `path` is relative to the root.
    pub fn write(&self, path: &str, content: &str) -> Result<(), PortError> {
        let before = self.files.read(path)?;
        self.files.write(path, before.as_deref(), content.as_bytes())
    }

    /// Runs a program to its end in `folder`, relative to the root; both its streams are kept in their order.
    ///
    /// # Errors
    /// When it is not there or cannot be started, or when a signal ends us.
    pub fn run<A: AsRef<OsStr>>(&self, actor: Actor, arguments: &[A], folder: &str) -> Result<Finished, PortError> {
        let (name, program) = self.find(actor)?;
        #[expect(clippy::disallowed_methods, reason = "programs of the sealed place start here only")]
        let mut command = Command::new(program);
        // Cleared, not scrubbed: what is unknown can be in no list.
        command.args(arguments).current_dir(self.root.join(folder)).env_clear();
        command.env("PATH", environment::absolute_path());
        command.env("HOME", self.root.join("home")).env("TMPDIR", self.root.join("tmp"));
        command.env("LC_ALL", "C").env("TZ", "UTC").env("GIT_EDITOR", ":");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", self.root.join("home/gitconfig"));
        // TMPDIR may lie inside of a repository.
        command.env("GIT_ATTR_NOSYSTEM", "1").env("GIT_CEILING_DIRECTORIES", &self.root);
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_PAGER", "cat");
        command.envs(self.formats.iter().map(|(name, format)| (name, format)));
        if actor == Actor::Ourselves {
            command.env(COLUMNS, self.columns.to_string());
        }
        processes::run_apart(name, command, DEADLINE)
    }

    fn find(&self, actor: Actor) -> Result<(&'static str, PathBuf), PortError> {
        match actor {
            Actor::Ourselves => std::env::current_exe().map(|path| ("hotfix", path)).map_err(|error| {
                PortError::new(ErrorKind::Precondition, "find the program that runs", error)
                    .hint("Was it replaced meanwhile? Start it again.")
            }),
            Actor::Named(name) => {
                environment::find_program(name, &self.root).map(|path| (name, path)).map_err(|error| {
                    PortError::new(ErrorKind::Precondition, format!("find the program `{name}`"), error)
                        .hint(format!("Install `{name}`."))
                })
            }
        }
    }

    /// Leaves the folder where it is.
    pub fn keep(self) -> PathBuf {
        let _ = self.folder.keep();
        self.root
    }

    /// Removes the folder.
    ///
    /// # Errors
    /// When something in it cannot be removed.
    pub fn remove(self) -> Result<(), PortError> {
        let Self { root, folder, running, .. } = self;
        let closed = folder.close();
        drop(running);
        let doing = format!("remove {}", root.display());
        closed.map_err(|error| PortError::new(ErrorKind::Precondition, doing, error))
    }
}

/// The format that the person has chosen for new repositories; `None` where it is git's own choice.
fn chosen((name, setting): (&str, &str), folder: &Path) -> Option<String> {
    environment::variable(name).or_else(|| {
        let git = environment::find_program("git", folder).ok()?;
        #[expect(clippy::disallowed_methods, reason = "a question that runs nothing of anybody's")]
        let mut command = Command::new(git);
        for name in environment::GIT_REPOSITORY_VARIABLES.into_iter().filter(|name| !name.starts_with("GIT_CONFIG")) {
            command.env_remove(name); // The setting is not to be that of a repository.
        }
        command.args(["config", "--get", setting]).current_dir(folder).env("GIT_CEILING_DIRECTORIES", folder);
        let answer = processes::run_apart("git", command, DEADLINE).ok()?;
        let format = String::from_utf8(answer.output).ok()?.trim().to_owned();
        (answer.exit_code == Some(0) && !format.is_empty()).then_some(format)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_see_nothing_of_our_environment_but_their_path() {
        let sealed = Sealed::new(80).unwrap();
        let seen = sealed.run::<&str>(Actor::Named("env"), &[], "").unwrap();
        let seen = String::from_utf8(seen.output).unwrap().replace(&*sealed.root().to_string_lossy(), "[ROOT]");
        let mut names: Vec<&str> = seen.lines().filter(|line| !line.starts_with("PATH=")).collect();
        names.sort_unstable();
        insta::assert_snapshot!(names.join("\n"), @"
        GIT_ATTR_NOSYSTEM=1
        GIT_CEILING_DIRECTORIES=[ROOT]
        GIT_CONFIG_GLOBAL=[ROOT]/home/gitconfig
        GIT_CONFIG_NOSYSTEM=1
        GIT_EDITOR=:
        GIT_PAGER=cat
        GIT_TERMINAL_PROMPT=0
        HOME=[ROOT]/home
        LC_ALL=C
        TMPDIR=[ROOT]/tmp
        TZ=UTC
        ");
    }

    #[test]
    fn both_streams_keep_their_order() {
        let sealed = Sealed::new(80).unwrap();
        let script = "echo one; echo two >&2; echo three; exit 3";
        let finished = sealed.run(Actor::Named("sh"), &["-c", script], "home").unwrap();
        assert_eq!(finished.output, b"one\ntwo\nthree\n");
        assert_eq!(finished.exit_code, Some(3));
    }

    #[test]
    fn is_removed_or_kept_as_one_says() {
        let sealed = Sealed::new(80).unwrap();
        let root = sealed.root().to_owned();
        sealed.remove().unwrap();
        assert!(!root.exists());

        let kept = Sealed::new(80).unwrap().keep();
        assert!(kept.join("home/gitconfig").exists());
        drop(TempDir::new_in(&kept)); // It can still be written.
        #[expect(clippy::disallowed_methods, reason = "made by this test")]
        std::fs::remove_dir_all(kept).unwrap();
    }
}
