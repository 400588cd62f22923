//! The workflow, one file a step. A step looks and returns a plan; only `execute` acts.
//!
//! A step is the request as a plain struct (with clap's derive behind feature `cli`) and its [`Step::plan`]. Plans are
//! recomputed after every round and never stored: each looks at the ledger *and* the world first and plans only what is
//! still missing, so running a command again finishes what a crash left undone.

pub mod action;
mod action_view;
pub mod arrival;
pub mod detect;
pub mod examine;
pub mod execute;
mod outcome;
pub mod policy;
pub mod production;
pub mod prove;
mod redeliver;
mod refusal;
mod time;

mod abort;
mod aftermath;
mod attach;
mod backport;
mod base;
mod carry;
mod checkout;
mod close;
mod config;
mod counted;
mod deploy;
mod doctor;
mod exact_revert;
mod filed;
mod fix;
mod follow_up;
mod forge_action;
mod forge_land;
mod fork;
mod guard;
pub mod hosting;
mod init;
mod junit;
mod land;
mod lines;
mod mark;
mod named;
mod note;
mod open;
mod postmortem;
mod pr;
mod preflight;
mod presence;
mod progress;
mod propagation;
mod proposals;
mod pushed;
mod resolve;
mod revert;
mod room;
mod ship;
mod status;
mod suspects;
mod tag;
mod test;
mod tidy;
mod triage;
mod uncommitted;
mod verify;

use jiff::Timestamp;

use crate::config::Config as Rules;
use crate::domain::event::{DeployPart, Ending, TestRun};
use crate::domain::{Incident, IncidentId, ObjectId, Proof, Severity, SeverityLevel};
use crate::evidence::{Masked, Redactor};
use crate::ledger::Summary;
use crate::port::{Look, PortError, Rejection, RemoteRefs, Standing};
use crate::runner::TestResult;

pub use abort::Abort;
pub use action::Action;
pub use action_view::ActionView;
pub use attach::Attach;
pub use backport::Backport;
pub use close::Close;
pub use config::Config;
pub use deploy::Deploy;
pub use doctor::{Diagnosis, Doctor, Health};
pub use examine::Examination;
pub use follow_up::{FollowUp, FollowUpCommand};
pub use forge_land::ForgeOptions;
pub use guard::{Guard, GuardFormat};
pub use init::Init;
pub use mark::Mark;
pub use note::Note;
pub use open::Open;
pub use outcome::{Outcome, Report, Suspect, SuspectReport};
pub use postmortem::Postmortem;
pub use pr::{Pr, PrOptions};
pub use progress::{Progress, StepState, progress};
pub use propagation::{Propagation, Row, RowPullRequest};
pub use pushed::left_behind;
pub use refusal::{Refusal, RefusalKind};
pub use revert::Revert;
pub use ship::Ship;
pub use status::{List, Log, Show, Status, fix_committed, next_command};
pub use suspects::Suspects;
pub use test::Test;
pub use triage::Triage;
pub use verify::Verify;

/// Whether the remote may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Yes.
    Online,
    /// No, the person said so.
    Offline,
    /// No, this is a dry run: what is known is as of the last fetch.
    AsOfLastFetch,
}

/// What a step may know when it plans.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The world.
    pub look: Look<'a>,
    /// The time.
    pub now: Timestamp,
    /// The rules: `hotfix.toml` and the other sources.
    pub config: &'a Rules,
    /// The commit whose `hotfix.toml` was read.
    pub policy: Option<&'a ObjectId>,
    /// Why the rules cannot be used; only for a step that [works without them](Step::works_without_rules).
    pub wrong_rules: Option<&'a Refusal>,
    /// The incident meant, as it is now.
    pub incident: Option<&'a Incident>,
    /// All incidents, newest first.
    pub all: &'a [Summary],
    /// Those that are open, newest first.
    pub open: &'a [Summary],
    /// The id that a new incident gets.
    pub fresh: &'a IncidentId,
    /// What this run did so far, in order.
    pub done: &'a [Done],
    /// What the person answered so far.
    pub answers: &'a Answers,
    /// Whether the remote may be asked.
    pub network: Network,
    /// Masks secrets.
    pub redactor: &'a Redactor,
    /// How the program is called, for hints: `git hotfix` or `cargo hotfix`.
    pub program: &'a str,
    /// Whether Cargo's own test runner is preferred.
    pub prefer_cargo: bool,
}

impl<'a> Context<'a> {
    /// The incident, where the front has made sure that there is one.
    ///
    /// # Errors
    /// When there is none.
    pub fn incident(&self) -> Result<&'a Incident, Refusal> {
        self.incident.ok_or_else(|| no_incident(self.program))
    }

    /// What production's remote answered in this run.
    pub fn inspected(&self) -> Option<&'a RemoteRefs> {
        let own = self.incident.and_then(|incident| incident.production.remote.as_ref());
        self.done.iter().rev().find_map(|done| match done {
            Done::Inspected { remote, refs, .. } if own.is_none_or(|own| own == remote) => Some(refs),
            _ => None,
        })
    }
}

/// What the person answered in this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Whether to go ahead, by the topic that was asked about; `--yes` answers all with yes.
    pub confirmed: Vec<(Topic, bool)>,
    /// Whether everything is confirmed beforehand.
    pub yes: bool,
}

impl Answers {
    /// The answer about `topic`, if it was asked; `--yes` is a yes.
    pub fn about(&self, topic: Topic) -> Option<bool> {
        self.given(topic).or(self.yes.then_some(true))
    }

    /// The answer about `topic` that a person gave to just this question.
    pub fn given(&self, topic: Topic) -> Option<bool> {
        self.confirmed.iter().rev().find(|(asked, _)| *asked == topic).map(|(_, answer)| *answer)
    }
}

/// What a yes or no is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The whole plan of a ship, or of a deployment.
    Plan,
    /// Rolling back after a failed verification.
    Rollback,
    /// Opening in a work tree of its own because the tree here is dirty.
    Worktree,
    /// Committing a file that was written.
    Commit,
    /// Adding files to the fix that were left out of its commit.
    AddFiles,
    /// Taking another remote, which is ahead, for the one where production is.
    Remote,
    /// Taking the remote's default branch for production, where another one was known here.
    Branch,
    /// Starting from what production runs instead of its branch's tip.
    Base,
    /// Laying a conflict out to be settled.
    Resolve,
    /// Bringing back a fix that was taken out of production again.
    BringBack,
    /// Running a git hook of the repository's.
    Hooks,
}

/// A question to the person, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// How bad is it? One of these, worst first.
    Severity(Vec<SeverityLevel>),
    /// Yes or no?
    Confirm {
        /// What it is about.
        topic: Topic,
        /// The question, one line.
        text: String,
    },
}

/// What one round does.
#[derive(Debug)]
#[must_use = "a plan does nothing until the executor gets it"]
pub struct Plan {
    /// What is done now, in order.
    pub actions: Vec<Action>,
    /// What later rounds are expected to do, as far as can be told.
    pub ahead: Vec<Action>,
    /// What the person should know, one line each.
    pub notes: Vec<String>,
    /// What comes after.
    pub then: Then,
}

impl Plan {
    /// Does this and looks again.
    pub fn then_look_again(actions: Vec<Action>) -> Self {
        Self { actions, ahead: Vec::new(), notes: Vec::new(), then: Then::LookAgain }
    }

    /// Does this and is finished.
    pub fn then_finish(actions: Vec<Action>, outcome: Outcome) -> Self {
        Self { actions, ahead: Vec::new(), notes: Vec::new(), then: Then::Finish(Box::new(outcome)) }
    }

    /// Has nothing to do.
    pub fn finished(outcome: Outcome) -> Self {
        Self::then_finish(Vec::new(), outcome)
    }

    /// Asks before anything is done.
    pub fn ask(question: Question) -> Self {
        Self { actions: Vec::new(), ahead: Vec::new(), notes: Vec::new(), then: Then::Ask(question) }
    }

    /// Asks before anything is done; where nobody is there to be asked, takes it for a yes.
    pub fn ask_or_assume(question: Question) -> Self {
        Self { actions: Vec::new(), ahead: Vec::new(), notes: Vec::new(), then: Then::AskOrAssume(question) }
    }

    /// Refuses, unless the person is there to be asked and says yes.
    pub fn offer(question: Question, otherwise: Refusal) -> Self {
        let then = Then::Offer(question, Box::new(otherwise));
        Self { actions: Vec::new(), ahead: Vec::new(), notes: Vec::new(), then }
    }

    /// Is finished, unless the person is there to be asked and says yes.
    pub fn offer_or_finish(question: Question, outcome: Outcome) -> Self {
        let then = Then::OfferMore(question, Box::new(outcome));
        Self { actions: Vec::new(), ahead: Vec::new(), notes: Vec::new(), then }
    }

    /// The same, saying what later rounds do.
    pub fn ahead(mut self, ahead: Vec<Action>) -> Self {
        self.ahead = ahead;
        self
    }

    /// The same with something the person should know.
    pub fn notes(mut self, notes: Vec<String>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// What comes after a round.
#[derive(Debug)]
pub enum Then {
    /// Plan again, knowing what this round did.
    LookAgain,
    /// Ask, and plan again with the answer.
    Ask(Question),
    /// Ask, or take it for a yes where nobody is there to be asked, and plan again.
    AskOrAssume(Question),
    /// Refuse, unless the person is there to be asked and says yes.
    Offer(Question, Box<Refusal>),
    /// Finish, unless the person is there to be asked and says yes.
    OfferMore(Question, Box<Outcome>),
    /// Nothing: this is what came of it.
    Finish(Box<Outcome>),
}

/// What an action gave that later rounds need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The remote answered.
    Inspected {
        /// The remote.
        remote: String,
        /// The full ref names it was asked about.
        asked: Vec<String>,
        /// What it said.
        refs: RemoteRefs,
    },
    /// The outside was asked something.
    Examined {
        /// What.
        examination: Examination,
        /// What it said, or why it said nothing.
        answer: Result<examine::Answer, examine::Trouble>,
    },
    /// A branch was fetched.
    Fetched {
        /// The branch, without `refs/heads/`.
        branch: String,
    },
    /// The incident that the run is about from now on.
    Incident(IncidentId),
    /// Refs got somewhere on the remote, all at once.
    Landed {
        /// Their full names, and where they are now.
        refs: Vec<(String, ObjectId)>,
    },
    /// A branch was deleted on the remote.
    Deleted {
        /// The full ref name.
        name: String,
    },
    /// A branch was pushed.
    Pushed {
        /// The full ref name.
        name: String,
        /// Where it is now.
        to: ObjectId,
    },
    /// The pull request says what it should.
    Proposed,
    /// The records are proposed; where to read it, if the service took it.
    RecordsProposed {
        /// The pull request's address.
        url: Option<String>,
    },
    /// The pull request was looked at.
    Standing(Box<Standing>),
    /// It was waited for the pull request, and nothing changed for as long as that was worth it.
    Unchanged(Box<Standing>),
    /// The pull request for a line was looked at; what became of it is recorded.
    ProposalSeen {
        /// The line.
        line: String,
    },
    /// The service merged the pull request; what was known of the remote is old.
    MergedThere,
    /// The service does not merge the pull request for now, and nothing was changed.
    NotYet {
        /// Why, safe to print.
        reason: String,
    },
    /// The service merges the pull request by itself, later.
    Queued,
    /// Tests ended.
    Tested {
        /// The run, as it is recorded.
        run: Box<TestRun>,
        /// Its tests one by one, where the runner tells.
        results: Vec<TestResult>,
    },
    /// Regression tests ran without the fix and with it.
    Proved(Box<Proof>),
    /// A ref moved meanwhile and nothing was changed.
    Raced {
        /// The full ref name.
        name: String,
    },
    /// The remote said no; what moved all the same is told with it.
    Rejected(Rejection),
    /// A part of the deployment ended, or a verification, which is no part.
    Ended(Option<DeployPart>, Ending),
    /// The work tree where a branch is checked out could not follow.
    CouldNotFollow {
        /// The branch, without `refs/heads/`.
        branch: String,
        /// Why, safe to print.
        reason: String,
    },
    /// Nothing that later rounds need.
    Nothing,
}

impl Done {
    /// Whether it is what one hoped for.
    pub fn is_well(&self) -> bool {
        match self {
            Self::Proved(proof) => !proof.verdict.is_no(),
            other => !other.halts(),
        }
    }

    /// Why it is not what one hoped for, where nothing else tells it: what tests and deployments print is shown with them.
    pub fn why_not(&self) -> Option<String> {
        match self {
            Self::Raced { name } => Some(format!("{} moved meanwhile", name.trim_start_matches("refs/heads/"))),
            Self::Rejected(no) => Some(pushed::why(no)),
            Self::NotYet { reason } => Some(reason.clone()),
            Self::Tested { run, .. } if run.ending == Ending::TimedOut => Some("it ran past its deadline".to_owned()),
            Self::Tested { run, .. } => match (&run.unfinished, run.counts, run.exit_code) {
                (Some(unfinished), _, _) => Some(unfinished.clone()),
                (None, Some(counts), _) if counts.failed > 0 => Some(format!("{} failed", counts.failed)),
                (None, _, Some(code)) if code != 0 => Some(format!("exit code {code}")),
                (None, _, None) => Some("a signal ended it".to_owned()),
                (None, _, Some(_)) => None,
            },
            Self::Ended(_, Ending::TimedOut) => Some("it ran past its deadline".to_owned()),
            _ => None,
        }
        .filter(|_| !self.is_well())
    }

    /// Whether the rest of the round must not happen: the step has to look again first.
    pub fn halts(&self) -> bool {
        match self {
            Self::Tested { run, .. } => run.ending != Ending::Passed,
            Self::Ended(_, ending) => *ending != Ending::Passed,
            Self::Raced { .. } | Self::Rejected(_) | Self::NotYet { .. } => true,
            Self::Inspected { .. }
            | Self::Examined { .. }
            | Self::Fetched { .. }
            | Self::Incident(_)
            | Self::Deleted { .. }
            | Self::Landed { .. }
            | Self::Pushed { .. }
            | Self::Proposed
            | Self::RecordsProposed { .. }
            | Self::Standing(_)
            | Self::Unchanged(_)
            | Self::ProposalSeen { .. }
            | Self::MergedThere
            | Self::Queued
            | Self::CouldNotFollow { .. }
            | Self::Proved(_)
            | Self::Nothing => false,
        }
    }
}

/// One thing that a person asks for.
pub trait Step {
    /// Plans what is still missing.
    ///
    /// # Errors
    /// When it cannot or must not be done; nothing was changed by this round.
    fn plan(&self, context: &Context<'_>) -> Result<Plan, Refusal>;

    /// The free texts of the request. Whoever drives the step masks the secrets in them first ([`mask_request`]): what is
    /// compared with the record, shown and made a name of is then the same text as the one that is recorded.
    fn texts(&mut self) -> Vec<&mut String> {
        Vec::new()
    }

    /// Whether what it merges may be left to git and to the merge drivers of the person, where these have to decide. What only
    /// looks starts no programs.
    fn decides_merges(&self) -> bool {
        false
    }

    /// Whether an incident that ended is meant when none is open: for commands that say "done already".
    fn accepts_ended(&self) -> bool {
        false
    }

    /// Whether it works without an incident.
    fn needs_incident(&self) -> bool {
        true
    }

    /// Whether it goes on with the default rules where those of the repository are wrong.
    fn works_without_rules(&self) -> bool {
        false
    }
}

/// Masks the secrets in the free texts of a request, and says what that were.
pub fn mask_request(step: &mut dyn Step, redactor: &Redactor) -> Masked {
    let mut masked = Masked::default();
    for text in step.texts() {
        masked.add(redactor.redact_in_place(text));
    }
    masked
}

/// The command that does the same once more, this time without git's hooks.
pub fn without_git_hooks(program: &str, command: &str) -> String {
    match program.strip_prefix("git ") {
        Some(name) => format!("git -c core.hooksPath=/dev/null {name} {command}"),
        None => format!(
            "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/dev/null {program} {command}"
        ),
    }
}

fn no_incident(program: &str) -> Refusal {
    Refusal::precondition("no-incident", "there is no open incident").hint(format!("{program} open \"what is broken\""))
}

impl From<PortError> for Refusal {
    fn from(error: PortError) -> Self {
        Self::from_port(error)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;
