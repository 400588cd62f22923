//! Where production is: beside a fork, and after the host renamed its default branch.

use std::path::PathBuf;

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures;

const OPEN: [&str; 4] = ["open", "Login fails", "--severity", "high"];

/// The bare repository of a remote, as a repository to run git in.
fn bare<'s>(repo: &Repo<'s>, name: &str) -> Repo<'s> {
    repo.at(format!("../{name}.git"))
}

/// A clone of the fork `origin`, which lags behind `upstream` by a commit.
fn fork(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let origin = repo.origin().to_string_lossy().into_owned();
    repo.git_ok(["clone", "--quiet", "--bare", &origin, "../upstream.git"]);
    repo.git_ok(["remote", "add", "upstream", "../upstream.git"]);
    repo.git_ok(["fetch", "--quiet", "upstream"]);
    let ahead = repo.git_ok(["commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "Sell more"]);
    repo.git_ok(["push", "--quiet", "upstream", &format!("{ahead}:refs/heads/main")]);
    repo
}

/// `master` was renamed to `main` on the host, and got a commit; `origin/HEAD` here is from before.
fn renamed(sandbox: &Sandbox, leaves_master: bool) -> Repo<'_> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["branch", "--quiet", "--move", "main", "master"]);
    repo.git_ok(["push", "--quiet", "--set-upstream", "origin", "master"]);
    repo.git_ok(["remote", "set-head", "origin", "master"]);
    let ahead = repo.git_ok(["commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "Sell more"]);
    repo.git_ok(["push", "--quiet", repo.origin().to_str().expect("UTF-8"), &format!("{ahead}:refs/heads/main")]);
    let origin = bare(&repo, "origin");
    origin.git_ok(["symbolic-ref", "HEAD", "refs/heads/main"]);
    if !leaves_master {
        origin.git_ok(["branch", "--quiet", "-D", "master"]);
    }
    repo
}

fn at(repo: &Repo<'_>, remote: &str, branch: &str) -> String {
    bare(repo, remote).git_ok(["rev-parse", branch])
}

#[test]
fn a_fork_that_lags_is_not_production() {
    let sandbox = sandbox!();
    let repo = fork(&sandbox);
    // What upstream got meanwhile is not fetched yet.
    let refused = repo.hotfix(OPEN).exits_with(2);
    assert!(refused.stderr().contains("[production] remote"), "{}", refused.stderr());
    assert!(refused.stderr().contains("hint: git config hotfix.production.remote upstream"), "{}", refused.stderr());
    assert_eq!((repo.branch().as_str(), repo.hotfix(["list"]).stdout()), ("main", "no incidents\n"));
    let offline = repo.hotfix([&OPEN[..], &["--offline"]].concat()).exits_with(2);
    assert!(offline.stderr().contains("upstream/main is ahead of origin/main"), "{}", offline.stderr());
    let doctor = repo.hotfix(["doctor"]).exits_with(1);
    assert!(doctor.stdout().contains("fix: git config hotfix.production.remote upstream"), "{}", doctor.stdout());

    repo.git_ok(["config", "hotfix.production.remote", "upstream"]);
    repo.ok(OPEN);
    repo.fix_the_bug();
    let before = at(&repo, "origin", "main");
    repo.ok(["ship", "--yes"]);
    assert_eq!(at(&repo, "origin", "main"), before);
    assert!(bare(&repo, "upstream").git_ok(["show", "main:total.sh"]).contains("/ 100"));
}

#[test]
fn gh_was_told_which_remote_it_is() {
    let sandbox = sandbox!();
    let repo = fork(&sandbox);
    repo.git_ok(["config", "remote.upstream.gh-resolved", "base"]);
    repo.ok(OPEN);
    assert_eq!(repo.head(), at(&repo, "upstream", "main"));
}

#[test]
fn a_fork_that_was_brought_up_to_date_is_only_named_by_the_doctor() {
    let sandbox = sandbox!();
    let repo = fork(&sandbox);
    repo.git_ok(["fetch", "--quiet", "upstream"]);
    repo.git_ok(["push", "--quiet", "origin", "upstream/main:main"]);
    let doctor = repo.hotfix(["doctor"]).success();
    assert!(doctor.stdout().contains("production is there, and not on upstream, is a guess"), "{}", doctor.stdout());
    repo.ok(OPEN);
}

#[test]
fn a_branch_that_the_host_renamed_is_followed() {
    let sandbox = sandbox!();
    let repo = renamed(&sandbox, false);
    let doctor = repo.hotfix(["doctor"]).success();
    assert!(doctor.stdout().contains("fix: git remote set-head origin --auto"), "{}", doctor.stdout());
    let opened = repo.hotfix(OPEN).success();
    assert!(opened.stderr().contains("origin/HEAD here still says master"), "{}", opened.stderr());
    assert_eq!(repo.head(), at(&repo, "origin", "main"));
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    assert!(!repo.remote_refs().contains("master"), "{}", repo.remote_refs());
}

#[test]
fn a_dead_branch_is_not_brought_back() {
    let sandbox = sandbox!();
    let repo = renamed(&sandbox, false);
    repo.git_ok(["config", "hotfix.production.branch", "master"]);
    let refused = repo.hotfix(OPEN).exits_with(3);
    assert!(!refused.stderr().contains("git push"), "{}", refused.stderr());
    assert!(refused.stderr().contains("git config hotfix.production.branch main"), "{}", refused.stderr());
}

#[test]
fn an_incident_follows_when_its_branch_is_renamed() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(OPEN);
    repo.fix_the_bug();
    let origin = bare(&repo, "origin");
    origin.git_ok(["branch", "--quiet", "--move", "main", "trunk"]);
    origin.git_ok(["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    let refused = repo.hotfix(["ship", "--yes"]).exits_with(3);
    let hint = "git config hotfix.production.branch trunk";
    assert!(refused.stderr().contains(hint), "{}", refused.stderr());

    repo.git_ok(["config", "hotfix.production.branch", "trunk"]);
    let shipped = repo.hotfix(["ship", "--yes"]).success();
    assert!(shipped.stderr().contains("production is the branch trunk now"), "{}", shipped.stderr());
    assert!(shipped.stdout().contains("into origin/trunk"), "{}", shipped.stdout());
    assert!(!repo.remote_refs().contains("refs/heads/main"), "{}", repo.remote_refs());
    repo.ok(["close", "--yes"]);
    assert!(origin.git_ok(["log", "-1", "--format=%s", "trunk"]).contains("Record hotfix"));
}

#[test]
fn a_branch_that_was_left_behind_is_asked_about() {
    let sandbox = sandbox!();
    let repo = renamed(&sandbox, true);
    let old = at(&repo, "origin", "master");
    let refused = repo.cargo_hotfix([&OPEN[..], &["--yes"]].concat()).exits_with(2);
    assert!(refused.stderr().contains("[production] branch"), "{}", refused.stderr());
    let json = repo.hotfix([&OPEN[..], &["--json"]].concat()).exits_with(2).json();
    assert_eq!(json["error"]["code"], "which-branch");
    let doctor = repo.hotfix(["doctor"]).exits_with(1);
    assert!(doctor.stdout().contains("fix: git remote set-head origin --auto"), "{}", doctor.stdout());

    repo.git_ok(["remote", "set-head", "origin", "--auto"]);
    repo.ok(OPEN);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    assert_eq!(at(&repo, "origin", "master"), old);
}

#[test]
fn what_is_configured_is_never_asked_about() {
    let sandbox = sandbox!();
    let repo = renamed(&sandbox, true);
    repo.git_ok(["config", "hotfix.production.branch", "master"]);
    repo.ok(OPEN);
    assert_eq!(repo.head(), at(&repo, "origin", "master"));
}

/// ssh stands for this: it knows the name `work`, and "connects" to the repository of `origin` here.
const SSH: &str = r#"#!/bin/sh
if [ "$1" = -G ]; then echo "asked $2" >> "LOG"; echo user git; echo "hostname github.com"; exit; fi
while [ "${1#-}" != "$1" ]; do case $1 in -o|-p|-l) shift 2;; *) shift;; esac; done
shift
cd "FOLDER" && eval "$(echo "$*" | sed 's#.acme/shop.git.#origin.git#')"
"#;

/// A clone whose remote is reached by that ssh, and where it notes what it was asked.
fn alias(sandbox: &Sandbox) -> (Repo<'_>, String, PathBuf) {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let folder = repo.origin().parent().expect("it is in a folder").to_owned();
    let log = folder.join("asked");
    let script = SSH.replace("LOG", &log.to_string_lossy()).replace("FOLDER", &folder.to_string_lossy());
    repo.at("..").hook("ssh-of-work", &script);
    repo.git_ok(["remote", "set-url", "origin", "git@work:acme/shop.git"]);
    let ssh = folder.join("ssh-of-work").to_string_lossy().into_owned();
    (repo, ssh, log)
}

#[test]
fn a_name_of_ssh_is_seen_through() {
    let sandbox = sandbox!();
    let (repo, ssh, log) = alias(&sandbox);
    let mut command = repo.command("git");
    let told = repo.run(command.args(["hotfix", "doctor"]).env("GIT_SSH_COMMAND", &ssh));
    assert!(told.stdout().contains("find a token for github.com"), "{told}");
    assert!(std::fs::read_to_string(&log).expect("it was asked").contains("asked work"));
    let _ = std::fs::remove_file(&log);
    repo.git_ok(["config", "--global", "core.sshCommand", &ssh]);
    let told = repo.hotfix(["doctor"]);
    assert!(told.stdout().contains("find a token for github.com"), "{told}");
}

#[test]
fn looking_starts_no_ssh_that_a_repository_names() {
    let sandbox = sandbox!();
    let (repo, ssh, log) = alias(&sandbox);
    repo.git_ok(["config", "core.sshCommand", &ssh]);
    repo.ok([&OPEN[..], &["--offline"]].concat());
    for command in [&["status"][..], &["list"], &["ship", "--dry-run", "--no-test", "none"], &["doctor", "--offline"]] {
        let _ = repo.hotfix(command);
    }
    assert!(!log.exists(), "{}", std::fs::read_to_string(&log).unwrap_or_default());
    // git starts it to fetch; then it may be asked too.
    let told = repo.hotfix(["doctor"]);
    assert!(told.stdout().contains("find a token for github.com"), "{told}");
    assert!(log.exists());
}

#[test]
fn a_host_that_looks_like_github_is_not_plainly_well() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let url = repo.origin().to_string_lossy().into_owned();
    repo.git_ok(["config", &format!("url.{url}.insteadOf"), "https://github.acme.example/acme/shop.git"]);
    repo.git_ok(["remote", "set-url", "origin", "https://github.acme.example/acme/shop.git"]);
    let doctor = repo.hotfix(["doctor"]).success();
    assert!(doctor.stdout().contains("github.acme.example looks like GitHub"), "{doctor}");
    repo.git_ok(["config", "hotfix.forge.kind", "local"]);
    let doctor = repo.hotfix(["doctor"]).success();
    assert!(!doctor.stdout().contains("looks like GitHub"), "{doctor}");
}

/// git moves no tracking ref of a branch that no fetch rule covers, so what was pushed looks as if it had not arrived.
#[test]
fn a_landing_on_a_branch_that_no_fetch_rule_covers_is_one() {
    let sandbox = sandbox!();
    let ada = sandbox.sample(Sample::Shell).with_remote();
    ada.git_ok(["push", "--quiet", "origin", "main:refs/heads/dev"]);
    let repo = ada.at("../narrow");
    ada.git_ok(["clone", "--quiet", "--single-branch", "--branch", "dev", "../origin.git", "../narrow"]);
    repo.git_ok(["config", "hotfix.production.branch", "main"]);
    repo.ok(OPEN);
    repo.fix_the_bug();
    // Production goes on meanwhile, so that `ship` fetches before it pushes.
    ada.commit_file("other.txt", "other\n", "Do something else");
    ada.git_ok(["push", "--quiet", "origin", "main"]);
    repo.ok(["ship", "--yes"]);
    let log = repo.hotfix(["log", "--ids"]).success();
    let count = |kind: &str| log.stdout().lines().filter(|line| line.split_whitespace().nth(1) == Some(kind)).count();
    assert_eq!([count("landing-started"), count("merged"), count("pull-request-opened")], [1, 1, 1], "{log}");
    assert_eq!(repo.git_ok(["rev-parse", "origin/main"]), at(&repo, "origin", "main"));
}

#[test]
fn a_remote_that_was_renamed_is_named_with_the_line_that_brings_it_back() {
    let sandbox = sandbox!();
    let repo = fixtures::opened(&sandbox);
    repo.fix_the_bug();
    repo.git_ok(["remote", "rename", "origin", "up"]);
    let asking: [&[&str]; 3] = [&["ship", "--yes", "--no-test", "x"], &["close", "--reason", "x"], &["abort"]];
    for command in asking {
        let said = repo.hotfix(command).exits_with(3);
        assert!(
            said.stderr().contains(
                "error: production is on origin, which is no remote here\nhint: git remote rename up origin\n"
            ),
            "{said}"
        );
    }
    let status = repo.hotfix(["status"]).success();
    let line = status.stderr().lines().find_map(|line| line.strip_prefix("next: ")).expect("it is said");
    let doctor = repo.hotfix(["doctor"]);
    assert!(
        doctor.stdout().contains("production is on origin, which is no remote here; fix: git remote rename up origin"),
        "{doctor}"
    );
    let _ = repo.run(repo.command("sh").args(["-c", line])).success();
    repo.ok(["ship", "--yes", "--no-test", "x"]);
}
