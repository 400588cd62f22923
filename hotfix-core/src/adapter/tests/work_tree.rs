use crate::domain::BranchName;
use crate::port::{
    Author, Editor as _, ErrorKind, MergeInMemory as _, NewCommit, PortError, RefsWrite as _, RepositoryRead as _,
    SwitchTo, WorktreeRead as _, WorktreeWrite as _,
};

use super::sandbox::{Sandbox, refusal, told};

#[test]
fn changed_and_untracked_files_are_told_apart() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.write(".gitignore", "ignored\n");
    clone.commit_all("ignore");
    clone.write("ignored", "x");
    clone.write("new file", "x");
    let repository = clone.open();
    let state = repository.work_tree_state().unwrap();
    assert_eq!((state.changed, state.untracked), (Vec::new(), vec!["new file".to_owned()]));
    clone.write("README", "changed\n");
    clone.git(["mv", "src/lib.rs", "src/main.rs"]);
    let state = repository.work_tree_state().unwrap();
    assert_eq!(state.changed, ["README", "src/main.rs"]);
}

#[test]
fn a_submodule_counts_when_it_moved_and_not_when_it_is_dirty_inside() {
    let sandbox = Sandbox::new();
    let (clone, _) = (sandbox.repository("clone"), sandbox.repository("library"));
    clone.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../library", "library"]);
    clone.commit_all("submodule");
    clone.write("library/README", "dirty\n");
    let repository = clone.open();
    assert_eq!(repository.work_tree_state().unwrap().changed, Vec::<String>::new());
    let library = sandbox.at("clone/library");
    library.set_up();
    library.commit_all("moved");
    let state = repository.work_tree_state().unwrap();
    assert_eq!((state.changed, state.outdated), (vec!["library".to_owned()], Vec::new()), "it is somebody's work");
    clone.commit_all("moved");
    library.git(["switch", "--quiet", "--detach", "HEAD~1"]);
    let state = clone.open().work_tree_state().unwrap();
    assert_eq!((state.changed, state.outdated), (vec!["library".to_owned()], vec!["library".to_owned()]));
}

#[test]
fn the_tree_of_a_dirty_work_tree_is_what_commit_all_gives() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let repository = clone.open();
    assert_eq!(repository.work_tree_as_tree(&[]).unwrap(), clone.id("HEAD^{tree}"));
    clone.write("README", "changed\n");
    clone.write("staged", "new\n");
    clone.git(["add", "staged"]);
    clone.write("untracked", "x\n");
    std::fs::remove_file(clone.path.join("src/lib.rs")).unwrap();
    let before = std::fs::read(clone.path.join(".git/index")).unwrap();
    let tree = repository.work_tree_as_tree(&[]).unwrap();
    assert_eq!(std::fs::read(clone.path.join(".git/index")).unwrap(), before, "the user's index is not touched");
    clone.git(["commit", "--quiet", "--all", "-m", "all"]);
    assert_eq!(tree, clone.id("HEAD^{tree}"));
}

#[test]
fn an_unborn_branch_has_the_tree_of_its_index() {
    let sandbox = Sandbox::new();
    let clone = sandbox.empty("clone", &[]);
    let empty = clone.git(["hash-object", "-t", "tree", "/dev/null"]);
    assert_eq!(clone.open().work_tree_as_tree(&[]).unwrap().as_str(), empty);
}

#[test]
fn switching_keeps_uncommitted_work() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let (repository, commit) = (clone.open(), clone.id("HEAD"));
    let name = "hotfix/x".to_owned();
    repository
        .switch(None, &SwitchTo::NewBranch { name: BranchName::known(name.clone()), commit: commit.clone() })
        .unwrap();
    assert_eq!(repository.head().unwrap().branch(), Some("hotfix/x"));
    let error = refusal(
        repository.switch(None, &SwitchTo::NewBranch { name: BranchName::known(name), commit: commit.clone() }),
    );
    assert_eq!(error.kind, ErrorKind::Precondition);
    clone.write("README", "fixed\n");
    clone.write("ignored", "tracked here\n");
    clone.commit_all("fix");
    repository.switch(None, &SwitchTo::Branch("main".parse().unwrap())).unwrap();
    clone.write("README", "precious\n");
    let error = refusal(repository.switch(None, &SwitchTo::Branch("hotfix/x".parse().unwrap())));
    assert_eq!(error.kind, ErrorKind::Precondition);
    assert!(told(&error).contains("README"), "{}", told(&error));
    clone.git(["checkout", "--quiet", "README"]);
    clone.write(".git/info/exclude", "ignored\n");
    clone.write("ignored", "precious too\n");
    assert!(repository.switch(None, &SwitchTo::Branch("hotfix/x".parse().unwrap())).is_err());
    assert_eq!(std::fs::read_to_string(clone.path.join("ignored")).unwrap(), "precious too\n");
    repository.switch(None, &SwitchTo::Commit(commit.clone())).unwrap();
    assert_eq!(repository.head().unwrap().branch(), None);
    for bad in ["-f", "@{-1}", "a..b", ""] {
        assert!(repository.switch(None, &SwitchTo::Branch(BranchName::known(bad))).is_err(), "{bad}");
    }
}

#[test]
fn work_trees_come_and_go() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let (repository, commit) = (clone.open(), clone.id("HEAD"));
    let path = sandbox.path("linked");
    repository.add_worktree(&path, "hotfix/x", &commit).unwrap();
    let linked = sandbox.at("linked");
    linked.write("README", "fixed\n");
    let error = refusal(repository.remove_worktree(&path, &commit));
    assert_eq!(error.kind, ErrorKind::Precondition);
    let fixed = linked.commit_all("fix");
    repository.switch(Some(&path), &SwitchTo::Commit(fixed.clone())).unwrap();
    repository.fast_forward(&clone.path, &fixed).unwrap();
    assert_eq!(clone.id("main"), fixed);
    assert_eq!(std::fs::read_to_string(clone.path.join("README")).unwrap(), "fixed\n");
    repository.remove_worktree(&path, &commit).unwrap();
    assert!(!path.exists());
    let error = refusal(repository.fast_forward(&clone.path, &commit).and_then(|()| {
        clone.git(["reset", "--quiet", "--hard", commit.as_str()]);
        clone.commit_all("diverged");
        repository.fast_forward(&clone.path, &fixed)
    }));
    assert_eq!(error.kind, ErrorKind::Precondition);
}

#[test]
fn a_work_tree_whose_folder_went_is_told_and_goes() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let (repository, commit) = (clone.open(), clone.id("HEAD"));
    let path = sandbox.path("linked");
    let seen = || {
        let found = repository.worktrees().unwrap().into_iter().nth(1);
        found.map(|it| (it.branch, it.is_there, it.is_locked))
    };
    let branch = Some("hotfix/x".to_owned());
    repository.add_worktree(&path, "hotfix/x", &commit).unwrap();
    assert_eq!(seen(), Some((branch.clone(), true, false)));
    clone.git(["worktree", "lock", path.to_str().unwrap()]);
    assert_eq!(seen(), Some((branch.clone(), true, true)));
    clone.git(["worktree", "unlock", path.to_str().unwrap()]);
    std::fs::rename(&path, sandbox.path("moved")).unwrap();
    assert_eq!(seen(), Some((branch.clone(), false, false)));
    std::fs::write(&path, "mine\n").unwrap();
    assert_eq!(seen(), Some((branch.clone(), false, false)), "a file is no work tree, and none that was made by half");
    assert!(!repository.is_half_made(&path).unwrap());
    // Who stands in it is in it, wherever git thinks that it is.
    let moved = sandbox.at("moved").open().worktrees().unwrap();
    assert!(moved.iter().any(|it| it.is_current && it.is_there && it.branch == branch), "{moved:?}");
    std::fs::remove_file(&path).unwrap();
    repository.remove_worktree(&path, &commit).unwrap();
    assert_eq!(seen(), None);
    assert!(sandbox.path("moved").join("README").exists(), "what was moved stays");
}

#[test]
fn submodules_of_a_work_tree_have_repositories_in_it() {
    let sandbox = Sandbox::new();
    let (clone, _) = (sandbox.repository("clone"), sandbox.repository("library"));
    clone.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../library", "a library"]);
    let commit = clone.commit_all("submodule");
    let (repository, path) = (clone.open(), sandbox.path("linked"));
    repository.add_worktree(&path, "hotfix/x", &commit).unwrap();
    assert_eq!(repository.submodules_in(&path).unwrap(), Vec::<String>::new(), "nobody fetched it there");
    let linked = sandbox.at("linked");
    linked.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init"]);
    assert_eq!(repository.submodules_in(&path).unwrap(), ["a library"]);
    linked.git(["submodule", "--quiet", "deinit", "a library"]);
    let left = repository.submodules_in(&path).unwrap();
    assert!(matches!(left.as_slice(), [only] if only.ends_with("modules")), "{left:?}");
    assert_eq!(
        refusal(repository.remove_worktree(&path, &commit)).kind,
        ErrorKind::Precondition,
        "git removes it neither"
    );
}

#[test]
fn commits_follow_the_users_settings() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.write("README", "changed\n");
    clone.write(":(odd) *", "x\n");
    let repository = clone.open();
    repository.stage(&["README".to_owned(), ":(odd) *".to_owned()]).unwrap();
    let tree = clone.git(["write-tree"]).parse().unwrap();
    let parents = vec![clone.id("HEAD")];
    let commit = NewCommit { tree, parents, message: "Fix\n\n# no comment: 日本語\n".to_owned(), author: None };
    let id = repository.commit(&commit).unwrap();
    assert_eq!(
        clone.git(["log", "-1", "--format=%an <%ae>%n%B", id.as_str()]),
        "Ada <ada@example.com>\nFix\n\n# no comment: 日本語"
    );
    assert_eq!(clone.git(["show", "--format=", "--name-only", id.as_str()]), ":(odd) *\nREADME");
    clone.git(["config", "commit.gpgSign", "true"]);
    clone.git(["config", "gpg.program", "false"]);
    let error = refusal(clone.open().commit(&commit));
    assert_eq!(error.kind, ErrorKind::Precondition);
    assert!(error.hints.iter().any(|hint| hint.contains("igning")), "{}", told(&error));
}

#[test]
fn a_taken_lock_is_named_with_its_age() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.write(".git/index.lock", "");
    let error = refusal(clone.open().switch(None, &SwitchTo::Commit(clone.id("HEAD"))));
    assert_eq!(error.kind, ErrorKind::Retry);
    assert!(error.hints[0].contains(".git/index.lock is 0 s old"), "{:?}", error.hints);
    assert!(clone.path.join(".git/index.lock").exists(), "it is not ours to remove");
}

#[test]
fn the_users_editor_gets_the_file() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.hook(".git/edit it", "printf \"%s\\n\" \"$#\" >> \"$1\"");
    clone.git(["config", "core.editor", "'.git/edit it'"]);
    clone.write("docs/a b $x.md", "draft\n");
    if std::env::var_os("GIT_EDITOR").is_some() {
        return; // It goes before the setting.
    }
    clone.open().edit("docs/a b $x.md").unwrap();
    assert_eq!(std::fs::read_to_string(clone.path.join("docs/a b $x.md")).unwrap(), "draft\n1\n");
    clone.git(["config", "core.editor", "false"]);
    assert!(clone.open().edit("docs/a b $x.md").is_err());
}

#[test]
fn a_text_is_written_in_the_users_editor_and_kept_when_that_fails() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    if std::env::var_os("GIT_EDITOR").is_some() {
        return; // It goes before the setting.
    }
    let file = clone.path.join(".git/EDITMSG");
    let composed = |script: &str| {
        clone.hook(".git/edit", &format!("cat \"$1\" >seen; {script}"));
        clone.git(["config", "core.editor", "./.git/edit"]);
        clone.open().compose("EDITMSG", "what?\n")
    };
    // A link of somebody else's goes, and what it leads to stays.
    clone.write("theirs", "theirs\n");
    std::os::unix::fs::symlink("../theirs", &file).unwrap();
    assert_eq!(composed("echo now >\"$1\"").unwrap(), "now\n");
    assert_eq!(std::fs::read_to_string(clone.path.join("theirs")).unwrap(), "theirs\n");
    assert_eq!(std::fs::read_to_string(clone.path.join("seen")).unwrap(), "what?\n");
    assert_eq!(composed(": >\"$1\"").unwrap(), "");
    let is_kept = |error: &PortError| error.hints.iter().any(|hint| hint.starts_with("what you wrote is in "));
    for script in ["echo lost >\"$1\"; exit 1", "printf '\\377' >\"$1\"", "head -c 65537 /dev/zero >\"$1\""] {
        let error = composed(script).unwrap_err();
        assert!(is_kept(&error), "{script}: {error}");
    }
    // What is gone is nowhere.
    for script in ["rm \"$1\"", "rm \"$1\"; exit 1"] {
        let error = composed(script).unwrap_err();
        assert!(!is_kept(&error) && !file.exists(), "{script}: {error}");
    }
    assert!(
        composed("rm \"$1\"").unwrap_err().to_string().ends_with("the file was removed in it, so there is no text")
    );
}

#[test]
fn only_the_files_named_are_committed() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.write("hotfix.toml", "x\n");
    clone.write("staged", "x\n");
    clone.git(["add", "staged"]);
    let repository = clone.open();
    repository.commit_files(&["hotfix.toml".to_owned()], "hotfix: set up\n").unwrap();
    assert_eq!(clone.git(["show", "--format=%s", "--name-only", "HEAD"]), "hotfix: set up\n\nhotfix.toml");
    assert_eq!(repository.work_tree_state().unwrap().changed, ["staged"]);
    clone.hook(".git/hooks/pre-commit", "echo 'not like this' >&2; exit 1");
    clone.write("hotfix.toml", "y\n");
    let error = refusal(repository.commit_files(&["hotfix.toml".to_owned()], "hotfix: again\n"));
    assert!(told(&error).contains("not like this"), "{}", told(&error));
}

#[test]
fn what_nobody_signs_is_written_as_git_writes_it() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let (repository, tree, parent) = (clone.open(), clone.id("HEAD^{tree}"), clone.id("HEAD"));
    let file = sandbox.path("message");
    // All but the times: ours is now.
    let object = |id: &str| {
        let text = clone.git(["cat-file", "-p", id]);
        let without_time = |line: &str| line.split_once("> ").map_or(line, |(who, _)| who).to_owned();
        (clone.git(["cat-file", "-s", id]), text.lines().map(without_time).collect::<Vec<_>>())
    };
    for (number, message) in ["Fix", "Fix\n", "\n\n Fix\n\n\n", "日本語\n# no comment\n", ""].iter().enumerate() {
        std::fs::write(&file, message).unwrap();
        let path = file.to_str().unwrap();
        let commit = NewCommit {
            tree: tree.clone(),
            parents: vec![parent.clone()],
            message: (*message).to_owned(),
            author: None,
        };
        let ours = repository.commit(&commit).unwrap();
        let theirs = clone.git(["commit-tree", tree.as_str(), "-F", path, "-p", parent.as_str()]);
        assert_eq!(object(ours.as_str()), object(&theirs), "{message:?}");
        if message.is_empty() {
            continue; // git makes no tag without a message.
        }
        let name = format!("v{number}");
        let ours = repository.annotated_tag(&name, &parent, message).unwrap();
        clone.git(["tag", "--cleanup=verbatim", "-F", path, &name, parent.as_str()]);
        assert_eq!(object(ours.as_str()), object(&format!("refs/tags/{name}")), "{message:?}");
    }
    let author = Author {
        name: "Grace Hopper".to_owned(),
        email: "grace@example.org".to_owned(),
        date: "1234567890 -0330".to_owned(),
    };
    let picked = NewCommit { tree, parents: vec![parent], message: "Pick\n".to_owned(), author: Some(author) };
    let id = repository.commit(&picked).unwrap();
    let shown = clone.git(["log", "-1", "--format=%an <%ae> %ad, %cn <%ce>", "--date=raw", id.as_str()]);
    assert_eq!(shown, "Grace Hopper <grace@example.org> 1234567890 -0330, Ada <ada@example.com>");
}
