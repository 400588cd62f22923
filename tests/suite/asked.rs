//! A person at a terminal: what is asked, what is answered, and what is left of it when the terminal goes away.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hotfix_tests::{CommandOutput, Repo, Sample, sandbox};

use crate::fixtures::{TITLE, opened};

/// How long a question is waited for.
const QUESTION: Duration = Duration::from_secs(20);

/// Types a command into a terminal that `script` makes, and then each of these lines once something is asked; then the
/// terminal's input ends. `None` where the machine has no `script` of util-linux.
pub(crate) fn typed(repo: &Repo<'_>, command: &str, lines: &str) -> Option<CommandOutput> {
    let typed = lines.split_inclusive('\n').map(str::to_owned).collect();
    typed_as(repo, command, typed)
}

/// The same, where each of these is typed or pasted at once.
fn typed_as(repo: &Repo<'_>, command: &str, typed: Vec<String>) -> Option<CommandOutput> {
    let probe = repo.command("script").arg("--version").output();
    if !probe.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("util-linux")) {
        eprintln!("NOT TESTED: a person at a terminal, since `script` of util-linux is not here");
        return None;
    }
    let [keyboard, screen] = ["../keyboard", "../screen"].map(|name| repo.folder().join(name));
    for left in [&keyboard, &screen] {
        let _ = fs::remove_file(left);
    }
    let _ = repo.run(repo.command("mkfifo").arg(&keyboard)).success();
    let line = "exec script --quiet --return --flush --command \"$0\" ../screen <../keyboard";
    let mut shell = repo.command("sh");
    shell.args(["-c", line, command]).env("TERM", "dumb");
    let said = repo.sandbox().run_while(Duration::from_secs(60), &mut shell, |_| {
        let mut keys = OpenOptions::new().write(true).open(&keyboard).expect("script reads it");
        let mut seen = 0;
        for piece in typed {
            seen = wait_for_question(&screen, seen);
            // A command that ended reads no more.
            let _ = keys.write_all(piece.as_bytes());
        }
        wait_for_question(&screen, seen);
    });
    Some(said)
}

/// Waits until the screen ends with a question that is not among what was seen, or shows no more; how much it shows then.
fn wait_for_question(screen: &Path, seen: usize) -> usize {
    let latest = Instant::now() + QUESTION;
    loop {
        let shown = fs::read(screen).unwrap_or_default();
        let asks = shown.len() > seen && ["] ", ") ", "? ", ": "].iter().any(|end| shown.ends_with(end.as_bytes()));
        let has_ended = String::from_utf8_lossy(&shown).contains("\nScript done on ");
        if asks || has_ended || Instant::now() > latest {
            return shown.len();
        }
        sleep(Duration::from_millis(10));
    }
}

fn incident(repo: &Repo<'_>) -> serde_json::Value {
    repo.hotfix_json(["show"])["incident"].clone()
}

/// An incident whose fix is shipped.
fn shipped(sandbox: &hotfix_tests::Sandbox) -> Repo<'_> {
    sandbox.made("asked::shipped", |sandbox| {
        let repo = opened(sandbox);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        repo
    })
}

fn postmortem(repo: &Repo<'_>) -> String {
    repo.git_ok(["fetch", "--quiet"]);
    let path = repo.git_ok(["ls-tree", "-r", "--name-only", "origin/main", "docs/decisions"]);
    repo.git_ok(["show", &format!("origin/main:{path}")])
}

/// The Enter after "n" once answered the question that came next, with yes.
#[test]
fn an_answer_is_a_line_and_answers_one_question() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    let Some(said) = typed(&repo, "git hotfix ship; git hotfix ship", "n\nn\n") else { return };
    assert_eq!(said.stdout().matches("declined; nothing further").count(), 2, "both asked: {said}");
    assert_eq!(repo.resolve("origin/main"), repo.resolve("HEAD^"), "nothing was merged: {said}");
}

#[test]
fn a_key_that_was_pressed_before_the_question_is_no_answer() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    // The Enter is there before git hotfix starts.
    let command = "exec bash -c 'printf \"start: \"; until read -t 0; do sleep 0.01; done; exec git hotfix ship'";
    let Some(said) = typed(&repo, command, "\n") else { return };
    let said = said.exits_with(130);
    assert!(said.stdout().contains("[Y/n]") && said.stdout().contains("declined; nothing further"), "{said}");
    assert_eq!(repo.resolve("origin/main"), repo.resolve("HEAD^"), "nothing was merged: {said}");
    let said = typed(&repo, "git hotfix ship", "\n").expect("script is here").success();
    assert!(said.stdout().contains("merge"), "the same key answers the question: {said}");
}

#[test]
fn a_pasted_trace_answers_no_question() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    let trace = "Traceback (most recent call last):\n  File \"stock.py\", line 6\n\nKeyError: 'x'\n";
    let answers = ["nobody rounded\n", "low totals\n", "\n", "\n", "\n", "a test\n", "\n", "\n", "\n"];
    let typed = [trace].into_iter().chain(answers).map(str::to_owned).collect();
    let Some(said) = typed_as(&repo, "git hotfix close", typed) else { return };
    let said = said.success();
    assert_eq!(said.stdout().matches("one line, please").count(), 1, "{said}");
    let postmortem = postmortem(&repo);
    assert!(postmortem.contains("\nnobody rounded\n") && !postmortem.contains("stock.py"), "{postmortem}");
}

#[test]
fn who_leaves_at_the_question_about_commits_opens_nothing() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.fix_the_bug();
    let open = format!("git hotfix open '{TITLE}' --severity high --impact none --source me");
    let Some(said) = typed(&repo, &open, "\u{4}") else { return };
    let said = said.exits_with(130);
    assert!(said.stdout().contains("[y/N]") && said.stdout().contains("the question was not answered"), "{said}");
    assert_eq!(
        (repo.branch(), repo.hotfix_json(["list"])["incidents"].as_array().map(Vec::len)),
        ("main".into(), Some(0))
    );
    let _ = typed(&repo, &open, "n\n").expect("script is here").success();
    assert!(repo.branch().starts_with("hotfix/"), "a no opens it without them");
}

#[test]
fn nobody_reads_roff_on_a_screen() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    let Some(said) = typed(&repo, "git hotfix man; cargo hotfix man; git hotfix man | cat", "") else { return };
    let said = said.success();
    let (told, piped) = said.stdout().split_once(".TH GIT-HOTFIX").expect("a pipe gets roff");
    for words in [
        "which `man` shows",
        "git hotfix man | man",
        "git hotfix man --install   # then: man git-hotfix",
        "then: man cargo-hotfix",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains(".SH") && piped.contains(".SH NAME"), "{told}");
}

#[test]
fn whoever_does_not_let_a_remote_have_the_record_declined() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let there = repo.remote_refs();
    let Some(said) = typed(&repo, "git hotfix sync", "n\n") else { return };
    let said = said.exits_with(130);
    for words in ["Whoever can read origin will read 1 incident", "declined; nothing further was done"] {
        assert!(said.stdout().contains(words), "{words}: {said}");
    }
    assert_eq!(repo.remote_refs(), there);
    let said = typed(&repo, "git hotfix sync", "y\n").expect("script is here").success();
    assert!(repo.remote_refs() != there, "{said}");
    // A colleague has recorded nothing yet.
    let said = typed(&repo.clone_as("bob"), "git hotfix sync", "n\n").expect("script is here").exits_with(130);
    assert!(said.stdout().contains("will read what is recorded here from now on: titles"), "{said}");
}

#[test]
fn open_asks_what_is_missing() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let lines = " \nCoupons cost\nhihg\nSEV2\nall carts\n\n";
    let Some(said) = typed(&repo, "git hotfix open", lines) else { return };
    let said = said.success();
    let questions = [
        "What is broken, in a few words?",
        "this has to be answered",
        "How bad is it?",
        "no severity is called hihg: critical, high, medium",
        "What is broken for users? (Enter skips)",
    ];
    let found: Vec<_> = questions.iter().map(|question| said.stdout().find(question)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{said}");
    let incident = incident(&repo);
    assert_eq!(
        [&incident["title"], &incident["severity"], &incident["impact"], &incident["slug"]],
        ["Coupons cost", "high", "all carts", "coupons-cost"]
    );
    assert!(incident["source"].is_null(), "{incident}");
    // What was typed is not asked.
    let flags = "git hotfix open Other --severity high --impact none --source a";
    let said = typed(&repo, flags, "").expect("script is here").success();
    assert!(!said.stdout().contains("(Enter skips)"), "{said}");
}

#[test]
fn nothing_is_opened_by_a_terminal_that_goes_away() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    for (command, lines) in
        [("git hotfix open", ""), ("git hotfix open", "half a ti\u{4}\u{4}"), ("git hotfix open x --severity high", "")]
    {
        let Some(said) = typed(&repo, command, lines) else { return };
        let said = said.exits_with(130);
        assert!(said.stdout().contains("error: the question was not answered: What is broken"), "{said}");
        assert!(said.stdout().contains(&format!("hint: {command}   # asks again; nothing was changed")), "{said}");
        assert_eq!(repo.hotfix_json(["list", "--all"])["incidents"].as_array().map(Vec::len), Some(0));
        assert_eq!(repo.branch(), "main");
    }
}

#[test]
fn close_asks_for_the_postmortem_and_offers_what_is_known() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    repo.ok(["triage", "--impact", "low totals"]);
    let answers = "nobody rounded\n\nall of EU\nat noon\n40m ago\n\nnone because it is rare\nalert on totals\n\n";
    let Some(said) = typed(&repo, "git hotfix close", answers) else { return };
    let said = said.success();
    assert!(said.stdout().contains("What was broken for users? [low totals]"), "{said}");
    assert!(said.stdout().contains("note: started: `at noon` is no time; "), "{said}");
    assert_eq!(said.stdout().matches("When did users begin to feel it, such as 14:05").count(), 2, "{said}");
    // The fix came with a test: of the gaps two are open.
    assert!(!said.stdout().contains("Which test"), "{said}");
    let document = postmortem(&repo);
    for line in [
        "nobody rounded",
        "low totals",
        "- Users affected: all of EU",
        "none because it is rare",
        "- Monitoring gap: alert on totals",
    ] {
        assert!(document.contains(&format!("\n{line}\n")), "{line}: {document}");
    }
    assert!(document.contains("- Validation gap: unknown"), "{document}");
    assert!(document.contains("- When it was over for users is unknown"), "{document}");
    assert!(!document.contains("When it started is unknown"), "{document}");
}

#[test]
fn a_dry_run_asks_nothing_and_says_what_would_be_asked() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    repo.ok(["triage", "--impact", "low totals"]);
    let Some(said) = typed(&repo, "git hotfix close --dry-run", "") else { return };
    let said = said.success();
    let lines: Vec<&str> = said.stdout().lines().filter(|line| line.starts_with("would")).map(str::trim_end).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    would ask: Why did it happen? (has to be answered)
    would ask: What was broken for users? [low totals]
    would ask: How many users felt it, or which? (Enter skips)
    would ask: When did users begin to feel it, such as 14:05 or 2 h ago? (Enter skips)
    would ask: When was it over for users, such as 14:05 or 2 h ago? (Enter skips)
    would ask: What keeps it from happening again? (has to be answered)
    would ask: Which alert is still to be set up? (Enter skips)
    would ask: Which check of input is still to be added? (Enter skips)
    ");
    assert!(said.stdout().contains("hint: dry run, as of the last fetch: nothing was changed"), "{said}");
    let said = typed(&repo, "git hotfix open --dry-run 'Other'", "").expect("script is here").success();
    assert!(said.stdout().contains("would ask: How bad is it? [critical]"), "{said}");
    assert!(said.stdout().contains("would create hotfix/other at "), "{said}");
    let said = typed(&repo, "git hotfix open --dry-run", "").expect("script is here").success();
    assert!(said.stdout().contains("would ask: What is broken, in a few words? (has to be answered)"), "{said}");
    assert_eq!(repo.branch(), "main");
}

#[test]
fn what_ship_plans_is_what_it_does_in_that_order() {
    for is_proposed in [false, true] {
        let sandbox = sandbox!();
        let repo = opened(&sandbox);
        repo.fix_the_bug();
        if is_proposed {
            repo.ok(["pr"]);
        }
        let plan = repo.hotfix(["ship", "--dry-run"]).success();
        let done = repo.hotfix(["ship", "--yes"]).success();
        let merge = repo.git_ok(["rev-parse", "--short=9", "origin/main"]);
        let planned: Vec<&str> = plan.stdout().lines().filter_map(|line| line.strip_prefix("would ")).collect();
        let of_ship = done.stderr().lines().filter_map(|line| line.strip_prefix("  ✓ "));
        let did: Vec<String> = of_ship.skip(1).map(|line| line.replace(&merge, "the merge")).collect();
        assert_eq!(planned, did, "proposed before: {is_proposed}");
        assert!(planned.contains(&"bring main to the merge"), "{plan}");
    }
}

#[test]
fn what_was_answered_before_a_terminal_went_away_is_kept() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    let production = repo.resolve("origin/main");
    let Some(said) = typed(&repo, "git hotfix close", "nobody rounded\nlow tot\u{4}\u{4}") else { return };
    let said = said.exits_with(130);
    assert!(said.stdout().contains("git hotfix close   # asks again; what was answered before is recorded"), "{said}");
    repo.git_ok(["fetch", "--quiet"]);
    assert_eq!((repo.resolve("origin/main"), incident(&repo)["impact"].is_null()), (production, true));
    let said = typed(&repo, "git hotfix close", "\nlow totals\n\n\n\na test\n\n\n").expect("script is here").success();
    assert!(said.stdout().contains("Why did it happen? [nobody rounded]"), "{said}");
    assert!(postmortem(&repo).contains("\nnobody rounded\n"));
}

#[test]
fn close_does_not_ask_what_a_flag_tells() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    let command = "git hotfix close --root-cause 'nobody rounded' --impact 'low totals'";
    let Some(said) = typed(&repo, command, "\n\n\na test\n\n\n") else { return };
    let said = said.success();
    for question in ["Why did it happen?", "What was broken for users?"] {
        assert!(!said.stdout().contains(question), "{said}");
    }
    assert!(said.stdout().contains("What keeps it from happening again?"), "{said}");
    assert!(postmortem(&repo).contains("\na test\n"));
}

#[test]
fn an_answer_that_is_none_is_asked_for_again() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    let long = "x".repeat(1 << 20);
    let answers = format!("left\u{1b}[Dright\n{long}\n\nnobody rounded\nlow totals\n\n\n\na test\n\n\n");
    let Some(said) = typed(&repo, "git hotfix close", &answers) else { return };
    let said = said.success();
    for why in ["that holds control characters", "that is too long for a line", "this has to be answered"] {
        assert!(said.stdout().contains(why), "{why}");
    }
    assert!(postmortem(&repo).contains("\nnobody rounded\n"));
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    let said = typed(&repo, "git hotfix close", "\n\n\n\n\n\n\n\n").expect("script is here").exits_with(130);
    assert_eq!(said.stdout().matches("Why did it happen?").count(), 6, "{said}");
}

#[test]
fn a_text_that_is_missing_is_written_in_the_editor() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let typed = |command: &str, editor: &str| {
        typed(&repo, &format!("GIT_EDITOR='sh -c \"{editor}\" -' git hotfix {command}"), "")
    };
    let notes = || repo.hotfix(["log"]).stdout().to_owned();
    let Some(said) = typed("note", "cat $1 >../seen; echo two lines >$1; echo here >>$1") else { return };
    let _ = said.success();
    assert!(repo.read("../seen").contains(TITLE) && notes().contains("two lines here"), "{}", notes());
    let _ = typed("follow-up add --gap test", "echo write a test >$1").expect("script is here").success();
    assert!(repo.hotfix(["follow-up", "list"]).stdout().contains("write a test  (test gap)"));
    let before = repo.state();
    for (editor, code, word) in [
        (":", 2, "error: nothing was written in the editor; nothing is recorded"),
        (": >$1", 2, "error: nothing was written in the editor; nothing is recorded"),
        ("echo lost >$1; exit 3", 3, "hint: what you wrote is in "),
        ("head -c 70000 /dev/zero >$1", 2, "longer than 64 KiB"),
    ] {
        let said = typed("note", editor).expect("script is here").exits_with(code);
        assert!(said.stdout().contains(word), "{editor}: {said}");
        assert_eq!(repo.state(), before, "{editor}");
    }
}

#[test]
fn without_a_terminal_no_editor_is_started() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    for command in [&["note"][..], &["follow-up", "add"], &["postmortem", "--edit"], &["note", "--json"]] {
        let mut hotfix = repo.command("git-hotfix");
        let said = repo.run(hotfix.args(command).env("GIT_EDITOR", "touch ../started")).exits_with(2);
        assert!(said.stdout().contains("edit") || said.stderr().contains("no terminal to show an editor in"), "{said}");
    }
    assert!(!repo.has("../started"));
    insta::assert_snapshot!(repo.hotfix(["note"]).verdict(), @r#"
    ------- stderr -------
    error: TEXT: there is no terminal to show an editor in
    hint: git hotfix note "..."   # what happened
    [exit status: 2]
    "#);
}

#[test]
fn close_shows_the_whole_postmortem_in_the_editor() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    let production = repo.resolve("origin/main");
    let close = |editor: &str| {
        repo.write("../edit", editor);
        typed(&repo, "GIT_EDITOR='sh ../edit' git hotfix close --edit", "")
    };
    for (editor, code, word) in [
        (":", 2, "the postmortem does not say the root cause"),
        ("exit 1", 3, "error: failed to edit docs/decisions/POSTMORTEM-"),
        (": >\"$1\"", 2, "error: the postmortem was emptied in the editor; nothing was pushed"),
        ("rm \"$1\"", 2, "was removed in the editor; nothing was pushed"),
        ("echo mine >\"$1\"", 3, "does not say that it is about HF-"),
        ("exit 0", 3, "does not say that it is about HF-"),
    ] {
        let Some(said) = close(editor) else { return };
        let said = said.exits_with(code);
        assert!(said.stdout().contains(word), "{editor}: {said}");
        repo.git_ok(["fetch", "--quiet"]);
        assert_eq!(repo.resolve("origin/main"), production, "{editor}");
    }
    let _ = repo.run(repo.command("sh").args(["-c", "rm docs/decisions/*"])).success();
    // What was written before goes on being there: one line at a time.
    for (number, asks) in ["triage --impact", "postmortem --root-cause", "postmortem --prevention"].iter().enumerate() {
        let said = close(&format!("sed -i 's/.*{asks}.*/By hand, {number}./' \"$1\"")).expect("script is here");
        assert_eq!(said.code(), Some(if number == 2 { 0 } else { 2 }), "{said}");
    }
    let document = postmortem(&repo);
    for number in 0..3 {
        assert!(document.contains(&format!("\nBy hand, {number}.\n")), "{document}");
    }
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
}

#[test]
fn a_secret_that_is_written_in_the_editor_of_close_is_masked_and_told() {
    let sandbox = sandbox!();
    let repo = shipped(&sandbox);
    repo.ok(["postmortem", "--prevention", "none because it is rare"]);
    repo.ok(["triage", "--impact", "low totals"]);
    let secret = "postgres://app:hunter2@db.internal/shop";
    repo.write("../edit", &format!("sed -i 's|.*postmortem --root-cause.*|{secret} was full|' \"$1\""));
    let Some(said) = typed(&repo, "GIT_EDITOR='sh ../edit' git hotfix close --edit", "") else { return };
    let (said, document) = (said.success(), postmortem(&repo));
    assert!(said.stdout().contains("note: 1 secret masked: url-password in docs/decisions/POSTMORTEM-"), "{said}");
    assert!(document.contains("\npostgres://app:[redacted:url-password]@db.internal/shop was full\n"), "{document}");
    assert_eq!(repo.git_ok(["log", "--all", "--oneline", "-Shunter2"]), "");
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
}
