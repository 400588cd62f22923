//! Evidence and the secrets in it: attached, masked everywhere, and followed to the commit that caused it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use hotfix_tests::{CommandOutput, Repo, Sample, sandbox};

use crate::fixtures::{TITLE, opened, sample_with};

const TRACE: &str = "\
thread 'main' panicked at src/cart.rs:3:9:
attempt to subtract with overflow
   1: shop::cart::total
             at ./src/cart.rs:3:9
   2: shop::main
             at ./src/main.rs:1:1
";

/// Runs `git hotfix` with something on standard input.
fn hotfix_with_input(repo: &Repo<'_>, arguments: &[&str], input: &str) -> CommandOutput {
    let file = repo.sandbox().root().join("input");
    fs::File::create(&file).and_then(|mut file| file.write_all(input.as_bytes())).expect("the folder is ours");
    let input = Stdio::from(fs::File::open(&file).expect("it was just written"));
    repo.run(repo.command("git").arg("hotfix").args(arguments).stdin(input))
}

#[test]
fn a_report_is_masked_attached_once_and_told() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let report = format!("DATABASE_URL=postgres://app:hunter2@db/shop\n{TRACE}");
    repo.write("../boot.log", &report);
    insta::assert_snapshot!(repo.hotfix(["attach", "../boot.log"]).success().verdict(), @"
    attached to HF-YYYY-ID: boot.log (230 bytes, 1 secret masked: url-password), points to src/cart.rs:3 in shop::cart::total and 1 more
    ------- stderr -------
    hint: git hotfix suspects   # who changed the lines that the stack trace names
    ");
    insta::assert_snapshot!(hotfix_with_input(&repo, &["attach", "-"], &report).success().verdict(), @"attached to HF-YYYY-ID already: stdin (230 bytes, 1 secret masked: url-password), points to src/cart.rs:3 in shop::cart::total and 1 more");
    insta::assert_snapshot!(repo.hotfix(["show"]).success().verdict(), @"
    HF-YYYY-ID  High  active
    Coupons take off too much

    INCIDENT TRIAGE
    ================

    Severity: High
    Impact: unknown
    Scope: unknown
    Source: unknown

    branch     hotfix/coupons-take-off-too-much
    base       origin/main at [OBJECT]
    opened     [INSTANT]

    Evidence boot.log (230 bytes, 1 secret masked: url-password), points to src/cart.rs:3 in shop::cart::total and 1 more
      DATABASE_URL=postgres://app:[redacted:url-password]@db/shop
      thread 'main' panicked at src/cart.rs:3:9:
      attempt to subtract with overflow
         1: shop::cart::total
                   at ./src/cart.rs:3:9
         2: shop::main
                   at ./src/main.rs:1:1

    Timeline
    [INSTANT]  incident opened (high): Coupons take off too much  (Alex Doe)
    [INSTANT]  branch hotfix/coupons-take-off-too-much created at [OBJECT]  (Alex Doe)
    [INSTANT]  evidence attached: boot.log (230 bytes, 1 secret masked)  (Alex Doe)
    ");
    let attached = &repo.hotfix_json(["show"])["incident"]["evidence"][0];
    assert_eq!(attached["masked"]["url-password"], 1);
    assert_eq!(attached["frames"][0]["file"], "src/cart.rs");
}

#[test]
fn a_report_opens_with_the_incident_and_is_not_attached_again() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("../boot.log", TRACE);
    let open = ["open", TITLE, "--severity", "high", "--report", "../boot.log", "--report", "-"];
    let _ = hotfix_with_input(&repo, &open, "a user: it says total: 0\n").success();
    let _ = hotfix_with_input(&repo, &open, "a user: it says total: 0\n").success();
    let incident = &repo.hotfix_json(["show"])["incident"];
    let names: Vec<&str> = incident["evidence"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|attached| attached["name"].as_str())
        .collect();
    assert_eq!(names, ["boot.log", "stdin"]);
    assert_eq!(repo.branch(), "hotfix/coupons-take-off-too-much");
}

#[test]
fn what_is_no_text_is_refused_before_anything_is_recorded() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    repo.write("../core", "\u{0}ELF");
    let verdict = |file: &str| {
        let open = ["open", TITLE, "--severity", "high", "--report", file];
        repo.hotfix(open).exits_with(2).verdict()
    };
    insta::assert_snapshot!(verdict("none.log"), @"
    ------- stderr -------
    error: --report: failed to read `none.log`: No such file or directory (os error 2)
    [exit status: 2]
    ");
    insta::assert_snapshot!(verdict("../core"), @"
    ------- stderr -------
    error: --report: `core` is no evidence: it is binary, not text
    hint: attach text: a log, a stack trace, what a user wrote
    [exit status: 2]
    ");
    insta::assert_snapshot!(verdict("."), @"
    ------- stderr -------
    error: --report: failed to read `.`: it is no regular file; pipe it in: … | git hotfix attach -
    [exit status: 2]
    ");
    assert_eq!(repo.git_ok(["for-each-ref", "refs/hotfix", "refs/heads/hotfix"]), "");
}

#[test]
fn suspects_are_the_commits_that_changed_the_lines_of_the_trace() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.commit_file("src/cart.rs", "fn total() {\n    let sum = 1;\n    sum - 1\n}\n", "Sum up carts");
    repo.commit_file("src/main.rs", "fn main() {}\n", "Serve carts");
    repo.git_ok(["tag", "v1.0"]);
    let file = repo.commit_file(
        "src/cart.rs",
        "//! Carts.\nfn total() {\n    let sum = 1;\n    sum - 1\n}\n",
        "Explain carts",
    );
    repo.commit_file("README", "Carts\n", "Say what it is");
    let line =
        repo.commit_file("src/cart.rs", "//! Carts.\nfn total() {\n    let sum = 2;\n    sum - 1\n}\n", "Count twice");
    let repo = repo.with_remote();
    let _ = hotfix_with_input(&repo, &["open", TITLE, "--severity", "high", "--report", "-"], TRACE).success();
    insta::assert_snapshot!(repo.hotfix(["suspects"]).success().verdict(), @"
    Named by the stack traces of HF-YYYY-ID
      src/cart.rs:3 in shop::cart::total, last changed by [OBJECT] Count twice (Alex Doe)
      src/main.rs:1 in shop::main, last changed by [OBJECT] Serve carts (Alex Doe)

    Suspects among 3 commits since v1.0
      [OBJECT]  Count twice (Alex Doe)
               changed the line that the stack trace names: src/cart.rs:3
      [OBJECT]  Explain carts (Alex Doe)
               changed a line 2 lines from it: src/cart.rs:1
      [OBJECT]  Say what it is (Alex Doe)
               is new in production
    ");
    let found = repo.hotfix_json(["suspects", "--limit", "2"]);
    assert_eq!(found["suspects"][0]["commit"], line.as_str());
    assert_eq!(found["suspects"][0]["line"], 3);
    assert_eq!(found["suspects"][1]["commit"], file.as_str());
    assert_eq!(found["suspects"].as_array().map(Vec::len), Some(2));
    assert_eq!(found["since"], "v1.0");
    assert_eq!(found["places"][1]["last_change"]["subject"], "Serve carts");
    insta::assert_snapshot!(repo.hotfix(["suspects", "--since", "nowhere"]).exits_with(2).verdict(), @"
    ------- stderr -------
    error: --since: `nowhere` names no commit
    [exit status: 2]
    ");
}

#[test]
fn without_a_stack_trace_no_commit_is_suspected() {
    let sandbox = sandbox!();
    insta::assert_snapshot!(opened(&sandbox).hotfix(["suspects"]).success().verdict(), @"
    no stack trace is attached to HF-YYYY-ID: none of 1 commit is suspected
    ------- stderr -------
    hint: git hotfix attach FILE   # a stack trace tells which of them
    hint: git log --oneline [OBJECT]   # what is new in production
    ");
}

/// Every byte below a folder that holds `canary`, git's compressed objects included, by where it was found.
fn found(repo: &Repo<'_>, canary: &str) -> Vec<String> {
    let mut places = Vec::new();
    let objects = repo.git_ok(["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"]);
    for (object, kind) in objects.lines().filter_map(|line| line.split_once(' ')) {
        let content = repo.git(["cat-file", if kind == "tree" { "-p" } else { kind }, object]).stdout().to_owned();
        if content.to_lowercase().contains(canary) {
            places.push(format!("{kind} {content}"));
        }
    }
    search(repo.folder(), canary, &mut places);
    places
}

fn search(folder: &Path, canary: &str, places: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        if path.to_string_lossy().to_lowercase().contains(canary) {
            places.push(path.display().to_string());
        }
        if path.is_dir() {
            search(&path, canary, places);
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).to_lowercase().contains(canary) {
            places.push(path.display().to_string());
        }
    }
}

const CANARY: &str = "c4n4ryc4n4ryc4n4ryc4n4ry";

#[test]
fn no_secret_of_a_whole_night_is_anywhere() {
    let sandbox = sandbox!();
    let rules = "[test]\ncommand = [\"sh\", \"-c\", \"cat ../secret; sh test/all.sh\"]\n\
        [deploy]\ncommand = [\"sh\", \"-c\", \"cat ../secret\"]\nverify = [\"sh\", \"-c\", \"cat ../secret\"]\n";
    let repo = sample_with(&sandbox, rules);
    let secret = |name: &str| format!("{name} password={CANARY} https://bob:{CANARY}@shop.example ghp_{CANARY}");
    repo.write("../secret", &format!("{}\nAuthorization: Bearer {CANARY}\n", "connecting\n".repeat(90)));
    repo.write(&format!("../ghp_{CANARY}.log"), &secret("log"));
    let report = format!("../ghp_{CANARY}.log");
    let title = format!("Coupons ghp_{CANARY} take off");
    let texts = ["impact", "scope", "source", "note", "smoke", "fix", "guard", "root", "todo", "owner", "link", "end"]
        .map(secret);
    let [impact, scope, source, note, smoke, fix, no_guard, root_cause, todo, owner, link, end] = &texts;
    let open = [
        "open",
        &title,
        "--severity",
        "high",
        "--impact",
        impact,
        "--scope",
        scope,
        "--source",
        source,
        "--report",
        &report,
    ];
    let run = |arguments: &[&str]| {
        let output = repo.run(repo.command("git").arg("hotfix").args(arguments)).success();
        assert!(!output.to_string().to_lowercase().contains(CANARY), "{output}");
    };
    run(&open);
    run(&open);
    assert!(repo.branch().starts_with("hotfix/coupons-redacted"), "{}", repo.branch());
    run(&["triage", "--impact", impact]);
    run(&["triage", "--impact", source]);
    run(&["note", note]);
    run(&["attach", &report]);
    repo.fix_the_bug();
    run(&["test", "--smoke", smoke]);
    run(&["test", "--smoke", smoke]);
    run(&["pr", "--fix", fix, "--no-guard", no_guard]);
    run(&["pr", "--fix", fix, "--no-guard", no_guard]);
    run(&["ship", "--yes"]);
    run(&["follow-up", "add", todo, "--owner", owner]);
    run(&["follow-up", "done", "1", "--link", link]);
    run(&["postmortem", "--root-cause", root_cause]);
    run(&["close", "--reason", end]);
    assert_eq!(found(&repo, CANARY), Vec::<String>::new());
    assert!(found(&repo, "[redacted:github-token]").len() > 5, "the search sees what is there");
    let log = repo.hotfix(["log"]).success().stdout().to_owned();
    assert!(log.contains("[redacted:github-token]") && log.contains("[redacted:password]"), "{log}");
}

#[test]
fn what_was_masked_is_said() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    let token = format!("ghp_{CANARY}");
    insta::assert_snapshot!(repo.hotfix(["note", &format!("rotated {token} and postgres://app:hunter2@db/shop")]).success().verdict(), @"noted in HF-YYYY-ID");
    insta::assert_snapshot!(repo.hotfix(["log"]).success().verdict(), @"
    [INSTANT]  incident opened (high): Coupons take off too much  (Alex Doe)
    [INSTANT]  branch hotfix/coupons-take-off-too-much created at [OBJECT]  (Alex Doe)
    [INSTANT]  rotated [redacted:github-token] and postgres://app:[redacted:url-password]@db/shop  (Alex Doe)
    ");
    let notes = &repo.hotfix_json(["note", &token])["notes"];
    assert_eq!(notes[0], "1 secret masked: github-token in what you typed");
}
