//! What each kind of event is called and how the timeline tells it.

use super::event::{DeployPart, Ending, GuardRun, Suite, TestRun};
use super::{EventKind, ObjectId, count, one_line};

/// Lists the kinds once, in the order of the workflow.
macro_rules! kinds {
    ($($kind:ident = $name:literal),+ $(,)?) => {
        impl EventKind {
            /// The names of all kinds, in the order of the workflow.
            pub const NAMES: [&str; [$($name),+].len()] = [$($name),+];

            /// The kind's name in the ledger and in JSON.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind { .. } => $name,)+
                    Self::Unknown { .. } => "unknown",
                }
            }
        }
    };
}

kinds!(
    Opened = "opened",
    BranchCreated = "branch-created",
    Triaged = "triaged",
    Noted = "noted",
    BaseChosen = "base-chosen",
    ProductionMoved = "production-moved",
    EvidenceAttached = "evidence-attached",
    Marked = "marked",
    Explained = "explained",
    Guarded = "guarded",
    Tested = "tested",
    Proved = "proved",
    SmokeTested = "smoke-tested",
    TestDeferred = "test-deferred",
    Waived = "waived",
    PullRequestOpened = "pull-request-opened",
    PullRequestClosed = "pull-request-closed",
    LandingStarted = "landing-started",
    LandingAborted = "landing-aborted",
    Merged = "merged",
    Tagged = "tagged",
    CarryStarted = "carry-started",
    Carried = "carried",
    DeployStarted = "deploy-started",
    DeployFinished = "deploy-finished",
    DeployInterrupted = "deploy-interrupted",
    Verified = "verified",
    PostmortemWritten = "postmortem-written",
    FollowUpAdded = "follow-up-added",
    IssueFiled = "issue-filed",
    FollowUpDone = "follow-up-done",
    RecordsStarted = "records-started",
    RecordsDelivered = "records-delivered",
    Closed = "closed",
    Canceled = "canceled",
    Reopened = "reopened",
    Retracted = "retracted",
    Claimed = "claimed",
    DamageAccepted = "damage-accepted",
);

impl EventKind {
    /// One line for the timeline, safe to print; `None` for bookkeeping that tells a person nothing.
    pub fn sentence(&self) -> Option<String> {
        let sentence = match self {
            // The key, not its label: the timeline reads alike whatever a team calls it today.
            Self::Opened(opened) => format!("incident opened ({}): {}", opened.severity, opened.title),
            Self::BranchCreated { branch, commit } => format!("branch {branch} created at {}", commit.short()),
            Self::Triaged(triaged) => {
                let answers = [
                    triaged.severity.as_ref().map(|severity| format!("severity {severity}")),
                    triaged.impact.as_ref().map(|impact| format!("impact: {impact}")),
                    triaged.scope.as_ref().map(|scope| format!("scope: {scope}")),
                    triaged.source.as_ref().map(|source| format!("source: {source}")),
                ];
                format!("re-rated: {}", answers.into_iter().flatten().collect::<Vec<_>>().join(", "))
            }
            Self::Noted { text, .. } => text.clone(),
            Self::BaseChosen { ahead, .. } => {
                format!("production is {} behind its branch; the fix ships without them", count(*ahead, "commit"))
            }
            Self::ProductionMoved { branch } => format!("production is the branch {branch} now"),
            Self::EvidenceAttached(attachment) => {
                format!("evidence attached: {} ({})", attachment.name, attachment.size())
            }
            Self::Marked { milestone, .. } => format!("{milestone}"),
            // The document has a section of its own for it.
            Self::Explained { .. } => return None,
            Self::Guarded(run) => {
                let errors = run.findings.iter().filter(|finding| finding.level == super::Level::Error).count();
                let verdict = if errors == 0 { "the fix is minimal" } else { "the fix is not minimal" };
                format!("guard: {verdict} ({})", run.size())
            }
            Self::Tested(run) => {
                let suite = match run.suite {
                    Suite::Affected => "tests",
                    Suite::EndToEnd => "end-to-end tests",
                };
                let how = if run.is_by_exit_code() { " by exit code" } else { "" };
                format!("{suite} {}{how}: {}", verb(run.ending), run.words(&run.command.join(" ")))
            }
            Self::Proved(proof) => format!("the regression test {}", proof.meaning()),
            Self::SmokeTested { text, .. } => format!("checked by hand: {text}"),
            Self::TestDeferred { reason, .. } => format!("regression test deferred: {reason}"),
            Self::Waived(waiver) => format!("exception for {}: {}", waiver.check, waiver.reason),
            Self::PullRequestOpened(pull_request) => match pull_request.number {
                Some(number) => format!("pull request #{number} opened at {}", pull_request.head.short()),
                None => format!("pull request written at {}", pull_request.head.short()),
            },
            Self::PullRequestClosed => "pull request closed".to_owned(),
            // Intents: what came of them is told.
            Self::LandingStarted(_) | Self::CarryStarted(_) | Self::RecordsStarted { .. } => return None,
            Self::LandingAborted { reason } => format!("landing given up: {reason}"),
            Self::Merged(landing) => {
                let lines: Vec<String> =
                    landing.lines.iter().map(|line| format!("{} as {}", line.branch, line.to.short())).collect();
                let tag = landing.tag.as_ref().map(|tag| format!(", tagged {}", tag.name)).unwrap_or_default();
                format!("fix merged into {}{tag}", lines.join(", "))
            }
            Self::Tagged(tag) => format!("{} tagged {}", tag.commit.short(), tag.name),
            Self::Carried(carried) => carried.sentence(),
            Self::DeployStarted(started) => format!("{} started: {}", part(started.part), started.command.join(" ")),
            Self::DeployFinished(finished) if finished.is_told() => {
                format!("{} done, as a person says", part(finished.part))
            }
            Self::DeployFinished(finished) => format!("{} {}", part(finished.part), verb(finished.ending)),
            Self::DeployInterrupted(cut) => format!("{}: how it ended is not known, {}", part(cut.part), cut.reason),
            Self::Verified(verified) => match verified.ending {
                Ending::Passed => format!("production verified: {}", verified.command.join(" ")),
                Ending::Failed | Ending::TimedOut => format!("verification failed: {}", verified.command.join(" ")),
            },
            Self::Claimed(workplace) => format!("driven from {}", one_line(&workplace.host)),
            Self::DamageAccepted { events, reason } => {
                format!("{} that cannot be read given up: {reason}", count(events.len(), "event"))
            }
            Self::PostmortemWritten { path, .. } => format!("postmortem written: {path}"),
            Self::FollowUpAdded(added) if added.band_aid => format!("band-aid, proper fix owed: {}", added.text),
            Self::FollowUpAdded(added) => match added.gap.filter(|_| added.is_nothing()) {
                Some(gap) => format!("{} gap: {}", gap.key(), added.text),
                None => format!("follow-up: {}", added.text),
            },
            Self::IssueFiled { follow_up, number, url } => {
                format!("follow-up {follow_up} filed as issue #{number}: {url}")
            }
            Self::FollowUpDone { number, link } => match link {
                Some(link) => format!("follow-up {number} done: {link}"),
                None => format!("follow-up {number} done"),
            },
            Self::RecordsDelivered { paths, branch: None, .. } => format!("records delivered: {}", paths.join(", ")),
            Self::RecordsDelivered { paths, branch: Some(branch), .. } => {
                format!("records proposed as {branch}: {}", paths.join(", "))
            }
            Self::Closed { reason } => with_reason("incident closed", reason.as_ref()),
            Self::Canceled { reason, .. } => with_reason("incident canceled", reason.as_ref()),
            Self::Reopened { reason } => with_reason("incident reopened", reason.as_ref()),
            Self::Retracted { events } => {
                let ids: Vec<&str> = events.iter().map(super::EventId::short).collect();
                format!("taken back: {}", ids.join(", "))
            }
            Self::Unknown { kind } => format!("{kind} (recorded by a newer version)"),
        };
        Some(one_line(&sentence))
    }
}

impl TestRun {
    /// Its command, written so, with the folder where that is not the top: `npm test in services/web`.
    pub fn words(&self, command: &str) -> String {
        self.folder.as_deref().map_or_else(|| command.to_owned(), |folder| format!("{command} in {}", one_line(folder)))
    }

    /// Whether it passed and only its exit code says so.
    pub fn is_by_exit_code(&self) -> bool {
        // Events of older versions have no counts; the exit code was all there was.
        self.ending == Ending::Passed && (self.by_exit_code || self.counts.is_none())
    }
}

impl GuardRun {
    /// Its size, and what that leaves out besides tests and lock files: `2 files, 7 lines besides the exact revert of a1b2c3d4e`.
    pub fn size(&self) -> String {
        let size = format!("{}, {}", count(self.files, "file"), count(self.lines, "line"));
        if self.reverts.is_empty() {
            return size;
        }
        let reverts: Vec<&str> = self.reverts.iter().map(ObjectId::short).collect();
        format!("{size} besides the exact revert of {}", reverts.join(", "))
    }
}

fn verb(ending: Ending) -> &'static str {
    match ending {
        Ending::Passed => "passed",
        Ending::Failed => "failed",
        Ending::TimedOut => "timed out",
    }
}

fn part(part: DeployPart) -> &'static str {
    match part {
        DeployPart::Deploy => "deployment",
        DeployPart::Migrate => "migration",
        DeployPart::Rollback => "rollback",
    }
}

fn with_reason(what: &str, reason: Option<&String>) -> String {
    reason.map_or_else(|| what.to_owned(), |reason| format!("{what}: {reason}"))
}
