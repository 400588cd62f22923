//! A laptop that died in `ship` and comes back once a colleague has shipped and closed its incident: it learns who did, does nothing once more,
//! and leaves alone what was not committed.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{DEPLOY_KILLS_US, TITLE, two_clones};

#[test]
fn whoever_has_not_fetched_is_told_who_closed_it_and_of_no_damage() {
    let sandbox = sandbox!();
    let (ada, bob) = two_clones(&sandbox, "");
    ada.ok(["open", TITLE, "--severity", "high"]);
    ada.fix_the_bug();
    ada.ok(["ship", "--yes"]);
    ada.ok(["close"]);
    // On production's branch the records would be brought along.
    bob.git_ok(["switch", "--quiet", "--create", "other"]);
    for is_fetched in [false, true] {
        // Typed into a shell: the harness adds no answers then.
        let said = bob.run(bob.command("sh").args(["-c", "git hotfix close"])).success();
        assert!(said.stdout().contains(" was closed by Ada"), "{said}");
        let has_fix = said.stdout().contains("\nFix: ");
        assert_eq!(
            (has_fix, said.stderr().contains("hint: git fetch origin   #")),
            (is_fetched, !is_fetched),
            "{said}"
        );
        bob.git_ok(["fetch", "--quiet", "origin"]);
    }
}

/// Ada's laptop, which died in the deployment and has work that nobody committed, and Bob's, where the incident is closed.
fn closed_elsewhere(sandbox: &Sandbox) -> (Repo<'_>, Repo<'_>) {
    let (ada, bob) = two_clones(sandbox, DEPLOY_KILLS_US);
    ada.ok(["open", TITLE, "--severity", "high"]);
    ada.fix_the_bug();
    let killed = ada.run(ada.command("git-hotfix").args(["ship", "--yes"]));
    assert_eq!(killed.signal(), Some(9), "{killed}");
    ada.write("total.sh", "half a thought\n");
    ada.write("new.txt", "not added\n");
    bob.write("../calm", "");
    bob.ok(["sync"]);
    bob.ok(["mark", "deployed"]);
    bob.ok(["ship", "--yes"]);
    bob.ok(["close", "--reason", "it was quick"]);
    (ada, bob)
}

fn ledger(repo: &Repo<'_>) -> String {
    repo.git_ok(["for-each-ref", "--format=%(objectname) %(refname)", "refs/hotfix/ledger"])
}

#[test]
fn a_laptop_that_comes_back_learns_who_closed_its_incident() {
    let sandbox = sandbox!();
    let (ada, bob) = closed_elsewhere(&sandbox);
    let (there, closed) = (ada.remote_refs(), ledger(&bob));
    let runs: [(&[&str], i32, &str); 6] = [
        (&["ship", "--yes"], 0, " was closed by Bob at "),
        (&["deploy", "--yes"], 0, " was closed by Bob at "),
        (&["note", "back again"], 3, " was closed by Bob at "),
        // With a reason, since the harness would answer what `close` asks, and that is more to say.
        (&["close", "--reason", "it was quick"], 0, " was closed by Bob at "),
        (&["abort", "--yes"], 3, " was closed by Bob at "),
        (&["status"], 0, "closed"),
    ];
    for (command, code, words) in runs {
        let said = ada.hotfix(command).exits_with(code);
        assert!(said.to_string().contains(words), "{command:?}: {said}");
        assert_eq!(ada.read("total.sh"), "half a thought\n", "{command:?}: {said}");
        assert_eq!(ada.read("new.txt"), "not added\n", "{command:?}: {said}");
    }
    assert_eq!((ada.remote_refs(), ledger(&ada)), (there, closed), "nothing came of it");
    assert_eq!(ada.read("../deploys"), "x\n");
    // Whoever has more to say goes on with it.
    let said = ada.hotfix(["note", "back again"]).exits_with(3);
    assert!(said.stderr().contains("git hotfix reopen HF-"), "{said}");
}

/// On the branch of the fix, where the laptop died before it landed.
#[test]
fn who_still_stands_on_the_branch_learns_it_too() {
    let sandbox = sandbox!();
    let (ada, bob) = closed_elsewhere(&sandbox);
    ada.git_ok(["stash", "--quiet"]);
    ada.git_ok(["switch", "--quiet", "--create", "hotfix/coupons-take-off-too-much", "origin/main"]);
    ada.git_ok(["stash", "pop", "--quiet"]);
    let said = ada.hotfix(["note", "back again"]).exits_with(3);
    assert!(said.stderr().contains(", whose branch is checked out, was closed by Bob"), "{said}");
    let said = ada.hotfix(["ship", "--yes"]).success();
    assert!(said.stdout().contains(" was closed by Bob at "), "{said}");
    assert_eq!((ada.read("total.sh").as_str(), ledger(&ada)), ("half a thought\n", ledger(&bob)));
}
