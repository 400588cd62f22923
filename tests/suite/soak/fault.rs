//! What goes wrong while a command runs. Each fault says whether it struck by its own evidence, never by the exit code alone.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use hotfix_tests::{CommandOutput, Mishap, Moment, Shim};

use super::damage::Damage;
use super::disk::Disk;
use super::world::{HANGS, Place};

/// One fault, as it was chosen.
#[derive(Debug)]
pub(super) enum Fault {
    Killed { after: u64 },
    TreeKilled { after: u64 },
    Signaled { signal: &'static str, after: u64 },
    GroupSignaled { signal: &'static str, after: u64 },
    ChildKilled { after: u64 },
    KilledAtACall { calls: &'static str, number: usize },
    AnybodyKilledAtACall { calls: &'static str, number: usize },
    CallFails { calls: &'static str, error: &'static str, number: usize },
    CallFailsForAnybody { calls: &'static str, error: &'static str, number: usize },
    KilledAtAChild { number: usize, moment: Moment },
    ChildFails { number: usize, mishap: Mishap },
    RemoteHook { hook: &'static str, script: &'static str },
    LocalHook { hook: &'static str },
    DiskFull { kib: usize },
    FilesMustBeSmall { kib: usize },
    FewOpenFiles { most: usize },
    Locked { lock: &'static str },
    Collected,
    Damaged(Damage),
}

/// The names of all faults, as the table has them; the last ones are shown by strace alone.
pub(crate) const NAMES: [&str; 24] = [
    "killed",
    "killed with its children",
    "interrupted",
    "interrupted with its children",
    "killed at a child",
    "failing child",
    "killed child",
    "hook at the remote",
    "hook of the clone",
    "collected meanwhile",
    PRUNED,
    "ledger deleted",
    "ledger reset",
    "event unreadable",
    "caches garbled",
    "remote out of reach",
    "killed at a system call",
    "anybody killed at a system call",
    "failing system call",
    "system call failing for anybody",
    "disk full",
    "file size limit",
    "too few open files",
    "lock left over",
];

/// Somebody throws away what nothing holds, after a fault.
pub(super) const PRUNED: &str = "pruned before it was mended";

const CALLS: [&str; 6] =
    ["rename,renameat,renameat2,link,linkat", "openat", "write", "fsync", "unlink,unlinkat", "mkdir"];
const ERRORS: [(&str, &str); 5] =
    [("write", "ENOSPC"), ("openat", "EMFILE"), ("openat", "EIO"), ("fsync", "EIO"), ("read,pread64", "EIO")];
const HOOKS: [(&str, &str); 6] = [
    ("pre-receive", "echo 'not tonight' >&2; exit 1"),
    ("update", "exit 1"),
    ("pre-receive", "sleep 0.3"),
    ("post-receive", "kill -9 $PPID"),
    ("update", "kill -9 $PPID"),
    ("pre-receive", SILENT),
];
/// It says nothing, for longer than anybody waits.
const SILENT: &str = "sleep 60 >/dev/null 2>&1";
const LOCAL_HOOKS: [&str; 3] = ["pre-push", "post-checkout", "reference-transaction"];
/// The last is our own, which another program holds.
const LOCKS: [&str; 5] =
    ["index.lock", "HEAD.lock", "packed-refs.lock", "refs/remotes/origin/main.lock", "refs/hotfix/ledger/<year>.lock"];
const SIGNALS: [&str; 4] = ["INT", "TERM", "HUP", "QUIT"];
const MISHAPS: [Mishap; 6] =
    [Mishap::Fails, Mishap::FailsBadly, Mishap::ActsAndFails, Mishap::Hangs, Mishap::Killed, Mishap::ActsAndIsKilled];
/// The commands that push.
const PUSHING: [&str; 5] = ["backport", "close", "pr", "revert", "ship"];
/// The commands that move branches or the work tree.
const MOVING: [&str; 6] = ["abort", "backport", "close", "open", "revert", "ship"];

impl Fault {
    /// One that can strike this command, which took so many milliseconds when it only said what it would do.
    pub(super) fn choose(rng: &mut Rng, command: &str, took: u64, disk_can_be_full: bool) -> Self {
        loop {
            let chosen = Self::choose_any(rng, took, disk_can_be_full);
            let can_strike = match &chosen {
                Self::RemoteHook { .. } => PUSHING.contains(&command),
                Self::Locked { .. } | Self::LocalHook { .. } => MOVING.contains(&command),
                _ => true,
            };
            if can_strike {
                return chosen;
            }
        }
    }

    fn choose_any(rng: &mut Rng, took: u64, disk_can_be_full: bool) -> Self {
        let after = rng.u64(1..took.max(2) * 2);
        let mut few = |most: usize| {
            let most = rng.usize(2..most);
            rng.usize(1..most)
        };
        let (number, child) = (few(40), few(8));
        let calls = CALLS[rng.usize(..CALLS.len())];
        let (failing, error) = ERRORS[rng.usize(..ERRORS.len())];
        // Where there is no strace, those that only it can show are left out, aloud; see `World::new`.
        match rng.u8(..if has_strace() { 32 } else { 20 }) {
            0 => Self::Killed { after },
            1 | 2 => Self::TreeKilled { after },
            3 => Self::Signaled { signal: SIGNALS[rng.usize(..4)], after },
            4 => Self::GroupSignaled { signal: SIGNALS[rng.usize(..4)], after },
            5 | 6 => {
                let moment = if rng.bool() { Moment::Before } else { Moment::After };
                Self::KilledAtAChild { number: child, moment }
            }
            7 | 8 => Self::ChildFails { number: child, mishap: MISHAPS[rng.usize(..MISHAPS.len())] },
            9 => Self::ChildKilled { after: rng.u64(..20) },
            10..=13 => {
                let (hook, script) = HOOKS[rng.usize(..HOOKS.len())];
                Self::RemoteHook { hook, script }
            }
            14 => Self::LocalHook { hook: LOCAL_HOOKS[rng.usize(..LOCAL_HOOKS.len())] },
            15 => Self::Collected,
            16..=19 => Self::Damaged(Damage::ALL[rng.usize(..Damage::ALL.len())]),
            20 | 21 => Self::KilledAtACall { calls, number },
            22 | 23 => Self::AnybodyKilledAtACall { calls, number },
            24 | 25 => Self::CallFails { calls: failing, error, number },
            26 | 27 => Self::CallFailsForAnybody { calls: failing, error, number },
            28 => Self::FilesMustBeSmall { kib: rng.usize(..24) },
            29 => Self::FewOpenFiles { most: rng.usize(4..16) },
            30 => Self::Locked { lock: LOCKS[rng.usize(..LOCKS.len())] },
            _ if disk_can_be_full => Self::DiskFull { kib: rng.usize(..200) },
            _ => Self::FilesMustBeSmall { kib: rng.usize(..24) },
        }
    }

    /// What it is called in the table.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Killed { .. } => "killed",
            Self::TreeKilled { .. } => "killed with its children",
            Self::Signaled { .. } => "interrupted",
            Self::GroupSignaled { .. } => "interrupted with its children",
            Self::ChildKilled { .. } | Self::ChildFails { mishap: Mishap::Killed | Mishap::ActsAndIsKilled, .. } => {
                "killed child"
            }
            Self::KilledAtACall { .. } => "killed at a system call",
            Self::AnybodyKilledAtACall { .. } => "anybody killed at a system call",
            Self::CallFails { .. } => "failing system call",
            Self::CallFailsForAnybody { .. } => "system call failing for anybody",
            Self::KilledAtAChild { .. } => "killed at a child",
            Self::ChildFails { .. } => "failing child",
            Self::RemoteHook { .. } => "hook at the remote",
            Self::LocalHook { .. } => "hook of the clone",
            Self::DiskFull { .. } => "disk full",
            Self::FilesMustBeSmall { .. } => "file size limit",
            Self::FewOpenFiles { .. } => "too few open files",
            Self::Locked { .. } => "lock left over",
            Self::Collected => "collected meanwhile",
            Self::Damaged(damage) => damage.name(),
        }
    }

    /// Whether a child may do its work and say that it failed.
    pub(super) fn lies(&self) -> bool {
        matches!(self, Self::ChildFails { mishap: Mishap::ActsAndFails, .. })
    }

    /// Whether it ended us in a way that has no exit code of ours: by SIGKILL, before the program was loaded, or before it
    /// listened to signals (a shell makes the same 129, 130, 131 or 143 of that).
    pub(super) fn kills(&self, output: &CommandOutput) -> bool {
        if let Self::Signaled { signal, .. } | Self::GroupSignaled { signal, .. } = self {
            return output.signal() == Some(number_of(signal));
        }
        let may_fail_to_load =
            matches!(self, Self::CallFails { .. } | Self::CallFailsForAnybody { .. } | Self::FewOpenFiles { .. });
        output.signal() == Some(9) || (may_fail_to_load && output.code() == Some(127))
    }

    /// Runs the command with the fault; whether it struck.
    pub(super) fn strike(&self, place: &Place<'_>, disk: &Disk, arguments: &[String]) -> (CommandOutput, bool) {
        match self {
            Self::Killed { after } => after_a_time(place, arguments, *after, 9, |id| signal("KILL", &[id])),
            Self::TreeKilled { after } => after_a_time(place, arguments, *after, 9, kill_tree),
            Self::Signaled { signal: name, after } => {
                after_a_time(place, arguments, *after, number_of(name), |id| signal(name, &[id]))
            }
            Self::GroupSignaled { signal: name, after } => {
                after_a_time(place, arguments, *after, number_of(name), |id| signal_group(name, id))
            }
            Self::ChildKilled { after } => child_killed(place, arguments, *after),
            Self::KilledAtACall { calls, number } => traced(place, arguments, calls, "signal=SIGKILL", *number, false),
            Self::AnybodyKilledAtACall { calls, number } => {
                traced(place, arguments, calls, "signal=SIGKILL", *number, true)
            }
            Self::CallFails { calls, error, number } => {
                traced(place, arguments, calls, &format!("error={error}"), *number, false)
            }
            Self::CallFailsForAnybody { calls, error, number } => {
                traced(place, arguments, calls, &format!("error={error}"), *number, true)
            }
            Self::KilledAtAChild { number, moment } => {
                let shim = fresh_shim(place);
                let mut command = shim.killing(&place.repo, "git-hotfix", *number, *moment);
                let output = place.repo.sandbox().run_within(HANGS, command.args(arguments));
                (output, shim.fired())
            }
            Self::ChildFails { number, mishap } => child_fails(place, arguments, *number, *mishap),
            Self::RemoteHook { hook, script } => {
                let file = place.repo.origin().join("hooks").join(hook);
                with_hook(place, arguments, &file, script)
            }
            Self::LocalHook { hook } => {
                let file = place.repo.git_ok(["rev-parse", "--path-format=absolute", "--git-path", "hooks"]);
                with_hook(place, arguments, &Path::new(&file).join(hook), "exit 1")
            }
            Self::DiskFull { kib } => {
                disk.filled(*kib, || watched(place, arguments, "true", WRITING, |line| line.contains("ENOSPC")))
            }
            Self::FilesMustBeSmall { kib } => {
                let limit = format!("ulimit -f {}", kib * 2);
                watched(place, arguments, &limit, WRITING, |line| {
                    line.contains("EFBIG") || line.contains("--- SIGXFSZ")
                })
            }
            Self::FewOpenFiles { most } => {
                watched(place, arguments, &format!("ulimit -n {most}"), OPENING, |line| line.contains("EMFILE"))
            }
            Self::Locked { lock } => locked(place, arguments, lock),
            Self::Collected => collected(place, arguments),
            Self::Damaged(damage) => damage.strike(place, arguments),
        }
    }
}

/// Whether system calls can be watched here.
pub(super) fn has_strace() -> bool {
    static HAS: LazyLock<bool> = LazyLock::new(|| {
        let trial = Command::new("strace").args(["-q", "-e", "trace=none", "true"]).stderr(Stdio::null()).status();
        trial.is_ok_and(|it| it.success())
    });
    *HAS
}

/// Something that ends it by a signal, after some milliseconds.
fn after_a_time(
    place: &Place<'_>,
    arguments: &[String],
    after: u64,
    number: i32,
    strike: impl FnOnce(u32),
) -> (CommandOutput, bool) {
    let mut command = place.repo.command("git-hotfix");
    // A terminal starts each command in a group of its own.
    let output = place.repo.sandbox().run_while(HANGS, command.args(arguments).process_group(0), |id| {
        thread::sleep(Duration::from_millis(after));
        strike(id);
    });
    let struck = output.signal() == Some(number) || output.code() == Some(128 + number);
    (output, struck)
}

fn number_of(signal: &str) -> i32 {
    match signal {
        "HUP" => 1,
        "INT" => 2,
        "QUIT" => 3,
        _ => 15,
    }
}

fn signal(name: &str, ids: &[u32]) {
    let ids = ids.iter().map(u32::to_string);
    let _ = Command::new("kill").arg(format!("-{name}")).args(ids).stderr(Stdio::null()).status();
}

/// What a terminal does at Ctrl-C, and when it is closed.
fn signal_group(name: &str, id: u32) {
    let _ = Command::new("kill").arg(format!("-{name}")).arg("--").arg(format!("-{id}")).stderr(Stdio::null()).status();
}

/// Kills the child that was started last, as soon as there is any and some milliseconds have gone by.
fn child_killed(place: &Place<'_>, arguments: &[String], after: u64) -> (CommandOutput, bool) {
    let mut command = place.repo.command("git-hotfix");
    let mut struck = false;
    let output = place.repo.sandbox().run_while(HANGS, command.args(arguments), |id| {
        while parent(id).is_some() {
            let Some(child) = children(&[id]).into_iter().max() else {
                thread::sleep(Duration::from_millis(1));
                continue;
            };
            thread::sleep(Duration::from_millis(after));
            struck = is_alive(child);
            return signal("KILL", &[child]);
        }
    });
    (output, struck)
}

/// Whether a process is there and has not ended.
fn is_alive(id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Kills a process with all that it started: all are stopped first, so that nobody starts another one meanwhile.
fn kill_tree(root: u32) {
    let mut tree = vec![root];
    signal("STOP", &tree);
    loop {
        let more: Vec<u32> = children(&tree).into_iter().filter(|id| !tree.contains(id)).collect();
        if more.is_empty() {
            break;
        }
        signal("STOP", &more);
        tree.extend(more);
    }
    signal("KILL", &tree);
}

/// The processes whose parent is one of these.
fn children(parents: &[u32]) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| parent(*id).is_some_and(|parent| parents.contains(&parent))).collect()
}

fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

fn traced(
    place: &Place<'_>,
    arguments: &[String],
    calls: &str,
    what: &str,
    number: usize,
    anybody: bool,
) -> (CommandOutput, bool) {
    let trace = place.repo.sandbox().root().join("trace");
    let mut command = place.repo.command("strace");
    command.arg("-q").arg("-o").arg(&trace).args(["-e", &format!("trace={calls}")]);
    command.args(["-e", &format!("inject={calls}:{what}:when={number}")]);
    if anybody {
        command.arg("-f");
    }
    let output = place.repo.sandbox().run_within(HANGS, command.arg("git-hotfix").args(arguments));
    let trace = String::from_utf8_lossy(&fs::read(trace).unwrap_or_default()).into_owned();
    let struck = trace.contains("(INJECTED)") || trace.contains("+++ killed by SIGKILL");
    (output, struck)
}

fn fresh_shim(place: &Place<'_>) -> Shim {
    let _ = fs::remove_dir_all(place.repo.sandbox().root().join("shim"));
    Shim::new(place.repo.sandbox(), &["git", "sh"])
}

fn child_fails(place: &Place<'_>, arguments: &[String], number: usize, mishap: Mishap) -> (CommandOutput, bool) {
    let shim = fresh_shim(place);
    let mut command = shim.failing(&place.repo, "git-hotfix", number, mishap);
    let output = if mishap == Mishap::Hangs {
        until_somebody_interrupts(place, command.args(arguments), || shim.fired())
    } else {
        place.repo.sandbox().run_within(HANGS, command.args(arguments))
    };
    (output, shim.fired())
}

/// A person waits for what hangs, and presses Ctrl-C; and once more, as the first does not end a checkout.
fn until_somebody_interrupts(place: &Place<'_>, command: &mut Command, hangs: impl Fn() -> bool) -> CommandOutput {
    place.repo.sandbox().run_while(HANGS, command, |id| {
        while parent(id).is_some() {
            thread::sleep(Duration::from_millis(20));
            if hangs() {
                thread::sleep(Duration::from_millis(100));
                signal("INT", &[id]);
                let patience = Instant::now() + Duration::from_secs(2);
                while parent(id).is_some() && Instant::now() < patience {
                    thread::sleep(Duration::from_millis(20));
                }
                return signal("INT", &[id]);
            }
        }
    })
}

/// A hook that notes that it ran, and is taken away afterwards.
fn with_hook(place: &Place<'_>, arguments: &[String], hook: &Path, script: &str) -> (CommandOutput, bool) {
    let fired = place.repo.sandbox().root().join("hook-fired");
    place.repo.hook(&hook.display().to_string(), &format!("#!/bin/sh\necho x > {}\n{script}\n", fired.display()));
    let mut command = place.repo.command("git-hotfix");
    let output = if script == SILENT {
        until_somebody_interrupts(place, command.args(arguments), || fired.exists())
    } else {
        place.repo.sandbox().run_within(HANGS, command.args(arguments))
    };
    let _ = fs::remove_file(hook);
    (output, fs::remove_file(fired).is_ok())
}

const WRITING: &str = "write,pwrite64,ftruncate,fallocate,openat,mkdir,link,linkat,rename,renameat,renameat2,symlink";
const OPENING: &str =
    "openat,pipe,pipe2,socket,socketpair,dup,dup2,fcntl,eventfd2,epoll_create1,memfd_create,pidfd_open";

/// Runs it in circumstances that the shell sets; whether one of the calls that failed is a sign of the fault.
fn watched(
    place: &Place<'_>,
    arguments: &[String],
    before: &str,
    calls: &str,
    is_sign: impl Fn(&str) -> bool,
) -> (CommandOutput, bool) {
    let trace = place.repo.sandbox().root().join("trace");
    let mut command = place.repo.command("strace");
    command.args(["-f", "--seccomp-bpf", "-q", "-Z", "-e", &format!("trace={calls}"), "-o"]).arg(&trace);
    command.args(["sh", "-c", &format!("{before}; exec git-hotfix \"$@\""), "sh"]).args(arguments);
    let output = place.repo.sandbox().run_within(HANGS, &mut command);
    let trace = String::from_utf8_lossy(&fs::read(trace).unwrap_or_default()).into_owned();
    let struck = trace.lines().any(is_sign);
    (output, struck)
}

/// A lock that nobody holds any more; it is there afterwards, and a person removes it.
fn locked(place: &Place<'_>, arguments: &[String], lock: &str) -> (CommandOutput, bool) {
    let ledgers = place.repo.git_ok(["for-each-ref", "--format=%(refname:lstrip=3)", "refs/hotfix/ledger"]);
    let lock = lock.replace("<year>", ledgers.lines().next().unwrap_or("2026"));
    let path = place.repo.git_ok(["rev-parse", "--path-format=absolute", "--git-path", &lock]);
    // One that holds nothing could be what a process of ours left that was killed.
    place.repo.write(&path, "another program\n");
    let name = format!("{lock}\"");
    let stands_in_the_way = |line: &str| line.contains(&name) && line.contains("EEXIST");
    let (output, struck) = watched(place, arguments, "true", WRITING, stands_in_the_way);
    assert!(place.repo.has(&path), "{lock} is removed by somebody who did not make it: {output}");
    let _ = fs::remove_file(path);
    (output, struck)
}

/// Somebody packs the repository meanwhile.
fn collected(place: &Place<'_>, arguments: &[String]) -> (CommandOutput, bool) {
    let mut gc = place.repo.command("git");
    let gc = gc.args(["gc", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let output = place.repo.sandbox().run_within(HANGS, place.repo.command("git-hotfix").args(arguments));
    let packed = gc.and_then(|mut gc| gc.wait()).is_ok_and(|status| status.success());
    (output, packed)
}
