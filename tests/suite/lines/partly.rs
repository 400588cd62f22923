//! Pushes that a server takes in part, or never: what is told and recorded is what is there, and no tag is made in vain.

use super::*;

fn remote(repo: &Repo<'_>, arguments: &[&str]) -> String {
    let origin = repo.origin().to_string_lossy().into_owned();
    repo.git_ok([&["--git-dir", &origin], arguments].concat())
}

fn mirror(repo: &Repo<'_>) -> String {
    repo.origin().with_file_name("mirror.git").to_string_lossy().into_owned()
}

/// Tags on the remote that are on no line.
fn tags_in_vain(repo: &Repo<'_>) -> Vec<String> {
    let tags = remote(repo, &["tag"]);
    let is_in_vain =
        |tag: &&str| *tag != "v1.0.0" && remote(repo, &["branch", "--contains", &format!("{tag}^{{}}")]).is_empty();
    tags.lines().filter(is_in_vain).map(str::to_owned).collect()
}

#[test]
fn another_name_of_production_is_no_line() {
    // Protocol 0 does not tell which branch is another name, so there the server's refusal does.
    for protocol in ["2", "0"] {
        let sandbox = sandbox!();
        let repo = releasing(&sandbox, &RULES.replace("develop", "production"));
        repo.git_ok(["config", "protocol.version", protocol]);
        remote(&repo, &["symbolic-ref", "refs/heads/production", "refs/heads/main"]);
        let fix = fixed(&repo);
        let ship = repo.hotfix(SHIP).success();
        assert_eq!(ship.stderr().contains("✗ merge"), protocol == "0", "{ship}");
        assert!(contains(&repo, "main", &fix) && contains(&repo, "production", &fix), "{ship}");
        assert_eq!(repo.resolve("v1.0.1^{commit}"), repo.resolve("origin/main"));
        assert_eq!(tags_in_vain(&repo), [""; 0]);
        refused(&repo, &SHIP, 0);
        assert!(!remote(&repo, &["tag"]).contains("v1.0.2"));
    }
}

#[test]
fn a_tag_that_did_not_land_is_not_recorded_and_follows_later() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    let fix = fixed(&repo);
    remote(&repo, &["config", "receive.hideRefs", "refs/tags"]);
    for _ in 0..2 {
        let refusal = repo.hotfix(SHIP).exits_with(5);
        assert!(refusal.stderr().contains("is merged, and the remote refused the tag v1.0.1"), "{refusal}");
        assert!(contains(&repo, "main", &fix) && contains(&repo, "develop", &fix), "{refusal}");
        assert!(!repo.hotfix(["log"]).success().stdout().contains("tagged v1.0.1"), "it is not there");
    }
    remote(&repo, &["config", "--unset", "receive.hideRefs"]);
    repo.ok(SHIP);
    assert_landed(&repo, &fix);
}

#[test]
fn a_line_that_is_hidden_from_pushes_does_not_hold_production_up() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    remote(&repo, &["config", "receive.hideRefs", "refs/heads/develop"]);
    let fix = fixed(&repo);
    let ship = repo.hotfix(SHIP).success();
    assert!(ship.stdout().contains("develop  proposed: "), "{ship}");
    assert!(contains(&repo, "main", &fix), "{ship}");
    assert_eq!(repo.resolve("v1.0.1^{commit}"), repo.resolve("origin/main"));
}

#[test]
fn production_that_is_hidden_from_pushes_is_no_race() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    remote(&repo, &["config", "receive.hideRefs", "refs/heads/main"]);
    fixed(&repo);
    let before = lines_of(&repo);
    let refusal = repo.hotfix(SHIP).exits_with(5);
    assert!(refusal.stderr().contains("error: origin/main takes no pushes"), "{refusal}");
    assert_eq!(lines_of(&repo), before);
    remote(&repo, &["config", "--unset", "receive.hideRefs"]);
    repo.ok(SHIP);
}

/// A mirror that pushes go to as well; `update` there says no to main. It is the first of the addresses, or the second.
fn mirrored(repo: &Repo<'_>, is_first: bool) {
    let (origin, mirror) = (repo.origin().to_string_lossy().into_owned(), mirror(repo));
    repo.git_ok(["clone", "--quiet", "--bare", &origin, &mirror]);
    let script = "#!/bin/sh\n[ \"$1\" = refs/heads/main ] || exit 0\necho 'main is frozen'\nexit 1\n";
    repo.hook("../mirror.git/hooks/update", script);
    let addresses = if is_first { [&mirror, &origin] } else { [&origin, &mirror] };
    repo.git_ok(["remote", "set-url", "--push", "origin", addresses[0]]);
    repo.git_ok(["remote", "set-url", "--push", "--add", "origin", addresses[1]]);
}

#[test]
fn an_address_that_takes_nothing_is_named() {
    for is_first in [false, true] {
        let sandbox = sandbox!();
        let repo = releasing(&sandbox, RULES);
        let fix = fixed(&repo);
        mirrored(&repo, is_first);
        let ship = repo.hotfix(SHIP).exits_with(5);
        assert!(ship.stderr().contains("mirror.git, where pushes to origin go too, did not take main: "), "{ship}");
        assert!(ship.stderr().contains("main is frozen"), "{ship}");
        assert_landed(&repo, &fix);
        let hint = ship
            .stderr()
            .lines()
            .find_map(|line| line.split_once("it takes it: git "))
            .map(|(_, rest)| rest.to_owned());
        repo.hook("../mirror.git/hooks/update", "#!/bin/sh\nexit 0\n");
        repo.git_ok(hint.unwrap_or_default().split(' ').collect::<Vec<_>>());
        let mirror = mirror(&repo);
        let there = repo.git_ok(["--git-dir", &mirror, "rev-parse", "main", "develop", "v1.0.1"]);
        assert_eq!(there, repo.git_ok(["rev-parse", "origin/main", "origin/develop", "v1.0.1"]));
        refused(&repo, &SHIP, 0);
    }
}

#[test]
fn what_the_hooks_of_git_print_is_no_word_of_the_remote() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    for said in [".husky/pre-push: npx: command not found", "eslint: Permission denied", "fatal: Authentication failed"]
    {
        repo.hook(".git/hooks/pre-push", &format!("#!/bin/sh\necho '{said}' >&2\nexit 1\n"));
        let refusal = repo.hotfix(SHIP).exits_with(3);
        assert!(refusal.stderr().contains(&format!("pre-push here said no to the push: {said}")), "{refusal}");
        assert!(!refusal.stderr().contains("credentials") && !refusal.stderr().contains("address"), "{refusal}");
    }
    repo.git_ok(["-c", "core.hooksPath=/dev/null", "hotfix", "ship", "--yes"]);
}

#[test]
fn a_work_tree_stays_when_its_hook_says_no() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    repo.hook(".git/hooks/post-checkout", "#!/bin/sh\necho \"'git-lfs' was not found\" >&2\nexit 1\n");
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../tree"]);
    assert!(repo.has("../tree/hotfix.toml"));
}

#[test]
fn a_branch_that_was_refused_is_not_said_to_be_there() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    let script = "#!/bin/sh\ncase $1 in refs/heads/hotfix/*) echo 'names are feature/*'; exit 1;; esac\n";
    repo.hook("../origin.git/hooks/update", script);
    let refusal = repo.hotfix(SHIP).exits_with(5);
    assert!(refusal.stderr().contains("nothing was changed: hook declined: names are feature/*"), "{refusal}");
    assert!(refusal.stderr().contains(&format!("{BRANCH} is only here")), "{refusal}");
}

#[test]
fn a_commit_of_a_submodule_that_nobody_else_has_is_not_published() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    let library = repo.origin().with_file_name("lib.git").to_string_lossy().into_owned();
    repo.git_ok(["clone", "--quiet", "--bare", "../origin.git", &library]);
    repo.git_ok(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &library, "lib"]);
    repo.commit_all("Take the library");
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    let fix = fixed(&repo);
    repo.git_ok(["-C", "lib", "commit", "--quiet", "--allow-empty", "--message", "Only here"]);
    repo.git_ok(["add", "lib"]);
    repo.git_ok(["commit", "--quiet", "--message", "Take the fixed library"]);
    let before = repo.remote_refs();
    // The guard would stop it earlier.
    let refusal = repo.hotfix(["ship", "--yes", "--no-proof", "--no-guard", "it is urgent"]).exits_with(3);
    assert!(refusal.stderr().contains("nobody else has the commit of the submodule lib"), "{refusal}");
    assert!(refusal.stderr().contains("hint: git -C lib push origin HEAD:refs/heads/<branch>"), "{refusal}");
    assert_eq!(repo.remote_refs(), before);
    repo.git_ok(["-C", "lib", "push", "--quiet", "origin", "HEAD:refs/heads/fixed"]);
    repo.ok(["ship", "--yes", "--no-proof"]);
    assert!(contains(&repo, "main", &fix));
}

#[test]
fn why_the_branch_was_not_deleted_is_told() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    remote(&repo, &["config", "receive.denyDeletes", "true"]);
    let ship = repo.hotfix(SHIP).success();
    assert!(ship.stderr().contains("deletion prohibited"), "{ship}");
    remote(&repo, &["config", "--unset", "receive.denyDeletes"]);
    delete_as_told(&repo, &ship);
    assert!(!repo.remote_refs().contains(BRANCH));
}

/// Runs what `ship` says deletes the branch.
fn delete_as_told(repo: &Repo<'_>, ship: &hotfix_tests::CommandOutput) {
    let told = ship.stderr().lines().find_map(|line| line.split_once("once it may go: git "));
    let (_, delete) = told.unwrap_or_else(|| panic!("{ship}"));
    repo.git_ok(delete.split(' ').collect::<Vec<_>>());
}

/// Of several addresses the one is named that keeps the branch, wherever it stands, whether the branch was there before or not.
#[test]
fn an_address_that_keeps_the_branch_is_named() {
    for (is_first, is_there) in [(false, false), (false, true), (true, false), (true, true)] {
        let sandbox = sandbox!();
        let repo = releasing(&sandbox, RULES);
        let fix = fixed(&repo);
        mirrored(&repo, is_first);
        let keep = "#!/bin/sh\ncase $3 in *[1-9a-f]*) ;; *) echo 'it is kept'; exit 1;; esac\n";
        repo.hook("../mirror.git/hooks/update", keep);
        if is_there {
            repo.ok(["pr", "--yes"]);
        }
        let ship = repo.hotfix(SHIP).success();
        assert!(ship.stderr().contains("mirror.git: hook declined: it is kept"), "{ship}");
        assert!(!ship.stderr().contains("moved meanwhile") && !ship.stderr().contains("another address has"), "{ship}");
        assert_landed(&repo, &fix);
        repo.hook("../mirror.git/hooks/update", "#!/bin/sh\nexit 0\n");
        delete_as_told(&repo, &ship);
        let mirror = mirror(&repo);
        assert_eq!(repo.git_ok(["--git-dir", &mirror, "branch", "--list", "hotfix/*"]), "");
    }
}
