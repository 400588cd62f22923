//! Switches that are cut short, in a repository of some hundred files: the same command goes on, or `abort` leaves a clean
//! tree. git is killed, or fails, in a smudge filter, with half of the files written.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use hotfix_tests::{CommandOutput, Repo, Sample, Sandbox, sandbox};

use crate::fixtures::TITLE;

const OPEN: &[&str] = &["open", TITLE, "--severity", "high"];
const FILES: usize = 300;
/// git checks out by name: this one is in the middle.
const AT: &str = "d/f150";

/// What kills git, and us with it where `with_us`.
fn kill(with_us: bool) -> String {
    let us = if with_us { "kill -9 $(ps -o ppid= -p $PPID); " } else { "" };
    format!("echo x >> ../cut; {us}kill -9 $PPID")
}

/// A clone that is some hundred files behind production.
fn far_behind(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("cut_switch::far_behind", |sandbox| {
        let repo = sandbox.sample(Sample::Shell).with_remote();
        write_much(&repo.clone_as("colleague"));
        repo
    })
}

fn write_much(colleague: &Repo<'_>) {
    for number in 0..FILES {
        colleague.write(&format!("d/f{number:03}"), &format!("file {number}\n{}", "a line\n".repeat(30)));
    }
    colleague.write("README.md", "more\n");
    colleague.commit_all("Write much");
    colleague.git_ok(["push", "--quiet"]);
}

fn cut_at(repo: &Repo<'_>, how: &str) {
    cut_at_path(repo, AT, how);
}

fn cut_at_path(repo: &Repo<'_>, path: &str, how: &str) {
    repo.write(".git/info/attributes", &format!("{path} filter=cut\n"));
    repo.git_ok(["config", "filter.cut.smudge", how]);
    repo.git_ok(["config", "filter.cut.required", "true"]);
}

/// What the fault was is over; a person removes git's lock, as the book says.
fn calm(repo: &Repo<'_>) {
    fs::remove_file(repo.folder().join(".git/info/attributes")).expect("it is there");
    let _ = fs::remove_file(repo.folder().join(".git/index.lock"));
}

/// Runs `open`, which ends in the middle of its switch.
fn cut(repo: &Repo<'_>, how: &str) -> CommandOutput {
    cut_at(repo, how);
    let output = repo.run(repo.command("git-hotfix").args(OPEN));
    assert!(repo.has("../cut"), "the filter did not run: {output}");
    assert_half_done(repo, &output);
    calm(repo);
    output
}

#[track_caller]
fn assert_half_done(repo: &Repo<'_>, output: &CommandOutput) {
    assert!(repo.has("d/f149") && !repo.has("d/f151"), "it was not cut short: {output}");
    assert_eq!(repo.branch(), "main");
    assert!(repo.git_ok(["status", "--porcelain", "--untracked-files=all"]).lines().count() > 100);
}

#[track_caller]
fn assert_opened(repo: &Repo<'_>) {
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    assert_eq!(repo.resolve("HEAD"), repo.resolve("origin/main"));
    assert_eq!(repo.hotfix_json(["list"])["incidents"].as_array().map(Vec::len), Some(1));
    assert!(!repo.has(".git/hotfix-switch"));
}

#[test]
fn open_goes_on_where_git_was_killed() {
    for with_us in [false, true] {
        let sandbox = sandbox!();
        let repo = far_behind(&sandbox);
        let output = cut(&repo, &kill(with_us));
        assert_eq!(output.signal(), with_us.then_some(9), "{output}");
        let again = repo.hotfix(OPEN).success();
        assert!(again.stderr().contains("take back 15"), "{again}");
        assert_opened(&repo);
    }
}

#[test]
fn open_that_is_not_killed_has_nothing_to_take_back() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    cut_at(&repo, "echo x >> ../cut; cat");
    repo.git_ok(["config", "filter.cut.clean", "cat"]);
    let output = repo.hotfix(OPEN).success();
    assert!(repo.has("../cut") && !output.stderr().contains("take back"), "{output}");
    assert_opened(&repo);
    assert!(!repo.hotfix(OPEN).success().stderr().contains("take back"));
}

#[test]
fn abort_leaves_a_clean_tree_where_git_was_killed() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    repo.write("mine", "untracked\n");
    let _ = cut(&repo, &kill(true));
    repo.ok(["abort", "--yes", "--reason", "no"]);
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "?? mine");
    assert_eq!(repo.branch(), "main");
    assert_eq!(repo.read("mine"), "untracked\n");
}

#[test]
fn what_a_person_did_meanwhile_is_refused_and_not_taken_back() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    let _ = cut(&repo, &kill(true));
    repo.write("d/f001", "mine now\n");
    let output = repo.hotfix(OPEN).exits_with(3);
    assert!(output.stderr().contains("d/f001"), "{output}");
    assert_eq!((repo.git_ok(["status", "--porcelain"]), repo.read("d/f001")), ("?? d/".into(), "mine now\n".into()));
    fs::remove_file(repo.folder().join("d/f001")).expect("it is there");
    repo.ok(OPEN);
    assert_opened(&repo);
}

#[test]
fn a_file_of_which_only_a_beginning_was_written_is_taken_back() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    let colleague = repo.at("../colleague");
    colleague.commit_file("d/large", &"a long line of it\n".repeat(20_000), "Write more");
    colleague.git_ok(["push", "--quiet"]);
    // No file may grow past 64 KiB: where there is such a limit, git gets the signal with the file half written.
    let mut limited = repo.command("sh");
    let output = repo.run(limited.args(["-c", "ulimit -f 128; exec git-hotfix \"$@\"", "sh"]).args(OPEN));
    assert_ne!(output.code(), Some(0), "{output}");
    let length = fs::metadata(repo.folder().join("d/large")).map(|it| it.len());
    assert!(length.as_ref().is_ok_and(|length| (1..360_000).contains(length)), "{length:?}: {output}");
    let _ = fs::remove_file(repo.folder().join(".git/index.lock"));
    repo.ok(OPEN);
    assert_opened(&repo);
}

/// What could not be read was taken for the person's, and what was cut short was forgotten.
#[test]
fn a_run_with_too_few_open_files_forgets_nothing() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    let _ = cut(&repo, &kill(true));
    let written = repo.read("d/f149");
    repo.write("d/f149", written.get(..20).expect("it is longer"));
    let codes: Vec<_> = (4..=14)
        .map(|most| {
            let script = format!("ulimit -n {most} && exec git-hotfix open '{TITLE}' --severity high");
            repo.run(repo.command("sh").args(["-c", &script])).code()
        })
        .collect();
    assert!(codes.contains(&Some(6)), "the fault: {codes:?}");
    repo.ok(OPEN);
    assert_opened(&repo);
}

#[test]
fn the_reason_goes_first_and_the_way_on_is_said() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    cut_at(&repo, "exit 1");
    let said = refused_by_git(&repo);
    assert!(said.starts_with(&format!("{REASON}fatal: d/f150: smudge filter cut failed ")), "{said}");
    let way = "hint: The checkout was cut short: the same command takes back 151 files first, and so does `abort`.";
    assert!(said.ends_with(way), "{said}");
    calm(&repo);
    repo.ok(["abort", "--yes", "--reason", "no"]);
    for number in 0..FILES {
        repo.write(&format!("d/f{number:03}"), "mine\n");
    }
    let said = refused_by_git(&repo);
    let reason = "error: The following untracked working tree files would be overwritten by checkout: [… 29";
    assert!(said.starts_with(&format!("{REASON}{reason}")) && said.contains("d/f299 Please move or remove"), "{said}");
    assert!(!said.contains("cut short"), "{said}");
    assert_eq!(repo.read("d/f001"), "mine\n");
}

const REASON: &str = "error: failed to switch to hotfix/coupons-take-off-too-much: git: ";

fn refused_by_git(repo: &Repo<'_>) -> String {
    let output = repo.hotfix(OPEN).exits_with(3);
    output.stderr().lines().skip_while(|line| !line.starts_with("error: ")).collect::<Vec<_>>().join("\n")
}

/// `open`, interrupted so many times while git checks out; the filter goes on once `../go` is there.
fn interrupted(repo: &Repo<'_>, times: usize) -> (Option<i32>, String) {
    let wait = "echo x > ../cut; while ! [ -e ../go ]; do sleep 0.05; done; cat";
    cut_at(repo, wait);
    repo.git_ok(["config", "filter.cut.clean", "cat"]);
    let mut command = repo.command("git-hotfix");
    let mut child = command.args(OPEN).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_for(|| repo.has("../cut"));
    for time in 0..times {
        // The second one counts as such only once the first was seen.
        std::thread::sleep(Duration::from_millis(if time == 0 { 0 } else { 500 }));
        assert!(matches!(child.try_wait(), Ok(None)), "it did not wait for git");
        let _ = repo.run(repo.command("kill").args(["-INT", &child.id().to_string()])).success();
    }
    if times < 2 {
        std::thread::sleep(Duration::from_millis(500));
        assert!(matches!(child.try_wait(), Ok(None)), "it did not wait for git");
        repo.write("../go", "");
    }
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn wait_for(is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < until, "nothing happens");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_first_interrupt_lets_git_finish_its_checkout() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    let (code, said) = interrupted(&repo, 1);
    assert_eq!(code, Some(130), "{said}");
    assert!(repo.has("d/f299") && repo.branch().starts_with("hotfix/"), "{said}");
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    let again = repo.hotfix(OPEN).success();
    assert!(!again.stderr().contains("take back"), "{again}");
    assert_opened(&repo);
}

#[test]
fn the_second_interrupt_ends_a_checkout_and_the_same_command_goes_on() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    let (code, said) = interrupted(&repo, 2);
    assert_eq!(code, Some(130), "{said}");
    assert!(repo.has("d/f149") && !repo.has("d/f151") && repo.branch() == "main", "it was not cut short: {said}");
    calm(&repo);
    let again = repo.hotfix(OPEN).success();
    assert!(again.stderr().contains("take back"), "{again}");
    assert_opened(&repo);
}

#[test]
fn a_dry_run_takes_nothing_back() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    let _ = cut(&repo, &kill(true));
    let before = repo.git_ok(["status", "--porcelain", "--untracked-files=all"]);
    let output = repo.hotfix(["open", TITLE, "--severity", "high", "--dry-run"]).success();
    assert!(output.to_string().contains("take back 15"), "{output}");
    for looks in [&["status"][..], &["list"], &["guard", "--base", "main"]] {
        let _ = repo.hotfix(looks);
    }
    assert_eq!(repo.git_ok(["status", "--porcelain", "--untracked-files=all"]), before);
}

const CLOSE: &[&str] = &["close", "--yes"];

/// A shipped fix, with production here some hundred files behind.
fn shipped_and_behind(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("cut_switch::shipped_and_behind", |sandbox| {
        let repo = sandbox.sample(Sample::Shell).with_remote();
        repo.ok(OPEN);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        let colleague = repo.clone_as("colleague");
        write_much(&colleague);
        assert_eq!(repo.branch(), "main");
        repo
    })
}

#[track_caller]
fn assert_closed(repo: &Repo<'_>) {
    assert_eq!(repo.hotfix_json(["list", "--all"])["incidents"][0]["status"], "closed");
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    assert_eq!((repo.branch().as_str(), repo.resolve("main")), ("main", repo.resolve("origin/main")));
    assert!(repo.has("d/f299") && !repo.has(".git/hotfix-switch"));
}

#[test]
fn close_goes_on_where_its_fast_forward_was_killed() {
    for with_us in [false, true] {
        let sandbox = sandbox!();
        let repo = shipped_and_behind(&sandbox);
        let behind = repo.resolve("main");
        cut_at(&repo, &kill(with_us));
        let output = repo.run(repo.command("git-hotfix").args(CLOSE));
        assert_eq!(
            (output.signal(), output.code()),
            if with_us { (Some(9), None) } else { (None, Some(3)) },
            "{output}"
        );
        assert!(with_us || output.stderr().contains("hint: The checkout was cut short"), "{output}");
        assert_half_done(&repo, &output);
        assert_eq!(repo.resolve("main"), behind);
        // The lock of the killed git is there still: nothing ends with 0 before production here follows.
        fs::remove_file(repo.folder().join(".git/info/attributes")).expect("it is there");
        let locked = repo.hotfix(CLOSE).exits_with(6);
        assert!(locked.stderr().contains(".git/index.lock"), "{locked}");
        assert_eq!(repo.resolve("main"), behind);
        fs::remove_file(repo.folder().join(".git/index.lock")).expect("it is there");
        repo.ok(CLOSE);
        assert_closed(&repo);
        // And once more it says the same.
        repo.ok(CLOSE);
    }
}

#[test]
fn close_that_is_not_killed_brings_production_along() {
    let sandbox = sandbox!();
    let repo = shipped_and_behind(&sandbox);
    repo.ok(CLOSE);
    assert_closed(&repo);
}

/// The records that are delivered are in the work tree, too: by half, they are no uncommitted work.
#[test]
fn close_goes_on_where_its_own_records_were_cut_short() {
    const STATUS: &str = "docs/planning/STATUS.md";
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(OPEN);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(CLOSE);
    repo.ok(["open", "Search is down", "--severity", "high"]);
    repo.commit_file("search.sh", "echo found\n", "Search again");
    repo.ok(["ship", "--yes", "--no-test", "x"]);
    cut_at_path(&repo, STATUS, &kill(true));
    repo.git_ok(["config", "filter.cut.clean", "cat"]); // Here the file lies there already.
    let output = repo.run(repo.command("git-hotfix").args(["close", "--yes"]));
    assert_eq!(output.signal(), Some(9), "{output}");
    assert_eq!(repo.git_ok(["status", "--porcelain", "--", STATUS]), " D docs/planning/STATUS.md", "{output}");
    calm(&repo);
    repo.ok(CLOSE);
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    assert_eq!(repo.resolve("main"), repo.resolve("origin/main"));
    assert!(repo.read(STATUS).contains("Search is down"));
}

/// The commit that is being gone to has no name but ours until git is there.
#[test]
fn revert_goes_on_where_somebody_threw_away_what_nothing_holds() {
    const REVERT: &[&str] = &["revert", "origin/main", "--severity", "high"];
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    repo.git_ok(["pull", "--quiet"]);
    repo.git_ok(["rm", "-r", "--quiet", "d"]);
    repo.git_ok(["commit", "--quiet", "--message", "Delete much"]);
    repo.git_ok(["push", "--quiet"]);
    cut_at(&repo, &kill(true));
    let output = repo.run(repo.command("git-hotfix").args(REVERT));
    assert_eq!(output.signal(), Some(9), "{output}");
    assert!(repo.has("d/f149") && !repo.has("d/f151"), "it was not cut short: {output}");
    calm(&repo);
    repo.git_ok(["prune", "--expire=now"]);
    repo.ok(REVERT);
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
    assert!(repo.has("d/f299") && repo.branch().starts_with("hotfix/"));
    assert_eq!(repo.git_ok(["for-each-ref", "refs/hotfix/switch"]), "");
}

#[test]
fn close_does_not_wait_for_a_file_of_a_person() {
    let sandbox = sandbox!();
    let repo = shipped_and_behind(&sandbox);
    repo.write("d/f007", "mine\n");
    let output = repo.hotfix(CLOSE).success();
    assert!(output.stderr().contains("main here could not follow"), "{output}");
    assert!(output.stderr().contains("✗ fast-forward main to"), "{output}");
    assert_eq!((repo.read("d/f007").as_str(), repo.has("d/f001")), ("mine\n", false));
    assert!(!repo.has(".git/hotfix-switch"));
}

/// `open` with a work tree of the fix's own; it is cut short in the middle of what git brings there.
const APART: &[&str] = &["open", TITLE, "--severity", "high", "--worktree"];
const THERE: &str = "../shop-hotfix-coupons-take-off-too-much";

const ABORT: &[&str] = &["abort", "--yes", "--reason", "no"];

/// What kills the git that checks out, the one that makes the work tree, and us where `with_us`.
fn kill_makers(with_us: bool) -> String {
    let us = if with_us { "kill -9 $(ps -o ppid= -p $maker); " } else { "" };
    format!("echo x >> ../cut; maker=$(ps -o ppid= -p $PPID); {us}kill -9 $maker $PPID")
}

/// A repository of some hundred files, and in it a work tree that was made by half.
fn half_made(sandbox: &Sandbox, with_us: bool) -> Repo<'_> {
    let repo = far_behind(sandbox);
    repo.git_ok(["pull", "--quiet"]);
    cut_at(&repo, &kill_makers(with_us));
    repo.git_ok(["config", "filter.cut.clean", "cat"]); // Here the file lies there already.
    let output = repo.run(repo.command("git-hotfix").args(APART));
    assert_eq!((output.signal(), output.code()), if with_us { (Some(9), None) } else { (None, Some(3)) }, "{output}");
    let there = repo.at(THERE);
    assert!(there.has("d/f149") && !there.has("d/f151"), "it was not cut short: {output}");
    assert!(repo.git_ok(["worktree", "list"]).contains("locked"));
    fs::remove_file(repo.folder().join(".git/info/attributes")).expect("it is there");
    repo
}

#[test]
fn open_makes_its_work_tree_anew_where_git_was_killed() {
    for with_us in [false, true] {
        let sandbox = sandbox!();
        let repo = half_made(&sandbox, with_us);
        repo.ok(APART);
        let there = repo.at(THERE);
        assert!(there.has("d/f299") && there.branch().starts_with("hotfix/"));
        assert_eq!(there.git_ok(["status", "--porcelain"]), "");
        assert!(!repo.git_ok(["worktree", "list"]).contains("locked"));
        repo.ok(APART);
        there.fix_the_bug();
        there.ok(["ship", "--yes"]);
    }
}

#[test]
fn open_that_is_not_killed_keeps_its_work_tree() {
    let sandbox = sandbox!();
    let repo = far_behind(&sandbox);
    repo.git_ok(["pull", "--quiet"]);
    repo.ok(APART);
    let there = repo.at(THERE);
    there.write("mine", "x\n");
    repo.ok(APART);
    assert_eq!((there.read("mine").as_str(), there.has("d/f299")), ("x\n", true));
}

#[test]
fn abort_removes_a_work_tree_that_was_made_by_half() {
    let sandbox = sandbox!();
    let repo = half_made(&sandbox, true);
    repo.ok(["abort", "--yes", "--reason", "no"]);
    assert!(!repo.has(THERE));
    assert_eq!(repo.git_ok(["worktree", "list"]).lines().count(), 1);
    assert_eq!((repo.git_ok(["branch", "--list", "hotfix/*"]), repo.git_ok(["status", "--porcelain"])), <_>::default());
}

/// git gave up, and was killed in removing what it had begun: its own files go first.
#[test]
fn open_and_abort_know_a_work_tree_whose_beginning_is_gone() {
    for (command, gone) in [(APART, ""), (ABORT, ""), (ABORT, "HEAD"), (ABORT, "gitdir"), (APART, "gitdir")] {
        let sandbox = sandbox!();
        let repo = half_made(&sandbox, true);
        let admin = repo.folder().join(".git/worktrees/shop-hotfix-coupons-take-off-too-much");
        if gone.is_empty() { fs::remove_dir_all(admin) } else { fs::remove_file(admin.join(gone)) }
            .expect("it is there");
        repo.ok(command);
        let is_open = command == APART;
        assert_eq!(repo.has(THERE), is_open, "{command:?} {gone}");
        assert_eq!(repo.git_ok(["worktree", "list"]).lines().count(), 1 + usize::from(is_open));
        assert!(!is_open || repo.at(THERE).has("d/f299"));
    }
}

#[test]
fn what_somebody_put_into_it_stays() {
    let sandbox = sandbox!();
    let repo = half_made(&sandbox, true);
    let there = repo.at(THERE);
    there.write("d/f001", "mine now\n");
    there.write("notes/mine", "mine\n");
    for command in [APART, &["abort", "--yes", "--reason", "no"]] {
        let output = repo.hotfix(command).exits_with(3);
        assert!(output.stderr().contains("2 files there did not come from git"), "{output}");
        assert!(output.stderr().contains("hint: Move what is yours out of it"), "{output}");
        assert_eq!((there.read("d/f001"), there.read("notes/mine")), ("mine now\n".into(), "mine\n".into()));
    }
    fs::rename(there.folder().join("notes"), repo.folder().join("../notes")).expect("the sandbox is ours");
    fs::remove_file(there.folder().join("d/f001")).expect("it is there");
    repo.ok(APART);
    assert_eq!(there.git_ok(["status", "--porcelain"]), "");
}
