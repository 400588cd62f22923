//! What is done to the programs that a command starts while we live on, and to us while they run.

use std::process::{Command, Stdio};
use std::time::Duration;

use hotfix_tests::{Mishap, Repo, Sandbox, Shim, sandbox};

use crate::effort::{is_everything, is_full};
use crate::faults;
use crate::fixtures::{TITLE, sample_with};
use crate::sweep::{State, Sweep};

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

/// What happens when a child begins, or instead of it.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    /// We are sent a signal.
    Signal(&'static str),
    /// The child goes wrong.
    Child(Mishap),
}

const TROUBLES: [Trouble; 9] = [
    Trouble::Signal("INT"),
    Trouble::Child(Mishap::Killed),
    Trouble::Signal("TERM"),
    Trouble::Child(Mishap::Fails),
    Trouble::Signal("HUP"),
    Trouble::Child(Mishap::ActsAndFails),
    Trouble::Signal("QUIT"),
    Trouble::Child(Mishap::FailsBadly),
    Trouble::Child(Mishap::ActsAndIsKilled),
];
const DOCUMENTED: [i32; 11] = [0, 1, 2, 3, 4, 5, 6, 129, 130, 131, 143];

/// Troubles a command at its children; the same command again then ends where an untroubled run ends.
fn survives_trouble_at_its_children(swept: &Sweep, salt: usize) {
    let (template_sandbox, control) = (sandbox!(), sandbox!());
    let template = swept.prepare(&template_sandbox);
    let repo = copy(&control, &template);
    let shim = Shim::new(&control, &["git", "sh"]);
    let _ = repo.run(shim.command(&repo, "git-hotfix").args(swept.command)).success();
    let (expected, children) = (State::of(&repo), shim.calls());
    let mut struck = 0;
    for number in 1..=children {
        let troubles: Vec<Trouble> = match (is_everything(), is_full() || number % 4 == salt % 4) {
            (true, _) => TROUBLES.to_vec(),
            (false, true) => vec![TROUBLES[(number + salt) % TROUBLES.len()]],
            (false, false) => Vec::new(),
        };
        for trouble in troubles {
            let sandbox = sandbox!();
            let repo = copy(&sandbox, &template);
            // What tests and deployments say of themselves is believed: only git is made to lie.
            let programs: &[&str] = if is_a_lie(trouble) { &["git"] } else { &["git", "sh"] };
            let shim = Shim::new(&sandbox, programs);
            let mut command = match trouble {
                Trouble::Signal(signal) => shim.signaling(&repo, "git-hotfix", number, signal),
                Trouble::Child(mishap) => shim.failing(&repo, "git-hotfix", number, mishap),
            };
            let output = sandbox.run_within(HANGS, command.args(swept.command));
            if !shim.fired() {
                continue; // It has fewer of those.
            }
            struck += 1;
            let name = format!("{} with {trouble:?} at child {number} of {children}", swept.command.join(" "));
            assert!(output.code().is_some_and(|code| DOCUMENTED.contains(&code)), "{name}: {output}");
            if output.stderr().contains("production was rolled back") {
                // What verifies was killed: the same fix once more, by the person's word.
                repo.ok(["deploy", "--again", "--yes"]);
                repo.ok(swept.command);
                assert_eq!(repo.read("../deploys"), "deployed\n".repeat(2), "{name}");
                continue;
            }
            let was_in_doubt = faults::finish(&repo, swept.command, &name);
            // What git, ended in a push that deletes a branch, may still remember.
            repo.git_ok(["remote", "prune", "origin"]);
            State::of(&repo).assert_reached(&expected, was_in_doubt, &name);
            assert_eq!(repo.git_ok(["fsck", "--strict", "--no-dangling"]), "", "{name}");
        }
    }
    assert!(struck > 0 || children < 4, "{}: nothing struck", swept.command.join(" "));
    println!("{}: {struck} troubles at {children} children", swept.command.join(" "));
}

/// The repository, and what was deployed from it.
fn copy<'s>(sandbox: &'s Sandbox, template: &Repo<'_>) -> Repo<'s> {
    let repo = sandbox.copy_of(template);
    if template.has("../deploys") {
        repo.write("../deploys", &template.read("../deploys"));
    }
    repo
}

fn is_a_lie(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Child(Mishap::ActsAndFails | Mishap::Fails | Mishap::FailsBadly))
}

#[test]
fn open_and_note_survive_trouble_at_their_children() {
    survives_trouble_at_its_children(&faults::COMMANDS[0], 0);
    survives_trouble_at_its_children(&faults::OTHERS[0], 1);
    survives_trouble_at_its_children(&faults::COMMANDS[1], 1);
}

#[test]
fn ship_survives_trouble_at_its_children() {
    survives_trouble_at_its_children(&faults::COMMANDS[2], 2);
}

#[test]
fn close_and_abort_survive_trouble_at_their_children() {
    survives_trouble_at_its_children(&faults::COMMANDS[3], 3);
    survives_trouble_at_its_children(&faults::COMMANDS[4], 4);
}

#[test]
fn the_others_survive_trouble_at_their_children() {
    for (salt, swept) in faults::OTHERS.iter().enumerate().skip(1).filter(|_| is_everything()) {
        survives_trouble_at_its_children(swept, salt);
    }
}
