use crate::port::{
    ErrorKind, Expected, FileEdit, MergeInMemory as _, PortError, RefUpdate, RefsWrite as _, RepositoryRead as _,
    TreeEdit,
};

use crate::adapter::GitRepository;
use crate::domain::{ObjectId, RefName};

use super::sandbox::{Sandbox, refusal, told};

#[test]
fn a_ref_moves_only_from_what_was_expected() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let first = clone.id("HEAD");
    let second = clone.commit_all("second");
    let repository = clone.open();
    let name = "refs/heads/hotfix/x";
    let at = |id| Expected::At(id);
    moved(&repository, name, Some(&first), &Expected::Absent, "hotfix: open").unwrap();
    for expected in [Expected::Absent, at(second.clone())] {
        let error = refusal(moved(&repository, name, Some(&second), &expected, "hotfix: x"));
        assert_eq!(error.kind, ErrorKind::Retry);
        assert_eq!(refusal(moved(&repository, name, None, &expected, "hotfix: x")).kind, ErrorKind::Retry);
    }
    assert_eq!(
        refusal(moved(&repository, "refs/heads/y", Some(&first), &at(first.clone()), "x")).kind,
        ErrorKind::Retry
    );
    clone.git(["pack-refs", "--all"]);
    moved(&repository, name, Some(&second), &at(first.clone()), "hotfix: land").unwrap();
    assert_eq!(repository.commit_of_ref(&RefName::known(name)).unwrap(), Some(second.clone()));
    assert_eq!(clone.git(["reflog", "-1", "--format=%gs", name]), "hotfix: land");
    moved(&repository, name, None, &at(second), "hotfix: gone").unwrap();
    assert_eq!(repository.commit_of_ref(&RefName::known(name)).unwrap(), None);
}

#[test]
fn a_ref_that_is_locked_is_left_alone_and_named() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let lock = clone.lock_of("refs/heads/x");
    clone.write(&lock, "");
    let error = refusal(moved(&clone.open(), "refs/heads/x", Some(&clone.id("HEAD")), &Expected::Absent, "x"));
    assert_eq!(error.kind, ErrorKind::Retry);
    assert!(error.hints[0].contains(&format!("{lock} is ")), "{:?}", error.hints);
}

fn moved(
    repository: &GitRepository,
    name: &str,
    to: Option<&ObjectId>,
    expected: &Expected,
    why: &str,
) -> Result<(), PortError> {
    repository
        .update_refs(&[RefUpdate { name: RefName::known(name), to: to.cloned(), expected: expected.clone() }], why)
}

fn edit(path: &str) -> TreeEdit {
    TreeEdit::Write(FileEdit { path: path.to_owned(), content: b"new\n".to_vec() })
}

#[test]
fn a_tree_is_edited_and_nothing_else_of_it_changes() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.hook("tool.sh", "true");
    let commit = clone.commit_all("tool");
    let edits = [edit("README"), edit("docs/deep/new.md"), edit("tool.sh")];
    let tree = clone.open().edit_tree(&commit, &edits).unwrap();
    let listed = clone.git(["ls-tree", "-r", "--format=%(objectmode) %(path)", tree.as_str()]);
    assert_eq!(listed, "100644 README\n100644 docs/deep/new.md\n100644 src/lib.rs\n100755 tool.sh");
    assert_eq!(clone.git(["show", &format!("{tree}:docs/deep/new.md")]), "new");
    assert_eq!(clone.git(["status", "--porcelain"]), "");
    assert_eq!(clone.open().edit_tree(&commit, &[]).unwrap(), clone.id("HEAD^{tree}"));
}

#[test]
fn an_edit_never_goes_through_a_link_or_over_a_folder() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    std::os::unix::fs::symlink("/etc", clone.path.join("docs")).unwrap();
    let commit = clone.commit_all("link");
    let repository = clone.open();
    for (path, reason) in [
        ("docs/STATUS.md", "`docs` is a symbolic link"),
        ("docs", "`docs` is a symbolic link"),
        ("src", "`src` is a folder"),
        ("README/x", "`README` is a file"),
        ("../x", "it is no path inside the repository"),
        (".git/config", "it is no path inside the repository"),
        ("/etc/passwd", "it is no path inside the repository"),
    ] {
        let error = refusal(repository.edit_tree(&commit, &[edit(path)]));
        assert_eq!(error.kind, ErrorKind::Precondition, "{path}");
        assert!(told(&error).ends_with(reason), "{}", told(&error));
    }
}
