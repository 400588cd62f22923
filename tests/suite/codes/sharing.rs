//! The record cannot be shared, or is not what was recorded.

use std::fs;

use hotfix_core::workflow::Code;
use hotfix_tests::{Sample, sandbox};

use super::Rows;
use crate::damaged::{empty, event_file};
use crate::fixtures::opened;

/// `sync`, and what it meets.
pub(super) fn of_sync(rows: &mut Rows) {
    let sandbox = sandbox!();
    let alone = sandbox.sample(Sample::Shell);
    rows.refused(Code::NoRemote, 3, &alone, &["sync"]);
    rows.refused(Code::NoRemote, 3, &alone, &["sync", "--setup"]);
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let origin = repo.at("../origin.git");
    let place = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let mut refused = |code, exit, arguments: &[&str]| rows.refused(code, exit, &repo, arguments);
    refused(Code::NotShared, 3, &["sync"]);
    refused(Code::NoSuchRemote, 2, &["sync", "nowhere"]);
    refused(Code::Offline, 3, &["sync", "--offline"]);
    refused(Code::Arguments, 2, &["sync", "--setup", "--restore"]);
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    // Neither this ref nor the branch.
    repo.hook("../origin.git/hooks/pre-receive", "#!/bin/sh\nexit 1\n");
    refused(Code::Outside, 5, &["sync"]);
    // Others are faster, each time.
    let moves = "place=$(cat place) && old=$(git rev-parse --quiet --verify $place); \
                 git update-ref $place $(git commit-tree -m other ${old:+-p $old} $(git mktree </dev/null))";
    fs::write(repo.origin().join("place"), &place).unwrap();
    let quietly = "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY";
    repo.hook("../origin.git/hooks/pre-receive", &format!("#!/bin/sh\n{quietly}\n{moves}\n"));
    refused(Code::Ledger, 6, &["sync"]);
    fs::remove_file(repo.origin().join("hooks/pre-receive")).unwrap();
    origin.git_ok(["update-ref", &place, "main"]);
    refused(Code::NotShared, 3, &["sync"]);
    origin.git_ok(["update-ref", "-d", &place]);
    repo.git_ok(["update-ref", "-d", "refs/hotfix-remotes/origin/2026"]);
    repo.ok(["sync"]);
    origin.git_ok(["update-ref", "-d", &place]);
    refused(Code::RemoteRewritten, 4, &["sync"]);
    repo.ok(["sync", "--restore"]);
    let script = "export GIT_DIR=../origin.git GIT_INDEX_FILE=$PWD/../odd.index && git read-tree $0 \
                  && folder=$(dirname $(git ls-files | head -1)) && blob=$(echo odd | git hash-object -w --stdin) \
                  && git update-index --add --cacheinfo 100644,$blob,$folder/$(printf %064d 0).json \
                  && git update-ref $0 $(git commit-tree -m odd -p $0 $(git write-tree))";
    let _ = repo.run(repo.command("sh").args(["-c", script, &place])).success();
    refused(Code::Ledger, 4, &["sync"]);
    repo.git_ok(["remote", "set-url", "origin", "git://127.0.0.1:1/shop.git"]);
    refused(Code::Outside, 6, &["sync"]);
}

/// `ledger ...`, and what it meets.
pub(super) fn of_the_ledger(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.ok(["note", "restarted the queue"]);
    let place = repo.git_ok(["for-each-ref", "--format=%(refname)", "refs/hotfix/ledger"]);
    let tip = repo.git_ok(["rev-parse", &place]);
    let mut refused = |code, exit, arguments: &[&str]| rows.refused(code, exit, &repo, arguments);
    refused(Code::Event, 2, &["ledger", "forget", "zzz", "--reason", "x"]);
    let log = repo.hotfix(["log", "--ids"]).success();
    let id = log.stdout().split_whitespace().next().expect("an id").to_owned();
    refused(Code::Reason, 2, &["ledger", "forget", &id, "--reason", " "]);
    refused(Code::Confirm, 2, &["ledger", "forget", &id, "--reason", "x"]);
    refused(Code::Arguments, 2, &["ledger", "export", "--format", "xml"]);
    refused(Code::Outside, 3, &["ledger", "import", "none.ndjson"]);
    repo.write("../bad.ndjson", "{}\n");
    refused(Code::Report, 2, &["ledger", "import", "../bad.ndjson"]);
    repo.git_ok(["update-ref", &place, &format!("{tip}~1")]);
    refused(Code::Ledger, 4, &["ledger", "verify"]);
    repo.git_ok(["update-ref", &place, &tip]);
    empty(&event_file(&repo, "noted"));
    refused(Code::Ledger, 1, &["ledger", "verify"]);
    refused(Code::Ledger, 1, &["ledger", "repair"]);
}
