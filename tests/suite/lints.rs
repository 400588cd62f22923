//! A crate that denies what this compiler warns of still gets its verdict.

use std::time::Duration;

use hotfix_tests::{CommandOutput, Sandbox, sandbox};

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
const TEST: &str = "#[test]\nfn halves() {\n    assert_eq!(shop::half(4), 2);\n}\n";
/// Flags of the user's own, without which the crate cannot be built.
const FLAGS: &str = "[build]\nrustflags = [\"--cfg\", \"ours\"]\n";

/// What `test` says where a library begins so.
fn tested(sandbox: &Sandbox, library: &str) -> CommandOutput {
    let repo = sandbox.empty_repo("shop");
    repo.write(".gitignore", "/target\n/Cargo.lock\n");
    repo.write("Cargo.toml", MANIFEST);
    repo.write(".cargo/config.toml", FLAGS);
    repo.write("src/lib.rs", &format!("{library}\npub fn half(of: u32) -> u32 {{\n    of\n}}\n"));
    repo.commit_all("Sell things");
    repo.git_ok(["switch", "--quiet", "--create", "fix"]);
    repo.write("src/lib.rs", &format!("{library}\npub fn half(of: u32) -> u32 {{\n    of / 2\n}}\n"));
    repo.write("tests/half.rs", TEST);
    repo.commit_all("Fix it");
    let mut command = repo.command("cargo");
    command.args(["hotfix", "test", "--base", "main", "--json"]);
    sandbox.run_within(Duration::from_secs(300), &mut command)
}

#[test]
fn lints_that_are_denied_are_capped_on_both_sides_and_it_is_said() {
    let sandbox = sandbox!();
    let library = "\
#![deny(warnings)]
fn nobody() {}
#[cfg(not(ours))]
compile_error!(\"the flags are lost\");
";
    let output = tested(&sandbox, library);
    let document = output.json();
    let proof = &document["tests"]["proof"];
    assert_eq!((&proof["verdict"], &proof["lints_capped"]), (&"fail_to_pass".into(), &true.into()), "{document}");
    assert!(document["text"].as_str().unwrap().contains("built with lints capped"), "{document}");
    let hint = document["error"]["hints"][0].as_str().unwrap();
    assert!(hint.starts_with("RUSTFLAGS=--cap-lints=warn cargo hotfix test"), "{document}");
}

#[test]
fn an_error_beside_them_is_an_error() {
    let sandbox = sandbox!();
    let output = tested(&sandbox, "#![deny(warnings)]\nfn nobody() {}\nfn wrong() -> u32 { \"text\" }\n");
    assert_eq!((output.code(), output.json()["tests"]["proof"].is_null()), (Some(1), true), "{output}");
}
