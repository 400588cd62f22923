//! Repositories in the formats that gix or libgit2 do not read by themselves.

use std::sync::Barrier;

use crate::domain::{ObjectId, RefName};
use crate::port::{
    ErrorKind, Expected, Head, HistoryRead as _, Operation, RefUpdate, RefsWrite as _, RepositoryRead as _,
    WorktreeRead as _,
};

use super::sandbox::{Clone, Sandbox, refusal};

/// A repository with one commit on `main`.
fn repository(sandbox: &Sandbox, options: &[&str]) -> Clone {
    let clone = sandbox.empty("clone", options);
    clone.write("README", "read me\n");
    clone.commit_all("first");
    clone
}

fn tables(sandbox: &Sandbox) -> Clone {
    repository(sandbox, &["--ref-format=reftable"])
}

fn made(name: &str, to: &ObjectId) -> RefUpdate {
    RefUpdate { name: RefName::known(name), to: Some(to.clone()), expected: Expected::Absent }
}

#[test]
fn what_tables_hold_is_seen_as_it_is_now() {
    let sandbox = Sandbox::new();
    let clone = tables(&sandbox);
    let (git, first) = (clone.open(), clone.id("HEAD"));
    let name = |name: &str| RefName::known(name);
    assert_eq!(git.head().unwrap(), Head::Branch { name: "main".to_owned(), commit: first.clone() });
    assert_eq!(git.commit_of_ref(&name("refs/heads/other")).unwrap(), None);
    clone.git(["switch", "--quiet", "-c", "other"]);
    let second = clone.commit_all("second");
    clone.git(["tag", "-a", "v1", "-m", "v1"]);
    clone.git(["tag", "tree", "HEAD^{tree}"]);
    assert_eq!(git.head().unwrap().branch(), Some("other"));
    assert_eq!(git.commit_of_ref(&name("refs/heads/other")).unwrap(), Some(second.clone()));
    assert_eq!(git.refs_under("refs/tags/").unwrap(), [(name("refs/tags/v1"), second.clone())], "one names no commit");
    assert_eq!(git.commit_of("v1").unwrap(), Some(second.clone()));
    assert_eq!(git.commit_of(first.short()).unwrap(), Some(first.clone()));
    assert_eq!(git.commit_of("HEAD~1").unwrap(), Some(first));
    clone.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    let target = git.symbolic_ref(&name("refs/remotes/origin/HEAD")).unwrap();
    assert_eq!(target, Some(name("refs/remotes/origin/main")), "also where it leads to nothing");
    clone.git(["pack-refs", "--all"]);
    assert_eq!(git.commit_of_ref(&name("refs/heads/other")).unwrap(), Some(second));
    clone.git(["switch", "--quiet", "--orphan", "empty"]);
    assert_eq!(git.head().unwrap(), Head::Unborn { name: "empty".to_owned() });
}

#[test]
fn several_refs_in_tables_move_together_or_not_at_all() {
    let sandbox = Sandbox::new();
    let clone = tables(&sandbox);
    let (git, first) = (clone.open(), clone.id("HEAD"));
    let second = clone.commit_all("second");
    git.update_refs(&[made("refs/heads/a", &first), made("refs/hotfix/b", &first)], "make").unwrap();
    let to = |name: &str, from: &ObjectId| RefUpdate {
        name: RefName::known(name),
        to: Some(second.clone()),
        expected: Expected::At(from.clone()),
    };
    let moved = refusal(git.update_refs(&[to("refs/heads/a", &first), to("refs/hotfix/b", &second)], "move"));
    assert_eq!((moved.kind, moved.doing.as_str()), (ErrorKind::Retry, "move refs/hotfix/b"));
    assert_eq!(git.commit_of_ref(&RefName::known("refs/heads/a")).unwrap(), Some(first.clone()));
    git.update_refs(&[to("refs/heads/a", &first)], "hotfix: land").unwrap();
    assert_eq!(clone.git(["reflog", "-1", "--format=%gs", "refs/heads/a"]), "hotfix: land");
    let gone = RefUpdate { to: None, ..to("refs/heads/a", &second) };
    git.update_refs(std::slice::from_ref(&gone), "gone").unwrap();
    assert_eq!(refusal(git.update_refs(&[gone], "gone")).kind, ErrorKind::Retry);
    let below = refusal(git.update_refs(&[made("refs/hotfix/b/c", &first)], "make"));
    assert_ne!(below.doing, "", "a folder is no ref: {below:?}");
}

#[test]
fn who_meets_the_one_lock_of_all_refs_waits_for_it() {
    let sandbox = Sandbox::new();
    let clone = tables(&sandbox);
    let commit = clone.id("HEAD");
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (clone, commit, start) = (&clone, &commit, &start);
            scope.spawn(move || {
                let git = clone.open();
                start.wait();
                for number in 0..8 {
                    git.update_refs(&[made(&format!("refs/hotfix/{writer}-{number}"), commit)], "make").unwrap();
                }
            });
        }
    });
    assert_eq!(clone.open().refs_under("refs/hotfix/").unwrap().len(), 32);
}

#[test]
fn a_pick_that_git_stopped_in_is_found_in_tables() {
    let sandbox = Sandbox::new();
    let clone = tables(&sandbox);
    clone.git(["switch", "--quiet", "-c", "other"]);
    clone.write("README", "other\n");
    clone.commit_all("other");
    clone.git(["switch", "--quiet", "main"]);
    clone.write("README", "main\n");
    clone.commit_all("main");
    let git = clone.open();
    assert_eq!(git.operation_in_progress().unwrap(), None);
    assert!(!clone.run(["cherry-pick", "other"]).status.success());
    assert_eq!(git.operation_in_progress().unwrap(), Some(Operation::CherryPick));
    clone.git(["cherry-pick", "--abort"]);
    assert!(!clone.run(["merge", "other"]).status.success());
    assert_eq!(git.operation_in_progress().unwrap(), Some(Operation::Merge));
}

#[test]
fn each_work_tree_has_a_head_of_its_own_in_tables() {
    let sandbox = Sandbox::new();
    let clone = tables(&sandbox);
    clone.git(["worktree", "add", "--quiet", "-b", "hotfix/x", "../linked"]);
    let linked = sandbox.at("linked").open();
    assert_eq!(linked.head().unwrap().branch(), Some("hotfix/x"));
    for git in [&clone.open(), &linked] {
        let branches: Vec<_> = git.worktrees().unwrap().into_iter().map(|one| one.branch).collect();
        assert_eq!(branches, [Some("main".to_owned()), Some("hotfix/x".to_owned())]);
    }
    sandbox.at("linked").git(["switch", "--quiet", "--detach"]);
    assert_eq!(linked.head().unwrap(), Head::Detached { commit: clone.id("HEAD") });
    assert_eq!(clone.open().worktrees().unwrap()[1].branch, None);
}

#[test]
fn an_id_of_another_format_is_of_no_commit_here() {
    let sandbox = Sandbox::new();
    let clone = repository(&sandbox, &["--object-format=sha256"]);
    let (git, head, of_sha1) = (clone.open(), clone.id("HEAD"), "1".repeat(40).parse::<ObjectId>().unwrap());
    assert!(git.has_commit(&head).unwrap() && !git.has_commit(&of_sha1).unwrap());
    assert!(!git.is_ancestor(&of_sha1, &head).unwrap());
    assert_eq!(refusal(git.details(&of_sha1)).kind, ErrorKind::Precondition);
    assert_eq!(git.commit_of(of_sha1.as_str()).unwrap(), None);
    assert_eq!(git.commit_of(head.short()).unwrap(), Some(head.clone()), "by its first digits");
    assert_eq!(git.commit_of(head.as_str().get(..40).unwrap()).unwrap(), Some(head), "also where these are 40");
}
