//! The proof by Cargo: a reduction of each kind of fix that real crates have, as small as it can be.

use std::time::Duration;

use hotfix_tests::{CommandOutput, Repo, Sandbox, sandbox};

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
const BROKEN: &str = "pub fn half(of: u32) -> u32 {\n    of\n}\n";
const FIXED: &str = "pub fn half(of: u32) -> u32 {\n    of / 2\n}\n";
const ASKS: &str = "assert_eq!(shop::half(4), 2);";

type Files<'f> = &'f [(&'f str, &'f str)];

/// A crate with its base and the change that is to be proven; what `cargo hotfix test` says about it.
fn proven(sandbox: &Sandbox, base: Files<'_>, fix: Files<'_>, arguments: &[&str]) -> String {
    let repo = changed(sandbox, base, fix);
    let mut command = repo.command("cargo");
    command.args(["hotfix", "test", "--base", "main", "--json"]).args(arguments);
    let output = sandbox.run_within(Duration::from_secs(300), &mut command);
    assert_eq!(repo.git_ok(["worktree", "list"]).lines().count(), 1, "a work tree is left behind");
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "", "something was written into the tree");
    told(&output)
}

fn changed<'s>(sandbox: &'s Sandbox, base: Files<'_>, fix: Files<'_>) -> Repo<'s> {
    let repo = sandbox.empty_repo("shop");
    repo.write(".gitignore", "/target\n/Cargo.lock\n");
    repo.write("Cargo.toml", MANIFEST);
    for (path, text) in base {
        repo.write(path, text);
    }
    repo.commit_all("Sell things");
    repo.git_ok(["switch", "--quiet", "--create", "fix"]);
    for (path, text) in fix {
        repo.write(path, text);
    }
    repo.commit_all("Fix it");
    repo
}

/// The exit code, the verdict with its profile, and each test with its ends.
fn told(output: &CommandOutput) -> String {
    let document = output.json();
    let proof = &document["tests"]["proof"];
    let word = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let mut text =
        format!("exit {}, {}, {}\n", output.code().unwrap_or(-1), word(&proof["verdict"]), word(&proof["profile"]));
    for test in proof["tests"].as_array().into_iter().flatten() {
        let cause = test["cause"].as_str().map(|cause| format!(", {cause}")).unwrap_or_default();
        let gate = test["gate"].as_str().map(|gate| format!(", {gate}")).unwrap_or_default();
        text.push_str(&format!(
            "{}: {} -> {}, {}{cause}{gate}\n",
            word(&test["id"]),
            word(&test["base"]),
            word(&test["fix"]),
            word(&test["verdict"])
        ));
    }
    text
}

fn texts<'t>(files: &'t [(&'static str, String)]) -> Vec<(&'t str, &'t str)> {
    files.iter().map(|(path, text)| (*path, text.as_str())).collect()
}

fn test(body: &str) -> String {
    format!("#[test]\nfn catches_it() {{\n    {body}\n}}\n")
}

fn with_tests(code: &str, body: &str) -> String {
    format!("{code}\n#[cfg(test)]\nmod tests {{\n    use super::*;\n\n    {}}}\n", test(body))
}

#[test]
fn a_test_file_beside_the_fix() {
    let sandbox = sandbox!();
    let fix = [("src/lib.rs", FIXED), ("tests/half.rs", &test(ASKS))];
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", BROKEN)], &fix, &[]), @"
    exit 0, fail_to_pass, dev
    shop::half::catches_it: fail -> pass, fail_to_pass
    ");
}

#[test]
fn a_test_in_the_file_of_the_fix() {
    let sandbox = sandbox!();
    let base = with_tests(BROKEN, "assert_eq!(half(0), 0);").replace("catches_it", "old");
    let fix = with_tests(FIXED, "assert_eq!(half(0), 0);").replace("catches_it", "old")
        + "\n#[cfg(test)]\n#[test]\nfn catches_it() {\n    assert_eq!(half(4), 2);\n}\n";
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", &base)], &[("src/lib.rs", &fix)], &[]), @"
    exit 0, fail_to_pass, dev
    shop::catches_it: fail -> pass, fail_to_pass
    ");
}

/// A command in `hotfix.toml` runs the tests; how Cargo's are proven is asked of Cargo all the same.
#[test]
fn a_configured_command_keeps_the_proof() {
    let sandbox = sandbox!();
    let base = [("hotfix.toml", "[test]\ncommand = [\"cargo\", \"test\"]\n"), ("src/lib.rs", BROKEN)];
    let asks = test(ASKS);
    let fix = [("src/lib.rs", FIXED), ("tests/it.rs", asks.as_str())];
    insta::assert_snapshot!(proven(&sandbox, &base, &fix, &[]), @"
    exit 0, fail_to_pass, dev
    shop::it::catches_it: fail -> pass, fail_to_pass
    ");
}

#[test]
fn a_module_of_tests_in_its_own_file() {
    let sandbox = sandbox!();
    let declared = |code: &str| format!("{code}\n#[cfg(test)]\nmod checks;\n");
    let tests = format!("use super::half;\n{}", test("assert_eq!(half(4), 2);"));
    let fix = [("src/lib.rs", declared(FIXED)), ("src/checks.rs", tests)];
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", BROKEN)], &texts(&fix), &[]), @"
    exit 0, fail_to_pass, dev
    shop::checks::catches_it: fail -> pass, fail_to_pass
    ");
}

#[test]
fn tests_that_a_macro_makes() {
    let sandbox = sandbox!();
    let all = |cases: &str| {
        format!(
            "\
macro_rules! case {{
    ($name:ident, $of:expr, $half:expr) => {{
        #[test]
        fn $name() {{ assert_eq!(shop::half($of), $half); }}
    }};
}}
case!(none, 0, 0);
{cases}"
        )
    };
    let base = [("src/lib.rs", BROKEN.to_owned()), ("tests/cases.rs", all(""))];
    let fix = [("src/lib.rs", FIXED.to_owned()), ("tests/cases.rs", all("case!(four, 4, 2);\n"))];
    insta::assert_snapshot!(proven(&sandbox, &texts(&base), &texts(&fix), &[]), @"
    exit 0, fail_to_pass, dev
    shop::cases::four: fail -> pass, fail_to_pass
    ");
}

#[test]
fn an_example_in_the_documentation() {
    let sandbox = sandbox!();
    let documented = |half: &str, code: &str| {
        format!("/// Halves.\n///\n/// ```\n/// assert_eq!(shop::half({half}));\n/// ```\n{code}")
    };
    let base = documented("0), (0", BROKEN);
    let fix = documented("4), (2", FIXED);
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", &base)], &[("src/lib.rs", &fix)], &[]), @"
    exit 0, fail_to_pass, dev
    shop::src/lib.rs - half (line 3): fail -> pass, fail_to_pass
    ");
}

#[test]
fn data_that_tests_read() {
    let sandbox = sandbox!();
    let reads = test(
        "let expected: u32 = std::fs::read_to_string(\"tests/data/half\").unwrap().trim().parse().unwrap();\n    assert_eq!(shop::half(4), expected);",
    );
    let base = [("src/lib.rs", BROKEN), ("tests/half.rs", &reads), ("tests/data/half", "4\n")];
    let fix = [("src/lib.rs", FIXED), ("tests/data/half", "2\n")];
    insta::assert_snapshot!(proven(&sandbox, &base, &fix, &[]), @"
    exit 0, fail_to_pass, dev
    shop::half::catches_it: fail -> pass, fail_to_pass
    ");
}

#[test]
fn data_of_a_test_that_is_left_out() {
    let sandbox = sandbox!();
    let ui = "\
#[test]
#[ignore]
fn ui() {
    assert!(std::path::Path::new(\"tests/ui/a.txt\").exists());
}
";
    let many: String = (0..20).map(|number| format!("#[test]\nfn t{number}() {{}}\n")).collect();
    let base = [("src/lib.rs", BROKEN), ("tests/ui.rs", ui), ("tests/many.rs", &many), ("tests/ui/a.txt", "1\n")];
    let fix = [("src/lib.rs", FIXED), ("tests/ui/a.txt", "2\n")];
    insta::assert_snapshot!(proven(&sandbox, &base, &fix, &[]), @"
    exit 1, not_run, dev
    shop::ui::ui: ignored -> ignored, not_run, #[ignore]
    ");
}

#[test]
fn a_test_that_needs_what_only_the_fix_has() {
    let sandbox = sandbox!();
    let fix = format!("{FIXED}\npub fn quarter(of: u32) -> u32 {{\n    half(half(of))\n}}\n");
    let fix = [("src/lib.rs", fix.as_str()), ("tests/quarter.rs", &test("assert_eq!(shop::quarter(4), 1);"))];
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", BROKEN)], &fix, &[]), @"
    exit 0, build_fail_to_pass, dev
    shop::quarter::catches_it: build-fail -> pass, build_fail_to_pass
    ");
}

#[test]
fn a_base_that_cannot_be_built() {
    let sandbox = sandbox!();
    let base = [("src/lib.rs", "pub fn half(of: u32) -> u32 {\n    off / 2\n}\n")];
    let fix = [("src/lib.rs", FIXED), ("tests/half.rs", &test(ASKS))];
    insta::assert_snapshot!(proven(&sandbox, &base, &fix, &[]), @"
    exit 0, base_build_broken, dev
    shop::half::catches_it: build-fail -> pass, base_build_broken
    ");
}

#[test]
fn tests_that_end_their_process() {
    let sandbox = sandbox!();
    let base = "\
pub fn stop() {
    std::process::abort()
}

pub fn deep(n: u64) -> u64 {
    if n == 0 { 0 } else { 1 + deep(n + 1) }
}
";
    let fix = "pub fn stop() {}\n\npub fn deep(n: u64) -> u64 {\n    n\n}\n";
    let tests = "\
#[test]
fn stops() {
    shop::stop();
}

#[test]
fn deep() {
    assert_eq!(shop::deep(3), 3);
}
";
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", base)], &[("src/lib.rs", fix), ("tests/ends.rs", tests)], &[]), @"
    exit 0, crash_to_pass, dev
    shop::ends::deep: crash -> pass, crash_to_pass, stack overflow (SIGABRT)
    shop::ends::stops: crash -> pass, crash_to_pass, SIGABRT
    ");
}

#[test]
fn a_test_that_never_ends() {
    let sandbox = sandbox!();
    let base = "pub fn wait() {\n    loop {\n        std::thread::park();\n    }\n}\n";
    let test = test("shop::wait();");
    let fix = [("src/lib.rs", "pub fn wait() {}\n"), ("tests/wait.rs", test.as_str())];
    let repo = changed(&sandbox, &[("src/lib.rs", base)], &fix);
    let _ = repo.cargo_hotfix(["test", "--base", "main", "--no-proof"]).success();
    let mut command = repo.command("cargo");
    command.args(["hotfix", "test", "--base", "main", "--json"]).env("HOTFIX_TEST_TIMEOUT", "3s");
    insta::assert_snapshot!(told(&sandbox.run_within(Duration::from_secs(300), &mut command)), @"
    exit 0, hang_to_pass, dev
    shop::wait::catches_it: hang -> pass, hang_to_pass, out of time
    ");
}

#[test]
fn an_overflow_that_only_a_release_build_shows() {
    let sandbox = sandbox!();
    let base = "pub fn next(n: u8) -> u8 {\n    n + 1\n}\n";
    let fix = "pub fn next(n: u8) -> u8 {\n    n.checked_add(1).expect(\"it fits\")\n}\n";
    let asks = "#[test]\n#[should_panic]\nfn catches_it() {\n    shop::next(std::hint::black_box(255));\n}\n";
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", base)], &[("src/lib.rs", fix), ("tests/next.rs", asks)], &[]), @"
    exit 0, fail_to_pass, release
    shop::next::catches_it: fail -> pass, fail_to_pass
    ");
}

#[test]
fn a_test_that_catches_nothing() {
    let sandbox = sandbox!();
    let fix = [("src/lib.rs", FIXED), ("tests/half.rs", &test("assert_eq!(shop::half(0), 0);"))];
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", BROKEN)], &fix, &[]), @"
    exit 1, pass_to_pass, dev
    shop::half::catches_it: pass -> pass, pass_to_pass
    ");
}

#[test]
fn a_fix_without_a_test() {
    let sandbox = sandbox!();
    let base = [("src/lib.rs", BROKEN), ("tests/old.rs", &test("assert_eq!(shop::half(0), 0);"))];
    insta::assert_snapshot!(proven(&sandbox, &base, &[("src/lib.rs", FIXED)], &[]), @"exit 1, no_regression_test, -");
}

#[test]
fn a_test_behind_a_gate() {
    let sandbox = sandbox!();
    let manifest = format!("{MANIFEST}\n[features]\nslow = []\n");
    let gated = format!("#[cfg(feature = \"slow\")]\n{}\n#[test]\n#[ignore]\nfn left_out() {{}}\n", test(ASKS));
    let base = [
        ("Cargo.toml", manifest.as_str()),
        ("src/lib.rs", BROKEN),
        ("tests/old.rs", &test("assert_eq!(shop::half(0), 0);")),
    ];
    let fix = [("src/lib.rs", FIXED), ("tests/half.rs", gated.as_str())];
    insta::assert_snapshot!(proven(&sandbox, &base, &fix, &[]), @r#"
    exit 1, not_run, dev
    shop::half::left_out: ignored -> ignored, not_run, #[ignore]
    tests/half.rs::catches_it: absent -> absent, not_run, #[cfg(feature="slow")]
    "#);
    let sandbox = sandbox!();
    insta::assert_snapshot!(proven(&sandbox, &base, &fix, &["--", "--features", "slow"]), @r#"
    exit 0, fail_to_pass, dev
    shop::half::catches_it: fail -> pass, fail_to_pass, #[cfg(feature="slow")]
    shop::half::left_out: ignored -> ignored, not_run, #[ignore]
    "#);
}

#[test]
fn fixes_that_are_not_right() {
    let sandbox = sandbox!();
    let base = [("src/lib.rs", BROKEN), ("tests/old.rs", &test("assert_eq!(shop::half(0), 0);"))];
    let incomplete = [("src/lib.rs", "pub fn half(of: u32) -> u32 {\n    of / 3\n}\n"), ("tests/half.rs", &test(ASKS))];
    insta::assert_snapshot!(proven(&sandbox, &base, &incomplete, &[]), @"
    exit 1, fail_to_fail, dev
    shop::half::catches_it: fail -> fail, fail_to_fail
    ");
    let sandbox = sandbox!();
    let breaks = [("src/lib.rs", FIXED), ("tests/half.rs", &test("assert_eq!(shop::half(4), 4);"))];
    insta::assert_snapshot!(proven(&sandbox, &base, &breaks, &[]), @"
    exit 1, pass_to_fail, dev
    shop::half::catches_it: pass -> fail, pass_to_fail
    ");
}

#[test]
fn a_test_whose_runs_disagree() {
    let sandbox = sandbox!();
    let base = "pub fn is_fixed() -> bool {\n    false\n}\n";
    let fix = "pub fn is_fixed() -> bool {\n    true\n}\n";
    let count = "\
let path = std::env::temp_dir().join(\"count\");
    let count = std::fs::read(&path).map(|bytes| bytes.len()).unwrap_or(0);
    std::fs::write(&path, vec![0; count + usize::from(!shop::is_fixed())]).unwrap();
    assert!(shop::is_fixed() || count % 2 == 1);";
    insta::assert_snapshot!(proven(&sandbox, &[("src/lib.rs", base)], &[("src/lib.rs", fix), ("tests/half.rs", &test(count))], &[]), @"
    exit 1, flaky, dev
    shop::half::catches_it: flaky -> pass, flaky
    ");
}

#[test]
fn a_workspace_with_a_new_development_dependency_and_a_main_of_its_own() {
    let sandbox = sandbox!();
    let member = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n{rest}")
    };
    let workspace = "[workspace]\nresolver = \"2\"\nmembers = [\"shop\", \"web\", \"kit\"]\n";
    let base = [
        ("Cargo.toml", workspace.to_owned()),
        ("shop/Cargo.toml", member("shop", "")),
        ("shop/src/lib.rs", BROKEN.to_owned()),
        ("web/Cargo.toml", member("web", "\n[dependencies]\nshop = { path = \"../shop\" }\n")),
        ("web/src/lib.rs", "#[test]\nfn serves() {\n    shop::half(1);\n}\n".to_owned()),
        ("kit/Cargo.toml", member("kit", "")),
        ("kit/src/lib.rs", "pub fn four() -> u32 {\n    4\n}\n#[test]\nfn four_is_four() {}\n".to_owned()),
    ];
    let fix = [
        (
            "shop/Cargo.toml",
            member(
                "shop",
                "\n[dev-dependencies]\nkit = { path = \"../kit\" }\n\n[[test]]\nname = \"own\"\nharness = false\n",
            ),
        ),
        ("shop/src/lib.rs", FIXED.to_owned()),
        ("shop/tests/half.rs", test("assert_eq!(shop::half(kit::four()), 2);")),
        ("shop/tests/own.rs", "fn main() {\n    assert_eq!(shop::half(kit::four()), 2);\n}\n".to_owned()),
    ];
    insta::assert_snapshot!(proven(&sandbox, &texts(&base), &texts(&fix), &[]), @"
    exit 0, fail_to_pass, dev
    shop::half::catches_it: fail -> pass, fail_to_pass
    shop::own::main: fail -> pass, fail_to_pass
    ");
}
