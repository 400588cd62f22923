//! The fault sweep, second form: the program is killed at a rename or an fsync, its disk is full or fails, `.git` is
//! read-only, or a lock is left over. The same command run again must end where an uninterrupted run ends.
//!
//! A sample is taken of the points there are, a larger one in the gate, and with `HOTFIX_SWEEP=everything` also of those
//! commands that write little. System calls are counted and made to fail by strace; where it cannot be used, that is said
//! aloud.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use hotfix_tests::{CommandOutput, Memory, Repo, Sandbox, sandbox};

use crate::effort::{full_or, is_everything, sample};
use crate::fixtures::at_once;
use crate::reliability;
use crate::sweep::{ABORT, CLOSE, OPEN, OPEN_IN_A_WORK_TREE, SHIP, State, Sweep, assert_sound};

/// Far above what any command takes, traced, on a busy machine.
const HANGS: Duration = Duration::from_secs(60);
const NOTE: &[&str] = &["note", "the cache is full"];

pub(crate) const COMMANDS: [Sweep; 5] = [
    Sweep { command: OPEN, before: &[], fix: false },
    Sweep { command: NOTE, before: &[OPEN], fix: false },
    Sweep { command: SHIP, before: &[OPEN], fix: true },
    Sweep { command: CLOSE, before: &[OPEN, SHIP], fix: true },
    Sweep { command: ABORT, before: &[OPEN, &["pr"]], fix: true },
];

/// What else writes: each is swept with one fault, and with all where everything is asked for.
pub(crate) const OTHERS: [Sweep; 17] = [
    Sweep { command: OPEN_IN_A_WORK_TREE, before: &[], fix: false },
    Sweep { command: &["triage", "--severity", "critical"], before: &[OPEN], fix: false },
    Sweep { command: &["attach", "total.sh"], before: &[OPEN], fix: false },
    Sweep { command: &["mark", "mitigated"], before: &[OPEN], fix: false },
    Sweep { command: &["undo"], before: &[OPEN, &["note", "support calls"]], fix: false },
    Sweep { command: &["reopen"], before: &[OPEN, ABORT], fix: true },
    Sweep { command: &["follow-up", "add", "watch the cache"], before: &[OPEN], fix: false },
    Sweep {
        command: &["follow-up", "done", "1"],
        before: &[OPEN, &["follow-up", "add", "watch the cache"]],
        fix: false,
    },
    Sweep { command: &["guard", "--waive", "too-big", "--reason", "it is"], before: &[OPEN], fix: true },
    Sweep { command: &["test", "--no-proof"], before: &[OPEN], fix: true },
    Sweep { command: &["pr"], before: &[OPEN], fix: true },
    Sweep { command: &["deploy", "--yes"], before: &[OPEN, &["ship", "--yes", "--skip-deploy"]], fix: true },
    Sweep { command: &["verify"], before: &[OPEN, SHIP], fix: true },
    Sweep { command: &["deploy", "--rollback", "--yes"], before: &[OPEN, SHIP], fix: true },
    Sweep { command: &["backport", "--to", "release/1.0", "--yes"], before: &[OPEN, SHIP], fix: true },
    Sweep { command: &["revert", "HEAD", "--severity", "high"], before: &[], fix: false },
    Sweep { command: &["postmortem"], before: &[OPEN, SHIP], fix: true },
];

/// Moves into place: git renames, libgit2 links and renames.
const RENAMES: &str = "rename,renameat,renameat2,link,linkat";
const SYNCS: &str = "fsync,fdatasync";
const WRITES: &str = "write,pwrite64";
/// All of these.
const EVERY_CALL: &str = "rename,renameat,renameat2,link,linkat,fsync,fdatasync,write,pwrite64";

/// The names of the faults, as the table has them.
pub(crate) const NAMES: [&str; 7] = [
    "killed at a rename",
    "killed at a sync",
    "disk full",
    "disk failing",
    "anybody killed at a rename",
    "disk full for everybody",
    "anybody killed at an open, some hundred files",
];

/// Whose system calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The program's own.
    Ours,
    /// Also those of what it starts: each process fails at its own `number`th.
    Everybodys,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
struct Fault {
    calls: &'static str,
    what: &'static str,
    whose: Whose,
}

impl Fault {
    const ALL: [Self; 6] = [
        Self::KILLED_AT_A_RENAME,
        Self::KILLED_AT_A_SYNC,
        Self::DISK_FULL,
        Self::DISK_FAILING,
        Self::ANYBODY_KILLED_AT_A_RENAME,
        Self::DISK_FULL_FOR_EVERYBODY,
    ];
    const KILLED_AT_A_RENAME: Self = Self { calls: RENAMES, what: "signal=SIGKILL", whose: Whose::Ours };
    const KILLED_AT_A_SYNC: Self = Self { calls: SYNCS, what: "signal=SIGKILL", whose: Whose::Ours };
    const DISK_FULL: Self = Self { calls: WRITES, what: "error=ENOSPC", whose: Whose::Ours };
    const DISK_FAILING: Self = Self { calls: SYNCS, what: "error=EIO", whose: Whose::Ours };
    const ANYBODY_KILLED_AT_A_RENAME: Self = Self { calls: RENAMES, what: "signal=SIGKILL", whose: Whose::Everybodys };
    const DISK_FULL_FOR_EVERYBODY: Self = Self { calls: WRITES, what: "error=ENOSPC", whose: Whose::Everybodys };

    /// git, killed in the middle of its checkout of some hundred files, and whoever started it.
    const ANYBODY_KILLED_AT_AN_OPEN: Self = Self { calls: "openat", what: "signal=SIGKILL", whose: Whose::Everybodys };

    /// What it is called in the table.
    fn name(self) -> &'static str {
        match (self.calls, self.what, self.whose) {
            (RENAMES, "signal=SIGKILL", Whose::Ours) => NAMES[0],
            (SYNCS, "signal=SIGKILL", _) => NAMES[1],
            (WRITES, _, Whose::Ours) => NAMES[2],
            (SYNCS, ..) => NAMES[3],
            (RENAMES, ..) => NAMES[4],
            (WRITES, ..) => NAMES[5],
            _ => NAMES[6],
        }
    }

    /// The program under strace, with the fault at the `number`th call, or with none.
    fn command(self, repo: &Repo<'_>, arguments: &[&str], number: Option<usize>) -> Command {
        self.traced(repo, arguments, number.map(|number| number.to_string()))
    }

    /// The same with the fault at the `number`th call and the one after it: libgit2 tries twice.
    fn twice(self, repo: &Repo<'_>, arguments: &[&str], number: usize) -> Command {
        self.traced(repo, arguments, Some(format!("{number}..{}", number + 1)))
    }

    fn traced(self, repo: &Repo<'_>, arguments: &[&str], when: Option<String>) -> Command {
        let mut command = repo.command("strace");
        command.args(["-q", "-o", "../trace", "-e", &format!("trace={}", self.calls)]);
        if self.whose == Whose::Everybodys {
            command.arg("-f");
        }
        if let Some(when) = when {
            command.args(["-e", &format!("inject={}:{}:when={when}", self.calls, self.what)]);
        }
        command.arg("git-hotfix").args(arguments);
        command
    }

    fn fired(repo: &Repo<'_>) -> bool {
        let trace = repo.read("../trace");
        trace.contains("(INJECTED)") || trace.contains("+++ killed by SIGKILL")
    }

    /// How many points there are in a trace of everybody, which ends when we do: strace counts each call by its name,
    /// and in each process by itself.
    fn points(self, trace: &str) -> usize {
        let calls = trace.lines().filter_map(|line| line.split_once('(')?.0.split_once(' '));
        let calls: Vec<(&str, &str)> = calls.map(|(process, call)| (process, call.trim())).collect();
        let ours = trace.lines().last().and_then(|line| line.split(' ').next());
        let counts = |&(process, call): &(&str, &str)| {
            self.calls.split(',').any(|name| name == call) && (self.whose == Whose::Everybodys || Some(process) == ours)
        };
        let calls: Vec<(&str, &str)> = calls.into_iter().filter(counts).collect();
        calls.iter().map(|of| calls.iter().filter(|call| *call == of).count()).max().unwrap_or(0)
    }
}

/// Whether a tool does its work here; where it does not, that is said aloud.
fn can(tool: &str, arguments: &[&str]) -> bool {
    let sandbox = sandbox!();
    let mut trial = sandbox.command(tool, sandbox.root());
    let works = trial.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|it| it.success());
    if !works {
        eprintln!("SKIPPED, AND SO NOT SHOWN: `{tool} {}` does not work here", arguments.join(" "));
    }
    works
}

/// The command again until it is done: where a lock stands in the way, it is named with its age, and a person removes
/// it; where nobody knows how the deployment ended, a person says so. Whether somebody spoke for the deployment.
pub(crate) fn finish(repo: &Repo<'_>, arguments: &[&str], name: &str) -> bool {
    let mut in_doubt = false;
    for _ in 0..6 {
        let output = repo.sandbox().run_within(HANGS, repo.command("git-hotfix").args(arguments));
        match output.code() {
            Some(0) => return in_doubt,
            Some(4) if output.stderr().contains("git hotfix deploy --rollback --again") => {
                in_doubt = true;
                repo.ok(["deploy", "--rollback", "--again", "--yes"]);
            }
            Some(4) if output.stderr().contains("git hotfix deploy --again") => {
                in_doubt = true;
                let deployed = repo.has("../deploys");
                let word: &[&str] = if deployed { &["mark", "deployed"] } else { &["deploy", "--again", "--yes"] };
                let output = repo.run(repo.command("git-hotfix").args(word));
                if output.code() != Some(0) {
                    remove_named_lock(repo, &output, name);
                }
            }
            Some(4 | 6) => remove_named_lock(repo, &output, name),
            _ => panic!("{name}, then again: {output}"),
        }
    }
    panic!("{name}: it comes to no end");
}

/// Removes the lock that standard error names, which must be there.
#[track_caller]
fn remove_named_lock(repo: &Repo<'_>, output: &CommandOutput, name: &str) {
    let words = output.stderr().split([' ', '\'', '`', '\n', '"', ',', ';']);
    let lock = words.map(|word| word.trim_end_matches(['.', ':'])).find(|word| word.ends_with(".lock"));
    let lock = lock.unwrap_or_else(|| panic!("{name}: no lock is named: {output}"));
    assert!(output.stderr().contains(" old"), "{name}: the age of {lock} is not told: {output}");
    let removed = fs::remove_file(repo.folder().join(lock));
    assert!(removed.is_ok(), "{name}: {lock}: {removed:?}\n{output}");
}

/// A copy of the template, with what must not be lost from it.
struct Trial<'s> {
    repo: Repo<'s>,
    ledger: Option<String>,
}

impl<'s> Trial<'s> {
    fn new(sandbox: &'s Sandbox, template: &Repo<'_>) -> Self {
        let repo = sandbox.copy_of(template);
        if template.has("../deploys") {
            repo.write("../deploys", &template.read("../deploys"));
        }
        let ledger = repo.git_ok(["for-each-ref", "--format=%(objectname)", "refs/hotfix/ledger"]);
        Self { repo, ledger: (!ledger.is_empty()).then_some(ledger) }
    }

    /// What holds at once after a fault of ours: history is sound, and no document is torn.
    fn assert_whole(&self, name: &str) {
        self.repo.git_ok(["fsck", "--strict", "--no-dangling"]);
        if self.repo.has("docs/planning/STATUS.md") {
            let status = self.repo.read("docs/planning/STATUS.md");
            assert!(status.contains("| /hotfix | ") && status.ends_with("|\n"), "{name}: torn:\n{status}");
        }
    }

    /// The command again, and it is as if nothing had happened.
    fn assert_mended(&self, arguments: &[&str], expected: &State, name: &str) {
        let was_in_doubt = finish(&self.repo, arguments, name);
        State::of(&self.repo).assert_same(expected, was_in_doubt, name);
        remove_rubbish(&self.repo);
        assert_sound(&self.repo, name);
        if let Some(before) = &self.ledger {
            let now = self.repo.git_ok(["for-each-ref", "--format=%(objectname)", "refs/hotfix/ledger"]);
            self.repo.git_ok(["merge-base", "--is-ancestor", before, &now]);
        }
    }
}

/// A killed receive-pack leaves its quarantine, and the remote's locks are the remote's. One of ours is cleared by whoever
/// records next.
fn remove_rubbish(repo: &Repo<'_>) {
    if repo.has(".git/refs/hotfix/seen/2026.lock") {
        let listed = repo.hotfix_json(["list", "--all"]);
        repo.ok(["note", "all is well", "--incident", listed["incidents"][0]["id"].as_str().expect("there is one")]);
    }
    let _ = repo.run(repo.command("find").args(["../origin.git", "-name", "*.lock", "-delete"])).success();
}

/// Sweeps a command with a fault; at how many points it struck.
fn sweep(sweep: &Sweep, fault: Fault, most: usize, salt: usize) -> usize {
    let template_sandbox = sandbox!();
    let template = sweep.prepare(&template_sandbox);
    let control = CONTROLS.once(&format!("{:?}", sweep.command), || Control::of(sweep, &template, EVERY_CALL));
    strike(sweep, fault, &template, &control, most, salt)
}

fn strike(sweep: &Sweep, fault: Fault, template: &Repo<'_>, control: &Control, most: usize, salt: usize) -> usize {
    let points = fault.points(&control.trace);
    let mut struck = 0;
    // A run may make a call or two fewer than the control (what exists is not written again): a single one stays clear.
    let points = if most == 1 { (points * 4 / 5).max(1) } else { points };
    for number in sample(points, most, salt) {
        let name = format!("{} with {fault:?} at {number} of {points}", sweep.command.join(" "));
        let sandbox = sandbox!();
        let trial = Trial::new(&sandbox, template);
        let output = sandbox.run_within(HANGS, &mut fault.command(&trial.repo, sweep.command, Some(number)));
        if !Fault::fired(&trial.repo) {
            let _ = output.success();
            continue;
        }
        struck += 1;
        match fault.what {
            "signal=SIGKILL" if fault.whose == Whose::Ours => assert_eq!(output.signal(), Some(9), "{name}: {output}"),
            // Nobody needs to fail when what could not be written is the cache, or a line of progress.
            _ => assert_ne!(output.code(), Some(101), "{name}: {output}"),
        }
        if fault.whose == Whose::Ours {
            trial.assert_whole(&name);
        }
        trial.assert_mended(sweep.command, &control.end, &name);
    }
    println!("{}, {fault:?}: {struck} of {points} points", sweep.command.join(" "));
    reliability::note(reliability::SWEEP, &sweep.name(), fault.name(), struck, struck);
    struck
}

/// A command under strace without a fault.
struct Control {
    /// Where it ends.
    end: State,
    /// Its calls, and those of what it starts.
    trace: String,
}

/// One for all faults of a command.
static CONTROLS: Memory<Control> = Memory::new();

impl Control {
    fn of(sweep: &Sweep, template: &Repo<'_>, calls: &'static str) -> Self {
        let sandbox = sandbox!();
        let trial = Trial::new(&sandbox, template);
        let none = Fault { calls, what: "", whose: Whose::Everybodys };
        let _ = sandbox.run_within(HANGS, &mut none.command(&trial.repo, sweep.command, None)).success();
        assert!(!Fault::fired(&trial.repo));
        Self { end: State::of(&trial.repo), trace: trial.repo.read("../trace") }
    }
}

/// Sweeps a command with a fault; it struck somewhere. Each command and fault strikes at other points for its `salt`.
fn survives(command: usize, fault: Fault, salt: usize) {
    if can("strace", &["-q", "-o", "trace", "-e", "trace=fsync", "true"]) {
        assert!(sweep(&COMMANDS[command], fault, full_or(8, 1), command * 7 + salt * 3) > 0);
    }
}

/// The faults of each command. A test a fault, so that none takes long.
macro_rules! sweeps {
    ($($name:ident: $command:literal;)*) => {$(
        mod $name {
            use super::{Fault, survives};

            #[test]
            fn survives_a_kill_at_a_rename() {
                survives($command, Fault::KILLED_AT_A_RENAME, 0);
            }

            #[test]
            fn survives_a_kill_at_a_sync() {
                survives($command, Fault::KILLED_AT_A_SYNC, 1);
            }

            #[test]
            fn survives_a_full_disk() {
                survives($command, Fault::DISK_FULL, 2);
            }

            #[test]
            fn survives_a_failing_disk() {
                survives($command, Fault::DISK_FAILING, 3);
            }

            #[test]
            fn survives_a_kill_of_anybody_at_a_rename() {
                survives($command, Fault::ANYBODY_KILLED_AT_A_RENAME, 4);
            }

            #[test]
            fn survives_a_disk_that_is_full_for_everybody() {
                survives($command, Fault::DISK_FULL_FOR_EVERYBODY, 5);
            }
        }
    )*};
}

sweeps! {
    open: 0;
    note: 1;
    ship: 2;
    close: 3;
    abort: 4;
}

/// The others, in four tests, so that none takes long.
fn others_survive(part: usize) {
    if !can("strace", &["-q", "-o", "trace", "-e", "trace=fsync", "true"]) {
        return;
    }
    for (place, swept) in OTHERS.iter().enumerate().skip(part).step_by(4) {
        if is_everything() {
            let struck: usize = Fault::ALL.map(|fault| sweep(swept, fault, 6, place)).iter().sum();
            assert!(struck > 0, "{}", swept.name());
        } else {
            // A fault each: a kill of us, or of anybody.
            assert!(sweep(swept, Fault::ALL[place % 3 % 2 * 4], 1, place * 5) > 0, "{}", swept.name());
        }
    }
}

macro_rules! others {
    ($($name:ident: $part:literal;)*) => {$(
        #[test]
        fn $name() {
            others_survive($part);
        }
    )*};
}

others! {
    what_writes_little_survives: 0;
    what_writes_little_survives_too: 1;
    what_writes_little_survives_as_well: 2;
    what_writes_little_survives_likewise: 3;
}

#[test]
fn a_checkout_of_some_hundred_files_survives_a_kill_of_anybody() {
    if !can("strace", &["-q", "-o", "trace", "-e", "trace=fsync", "true"]) {
        return;
    }
    let sandbox = sandbox!();
    let repo = COMMANDS[0].prepare(&sandbox);
    let colleague = repo.clone_as("colleague");
    for number in 0..300 {
        colleague.write(&format!("src/{}/{number}.txt", number % 7), &format!("file {number}\n").repeat(20));
    }
    colleague.commit_all("Grow");
    colleague.git_ok(["push", "--quiet"]);
    // Whoever opens it stands on a branch that is far behind.
    repo.git_ok(["switch", "--quiet", "--create", "behind"]);
    // Those beyond the first are in git's checkout: nobody else opens as many files.
    let most = if is_everything() { 24 } else { 3 };
    let fault = Fault::ANYBODY_KILLED_AT_AN_OPEN;
    let control = Control::of(&COMMANDS[0], &repo, fault.calls);
    assert!(strike(&COMMANDS[0], fault, &repo, &control, most, 100) > 1);
}

/// Where objects may be absent, nobody asks whether a commit is there before a ref names it.
#[test]
fn what_is_recorded_on_a_disk_that_is_full_for_a_moment_is_there() {
    if !can("strace", &["-q", "-o", "trace", "-e", "trace=fsync", "true"]) {
        return;
    }
    let template_sandbox = sandbox!();
    let template = COMMANDS[1].prepare(&template_sandbox);
    template.git_ok(["config", "remote.origin.promisor", "true"]);
    let full = Fault { what: "error=ENOSPC", ..Fault::DISK_FAILING };
    let points = full.points(&Control::of(&COMMANDS[1], &template, full.calls).trace);
    let mut failed = 0;
    for number in 1..=points {
        let name = format!("{} with no room at sync {number} of {points} and the next", NOTE.join(" "));
        let sandbox = sandbox!();
        let trial = Trial::new(&sandbox, &template);
        let output = sandbox.run_within(HANGS, &mut full.twice(&trial.repo, NOTE, number));
        trial.assert_whole(&name);
        if output.code() == Some(0) {
            let log = trial.repo.hotfix(["log"]).success();
            assert!(log.stdout().contains(NOTE[1]), "{name}: {output}{log}");
        } else {
            assert_eq!(output.code(), Some(3), "{name}: {output}");
            failed += 1;
        }
    }
    assert!(failed > 0);
}

/// In a mount namespace of its own; `.git` is made read-only by the remount.
fn in_namespace(repo: &Repo<'_>, remount: &str, arguments: &[&str]) -> Command {
    let mut command = repo.command("unshare");
    let script = format!("mount --bind .git .git && cd . && {remount} exec \"$@\"");
    command.args(["-Urm", "sh", "-c", &script, "sh", "git-hotfix"]).args(arguments);
    command
}

#[test]
fn a_read_only_repository_is_left_alone() {
    let remount = "mount -o remount,ro,bind .git &&";
    if !can("unshare", &["-Urm", "sh", "-c", "mkdir .git && mount --bind .git .git && mount -o remount,ro,bind .git"]) {
        return;
    }
    for sweep in &COMMANDS {
        let name = format!("{} on a read-only repository", sweep.command.join(" "));
        let [template_sandbox, sandbox, control] = [sandbox!(), sandbox!(), sandbox!()];
        let template = sweep.prepare(&template_sandbox);
        let control = Trial::new(&control, &template);
        let _ = control.repo.run(&mut in_namespace(&control.repo, "", sweep.command)).success();
        let trial = Trial::new(&sandbox, &template);
        let before = trial.repo.state();
        let output = trial.repo.run(&mut in_namespace(&trial.repo, remount, sweep.command));
        assert!(matches!(output.code(), Some(3 | 6)), "{name}: {output}");
        assert!(output.stderr().to_lowercase().contains("read-only"), "{name}: {output}");
        assert_eq!(trial.repo.state(), before, "{name}: {output}");
        trial.assert_mended(sweep.command, &State::of(&control.repo), &name);
    }
}

#[test]
fn a_lock_left_over_is_named_with_its_age() {
    at_once(&COMMANDS, |sweep| {
        let [template_sandbox, control] = [sandbox!(), sandbox!()];
        let template = sweep.prepare(&template_sandbox);
        let control = Trial::new(&control, &template);
        let _ = control.repo.run(control.repo.command("git-hotfix").args(sweep.command)).success();
        let expected = State::of(&control.repo);
        let ledger = control.repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
        let branch = "refs/heads/hotfix/coupons-take-off-too-much";
        let locks: &[&str] = match sweep.command.first() {
            Some(&"note") => &[&ledger],
            Some(&"close") => &[&ledger, "index"],
            Some(&"open") => &[&ledger, branch], // It switches to the commit that is there, without the index.
            _ => &[&ledger, "index", branch],
        };
        for lock in locks {
            let name = format!("{} with {lock}.lock", sweep.command.join(" "));
            let sandbox = sandbox!();
            let trial = Trial::new(&sandbox, &template);
            let path = trial.repo.lock_of(lock);
            trial.repo.write(&path, "");
            let _ = trial.repo.run(trial.repo.command("touch").args(["-d", "3 hours ago", &path])).success();
            let output = sandbox.run_within(HANGS, trial.repo.command("git-hotfix").args(sweep.command));
            assert!(matches!(output.code(), Some(4 | 6)), "{name}: {output}");
            assert!(output.stderr().contains("3 h old"), "{name}: {output}");
            remove_named_lock(&trial.repo, &output, &name);
            assert!(!trial.repo.has(&path), "{name} names another lock: {output}");
            trial.assert_mended(sweep.command, &expected, &name);
        }
    });
}
