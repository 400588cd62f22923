//! What happened, as facts in the past tense. Everything people read is a view of these.
//!
//! The `kind` names and the field names are written into repositories and stay readable for ever: add, never change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::deployment::{DeployFinished, DeployInterrupted, DeployPart, DeployStarted, Verified};
pub use super::ending::Ending;
pub use super::landing::{Landing, LandingLine, LandingTag};
use super::names::keys;
pub use super::opening::{Base, Opened, Origin, Production, Visibility};
use super::{
    Attachment, BranchName, Carried, CommandLine, EventId, IncidentId, Milestone, ObjectId, Proof, Severity, Workplace,
    after_none,
};

/// What this version can read: an event that needs more than that says so.
pub const READER: u32 = 2;

/// One recorded fact about one incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The SHA-256 of the bytes it was recorded with.
    pub id: EventId,
    /// The incident it is about.
    pub incident: IncidentId,
    /// The newest events of the incident that the writer knew; they come before this one.
    pub parents: Vec<EventId>,
    /// The [`READER`] that knows what the event does to its incident; 0 where any may leave it out of account.
    pub needs: u32,
    /// What happened, when and by whom.
    pub fact: Fact,
}

/// What happened, before it has a place in a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// When it was recorded (UTC). For people; order comes from the parents.
    pub at: Timestamp,
    /// Who recorded it.
    pub by: Person,
    /// What happened.
    pub kind: EventKind,
}

/// Who did something, as git names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name, one line.
    pub name: String,
    /// The e-mail address, possibly empty.
    pub email: String,
}

/// New answers to the triage questions; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Triaged {
    /// How bad it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What is broken for users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    /// How many users are affected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// How it became known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Which tests ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suite {
    /// Those that the change can affect.
    Affected,
    /// End to end, because the fix touches their paths.
    EndToEnd,
}

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCounts {
    /// Those that passed.
    pub passed: u32,
    /// Those that did not.
    pub failed: u32,
    /// Those that were left out by their own mark or by a filter.
    pub ignored: u32,
}

impl TestCounts {
    /// Whether no test ran.
    pub fn ran_nothing(self) -> bool {
        self.passed == 0 && self.failed == 0
    }
}

/// A finished run of tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TestRun {
    /// Which tests.
    pub suite: Suite,
    /// The command, one argument an element.
    pub command: CommandLine,
    /// Where it ran, relative to the top of the work tree; absent: at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The tree that was tested, uncommitted changes included; the result holds for this tree only.
    pub tree: ObjectId,
    /// How it ended.
    pub ending: Ending,
    /// The exit code; absent when a signal ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// The affected test files, relative to the top of the work tree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// What of the suite this run is about, for example `regression tests`; absent: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// How many tests ended how, where the runner says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<TestCounts>,
    /// What never came to its end although the exit code says success: a test that ended its process with 0. The run did
    /// not pass then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<String>,
    /// Whether only the exit code says that tests passed, all of them or some, because no report of theirs is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_exit_code: bool,
    /// Ignored files that took part, by their names like sources or tests: generated code, as a rule. No commit has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// The end of what it printed, made safe to print.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

impl TestRun {
    /// A run of this command on this tree, of which nothing more is known.
    pub fn new(suite: Suite, command: CommandLine, tree: ObjectId, ending: Ending) -> Self {
        Self {
            suite,
            command,
            folder: None,
            tree,
            ending,
            exit_code: None,
            milliseconds: 0,
            files: Vec::new(),
            part: None,
            counts: None,
            unfinished: None,
            by_exit_code: false,
            ignored: Vec::new(),
            output: String::new(),
        }
    }
}

/// What a waiver lets pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Waiver {
    /// The check or step that did not have to pass, for example `guard`, `test` or `guard/too-big`.
    pub check: String,
    /// Why.
    pub reason: String,
}

impl Waiver {
    /// Lets this check or step pass, for this reason.
    pub fn new(check: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { check: check.into(), reason: reason.into() }
    }
}

/// The outcome of the minimal-fix guard on one tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuardRun {
    /// The tree that was looked at; the result holds for this tree only.
    pub tree: ObjectId,
    /// How many files the fix changes, tests and lock files aside.
    pub files: u32,
    /// How many lines it adds and removes, tests and lock files aside.
    pub lines: u32,
    /// The commits whose exact revert is a part of the fix. They count neither here nor as tests that are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reverts: Vec<ObjectId>,
    /// What it found, errors first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

impl GuardRun {
    /// A look at this tree that found nothing, not even a change.
    pub fn new(tree: ObjectId) -> Self {
        Self { tree, files: 0, lines: 0, reverts: Vec::new(), findings: Vec::new() }
    }
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Must be fixed or waived.
    Error,
    /// Is said in the pull request.
    Warning,
}

/// Something a check found in the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The check that found it, for example `too-big`.
    pub check: String,
    /// How serious it is.
    pub level: Level,
    /// The file, relative to the top of the work tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The first line it is about, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What was found.
    pub message: String,
    /// How to fix it.
    pub help: String,
}

impl Finding {
    /// What a check found in the change as a whole.
    pub fn new(check: impl Into<String>, level: Level, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { check: check.into(), level, file: None, line: None, message: message.into(), help: help.into() }
    }
}

/// Where a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PullRequestState {
    /// Proposed.
    Open,
    /// Proposed, and not ready for review.
    Draft,
    /// On the production branch.
    Merged,
    /// Given up.
    Closed,
}

/// A proposal to merge the fix. With the local forge it exists only here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PullRequest {
    /// Its number; the local forge has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Where to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where it stands.
    pub state: PullRequestState,
    /// Its title.
    pub title: String,
    /// Its text, Markdown.
    pub body: String,
    /// The commit it proposes.
    pub head: ObjectId,
}

impl PullRequest {
    /// A proposal of this commit, which has no number and no address.
    pub fn new(state: PullRequestState, title: impl Into<String>, body: impl Into<String>, head: ObjectId) -> Self {
        Self { number: None, url: None, state, title: title.into(), body: body.into(), head }
    }
}

keys! {
    /// What was missing that let the incident happen.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum PreventionGap {
        /// No test caught it.
        Test = "test",
        /// No alert told of it.
        Monitoring = "monitoring",
        /// No check refused the bad input or state.
        Validation = "validation",
    }
}

/// Work that remains after the fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FollowUpAdded {
    /// What is to be done, one line.
    pub text: String,
    /// Whether the fix was a band-aid and this is the proper one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub band_aid: bool,
    /// The gap it closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<PreventionGap>,
    /// Who does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<jiff::civil::Date>,
}

impl FollowUpAdded {
    /// Whether it is no work, but says that there is none: "none, the alert is there". What closes a gap may be that.
    pub fn is_nothing(&self) -> bool {
        // "none of the alerts has an owner" is work.
        let rest = self.gap.and_then(|_| after_none(&self.text));
        rest.is_some_and(|rest| !rest.trim_start().to_ascii_lowercase().starts_with("of "))
    }

    /// Work with this text, by nobody yet.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), band_aid: false, gap: None, owner: None, due: None }
    }
}

/// What a person explained for the postmortem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExplainTopic {
    /// Why it happened.
    RootCause,
    /// What the fix changes and why.
    Fix,
    /// What keeps it from happening again.
    Prevention,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "data")]
#[non_exhaustive]
pub enum EventKind {
    /// The incident was opened and triaged.
    // Boxed: every event would be as large as this one.
    Opened(Box<Opened>),
    /// The branch of the fix exists, and where it is checked out.
    BranchCreated {
        /// The branch, without `refs/heads/`.
        branch: BranchName,
        /// Where it starts.
        commit: ObjectId,
    },
    /// A triage answer changed.
    Triaged(Triaged),
    /// Somebody wrote down what they saw or did.
    Noted {
        /// What, any number of lines.
        text: String,
        /// When it happened, if not when it was recorded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        happened_at: Option<Timestamp>,
    },
    /// The fix starts from an older commit than the production branch's tip, and is released without what came since.
    BaseChosen {
        /// The production branch's tip then.
        tip: ObjectId,
        /// How many commits it is ahead of the base.
        ahead: u32,
    },
    /// The production branch that the incident was opened from is gone from the remote, renamed as a rule.
    ProductionMoved {
        /// The branch that production is built from now, without `refs/heads/`.
        branch: BranchName,
    },
    /// Evidence was attached.
    EvidenceAttached(Attachment),
    /// A milestone was set by a person.
    Marked {
        /// Which one.
        milestone: Milestone,
        /// When it was reached.
        reached_at: Timestamp,
    },
    /// A person explained a part of the postmortem.
    Explained {
        /// Which part.
        topic: ExplainTopic,
        /// The explanation.
        text: String,
    },
    /// The guard looked at the change.
    Guarded(GuardRun),
    /// Tests ran.
    Tested(TestRun),
    /// The regression tests ran without the fix and with it.
    Proved(Proof),
    /// A person checked by hand that the fix works.
    SmokeTested {
        /// What they did and saw.
        text: String,
        /// The tree they checked.
        tree: ObjectId,
    },
    /// There is no regression test, for this reason.
    TestDeferred {
        /// Why.
        reason: String,
        /// The tree without it.
        tree: ObjectId,
    },
    /// A check or step was let pass.
    Waived(Waiver),
    /// The pull request was opened or updated.
    PullRequestOpened(PullRequest),
    /// The pull request was closed without merging.
    PullRequestClosed,
    /// The fix is about to land.
    LandingStarted(Landing),
    /// A landing that met a problem was forgotten.
    LandingAborted {
        /// Why.
        reason: String,
    },
    /// The fix is on the production branch, where that is shared.
    Merged(Landing),
    /// The landing was tagged after it: the merge was made elsewhere.
    Tagged(LandingTag),
    /// The fix is about to get to a release branch beside production.
    CarryStarted(LandingLine),
    /// A release branch beside production has the fix, or need not have it.
    Carried(Carried),
    /// A part of the deployment is about to run.
    DeployStarted(DeployStarted),
    /// A part of the deployment ended.
    DeployFinished(DeployFinished),
    /// A part of the deployment was cut short, and how it ended is not known.
    DeployInterrupted(DeployInterrupted),
    /// Production was looked at.
    Verified(Verified),
    /// The postmortem was written.
    PostmortemWritten {
        /// The file, relative to the top of the work tree.
        path: String,
        /// The preset it follows.
        preset: String,
        /// The SHA-256 of what was written, 64 hex digits; tells whether somebody edited the file since.
        digest: String,
    },
    /// Work remains.
    FollowUpAdded(FollowUpAdded),
    /// Remaining work was filed as an issue.
    IssueFiled {
        /// The number of the follow-up, counted from 1.
        follow_up: u32,
        /// The issue's number.
        number: u64,
        /// Where to read it.
        url: String,
    },
    /// Remaining work was done.
    FollowUpDone {
        /// Its number, counted from 1.
        number: u32,
        /// Where to see it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
    },
    /// The records are about to be delivered as this commit.
    RecordsStarted {
        /// The commit that holds them.
        commit: ObjectId,
    },
    /// The records are where they belong.
    RecordsDelivered {
        /// The commit that holds them; absent when they were left in the work tree.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<ObjectId>,
        /// The files, relative to the top of the work tree.
        paths: Vec<String>,
        /// The branch on the remote that proposes them, where production did not take them directly.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        branch: Option<BranchName>,
    },
    /// The incident is over and written up.
    Closed {
        /// Why it may close although a record is missing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The incident was given up.
    Canceled {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The tip of the hotfix branch, kept as `refs/hotfix/aborted/<id>`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tip: Option<ObjectId>,
    },
    /// The incident was taken up again.
    Reopened {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// What a person said was taken back: these events count no more. Since reader 2.
    Retracted {
        /// Their ids.
        events: Vec<EventId>,
    },
    /// Somebody drives the fix from now on, from this clone.
    Claimed(Workplace),
    /// Events that cannot be read were given up: what they told is not known.
    DamageAccepted {
        /// Their ids.
        events: Vec<EventId>,
        /// Why.
        reason: String,
    },
    /// An event of a newer version; kept as it is, and no part of any view.
    #[serde(skip)]
    Unknown {
        /// Its name.
        kind: String,
    },
}

impl EventKind {
    /// The [`READER`] that an event of this kind needs: 0 where an older one may leave it out of account.
    pub fn needs(&self) -> u32 {
        match self {
            // What it takes back may have been a status or a waiver.
            Self::Retracted { .. } => 2,
            _ => 0,
        }
    }
}
