//! Root causes are found the day after: what is told then gets into the document, by the way that it was delivered.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::{TITLE, sample_with};

const TELL: [&str; 3] = ["postmortem", "--root-cause", "nobody rounded"];
const CLOSE: [&str; 3] = ["close", "--reason", "nobody knows yet"];
const GIVEN_UP: &str = "unknown because nobody knows yet";
const UNKNOWN: &str = "Unknown; tell it with `git hotfix postmortem --root-cause TEXT --incident HF-";

/// The line of a draft that asks for the root cause.
fn unknown(draft: &str) -> &str {
    draft.lines().find(|line| line.starts_with(UNKNOWN)).expect("it asks")
}

/// An incident whose fix is shipped, with these rules.
fn shipped<'s>(sandbox: &'s Sandbox, rules: &str) -> Repo<'s> {
    sandbox.made(&format!("postmortem::shipped {rules}"), |sandbox| {
        let repo = sample_with(sandbox, rules);
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        repo
    })
}

fn path(repo: &Repo<'_>) -> String {
    repo.hotfix_json(["show"])["incident"]["postmortem"].as_str().expect("there is one").to_owned()
}

/// The document on this branch of the remote.
fn there(repo: &Repo<'_>, branch: &str) -> String {
    repo.git_ok(["fetch", "--quiet"]);
    repo.git_ok(["show", &format!("origin/{branch}:{}", path(repo))]) + "\n"
}

/// Without a remote production moves under its work tree, where the draft of before lies.
#[test]
fn what_is_told_at_close_gets_into_the_draft_that_lies_here_without_a_remote_too() {
    for edits in [false, true] {
        let sandbox = sandbox!();
        let repo = sandbox.sample(Sample::Shell);
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        repo.ok(TELL);
        if edits {
            let own = repo.read(&path(&repo)) + "Mine.\n";
            repo.write(&path(&repo), &own);
        }
        repo.ok(["close", "--impact", "carts cost too little", "--prevention", "a test orders two"]);
        let document = repo.read(&path(&repo));
        assert!(document.contains("\nnobody rounded\n") && document.contains("\na test orders two\n"), "{document}");
        assert_eq!(document.contains("Mine."), edits);
        assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
        assert_eq!(repo.git_ok(["show", &format!("main:{}", path(&repo))]) + "\n", document);
    }
}

#[test]
fn told_after_close_it_is_delivered_again_once() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "");
    repo.ok(CLOSE);
    assert_eq!(there(&repo, "main").matches(GIVEN_UP).count(), 4, "three sections and the timeline");
    insta::assert_snapshot!(repo.hotfix(TELL).success().verdict(), @"
    docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md is delivered again, with all that is known
    ------- stderr -------
    hint: still unknown: how many users were affected: git hotfix triage --scope TEXT --incident HF-YYYY-ID
    hint: still unknown: when it started: git hotfix mark started --at TIME --incident HF-YYYY-ID
    hint: still unknown: when it was over for users: git hotfix mark resolved --at TIME --incident HF-YYYY-ID
    hint: still unknown: the test gap: git hotfix follow-up add TEXT --gap test --incident HF-YYYY-ID
    hint: still unknown: the monitoring gap: git hotfix follow-up add TEXT --gap monitoring --incident HF-YYYY-ID
    hint: still unknown: the validation gap: git hotfix follow-up add TEXT --gap validation --incident HF-YYYY-ID
    hint: what is told gets into it by: git hotfix postmortem --incident HF-YYYY-ID
    ");
    let document = there(&repo, "main");
    assert!(document.contains("\nnobody rounded\n") && document.matches(GIVEN_UP).count() == 3, "{document}");
    // The work tree here follows, and once is enough.
    assert_eq!((repo.read(&path(&repo)), repo.git_ok(["status", "--porcelain"]).as_str()), (document, ""));
    let before = repo.state();
    repo.ok(TELL);
    assert_eq!(repo.state(), before);
    // Another answer takes its place.
    repo.ok(["postmortem", "--root-cause", "it was the coupon"]);
    let document = there(&repo, "main");
    assert!(document.contains("\nit was the coupon\n") && !document.contains("nobody rounded"), "{document}");
}

#[test]
fn a_band_aid_told_after_close_gets_into_the_postmortem_and_the_technical_debt() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "");
    repo.ok(CLOSE);
    let added = repo.hotfix(["follow-up", "add", "Round once", "--band-aid"]).success();
    assert!(added.stderr().contains("   # delivers it\n"), "{added}");
    let said = repo.hotfix(["postmortem"]).success();
    assert!(said.stdout().contains("is delivered again, with all that is known"), "{said}");
    let document = there(&repo, "main");
    assert!(document.contains("## Follow-ups\n\n- [ ] Round once\n"), "{document}");
    let debts = repo.git_ok(["show", "origin/main:docs/planning/TECH-DEBT.md"]);
    assert!(debts.contains("- [ ] Round once (HF-"), "{debts}");
    let before = repo.state();
    assert!(repo.hotfix(["postmortem"]).success().stdout().contains("is delivered, and says all that is known"));
    assert_eq!((repo.state(), repo.git_ok(["status", "--porcelain"]).as_str()), (before, ""));
    // Done, it is ticked in both; somebody takes the row out, and it stays out.
    repo.ok(["follow-up", "done", "1"]);
    repo.ok(["postmortem"]);
    let debts = repo.git_ok(["show", "origin/main:docs/planning/TECH-DEBT.md"]);
    assert!(there(&repo, "main").contains("- [x] Round once\n") && debts.contains("- [x] Round once"), "{debts}");
    repo.commit_file("docs/planning/TECH-DEBT.md", "# Technical debt\n", "Pay it back");
    repo.git_ok(["push", "--quiet"]);
    let before = repo.state();
    repo.ok(["postmortem"]);
    assert_eq!(repo.state(), before);
}

#[test]
fn a_section_that_somebody_wrote_is_left_and_the_text_handed_out() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "");
    repo.ok([
        "close",
        "--root-cause",
        "who knows",
        "--impact",
        "low totals",
        "--prevention",
        "none because it is rare",
    ]);
    let own = repo.read(&path(&repo)).replace("who knows", "We never tested it.");
    repo.commit_file(&path(&repo), &own, "Tell the root cause");
    repo.git_ok(["push", "--quiet"]);
    insta::assert_snapshot!(repo.hotfix(TELL).exits_with(1).verdict(), @r#"
    nobody rounded
    ------- stderr -------
    error: the section "Root cause" of docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md was written by hand; what you told is recorded, and not in it
    hint: paste the text above into docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md, and commit it
    hint: still unknown: how many users were affected: git hotfix triage --scope TEXT --incident HF-YYYY-ID
    hint: still unknown: when it started: git hotfix mark started --at TIME --incident HF-YYYY-ID
    hint: still unknown: when it was over for users: git hotfix mark resolved --at TIME --incident HF-YYYY-ID
    hint: still unknown: the test gap: git hotfix follow-up add TEXT --gap test --incident HF-YYYY-ID
    hint: still unknown: the monitoring gap: git hotfix follow-up add TEXT --gap monitoring --incident HF-YYYY-ID
    hint: still unknown: the validation gap: git hotfix follow-up add TEXT --gap validation --incident HF-YYYY-ID
    hint: what is told gets into it by: git hotfix postmortem --incident HF-YYYY-ID
    [exit status: 1]
    "#);
    assert_eq!(there(&repo, "main"), own);
    // By `close`, it is no other.
    let said = repo.hotfix(["close", "--root-cause", "nobody rounded"]).exits_with(1);
    assert!(said.stderr().contains("error: the section \"Root cause\" of "), "{said}");
    assert_eq!(there(&repo, "main"), own);
}

#[test]
fn close_tells_a_section_that_somebody_wrote_nothing_else() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "");
    let production = repo.resolve("origin/main");
    repo.ok(["postmortem"]);
    let draft = repo.read(&path(&repo));
    repo.write(&path(&repo), &draft.replace(unknown(&draft), "We never tested it."));
    let close = ["close", "--impact", "low totals", "--prevention", "a test"];
    let said = repo.hotfix([&close[..], &["--root-cause", "nobody rounded"]].concat()).exits_with(1);
    assert!(said.stdout() == "nobody rounded\n" && said.stderr().contains("or leave the flag out"), "{said}");
    assert_eq!(repo.resolve("origin/main"), production);
    repo.ok(close);
    assert!(there(&repo, "main").contains("\nWe never tested it.\n"));
    // The file that lay here is what was pushed, so the work tree follows.
    assert_eq!(
        (repo.git_ok(["status", "--porcelain"]).as_str(), repo.resolve("main")),
        ("", repo.resolve("origin/main"))
    );
}

#[test]
fn in_a_draft_that_somebody_edited_what_is_unknown_is_filled_in() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "");
    repo.ok(["postmortem"]);
    let edited = format!("{}\nMine.\n", repo.read(&path(&repo)));
    repo.write(&path(&repo), &edited);
    insta::assert_snapshot!(repo.hotfix(TELL).success().verdict(), @"filled in what was unknown in docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md; the rest is as you edited it");
    let draft = repo.read(&path(&repo));
    assert_eq!(draft, edited.replace(unknown(&edited), "nobody rounded"));
    // Told by another command, it gets there by close.
    repo.ok(["triage", "--impact", "carts were too cheap"]);
    repo.ok(["close", "--prevention", "a test"]);
    let document = there(&repo, "main");
    for text in ["a test", "nobody rounded", "carts were too cheap", "Mine."] {
        assert!(document.contains(&format!("\n{text}\n")), "{document}");
    }
}

#[test]
fn where_the_records_are_proposed_the_proposal_is_what_grows() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "[records]\ndeliver = \"pull-request\"\n");
    repo.ok(CLOSE);
    let branch = "hotfix/coupons-take-off-too-much-records";
    assert!(there(&repo, branch).contains(GIVEN_UP));
    let production = repo.resolve("origin/main");
    repo.ok(TELL);
    assert!(there(&repo, branch).contains("\nnobody rounded\n"));
    assert_eq!(repo.resolve("origin/main"), production);
    // Merged, the next answer is proposed anew.
    repo.git_ok(["merge", "--quiet", "--no-edit", &format!("origin/{branch}")]);
    repo.git_ok(["push", "--quiet", "origin", "HEAD:main"]);
    repo.ok(["postmortem", "--root-cause", "it was the coupon"]);
    assert!(there(&repo, branch).contains("\nit was the coupon\n"));
}

#[test]
fn where_the_records_are_left_the_file_is_filled_in() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "[records]\ndeliver = \"leave\"\n");
    repo.ok(["close"]);
    let production = repo.resolve("origin/main");
    repo.ok(TELL);
    assert!(repo.read(&path(&repo)).contains("\nnobody rounded\n"));
    assert_eq!(repo.resolve("origin/main"), production);
}

#[test]
fn that_nothing_prevents_it_wants_a_reason() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "");
    let before = repo.state();
    for command in ["close", "postmortem"] {
        let said = repo.hotfix([command, "--root-cause", "haste", "--prevention", "None."]).exits_with(2);
        assert!(said.stderr().contains("error: --prevention: none says little alone; say why\n"), "{said}");
        assert!(said.stderr().contains("hint: --prevention \"none because ...\"\n"), "{said}");
    }
    assert_eq!(repo.state(), before);
    repo.ok(["close", "--root-cause", "haste", "--impact", "low totals", "--prevention", "none because it is rare"]);
    assert!(there(&repo, "main").contains("\nnone because it is rare\n"));
}

#[test]
fn what_the_postmortem_asks_for_is_told_as_it_stands_there() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox, "");
    repo.ok(CLOSE);
    let id = repo.hotfix_json(["show"])["incident"]["id"].as_str().expect("it has an id").to_owned();
    // Without a name nobody can know which one is meant; the last one is offered.
    for told in
        [&["note", "it was the coupon"][..], &["triage", "--scope", "EU"], &["mark", "started", "--at", "1h ago"]]
    {
        let said = repo.hotfix(told).exits_with(3);
        let hint = format!("hint: --incident {id}   # the last one, closed: {TITLE}\n");
        assert!(said.stderr().contains("there is no open incident") && said.stderr().contains(&hint), "{said}");
        repo.ok([told, &["--incident", &id]].concat());
    }
    let said = repo.hotfix(["postmortem", "--incident", &id]).success();
    let document = there(&repo, "main");
    assert!(document.contains("- Users affected: EU\n") && !document.contains("mark started"), "{said}{document}");
    assert!(document.contains(&format!("`git hotfix mark resolved --at TIME --incident {id}`")), "{document}");
}

/// Someone wrote the whole of it anew, without our line in it: `close` takes no other text for it, and passes none over.
#[test]
fn words_that_lie_where_the_postmortem_belongs_are_not_passed_over() {
    for rules in ["", "[records]\ndeliver = \"leave\"\n"] {
        let sandbox = sandbox!();
        let repo = shipped(&sandbox, rules);
        repo.ok(["postmortem", "--root-cause", "nobody rounded", "--prevention", "a test"]);
        let (path, words) = (path(&repo), "# What happened\n\nCoupons were taken off twice.\n");
        repo.write(&path, words);
        let state = |repo: &Repo<'_>| {
            let steps = repo.hotfix_json(["status"])["incident"]["steps"].clone();
            let it = steps.as_array().into_iter().flatten().find(|step| step["step"] == "postmortem").cloned();
            it.expect("it is a step")["state"].clone()
        };
        assert_eq!(state(&repo), "failed", "as close says it");
        let production = repo.resolve("origin/main");
        for _ in 0..2 {
            let said = repo.hotfix(["close", "--yes", "--impact", "all paid too little"]).exits_with(3);
            assert!(said.stderr().contains("(47 bytes) does not say that it is about HF-"), "{said}");
            repo.git_ok(["fetch", "--quiet"]);
            assert_eq!((repo.resolve("origin/main"), repo.read(&path).as_str()), (production.clone(), words));
        }
        // The control: with the line that it hints at, the same words are what is delivered.
        let close = || repo.run(repo.command("sh").args(["-c", "git hotfix close --yes"]));
        let said = close().exits_with(3);
        let (_, line) = said.stderr().split_once("so that it counts: ").expect("a way on");
        let (line, _) = line.split_once("; or move").expect("another");
        repo.write(&path, &format!("{line}\n{words}"));
        assert_eq!(state(&repo), "done");
        let _ = close().success();
        assert_eq!(repo.read(&path), format!("{line}\n{words}"));
        if rules.is_empty() {
            assert_eq!(there(&repo, "main"), repo.read(&path));
            assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
        }
    }
}

/// What people write into the file goes to production without secrets, and they are told; what has none goes as it is.
#[test]
fn a_secret_in_a_draft_that_somebody_edited_is_masked_and_told() {
    let answers = ["close", "--prevention", "none because it is rare", "--impact", "low totals"];
    let word = "We saw postgres://app:hunter2@db.internal/shop and password=hunter2hunter2.\r\nNobody rotated it.";
    for (told, kept) in [(word, 0), ("We saw that nobody rounded.\r\nIt is \"done\" by hand\u{7}.", 1)] {
        let sandbox = sandbox!();
        let repo = shipped(&sandbox, "");
        repo.ok(["postmortem"]);
        let draft = repo.read(&path(&repo));
        repo.write(&path(&repo), &draft.replace(unknown(&draft), told));
        let said = repo.hotfix(answers).success();
        let document = there(&repo, "main");
        let here = (repo.read(&path(&repo)), repo.git_ok(["status", "--porcelain"]));
        assert_eq!(here, (document.clone(), String::new()), "the work tree follows");
        assert_eq!(document.matches(told).count(), kept, "{document}");
        assert!(!document.contains("hunter2"), "{document}");
        let note = said.stderr().lines().filter(|line| line.contains("masked")).collect::<Vec<_>>().join("\n");
        let note = hotfix_tests::redact(&note, sandbox.root());
        match kept {
            0 => {
                insta::assert_snapshot!(note, @"note: 2 secrets masked: password, url-password in docs/decisions/POSTMORTEM-YYYY-MM-DD-coupons-take-off-too-much.md, line 33")
            }
            _ => assert_eq!(note, ""),
        }
        let masked = document.lines().position(|line| line.contains("[redacted:password]")).map(|at| at + 1);
        assert_eq!(masked.is_some_and(|at| note.ends_with(&format!("line {at}"))), kept == 0, "{note} {document}");
    }
}
