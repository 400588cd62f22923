//! What each check finds, and what a waiver changes.

use crate::config::{Config, Globs};
use crate::port::{ChangeKind, Hunk, Publication, SubmoduleCommit};

use super::*;

fn change(path: &str) -> Change {
    Change {
        path: path.to_owned(),
        renamed_from: None,
        kind: ChangeKind::Modified,
        added: 3,
        removed: 1,
        first_line: 7,
        is_binary: false,
    }
}

fn config(max_files: u32, max_lines: u32, forbid: &[&str]) -> Config {
    let mut config = Config::default();
    config.guard.max_files = max_files;
    config.guard.max_lines = max_lines;
    config.guard.forbid = Globs::new(forbid.iter().copied()).unwrap();
    config
}

fn check(changes: &[Change], config: &Config, waived: &[&str]) -> String {
    let tree = "d".repeat(40).parse().unwrap();
    let bare = |change: &Change| FileDiff {
        change: change.clone(),
        before: String::new(),
        after: String::new(),
        hunks: Vec::new(),
    };
    let run = inspect(&changes.iter().map(bare).collect::<Vec<_>>(), &[], None, config, None, &tree, &|check| {
        waived.contains(&check)
    });
    shown(&run)
}

fn shown(run: &GuardRun) -> String {
    let findings = run.findings.iter().map(|finding| {
        let place = finding.file.as_ref().map(|file| format!(" {file}:{}", finding.line.unwrap_or(0)));
        format!("{:?} {}{}: {}\n", finding.level, finding.check, place.unwrap_or_default(), finding.message)
    });
    format!("{} files, {} lines\n{}", run.files, run.lines, findings.collect::<String>())
}

/// A file whose texts differ: every line of one that is not in the other is taken away or added, neighbours together.
fn edited(path: &str, before: &str, after: &str) -> FileDiff {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut hunks = Vec::new();
    let (mut at_old, mut at_new) = (0, 0);
    while at_old < old.len() || at_new < new.len() {
        let kept = (at_old..old.len()).find_map(|one| {
            let other = (at_new..new.len()).find(|other| new[*other] == old[one])?;
            Some((one, other))
        });
        let (next_old, next_new) = kept.unwrap_or((old.len(), new.len()));
        if next_old > at_old || next_new > at_new {
            hunks.push(Hunk { before: at_old..next_old, after: at_new..next_new });
        }
        (at_old, at_new) = (next_old + 1, next_new + 1);
    }
    let lines = |range: fn(&Hunk) -> usize| hunks.iter().map(range).sum::<usize>() as u32;
    let kind = if before.is_empty() { ChangeKind::Added } else { ChangeKind::Modified };
    let change = Change {
        kind,
        added: lines(|hunk| hunk.after.len()),
        removed: lines(|hunk| hunk.before.len()),
        first_line: hunks.first().map_or(0, |hunk| hunk.after.start as u32 + 1),
        ..change(path)
    };
    FileDiff { change, before: before.to_owned(), after: after.to_owned(), hunks }
}

fn found(files: &[FileDiff]) -> String {
    let tree = "d".repeat(40).parse().unwrap();
    shown(&inspect(files, &[], None, &Config::default(), None, &tree, &|_| false))
}

#[test]
fn a_small_fix_passes() {
    assert_eq!(check(&[change("src/a.rs")], &config(1, 4, &[]), &[]), "1 files, 4 lines\n");
}

#[test]
fn every_check_finds_what_it_is_for() {
    let changes = [
        change("src/a.rs"),
        change("deploy/prod.yaml"),
        Change { renamed_from: Some("deploy/old.yaml".to_owned()), ..change("old.yaml") },
        Change { is_binary: true, kind: ChangeKind::Added, ..change("dump.bin") },
        Change { is_binary: true, kind: ChangeKind::Deleted, ..change("gone.bin") },
        Change { is_binary: true, ..change("bun.lockb") },
        Change { kind: ChangeKind::Deleted, first_line: 0, ..change("tests/login.rs") },
        Change { renamed_from: Some("src/login.test.ts".to_owned()), ..change("src/login.bak") },
    ];
    insta::assert_snapshot!(check(&changes, &config(2, 10, &["deploy/**"]), &["too-big"]), @"
    6 files, 24 lines
    Error forbidden-path deploy/prod.yaml:7: guard.forbid keeps hotfixes away from this file
    Error forbidden-path old.yaml:7: guard.forbid keeps hotfixes away from this file
    Error binary dump.bin:7: this file is not text
    Error deleted-test tests/login.rs:0: this file of the tests is deleted
    Error deleted-test src/login.bak:7: src/login.test.ts belonged to the tests, and no longer does under this name
    Warning too-big src/a.rs:7: the fix changes 6 files, more than 2 (an exception)
    Warning too-big src/a.rs:7: the fix changes 24 lines, more than 10 (an exception)
    Warning lock-file bun.lockb:7: this lock file changes, and no manifest does
    Warning rename old.yaml:7: this file was deploy/old.yaml
    Warning rename src/login.bak:7: this file was src/login.test.ts
    ");
}

#[test]
fn tests_and_lock_files_do_not_count() {
    let changes = [change("Cargo.lock"), change("web/yarn.lock"), change("tests/data.json"), change("src/a.test.ts")];
    let told = check(&changes, &config(0, 0, &[]), &[]);
    assert!(told.starts_with("0 files, 0 lines\n") && !told.contains("Error"), "{told}");
}

#[test]
fn sizes_saturate() {
    let huge = || Change { added: u32::MAX, removed: u32::MAX, ..change("a") };
    assert!(check(&[huge(), huge()], &config(9, 9, &[]), &[]).contains(&format!("changes {} lines", u32::MAX)));
}

#[test]
fn every_file_of_the_folder_is_in_the_list() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guard");
    let mut files: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.retain(|file| {
        !matches!(
            file.as_str(),
            "mod.rs" | "tests.rs" | "languages.rs" | "languages.toml" | "lines.rs" | "dependencies.rs"
        )
    });
    let mut listed: Vec<String> = CHECKS.iter().map(|check| format!("{}.rs", check.id.replace('-', "_"))).collect();
    files.sort();
    listed.sort();
    assert_eq!(files, listed);
}

#[test]
fn weakened_tests_are_found_in_every_language() {
    let files = [
        edited(
            "tests/a.rs",
            "#[test]\nfn a() {\n    assert_eq!(f(), 1);\n    assert!(g());\n}\n",
            "#[test]\nfn a() {\n    // assert_eq!(f(), 1);\n    assert!(g());\n}\n",
        ),
        edited(
            "src/b.rs",
            "assert!(ok);\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn b() {\n        assert!(x);\n    }\n}\n",
            "\n#[cfg(test)]\nmod tests {\n    #[test]\n    #[ignore]\n    fn b() {\n    }\n}\n",
        ),
        edited(
            "web/c.test.ts",
            "it('adds', () => {\n  expect(f()).toBe(1);\n});\n",
            "it.only('adds', () => {\n  expect(f()).toBe(1);\n});\n",
        ),
        edited(
            "test_d.py",
            "def test_a():\n    assert f()\n\ndef test_b():\n    assert g()\n",
            "@pytest.mark.skip(reason='flaky')\ndef test_a():\n    assert f()\n",
        ),
        edited(
            "e_test.go",
            "func TestE(t *testing.T) {\n\tx()\n}\n",
            "func TestE(t *testing.T) {\n\tt.Skip(\"later\")\n\tx()\n}\n",
        ),
        edited("src/test/java/FTest.java", "@Test\nvoid f() {\n}\n", "@Disabled\n@Test\nvoid f() {\n}\n"),
        edited("spec/g_spec.rb", "it 'works' do\nend\n", "xit 'works' do\nend\n"),
    ];
    insta::assert_snapshot!(found(&files), @r#"
    1 files, 1 lines
    Error weakened-test tests/a.rs:3: 1 assertion is removed and 0 added
    Error weakened-test src/b.rs:5: this keeps tests from running: #[ignore]
    Error weakened-test src/b.rs:7: 1 assertion is removed and 0 added
    Error weakened-test web/c.test.ts:1: this keeps tests from running: it.only('adds', () => {
    Error weakened-test test_d.py:1: this keeps tests from running: @pytest.mark.skip(reason='flaky')
    Error weakened-test test_d.py:3: 1 test is removed and 0 added
    Error weakened-test e_test.go:2: this keeps tests from running: t.Skip("later")
    Error weakened-test src/test/java/FTest.java:1: this keeps tests from running: @Disabled
    Error weakened-test spec/g_spec.rb:1: this keeps tests from running: xit 'works' do
    Error weakened-test spec/g_spec.rb:1: 1 test is removed and 0 added
    "#);
}

/// What keeps a test from running, in the words of many a framework: file, the line before, the line after.
const SWITCHED_OFF: &str = r#"
spec/a_spec.rb|it("adds") { expect(1).to eq 1 }|xit("adds") { expect(1).to eq 1 }
spec/a_spec.rb|describe "x" do|xdescribe "x" do
spec/a_spec.rb|it "adds" do|fit "adds" do
spec/a_spec.rb|it "adds" do|it "adds", :skip do
spec/a_spec.rb|run|  pending
test/a_test.rb|run|skip
spec/a_spec.cr|it "adds" do|pending "adds" do
test/a_test.exs|@tag :slow|@tag :skip
test/a_test.exs|@tag :slow|@moduletag skip: "later"
src/a.test.js|it("adds", f);|xit("adds", f);
src/a.test.js|it("adds", f);|fit("adds", f);
src/a.test.js|it("adds", f);|it.todo("adds");
src/a.test.js|test.each(x)("adds", f);|test.skip.each(x)("adds", f);
src/a.test.js|describe("x", f);|xdescribe("x", f);
src/a.test.js|describe("x", f);|fdescribe("x", f);
src/a.test.js|test("adds", f);|xtest("adds", f);
test/a.js|test("adds", f);|test("adds", { skip: true }, f);
a_test.go|x := 1|	t.Skip("later")
a_test.go|x := 1|	t.SkipNow()
a_test.go|x := 1|//go:build ignore
src/test/java/ATest.java|int x;|@Disabled
src/test/java/ATest.java|int x;|@Ignore("later")
src/test/java/ATest.java|int x;|Assumptions.assumeTrue(false);
src/test/java/ATest.java|@Test|@Test(enabled = false)
src/test/kotlin/ATest.kt|test("adds") {|xtest("adds") {
src/test/scala/ASpec.scala|it should "add" in {|ignore should "add" in {
src/test/scala/ASpec.scala|test("adds") {|ignore("adds") {
tests/ATest.php|$x = 1;|$this->markTestSkipped('later');
tests/ATest.php|it('adds', f);|it('adds', f)->skip();
test_a.py|x = 1|@unittest.skipIf(True, "later")
test_a.py|x = 1|@pytest.mark.xfail
test_a.py|x = 1|@skip("later")
test_a.py|x = 1|pytestmark = pytest.mark.skip
Shop.Tests/CartTests.cs|[Fact]|[Fact(Skip = "later")]
Shop.Tests/CartTests.cs|[Test]|[Test, Ignore("later")]
Tests/CartTests.swift|let x = 1|throw XCTSkip("later")
Tests/CartTests.swift|@Test func a()|@Test(.disabled("later")) func a()
tests/a.rs|fn x() {}|#[cfg_attr(unix, ignore)]
test/a_test.dart|test('adds', f);|test('adds', f, skip: 'later');
test/a_test.cc|TEST(A, Adds) {|TEST(A, DISABLED_Adds) {
test/a_test.cc|x();|GTEST_SKIP();
test/a.bats|run it|skip
test/a_spec.lua|it("adds", f)|pending("adds", f)
test/ASpec.hs|it "adds" $ do|xit "adds" $ do
"#;

#[test]
fn tests_that_are_switched_off_are_found_in_every_framework() {
    for case in SWITCHED_OFF.lines().filter(|line| !line.is_empty()) {
        let [path, before, after]: [&str; 3] = case.split('|').collect::<Vec<_>>().try_into().unwrap();
        let (before, after) = (format!("one\n{before}\n"), format!("one\n{after}\n"));
        let told = found(&[edited(path, &before, &after)]);
        assert!(told.contains("this keeps tests from running"), "{case}: {told}");
        // Switching it on again is no finding, and neither is a word of the product.
        let told = found(&[edited(path, &after, &before), edited("src/product.rb", &before, &after)]);
        assert!(!told.contains("weakened-test"), "{case}: {told}");
    }
}

#[test]
fn a_test_of_what_is_pending_is_not_switched_off() {
    let (before, after) =
        ("it 'waits' do\nend\n", "it 'waits' do\n  left = Order.pending\n  expect(left).to eq 1\nend\n");
    assert_eq!(found(&[edited("spec/a_spec.rb", before, after)]), "0 files, 0 lines\n");
}

#[test]
fn what_does_not_count_is_missed_when_it_is_gone() {
    for path in [
        "test/all.sh",
        "test/helper.rb",
        "test/fixtures/a.json",
        "tests/data/in.bin",
        "crates/a/tests/it.rs",
        "web/__tests__/cart.js",
        "pkg/testdata/golden.txt",
        "src/test/resources/a.xml",
        "app/src/integrationTest/resources/a.xml",
        "Shop.Tests/Data/a.json",
        "spec/cart_spec.rb",
        "engines/pay/spec/support/helper.rb",
        "spec/fixtures/a.yml",
        "lib/cart_test.exs",
        "src/snapshots/a.snap",
    ] {
        let grown = Change { added: 600, ..change(path) };
        let told = check(&[grown], &config(0, 0, &[]), &[]);
        assert!(told.starts_with("0 files, 0 lines\n") && !told.contains("Error"), "{told}");
        let gone = Change { kind: ChangeKind::Deleted, ..change(path) };
        assert!(check(&[gone], &config(0, 0, &[]), &[]).contains("Error deleted-test"), "{path}");
        let moved = |to: &str| Change { renamed_from: Some(path.to_owned()), ..change(to) };
        assert!(check(&[moved("old/file")], &config(9, 9, &[]), &[]).contains("Error deleted-test"), "{path}");
        assert!(!check(&[moved(&format!("test/new/{path}"))], &config(9, 9, &[]), &[]).contains("Error"), "{path}");
        let emptied = Change { added: 0, removed: 600, first_line: 0, ..change(path) };
        assert!(check(&[emptied], &config(0, 0, &[]), &[]).contains("is emptied"), "{path}");
    }
    for path in
        ["src/spec/parser.ts", "spec/openapi.yaml", "src/main/java/LoadTest.java", "api_spec.yaml", "protest.rb"]
    {
        let gone = Change { kind: ChangeKind::Deleted, ..change(path) };
        assert_eq!(check(&[gone], &config(9, 9, &[]), &[]), "1 files, 4 lines\n", "{path}");
    }
    let commented = edited("test/a.js", "test('a', f);\n", "// test('a', f);\n");
    assert!(found(&[commented]).contains("is emptied"));
}

#[test]
fn tests_inside_of_a_source_do_not_count_and_are_missed() {
    let source = "pub fn f(x: u32) -> u32 { x * 2 }\n";
    let test = "\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn zero() { assert_eq!(super::f(0), 0); }\n}\n";
    let bare = "\n#[test]\nfn bare() {\n    assert!(true);\n}\n";
    let (tested, mended) = (format!("{source}{test}"), source.replace("* 2", "* 3"));
    assert_eq!(found(&[edited("src/a.rs", source, &format!("{mended}{test}{bare}"))]), "1 files, 2 lines\n");
    assert_eq!(found(&[edited("src/a.rs", source, &tested)]), "0 files, 0 lines\n");
    insta::assert_snapshot!(found(&[edited("src/a.rs", &tested, &mended)]), @"
    1 files, 2 lines
    Error weakened-test src/a.rs:1: 1 test is removed and 0 added
    ");
    let mut gone = edited("src/a.rs", &tested, "");
    gone.change.kind = ChangeKind::Deleted;
    assert!(found(&[gone.clone()]).contains("1 test is removed"));
    let moved = edited("src/b.rs", "", &tested);
    assert!(!found(&[gone, moved]).contains("weakened"));
}

#[test]
fn better_and_moved_tests_are_not_weakened_ones() {
    let helper = "use std::assert_matches;\nlet re = pattern.test(line);\nawait(profit(1));\n";
    let files = [
        edited(
            "tests/a.rs",
            "#[test]\nfn a() {\n    assert_eq!(f(), 1);\n}\n",
            "#[test]\nfn a() {\n    assert_eq!(f(), 2);\n    assert!(g());\n}\n",
        ),
        edited("tests/b.rs", "#[test]\nfn moved() {\n    assert!(there);\n}\nfn stays() {}\n", "fn stays() {}\n"),
        edited("tests/c.rs", "", "#[test]\nfn moved() {\n    assert!(there);\n}\n"),
        edited("web/d.test.ts", helper, "use(this);\n"),
        edited("src/product.rs", "fn f() {\n    assert!(x);\n}\n", "fn f() {\n}\n"),
    ];
    assert_eq!(found(&files), "1 files, 1 lines\n");
}

#[test]
fn hunks_of_white_space_are_told_with_their_line() {
    let files = [
        edited(
            "src/a.rs",
            "fn a() {\n  b( 1,2 );\n}\nlet x = 1;\n",
            "fn a() {\n    b(\n        1,\n        2\n    );\n}\nlet x = 2;\n",
        ),
        edited("b.py", "if x:\n    a()\nb( )\n", "if x:\n    a()\n\nb()\n"),
        edited("c.js", "a()\r\nb()\r\n", "a()\nb()\n\n"),
    ];
    insta::assert_snapshot!(found(&files), @"
    3 files, 11 lines
    Warning formatting src/a.rs:2: only white space changes in this place
    Warning formatting b.py:3: only white space changes in this file
    Warning formatting c.js:3: only white space changes in this file
    ");
    let meaningful = [
        edited("a.py", "if x:\n    a()\n    b()\n", "if x:\n    a()\nb()\n"),
        edited("b.rs", "say(\"a b\");\n", "say(\"ab\");\n"),
        edited("c.rs", "return x;\n", "returnx;\n"),
        edited("Cargo.lock", "a = 1\n", "a  =  1\n"),
    ];
    assert!(!found(&meaningful).contains("formatting"), "{}", found(&meaningful));
}

#[test]
fn new_dependencies_are_named_where_they_are_written() {
    let files = [
        edited(
            "Cargo.toml",
            "[package]\nname = \"shop\"\n[dependencies]\na = \"1\"\n",
            "[package]\nname = \"shop\"\n[dependencies]\na = \"2\"\n[target.'cfg(unix)'.dev-dependencies]\nleft-pad = \"1\"\n",
        ),
        edited("crates/b/Cargo.toml", "[package]\nversion = \"1.0.0\"\n", "[package]\nversion = \"1.0.1\"\n"),
        edited("Cargo.lock", "a\n", "b\n"),
        edited(
            "web/package.json",
            "{\n\"dependencies\": {\n\"a\": \"1\"\n}}\n",
            "{\n\"dependencies\": {\n\"@scope/b\": \"1\",\n\"a\": \"1\"\n}}\n",
        ),
        edited("web/broken/package.json", "{}\n", "{ oops\n"),
        edited(
            "pyproject.toml",
            "[project]\ndependencies = []\n",
            "[project]\ndependencies = [\"Requests[socks]>=2\"]\n[dependency-groups]\ndev = [\"ruff\"]\n",
        ),
        edited("requirements-dev.txt", "a==1\n", "a==1\n# a comment\n-r other.txt\nflask>=2 ; python_version > '3'\n"),
        edited(
            "go.mod",
            "module m\nrequire a v1\n",
            "module m\nrequire a v1\nrequire (\n\texample.com/b v1.2.3\n\texample.com/c v1 // indirect\n)\n",
        ),
        edited("Gemfile", "gem \"a\"\n", "gem \"a\"\ngem 'rack', '~> 3'\n"),
        edited("api/yarn.lock", "a\n", "b\n"),
    ];
    insta::assert_snapshot!(found(&files), @"
    8 files, 21 lines
    Warning manifest crates/b/Cargo.toml:2: this manifest changes
    Warning manifest web/broken/package.json:1: this manifest changes
    Warning lock-file Cargo.lock:1: this lock file changes with Cargo.toml
    Warning lock-file api/yarn.lock:1: this lock file changes, and no manifest does
    Warning new-dependency Cargo.toml:6: left-pad is a new dependency
    Warning new-dependency web/package.json:3: @scope/b is a new dependency
    Warning new-dependency pyproject.toml:2: requests is a new dependency
    Warning new-dependency pyproject.toml:4: ruff is a new dependency
    Warning new-dependency requirements-dev.txt:4: flask is a new dependency
    Warning new-dependency go.mod:4: example.com/b is a new dependency
    Warning new-dependency Gemfile:2: rack is a new dependency
    ");
}

#[test]
fn what_a_fix_should_leave_alone_is_told() {
    let renamed = Change { renamed_from: Some("src/old.rs".to_owned()), ..change("src/new.rs") };
    let files = [
        edited(".github/workflows/test.yml", "a\n", "b\n"),
        edited("hotfix.toml", "a\n", "b\n"),
        edited("web/tsconfig.json", "a\n", "b\n"),
        edited("web/eslint.config.mjs", "a\n", "b\n"),
        edited("vendor/lib/a.go", "a\n", "b\n"),
        edited("api/shop.pb.go", "a\n", "b\n"),
        edited("web/app.js", "a\n", &"b".repeat(3_000)),
        edited("src/schema.rs", "a\n", "// @generated by a tool\nb\n"),
        FileDiff { change: renamed, before: String::new(), after: String::new(), hunks: Vec::new() },
        edited("src/ordinary.rs", "a\n", "b\n"),
        edited("distance/vendors.rs", "a\n", "b\n"),
    ];
    insta::assert_snapshot!(found(&files), @"
    11 files, 25 lines
    Error too-big src/new.rs:7: the fix changes 11 files, more than 10
    Error ci-pipeline .github/workflows/test.yml:1: this file is a part of the pipeline that checks the fix
    Warning configuration hotfix.toml:1: these are the rules of hotfix; those of the production branch rule this fix
    Warning configuration web/tsconfig.json:1: this file configures a tool
    Warning configuration web/eslint.config.mjs:1: this file configures a tool
    Warning generated vendor/lib/a.go:1: this file is in a folder of vendored or built code
    Warning generated api/shop.pb.go:1: a program wrote this file
    Warning generated web/app.js:1: this file looks minified
    Warning generated src/schema.rs:1: a program wrote this file
    Warning rename src/new.rs:7: this file was src/old.rs
    ");
}

#[test]
fn the_limits_are_those_of_the_severity() {
    let mut config = config(1, 10, &[]);
    config.severities.change(&Severity::Critical, |level| level.max_files = Some(2));
    let files = [edited("a", "1\n", "2\n"), edited("b", "1\n", "2\n")];
    let tree = "d".repeat(40).parse().unwrap();
    let run = |severity| shown(&inspect(&files, &[], None, &config, severity, &tree, &|_| false));
    assert_eq!(run(Some(&Severity::Critical)), "2 files, 4 lines\n");
    assert!(run(Some(&Severity::High)).contains("changes 2 files, more than 1"));
    assert!(run(None).contains("changes 2 files, more than 1"));
}

#[test]
fn checks_explain_themselves_and_errors_come_first() {
    for check in CHECKS {
        for text in [check.what, check.why, check.fix] {
            assert!(!text.is_empty() && !text.ends_with('.') && !text.contains('\n'), "{}: {text}", check.id);
        }
    }
    assert!(CHECKS.is_sorted_by_key(|check| check.level));
    let readme = include_str!("../../../README.md");
    for check in CHECKS {
        assert!(readme.contains(&format!("`{}`", check.id)), "README.md does not name {}", check.id);
    }
}

#[test]
fn a_commit_of_a_submodule_that_nobody_else_has_is_an_error() {
    let tree = "d".repeat(40).parse().unwrap();
    let found = |publication, git_dir: Option<&str>, remote: Option<&str>, waived: bool| {
        let submodule = SubmoduleCommit {
            path: "vendor/a lib".to_owned(),
            commit: "c".repeat(40).parse().unwrap(),
            git_dir: git_dir.map(str::to_owned),
            remote: remote.map(str::to_owned),
            publication,
        };
        let run = inspect(&[], &[submodule], None, &Config::default(), None, &tree, &|_| waived);
        let helps: String = run.findings.iter().map(|finding| format!("  {}\n", finding.help)).collect();
        let (_, findings) =
            shown(&run).split_once('\n').map(|(size, rest)| (size.to_owned(), rest.to_owned())).unwrap();
        findings + &helps
    };
    use Publication::*;
    assert_eq!(found(Published, None, Some("origin"), false), "");
    let all = [
        found(OnlyHere, None, Some("origin"), false),
        found(OnlyHere, None, Some("origin"), true),
        found(OnlyHere, Some(".git/modules/lib"), Some("work"), false),
        found(OnlyHere, None, None, false),
        found(ComesAlong, None, Some("origin"), false),
        found(NoRepository, None, None, false),
        found(Absent, None, Some("origin"), false),
        found(CutOff, None, Some("origin"), false),
        found(Unreadable, Some(".git/modules/lib"), None, false),
    ];
    insta::assert_snapshot!(all.concat(), @r"
    Error unpublished-submodule vendor/a lib:0: nobody else has commit ccccccccc of this submodule
      git -C 'vendor/a lib' push origin cccccccccccccccccccccccccccccccccccccccc:refs/heads/hotfix-ccccccccc
    Warning unpublished-submodule vendor/a lib:0: nobody else has commit ccccccccc of this submodule (an exception)
      git -C 'vendor/a lib' push origin cccccccccccccccccccccccccccccccccccccccc:refs/heads/hotfix-ccccccccc
    Error unpublished-submodule vendor/a lib:0: nobody else has commit ccccccccc of this submodule
      git --git-dir .git/modules/lib push work cccccccccccccccccccccccccccccccccccccccc:refs/heads/hotfix-ccccccccc
    Error unpublished-submodule vendor/a lib:0: nobody else has commit ccccccccc of this submodule, and its repository has no remote
      git -C 'vendor/a lib' remote add origin <url>; git -C 'vendor/a lib' push origin cccccccccccccccccccccccccccccccccccccccc:refs/heads/hotfix-ccccccccc
    Warning unpublished-submodule vendor/a lib:0: nobody else has commit ccccccccc of this submodule; your settings have the push bring it along
      git -C 'vendor/a lib' push origin cccccccccccccccccccccccccccccccccccccccc:refs/heads/hotfix-ccccccccc
    Warning unpublished-submodule vendor/a lib:0: it cannot be told whether anybody else has commit ccccccccc of this submodule: it is not checked out here
      git submodule update --init -- 'vendor/a lib'
    Warning unpublished-submodule vendor/a lib:0: it cannot be told whether anybody else has commit ccccccccc of this submodule: its repository here lacks it
      git -C 'vendor/a lib' fetch
    Warning unpublished-submodule vendor/a lib:0: it cannot be told whether anybody else has commit ccccccccc of this submodule: its history is cut off here
      git -C 'vendor/a lib' fetch --unshallow
    Warning unpublished-submodule vendor/a lib:0: it cannot be told whether anybody else has commit ccccccccc of this submodule: its repository here cannot be read
      git --git-dir .git/modules/lib fetch
    ");
}
