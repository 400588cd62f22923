//! How many git programs a command starts: each costs milliseconds, and more on a large repository.

use hotfix_tests::{Repo, Sample, Shim, sandbox};

/// Runs a command, which must succeed, and counts the git programs it started.
fn git_children(repo: &Repo<'_>, arguments: &[&str]) -> usize {
    let shim = Shim::new(repo.sandbox(), &["git"]);
    let _ = repo.run(shim.command(repo, "git-hotfix").args(arguments)).success();
    println!("{}: {} git programs", arguments.join(" "), shim.calls());
    shim.calls()
}

#[test]
fn commands_start_few_git_programs() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let open = git_children(&repo, &["open", "Coupons", "--severity", "high"]);
    assert!((1..=8).contains(&open), "open: {open}");
    repo.fix_the_bug();
    assert!(git_children(&repo, &["status"]) <= 3);
    let ship = git_children(&repo, &["ship", "--yes"]);
    assert!((1..=25).contains(&ship), "ship with a remote: {ship}");
    let close = git_children(&repo, &["close"]);
    assert!((1..=20).contains(&close), "close with a remote: {close}");
}

#[test]
fn shipping_without_a_remote_starts_few_git_programs() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    assert!(git_children(&repo, &["open", "Coupons", "--severity", "high"]) <= 8);
    repo.fix_the_bug();
    let ship = git_children(&repo, &["ship", "--yes"]);
    assert!((1..=25).contains(&ship), "{ship}");
    assert!(git_children(&repo, &["list", "--all"]) <= 3);
}
