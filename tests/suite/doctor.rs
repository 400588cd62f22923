//! The doctor in real repositories: it sees what is wrong, and changes nothing.

use std::os::unix::fs::symlink;

use hotfix_tests::{Repo, Sample, sandbox};
use serde_json::Value;

use crate::fixtures::{reject_main, sample_with};

/// The state and message of a check, in one run that must end with this code and change nothing.
#[track_caller]
fn check(repo: &Repo<'_>, id: &str, code: i32) -> (String, String) {
    let before = repo.state();
    let objects = repo.git_ok(["count-objects", "-v"]);
    let document = repo.hotfix(["doctor", "--json"]).exits_with(code).json();
    assert_eq!((repo.state(), repo.git_ok(["count-objects", "-v"])), (before, objects), "{document:#}");
    let checks = document["checks"].as_array().cloned().unwrap_or_default();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let found = checks.iter().find(|check| check["check"] == id).cloned().unwrap_or_default();
    (text(&found, "state"), text(&found, "message"))
}

#[track_caller]
fn fails(repo: &Repo<'_>, id: &str, because: &str) {
    let (state, message) = check(repo, id, 1);
    assert!(state == "failure" && message.contains(because), "{id}: {state}: {message}");
}

#[test]
fn a_good_repository_is_ready_with_and_without_a_remote_and_an_incident() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    assert_eq!(check(&repo, "remote", 0), ("ok".into(), "none: hotfixes are merged here".into()));
    let repo = repo.with_remote();
    // The rehearsal meets neither our hooks nor those of the server.
    repo.hook(".git/hooks/pre-push", "#!/bin/sh\necho x >>../hooked\nexit 1\n");
    reject_main(&repo, "update");
    assert_eq!(check(&repo, "push", 0), ("ok".into(), "origin lets us push (rehearsed)".into()));
    assert!(!repo.has("../hooked"));
    repo.ok(["open", "Coupons", "--severity", "high"]);
    assert!(check(&repo, "incidents", 0).1.ends_with(" is open: Coupons"));
}

#[test]
fn what_is_wrong_with_the_remote_is_a_failure() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["config", "remote.origin.pushUrl", "../nowhere.git"]);
    fails(&repo, "push", "does not appear to be a git repository");
    repo.git_ok(["remote", "set-url", "origin", "git://127.0.0.1:1/none.git"]);
    fails(&repo, "remote", "failed to ask origin for its branches");
    let offline = repo.hotfix(["doctor", "--offline"]).success();
    assert!(offline.stdout().contains("not asked (--offline)"), "{offline}");
}

#[test]
fn nobody_to_commit_as_is_a_failure_and_stops_no_other_check() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let mut command = repo.command("git");
    command.args(["-c", "user.useConfigOnly=true", "hotfix", "doctor"]).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = repo.run(&mut command).exits_with(1);
    assert!(output.stdout().contains("✗ failure  identity"), "{output}");
    assert!(output.stdout().contains("✓ ok       push"), "{output}");
}

#[test]
fn wrong_rules_are_named_with_their_line_and_stop_no_other_check() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[guard]\nmax_file = 3\n");
    fails(&repo, "config", "line 2): there is no such key; did you mean `guard.max_files`?");
    assert_eq!(check(&repo, "push", 1).0, "ok");
}

#[test]
fn programs_that_cannot_be_started_are_a_failure() {
    let sandbox = sandbox!();
    let rules = "\
[test]
command = [\"no-such-runner\"]
[deploy]
command = [\"./deploy.sh\"]
verify = [\"sh\"]
";
    let repo = sample_with(&sandbox, rules);
    fails(&repo, "runner", "`no-such-runner` is not there");
    fails(&repo, "deploy", "`./deploy.sh` is not there");
    repo.write("deploy.sh", "#!/bin/sh\n");
    fails(&repo, "deploy", "`./deploy.sh` is not there");
    repo.hook("deploy.sh", "#!/bin/sh\necho x >>../ran\n");
    assert_eq!(
        check(&repo, "deploy", 1),
        ("warning".into(), "deploy.command, deploy.verify: nothing rolls back".into())
    );
    assert!(!repo.has("../ran"));
}

#[test]
fn documents_behind_a_link_are_a_failure() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    std::fs::create_dir(sandbox.root().join("elsewhere")).expect("the sandbox is ours");
    symlink("../elsewhere", repo.folder().join("docs")).expect("the sandbox is ours");
    fails(&repo, "documents", "`docs` is a symbolic link");
}

#[test]
fn signing_is_tried_with_a_commit_that_nobody_keeps() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["config", "commit.gpgSign", "true"]);
    repo.git_ok(["config", "gpg.program", "false"]);
    fails(&repo, "signing", "gpg failed to sign");
    // What git expects of gpg: a line on its status stream, and the signature.
    repo.hook("../gpg", "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\necho signature\n");
    repo.git_ok(["config", "gpg.program", &sandbox.root().join("gpg").display().to_string()]);
    assert_eq!(check(&repo, "signing", 0), ("ok".into(), "a throw-away commit was signed".into()));
}

#[test]
fn a_deployment_without_an_end_is_told() {
    let sandbox = sandbox!();
    let rules = "\
[deploy]
command = [\"sh\", \"-c\", \"kill -9 $PPID\"]
verify = [\"true\"]
rollback = [\"true\"]
";
    let repo = sample_with(&sandbox, rules);
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.fix_the_bug();
    let _ = repo.hotfix(["ship", "--yes", "--no-test", "nothing to run"]);
    let (state, message) = check(&repo, "incidents", 0);
    assert!(state == "warning" && message.ends_with("how this ended is not known: deploy"), "{state}: {message}");
}

#[test]
fn no_repository_is_a_refusal() {
    let sandbox = sandbox!();
    let output = sandbox.run(sandbox.command("git", sandbox.root()).args(["hotfix", "doctor"]));
    assert!(output.exits_with(3).stderr().contains("hint: cd into a repository"));
}

/// The stubs of husky, which run what lies beside their folder; `core.hooksPath` names theirs.
fn husky(repo: &Repo<'_>) {
    repo.write(".husky/_/h", "");
    for name in ["pre-push", "pre-commit", "post-checkout"] {
        let stub = format!("#!/bin/sh\nexec sh -e .husky/{name} \"$@\"\n");
        repo.hook(&format!(".husky/_/{name}"), &stub);
    }
    repo.git_ok(["config", "core.hooksPath", ".husky/_"]);
}

#[test]
fn the_hooks_of_the_repository_are_named_and_none_is_run() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    assert_eq!(check(&repo, "hooks", 0), ("ok".into(), "git runs none here".into()));
    repo.write(".git/hooks/pre-push.sample", "#!/bin/sh\n");
    repo.hook(".git/hooks/commit-msg", "#!/bin/sh\necho x >>../ran\n");
    let message = "in .git/hooks: commit-msg: at every commit, yours and hotfix's in the work tree";
    assert_eq!(check(&repo, "hooks", 0), ("ok".into(), message.into()));
    husky(&repo);
    repo.write(".husky/pre-push", "echo x >>../ran\nexit 1\n");
    let message = "in .husky: pre-push: at pr, ship and close, for hotfix/<slug> and main; none was run: \
                   `git hotfix doctor --hooks` tries pre-push";
    assert_eq!(check(&repo, "hooks", 0), ("ok".into(), message.into()));
    // What git would take for this one command counts, and a path that leads nowhere is told.
    let with = |folder: &str| {
        let told = repo.git(["-c", &format!("core.hooksPath={folder}"), "hotfix", "doctor"]).success();
        told.stdout().lines().find(|line| line.contains(" hooks ")).unwrap_or_default().to_owned()
    };
    assert_eq!(with("/dev/null"), "✓ ok       hooks       git runs none here");
    assert!(with(".husky/gone").contains("core.hooksPath names .husky/gone, which is not there"));
    assert!(!repo.has("../ran"));
}

#[test]
fn a_hook_that_cannot_run_is_a_warning() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\n");
    let message = ".git/hooks/pre-commit is not executable: git passes over it";
    assert_eq!(check(&repo, "hooks", 0), ("warning".into(), message.into()));
    for (line, name) in [
        ("#!/usr/bin/env no-such-program", "no-such-program"),
        ("#!/usr/bin/env -S A=b no-such-program -x", "no-such-program"),
        ("#! /no/such/sh -e", "/no/such/sh"),
        ("#!/bin/sh\r", "/bin/sh\\r"),
    ] {
        repo.hook(".git/hooks/pre-commit", &format!("{line}\n"));
        let message = format!(".git/hooks/pre-commit cannot run: {name} is not there");
        assert_eq!(check(&repo, "hooks", 0), ("warning".into(), message), "{line}");
    }
    for line in ["#!/usr/bin/env sh", "#!/bin/sh -e", "true"] {
        repo.hook(".git/hooks/pre-commit", &format!("{line}\n"));
        assert_eq!(check(&repo, "hooks", 0).0, "ok", "{line}");
    }
}

#[test]
fn pre_push_is_tried_with_a_yes_as_git_would_run_it() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    husky(&repo);
    let forbids = "echo \"$@\" >>../ran\nwhile read local id name old; do\n  echo \"$local $id $name $old\" >>../ran\n\
                   \x20 if [ \"$name\" = refs/heads/main ]; then echo 'nobody pushes to main' >&2; exit 3; fi\ndone\n";
    repo.write(".husky/pre-push", forbids);

    let refusal = repo.hotfix(["doctor", "--hooks"]).exits_with(2);
    assert!(refusal.stderr().contains("hint: git hotfix doctor --hooks --yes"), "{refusal}");
    let shown = repo.hotfix(["doctor", "--hooks", "--dry-run"]).success();
    assert!(shown.stdout().contains("would run the hook pre-push as a push of main to origin would"), "{shown}");
    assert!(!repo.has("../ran"));

    let world = repo.state();
    let told = repo.hotfix(["doctor", "--hooks", "--yes"]).exits_with(1);
    let line = told.stdout().lines().find(|line| line.contains(" hooks ")).unwrap_or_default();
    let no = "✗ failure  hooks       .husky/pre-push, run as for a push of main, says no (exit code 3): nobody pushes to main; \
              pre-push lets hotfix/doctor-rehearsal pass; fix: let .husky/pre-push pass main, or have the pushed hotfix \
              branch merged by pull request (git hotfix pr), which ship takes over, or once without git's hooks: \
              git -c core.hooksPath=/dev/null hotfix ship";
    assert_eq!(line, no);
    assert_eq!(repo.state(), world);
    let tip = repo.head();
    let none = "0".repeat(tip.len());
    let url = repo.git_ok(["remote", "get-url", "origin"]);
    let said = std::fs::read_to_string(sandbox.root().join("ran")).expect("it ran");
    let branch = format!("origin {url}\n{tip} {tip} refs/heads/hotfix/doctor-rehearsal {none}\n");
    assert_eq!(said, format!("{branch}origin {url}\n{tip} {tip} refs/heads/main {tip}\n"));

    repo.write(".husky/pre-push", "exit 0\n");
    let told = repo.hotfix(["doctor", "--hooks", "--yes"]).success();
    assert!(told.stdout().contains("pre-push lets hotfix/doctor-rehearsal and main pass"), "{told}");
}
