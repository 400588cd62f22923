//! The harness keeps the machine out, and its samples have the bug that they promise.

use std::collections::BTreeSet;

use hotfix_tests::{Sample, sandbox};

#[test]
fn a_sandbox_has_an_identity_and_dates_of_its_own() {
    let sandbox = sandbox!();
    let shop = sandbox.sample(Sample::Shell);
    let config = shop.git_ok(["config", "--list", "--show-origin"]);
    for line in config.lines() {
        let is_ours = line.starts_with("file:.git/") || line.contains(&*sandbox.git_config_file().to_string_lossy());
        assert!(is_ours, "{line} comes from outside");
    }
    assert_eq!(shop.git_ok(["log", "-1", "--format=%an <%ae> %aI %cI"]), {
        "Alex Doe <alex@example.com> 2026-01-05T09:00:00Z 2026-01-05T09:00:00Z"
    });
}

#[test]
fn a_sandbox_sees_nothing_of_our_environment() {
    let sandbox = sandbox!();
    let seen = sandbox.run(&mut sandbox.command("env", sandbox.root())).success();
    let names: Vec<&str> = seen.stdout().lines().filter_map(|line| line.split('=').next()).collect();
    let allowed = ["PATH", "HOME", "TMPDIR", "TZ", "LC_ALL", "PWD", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];
    for name in names {
        let fixed = ["CARGO_NET_OFFLINE", "CARGO_INCREMENTAL", "CARGO_PROFILE_DEV_DEBUG"];
        let is_fixed = name.starts_with("GIT_") || fixed.contains(&name);
        assert!(is_fixed || allowed.contains(&name), "{name} is passed on");
    }
}

#[test]
fn both_programs_are_found_by_git_and_by_cargo() {
    let sandbox = sandbox!();
    let shop = sandbox.sample(Sample::Shell);
    assert!(shop.git(["hotfix", "-h"]).success().stdout().contains("git hotfix"));
    assert!(shop.cargo_hotfix(["-h"]).success().stdout().contains("cargo hotfix"));
}

#[test]
fn a_clone_has_the_remote_as_another_person_sees_it() {
    let sandbox = sandbox!();
    let shop = sandbox.sample(Sample::Shell).with_remote();
    assert_eq!(shop.git_ok(["symbolic-ref", "refs/remotes/origin/HEAD"]), "refs/remotes/origin/main");
    let colleague = shop.clone_as("colleague");
    assert_eq!(colleague.head(), shop.head());
    colleague.commit_file("NOTES.md", "Hello.\n", "Say hello");
    colleague.git_ok(["push", "--quiet"]);
    assert!(shop.remote_refs().contains(&format!("{}\trefs/heads/main", colleague.head())));
}

/// What a sample project's own test runner says: on production, with the test alone, and with the fix.
fn test_runs(shop: Sample, command: &[&str]) -> [bool; 3] {
    let sandbox = sandbox!();
    let repo = sandbox.sample(shop);
    let passes = || {
        let (program, arguments) = command.split_first().expect("there is a program");
        repo.run(repo.command(program).args(arguments)).code() == Some(0)
    };
    let production = passes();
    repo.write_regression_test();
    let with_test = passes();
    repo.write_fix();
    [production, with_test, passes()]
}

#[test]
fn a_regression_test_fails_exactly_while_the_bug_is_there() {
    assert_eq!(test_runs(Sample::Shell, &["sh", "test/all.sh"]), [true, false, true]);
    assert_eq!(test_runs(Sample::Cargo, &["cargo", "test", "--quiet"]), [true, false, true]);
}

#[test]
fn every_shop_commits_all_its_files() {
    for shop in Sample::ALL {
        let sandbox = sandbox!();
        let repo = sandbox.sample(shop);
        assert_eq!(repo.git_ok(["status", "--porcelain", "--ignored"]), "", "{shop:?}");
        repo.fix_the_bug();
        let changed = repo.git_ok(["diff", "--name-status", "HEAD~", "HEAD"]);
        let kinds: BTreeSet<_> = changed.lines().filter_map(|line| line.chars().next()).collect();
        assert_eq!(kinds, BTreeSet::from(['A', 'M']), "{shop:?}:\n{changed}");
    }
}
