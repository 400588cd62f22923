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

/// git's push lives on for a moment after us, and moves what is known of the remote at its end.
fn wait_for_push(repo: &Repo<'_>) {
    let pushed = repo.git_ok(["--git-dir=../origin.git", "rev-parse", "main"]);
    for _ in 0..500 {
        if repo.resolve("origin/main").as_ref() == Some(&pushed) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("git did not finish its push");
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

/// Somebody pushes a change of the draft to production.
fn edit_there(repo: &Repo<'_>, path: &str, from: &str, to: &str) {
    let colleague = repo.clone_as("colleague");
    let text = colleague.read(path);
    assert!(text.contains(from), "{text}");
    colleague.commit_file(path, &text.replace(from, to), "Say who looked");
    colleague.git_ok(["push", "--quiet"]);
}

#[test]
fn words_here_and_others_on_production_are_not_written_over_each_other() {
    let sandbox = sandbox!();
    let repo = with_remote(&sandbox);
    let path = ship_with_draft(&repo, "");
    edit_there(&repo, &path, "\n## Timeline", "\nLooked at by Bob.\n\n## Timeline");
    repo.write(&path, &(repo.read(&path) + WORDS));
    insta::assert_snapshot!(repo.hotfix(["close"]).exits_with(4).verdict(), @r#"
    ------- stderr -------
    error: docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md says on origin/main what it does not say here: Looked at by Bob.
    hint: git show origin/main:docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md   # take it over into the file here, then: git hotfix close
    [exit status: 4]
    "#);
    repo.write(&path, &(repo.read(&path) + "Looked at by Bob.\n"));
    repo.ok(["close"]);
    let delivered = on(&repo, "origin/main", &path);
    assert!(delivered.ends_with(&format!("{WORDS}Looked at by Bob.\n")), "{delivered}");
}

/// Drafted here, and committed by nobody.
#[test]
fn a_file_of_production_about_something_else_is_not_written_over() {
    for words in ["", WORDS] {
        let sandbox = sandbox!();
        let repo = crate::fixtures::opened(&sandbox);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        repo.ok(["postmortem"]);
        let path = path(&repo);
        repo.write(&path, &(repo.read(&path) + words));
        let colleague = repo.clone_as("colleague");
        colleague.commit_file(&path, "# Theirs\n", "Write down what they say");
        colleague.git_ok(["push", "--quiet"]);
        let said = repo.hotfix(["close"]).exits_with(3).verdict();
        assert!(said.contains(" is on origin/main already, and does not say that it is about HF-"), "{said}");
        colleague.git_ok(["mv", &path, "theirs.md"]);
        colleague.commit_all("Make room");
        colleague.git_ok(["push", "--quiet"]);
        repo.ok(["close"]);
        assert_eq!(on(&repo, "origin/main", "theirs.md"), "# Theirs\n");
        assert!(on(&repo, "origin/main", &path).ends_with(if words.is_empty() { "None recorded.\n" } else { WORDS }));
    }
}

#[test]
fn what_is_told_between_a_push_that_nobody_heard_of_and_the_next_run_gets_into_it() {
    let sandbox = sandbox!();
    let repo = with_remote(&sandbox);
    let path = ship_with_draft(&repo, "");
    repo.hook("../origin.git/hooks/post-receive", "#!/bin/sh\nkill -9 $(cat ../pid)\n");
    let killed = repo.run(
        repo.command("sh")
            .args(["-c", "echo $$ >../pid; exec git-hotfix close --root-cause a --impact b --prevention c"]),
    );
    assert_eq!(killed.signal(), Some(9), "{killed}");
    std::fs::remove_file(repo.origin().join("hooks/post-receive")).expect("it is there");
    wait_for_push(&repo);
    assert!(on(&repo, "origin/main", &path).contains("| Status | closed |"), "it was pushed");
    repo.ok(["note", "nobody heard of it"]);
    repo.ok(["close"]);
    let delivered = on(&repo, "origin/main", &path);
    assert!(delivered.contains("nobody heard of it"), "{delivered}");
}

/// Bob's line is on production before the editor opens, which shows it; or while it is open.
#[test]
fn in_the_editor_a_line_goes_by_a_persons_hand_alone() {
    for is_seen in [true, false] {
        let sandbox = sandbox!();
        let repo = with_remote(&sandbox);
        let path = ship_with_draft(&repo, WORDS);
        repo.ok(["triage", "--impact", "low totals"]);
        repo.ok(["postmortem", "--root-cause", "nobody rounded", "--prevention", "a test"]);
        repo.git_ok(["restore", "--", &path]);
        let colleague = repo.clone_as("colleague");
        colleague.commit_file(&path, &(repo.read(&path) + "Looked at by Bob.\n"), "Say who looked");
        let push = "env -u GIT_DIR -u GIT_WORK_TREE git -C ../colleague push --quiet";
        if is_seen {
            colleague.git_ok(["push", "--quiet"]);
            repo.write("../edit", "sed -i '/^Looked at by Bob/d' \"$1\"\n");
        } else {
            repo.write("../edit", &format!("{push}; echo Mine. >>\"$1\"\n"));
        }
        let edit = "GIT_EDITOR='sh ../edit' git hotfix close --edit";
        let Some(said) = crate::asked::typed(&repo, edit, "") else { return };
        repo.git_ok(["fetch", "--quiet"]);
        let there = on(&repo, "origin/main", &path);
        if is_seen {
            let _ = said.success();
            assert!(there.contains("| Status | closed |") && !there.contains("Looked at by Bob."), "{there}");
        } else {
            let said = said.exits_with(4);
            assert!(said.stdout().contains("what it does not say here: Looked at by Bob."), "{said}");
            assert!(there.ends_with("Looked at by Bob.\n") && repo.read(&path).ends_with("Mine.\n"), "{there}");
        }
    }
}

/// The draft here is a commit that is nowhere else, and the run before this one died behind its push.
#[test]
fn what_a_run_before_this_one_made_of_the_text_here_is_nobodys_word() {
    let sandbox = sandbox!();
    let repo = with_remote(&sandbox);
    let path = ship_with_draft(&repo, "");
    repo.commit_file(&path, &(repo.read(&path) + WORDS), "Thank everybody");
    repo.hook("../origin.git/hooks/post-receive", "#!/bin/sh\nkill -9 $(cat ../pid)\n");
    let close = "echo $$ >../pid; exec git-hotfix close --root-cause a --impact b --prevention c";
    let killed = repo.run(repo.command("sh").args(["-c", close]));
    assert_eq!(killed.signal(), Some(9), "{killed}");
    std::fs::remove_file(repo.origin().join("hooks/post-receive")).expect("it is there");
    wait_for_push(&repo);
    let pushed = repo.resolve("origin/main");
    repo.ok(["close", "--root-cause", "a", "--impact", "b", "--prevention", "c"]);
    repo.git_ok(["fetch", "--quiet"]);
    assert_eq!(repo.resolve("origin/main"), pushed, "it is delivered once");
    assert!(on(&repo, "origin/main", &path).ends_with(WORDS));
}
