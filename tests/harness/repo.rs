//! A repository in a sandbox, and what people do in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::copy_folder;
use crate::sample::Part;
use crate::{CommandOutput, Sample, Sandbox, has_ref_files};

/// The folder of the remote.
pub(crate) const ORIGIN: &str = "origin.git";

/// A work tree in a sandbox.
#[derive(Debug)]
pub struct Repo<'s> {
    sandbox: &'s Sandbox,
    folder: PathBuf,
    sample: Option<Sample>,
}

impl<'s> Repo<'s> {
    pub(crate) fn new(sandbox: &'s Sandbox, folder: PathBuf) -> Self {
        Self { sandbox, folder, sample: None }
    }

    pub(crate) fn with_sample(self, sample: Sample) -> Self {
        sample.copy(Part::Broken, &self.folder);
        self.of_sample(sample)
    }

    pub(crate) fn of_sample(self, sample: impl Into<Option<Sample>>) -> Self {
        Self { sample: sample.into(), ..self }
    }

    pub(crate) fn sample(&self) -> Option<Sample> {
        self.sample
    }

    /// Its top folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the bare repository `origin`, and pushes `main` to it.
    #[must_use]
    pub fn with_remote(self) -> Self {
        match self.sample {
            Some(sample) if self.is_set_up_as_made(sample) => {
                sample.remote_template().write(self.sandbox.root());
                self.push_main();
            }
            _ => self.add_remote("main"),
        }
        self
    }

    /// Whether git would push `main` here as it does from the sample project as that begins.
    fn is_set_up_as_made(&self, sample: Sample) -> bool {
        let has_hooks = fs::read_dir(self.folder.join(".git/hooks")).is_ok_and(|mut hooks| hooks.next().is_some());
        let is_set_up = sample.template().still_has(self.sandbox.root(), &["shop/.git/config", "shop/.git/HEAD"]);
        has_ref_files() && self.sandbox.is_plain() && is_set_up && !has_hooks
    }

    /// Writes what a push would: tests do it hundreds of times, in their first step.
    fn push_main(&self) {
        let (origin, git_dir) = (self.origin(), self.folder.join(".git"));
        copy_folder(&git_dir.join("objects"), &origin.join("objects"));
        let main = fs::read(git_dir.join("refs/heads/main")).expect("it was committed to");
        for known in [origin.join("refs/heads/main"), git_dir.join("refs/remotes/origin/main")] {
            fs::write(known, &main).expect("the folder is ours");
        }
    }

    /// Makes the bare repository `origin`, and pushes this branch, which is production, to it.
    #[must_use]
    pub fn with_remote_of(self, branch: &str) -> Self {
        self.add_remote(branch);
        self
    }

    pub(crate) fn add_remote(&self, branch: &str) {
        let origin = self.origin();
        let _ = self.sandbox.run(self.command("git").args(["init", "--quiet", "--bare"]).arg(&origin)).success();
        let _ = self.sandbox.run(self.command("git").args(["remote", "add", "origin"]).arg(&origin)).success();
        self.git_ok(["push", "--quiet", "--set-upstream", "origin", branch]);
        self.git_ok(["remote", "set-head", "origin", branch]);
    }

    /// Where `origin` is.
    pub fn origin(&self) -> PathBuf {
        self.sandbox.root().join(ORIGIN)
    }

    /// A second clone of `origin`, in a folder of this name: another person's.
    pub fn clone_as(&self, name: &str) -> Repo<'s> {
        let folder = self.sandbox.root().join(name);
        let mut command = self.command("git");
        let _ = self.sandbox.run(command.args(["clone", "--quiet"]).arg(self.origin()).arg(&folder)).success();
        Self { sandbox: self.sandbox, folder, sample: self.sample }
    }

    /// A repository of the same name in another sandbox.
    pub fn in_sandbox<'t>(&self, sandbox: &'t Sandbox) -> Repo<'t> {
        let name = self.folder.file_name().expect("it has a name");
        Repo { sandbox, folder: sandbox.root().join(name), sample: self.sample }
    }

    /// The sandbox it lies in.
    pub fn sandbox(&self) -> &'s Sandbox {
        self.sandbox
    }

    /// The same repository seen from a folder inside it, or from one of its other work trees.
    pub fn at(&self, folder: impl AsRef<Path>) -> Repo<'s> {
        Self { sandbox: self.sandbox, folder: self.folder.join(folder), sample: self.sample }
    }

    /// A program to run here; see [`Sandbox::command`].
    pub fn command(&self, program: &str) -> Command {
        self.sandbox.command(program, &self.folder)
    }

    /// Runs a command of [`Self::command`].
    pub fn run(&self, command: &mut Command) -> CommandOutput {
        self.sandbox.run(command)
    }

    /// Runs git.
    pub fn git<'a>(&self, arguments: impl AsRef<[&'a str]>) -> CommandOutput {
        self.run(self.command("git").args(arguments.as_ref()))
    }

    /// Runs git, which must succeed; what it prints, without the line's end.
    pub fn git_ok<'a>(&self, arguments: impl AsRef<[&'a str]>) -> String {
        self.git(arguments).success().stdout().trim_end().to_owned()
    }

    /// Runs `git hotfix`, by the program that git would look for: tests do it five thousand times. Those of a whole night
    /// leave it to git.
    pub fn hotfix<'a>(&self, arguments: impl AsRef<[&'a str]>) -> CommandOutput {
        self.run(self.command("git-hotfix").args(arguments.as_ref()))
    }

    /// Runs `git hotfix`, which must succeed.
    #[track_caller]
    pub fn ok<'a>(&self, arguments: impl AsRef<[&'a str]>) {
        let _ = self.hotfix(arguments).success();
    }

    /// Runs `cargo hotfix`.
    pub fn cargo_hotfix<'a>(&self, arguments: impl AsRef<[&'a str]>) -> CommandOutput {
        self.run(self.command("cargo").arg("hotfix").args(arguments.as_ref()))
    }

    /// Runs `git hotfix` for its JSON document, whatever its exit code.
    #[track_caller]
    pub fn hotfix_json<'a>(&self, arguments: impl AsRef<[&'a str]>) -> serde_json::Value {
        self.run(self.command("git-hotfix").args(arguments.as_ref()).arg("--json")).json()
    }

    /// The content of a file.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).expect("the file is there")
    }

    /// The lock of a file in the git directory, from the work tree: refs in tables have one for all of them.
    pub fn lock_of(&self, name: &str) -> String {
        let is_ref = name.starts_with("refs/") || name == "packed-refs";
        let name = if is_ref && !has_ref_files() { "reftable/tables.list" } else { name };
        format!(".git/{name}.lock")
    }

    /// Whether a file or folder is there.
    pub fn has(&self, path: &str) -> bool {
        self.folder.join(path).symlink_metadata().is_ok()
    }

    /// Writes a file, with its folders.
    pub fn write(&self, path: &str, content: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("it lies in the repository")).expect("the folder is ours");
        fs::write(path, content).expect("the folder is ours");
    }

    /// Writes a script that git runs: a hook, by its path from here.
    pub fn hook(&self, path: &str, script: &str) {
        self.write(path, script);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.folder.join(path), executable).expect("the file is ours");
    }

    /// Writes a file and commits it alone; the commit.
    pub fn commit_file(&self, path: &str, content: &str, message: &str) -> String {
        self.write(path, content);
        self.git_ok(["add", "--", path]);
        self.git_ok(["commit", "--quiet", "--message", message]);
        self.head()
    }

    /// Commits everything there is; the commit.
    pub fn commit_all(&self, message: &str) -> String {
        self.git_ok(["add", "--all"]);
        self.git_ok(["commit", "--quiet", "--message", message]);
        self.head()
    }

    /// Fixes the sample project's bug, with a test that fails without the fix, in one commit; the commit.
    pub fn fix_the_bug(&self) -> String {
        self.write_fix();
        self.write_regression_test();
        self.commit_all("Take off the coupon's percentage once")
    }

    /// Fixes the sample project's bug, without committing.
    pub fn write_fix(&self) {
        self.sample.expect("only a sample has a bug").copy(Part::Fix, &self.folder);
    }

    /// Adds a test that fails while the bug is there, without committing.
    pub fn write_regression_test(&self) {
        self.sample.expect("only a sample has a bug").copy(Part::Regression, &self.folder);
    }

    /// The commit that is checked out.
    pub fn head(&self) -> String {
        self.head_in_files().unwrap_or_else(|| self.git_ok(["rev-parse", "HEAD"]))
    }

    /// As git keeps it where nothing is packed: tests ask a thousand times.
    fn head_in_files(&self) -> Option<String> {
        let git_dir = self.folder.join(".git");
        let head = fs::read_to_string(git_dir.join("HEAD")).ok()?;
        let commit = match head.strip_prefix("ref: ") {
            Some(branch) => fs::read_to_string(git_dir.join(branch.trim_end())).ok()?,
            None => head,
        };
        Some(commit.trim_end().to_owned())
    }

    /// The branch that is checked out; empty when none is.
    pub fn branch(&self) -> String {
        let head = fs::read_to_string(self.folder.join(".git/HEAD")).unwrap_or_default();
        match head.strip_prefix("ref: refs/heads/").map(str::trim_end) {
            // What stands there where refs are not in files is no branch.
            Some(branch) if branch != ".invalid" => branch.to_owned(),
            _ => self.git_ok(["branch", "--show-current"]),
        }
    }

    /// The object a revision names; `None` where it names none.
    pub fn resolve(&self, revision: &str) -> Option<String> {
        let output = self.git(["rev-parse", "--quiet", "--verify", revision]);
        (output.code() == Some(0)).then(|| output.stdout().trim_end().to_owned())
    }

    /// Every ref of `origin` with its object, a line each.
    pub fn remote_refs(&self) -> String {
        self.git_ok(["ls-remote", "origin"])
    }
}
