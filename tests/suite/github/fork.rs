//! Branches in a fork of one's own, which GitHub merges into the real repository.

use hotfix_tests::Sandbox;

use super::*;

/// A clone of `ada/shop`, a fork, beside the real repository `dev/shop`, which takes no branches of ours.
fn forked<'s>(sandbox: &'s Sandbox, rules: &str) -> Night<'s> {
    let repo = sandbox.sample(Sample::Shell).with_remote();
    let (origin, upstream) = (repo.origin(), repo.origin().with_file_name("upstream.git"));
    let github = GitHub::serve_with_forks(&upstream, &[("ada", &origin)]);
    let known = repo.read("hotfix.toml");
    repo.commit_file("hotfix.toml", &format!("{known}\n{}\n{rules}", github.hotfix_toml()), "Say where we are");
    trust(&repo, &github);
    repo.git_ok(["push", "--quiet", "origin", "main"]);
    repo.git_ok(["clone", "--quiet", "--bare", &origin.to_string_lossy(), &upstream.to_string_lossy()]);
    let hook = "#!/bin/sh\ncase $1 in refs/heads/hotfix/*) echo 'not you'; exit 1;; esac\n";
    repo.at("../upstream.git").hook("hooks/update", hook);
    for (name, owner, path) in [("origin", "ada", &origin), ("upstream", "dev", &upstream)] {
        let url = format!("git@github.com:{owner}/shop.git");
        repo.git_ok(["config", &format!("url.{}.insteadOf", path.display()), &url]);
        repo.git_ok(["config", &format!("remote.{name}.url"), &url]);
        repo.git_ok(["config", &format!("remote.{name}.fetch"), &format!("+refs/heads/*:refs/remotes/{name}/*")]);
    }
    repo.git_ok(["config", "remote.upstream.gh-resolved", "base"]);
    repo.git_ok(["config", "remote.pushDefault", "origin"]);
    let night = Night { repo, github };
    night.ok(&["open", "Coupons take off too much", "--severity", "high"]);
    night.repo.fix_the_bug();
    night
}

fn heads(night: &Night<'_>, remote: &str) -> String {
    night.repo.git_ok(["ls-remote", "--heads", remote])
}

#[test]
fn the_branch_goes_to_the_fork_and_the_request_to_the_real_repository() {
    let sandbox = sandbox!();
    let night = forked(&sandbox, "");
    let forked_main = night.repo.git_ok(["ls-remote", "origin", "refs/heads/main"]);
    let doctor = night.hotfix(&["doctor"]);
    assert!(doctor.stdout().contains("origin lets us push (rehearsed); upstream merges from there"), "{doctor}");
    let proposed = night.hotfix(&["pr"]).success();
    assert!(proposed.stderr().contains(&format!("push {BRANCH} to origin")), "{proposed}");
    assert!(heads(&night, "origin").contains(BRANCH) && !heads(&night, "upstream").contains(BRANCH));
    let pull = night.github.pull(1);
    assert_eq!((&pull["head"], &pull["base"]), (&json!(format!("ada:{BRANCH}")), &json!("main")));
    // The same again finds it.
    night.repo.commit_file("note.txt", "one more\n", "Say why");
    night.ok(&["pr"]);
    assert_eq!(night.github.pulls(), 1);

    let shipped = night.hotfix(&["ship", "--yes"]).success();
    assert!(shipped.stdout().contains("into upstream/main"), "{shipped}");
    assert!(shipped.stderr().contains(&format!("delete {BRANCH} on origin")), "{shipped}");
    assert!(!heads(&night, "origin").contains(BRANCH), "{}", heads(&night, "origin"));
    assert_eq!(night.repo.resolve(BRANCH), None);
    night.repo.git_ok(["fetch", "--quiet", "upstream"]);
    assert!(night.repo.git_ok(["show", "upstream/main:total.sh"]).contains("/ 100"));
    let again = night.hotfix(&["ship", "--yes"]).success();
    assert!(again.stdout().contains("PR #1"), "{again}");
    night.ok(&["close", "--yes", "--reason", "rehearsal"]);
    assert_eq!(
        night.repo.git_ok(["ls-remote", "origin", "refs/heads/main"]),
        forked_main,
        "the fork's own is left alone"
    );
}

#[test]
fn what_a_maintainer_merged_is_recognised() {
    for method in ["merge", "squash"] {
        let sandbox = sandbox!();
        let night = forked(&sandbox, "");
        night.ok(&["pr"]);
        night.github.merge_pull(1, method);
        let shipped = night.hotfix(&["ship", "--yes"]).success();
        assert!(shipped.stdout().contains("PR #1"), "{method}: {shipped}");
        assert!(!heads(&night, "origin").contains(BRANCH), "{method}: {}", heads(&night, "origin"));
    }
}

#[test]
fn the_records_are_proposed_from_the_fork_too() {
    let sandbox = sandbox!();
    let night = forked(&sandbox, "[records]\ndeliver = \"pull-request\"\n");
    night.ok(&["ship", "--yes"]);
    night.ok(&["close", "--yes", "--reason", "rehearsal"]);
    let records = night.github.pull(2);
    assert_eq!(records["head"], format!("ada:{BRANCH}-records"));
    assert!(heads(&night, "origin").contains("-records") && !heads(&night, "upstream").contains("-records"));
}

#[test]
fn abort_takes_it_back_from_the_fork() {
    let sandbox = sandbox!();
    let night = forked(&sandbox, "");
    night.ok(&["pr"]);
    night.ok(&["abort"]);
    assert_eq!(night.github.pull(1)["state"], "closed");
    assert!(!heads(&night, "origin").contains(BRANCH), "{}", heads(&night, "origin"));
}

#[test]
fn somebody_elses_branch_of_that_name_is_another_one() {
    let sandbox = sandbox!();
    let night = forked(&sandbox, "");
    night.github.open_pull(BRANCH, "Of the same name, in dev/shop");
    night.ok(&["pr"]);
    assert_eq!(night.github.pulls(), 2);
    assert_eq!(night.github.pull(1)["title"], "Of the same name, in dev/shop");
}

#[test]
fn without_a_service_it_is_refused_with_the_reason() {
    let sandbox = sandbox!();
    let night = forked(&sandbox, "");
    night.ok(&["abort"]);
    night.repo.git_ok(["config", "--unset", "remote.upstream.gh-resolved"]);
    let mut command = night.repo.command("git");
    let local = [("HOTFIX_FORGE_KIND", "local"), ("HOTFIX_PRODUCTION_REMOTE", "upstream")];
    let open = ["hotfix", "open", "Login fails", "--severity", "high"];
    let before = night.repo.state();
    let refused = night.repo.run(command.args(open).envs(local)).exits_with(3);
    assert!(refused.stderr().contains("nobody can ask upstream to merge from there"), "{refused}");
    assert_eq!(night.repo.state(), before);
    let hint = refused.stderr().lines().find_map(|line| line.strip_prefix("hint: git config ")).expect("a way on");
    let words: Vec<&str> = hint.split("   #").next().unwrap_or_default().split(' ').collect();
    night.repo.git_ok([&["config"], &words[..]].concat());
    let mut command = night.repo.command("git");
    let _ = night.repo.run(command.args(open).envs(local)).success();
}
