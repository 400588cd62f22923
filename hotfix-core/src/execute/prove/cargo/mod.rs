//! A proof by Cargo, in the profile for development first; when that finds nothing, as production is built.

mod build;
mod deep;
mod examples;
mod screen;
mod side;
mod sides;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::domain::{Profile, Proof, TestState, Verdict};
use crate::port::ScratchFolder;
use crate::proof::{self, Candidate, RUNS, TestBinary, TestEnd, Trial, proof_of};
use crate::runner::cargo::Workspace;
use crate::workflow::action::proof::ProofRequest;
use crate::workflow::{Code, Refusal};

use super::{ProofScene, Result, own_target};
use build::BuiltBase;
use screen::Screened;
use side::{CargoSide, TestProgram};

/// Said where the fix is not built where the user builds.
const OWN_TARGET: &str =
    "built in a target folder of its own: the usual one is not in this work tree, and others may build there";

pub(super) struct CargoProver<'a> {
    scene: ProofScene<'a>,
    request: &'a ProofRequest,
    workspace: &'a Workspace,
    /// What caps lints, once a build failed for want of it.
    capper: Rc<OnceCell<PathBuf>>,
    /// Where the compiler is, once a side was made; `None` where it does not say.
    sysroot: OnceCell<Option<String>>,
}

/// A trial, and where its test is on both sides.
struct PairedRun {
    trial: Trial,
    candidate: Candidate,
    /// The program with the fix.
    fix: TestProgram,
    /// The program on the base.
    base: Option<TestProgram>,
}

impl<'a> CargoProver<'a> {
    pub(super) fn new(scene: ProofScene<'a>, request: &'a ProofRequest, workspace: &'a Workspace) -> Self {
        Self { scene, request, workspace, capper: Rc::default(), sysroot: OnceCell::new() }
    }

    pub(super) fn prove(&self) -> Result<Proof> {
        let scratch = self.claim()?;
        let own = own_target::of_workspace(self.scene.act, self.workspace)?;
        let own = own.as_ref();
        let dev = self.in_profile(&scratch, own, Profile::Dev)?;
        // A second build takes minutes, and only a test that passes on both sides leaves something to find.
        if dev.verdict != Verdict::PassToPass {
            return self.deepened(&scratch, dev, Profile::Dev);
        }
        // Built for release, overflow wraps and debug assertions are gone: some bugs exist only there.
        let mut release = self.in_profile(&scratch, own, Profile::Release)?;
        if !release.verdict.is_proof() {
            return Ok(dev);
        }
        release.remarks.push(
            "built for development it passes on production too: only a build for release shows the bug".to_owned(),
        );
        self.deepened(&scratch, release, Profile::Release)
    }

    fn in_profile(&self, scratch: &ScratchFolder, own: Option<&ScratchFolder>, profile: Profile) -> Result<Proof> {
        let fix = self.fix(own, profile);
        let groups = proof::groups(&self.request.part, &self.request.named, self.workspace);
        let programs = self.with_the_fix(&fix, &groups)?;
        let binaries: Vec<TestBinary> = programs.iter().map(|program| program.binary.clone()).collect();
        let meant = proof::candidates(&self.request.part.rust, &self.request.named, &binaries);
        self.refuse_unknown_names(&meant.found, &binaries)?;
        let base = self.lay_out_base(scratch, profile)?;
        // Dependencies that were built with the fix are copied: only the workspace's own code differs.
        self.seed(&base, &fix)?;
        let built = self.without_the_fix(&base, &groups)?;
        let screened = match self.wide(&meant.found, &binaries) {
            Some(all) => screen::screen(&base, &built.programs, &binaries, all)?,
            None => Screened { candidates: meant.found.clone(), passed: 0, remark: None },
        };
        let mut remarks: Vec<String> = screened.remark.into_iter().collect();
        remarks.extend(own.map(|_| OWN_TARGET.to_owned()));
        let runs = screened.candidates.into_iter().filter_map(|candidate| self.run_of(candidate, &programs, &built));
        let mut runs = self.tried(runs.collect(), &fix, &base)?;
        let examples = examples::trials(&fix, &base)?;
        self.tell_broken_base(scratch, &base, &built, &mut runs, &mut remarks)?;
        let mut trials: Vec<Trial> = runs.into_iter().map(|run| run.trial).chain(examples).collect();
        remarks.extend(proof::add_missing(&meant, self.workspace, &mut trials));
        let nothing_listed = trials.is_empty();
        let mut proof = proof_of(&self.request.tree, &self.request.base, trials);
        if nothing_listed {
            // There are tests in the change, and none of them ran or told the two sides apart.
            proof.verdict = if screened.passed > 0 { Verdict::PassToPass } else { Verdict::NotRun };
        }
        proof.unchanged = screened.passed;
        proof.profile = Some(profile);
        proof.lints_capped = self.capper.get().is_some();
        proof.remarks = remarks;
        Ok(proof)
    }

    /// Runs each test once on both sides, and those that decide something more often.
    fn tried(&self, mut runs: Vec<PairedRun>, fix: &CargoSide<'_>, base: &CargoSide<'_>) -> Result<Vec<PairedRun>> {
        for run in &mut runs {
            self.once(run, fix, base)?;
        }
        for run in runs.iter_mut().filter(|run| run.trial.is_decisive()) {
            for _ in 1..RUNS {
                self.once(run, fix, base)?;
            }
        }
        Ok(runs)
    }

    /// All tests that may be meant where none is named by the change: helpers, data and macros say nothing of their own.
    fn wide(&self, found: &[Candidate], binaries: &[TestBinary]) -> Option<Vec<Candidate>> {
        let part = &self.request.part;
        if !found.is_empty() || !self.request.named.is_empty() {
            return None;
        }
        let rust = part.rust.iter().filter(|file| file.touched.is_loose()).map(|file| file.file.clone());
        let readers = part.data.iter().flat_map(|path| self.readers(path, binaries));
        let files: Vec<String> = rust.chain(readers).chain(part.data.iter().cloned()).collect();
        (!files.is_empty()).then(|| proof::wide(&files, binaries))
    }

    /// The test programs that name a file of data, or the folder it is in, where they begin.
    fn readers(&self, path: &str, binaries: &[TestBinary]) -> Vec<String> {
        let package = self.workspace.package_of(path).and_then(|index| self.workspace.packages.get(index));
        let inside = package.and_then(|package| package.inside(path)).unwrap_or(path);
        let (folder, name) = inside.rsplit_once('/').unwrap_or(("", inside));
        let top = self.scene.act.processes.top();
        let names = |root: &String| {
            let text = self.scene.act.scratch.built(&top.join(root)).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            text.contains(name) || (folder.contains('/') && text.contains(folder))
        };
        binaries.iter().map(|binary| &binary.root).filter(|root| names(root)).cloned().collect()
    }

    fn run_of(&self, candidate: Candidate, programs: &[TestProgram], built: &BuiltBase) -> Option<PairedRun> {
        let fix = programs.get(candidate.binary)?.clone();
        let mut trial = Trial::new(fix.binary.test_id(&candidate.test), candidate.gates.clone());
        trial.by_exit_code = !fix.has_list;
        let has = |program: &&TestProgram| {
            program.binary.id == fix.binary.id && program.binary.tests.contains(&candidate.test)
        };
        let base = built.programs.iter().find(has).cloned();
        if fix.binary.ignored.contains(&candidate.test) {
            // Not run on either side: it is ignored for a reason, a service that is not here for example.
            trial.fix.push(TestEnd::silent(TestState::Ignored));
            trial.base.push(TestEnd::silent(TestState::Ignored));
            if trial.gates.iter().all(|gate| !gate.starts_with("#[ignore")) {
                trial.gates.push("#[ignore]".to_owned());
            }
        } else if base.is_none() {
            trial.base.push(self.why_not_there(&fix, built));
        }
        Some(PairedRun { trial, candidate, fix, base })
    }

    /// Runs a test on both sides, as far as it is there.
    fn once(&self, run: &mut PairedRun, fix: &CargoSide<'_>, base: &CargoSide<'_>) -> Result<()> {
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

    fn refuse_unknown_names(&self, found: &[Candidate], binaries: &[TestBinary]) -> Result<()> {
        for name in &self.request.named {
            let is_known = found.iter().any(|candidate| {
                let binary = binaries.get(candidate.binary);
                binary.is_some_and(|binary| binary.test_id(&candidate.test).ends_with(name.as_str()))
            });
            if !is_known {
                let message = format!("--regression: no test is called `{}`", crate::domain::one_line(name));
                return Err(Refusal::usage(Code::Regression, message)
                    .hint("a test is named by the end of its path: cart::tests::coupon"));
            }
        }
        Ok(())
    }
}
