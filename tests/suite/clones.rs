//! Two people, two clones and one remote: whatever they do in whatever order, no fix is lost and no landing is half.

use std::cell::Cell;

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::effort::full_or;

const RULES: &str = "\
[release]
lines = [\"main\", \"develop\"]
tag = \"v{version}\"
[test]
command = [\"true\"]
";

/// What one of them does.
#[derive(Debug, Clone, Copy)]
enum Move {
    /// Opens an incident and commits a fix.
    Open,
    /// Goes on with the fix.
    Commit,
    Ship,
    Abort,
    /// Somebody else goes on with a line.
    Push(&'static str),
}

fn moves() -> impl Strategy<Value = Vec<(usize, Move)>> {
    let one = prop_oneof![
        3 => Just(Move::Open),
        1 => Just(Move::Commit),
        4 => Just(Move::Ship),
        1 => Just(Move::Abort),
        1 => Just(Move::Push("main")),
        1 => Just(Move::Push("develop")),
    ];
    prop::collection::vec((0_usize..2, one), 6..14)
}

/// A person: a clone, and the fixes that were called shipped.
struct Person<'s> {
    clone: Repo<'s>,
    name: &'static str,
    number: usize,
    shipped: Vec<String>,
}

impl Person<'_> {
    fn does(&mut self, what: Move) {
        self.number += 1;
        let clone = &self.clone;
        let name = format!("{}-{}", self.name, self.number);
        match what {
            Move::Open => {
                let _ = clone.hotfix(["open", &name, "--severity", "high"]);
                if clone.branch().starts_with("hotfix/") {
                    clone.commit_file(&format!("{name}.txt"), &name, &name);
                }
            }
            Move::Commit if clone.branch().starts_with("hotfix/") => {
                clone.commit_file(&format!("{name}.txt"), &name, &name);
            }
            Move::Commit => {}
            Move::Ship => {
                let tip = clone.head();
                let on_branch = clone.branch().starts_with("hotfix/");
                let ship = clone.hotfix(["ship", "--yes"]);
                if ship.code() == Some(0) && on_branch && ship.stdout().contains("merged ") {
                    self.shipped.push(tip);
                }
                assert!(!matches!(ship.code(), None | Some(70 | 101)), "{ship}");
            }
            Move::Abort => drop(clone.hotfix(["abort"])),
            Move::Push(line) => {
                clone.git_ok(["fetch", "--quiet", "origin"]);
                let tree = clone.git_ok(["rev-parse", &format!("origin/{line}^{{tree}}")]);
                let commit = clone.git_ok(["commit-tree", "-p", &format!("origin/{line}"), "-m", &name, &tree]);
                let _ = clone.git(["push", "--quiet", "origin", &format!("{commit}:refs/heads/{line}")]);
            }
        }
    }
}

/// Whatever the record of anybody calls merged is on every line, and so is what is tagged.
fn assert_whole(watcher: &Repo<'_>, people: &[Person<'_>], story: &str) {
    watcher.git_ok(["fetch", "--quiet", "--tags", "origin"]);
    let is_on = |commit: &str, line: &str| {
        watcher.git(["merge-base", "--is-ancestor", commit, &format!("origin/{line}")]).code() == Some(0)
    };
    for fix in people.iter().flat_map(|person| &person.shipped) {
        assert!(is_on(fix, "main") && is_on(fix, "develop"), "{fix} is lost: {story}");
    }
    let merges = watcher.git_ok(["log", "--first-parent", "--merges", "--format=%H %P", "origin/main"]);
    for merge in merges.lines() {
        let words: Vec<&str> = merge.split(' ').collect();
        let [merge, _, fix] = words.as_slice() else { continue };
        assert!(is_on(fix, "develop"), "{fix} is on main alone: {story}");
        let tags = watcher.git_ok(["tag", "--points-at", merge]);
        assert_eq!(tags.lines().count(), 1, "{merge} has no tag of its own: {story}");
    }
    let merges = watcher.git_ok(["log", "--first-parent", "--merges", "--format=%H %P", "origin/develop"]);
    for merge in merges.lines() {
        let fix = merge.split(' ').nth(2).unwrap_or_default();
        assert!(is_on(fix, "main"), "{fix} is on develop alone: {story}");
    }
    watcher.git_ok(["fsck", "--strict", "--no-dangling"]);
}

fn template(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.sample(Sample::Shell);
    repo.commit_file("hotfix.toml", RULES, "Set the rules");
    let repo = repo.with_remote();
    repo.git_ok(["tag", "v1.0.0"]);
    repo.git_ok(["branch", "develop"]);
    repo.git_ok(["push", "--quiet", "origin", "develop", "v1.0.0"]);
    repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
    repo
}

#[test]
fn no_interleaving_of_two_people_loses_a_fix_or_publishes_half() {
    let template_sandbox = sandbox!();
    let template = template(&template_sandbox);
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(full_or(6, 2));
    let config = Config { cases, max_shrink_iters: 8, failure_persistence: None, ..Config::default() };
    let shipped = Cell::new(0);
    let result = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
    .run(&moves(), |moves| {
        let sandbox = sandbox!();
        let watcher = sandbox.copy_of(&template);
        let person = |name| Person { clone: watcher.clone_as(name), name, number: 0, shipped: Vec::new() };
        let mut people = [person("ada"), person("bob")];
        let story = format!("{moves:?}");
        for (who, what) in moves {
            people[who].does(what);
            assert_whole(&watcher, &people, &story);
        }
        // Whatever was left half way is finished by the same command.
        for person in &mut people {
            person.does(Move::Ship);
        }
        assert_whole(&watcher, &people, &story);
        shipped.set(shipped.get() + people.iter().map(|person| person.shipped.len()).sum::<usize>());
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
    assert!(shipped.get() > 0, "nobody shipped anything: the test shows nothing");
}
