//! The proof by whole test files, through the real tools: node's own runner, pytest, unittest, and a command of one's own.

use std::collections::BTreeMap;
use std::sync::Mutex;

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};
use serde_json::Value;

/// Whether the machine has a tool; says so where it has not.
pub(crate) fn has(repo: &Repo<'_>, probe: &[&str]) -> bool {
    static KNOWN: Mutex<BTreeMap<String, bool>> = Mutex::new(BTreeMap::new());
    let [program, arguments @ ..] = probe else { return true };
    let runs = || repo.command(program).args(arguments).output().is_ok_and(|output| output.status.success());
    // Asked once for all tests: pytest alone takes as long to start as several of them.
    let found = *KNOWN.lock().expect("nobody panics here").entry(probe.join(" ")).or_insert_with(runs);
    if !found {
        eprintln!("NOT TESTED: proofs by files, since `{}` does not run here", probe.join(" "));
    }
    found
}

/// What `test` says of the change since `base`: exit code, verdict, and each test with its ends.
pub(crate) fn proof(repo: &Repo<'_>, base: &str) -> String {
    let output = repo.hotfix(["test", "--base", base, "--json"]);
    let code = output.code().unwrap_or(-1);
    let document = output.json();
    let proof = &document["tests"]["proof"];
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let mut shown = format!("exit {code}: {}\n", text(&proof["verdict"]));
    for test in proof["tests"].as_array().into_iter().flatten() {
        let [id, base, fix, verdict] = ["id", "base", "fix", "verdict"].map(|key| text(&test[key]));
        shown.push_str(&format!("{id}: {base}, {fix}, {verdict}\n"));
    }
    for remark in proof["remarks"].as_array().into_iter().flatten() {
        shown.push_str(&format!("({})\n", text(remark)));
    }
    shown
}

const NODE: [&str; 2] = ["node", "--version"];
const PYTEST: [&str; 4] = ["python3", "-m", "pytest", "--version"];
const UNITTEST: [&str; 3] = ["python3", "-m", "unittest"];

fn shop(sandbox: &Sandbox, shop: Sample) -> (Repo<'_>, String) {
    let repo = sandbox.sample(shop);
    let base = repo.head();
    repo.write_fix();
    (repo, base)
}

#[test]
fn node_says_of_each_test_whether_it_catches_the_bug() {
    let sandbox = sandbox!();
    let (repo, base) = shop(&sandbox, Sample::Node);
    if !has(&repo, &NODE) {
        return;
    }
    repo.write(
        "test/coupon.test.js",
        "\
const { test, describe, it } = require('node:test');
const assert = require('node:assert');
const { total } = require('../src/cart.js');

describe('a coupon', () => {
  it('takes off its percentage', () => assert.equal(total([1000], 10), 900));
  it('of nothing takes off nothing', () => assert.equal(total([1000], 0), 1000));
});
",
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: fail_to_pass
    test/coupon.test.js::a coupon > takes off its percentage: fail, pass, fail_to_pass
    ");
}

#[test]
fn node_tells_a_useless_test() {
    let sandbox = sandbox!();
    let (repo, base) = shop(&sandbox, Sample::Node);
    if !has(&repo, &NODE) {
        return;
    }
    repo.write(
        "test/coupon.test.js",
        "\
const { test } = require('node:test');
const assert = require('node:assert');
const { total } = require('../src/cart.js');

test('no coupon', () => assert.equal(total([1000], 0), 1000));
",
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 1: pass_to_pass
    test/coupon.test.js::no coupon: pass, pass, pass_to_pass
    ");
}

#[test]
fn node_tells_a_test_that_needs_what_the_fix_adds() {
    let sandbox = sandbox!();
    let (repo, base) = shop(&sandbox, Sample::Node);
    if !has(&repo, &NODE) {
        return;
    }
    repo.write("src/coupon.js", "module.exports = { part: (percent) => percent / 100 };\n");
    let start = "const { test } = require('node:test');\nconst assert = require('node:assert');\n";
    repo.write(
        "test/coupon.test.js",
        &format!(
            "\
{start}const {{ part }} = require('../src/coupon.js');

test('part', () => assert.equal(part(10), 0.1));
"
        ),
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: build_fail_to_pass
    test/coupon.test.js::part: build-fail, pass, build_fail_to_pass
    ");
    repo.write("test/coupon.test.js", "const { test } = require('node:test');\n");
    repo.write(
        "src/cart.js",
        "\
const sum = (prices) => prices.reduce((a, b) => a + b, 0);
const total = (prices, off) => sum(prices) - (sum(prices) * off) / 100;
module.exports = { total, sum };
",
    );
    repo.write(
        "test/coupon.test.js",
        &format!(
            "\
{start}const {{ sum }} = require('../src/cart.js');

test('sum', () => assert.equal(sum([1]), 1));
"
        ),
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: build_fail_to_pass
    test/coupon.test.js::sum: build-fail, pass, build_fail_to_pass
    ");
}

/// The packages of the work tree are linked; where they are not there, a failure on production shows nothing.
#[test]
fn missing_packages_are_not_taken_for_proof() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Node);
    if !has(&repo, &NODE) {
        return;
    }
    repo.write(".gitignore", "node_modules\n");
    let base = repo.commit_all("Ignore packages");
    repo.write("node_modules/percent/index.js", "module.exports = (part) => part / 100;\n");
    repo.write_fix();
    repo.write(
        "test/coupon.test.js",
        "\
const { test } = require('node:test');
const assert = require('node:assert');
const percent = require('percent');
const { total } = require('../src/cart.js');

test('coupon', () => assert.equal(total([1000], 10), 1000 - 1000 * percent(10)));
",
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: fail_to_pass
    test/coupon.test.js::coupon: fail, pass, fail_to_pass
    ");
    repo.write("hotfix.toml", "[test]\nlink = [\"elsewhere\"]\n");
    repo.git_ok(["stash", "push", "--quiet", "--include-untracked", "--", "src", "test"]);
    let base = repo.commit_all("Link nothing that helps");
    repo.git_ok(["stash", "pop", "--quiet"]);
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 1: not_run
    test/coupon.test.js: absent, build-fail, not_run
    (with the fix it does not pass in a fresh work tree: name what it needs there in [test] setup or link)
    ");
}

#[test]
fn pytest_says_of_each_test_whether_it_catches_the_bug() {
    let sandbox = sandbox!();
    let (repo, base) = shop(&sandbox, Sample::Python);
    if !has(&repo, &PYTEST) {
        return;
    }
    repo.write(
        "tests/test_coupon.py",
        "\
import pytest
from shop.cart import total


@pytest.mark.parametrize(\"off, left\", [(0, 1000), (10, 900)])
def test_coupon(off, left):
    assert total([1000], off) == left
",
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: fail_to_pass
    tests/test_coupon.py::test_coupon[10-900]: fail, pass, fail_to_pass
    ");
    repo.write(
        "tests/test_coupon.py",
        "from shop.cart import total\n\n\ndef test_no_coupon():\n    assert total([1000], 0) == 1000\n",
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 1: pass_to_pass
    tests/test_coupon.py::test_no_coupon: pass, pass, pass_to_pass
    ");
    repo.write("shop/coupon.py", "def part(percent):\n    return percent / 100\n");
    repo.write(
        "tests/test_coupon.py",
        "from shop.coupon import part\n\n\ndef test_part():\n    assert part(10) == 0.1\n",
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: build_fail_to_pass
    tests/test_coupon.py::test_part: build-fail, pass, build_fail_to_pass
    ");
}

#[test]
fn unittest_says_of_each_test_whether_it_catches_the_bug() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    if !has(&repo, &UNITTEST) {
        return;
    }
    let test = |body: &str| format!("import unittest\nimport cart\n\n\nclass Cart(unittest.TestCase):\n{body}");
    let sums = "    def test_sums(self):\n        self.assertEqual(cart.total([1, 2], 0), 3)\n";
    let coupon = "    def test_coupon(self):\n        \"\"\"A coupon takes off its part.\"\"\"\n        self.assertEqual(cart.total([1000], 10), 900)\n";
    repo.write("cart.py", "def total(prices, off):\n    return sum(prices) - sum(prices) * off // 10\n");
    repo.write("test_cart.py", &test(sums));
    let base = repo.commit_all("Sell things");
    repo.write("cart.py", "def total(prices, off):\n    return sum(prices) - sum(prices) * off // 100\n");
    repo.write("test_cart.py", &test(&format!("{sums}\n{coupon}")));
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: fail_to_pass
    test_cart.py::Cart.test_coupon: fail, pass, fail_to_pass
    ");
    repo.write("test_cart.py", &test("    def test_part(self):\n        self.assertEqual(cart.part(10), 0.1)\n"));
    repo.write(
        "cart.py",
        "def total(prices, off):\n    return sum(prices)\n\n\ndef part(off):\n    return off / 100\n",
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: build_fail_to_pass
    test_cart.py::Cart.test_part: build-fail, pass, build_fail_to_pass
    ");
}

/// `{files}` runs each test file alone; without it the command runs as a whole, and production is run by itself too.
#[test]
fn a_command_of_ones_own_proves_by_file_or_as_a_whole() {
    let sandbox = sandbox!();
    for (command, setup) in [("\"sh\", \"{files}\"", ""), ("\"sh\", \"all.sh\"", "setup = [\"touch\", \"ready\"]\n")] {
        let repo = sandbox.empty_repo(if setup.is_empty() { "by-file" } else { "as-a-whole" });
        repo.write(
            "hotfix.toml",
            &format!(
                "\
[test]
command = [{command}]
regression = [\"checks/*.sh\"]
{setup}"
            ),
        );
        repo.write("total.sh", "echo $(($1 - $1 * $2 / 10))\n");
        repo.write("all.sh", "set -e\ntest -e ready || exit 3\nfor check in checks/*.sh; do sh $check; done\n");
        repo.write("checks/sum.sh", "test \"$(sh total.sh 1000 0)\" = 1000\n");
        repo.write(".gitignore", "ready\n");
        repo.write("ready", "");
        let base = repo.commit_all("Sell things");
        repo.write("total.sh", "echo $(($1 - $1 * $2 / 100))\n");
        repo.write("checks/coupon.sh", "test \"$(sh total.sh 1000 10)\" = 900\n");
        if setup.is_empty() {
            insta::assert_snapshot!(proof(&repo, &base), @"
            exit 0: fail_to_pass
            checks/coupon.sh: fail, pass, fail_to_pass
            ");
            repo.write("checks/coupon.sh", "test \"$(sh total.sh 1000 0)\" = 1000\n");
            insta::assert_snapshot!(proof(&repo, &base), @"
            exit 1: pass_to_pass
            checks/coupon.sh: pass, pass, pass_to_pass
            ");
        } else {
            insta::assert_snapshot!(proof(&repo, &base), @"
            exit 0: fail_to_pass
            sh all.sh: fail, pass, fail_to_pass
            ");
        }
    }
}

/// A sample project in which a bad percentage is met by `bad`, and a test file for it.
struct Exit<'t> {
    file: &'t str,
    test: &'t str,
    new: &'t str,
    source: (&'t str, &'t str),
    exits: &'t str,
    returns: &'t str,
    throws: &'t str,
}

/// What is said of a fix that ends the process with 0, and of the one that mends production which does.
fn exits(repo: &Repo<'_>, exit: &Exit<'_>) -> String {
    let (source, text) = exit.source;
    let mut shown = String::new();
    for (base, fix) in [(exit.throws, exit.exits), (exit.exits, exit.returns)] {
        repo.write(source, &text.replace("BAD", base));
        repo.write(exit.file, &exit.test.replace("NEW", ""));
        let commit = repo.commit_all(base);
        repo.write(source, &text.replace("BAD", fix));
        repo.write(exit.file, &exit.test.replace("NEW", exit.new));
        shown.push_str(&proof(repo, &commit));
        repo.commit_all(fix);
    }
    shown
}

/// Without a word of what came of them: the first test is told of before the process ends, the last one never runs.
#[test]
fn a_file_of_node_that_ends_with_0_has_not_passed() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    if !has(&repo, &NODE) {
        return;
    }
    repo.write("package.json", "{\"type\":\"module\",\"scripts\":{\"test\":\"node --test\"}}\n");
    let exit = Exit {
        file: "test/part.test.js",
        test: "\
import test from 'node:test';
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { part } from '../part.js';
test('good', async () => { await setTimeout(50); assert.equal(part('5'), 5); });
test('a program may exit', () => { execFileSync('node', ['-e', 'process.exit(0)']); });
NEW
test('last', () => assert.equal(part('1'), 1));
",
        new: "test('bad', async () => { await setTimeout(50); assert.equal(part('five'), null); });",
        source: (
            "part.js",
            "export function part(text) {\n  if (Number.isNaN(Number(text))) BAD;\n  return Number(text);\n}\n",
        ),
        exits: "process.exit(0)",
        returns: "return null",
        throws: "throw new Error('bad')",
    };
    insta::assert_snapshot!(exits(&repo, &exit), @"
    exit 1: fail_to_fail
    test/part.test.js: fail, ended-early, fail_to_fail
    exit 0: crash_to_pass
    test/part.test.js::bad: ended-early, pass, crash_to_pass
    test/part.test.js::last: ended-early, pass, crash_to_pass
    ");
}

#[test]
fn a_file_of_python_that_ends_with_0_has_not_passed() {
    let sandbox = sandbox!();
    let source = "\
import os


def part(text):
    if not text.isdigit():
        BAD
    return int(text)
";
    // No two of one size: in the work tree of the user Python takes a compiled source for fresh by its second and size.
    let (exits_by, returns, throws) = ("os._exit(0)", "return None  # no number", "raise ValueError(text)");
    let repo = sandbox.empty_repo("unittest");
    if has(&repo, &UNITTEST) {
        let test = "\
import unittest
from part import part


class Part(unittest.TestCase):
    def test_a(self):
        self.assertEqual(part('5'), 5)

NEW    def test_z(self):
        self.assertEqual(part('1'), 1)
";
        let new = "    def test_bad(self):\n        self.assertIsNone(part('five'))\n\n";
        let exit =
            Exit { file: "test_part.py", test, new, source: ("part.py", source), exits: exits_by, returns, throws };
        insta::assert_snapshot!(exits(&repo, &exit), @"
        exit 1: fail_to_fail
        test_part.py: fail, ended-early, fail_to_fail
        exit 0: crash_to_pass
        test_part.py::Part.test_bad: ended-early, pass, crash_to_pass
        test_part.py::Part.test_z: ended-early, pass, crash_to_pass
        ");
    }
    let repo = sandbox.empty_repo("pytest");
    if has(&repo, &PYTEST) {
        let test = "\
from part import part


def test_a():
    assert part('5') == 5


NEWdef test_z():
    assert part('1') == 1
";
        let new = "def test_bad():\n    assert part('five') is None\n\n\n";
        let exit =
            Exit { file: "test_part.py", test, new, source: ("part.py", source), exits: exits_by, returns, throws };
        insta::assert_snapshot!(exits(&repo, &exit), @r"
        exit 1: fail_to_fail
        test_part.py: fail, ended-early, fail_to_fail
        exit 0: crash_to_pass
        test_part.py: ended-early, pass, crash_to_pass
        ");
    }
}

/// Both sides of a proof lie in one place, one after the other: what Python compiled of one would pass for the other's.
#[test]
fn what_python_compiled_of_one_side_is_no_part_of_the_other() {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("compiled");
    if !has(&repo, &UNITTEST) {
        return;
    }
    repo.write("part.py", "LIMIT = 1\n");
    // A proof says CI; what runs in the work tree of the user leaves compiled sources as it likes.
    let test = "\
import os
import sys
import unittest
import part


class Part(unittest.TestCase):
    def test_a(self):
        self.assertTrue(sys.dont_write_bytecode or 'CI' not in os.environ)
";
    repo.write("test_part.py", test);
    let base = repo.commit_all("Set the limit");
    repo.write("part.py", "LIMIT = 2\n");
    repo.write(
        "test_part.py",
        &format!("{test}\n    def test_limit(self):\n        self.assertEqual(part.LIMIT, 2)\n"),
    );
    insta::assert_snapshot!(proof(&repo, &base), @"
    exit 0: fail_to_pass
    test_part.py::Part.test_limit: fail, pass, fail_to_pass
    ");
}

/// Git leaves an empty folder where a submodule belongs; a link takes its place, and without one it is said what would do.
#[test]
fn a_submodule_is_linked_or_what_brings_it_is_said() {
    let sandbox = sandbox!();
    let library = sandbox.empty_repo("library");
    library.write("limit", "1\n");
    library.commit_all("Set the limit");
    for link in [true, false] {
        let repo = sandbox.empty_repo(if link { "linked" } else { "bare" });
        let line = if link { "link = [\"lib\"]\n" } else { "" };
        repo.write(
            "hotfix.toml",
            &format!("[test]\ncommand = [\"sh\", \"{{files}}\"]\nregression = [\"checks/*\"]\n{line}"),
        );
        repo.write("app", "1\n");
        let path = library.folder().display().to_string();
        repo.git_ok(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &path, "lib"]);
        let base = repo.commit_all("Sell things");
        repo.write("app", "2\n");
        repo.write("checks/app.sh", "test -f lib/limit || { echo no lib; exit 1; }\ngrep -q 2 app\n");
        if link {
            insta::assert_snapshot!(proof(&repo, &base), @"
            exit 0: fail_to_pass
            checks/app.sh: fail, pass, fail_to_pass
            ");
        } else {
            let output = repo.hotfix(["test", "--base", &base]);
            let hints: String = output
                .stderr()
                .lines()
                .filter(|line| line.starts_with("hint"))
                .map(|line| format!("{line}\n"))
                .collect();
            insta::assert_snapshot!(hints, @r#"
            hint: in hotfix.toml: [test] setup = ["git", "submodule", "update", "--init"]
            hint: or, as they are checked out here: [test] link = ["lib"]
            hint: app, checks/app.sh take part in the tests and are not committed: this holds for what lies here, and for no commit yet
            "#);
        }
    }
}

/// Each line of what was selected, with its reason.
#[test]
fn what_runs_and_why_is_said() {
    let sandbox = sandbox!();
    let (repo, base) = shop(&sandbox, Sample::Node);
    if !has(&repo, &NODE) {
        return;
    }
    let selection = || {
        let document = repo.hotfix_json(["test", "--base", &base, "--no-proof"]);
        let tests = &document["tests"];
        let commands = tests["runs"].as_array().into_iter().flatten().map(|run| run["command"].to_string());
        let lines = tests["selection"].as_array().into_iter().flatten().map(|line| line.to_string());
        lines.chain(commands).map(|line| format!("{line}\n")).collect::<String>()
    };
    insta::assert_snapshot!(selection(), @r#"
    "tests: npm (package.json has a test script)"
    "test/cart.test.js: named after src/cart.js"
    ["node","--test","test/cart.test.js"]
    "#);
    repo.write("src/prices.js", "module.exports = [];\n");
    insta::assert_snapshot!(selection(), @r#"
    "tests: npm (package.json has a test script)"
    "all of them: no test file is named after src/prices.js"
    ["npm","test"]
    "#);
}
