use crate::domain::{ObjectId, RefName};
use crate::port::{ErrorKind, Expected, Push, PushError, RefUpdate, Rejection, RemoteWrite as _, RepositoryRead as _};

use super::sandbox::{Sandbox, refusal, told};

fn push_of(name: &str, to: Option<&ObjectId>, expected: Expected) -> Push {
    let update = RefUpdate { name: RefName::of_branch(name), to: to.cloned(), expected };
    Push { remote: "origin".to_owned(), updates: vec![update] }
}

#[test]
fn a_remote_tells_its_default_branch_and_the_refs_asked_for() {
    let sandbox = Sandbox::new();
    let (clone, origin) = sandbox.with_remote();
    origin.git(["branch", "release/1"]);
    origin.git(["update-ref", "refs/x/refs/heads/main", "main"]);
    let patterns = ["refs/heads/main", "refs/heads/release/*"].map(RefName::known);
    let answer = clone.open().inspect_remote("origin", &patterns).unwrap();
    assert_eq!(answer.default_branch.as_deref(), Some("main"));
    let names: Vec<&str> = answer.refs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["refs/heads/main", "refs/heads/release/1"]);
    assert_eq!(answer.branch("main"), Some(&clone.id("main")));
}

#[test]
fn an_unreachable_remote_is_an_error_of_its_kind() {
    let sandbox = Sandbox::new();
    let (clone, _) = sandbox.with_remote();
    clone.git(["remote", "add", "gone", "../gone.git"]);
    clone.git(["remote", "add", "closed", "git://127.0.0.1:1/x"]);
    let repository = clone.open();
    assert_eq!(refusal(repository.inspect_remote("gone", &[])).kind, ErrorKind::Refused);
    let error = refusal(repository.inspect_remote("closed", &[]));
    assert_eq!(error.kind, ErrorKind::Retry, "{}", told(&error));
    assert_eq!(refusal(repository.fetch("origin", &["nowhere".to_owned()], &[])).kind, ErrorKind::Precondition);
    assert!(repository.inspect_remote("--upload-pack=touch ran", &[]).is_err());
    assert!(!clone.path.join("ran").exists());
}

#[test]
fn a_fetch_moves_the_tracking_branch_and_nothing_else() {
    let sandbox = Sandbox::new();
    let (clone, _) = sandbox.with_remote();
    clone.git(["clone", "--quiet", "../origin.git", "../colleague"]);
    let colleague = sandbox.at("colleague");
    colleague.set_up();
    colleague.write("README", "theirs\n");
    let theirs = colleague.commit_all("theirs");
    colleague.git(["tag", "v9"]);
    colleague.git(["push", "--quiet", "--tags", "origin", "main"]);
    let repository = clone.open();
    let before = clone.id("main");
    std::fs::remove_file(clone.path.join(".git/FETCH_HEAD")).unwrap();
    repository.fetch("origin", &["main".to_owned()], &[]).unwrap();
    assert_eq!(repository.commit_of_ref(&RefName::known("refs/remotes/origin/main")).unwrap(), Some(theirs));
    assert_eq!(clone.id("main"), before);
    assert!(!clone.path.join(".git/FETCH_HEAD").exists());
    assert_eq!(clone.git(["tag"]), "");
}

#[test]
fn a_push_happens_only_on_what_was_expected() {
    let sandbox = Sandbox::new();
    let (clone, origin) = sandbox.with_remote();
    let first = clone.id("main");
    clone.write("README", "fixed\n");
    let second = clone.commit_all("fix");
    let repository = clone.open();
    repository.push(&push_of("hotfix/x", Some(&second), Expected::Absent)).unwrap();
    assert_eq!(origin.id("refs/heads/hotfix/x"), second);
    assert_eq!(clone.id("refs/remotes/origin/hotfix/x"), second, "the tracking branch moves with it");
    // Somebody else was there first: neither made again nor moved nor deleted.
    for (to, expected) in [
        (Some(&first), Expected::Absent),
        (Some(&first), Expected::At(first.clone())),
        (None, Expected::At(first.clone())),
    ] {
        let error = repository.push(&push_of("hotfix/x", to, expected)).unwrap_err();
        assert!(matches!(&error, PushError::Raced { name } if name == "refs/heads/hotfix/x"), "{error:?}");
    }
    assert_eq!(origin.id("refs/heads/hotfix/x"), second);
    repository.push(&push_of("hotfix/x", None, Expected::At(second.clone()))).unwrap();
    assert!(!origin.run(["rev-parse", "--verify", "--quiet", "refs/heads/hotfix/x"]).status.success());
}

#[test]
fn several_refs_move_together_or_not_at_all() {
    let sandbox = Sandbox::new();
    let (clone, origin) = sandbox.with_remote();
    let first = clone.id("main");
    let second = clone.commit_all("fix");
    let mut push = push_of("main", Some(&second), Expected::At(first.clone()));
    push.updates.extend(push_of("release/1", Some(&second), Expected::At(second.clone())).updates);
    let error = clone.open().push(&push).unwrap_err();
    assert!(matches!(&error, PushError::Raced { name } if name == "refs/heads/release/1"), "{error:?}");
    assert_eq!(origin.id("main"), first);
}

#[test]
fn a_protected_branch_and_a_hook_of_ones_own_refuse() {
    let sandbox = Sandbox::new();
    let (clone, origin) = sandbox.with_remote();
    let first = clone.id("main");
    let second = clone.commit_all("fix");
    origin.hook(
        "hooks/pre-receive",
        "printf 'error: \\033[31mGH006\\033[0m: Protected branch update failed\\n' >&2; exit 1",
    );
    let push = push_of("main", Some(&second), Expected::At(first.clone()));
    match clone.open().push(&push).unwrap_err() {
        PushError::Refused(Rejection { name, reason, .. }) => {
            assert_eq!(name, "refs/heads/main");
            assert_eq!(reason, "pre-receive hook declined: error: GH006: Protected branch update failed");
        }
        other => panic!("{other:?}"),
    }
    clone.hook(".git/hooks/pre-push", "echo 'no pushing on Fridays' >&2; exit 1");
    let error = clone.open().push(&push).unwrap_err();
    assert!(told(&error).contains("no pushing on Fridays"), "{error:?}");
    assert_eq!(origin.id("main"), first);
}

#[test]
fn a_hook_that_leaves_a_process_behind_does_not_hold_us_up() {
    let sandbox = Sandbox::new();
    let (clone, origin) = sandbox.with_remote();
    let first = clone.id("main");
    let second = clone.commit_all("fix");
    clone.hook(".git/hooks/pre-push", "sleep 30 &");
    let start = std::time::Instant::now();
    clone.open().push(&push_of("main", Some(&second), Expected::At(first))).unwrap();
    assert_eq!(origin.id("main"), second);
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}
