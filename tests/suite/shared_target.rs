//! Work trees and clones that build in one target folder: each is tested by its own code.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hotfix_tests::{CommandOutput, Repo, Sandbox, sandbox};

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";
const BROKEN: &str = "pub fn price(cents: u32, percent: u32) -> u32 {\n    cents - percent\n}\n";
const FIXED: &str = "pub fn price(cents: u32, percent: u32) -> u32 {\n    cents * (100 - percent) / 100\n}\n";
const WRONG: &str = "\
pub fn price(cents: u32, percent: u32) -> u32 {
    cents * (100 - percent) / 100 + 1
}
";
const OLD: &str = "#[test]\nfn none() {\n    assert_eq!(shop::price(100, 0), 100);\n}\n";
const TEST: &str = "#[test]\nfn half() {\n    assert_eq!(shop::price(200, 50), 100);\n}\n";

/// Two work trees of one repository, and the folder where both build.
struct Shared<'s> {
    main: Repo<'s>,
    fix: Repo<'s>,
    folder: PathBuf,
}

impl<'s> Shared<'s> {
    fn new(sandbox: &'s Sandbox) -> Self {
        let main = sandbox.empty_repo("shop");
        main.write(".gitignore", "/target\n/Cargo.lock\n");
        main.write("Cargo.toml", MANIFEST);
        main.write("src/lib.rs", BROKEN);
        main.write("tests/price.rs", OLD);
        main.commit_all("Sell things");
        main.git_ok(["worktree", "add", "--quiet", "-b", "fix", "../fix"]);
        let fix = main.at(main.folder().join("../fix").canonicalize().unwrap());
        Self { main, fix, folder: sandbox.root().join("shared") }
    }

    fn cargo(&self, repo: &Repo<'s>, arguments: &[&str]) -> CommandOutput {
        let mut command = repo.command("cargo");
        command.args(arguments).env("CARGO_TARGET_DIR", &self.folder);
        within(repo, &mut command)
    }

    /// What the other work tree builds last, after all edits here.
    fn build_elsewhere(&self) {
        std::thread::sleep(Duration::from_millis(1_100));
        let _ = self.cargo(&self.main, &["test", "--no-run", "--offline"]).success();
    }
}

fn within(repo: &Repo<'_>, command: &mut Command) -> CommandOutput {
    repo.sandbox().run_within(Duration::from_secs(300), command)
}

#[test]
fn a_wrong_fix_is_not_proven_by_the_code_of_another_work_tree() {
    let sandbox = sandbox!();
    let shared = Shared::new(&sandbox);
    shared.main.write("src/lib.rs", FIXED);
    shared.main.write("tests/price.rs", &format!("{OLD}{TEST}"));
    shared.fix.write("src/lib.rs", WRONG);
    shared.fix.write("tests/price.rs", &format!("{OLD}{TEST}"));
    shared.fix.commit_all("Wrong by one");
    shared.build_elsewhere();
    // The fault is there: Cargo itself takes the other's code.
    let _ = shared.cargo(&shared.fix, &["test", "--offline"]).success();
    let output = shared.cargo(&shared.fix, &["hotfix", "test", "--base", "main", "--json"]);
    assert_eq!(output.code(), Some(1), "{output}");
    let document = output.json();
    assert_eq!(document["tests"]["outcome"], "failed", "{document}");
    assert_eq!(document["tests"]["proof"]["verdict"], "fail_to_fail", "{document}");
}

#[test]
fn a_right_fix_is_proven_though_another_work_tree_builds_the_bug() {
    let sandbox = sandbox!();
    let shared = Shared::new(&sandbox);
    shared.fix.write("src/lib.rs", FIXED);
    shared.fix.write("tests/price.rs", &format!("{OLD}{TEST}"));
    shared.fix.commit_all("Take off the part");
    shared.build_elsewhere();
    let document = shared.cargo(&shared.fix, &["hotfix", "test", "--base", "main", "--json"]).success().json();
    assert_eq!(document["tests"]["proof"]["verdict"], "fail_to_pass", "{document}");
    assert!(
        document["tests"]["proof"]["remarks"][0].as_str().unwrap().starts_with("built in a target folder of its own")
    );
    // What lies in a work tree of its own is built there, as ever.
    shared.fix.write("README.md", "Sells things.\n");
    shared.fix.commit_all("Say what it is");
    let mut command = shared.fix.command("cargo");
    command.args(["hotfix", "test", "--base", "main", "--json"]);
    let document = within(&shared.fix, &mut command).success().json();
    assert!(document["tests"]["proof"].get("remarks").is_none() && shared.fix.has("target/debug"), "{document}");
}

/// Stands for Cargo: notes what it is asked and where it is told to build, and lets the first tests say `$WRITTEN` in the work tree's
/// configuration.
const CARGO: &str = "#!/bin/sh\n\
    echo \"$1:$CARGO_TARGET_DIR\" >>\"$ASKED\"\n\
    case $1 in\n\
      metadata) PATH=${PATH#*:} exec cargo \"$@\" ;;\n\
      test) mkdir -p .cargo; echo \"$WRITTEN\" >.cargo/config.toml; echo 'test half ... ok' ;;\n\
      *) exit 1 ;;\n\
    esac\n";

#[test]
fn where_cargo_builds_is_asked_again_only_once_tests_wrote_it() {
    let sandbox = sandbox!();
    let Shared { fix, .. } = Shared::new(&sandbox);
    fix.write("src/lib.rs", FIXED);
    fix.write("tests/price.rs", &format!("{OLD}{TEST}"));
    fix.write(".gitignore", "/target\n/Cargo.lock\n/.cargo\n");
    fix.hook("../cargo/cargo", CARGO);
    fix.write(".cargo/config.toml", "# Mine.\n");
    let asked = |written: &str| {
        let _ = std::fs::remove_file(sandbox.root().join("asked"));
        let mut command = fix.command("cargo-hotfix");
        command.args(["hotfix", "test", "--base", "main", "--no-proof"]);
        command.env("PATH", sandbox.path_from(&sandbox.root().join("cargo")));
        command.env("ASKED", sandbox.root().join("asked")).env("WRITTEN", written);
        let _ = within(&fix, &mut command).success();
        let asked = fix.read("../asked");
        let asked: Vec<String> = asked.lines().filter(|line| !line.starts_with("nextest")).map(str::to_owned).collect();
        asked
    };
    assert_eq!(asked("# Mine."), ["metadata:", "test:", "test:"]);
    fix.write("src/lib.rs", &format!("{FIXED}\n")); // Of another tree no result is remembered.
    let moved = asked("build.target-dir = \"../shared\"");
    let [.., first, asked_again, second] = moved.as_slice() else { panic!("{moved:?}") };
    assert_eq!([first.as_str(), asked_again.as_str()], ["test:", "metadata:"], "{moved:?}");
    assert!(second.starts_with("test:/"), "{moved:?}");
}
