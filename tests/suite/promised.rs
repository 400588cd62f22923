//! Partial clones that got the ledger by a fetch of their own, and so not whole: what is still with the remote is fetched where that
//! may be asked, and is not here yet where it may not. It is no damage, and does not pass for nothing.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, opened, refused, sample_with};

/// An incident that is shared with a remote, and a clone that left what the filter says there.
fn partial<'s>(sandbox: &'s Sandbox, filter: &str) -> (Repo<'s>, Repo<'s>) {
    let repo = opened(sandbox);
    repo.ok(["note", "restarted the queue"]);
    repo.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
    repo.ok(["sync"]);
    let script = "git -C \"$1\" config uploadpack.allowFilter true && git -C \"$1\" config uploadpack.allowAnySHA1InWant true \
                  && git clone --quiet --filter=\"$0\" \"file://$1\" ../partial && cd ../partial \
                  && git fetch --quiet --filter=\"$0\" origin '+refs/hotfix/ledger/*:refs/hotfix/ledger/*'";
    let origin = repo.git_ok(["remote", "get-url", "origin"]);
    let _ = repo.run(repo.command("sh").args(["-c", script, filter, origin.trim()])).success();
    let clone = repo.at("../partial");
    assert_ne!(lacks(&clone), 0, "the control");
    (repo, clone)
}

/// How many objects of the ledger are not here.
fn lacks(repo: &Repo<'_>) -> usize {
    let script = "git rev-list --objects --no-walk --missing=print $(git for-each-ref --format='%(objectname)' refs/hotfix/ledger)";
    let listed = repo.run(repo.command("sh").args(["-c", script])).success();
    listed.stdout().lines().filter(|line| line.starts_with('?')).count()
}

#[test]
fn what_the_remote_has_is_fetched_at_once() {
    for filter in ["blob:none", "tree:0"] {
        let sandbox = sandbox!();
        let (_repo, clone) = partial(&sandbox, filter);
        let listed = clone.hotfix(["list"]).success();
        assert!(listed.stdout().contains(TITLE) && listed.stderr().is_empty(), "{filter}: {listed}");
        assert_eq!(lacks(&clone), 0, "{filter}");
        clone.ok(["note", "from the partial clone"]);
        clone.ok(["ledger", "verify"]);
        clone.git_ok(["config", "remote.origin.hotfixLedger", "true"]);
        clone.ok(["sync"]);
    }
}

#[test]
fn what_may_not_be_fetched_now_is_not_here_yet() {
    for filter in ["blob:none", "tree:0"] {
        let sandbox = sandbox!();
        let (_repo, clone) = partial(&sandbox, filter);
        let missing = lacks(&clone);
        let commands: [&[&str]; 6] = [
            &["note", "x", "--offline"],
            &["ship", "--yes", "--offline"],
            &["open", TITLE, "--severity", "high", "--offline"],
            &["ledger", "verify", "--offline"],
            &["ledger", "repair", "--offline"],
            &["close", "--offline"],
        ];
        for command in commands {
            let said = refused(&clone, command, 6);
            assert!(said.contains("git hotfix sync origin   # fetches it"), "{filter}: {command:?}: {said}");
            assert!(!said.contains("damaged"), "{filter}: {said}");
        }
        if filter == "blob:none" {
            let said = clone.hotfix(["list", "--offline"]).success();
            assert!(said.stdout().is_empty() && said.stderr().contains("note: not here yet: HF-"), "{said}");
            assert!(said.stderr().contains("git hotfix sync origin   # fetches it"), "{said}");
        }
        assert_eq!(lacks(&clone), missing, "nothing was asked of the remote");
        clone.git_ok(["remote", "set-url", "origin", "../nowhere.git"]);
        let said = clone.hotfix(["note", "x"]).exits_with(6);
        assert!(said.stderr().contains("git hotfix sync origin   # fetches it"), "{filter}: {said}");
    }
}

/// Files of other commits are with the remote as well, and among them the rules that an incident goes by.
#[test]
fn a_view_of_the_record_does_without_the_rules_that_are_not_here() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[severity.high]\nlabel = \"Sev 2\"\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.git_ok(["switch", "--quiet", "main"]);
    repo.commit_file("hotfix.toml", "[severity.high]\nlabel = \"Sev two\"\n", "Set the rules anew");
    repo.git_ok(["push", "--quiet", "origin", "main", "+refs/hotfix/ledger/*:refs/hotfix/ledger/*"]);
    let script = "git -C \"$0\" config uploadpack.allowFilter true && git -C \"$0\" config uploadpack.allowAnySHA1InWant true \
                  && git clone --quiet --filter=blob:none \"file://$0\" ../partial && cd ../partial \
                  && git fetch --quiet --no-filter origin '+refs/hotfix/ledger/*:refs/hotfix/ledger/*'";
    let origin = repo.git_ok(["remote", "get-url", "origin"]);
    let _ = repo.run(repo.command("sh").args(["-c", script, origin.trim()])).success();
    let clone = repo.at("../partial");
    assert_eq!(lacks(&clone), 0, "the ledger is here");
    let rules = clone.resolve("origin/main^").expect("it is here");
    let lacks_rules = || {
        let listed = clone.git_ok(["rev-list", "--objects", "--no-walk", "--missing=print", &rules]);
        listed.lines().any(|line| line.starts_with('?'))
    };
    for is_there in [true, false] {
        if !is_there {
            clone.git_ok(["remote", "set-url", "origin", "../nowhere.git"]);
        }
        let (objects, ids) = (clone.git_ok(["count-objects", "--verbose"]), clone.git_ok(["for-each-ref"]));
        for view in ["log", "show"] {
            let said = clone.hotfix([view]).success();
            assert!(said.stdout().contains("opened"), "{view}: {said}");
            assert!(said.stderr().contains(&format!("git cat-file -e {rules}:hotfix.toml")), "{view}: {said}");
            assert_eq!(said.stderr().matches("until then the newest rules here hold").count(), 1, "{view}: {said}");
        }
        assert!(lacks_rules(), "nothing was fetched");
        assert_eq!((clone.git_ok(["count-objects", "--verbose"]), clone.git_ok(["for-each-ref"])), (objects, ids));
    }
    let said = clone.hotfix(["status"]).success();
    assert!(said.stdout().contains("Sev two"), "the newest: {said}");
    // The control: the line that is named brings them.
    clone.git_ok(["remote", "set-url", "origin", &format!("file://{}", origin.trim())]);
    clone.git_ok(["cat-file", "-e", &format!("{rules}:hotfix.toml")]);
    let said = clone.hotfix(["show"]).success();
    assert!(said.stdout().contains("Sev 2") && said.stderr().is_empty(), "{said}");
}
