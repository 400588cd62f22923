//! GitHub behind a company's proxy.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use hotfix_tests::{CommandOutput, Repo, Shop, TOKEN, sandbox};

/// A proxy that lets nobody through; its address, and what it was asked.
fn proxy(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound").to_string();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let notes = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
            notes.lock().unwrap().push(lines.collect::<Vec<_>>().join("\n"));
            let _ = write!(&stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
        }
    });
    (address, asked)
}

fn file_an_issue(repo: &Repo<'_>, variables: &[(&str, &str)]) -> CommandOutput {
    let mut command = repo.command("git");
    command.args(["hotfix", "follow-up", "add", "Alert", "--issue"]).env("HOTFIX_GITHUB_TOKEN", TOKEN);
    repo.run(command.envs(variables.iter().copied()))
}

#[test]
fn the_proxy_that_the_environment_names_is_asked_and_told_nothing() {
    let sandbox = sandbox!();
    let repo = sandbox.shop(Shop::Shell).with_remote();
    let _ = repo.hotfix(["open", "Coupons", "--severity", "high"]).success();
    repo.git_ok(["config", "hotfix.forge.kind", "github"]);
    repo.git_ok(["config", "hotfix.forge.repository", "dev/shop"]);
    let filters = vec![(r"127\.0\.0\.1:\d+", "PROXY")];

    let (address, asked) = proxy("407 Who are you");
    let told = file_an_issue(&repo, &[("https_proxy", &format!("http://me:hunter2@{address}"))]).exits_with(5);
    insta::with_settings!({ filters => filters.clone() }, { insta::assert_snapshot!(told.verdict(), @r#"
    ------- stderr -------
    error: failed to file the issue "Alert": no answer by the proxy PROXY: it wants a user and a password
    hint: name them: https_proxy=http://USER:PASSWORD@HOST:PORT
    [exit status: 5]
    "#); });
    let asked = asked.lock().unwrap().join("\n");
    assert!(asked.starts_with("CONNECT api.github.com:443 HTTP/1.1"), "{asked}");
    assert!(!asked.contains(TOKEN) && !told.to_string().contains("hunter2"), "{asked}\n{told}");

    let (address, others) = proxy("502 Nobody there");
    let told = file_an_issue(&repo, &[("HTTPS_PROXY", &format!("http://{address}"))]).exits_with(6);
    insta::with_settings!({ filters => filters }, { insta::assert_snapshot!(told.verdict(), @r#"
    ------- stderr -------
    error: failed to file the issue "Alert": no answer by the proxy PROXY: it does not let us through
    hint: https_proxy names the proxy; no_proxy names hosts to be asked without it
    [exit status: 6]
    "#); });
    assert!(!others.lock().unwrap().is_empty());

    let (address, unasked) = proxy("502 Nobody there");
    repo.git_ok(["config", "hotfix.forge.api", "https://127.0.0.1:1/api/v3"]);
    let around = [("ALL_PROXY", format!("http://{address}")), ("no_proxy", "127.0.0.1".to_owned())];
    let around: Vec<(&str, &str)> = around.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let _ = file_an_issue(&repo, &around).exits_with(6);
    assert!(unasked.lock().unwrap().is_empty());
}
