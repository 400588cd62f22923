//! Others are told of events by a webhook; one that fails is said, and stops nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use hotfix_tests::{CommandOutput, Repo, sandbox};
use serde_json::Value;

use crate::fixtures::{TITLE, sample_with};

const RULES: &str = "[notify]\nevents = [\"opened\", \"noted\", \"merged\", \"retracted\"]\n";

/// A webhook that answers by this; its address, and what is posted there.
fn webhook(answer: impl Fn(&mut TcpStream) + Send + 'static) -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/services/T0/swordfish", listener.local_addr().unwrap());
    let (tell, told) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map(Result::unwrap) {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let head: Vec<String> =
                reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let length =
                head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            let _ = reader.read_exact(&mut body);
            let _ = tell.send(serde_json::from_slice(&body).unwrap_or_default());
            answer(&mut stream);
        }
    });
    (address, told)
}

fn takes(stream: &mut TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}

fn run(repo: &Repo<'_>, address: &str, arguments: &[&str]) -> CommandOutput {
    repo.run(repo.command("git-hotfix").args(arguments).env("HOTFIX_NOTIFY_URL", address))
}

#[test]
fn chosen_events_are_posted_with_their_incident_and_no_others() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, RULES);
    let (address, told) = webhook(takes);
    let open = run(&repo, &address, &["open", TITLE, "--severity", "high"]).success();
    assert!(open.stderr().contains("webhook: 127.0.0.1:") && !open.to_string().contains("swordfish"), "{open}");
    let opened = told.recv().unwrap();
    assert_eq!(
        (&opened["v"], &opened["event"], &opened["incident"]["title"]),
        (&1.into(), &"opened".into(), &TITLE.into())
    );
    assert_eq!(opened["text"], "incident opened (high): Coupons take off too much");
    let marked = run(&repo, &address, &["mark", "detected"]).success();
    assert!(!marked.stderr().contains("webhook:"), "it was said when the incident was opened: {marked}");
    let _ = run(&repo, &address, &["note", "the key is ghp_0123456789abcdefghijABCDEFGHIJ012345"]).success();
    let noted = told.recv().unwrap();
    assert_eq!(noted["event"], "noted", "a mark is not chosen");
    assert!(
        noted["text"].as_str().is_some_and(|text| text.starts_with("the key is ") && !text.contains("ghp_")),
        "{noted}"
    );
    let _ = run(&repo, &address, &["undo"]).success();
    assert!(told.recv().unwrap()["text"].as_str().unwrap().starts_with("taken back: the key is "));
    let _ = run(&repo, &address, &["note", &"long ".repeat(1_000)]).success();
    assert_eq!(told.recv().unwrap()["text"].as_str().map(|text| text.chars().count()), Some(500));
}

#[test]
fn a_chat_gets_one_line_that_calls_nobody() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, &format!("{RULES}format = \"slack\"\n"));
    let (address, told) = webhook(takes);
    repo.git_ok(["config", "hotfix.notify.url", &address]);
    repo.ok(["open", TITLE, "--severity", "high", "--impact", "low <totals>"]);
    let opened = told.recv().unwrap()["text"].as_str().unwrap().to_owned();
    let what = "incident opened on hotfix/coupons-take-off-too-much; impact: low &lt;totals&gt; (Alex Doe, HF-";
    assert!(opened.starts_with(&format!("{TITLE} (high, active): {what}")), "{opened}");
    repo.ok(["note", "see <!channel> & @here\nnow"]);
    let text = told.recv().unwrap()["text"].as_str().unwrap().to_owned();
    let (before, _) = text.split_once("HF-").unwrap();
    assert_eq!(
        before,
        "Coupons take off too much (high, active): see &lt;!channel&gt; &amp; @\u{200b}here now (Alex Doe, "
    );
    // The person's variable goes before, and without a network nothing is told.
    let (other, elsewhere) = webhook(takes);
    let _ = run(&repo, &other, &["note", "x"]).success();
    drop(elsewhere.recv());
    let _ = run(&repo, &other, &["note", "x", "--offline"]).success();
    assert_eq!((told.try_iter().count(), elsewhere.try_iter().count()), (0, 0));
}

#[test]
fn one_that_fails_is_said_once_and_stops_nothing() {
    let refuses = |stream: &mut TcpStream| {
        let _ =
            stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\nConnection: close\r\n\r\nno_service");
    };
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[notify]\nevents = [\"guarded\", \"pull-request-opened\", \"merged\"]\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let (address, told) = webhook(refuses);
    let ship = run(&repo, &address, &["ship", "--yes"]).success();
    assert!(ship.stderr().contains(" was not told of `guarded`: it answered HTTP 404: no_service"), "{ship}");
    assert_eq!((ship.stderr().matches("was not told").count(), told.try_iter().count()), (1, 1), "{ship}");
    assert!(!ship.to_string().contains("swordfish"), "{ship}");
    assert_eq!(repo.hotfix_json(["show"])["incident"]["pull_request"]["state"], "merged");
}

#[test]
fn the_address_is_no_file_s_and_no_program_s_and_the_doctor_shows_its_host() {
    let sandbox = sandbox!();
    let rules = format!("{RULES}\n[hooks]\nnoted = [\"sh\", \"-c\", \"env > ../environment\"]\n");
    let repo = sample_with(&sandbox, &rules);
    let (address, _told) = webhook(takes);
    repo.ok(["open", TITLE, "--severity", "high"]);
    let _ = run(&repo, &address, &["note", "x"]).success();
    assert!(repo.read("../environment").contains("HOTFIX_EVENT=noted"));
    assert!(!repo.read("../environment").contains("swordfish"));
    let doctor = run(&repo, "https://hooks.slack.com/services/T0/swordfish", &["doctor"]);
    let line = doctor.stdout().lines().find(|line| line.contains("notify")).unwrap_or_default();
    assert!(!doctor.stderr().contains("webhook:"), "{doctor}");
    assert!(line.contains("hooks.slack.com is told of opened, noted, merged, retracted, as json"), "{doctor}");
    let alone = repo.hotfix(["doctor"]);
    let line = alone.stdout().lines().find(|line| line.contains("notify")).unwrap_or_default();
    assert!(line.contains("no address is set here; fix: git config --global hotfix.notify.url URL"), "{alone}");
    let wrong = run(&repo, "swordfish", &["doctor"]);
    assert!(wrong.stdout().contains("is no http or https URL") && !wrong.to_string().contains("swordfish"), "{wrong}");
    let noted = run(&repo, "swordfish", &["note", "y"]).success();
    assert!(noted.stderr().contains("the webhook was not told of `noted`"), "{noted}");
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.commit_file("hotfix.toml", "[notify]\nurl = \"https://x/y\"\n", "Say the address");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    let refused = repo.hotfix(["open", "Search is down", "--severity", "high"]).exits_with(2);
    assert!(refused.stderr().contains("set HOTFIX_NOTIFY_URL, or git config hotfix.notify.url"), "{refused}");
}
