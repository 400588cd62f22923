//! A proof by Cargo, in the profile for development first; when that finds nothing, as production is built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::{ObjectId, Profile, Proof, TestState, Verdict, sha256_hex};
use crate::port::{Invocation, ScratchPlace};
use crate::proof::{self, Candidate, TestBinary, TestEnd};
use crate::runner::cargo::{TestTarget, Workspace, target_of};
use crate::step::prove::ProofRequest;

use super::cargo_side::{Build, Program, Side};
use super::{RUNS, Refusal, Scene, Trial, examples, proof_of, screen};

/// Asking the compiler about itself takes no longer.
const DEADLINE: Duration = Duration::from_secs(60);

pub(super) struct Prover<'a> {
    scene: Scene<'a>,
    request: &'a ProofRequest,
    workspace: &'a Workspace,
}

/// Test targets by the package that has them.
pub(super) type Groups = BTreeMap<usize, Vec<TestTarget>>;

/// A trial, and where its test is on both sides.
struct Run {
    trial: Trial,
    candidate: Candidate,
    /// The program with the fix.
    fix: Program,
    /// The program on the base.
    base: Option<Program>,
}

/// The base, as far as it could be built.
#[derive(Default)]
struct Base {
    programs: Vec<Program>,
    errors: Vec<(usize, TestTarget, String)>,
}

impl<'a> Prover<'a> {
    pub(super) fn new(scene: Scene<'a>, request: &'a ProofRequest, workspace: &'a Workspace) -> Self {
        Self { scene, request, workspace }
    }

    pub(super) fn prove(&self) -> Result<Proof, Refusal> {
        let place = self.place()?;
        let dev = self.in_profile(&place, Profile::Dev)?;
        if dev.verdict != Verdict::PassToPass {
            return self.deepened(&place, dev, Profile::Dev);
        }
        let mut release = self.in_profile(&place, Profile::Release)?;
        if !release.verdict.is_proof() {
            return Ok(dev);
        }
        release.remarks.push(
            "built for development it passes on production too: only a build for release shows the bug".to_owned(),
        );
        self.deepened(&place, release, Profile::Release)
    }

    fn in_profile(&self, place: &ScratchPlace, profile: Profile) -> Result<Proof, Refusal> {
        let fix = self.fix()?;
        let groups = self.groups();
        let programs = self.with_the_fix(&fix, &groups, profile)?;
        let binaries: Vec<TestBinary> = programs.iter().map(|program| program.binary.clone()).collect();
        let found = proof::candidates(&self.request.part.rust, &self.request.named, &binaries);
        self.refuse_unknown_names(&found.found, &binaries)?;
        let missing = found.missing.iter().map(|(file, function)| {
            let mut path = function.modules.clone();
            path.push(function.name.clone());
            Trial::new(format!("{file}::{}", path.join("::")), function.gates.clone())
        });
        let missing: Vec<Trial> = missing.collect();
        let wide = self.wide(&found.found, &missing, &binaries);

        let base = self.lay_out_base(place)?;
        let built = self.without_the_fix(&base, &groups, profile, &fix)?;
        let mut remarks = Vec::new();
        let mut unchanged = 0;
        let candidates = match wide {
            Some(all) => {
                let screened = screen::screen(&base, &built.programs, &binaries, all)?;
                unchanged = screened.passed;
                remarks.extend(screened.remark);
                screened.candidates
            }
            None => found.found,
        };
        let mut runs: Vec<Run> =
            candidates.into_iter().filter_map(|candidate| self.run_of(candidate, &programs, &built)).collect();
        for run in &mut runs {
            self.once(run, &fix, &base)?;
        }
        for run in runs.iter_mut().filter(|run| run.trial.is_decisive()) {
            for _ in 1..RUNS {
                self.once(run, &fix, &base)?;
            }
        }
        let mut trials: Vec<Trial> = Vec::new();
        let mut examples = examples::trials(&fix, &base, profile)?;
        self.tell_broken_base(place, &base, &built, profile, &mut runs, &mut remarks)?;
        trials.extend(runs.into_iter().map(|run| run.trial));
        trials.append(&mut examples);
        if trials.is_empty() {
            trials.extend(missing);
        } else if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|trial| trial.id.clone()).collect();
            remarks.push(format!("not built, and so not run: {}", names.join(", ")));
        }
        let has_unchanged = trials.is_empty() && unchanged > 0;
        let mut proof = proof_of(self.request, trials);
        if has_unchanged {
            proof.verdict = Verdict::PassToPass;
        }
        proof.unchanged = unchanged;
        proof.profile = Some(profile);
        proof.remarks = remarks;
        Ok(proof)
    }

    /// The packages and targets that hold the tests of the change; with names by hand, everything that the fix touches.
    fn groups(&self) -> Groups {
        let part = &self.request.part;
        let mut groups = Groups::new();
        let touched = part.rust.iter().filter(|file| file.touched != Default::default()).map(|file| file.file.as_str());
        let data = part.data.iter().map(String::as_str);
        let code = part.code.iter().map(String::as_str).filter(|_| !self.request.named.is_empty());
        for file in touched.chain(data).chain(code) {
            let Some(place) = self.workspace.package_of(file) else { continue };
            let Some(package) = self.workspace.packages.get(place) else { continue };
            let targets = groups.entry(place).or_default();
            targets.push(target_of(package, file));
            if !file.ends_with(".rs") || !self.request.named.is_empty() {
                targets.push(TestTarget::Tests);
                targets.extend(package.library().is_some().then_some(TestTarget::Library));
            }
        }
        for targets in groups.values_mut() {
            targets.sort();
            targets.dedup();
            // `--tests` means every target that is tested, so that it stands alone.
            if targets.contains(&TestTarget::Tests) {
                *targets = vec![TestTarget::Tests];
            }
        }
        groups
    }

    fn with_the_fix(&self, fix: &Side<'_>, groups: &Groups, profile: Profile) -> Result<Vec<Program>, Refusal> {
        let mut programs = Vec::new();
        for (package, targets) in groups {
            match fix.build(*package, targets, profile)? {
                Build::Programs(built) => programs.extend(built),
                Build::Failed(error) => {
                    return Err(Refusal::check_failed(
                        "build",
                        format!("the tests cannot be built with the fix: {error}"),
                    )
                    .hint("mend the fix, commit, and run the same command again"));
                }
            }
        }
        Ok(programs)
    }

    /// Builds the base target by target where not all of them can be built.
    fn without_the_fix(
        &self,
        base: &Side<'_>,
        groups: &Groups,
        profile: Profile,
        fix: &Side<'_>,
    ) -> Result<Base, Refusal> {
        self.seed(base, fix, profile)?;
        let mut built = Base::default();
        for (package, targets) in groups {
            match base.build(*package, targets, profile)? {
                Build::Programs(programs) => built.programs.extend(programs),
                Build::Failed(error) => self.one_by_one(base, *package, targets, profile, error, &mut built)?,
            }
        }
        Ok(built)
    }

    fn one_by_one(
        &self,
        base: &Side<'_>,
        package: usize,
        targets: &[TestTarget],
        profile: Profile,
        error: String,
        built: &mut Base,
    ) -> Result<(), Refusal> {
        let targets = match targets {
            [TestTarget::Tests] => self.all_targets(package),
            targets => targets.to_vec(),
        };
        if let [only] = targets.as_slice() {
            built.errors.push((package, only.clone(), error));
            return Ok(());
        }
        for target in targets {
            match base.build(package, std::slice::from_ref(&target), profile)? {
                Build::Programs(programs) => built.programs.extend(programs),
                Build::Failed(error) => built.errors.push((package, target, error)),
            }
        }
        Ok(())
    }

    fn all_targets(&self, package: usize) -> Vec<TestTarget> {
        use crate::runner::cargo::TargetKind;
        let Some(package) = self.workspace.packages.get(package) else { return Vec::new() };
        let tests = package.targets.iter().filter(|target| target.kind == TargetKind::Test);
        let tests = tests.map(|target| TestTarget::Test(target.name.clone()));
        package.library().map(|_| TestTarget::Library).into_iter().chain(tests).collect()
    }

    /// All tests that may be meant where none is named by the change: helpers, data and macros say nothing of their own.
    fn wide(&self, found: &[Candidate], missing: &[Trial], binaries: &[TestBinary]) -> Option<Vec<Candidate>> {
        let part = &self.request.part;
        if !found.is_empty() || !self.request.named.is_empty() || missing.iter().any(|trial| !trial.gates.is_empty()) {
            return None;
        }
        let rust = part.rust.iter().filter(|file| file.touched != Default::default()).map(|file| file.file.clone());
        let files: Vec<String> = rust.chain(part.data.iter().cloned()).collect();
        (!files.is_empty()).then(|| proof::wide(&files, binaries))
    }

    fn run_of(&self, candidate: Candidate, programs: &[Program], built: &Base) -> Option<Run> {
        let fix = programs.get(candidate.binary)?.clone();
        let mut trial = Trial::new(fix.binary.test_id(&candidate.test), candidate.gates.clone());
        let has =
            |program: &&Program| program.binary.id == fix.binary.id && program.binary.tests.contains(&candidate.test);
        let base = built.programs.iter().find(has).cloned();
        if fix.binary.ignored.contains(&candidate.test) {
            trial.fix.push(TestEnd::silent(TestState::Ignored));
            trial.base.push(TestEnd::silent(TestState::Ignored));
            if trial.gates.iter().all(|gate| !gate.starts_with("#[ignore")) {
                trial.gates.push("#[ignore]".to_owned());
            }
        } else if base.is_none() {
            trial.base.push(self.why_not_there(&fix, built));
        }
        Some(Run { trial, candidate, fix, base })
    }

    /// Why a test of the fix is not among those of the base.
    fn why_not_there(&self, fix: &Program, built: &Base) -> TestEnd {
        let is_of = |(package, target, _): &&(usize, TestTarget, String)| {
            let name = self.workspace.packages.get(*package).map(|package| package.name.as_str()).unwrap_or_default();
            let id = &fix.binary.id;
            match target {
                TestTarget::Library => id == name,
                TestTarget::Programs => id.starts_with(&format!("{name}::bin/")),
                TestTarget::Test(test) => *id == format!("{name}::{test}"),
                TestTarget::Tests => *id == name || id.starts_with(&format!("{name}::")),
            }
        };
        match built.errors.iter().find(is_of) {
            Some((_, _, error)) => TestEnd { symptom: Some(error.clone()), ..TestEnd::silent(TestState::BuildFail) },
            None => {
                let symptom = "it is not there without the fix".to_owned();
                TestEnd { symptom: Some(symptom), ..TestEnd::silent(TestState::Absent) }
            }
        }
    }

    /// Runs a test on both sides, as far as it is there.
    fn once(&self, run: &mut Run, fix: &Side<'_>, base: &Side<'_>) -> Result<(), Refusal> {
        if run.fix.binary.ignored.contains(&run.candidate.test) {
            return Ok(());
        }
        let test = &run.candidate.test;
        let round = run.trial.fix.len() + 1;
        self.scene.say(&format!("run {} with the fix ({round})", run.trial.id));
        run.trial.fix.push(fix.run(&run.fix, test, self.request.timeout)?);
        if let Some(program) = &run.base {
            self.scene.say(&format!("run {} on production ({round})", run.trial.id));
            let patience = Duration::from_millis(run.trial.patience()).min(self.request.timeout);
            run.trial.base.push(base.run(program, test, patience)?);
        }
        Ok(())
    }

    /// Where tests cannot be built on the base, looks whether the base itself can be.
    fn tell_broken_base(
        &self,
        place: &ScratchPlace,
        base: &Side<'_>,
        built: &Base,
        profile: Profile,
        runs: &mut [Run],
        remarks: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let is_unbuilt = |run: &&mut Run| Trial::state(&run.trial.base) == TestState::BuildFail;
        if !runs.iter_mut().any(|run| is_unbuilt(&run)) {
            return Ok(());
        }
        self.lay_out(place, &self.request.without_tests)?;
        let mut is_broken = false;
        for (package, target, _) in &built.errors {
            let alone = self.without_new_tests(place, *package, target);
            is_broken |= !base.builds(*package, &alone, profile)?;
        }
        if is_broken {
            remarks.push("production cannot be built even without the tests of the fix".to_owned());
            for run in runs.iter_mut().filter(is_unbuilt) {
                run.trial.verdict = Some(Verdict::BaseBuildBroken);
            }
        }
        Ok(())
    }

    /// The target if the base has it, else what its tests would be built with.
    fn without_new_tests(&self, place: &ScratchPlace, package: usize, target: &TestTarget) -> Vec<TestTarget> {
        let Some(package) = self.workspace.packages.get(package) else { return Vec::new() };
        let source = match target {
            TestTarget::Test(name) => package
                .targets
                .iter()
                .find(|own| own.name == *name && own.kind == crate::runner::cargo::TargetKind::Test)
                .map(|own| own.source.clone()),
            TestTarget::Library | TestTarget::Programs | TestTarget::Tests => return vec![target.clone()],
        };
        let is_there = source.is_some_and(|source| self.scene.act.scratch.built(&place.tree.join(source)).is_some());
        match (is_there, package.library().is_some()) {
            (true, _) => vec![target.clone()],
            (false, true) => vec![TestTarget::Library],
            (false, false) => vec![TestTarget::Programs],
        }
    }

    /// Takes back each part of the fix alone, where that was asked for, and names those that no proving test notices.
    fn deepened(&self, place: &ScratchPlace, mut proof: Proof, profile: Profile) -> Result<Proof, Refusal> {
        if !proof.verdict.is_proof() || self.request.hunks.is_empty() {
            return Ok(proof);
        }
        let proving: Vec<String> =
            proof.tests.iter().filter(|test| test.verdict.is_proof()).map(|test| test.id.clone()).collect();
        let side = self.base(place)?;
        for (number, (hunk, tree)) in self.request.hunks.iter().enumerate() {
            self.scene.say(&format!("take back {hunk} ({} of {})", number + 1, self.request.hunks.len()));
            self.lay_out(place, tree)?;
            let mut is_noticed = false;
            for (package, targets) in self.groups() {
                let Build::Programs(programs) = side.build(package, &targets, profile)? else {
                    is_noticed = true;
                    break;
                };
                for program in &programs {
                    for test in &program.binary.tests {
                        if proving.contains(&program.binary.test_id(test)) && !is_noticed {
                            let end = side.run(program, test, self.request.timeout)?;
                            is_noticed |= end.state != TestState::Pass;
                        }
                    }
                }
            }
            if !is_noticed {
                proof.unproven.push(hunk.clone());
            }
        }
        Ok(proof)
    }

    fn refuse_unknown_names(&self, found: &[Candidate], binaries: &[TestBinary]) -> Result<(), Refusal> {
        for name in &self.request.named {
            let is_known = found.iter().any(|candidate| {
                let binary = binaries.get(candidate.binary);
                binary.is_some_and(|binary| binary.test_id(&candidate.test).ends_with(name.as_str()))
            });
            if !is_known {
                let message = format!("--regression: no test is called `{}`", crate::domain::one_line(name));
                return Err(Refusal::usage("regression", message)
                    .hint("a test is named by the end of its path: cart::tests::coupon"));
            }
        }
        Ok(())
    }

    /// Where the user works.
    fn fix(&self) -> Result<Side<'a>, Refusal> {
        let top = self.scene.act.processes.top();
        self.side("with the fix", top, None, Vec::new())
    }

    /// The place of the base.
    fn base(&self, place: &ScratchPlace) -> Result<Side<'a>, Refusal> {
        let top = self.scene.act.processes.top();
        let above = top
            .ancestors()
            .skip(1)
            .flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(".cargo").join(name)));
        let configs = above.filter(|path| self.scene.act.scratch.built(path).is_some());
        // What lies above both is read there too.
        let configs = configs.filter(|path| {
            let folder = path.parent().and_then(Path::parent);
            !folder.is_some_and(|folder| place.tree.starts_with(folder))
        });
        self.side("on production", place.tree.clone(), Some(place.target.clone()), configs.take(1).collect())
    }

    fn side(
        &self,
        name: &'static str,
        top: PathBuf,
        target: Option<PathBuf>,
        configs: Vec<PathBuf>,
    ) -> Result<Side<'a>, Refusal> {
        let own = self.scene.act.processes.top();
        let below = Path::new(&self.workspace.root).strip_prefix(&own).unwrap_or(Path::new("")).to_owned();
        let sysroot = self.ask(&["rustc", "--print", "sysroot"]).ok().map(|text| text.trim().to_owned());
        let (scene, request, workspace) = (self.scene, self.request, self.workspace);
        Ok(Side { scene, request, workspace, name, top, below, target, configs, sysroot })
    }

    /// The base with the tests of the fix, laid out.
    fn lay_out_base(&self, place: &ScratchPlace) -> Result<Side<'a>, Refusal> {
        self.scene.say(&format!("lay out {} with the tests of the fix", self.request.base.short()));
        self.lay_out(place, &self.request.with_tests)?;
        self.base(place)
    }

    fn lay_out(&self, place: &ScratchPlace, tree: &ObjectId) -> Result<(), Refusal> {
        self.scene.act.git.lay_out(&place.tree, tree, &self.request.base)?;
        for (path, content) in &self.request.provided {
            self.scene.act.scratch.provide(place, path, content)?;
        }
        Ok(())
    }

    fn seed(&self, base: &Side<'_>, fix: &Side<'_>, profile: Profile) -> Result<(), Refusal> {
        let Some(target) = &base.target else { return Ok(()) };
        let folder = match profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        };
        let place = ScratchPlace::new(target.parent().unwrap_or(target), None);
        let from = Path::new(&fix.workspace.build_directory).join(folder);
        Ok(self.scene.act.scratch.seed(&place, &from, &self.workspace.own_names())?)
    }

    /// A place of its own for each base and toolchain.
    fn place(&self) -> Result<ScratchPlace, Refusal> {
        let toolchain = self.ask(&["rustc", "-vV"])?;
        let toolchain = sha256_hex(toolchain.as_bytes());
        let key = format!("{}-{}", self.request.base.short(), toolchain.get(..8).unwrap_or_default());
        Ok(self.scene.act.scratch.claim(&key)?)
    }

    fn ask(&self, words: &[&str]) -> Result<String, Refusal> {
        let command = words.iter().map(|word| (*word).to_owned()).collect();
        let invocation = Invocation { apart: true, ..Invocation::new(command, DEADLINE) };
        let finished = self.scene.act.processes.run(&invocation)?;
        if finished.ending != Ending::Passed {
            return Err(Refusal::precondition("toolchain", format!("`{}` failed", words.join(" "))));
        }
        Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
    }
}
