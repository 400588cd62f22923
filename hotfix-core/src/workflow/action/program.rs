//! Programs that are run: tests, proofs, deployments, looks at production.

use std::time::Duration;

use crate::config::ProductionCheck;
use crate::domain::event::{DeployPart, Suite};
use crate::domain::{CommandLine, ObjectId, one_line};
use crate::workflow::named;

use super::ActionView;
use super::proof::ProofRequest;

/// Programs that are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgramAction {
    /// Runs tests on the tree that is checked out.
    RunTests(TestsToRun),
    /// Runs the regression tests without the fix and with it.
    Prove(Box<ProofRequest>),
    /// Runs a part of the deployment; at most once without a person's word.
    Deploy {
        /// Which part.
        part: DeployPart,
        /// The command.
        command: CommandLine,
        /// The commit to deploy.
        commit: ObjectId,
        /// After this it is ended, unless a person watches.
        timeout: Duration,
    },
    /// Looks whether production works.
    Verify {
        /// How.
        check: ProductionCheck,
        /// The commit that should run there.
        commit: ObjectId,
        /// After this it counts as failed.
        timeout: Duration,
    },
    /// Runs a command that the doctor advised, as a person would type it.
    Remedy {
        /// The command.
        command: CommandLine,
    },
}

/// Tests to run on the tree that is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestsToRun {
    /// Which.
    pub suite: Suite,
    /// What of the suite, for people; absent: all of it.
    pub part: Option<String>,
    /// The command.
    pub command: CommandLine,
    /// Where it runs, relative to the top; absent: at the top.
    pub folder: Option<String>,
    /// The tree that is tested.
    pub tree: ObjectId,
    /// The affected test files.
    pub files: Vec<String>,
    /// Ignored files that take part.
    pub ignored: Vec<String>,
    /// After this it is ended.
    pub timeout: Duration,
    /// Whether the result is recorded; not outside an incident.
    pub record: bool,
}

impl ProgramAction {
    /// Tests of which only Cargo can say which they are, where it is not asked beforehand.
    pub(crate) fn undecided_tests_view() -> ActionView {
        ActionView::new("run-tests", "run the affected tests: Cargo says which, at ship".to_owned()).slow()
    }

    pub(super) fn view(&self) -> ActionView {
        match self {
            Self::RunTests(tests) => {
                let TestsToRun { suite, command, folder, files, ignored, record, .. } = tests;
                let name = match suite {
                    Suite::Affected => "run-tests",
                    Suite::EndToEnd => "run-e2e-tests",
                };
                let place = folder.iter().map(|folder| format!(" in {}", one_line(folder))).collect::<String>();
                let with = match ignored.as_slice() {
                    [] => String::new(),
                    ignored => format!(", with ignored files: {}", named::listed(ignored)),
                };
                let view = ActionView::new(name, format!("run {command}{place}{with}")).command(command).files(files);
                if *record { view.slow() } else { view.slow().recording_nothing() }
            }
            Self::Prove(request) => {
                let base = request.base.short();
                let text =
                    format!("prove that the regression test fails on production ({base}) and passes with the fix");
                let view = ActionView::new("prove", text).commit(&request.base).files(&request.files());
                if request.record { view.slow() } else { view.slow().recording_nothing() }
            }
            Self::Deploy { part, command, commit, .. } => {
                // Not slow: it has the terminal to itself, for a password or MFA, and a spinner would write over that.
                ActionView::new(part.key(), format!("{}: {}", part.key(), command)).command(command).commit(commit)
            }
            Self::Verify { check, commit, .. } => {
                let words = check.words();
                ActionView::new("verify", format!("verify: {}", words)).command(&words).commit(commit).slow()
            }
            // Not slow: a fetch may ask for a passphrase, and a spinner would write over the question.
            Self::Remedy { command } => {
                ActionView::new("remedy", format!("run {command}")).command(command).recording_nothing()
            }
        }
    }
}
