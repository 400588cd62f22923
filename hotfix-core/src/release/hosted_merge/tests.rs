use crate::domain::RefName;
use crate::domain::event::{Ending, PullRequest};
use crate::port::{BranchRules, RemoteRefs, RequiredCheck};
use crate::release::hosted_merge::*;
use crate::step::tests::scene::{Scene, id};
use crate::step::tests::tested;
use crate::step::{Pr, Ship};
use crate::workflow::{Done, ForgeAction, RecordAction, Then};

/// A fix that is proposed at GitHub as pull request 7, and looked at once: it stands like this.
fn proposed(status: PullRequestStatus) -> Scene {
    let mut scene = Scene::fixed();
    scene.settings.insert("remote.origin.url".to_owned(), "git@github.com:dev/shop.git".to_owned());
    scene.network = Network::Online;
    scene.answers.yes = true;
    for check in ["guard", "test"] {
        scene.events.push(EventKind::Waived(Waiver { check: check.to_owned(), reason: "not here".to_owned() }));
    }
    scene.events.push(tested(Ending::Passed));
    let branch = |name: &str, digit| (RefName::of_branch(name), id(digit));
    let refs = vec![branch("main", 'a'), branch("hotfix/login-fails", 'b')];
    let asked = refs.iter().map(|(name, _)| name.clone()).collect();
    scene.done = vec![Done::Inspected {
        remote: "origin".to_owned(),
        asked,
        refs: RemoteRefs { default_branch: None, aliases: Vec::new(), refs },
    }];
    let plan = scene.plan(&Pr::default()).expect("it can be proposed");
    let proposal = plan.actions.into_iter().find_map(|action| match action {
        Action::Forge(ForgeAction::Propose { proposal }) => Some(proposal),
        _ => None,
    });
    let proposal = proposal.expect("it is not proposed yet");
    assert_eq!(proposal.labels, ["hotfix"]);
    scene.events.push(EventKind::PullRequestOpened(PullRequest {
        number: Some(7),
        url: Some("https://github.com/dev/shop/pull/7".to_owned()),
        state: PullRequestState::Open,
        title: proposal.title,
        body: proposal.body,
        head: proposal.head,
    }));
    scene.done.push(Done::PullRequestStatus(Box::new(status)));
    scene
}

/// All is there.
fn ready() -> PullRequestStatus {
    PullRequestStatus {
        base: "main".to_owned(),
        number: 7,
        url: "https://github.com/dev/shop/pull/7".to_owned(),
        state: PullRequestState::Open,
        head: id('b'),
        merge_commit: None,
        mergeable: Some(true),
        behind: false,
        blocked: false,
        checks: Vec::new(),
        approved_by: Vec::new(),
        changes_requested_by: Vec::new(),
        rules: BranchRules::default(),
        automatic: false,
        methods: vec![MergeMethod::Squash, MergeMethod::Rebase],
    }
}

fn shown(status: PullRequestStatus) -> String {
    proposed(status).shown(&Ship::default())
}

fn with(forge: ForgeOptions) -> Ship {
    Ship { forge, ..Ship::default() }
}

#[test]
fn what_is_ready_is_merged_in_the_way_that_is_allowed() {
    let plan = proposed(ready()).plan(&Ship::default()).expect("all is there");
    let [Action::Forge(ForgeAction::MergePullRequest { merge: merge @ MergeRequest { number: 7, .. }, from, .. })] =
        plan.actions.as_slice()
    else {
        panic!("{plan:?}")
    };
    assert_eq!((merge.method, &merge.head, from), (MergeMethod::Squash, &id('b'), &id('a')));
    assert!(matches!(plan.then, Then::LookAgain));
}

#[test]
fn it_looks_before_it_says_anything() {
    let mut scene = proposed(ready());
    scene.done.pop();
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"inspect-pull-request","text":"look at pull request #7"}
    then look again
    "#);
}

#[test]
fn who_objects_stops_nothing_where_no_review_is_needed() {
    let objected = PullRequestStatus { changes_requested_by: vec!["ada".to_owned()], ..ready() };
    assert!(shown(objected.clone()).contains("merge-pull-request"));
    assert!(shown(PullRequestStatus { blocked: true, ..objected }).contains("ada requested changes"));
}

#[test]
fn what_no_waiting_mends_is_said_with_the_way_on() {
    let all = [
        PullRequestStatus { state: PullRequestState::Draft, ..ready() },
        PullRequestStatus { state: PullRequestState::Closed, ..ready() },
        PullRequestStatus { mergeable: Some(false), ..ready() },
        PullRequestStatus { behind: true, ..ready() },
        PullRequestStatus { blocked: true, ..ready() },
        PullRequestStatus {
            changes_requested_by: vec!["ada".to_owned()],
            rules: BranchRules { approvals: Some(1), ..BranchRules::default() },
            ..ready()
        },
    ];
    insta::assert_snapshot!(all.map(shown).join("\n"), @r#"
    needs-human draft: pull request #7 is a draft
    hint: https://github.com/dev/shop/pull/7
    hint: git hotfix ship, without --draft

    needs-human pull-request-closed: somebody closed pull request #7
    hint: https://github.com/dev/shop/pull/7
    hint: reopen it there, then: git hotfix ship
    hint: or give the fix up: git hotfix abort

    needs-human conflict: GitHub says that hotfix/login-fails conflicts with origin/main
    hint: https://github.com/dev/shop/pull/7
    hint: git fetch && git merge origin/main
    hint: resolve, commit, then: git hotfix ship

    needs-human not-yet: pull request #7 cannot merge yet: it does not hold the tip of origin/main
    hint: https://github.com/dev/shop/pull/7
    hint: git fetch && git merge origin/main
    hint: then: git hotfix ship

    needs-human not-yet: pull request #7 cannot merge yet: a rule of the branch is not met, a review most likely
    hint: https://github.com/dev/shop/pull/7
    hint: git hotfix ship --wait   # or --auto: GitHub merges by itself
    hint: git hotfix ship --admin --reason "why it must be"

    needs-human not-yet: pull request #7 cannot merge yet: ada requested changes; it has 0 of 1 approvals
    hint: https://github.com/dev/shop/pull/7
    hint: git hotfix ship --wait   # or --auto: GitHub merges by itself
    hint: git hotfix ship --admin --reason "why it must be"
    "#);
}

#[test]
fn a_service_that_still_computes_gets_a_moment() {
    let unknown = PullRequestStatus { mergeable: None, ..ready() };
    let mut scene = proposed(unknown.clone());
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"await-pull-request","text":"wait for pull request #7"}
    then look again
    "#);
    for _ in 0..2 {
        scene.done.push(Done::PullRequestStatus(Box::new(unknown.clone())));
    }
    assert!(scene.shown(&Ship::default()).contains("merge-pull-request"));
}

#[test]
fn another_head_is_never_merged() {
    let other = PullRequestStatus { head: id('d'), ..ready() };
    let mut scene = proposed(other.clone());
    for _ in 0..2 {
        assert!(scene.shown(&Ship::default()).contains("await-pull-request"));
        scene.done.push(Done::PullRequestStatus(Box::new(other.clone())));
    }
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"
    needs-human foreign-branch: pull request #7 is at ddddddddd, not at the tested bbbbbbbbb
    hint: https://github.com/dev/shop/pull/7
    hint: git pull --rebase origin hotfix/login-fails
    hint: then: git hotfix ship
    ");
}

#[test]
fn what_was_merged_there_is_fetched_and_recorded() {
    let merged = PullRequestStatus { state: PullRequestState::Merged, merge_commit: Some(id('3')), ..ready() };
    let mut scene = proposed(merged.clone());
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"fetch","text":"fetch main from origin","branch":"main","remote":"origin"}
    then look again
    "#);
    scene.done.push(Done::Fetched { branches: vec!["main".to_owned()] });
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"
    retry not-there-yet: GitHub merged the fix as 333333333, and origin/main does not hold it yet
    hint: git hotfix ship
    ");
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('3'));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"record","text":"record \"fix merged into main as 333333333\"","events":["merged"]}
    note: pull request #7 is merged as 333333333; recorded
    then look again
    "#);
}

#[test]
fn another_head_that_was_merged_holds_the_fix_or_not() {
    let merged = |commit: char, head: char| {
        let state = PullRequestState::Merged;
        let mut scene =
            proposed(PullRequestStatus { state, merge_commit: Some(id(commit)), head: id(head), ..ready() });
        scene.done.push(Done::Fetched { branches: vec!["main".to_owned()] });
        scene.refs.insert("refs/remotes/origin/main".to_owned(), id(commit));
        scene
    };
    let recorded = |scene: &Scene| match scene.plan(&Ship::default()).expect("it is accepted").actions.as_slice() {
        [Action::Record(RecordAction::Events(events))] => match events.as_slice() {
            [EventKind::Merged(landing)] => landing.head.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    insta::assert_snapshot!(merged('d', 'd').shown(&Ship::default()), @"
    needs-human merged-other: pull request #7 was merged at ddddddddd, and hotfix/login-fails here is at bbbbbbbbb
    hint: https://github.com/dev/shop/pull/7
    hint: what is missing needs an incident of its own: git hotfix open
    ");
    // Production has all that the branch here would bring.
    assert_eq!(recorded(&merged('3', 'd')), id('b'));
    // It was merged together with production, or with one more commit of the fix.
    assert_eq!(recorded(&merged('q', 'e')), id('b'));
    assert_eq!(recorded(&merged('q', 'x')), id('x'));
}

fn check(state: CheckState) -> RequiredCheck {
    RequiredCheck { name: "build".to_owned(), state, url: None }
}

#[test]
fn a_wait_ends_when_nothing_changes_and_not_before() {
    let pending = PullRequestStatus { checks: vec![check(CheckState::Pending)], ..ready() };
    let mut scene = proposed(pending.clone());
    let wait = with(ForgeOptions { wait: true, ..ForgeOptions::default() });
    // However often it was looked at.
    for _ in 0..100 {
        scene.done.push(Done::PullRequestStatus(Box::new(pending.clone())));
    }
    insta::assert_snapshot!(scene.shown(&wait), @r#"
    now   {"action":"await-pull-request","text":"wait for pull request #7: build (0 of 1 checks passed)"}
    then look again
    "#);
    scene.done.push(Done::Unchanged(Box::new(pending)));
    insta::assert_snapshot!(scene.shown(&wait), @"
    retry still-waiting: pull request #7 still waits: the check build is running
    hint: git hotfix ship --wait
    ");
}

#[test]
fn a_wait_goes_on_while_nothing_is_to_be_decided() {
    let queue = || BranchRules { queue: true, ..BranchRules::default() };
    let approvals = || BranchRules { approvals: Some(1), ..BranchRules::default() };
    let goes_on = [
        PullRequestStatus { checks: vec![check(CheckState::Passed), check(CheckState::Pending)], ..ready() },
        PullRequestStatus { checks: vec![check(CheckState::Silent)], mergeable: None, ..ready() },
        PullRequestStatus { rules: approvals(), ..ready() },
        PullRequestStatus { mergeable: None, ..ready() },
        PullRequestStatus { blocked: true, ..ready() },
        PullRequestStatus { rules: queue(), ..ready() },
    ];
    assert!(goes_on.iter().all(still_waits));
    let ends = [
        ready(),
        PullRequestStatus { checks: vec![check(CheckState::Failed), check(CheckState::Pending)], ..ready() },
        PullRequestStatus { rules: approvals(), approved_by: vec!["ada".to_owned()], ..ready() },
        PullRequestStatus { rules: approvals(), changes_requested_by: vec!["ada".to_owned()], ..ready() },
        PullRequestStatus { rules: queue(), state: PullRequestState::Merged, ..ready() },
        PullRequestStatus { blocked: true, state: PullRequestState::Closed, ..ready() },
        PullRequestStatus { rules: approvals(), mergeable: Some(false), ..ready() },
        PullRequestStatus { rules: approvals(), behind: true, ..ready() },
    ];
    assert!(!ends.iter().any(still_waits));
}

/// The pull request says what the plan would write next.
fn with_proposal(scene: &mut Scene, step: &Ship) {
    let plan = scene.plan(step).expect("it can be proposed");
    let [Action::Forge(ForgeAction::Propose { proposal })] = plan.actions.as_slice() else { panic!("{plan:?}") };
    assert!(
        proposal.body.contains("- Exception, protection: all is down")
            && proposal.body.contains("- [ ] Review pull request "),
        "{proposal:?}"
    );
    scene.events.push(EventKind::PullRequestOpened(PullRequest {
        number: Some(7),
        url: Some("https://github.com/dev/shop/pull/7".to_owned()),
        state: PullRequestState::Open,
        title: proposal.title.clone(),
        body: proposal.body.clone(),
        head: proposal.head.clone(),
    }));
}

#[test]
fn rules_are_passed_over_with_a_word_before() {
    let missing = PullRequestStatus { rules: BranchRules { approvals: Some(2), ..BranchRules::default() }, ..ready() };
    let admin = with(ForgeOptions { admin: true, reason: Some("all is down".to_owned()), ..ForgeOptions::default() });
    let mut scene = proposed(missing);
    with_proposal(&mut scene, &admin);
    insta::assert_snapshot!(scene.shown(&admin), @r#"
    now   {"action":"merge-pull-request","text":"merge pull request #7 (bbbbbbbbb) into main on GitHub, past its rules: all is down (it has 0 of 2 approvals)","branch":"main","commit":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}
    then look again
    "#);
    // With nothing missing there is nothing to pass over.
    let plan = proposed(ready()).shown(&admin);
    assert!(plan.contains("merge-pull-request") && !plan.contains("past its rules"), "{plan}");
}

#[test]
fn that_rules_were_passed_over_is_recorded_with_the_merge_that_nobody_heard_of() {
    let merged = PullRequestStatus { state: PullRequestState::Merged, merge_commit: Some(id('3')), ..ready() };
    let mut scene = proposed(merged);
    scene.done.push(Done::Fetched { branches: vec!["main".to_owned()] });
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('3'));
    let asked = |past_rules: Option<&str>| {
        let past_rules = past_rules.map(str::to_owned);
        EventKind::LandingStarted(Landing { head: id('b'), lines: Vec::new(), tag: None, past_rules })
    };
    scene.events.push(asked(Some("all is down (it has 0 of 1 approvals)")));
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"record","text":"record \"fix merged into main as 333333333; exception for protection: all is down (it has 0 of 1 approvals); follow-up: Review pull request #7, which was merged past the rules of the branch\"","events":["merged","waived","follow-up-added"]}
    note: pull request #7 is merged as 333333333; recorded
    then look again
    "#);
    // GitHub said no to that, or it was asked again within the rules.
    for event in [EventKind::LandingAborted { reason: "no".to_owned() }, asked(None)] {
        scene.events.push(event);
        assert!(!scene.shown(&Ship::default()).contains("waived"));
    }
}

#[test]
fn a_queue_is_never_jumped() {
    let queue = PullRequestStatus { rules: BranchRules { queue: true, ..BranchRules::default() }, ..ready() };
    let mut scene = proposed(queue.clone());
    insta::assert_snapshot!(scene.shown(&Ship::default()), @r#"
    now   {"action":"merge-when-ready","text":"put pull request #7 into the merge queue","commit":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}
    then look again
    "#);
    scene.done.push(Done::Queued);
    insta::assert_snapshot!(scene.shown(&Ship::default()), @"
    retry queued: pull request #7 waits in the merge queue, and origin/main does not have the fix yet; the branch stays until then
    hint: git hotfix ship --wait   # or later: git hotfix ship
    ");
    let auto = with(ForgeOptions { auto: true, ..ForgeOptions::default() });
    insta::assert_snapshot!(scene.shown(&auto), @"
    then finish:
    pull request #7 merges by itself when GitHub is satisfied
    https://github.com/dev/shop/pull/7
    ");
    let wait = with(ForgeOptions { wait: true, ..ForgeOptions::default() });
    insta::assert_snapshot!(scene.shown(&wait), @r#"
    now   {"action":"await-pull-request","text":"wait for pull request #7"}
    then look again
    "#);
    scene.done.push(Done::Unchanged(Box::new(queue)));
    insta::assert_snapshot!(scene.shown(&wait), @"
    retry still-waiting: pull request #7 still waits: it is in the queue
    hint: git hotfix ship --wait
    ");
}
