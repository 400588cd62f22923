//! The runs of a test on both sides: how often it runs, how long it may take, and what its ends say together.

use crate::domain::{ObjectId, Proof, ProvenTest, TestState, Verdict};

use super::TestEnd;

/// A test that decides something runs this often on each side.
pub(crate) const RUNS: u32 = 3;
/// The least time a test gets on the base, in milliseconds.
const LEAST_MILLISECONDS: u64 = 30_000;
/// A test may take so many times longer on the base than with the fix.
const PATIENCE: u64 = 3;

/// A test and its runs on both sides.
#[derive(Debug, Default)]
pub(crate) struct Trial {
    pub(crate) id: String,
    pub(crate) base: Vec<TestEnd>,
    pub(crate) fix: Vec<TestEnd>,
    pub(crate) gates: Vec<String>,
    /// Whether its exit code is all that tells how it ended.
    pub(crate) by_exit_code: bool,
    /// What is known of the base otherwise: its build failed.
    pub(crate) verdict: Option<Verdict>,
}

impl Trial {
    pub(crate) fn new(id: String, gates: Vec<String>) -> Self {
        Self { id, gates, ..Self::default() }
    }

    pub(crate) fn state(ends: &[TestEnd]) -> TestState {
        TestState::of_runs(&ends.iter().map(|end| end.state).collect::<Vec<_>>())
    }

    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict.unwrap_or_else(|| Verdict::of(Self::state(&self.base), Self::state(&self.fix)))
    }

    /// Whether more runs can make the verdict surer.
    pub(crate) fn is_decisive(&self) -> bool {
        let verdict = self.verdict();
        // One failure may be chance; a test that passes on both sides is run no more.
        verdict.is_proof() || matches!(verdict, Verdict::PassToFail | Verdict::FailToFail)
    }

    /// How long it may take on the base, in milliseconds.
    pub(crate) fn patience(&self) -> u64 {
        patience(self.fix.iter().map(|end| end.milliseconds))
    }

    fn proven(self) -> ProvenTest {
        let verdict = self.verdict();
        // On production the failure is what is to be seen: it is the bug.
        let failed = self.base.iter().find(|end| end.state != TestState::Pass);
        // Where the fix itself fails, that is what a person needs to see.
        let failed = self.fix.iter().find(|end| end.state != TestState::Pass).or(failed);
        let gate = self.gates.join(" ");
        ProvenTest {
            base: Self::state(&self.base),
            fix: Self::state(&self.fix),
            verdict,
            runs: u32::try_from(self.base.len().max(self.fix.len())).unwrap_or(u32::MAX),
            symptom: failed.and_then(|end| end.symptom.clone()),
            cause: failed.and_then(|end| end.cause.clone()),
            gate: (!gate.is_empty()).then_some(gate),
            by_exit_code: self.by_exit_code,
            id: self.id,
        }
    }
}

/// How long a test may take on the base, in milliseconds, that took so long with the fix: one that hangs there is the proof,
/// and need not take all of the time.
pub(crate) fn patience(with_the_fix: impl Iterator<Item = u64>) -> u64 {
    with_the_fix.max().unwrap_or_default().saturating_mul(PATIENCE).max(LEAST_MILLISECONDS)
}

/// The proof that these trials make.
pub(crate) fn proof_of(tree: &ObjectId, base: &ObjectId, trials: Vec<Trial>) -> Proof {
    let tests: Vec<ProvenTest> = trials.into_iter().map(Trial::proven).collect();
    Proof {
        tree: tree.clone(),
        base: base.clone(),
        verdict: Verdict::together(tests.iter().map(|test| test.verdict)),
        profile: None,
        lints_capped: false,
        tests,
        unchanged: 0,
        arguments: Vec::new(),
        unproven: Vec::new(),
        remarks: Vec::new(),
    }
}
