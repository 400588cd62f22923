//! Folders that were renamed under a fix, and files that merge as attributes say: as git does it, or not at all.

use std::os::unix::fs::PermissionsExt as _;

use super::{push_to, releasing};
use hotfix_tests::{Repo, Sandbox, sandbox};

use crate::fixtures::{TITLE, refused};

const RULES: &str = "[release]\nlines = [\"main\", \"develop\", \"release/*\"]\n[test]\ncommand = [\"true\"]\n";
const NO_TEST: [&str; 4] = ["ship", "--yes", "--no-test", "rehearsal"];

/// A sample project with a folder of sources on all its lines.
fn with_sources(sandbox: &Sandbox) -> Repo<'_> {
    sandbox.made("lines::renamed::with_sources", |sandbox| {
        let repo = releasing(sandbox, RULES);
        for name in ["a", "b", "c"] {
            let text: String = (1..20).map(|number| format!("{name}{number}\n")).collect();
            repo.write(&format!("src/{name}.py"), &text);
        }
        repo.commit_all("Add sources");
        repo.git_ok(["push", "--quiet", "origin", "main", "main:develop", "main:release/1.0"]);
        repo
    })
}

/// Somebody renames the folder on a branch.
fn rename(repo: &Repo<'_>, branch: &str) {
    let colleague = repo.clone_as("renaming");
    colleague.git_ok(["switch", "--quiet", branch]);
    colleague.git_ok(["mv", "src", "lib"]);
    colleague.git_ok(["commit", "--quiet", "--message", "Call it lib"]);
    colleague.git_ok(["push", "--quiet"]);
}

/// A fix that adds a file to a folder, and needs it.
fn fixed_in(repo: &Repo<'_>, folder: &str) {
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.write(&format!("{folder}/limits.py"), "new\n");
    let a = format!("{folder}/a.py");
    repo.write(&a, &repo.read(&a).replace("a5\n", "import limits\n"));
    repo.commit_all("Limit it");
}

fn files(repo: &Repo<'_>, branch: &str) -> String {
    repo.git_ok(["fetch", "--quiet", "origin"]);
    repo.git_ok(["ls-tree", "-r", "--name-only", &format!("origin/{branch}")])
}

/// Puts a git before the machine's that calls itself an old one; its folder for `PATH`.
fn old_git(repo: &Repo<'_>, version: &str) -> std::ffi::OsString {
    let real = repo.run(repo.command("sh").args(["-c", "command -v git"])).success().stdout().trim().to_owned();
    let script = format!(
        "\
#!/bin/sh
for word; do [ \"$word\" = version ] && echo git version {version} && exit; done
exec '{real}' \"$@\"
"
    );
    repo.write("../old/git", &script);
    let file = repo.folder().join("../old/git");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("the file is ours");
    repo.sandbox().path_from(&repo.sandbox().root().join("old"))
}

#[test]
fn a_file_added_to_a_folder_that_a_line_renamed_is_a_conflict_of_location() {
    let sandbox = sandbox!();
    let repo = with_sources(&sandbox);
    rename(&repo, "develop");
    fixed_in(&repo, "src");
    repo.git_ok(["fetch", "--quiet"]);
    let status = repo.hotfix(["status"]).success();
    assert!(status.stdout().contains("develop      decided at ship"), "{status}");
    let dry = repo.hotfix(["ship", "--dry-run"]).success();
    assert!(dry.stderr().contains("note: develop: decided at ship"), "{dry}");
    insta::assert_snapshot!(refused(&repo, &NO_TEST, 4), @"
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much does not go everywhere: develop conflicts in lib/limits.py; nothing was changed
    hint: git hotfix ship --resolve   # lays it out in a work tree of its own
    [exit status: 4]
    ");
    let output = repo.hotfix(["ship", "--yes", "--resolve", "--no-test", "rehearsal"]).exits_with(4);
    assert!(output.stderr().contains("git add lib/limits.py"), "{output}");
    let place = repo.at(format!(
        "../{}-hotfix-coupons-take-off-too-much-into-develop",
        repo.folder().file_name().and_then(|name| name.to_str()).expect("it has a name")
    ));
    place.git_ok(["add", "lib/limits.py"]);
    repo.ok(NO_TEST);
    assert!(files(&repo, "develop").contains("lib/limits.py") && files(&repo, "main").contains("src/limits.py"));
}

/// A few files stand for the thousand of which libgit2 compares each with each.
#[test]
fn a_move_of_more_files_than_are_compared_is_no_conflict() {
    let sandbox = sandbox!();
    let repo = with_sources(&sandbox);
    let colleague = repo.clone_as("moving");
    colleague.git_ok(["switch", "--quiet", "develop"]);
    colleague.git_ok(["mv", "src", "lib"]);
    for name in ["a", "b", "c"] {
        let path = format!("lib/{name}.py");
        colleague.write(&path, &colleague.read(&path).replace("19\n", "last\n"));
    }
    colleague.commit_all("Call it lib, and go on");
    colleague.git_ok(["push", "--quiet"]);
    repo.git_ok(["config", "merge.renameLimit", "1"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.write("src/a.py", &repo.read("src/a.py").replace("a5\n", "fixed\n"));
    repo.commit_all("Mend it");
    let mut ship = repo.command("git-hotfix");
    let old = old_git(&repo, "2.37.1");
    let refused = repo.run(ship.args(NO_TEST).env("PATH", &old)).exits_with(4);
    assert!(refused.stderr().contains("develop conflicts in src/a.py; nothing was changed"), "{refused}");
    assert!(refused.stderr().contains("hint: git config merge.renameLimit 7   # compares all files"), "{refused}");
    let propagation = repo.hotfix(["propagation"]).success();
    assert!(propagation.stdout().contains("develop      merges cleanly"), "{propagation}");
    repo.ok(NO_TEST);
    let moved = repo.git_ok(["show", "origin/develop:lib/a.py"]);
    assert!(moved.contains("fixed\n") && moved.ends_with("last"), "{moved}");
}

#[test]
fn the_setting_for_renamed_folders_is_obeyed() {
    for (value, path) in [("true", "lib/limits.py"), ("false", "src/limits.py")] {
        let sandbox = sandbox!();
        let repo = with_sources(&sandbox);
        rename(&repo, "develop");
        fixed_in(&repo, "src");
        repo.git_ok(["config", "merge.directoryRenames", value]);
        repo.ok(NO_TEST);
        assert!(files(&repo, "develop").contains(path), "{value}: {}", files(&repo, "develop"));
        repo.git_ok(["fsck", "--strict", "--no-dangling"]);
        let _ = repo.at("../origin.git").git(["fsck", "--strict", "--no-dangling"]).success();
    }
}

#[test]
fn production_may_have_renamed_the_folder_too() {
    let sandbox = sandbox!();
    let repo = with_sources(&sandbox);
    fixed_in(&repo, "src");
    rename(&repo, "main");
    insta::assert_snapshot!(repo.hotfix(NO_TEST).exits_with(4).verdict(), @"
    ------- stderr -------
    error: hotfix/coupons-take-off-too-much conflicts with origin/main in lib/limits.py; nothing was changed
    hint: git switch hotfix/coupons-take-off-too-much && git merge origin/main
    hint: resolve, commit, then: git hotfix ship
    [exit status: 4]
    ");
}

#[test]
fn a_pick_meets_it_too_and_an_old_git_is_named() {
    let sandbox = sandbox!();
    let repo = with_sources(&sandbox);
    rename(&repo, "main");
    rename_also_develop(&repo);
    repo.git_ok(["pull", "--quiet"]);
    fixed_in(&repo, "lib");
    let mut ship = repo.command("git-hotfix");
    let old = old_git(&repo, "2.39.5");
    let shipped = repo.run(ship.args(NO_TEST).env("PATH", &old)).success();
    assert!(shipped.stdout().contains("release/1.0  decided at ship"), "the report needs no newer git: {shipped}");
    let propagation = repo.hotfix(["propagation"]).success();
    assert!(propagation.stdout().contains("release/1.0  decided at ship"), "{propagation}");
    let mut backport = repo.command("git-hotfix");
    let refused = repo.run(backport.args(["backport", "--yes"]).env("PATH", &old)).exits_with(3);
    assert!(refused.stderr().contains("needs git 2.40 here, and this is git 2.39.5"), "{refused}");
    let backport = repo.hotfix(["backport", "--yes"]).exits_with(4);
    assert!(backport.stdout().contains("release/1.0  conflicts in src/limits.py"), "{backport}");
    assert!(!files(&repo, "release/1.0").contains("limits.py"));
    repo.git_ok(["config", "merge.directoryRenames", "true"]);
    repo.ok(["backport", "--yes"]);
    assert!(files(&repo, "release/1.0").contains("src/limits.py"));
}

fn rename_also_develop(repo: &Repo<'_>) {
    let colleague = repo.at("../renaming");
    colleague.git_ok(["push", "--quiet", "origin", "main:develop"]);
}

#[test]
fn a_revert_brings_no_file_back_to_a_folder_that_is_gone() {
    let sandbox = sandbox!();
    let repo = with_sources(&sandbox);
    repo.git_ok(["rm", "--quiet", "src/c.py"]);
    let removal = repo.commit_all("Remove c");
    repo.git_ok(["mv", "src", "lib"]);
    repo.commit_all("Call it lib");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    let output = repo.hotfix(["revert", &removal, "--severity", "high"]).exits_with(4);
    assert!(output.stderr().contains("cannot be reverted by itself: lib/c.py"), "{output}");
}

#[test]
fn files_merge_as_the_attributes_of_the_line_and_the_drivers_of_the_person_say() {
    let sandbox = sandbox!();
    let repo = with_sources(&sandbox);
    repo.commit_file("CHANGES", "a\n", "List the changes");
    repo.commit_file(".gitattributes", "VERSION merge=ours\nCHANGES merge=union\n", "Say how they merge");
    repo.git_ok(["push", "--quiet", "origin", "main", "main:develop"]);
    push_to(&repo, "develop", "VERSION", "2.0.0\n");
    let colleague = repo.at("../on-develop");
    colleague.commit_file("CHANGES", "a\nd\n", "Go on with the changes");
    colleague.git_ok(["push", "--quiet"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.write("VERSION", "1.0.1\n");
    repo.write("CHANGES", "a\nm\n");
    repo.commit_all("Mend it");
    // Without its driver git merges the file as text.
    let output = repo.hotfix(NO_TEST).exits_with(4);
    assert!(output.stderr().contains("develop conflicts in VERSION"), "{output}");
    repo.git_ok(["config", "merge.ours.driver", "true"]);
    let dry = repo.hotfix(["ship", "--dry-run"]).success();
    assert!(dry.stderr().contains("note: develop: decided at ship"), "{dry}");
    repo.ok(NO_TEST);
    let on_develop = |path: &str| repo.git_ok(["show", &format!("origin/develop:{path}")]);
    assert_eq!((on_develop("VERSION").as_str(), on_develop("CHANGES").as_str()), ("2.0.0", "a\nd\nm"));
}
