//! Is the fix minimal? What the guard says on the way of an incident, and in continuous integration.

use hotfix_tests::{Repo, Sample, sandbox};

use crate::fixtures::{TITLE, opened, sample_with};

/// Changes that a tired person makes beside the fix.
fn commit_too_much(repo: &Repo<'_>) {
    repo.git_ok(["mv", "README.md", "MANUAL.md"]);
    repo.write("package.json", "{\n  \"dependencies\": {\n    \"left-pad\": \"1\"\n  }\n}\n");
    repo.write(".github/workflows/test.yml", "on: push\n");
    repo.write("tests/cart.test.js", "it('adds', () => {\n  expect(total()).toBe(2);\n});\n");
    repo.git_ok(["add", "--all"]);
    repo.git_ok(["commit", "--quiet", "--message", "Everything at once"]);
}

fn shop_with_a_test<'s>(sandbox: &'s hotfix_tests::Sandbox, rules: &str) -> Repo<'s> {
    sandbox.made(&format!("guard::shop_with_a_test {rules}"), |sandbox| {
        let repo = sandbox.sample(Sample::Shell);
        repo.commit_file("hotfix.toml", rules, "Set the rules");
        repo.commit_file("README.md", "# A shop\n\nIt sells things.\n", "Describe the shop");
        let test = "it('adds', () => {\n  expect(total()).toBe(2);\n  expect(tax()).toBe(1);\n});\n";
        repo.commit_file("tests/cart.test.js", test, "Test the cart");
        repo.with_remote()
    })
}

#[test]
fn findings_name_file_line_and_mend() {
    let sandbox = sandbox!();
    let repo = shop_with_a_test(&sandbox, "[guard]\nmax_lines = 100\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    commit_too_much(&repo);
    insta::assert_snapshot!(repo.hotfix(["guard"]).exits_with(1), @r#"
    tests/cart.test.js:3: error: 1 assertion is removed and 0 added [weakened-test]; bring the assertion or test back and fix it, or let this pass with a reason
    .github/workflows/test.yml:1: error: this file is a part of the pipeline that checks the fix [ci-pipeline]; undo the change of this file, or let this pass with a reason where the pipeline itself is what is broken
    package.json:3: warning: left-pad is a new dependency [new-dependency]; fix the bug with what is there, or say in the pull request why it cannot be done
    MANUAL.md: warning: this file was README.md [rename]; leave the file where it is, and move it in a follow-up
    2 errors in a fix of 3 files and 6 lines
    ------- stderr -------
    note: rules: hotfix.toml at [OBJECT]
      ✓ check that the fix is minimal (3 files, 6 lines)
    error: the guard found the fix not minimal
    hint: git hotfix guard --waive weakened-test --reason "..."   # if it must be so
    [exit status: 1]
    "#);
}

#[test]
fn waivers_are_said_in_the_pull_request_and_the_postmortem() {
    let sandbox = sandbox!();
    let repo = shop_with_a_test(&sandbox, "");
    repo.ok(["open", TITLE, "--severity", "high"]);
    commit_too_much(&repo);
    for check in ["ci-pipeline", "weakened-test"] {
        let _ = repo.hotfix(["guard", "--waive", check, "--reason", "the pipeline | is <b>broken</b>"]);
    }
    repo.ok(["guard"]);
    let body = repo.hotfix(["pr", "--no-test", "no time"]).success().stdout().to_owned();
    assert!(body.contains("Exception, guard/ci-pipeline: the pipeline | is \\<b>broken\\</b>"), "{body}");
    assert!(body.contains("Warning of the check `weakened-test`"), "{body}");
    let postmortem = repo.hotfix_json(["postmortem"])["incident"]["postmortem"].as_str().expect("a path").to_owned();
    assert!(repo.read(&postmortem).contains("- Exception, guard/weakened-test: "), "{}", repo.read(&postmortem));
}

#[test]
fn continuous_integration_gets_text_json_and_sarif_without_an_incident() {
    let sandbox = sandbox!();
    let repo = shop_with_a_test(&sandbox, "[guard]\nmax_files = 2\n");
    repo.git_ok(["switch", "--quiet", "--create", "topic"]);
    commit_too_much(&repo);
    let before = repo.state();
    let text = repo.hotfix(["guard", "--base", "main"]).exits_with(1);
    assert!(text.stdout().contains("tests/cart.test.js:3: error: 1 assertion is removed"), "{text}");
    let json = repo.hotfix(["guard", "--base", "main", "--json"]).exits_with(1).json();
    let again = repo.hotfix(["guard", "--base", "main", "--format", "json"]).exits_with(1).json();
    assert_eq!((&json["findings"], &json["error"]["kind"]), (&again["findings"], &"check-failed".into()));
    let sarif = repo.hotfix(["guard", "--base", "main", "--format", "sarif"]).exits_with(1).json();
    assert_eq!(repo.state(), before);

    let findings = json["findings"].as_array().expect("findings are a list");
    let results = sarif["runs"][0]["results"].as_array().expect("results are a list");
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules are a list");
    assert_eq!((sarif["version"].as_str(), results.len()), (Some("2.1.0"), findings.len()));
    for (result, finding) in results.iter().zip(findings) {
        let place = &result["locations"][0]["physicalLocation"];
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("it has a rule")).expect("a small number");
        assert_eq!((&result["ruleId"], &rules[rule]["id"]), (&finding["check"], &finding["check"]));
        assert_eq!((&result["level"], &place["region"]["startLine"]), (&finding["level"], &finding["line"]));
        let file = if finding["file"].is_null() { &"hotfix.toml".into() } else { &finding["file"] };
        assert_eq!(&place["artifactLocation"]["uri"], file);
    }
}

#[test]
fn a_severity_may_have_limits_of_its_own() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[guard]\nmax_lines = 1\n[severity.critical]\nmax_lines = 50\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    assert!(repo.hotfix(["guard"]).exits_with(1).stdout().contains("more than 1 [too-big]"));
    repo.ok(["triage", "--severity", "critical"]);
    repo.ok(["guard"]);
}

#[test]
fn an_exact_revert_counts_only_for_what_comes_on_top() {
    let sandbox = sandbox!();
    let repo = shop_with_a_test(&sandbox, "[test]\ncommand = [\"true\"]\n");
    for number in 0..12 {
        repo.write(&format!("feature/{number}.sh"), "echo feature\n");
    }
    repo.write("tests/feature.sh", "sh feature/1.sh\n");
    let feature = repo.commit_all("Add a feature");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    repo.ok(["revert", &feature, "--severity", "high"]);
    insta::assert_snapshot!(repo.hotfix(["guard"]).success(), @"
    the exact revert of [OBJECT] is in it: neither its size nor the tests that go with it count
    the fix is minimal: 0 files and 0 lines, tests and lock files aside
    ------- stderr -------
    note: rules: hotfix.toml at [OBJECT]
      ✓ check that the fix is minimal (0 files, 0 lines besides the exact revert of [OBJECT])
    ");
    repo.commit_file("more.sh", "echo more\n", "Mend what is left");
    let body = repo.hotfix(["pr"]).success().stdout().to_owned();
    assert!(body.contains("Minimal fix: yes (1 file, 1 line, tests"), "{body}");
    assert!(body.contains("is in it: neither its size nor the tests that go with it count"), "{body}");
    // What takes the revert back in part is none: the test would be gone, and the feature there.
    repo.git_ok(["checkout", "--quiet", &feature, "--", "feature/1.sh"]);
    let _ = repo.commit_all("Keep a part of it");
    let told = repo.hotfix(["guard"]).exits_with(1);
    assert!(told.stdout().contains("tests/feature.sh: error: this file of the tests is deleted"), "{told}");
    // Neither is a message alone.
    repo.git_ok(["reset", "--quiet", "--hard", "origin/main"]);
    repo.git_ok(["rm", "--quiet", "tests/feature.sh"]);
    let _ = repo.commit_all(&format!("Revert it\n\nThis reverts commit {feature}."));
    let _ = repo.hotfix(["guard"]).exits_with(1);
}

#[test]
fn a_finding_is_printed_once() {
    let sandbox = sandbox!();
    let repo = shop_with_a_test(&sandbox, "[test]\ncommand = [\"true\"]\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    commit_too_much(&repo);
    let told = repo.hotfix(["pr"]).exits_with(1).to_string();
    assert_eq!(told.matches("[ci-pipeline]").count(), 1, "{told}");
    assert_eq!(told.matches("[new-dependency]").count(), 1, "{told}");
}

#[test]
fn a_text_that_is_too_long_to_compare_is_counted() {
    let sandbox = sandbox!();
    let repo = shop_with_a_test(&sandbox, "");
    let long: String = (0..1_200_000).map(|number| format!("line {number} of a text\n")).collect();
    repo.write("data.txt", &long);
    let added = repo.commit_all("Bring a long text");
    let json = repo.hotfix_json(["guard", "--base", "HEAD~1"]);
    assert_eq!(json["findings"][0]["message"], "the fix changes 1200000 lines, more than 200");
    assert_eq!(json["findings"][0]["file"], "data.txt");
    repo.git_ok(["gc", "--quiet"]);
    repo.write("data.txt", &long.replace("line 7 of", "line seven of"));
    let _ = repo.commit_all("Change a line of it");
    let told = repo.hotfix(["guard", "--base", &added]).success();
    assert!(told.stdout().contains("the fix is minimal: 1 file and 2 lines"), "{told}");
    repo.write("data.txt", &format!("\0{long}"));
    let _ = repo.commit_all("Break it");
    let told = repo.hotfix(["guard", "--base", &added]).exits_with(1);
    assert!(told.stdout().contains("this file is not text [binary]"), "{told}");
}

#[test]
fn looking_needs_no_name_and_address() {
    let sandbox = sandbox!();
    let repo = shop_with_a_test(&sandbox, "[release]\nlines = [\"main\", \"develop\"]\n");
    repo.git_ok(["push", "--quiet", "origin", "main:develop"]);
    for key in ["user.name", "user.email"] {
        let _ = repo.git(["config", "--global", "--unset-all", key]);
        let _ = repo.git(["config", "--unset-all", key]);
    }
    repo.git_ok(["config", "user.useConfigOnly", "true"]);
    for command in [["propagation", "--check"].as_slice(), &["guard", "--base", "HEAD~1"], &["status"], &["list"]] {
        repo.ok(command);
    }
    let _ = repo.hotfix(["open", TITLE, "--severity", "high"]).exits_with(3);
}

/// Also where the record has it already, so that no round of the plan looks again.
#[test]
fn the_plan_of_ship_says_that_it_stops_at_the_guard() {
    let sandbox = sandbox!();
    let repo = opened(&sandbox);
    repo.fix_the_bug();
    repo.git_ok(["rm", "--quiet", "test/sum_test.sh"]);
    repo.git_ok(["commit", "--quiet", "--message", "Drop the test"]);
    for _ in 0..2 {
        let planned = repo.hotfix(["ship", "--dry-run", "--no-test", "rehearsal"]).success().to_string();
        assert!(planned.contains("ship stops at the guard, which found 1 error: "), "{planned}");
        let _ = repo.hotfix(["guard"]).exits_with(1);
    }
    let waived =
        repo.hotfix(["ship", "--dry-run", "--no-test", "rehearsal", "--no-guard", "why"]).success().to_string();
    assert!(!waived.contains("stops at the guard"), "{waived}");
}
