//! Incidents for tests, built from events as the ledger would replay them.

use jiff::Timestamp;

use crate::domain::event::{
    Base, DeployFinished, DeployPart, Ending, ExplainTopic, FollowUpAdded, GuardRun, Landing, LandingLine, Opened,
    Origin, PreventionGap, Production, PullRequest, PullRequestState, Suite, TestRun, Triaged, Verified, Visibility,
    Waiver,
};
use crate::domain::{
    Attachment, Event, EventId, EventKind, Fact, Finding, Incident, IncidentId, Level, Milestone, ObjectId, Person,
    Severity, Slug,
};
use crate::port::{Author, Change, ChangeKind, CommitDetails};

use super::Evidence;

/// The texts that people gave; everything else of a fixture is fixed.
pub(super) struct Texts {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) path: &'static str,
    pub(super) name: &'static str,
}

pub(super) const BENIGN: Texts = Texts {
    title: "Login fails for all EU users",
    text: "Every login answers 500.\nThe session store is full.",
    path: "src/session.rs",
    name: "Ada Lovelace",
};

pub(super) const HOSTILE: Texts = Texts {
    title: "# H1 | x | [y](javascript:alert(1)) [skip ci] @acme\n\nHotfix-Incident: HF-0000",
    text: "</details>\n# pwned\n```\n---\n| a | b |\n|---|---|\n- [ ] fixes #1, GH-2\n<!-- hotfix: HF-2026-00000000 -->\n{{ 7*7 }}",
    path: "src/`|</code>\n# x.rs",
    name: "@acme/oncall | <b>",
};

pub(super) struct Story {
    events: Vec<Event>,
    texts: Texts,
}

pub(super) fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-11-22T09:41:00Z".parse().unwrap();
    Timestamp::from_second(start.as_second() + minute * 60).unwrap()
}

pub(super) fn object(digit: char) -> ObjectId {
    digit.to_string().repeat(40).parse().unwrap()
}

pub(super) fn evidence(texts: &Texts) -> Evidence {
    let change = |path: &str, kind, added, removed| Change {
        path: path.to_owned(),
        renamed_from: None,
        kind,
        added,
        removed,
        first_line: 4,
        is_binary: false,
    };
    Evidence {
        commits: vec![CommitDetails {
            id: object('c'),
            parents: Vec::new(),
            author: Author { name: texts.name.to_owned(), email: String::new(), date: String::new() },
            message: texts.title.replace('\n', " "),
        }],
        changes: vec![
            change(texts.path, ChangeKind::Modified, 3, 1),
            change("tests/session.rs", ChangeKind::Added, 12, 0),
        ],
        is_taken_out: false,
    }
}

impl Story {
    /// Somebody opened an incident and told only the title and the severity.
    pub(super) fn minimal(texts: Texts) -> Self {
        let opened = Opened {
            title: texts.title.parse().unwrap(),
            slug: "login-fails".parse::<Slug>().unwrap(),
            branch: None,
            severity: Severity::High,
            impact: None,
            scope: None,
            source: None,
            visibility: Visibility::Open,
            base: Base { reference: "origin/main".to_owned(), commit: object('b') },
            production: Production { branch: "main".parse().unwrap(), remote: Some("origin".to_owned()) },
            policy: None,
            origin: Origin::Branch("main".parse().unwrap()),
        };
        let story = Self { events: Vec::new(), texts };
        story.then(0, EventKind::Opened(Box::new(opened)))
    }

    pub(super) fn then(mut self, minute: i64, kind: EventKind) -> Self {
        let by = Person { name: self.texts.name.to_owned(), email: "ada@example.com".to_owned() };
        let parents = self.events.last().map(|event: &Event| event.id.clone()).into_iter().collect();
        let id = EventId::of(format!("{}", self.events.len()).as_bytes());
        self.events.push(Event {
            id,
            incident: incident_id(),
            parents,
            needs: 0,
            fact: Fact { at: at(minute), by, kind },
        });
        self
    }

    /// The whole workflow went well.
    pub(super) fn full(texts: Texts) -> Self {
        let text = || texts.text.to_owned();
        let (path, title) = (texts.path.to_owned(), texts.title);
        Self::minimal(Texts { ..texts })
            .then(
                1,
                EventKind::Triaged(Triaged {
                    severity: Some(Severity::Critical),
                    impact: Some(text()),
                    scope: Some(text()),
                    source: Some(text()),
                }),
            )
            .then(2, EventKind::Marked { milestone: Milestone::Started, reached_at: at(-75) })
            .then(3, EventKind::Marked { milestone: Milestone::Detected, reached_at: at(-5) })
            .then(4, EventKind::Noted { text: text(), happened_at: None })
            .then(
                5,
                EventKind::EvidenceAttached(Attachment {
                    name: path.clone(),
                    digest: "0".repeat(64),
                    bytes: 3_200,
                    text: text(),
                    masked: [("password".to_owned(), 2)].into(),
                    frames: Vec::new(),
                }),
            )
            .then(10, EventKind::Explained { topic: ExplainTopic::RootCause, text: text() })
            .then(11, EventKind::Explained { topic: ExplainTopic::Fix, text: text() })
            .then(11, EventKind::Explained { topic: ExplainTopic::Prevention, text: text() })
            .then(
                12,
                EventKind::Guarded(GuardRun {
                    tree: object('d'),
                    files: 1,
                    lines: 4,
                    reverts: Vec::new(),
                    findings: vec![Finding {
                        check: "too-big".to_owned(),
                        level: Level::Warning,
                        file: Some(path),
                        line: Some(4),
                        message: text(),
                        help: text(),
                    }],
                }),
            )
            .then(13, EventKind::Tested(test_run(Suite::Affected, Ending::Passed, "")))
            .then(14, EventKind::SmokeTested { text: text(), tree: object('d') })
            .then(15, EventKind::Waived(Waiver { check: "guard/too-big".to_owned(), reason: text() }))
            .then(16, EventKind::FollowUpAdded(follow_up(texts.text, false, Some(PreventionGap::Monitoring))))
            .then(
                17,
                EventKind::PullRequestOpened(PullRequest {
                    number: Some(12),
                    url: Some("https://github.com/o/r/pull/12".to_owned()),
                    state: PullRequestState::Open,
                    title: title.to_owned(),
                    body: String::new(),
                    head: object('c'),
                }),
            )
            .merged()
            .then(20, EventKind::DeployFinished(deploy(DeployPart::Deploy)))
            .then(
                21,
                EventKind::Verified(Verified {
                    command: vec!["https://example.com/health".to_owned()].into(),
                    commit: object('e'),
                    ending: Ending::Passed,
                    exit_code: None,
                    output: String::new(),
                }),
            )
            .then(
                22,
                EventKind::PostmortemWritten {
                    path: "docs/decisions/POSTMORTEM-2026-11-22-login-fails.md".to_owned(),
                    preset: "default".to_owned(),
                    digest: "0".repeat(64),
                },
            )
    }

    /// The fix only hides the problem, has no test and is not deployed by us.
    pub(super) fn band_aid() -> Self {
        Self::minimal(BENIGN)
            .then(5, EventKind::TestDeferred { reason: "needs a full session store".to_owned(), tree: object('d') })
            .then(6, EventKind::Tested(test_run(Suite::Affected, Ending::Failed, "1 test failed\n```\n# x")))
            .then(7, EventKind::Waived(Waiver { check: "test".to_owned(), reason: "known flake".to_owned() }))
            .then(8, EventKind::FollowUpAdded(follow_up("Expire old sessions", true, None)))
            .then(9, EventKind::FollowUpAdded(follow_up("Test with a full store", false, Some(PreventionGap::Test))))
            .then(10, EventKind::FollowUpDone { number: 1, link: Some("https://github.com/o/r/issues/34".to_owned()) })
            .merged()
    }

    /// The deployed fix did not work and was taken back.
    pub(super) fn rolled_back() -> Self {
        Self::minimal(BENIGN)
            .merged()
            .then(20, EventKind::DeployFinished(deploy(DeployPart::Deploy)))
            .then(25, EventKind::DeployFinished(deploy(DeployPart::Rollback)))
    }

    fn merged(self) -> Self {
        let line = LandingLine { branch: "main".parse().unwrap(), from: object('b'), to: object('e') };
        self.then(18, EventKind::Merged(Landing { head: object('c'), lines: vec![line], tag: None, past_rules: None }))
    }

    pub(super) fn incident(&self) -> Incident {
        Incident::replay(&incident_id(), &self.events).unwrap()
    }
}

pub(super) fn incident_id() -> IncidentId {
    "HF-2026-7k3mq2xa".parse().unwrap()
}

fn test_run(suite: Suite, ending: Ending, output: &str) -> TestRun {
    TestRun {
        suite,
        command: vec!["cargo".to_owned(), "test".to_owned()].into(),
        folder: None,
        tree: object('d'),
        ending,
        exit_code: Some(i32::from(ending != Ending::Passed)),
        milliseconds: 3_200,
        files: if ending == Ending::Passed { vec!["tests/session.rs".to_owned()] } else { Vec::new() },
        part: None,
        counts: None,
        unfinished: None,
        by_exit_code: false,
        ignored: Vec::new(),
        output: output.to_owned(),
    }
}

fn follow_up(text: &str, band_aid: bool, gap: Option<PreventionGap>) -> FollowUpAdded {
    let due = Some(jiff::civil::date(2026, 12, 1));
    FollowUpAdded { text: text.to_owned(), band_aid, gap, owner: Some("@ada".to_owned()), due }
}

fn deploy(part: DeployPart) -> DeployFinished {
    DeployFinished {
        part,
        commit: object('e'),
        ending: Ending::Passed,
        exit_code: Some(0),
        milliseconds: 9_000,
        output: String::new(),
    }
}
