//! What is built of the two sides, and what is said of a base that cannot be built.

use crate::domain::{TestState, Verdict};
use crate::execute::prove::Result;
use crate::port::ScratchFolder;
use crate::proof::{self, Groups, TestEnd, Trial};
use crate::runner::cargo::{TargetKind, TestTarget};
use crate::workflow::{Code, Refusal};

use super::side::{Build, CargoSide, TestProgram};
use super::{CargoProver, PairedRun};

/// The base, as far as it could be built.
#[derive(Default)]
pub(super) struct BuiltBase {
    pub(super) programs: Vec<TestProgram>,
    errors: Vec<(usize, TestTarget, String)>,
}

impl CargoProver<'_> {
    /// Builds the tests with the fix.
    pub(super) fn with_the_fix(&self, fix: &CargoSide<'_>, groups: &Groups) -> Result<Vec<TestProgram>> {
        let mut programs = Vec::new();
        for (package, targets) in groups {
            match fix.build(*package, targets)? {
                Build::Programs(built) => programs.extend(built),
                Build::Failed(error) => return Err(cannot_be_built(&error)),
            }
        }
        // They come in the order in which they were ready.
        programs.sort_by(|one, other| one.binary.id.cmp(&other.binary.id));
        Ok(programs)
    }

    /// Builds the base target by target where not all of them can be built.
    pub(super) fn without_the_fix(&self, base: &CargoSide<'_>, groups: &Groups) -> Result<BuiltBase> {
        let mut built = BuiltBase::default();
        for (package, targets) in groups {
            match base.build(*package, targets)? {
                Build::Programs(programs) => built.programs.extend(programs),
                Build::Failed(error) => self.one_by_one(base, *package, targets, error, &mut built)?,
            }
        }
        Ok(built)
    }

    fn one_by_one(
        &self,
        base: &CargoSide<'_>,
        package: usize,
        targets: &[TestTarget],
        error: String,
        built: &mut BuiltBase,
    ) -> Result<()> {
        // One test that needs the fix keeps all targets from being built: each is tried alone.
        let targets = match targets {
            [TestTarget::Tests] => self.workspace.packages.get(package).map(proof::all_targets).unwrap_or_default(),
            targets => targets.to_vec(),
        };
        if let [only] = targets.as_slice() {
            built.errors.push((package, only.clone(), error));
            return Ok(());
        }
        for target in targets {
            match base.build(package, std::slice::from_ref(&target))? {
                Build::Programs(programs) => built.programs.extend(programs),
                Build::Failed(error) => built.errors.push((package, target, error)),
            }
        }
        Ok(())
    }

    /// Why a test of the fix is not among those of the base.
    pub(super) fn why_not_there(&self, fix: &TestProgram, built: &BuiltBase) -> TestEnd {
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

    /// Where tests cannot be built on the base, looks whether the base itself can be.
    pub(super) fn tell_broken_base(
        &self,
        scratch: &ScratchFolder,
        base: &CargoSide<'_>,
        built: &BuiltBase,
        runs: &mut [PairedRun],
        remarks: &mut Vec<String>,
    ) -> Result<()> {
        let is_unbuilt = |run: &&mut PairedRun| Trial::state(&run.trial.base) == TestState::BuildFail;
        if !runs.iter_mut().any(|run| is_unbuilt(&run)) {
            return Ok(());
        }
        // Last: this takes the tests of the fix away from the folder in which they ran.
        self.lay_out(scratch, &self.request.without_tests)?;
        let mut is_broken = false;
        for (package, target, _) in &built.errors {
            let alone = self.without_new_tests(scratch, *package, target);
            is_broken |= !base.builds(*package, &alone)?;
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
    fn without_new_tests(&self, scratch: &ScratchFolder, package: usize, target: &TestTarget) -> Vec<TestTarget> {
        let Some(package) = self.workspace.packages.get(package) else { return Vec::new() };
        let TestTarget::Test(name) = target else { return vec![target.clone()] };
        let own = package.targets.iter().find(|own| own.name == *name && own.kind == TargetKind::Test);
        let is_there = own.is_some_and(|own| self.scene.act.scratch.built(&scratch.tree.join(&own.source)).is_some());
        match (is_there, package.library().is_some()) {
            (true, _) => vec![target.clone()],
            (false, true) => vec![TestTarget::Library],
            (false, false) => vec![TestTarget::Programs],
        }
    }
}

/// The refusal where the fix itself cannot be built with its tests.
fn cannot_be_built(error: &str) -> Refusal {
    let refusal = Refusal::check_failed(Code::Build, format!("the tests cannot be built with the fix: {error}"));
    // A lint of a newer compiler, which the crate makes an error of.
    let is_lint =
        ["#[deny(warnings)]", "`-D warnings`", "unexpected `cfg` condition"].iter().any(|word| error.contains(word));
    let refusal =
        if is_lint { refusal.hint("RUSTFLAGS=--cap-lints=warn lets lints pass, on both sides") } else { refusal };
    refusal.hint("correct the fix, commit, and run the same command again")
}
