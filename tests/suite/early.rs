//! A process that ends with 0 before its test is done: no success, whoever calls it one.

use std::time::Duration;

use hotfix_tests::{Repo, Sandbox, sandbox};
use serde_json::Value;

pub(crate) const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
pub(crate) const PANICS: &str = "pub fn percent(text: &str) -> Option<u32> {\n    Some(text.parse().unwrap())\n}\n";
pub(crate) const EXITS: &str = "\
pub fn percent(text: &str) -> Option<u32> {
    match text.parse() {
        Ok(value) => Some(value),
        Err(_) => std::process::exit(0),
    }
}
";
pub(crate) const REFUSES: &str = "pub fn percent(text: &str) -> Option<u32> {\n    text.parse().ok()\n}\n";
pub(crate) const ASKS: &str = "assert_eq!(shop::percent(\"five\"), None);";

/// A crate that does this on production, and that with the fix; the change has a test of the name `refuses`.
pub(crate) fn shop<'s>(sandbox: &'s Sandbox, production: &str, fix: &str, test: (&str, &str)) -> Repo<'s> {
    let repo = sandbox.empty_repo("shop");
    repo.write(".gitignore", "/target\n/Cargo.lock\n");
    repo.write("Cargo.toml", MANIFEST);
    repo.write("src/lib.rs", production);
    repo.commit_all("Sell things");
    repo.git_ok(["switch", "--quiet", "--create", "fix"]);
    repo.write("src/lib.rs", fix);
    repo.write(test.0, test.1);
    repo.commit_all("Fix it");
    repo
}

pub(crate) fn refuses(attributes: &str, body: &str) -> String {
    format!("{attributes}#[test]\nfn refuses() {{\n    {body}\n}}\n\n#[test]\nfn stands_behind() {{}}\n")
}

/// The exit code and what JSON says of the tests.
pub(crate) fn tested(repo: &Repo<'_>, arguments: &[&str]) -> (i32, Value) {
    let mut command = repo.command("cargo");
    command.args(["hotfix", "test", "--base", "main", "--json"]).args(arguments);
    let output = repo.sandbox().run_within(Duration::from_secs(300), &mut command);
    (output.code().unwrap_or(-1), output.json())
}

pub(crate) fn ends(document: &Value) -> String {
    let proof = &document["tests"]["proof"];
    let tests = proof["tests"].as_array().into_iter().flatten();
    let tests: Vec<String> = tests.map(|test| format!("{} {} -> {}", test["id"], test["base"], test["fix"])).collect();
    format!("{}: {}", proof["verdict"], tests.join("; ")).replace('"', "")
}

#[test]
fn a_fix_that_exits_with_0_is_not_proven() {
    let sandbox = sandbox!();
    let repo = shop(&sandbox, PANICS, EXITS, ("tests/percent.rs", &refuses("", ASKS)));
    let (code, document) = tested(&repo, &[]);
    insta::assert_snapshot!(format!("{code} {}", ends(&document)), @"1 fail_to_fail: shop::percent::refuses fail -> ended-early; shop::percent::stands_behind pass -> pass");
    let run = &document["tests"]["runs"][0];
    insta::assert_snapshot!(format!("{} {} {}", run["outcome"], run["exit_code"], run["unfinished"]), @r#""failed" 0 "tests/percent.rs""#);
    // The test that stands behind it in the same program is what proves that nothing was lost.
    repo.write("src/lib.rs", REFUSES);
    repo.commit_all("Fix it well");
    let (code, document) = tested(&repo, &[]);
    insta::assert_snapshot!(format!("{code} {}", ends(&document)), @"0 fail_to_pass: shop::percent::refuses fail -> pass; shop::percent::stands_behind pass -> pass");
}

#[test]
fn a_fix_that_exits_in_another_thread_or_where_a_panic_is_due_is_not_proven() {
    let sandbox = sandbox!();
    let thread = format!("std::thread::spawn(|| {{ {ASKS} }}).join().unwrap();");
    let repo = shop(&sandbox, PANICS, EXITS, ("tests/percent.rs", &refuses("", &thread)));
    let (code, document) = tested(&repo, &["--no-proof"]);
    assert_eq!((code, document["tests"]["runs"][0]["unfinished"].as_str()), (1, Some("tests/percent.rs")));
    let panics = "let _ = shop::percent(\"five\");\n    panic!();";
    repo.write("tests/percent.rs", &refuses("#[should_panic]\n", panics));
    repo.commit_all("Test that it panics");
    let (code, document) = tested(&repo, &[]);
    insta::assert_snapshot!(format!("{code} {}", ends(&document)), @"1 pass_to_fail: shop::percent::refuses pass -> ended-early; shop::percent::stands_behind pass -> pass");
}

#[test]
fn production_that_exits_with_0_is_caught() {
    let sandbox = sandbox!();
    let inside = format!(
        "\
{REFUSES}
#[cfg(test)]
#[test]
fn refuses() {{
    assert_eq!(percent(\"five\"), None);
}}
"
    );
    let repo = shop(&sandbox, EXITS, &inside, ("README.md", "Sells things.\n"));
    let (code, document) = tested(&repo, &[]);
    insta::assert_snapshot!(format!("{code} {}", ends(&document)), @"0 crash_to_pass: shop::refuses ended-early -> pass");
}

#[test]
fn a_test_with_a_main_of_its_own_goes_by_its_exit_code_and_says_so() {
    let sandbox = sandbox!();
    let manifest = format!("{MANIFEST}\n[[test]]\nname = \"own\"\nharness = false\n");
    let own = format!("fn main() {{\n    {ASKS}\n}}\n");
    let repo = shop(&sandbox, PANICS, REFUSES, ("tests/own.rs", &own));
    repo.write("Cargo.toml", &manifest);
    repo.write("tests/other.rs", "#[test]\nfn passes() {}\n");
    repo.commit_all("Test by a program");
    let (code, document) = tested(&repo, &[]);
    insta::assert_snapshot!(format!("{code} {}", ends(&document)), @"0 fail_to_pass: shop::other::passes pass -> pass; shop::own::main fail -> pass");
    let tests = document["tests"]["proof"]["tests"].as_array().unwrap();
    let own = tests.iter().find(|test| test["id"] == "shop::own::main").unwrap();
    assert_eq!(own["by_exit_code"], true, "{document}");
}
