//! What nextest runs, where the machine has it; all other tests are run by Cargo alone.

use hotfix_tests::{Sandbox, sandbox};
use serde_json::json;

use super::early::{ASKS, EXITS, MANIFEST, PANICS, REFUSES, ends, refuses, shop, tested};

/// Where it does not, that is said aloud.
fn runs_here(sandbox: &Sandbox) -> bool {
    let runs = sandbox.use_nextest();
    if !runs {
        eprintln!("SKIPPED, AND SO NOT SHOWN: what nextest runs and says, which is not installed");
    }
    runs
}

#[test]
fn a_fix_is_proven_by_what_it_lists() {
    let sandbox = sandbox!();
    if !runs_here(&sandbox) {
        return;
    }
    let repo = shop(&sandbox, PANICS, REFUSES, ("tests/percent.rs", &refuses("", ASKS)));
    let (code, document) = tested(&repo, &[]);
    insta::assert_snapshot!(format!("{code} {}", ends(&document)), @"0 fail_to_pass: shop::percent::refuses fail -> pass; shop::percent::stands_behind pass -> pass");
    let runs = document["tests"]["runs"].as_array().unwrap();
    let runs: Vec<String> = runs.iter().map(|run| format!("{} {}", run["command"], run["counts"])).collect();
    insta::assert_snapshot!(runs.join("\n"), @r#"
    ["cargo","nextest","run","--test","percent","refuses","stands_behind"] {"failed":0,"ignored":0,"passed":2}
    ["cargo","nextest","run"] {"failed":0,"ignored":0,"passed":2}
    ["cargo","test","--doc"] {"failed":0,"ignored":0,"passed":0}
    "#);
}

#[test]
fn a_test_that_ends_its_process_is_named_and_counted() {
    let sandbox = sandbox!();
    if !runs_here(&sandbox) {
        return;
    }
    let repo = shop(&sandbox, PANICS, EXITS, ("tests/percent.rs", &refuses("", ASKS)));
    let (code, document) = tested(&repo, &["--no-proof"]);
    let run = &document["tests"]["runs"][0];
    assert_eq!((code, run["unfinished"].as_str()), (1, Some("shop::percent refuses")), "{document}");
    assert_eq!(run["counts"], json!({ "passed": 1, "failed": 1, "ignored": 0 }), "{document}");
}

#[test]
fn a_program_that_it_cannot_list_is_run_by_cargo() {
    let sandbox = sandbox!();
    if !runs_here(&sandbox) {
        return;
    }
    let own = format!("fn main() {{\n    assert_eq!(std::env::args().len(), 1, \"no list\");\n    {ASKS}\n}}\n");
    let repo = shop(&sandbox, PANICS, REFUSES, ("tests/own.rs", &own));
    repo.write("Cargo.toml", &format!("{MANIFEST}\n[[test]]\nname = \"own\"\nharness = false\n"));
    repo.write("tests/other.rs", "#[test]\nfn passes() {}\n");
    repo.commit_all("Test by a program");
    let (code, document) = tested(&repo, &[]);
    insta::assert_snapshot!(format!("{code} {}", ends(&document)), @"0 fail_to_pass: shop::other::passes pass -> pass; shop::own::main fail -> pass");
    let runs = document["tests"]["runs"].as_array().unwrap();
    let runs: Vec<String> = runs.iter().map(|run| format!("{} {}", run["command"], run["exit_code"])).collect();
    insta::assert_snapshot!(runs.join("\n"), @r#"
    ["cargo","test","--test","other","--","passes"] 0
    ["cargo","test"] 0
    "#);
}

#[test]
fn a_profile_that_keeps_to_itself_what_passed_is_no_run_without_tests() {
    let sandbox = sandbox!();
    if !runs_here(&sandbox) {
        return;
    }
    let repo = shop(&sandbox, PANICS, REFUSES, ("tests/percent.rs", &refuses("", ASKS)));
    repo.write(
        ".config/nextest.toml",
        "\
[profile.default]
status-level = \"none\"
final-status-level = \"none\"
success-output = \"never\"
",
    );
    repo.commit_all("Say nothing of what passed");
    let (code, document) = tested(&repo, &[]);
    insta::assert_snapshot!(format!("{code} {}", ends(&document)), @"0 fail_to_pass: shop::percent::refuses fail -> pass; shop::percent::stands_behind pass -> pass");
    // It would be no less silent about what ends too soon.
    repo.write("src/lib.rs", EXITS);
    repo.commit_all("Exit");
    let (code, document) = tested(&repo, &["--no-proof"]);
    assert_eq!((code, document["tests"]["runs"][0]["unfinished"].as_str()), (1, Some("shop::percent refuses")));
}
