//! An alert becomes an incident: what Alertmanager posts to a webhook is piped to `open`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;

use hotfix_tests::{Alertmanager, CommandOutput, Repo, Sample, sandbox};
use serde_json::json;

/// As Alertmanager 0.25.0 posted it.
const POSTED: &str = include_str!("../../hotfix-core/src/evidence/fixtures/alerts/alertmanager.json");

/// What is posted here next.
fn posted(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().expect("somebody posts");
    let mut reader = BufReader::new(stream.try_clone().expect("it is open"));
    let head: Vec<String> = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let length = head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.expect("it says how long it is")];
    reader.read_exact(&mut body).expect("all of it comes");
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").expect("it listens");
    String::from_utf8(body).expect("it is JSON")
}

/// Runs a command that reads this.
fn reading(repo: &Repo<'_>, input: &str, arguments: &[&str]) -> CommandOutput {
    repo.write("../input", input);
    let mut command = repo.command("git-hotfix");
    let file = std::fs::File::open(repo.folder().join("../input")).expect("it was written");
    repo.run(command.args(arguments).stdin(Stdio::from(file)))
}

/// What the incident took from the alerts.
fn check(repo: &Repo<'_>) {
    let incident = repo.hotfix_json(["show"])["incident"].clone();
    assert_eq!(incident["title"], "Checkout answers 500 to a third of the customers");
    assert_eq!(incident["source"], "Alertmanager: CheckoutErrors");
    assert_eq!(incident["started_at"], "2026-03-01T02:00:00Z");
    assert_eq!(incident["evidence"][0]["frames"][0]["file"], "shop/checkout.py");
    let shown = repo.hotfix(["show"]).success();
    for told in ["label instance: web-1", "annotation runbook_url: https://wiki.shop.example/checkout"] {
        assert!(shown.stdout().contains(told), "{shown}");
    }
}

#[test]
fn what_a_real_alertmanager_posts_opens_an_incident() {
    let sandbox = sandbox!();
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let webhook = format!("http://{}/", listener.local_addr().expect("it is bound"));
    let Some(alertmanager) = Alertmanager::serve(&sandbox, &webhook) else {
        eprintln!("NOT TESTED: a real Alertmanager, since prometheus-alertmanager is not on this machine");
        return;
    };
    let known: serde_json::Value = serde_json::from_str(POSTED).expect("it is JSON");
    let alerts = known["alerts"].as_array().expect("it has alerts").iter().map(|alert| {
        let (labels, annotations, starts_at) = (&alert["labels"], &alert["annotations"], &alert["startsAt"]);
        json!({ "labels": labels, "annotations": annotations, "startsAt": starts_at })
    });
    let alerts: Vec<_> = alerts.collect();
    let answer = alertmanager.post(&json!(alerts).to_string()).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body = posted(&listener);
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let _ = reading(&repo, &body, &["open", "--severity", "high", "--report", "-"]).success();
    check(&repo);
}

#[test]
fn what_it_posted_once_does_too_and_the_person_has_the_last_word() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let _ = reading(&repo, POSTED, &["open", "--severity", "high", "--report", "-"]).success();
    check(&repo);
    // The same alert again goes on with the same incident.
    let again = reading(&repo, POSTED, &["open", "--severity", "high", "--report", "-"]).success();
    assert!(again.stderr().contains("is open with this slug; going on with it"), "{again}");
    assert_eq!(repo.hotfix_json(["list"])["incidents"].as_array().map(Vec::len), Some(1));
    let said = ["open", "The shop is down", "--severity", "high", "--source", "a call", "--report", "-"];
    let _ = reading(&repo, POSTED, &said).success();
    let incident = repo.hotfix_json(["show"])["incident"].clone();
    assert_eq!((&incident["title"], &incident["source"]), (&"The shop is down".into(), &"a call".into()));
    // Its label says how bad it is, where that is a severity of ours by its very name.
    let unsaid = ["open", "Search is slow", "--report", "-"];
    let taken = reading(&repo, POSTED, &unsaid).success();
    assert!(taken.stderr().contains("note: severity critical, as the alert says"), "{taken}");
    assert_eq!(repo.hotfix_json(["show"])["incident"]["severity"], "critical");
    let page = POSTED.replace("\"severity\":\"critical\"", "\"severity\":\"sev1\"");
    let other = ["open", "Search is slower", "--report", "-"];
    assert!(reading(&repo, &page, &other).exits_with(2).stderr().contains("--severity is required"));
    let log = reading(&repo, "ERROR: it is down\n", &["open", "--severity", "high", "--report", "-"]).exits_with(2);
    assert!(log.stderr().contains("TITLE"), "{log}");
}
