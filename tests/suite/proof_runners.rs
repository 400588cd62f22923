//! The proof through the runners of other languages, where the machine has them: RSpec, minitest, PHPUnit, Deno and Bun. What
//! .NET prints is tried by recorded output beside its code.

use hotfix_tests::{Repo, sandbox};

use crate::proof_files::{has, proof};

/// A small project with a bug, its fix, and a test of it. The other tests say nothing of the bug.
struct Case {
    probe: &'static [&'static str],
    project: &'static [(&'static str, &'static str)],
    fix: (&'static str, &'static str),
    test: (&'static str, &'static str),
    /// A test that ends the process with 0.
    exits: &'static str,
}

const RSPEC: Case = Case {
    probe: &["rspec", "--version"],
    project: &[(".rspec", ""), ("lib/cart.rb", "def total(a, b) = a - b\n")],
    fix: ("lib/cart.rb", "def total(a, b) = a + b\n"),
    test: (
        "spec/cart_spec.rb",
        "require 'cart'\nRSpec.describe 'cart' do\n  it('adds') { expect(total(1, 2)).to eq 3 }\n  it('takes 0') { expect(total(1, 0)).to eq 1 }\n  it('waits') { skip 'later' }\nend\n",
    ),
    exits: "RSpec.describe('cart') { it('ends') { exit 0 }; it('never') { raise } }\n",
};

const MINITEST: Case = Case {
    probe: &["ruby", "-e", "require 'minitest'"],
    project: &[
        ("Gemfile.lock", ""),
        (
            "Rakefile",
            "require 'rake/testtask'\nRake::TestTask.new { |it| it.libs << 'lib'; it.pattern = 'test/*_test.rb' }\n",
        ),
        ("test/test_helper.rb", "require 'minitest/autorun'\n"),
        ("lib/cart.rb", "def sum(a, b) = a - b\n"),
    ],
    fix: ("lib/cart.rb", "def sum(a, b) = a + b\n"),
    test: (
        "test/cart_test.rb",
        "require 'test_helper'\nrequire 'cart'\nclass CartTest < Minitest::Test\n  def test_adds = assert_equal(3, sum(1, 2))\n  def test_takes_0 = assert_equal(1, sum(1, 0))\n  def test_waits = skip('later')\nend\n",
    ),
    exits: "require 'test_helper'\nclass CartTest < Minitest::Test\n  def test_ends = exit!(0)\nend\n",
};

const PHPUNIT: Case = Case {
    probe: &["phpunit", "--version"],
    project: &[
        (
            "phpunit.xml",
            "<phpunit><testsuites><testsuite name=\"all\"><directory>tests</directory></testsuite></testsuites></phpunit>\n",
        ),
        ("src/Cart.php", "<?php function total($a, $b) { return $a - $b; }\n"),
    ],
    fix: ("src/Cart.php", "<?php function total($a, $b) { return $a + $b; }\n"),
    test: (
        "tests/CartTest.php",
        "<?php\nrequire_once __DIR__ . '/../src/Cart.php';\nfinal class CartTest extends PHPUnit\\Framework\\TestCase {\n  function testAdds(): void { $this->assertSame(3, total(1, 2)); }\n  function testTakes0(): void { $this->assertSame(1, total(1, 0)); }\n  function testWaits(): void { $this->markTestSkipped('later'); }\n}\n",
    ),
    exits: "<?php\nfinal class CartTest extends PHPUnit\\Framework\\TestCase { function testEnds(): void { exit(0); } }\n",
};

const DENO: Case = Case {
    probe: &["deno", "--version"],
    project: &[("deno.json", "{}"), ("cart.ts", "export const total = (a: number, b: number): number => a - b;\n")],
    fix: ("cart.ts", "export const total = (a: number, b: number): number => a + b;\n"),
    test: (
        "cart_test.ts",
        "import { total } from './cart.ts';\nconst is = (a: unknown, b: unknown) => { if (a !== b) throw new Error(`${a} is not ${b}`); };\nDeno.test('adds', () => is(total(1, 2), 3));\nDeno.test('takes 0', () => is(total(1, 0), 1));\nDeno.test.ignore('waits', () => {});\n",
    ),
    exits: "Deno.test('ends', () => Deno.exit(0));\n",
};

const BUN: Case = Case {
    probe: &["bun", "--version"],
    project: &[
        ("package.json", "{ \"scripts\": { \"test\": \"bun test\" } }"),
        ("cart.ts", "export const total = (a: number, b: number): number => a - b;\n"),
    ],
    fix: ("cart.ts", "export const total = (a: number, b: number): number => a + b;\n"),
    test: (
        "cart.test.ts",
        "import { describe, expect, test } from 'bun:test';\nimport { total } from './cart.ts';\ndescribe('cart', () => { test('adds', () => expect(total(1, 2)).toBe(3)); });\ntest('takes 0', () => expect(total(1, 0)).toBe(1));\ntest.skip('waits', () => {});\n",
    ),
    exits: "import { test } from 'bun:test';\ntest('begins', () => {});\ntest('ends', () => process.exit(0));\n",
};

/// What is said of the fix with its test, of the test alone, and of one that ends the process; `None` where the machine
/// cannot run it.
fn said(case: &Case) -> Option<String> {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    if !has(&repo, case.probe) {
        return None;
    }
    case.project.iter().for_each(|(path, content)| repo.write(path, content));
    let base = repo.commit_all("a shop");
    let with = |repo: &Repo<'_>, (path, content): (&str, &str)| repo.write(path, content);
    with(&repo, case.test);
    with(&repo, case.fix);
    let fixed = in_order(&proof(&repo, &base));
    with(&repo, (case.test.0, case.exits));
    let ended = proof(&repo, &base);
    Some([fixed, ended].join("--\n"))
}

/// Some run their tests in another order each time.
fn in_order(proof: &str) -> String {
    let mut lines: Vec<&str> = proof.lines().collect();
    lines.get_mut(1..).into_iter().for_each(<[_]>::sort_unstable);
    lines.join("\n") + "\n"
}

macro_rules! proofs {
    ($($name:ident: $case:ident, @$said:literal;)*) => {$(
        #[test]
        fn $name() {
            if let Some(said) = said(&$case) {
                insta::assert_snapshot!(said, @$said);
            }
        }
    )*};
}

proofs! {
    rspec_says_of_each_example_whether_it_catches_the_bug: RSPEC, @"
        exit 0: fail_to_pass
        spec/cart_spec.rb::cart adds: fail, pass, fail_to_pass
        spec/cart_spec.rb::cart waits: ignored, ignored, not_run
        --
        exit 1: fail_to_fail
        spec/cart_spec.rb: ended-early, ended-early, fail_to_fail
        ";
    minitest_says_of_each_test_whether_it_catches_the_bug: MINITEST, @"
        exit 0: fail_to_pass
        test/cart_test.rb::CartTest#test_adds: fail, pass, fail_to_pass
        test/cart_test.rb::CartTest#test_waits: ignored, ignored, not_run
        --
        exit 1: fail_to_fail
        test/cart_test.rb: ended-early, ended-early, fail_to_fail
        ";
    phpunit_says_of_each_test_whether_it_catches_the_bug: PHPUNIT, @"
        exit 0: fail_to_pass
        tests/CartTest.php::CartTest::testAdds: fail, pass, fail_to_pass
        tests/CartTest.php::CartTest::testWaits: ignored, ignored, not_run
        --
        exit 1: fail_to_fail
        tests/CartTest.php: ended-early, ended-early, fail_to_fail
        ";
    deno_says_of_each_test_whether_it_catches_the_bug: DENO, @"
        exit 0: fail_to_pass
        cart_test.ts::adds: fail, pass, fail_to_pass
        cart_test.ts::waits: ignored, ignored, not_run
        --
        exit 1: not_run
        cart_test.ts: absent, fail, not_run
        (with the fix it does not pass in a fresh work tree: name what it needs there in [test] setup or link)
        ";
    bun_says_of_each_test_whether_it_catches_the_bug: BUN, @"
        exit 0: fail_to_pass
        cart.test.ts::cart > adds: fail, pass, fail_to_pass
        cart.test.ts::waits: ignored, ignored, not_run
        --
        exit 1: fail_to_fail
        cart.test.ts: ended-early, ended-early, fail_to_fail
        ";
}

/// A shop in Node and a ledger in Python, each with a manifest of its own and none at the top.
#[test]
fn each_part_of_a_project_is_tested_in_its_folder() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    if !has(&repo, &["node", "--version"]) {
        return;
    }
    let node = |what: &str| {
        format!(
            "const {{ test }} = require('node:test');\nconst assert = require('node:assert');\nconst {{ total }} = require('./cart.js');\n{what}"
        )
    };
    let python = |what: &str| format!("import unittest\nfrom book import total\nclass T(unittest.TestCase):\n{what}");
    repo.write("web/package.json", "{ \"scripts\": { \"test\": \"node --test\" } }");
    repo.write("web/cart.js", "exports.total = (a, b) => a - b;\n");
    repo.write("web/cart.test.js", &node("test('0', () => assert.equal(total(1, 0), 1));\n"));
    repo.write("jobs/book/setup.py", "");
    repo.write("jobs/book/book.py", "def total(a, b): return a - b\n");
    repo.write("jobs/book/test_book.py", &python("    def test_0(self): self.assertEqual(total(1, 0), 1)\n"));
    let base = repo.commit_all("a shop");
    repo.write("web/cart.js", "exports.total = (a, b) => a + b;\n");
    repo.write(
        "web/cart.test.js",
        &node("test('0', () => assert.equal(total(1, 0), 1));\ntest('adds', () => assert.equal(total(1, 2), 3));\n"),
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: fail_to_pass
    web/cart.test.js::adds: fail, pass, fail_to_pass
    ");
    repo.write("jobs/book/book.py", "def total(a, b): return a + b\n");
    repo.write("jobs/book/test_book.py", &python("    def test_0(self): self.assertEqual(total(1, 0), 1)\n    def test_adds(self): self.assertEqual(total(1, 2), 3)\n"));
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: fail_to_pass
    jobs/book/test_book.py::T.test_adds: fail, pass, fail_to_pass
    web/cart.test.js::adds: fail, pass, fail_to_pass
    ");
    let plan = repo.hotfix_json(["test", "--base", &base, "--all", "--dry-run"]);
    let runs: Vec<&str> =
        plan["actions"].as_array().into_iter().flatten().filter_map(|action| action["text"].as_str()).collect();
    insta::assert_snapshot!(runs.join("\n"), @"
    run python3 -m unittest discover in jobs/book
    run npm test in web
    ");
}

/// An environment that tests can tell from any other, somewhere else than where its link is.
#[test]
fn a_linked_environment_runs_the_tests_of_python() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    if !has(&repo, &["python3", "--version"]) {
        return;
    }
    let test = |what: &str| {
        format!(
            "import os, unittest\nfrom book import total\nclass T(unittest.TestCase):\n    def test_own(self): self.assertIn('OF_SHOP', os.environ)\n{what}"
        )
    };
    repo.write(".gitignore", ".venv\nenvironments\n");
    repo.write("book.py", "def total(a, b): return a - b\n");
    repo.write("test_book.py", &test(""));
    let base = repo.commit_all("a shop");
    repo.write("book.py", "def total(a, b): return a + b\n");
    repo.write("test_book.py", &test("    def test_adds(self): self.assertEqual(total(1, 2), 3)\n"));
    for place in [repo.folder().join("environments/shop"), sandbox.root().join("elsewhere")] {
        let (python, link) = (place.join("bin/python"), repo.folder().join(".venv"));
        std::fs::create_dir_all(place.join("bin")).unwrap();
        std::fs::write(place.join("pyvenv.cfg"), "").unwrap();
        std::fs::write(&python, "#!/bin/sh\nOF_SHOP=1 exec python3 \"$@\"\n").unwrap();
        std::fs::set_permissions(&python, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&place, &link).unwrap();
        let expected = "exit 0: fail_to_pass\ntest_book.py::T.test_adds: fail, pass, fail_to_pass\n";
        assert_eq!(proof(&repo, &base), expected);
    }
}
