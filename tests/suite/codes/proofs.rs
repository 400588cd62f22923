//! The tests or their proof say no, or cannot be run.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use hotfix_core::workflow::Code;
use hotfix_tests::{Repo, Sandbox, sandbox};

use super::Rows;

const CATCHES: &str = "test \"$(sh total.sh 1000 10)\" = 900\n";
const FIXED: &str = "echo $(($1 - $1 * $2 / 100))\n";

/// A shop whose checks run by themselves, with a fix that is not committed; and its base.
fn by_file(sandbox: &Sandbox) -> (Repo<'_>, String) {
    let repo = sandbox.empty_repo("shop");
    repo.write("hotfix.toml", "[test]\ncommand = [\"sh\", \"{files}\"]\nregression = [\"checks/*.sh\"]\n");
    repo.write("total.sh", "echo $(($1 - $1 * $2 / 10))\n");
    repo.write("checks/sum.sh", "test \"$(sh total.sh 1000 0)\" = 1000\n");
    repo.write(".gitignore", "ignored*\n");
    let base = repo.commit_all("Sell things");
    repo.write("total.sh", FIXED);
    (repo, base)
}

pub(super) fn of_files(rows: &mut Rows) {
    let sandbox = sandbox!();
    let (repo, base) = by_file(&sandbox);
    let test = ["test", "--base", &base];
    let with = |name, value, arguments: &[&str]| {
        let mut command = repo.command("git-hotfix");
        repo.run(command.args(arguments).arg("--json").env(name, value))
    };
    rows.told(Code::NoAffectedTests, 1, &with("HOTFIX_TEST_REGRESSION", "[\"none/*\"]", &test));
    repo.write("checks/coupon.sh", "test \"$(sh total.sh 1000 0)\" = 1000\n");
    rows.refused(Code::PassToPass, 1, &repo, &test);
    repo.write("checks/coupon.sh", "exit 1\n");
    rows.refused(Code::Test, 1, &repo, &test);
    let count = repo.folder().with_file_name("count");
    let odd = format!(
        "{CATCHES}ends=$?\n[ $ends = 0 ] && exit\necho x >>{0}\nexit $(($(wc -l <{0}) % 2))\n",
        count.display()
    );
    repo.write("checks/coupon.sh", &odd);
    rows.refused(Code::Flaky, 1, &repo, &test);
    repo.write("checks/coupon.sh", CATCHES);
    rows.told(Code::Setup, 3, &with("HOTFIX_TEST_SETUP", "[\"false\"]", &test));
    let check = repo.folder().join("checks").join(OsStr::from_bytes(b"coupon\xff.sh"));
    fs::rename(repo.folder().join("checks/coupon.sh"), check).unwrap();
    repo.commit_all("Name it so");
    rows.refused(Code::UnreadableName, 3, &repo, &test);
    // A program that no commit holds is not there where only commits are laid out.
    repo.git_ok(["switch", "--quiet", "--detach", &base]);
    repo.git_ok(["branch", "--quiet", "--force", "main", &base]);
    repo.ok(["open", "Coupons take off too much", "--severity", "high"]);
    repo.write("total.sh", FIXED);
    repo.write("checks/coupon.sh", CATCHES);
    repo.commit_all("Fix it");
    repo.hook("ignored.sh", "#!/bin/sh\nexec sh \"$@\"\n");
    let ignored = ("HOTFIX_TEST_COMMAND", "[\"./ignored.sh\", \"{files}\"]");
    rows.told(Code::NotRun, 1, &with(ignored.0, ignored.1, &["test"]));
    rows.told(Code::NotBuilt, 1, &with(ignored.0, ignored.1, &["pr"]));
    let plain = sandbox.empty_repo("plain");
    plain.commit_file("a", "b\n", "c");
    rows.refused(Code::NoTestRunner, 3, &plain, &["test", "--base", "HEAD"]);
    let sandbox = sandbox!();
    rows.refused(Code::NoRegressionTest, 1, &sandbox.sample(hotfix_tests::Sample::Shell), &["test", "--base", "HEAD"]);
}

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
const TEST: &str = "#[test]\nfn halves() {\n    assert_eq!(shop::half(4), 2);\n}\n";

pub(super) fn of_cargo(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    repo.write(".gitignore", "/target\n/Cargo.lock\n");
    repo.write("Cargo.toml", MANIFEST);
    repo.write("src/lib.rs", "pub fn half(of: u32) -> u32 {\n    of\n}\n");
    repo.commit_all("Sell things");
    repo.ok(["open", "Halves are whole", "--severity", "high"]);
    repo.write("src/lib.rs", "pub fn half(of: u32) -> u32 {\n    of / 2\n}\n");
    repo.write("tests/half.rs", TEST);
    repo.commit_all("Fix it");
    let told = |arguments: &[&str]| {
        let mut command = repo.command("cargo-hotfix");
        repo.run(command.args(["hotfix", "test", "--json"]).args(arguments))
    };
    rows.told(Code::NoTests, 1, &told(&["--", "--", "no_such_filter"]));
    rows.told(Code::Regression, 2, &told(&["--regression", "no_such_test"]));
    let real = repo.run(repo.command("sh").args(["-c", "command -v rustc"])).success();
    let ours = "case $(cat /proc/$PPID/comm 2>/dev/null || ps -o comm= -p $PPID) in *-hotfix*) exit 1 ;; esac";
    repo.hook("../bin/rustc", &format!("#!/bin/sh\n{ours}\nexec {} \"$@\"\n", real.stdout().trim()));
    rows.told(Code::Toolchain, 3, &told(&[]));
    fs::remove_file(sandbox.root().join("bin/rustc")).unwrap();
    repo.write("src/ignored.rs", "");
    repo.write("src/lib.rs", "include!(\"ignored.rs\");\npub fn half(of: u32) -> u32 {\n    of / 2\n}\n");
    repo.commit_all("Take something along");
    // With the fix it passes in the two runs before the proof.
    let runs = sandbox.root().join("runs");
    let late = "\
#[test]
fn halves() {
    let runs = std::fs::read(RUNS).unwrap_or_default();
    let is_fixed = shop::half(4) == 2;
    if is_fixed {
        std::fs::write(RUNS, [runs.clone(), vec![0]].concat()).unwrap();
    }
    assert!(is_fixed && runs.len() < 2);
}
";
    let late = late.replace("RUNS", &format!("{runs:?}"));
    repo.write("tests/half.rs", &late);
    rows.told(Code::FailToFail, 1, &told(&[]));
    fs::remove_file(&runs).unwrap();
    repo.write("tests/half.rs", &late.replace("is_fixed && runs", "!is_fixed || runs"));
    rows.told(Code::PassToFail, 1, &told(&[]));
    repo.write("src/lib.rs", "pub fn half(of: u32) -> u32 {\n    \"half\"\n}\n");
    rows.told(Code::Build, 1, &told(&[]));
    repo.write("Cargo.toml", "[package]\nname = 1\n");
    rows.told(Code::Cargo, 3, &told(&[]));
}

pub(super) fn of_the_drill(rows: &mut Rows) {
    let sandbox = sandbox!();
    let repo = sandbox.empty_repo("shop");
    // What its first scene shows the log with.
    repo.hook("../bin/cat", "#!/bin/sh\nexit 1\n");
    rows.refused(Code::Drill, 1, &repo, &["drill"]);
}
