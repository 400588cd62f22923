//! Other people and other processes: what they did meanwhile is adopted or left alone, never overwritten.

use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use hotfix_tests::{Repo, Sample, sandbox};

use crate::fixtures::{TITLE, opened, sample_with};

const BRANCH: &str = "hotfix/coupons-take-off-too-much";

/// How many merge commits production has.
fn merges(repo: &Repo<'_>) -> usize {
    repo.git_ok(["rev-list", "--merges", "origin/main"]).lines().count()
}

#[test]
fn a_merge_that_somebody_did_by_hand_is_adopted() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["pr"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["merge", "--quiet", "--no-ff", "--message", "By hand", &format!("origin/{BRANCH}")]);
    colleague.git_ok(["push", "--quiet"]);
    repo.ok(["ship", "--yes"]);
    assert_eq!((merges(&repo), repo.head()), (1, colleague.head()));
    assert!(!repo.remote_refs().contains(BRANCH));
    repo.ok(["close"]);
}

#[test]
fn a_squash_that_somebody_did_by_hand_is_not_merged_again() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["pr"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["merge", "--quiet", "--squash", &format!("origin/{BRANCH}")]);
    colleague.git_ok(["commit", "--quiet", "--message", "Squashed"]);
    colleague.git_ok(["push", "--quiet", "origin", "main", &format!(":{BRANCH}")]);
    repo.ok(["ship", "--yes"]);
    assert_eq!((merges(&repo), repo.head()), (0, colleague.head()));
    assert_eq!(repo.resolve(BRANCH), None, "production has all that it changed");
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    assert_eq!(merges(&repo), 0);
}

#[test]
fn a_branch_that_somebody_deleted_on_the_remote_is_pushed_again() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let fix = repo.fix_the_bug();
    repo.ok(["pr"]);
    repo.clone_as("colleague").git_ok(["push", "--quiet", "origin", "--delete", BRANCH]);
    repo.ok(["ship", "--yes"]);
    assert!(repo.git_ok(["log", "-1", "--format=%P", "origin/main"]).ends_with(&fix));
    assert!(!repo.remote_refs().contains(BRANCH));
}

#[test]
fn commits_that_somebody_pushed_to_the_branch_are_taken_first() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.ok(["pr"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["switch", "--quiet", BRANCH]);
    colleague.commit_file("test/more_test.sh", "true\n", "Test more");
    colleague.git_ok(["push", "--quiet"]);
    repo.commit_file("test/also_test.sh", "true\n", "Test also");
    let remote = repo.remote_refs();
    insta::assert_snapshot!(repo.hotfix(["ship", "--yes"]).exits_with(4).verdict(), @"
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much on origin holds commits that are not here
    hint: git pull --rebase origin hotfix/coupons-take-off-too-much
    hint: then: git hotfix ship
    [exit status: 4]
    ");
    assert_eq!(repo.remote_refs(), remote);
    repo.git_ok(["pull", "--quiet", "--rebase", "origin", BRANCH]);
    repo.ok(["ship", "--yes"]);
    assert!(repo.has("test/more_test.sh") && repo.has("test/also_test.sh"));
}

#[test]
fn two_hotfixes_at_once_both_land() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    let second = repo.hotfix_json(["open", "Search is down", "--severity", "critical"])["incident"]["id"].clone();
    let second = second.as_str().expect("it has an id");
    repo.commit_file("search.sh", "echo found\n", "Find again");
    repo.ok(["ship", "--yes"]);
    repo.ok(["close", "--incident", second]);
    repo.git_ok(["switch", "--quiet", BRANCH]);
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    assert_eq!(merges(&repo), 2);
    let rows = repo.read("docs/planning/STATUS.md");
    assert_eq!(rows.lines().filter(|line| line.starts_with("| /hotfix |")).count(), 2, "{rows}");
}

#[test]
fn several_opens_of_one_title_at_once_are_one_incident() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let open = || {
        let mut command = repo.command("git-hotfix");
        command.args(["open", TITLE, "--severity", "high"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    };
    let children: Vec<Child> = (0..6).map(|_| open().unwrap()).collect();
    for mut child in children {
        child.wait().unwrap();
    }
    // Whoever met the other's lock says so, and is run again.
    repo.ok(["open", TITLE, "--severity", "high"]);
    assert_eq!(repo.hotfix_json(["list", "--all"])["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(repo.branch(), BRANCH);
    // Opened one after the other, two of one title are two.
    repo.ok(["abort"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    assert_eq!(repo.hotfix_json(["list", "--all"])["incidents"].as_array().unwrap().len(), 2);
}

#[test]
fn several_that_end_an_incident_at_once_end_it_once() {
    for kind in ["closed", "canceled"] {
        let sandbox = sandbox!();
        let repo = sandbox.sample(Sample::Shell).with_remote();
        repo.ok(["open", TITLE, "--severity", "high"]);
        let arguments: &[&str] =
            if kind == "closed" { &["close", "--reason", "it was nothing"] } else { &["abort", "--yes"] };
        let end = |_| {
            let mut command = repo.command("git-hotfix");
            command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
        };
        let children: Vec<Child> = (0..8).map(end).collect();
        for mut child in children {
            child.wait().expect("it ends");
        }
        repo.ok(arguments); // Whoever met the other's lock says so, and is run again.
        let ledger = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
        let ends = repo.git_ok(["grep", "-ho", &format!("\"kind\":\"{kind}\",\"parents\""), &ledger]);
        assert_eq!(ends.lines().count(), 1, "{kind}");
    }
}

#[test]
fn sixteen_notes_at_once_are_sixteen_notes() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let note = |number: usize| {
        let mut command = repo.command("git-hotfix");
        command.args(["note", &format!("note {number:02}")]).stderr(Stdio::null()).stdout(Stdio::null());
        command.spawn().expect("the program starts")
    };
    let writers: Vec<Child> = (0..16).map(note).collect();
    let recorded =
        writers.into_iter().filter_map(|mut writer| writer.wait().ok()).filter(|status| status.success()).count();
    let log = repo.hotfix(["log"]).success();
    assert_eq!(recorded, 16);
    assert_eq!(log.stdout().lines().filter(|line| line.contains("note ")).count(), 16, "{log}");
}

#[test]
fn a_lock_that_is_held_is_named_and_waited_out() {
    for name in ["index", "refs/heads/main", "packed-refs"] {
        let sandbox = sandbox!();
        let repo = opened(&sandbox);
        repo.fix_the_bug();
        repo.git_ok(["pack-refs", "--all"]);
        let lock = &*repo.lock_of(name);
        repo.write(lock, "");
        let output = repo.hotfix(["ship", "--yes"]).exits_with(6);
        assert!(output.stderr().contains(lock.rsplit('/').next().expect("it has a name")), "{output}");
        assert!(repo.has(lock), "a lock is removed by those who made it");
        std::fs::remove_file(repo.folder().join(lock)).expect("it is there");
        repo.ok(["ship", "--yes"]);
        assert_eq!((merges(&repo), repo.branch().as_str()), (1, "main"));
    }
}

#[test]
fn a_hook_that_refuses_the_push_is_heard() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    let remote = repo.remote_refs();
    repo.hook(".git/hooks/pre-push", "#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n");
    let output = repo.hotfix(["ship", "--yes"]);
    assert!(matches!(output.code(), Some(3 | 5)) && output.stderr().contains("not on a Friday"), "{output}");
    assert_eq!(repo.remote_refs(), remote);
    std::fs::remove_file(repo.folder().join(".git/hooks/pre-push")).expect("it is there");
    repo.ok(["ship", "--yes"]);
}

/// `pr` pushes the branch too: once it was refused, there is nothing to push again.
#[test]
fn a_remote_that_refuses_the_branch_is_asked_once_by_pr() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    let count = sandbox.root().join("asked");
    let script = format!("#!/bin/sh\necho asked >> {}\necho no; exit 1\n", count.display());
    repo.hook("../origin.git/hooks/update", &script);
    let output = repo.hotfix(["pr"]).exits_with(5);
    assert!(output.stderr().contains("nothing was changed"), "{output}");
    assert_eq!(std::fs::read_to_string(&count).expect("the hook ran").lines().count(), 1);
    std::fs::remove_file(repo.folder().join("../origin.git/hooks/update")).expect("it is there");
    repo.ok(["pr"]);
}

/// The signal reaches the tests too; nothing is recorded of them, and the same command goes on.
#[test]
fn a_signal_ends_the_tests_and_the_same_command_goes_on() {
    let sandbox = sandbox!();
    // By whole paths: the proof runs the same command in a folder of its own.
    let (calm, pid) = (sandbox.root().join("calm"), sandbox.root().join("pid"));
    let script = format!("[ -e {} ] && exit; echo $$ > {}; sleep 600", calm.display(), pid.display());
    let repo = sample_with(&sandbox, &format!("[test]\ncommand = [\"sh\", \"-c\", \"{script}\"]\n"));
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut ship = repo.command("git-hotfix");
        let mut ship =
            ship.args(["ship", "--yes"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("it starts");
        let tests = wait_for_pid(&repo);
        let _ = repo.run(repo.command("kill").args([signal, &ship.id().to_string()])).success();
        assert_eq!(ship.wait().expect("it ends").code(), Some(code));
        let alive = repo.run(repo.command("kill").args(["-0", &tests]));
        assert_ne!(alive.code(), Some(0), "the tests live on");
    }
    repo.write("../calm", "");
    repo.ok(["ship", "--yes"]);
    assert_eq!(merges(&repo), 1);
}

/// The process id that the tests wrote down; they are at work then.
fn wait_for_pid(repo: &Repo<'_>) -> String {
    for _ in 0..600 {
        if repo.has("../pid") && repo.read("../pid").ends_with('\n') {
            let pid = repo.read("../pid").trim().to_owned();
            std::fs::remove_file(repo.folder().join("../pid")).expect("it is there");
            return pid;
        }
        thread::sleep(Duration::from_millis(50));
    }
    String::from("the tests did not start")
}
