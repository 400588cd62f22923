//! A `hotfix.toml` on production that cannot be read: what only reads or records goes on, and a night has a way on.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::{TITLE, refused, sample_with};

/// An incident that was opened by good rules, and a mistake in those on production since.
fn broken<'s>(sandbox: &'s Sandbox, rules: &str) -> Repo<'s> {
    let repo = sample_with(sandbox, "[guard]\nmax_files = 3\n");
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug();
    let colleague = repo.clone_as("colleague");
    colleague.commit_file("hotfix.toml", rules, "Tighten the rules");
    colleague.commit_file("notes.txt", "x\n", "Note");
    colleague.git_ok(["push", "--quiet"]);
    repo.git_ok(["fetch", "--quiet"]);
    repo
}

const TYPO: &str = "[gaurd]\nmax_files = 3\n";

#[test]
fn what_only_reads_or_records_goes_on() {
    let sandbox = sandbox!();
    let repo = broken(&sandbox, TYPO);
    insta::assert_snapshot!(repo.hotfix(["list"]).success(), @"
    HF-YYYY-ID  high  active  [DURATION] ago  hotfix/coupons-take-off-too-much  Coupons take off too much
    ------- stderr -------
    note: going on without the rules: read `gaurd.max_files` (hotfix.toml at [OBJECT], line 2): there is no such key; did you mean `guard.max_files`?
    ");
    for command in [&["list", "--all", "--json"][..], &["status"], &["log"], &["note", "x"], &["mark", "mitigated"]] {
        repo.ok(command);
    }
    repo.ok(["ship", "--yes"]);
    repo.ok(["close"]);
    // Without an open incident too.
    for command in [&["list"][..], &["show"], &["follow-up", "add", "Alert"], &["follow-up", "list"]] {
        repo.ok(command);
    }
    // It says what is missing, and not what is wrong with rules that it needs none of.
    assert!(refused(&repo, &["note", "x"], 3).contains("there is no open incident"));
}

#[test]
fn open_goes_on_by_the_last_rules_that_could_be_read_and_says_so() {
    let sandbox = sandbox!();
    let repo = broken(&sandbox, TYPO);
    repo.ok(["ship", "--yes"]);
    let open = ["open", "Search is empty", "--severity", "high"];
    insta::assert_snapshot!(refused(&repo, &open, 2), @r#"
    ------- stderr -------
    error: read `gaurd.max_files` (hotfix.toml at [OBJECT], line 2): there is no such key; did you mean `guard.max_files`?
    hint: git hotfix open 'Search is empty' --severity high --no-config "..."   # why; by the last version that could be read
    [exit status: 2]
    "#);
    refused(&repo, &[&open[..], &["--no-config", " "]].concat(), 2);
    let opened = repo.hotfix([&open[..], &["--no-config", "night, and the file has a typo"]].concat()).success();
    assert!(opened.stderr().contains("note: rules: hotfix.toml at"), "{opened}");
    repo.commit_file("search.sh", "true\n", "Search");
    for file in ["a", "b", "c", "d"] {
        repo.commit_file(&format!("{file}.txt"), "x\n", "More");
    }
    // They rule: four files are too many.
    let guarded = repo.hotfix(["guard"]).exits_with(1);
    assert!(guarded.verdict().contains("too-big"), "{guarded}");
    repo.ok(["pr", "--no-guard", "x"]);
    let proposed = repo.hotfix(["show", "--json"]).success();
    assert!(proposed.stdout().contains("exception for config: night, and the file has a typo"), "{proposed}");
}

#[test]
fn rules_that_can_be_read_hold() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[guard]\nmax_files = 3\n");
    insta::assert_snapshot!(
        refused(&repo, &["open", TITLE, "--severity", "high", "--no-config", "haste"], 2), @"
    ------- stderr -------
    error: --no-config: the rules can be read, so they hold
    [exit status: 2]
    ");
}

#[test]
fn where_no_rules_could_ever_be_read_the_defaults_are_taken() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(Sample::Shell);
    repo.git_ok(["switch", "--quiet", "--orphan", "fresh"]);
    repo.commit_file("hotfix.toml", "[gaurd]\n", "Set the rules");
    repo.git_ok(["branch", "--quiet", "-M", "main"]);
    let repo = repo.with_remote();
    let opened = repo.hotfix(["open", TITLE, "--severity", "high", "--no-config", "typo"]).success();
    assert!(opened.stderr().contains("rules: defaults"), "{opened}");
}

#[test]
fn a_file_for_newer_versions_says_so_before_its_new_keys_do() {
    let sandbox = sandbox!();
    let repo = broken(&sandbox, "[tomorrow]\nkey = 1\n[hotfix]\nrequires = \">=99.1\"\n");
    repo.ok(["ship", "--yes"]);
    let said = refused(&repo, &["open", "Search is empty", "--severity", "high"], 2);
    let expected = "read `hotfix.requires` (hotfix.toml at [OBJECT], line 4): it asks for hotfix >=99.1, and this is";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_value_of_ones_own_is_put_right_where_it_is() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[guard]\nmax_files = 3\n");
    let open = ["open", TITLE, "--severity", "high"];
    repo.git_ok(["config", "hotfix.guard.max-files", "many"]);
    for more in [&[][..], &["--no-config", "why"]] {
        insta::allow_duplicates!(insta::assert_snapshot!(refused(&repo, &[&open[..], more].concat(), 2), @"
        ------- stderr -------
        error: read `guard.max_files` (git config hotfix.guard.max-files): `many` is no whole number from 0 to 4294967295
        hint: git config --show-origin --get-all hotfix.guard.max-files   # says where it is set
        [exit status: 2]
        "));
    }
    repo.git_ok(["config", "--show-origin", "--get-all", "hotfix.guard.max-files"]);
    repo.git_ok(["config", "--unset", "hotfix.guard.max-files"]);
    let mut command = repo.command("git-hotfix");
    command.args(open).env("HOTFIX_GUARD_MAX_FILES", "many");
    insta::assert_snapshot!(repo.run(&mut command).exits_with(2).verdict(), @"
    ------- stderr -------
    error: read `guard.max_files` (environment variable HOTFIX_GUARD_MAX_FILES): `many` is no whole number from 0 to 4294967295
    hint: unset HOTFIX_GUARD_MAX_FILES   # or give it another value
    [exit status: 2]
    ");
    repo.ok(open);
}

#[test]
fn a_revert_goes_on_by_the_last_rules_that_could_be_read_too() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, "[guard]\nmax_files = 3\n");
    let broke = repo.commit_file("bad.txt", "x\n", "Break it");
    repo.commit_file("hotfix.toml", TYPO, "Tighten the rules");
    repo.git_ok(["push", "--quiet"]);
    let revert = ["revert", &broke, "--severity", "high"];
    let said = refused(&repo, &revert, 2);
    assert!(said.contains(" --severity high --no-config \"...\"   # why"), "{said}");
    let opened = repo.hotfix([&revert[..], &["--no-config", "typo"]].concat()).success();
    assert!(opened.stderr().contains("note: rules: hotfix.toml at"), "{opened}");
    assert!(!repo.has("bad.txt"), "it is reverted");
    assert!(repo.hotfix(["log"]).success().stdout().contains("exception for config: typo"));
}

#[test]
fn documents_without_a_place_on_production_are_refused_before_the_fix_begins() {
    for (key, path, found) in [
        ("postmortem", "README.md", "README.md is a file"),
        ("postmortem", "LINK.md", "LINK.md is a symbolic link"),
        ("status", "LINK.md", "LINK.md is a symbolic link"),
        ("status", "README.md/STATUS.md", "README.md is a file"),
        ("tech_debt", "folder.md", "folder.md is a folder"),
    ] {
        let sandbox = sandbox!();
        let repo = sample_with(&sandbox, &format!("[documents]\n{key} = \"{path}\"\n"));
        repo.write("folder.md/x", "x\n");
        std::os::unix::fs::symlink("README.md", repo.folder().join("LINK.md")).expect("it is new");
        repo.write("README.md", "# Shop\n");
        repo.commit_all("Describe it");
        repo.git_ok(["push", "--quiet", "origin", "main"]);
        let said = refused(&repo, &["open", TITLE, "--severity", "high"], 2);
        assert!(said.contains(&format!("documents.{key}: {found} on production")), "{said}");
    }
}

#[test]
fn rules_that_are_no_file_are_refused() {
    for is_link in [true, false] {
        let sandbox = sandbox!();
        let repo = sample_with(&sandbox, "");
        repo.git_ok(["rm", "--quiet", "hotfix.toml"]);
        if is_link {
            repo.write("rules.toml", "[guard]\nforbid = [\"total.sh\"]\n");
            std::os::unix::fs::symlink("rules.toml", repo.folder().join("hotfix.toml")).expect("it was removed");
        } else {
            repo.write("hotfix.toml/x", "x\n");
        }
        repo.commit_all("Move the rules");
        repo.git_ok(["push", "--quiet", "origin", "main"]);
        let said = refused(&repo, &["open", TITLE, "--severity", "high"], 2);
        assert!(
            said.contains(if is_link { "is a symbolic link, and must be a file" } else { "is a folder" }),
            "{said}"
        );
        repo.ok(["list"]);
        repo.ok(["open", TITLE, "--severity", "high", "--no-config", "somebody moved the rules"]);
    }
}
