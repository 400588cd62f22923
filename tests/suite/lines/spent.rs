//! The branch of the fix on the remote goes by the push that lands, where nothing is against it; where something is, the fix
//! lands all the same.

use super::*;

/// Has the remote write down what each push brought, a line a push.
fn listening(repo: &Repo<'_>) {
    repo.hook("../origin.git/hooks/post-receive", "#!/bin/sh\ncut -d ' ' -f 3 | paste -s -d ' ' >> ../pushes\n");
}

fn pushes(repo: &Repo<'_>) -> String {
    repo.read("../pushes")
}

#[test]
fn the_branch_goes_with_the_push_that_lands() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    listening(&repo);
    let fix = fixed(&repo);
    let ship = repo.hotfix(SHIP).success();
    let landing = format!("refs/heads/develop refs/heads/{BRANCH} refs/heads/main refs/tags/v1.0.1");
    assert_eq!(pushes(&repo), format!("refs/heads/{BRANCH}\n{landing}\n"), "{ship}");
    let done: Vec<&str> = ship.stderr().lines().filter(|line| line.ends_with("origin")).collect();
    let delete = format!("  ✓ delete {BRANCH} on origin");
    assert!(matches!(done[..], [_, merge, told] if merge.contains("merge") && told == delete), "{ship}");
    assert_landed(&repo, &fix);
    assert_eq!(repo.resolve(&format!("origin/{BRANCH}")), None, "the tracking ref went, too");
}

/// What stands against deleting the branch, and by which push it goes then.
#[test]
fn what_keeps_the_branch_keeps_no_landing() {
    let refuse = "#!/bin/sh\nwhile read -r old new ref; do case $new in *[1-9a-f]*) ;; *) echo 'no deletions'; exit 1;; esac; done\n";
    let update = "#!/bin/sh\ncase $3 in *[1-9a-f]*) ;; *) echo 'no deletions'; exit 1;; esac\n";
    for (setting, hook) in [(true, None), (false, Some(("pre-receive", refuse))), (false, Some(("update", update)))] {
        let sandbox = sandbox!();
        let repo = releasing(&sandbox, RULES);
        listening(&repo);
        let fix = fixed(&repo);
        let origin = repo.origin().to_string_lossy().into_owned();
        if setting {
            repo.git_ok(["--git-dir", &origin, "config", "receive.denyDeletes", "true"]);
        }
        if let Some((name, script)) = hook {
            repo.hook(&format!("../origin.git/hooks/{name}"), script);
        }
        let ship = repo.hotfix(SHIP).success();
        let landing = format!("refs/heads/{BRANCH}\nrefs/heads/develop refs/heads/main refs/tags/v1.0.1\n");
        assert_eq!(pushes(&repo), landing, "{ship}");
        assert!(contains(&repo, "main", &fix) && contains(&repo, "develop", &fix), "{ship}");
        assert!(repo.remote_refs().contains(BRANCH), "{ship}");
        // Once: what was refused in this run is refused again.
        assert_eq!(ship.stderr().matches("✓ delete hotfix").count(), 1, "only the one here: {ship}");
        assert!(ship.stderr().contains("deletion prohibited") || ship.stderr().contains("no deletions"), "{ship}");
        repo.ok(["close", "--reason", "it is over"]);
    }
}

#[test]
fn a_server_without_atomic_pushes_takes_production_alone() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, "");
    listening(&repo);
    let fix = fixed(&repo);
    let origin = repo.origin().to_string_lossy().into_owned();
    repo.git_ok(["--git-dir", &origin, "config", "receive.advertiseAtomic", "false"]);
    let ship = repo.hotfix(SHIP).success();
    assert_eq!(pushes(&repo), format!("refs/heads/{BRANCH}\nrefs/heads/main\nrefs/heads/{BRANCH}\n"), "{ship}");
    assert!(contains(&repo, "main", &fix) && !repo.remote_refs().contains(BRANCH), "{ship}");
}

#[test]
fn what_a_colleague_pushes_to_the_branch_meanwhile_stays() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    let fix = fixed(&repo);
    // Between the push of the branch and the one that lands.
    let script = format!(
        "#!/bin/sh\nread -r old new ref\n[ \"$ref\" = refs/heads/{BRANCH} ] && [ ! -e ../theirs ] || exit 0\n\
         export GIT_AUTHOR_NAME=Bo GIT_AUTHOR_EMAIL=bo@example.org GIT_COMMITTER_NAME=Bo GIT_COMMITTER_EMAIL=bo@example.org\n\
         git commit-tree -p $new -m 'Theirs' $new^{{tree}} > ../theirs && git update-ref $ref $(cat ../theirs)\n"
    );
    repo.hook("../origin.git/hooks/post-receive", &script);
    let ship = repo.hotfix(SHIP).success();
    let theirs = repo.read("../theirs").trim().to_owned();
    assert!(ship.stderr().contains(&format!("{BRANCH} on origin stays: it holds commits that")), "{ship}");
    assert!(contains(&repo, "main", &fix) && contains(&repo, "develop", &fix), "{ship}");
    assert!(repo.remote_refs().contains(&format!("{theirs}\trefs/heads/{BRANCH}")), "{ship}\n{}", repo.remote_refs());
    assert!(!contains(&repo, "main", &theirs), "nobody tested it: {ship}");
}

/// A hook of the repository's own judges the pushes that it always did.
#[test]
fn a_hook_that_knows_no_deletions_stops_no_landing() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    listening(&repo);
    let fix = fixed(&repo);
    let seen = "#!/bin/sh\nread -r _ _ first _\ncat > ../rest\n[ -s ../rest ] && grep -q '^(delete)' ../rest && exit 1\nexit 0\n";
    repo.hook(".git/hooks/pre-push", seen);
    let ship = repo.hotfix(SHIP).success();
    let landing = "refs/heads/develop refs/heads/main refs/tags/v1.0.1";
    assert_eq!(pushes(&repo), format!("refs/heads/{BRANCH}\n{landing}\nrefs/heads/{BRANCH}\n"), "{ship}");
    assert_landed(&repo, &fix);
}

#[test]
fn a_branch_that_was_there_before_goes_after_the_landing() {
    let sandbox = sandbox!();
    let repo = releasing(&sandbox, RULES);
    listening(&repo);
    let fix = fixed(&repo);
    repo.ok(["pr", "--yes"]);
    repo.ok(SHIP);
    let landing = "refs/heads/develop refs/heads/main refs/tags/v1.0.1";
    assert_eq!(pushes(&repo), format!("refs/heads/{BRANCH}\n{landing}\nrefs/heads/{BRANCH}\n"), "others may use it");
    assert_landed(&repo, &fix);
}

#[test]
fn a_run_that_is_killed_at_the_landing_is_finished_by_the_next() {
    let template_sandbox = sandbox!();
    let template = releasing(&template_sandbox, RULES);
    let fix = fixed(&template);
    let sandbox = sandbox!();
    let repo = sandbox.copy_of(&template);
    repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
    let shim = Shim::new(&sandbox, &["git"]);
    // The number of the child that lands.
    let calls = sandbox.root().join("shim/calls");
    let script = format!("#!/bin/sh\nif grep -q refs/heads/main; then wc -l < '{}' > ../number; fi\n", calls.display());
    repo.hook("../origin.git/hooks/post-receive", &script);
    let _ = repo.run(shim.command(&repo, "git-hotfix").args(SHIP)).success();
    let number: usize = repo.read("../number").trim().parse().expect("it landed");
    for moment in [Moment::Before, Moment::After] {
        let sandbox = sandbox!();
        let repo = sandbox.copy_of(&template);
        repo.git_ok(["remote", "set-url", "origin", "../origin.git"]);
        let shim = Shim::new(&sandbox, &["git"]);
        let _ = repo.run(shim.killing(&repo, "git-hotfix", number, moment).args(SHIP));
        assert!(shim.fired());
        let has_landed = moment == Moment::After;
        assert_eq!(repo.remote_refs().contains("refs/tags/v1.0.1"), has_landed, "{}", repo.remote_refs());
        assert_eq!(repo.remote_refs().contains(BRANCH), !has_landed, "{}", repo.remote_refs());
        assert_eq!(repo.resolve(BRANCH).as_deref(), Some(fix.as_str()), "the branch here is as it was");
        repo.ok(SHIP);
        assert_landed(&repo, &fix);
    }
}
