//! A fix that sets a submodule to a commit which nobody else has could not be cloned: the guard finds it, asking nobody.

use hotfix_tests::{Repo, Sample, Sandbox, sandbox};

use crate::fixtures::TITLE;

const OVER_FILES: [&str; 2] = ["-c", "protocol.file.allow=always"];

fn library(repo: &Repo<'_>) -> String {
    format!("file://{}", repo.origin().with_file_name("library.git").display())
}

/// A sample project with a library at each of `paths`, and an incident.
fn sample_with<'s>(sandbox: &'s Sandbox, paths: &[&str]) -> Repo<'s> {
    let repo = sandbox.sample(Sample::Shell);
    repo.commit_file("NEWS", "Coupons\n", "Tell the news");
    let repo = repo.with_remote();
    repo.git_ok(["clone", "--quiet", "--bare", "../origin.git", "../library.git"]);
    let library = library(&repo);
    for path in paths {
        repo.git_ok([&OVER_FILES[..], &["submodule", "--quiet", "add", &library, path]].concat());
    }
    repo.commit_all("Use the library");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo
}

/// Commits in the library at `path`, and takes that as the fix.
fn fix_in(repo: &Repo<'_>, path: &str) -> String {
    repo.git_ok(["-C", path, "commit", "--quiet", "--allow-empty", "--message", "Fix the library"]);
    repo.git_ok(["add", path]);
    repo.git_ok(["commit", "--quiet", "--message", "Take the fixed library"]);
    repo.git_ok(["-C", path, "rev-parse", "HEAD"])
}

/// The line that the finding gives, typed in a shell.
fn do_as_told(repo: &Repo<'_>, said: &str) {
    let line = said.lines().find_map(|line| line.split_once("[unpublished-submodule]; ")).expect("it is said").1;
    let _ = repo.run(repo.command("sh").args(["-c", line])).success();
}

#[test]
fn a_commit_that_nobody_else_has_stops_the_fix_until_it_is_pushed() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, &["parts/the lib"]);
    let commit = fix_in(&repo, "parts/the lib");
    let before = repo.remote_refs();
    let guard = repo.hotfix(["guard"]).exits_with(1);
    let short = commit.get(..9).expect("ids are longer");
    let told = format!(
        "parts/the lib: error: nobody else has commit {short} of this submodule [unpublished-submodule]; \
         git -C 'parts/the lib' push origin {commit}:refs/heads/hotfix-{short}\n"
    );
    assert!(guard.stdout().starts_with(&told), "{guard}");
    let json = repo.hotfix(["guard", "--json"]).exits_with(1).json();
    assert_eq!(json["findings"][0]["file"], "parts/the lib");
    for arguments in [&["pr", "--no-test", "x"][..], &["ship", "--yes", "--no-test", "x"], &["guard", "--base", "main"]]
    {
        let refused = repo.hotfix(arguments).exits_with(1);
        assert!(refused.stdout().contains(&told), "{refused}");
    }
    assert_eq!(repo.remote_refs(), before);
    do_as_told(&repo, guard.stdout());
    let guard = repo.hotfix(["guard"]).success();
    assert!(!guard.stdout().contains("submodule"), "{guard}");
    repo.ok(["ship", "--yes", "--no-test", "x"]);
    repo.git_ok([&OVER_FILES[..], &["clone", "--quiet", "--recurse-submodules", "../origin.git", "../fresh"]].concat());
    assert_eq!(repo.git_ok(["-C", "../fresh/parts/the lib", "rev-parse", "HEAD"]), commit);
}

#[test]
fn going_back_or_away_is_no_finding_and_a_waiver_lets_it_pass() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, &["lib", "other"]);
    repo.git_ok(["-C", "lib", "checkout", "--quiet", "HEAD~1"]);
    repo.git_ok(["add", "lib"]);
    repo.git_ok(["rm", "--quiet", "other"]);
    repo.git_ok(["commit", "--quiet", "--message", "Back to the library of old"]);
    let guard = repo.hotfix(["guard"]).success();
    assert!(!guard.stdout().contains("submodule"), "{guard}");
    fix_in(&repo, "lib");
    let _ = repo.hotfix(["guard"]).exits_with(1);
    let waived = repo.hotfix(["guard", "--waive", "unpublished-submodule", "--reason", "its server is down"]).success();
    assert!(waived.stdout().contains("lib: warning: nobody else has commit"), "{waived}");
}

/// Continuous integration often checks out no submodules, or little of their history.
#[test]
fn what_cannot_be_told_is_a_warning() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, &["lib"]);
    let commit = fix_in(&repo, "lib");
    repo.git_ok(["push", "--quiet", "--no-recurse-submodules", "origin", "HEAD:refs/heads/topic"]);
    let clone = |name: &str, options: &[&str]| {
        let folder = format!("../{name}");
        let url = format!("file://{}", repo.origin().display());
        let all = [&OVER_FILES[..], &["clone", "--quiet", "--branch", "topic"], options, &[&url, &folder]].concat();
        repo.git_ok(all);
        repo.at(&folder)
    };
    let guard = |clone: &Repo<'_>| clone.hotfix(["guard", "--base", "origin/main"]).success().stdout().to_owned();

    let bare = clone("bare", &[]);
    let said = guard(&bare);
    let short = commit.get(..9).expect("ids are longer");
    let unknown =
        format!("lib: warning: it cannot be told whether anybody else has commit {short} of this submodule: ");
    assert!(said.contains(&format!("{unknown}it is not checked out here")), "{said}");
    let fix = "[unpublished-submodule]; git submodule update --init -- lib\n";
    assert!(said.contains(fix), "{said}");

    // The repository of the submodule is here, and the commit is not.
    let _ = bare.run(bare.command("git").args(OVER_FILES).args(["submodule", "--quiet", "update", "--init"]));
    bare.git_ok(["submodule", "--quiet", "deinit", "--force", "lib"]);
    let said = guard(&bare);
    assert!(said.contains(&format!("{unknown}its repository here lacks it")), "{said}");
    assert!(said.contains("[unpublished-submodule]; git --git-dir .git/modules/lib fetch\n"), "{said}");

    // Control: once it is published, one that has its whole history knows, and so does one that has next to nothing of it.
    repo.git_ok(["-C", "lib", "push", "--quiet", "origin", "HEAD:refs/heads/fixed"]);
    assert!(!guard(&clone("whole", &["--recurse-submodules"])).contains("submodule"));
    let shallow = clone("shallow", &["--recurse-submodules", "--shallow-submodules"]);
    assert_eq!(shallow.git_ok(["-C", "lib", "rev-list", "--count", "HEAD"]), "1");
    assert!(!guard(&shallow).contains("submodule"));
}

#[test]
fn the_repository_of_a_submodule_is_found_where_git_keeps_it() {
    // Not absorbed: the git directory lies in the folder.
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, &["old"]);
    let library = library(&repo);
    repo.git_ok(["clone", "--quiet", &library, "own"]);
    repo.git_ok([&OVER_FILES[..], &["submodule", "--quiet", "add", &library, "own"]].concat());
    fix_in(&repo, "own");
    let guard = repo.hotfix(["guard"]).exits_with(1);
    assert!(guard.stdout().contains("own: error: nobody else has commit"), "{guard}");
    do_as_told(&repo, guard.stdout());
    repo.ok(["guard"]);

    // No longer checked out: a push from the empty folder would be one of the sample project.
    let commit = fix_in(&repo, "old");
    repo.git_ok(["submodule", "--quiet", "deinit", "--force", "old"]);
    let guard = repo.hotfix(["guard"]).exits_with(1);
    assert!(guard.stdout().contains(&format!("; git --git-dir .git/modules/old push origin {commit}:")), "{guard}");
    // Another work tree knows too.
    repo.git_ok(["worktree", "add", "--quiet", "--detach", "../linked"]);
    let linked = repo.at("../linked");
    let guard = linked.hotfix(["guard", "--base", "main"]).exits_with(1);
    assert!(guard.stdout().contains("/.git/modules/old push origin"), "{guard}");
    do_as_told(&linked, guard.stdout());
    linked.ok(["guard", "--base", "main"]);
    repo.ok(["guard"]);
}

#[test]
fn pushes_that_bring_submodules_along_are_not_stopped() {
    let sandbox = sandbox!();
    let repo = sample_with(&sandbox, &["lib"]);
    fix_in(&repo, "lib");
    let _ = repo.hotfix(["guard"]).exits_with(1);
    repo.git_ok(["config", "push.recurseSubmodules", "on-demand"]);
    let guard = repo.hotfix(["guard"]).success();
    assert!(guard.stdout().contains("lib: warning: nobody else has commit"), "{guard}");
    assert!(guard.stdout().contains("your settings have the push bring it along"), "{guard}");
}
