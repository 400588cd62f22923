//! What every forge must do, and how GitHub's adapter takes every answer: the local forge, the fake server in this process,
//! and, where the gate started it, an emulator that others wrote.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use hotfix_core::adapter::{GitHubForge, LocalForge};
use hotfix_core::domain::event::Ending;
use hotfix_core::domain::{ObjectId, PullRequestState};
use hotfix_core::port::{
    CheckState, ErrorKind, Finished, Forge, ForgeAddress, HostingService, Invocation, Issue, MergeAnswer, MergeMethod,
    MergeRequest, PortError, Processes, Proposal, PullRequestStatus,
};
use hotfix_tests::{Fault, GitHub, Repo, Sample, Sandbox, TOKEN, sandbox};

use crate::fixtures::at_once;

const BRANCH: &str = "hotfix/coupons";

/// The programs of a machine on which `gh` knows this token.
struct Gh(String);

impl Processes for Gh {
    fn watch(&self, _: &Invocation, _: &mut dyn FnMut(&[u8])) -> Result<Finished, PortError> {
        Ok(Finished {
            ending: Ending::Passed,
            exit_code: Some(0),
            signal: None,
            milliseconds: 1,
            output: Vec::new(),
            stdout: self.0.clone().into_bytes(),
        })
    }

    fn top(&self) -> PathBuf {
        PathBuf::new()
    }

    fn find(&self, _: &str) -> Result<PathBuf, PortError> {
        Ok(PathBuf::new())
    }
}

fn forge_at(api: &str, token: &str) -> GitHubForge {
    let host = api.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned();
    let address = ForgeAddress {
        service: HostingService::GitHub,
        api: api.to_owned(),
        host,
        owner: "dev".to_owned(),
        name: "shop".to_owned(),
        is_named_by_user: false,
    };
    GitHubForge::new(address, Box::new(Gh(token.to_owned())))
}

/// A sample project whose fix is pushed to a fake server.
struct Bench<'s> {
    repo: Repo<'s>,
    github: GitHub,
    forge: GitHubForge,
    head: ObjectId,
}

fn bench(sandbox: &Sandbox) -> Bench<'_> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["switch", "--quiet", "--create", BRANCH]);
    let head = repo.fix_the_bug().parse().unwrap();
    repo.git_ok(["push", "--quiet", "origin", BRANCH]);
    let github = GitHub::serve(&repo.origin());
    let forge = forge_at(github.address(), TOKEN);
    Bench { repo, github, forge, head }
}

impl Bench<'_> {
    fn proposal(&self) -> Proposal {
        Proposal {
            title: "[HOTFIX] Coupons".to_owned(),
            body: "## Incident\n\nToo much.\n".to_owned(),
            base: "main".parse().unwrap(),
            branch: BRANCH.parse().unwrap(),
            fork: None,
            head: self.head.clone(),
            draft: false,
            labels: vec!["hotfix".to_owned()],
            reviewers: Vec::new(),
        }
    }

    fn request(&self) -> MergeRequest {
        let message = "Merge hotfix/coupons\n\nHotfix: HF-2026-00000000\n".to_owned();
        MergeRequest { number: 1, head: self.head.clone(), method: MergeMethod::Merge, message }
    }

    fn production(&self) -> String {
        self.repo.git_ok(["ls-remote", "origin", "refs/heads/main"]).split('\t').next().unwrap_or_default().to_owned()
    }
}

fn limited(seconds: &str) -> Fault {
    Fault::Answer(429, vec![("retry-after", seconds.to_owned())], "{\"message\":\"slow down\"}".to_owned())
}

fn answer(status: u16, message: &str) -> Fault {
    Fault::Answer(status, Vec::new(), format!("{{\"message\":\"{message}\"}}"))
}

/// Everything that goes wrong and passes: asked again, the same comes of it.
fn passing() -> Vec<(&'static str, Fault)> {
    vec![
        ("cut before", Fault::CutBefore),
        ("cut after", Fault::CutAfter),
        ("truncated", Fault::Truncated),
        ("html", Fault::Html),
        ("502", answer(502, "Server Error")),
        ("429", limited("0")),
        (
            "403 limit",
            Fault::Answer(
                403,
                vec![("retry-after", "0".to_owned())],
                "{\"message\":\"secondary rate limit\"}".to_owned(),
            ),
        ),
    ]
}

/// What holds for every forge, whoever wrote it.
fn conforms(forge: &dyn Forge, proposal: &Proposal) {
    let first = forge.propose(proposal).unwrap();
    assert_eq!(first.pull_request.title, proposal.title);
    assert_eq!(first.pull_request.body, proposal.body);
    assert_eq!(first.pull_request.head, proposal.head);
    assert_eq!(first.pull_request.state, PullRequestState::Open);
    let changed = Proposal { body: "## Incident\n\nMore is known.\n".to_owned(), ..proposal.clone() };
    let second = forge.propose(&changed).unwrap();
    assert_eq!(
        (second.pull_request.number, &second.pull_request.url),
        (first.pull_request.number, &first.pull_request.url)
    );
    assert_eq!(second.pull_request.body, changed.body);
}

/// What holds for every service that holds pull requests.
fn serves(forge: &dyn Forge, proposal: &Proposal, request: &MergeRequest) {
    let proposed = forge.propose(proposal).unwrap().pull_request;
    let number = proposed.number.unwrap();
    assert!(proposed.url.is_some());
    let status = forge.status(number).unwrap();
    assert_eq!((status.number, status.state, &status.head), (number, PullRequestState::Open, &proposal.head));
    assert!(!status.methods.is_empty());
    let abilities = forge.abilities(&proposal.base).unwrap();
    assert!(abilities.can_push && abilities.repository.eq_ignore_ascii_case("dev/shop"), "{abilities:?}");
    let issue = Issue {
        title: "Alert on coupons".to_owned(),
        body: "Text\n\n<!-- marker 1 -->\n".to_owned(),
        marker: "<!-- marker 1 -->".to_owned(),
        labels: vec!["hotfix".to_owned()],
    };
    let filed = forge.file(&issue).unwrap();
    assert_eq!(forge.file(&issue).unwrap(), filed);
    let MergeAnswer::Merged(commit) = forge.merge(&MergeRequest { number, ..request.clone() }).unwrap() else {
        panic!("it is not merged")
    };
    let after = forge.status(number).unwrap();
    assert_eq!((after.state, after.merge_commit), (PullRequestState::Merged, Some(commit.clone())));
    assert_eq!(forge.merge(&MergeRequest { number, ..request.clone() }).unwrap(), MergeAnswer::Merged(commit));
    assert_eq!(forge.close(number).unwrap_err().kind, ErrorKind::NeedsHuman);
}

#[test]
fn the_local_forge_conforms_and_says_that_it_is_no_service() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    conforms(&LocalForge, &bench.proposal());
    let refused = [
        LocalForge.status(1).map(drop).unwrap_err(),
        LocalForge.merge(&bench.request()).map(drop).unwrap_err(),
        LocalForge.close(1).unwrap_err(),
        LocalForge.abilities("main").map(drop).unwrap_err(),
    ];
    assert!(refused.iter().all(|error| error.kind == ErrorKind::Precondition && !error.hints.is_empty()));
    assert_eq!(bench.github.count(""), 0);
}

#[test]
fn the_double_conforms() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    conforms(&bench.forge, &bench.proposal());
    serves(&bench.forge, &bench.proposal(), &bench.request());
    assert_eq!((bench.github.pulls(), bench.github.issues().len()), (1, 1));
}

#[test]
fn an_enterprise_is_reached_below_its_path() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    let forge = forge_at(&format!("{}/api/v3", bench.github.address()), TOKEN);
    serves(&forge, &bench.proposal(), &bench.request());
    assert_eq!(bench.github.count("PUT /api/v3/repos/dev/shop/pulls/1/merge"), 2);
}

/// `.ci/run` starts the emulator of the npm package `emulate`, behind Prism as a validator, and tells its address and a
/// head that it has.
#[test]
fn the_emulator_conforms_where_the_gate_started_it() {
    let (Ok(api), Ok(head)) = (std::env::var("HOTFIX_EMULATE_URL"), std::env::var("HOTFIX_EMULATE_HEAD")) else {
        eprintln!("NOT TESTED: the emulator, which the gate starts (HOTFIX_EMULATE_URL)");
        return;
    };
    let sandbox = sandbox!();
    let head: ObjectId = head.parse().unwrap();
    let proposal = Proposal { head: head.clone(), ..bench(&sandbox).proposal() };
    let request = MergeRequest { head, ..bench_request() };
    let forge = forge_at(&api, "tok_dev_0123456789");
    conforms(&forge, &proposal);
    serves(&forge, &proposal, &request);
}

fn bench_request() -> MergeRequest {
    let head = "0".repeat(40).parse().unwrap();
    MergeRequest { number: 1, head, method: MergeMethod::Merge, message: "Merge it".to_owned() }
}

#[test]
fn a_pull_request_is_opened_once_whatever_happens_to_the_answer() {
    at_once(passing(), |(name, fault)| {
        let sandbox = sandbox!();
        let bench = bench(&sandbox);
        bench.github.trap("POST /repos/dev/shop/pulls", fault);
        let proposed = bench.forge.propose(&bench.proposal()).unwrap();
        assert_eq!(bench.github.fired(), 1, "{name}");
        assert_eq!((proposed.pull_request.number, bench.github.pulls()), (Some(1), 1), "{name}");
        assert_eq!(proposed.warnings, Vec::<String>::new(), "{name}");
        assert_eq!(bench.github.pull(1)["labels"], serde_json::json!(["hotfix"]), "{name}");
    });
}

#[test]
fn a_merge_happens_once_whatever_happens_to_the_answer() {
    at_once(passing(), |(name, fault)| {
        let sandbox = sandbox!();
        let bench = bench(&sandbox);
        let before = bench.production();
        bench.forge.propose(&bench.proposal()).unwrap();
        bench.github.trap("PUT /repos/dev/shop/pulls/1/merge", fault);
        let answer = bench.forge.merge(&bench.request()).unwrap();
        assert_eq!(bench.github.fired(), 1, "{name}");
        let after = bench.production();
        assert_eq!(answer, MergeAnswer::Merged(after.parse().unwrap()), "{name}");
        bench.repo.git_ok(["fetch", "--quiet", "origin"]);
        let parents = bench.repo.git_ok(["show", "--no-patch", "--format=%P", &after]);
        assert_eq!(parents, format!("{before} {}", bench.head), "{name}");
    });
}

#[test]
fn an_issue_is_filed_once_whatever_happens_to_the_answer() {
    at_once(passing(), |(name, fault)| {
        let sandbox = sandbox!();
        let bench = bench(&sandbox);
        bench.github.trap("POST /repos/dev/shop/issues", fault);
        let issue = Issue {
            title: "Alert".to_owned(),
            body: "Text\n\n<!-- marker 1 -->\n".to_owned(),
            marker: "<!-- marker 1 -->".to_owned(),
            labels: Vec::new(),
        };
        let filed = bench.forge.file(&issue).unwrap();
        assert_eq!(bench.github.fired(), 1, "{name}");
        assert_eq!((filed.number, bench.github.issues().len()), (100, 1), "{name}");
        assert_eq!(bench.forge.file(&issue).unwrap(), filed, "{name}");
    });
}

#[test]
fn an_issue_is_filed_once_where_its_labels_are_dropped() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    bench.github.set(|settings| settings.can_label = false);
    bench.github.trap("POST /repos/dev/shop/issues", Fault::CutAfter);
    let issue = Issue {
        title: "Alert".to_owned(),
        body: "Text\n\n<!-- marker 1 -->\n".to_owned(),
        marker: "<!-- marker 1 -->".to_owned(),
        labels: vec!["hotfix".to_owned()],
    };
    let filed = bench.forge.file(&issue).unwrap();
    assert_eq!((bench.github.fired(), bench.github.issues().len()), (1, 1));
    for place in 0..120 {
        bench.github.open_issue(&format!("Another {place}"));
    }
    assert_eq!(bench.forge.file(&issue).unwrap(), filed);
    assert_eq!(bench.github.count("POST /repos/dev/shop/issues"), 1);
}

#[test]
fn there_may_be_no_deadline() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    let forge = forge_at(bench.github.address(), TOKEN).deadline(Duration::MAX);
    forge.propose(&bench.proposal()).unwrap();
    let seen = forge.status(1).unwrap();
    bench.github.approve(1, "ada");
    assert_eq!(forge.wait(1, &seen, Duration::MAX).unwrap().approved_by, ["ada"]);
}

#[test]
fn one_that_is_open_already_is_adopted_and_updated() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    bench.github.open_pull(BRANCH, "somebody's title");
    let proposed = bench.forge.propose(&bench.proposal()).unwrap();
    assert_eq!((proposed.pull_request.number, bench.github.pulls()), (Some(1), 1));
    assert_eq!(bench.github.pull(1)["title"], "[HOTFIX] Coupons");
    // The list was empty once more when it was asked, and it is there when it is to be made: 422.
    bench.github.trap("GET /repos/dev/shop/pulls", Fault::Answer(200, Vec::new(), "[]".to_owned()));
    assert_eq!(bench.forge.propose(&bench.proposal()).unwrap().pull_request.number, Some(1));
    assert_eq!(bench.github.count("POST /repos/dev/shop/pulls"), 1);
}

#[test]
fn a_draft_becomes_ready_and_the_reverse() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    let draft = Proposal { draft: true, ..bench.proposal() };
    assert_eq!(bench.forge.propose(&draft).unwrap().pull_request.state, PullRequestState::Draft);
    assert_eq!(bench.forge.status(1).unwrap().state, PullRequestState::Draft);
    assert_eq!(bench.forge.propose(&bench.proposal()).unwrap().pull_request.state, PullRequestState::Open);
    assert_eq!(bench.forge.status(1).unwrap().state, PullRequestState::Open);
    bench.forge.propose(&draft).unwrap();
    assert_eq!(bench.github.pull(1)["draft"], true);
}

#[test]
fn reviewers_teams_and_assignee_are_asked_and_a_no_only_warns() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    let reviewers = ["@ada", "acme/on-call"].map(str::to_owned).to_vec();
    let proposed = bench.forge.propose(&Proposal { reviewers, ..bench.proposal() }).unwrap();
    assert_eq!(proposed.warnings, Vec::<String>::new());
    let pull = bench.github.pull(1);
    assert_eq!(pull["reviewers"], serde_json::json!(["ada", "on-call"]));
    assert_eq!(pull["assignees"], serde_json::json!(["dev"]));
    let reviewers = ["Dev", "nobody", "bo"].map(str::to_owned).to_vec();
    let proposed = bench.forge.propose(&Proposal { reviewers, ..bench.proposal() }).unwrap();
    insta::assert_snapshot!(proposed.warnings.join("\n"), @"
    not asked to review, Dev: the pull request is theirs
    not asked to review, nobody: GitHub answers 422: Reviews may only be requested from collaborators.
    ");
    assert_eq!(bench.github.pull(1)["reviewers"], serde_json::json!(["ada", "on-call", "bo"]));
    let writes = bench.github.count("POST /repos/dev/shop/pulls/1/requested_reviewers");
    let own = bench.forge.propose(&Proposal { reviewers: vec!["dev".to_owned()], ..bench.proposal() }).unwrap();
    assert_eq!(own.warnings, ["not asked to review, dev: the pull request is theirs"]);
    assert_eq!(bench.github.count("POST /repos/dev/shop/pulls/1/requested_reviewers"), writes);
}

#[test]
fn only_the_tested_head_is_merged() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    bench.forge.propose(&bench.proposal()).unwrap();
    bench.repo.commit_file("more.txt", "more\n", "Something untested");
    bench.repo.git_ok(["push", "--quiet", "origin", BRANCH]);
    let before = bench.production();
    assert_eq!(bench.forge.merge(&bench.request()).unwrap(), MergeAnswer::Moved);
    assert_eq!(bench.production(), before);
}

#[test]
fn what_the_branch_demands_is_told() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    bench.forge.propose(&bench.proposal()).unwrap();
    bench.github.set(|settings| {
        settings.checks = ["build", "lint", "scan", "ghost"].map(str::to_owned).to_vec();
        settings.approvals = 1;
    });
    for check in ["build", "lint", "scan"] {
        bench.github.report("main", check, Some("success"));
    }
    bench.github.report(BRANCH, "build", Some("success"));
    bench.github.report(BRANCH, "lint", None);
    bench.github.report(BRANCH, "scan", Some("failure"));
    let states = |status: &PullRequestStatus| {
        status.checks.iter().map(|check| (check.name.clone(), check.state)).collect::<Vec<_>>()
    };
    let status = bench.forge.status(1).unwrap();
    assert_eq!(
        states(&status),
        [
            ("build".to_owned(), CheckState::Passed),
            ("ghost".to_owned(), CheckState::Silent),
            ("lint".to_owned(), CheckState::Pending),
            ("scan".to_owned(), CheckState::Failed),
        ]
    );
    assert_eq!((status.rules.approvals, status.blocked), (Some(1), true));
    let MergeAnswer::NotYet { reason } = bench.forge.merge(&bench.request()).unwrap() else { panic!("it merged") };
    assert_eq!(reason, "GitHub answers 405: Required status check \"lint\" is expected.");
    bench.github.approve(1, "ada");
    let waited = bench.forge.wait(1, &status, Duration::from_secs(20)).unwrap();
    assert_eq!(waited.approved_by, ["ada"]);
}

#[test]
fn what_is_beyond_the_first_page_counts_too() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    bench.forge.propose(&bench.proposal()).unwrap();
    bench.github.set(|settings| settings.checks = ["unit", "zeal"].map(str::to_owned).to_vec());
    for part in 0..230 {
        bench.github.report(BRANCH, &format!("matrix-{part:03}"), Some("success"));
    }
    bench.github.report("main", "unit", Some("success"));
    bench.github.report(BRANCH, "unit", Some("success"));
    bench.github.review(1, "ada", "APPROVED");
    for _ in 0..120 {
        bench.github.review(1, "bot", "COMMENTED");
    }
    bench.github.review(1, "ada", "CHANGES_REQUESTED");
    bench.github.review(1, "bo", "APPROVED");
    let status = bench.forge.status(1).unwrap();
    let states: Vec<CheckState> = status.checks.iter().map(|check| check.state).collect();
    assert_eq!(states, [CheckState::Passed, CheckState::Silent]);
    assert_eq!((status.approved_by, status.changes_requested_by), (vec!["bo".to_owned()], vec!["ada".to_owned()]));
}

/// What a no for good costs, and what it says.
fn refused(fault: Fault) -> String {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    bench.github.trap_often("GET /repos/dev/shop", fault, 99);
    let error = bench.forge.abilities("main").unwrap_err();
    assert!(bench.github.fired() > 0);
    let source = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
    let (kind, times, hints) = (error.kind, bench.github.fired(), error.hints.join("; "));
    format!("{kind:?}, asked {times} times: {}: {source} ({hints})", error.doing)
}

#[test]
fn every_no_has_its_kind_its_reason_and_its_mend() {
    let faults = [
        answer(401, "Bad credentials"),
        answer(403, "Must have admin rights"),
        answer(404, "Not Found"),
        answer(422, "Validation Failed"),
        Fault::Answer(301, vec![("location", "http://127.0.0.1:9/stolen".to_owned())], "{}".to_owned()),
        limited("100000"),
        answer(500, "Server Error"),
        Fault::Html,
        Fault::Truncated,
        Fault::CutBefore,
    ];
    // At once: most of it is the pauses between attempts.
    let told: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = faults.into_iter().map(|fault| scope.spawn(|| refused(fault))).collect();
        threads.into_iter().map(|thread| thread.join().expect("it is refused")).collect()
    });
    insta::with_settings!({ filters => vec![(r"127\.0\.0\.1:\d+", "HOST"), (r"at \d{4}-\S+Z", "at TIME")] }, {
        insta::assert_snapshot!(told.join("\n"), @"
        Refused, asked 1 times: ask HOST about dev/shop: GitHub answers 401: Bad credentials (the token from gh auth token is not accepted: gh auth login, or set HOTFIX_GITHUB_TOKEN)
        Refused, asked 1 times: ask HOST about dev/shop: GitHub answers 403: Must have admin rights (the token from gh auth token lacks the right)
        Refused, asked 1 times: ask HOST about dev/shop: GitHub answers 404: Not Found (it is not there, or the token from gh auth token may not see it)
        Refused, asked 1 times: ask HOST about dev/shop: GitHub answers 422: Validation Failed ()
        Refused, asked 1 times: ask HOST about dev/shop: GitHub answers 301; the repository may have been renamed (git config hotfix.forge.repository OWNER/NAME, or fix the remote: git remote set-url)
        Retry, asked 1 times: ask HOST about dev/shop: GitHub answers 429: slow down; it limits requests (it takes requests again at TIME)
        Retry, asked 4 times: ask HOST about dev/shop: GitHub answers 500: Server Error (https://www.githubstatus.com tells whether GitHub is well)
        Retry, asked 4 times: ask HOST about dev/shop: the answer to /repos/dev/shop is not what GitHub gives: expected value at line 1 column 1 ()
        Retry, asked 4 times: ask HOST about dev/shop: the answer to /repos/dev/shop broke off: end of file before message length reached ()
        Retry, asked 4 times: ask HOST about dev/shop: no answer: connection closed before message completed ()
        ");
    });
}

/// A token without one of GitHub's prefixes is recognised by nobody but us.
#[test]
fn a_token_that_is_sent_back_is_shown_nowhere() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    let token = "QwErTyUiOp_not_prefixed_0123456789";
    let long = format!("{} Bearer {token}", "x".repeat(275));
    let words = |status, text: &str| {
        let body = serde_json::json!({ "message": text }).to_string();
        Fault::Answer(status, vec![("x-accepted-oauth-scopes", token.to_owned())], body)
    };
    let misplaced = |text: &str| {
        let body = serde_json::json!({ "full_name": "dev/shop", "archived": text }).to_string();
        Fault::Answer(200, Vec::new(), body)
    };
    let faults = [
        (misplaced(&format!("Bearer {token}")), "***"),
        (misplaced(&long), "…"),
        (words(403, &format!("you sent {token}")), "***"),
        (words(403, &token.replace("not", "n\u{7}ot")), "***"),
        (words(422, &long), "…"),
    ];
    let origin = &bench.repo.origin();
    at_once(faults, |(fault, sign)| {
        let github = GitHub::serve(origin);
        github.trap_often("GET /repos/dev/shop", fault, 4);
        let error = forge_at(github.address(), token).abilities("main").unwrap_err();
        assert!(github.fired() > 0);
        let source = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
        let shown = format!("{error} {source} {} {error:?}", error.hints.join(" "));
        assert!(source.contains(sign) && source.chars().count() <= 300, "{shown}");
        assert!(!shown.contains("QwErTy"), "{shown}");
    });
}

#[test]
fn a_redirect_gets_no_token() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    let elsewhere = GitHub::serve(&bench.repo.origin());
    let location = format!("{}/repos/dev/shop", elsewhere.address());
    bench.github.trap("GET /repos/dev/shop", Fault::Answer(302, vec![("location", location)], "{}".to_owned()));
    assert_eq!(bench.forge.abilities("main").unwrap_err().kind, ErrorKind::Refused);
    assert_eq!((bench.github.fired(), elsewhere.count("")), (1, 0));
}

#[test]
fn silence_ends_at_a_deadline_and_a_long_answer_at_a_cap() {
    let sandbox = sandbox!();
    let bench = bench(&sandbox);
    let long = format!("{{\"full_name\":\"{}\"}}", "x".repeat(9 * 1024 * 1024));
    bench.github.trap_often("GET /repos/dev/shop", Fault::Answer(200, Vec::new(), long), 9);
    let error = bench.forge.abilities("main").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Retry);
    assert_eq!(error.source.unwrap().to_string(), "the answer to /repos/dev/shop is longer than 8 MiB");
    let other = GitHub::serve(&bench.repo.origin());
    let begun = Instant::now();
    other.trap_often("GET", Fault::Silence(Duration::from_secs(90)), 9);
    let forge = forge_at(other.address(), TOKEN).deadline(Duration::from_secs(2));
    assert_eq!(forge.abilities("main").unwrap_err().kind, ErrorKind::Retry);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
