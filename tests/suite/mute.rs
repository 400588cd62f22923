//! A remote of the ledger that takes every call and never answers: it is waited for once, not by every command of a night.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, sample_with};

/// Far above what waiting for it once takes.
const HANGS: Duration = Duration::from_secs(60);

/// Somebody who takes calls and says nothing.
struct Mute {
    address: String,
    calls: Arc<AtomicUsize>,
    /// The calls that it keeps waiting; absent once it hangs up at once.
    held: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Mute {
    fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let (calls, held) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Some(Vec::new()))));
        let (counted, kept) = (Arc::clone(&calls), Arc::clone(&held));
        thread::spawn(move || {
            for call in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                // What is asked is heard first: git dies of a pipe that breaks while it asks.
                let _ = BufReader::new(&call).fill_buf();
                kept.lock().unwrap().as_mut().into_iter().for_each(|held| held.push(call.try_clone().unwrap()));
            }
        });
        Self { address, calls, held }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn hangs_up(&self) {
        self.held.lock().unwrap().take();
    }
}

fn shared_with<'s>(sandbox: &'s Sandbox, mute: &Mute) -> Repo<'s> {
    let repo = sample_with(sandbox, "[ledger]\nshare = true\nremote = \"records\"\n");
    repo.git_ok(["remote", "add", "records", &format!("git://{}/records.git", mute.address)]);
    repo.git_ok(["config", "remote.records.hotfixLedger", "true"]);
    repo
}

#[test]
fn a_remote_that_never_answers_is_waited_for_once() {
    const LEFT_ALONE: &str = "records does not answer, and is not asked again before ";
    let (sandbox, mute) = (sandbox!(), Mute::serve());
    let repo = shared_with(&sandbox, &mute);
    let opened = repo.hotfix(["open", TITLE, "--severity", "high"]).success();
    assert!(opened.stderr().contains(LEFT_ALONE), "{opened}");
    let waited_for = mute.calls();
    assert!(waited_for > 0, "{opened}");
    for command in [&["note", "restarted the queue"][..], &["mark", "mitigated"], &["triage", "--impact", "all carts"]]
    {
        let said = repo.hotfix(command).success();
        assert!(!said.stderr().contains("records"), "it was said: {said}");
    }
    assert_eq!(mute.calls(), waited_for, "nobody waited again");
    // Who asks by hand is not put off.
    mute.hangs_up();
    let _ = repo.hotfix(["sync", "records"]).exits_with(6);
    assert!(mute.calls() > waited_for);
    // What anybody wrote there puts nobody off.
    let asked = mute.calls();
    for garbled in ["", "soon records\n", "99999999999 records\n", &"9".repeat(5000)] {
        repo.write(".git/hotfix/left-alone", garbled);
        repo.ok(["note", &format!("said after {} bytes", garbled.len())]);
    }
    assert_eq!(mute.calls(), asked + 4);
}

#[test]
fn a_server_that_never_answers_keeps_a_note_for_ten_seconds_and_no_longer() {
    let (sandbox, mute) = (sandbox!(), Mute::serve());
    let repo = sample_with(&sandbox, "[ledger]\nshare = true\n");
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.git_ok(["remote", "set-url", "origin", &format!("http://{}/origin.git", mute.address)]);
    let noted = sandbox.run_within(HANGS, repo.command("git-hotfix").args(["note", "restarted the queue"])).success();
    assert!(noted.stderr().contains("origin does not answer, and is not asked again before "), "{noted}");
    assert!(mute.calls() > 0);
    let shown = repo.hotfix(["show"]).success();
    assert!(shown.stdout().contains("restarted the queue"), "{shown}");
}
