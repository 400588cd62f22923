use crate::adapter::GitRepository;
use crate::domain::RefName;
use crate::port::{
    CommitFilter, ConfigRead as _, ErrorKind, Head, HistoryRead as _, MergeInMemory as _, NewCommit, RefsWrite as _,
    RepositoryRead as _, WorktreeRead as _,
};

use super::sandbox::{Sandbox, refusal, told};

#[test]
fn finds_the_repository_from_a_folder_inside() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let repository = GitRepository::open(&clone.path.join("src")).unwrap();
    let place = repository.repository();
    assert_eq!(place.work_tree.as_deref(), Some(clone.path.as_path()));
    assert_eq!(place.git_dir, clone.path.join(".git"));
    assert_eq!(place.git_dir, place.common_dir);
    assert!(!place.is_shallow);
}

#[test]
fn a_linked_work_tree_shares_the_common_directory() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.git(["worktree", "add", "--quiet", "-b", "hotfix/x", "../linked"]);
    let linked = sandbox.at("linked").open();
    assert_eq!(linked.repository().common_dir, clone.path.join(".git"));
    assert_eq!(linked.repository().git_dir, clone.path.join(".git/worktrees/linked"));
    assert_eq!(linked.head().unwrap().branch(), Some("hotfix/x"));
    let worktrees = linked.worktrees().unwrap();
    let seen: Vec<_> = worktrees.iter().map(|one| (one.path.clone(), one.branch.as_deref(), one.is_current)).collect();
    assert_eq!(seen, [(clone.path.clone(), Some("main"), false), (sandbox.path("linked"), Some("hotfix/x"), true)]);
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let sandbox = Sandbox::new();
    let (clone, _) = (sandbox.repository("clone"), sandbox.repository("library"));
    clone.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../library", "library"]);
    let submodule = GitRepository::open(&clone.path.join("library/src")).unwrap();
    assert_eq!(submodule.repository().work_tree.as_deref(), Some(clone.path.join("library").as_path()));
    assert_eq!(submodule.work_tree_state().unwrap(), Default::default());
}

#[test]
fn detached_and_unborn_heads_are_told_apart() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.git(["switch", "--quiet", "--detach"]);
    assert_eq!(clone.open().head().unwrap(), Head::Detached { commit: clone.id("HEAD") });
    let unborn = sandbox.empty("unborn", &[]);
    let repository = unborn.open();
    assert_eq!(repository.head().unwrap(), Head::Unborn { name: "main".to_owned() });
    assert_eq!(repository.commit_of("HEAD").unwrap(), None);
    assert_eq!(repository.commit_of_ref(&RefName::known("refs/heads/main")).unwrap(), None);
}

#[test]
fn refuses_formats_that_it_would_misread() {
    let sandbox = Sandbox::new();
    let unknown = sandbox.repository("unknown");
    unknown.git(["config", "core.repositoryFormatVersion", "1"]);
    for (extension, value, reason) in [
        ("ofTomorrow", "true", "it has the extension `ofTomorrow`, which is not known here"),
        ("refStorage", "tree", "its refs are stored as tree, which is not known here"),
        ("objectFormat", "sha3", "its object format is sha3, which is not known here"),
    ] {
        let key = format!("extensions.{extension}");
        std::fs::copy(unknown.path.join(".git/config"), sandbox.path("config")).unwrap();
        unknown.git(["config", &key, value]);
        let error = refusal(GitRepository::open(&unknown.path));
        std::fs::copy(sandbox.path("config"), unknown.path.join(".git/config")).unwrap();
        assert_eq!(error.kind, ErrorKind::Precondition);
        assert!(told(&error).contains(reason), "{}", told(&error));
        assert_eq!(error.hints.len(), 1);
    }
}

#[test]
fn known_extensions_are_fine() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.git(["config", "core.repositoryFormatVersion", "1"]);
    clone.git(["config", "extensions.worktreeConfig", "true"]);
    clone.git(["config", "extensions.preciousObjects", "true"]);
    assert!(clone.open().head().is_ok());
}

#[test]
fn outside_of_a_repository_it_says_so() {
    let sandbox = Sandbox::new();
    let error = refusal(GitRepository::open(&sandbox.path("home")));
    assert_eq!(error.kind, ErrorKind::Precondition);
    assert!(refusal(GitRepository::open(&sandbox.path("nowhere"))).source.is_some());
}

#[test]
fn a_bare_repository_has_no_work_tree_to_look_at() {
    let sandbox = Sandbox::new();
    let (_, origin) = sandbox.with_remote();
    let repository = origin.open();
    assert_eq!(repository.repository().work_tree, None);
    assert!(repository.commit_of_ref(&RefName::known("refs/heads/main")).unwrap().is_some());
    assert_eq!(refusal(repository.work_tree_state()).kind, ErrorKind::Precondition);
}

/// Where [`in_a_process_that_git_started`] finds what it should find.
const EXPECTED: &str = "HOTFIX_TEST_WORK_TREE";

#[test]
fn the_environment_that_git_gives_is_honoured() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let other = sandbox.repository("other");
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "adapter::tests::opening::in_a_process_that_git_started"])
        .current_dir(&other.path)
        .env(EXPECTED, &clone.path)
        .env("HOME", sandbox.path("home"))
        .env("GIT_DIR", clone.path.join(".git"))
        .env("GIT_WORK_TREE", &clone.path)
        .env("GIT_INDEX_FILE", "/nowhere/index")
        .env("GIT_CONFIG_PARAMETERS", "'user.name'='Eve'")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "hotfix.test.timeout")
        .env("GIT_CONFIG_VALUE_0", "7m")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
}

#[test]
#[ignore = "run by the_environment_that_git_gives_is_honoured"]
fn in_a_process_that_git_started() {
    let repository = GitRepository::open(std::path::Path::new(".")).unwrap();
    let top = std::path::PathBuf::from(std::env::var_os(EXPECTED).unwrap());
    assert_eq!(repository.repository().work_tree.as_deref(), Some(top.as_path()));
    assert_eq!(repository.identity().unwrap().name, "Eve");
    assert_eq!(repository.config("hotfix.test.timeout").unwrap().as_deref(), Some("7m"));
    assert_eq!(repository.work_tree_state().unwrap(), Default::default(), "with the repository's own index");
    let tree = repository.work_tree_as_tree(&[]).unwrap();
    let id =
        repository.commit(&NewCommit { tree, parents: Vec::new(), message: "x".to_owned(), author: None }).unwrap();
    let first = repository.commit_of("HEAD").unwrap().unwrap();
    assert_eq!(repository.commits(Some(&first), &id, CommitFilter::All, 1).unwrap()[0].author.name, "Eve");
}
