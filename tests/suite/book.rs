//! The user's book: its console blocks run, and its reference of keys is what the code says.
//!
//! A chapter begins in a shop of its own. In a block marked `console`, a line after `$ ` is typed (`> ` continues it), the
//! lines below are what is printed on both streams, and `...` stands for any lines. What prints a fence stands in a longer
//! one. `<!-- $ … -->` is typed unseen. `cd` into the shop that `drill --play` left goes on there. Ids, dates and the like need not be those of this run. `UPDATE_BOOK=1` writes down
//! what is printed now.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use hotfix_core::config::KEYS;
use hotfix_tests::{GitHub, Repo, Sample, TOKEN, redact, sandbox};
use regex::Regex;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src")
}

pub(crate) fn chapter(name: &str) -> String {
    fs::read_to_string(source().join(name)).expect("the chapter is there")
}

/// Two tests write the same chapter.
pub(crate) static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(crate) fn is_update() -> bool {
    env::var_os("UPDATE_BOOK").is_some()
}

/// Compares a chapter with what it should be, or makes it so.
#[track_caller]
pub(crate) fn settle(name: &str, should_be: &str) {
    if is_update() {
        fs::write(source().join(name), should_be).expect("the book can be written");
    } else {
        assert_eq!(chapter(name), should_be, "{name}: UPDATE_BOOK=1 cargo test -p hotfix-tests book");
    }
}

/// A command in a chapter, and what is printed below it.
struct Typed {
    command: String,
    expected: Vec<String>,
}

/// Runs the console blocks of a chapter in their order; the chapter with what they printed.
fn played(text: &str, repo: &Repo<'_>) -> String {
    let mut repo = repo.at("");
    let mut result = String::new();
    let mut lines = text.lines().peekable();
    let mut fence: Option<&str> = None;
    while let Some(line) = lines.next() {
        if let Some(unseen) = line.strip_prefix("<!-- $ ").and_then(|rest| rest.strip_suffix(" -->")) {
            let output = type_in(&repo, unseen);
            assert!(!output.contains("[exit "), "{unseen}: {output}");
        }
        fence = match fence {
            Some(fence) => (line != fence).then_some(fence),
            None => {
                line.strip_suffix("console").filter(|fence| fence.len() > 2 && fence.chars().all(|mark| mark == '`'))
            }
        };
        result.push_str(&format!("{line}\n"));
        let (Some(fence), Some(command)) = (fence, line.strip_prefix("$ ")) else { continue };
        let mut typed = Typed { command: command.to_owned(), expected: Vec::new() };
        while let Some(more) = lines.next_if(|line| line.starts_with("> ") || *line == ">") {
            typed.command.push_str(&format!("\n{}", more.strip_prefix("> ").unwrap_or_default()));
            result.push_str(&format!("{more}\n"));
        }
        while let Some(expected) = lines.next_if(|line| !line.starts_with("$ ") && *line != fence) {
            typed.expected.push(expected.to_owned());
        }
        if typed.command.starts_with("cd /tmp/hotfix-drill-") {
            repo = shop_of_drill(&repo);
            continue;
        }
        result.push_str(&printed(&typed, &repo));
    }
    assert!(fence.is_none(), "a console block has no end");
    result
}

/// The shop that a drill left to be played in, where `$EDITOR` makes the fix and its test.
fn shop_of_drill<'s>(repo: &Repo<'s>) -> Repo<'s> {
    let left = fs::read_dir(repo.sandbox().root().join("tmp")).expect("the folder is ours").flatten();
    let drills = left.map(|entry| entry.path()).filter(|path| path.to_string_lossy().contains("hotfix-drill-"));
    let folder = drills.last().expect("the drill left its folder");
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hotfix-core/src/front/drill/shop");
    for (from, to) in [("coupon-fixed.sh", "coupon.sh"), ("test/coupon_test.sh", "test/coupon_test.sh")] {
        let to = folder.join("fixed").join(to);
        fs::create_dir_all(to.parent().expect("it lies in a folder")).expect("the folder is ours");
        fs::copy(shop.join(from), to).expect("the drill has these files");
    }
    fs::write(folder.join("edit"), "cp -R ../fixed/. .\n").expect("the folder is ours");
    repo.at(folder.join("shop"))
}

/// What a command prints: as the chapter has it where that is right.
fn printed(typed: &Typed, repo: &Repo<'_>) -> String {
    let output = type_in(repo, &typed.command);
    let root = repo.sandbox().root();
    let redacted = redact(&output, root);
    let expected: Vec<String> = typed.expected.iter().map(|line| redact(line, root)).collect();
    if is_match(&expected, &redacted.lines().collect::<Vec<_>>()) {
        return typed.expected.iter().map(|line| format!("{line}\n")).collect();
    }
    output
}

/// Types a command; both streams, and its exit code unless that is 0.
fn type_in(repo: &Repo<'_>, command: &str) -> String {
    let script = format!("exec 2>&1\n{command}");
    let mut shell = repo.command("sh");
    shell.env("EDITOR", "sh ../edit").env("GIT_EDITOR", ":").args(["-c", &script]);
    let output = repo.run(&mut shell);
    // The folder of a drill lies in that of the test, and in the book where a person's does.
    let stdout = output
        .stdout()
        .replace(&format!("{}/tmp/hotfix-drill-", repo.sandbox().root().display()), "/tmp/hotfix-drill-");
    let text = stdout.trim_end().lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
    match output.code() {
        Some(0) => text,
        code => format!("{text}[exit {}]\n", code.unwrap_or_default()),
    }
}

fn is_match(expected: &[String], printed: &[&str]) -> bool {
    match (expected.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((line, rest)), _) if line == "..." => {
            (0..=printed.len()).any(|skipped| is_match(rest, &printed[skipped..]))
        }
        (Some((line, rest)), Some((first, others))) => is_same(line, first) && is_match(rest, others),
        _ => false,
    }
}

/// A short object id of digits alone is not redacted, and yet one; a ledger has the year in its name.
fn is_same(expected: &str, printed: &str) -> bool {
    let year = Regex::new(r"ledger/\d{4}").expect("the pattern is fixed");
    // Of a drill there differ the name of the folder, and what its deployment calls a version.
    let drill = Regex::new(r"hotfix-drill-[A-Za-z0-9]+|-g[0-9a-f]{7}\b").expect("the pattern is fixed");
    let [expected, printed] = [expected, printed].map(|text| year.replace(text, "ledger/YYYY"));
    let [expected, printed] = [&expected, &printed].map(|text| drill.replace_all(text, "X"));
    let pattern = regex::escape(&expected).replace(r"\[OBJECT\]", r"(\[OBJECT\]|[0-9a-f]{7,12})");
    Regex::new(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(&printed))
}

/// A sample project where `$EDITOR` makes the fix and its test.
fn set_up(repo: &Repo<'_>) {
    repo.write_fix();
    repo.write_regression_test();
    let keep = "mkdir ../fixed && cp -R total.sh test ../fixed && git checkout -q . && git clean -qfd \
                && echo 'cp -R ../fixed/. .' >../edit";
    let _ = repo.run(repo.command("sh").args(["-c", keep])).success();
}

/// Hosts the sample project at a GitHub of this process, whose token git's credential helper knows.
fn host(repo: &Repo<'_>) {
    let github = GitHub::serve(&repo.origin());
    let helper = format!("!f() {{ echo username=dev; echo password={TOKEN}; }}; f");
    for (key, value) in [
        ("hotfix.forge.kind", "github"),
        ("hotfix.forge.api", github.address()),
        ("hotfix.forge.repository", "dev/shop"),
        ("credential.helper", &helper),
    ] {
        repo.git_ok(["config", key, value]);
    }
    github.set(|settings| {
        settings.approvals = 1;
        settings.is_admin = true;
    });
}

#[track_caller]
fn check(name: &str) {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell).with_remote();
    set_up(&repo);
    if name == "github.md" {
        host(&repo);
    }
    let _only = is_update().then(|| ONE_AT_A_TIME.lock());
    settle(name, &played(&chapter(name), &repo));
}

/// A test for each chapter with console blocks, so that they run side by side.
macro_rules! chapters {
    ($($test:ident $file:literal)*) => {
        const PLAYED: &[&str] = &[$($file),*];

        $(#[test]
        fn $test() {
            check($file);
        })*
    };
}

chapters! {
    the_first_night_goes_as_written "first-night.md"
    keystrokes_go_as_written "keystrokes.md"
    each_step_goes_as_written "steps.md"
    rollback_and_abort_go_as_written "rollback.md"
    github_goes_as_written "github.md"
    release_lines_go_as_written "lines.md"
    configuration_goes_as_written "configuration.md"
    a_prompt_goes_as_written "prompt.md"
    scripts_go_as_written "scripts.md"
    safety_goes_as_written "safety.md"
    troubleshooting_goes_as_written "troubleshooting.md"
}

#[test]
fn every_chapter_is_in_the_summary_and_is_played_when_it_can_be() {
    let summary = chapter("SUMMARY.md");
    for entry in fs::read_dir(source()).expect("the book is there").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(name == "SUMMARY.md" || summary.contains(&format!("({name})")), "{name} is not in the summary");
        assert_eq!(chapter(&name).contains("\n```console\n"), PLAYED.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn the_reference_of_keys_is_what_the_code_says() {
    let (start, end) = ("<!-- keys: made from the code -->\n", "<!-- /keys -->\n");
    let _only = is_update().then(|| ONE_AT_A_TIME.lock());
    let text = chapter("configuration.md");
    let (before, rest) = text.split_once(start).expect("the reference has a beginning");
    let (_, after) = rest.split_once(end).expect("the reference has an end");
    settle("configuration.md", &format!("{before}{start}{}{end}{after}", reference()));
}

/// Every key, by section, as Markdown.
fn reference() -> String {
    let mut text = String::new();
    let mut section = "";
    for key in KEYS {
        if key.section() != section {
            section = key.section();
            text.push_str(&format!("\n### [{section}]\n"));
        }
        text.push_str(&format!("\n`{}`: {}\n\n", key.short_name(), key.help));
        text.push_str(&format!("```toml\n[{section}]\n{} = {}\n```\n\n", key.short_name(), key.example));
        text.push_str(&format!("`git config {}`, `{}`\n", key.git_config_key(), key.environment_variable()));
    }
    text.push('\n');
    text
}

#[test]
fn dots_stand_for_any_lines() {
    let matches = |expected: &str, printed: &str| {
        let expected: Vec<String> = expected.lines().map(String::from).collect();
        is_match(&expected, &printed.lines().collect::<Vec<_>>())
    };
    assert!(matches("a\n...\nd", "a\nb\nc\nd"));
    assert!(matches("...", "") && matches("a\n...", "a") && matches("", ""));
    assert!(!matches("a\n...\nd", "a\nb") && !matches("a", "a\nb") && !matches("a\nb", "a"));
    assert!(is_same("at [OBJECT].", "at 123456789.") && !is_same("at [OBJECT].", "at home."));
}
