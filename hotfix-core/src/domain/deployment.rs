//! Deployments: what was started, how it ended, and what nobody knows of.

use serde::{Deserialize, Serialize};

use super::ending::Ending;
use super::names::keys;
use super::{CommandLine, ObjectId};

keys! {
    /// A part of a deployment; each has its own command.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum DeployPart {
        /// Brings the merged commit to production.
        Deploy = "deploy",
        /// Runs migrations.
        Migrate = "migrate",
        /// Brings production back to what it was.
        Rollback = "rollback",
    }
}

/// The intent to run a part of a deployment; without its end, nobody knows whether it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeployStarted {
    /// Which part.
    pub part: DeployPart,
    /// The command, one argument an element.
    pub command: CommandLine,
    /// The commit being deployed.
    pub commit: ObjectId,
}

impl DeployStarted {
    /// This command is about to run for this commit.
    pub fn new(part: DeployPart, command: CommandLine, commit: ObjectId) -> Self {
        Self { part, command, commit }
    }
}

/// The end of a part of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeployFinished {
    /// Which part.
    pub part: DeployPart,
    /// The commit that was deployed.
    pub commit: ObjectId,
    /// How it ended.
    pub ending: Ending,
    /// The exit code; absent when a signal ended it, or when a person told the outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// How long it took, in milliseconds; 0 when a person told the outcome.
    pub milliseconds: u64,
    /// The end of what it printed, made safe to print.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

impl DeployFinished {
    /// What older programs recorded as an end although the deadline had cut it short.
    pub(super) fn as_interrupted(&self) -> Option<DeployInterrupted> {
        (self.ending == Ending::TimedOut).then(|| DeployInterrupted {
            part: self.part,
            commit: self.commit.clone(),
            reason: "it did not end in time".to_owned(),
            milliseconds: Some(self.milliseconds),
            output: self.output.clone(),
        })
    }

    /// It ended so, of which nothing more is known.
    pub fn new(part: DeployPart, commit: ObjectId, ending: Ending) -> Self {
        Self { part, commit, ending, exit_code: None, milliseconds: 0, output: String::new() }
    }

    /// A person says that `commit` was taken back.
    pub fn told_rolled_back(commit: ObjectId) -> Self {
        Self::new(DeployPart::Rollback, commit, Ending::Passed)
    }

    /// Whether a person told the outcome, and no program.
    pub fn is_told(&self) -> bool {
        self.ending == Ending::Passed && self.exit_code.is_none()
    }
}

/// A part of a deployment was cut short. How far it got nobody knows, so that its start stays without an end.
// An event of its own: a program that does not know it still sees a start without an end, and asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeployInterrupted {
    /// Which part.
    pub part: DeployPart,
    /// The commit that was being deployed.
    pub commit: ObjectId,
    /// What cut it short, one line, for example `interrupted by SIGTERM`.
    pub reason: String,
    /// How long it ran, in milliseconds; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// The end of what it printed, made safe to print.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

impl DeployInterrupted {
    /// It was cut short by this, of which nothing more is known.
    pub fn new(part: DeployPart, commit: ObjectId, reason: impl Into<String>) -> Self {
        Self { part, commit, reason: reason.into(), milliseconds: None, output: String::new() }
    }
}

/// A look at production after the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verified {
    /// The command, or the URL as its only element.
    pub command: CommandLine,
    /// The commit that should run there.
    pub commit: ObjectId,
    /// How it ended.
    pub ending: Ending,
    /// The exit code; absent for a URL, when a signal ended the command, and in events of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The end of what it printed or answered, made safe to print.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

impl Verified {
    /// A look that ended so, of which nothing more is known.
    pub fn new(command: CommandLine, commit: ObjectId, ending: Ending) -> Self {
        Self { command, commit, ending, exit_code: None, output: String::new() }
    }
}

/// A part of a deployment that started and of which nobody knows how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeployInDoubt {
    /// Its start.
    pub started: DeployStarted,
    /// What cut it short, where somebody was left to tell.
    pub interrupted: Option<DeployInterrupted>,
    /// The place of its start in the replay.
    pub(super) at: usize,
}

/// What was done to production.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deploys {
    /// Parts of deployments that ended, oldest first.
    pub ended: Vec<DeployFinished>,
    /// What is in doubt: one of each part, or several where clones began the same at once.
    pub in_doubt: Vec<DeployInDoubt>,
    /// Whether an end may be among events that were lost, and nothing is known since.
    pub may_be_lost: bool,
}

impl Deploys {
    /// The last end of `part` for `commit`.
    pub fn last_of(&self, part: DeployPart, commit: &ObjectId) -> Option<&DeployFinished> {
        self.ended.iter().rev().find(|deploy| deploy.part == part && deploy.commit == *commit)
    }

    /// The last start of `part`, where nobody knows how it ended.
    pub fn doubt_about(&self, part: DeployPart) -> Option<&DeployInDoubt> {
        self.in_doubt.iter().find(|doubt| doubt.started.part == part)
    }

    /// Whether this commit was deployed and then rolled back.
    pub fn is_taken_back(&self, commit: &ObjectId) -> bool {
        // Migrations neither bring the commit nor take it back.
        let brings = |deploy: &&DeployFinished| deploy.ending == Ending::Passed && deploy.part != DeployPart::Migrate;
        let last = self.ended.iter().rev().find(brings);
        last.is_some_and(|last| last.part == DeployPart::Rollback && last.commit == *commit)
    }

    /// What follows from a person's word that `commit` is deployed: the ends of those parts of which nobody knows how they
    /// ended, or which ended otherwise.
    pub fn told_deployed(&self, commit: &ObjectId) -> Vec<DeployFinished> {
        let is_open = |part| {
            let failed = self.last_of(part, commit).is_some_and(|last| last.ending != Ending::Passed);
            failed || self.doubt_about(part).is_some()
        };
        // What took the last one back, or was to, is no longer what production has.
        let last = self.ended.iter().rev().find(|deploy| deploy.part != DeployPart::Migrate);
        let is_back = last.is_some_and(|last| last.part == DeployPart::Rollback);
        let brings = is_open(DeployPart::Deploy) || self.doubt_about(DeployPart::Rollback).is_some() || is_back;
        let parts = [(brings, DeployPart::Deploy), (is_open(DeployPart::Migrate), DeployPart::Migrate)];
        let told = parts.into_iter().filter(|(is_told, _)| *is_told);
        told.map(|(_, part)| DeployFinished::new(part, commit.clone(), Ending::Passed)).collect()
    }

    /// Whether something was begun and did not come to its end, or failed.
    pub fn is_unfinished(&self) -> bool {
        !self.in_doubt.is_empty() || self.ended.last().is_some_and(|last| last.ending != Ending::Passed)
    }

    // What these take back is what their writer `knows`: others may have begun the same elsewhere.
    pub(super) fn start(&mut self, started: &DeployStarted, at: usize, knows: impl Fn(usize) -> bool) {
        self.end_doubt(started.part, knows);
        self.in_doubt.push(DeployInDoubt { started: started.clone(), interrupted: None, at });
    }

    pub(super) fn finish(&mut self, finished: &DeployFinished, knows: impl Fn(usize) -> bool) {
        self.end_doubt(finished.part, &knows);
        // What an earlier deployment or rollback came to is not what production has since.
        match finished.part {
            _ if finished.ending != Ending::Passed => {}
            DeployPart::Deploy => self.settle(DeployPart::Rollback, knows),
            DeployPart::Rollback => self.settle(DeployPart::Deploy, knows),
            DeployPart::Migrate => {}
        }
        self.ended.push(finished.clone());
    }

    /// Keeps what was cut short in doubt, and says whether it was. It is not where its end is recorded already.
    pub(super) fn interrupt(&mut self, interrupted: DeployInterrupted, knows: impl Fn(usize) -> bool) -> bool {
        let (part, commit) = (interrupted.part, &interrupted.commit);
        let is_meant = |doubt: &&mut DeployInDoubt| {
            doubt.started.part == part && doubt.started.commit == *commit && knows(doubt.at)
        };
        let Some(doubt) = self.in_doubt.iter_mut().find(is_meant) else { return false };
        doubt.interrupted = Some(interrupted);
        true
    }

    pub(super) fn end_doubt(&mut self, part: DeployPart, knows: impl Fn(usize) -> bool) {
        self.may_be_lost = false;
        self.settle(part, knows);
    }

    /// Ends the doubt by what is known otherwise.
    pub(super) fn settle(&mut self, part: DeployPart, knows: impl Fn(usize) -> bool) {
        self.in_doubt.retain(|doubt| doubt.started.part != part || !knows(doubt.at));
    }
}
