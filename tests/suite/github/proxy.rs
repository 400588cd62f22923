//! GitHub behind a company's proxy.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use hotfix_tests::{CommandOutput, Fault, GitHub, Repo, Sample, TOKEN, sandbox};

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
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.ok(["open", "Coupons", "--severity", "high"]);
    repo.git_ok(["config", "hotfix.forge.kind", "github"]);
    repo.git_ok(["config", "hotfix.forge.repository", "dev/shop"]);
    let filters = vec![(r"127\.0\.0\.1:\d+", "PROXY")];

    let (address, asked) = proxy("407 Who are you");
    let named = format!("http://me:hunter2@{address}");
    let told = file_an_issue(&repo, &[("https_proxy", &named)]).exits_with(5);
    insta::with_settings!({ filters => filters.clone() }, { insta::assert_snapshot!(told.verdict(), @r#"
    ------- stderr -------
    error: failed to file the issue "Alert": no answer by the proxy PROXY: it does not accept the user and the password
    hint: fix them in https_proxy
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
    hint: HTTPS_PROXY names the proxy; no_proxy names hosts to be asked without it
    [exit status: 6]
    "#); });
    assert!(!others.lock().unwrap().is_empty());

    let told = file_an_issue(&repo, &[("ALL_PROXY", "socks4://me:hunter2@proxy:1080")]).exits_with(3);
    insta::assert_snapshot!(told.verdict(), @"
    ------- stderr -------
    error: failed to set up the connection to https://api.github.com: ALL_PROXY names no proxy of the kind http://, https:// or socks5://
    hint: name one as http://HOST:PORT, or the host in no_proxy to be asked without it
    [exit status: 3]
    ");

    let (address, unasked) = proxy("502 Nobody there");
    repo.git_ok(["config", "hotfix.forge.api", "https://127.0.0.1:1/api/v3"]);
    let around = [("ALL_PROXY", format!("http://{address}")), ("no_proxy", "127.0.0.1".to_owned())];
    let around: Vec<(&str, &str)> = around.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let _ = file_an_issue(&repo, &around).exits_with(6);
    assert!(unasked.lock().unwrap().is_empty());
}

#[test]
fn a_whole_incident_by_a_proxy_that_opens_what_is_encrypted() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let github = GitHub::serve(&repo.origin());
    let proxy = github.behind_proxy();
    repo.git_ok(["config", "hotfix.forge.kind", "github"]);
    repo.git_ok(["config", "hotfix.forge.repository", "dev/shop"]);
    repo.git_ok(["config", "http.proxy", &format!("http://me:hunter2@{}", proxy.address())]);
    repo.write("../authority.pem", proxy.certificate());
    let authority = repo.folder().join("../authority.pem");
    let hotfix = |arguments: &[&str], trusts: bool| {
        let mut command = repo.command("git");
        command
            .arg("hotfix")
            .args(arguments)
            .env("HOTFIX_GITHUB_TOKEN", TOKEN)
            .env("https_proxy", "http://127.0.0.1:1");
        if trusts {
            command.env("SSL_CERT_FILE", &authority);
        }
        repo.run(&mut command)
    };
    let _ = hotfix(&["open", "Coupons", "--severity", "high"], true).success();
    repo.fix_the_bug();

    let refused = hotfix(&["pr"], false).exits_with(5);
    insta::assert_snapshot!(refused.verdict(), @"
    ------- stderr -------
    error: failed to propose hotfix/coupons at github.com: the connection is not trusted: invalid peer certificate: UnknownIssuer
    hint: let this machine trust the authority that signed it, or name its certificate in SSL_CERT_FILE
    [exit status: 5]
    ");
    assert_eq!(github.writes(), [""; 0]);

    github.trap("POST /repos/dev/shop/pulls", Fault::CutAfter);
    let _ = hotfix(&["ship", "--yes"], true).success();
    assert_eq!((github.fired(), github.pulls()), (1, 1));
    assert_eq!(github.pull(1)["state"], "closed");
    assert!(github.pull(1)["merged"].is_string());
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.iter().all(|asked| asked.contains("Proxy-Authorization: Basic")), "{asked:?}");
    assert!(!asked.iter().any(|asked| asked.contains(TOKEN)), "{asked:?}");
}
