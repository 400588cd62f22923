//! `cargo hotfix test` as people use it: in an incident, in CI, with its flags, and interrupted.

use std::process::Stdio;
use std::time::{Duration, Instant};

use hotfix_tests::{CommandOutput, Repo, Sample, Sandbox, sandbox};

use crate::fixtures::TITLE;

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
const BROKEN: &str = "\
pub fn half(of: u32) -> u32 {
    of
}

pub fn name() -> &'static str {
    \"half\"
}
";
const FIXED: &str =
    "pub fn half(of: u32) -> u32 {\n    of / 2\n}\n\npub fn name() -> &'static str {\n    \"the half\"\n}\n";
const TEST: &str = "#[test]\nfn halves() {\n    assert_eq!(shop::half(4), 2);\n}\n";

/// A crate whose bug is on `main`, and whose fix with its test is checked out.
fn fixed(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("proof_cli::fixed", |sandbox| {
        let repo = sandbox.empty_repo("shop");
        repo.write(".gitignore", "/target\n/Cargo.lock\n");
        repo.write("Cargo.toml", MANIFEST);
        repo.write("src/lib.rs", BROKEN);
        repo.write("tests/old.rs", "#[test]\nfn is_named() {\n    assert!(shop::name().contains(\"half\"));\n}\n");
        repo.commit_all("Sell things");
        repo.git_ok(["switch", "--quiet", "--create", "fix"]);
        repo.write("src/lib.rs", FIXED);
        repo.write("tests/half.rs", TEST);
        repo.commit_all("Fix it");
        repo
    })
}

#[test]
fn an_incident_remembers_its_proof_and_tells_it() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Cargo);
    let _ = repo.cargo_hotfix(["open", TITLE, "--severity", "high"]).success();
    repo.fix_the_bug();
    let first = repo.run(repo.command("cargo").args(["hotfix", "test", "--json"])).success().json();
    assert_eq!(first["tests"]["proof"]["verdict"], "fail_to_pass", "{first}");
    let again = repo.cargo_hotfix(["test"]).success();
    assert!(again.stdout().starts_with("this tree was tested already\n"), "{again}");
    assert!(!again.stderr().contains("✓ run") && again.stdout().contains("✓ proven"), "{again}");
    let proposed = repo.cargo_hotfix(["pr"]).success();
    assert!(!proposed.stderr().contains("✓ run"), "what holds is not run again: {proposed}");
    assert!(proposed.stdout().contains("- Proven: the regression test fails on production"), "{proposed}");
    assert!(proposed.stdout().contains("What the regression test says on production:"), "{proposed}");
    let _ = repo.cargo_hotfix(["ship", "--yes"]).success();
    let _ = repo.cargo_hotfix(["close"]).success();
    let documents = repo.git_ok(["grep", "--name-only", "--", "assertion `left == right` failed"]);
    assert!(documents.contains("POSTMORTEM"), "the symptom is in the postmortem: {documents}");
}

#[test]
fn what_is_asked_about_names_the_tests_that_run() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Cargo);
    let _ = repo.cargo_hotfix(["open", TITLE, "--severity", "high"]).success();
    repo.fix_the_bug();
    let lines = |said: &CommandOutput, mark: &str| -> Vec<String> {
        said.stderr().lines().filter_map(|line| line.strip_prefix(mark)).map(str::to_owned).collect()
    };
    let planned = lines(&repo.cargo_hotfix(["ship"]).exits_with(2), "  · run ");
    let ran = lines(&repo.cargo_hotfix(["ship", "--yes"]).success(), "  ✓ run ");
    // What is no failure has no ✗ where it had nothing to run.
    let ran: Vec<&str> = ran.iter().map(|line| line.trim_end_matches(": no tests")).collect();
    assert!(!ran.is_empty() && planned == ran, "{planned:?} {ran:?}");
}

#[test]
fn outside_an_incident_the_second_answer_is_there_at_once() {
    let sandbox = sandbox!();
    let repo = fixed(&sandbox);
    let _ = repo.cargo_hotfix(["test", "--base", "main"]).success();
    std::fs::remove_dir_all(repo.folder().join("target")).expect("it was built");
    let _ = repo.cargo_hotfix(["test", "--base", "main"]).success();
    assert!(!repo.has("target"), "nothing was built again");
    repo.write("src/lib.rs", &FIXED.replace("the half", "a half"));
    let _ = repo.cargo_hotfix(["test", "--base", "main"]).success();
    assert!(repo.has("target"), "another tree is another question");
}

#[test]
fn uncommitted_and_untracked_changes_count() {
    let sandbox = sandbox!();
    let repo = fixed(&sandbox);
    repo.git_ok(["reset", "--quiet", "main"]);
    repo.write("notes.txt", "not a test\n");
    let document =
        repo.run(repo.command("cargo").args(["hotfix", "test", "--base", "main", "--json"])).success().json();
    assert_eq!(document["tests"]["proof"]["verdict"], "fail_to_pass", "{document}");
    std::fs::remove_file(repo.folder().join("notes.txt")).expect("it is there");
    repo.commit_all("Fix it");
    assert_eq!(document["tests"]["proof"]["tree"].as_str(), repo.resolve("HEAD^{tree}").as_deref());
}

#[test]
fn show_prints_what_is_proven() {
    let sandbox = sandbox!();
    let repo = fixed(&sandbox);
    insta::assert_snapshot!(repo.cargo_hotfix(["test", "--base", "main", "--show"]).success(), @"
    diff --git a/tests/half.rs b/tests/half.rs
    new file mode 100644
    index 0000000..[OBJECT]
    --- /dev/null
    +++ b/tests/half.rs
    @@ -0,0 +1,4 @@
    +#[test]
    +fn halves() {
    +    assert_eq!(shop::half(4), 2);
    +}
    ");
    assert!(!repo.has("target"), "nothing was run");
}

#[test]
fn deep_names_the_parts_that_no_test_notices() {
    let sandbox = sandbox!();
    let repo = fixed(&sandbox);
    let output = repo.cargo_hotfix(["test", "--base", "main", "--deep"]).success();
    assert!(
        output.stdout().contains("! src/lib.rs:6: no test notices when this part of the fix is taken back"),
        "{output}"
    );
    assert!(!output.stdout().contains("src/lib.rs:2: no test"), "{output}");
}

#[test]
fn a_test_that_is_there_already_is_named_by_hand() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    repo.write(".gitignore", "/target\n/Cargo.lock\n");
    repo.write("Cargo.toml", MANIFEST);
    repo.write("src/lib.rs", BROKEN);
    repo.write("tests/half.rs", TEST);
    repo.commit_all("Sell things");
    repo.git_ok(["switch", "--quiet", "--create", "fix"]);
    repo.commit_file("src/lib.rs", FIXED, "Fix it");
    let prove = |name: &str| repo.cargo_hotfix(["test", "--base", "main", "--regression", name]);
    assert!(prove("half::halves").success().stdout().contains("shop::half::halves  fails          passes"));
    insta::assert_snapshot!(prove("no_such_test").exits_with(2).verdict(), @"
    ------- stderr -------
    error: --regression: no test is called `no_such_test`
    hint: a test is named by the end of its path: cart::tests::coupon
    [exit status: 2]
    ");
}

#[test]
fn a_test_named_by_hand_proves_the_fix_that_ships() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    repo.write(".gitignore", "/target\n/Cargo.lock\n");
    repo.write("Cargo.toml", MANIFEST);
    repo.write("src/lib.rs", BROKEN);
    repo.write("tests/half.rs", TEST);
    repo.commit_all("Sell things");
    let repo = repo.with_remote();
    repo.ok(["open", "Halves are wrong", "--severity", "high"]);
    repo.commit_file("src/lib.rs", FIXED, "Fix it");
    // Without a name none is found, and that is the last word until it is named.
    let _ = repo.hotfix(["test"]).exits_with(1);
    repo.ok(["test", "--regression", "half::halves"]);
    assert!(repo.hotfix(["test"]).success().stdout().contains("✓ proven"));
    let shipped = repo.hotfix(["ship", "--yes"]).success();
    for said in ["prove that", "regression test:", "not proven"] {
        assert!(!shipped.stderr().contains(said), "{shipped}");
    }
    let told = repo.hotfix_json(["show"])["incident"]["timeline"].to_string();
    assert_eq!(told.matches("the regression test fails on production and passes with the fix").count(), 1, "{told}");
}

#[test]
fn results_are_written_for_ci() {
    let sandbox = sandbox!();
    let repo = fixed(&sandbox);
    let _ = repo.cargo_hotfix(["test", "--base", "main", "--junit", "target/junit.xml"]).success();
    let xml = repo.read("target/junit.xml");
    assert!(xml.starts_with("<?xml") && xml.contains("<testsuite name=\"proof\" tests=\"1\""), "{xml}");
    assert!(xml.contains("shop::half::halves") && xml.contains("failures=\"0\""), "{xml}");
    let outside = sandbox.root().join("elsewhere/junit.xml");
    let outside = outside.to_str().expect("it is text");
    let _ = repo.cargo_hotfix(["test", "--base", "main", "--all", "--junit", outside]).success();
    assert!(std::fs::read_to_string(outside).expect("it was written").contains("<testsuites"));
}

#[test]
fn where_no_test_matches_nothing_is_green() {
    let sandbox = sandbox!();
    let repo = fixed(&sandbox);
    let output = repo.cargo_hotfix(["test", "--base", "main", "--", "--", "no_such_filter"]);
    assert!(output.exits_with(1).stderr().contains("no test was run"));
}

#[test]
fn an_interrupt_ends_what_runs_and_leaves_nothing_behind() {
    let sandbox = sandbox!();
    let repo = fixed(&sandbox);
    repo.write(
        "tests/half.rs",
        "\
#[test]
fn halves() {
    let mark = std::env::temp_dir().join(\"runs\");
    std::fs::write(mark, std::process::id().to_string()).unwrap();
    if shop::half(4) != 2 {
        std::thread::sleep(std::time::Duration::from_secs(300));
    }
}
",
    );
    repo.commit_all("Hang on production");
    let _ = repo.cargo_hotfix(["test", "--base", "main", "--no-proof"]).success();
    let mark = sandbox.root().join("tmp/runs");
    std::fs::remove_file(&mark).expect("the test ran");
    let mut command = repo.command("cargo-hotfix");
    command.args(["hotfix", "test", "--base", "main"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let started = Instant::now();
    // Three runs with the fix write the mark and end; the one on the base stays.
    let base_runs = || {
        let pid = std::fs::read_to_string(&mark).ok()?;
        std::thread::sleep(Duration::from_millis(700));
        (std::fs::read_to_string(&mark).ok()? == pid && is_alive(&pid)).then_some(pid)
    };
    let pid = loop {
        if let Some(pid) = base_runs() {
            break pid;
        }
        assert!(started.elapsed() < Duration::from_secs(240), "the test never runs on the base");
        std::thread::sleep(Duration::from_millis(50));
    };
    let id = child.id().to_string();
    let _ = repo.run(repo.command("kill").args(["-INT", &id])).success();
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(130));
    assert!(!is_alive(&pid), "the test goes on");
    assert_eq!(repo.git_ok(["worktree", "list"]).lines().count(), 1);
    assert_eq!(repo.git_ok(["status", "--porcelain"]), "");
}

fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z"))
}
