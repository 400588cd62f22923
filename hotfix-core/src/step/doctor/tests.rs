use std::path::Path;

use crate::config::Config;
use crate::domain::RefName;
use crate::port::{Abilities, BranchRules, ErrorKind, MergeMethod, Operation, RemoteRefs};
use crate::step::tests::scene::{Scene, id};
use crate::workflow::action::query::{Answer, Examination, QueryError};
use crate::workflow::{Action, Answers, Done, Network, Question, Then, Topic};

use super::{CHECKS, Diagnosis, Doctor};

/// What the outside says to a question; by default that all is well.
fn calm(examination: &Examination) -> Result<Answer, QueryError> {
    Ok(match examination {
        Examination::GitVersion => Answer::Text("2.47.3".to_owned()),
        Examination::Remote { .. } => Answer::Refs(remote(&[("refs/heads/main", 'a')])),
        Examination::ManPage(page) => Answer::Text(format!("/usr/share/man/man1/{page}.1")),
        Examination::Forge { .. } => Answer::Abilities(Box::new(abilities())),
        Examination::Program(_)
        | Examination::Push(_)
        | Examination::PrePush(_)
        | Examination::Signing
        | Examination::Writable(_)
        | Examination::Output(_)
        | Examination::Deployed(_)
        | Examination::Damage
        | Examination::FetchRules { .. }
        | Examination::Objects
        | Examination::Audit { .. }
        | Examination::Doubts(_) => Answer::Text(String::new()),
    })
}

/// A token that may do what is needed, and a branch that demands nothing.
fn abilities() -> Abilities {
    Abilities {
        repository: "dev/shop".to_owned(),
        token_from: "GH_TOKEN".to_owned(),
        login: Some("ada".to_owned()),
        scopes: Some(vec!["repo".to_owned()]),
        can_push: true,
        archived: false,
        methods: vec![MergeMethod::Merge, MergeMethod::Squash],
        auto_merge: true,
        rules: BranchRules::default(),
        approvers: None,
    }
}

fn remote(refs: &[(&str, char)]) -> RemoteRefs {
    let refs = refs.iter().map(|(name, digit)| (RefName::known(*name), id(*digit))).collect();
    RemoteRefs { default_branch: Some("main".to_owned()), aliases: Vec::new(), refs }
}

fn trouble(message: &str) -> Result<Answer, QueryError> {
    Err(QueryError { message: message.to_owned(), hint: None, kind: ErrorKind::CheckFailed })
}

/// Asks round by round, as the front does, until the doctor has a verdict.
fn examine(scene: &mut Scene, answer: impl Fn(&Examination) -> Result<Answer, QueryError>) -> Vec<Diagnosis> {
    examine_as(&Doctor::default(), scene, answer)
}

fn examine_as(
    doctor: &Doctor,
    scene: &mut Scene,
    answer: impl Fn(&Examination) -> Result<Answer, QueryError>,
) -> Vec<Diagnosis> {
    for _ in 0..10 {
        let plan = scene.plan(doctor).expect("the doctor refuses nothing");
        if let Then::Finish(outcome) = plan.then {
            assert_eq!(plan.actions, []);
            let checks = outcome.report.checks.expect("it tells what it found");
            let fails = checks.iter().any(|diagnosis| diagnosis.state == super::Health::Failure);
            assert_eq!(outcome.failure.is_some(), fails);
            return checks;
        }
        assert!(!plan.actions.is_empty());
        for action in plan.actions {
            let Action::Examine(examination) = action else { panic!("{action:?} is no question") };
            scene.done.push(Done::Examined { answer: answer(&examination), examination });
        }
    }
    panic!("the doctor comes to no end");
}

/// What is not well, a line each.
fn ails(scene: &mut Scene, answer: impl Fn(&Examination) -> Result<Answer, QueryError>) -> String {
    let ails = examine(scene, answer).into_iter().filter(|diagnosis| diagnosis.fix.is_some());
    let ails: String = ails.map(|diagnosis| super::line(&diagnosis)).collect();
    scene.readable(&ails)
}

fn online() -> Scene {
    Scene { network: Network::Online, ..Scene::calm() }
}

fn config(text: &str) -> Config {
    Config::resolve(Some(("hotfix.toml", text)), &|_| None, &|_| None).expect("the rules are right")
}

#[test]
fn every_file_of_the_folder_is_a_check() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/step/doctor");
    let names = std::fs::read_dir(folder).expect("the folder is there").flatten();
    let files: std::collections::BTreeSet<String> = names
        .map(|entry| entry.path().file_stem().expect("a file has a name").to_string_lossy().into_owned())
        .filter(|name| name != "mod" && name != "tests" && !name.starts_with('.'))
        .collect();
    let checks = CHECKS.iter().map(|(check, _)| (*check).to_owned()).collect();
    assert_eq!(files, checks);
}

#[test]
fn all_is_well_in_a_calm_world() {
    let mut scene = online();
    let told: String = examine(&mut scene, calm).iter().map(super::line).collect();
    insta::assert_snapshot!(scene.readable(&told), @"
    ✓ ok       git         git 2.47.3
    ✓ ok       repository  /shop
    ✓ ok       identity    Ada <ada@example.com>
    ✓ ok       config      no hotfix.toml on the production branch: all is detected
    ✓ ok       production  origin/main at aaaaaaaaa
    ✓ ok       remote      origin answers
    ✓ ok       push        origin lets us push (rehearsed)
    ✓ ok       branch      hotfix/<slug> is free
    ✓ ok       forge       no hosting service: pull requests are kept in the ledger
    ✓ ok       token       not needed
    ✓ ok       rules       none: no hosting service is asked
    ✓ ok       reviewers   not needed
    ✓ ok       lines       production alone ([release] lines)
    ✓ ok       tag         releases are not tagged ([release] tag)
    ✓ ok       signing     commits are not signed
    ✓ ok       hooks       git runs none here
    ✓ ok       notify      no webhook is told of anything
    ✓ ok       runner      go test ./... (there is a go.mod)
    ✓ ok       deploy      no [deploy] command: ship merges, and somebody else deploys
    ✓ ok       documents   docs/decisions, docs/planning/STATUS.md, docs/planning/TECH-DEBT.md
    ✓ ok       templates   6 documents render
    ✓ ok       incidents   none is open
    ✓ ok       ledger      the record is shared with nobody
    ✓ ok       man         /usr/share/man/man1/git-hotfix.1
    ");
}

#[test]
fn a_remote_that_is_silent_is_one_failure() {
    let silent = |examination: &Examination| match examination {
        Examination::Remote { .. } => trouble("failed to ask origin for its branches: no route to host"),
        other => calm(other),
    };
    insta::assert_snapshot!(ails(&mut online(), silent), @"
    ✗ failure  remote      failed to ask origin for its branches: no route to host; fix: look at `git remote -v`, the network and your access
    ! warning  push        origin does not answer; fix: fix that first, and run it again
    ");
}

#[test]
fn what_the_remote_says_counts() {
    let other = |examination: &Examination| match examination {
        Examination::Remote { .. } => {
            Ok(Answer::Refs(remote(&[("refs/heads/trunk", 'a'), ("refs/heads/hotfix", 'b')])))
        }
        Examination::Push(_) => trouble("origin refuses: you may only read"),
        other => calm(other),
    };
    insta::assert_snapshot!(ails(&mut online(), other), @"
    ✗ failure  production  origin has no branch main; fix: git config hotfix.production.branch NAME
    ✗ failure  push        origin refuses: you may only read; fix: get the right to push to origin
    ✗ failure  branch      the branch hotfix on origin leaves no room for hotfix/<slug>; fix: git config hotfix.branch.prefix fix/, or git fetch origin hotfix && git push origin FETCH_HEAD:refs/heads/hotfix-old :refs/heads/hotfix
    ");
}

#[test]
fn no_network_is_asked_when_that_was_said() {
    let mut scene = Scene { network: Network::Offline, ..Scene::calm() };
    insta::assert_snapshot!(ails(&mut scene, |examination| {
        assert!(!examination.needs_network(), "{examination:?}");
        calm(examination)
    }), @"
    ! warning  remote      not asked (--offline); fix: run it again with a network
    ! warning  push        not asked (--offline); fix: run it again with a network
    ");
}

#[test]
fn a_dry_run_shows_the_questions() {
    insta::assert_snapshot!(Scene::calm().shown(&Doctor::default()), @r#"
    now   {"action":"examine","text":"ask git for its version"}
    now   {"action":"examine","text":"ask origin for its branches"}
    now   {"action":"examine","text":"look for the program go"}
    now   {"action":"examine","text":"look whether docs/decisions/POSTMORTEM.md can be written"}
    now   {"action":"examine","text":"look whether docs/planning/STATUS.md can be written"}
    now   {"action":"examine","text":"look whether docs/planning/TECH-DEBT.md can be written"}
    now   {"action":"examine","text":"read all that is recorded"}
    now   {"action":"examine","text":"ask man for git-hotfix"}
    then look again
    "#);
}

#[test]
fn a_repository_that_is_not_ready() {
    let mut scene = online();
    scene.cuts.push(id('9'));
    scene.refs.insert("refs/heads/hotfix".to_owned(), id('c'));
    scene.refs.remove("refs/remotes/origin/main");
    insta::assert_snapshot!(ails(&mut scene, calm), @"
    ! warning  repository  history is cut off (a shallow clone); fix: git fetch --unshallow
    ! warning  production  origin/main was never fetched; fix: git fetch
    ! warning  push        production is not here; fix: fix that first, and run it again
    ✗ failure  branch      the branch hotfix leaves no room for hotfix/<slug>; fix: git branch --move hotfix hotfix-old
    ");
    let mut scene = online();
    scene.is_bare = true;
    insta::assert_snapshot!(ails(&mut scene, calm), @"
    ✗ failure  repository  a bare repository has no work tree; fix: run hotfix in a clone of it
    ✗ failure  documents   there is no work tree to write them in; fix: run hotfix in a clone
    ");
    let mut scene = online();
    scene.operation = Some(Operation::CherryPick);
    insta::assert_snapshot!(ails(&mut scene, calm), @"! warning  repository  a cherry-pick is unfinished; fix: finish it, or open with --worktree");
}

#[test]
fn programs_that_are_missing_are_named_with_their_keys() {
    let mut scene = online();
    scene.config = config(
        "[test]\ncommand = [\"make\", \"test\"]\ne2e = [\"cypress\"]\n\
         [deploy]\ncommand = [\"./ship.sh\"]\nmigrate = [\"./migrate.sh\"]\nverify = [\"curl\"]\nrollback = [\"nope\"]\n",
    );
    // Not checked out here, but a file of production.
    scene.refs.insert("refs/remotes/origin/main".to_owned(), id('p'));
    let absent = |examination: &Examination| match examination {
        Examination::Program(program) if program != "make" && program != "curl" => trouble("not on PATH"),
        other => calm(other),
    };
    insta::assert_snapshot!(ails(&mut scene, absent), @"
    ✗ failure  runner      test.e2e: `cypress` is not there; fix: install it, or name another one in hotfix.toml
    ✗ failure  deploy      deploy.migrate: `./migrate.sh` is not there, deploy.rollback: `nope` is not there; fix: install it, or name another one in hotfix.toml
    ");
}

#[test]
fn a_deployment_that_nothing_verifies_or_takes_back_is_a_warning() {
    let mut scene = online();
    scene.config = config("[deploy]\ncommand = [\"./ship.sh\"]\n");
    insta::assert_snapshot!(ails(&mut scene, calm), @"! warning  deploy      deploy.command: nothing verifies production; fix: set [deploy] verify");
    let mut scene = online();
    scene.config = config("[deploy]\ncommand = [\"./ship.sh\"]\nverify = \"https://shop.example/health\"\n");
    insta::assert_snapshot!(ails(&mut scene, calm), @"! warning  deploy      deploy.command, deploy.verify (a URL): nothing rolls back; fix: set [deploy] rollback");
}

#[test]
fn rules_here_that_are_wrong_or_others_than_those_of_production() {
    let mut scene = online();
    scene.files.insert("hotfix.toml".to_owned(), b"[guard]\nmax_file = 3\n".to_vec());
    insta::assert_snapshot!(ails(&mut scene, calm), @"! warning  config      no hotfix.toml on the production branch: all is detected; the file here is wrong: read `guard.max_file` (hotfix.toml, line 2): there is no such key; did you mean `guard.max_files`?; fix: correct it");
    scene.files.insert("hotfix.toml".to_owned(), b"[guard]\nmax_files = 3\n".to_vec());
    scene.done.clear();
    insta::assert_snapshot!(ails(&mut scene, calm), @"! warning  config      no hotfix.toml on the production branch: all is detected; the file here differs; fix: commit and push it, to make it count");
}

#[test]
fn signing_is_tried_only_where_commits_are_signed() {
    let broken = |examination: &Examination| match examination {
        Examination::Signing => trouble("failed to sign a commit: gpg: no secret key"),
        other => calm(other),
    };
    assert_eq!(ails(&mut online(), broken), "");
    for value in ["true", "1", "On"] {
        let mut scene = online();
        scene.settings.insert("commit.gpgSign".to_owned(), value.to_owned());
        assert!(ails(&mut scene, broken).contains("no secret key"), "{value}");
    }
}

#[test]
fn what_was_begun_without_an_end_is_told() {
    let mut scene = Scene::fixed();
    scene.network = Network::Online;
    let incident = scene.incident().expect("it is open");
    scene.others = vec![crate::ledger::Summary::from(&incident)];
    let doubtful = |examination: &Examination| match examination {
        Examination::Doubts(_) => Ok(Answer::Text("merge, deploy".to_owned())),
        other => calm(other),
    };
    insta::assert_snapshot!(ails(&mut scene, doubtful), @"! warning  incidents   HF-2026-00000000: how this ended is not known: merge, deploy; fix: git hotfix ship --incident HF-2026-00000000");
    scene.done.clear();
    assert_eq!(ails(&mut scene, calm), "");
}

#[test]
fn what_cannot_be_read_is_told() {
    let damaged = |examination: &Examination| match examination {
        Examination::Damage => Ok(Answer::Text("HF-2026-00000000: event 1f3c: no JSON".to_owned())),
        other => calm(other),
    };
    insta::assert_snapshot!(ails(&mut online(), damaged), @"✗ failure  incidents   HF-2026-00000000: event 1f3c: no JSON; fix: git hotfix ledger repair # brings back what is still here, or what a remote has");
}

#[test]
fn the_machine_can_be_short_of_things() {
    let short = |examination: &Examination| match examination {
        Examination::GitVersion => Ok(Answer::Text("2.20.1".to_owned())),
        Examination::Program(_) => trouble("not on PATH"),
        Examination::Writable(path) => trouble(&format!("failed to write `{path}`: `docs` is a symbolic link")),
        Examination::ManPage(_) => trouble("man has none"),
        other => calm(other),
    };
    insta::assert_snapshot!(ails(&mut online(), short), @"
    ✗ failure  git         git 2.20.1 is too old; fix: install git 2.39 or newer
    ✗ failure  runner      test.command: `go` is not there; fix: install it, or name another one in hotfix.toml
    ✗ failure  documents   failed to write `docs/decisions/POSTMORTEM.md`: `docs` is a symbolic link; fix: make it a plain file or folder that can be written, or set [documents]
    ! warning  man         git hotfix --help has no manual page; git hotfix -h always works; fix: git hotfix man --install
    ");
}

/// What the doctor says of the hosting service.
fn at_github(abilities: Result<Abilities, QueryError>) -> String {
    about_github(abilities, &["forge", "token", "rules"])
}

/// What these checks say of the hosting service.
fn about_github(abilities: Result<Abilities, QueryError>, which: &[&str]) -> String {
    let mut scene = Scene::calm();
    scene.network = Network::Online;
    scene.settings.insert("remote.origin.url".to_owned(), "git@github.com:dev/shop.git".to_owned());
    let checks = examine(&mut scene, |examination| match examination {
        Examination::Forge { branch, .. } => {
            assert_eq!(branch, "main");
            abilities.clone().map(|abilities| Answer::Abilities(Box::new(abilities)))
        }
        other => calm(other),
    });
    checks.iter().filter(|check| which.contains(&check.check)).map(super::line).collect()
}

#[test]
fn says_who_may_approve() {
    let rules = |approvals| BranchRules { protected: true, approvals, ..BranchRules::default() };
    let named = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let with = |approvals, approvers| Abilities { rules: rules(approvals), approvers, ..abilities() };
    let owned = BranchRules { code_owners: true, ..rules(Some(2)) };
    let told = [
        abilities(),
        with(None, None),
        with(Some(1), named(&["bob"])),
        Abilities { rules: owned, ..with(None, named(&["bob", "eve", "kim", "lee", "max", "noa", "ola"])) },
        with(Some(1), None),
        with(Some(1), named(&[])),
        with(Some(2), named(&["bob"])),
    ];
    let told = told.map(|abilities| about_github(Ok(abilities), &["reviewers"]));
    let unknown = about_github(trouble("GitHub answers 401").map(|_| abilities()), &["reviewers"]);
    insta::assert_snapshot!(told.concat() + &unknown, @"
    ✓ ok       reviewers   no approval is needed
    ✓ ok       reviewers   whether approvals are needed is not told to this token
    ✓ ok       reviewers   1 approval needed; may approve: bob
    ✓ ok       reviewers   2 approvals needed, an owner of the code that changes among them; may approve: bob, eve, kim, lee, max and 2 more
    ✓ ok       reviewers   1 approval needed; who may give them is not told to this token
    ✗ failure  reviewers   1 approval needed, and 0 people may write beside ada; fix: invite reviewers who may write, or have somebody at hand who may use ship --admin
    ✗ failure  reviewers   2 approvals needed, and 1 person may write beside ada; fix: invite reviewers who may write, or have somebody at hand who may use ship --admin
    ! warning  reviewers   not known: see forge; fix: fix that first, and run it again
    ");
}

#[test]
fn says_which_lines_there_are_and_which_are_not() {
    let with = |rules: &str, there: &[(&str, char)]| {
        let mut scene = online();
        scene.config = config(rules);
        let there = [&[("refs/heads/main", 'a')], there].concat();
        let checks = examine(&mut scene, |examination| match examination {
            Examination::Remote { .. } => Ok(Answer::Refs(remote(&there))),
            other => calm(other),
        });
        checks.iter().filter(|check| check.check == "lines").map(super::line).collect::<String>()
    };
    let rules = "[release]\nlines = [\"main\", \"develop\", \"release/*\"]\n";
    let develop = ("refs/heads/develop", 'b');
    let told = [
        with("", &[]),
        with("[release]\nlines = [\"main\"]\n", &[]),
        with(rules, &[develop, ("refs/heads/release/1.0", 'c'), ("refs/heads/feature/x", 'd')]),
        with(rules, &[develop]),
        with(rules, &[("refs/heads/develp", 'b')]),
    ];
    insta::assert_snapshot!(told.concat(), @"
    ✓ ok       lines       production alone ([release] lines)
    ✓ ok       lines       main
    ✓ ok       lines       main, develop, release/1.0
    ✓ ok       lines       main, develop
    ! warning  lines       no branch is called develop: nothing gets there; fix: fix [release] lines
    ");
}

#[test]
fn says_which_tag_comes_next_and_whether_it_is_free() {
    let tagged = |rules: &str, here: &[(&str, char)], there: &[(&str, char)]| {
        let mut scene = online();
        scene.config = config(rules);
        scene.refs.extend(here.iter().map(|(name, digit)| ((*name).to_owned(), id(*digit))));
        let there = [&[("refs/heads/main", 'a')], there].concat();
        let checks = examine(&mut scene, |examination| match examination {
            Examination::Remote { refs, .. } => {
                assert!(rules.is_empty() || refs.contains(&RefName::of_tag("v*")), "{refs:?}");
                Ok(Answer::Refs(remote(&there)))
            }
            other => calm(other),
        });
        checks.iter().filter(|check| check.check == "tag").map(super::line).collect::<String>()
    };
    let rules = "[release]\ntag = \"v{version}\"\n";
    let told = [
        tagged("", &[], &[]),
        tagged(rules, &[("refs/tags/v1.4.2", 'a')], &[]),
        tagged(
            rules,
            &[("refs/tags/v1.4.2", 'a')],
            &[("refs/tags/v1.4.2", '9'), ("refs/tags/v1.4.2^{}", 'a'), ("refs/tags/v1.4.3", '8')],
        ),
        tagged(rules, &[("refs/tags/v1.4.2", 'a')], &[("refs/tags/v1.4.2", '9')]),
        tagged(rules, &[], &[]),
    ];
    insta::assert_snapshot!(told.concat(), @"
    ✓ ok       tag         releases are not tagged ([release] tag)
    ✓ ok       tag         the next release is v1.4.3, which is free
    ✓ ok       tag         the next release is v1.4.4, which is free
    ! warning  tag         the tag v1.4.2 names another commit here than on origin; fix: git fetch --force origin refs/tags/v1.4.2:refs/tags/v1.4.2
    ! warning  tag         production has no release that is tagged v{version}; fix: tag the one that it runs, or name the first: ship --tag NAME
    ");
}

#[test]
fn says_what_the_hosting_service_lets_us_do_and_demands() {
    let strict = BranchRules {
        protected: true,
        checks: vec!["build".to_owned(), "lint".to_owned()],
        silent: vec!["lint".to_owned()],
        approvals: Some(1),
        code_owners: false,
        strict: true,
        queue: true,
        forbids: Vec::new(),
    };
    let demanding = Abilities { rules: strict, ..abilities() };
    let weak = Abilities { can_push: false, ..abilities() };
    let narrow = Abilities { scopes: Some(vec!["gist".to_owned()]), ..abilities() };
    let old = Abilities { archived: true, ..abilities() };
    insta::assert_snapshot!(
        [Ok(abilities()), Ok(demanding), Ok(weak), Ok(narrow), Ok(old), Err(trouble("GitHub answers 401").unwrap_err())]
            .map(at_github)
            .join("\n"),
        @"
    ✓ ok       forge       dev/shop at github.com: merges by merge, squash, auto-merge allowed
    ✓ ok       token       the token from GH_TOKEN of ada may push, scopes repo
    ✓ ok       rules       main is not protected

    ✓ ok       forge       dev/shop at github.com: merges by merge, squash, auto-merge allowed
    ✓ ok       token       the token from GH_TOKEN of ada may push, scopes repo
    ! warning  rules       main demands the checks build, lint, 1 approval, to be up to date, the merge queue; never reported there: lint; fix: a required check that does not run blocks every hotfix: let it run for hotfix/** and main

    ✓ ok       forge       dev/shop at github.com: merges by merge, squash, auto-merge allowed
    ✗ failure  token       the token from GH_TOKEN of ada may not push to dev/shop; fix: use one with the rights contents and pull requests (write), or the scope repo
    ✓ ok       rules       main is not protected

    ✓ ok       forge       dev/shop at github.com: merges by merge, squash, auto-merge allowed
    ✗ failure  token       the token from GH_TOKEN of ada has no scope repo; fix: gh auth refresh --scopes repo, or use a token with the scope repo
    ✓ ok       rules       main is not protected

    ✗ failure  forge       dev/shop is archived: it takes no changes; fix: unarchive it in its settings
    ✓ ok       token       the token from GH_TOKEN of ada may push, scopes repo
    ✓ ok       rules       main is not protected

    ✗ failure  forge       GitHub answers 401
    ! warning  token       not known: see forge; fix: fix that first, and run it again
    ! warning  rules       not known: see forge; fix: fix that first, and run it again
    "
    );
}

#[test]
fn asks_no_hosting_service_where_there_is_none() {
    let mut scene = Scene::calm();
    scene.network = Network::Online;
    let checks = examine(&mut scene, |examination| {
        assert!(!matches!(examination, Examination::Forge { .. }));
        calm(examination)
    });
    let ours = checks.iter().filter(|check| matches!(check.check, "forge" | "token" | "rules"));
    insta::assert_snapshot!(ours.map(super::line).collect::<String>(), @"
    ✓ ok       forge       no hosting service: pull requests are kept in the ledger
    ✓ ok       token       not needed
    ✓ ok       rules       none: no hosting service is asked
    ");
}

/// A hook in `.git/hooks`: a script, and whether it may run.
type Hook = (&'static str, &'static str, bool);

fn hook(name: &'static str) -> Hook {
    (name, "#!/bin/sh\n", true)
}

/// A scene with these hooks.
fn hooked(hooks: &[Hook]) -> Scene {
    let hooks = hooks.iter().map(|(name, script, may_run)| ((*name).to_owned(), ((*script).to_owned(), *may_run)));
    Scene { hooks: hooks.collect(), ..online() }
}

fn about_hooks(
    doctor: &Doctor,
    mut scene: Scene,
    answer: impl Fn(&Examination) -> Result<Answer, QueryError>,
) -> String {
    let checks = examine_as(doctor, &mut scene, answer);
    checks.iter().filter(|check| check.check == "hooks").map(super::line).collect()
}

#[test]
fn names_the_hooks_and_when_they_run_and_runs_none() {
    let runs_none = |examination: &Examination| {
        assert!(!matches!(examination, Examination::PrePush(_)));
        calm(examination)
    };
    let told = |scene| about_hooks(&Doctor::default(), scene, runs_none);
    let several = [hook("pre-push"), hook("pre-commit"), hook("commit-msg")];
    let mut hosted = hooked(&several);
    hosted.settings.insert("remote.origin.url".to_owned(), "git@github.com:dev/shop.git".to_owned());
    hosted.config = config("[records]\ndeliver = \"pull-request\"\n");
    let mut lost = online();
    lost.settings.insert("core.hooksPath".to_owned(), ".husky/_".to_owned());
    let mut alone = hooked(&several);
    alone.remotes.clear();
    let gone = |name| (name, "#!node\n", true);
    let told = [
        told(hooked(&several)),
        told(Scene { head: Scene::fixed().head, ..hooked(&several) }),
        told(hosted),
        told(alone),
        told(hooked(&[("pre-push", "#!/bin/sh\n", false), hook("pre-commit")])),
        told(hooked(&[gone("pre-push"), gone("pre-commit")])),
        told(lost),
    ];
    insta::assert_snapshot!(told.concat(), @"
    ✓ ok       hooks       in .git/hooks: pre-push: at pr, ship and close, for hotfix/<slug> and main; pre-commit, commit-msg: at every commit, yours and hotfix's in the work tree; none was run: `git hotfix doctor --hooks` tries pre-push
    ✓ ok       hooks       in .git/hooks: pre-push: at pr, ship and close, for hotfix/login-fails and main; pre-commit, commit-msg: at every commit, yours and hotfix's in the work tree; none was run: `git hotfix doctor --hooks` tries pre-push
    ✓ ok       hooks       in .git/hooks: pre-push: at pr, ship and close, for hotfix/<slug>; pre-commit, commit-msg: at every commit, yours and hotfix's in the work tree; none was run: `git hotfix doctor --hooks` tries pre-push
    ✓ ok       hooks       in .git/hooks: pre-push: never, nothing is pushed; pre-commit, commit-msg: at every commit, yours and hotfix's in the work tree
    ! warning  hooks       .git/hooks/pre-push is not executable: git passes over it; in .git/hooks: pre-commit: at every commit, yours and hotfix's in the work tree; fix: chmod +x .git/hooks/pre-push, or remove it
    ! warning  hooks       .git/hooks/pre-push cannot run, node is not there: pushes fail, and may wait for ever; .git/hooks/pre-commit cannot run: node is not there; fix: install that, or correct the first line of .git/hooks/pre-push
    ! warning  hooks       core.hooksPath names .husky/_, which is not there: git runs no hook; fix: npm install, which makes it
    ");
}

#[test]
fn runs_pre_push_with_a_yes_only() {
    let doctor = Doctor { hooks: true, fix: false };
    let scene = || hooked(&[hook("pre-push"), hook("commit-msg")]);
    let plan = scene().plan(&doctor).expect("it refuses nothing");
    assert!(matches!(plan.then, Then::Ask(Question::Confirm { topic: Topic::Hooks, .. })) && plan.actions.is_empty());
    let with = |answer: bool, scene: Scene| Scene {
        answers: Answers { confirmed: vec![(Topic::Hooks, answer)], ..Answers::default() },
        ..scene
    };
    let plan = with(false, scene()).plan(&doctor).expect("it refuses nothing");
    let Then::Finish(outcome) = plan.then else { panic!("a no ends it") };
    assert!(plan.actions.is_empty() && outcome.failure.is_some_and(|failure| failure.code.as_str() == "declined"));
    // Nothing to run, and so nothing to ask about.
    let uploading = ("pre-push", "#!/bin/sh\ngit lfs pre-push \"$@\"\n", true);
    let nothing = |hook| about_hooks(&doctor, hooked(&[hook]), calm);

    let forbids = |branch: &'static str| {
        move |examination: &Examination| match examination {
            Examination::PrePush(asked) if asked.push.updates.iter().any(|update| update.name.ends_with(branch)) => {
                trouble("says no (exit code 1): not here")
            }
            other => calm(other),
        }
    };
    let mut hosted = scene();
    hosted.settings.insert("remote.origin.url".to_owned(), "git@github.com:dev/shop.git".to_owned());
    let told = [
        nothing(uploading),
        nothing(("pre-push", "#!/bin/sh\n", false)),
        about_hooks(&doctor, with(true, scene()), calm),
        about_hooks(&doctor, with(true, scene()), forbids("main")),
        about_hooks(&doctor, with(true, scene()), forbids("")),
        about_hooks(&doctor, with(true, hosted), forbids("main")),
    ];
    insta::assert_snapshot!(told.concat(), @"
    ✓ ok       hooks       in .git/hooks: pre-push: at pr, ship and close, for hotfix/<slug> and main; none was run: pre-push uploads files (Git LFS)
    ! warning  hooks       .git/hooks/pre-push is not executable: git passes over it; fix: chmod +x .git/hooks/pre-push, or remove it
    ✓ ok       hooks       in .git/hooks: pre-push: at pr, ship and close, for hotfix/<slug> and main; commit-msg: at every commit, yours and hotfix's in the work tree; pre-push lets hotfix/doctor-rehearsal and main pass; no other was run
    ✗ failure  hooks       .git/hooks/pre-push, run as for a push of main, says no (exit code 1): not here; pre-push lets hotfix/doctor-rehearsal pass; fix: let .git/hooks/pre-push pass main, or have the pushed hotfix branch merged by pull request (git hotfix pr), which ship takes over, or once without git's hooks: git -c core.hooksPath=/dev/null hotfix ship
    ✗ failure  hooks       .git/hooks/pre-push, run as for a push of hotfix/doctor-rehearsal, says no (exit code 1): not here; .git/hooks/pre-push, run as for a push of main, says no (exit code 1): not here; fix: let .git/hooks/pre-push pass hotfix/doctor-rehearsal (where it goes by the branch that is checked out, here main: run it again on a hotfix branch), or once without git's hooks: git -c core.hooksPath=/dev/null hotfix ship
    ! warning  hooks       .git/hooks/pre-push, run as for a push of main, says no (exit code 1): not here; pre-push lets hotfix/doctor-rehearsal pass; fix: let .git/hooks/pre-push pass main, or: git config hotfix.records.deliver pull-request
    ");
}
