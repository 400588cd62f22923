//! What is done to the programs that a command starts while we live on, and to us while they run.

use std::process::{Command, Stdio};
use std::time::Duration;

use hotfix_tests::sandbox;

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
