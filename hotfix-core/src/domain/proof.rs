//! Whether a regression test catches the bug: what it did on the base, what it did with the fix, and what that says.

use serde::{Deserialize, Serialize};

use super::ObjectId;
use super::names::keys;

keys! {
    /// How a test ended on one side.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum TestState {
        /// It passed.
        Pass = "pass",
        /// An assertion failed, or it panicked or threw.
        Fail = "fail",
        /// It ended its process: a signal, an abort, an overflow of the stack.
        Crash = "crash",
        /// Its process ended with 0 before it was done, so that nobody knows whether it would have passed.
        EndedEarly = "ended-early",
        /// It ran out of time and was ended by us.
        Hang = "hang",
        /// It could not be built.
        BuildFail = "build-fail",
        /// It is not among the tests that were built.
        Absent = "absent",
        /// It is marked as not to be run.
        Ignored = "ignored",
        /// Its runs disagree.
        Flaky = "flaky",
    }
}

impl TestState {
    /// Combines several runs of one test.
    pub fn of_runs(runs: &[Self]) -> Self {
        match runs {
            [] => Self::Absent,
            [first, rest @ ..] if rest.iter().all(|state| state == first) => *first,
            _ => Self::Flaky,
        }
    }
}

keys! {
    /// What a test says about the fix, or all of them together.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Verdict {
        /// It fails on the base and passes with the fix: proof.
        FailToPass = "fail_to_pass",
        /// It ends its process on the base and passes with the fix: proof.
        CrashToPass = "crash_to_pass",
        /// It never ends on the base and passes with the fix: proof.
        HangToPass = "hang_to_pass",
        /// It needs what only the fix has to be built, so it says nothing about the behaviour of the base.
        BuildFailToPass = "build_fail_to_pass",
        /// The base cannot be built even without it.
        BaseBuildBroken = "base_build_broken",
        /// It passes on both: it does not catch the bug.
        PassToPass = "pass_to_pass",
        /// It fails on both.
        FailToFail = "fail_to_fail",
        /// It fails only with the fix.
        PassToFail = "pass_to_fail",
        /// It was not run: a feature, a platform or an attribute keeps it out.
        NotRun = "not_run",
        /// The change has no regression test.
        NoRegressionTest = "no_regression_test",
        /// Runs on one side disagree.
        Flaky = "flaky",
    }
}

impl Verdict {
    /// What a test that ended so on the two sides says.
    pub fn of(base: TestState, fix: TestState) -> Self {
        use TestState::{Absent, BuildFail, Crash, EndedEarly, Fail, Flaky, Hang, Ignored, Pass};
        match (base, fix) {
            // First: a run that happened to fail would pass for proof.
            (Flaky, _) | (_, Flaky) => Self::Flaky,
            // A test that does not run with the fix proves nothing of it.
            (_, Absent | Ignored) | (Ignored, Pass) => Self::NotRun,
            (Pass, Pass) => Self::PassToPass,
            (Fail, Pass) => Self::FailToPass,
            // Ending the process is how the bug shows, whatever the exit code.
            (Crash | EndedEarly, Pass) => Self::CrashToPass,
            (Hang, Pass) => Self::HangToPass,
            // What is not there without the fix needs the fix to be there.
            (BuildFail | Absent, Pass) => Self::BuildFailToPass,
            (Pass, Fail | Crash | EndedEarly | Hang | BuildFail) => Self::PassToFail,
            (
                Fail | Crash | EndedEarly | Hang | BuildFail | Absent | Ignored,
                Fail | Crash | EndedEarly | Hang | BuildFail,
            ) => Self::FailToFail,
        }
    }

    /// Combines verdicts: what the fix breaks first, then the strongest proof, then what is no proof.
    pub fn together(verdicts: impl IntoIterator<Item = Self>) -> Self {
        // One test that the fix breaks outweighs any proof.
        const ORDER: [Verdict; 11] = [
            Verdict::PassToFail,
            Verdict::FailToFail,
            Verdict::FailToPass,
            Verdict::CrashToPass,
            Verdict::HangToPass,
            Verdict::BaseBuildBroken,
            Verdict::BuildFailToPass,
            Verdict::Flaky,
            Verdict::PassToPass,
            Verdict::NotRun,
            Verdict::NoRegressionTest,
        ];
        let rank = |verdict: &Self| ORDER.iter().position(|other| other == verdict);
        verdicts.into_iter().min_by_key(rank).unwrap_or(Self::NoRegressionTest)
    }

    /// Whether it shows that the test catches the bug.
    pub fn is_proof(self) -> bool {
        matches!(self, Self::FailToPass | Self::CrashToPass | Self::HangToPass)
    }

    /// Whether it asks for something to be done: the test is useless, not there or not run, or the fix is not right.
    pub fn is_no(self) -> bool {
        match self {
            Self::FailToPass | Self::CrashToPass | Self::HangToPass | Self::BuildFailToPass | Self::BaseBuildBroken => {
                false
            }
            Self::PassToPass
            | Self::FailToFail
            | Self::PassToFail
            | Self::NotRun
            | Self::NoRegressionTest
            | Self::Flaky => true,
        }
    }

    /// The same in a few words, for a table.
    pub fn in_short(self) -> &'static str {
        match self {
            Self::FailToPass | Self::CrashToPass | Self::HangToPass => "catches the bug",
            Self::BuildFailToPass => "needs what the fix adds",
            Self::BaseBuildBroken => "production cannot be built",
            Self::PassToPass => "does not catch the bug",
            Self::FailToFail => "fails with the fix, too",
            Self::PassToFail => "fails for the fix",
            Self::NotRun => "was not run on both sides",
            Self::NoRegressionTest => "is missing",
            Self::Flaky => "is not always the same",
        }
    }

    /// What it means, one clause that fits after "the regression test".
    pub fn meaning(self) -> &'static str {
        match self {
            Self::FailToPass => "fails on production and passes with the fix",
            Self::CrashToPass => "ends its process on production and passes with the fix",
            Self::HangToPass => "never ends on production and passes with the fix",
            Self::BuildFailToPass => {
                "cannot be built on production, because it needs what the fix adds: it passes with the fix, \
                 and shows nothing about production's behaviour"
            }
            Self::BaseBuildBroken => {
                "passes with the fix; production itself cannot be built, so nothing can be compared"
            }
            Self::PassToPass => "passes on production too: it does not catch the bug",
            Self::FailToFail => "fails on production and with the fix: the fix is not complete",
            Self::PassToFail => "passes on production and fails with the fix: the fix breaks something",
            Self::NotRun => "was not run on both sides",
            Self::NoRegressionTest => "is missing: the change touches no test",
            Self::Flaky => "does not say the same each time it runs",
        }
    }
}

keys! {
    /// How the tests were built.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Profile {
        /// For development: overflow checks and debug assertions are on.
        Dev = "dev",
        /// As production runs it.
        Release = "release",
    }
}

/// A regression test and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenTest {
    /// Its name, as `--regression` takes it: `<package>::<target>::<path>`, or a file.
    pub id: String,
    /// How it ended on the base.
    pub base: TestState,
    /// How it ended with the fix.
    pub fix: TestState,
    /// What that says.
    pub verdict: Verdict,
    /// How often it ran on each side.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub runs: u32,
    /// Why it did not pass on the base, in its own words: a failed assertion, the first error of the compiler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<String>,
    /// What ended its process on the base: `SIGABRT`, `stack overflow`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What keeps it from running, for example `#[cfg(feature = "serde")]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// Whether only the exit code says how it ended, because its program gives no report that is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_exit_code: bool,
}

/// Whether the regression tests of a change catch the bug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The tree with the fix; the result holds for this tree only.
    pub tree: ObjectId,
    /// The commit without it.
    pub base: ObjectId,
    /// The verdict of all tests together.
    pub verdict: Verdict,
    /// How the deciding tests were built; absent where nothing is built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Whether it could be built only with lints capped, because the crate denies what this compiler warns of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lints_capped: bool,
    /// The regression tests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<ProvenTest>,
    /// How many more tests that the change may touch pass on both sides and are not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unchanged: u32,
    /// What was asked for besides: the arguments and tests that were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Parts of the fix that can be taken back without any of the tests noticing: `src/cart.rs:12`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unproven: Vec<String>,
    /// What a reader should know, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

impl ProvenTest {
    /// Whether the fix ends its process with 0 before it is done, which is no success.
    pub fn is_cut_short_by_the_fix(&self) -> bool {
        self.fix == TestState::EndedEarly
    }
}

impl Proof {
    /// What it says, one clause that fits after "the regression test".
    pub fn meaning(&self) -> String {
        let how = if self.deciding().is_some_and(|test| test.by_exit_code) { ", by exit code" } else { "" };
        format!("{}{how}", self.verdict.meaning())
    }

    /// The test that decides the verdict.
    pub fn deciding(&self) -> Option<&ProvenTest> {
        self.tests.iter().find(|test| test.verdict == self.verdict)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_of_ends_has_its_verdict() {
        use TestState::{Absent, BuildFail, Crash, EndedEarly, Fail, Flaky, Hang, Ignored, Pass};
        let states = [Pass, Fail, Crash, EndedEarly, Hang, BuildFail, Absent, Ignored, Flaky];
        let table: String = states
            .iter()
            .map(|base| {
                let row =
                    [Pass, Fail, EndedEarly, Absent, Flaky].map(|fix| format!("{:<19}", Verdict::of(*base, fix).key()));
                format!("{:<12}{}\n", base.key(), row.concat().trim_end())
            })
            .collect();
        insta::assert_snapshot!(format!("base \\ fix  pass               fail               ended-early        absent             flaky\n{table}"), @r"
        base \ fix  pass               fail               ended-early        absent             flaky
        pass        pass_to_pass       pass_to_fail       pass_to_fail       not_run            flaky
        fail        fail_to_pass       fail_to_fail       fail_to_fail       not_run            flaky
        crash       crash_to_pass      fail_to_fail       fail_to_fail       not_run            flaky
        ended-early crash_to_pass      fail_to_fail       fail_to_fail       not_run            flaky
        hang        hang_to_pass       fail_to_fail       fail_to_fail       not_run            flaky
        build-fail  build_fail_to_pass fail_to_fail       fail_to_fail       not_run            flaky
        absent      build_fail_to_pass fail_to_fail       fail_to_fail       not_run            flaky
        ignored     not_run            fail_to_fail       fail_to_fail       not_run            flaky
        flaky       flaky              flaky              flaky              flaky              flaky
        ");
    }

    #[test]
    fn what_the_fix_breaks_counts_more_than_what_it_proves() {
        use Verdict::{FailToFail, FailToPass, Flaky, NoRegressionTest, NotRun, PassToPass};
        assert_eq!(Verdict::together([PassToPass, FailToPass, NotRun]), FailToPass);
        assert_eq!(Verdict::together([FailToPass, FailToFail]), FailToFail);
        assert_eq!(Verdict::together([PassToPass, Flaky]), Flaky);
        assert_eq!(Verdict::together([]), NoRegressionTest);
    }

    #[test]
    fn runs_that_disagree_are_flaky() {
        use TestState::{Crash, Fail, Pass};
        assert_eq!(TestState::of_runs(&[Fail, Fail, Fail]), Fail);
        assert_eq!(TestState::of_runs(&[Fail, Pass, Fail]), TestState::Flaky);
        assert_eq!(TestState::of_runs(&[Fail, Crash]), TestState::Flaky);
        assert_eq!(TestState::of_runs(&[]), TestState::Absent);
    }
}
