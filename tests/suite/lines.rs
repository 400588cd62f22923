//! Landing on production and every release line: all of it at once, or nothing.

pub(crate) mod codes;
mod conflicts;
mod partly;
mod renamed;
mod shallow;
mod spent;
mod told;
mod whole;

use hotfix_tests::{Moment, Repo, Sandbox, Shim, sandbox};

use crate::fixtures::{TITLE, refused, reject_main, sample_with};

const RULES: &str = "[release]\nlines = [\"main\", \"develop\", \"release/*\"]\ntag = \"v{version}\"\n";
const BRANCH: &str = "hotfix/coupons-take-off-too-much";
const SHIP: [&str; 2] = ["ship", "--yes"];

/// A sample project whose release 1.0.0 is on `main`, with `develop` going on from there; on `main`.
fn releasing<'s>(sandbox: &'s Sandbox, rules: &str) -> Repo<'s> {
    sandbox.made(&format!("lines::releasing {rules}"), |sandbox| {
        let repo = sample_with(sandbox, rules);
        repo.commit_file("VERSION", "1.0.0\n", "Release 1.0.0");
        repo.git_ok(["tag", "--annotate", "--message", "1.0.0", "v1.0.0"]);
        repo.git_ok(["branch", "develop"]);
        repo.git_ok(["push", "--quiet", "origin", "main", "develop", "v1.0.0"]);
        repo
    })
}

/// Somebody pushes a file to a line; the commit.
fn push_to(repo: &Repo<'_>, line: &str, path: &str, content: &str) -> String {
    let colleague = repo.clone_as(&format!("on-{}", line.replace('/', "-")));
    colleague.git_ok(["switch", "--quiet", line]);
    let commit = colleague.commit_file(path, content, &format!("Go on with {path}"));
    colleague.git_ok(["push", "--quiet"]);
    commit
}

/// The incident is open, and the fix with its test committed; the fix.
fn fixed(repo: &Repo<'_>) -> String {
    repo.ok(["open", TITLE, "--severity", "high"]);
    repo.fix_the_bug()
}

fn contains(repo: &Repo<'_>, line: &str, commit: &str) -> bool {
    repo.git_ok(["fetch", "--quiet", "--tags", "origin"]);
    repo.git(["merge-base", "--is-ancestor", commit, &format!("origin/{line}")]).code() == Some(0)
}

/// The remote's branches and tags but the branch of the fix.
fn lines_of(repo: &Repo<'_>) -> String {
    let refs = repo.remote_refs();
    refs.lines().filter(|line| !line.contains("refs/heads/hotfix/")).map(|line| format!("{line}\n")).collect()
}

/// All lines have the fix, once; the tag is on the merge; the branch is gone; the repository is sound.
#[track_caller]
fn assert_landed(repo: &Repo<'_>, fix: &str) {
    assert!(contains(repo, "main", fix) && contains(repo, "develop", fix), "{}", repo.remote_refs());
    assert_eq!(repo.git_ok(["rev-list", "--count", "--merges", "--first-parent", "origin/main"]), "1");
    assert_eq!(repo.git_ok(["cat-file", "-t", "v1.0.1"]), "tag");
    assert_eq!(repo.resolve("v1.0.1^{commit}"), repo.resolve("origin/main"));
    assert!(repo.remote_refs().contains("refs/tags/v1.0.1") && !repo.remote_refs().contains(BRANCH));
    assert_eq!(repo.resolve(BRANCH), None);
    repo.git_ok(["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_fix_lands_on_every_line_with_a_tag_at_once() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    let theirs = push_to(&repo, "develop", "next.txt", "x\n");
    let before = repo.resolve("origin/main").expect("it is there");
    let fix = fixed(&repo);
    let plan = repo
        .hotfix(["ship", "--dry-run"])
        .success()
        .stdout()
        .replace(&repo.git_ok(["rev-parse", "--short=9", &fix]), "[FIX]");
    insta::assert_snapshot!(plan, @r#"
    would check that the fix is minimal (1 file, 2 lines)
    would push hotfix/coupons-take-off-too-much to origin
    would write the pull request "[HOTFIX] Coupons take off too much"
    would merge [FIX] into main, develop, tag v1.0.1 and push all of it at once to origin
    would delete hotfix/coupons-take-off-too-much on origin
    would bring main, develop, tags/v1.0.1 here up to date
    would switch to main
    would delete hotfix/coupons-take-off-too-much here
    "#);
    let ship = repo.hotfix(SHIP).success();
    assert!(ship.stdout().contains(", tagged v1.0.1\n  ✓ develop  landed as "), "{ship}");
    assert_landed(&repo, &fix);
    assert_eq!(repo.git_ok(["log", "-1", "--format=%P", "origin/main"]), format!("{before} {fix}"));
    assert_eq!(repo.git_ok(["log", "-1", "--format=%P", "origin/develop"]), format!("{theirs} {fix}"));
    assert_eq!(repo.resolve("develop"), repo.resolve("origin/develop"), "the branch here follows");
    for command in [&SHIP[..], &["propagation"], &["backport", "--yes"]] {
        refused(&repo, command, 0);
    }
    repo.ok(["close"]);
}

#[test]
fn version_files_never_conflict_where_a_rule_says_so() {
    let rules = format!("{RULES}version_files = [\"VERSION\", \"CHANGES:both\"]\n");
    for (rules, lands) in [(rules.as_str(), true), (RULES, false)] {
        let sandbox = sandbox!();
        let repo = releasing(&sandbox, rules);
        let colleague = repo.clone_as("colleague");
        colleague.git_ok(["switch", "--quiet", "develop"]);
        colleague.commit_file("VERSION", "1.1.0-dev\n", "Develop 1.1");
        colleague.git_ok(["push", "--quiet"]);
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.write("VERSION", "1.0.1\n");
        let fix = repo.fix_the_bug();
        if lands {
            repo.ok(SHIP);
            assert_landed(&repo, &fix);
            assert_eq!(repo.git_ok(["show", "origin/develop:VERSION"]), "1.1.0-dev");
            assert_eq!(repo.git_ok(["show", "origin/main:VERSION"]), "1.0.1");
        } else {
            let refusal = repo.hotfix(SHIP).exits_with(4);
            assert!(refusal.stderr().contains("develop conflicts in VERSION:1"), "{refusal}");
        }
    }
}

#[test]
fn a_protected_production_moves_nothing_anywhere() {
    for hook in ["update", "pre-receive"] {
        let sandbox = sandbox!();
        let repo = releasing(&sandbox, RULES);
        fixed(&repo);
        reject_main(&repo, hook);
        let before = lines_of(&repo);
        let local = repo.git_ok(["for-each-ref", "refs/heads", "refs/tags"]);
        let refusal = repo.hotfix(SHIP).exits_with(5);
        assert!(refusal.stderr().contains("main may be protected"), "{refusal}");
        assert_eq!(lines_of(&repo), before, "{hook}");
        assert_eq!(repo.git_ok(["for-each-ref", "refs/heads", "refs/tags"]), local);
    }
}

#[test]
fn a_server_that_does_not_say_which_branch_it_protects_is_taken_to_mean_production() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    repo.ok(["pr"]);
    let script = "\
#!/bin/sh
grep -q ' refs/heads/main$' || exit 0
echo 'You may not push to protected branches' >&2
exit 1
";
    repo.hook("../origin.git/hooks/pre-receive", script);
    let before = repo.remote_refs();
    insta::assert_snapshot!(repo.hotfix(SHIP).exits_with(5).verdict(), @"
    ------- stderr -------
    error: the remote refused the push to main, and nothing was changed: pre-receive hook declined: You may not push to protected branches; which of main, develop, v1.0.1 it means is not said
    hint: main may be protected: hotfix/coupons-take-off-too-much is pushed, merge it there, then: git hotfix ship
    [exit status: 5]
    ");
    assert_eq!(repo.remote_refs(), before);
}

#[test]
fn a_hook_here_that_says_no_is_named() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    let before = repo.remote_refs();
    repo.hook(".git/hooks/pre-push", "#!/bin/sh\necho 'not on Fridays' >&2\nexit 1\n");
    insta::assert_snapshot!(repo.hotfix(SHIP).exits_with(3).verdict(), @"
    ------- stderr -------
    error: the hook [ROOT]/shop/.git/hooks/pre-push here said no to the push: not on Fridays
    hint: fix what it says, then: git hotfix ship   # goes on from there
    hint: git -c core.hooksPath=/dev/null hotfix ship   # once without git's hooks
    [exit status: 3]
    ");
    assert_eq!(repo.remote_refs(), before);
}

#[test]
fn a_protected_line_gets_a_proposal_of_its_own() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    let fix = fixed(&repo);
    let script = "\
#!/bin/sh
[ \"$1\" = refs/heads/develop ] || exit 0
echo 'develop is protected' >&2
exit 1
";
    repo.hook("../origin.git/hooks/update", script);
    let develop = repo.resolve("origin/develop").expect("it is there");
    let ship = repo.hotfix(SHIP).success();
    insta::assert_snapshot!(ship.stdout().lines().nth(1).unwrap_or_default(), @"  → develop  proposed: hotfix/coupons-take-off-too-much-into-develop");
    assert!(contains(&repo, "main", &fix) && contains(&repo, &format!("{BRANCH}-into-develop"), &fix));
    assert_eq!(repo.resolve("origin/develop"), Some(develop));
    assert_eq!(repo.resolve("v1.0.1^{commit}"), repo.resolve("origin/main"));
    refused(&repo, &SHIP, 0);
    repo.ok(["close"]);
}

#[test]
fn a_tag_that_somebody_has_is_refused_before_anything_moves() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    repo.ok(["pr"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["switch", "--quiet", "--create", "elsewhere"]);
    colleague.commit_file("else.txt", "x\n", "Else");
    colleague.git_ok(["tag", "v2.0.0"]);
    colleague.git_ok(["push", "--quiet", "origin", "v2.0.0"]);
    let before = repo.remote_refs();
    let refusal = repo.hotfix(["ship", "--yes", "--tag", "v2.0.0"]).exits_with(4);
    insta::assert_snapshot!(refusal.verdict(), @"
    ------- stderr -------
    error: a tag v2.0.0 is on origin already; nothing was changed
    hint: git hotfix ship --tag <another>
    [exit status: 4]
    ");
    assert_eq!(repo.remote_refs(), before);
    repo.git_ok(["tag", "mine"]);
    assert!(refused(&repo, &["ship", "--yes", "--tag", "mine"], 4).contains("is here already"));
    assert!(refused(&repo, &["ship", "--yes", "--tag", "a b"], 2).contains("--tag"));
    // The next patch is one that nobody has.
    colleague.git_ok(["tag", "v1.0.1"]);
    colleague.git_ok(["push", "--quiet", "origin", "v1.0.1"]);
    repo.ok(SHIP);
    assert_eq!(repo.resolve("v1.0.2^{commit}"), repo.resolve("origin/main"));
}

#[test]
fn the_annotation_is_verbatim_whatever_it_holds() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    let message = "x' $(touch PWNED) `touch PWNED` \"\\n\n# no comment\n--amend\n\u{1f525} é\n\n\n";
    repo.ok(["ship", "--yes", "--tag", "fix-1", "--message", message]);
    let tag = repo.git_ok(["cat-file", "tag", "fix-1"]);
    assert_eq!(tag.split_once("\n\n").map(|(_, text)| text), Some(message.trim_end()));
    assert!(!repo.has("PWNED"));
    repo.ok(["ship", "--yes", "--tag", "fix-1", "--message", message]);
    insta::assert_snapshot!(refused(&repo, &["ship", "--yes", "--tag", "fix-2"], 3), @"
    ------- stderr -------
    error: the landing is tagged fix-1 already
    hint: git tag --annotate fix-2 [OBJECT]   # a further tag is yours to make
    [exit status: 3]
    ");
}

#[test]
fn a_squash_by_somebody_else_is_recognised_and_the_other_lines_follow() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    repo.ok(["pr"]);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["merge", "--quiet", "--squash", &format!("origin/{BRANCH}")]);
    colleague.git_ok(["commit", "--quiet", "--message", "Squashed"]);
    colleague.git_ok(["push", "--quiet", "origin", "main", &format!(":{BRANCH}")]);
    repo.ok(SHIP);
    assert_eq!(repo.resolve("origin/main"), Some(colleague.head()), "it is not merged again");
    assert_eq!(repo.git_ok(["show", "origin/develop:total.sh"]), repo.git_ok(["show", "origin/main:total.sh"]));
    repo.ok(["close"]);
}

#[test]
fn a_line_gets_what_production_got_where_the_commits_of_the_fix_are_gone() {
    let squash = |colleague: &Repo<'_>| {
        colleague.git_ok(["merge", "--quiet", "--squash", &format!("origin/{BRANCH}")]);
        colleague.git_ok(["commit", "--quiet", "--message", "Squashed"]);
    };
    let picks = |colleague: &Repo<'_>| {
        colleague.git_ok(["cherry-pick", &format!("origin/{BRANCH}~2..origin/{BRANCH}")]);
    };
    for (name, landing) in [("squash", &squash as &dyn Fn(&Repo<'_>)), ("picks", &picks)] {
        for is_gone in [false, true] {
            let sandbox = sandbox!();
            let repo = releasing(&sandbox, "[release]\nlines = [\"main\", \"release/*\"]\n");
            let released = repo.head();
            push_to(&repo, "main", "feature.txt", "x\n");
            fixed(&repo);
            let tip = repo.commit_file("limits.txt", "10\n", "Limit it");
            repo.ok(["pr"]);
            let colleague = repo.clone_as("colleague");
            colleague.commit_file("meanwhile.txt", "x\n", "Meanwhile");
            landing(&colleague);
            colleague.git_ok(["push", "--quiet", "origin", "main", &format!(":{BRANCH}")]);
            repo.ok(SHIP);
            // An older release turns up which is to get the fix, too.
            colleague.git_ok(["push", "--quiet", "origin", &format!("{released}:refs/heads/release/1.0")]);
            if is_gone {
                repo.git_ok(["fetch", "--quiet", "--prune"]);
                repo.git_ok(["reflog", "expire", "--expire=now", "--all"]);
                repo.git_ok(["prune", "--expire=now"]);
            }
            assert_eq!(repo.git(["cat-file", "-e", &tip]).code() == Some(0), !is_gone, "{name}");
            let before = repo.hotfix(["propagation"]).success();
            assert!(before.stdout().contains("release/1.0  goes there by "), "{before}");
            refused(&repo, &["close", "--yes"], 3);
            repo.ok(SHIP);
            repo.ok(["backport", "--yes"]);
            let changed = repo.git_ok(["diff", "--name-only", &released, "origin/release/1.0"]);
            assert_eq!(
                changed, "limits.txt\ntest/coupon_test.sh\ntotal.sh",
                "{name}, {is_gone}: the fix, all of it and nothing else"
            );
            repo.ok(["close"]);
        }
    }
}

#[test]
fn a_race_on_a_line_is_recomputed() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    let colleague = repo.clone_as("colleague");
    colleague.git_ok(["switch", "--quiet", "develop"]);
    let theirs = colleague.commit_file("theirs.txt", "x\n", "Meanwhile");
    let fix = fixed(&repo);
    let hook = "#!/bin/sh\n[ \"$1\" = origin ] || exit 0\ngrep -q refs/heads/develop || exit 0\n\
                [ ! -e ../raced ] || exit 0\n: > ../raced; unset GIT_DIR; cd ../colleague && git push --quiet origin develop\n";
    repo.hook(".git/hooks/pre-push", hook);
    repo.ok(SHIP);
    assert!(repo.at("..").has("raced") && contains(&repo, "develop", &theirs));
    assert_landed(&repo, &fix);
}

#[test]
fn killed_at_any_child_it_is_done_or_not_begun_and_the_next_run_finishes() {
    let template_sandbox = sandbox!();
    let template = releasing(&template_sandbox, RULES);
    push_to(&template, "develop", "next.txt", "x\n");
    let fix = fixed(&template);
    let sandbox = sandbox!();
    let repo = sandbox.copy_of(&template);
    repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
    let shim = Shim::new(&sandbox, &["git"]);
    let _ = repo.run(shim.command(&repo, "git-hotfix").args(SHIP)).success();
    assert_landed(&repo, &fix);
    let calls = shim.calls();
    let mut fired = 0;
    for number in (1..=calls).step_by(2) {
        for moment in [Moment::Before, Moment::After] {
            let sandbox = sandbox!();
            let repo = sandbox.copy_of(&template);
            repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
            let before = lines_of(&repo);
            let shim = Shim::new(&sandbox, &["git"]);
            let _ = repo.run(shim.killing(&repo, "git-hotfix", number, moment).args(SHIP));
            fired += usize::from(shim.fired());
            let now = lines_of(&repo);
            let all = ["refs/heads/main", "refs/heads/develop", "refs/tags/v1.0.1\n"];
            let line = |refs: &str, name: &str| {
                refs.lines().find(|line| format!("{line}\n").contains(name)).map(str::to_owned)
            };
            let moved = all.iter().filter(|name| line(&now, name) != line(&before, name)).count();
            assert!(matches!(moved, 0 | 3), "{moment:?} {number}: half a landing:\n{before}\n{now}");
            repo.ok(SHIP);
            assert_landed(&repo, &fix);
        }
    }
    assert!(fired > 4, "{fired} of {calls}");
}

#[test]
fn work_trees_and_stashes_of_others_stay_as_they_are() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    repo.write("total.sh", "stashed\n");
    repo.git_ok(["stash", "--quiet"]);
    repo.git_ok(["worktree", "add", "--quiet", "../develop", "develop"]);
    repo.at("../develop").write("total.sh", "half done\n");
    let stash = repo.git_ok(["stash", "list", "--format=%H"]);
    let fix = fixed(&repo);
    let ship = repo.hotfix(SHIP).success();
    assert!(ship.stderr().contains("develop is checked out: git -C"), "{ship}");
    assert_landed(&repo, &fix);
    assert_eq!(repo.at("../develop").read("total.sh"), "half done\n");
    assert_eq!(repo.git_ok(["stash", "list", "--format=%H"]), stash);
}

#[test]
fn it_ships_from_another_branch_with_work_in_progress() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    let fix = fixed(&repo);
    repo.ok(["pr"]);
    repo.git_ok(["switch", "--quiet", "--create", "feature", "develop"]);
    repo.write("total.sh", "half done\n");
    repo.ok(SHIP);
    assert_landed(&repo, &fix);
    assert_eq!((repo.read("total.sh").as_str(), repo.branch().as_str()), ("half done\n", "feature"));
}

#[test]
fn broken_signing_is_called_that_before_anything_is_done() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    repo.git_ok(["config", "commit.gpgSign", "true"]);
    repo.git_ok(["config", "gpg.program", "false"]);
    let refusal = refused(&repo, &SHIP, 3);
    assert!(refusal.contains("signing does not work, and nothing was changed"), "{refusal}");
}

#[test]
fn without_a_remote_the_lines_here_land() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(hotfix_tests::Sample::Shell);
    repo.commit_file("hotfix.toml", RULES, "Set the rules");
    repo.git_ok(["tag", "v1.0.0"]);
    repo.git_ok(["branch", "develop"]);
    repo.git_ok(["worktree", "add", "--quiet", "../develop", "develop"]);
    let fix = fixed(&repo);
    repo.ok(SHIP);
    for line in ["main", "develop"] {
        repo.git_ok(["merge-base", "--is-ancestor", &fix, line]);
    }
    assert_eq!(repo.resolve("v1.0.1^{commit}"), repo.resolve("main"));
    assert!(repo.at("../develop").git_ok(["status", "--porcelain"]).is_empty());
    repo.ok(["close"]);
}

#[test]
fn without_a_remote_a_work_tree_in_the_way_keeps_all_lines_as_they_are() {
    let sandbox = sandbox!();
    let repo = sandbox.sample(hotfix_tests::Sample::Shell);
    repo.commit_file("hotfix.toml", RULES, "Set the rules");
    repo.git_ok(["tag", "v1.0.0"]);
    repo.git_ok(["branch", "develop"]);
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../own"]);
    let own = repo.at("../own");
    let fix = own.fix_the_bug();
    repo.git_ok(["worktree", "add", "--quiet", "../develop", "develop"]);
    repo.at("../develop").write("total.sh", "half done\n");
    let before = repo.git_ok(["for-each-ref", "refs/heads", "refs/tags"]);
    insta::assert_snapshot!(own.hotfix(SHIP).exits_with(3).verdict(), @"
    ------- stderr -------
    error: develop is checked out in [ROOT]/develop, where changes are in the way; nothing was moved: move the branch at [ROOT]/develop forward: git: error: Entry 'total.sh' not uptodate. Cannot merge.
    hint: git -C [ROOT]/develop status   # shows them: commit or move them away
    [exit status: 3]
    ");
    assert_eq!(repo.git_ok(["for-each-ref", "refs/heads", "refs/tags"]), before);
    repo.at("../develop").git_ok(["checkout", "--quiet", "--", "total.sh"]);
    own.ok(SHIP);
    for line in ["main", "develop"] {
        repo.git_ok(["merge-base", "--is-ancestor", &fix, line]);
    }
}

#[test]
fn the_settings_of_git_flow_are_followed_where_there_are_no_others() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, "");
    for (key, value) in [("branch.master", "main"), ("branch.develop", "develop"), ("prefix.versiontag", "v")] {
        repo.git_ok(["config", &format!("gitflow.{key}"), value]);
    }
    let fix = fixed(&repo);
    repo.ok(SHIP);
    assert_landed(&repo, &fix);
}

#[test]
fn a_server_without_atomic_pushes_gets_no_half_landing() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    fixed(&repo);
    repo.ok(["pr"]);
    repo.at("../origin.git").git_ok(["config", "receive.advertiseAtomic", "false"]);
    let before = repo.remote_refs();
    let refusal = repo.hotfix(SHIP).exits_with(3);
    assert!(refusal.stderr().contains("takes no atomic pushes"), "{refusal}");
    assert_eq!(repo.remote_refs(), before);
}

#[test]
fn names_that_look_like_others_mislead_nobody() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    let fix = fixed(&repo);
    for name in [BRANCH, "main", "develop", "origin/develop"] {
        repo.git_ok(["tag", name, "v1.0.0"]);
    }
    repo.ok(SHIP);
    let there = |name: &str| repo.resolve(&format!("refs/remotes/origin/{name}")).expect("it is there");
    for line in ["main", "develop"] {
        repo.git_ok(["merge-base", "--is-ancestor", &fix, &there(line)]);
    }
    assert_eq!(repo.resolve("refs/tags/v1.0.1^{commit}"), Some(there("main")));
}

#[test]
fn it_lands_from_a_work_tree_of_its_own_and_from_a_folder() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    repo.write("total.sh", "half done\n");
    repo.ok(["open", TITLE, "--severity", "high", "--worktree", "../own"]);
    let own = repo.at("../own");
    let fix = own.fix_the_bug();
    let _ = own.at("test").hotfix(SHIP).success();
    assert!(contains(&repo, "main", &fix) && contains(&repo, "develop", &fix));
    assert_eq!(repo.read("total.sh"), "half done\n");
    assert!(!own.has("test/.git"));
}

#[test]
fn merges_and_tags_are_signed_by_the_users_settings() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    // Stands for gpg: git asks for a line of status and takes what else is printed for the signature.
    let signer = "\
#!/bin/sh
cat >/dev/null
echo '[GNUPG:] SIG_CREATED ' >&2
printf -- '-----BEGIN PGP SIGNATURE-----\\nours\\n-----END PGP SIGNATURE-----\\n'
";
    repo.hook("../signer", signer);
    let program = repo.at("..").folder().join("signer");
    repo.git_ok(["config", "gpg.program", &program.to_string_lossy()]);
    fixed(&repo);
    for key in ["commit.gpgSign", "tag.gpgSign"] {
        repo.git_ok(["config", key, "true"]);
    }
    repo.ok(SHIP);
    for object in ["origin/main", "origin/develop", "v1.0.1"] {
        let text = repo.git_ok(["cat-file", "-p", object]);
        assert!(text.contains("BEGIN PGP SIGNATURE"), "{object}: {text}");
    }
}

#[test]
fn a_release_tag_from_the_branch_is_the_version_it_is_named_after() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    repo.ok(["open", TITLE, "--severity", "high", "--slug", "1.4.0"]);
    repo.fix_the_bug();
    repo.ok(SHIP);
    assert_eq!(repo.resolve("v1.4.0^{commit}"), repo.resolve("origin/main"));
}
