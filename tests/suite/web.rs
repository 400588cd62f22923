//! The record over smart HTTP, and servers that break off.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use hotfix_tests::{Repo, Sandbox, Web, sandbox};

use crate::fixtures::opened;

/// Far above what sharing may take.
const HANGS: Duration = Duration::from_secs(60);

/// A server for the sandbox; `None`, said aloud, where the machine has none.
fn web(sandbox: &Sandbox) -> Option<Web> {
    let web = Web::serve(sandbox);
    if web.is_none() {
        eprintln!("NOT TESTED: smart HTTP, since lighttpd or git http-backend is not on this machine");
    }
    web
}

/// Two clones that know the remote by its address on the web; the first has an incident open.
fn two<'s>(sandbox: &'s Sandbox, web: &Web) -> (Repo<'s>, Repo<'s>) {
    let ada = opened(sandbox);
    let bob = ada.clone_as("bob");
    for repo in [&ada, &bob] {
        repo.git_ok(["remote", "set-url", "origin", &web.known_address("origin.git")]);
        repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    }
    (ada, bob)
}

fn ledger(repo: &Repo<'_>) -> String {
    repo.git_ok(["for-each-ref", "--format=%(objectname) %(refname)", "refs/hotfix/ledger"])
}

/// Both record something, and end with the same.
fn meet(ada: &Repo<'_>, bob: &Repo<'_>) {
    ada.ok(["sync"]);
    bob.ok(["sync"]);
    ada.ok(["note", "restarted the queue"]);
    bob.ok(["note", "called the bank"]);
    for repo in [ada, bob, ada] {
        repo.ok(["sync"]);
    }
    assert_eq!(ledger(ada), ledger(bob));
    let shown = ada.hotfix(["show"]).success();
    assert!(shown.stdout().contains("restarted the queue") && shown.stdout().contains("called the bank"), "{shown}");
}

#[test]
fn the_record_is_shared_over_http_with_a_password() {
    let sandbox = sandbox!();
    let Some(web) = web(&sandbox) else { return };
    let (ada, bob) = two(&sandbox, &web);
    meet(&ada, &bob);
    ada.git_ok(["remote", "set-url", "origin", &web.address("origin.git", "eight-pears")]);
    let said = ada.hotfix(["sync"]).exits_with(5);
    assert!(!said.to_string().contains("eight-pears"), "{said}");
    // Nobody is asked for one, and nothing is kept from being recorded.
    ada.git_ok(["remote", "set-url", "origin", "http://127.0.0.1:1/git/origin.git"]);
    let _ = ada.hotfix(["sync"]).exits_with(6);
    ada.ok(["note", "the night goes on"]);
}

#[test]
fn hosts_that_take_or_show_only_branches_and_tags_get_a_branch() {
    for hook in [true, false] {
        let sandbox = sandbox!();
        let Some(web) = web(&sandbox) else { return };
        let (ada, bob) = two(&sandbox, &web);
        if hook {
            ada.hook(
                "../origin.git/hooks/update",
                "#!/bin/sh\ncase $1 in refs/heads/*|refs/tags/*) ;; *) echo 'only branches' >&2; exit 1;; esac\n",
            );
        } else {
            ada.at("../origin.git").git_ok(["config", "transfer.hideRefs", "refs/hotfix"]);
        }
        let said = ada.hotfix(["sync"]).success();
        assert!(said.stderr().contains("the ledger is on hotfix-ledger/"), "{said}");
        meet(&ada, &bob);
        let on = ada.at("../origin.git").git_ok(["for-each-ref", "--format=%(refname)"]);
        assert!(on.contains("refs/heads/hotfix-ledger/") && !on.contains("refs/hotfix/"), "{on}");
    }
}

/// A server of our own: what it answers to each connection before it hangs up.
fn server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = listener.local_addr().expect("it is bound").port();
    // It ends with the test's process.
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = connection.read(&mut [0; 4096]);
                let _ = connection.write_all(answer);
            });
        }
    });
    format!("http://127.0.0.1:{port}/origin.git")
}

#[test]
fn a_server_that_breaks_off_is_tried_again_later_and_nothing_is_lost() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    let before = ledger(&repo);
    let answers: [&[u8]; 5] = [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: 900\r\n\r\n001e# service=git-upl",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: 9\r\n\r\n\xff\xff\x00zzzz..",
    ];
    for answer in answers {
        repo.git_ok(["remote", "set-url", "origin", &server(answer)]);
        let said = sandbox.run_within(HANGS, repo.command("git-hotfix").arg("sync"));
        assert!(matches!(said.code(), Some(3 | 5 | 6)), "{}: {said}", String::from_utf8_lossy(answer));
        assert_eq!(ledger(&repo), before);
        repo.git_ok(["fsck", "--strict"]);
    }
    let origin = repo.origin();
    repo.git_ok(["remote", "set-url", "origin", origin.to_str().expect("a path")]);
    repo.ok(["sync"]);
}
