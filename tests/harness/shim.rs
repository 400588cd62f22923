//! Programs put before the machine's own: they count their calls, and can end whoever called them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Repo, Sandbox};

/// Whether the caller is ended before its child does anything, or after the child did everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The child does nothing at all.
    Before,
    /// The child is done, and nobody hears of it.
    After,
}

/// How a child goes wrong, where its caller lives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// It does nothing, and says so by its exit code: 1.
    Fails,
    /// The same as git says that something is badly wrong: 128.
    FailsBadly,
    /// It does everything, and claims the opposite.
    ActsAndFails,
    /// It does nothing, for a long time.
    Hangs,
    /// It does nothing: somebody kills it.
    Killed,
    /// It does everything, and is killed before it can say so.
    ActsAndIsKilled,
}

/// Programs that stand before those of the machine, in a folder of their own.
#[derive(Debug)]
pub struct Shim {
    folder: PathBuf,
    path: OsString,
}

impl Shim {
    /// Stands before these programs. Only what is started through [`Self::command`] meets it, by way of `PATH`.
    pub fn new(sandbox: &Sandbox, programs: &[&str]) -> Self {
        let folder = sandbox.root().join("shim");
        fs::create_dir_all(&folder).expect("the sandbox is ours");
        let shim = Self { path: sandbox.path_from(&folder), folder };
        for program in programs {
            shim.install(program, &sandbox.find(program));
        }
        fs::write(shim.log(), "").expect("the folder is ours");
        shim
    }

    fn install(&self, program: &str, real: &Path) {
        let (real, log, fired) = (real.display(), self.log(), self.fired_file());
        // By what the shell itself can do: it stands before thousands of children.
        let script = format!(
            "#!/bin/sh\n\
             n=1; while read -r _; do n=$((n + 1)); done <'{log}'; echo {program} $n >>'{log}'\n\
             if [ \"$SHIM_KILL\" = \"Before $n\" ]; then echo x >'{fired}'; kill -9 $PPID; exit 1; fi\n\
             case $SHIM_KILL in\n\
             \"Fails $n\") echo x >'{fired}'; exit 1 ;;\n\
             \"FailsBadly $n\") echo x >'{fired}'; exit 128 ;;\n\
             \"ActsAndFails $n\") '{real}' \"$@\"; echo x >'{fired}'; exit 1 ;;\n\
             \"Hangs $n\") echo x >'{fired}'; sleep 60 >/dev/null 2>&1; exit 1 ;;\n\
             \"Killed $n\") echo x >'{fired}'; kill -9 $$ ;;\n\
             \"ActsAndIsKilled $n\") '{real}' \"$@\"; echo x >'{fired}'; kill -9 $$ ;;\n\
             esac\n\
             if [ \"$SHIM_KILL\" = \"Signals $n\" ]; then echo x >'{fired}'; kill -$SHIM_SIGNAL $PPID; fi\n\
             '{real}' \"$@\"; code=$?\n\
             if [ \"$SHIM_KILL\" = \"After $n\" ]; then echo x >'{fired}'; kill -9 $PPID; fi\n\
             exit $code\n",
            log = log.display(),
            fired = fired.display(),
        );
        let file = self.folder.join(program);
        fs::write(&file, script).expect("the folder is ours");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }

    /// A program that meets the shim in place of what it starts.
    pub fn command(&self, repo: &Repo<'_>, program: &str) -> Command {
        let mut command = repo.command(program);
        command.env("PATH", &self.path);
        command
    }

    /// The same, ended at its `number`th child, which counts from 1.
    pub fn killing(&self, repo: &Repo<'_>, program: &str, number: usize, moment: Moment) -> Command {
        let mut command = self.command(repo, program);
        command.env("SHIM_KILL", format!("{moment:?} {number}"));
        command
    }

    /// The same, where its `number`th child goes wrong.
    pub fn failing(&self, repo: &Repo<'_>, program: &str, number: usize, mishap: Mishap) -> Command {
        let mut command = self.command(repo, program);
        command.env("SHIM_KILL", format!("{mishap:?} {number}"));
        command
    }

    /// The same, where we are sent a signal when the `number`th child begins.
    pub fn signaling(&self, repo: &Repo<'_>, program: &str, number: usize, signal: &str) -> Command {
        let mut command = self.command(repo, program);
        command.env("SHIM_KILL", format!("Signals {number}")).env("SHIM_SIGNAL", signal);
        command
    }

    /// How many children were started so far.
    pub fn calls(&self) -> usize {
        fs::read_to_string(self.log()).expect("the file is there").lines().count()
    }

    /// Whether somebody was ended.
    pub fn fired(&self) -> bool {
        self.fired_file().exists()
    }

    fn log(&self) -> PathBuf {
        self.folder.join("calls")
    }

    fn fired_file(&self) -> PathBuf {
        self.folder.join("fired")
    }
}
