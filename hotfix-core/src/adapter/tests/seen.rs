use std::time::Duration;

use crate::adapter::GitRepository;
use crate::adapter::system::{SystemProcesses, WorkTreeFiles};
use crate::domain::{BranchName, ObjectId, RefName};
use crate::port::{
    Expected, FilesWrite as _, Invocation, Processes as _, Push, RefUpdate, RemoteWrite as _, SwitchTo,
    WorktreeRead as _, WorktreeWrite as _,
};

use super::sandbox::Sandbox;

fn changed(repository: &GitRepository) -> Vec<String> {
    repository.work_tree_state().unwrap().changed
}

fn switch(repository: &GitRepository, name: &str) {
    repository.switch(None, &SwitchTo::Branch(BranchName::known(name))).unwrap();
}

/// Pushes a new branch of this name.
fn push(repository: &GitRepository, name: &str, to: &ObjectId) {
    let update = RefUpdate { name: RefName::of_branch(name), to: Some(to.clone()), expected: Expected::Absent };
    repository.push(&Push { remote: "origin".to_owned(), updates: vec![update] }).unwrap();
}

#[test]
fn a_look_at_the_work_tree_holds_until_something_ran() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let mut repository = clone.open();
    let stamp = repository.keep_looks();
    let files = WorkTreeFiles::new(clone.path.clone()).stamping(stamp.clone());
    let processes = SystemProcesses::new(clone.path.clone()).stamping(stamp.clone());
    let nothing = Vec::<String>::new();
    assert_eq!(changed(&repository), nothing);
    clone.write("README", "behind our back\n");
    assert_eq!(changed(&repository), nothing, "nothing ran, so it is not looked at again");
    assert!(!repository.has_changes().unwrap());
    stamp.disturbed();
    assert_eq!(changed(&repository), ["README"]);
    clone.git(["checkout", "--quiet", "README"]);

    let command = ["sh", "-c", "echo program >>src/lib.rs"].map(str::to_owned).to_vec();
    processes.run(&Invocation::new(command, Duration::from_secs(60))).unwrap();
    assert_eq!(changed(&repository), ["src/lib.rs"]);
    let command = ["git", "commit", "--quiet", "--all", "--message", "program"].map(str::to_owned).to_vec();
    processes.run(&Invocation::new(command, Duration::from_secs(60))).unwrap();
    assert_eq!(changed(&repository), nothing);
    files.write("new.txt", None, b"x").unwrap();
    assert_eq!(repository.untracked_files().unwrap(), ["new.txt"]);
    repository.stage(&["new.txt".to_owned()]).unwrap();
    assert_eq!(changed(&repository), ["new.txt"]);
    repository.commit_files(&["new.txt".to_owned()], "new").unwrap();
    assert_eq!(changed(&repository), nothing);
    // A branch that somebody moves under the work tree shows the difference as changes.
    clone.git(["update-ref", "refs/heads/main", "HEAD~1"]);
    assert_eq!(changed(&repository), ["new.txt"]);
}

#[test]
fn what_was_committed_stays_so_where_git_only_switches() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.git(["branch", "other"]);
    let mut repository = clone.open();
    repository.keep_looks();
    assert!(!repository.has_changes().unwrap());
    switch(&repository, "other");
    clone.write("README", "behind our back\n");
    assert!(!repository.has_changes().unwrap());
    assert_eq!(changed(&repository), ["README"], "what lies there after a switch is looked at");
    assert!(repository.has_changes().unwrap());
    switch(&repository, "main");
    clone.git(["checkout", "--quiet", "README"]);
    assert!(!repository.has_changes().unwrap());
}

#[test]
fn git_hooks_are_programs_that_ran() {
    let sandbox = Sandbox::new();
    let (clone, _) = sandbox.with_remote();
    clone.git(["branch", "other"]);
    let main = clone.id("main");
    let mut repository = clone.open();
    repository.keep_looks();
    assert!(!repository.has_changes().unwrap());
    push(&repository, "first", &main);
    clone.write("README", "behind our back\n");
    assert!(!repository.has_changes().unwrap(), "a push leaves the work tree alone");
    clone.git(["checkout", "--quiet", "README"]);
    for (hook, other) in
        [("pre-push", ""), ("reference-transaction", ""), ("post-checkout", "other"), ("post-merge", "main")]
    {
        let path = format!(".git/hooks/{hook}");
        clone.hook(&path, "echo hook >>README");
        match other {
            "" => push(&repository, hook, &main),
            other => switch(&repository, other),
        }
        // That there is such a hook is enough: nobody knows what it did.
        clone.write("README", "hook\n");
        assert!(repository.has_changes().unwrap(), "{hook}");
        std::fs::remove_file(clone.path.join(path)).unwrap();
        clone.git(["checkout", "--quiet", "README"]);
        repository.stage(&["README".to_owned()]).unwrap();
        assert!(!repository.has_changes().unwrap());
    }
}

#[test]
fn ignored_files_are_told_by_the_same_look() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.write(".gitignore", "*.o\ngen/\nnode_modules/\n");
    clone.commit_all("ignore");
    for path in
        ["a.o", "src/b.o", "gen/c.rs", "gen/deep/d.rs", "node_modules/e/f.js", "only/g.o", "new/h.o", "new/i.rs"]
    {
        clone.write(path, "x\n");
    }
    let is_of_interest = |folder: &str| folder != "node_modules/";
    let fresh = clone.open().ignored_files(&is_of_interest).unwrap();
    assert_eq!(fresh, ["a.o", "gen/c.rs", "gen/deep/d.rs", "new/h.o", "only/g.o", "src/b.o"]);
    let mut repository = clone.open();
    repository.keep_looks();
    assert_eq!(repository.ignored_files(&is_of_interest).unwrap(), fresh);
    assert_eq!(repository.work_tree_state().unwrap().untracked, ["new/"]);
    assert_eq!(repository.ignored_files(&is_of_interest).unwrap(), fresh);
    assert_eq!(repository.untracked_files().unwrap(), ["new/i.rs"]);
    let mut repository = clone.open();
    repository.keep_looks();
    repository.work_tree_state().unwrap();
    let mut listed = repository.ignored_files(&is_of_interest).unwrap();
    listed.dedup();
    assert_eq!(listed, fresh);
}
