//! Cargo workspaces below the top of a repository: the same is selected in them as at the top.

use std::time::Duration;

use hotfix_tests::{CommandOutput, Repo, sandbox};

const PRICE: &str = "pub fn price(cents: u32) -> u32 {\n    cents - 1\n}\n";
const FIXED: &str = "pub fn price(cents: u32) -> u32 {\n    cents + 1\n}\n";
const TEST: &str = "#[test]\nfn one_more() {\n    assert_eq!(price::price(1), 2);\n}\n";

fn package(name: &str, needs: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[dependencies]\n{needs}")
}

/// `backend` is a workspace of three packages, `tools` is one of its own.
fn prepare(repo: &Repo<'_>) {
    repo.write(".gitignore", "target\nCargo.lock\n");
    repo.write("backend/Cargo.toml", "[workspace]\nmembers = [\"price\", \"shop\", \"mail\"]\nresolver = \"2\"\n");
    for (name, needs) in [("price", ""), ("shop", "price = { path = \"../price\" }\n"), ("mail", "")] {
        repo.write(&format!("backend/{name}/Cargo.toml"), &package(name, needs));
        repo.write(&format!("backend/{name}/src/lib.rs"), "");
    }
    repo.write("backend/price/src/lib.rs", PRICE);
    repo.write("tools/Cargo.toml", &format!("{}\n[workspace]\n", package("tools", "")));
    repo.write("tools/src/lib.rs", "");
    repo.commit_all("Sell things");
    repo.git_ok(["switch", "--quiet", "--create", "fix"]);
}

fn tested(repo: &Repo<'_>) -> CommandOutput {
    let mut command = repo.command("cargo");
    command.args(["hotfix", "test", "--base", "main"]).env("CARGO_NET_OFFLINE", "true");
    repo.sandbox().run_within(Duration::from_secs(300), &mut command)
}

#[test]
fn a_change_in_a_member_tests_who_needs_it() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    prepare(&repo);
    repo.write("backend/price/src/lib.rs", FIXED);
    repo.write("backend/price/tests/price.rs", TEST);
    repo.commit_all("Charge one more");
    let output = tested(&repo);
    let shown = output.to_string();
    assert_eq!(output.code(), Some(0), "{output}");
    for wanted in
        ["in backend", "price: backend/price/src/lib.rs changed", "shop: needs price", "is out of reach of the change"]
    {
        assert!(shown.contains(wanted), "{wanted} is missing: {output}");
    }
    assert!(shown.contains("fails on main") || shown.contains("fail_to_pass"), "{output}");
}

#[test]
fn two_workspaces_are_two_runs() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    prepare(&repo);
    repo.write("backend/mail/src/lib.rs", "#[test]\nfn sends() {}\n");
    repo.write("tools/src/lib.rs", "#[test]\nfn works() {}\n");
    repo.commit_all("Test more");
    let output = tested(&repo);
    let shown = output.to_string();
    assert!(shown.contains("in backend") && shown.contains("in tools"), "{output}");
    assert!(!shown.contains("shop: needs"), "{output}");
}
