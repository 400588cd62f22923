//! A clone of this morning: the incident came with the record, and the production that it is about did not.

use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, advance_production, sample_with};

/// One with an incident that starts from what the other has not fetched, and the other.
fn two(sandbox: &Sandbox) -> (Repo<'_>, Repo<'_>) {
    let ada = sample_with(sandbox, "[deploy]\ncommand = [\"true\"]\n");
    let bob = ada.clone_as("bob");
    for repo in [&ada, &bob] {
        repo.git_ok(["config", "hotfix.ledger.share", "true"]);
    }
    advance_production(&ada, "# The price of a cart, in cents.\necho 7\n");
    ada.ok(["open", TITLE, "--severity", "high"]);
    ada.ok(["sync"]);
    bob.ok(["sync"]);
    (ada, bob)
}

#[test]
fn what_shows_or_records_goes_on_and_names_the_fetch() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    bob.write("trace.txt", "Traceback (most recent call last):\n  File \"total.sh\", line 1, in x\nValueError: x\n");
    let commands: [&[&str]; 8] = [
        &["status"],
        &["show"],
        &["log"],
        &["note", "called the bank"],
        &["triage", "--severity", "critical"],
        &["mark", "mitigated"],
        &["follow-up", "add", "look at it"],
        &["attach", "trace.txt"],
    ];
    for command in commands {
        let control = ada.hotfix(["note", "as ever"]).success();
        assert!(!control.stderr().contains("not here"), "{control}");
        let said = bob.hotfix(command).success();
        assert!(said.stderr().contains("which is not here yet: git fetch origin"), "{command:?}: {said}");
    }
    let searched = bob.hotfix(["suspects"]).exits_with(3);
    assert!(searched.stderr().contains("hint: git fetch origin "), "{searched}");
    bob.git_ok(["fetch", "--quiet", "origin"]);
    let after = bob.hotfix(["note", "after it"]).success();
    assert!(!after.stderr().contains("not here"), "{after}");
}

#[test]
fn what_acts_fetches_first_and_names_the_fetch_where_it_cannot() {
    let sandbox = sandbox!();
    let (ada, bob) = two(&sandbox);
    ada.write_fix();
    ada.commit_all("Mend it");
    ada.git_ok(["push", "--quiet", "origin", "HEAD"]);
    let asked: [&[&str]; 2] = [&["ship", "--yes", "--offline"], &["abort", "--reason", "it was nothing", "--dry-run"]];
    for command in asked {
        let said = bob.hotfix(command).exits_with(3);
        assert!(said.stderr().contains("which is not here\nhint: git fetch origin "), "{command:?}: {said}");
    }
    let elsewhere = bob.at("../elsewhere.git");
    std::fs::rename(bob.origin(), elsewhere.folder()).expect("the remote goes");
    let alone = bob.hotfix(["abort", "--reason", "it was nothing", "--yes"]).exits_with(5);
    assert!(alone.stderr().contains("hint: git fetch origin   # brings what it starts from"), "{alone}");
    std::fs::rename(elsewhere.folder(), bob.origin()).expect("the remote comes back");
    let ended = bob.hotfix(["abort", "--reason", "it was nothing", "--yes"]).success();
    assert!(ended.stderr().contains("fetch main from origin"), "{ended}");
}

#[test]
fn a_clone_whose_history_is_cut_off_is_told_to_fetch_the_rest() {
    let sandbox = sandbox!();
    let (ada, _) = two(&sandbox);
    let colleague = ada.at("../colleague");
    colleague.commit_file("other", "8", "Go on");
    colleague.git_ok(["push", "--quiet"]);
    let shallow = ada.at("../shallow");
    let address = format!("file://{}", ada.origin().display());
    ada.git_ok(["clone", "--quiet", "--depth", "1", &address, "../shallow"]);
    shallow.git_ok(["config", "hotfix.ledger.share", "true"]);
    shallow.ok(["sync"]);
    let noted = shallow.hotfix(["note", "called the bank"]).success();
    assert!(noted.stderr().contains("git fetch --unshallow origin"), "{noted}");
    let guarded = shallow.hotfix(["guard"]).exits_with(3);
    assert!(guarded.stderr().contains("hint: git fetch --unshallow origin"), "{guarded}");
}
