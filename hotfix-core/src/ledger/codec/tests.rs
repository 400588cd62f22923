//! These bytes are in people's repositories: they stay readable for ever.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::domain::event::{
    Base, DeployFinished, DeployInterrupted, DeployPart, DeployStarted, Ending, ExplainTopic, FollowUpAdded, GuardRun,
    Landing, LandingLine, LandingTag, Opened, Origin, PreventionGap, Production, PullRequest, Suite, TestCounts,
    TestRun, Triaged, Verified, Waiver,
};
use crate::domain::{
    Attachment, BranchName, Carried, CarriedBy, Finding, Frame, Level, Milestone, ObjectId, Profile, Proof, ProvenTest,
    PullRequestState, Severity, TestState, Verdict, Visibility, Workplace,
};

use super::*;

fn incident() -> IncidentId {
    "HF-2026-7k3mq2xa".parse().unwrap()
}

fn commit() -> ObjectId {
    "ca82a6dff817ec66f44342007202690a93763949".parse().unwrap()
}

fn at() -> Timestamp {
    "2026-03-01T02:00:00Z".parse().unwrap()
}

fn fact(kind: EventKind) -> Fact {
    Fact { at: at(), by: Person { name: "Ada".to_owned(), email: "ada@example.com".to_owned() }, kind }
}

/// One of every kind, with every optional field present; a second one where the absence of fields matters.
fn fixtures() -> Vec<EventKind> {
    let some = |text: &str| Some(text.to_owned());
    let landing = || Landing {
        head: commit(),
        lines: vec![LandingLine { branch: "main".parse().unwrap(), from: commit(), to: commit() }],
        tag: None,
        past_rules: None,
    };
    let command = || vec!["make".to_owned(), "it so".to_owned()];
    vec![
        EventKind::Opened(Box::new(Opened {
            title: "Login fails for \"é\"\u{1f525}".parse().unwrap(),
            slug: "login-fails".parse().unwrap(),
            branch: None,
            severity: Severity::Critical,
            impact: some("nobody can log in"),
            scope: some("all users"),
            source: some("alert"),
            visibility: Visibility::Open,
            base: Base { reference: "origin/main".to_owned(), commit: commit() },
            production: Production { branch: "main".parse().unwrap(), remote: some("origin") },
            policy: Some(commit()),
            origin: Origin::Branch("main".parse().unwrap()),
        })),
        EventKind::BranchCreated { branch: "hotfix/login-fails".parse().unwrap(), commit: commit() },
        EventKind::Triaged(Triaged {
            severity: Some(Severity::High),
            impact: some("slow"),
            scope: some("some users"),
            source: some("user report"),
        }),
        EventKind::Noted { text: "restarted\nthe pods".to_owned(), happened_at: Some(at()) },
        EventKind::BaseChosen { tip: commit(), ahead: 14 },
        EventKind::ProductionMoved { branch: "trunk".parse().unwrap() },
        EventKind::EvidenceAttached(Attachment {
            name: "boot.log".to_owned(),
            digest: "0".repeat(64),
            bytes: 3_200,
            text: "panicked at src/cart.rs:41:18\npassword=[redacted:password]\n".to_owned(),
            masked: BTreeMap::from([("password".to_owned(), 1)]),
            frames: vec![Frame { file: "src/cart.rs".to_owned(), line: 41, function: None }],
        }),
        EventKind::Marked { milestone: Milestone::Mitigated, reached_at: at() },
        EventKind::Explained { topic: ExplainTopic::RootCause, text: "a stale key".to_owned() },
        EventKind::Guarded(GuardRun {
            tree: commit(),
            files: 2,
            lines: 14,
            reverts: Vec::new(),
            findings: vec![Finding {
                check: "too-big".to_owned(),
                level: Level::Warning,
                file: some("src/login.rs"),
                line: Some(7),
                message: "it is big".to_owned(),
                help: "make it smaller".to_owned(),
            }],
        }),
        EventKind::Tested(TestRun {
            suite: Suite::EndToEnd,
            command: command().into(),
            folder: None,
            tree: commit(),
            ending: Ending::Failed,
            exit_code: Some(1),
            milliseconds: 1200,
            files: vec!["tests/login.rs".to_owned()],
            part: some("regression tests"),
            counts: Some(TestCounts { passed: 3, failed: 1, ignored: 2 }),
            unfinished: None,
            by_exit_code: false,
            ignored: Vec::new(),
            output: "1 failed".to_owned(),
        }),
        EventKind::Proved(Proof {
            tree: commit(),
            base: commit(),
            verdict: Verdict::CrashToPass,
            profile: Some(Profile::Release),
            lints_capped: false,
            tests: vec![ProvenTest {
                id: "shop::cart::coupon".to_owned(),
                base: TestState::Crash,
                fix: TestState::Pass,
                verdict: Verdict::CrashToPass,
                runs: 3,
                symptom: some("attempt to subtract with overflow"),
                cause: some("SIGABRT"),
                gate: some("#[cfg(unix)]"),
                by_exit_code: false,
            }],
            unchanged: 4,
            arguments: vec!["--all-features".to_owned()],
            unproven: vec!["src/cart.rs:12".to_owned()],
            remarks: vec!["built with Cargo.lock of the work tree".to_owned()],
        }),
        EventKind::SmokeTested { text: "logged in".to_owned(), tree: commit() },
        EventKind::TestDeferred { reason: "no time".to_owned(), tree: commit() },
        EventKind::Waived(Waiver { check: "guard/too-big".to_owned(), reason: "lock file".to_owned() }),
        EventKind::PullRequestOpened(PullRequest {
            number: Some(7),
            url: some("https://example.com/7"),
            state: PullRequestState::Open,
            title: "[HOTFIX] Login fails".to_owned(),
            body: "## Incident".to_owned(),
            head: commit(),
        }),
        EventKind::PullRequestClosed,
        EventKind::LandingStarted(landing()),
        EventKind::LandingAborted { reason: "conflict".to_owned() },
        EventKind::Merged(landing()),
        EventKind::Tagged(LandingTag { name: "v1.0.1".to_owned(), object: commit(), commit: commit() }),
        EventKind::CarryStarted(LandingLine { branch: "develop".parse().unwrap(), from: commit(), to: commit() }),
        EventKind::Carried(Carried {
            line: "develop".parse().unwrap(),
            by: CarriedBy::Proposal,
            commit: Some(commit()),
            branch: Some("hotfix/x-into-develop".parse().unwrap()),
            head: Some(commit()),
            number: Some(9),
            url: some("https://example.com/9"),
            reason: some("protected"),
        }),
        EventKind::DeployStarted(DeployStarted {
            part: DeployPart::Deploy,
            command: command().into(),
            commit: commit(),
        }),
        EventKind::DeployFinished(DeployFinished {
            part: DeployPart::Rollback,
            commit: commit(),
            ending: Ending::TimedOut,
            exit_code: Some(137),
            milliseconds: 600_000,
            output: "…".to_owned(),
        }),
        EventKind::DeployInterrupted(DeployInterrupted {
            part: DeployPart::Deploy,
            commit: commit(),
            reason: "interrupted by SIGTERM".to_owned(),
            milliseconds: Some(1200),
            output: "…".to_owned(),
        }),
        EventKind::Verified(Verified {
            command: vec!["https://example.com/health".to_owned()].into(),
            commit: commit(),
            ending: Ending::Passed,
            exit_code: None,
            output: "200".to_owned(),
        }),
        EventKind::PostmortemWritten {
            path: "docs/p.md".to_owned(),
            preset: "default".to_owned(),
            digest: "0".repeat(64),
        },
        EventKind::FollowUpAdded(FollowUpAdded {
            text: "alert on 500s".to_owned(),
            band_aid: true,
            gap: Some(PreventionGap::Monitoring),
            owner: some("ada"),
            due: Some("2026-03-15".parse().unwrap()),
        }),
        EventKind::IssueFiled { follow_up: 1, number: 8, url: "https://example.com/8".to_owned() },
        EventKind::FollowUpDone { number: 1, link: some("https://example.com/8") },
        EventKind::RecordsStarted { commit: commit() },
        EventKind::RecordsDelivered {
            commit: Some(commit()),
            paths: vec!["docs/STATUS.md".to_owned()],
            branch: Some("hotfix/x-records".parse().unwrap()),
        },
        EventKind::Closed { reason: some("done") },
        EventKind::Canceled { reason: some("false alarm"), tip: Some(commit()) },
        EventKind::Reopened { reason: some("again") },
        EventKind::Retracted { events: vec![EventId::of(b"")] },
        EventKind::Claimed(Workplace::new("5f0c2a91", "laptop")),
        EventKind::DamageAccepted { events: vec![EventId::of(b"")], reason: "the disk broke".to_owned() },
        EventKind::Merged(Landing {
            tag: Some(LandingTag { name: "v1.0.1".to_owned(), object: commit(), commit: commit() }),
            ..landing()
        }),
        EventKind::Carried(Carried::new("release/1.0".parse().unwrap(), CarriedBy::Pick, None)),
        EventKind::Closed { reason: None },
        EventKind::LandingStarted(Landing { lines: Vec::new(), past_rules: some("all is down"), ..landing() }),
        EventKind::Tested(TestRun {
            suite: Suite::Affected,
            command: command().into(),
            folder: None,
            tree: commit(),
            ending: Ending::Failed,
            exit_code: Some(0),
            milliseconds: 1200,
            files: Vec::new(),
            part: None,
            counts: None,
            unfinished: some("tests/login.rs"),
            by_exit_code: true,
            ignored: Vec::new(),
            output: String::new(),
        }),
        EventKind::Proved(Proof {
            tree: commit(),
            base: commit(),
            verdict: Verdict::FailToFail,
            profile: None,
            lints_capped: true,
            tests: vec![ProvenTest {
                id: "shop::ui".to_owned(),
                base: TestState::Fail,
                fix: TestState::EndedEarly,
                verdict: Verdict::FailToFail,
                runs: 0,
                symptom: None,
                cause: None,
                gate: None,
                by_exit_code: true,
            }],
            unchanged: 0,
            arguments: Vec::new(),
            unproven: Vec::new(),
            remarks: Vec::new(),
        }),
    ]
}

#[test]
fn these_bytes_stay_readable_for_ever() {
    let parents = vec![EventId::of(b"")];
    let mut written = String::new();
    for kind in fixtures() {
        let (event, bytes) = encode(&incident(), parents.clone(), &fact(kind)).unwrap();
        assert_eq!(decode(&incident(), &event.id, &bytes), Ok(event));
        written.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    insta::assert_snapshot!(written, @r###"
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"base":{"commit":"ca82a6dff817ec66f44342007202690a93763949","ref":"origin/main"},"impact":"nobody can log in","origin":{"at":"branch","name":"main"},"policy":"ca82a6dff817ec66f44342007202690a93763949","production":{"branch":"main","remote":"origin"},"scope":"all users","severity":"critical","slug":"login-fails","source":"alert","title":"Login fails for \"é\"🔥","visibility":"open"},"incident":"HF-2026-7k3mq2xa","kind":"opened","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"branch":"hotfix/login-fails","commit":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"branch-created","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"impact":"slow","scope":"some users","severity":"high","source":"user report"},"incident":"HF-2026-7k3mq2xa","kind":"triaged","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"happened_at":"2026-03-01T02:00:00Z","text":"restarted\nthe pods"},"incident":"HF-2026-7k3mq2xa","kind":"noted","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"ahead":14,"tip":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"base-chosen","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"branch":"trunk"},"incident":"HF-2026-7k3mq2xa","kind":"production-moved","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"bytes":3200,"digest":"0000000000000000000000000000000000000000000000000000000000000000","frames":[{"file":"src/cart.rs","line":41}],"masked":{"password":1},"name":"boot.log","text":"panicked at src/cart.rs:41:18\npassword=[redacted:password]\n"},"incident":"HF-2026-7k3mq2xa","kind":"evidence-attached","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"milestone":"mitigated","reached_at":"2026-03-01T02:00:00Z"},"incident":"HF-2026-7k3mq2xa","kind":"marked","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"text":"a stale key","topic":"root-cause"},"incident":"HF-2026-7k3mq2xa","kind":"explained","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"files":2,"findings":[{"check":"too-big","file":"src/login.rs","help":"make it smaller","level":"warning","line":7,"message":"it is big"}],"lines":14,"tree":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"guarded","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"command":["make","it so"],"counts":{"failed":1,"ignored":2,"passed":3},"ending":"failed","exit_code":1,"files":["tests/login.rs"],"milliseconds":1200,"output":"1 failed","part":"regression tests","suite":"end-to-end","tree":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"tested","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"arguments":["--all-features"],"base":"ca82a6dff817ec66f44342007202690a93763949","profile":"release","remarks":["built with Cargo.lock of the work tree"],"tests":[{"base":"crash","cause":"SIGABRT","fix":"pass","gate":"#[cfg(unix)]","id":"shop::cart::coupon","runs":3,"symptom":"attempt to subtract with overflow","verdict":"crash_to_pass"}],"tree":"ca82a6dff817ec66f44342007202690a93763949","unchanged":4,"unproven":["src/cart.rs:12"],"verdict":"crash_to_pass"},"incident":"HF-2026-7k3mq2xa","kind":"proved","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"text":"logged in","tree":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"smoke-tested","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"reason":"no time","tree":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"test-deferred","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"check":"guard/too-big","reason":"lock file"},"incident":"HF-2026-7k3mq2xa","kind":"waived","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"body":"## Incident","head":"ca82a6dff817ec66f44342007202690a93763949","number":7,"state":"open","title":"[HOTFIX] Login fails","url":"https://example.com/7"},"incident":"HF-2026-7k3mq2xa","kind":"pull-request-opened","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"incident":"HF-2026-7k3mq2xa","kind":"pull-request-closed","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"head":"ca82a6dff817ec66f44342007202690a93763949","lines":[{"branch":"main","from":"ca82a6dff817ec66f44342007202690a93763949","to":"ca82a6dff817ec66f44342007202690a93763949"}]},"incident":"HF-2026-7k3mq2xa","kind":"landing-started","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"reason":"conflict"},"incident":"HF-2026-7k3mq2xa","kind":"landing-aborted","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"head":"ca82a6dff817ec66f44342007202690a93763949","lines":[{"branch":"main","from":"ca82a6dff817ec66f44342007202690a93763949","to":"ca82a6dff817ec66f44342007202690a93763949"}]},"incident":"HF-2026-7k3mq2xa","kind":"merged","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"commit":"ca82a6dff817ec66f44342007202690a93763949","name":"v1.0.1","object":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"tagged","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"branch":"develop","from":"ca82a6dff817ec66f44342007202690a93763949","to":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"carry-started","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"branch":"hotfix/x-into-develop","by":"proposal","commit":"ca82a6dff817ec66f44342007202690a93763949","head":"ca82a6dff817ec66f44342007202690a93763949","line":"develop","number":9,"reason":"protected","url":"https://example.com/9"},"incident":"HF-2026-7k3mq2xa","kind":"carried","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"command":["make","it so"],"commit":"ca82a6dff817ec66f44342007202690a93763949","part":"deploy"},"incident":"HF-2026-7k3mq2xa","kind":"deploy-started","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"commit":"ca82a6dff817ec66f44342007202690a93763949","ending":"timed-out","exit_code":137,"milliseconds":600000,"output":"…","part":"rollback"},"incident":"HF-2026-7k3mq2xa","kind":"deploy-finished","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"commit":"ca82a6dff817ec66f44342007202690a93763949","milliseconds":1200,"output":"…","part":"deploy","reason":"interrupted by SIGTERM"},"incident":"HF-2026-7k3mq2xa","kind":"deploy-interrupted","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"command":["https://example.com/health"],"commit":"ca82a6dff817ec66f44342007202690a93763949","ending":"passed","output":"200"},"incident":"HF-2026-7k3mq2xa","kind":"verified","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"digest":"0000000000000000000000000000000000000000000000000000000000000000","path":"docs/p.md","preset":"default"},"incident":"HF-2026-7k3mq2xa","kind":"postmortem-written","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"band_aid":true,"due":"2026-03-15","gap":"monitoring","owner":"ada","text":"alert on 500s"},"incident":"HF-2026-7k3mq2xa","kind":"follow-up-added","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"follow_up":1,"number":8,"url":"https://example.com/8"},"incident":"HF-2026-7k3mq2xa","kind":"issue-filed","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"link":"https://example.com/8","number":1},"incident":"HF-2026-7k3mq2xa","kind":"follow-up-done","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"commit":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"records-started","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"branch":"hotfix/x-records","commit":"ca82a6dff817ec66f44342007202690a93763949","paths":["docs/STATUS.md"]},"incident":"HF-2026-7k3mq2xa","kind":"records-delivered","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"reason":"done"},"incident":"HF-2026-7k3mq2xa","kind":"closed","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"reason":"false alarm","tip":"ca82a6dff817ec66f44342007202690a93763949"},"incident":"HF-2026-7k3mq2xa","kind":"canceled","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"reason":"again"},"incident":"HF-2026-7k3mq2xa","kind":"reopened","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"events":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]},"incident":"HF-2026-7k3mq2xa","kind":"retracted","needs":2,"parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"clone":"5f0c2a91","host":"laptop"},"incident":"HF-2026-7k3mq2xa","kind":"claimed","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"events":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"reason":"the disk broke"},"incident":"HF-2026-7k3mq2xa","kind":"damage-accepted","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"head":"ca82a6dff817ec66f44342007202690a93763949","lines":[{"branch":"main","from":"ca82a6dff817ec66f44342007202690a93763949","to":"ca82a6dff817ec66f44342007202690a93763949"}],"tag":{"commit":"ca82a6dff817ec66f44342007202690a93763949","name":"v1.0.1","object":"ca82a6dff817ec66f44342007202690a93763949"}},"incident":"HF-2026-7k3mq2xa","kind":"merged","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"by":"pick","line":"release/1.0"},"incident":"HF-2026-7k3mq2xa","kind":"carried","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{},"incident":"HF-2026-7k3mq2xa","kind":"closed","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"head":"ca82a6dff817ec66f44342007202690a93763949","lines":[],"past_rules":"all is down"},"incident":"HF-2026-7k3mq2xa","kind":"landing-started","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"by_exit_code":true,"command":["make","it so"],"ending":"failed","exit_code":0,"milliseconds":1200,"suite":"affected","tree":"ca82a6dff817ec66f44342007202690a93763949","unfinished":"tests/login.rs"},"incident":"HF-2026-7k3mq2xa","kind":"tested","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    {"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"base":"ca82a6dff817ec66f44342007202690a93763949","lints_capped":true,"tests":[{"base":"fail","by_exit_code":true,"fix":"ended-early","id":"shop::ui","verdict":"fail_to_fail"}],"tree":"ca82a6dff817ec66f44342007202690a93763949","verdict":"fail_to_fail"},"incident":"HF-2026-7k3mq2xa","kind":"proved","parents":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],"v":1}
    "###);
}

#[test]
fn the_names_of_all_kinds_are_listed() {
    let mut names: Vec<&str> = Vec::new();
    for name in fixtures().iter().map(EventKind::name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    assert_eq!(names, EventKind::NAMES);
}

/// The kinds of the reader that came before any record was shared; it leaves all others out of account, and acts.
const FIRST: [&str; 37] = [
    "base-chosen",
    "branch-created",
    "canceled",
    "carried",
    "carry-started",
    "closed",
    "damage-accepted",
    "deploy-finished",
    "deploy-interrupted",
    "deploy-started",
    "evidence-attached",
    "explained",
    "follow-up-added",
    "follow-up-done",
    "guarded",
    "issue-filed",
    "landing-aborted",
    "landing-started",
    "marked",
    "merged",
    "noted",
    "opened",
    "postmortem-written",
    "production-moved",
    "proved",
    "pull-request-closed",
    "pull-request-opened",
    "records-delivered",
    "records-started",
    "reopened",
    "smoke-tested",
    "tagged",
    "test-deferred",
    "tested",
    "triaged",
    "verified",
    "waived",
];

/// Kinds since then that it may leave out: they change no status, approval or effect. `claimed` says who drives, which stops nobody.
const TELLING: [&str; 1] = ["claimed"];

#[test]
fn a_kind_that_an_older_reader_must_not_leave_out_says_what_it_needs() {
    assert!(FIRST.iter().all(|kind| EventKind::NAMES.contains(kind)), "none is ever taken away");
    let known = |kind: &EventKind| FIRST.contains(&kind.name()) || TELLING.contains(&kind.name());
    for kind in fixtures().into_iter().filter(|kind| !known(kind)) {
        let (event, _) = encode(&incident(), Vec::new(), &fact(kind)).unwrap();
        assert!(event.needs > 0, "{} says nothing of it", event.fact.kind.name());
    }
}

#[test]
fn there_is_a_fixture_of_every_kind() {
    let error = serde_json::from_value::<EventKind>(serde_json::json!({ "kind": "?" })).unwrap_err().to_string();
    let (_, names) = error.split_once("expected one of ").unwrap();
    for name in names.split(", ").map(|name| name.trim_matches('`')) {
        assert!(fixtures().iter().any(|kind| kind.name() == name), "{name}");
        assert!(is_known(name), "{name}");
    }
    assert!(!is_known("of-tomorrow") && !is_known("unknown"));
}

fn stored(text: &str) -> Result<Event, Damage> {
    let bytes = format!("{text}\n").into_bytes();
    decode(&incident(), &EventId::of(&bytes), &bytes).map_err(|damaged| damaged.why)
}

const ENVELOPE: &str = r#"{"at":"2026-03-01T02:00:00Z","by":{"email":"","name":"A"},"#;

#[test]
fn what_is_newer_is_kept_as_unknown() {
    let rest = r#""incident":"HF-2026-7k3mq2xa","kind":"of-tomorrow","parents":[],"v":1}"#;
    let unknown = EventKind::Unknown { kind: "of-tomorrow".to_owned() };
    assert_eq!(stored(&format!(r#"{ENVELOPE}"data":{{"x":1}},{rest}"#)).unwrap().fact.kind, unknown);
    assert_eq!(stored(&format!("{ENVELOPE}{rest}")).unwrap().fact.kind, unknown);
    let newer = r#""incident":"HF-2026-7k3mq2xa","kind":"noted","parents":[],"v":2}"#;
    let unknown = EventKind::Unknown { kind: "noted".to_owned() };
    assert_eq!(stored(&format!("{ENVELOPE}{newer}")).unwrap().fact.kind, unknown);
    assert!(encode(&incident(), Vec::new(), &fact(unknown)).is_err(), "it has no written form");
}

#[test]
fn a_branch_that_git_would_not_name_so_is_read_and_refused_only_where_it_is_used() {
    let odd = "a\nb..c";
    let event = fact(EventKind::BranchCreated { branch: BranchName::known(odd), commit: commit() });
    let (written, bytes) = encode(&incident(), Vec::new(), &event).unwrap();
    let read = decode(&incident(), &written.id, &bytes).unwrap();
    assert_eq!(read, written);
    assert_eq!(read.fact.kind.sentence().unwrap(), "branch a b..c created at ca82a6dff");
    assert!(odd.parse::<BranchName>().is_err());
}

/// Of every kind: no text stays, and what is no text does.
#[test]
fn what_is_forgotten_has_no_text_and_reads_back() {
    let by = Person { name: "Bob".to_owned(), email: String::new() };
    let forgotten = Forgotten { at: "2026-03-02T02:00:00Z".parse().unwrap(), by, reason: "a token".to_owned() };
    for kind in fixtures() {
        let (event, recorded) = encode(&incident(), vec![EventId::of(b"parent")], &fact(kind)).unwrap();
        let bytes = forget(&event, &forgotten).unwrap();
        let read = decode(&incident(), &event.id, &bytes).unwrap();
        assert_eq!(read.fact.kind, event.fact.kind.clone().without_texts("(forgotten: a token)"));
        assert_eq!((&read.id, &read.parents, read.fact.at), (&event.id, &event.parents, event.fact.at));
        assert_eq!(super::forgotten(&incident(), &event.id, &bytes).as_ref(), Some(&forgotten));
        assert_eq!(super::forgotten(&incident(), &event.id, &recorded), None);
        // Under another id, or with a text in it, it is what anybody may have written.
        let elsewhere = EventId::of(b"other");
        assert_eq!(
            decode(&incident(), &elsewhere, &recorded).unwrap_err().why,
            Damage::Altered { actual: event.id.clone() }
        );
    }
    let (event, _) =
        encode(&incident(), Vec::new(), &fact(EventKind::Noted { text: "x".into(), happened_at: None })).unwrap();
    let bytes = forget(&event, &forgotten).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    insta::assert_snapshot!(text, @r#"{"at":"2026-03-01T02:00:00Z","by":{"email":"ada@example.com","name":"Ada"},"data":{"text":"(forgotten: a token)"},"forgotten":{"at":"2026-03-02T02:00:00Z","by":{"email":"","name":"Bob"},"reason":"a token"},"incident":"HF-2026-7k3mq2xa","kind":"noted","parents":[],"v":1}"#);
    let altered = text.replace("\"text\":\"(forgotten: a token)\"", "\"text\":\"all is well\"").into_bytes();
    assert_ne!(altered, bytes);
    let why = decode(&incident(), &event.id, &altered).unwrap_err().why;
    assert_eq!(why, Damage::Altered { actual: EventId::of(&altered) });
    assert_eq!(super::forgotten(&incident(), &event.id, &altered), None);
}

#[test]
fn damage_is_named() {
    let rest = r#""kind":"pull-request-closed","parents":[],"v":1}"#;
    let good = format!(r#"{ENVELOPE}"incident":"HF-2026-7k3mq2xa",{rest}"#);
    assert_eq!(stored(&good).map(|event| event.fact.kind), Ok(EventKind::PullRequestClosed));
    let bytes = format!("{good}\n").into_bytes();
    let flipped = decode(&incident(), &EventId::of(b"other"), &bytes).unwrap_err();
    assert_eq!(flipped.why, Damage::Altered { actual: EventId::of(&bytes) });
    assert_eq!(stored(&good.replace(",\"kind\"", ", \"kind\"")), Err(Damage::NotCanonical));
    assert_eq!(stored(&good.replace("\"v\":1", "\"v\":1,\"v\":1")), Err(Damage::NotCanonical));
    assert_eq!(stored(&good.replace("\"v\":1", "\"v\":1.0")), Err(Damage::NotCanonical));
    assert_eq!(stored(&good.replace("\"v\":1", "\"v\":1,\"x\":1.5")), Err(Damage::NotCanonical));
    let other = "HF-2026-00000000".parse().unwrap();
    assert_eq!(stored(&good.replace("HF-2026-7k3mq2xa", "HF-2026-00000000")), Err(Damage::Misplaced { named: other }));
    for bad in [
        "",
        "{}",
        "[]",
        "null",
        &"[".repeat(100_000),
        &good.replace("2026-03-01", "2026-03-41"),
        &good.replace("pull-request-closed", "noted"),
    ] {
        assert!(matches!(stored(bad), Err(Damage::Unreadable { .. })), "{bad}");
    }
    let bytes = b"\"\xff\"\n";
    let no_utf8 = decode(&incident(), &EventId::of(bytes), bytes).unwrap_err().why;
    assert!(matches!(no_utf8, Damage::Unreadable { .. }), "{no_utf8}");
}

/// What was read is written as it was read; an event of a newer version is read, and never written.
#[test]
fn fuzz_codec() {
    crate::tests::fuzz("codec", |input| {
        // As it would be written: nearly all else is refused for its form alone.
        let written = serde_json::from_slice(input).ok().and_then(|value| canonical::write(value).ok());
        for bytes in written.iter().map(Vec::as_slice).chain([input]) {
            let Ok(event) = decode(&incident(), &EventId::of(bytes), bytes) else { continue };
            let Ok((again, bytes)) = encode(&incident(), event.parents.clone(), &event.fact) else { continue };
            assert_eq!(again.fact, event.fact);
            assert_eq!(decode(&incident(), &again.id, &bytes), Ok(again));
        }
    });
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        text in any::<String>(), name in any::<String>(), seconds in 0_i64..4_000_000_000, nanos in 0_i32..1_000_000_000,
        which in 0_usize..38, number in any::<u32>(),
    ) {
        let kind = match fixtures().swap_remove(which) {
            EventKind::Noted { happened_at, .. } => EventKind::Noted { text, happened_at },
            EventKind::Explained { topic, .. } => EventKind::Explained { topic, text },
            EventKind::FollowUpDone { .. } => EventKind::FollowUpDone { number, link: Some(text) },
            other => other,
        };
        let at = Timestamp::new(seconds, nanos).unwrap();
        let fact = Fact { at, by: Person { name, email: String::new() }, kind };
        let (event, bytes) = encode(&incident(), Vec::new(), &fact).unwrap();
        prop_assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
        prop_assert_eq!(decode(&incident(), &event.id, &bytes), Ok(event));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode(&incident(), &EventId::of(&bytes), &bytes).is_err());
    }
}

#[test]
fn an_event_that_follows_more_than_can_be_is_damage_and_never_written() {
    let note = fact(EventKind::Noted { text: "here".to_owned(), happened_at: None });
    let parents = |number: usize| -> Vec<EventId> { (0..number).map(|one| EventId::of(&one.to_le_bytes())).collect() };
    let (event, bytes) = encode(&incident(), parents(MOST_PARENTS), &note).unwrap();
    assert_eq!(decode(&incident(), &event.id, &bytes).unwrap(), event);
    let error = encode(&incident(), parents(MOST_PARENTS + 1), &note).unwrap_err();
    assert_eq!(error.source.to_string(), "it follows more than 10000 events");
    let ids = parents(MOST_PARENTS + 1).iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(",");
    let more = String::from_utf8(bytes).unwrap();
    let (before, _) = more.split_once("\"parents\":[").unwrap();
    let more = format!("{before}\"parents\":[{ids}],\"v\":1}}\n");
    let damaged = decode(&incident(), &EventId::of(more.as_bytes()), more.as_bytes()).unwrap_err();
    assert!(damaged.to_string().contains("it cannot be read: it follows more than 10000 events"), "{damaged}");
}
