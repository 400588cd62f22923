//! One side of a proof by Cargo: where it is, how it is built, and how one test of it runs.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::domain::Profile;
use crate::domain::event::Ending;
use crate::execute::prove::{ProofScene, Result, harmless, variables};
use crate::port::Invocation;
use crate::proof::{TestBinary, TestEnd, first_error, of_rust_test};
use crate::runner::cargo::{self, BuiltTest, TestTarget, Workspace};
use crate::workflow::action::proof::ProofRequest;

/// A build from nothing may take this long, however short a test run must be.
// The first build compiles every dependency; `test.timeout` is about tests.
const BUILD: Duration = Duration::from_secs(30 * 60);
/// The name of the one test of a program that has no list of tests.
const WHOLE: &str = "main";

/// Where a side of the proof is.
pub(super) struct CargoSide<'a> {
    pub(super) scene: ProofScene<'a>,
    pub(super) request: &'a ProofRequest,
    pub(super) workspace: &'a Workspace,
    pub(super) profile: Profile,
    /// What it is called to people.
    pub(super) name: &'static str,
    /// Whether it is in a folder of our own, and not where the user works.
    pub(super) is_base: bool,
    /// The top of its work tree.
    pub(super) top: PathBuf,
    /// Where the workspace is in it.
    pub(super) below: PathBuf,
    /// Where it is built; absent: where the user builds.
    pub(super) target: Option<PathBuf>,
    /// Configuration above the user's work tree, which holds there and would not here.
    pub(super) configs: Vec<PathBuf>,
    /// What caps lints, once a build failed for want of it; both sides are built alike from then on.
    pub(super) capper: Rc<OnceCell<PathBuf>>,
    /// The libraries that test programs of procedural macros need.
    pub(super) sysroot: Option<String>,
}

/// The person's arguments for Cargo, but not where to build: both sides would build there.
fn without_target(arguments: &[String]) -> Vec<String> {
    const FLAG: &str = "--target-dir";
    let mut kept = Vec::new();
    let mut arguments = arguments.iter().take_while(|argument| *argument != "--");
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix(FLAG) {
            Some("") => drop(arguments.next()),
            Some(value) if value.starts_with('=') => {}
            _ => kept.push(argument.clone()),
        }
    }
    kept
}

/// A test program of a side.
#[derive(Debug, Clone)]
pub(super) struct TestProgram {
    pub(super) binary: TestBinary,
    built: BuiltTest,
    /// Whether it lists its tests and reports how they ended; one with a `main` of its own has its exit code only.
    pub(super) has_list: bool,
}

/// What came of building one side.
pub(super) enum Build {
    /// These test programs.
    Programs(Vec<TestProgram>),
    /// The first error.
    Failed(String),
}

impl CargoSide<'_> {
    /// Builds test targets of a package and lists their tests.
    pub(super) fn build(&self, package: usize, targets: &[TestTarget]) -> Result<Build> {
        self.scene.say(&format!("{}: build the tests of {}", self.name, self.package_name(package)));
        let mut command = self.cargo(&["test", "--no-run", "--message-format=json"]);
        command.extend(self.package(package));
        command.extend(targets.iter().flat_map(TestTarget::flags));
        self.finish(&mut command);
        let mut invocation = self.invocation(command, self.request.timeout.max(BUILD));
        // Cargo's messages alone are on standard output; what it tells people is on standard error.
        invocation.apart = true;
        let finished = self.scene.act.processes.run(&invocation)?;
        let built = cargo::artifacts(&String::from_utf8_lossy(&finished.stdout));
        if finished.ending == Ending::Failed && built.is_only_lints && self.capper.get().is_none() {
            self.scene.say(&format!("{}: build once more with lints capped", self.name));
            let capper = self.scene.act.scratch.lint_capper()?;
            self.capper.get_or_init(|| capper);
            return self.build(package, targets);
        }
        if finished.ending != Ending::Passed {
            let error = match finished.ending {
                Ending::TimedOut => "the build ran out of time".to_owned(),
                Ending::Failed | Ending::Passed => first_error(&built.errors, &finished.output),
            };
            return Ok(Build::Failed(error));
        }
        built.tests.into_iter().map(|built| self.program(built)).collect::<Result<_, _>>().map(Build::Programs)
    }

    /// Whether targets of a package can be built.
    pub(super) fn builds(&self, package: usize, targets: &[TestTarget]) -> Result<bool> {
        Ok(matches!(self.build(package, targets)?, Build::Programs(_)))
    }

    /// Runs one test in a process of its own.
    pub(super) fn run(&self, program: &TestProgram, test: &str, timeout: Duration) -> Result<TestEnd> {
        // Its own process: a crash then belongs to this test and to no other.
        let arguments: &[&str] = if program.has_list { &["--exact", test, "--nocapture"] } else { &[] };
        let finished = self.scene.act.processes.run(&self.of_program(program, arguments, timeout))?;
        Ok(of_rust_test(&finished, program.has_list))
    }

    /// Runs all tests of a program in one process; what it printed and whether it came to its end.
    pub(super) fn run_all(&self, program: &TestProgram, timeout: Duration) -> Result<(String, bool)> {
        self.scene.say(&format!("{}: run all tests of {}", self.name, program.binary.id));
        let finished = self.scene.act.processes.run(&self.of_program(program, &[], timeout))?;
        let output = String::from_utf8_lossy(&finished.output).into_owned();
        let has_result = output.lines().any(|line| line.starts_with("test result: "));
        // A program that was killed may have said of the tests before that they passed, and nothing of the rest.
        let is_whole = has_result && finished.signal.is_none() && finished.ending != Ending::TimedOut;
        Ok((output, is_whole))
    }

    /// A Cargo command in this side, with what both sides share.
    pub(super) fn cargo(&self, words: &[&str]) -> Vec<String> {
        let mut command = vec!["cargo".to_owned()];
        for config in &self.configs {
            command.extend(["--config".to_owned(), config.to_string_lossy().into_owned()]);
        }
        command.extend(words.iter().map(|word| (*word).to_owned()));
        command
    }

    /// How a package is named here: the base may have it in another version.
    pub(super) fn package(&self, package: usize) -> Vec<String> {
        match self.workspace.packages.len() {
            1 => Vec::new(),
            // With the version, as a dependency may bear the same name.
            _ if !self.is_base => vec!["-p".to_owned(), self.workspace.spec(package)],
            _ => vec!["-p".to_owned(), self.package_name(package)],
        }
    }

    pub(super) fn package_name(&self, package: usize) -> String {
        self.workspace.packages.get(package).map(|package| package.name.clone()).unwrap_or_default()
    }

    /// The profile, the network, and the person's arguments.
    pub(super) fn finish(&self, command: &mut Vec<String>) {
        command.extend((self.profile == Profile::Release).then(|| "--release".to_owned()));
        command.extend(self.request.offline.then(|| "--offline".to_owned()));
        command.extend(without_target(&self.request.arguments));
    }

    /// A run of Cargo where this side is, building where this side is built.
    pub(super) fn invocation(&self, command: Vec<String>, timeout: Duration) -> Invocation {
        let target = self.target.iter().flat_map(|target| variables(target));
        // Flags in the environment would put those of the user's configuration out of force; a wrapper adds to all of them.
        let capper = self.capper.get().map(|capper| capper.to_string_lossy().into_owned());
        let capper = capper.map(|capper| ("RUSTC_WORKSPACE_WRAPPER".to_owned(), capper));
        let run = harmless(command, timeout, target.chain(capper));
        Invocation { folder: Some(self.top.join(&self.below)), ..run }
    }

    fn of_program(&self, program: &TestProgram, arguments: &[&str], timeout: Duration) -> Invocation {
        let built = &program.built;
        let mut command = vec![built.executable.clone()];
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let run = harmless(command, timeout, self.like_cargo(built));
        Invocation { folder: Some(PathBuf::from(&built.folder)), ..run }
    }

    /// What Cargo tells a test program by its environment.
    fn like_cargo(&self, built: &BuiltTest) -> Vec<(String, String)> {
        let folder = PathBuf::from(&built.folder);
        let top = self.top.to_string_lossy().into_owned();
        let relative = built.folder.strip_prefix(&top).unwrap_or(&built.folder).trim_start_matches('/');
        let package = self.workspace.packages.iter().find(|package| package.folder == relative);
        let libraries = self.libraries(&built.executable);
        let mut variables = vec![
            ("CARGO".to_owned(), "cargo".to_owned()),
            ("CARGO_MANIFEST_DIR".to_owned(), built.folder.clone()),
            ("CARGO_MANIFEST_PATH".to_owned(), folder.join("Cargo.toml").to_string_lossy().into_owned()),
            // Cargo sets these when it starts a test; here it does not start it.
            ("LD_LIBRARY_PATH".to_owned(), libraries.clone()),
            ("DYLD_FALLBACK_LIBRARY_PATH".to_owned(), libraries),
        ];
        variables.extend(package.map(|package| ("CARGO_PKG_NAME".to_owned(), package.name.clone())));
        variables.extend(package.map(|package| ("CARGO_PKG_VERSION".to_owned(), package.version.clone())));
        variables.extend(built.out_dir.clone().map(|dir| ("OUT_DIR".to_owned(), dir)));
        variables
    }

    /// Where a test program finds its dynamic libraries: beside it, above it, and in the toolchain.
    fn libraries(&self, executable: &str) -> String {
        let beside = Path::new(executable).parent();
        let above = beside.and_then(Path::parent);
        let paths = [beside, above].into_iter().flatten().map(|path| path.to_string_lossy().into_owned());
        let toolchain = self.sysroot.iter().map(|root| format!("{root}/lib"));
        paths.chain(toolchain).collect::<Vec<_>>().join(":")
    }

    fn program(&self, built: BuiltTest) -> Result<TestProgram> {
        let top = self.top.to_string_lossy().into_owned();
        let relative =
            |path: &str| path.strip_prefix(&top).map_or(path, |path| path.trim_start_matches('/')).to_owned();
        let folder = relative(&built.folder);
        let package = self.workspace.packages.iter().find(|package| package.folder == folder);
        let package = package.map_or_else(|| folder.clone(), |package| package.name.clone());
        let id = match built.kind.as_str() {
            "test" => format!("{package}::{}", built.name),
            "bin" | "example" | "bench" => format!("{package}::{}/{}", built.kind, built.name),
            _ => package,
        };
        // The compiler notes beside the program of which sources it is made.
        let note = format!("{}.d", built.executable);
        let note = self.scene.act.scratch.built(Path::new(&note)).unwrap_or_default();
        let sources = cargo::sources(&String::from_utf8_lossy(&note));
        let root = self.below.to_string_lossy();
        let sources = sources.into_iter().map(|source| match (source.starts_with('/'), root.is_empty()) {
            (true, _) => relative(&source),
            (false, true) => source,
            (false, false) => format!("{root}/{source}"),
        });
        let has_list = !self.has_own_harness(&built);
        let mut program = TestProgram {
            binary: TestBinary {
                id,
                root: relative(&built.source),
                sources: sources.collect(),
                tests: vec![WHOLE.to_owned()],
                ignored: Vec::new(),
                is_whole: !has_list,
            },
            built,
            has_list,
        };
        if has_list {
            program.binary.tests = self.list(&program, &[])?;
            program.binary.ignored = self.list(&program, &["--ignored"])?;
        }
        Ok(program)
    }

    fn list(&self, program: &TestProgram, more: &[&str]) -> Result<Vec<String>> {
        let arguments: Vec<&str> = ["--list", "--format", "terse"].iter().chain(more).copied().collect();
        let mut invocation = self.of_program(program, &arguments, self.request.timeout);
        invocation.apart = true;
        let finished = self.scene.act.processes.run(&invocation)?;
        Ok(cargo::listed(&String::from_utf8_lossy(&finished.stdout)))
    }

    /// Whether a target's manifest says that it brings a `main` of its own (`harness = false`).
    fn has_own_harness(&self, built: &BuiltTest) -> bool {
        let manifest = Path::new(&built.folder).join("Cargo.toml");
        let text = self.scene.act.scratch.built(&manifest).unwrap_or_default();
        cargo::has_own_harness(&String::from_utf8_lossy(&text), &built.kind, &built.name)
    }
}
