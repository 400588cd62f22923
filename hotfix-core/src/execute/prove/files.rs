//! A proof by a command for each test file, for runners that build nothing we know of.
//!
//! Both sides run in the same folder of our own, prepared in the same way, so that a test that fails on the base for want of
//! what lies in the user's work tree does not pass for proof: it fails with the fix there too.

use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::{CommandLine, ObjectId, Printable, Proof};
use crate::port::{ErrorKind, Invocation, ScratchFolder};
use crate::proof::{FileReport, RUNS, Trial, ended_early, has_failed, not_run, patience, proof_of, trials};
use crate::workflow::action::proof::{FileRun, ProofRequest};
use crate::workflow::{Code, Refusal};

use super::{ProofScene, Result, harmless, unfinished, watched};

pub(super) struct FileProver<'a> {
    pub(super) scene: ProofScene<'a>,
    pub(super) request: &'a ProofRequest,
    pub(super) runs: &'a [FileRun],
    pub(super) is_whole: bool,
    pub(super) setup: Option<&'a CommandLine>,
    pub(super) link: &'a [String],
}

/// One side of the comparison.
struct FileSide<'a> {
    tree: &'a ObjectId,
    name: &'static str,
    timeout: Duration,
}

impl FileProver<'_> {
    pub(super) fn prove(&self) -> Result<Proof> {
        let scratch = self.scene.act.scratch.claim(&format!("{}-files", self.request.base.short()))?;
        let mut remarks = Vec::new();
        let with = FileSide { tree: &self.request.tree, name: "with the fix", timeout: self.request.timeout };
        // First: what fails with the fix too tells nothing of the base.
        let mut fix = self.rounds(&scratch, &with, 1)?;
        // What ends its process with 0 does so in any work tree: that is the fix itself.
        if has_failed(&fix) && !ended_early(&fix) {
            remarks.push(
                "with the fix it does not pass in a fresh work tree: name what it needs there in [test] setup or link"
                    .to_owned(),
            );
            return Ok(self.proof(not_run(self.ids(), &[], &fix), remarks));
        }
        let patience = patience(fix.iter().flatten().map(|report| report.whole.milliseconds));
        let timeout = self.request.timeout.min(Duration::from_millis(patience));
        let without = FileSide { tree: &self.request.with_tests, name: "on production", timeout };
        let mut base = self.rounds(&scratch, &without, 1)?;
        if has_failed(&base) {
            let alone = FileSide { tree: &self.request.without_tests, name: "on production alone", ..without };
            // A whole suite may fail on production for reasons of its own.
            if self.is_whole && has_failed(&self.rounds(&scratch, &alone, 1)?) {
                remarks.push(
                    "production's own tests fail without those of the fix: give [test] command a {files}".to_owned(),
                );
                return Ok(self.proof(not_run(self.ids(), &base, &fix), remarks));
            }
            // A command that runs all tests takes long enough as it is.
            let more = if self.is_whole { 0 } else { RUNS as usize - 1 };
            base.extend(self.rounds(&scratch, &without, more)?);
            fix.extend(self.rounds(&scratch, &with, more)?);
        }
        let (trials, unchanged) = trials(self.ids(), &base, &fix);
        Ok(Proof { unchanged, ..self.proof(trials, remarks) })
    }

    fn ids(&self) -> impl Iterator<Item = &String> {
        self.runs.iter().map(|run| &run.id)
    }

    fn proof(&self, trials: Vec<Trial>, remarks: Vec<String>) -> Proof {
        Proof { remarks, ..proof_of(&self.request.tree, &self.request.base, trials) }
    }

    /// Runs every file so many times on a tree.
    fn rounds(&self, scratch: &ScratchFolder, side: &FileSide<'_>, times: usize) -> Result<Vec<Vec<FileReport>>> {
        let FileSide { tree, name, .. } = side;
        self.scene.say(&format!("lay out {name}"));
        self.scene.act.git.lay_out(&scratch.tree, tree, &self.request.base)?;
        for (path, content) in &self.request.provided {
            self.scene.act.scratch.provide(scratch, path, content)?;
        }
        let top = self.scene.act.processes.top();
        for path in self.link {
            self.scene.act.scratch.link(scratch, path, &top)?;
        }
        if let Some(setup) = self.setup {
            self.scene.say(&format!("{name}: {setup}"));
            let finished =
                self.scene.act.processes.run(&self.invocation(scratch, setup, None, self.request.timeout))?;
            if finished.ending != Ending::Passed {
                let output = Printable::from_bytes(&finished.output).tail(3, 300).one_line();
                return Err(Refusal::precondition(Code::Setup, format!("[test] setup failed {name}: {output}")));
            }
        }
        (0..times).map(|_| self.round(scratch, side)).collect()
    }

    /// Runs every file once.
    fn round(&self, scratch: &ScratchFolder, side: &FileSide<'_>) -> Result<Vec<FileReport>> {
        let run = |run: &FileRun| {
            self.scene.say(&format!("run {} {}", run.id, side.name));
            let invocation = self.invocation(scratch, &run.command, run.folder.as_deref(), side.timeout);
            match self.scene.act.processes.run(&invocation) {
                Err(error) if error.kind == ErrorKind::Precondition => Ok(FileReport::not_started(&error)),
                finished => {
                    let finished = finished?;
                    let output = Printable::from_bytes(&finished.output);
                    let unfinished = unfinished(&self.scene.act, &run.command, &finished, output.as_str());
                    Ok(FileReport::of_run(&finished, output.as_str(), unfinished))
                }
            }
        };
        self.runs.iter().map(run).collect()
    }

    fn invocation(
        &self,
        scratch: &ScratchFolder,
        command: &[String],
        folder: Option<&str>,
        timeout: Duration,
    ) -> Invocation {
        let more = [
            ("CI", "true"), // Watch modes and snapshot writing are off.
            // Python takes a compiled source for fresh by its size and second, and the other side was here a moment ago.
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ];
        let more = more.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let appended = watched(&self.scene.act, command);
        let folder = folder.map_or_else(|| scratch.tree.clone(), |folder| scratch.tree.join(folder));
        Invocation { folder: Some(folder), appended, ..harmless(command.to_vec(), timeout, more) }
    }
}
