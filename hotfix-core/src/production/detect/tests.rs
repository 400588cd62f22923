use crate::config::Config;
use crate::domain::RefName;
use crate::port::RemoteRefs;
use crate::step::tests::scene::{Scene, id};
use crate::workflow::{Answers, Done, Network, Topic};

use super::{Learnt, detect};

/// `origin` is a fork at `aaaa…`; `upstream` is at `cccc…`, which holds it.
fn fork() -> Scene {
    let mut scene = Scene::calm();
    scene.remotes = vec!["origin".to_owned(), "upstream".to_owned()];
    scene.refs.insert("refs/remotes/upstream/main".to_owned(), id('c'));
    for (name, owner) in [("origin", "ada"), ("upstream", "acme")] {
        scene.settings.insert(format!("remote.{name}.url"), format!("git@github.com:{owner}/shop.git"));
    }
    scene
}

/// `origin` renamed `master` to `main`, and is asked about `master`, which may be there still.
fn renamed(has_master: bool) -> Scene {
    let mut scene = Scene::calm();
    scene.settings.insert("refs/remotes/origin/HEAD".to_owned(), "refs/remotes/origin/master".to_owned());
    scene.refs.insert("refs/remotes/origin/master".to_owned(), id('a'));
    let master = (RefName::of_branch("master"), id('a'));
    let refs = RemoteRefs {
        default_branch: Some("main".to_owned()),
        aliases: Vec::new(),
        refs: Some(master).filter(|_| has_master).into_iter().collect(),
    };
    let asked = vec![RefName::of_branch("master")];
    scene.done = vec![Done::Inspected { remote: "origin".to_owned(), asked, refs }];
    scene.network = Network::Online;
    scene
}

#[track_caller]
fn check(scene: &Scene, expected: &str) {
    let config = Config::resolve(None, &|key| scene.settings.get(key).cloned(), &|_| None).expect("it is right");
    let repository = scene.lay_out();
    let look = scene.look(&repository);
    let known = scene.done.iter().cloned().collect();
    let learnt = Learnt { known: &known, answers: Some(&scene.answers), network: scene.network };
    let found = match detect(look, &config, learnt) {
        Ok(production) => production.display_name(),
        Err(refusal) => {
            let hints = refusal.hints.iter().map(|hint| format!("\n{hint}")).collect::<String>();
            format!("{} {}: {refusal}{hints}", refusal.kind.key(), refusal.code)
        }
    };
    assert_eq!(found, expected);
}

fn set(mut scene: Scene, key: &str, value: &str) -> Scene {
    scene.settings.insert(key.to_owned(), value.to_owned());
    scene
}

fn confirmed(topic: Topic, answer: bool) -> Answers {
    Answers { confirmed: vec![(topic, answer)], ..Answers::default() }
}

const WHICH_REMOTE: &str = "usage which-remote: upstream/main is ahead of origin/main: [production] remote has to say which of them production is\n\
    git config hotfix.production.remote upstream   # origin/main is a fork of it, or a copy\n\
    git config hotfix.production.remote origin   # production is there all the same";

#[test]
fn a_fork_that_lags_is_not_taken_for_production() {
    check(&fork(), WHICH_REMOTE);
    check(&Scene { answers: confirmed(Topic::Remote, true), ..fork() }, "upstream/main");
    check(&Scene { answers: confirmed(Topic::Remote, false), ..fork() }, WHICH_REMOTE);
    check(&set(fork(), "hotfix.production.remote", "upstream"), "upstream/main");
    check(&set(fork(), "hotfix.production.remote", "origin"), "origin/main");
}

#[test]
fn another_remote_that_is_not_ahead_changes_nothing() {
    let mut even = fork();
    even.refs.insert("refs/remotes/upstream/main".to_owned(), id('a'));
    check(&even, "origin/main");
    let mut apart = fork();
    apart.refs.insert("refs/remotes/upstream/main".to_owned(), id('o'));
    check(&apart, "origin/main");
    // Not judged before origin was asked: what was fetched of it may be old.
    check(&Scene { network: Network::Online, ..fork() }, "origin/main");
}

#[test]
fn the_other_production_branch_may_have_another_name() {
    let mut scene = set(fork(), "refs/remotes/upstream/HEAD", "refs/remotes/upstream/trunk");
    scene.refs.remove("refs/remotes/upstream/main");
    scene.refs.insert("refs/remotes/upstream/trunk".to_owned(), id('c'));
    check(&Scene { answers: confirmed(Topic::Remote, true), ..scene }, "upstream/trunk");
}

#[test]
fn what_gh_was_told_counts_unless_something_is_configured() {
    check(&set(fork(), "remote.upstream.gh-resolved", "base"), "upstream/main");
    check(&set(fork(), "remote.origin.gh-resolved", "base"), "origin/main");
    check(&set(fork(), "remote.origin.gh-resolved", "Acme/shop"), "upstream/main");
    check(&set(fork(), "remote.origin.gh-resolved", "github.com/ada/shop"), "origin/main");
    let both = set(fork(), "remote.upstream.gh-resolved", "base");
    check(&set(both, "hotfix.production.remote", "origin"), "origin/main");
}

#[test]
fn a_base_that_no_remote_leads_to_is_refused() {
    let mut scene = set(Scene::calm(), "remote.origin.gh-resolved", "acme/shop");
    scene.settings.insert("remote.origin.url".to_owned(), "git@github.com:ada/shop.git".to_owned());
    check(
        &scene,
        "usage which-remote: production is in acme/shop (gh says so: remote.origin.gh-resolved), and no remote leads there\n\
         git remote add upstream git@github.com:acme/shop.git && git fetch upstream\n\
         git config hotfix.production.remote origin   # production is on origin all the same",
    );
}

#[test]
fn what_the_remote_says_of_its_default_branch_beats_what_is_known_here() {
    check(&renamed(false), "origin/main");
    let doubt = "usage which-branch: origin's default branch is main, and origin/HEAD here still says master: \
        [production] branch has to say which of them production is\n\
        git remote set-head origin --auto   # main, as origin says\n\
        git config hotfix.production.branch main   # or master";
    check(&renamed(true), doubt);
    check(&Scene { answers: confirmed(Topic::Branch, true), ..renamed(true) }, "origin/main");
    check(&set(renamed(true), "hotfix.production.branch", "master"), "origin/master");
    check(&set(renamed(false), "gitflow.branch.master", "master"), "origin/main");
}

#[test]
fn offline_it_is_as_of_the_last_fetch() {
    check(&Scene { done: Vec::new(), network: Network::Offline, ..renamed(false) }, "origin/master");
    // A fetch that prunes leaves the name behind.
    let mut pruned = Scene { done: Vec::new(), network: Network::Offline, ..renamed(false) };
    pruned.refs.remove("refs/remotes/origin/master");
    check(&pruned, "origin/main");
}
