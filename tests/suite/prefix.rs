//! Names of branches: room for them, and a prefix of the team's own.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

const OPEN: [&str; 4] = ["open", "Login fails", "--severity", "high"];

/// A sample project whose host takes branches below `fix/` alone.
fn with_prefix(sandbox: &Sandbox) -> Repo<'_> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let rules = format!("{}\n[branch]\nprefix = \"fix/\"\n", repo.read("hotfix.toml"));
    repo.commit_file("hotfix.toml", &rules, "Name branches as our host wants them");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    let hook = "#!/bin/sh\ncase $1 in refs/heads/main|refs/heads/fix/*|refs/tags/*) ;; *) echo 'no such names'; exit 1;; esac\n";
    repo.at("../origin.git").hook("hooks/update", hook);
    repo
}

#[test]
fn a_whole_incident_goes_by_the_prefix() {
    let sandbox = sandbox!();
    let repo = with_prefix(&sandbox);
    let doctor = repo.hotfix(["doctor"]).success();
    assert!(doctor.stdout().contains("fix/<slug> is free"), "{doctor}");
    repo.ok([&OPEN[..], &["--slug", "fix/login"]].concat());
    assert_eq!(repo.branch(), "fix/login");
    repo.fix_the_bug();
    assert_eq!(repo.hotfix_json(["status"])["incident"]["branch"], "fix/login");
    repo.ok(["pr", "--yes"]);
    assert!(repo.remote_refs().contains("refs/heads/fix/login"), "{}", repo.remote_refs());
    repo.ok(["ship", "--yes"]);
    repo.ok(["close", "--yes"]);
    assert!(!repo.remote_refs().contains("fix/"), "{}", repo.remote_refs());
    assert!(repo.git_ok(["log", "--format=%B", "origin/main"]).contains("fix/login"));
}

#[test]
fn an_incident_keeps_the_branch_that_it_was_opened_with() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.git_ok(["config", "hotfix.branch.prefix", "urgent-"]);
    repo.ok(OPEN);
    assert_eq!(repo.branch(), "urgent-login-fails");
    repo.git_ok(["config", "hotfix.branch.prefix", "other/"]);
    repo.fix_the_bug();
    let again = repo.hotfix(OPEN).success();
    assert!(again.stdout().contains("On branch urgent-login-fails"), "{again}");
    repo.ok(["pr", "--yes"]);
    assert!(repo.remote_refs().contains("refs/heads/urgent-login-fails"), "{}", repo.remote_refs());
    repo.ok(["abort"]);
    assert!(!repo.remote_refs().contains("urgent"), "{}", repo.remote_refs());
    assert_eq!((repo.branch().as_str(), repo.resolve("urgent-login-fails")), ("main", None));
}

#[test]
fn a_prefix_must_begin_a_name_that_git_takes() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    for bad in ["feature", "a b/", "../", "/", "a//", "-", "x.lock/", ".fix/", "refs/heads/", "a/.b/", "fix:"] {
        let mut command = repo.command("git");
        let refused = repo.run(command.arg("hotfix").args(OPEN).env("HOTFIX_BRANCH_PREFIX", bad)).exits_with(2);
        assert!(refused.stderr().contains("branch.prefix"), "{bad}: {refused}");
    }
    repo.git_ok(["config", "hotfix.branch.prefix", ""]);
    let _ = repo.hotfix(OPEN).exits_with(2);
}

#[test]
fn a_branch_of_the_remote_that_leaves_no_room_is_known_beforehand() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    for taken in ["hotfix", "hotfix/login-fails/try"] {
        let main = repo.resolve("main").expect("it is there");
        repo.at("../origin.git").git_ok(["update-ref", &format!("refs/heads/{taken}"), &main]);
        let before = repo.state();
        let refused = repo.hotfix(OPEN).exits_with(4);
        assert!(refused.stderr().contains(&format!("the branch {taken} on origin leaves no room")), "{refused}");
        assert_eq!(repo.state(), before);
        if taken == "hotfix" {
            let doctor = repo.hotfix(["doctor"]).exits_with(1);
            assert!(doctor.stdout().contains("the branch hotfix on origin leaves no room"), "{doctor}");
        }
        repo.at("../origin.git").git_ok(["update-ref", "-d", &format!("refs/heads/{taken}")]);
    }
    repo.git_ok(["push", "--quiet", "origin", "main:hotfix"]);
    let offline = repo.hotfix([&OPEN[..], &["--offline"]].concat()).success();
    assert!(offline.stderr().contains("leaves no room for hotfix/login-fails, as of the last fetch"), "{offline}");
    repo.ok(["abort", "--offline"]);
    // The hint is a way on.
    repo.git_ok(["config", "hotfix.branch.prefix", "fix/"]);
    repo.ok(OPEN);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
}

#[test]
fn the_way_to_rename_it_there_works() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let main = repo.resolve("main").expect("it is there");
    repo.at("../origin.git").git_ok(["update-ref", "refs/heads/hotfix", &main]);
    let refused = repo.hotfix(OPEN).exits_with(4);
    let hint = refused.stderr().lines().filter_map(|line| line.strip_prefix("hint: git fetch")).next();
    let command = format!("git fetch{}", hint.expect("a command").split("   #").next().unwrap_or_default());
    let mut shell = repo.command("sh");
    let _ = repo.run(shell.args(["-c", &command])).success();
    repo.ok(OPEN);
}
