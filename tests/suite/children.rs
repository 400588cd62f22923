//! What is done to the programs that a command starts while we live on, and to us while they run.

use std::process::{Command, Stdio};
use std::time::Duration;

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, sample_with};

/// Far above what any command takes, traced, on a busy machine.
const HANGS: Duration = Duration::from_secs(60);

fn can_strace() -> bool {
    let trial = Command::new("strace").args(["-q", "-e", "trace=none", "true"]).stderr(Stdio::null()).status();
    let can = trial.is_ok_and(|it| it.success());
    if !can {
        eprintln!("SKIPPED, AND SO NOT SHOWN: children that are killed early need strace");
    }
    can
}

#[test]
fn one_that_is_killed_before_it_is_started_is_not_waited_for() {
    if !can_strace() {
        return;
    }
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[deploy]\ncommand = [\"sh\", \"-c\", \"echo x >> ../deploys\"]\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let mut command = repo.command("strace");
    let calls = "setpgid,setsid";
    command.args(["-f", "-q", "-o", "../trace", "-e", &format!("trace={calls}")]);
    command.args(["-e", &format!("inject={calls}:signal=SIGKILL"), "git-hotfix", "ship", "--yes"]);
    let output = sandbox.run_within(HANGS, &mut command);
    assert!(repo.read("../trace").contains("+++ killed by SIGKILL"), "no child makes a group: {output}");
    assert!(output.code().is_some_and(|code| (1..7).contains(&code)), "{output}");
    repo.ok(["ship", "--yes"]);
    assert_eq!(repo.read("../deploys"), "x\n");
}

/// An incident whose fix has a work tree of its own, with many files and some that git ignores.
fn with_own_work_tree<'s>(sandbox: &'s Sandbox, command: &str) -> Repo<'s> {
    let repo = sample_with(sandbox, "");
    for number in 0..200 {
        repo.write(&format!("src/{}/{number}.txt", number % 7), "much\n");
    }
    repo.write(".gitignore", "target/\n.env\n");
    repo.commit_all("Grow");
    repo.git_ok(["push", "--quiet"]);
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../fix"]);
    let fix = repo.at("../fix");
    fix.fix_the_bug();
    fix.write("target/built", "anew each time\n");
    if command == "close" {
        fix.ok(["ship", "--yes", "--no-proof"]);
    }
    repo
}

#[test]
fn a_work_tree_that_was_removed_by_half_goes() {
    if !can_strace() {
        return;
    }
    for (command, then) in
        [("abort", ""), ("abort", "writes"), ("abort", "edits"), ("close", ""), ("close", "loses .git")]
    {
        let name = format!("{command}, and somebody {then}");
        let sandbox = sandbox!();
        let repo = with_own_work_tree(&sandbox, command);
        let fix = repo.at(sandbox.root().join("fix"));
        let words: &[&str] = if command == "abort" { &["abort", "--yes"] } else { &["close"] };
        let mut killed = repo.command("strace");
        killed.args(["-f", "-q", "-o", "../trace", "-e", "trace=unlink,unlinkat,rmdir"]);
        killed.args(["-e", "inject=unlink,unlinkat,rmdir:signal=SIGKILL:when=60", "git-hotfix"]).args(words);
        let output = sandbox.run_within(HANGS, &mut killed);
        assert!(repo.read("../trace").contains("+++ killed by SIGKILL"), "{name}: {output}");
        let left = repo.run(repo.command("find").args(["../fix", "-name", "*.txt"])).success();
        assert!((1..200).contains(&left.stdout().lines().count()), "{name}: {left}{output}");
        let first = left.stdout().lines().next().expect("there are some").to_owned();
        match then {
            "writes" => fix.write(".env", "KEY=1\n"),
            "edits" => repo.write(&first, "mine\n"),
            "loses .git" => std::fs::remove_file(fix.folder().join(".git")).expect("it is there"),
            _ => {}
        }
        let again = || repo.run(repo.command("git-hotfix").args(words));
        if matches!(then, "writes" | "edits") {
            let refused = again().exits_with(3);
            assert!(refused.stderr().contains("Move what is yours out of it"), "{name}: {refused}");
            let file = if then == "writes" { "../fix/.env" } else { &first };
            assert!(["KEY=1\n", "mine\n"].contains(&repo.read(file).as_str()), "{name}: {refused}");
            let _ = repo.run(repo.command("mv").args([file, "../kept"])).success();
        }
        let done = again().success();
        assert!(!repo.has("../fix"), "{name}: {done}");
        assert_eq!(repo.git_ok(["worktree", "list"]).lines().count(), 1, "{name}");
        assert!(!repo.git_ok(["branch", "--list", "hotfix/*"]).contains("hotfix"), "{name}: {done}");
        assert_eq!(repo.git_ok(["fsck", "--strict", "--no-dangling"]), "", "{name}");
    }
}
