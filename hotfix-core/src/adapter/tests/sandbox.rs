//! Repositories in a throw-away folder, out of reach of the user's configuration.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::adapter::GitRepository;
use crate::adapter::tests::template::RepositoryTemplate;
use crate::domain::ObjectId;
use crate::port::{RefFormat, RepositoryRead as _};

const SETTINGS: &str = "\
[user]
	name = Ada
	email = ada@example.com
[commit]
	gpgSign = false
[core]
	hooksPath = .git/hooks
[push]
	gpgSign = false
";

pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

/// A clone or work tree in the sandbox.
pub(crate) struct Clone {
    pub(crate) path: PathBuf,
    home: PathBuf,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// What is there already, to run git in.
    pub(crate) fn at(&self, name: &str) -> Clone {
        Clone { path: self.path(name), home: self.path("home") }
    }

    /// A repository with one commit on `main`: `README` and `src/lib.rs`.
    pub(crate) fn repository(&self, name: &str) -> Clone {
        static TEMPLATE: OnceLock<RepositoryTemplate> = OnceLock::new();
        self.as_in(&TEMPLATE, name, |clone| {
            clone.write("README", "read me\n");
            clone.write("src/lib.rs", "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
            clone.commit_all("first");
        })
    }

    /// What the first to ask makes of an empty repository.
    pub(crate) fn as_in(
        &self,
        template: &OnceLock<RepositoryTemplate>,
        name: &str,
        make: impl FnOnce(&Clone),
    ) -> Clone {
        let template = template.get_or_init(|| {
            let sandbox = Self::new();
            let clone = sandbox.empty("template", &[]);
            make(&clone);
            RepositoryTemplate::of(&clone)
        });
        let clone = self.at(name);
        template.write(&clone.path);
        clone
    }

    /// A repository without commits.
    pub(crate) fn empty(&self, name: &str, options: &[&str]) -> Clone {
        let clone = self.at(name);
        std::fs::create_dir(&clone.path).unwrap();
        clone.git([&["init", "--quiet", "--initial-branch=main"], options].concat());
        clone.set_up();
        clone
    }

    /// A repository, the bare one it pushes to as `origin`, and what `origin` has.
    pub(crate) fn with_remote(&self) -> (Clone, Clone) {
        let clone = self.repository("clone");
        let origin = self.at("origin.git");
        clone.git(["clone", "--quiet", "--bare", ".", "../origin.git"]);
        clone.git(["remote", "add", "origin", "../origin.git"]);
        clone.git(["fetch", "--quiet", "origin"]);
        (clone, origin)
    }
}

impl Clone {
    pub(crate) fn open(&self) -> GitRepository {
        GitRepository::open(&self.path).unwrap()
    }

    /// The settings that no test may take from the user.
    pub(crate) fn set_up(&self) {
        let config = self.path.join(self.git(["rev-parse", "--git-path", "config"]));
        let config = File::options().append(true).open(config);
        config.and_then(|mut file| file.write_all(SETTINGS.as_bytes())).unwrap();
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        for (ours, gits) in
            [("HOTFIX_REF_FORMAT", "GIT_DEFAULT_REF_FORMAT"), ("HOTFIX_OBJECT_FORMAT", "GIT_DEFAULT_HASH")]
        {
            command.envs(std::env::var_os(ours).map(|format| (gits, format)));
        }
        command
            .args(arguments)
            .current_dir(&self.path)
            .env("HOME", &self.home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_DATE", "2026-03-01T02:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-03-01T02:00:00Z")
            .env("LC_ALL", "C")
            .output()
            .unwrap()
    }

    /// Whether its refs lie in tables: by a setting of the test run.
    pub(crate) fn has_tables(&self) -> bool {
        self.open().repository().format.refs == RefFormat::Reftable
    }

    /// Where git locks a ref.
    pub(crate) fn lock_of(&self, name: &str) -> String {
        if self.has_tables() { ".git/reftable/tables.list.lock".to_owned() } else { format!(".git/{name}.lock") }
    }

    pub(crate) fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        self.git(["rev-parse", "--verify", "--end-of-options", revision]).parse().unwrap()
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, content: &str) {
        let path = self.path.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn commit_all(&self, message: &str) -> ObjectId {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    /// An executable hook; the script runs under `sh`.
    pub(crate) fn hook(&self, path: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(path, &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(self.path.join(path), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// The error of what must not succeed.
pub(crate) fn refusal<T>(result: Result<T, crate::port::PortError>) -> crate::port::PortError {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error,
    }
}

/// An error with its causes, on one line.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
