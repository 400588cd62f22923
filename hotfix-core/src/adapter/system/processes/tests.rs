use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

const LONG: Duration = Duration::from_secs(60);

/// A folder to run programs in, with a grace period short enough for tests.
fn sandbox() -> (TempDir, SystemProcesses) {
    let top = tempfile::tempdir().unwrap();
    let processes = SystemProcesses {
        top: top.path().canonicalize().unwrap(),
        grace: Duration::from_millis(500),
        stamp: Stamp::default(),
    };
    (top, processes)
}

fn shell(script: &str, timeout: Duration) -> Invocation {
    let command = ["sh", "-c", script].map(String::from).to_vec();
    Invocation::new(command, timeout)
}

fn run(script: &str) -> Finished {
    let (_top, processes) = sandbox();
    processes.run(&shell(script, LONG)).unwrap()
}

fn text(finished: &Finished) -> &str {
    std::str::from_utf8(&finished.output).unwrap()
}

fn told(result: Result<Finished, PortError>) -> String {
    let error = result.unwrap_err();
    format!("{}: {} ({:?})", error.doing, error.source.as_ref().unwrap(), error.kind)
}

/// The number that a script wrote into a file, once it is there in full.
fn pid_in(path: &Path) -> u32 {
    let given_up_at = Instant::now() + Duration::from_secs(20);
    loop {
        let text = fs::read_to_string(path).unwrap_or_default();
        if let Some(pid) = text.strip_suffix('\n') {
            return pid.parse().unwrap();
        }
        assert!(Instant::now() < given_up_at, "{} never came", path.display());
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits a moment for a process to be gone; one that nobody has reaped yet counts as gone.
fn assert_gone(pid: u32) {
    let given_up_at = Instant::now() + Duration::from_secs(5);
    while is_alive(pid) {
        assert!(Instant::now() < given_up_at, "process {pid} is still there");
        thread::sleep(Duration::from_millis(5));
    }
}

fn is_alive(pid: u32) -> bool {
    if Path::new("/proc/self/stat").exists() {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        return stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'));
    }
    Command::new("kill").args(["-0", &pid.to_string()]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn what_it_reads_is_what_it_was_given() {
    let (_top, processes) = sandbox();
    let fed = |script: &str, bytes: &[u8]| {
        let invocation = Invocation { stdin: Some(bytes.to_vec()), ..shell(script, LONG) };
        processes.run(&invocation).unwrap()
    };
    assert_eq!(text(&fed("cat", b"{\"kind\":\"merged\"}\n")), "{\"kind\":\"merged\"}\n");
    let long = vec![b'x'; 1024 * 1024];
    assert_eq!(text(&fed("wc -c", &long)).trim(), long.len().to_string());
    assert_eq!(fed("exit 0", &long).ending, Ending::Passed);
    assert_eq!(text(&run("cat")), "");
}

#[test]
fn tells_how_a_program_ended_and_what_it_printed_in_order() {
    let finished = run("echo one; echo two >&2; echo three; exit 7");
    assert_eq!(text(&finished), "one\ntwo\nthree\n");
    assert_eq!((finished.ending, finished.exit_code), (Ending::Failed, Some(7)));
    assert_eq!(run("true").ending, Ending::Passed);
}

#[test]
fn a_signal_is_a_failure_without_exit_code() {
    let finished = run("kill -SEGV $$");
    assert_eq!((finished.ending, finished.exit_code), (Ending::Failed, None));
}

#[test]
fn runs_at_the_top_with_no_input_and_no_terminal() {
    let (top, processes) = sandbox();
    let finished = processes.run(&shell("pwd -P; cat; (: </dev/tty) 2>/dev/null || echo no terminal", LONG)).unwrap();
    let top = top.path().canonicalize().unwrap();
    assert_eq!(text(&finished), format!("{}\nno terminal\n", top.display()));
}

#[test]
fn without_a_terminal_an_interactive_program_is_run_as_any_other() {
    let (_top, processes) = sandbox();
    let invocation = Invocation { interactive: true, ..shell("cat; sleep 300", Duration::from_millis(300)) };
    if has_terminal() {
        return; // Somebody runs the tests by hand; the next test shows what a terminal changes.
    }
    assert_eq!(processes.run(&invocation).unwrap().ending, Ending::TimedOut);
}

#[test]
fn a_relative_program_is_found_from_the_top() {
    let (top, processes) = sandbox();
    fs::create_dir(top.path().join("script")).unwrap();
    std::os::unix::fs::symlink("/bin/echo", top.path().join("script/say")).unwrap();
    for program in ["script/say", "./script/say"] {
        let command = vec![program.to_owned(), "hello".to_owned()];
        let finished = processes.run(&Invocation { command: command.into(), ..shell("", LONG) }).unwrap();
        assert_eq!(text(&finished), "hello\n");
    }
}

#[test]
fn an_argument_stays_one_argument() {
    let (_top, processes) = sandbox();
    let command = ["printf", "<%s>", "a b", "$(id)", "*", ""].map(String::from).to_vec();
    let finished = processes.run(&Invocation { command: command.into(), ..shell("", LONG) }).unwrap();
    assert_eq!(text(&finished), "<a b><$(id)><*><>");
}

#[test]
fn says_which_program_is_missing() {
    let (top, processes) = sandbox();
    let missing = |program: &str| {
        let command = vec![program.to_owned()];
        told(processes.run(&Invocation { command: command.into(), ..shell("", LONG) }))
    };
    assert_eq!(missing("no-such-tool"), "find the program `no-such-tool`: no folder on PATH has it (Precondition)");
    let not_there = missing("./no/such");
    assert!(not_there.starts_with("start the program `./no/such`: No such file or directory"), "{not_there}");
    assert!(not_there.ends_with("(Precondition)"));
    fs::write(top.path().join("plain"), "text").unwrap();
    assert!(missing("./plain").starts_with("start the program `./plain`: Permission denied"));
    let nothing = processes.run(&Invocation { command: Vec::new().into(), ..shell("", LONG) });
    assert_eq!(told(nothing), "find the program ``: the command is empty (Precondition)");
}

#[test]
fn at_the_deadline_the_program_and_what_it_started_are_asked_to_end() {
    let (top, processes) = sandbox();
    let script = "sleep 300 & echo $! > child; trap 'echo asked; exit 0' TERM; wait";
    let started = Instant::now();
    let finished = processes.run(&shell(script, Duration::from_millis(300))).unwrap();
    assert_eq!((finished.ending, finished.exit_code), (Ending::TimedOut, Some(0)));
    assert_eq!(text(&finished), "asked\n");
    assert!(started.elapsed() < LONG / 2);
    assert_gone(pid_in(&top.path().join("child")));
}

#[test]
fn what_ignores_the_request_to_end_is_killed() {
    let (top, processes) = sandbox();
    let script = "trap '' TERM; sleep 300 & echo $! > child; echo started; while :; do sleep 1; done";
    let finished = processes.run(&shell(script, Duration::from_millis(300))).unwrap();
    assert_eq!((finished.ending, finished.exit_code), (Ending::TimedOut, None));
    assert_eq!(text(&finished), "started\n");
    assert!(finished.milliseconds >= 800, "deadline and grace period take {} ms", finished.milliseconds);
    assert_gone(pid_in(&top.path().join("child")));
}

#[test]
fn what_outlives_the_program_that_was_asked_to_end_is_killed() {
    let (top, processes) = sandbox();
    let script = "(trap '' TERM; sleep 300 & echo $! > child; wait) & wait";
    let finished = processes.run(&shell(script, Duration::from_millis(300))).unwrap();
    assert_eq!(finished.ending, Ending::TimedOut);
    assert_gone(pid_in(&top.path().join("child")));
}

#[test]
fn does_not_wait_for_a_grandchild_that_holds_the_pipe() {
    let (top, processes) = sandbox();
    let finished = processes.run(&shell("sleep 300 & echo $! > child; echo done", LONG)).unwrap();
    assert_eq!((finished.ending, text(&finished)), (Ending::Passed, "done\n"));
    assert!(finished.milliseconds < 30_000);
    let child = pid_in(&top.path().join("child"));
    assert!(is_alive(child), "what a program leaves behind on purpose stays");
    assert!(Command::new("kill").arg(child.to_string()).status().unwrap().success());
}

#[test]
fn keeps_both_ends_of_a_flood() {
    let finished = run("echo first; head -c 20000000 /dev/zero | tr '\\0' x; echo; echo last");
    assert!(finished.output.starts_with(b"first\nxxx") && finished.output.ends_with(b"xxx\nlast\n"));
    assert!(finished.output.len() < 330 * 1024, "{} bytes are kept", finished.output.len());
    assert!(String::from_utf8_lossy(&finished.output).contains("xxx\n[19672332 bytes left out]\nxxx"));
}

#[test]
fn a_program_sees_neither_tokens_nor_another_repository() {
    // Variables of this process cannot be set safely, so the command that would be started is looked at.
    let (_top, processes) = sandbox();
    let mut invocation = shell("env", LONG);
    invocation.environment = vec![("HOTFIX_INCIDENT".into(), "HF-2026-7k3mq2xa".into())];
    let command = processes.command(&invocation).unwrap();
    let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_COUNT", "HOTFIX_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"] {
        assert!(removed.contains(&name.as_ref()), "{name} is passed on");
    }
    let finished = processes.run(&invocation).unwrap();
    assert!(text(&finished).contains("HOTFIX_INCIDENT=HF-2026-7k3mq2xa\n"));
    assert!(text(&finished).contains("PATH="));
}

/// What needs a process of its own: signals, and a terminal. The test binary runs itself again for it.
#[cfg(feature = "workflow")]
mod in_a_process_of_its_own {
    use std::env;
    use std::process::{Child, exit};

    use super::*;

    const SCENARIO: &str = "HOTFIX_TEST_SCENARIO";

    /// This very test as a command that runs `scenario` in `top` instead.
    fn command_for(scenario: &str, top: &Path) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        let name = "adapter::system::processes::tests::in_a_process_of_its_own::scenario";
        command.args([name, "--exact", "--nocapture"]).current_dir(top).env(SCENARIO, scenario);
        command
    }

    /// Does nothing on its own: `command_for` starts it.
    #[test]
    #[expect(clippy::exit, reason = "it plays the front, which decides how we end")]
    fn scenario() {
        let Ok(scenario) = env::var(SCENARIO) else { return };
        let processes = SystemProcesses::new(env::current_dir().unwrap());
        match scenario.as_str() {
            "idle" => {
                interrupt::install(|signal| exit(signal.exit_code().into())).unwrap();
                fs::write("ready", format!("{}\n", std::process::id())).unwrap();
                thread::sleep(LONG);
            }
            "running" => {
                interrupt::install(|signal| exit(signal.exit_code().into())).unwrap();
                let result = processes.run(&shell("sleep 300 & echo $! > ready; wait", LONG));
                fs::write("told", told(result)).unwrap();
                fs::write("second", told(processes.run(&shell("touch never", LONG)))).unwrap();
                exit(interrupt::received().unwrap().exit_code().into());
            }
            "stubborn" => {
                interrupt::install(|signal| exit(signal.exit_code().into())).unwrap();
                let script = "trap '' INT TERM; sleep 300 & echo $! > ready; while :; do sleep 1; done";
                told(processes.run(&shell(script, LONG)));
                thread::sleep(LONG);
            }
            "terminal" => {
                let script =
                    "test -t 0 && test -t 1 && test -t 2 && read line </dev/tty && echo \"$line\" > answer; exit 3";
                let invocation = Invocation { interactive: true, ..shell(script, Duration::ZERO) };
                let finished = processes.run(&invocation).unwrap();
                fs::write("told", format!("{:?} {:?}", finished.ending, finished.exit_code)).unwrap();
                exit(0);
            }
            other => panic!("no scenario {other}"),
        }
    }

    fn start(scenario: &str, top: &Path) -> Child {
        command_for(scenario, top).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn send(signal: &str, child: &Child) {
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    }

    #[test]
    fn a_signal_while_nothing_runs_ends_us_at_once() {
        for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
            let top = tempfile::tempdir().unwrap();
            let mut child = start("idle", top.path());
            pid_in(&top.path().join("ready"));
            send(signal, &child);
            assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
        }
    }

    #[test]
    fn a_signal_ends_what_runs_then_us_and_nothing_more_is_started() {
        for (signal, code, name) in [("-INT", 130, "SIGINT"), ("-TERM", 143, "SIGTERM")] {
            let top = tempfile::tempdir().unwrap();
            let mut child = start("running", top.path());
            let grandchild = pid_in(&top.path().join("ready"));
            send(signal, &child);
            assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
            assert_gone(grandchild);
            let told = format!("run `sh`: interrupted by {name} (Interrupted)");
            assert_eq!(fs::read_to_string(top.path().join("told")).unwrap(), told);
            assert_eq!(fs::read_to_string(top.path().join("second")).unwrap(), told);
            assert!(!top.path().join("never").exists());
        }
    }

    #[test]
    fn a_second_signal_kills_what_does_not_end() {
        let top = tempfile::tempdir().unwrap();
        let started = Instant::now();
        let mut child = start("stubborn", top.path());
        let grandchild = pid_in(&top.path().join("ready"));
        send("-INT", &child);
        thread::sleep(Duration::from_millis(200));
        send("-INT", &child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(started.elapsed() < GRACE, "the grace period is waited for");
        assert_gone(grandchild);
    }

    /// `script` of util-linux gives the terminal.
    #[cfg(target_os = "linux")]
    #[test]
    fn an_interactive_program_shares_our_terminal_and_has_no_deadline() {
        use std::io::Write;

        let top = tempfile::tempdir().unwrap();
        let inner = command_for("terminal", top.path());
        let words = std::iter::once(inner.get_program()).chain(inner.get_args());
        let line = words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ");
        let mut child = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .current_dir(top.path())
            .env(SCENARIO, "terminal")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"my passphrase\n").unwrap();
        assert!(child.wait().unwrap().success());
        assert_eq!(fs::read_to_string(top.path().join("told")).unwrap(), "Failed Some(3)");
        assert_eq!(fs::read_to_string(top.path().join("answer")).unwrap(), "my passphrase\n");
    }
}
