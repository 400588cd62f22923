//! A postmortem that was drafted before the fix is shipped, and committed with it: production has it as it was known then.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::{TITLE, advance_production, sample_with};

const NOTE: &str = "told the customers";
const WORDS: &str = "Thanks to all.\n";

/// Where the postmortem of this incident belongs.
fn path(repo: &Repo<'_>) -> String {
    repo.hotfix_json(["show"])["incident"]["postmortem"].as_str().expect("there is one").to_owned()
}

/// Ships a fix with a draft in its commit, and tells something after that; where the draft is.
fn ship_with_draft(repo: &Repo<'_>, words: &str) -> String {
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.ok(["postmortem"]);
    let path = path(repo);
    repo.write(&path, &(repo.read(&path) + words));
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(["note", NOTE]);
    path
}

/// A file of a branch.
fn on(repo: &Repo<'_>, branch: &str, path: &str) -> String {
    repo.git_ok(["show", &format!("{branch}:{path}")]) + "\n"
}

fn with_remote(sandbox: &Sandbox) -> Repo<'_> {
    without_remote(sandbox).with_remote()
}

fn without_remote(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.sample(Sample::Shell)
}

#[test]
fn one_that_nobody_edited_is_delivered_as_all_is_known_at_the_end() {
    for prepare in [with_remote, without_remote] {
        let sandbox = sandbox!();
        let repo = prepare(&sandbox);
        let path = ship_with_draft(&repo, "");
        let drafted = on(&repo, "main", &path);
        assert!(!drafted.contains(NOTE) && !drafted.contains("Landed on"), "{drafted}");
        repo.ok(["close"]);
        let delivered = on(&repo, "main", &path);
        assert!(delivered.contains(NOTE) && delivered.contains("\nnobody ordered two items\n"), "{delivered}");
        assert_eq!((repo.read(&path), repo.git_ok(["status", "--porcelain"]).as_str()), (delivered, ""));
    }
}

#[test]
fn one_that_was_drafted_again_counts_as_nobodys_words_by_its_first_text_too() {
    let sandbox = sandbox!();
    let repo = with_remote(&sandbox);
    let path = ship_with_draft(&repo, "");
    repo.ok(["postmortem"]);
    repo.git_ok(["restore", "--", &path]);
    repo.ok(["close"]);
    assert!(on(&repo, "origin/main", &path).contains(NOTE));
}

#[test]
fn the_words_of_somebody_stay_in_it() {
    let sandbox = sandbox!();
    let repo = with_remote(&sandbox);
    let path = ship_with_draft(&repo, WORDS);
    repo.ok(["close"]);
    let delivered = on(&repo, "origin/main", &path);
    assert!(delivered.ends_with(WORDS) && delivered.contains("\nnobody ordered two items\n"), "{delivered}");
}

/// Ours lies here as it was committed; hers was written after that, on production.
#[test]
fn what_a_colleague_made_of_it_on_production_is_what_is_delivered() {
    for words in ["", WORDS] {
        let sandbox = sandbox!();
        let repo = with_remote(&sandbox);
        let path = ship_with_draft(&repo, words);
        let hers = on(&repo, "origin/main", &path) + "Looked at by Bob.\n";
        let colleague = repo.clone_as("colleague");
        colleague.commit_file(&path, &hers, "Say who looked");
        colleague.git_ok(["push", "--quiet"]);
        repo.ok(["close"]);
        let delivered = on(&repo, "origin/main", &path);
        assert!(delivered.ends_with(&format!("{words}Looked at by Bob.\n")), "{delivered}");
    }
}

#[test]
fn one_that_somebody_removed_from_production_is_delivered_as_it_lies_here() {
    let sandbox = sandbox!();
    let repo = with_remote(&sandbox);
    let path = ship_with_draft(&repo, WORDS);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["rm", "--quiet", &path]);
    colleague.commit_all("Take it away");
    colleague.git_ok(["push", "--quiet"]);
    repo.ok(["close"]);
    assert!(on(&repo, "origin/main", &path).ends_with(WORDS));
}

#[test]
fn where_the_records_are_proposed_the_proposal_tells_the_end() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[records]\ndeliver = \"pull-request\"\n");
    let path = ship_with_draft(&repo, "");
    repo.ok(["close"]);
    repo.git_ok(["fetch", "--quiet"]);
    let proposed = on(&repo, "origin/hotfix/coupons-take-off-too-much-records", &path);
    assert!(proposed.contains(NOTE), "{proposed}");
    assert!(!on(&repo, "origin/main", &path).contains(NOTE));
}

#[test]
fn where_the_records_are_left_the_file_here_tells_the_end() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[records]\ndeliver = \"leave\"\n");
    let path = ship_with_draft(&repo, "");
    let production = advance_production(&repo, "echo 7\n");
    repo.ok(["close"]);
    assert!(repo.read(&path).contains(NOTE));
    assert_eq!(repo.resolve("origin/main"), Some(production));
}

/// Drafted before the fix is committed, edited, and committed with it.
#[test]
fn what_nobody_touched_of_an_edited_one_tells_the_end() {
    let sandbox = sandbox!();
    let repo = with_remote(&sandbox);
    let path = ship_with_draft(&repo, WORDS);
    repo.ok(["close"]);
    let delivered = on(&repo, "origin/main", &path);
    for told in
        ["| Status | closed |", "\n- Merged into origin/main as `", "- Test gap: the fix came with `", NOTE, WORDS]
    {
        assert!(delivered.contains(told), "{told}: {delivered}");
    }
    assert!(!delivered.contains("What the fix changes is unknown"), "{delivered}");
}

/// A row, a gap and the timeline were touched: they stay, and what is beside them is renewed all the same.
#[test]
fn what_somebody_touched_stays() {
    let sandbox = sandbox!();
    let repo = with_remote(&sandbox);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.ok(["postmortem"]);
    let path = path(&repo);
    let touched = repo.read(&path).replace("| Source | unknown |", "| Source | a customer |");
    let touched = touched.replace("- Test gap: unknown;", "- Test gap: none;");
    let touched = touched.replace("\n\n## Follow-ups", "\n| later | Bob had lunch | Bob |\n\n## Follow-ups");
    repo.write(&path, &touched);
    repo.fix_the_bug();
    repo.ok(["ship", "--yes"]);
    repo.ok(["note", NOTE]);
    repo.ok(["close"]);
    let delivered = on(&repo, "origin/main", &path);
    for told in
        ["| Source | a customer |", "- Test gap: none;", "| Bob had lunch |", "| Status | closed |", "- Merged into "]
    {
        assert!(delivered.contains(told), "{told}: {delivered}");
    }
    assert!(!delivered.contains(NOTE), "{delivered}");
}
