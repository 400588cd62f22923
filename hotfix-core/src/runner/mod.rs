//! Test runners: which one a project has, what to run, and which files are tests. Pure: nothing is started here.

mod bun;
pub mod cargo;
mod command;
mod deno;
mod dotnet;
mod go;
mod gradle;
mod maven;
mod module;
mod naming;
mod npm;
mod phpunit;
mod progress;
mod pytest;
mod results;
mod ruby;
mod test_paths;
mod watch;

use crate::config::{Globs, PLACEHOLDER};
use crate::domain::CommandLine;
use crate::domain::event::TestCounts;
use crate::port::{Change, ChangeKind};

use naming::Convention;

pub use command::affected_files;
pub use module::{Module, modules};
pub use progress::TestProgress;
pub use results::{TestOutcome, TestResult, count, folded};
pub use watch::{WATCH, Watch};

/// Where a project's own files are looked up.
#[derive(Clone, Copy)]
pub struct Project<'a> {
    /// Where it is in the repository; empty: at the top.
    pub folder: &'a str,
    /// The names at the top of its tree.
    pub top_level_names: &'a [String],
    /// The content of a file, by its path relative to the top.
    pub file: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// Whether there is a file behind a symbolic link, by its path relative to the top of the repository.
    pub is_linked: &'a dyn Fn(&str) -> bool,
    /// What a program of the machine answered.
    pub answer: &'a dyn Fn(&CommandLine) -> ToolAnswer,
}

/// What a tool that knows the environment of a project answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolAnswer {
    /// Nobody asked it yet.
    Unasked,
    /// It is not on this machine, or has nothing to say.
    Nothing,
    /// Its words.
    Text(String),
}

impl<'a> Project<'a> {
    /// A project at the top of a repository, of which only the files are known.
    pub fn of_files(top_level_names: &'a [String], file: &'a dyn Fn(&str) -> Option<Vec<u8>>) -> Self {
        Self { folder: "", top_level_names, file, is_linked: &|_| false, answer: &|_| ToolAnswer::Unasked }
    }

    fn has(&self, name: &str) -> bool {
        self.top_level_names.iter().any(|present| present == name)
    }

    /// Whether a folder has a file, or what a link in the folder's place leads to.
    fn has_or_links(&self, folder: &str, file: &str) -> bool {
        let path = format!("{folder}/{file}");
        // A link that git knows came with the repository and may lead anywhere: only one that a person made is followed.
        (self.file)(&path).is_some() || !self.has(folder) && (self.is_linked)(&self.path_of(&path))
    }

    fn path_of(&self, path: &str) -> String {
        if self.folder.is_empty() { path.to_owned() } else { format!("{}/{path}", self.folder) }
    }

    /// A text file at the top; empty where there is none.
    fn text(&self, name: &str) -> String {
        let bytes = if self.has(name) { (self.file)(name) } else { None };
        bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// What we know about the tests of one kind of project.
trait Ecosystem: Sync {
    /// What its runners are called.
    fn runners(&self) -> &'static [&'static str];

    /// The runner of this project, if it is of this kind and has tests to run.
    fn detect(&self, project: &Project<'_>) -> Option<Runner>;

    /// Whether a file holds tests, by the conventions of this kind of project.
    fn is_test_file(&self, path: &str) -> bool;

    /// Whether a file can be run as a test alone; helpers beside the tests cannot.
    fn is_test(&self, _project: &Project<'_>, path: &str) -> bool {
        self.is_test_file(path)
    }

    /// The test file that a file of data belongs to: a snapshot says it by its name.
    fn test_of(&self, _data: &str) -> Option<String> {
        None
    }

    /// Which tests a change can affect, where that can be told: naming conventions, or the runner's own way to find them.
    fn affected(&self, _project: &Project<'_>, _changed: &[String], _files: &[String]) -> Option<Affected> {
        None
    }

    /// How its files are named, and which of them reach every test.
    fn convention(&self) -> Convention<'static> {
        command::convention()
    }

    /// The tool that finds by itself which tests a source reaches, where the project has one.
    fn finder(&self, _project: &Project<'_>) -> Option<&'static str> {
        None
    }

    /// The command that runs just these test files; `None` where the runner cannot.
    fn run_files(&self, _project: &Project<'_>, _files: &[String]) -> Option<Vec<String>> {
        None
    }

    /// What must be asked before its commands are known.
    fn question(&self, _project: &Project<'_>) -> Option<CommandLine> {
        None
    }

    /// What a fresh work tree lacks that need not be made anew: `node_modules`.
    fn links(&self, _project: &Project<'_>) -> &'static [&'static str] {
        &[]
    }

    /// The folders that its tools build or install into: all in them can be made again.
    fn builds(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the runner says that tests could not be built or loaded.
    fn is_build_failure(&self, _output: &str) -> bool {
        false
    }

    /// Whether tests that ran failed for want of something that the fix adds, as languages without a build find out late.
    fn is_missing_api(&self, _output: &str) -> bool {
        false
    }

    /// What never came to its end in a run of `command` that exited with 0, for example a test that ended its process; `None`
    /// where all of it did, or where that cannot be told.
    fn unfinished(&self, _command: &[String], _output: &str) -> Option<String> {
        None
    }

    /// What of its output tells why a test failed.
    fn failure_of(&self, _output: &str) -> Option<String> {
        None
    }

    /// What ended its process with 0 before it was done, where [`WATCH`] saw it.
    fn cut_short(&self, _output: &str) -> Option<String> {
        None
    }

    /// The tests in what its runner prints; none where that does not tell.
    fn results(&self, _output: &str) -> Vec<TestResult> {
        Vec::new()
    }

    /// How many tests ended how; `None` where its runner does not tell.
    fn counts(&self, output: &str) -> Option<TestCounts> {
        let results = self.results(output);
        (!results.is_empty()).then(|| count(&results))
    }
}

/// All kinds of projects, the likelier kind of a mixed one first; a new one is a file and its line here.
const ECOSYSTEMS: [&dyn Ecosystem; 11] = [
    &bun::Bun,
    &npm::Npm,
    &deno::Deno,
    &cargo::Cargo,
    &go::Go,
    &maven::Maven,
    &gradle::Gradle,
    &dotnet::Dotnet,
    &pytest::Pytest,
    &ruby::Ruby,
    &phpunit::PhpUnit,
];

/// The tests that a change can affect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// The command that runs them.
    pub command: Vec<String>,
    /// How they were found, one line each.
    pub why: Vec<String>,
}

/// Names of folders all of whose files belong to tests.
const TEST_FOLDERS: [&str; 5] = ["tests", "test", "__tests__", "__snapshots__", "testdata"];

/// The folders that the tools of any runner build or install into.
pub fn builds() -> impl Iterator<Item = &'static str> {
    ECOSYSTEMS.into_iter().flat_map(|ecosystem| ecosystem.builds()).copied()
}

/// A program that runs tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    /// Its name, for people.
    pub name: &'static str,
    /// How it became known: `package.json has a test script`.
    pub why: String,
    arguments: CommandLine,
}

impl Runner {
    fn new<const N: usize>(name: &'static str, why: impl Into<String>, arguments: [&str; N]) -> Self {
        Self { name, why: why.into(), arguments: arguments.into() }
    }

    /// Its command as configured, before `{files}` is put in.
    pub fn arguments(&self) -> &CommandLine {
        &self.arguments
    }

    /// Whether it is Cargo, whose projects are known better than by files.
    pub fn is_cargo(&self) -> bool {
        self.name == "cargo"
    }

    /// The tests that a change can affect, where that can be told: `changed` are its files, `files` all there are.
    pub fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        self.ecosystem()?.affected(project, changed, files)
    }

    /// The command that runs just these test files; `None` where the runner cannot.
    pub fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        self.ecosystem()?.run_files(project, files)
    }

    /// Whether a file can be run as a test alone.
    pub fn is_test(&self, project: &Project<'_>, path: &str) -> bool {
        self.ecosystem().is_none_or(|ecosystem| ecosystem.is_test(project, path))
    }

    /// The test file that a file of data belongs to, where its name tells.
    pub fn test_of(&self, data: &str) -> Option<String> {
        self.ecosystem()?.test_of(data)
    }

    /// What must be asked before its commands are known.
    pub fn question(&self, project: &Project<'_>) -> Option<CommandLine> {
        self.ecosystem()?.question(project)
    }

    /// What a fresh work tree lacks that need not be made anew, relative to the top.
    pub fn links(&self, project: &Project<'_>) -> &'static [&'static str] {
        self.ecosystem().map(|ecosystem| ecosystem.links(project)).unwrap_or_default()
    }

    fn ecosystem(&self) -> Option<&'static dyn Ecosystem> {
        ECOSYSTEMS.into_iter().find(|ecosystem| ecosystem.runners().contains(&self.name))
    }

    /// The command that tests `files`. A detected runner runs the whole suite.
    ///
    /// # Errors
    /// When the command asks for files and there are none.
    pub fn command(&self, files: &[String]) -> Result<CommandLine, NoFiles> {
        expand(&self.arguments, files)
    }
}

/// A command wants the affected test files, and there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("failed to find a test file that the fix touches, for `{{files}}` of the test command")]
pub struct NoFiles;

/// Detects the runner of a project. In a mixed one `prefer_cargo` decides for Cargo.
pub fn detect(project: &Project<'_>, prefer_cargo: bool) -> Option<Runner> {
    // `cargo hotfix` in a mixed repository means the Rust side.
    let preferred = prefer_cargo.then(|| cargo::Cargo.detect(project)).flatten();
    preferred.or_else(|| ECOSYSTEMS.iter().find_map(|ecosystem| ecosystem.detect(project)))
}

/// Whether a file holds tests: by the conventions of any kind of project, or because `regression` says so.
pub fn is_test_file(path: &str, regression: &Globs) -> bool {
    regression.is_match(path)
        || ECOSYSTEMS.iter().any(|ecosystem| ecosystem.is_test_file(path))
        || test_paths::is_named_as_test(path)
}

/// Whether a file is a test or something that tests need: data, snapshots, helpers. What this says of a file holds for all
/// that is asked of it: it does not count towards the size of a fix, and it is missed when it is gone.
pub fn is_test_material(path: &str, regression: &Globs) -> bool {
    is_test_file(path, regression) || is_in_test_folder(path)
}

/// Whether a file lies in a folder all of whose files belong to tests.
pub fn is_in_test_folder(path: &str) -> bool {
    folders(path).any(|folder| TEST_FOLDERS.contains(&folder)) || test_paths::is_kept_for_tests(path)
}

/// The test files that a change adds or modifies, in its order.
pub fn affected_test_files(changes: &[Change], regression: &Globs) -> Vec<String> {
    changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Deleted && is_test_file(&change.path, regression))
        .map(|change| change.path.clone())
        .collect()
}

/// The tests in the output of any runner; none where it does not tell.
pub fn results(output: &str) -> Vec<TestResult> {
    // A script may start any of them, so all are asked; their forms do not overlap.
    ECOSYSTEMS.iter().map(|ecosystem| ecosystem.results(output)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// How many tests ended how in the output of any runner; `None` where it does not tell.
pub fn counts(output: &str) -> Option<TestCounts> {
    ECOSYSTEMS.iter().find_map(|ecosystem| ecosystem.counts(output)).or_else(|| results::junit(output))
}

/// Whether the output of any runner says that its tests failed for want of something that only the fix has.
pub fn is_missing_api(output: &str) -> bool {
    ECOSYSTEMS.iter().any(|ecosystem| ecosystem.is_missing_api(output))
}

/// Whether the output of any runner says that tests could not be built or loaded.
pub fn is_build_failure(output: &str) -> bool {
    ECOSYSTEMS.iter().any(|ecosystem| ecosystem.is_build_failure(output))
}

/// What never came to its end in a run of `command` that exited with 0, as any runner's output shows it.
pub fn unfinished(command: &[String], output: &str) -> Option<String> {
    // What Rust's tests print is shown among what Cargo says of them, and may look like any report.
    if command.first().is_some_and(|program| program == "cargo") {
        return cargo::Cargo.unfinished(command, output);
    }
    // A runner that counted came to its end; only then is a general report looked at.
    let of_runner = ECOSYSTEMS.iter().find_map(|ecosystem| ecosystem.unfinished(command, output));
    let is_counted = ECOSYSTEMS.iter().any(|ecosystem| ecosystem.counts(output).is_some());
    of_runner.or_else(|| if is_counted { None } else { results::unfinished(output) })
}

/// What ended its process with 0 before it was done, where [`WATCH`] saw it; the run failed then.
pub fn cut_short(output: &str) -> Option<String> {
    ECOSYSTEMS.iter().find_map(|ecosystem| ecosystem.cut_short(output))
}

/// Whether the project has its runner report in a way of its own, so that its output need not say what came of the tests.
/// `file` reads a file of the project.
pub fn tells_elsewhere(file: &dyn Fn(&str) -> Option<Vec<u8>>) -> bool {
    npm::tells_elsewhere(file)
}

/// What of the output of any runner tells why a test failed.
pub fn failure_of(output: &str) -> Option<String> {
    ECOSYSTEMS.iter().find_map(|ecosystem| ecosystem.failure_of(output))
}

/// Puts `files` in place of `{files}`, each as an argument of its own; one that looks like an option gets `./` before it.
///
/// # Errors
/// When there is a `{files}` and no file.
pub fn expand(command: &[String], files: &[String]) -> Result<CommandLine, NoFiles> {
    let mut expanded = Vec::with_capacity(command.len() + files.len());
    for argument in command {
        match argument.as_str() {
            PLACEHOLDER if files.is_empty() => return Err(NoFiles),
            // An argument each: nothing is quoted, and no shell ever splits them.
            PLACEHOLDER => expanded.extend(files.iter().map(|file| not_an_option(file))),
            _ => expanded.push(argument.clone()),
        }
    }
    Ok(expanded.into())
}

/// A command with what a person adds to it; npm passes on only what comes after `--`.
pub fn with_arguments(command: CommandLine, arguments: &[String]) -> CommandLine {
    // yarn and pnpm pass everything on, and would hand a `--` to the tool.
    let is_npm = command.first().is_some_and(|program| program == "npm");
    let is_open = command.iter().chain(arguments).all(|word| word != "--");
    let between = (is_npm && is_open && !arguments.is_empty()).then(|| "--".to_owned());
    command.iter().cloned().chain(between).chain(arguments.iter().cloned()).collect::<Vec<_>>().into()
}

fn not_an_option(file: &str) -> String {
    if file.starts_with('-') { format!("./{file}") } else { file.to_owned() }
}

fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit('/').skip(1)
}

#[cfg(test)]
mod tests;
