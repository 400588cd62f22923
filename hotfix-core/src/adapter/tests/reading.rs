use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::domain::{ObjectId, RefName};
use crate::port::{
    Applied, ChangeKind, CommitFilter, ConfigRead as _, Conflict, ContentRead as _, ErrorKind, GitRead,
    HistoryRead as _, Hunk, MergeInMemory as _, Operation, RepositoryRead as _, WorktreeRead as _,
};

use super::sandbox::{Sandbox, refusal, told};

#[test]
fn revisions_mean_what_git_means() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let first = clone.id("HEAD");
    clone.write("README", "second\n");
    let second = clone.commit_all("second");
    clone.git(["tag", "-a", "v1", "-m", "v1", first.as_str()]);
    let repository = clone.open();
    for (revision, expected) in [
        ("main", Some(&second)),
        ("HEAD~1", Some(&first)),
        ("v1", Some(&first)),
        (first.as_str(), Some(&first)),
        (first.short(), Some(&first)),
        ("refs/tags/v1", Some(&first)),
        ("nowhere", None),
        ("", None),
        ("--all", None),
        ("main..v1", None),
        ("HEAD:README", None),
        ("main\u{0}x", None),
    ] {
        assert_eq!(repository.commit_of(revision).unwrap().as_ref(), expected, "{revision}");
    }
    assert_eq!(repository.commit_of_ref(&RefName::known("refs/tags/v1")).unwrap(), Some(first.clone()));
    assert_eq!(repository.commit_of_ref(&RefName::known("main")).unwrap(), None, "only full names");
    assert_eq!(repository.commit_of_ref(&RefName::known("refs/heads/no such")).unwrap(), None);
    assert!(repository.is_ancestor(&first, &second).unwrap());
    assert!(!repository.is_ancestor(&second, &first).unwrap());
    assert!(repository.is_ancestor(&second, &second).unwrap());
    assert!(!repository.is_ancestor(&absent(), &second).unwrap());
    assert!(!repository.has_commit(&absent()).unwrap());
    assert!(!repository.has_commit(&clone.id("HEAD^{tree}")).unwrap());
    assert_eq!(repository.tree_of(&second).unwrap(), clone.id("HEAD^{tree}"));
    let listed = repository.commits(Some(&first), &second, CommitFilter::All, 9).unwrap();
    assert_eq!(listed.iter().map(|commit| (&commit.id, commit.subject())).collect::<Vec<_>>(), [(&second, "second")]);
    assert_eq!(listed[0].author.name, "Ada");
}

fn absent() -> ObjectId {
    "0123456789012345678901234567890123456789".parse().unwrap()
}

#[test]
fn refs_are_seen_as_they_are_now() {
    let sandbox = Sandbox::new();
    let (clone, _) = sandbox.with_remote();
    let repository = clone.open();
    let branches = |prefix: &str| (&repository as &dyn GitRead).branches(prefix);
    assert_eq!(branches("hotfix/").unwrap(), Vec::<String>::new());
    for name in ["hotfix/b", "hotfix/a", "other"] {
        clone.git(["branch", name]);
    }
    assert_eq!(branches("hotfix/").unwrap(), ["hotfix/a", "hotfix/b"]);
    assert_eq!(branches("hotfix/a").unwrap(), ["hotfix/a"]);
    assert_eq!(branches("hot").unwrap(), ["hotfix/a", "hotfix/b"]);
    assert_eq!(branches("hotfix/<slug>/").unwrap(), Vec::<String>::new());
    clone.git(["branch", "hotfix/<slug>/c"]);
    assert_eq!(branches("hotfix/<slug>/").unwrap(), ["hotfix/<slug>/c"]);
    clone.git(["branch", "-d", "hotfix/<slug>/c"]);
    clone.git(["pack-refs", "--all"]);
    assert_eq!(branches("").unwrap(), ["hotfix/a", "hotfix/b", "main", "other"]);
    clone.git(["remote", "set-head", "origin", "main"]);
    let target = repository.symbolic_ref(&RefName::known("refs/remotes/origin/HEAD")).unwrap();
    assert_eq!(target.as_deref(), Some("refs/remotes/origin/main"));
    assert_eq!(repository.symbolic_ref(&RefName::known("refs/heads/main")).unwrap(), None);
    clone.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"]);
    assert_eq!(repository.commit_of_ref(&RefName::known("refs/remotes/origin/HEAD")).unwrap(), None);
    assert_eq!(repository.remotes().unwrap(), ["origin"]);
}

#[test]
fn a_change_is_counted_where_it_is() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let first = clone.id("HEAD");
    clone.write("src/lib.rs", "one\ntwo\nTHREE\nthree and a half\nfour\nfive\nsix\nseven\n");
    clone.git(["mv", "README", "READ.ME"]);
    clone.write("logo.png", "\u{0}\u{1}");
    clone.write("notes", "a\nb\n");
    let second = clone.commit_all("second");
    let repository = clone.open();
    let changes = repository.changes(&first, &second).unwrap();
    let seen: Vec<_> = changes
        .iter()
        .map(|one| (one.path.as_str(), one.kind, one.added, one.removed, one.first_line, one.is_binary))
        .collect();
    assert_eq!(
        seen,
        [
            ("READ.ME", ChangeKind::Modified, 0, 0, 0, false),
            ("logo.png", ChangeKind::Added, 0, 0, 0, true),
            ("notes", ChangeKind::Added, 2, 0, 1, false),
            ("src/lib.rs", ChangeKind::Modified, 2, 1, 3, false),
        ]
    );
    assert_eq!(changes[0].renamed_from.as_deref(), Some("README"));
    let back = repository.changes(&clone.id("HEAD^{tree}"), &first).unwrap();
    let notes = back.iter().find(|one| one.path == "notes").unwrap();
    assert_eq!((notes.kind, notes.removed, notes.first_line), (ChangeKind::Deleted, 2, 0));
    assert_eq!(repository.changes(&first, &first).unwrap(), []);
    assert!(repository.changes(&absent(), &first).is_err());
}

/// Compared line by line, each with each, these took a minute.
#[test]
fn hundreds_of_files_that_go_and_hundreds_that_come_take_no_time() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let lines = |what: &str, number: usize| -> String {
        (0..80).map(|line| format!("{what} {number}, and its line {line} as well\n")).collect()
    };
    for number in 0..300 {
        clone.write(format!("old/{number}.txt"), &lines("old", number));
    }
    let first = clone.commit_all("first");
    clone.git(["mv", "old/7.txt", "seven.txt"]);
    clone.write("seven.txt", &lines("old", 7).replace("line 3 ", "third line "));
    for number in 0..300 {
        std::fs::remove_file(clone.path.join(format!("old/{number}.txt"))).ok();
        clone.write(format!("new/{number}.txt"), &lines("new", number));
    }
    let second = clone.commit_all("second");
    let repository = clone.open();
    let start = std::time::Instant::now();
    let changes = repository.changes(&first, &second).unwrap();
    assert!(start.elapsed() < std::time::Duration::from_secs(15), "{:?}", start.elapsed());
    let renamed: Vec<_> = changes.iter().filter(|change| change.renamed_from.is_some()).collect();
    assert_eq!(changes.len(), 600);
    assert_eq!(renamed.len(), 1);
    assert_eq!((renamed[0].path.as_str(), renamed[0].renamed_from.as_deref()), ("seven.txt", Some("old/7.txt")));
    assert_eq!((renamed[0].kind, renamed[0].added, renamed[0].removed), (ChangeKind::Modified, 1, 1));
}

#[test]
fn changes_are_found_without_the_index_and_whatever_attributes_say() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let lines = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
    clone.write("list.txt", lines);
    clone.write(".gitattributes", "*.txt binary\n");
    let first = clone.commit_all("first");
    clone.git(["mv", "list.txt", "renamed.txt"]);
    clone.write("renamed.txt", &format!("{lines}nine\n"));
    let second = clone.commit_all("second");
    // In a large repository it is megabytes.
    clone.write(".git/index", "no index");
    let changes = clone.open().changes(&first, &second).unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((changes[0].renamed_from.as_deref(), changes[0].added), (Some("list.txt"), 1));
}

#[test]
fn a_diff_has_the_texts_of_both_sides_and_the_lines_that_differ() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.write("a.txt", "one\ntwo\nthree\nfour\n");
    clone.write("long.txt", &"x\n".repeat(600_000));
    let first = clone.commit_all("first");
    clone.write("a.txt", "one\r\n2\nthree\nfour\nfive");
    clone.write("long.txt", "short\n");
    clone.write("logo.png", "\0");
    let second = clone.commit_all("second");
    let repository = clone.open();
    let diff = repository.diff(&first, &second).unwrap();
    let changes: Vec<_> = diff.iter().map(|file| file.change.clone()).collect();
    assert_eq!(changes, repository.changes(&first, &second).unwrap());
    let [text, logo, long] = diff.as_slice() else { panic!("{diff:?}") };
    assert_eq!((text.before.as_str(), text.after.as_str()), ("one\ntwo\nthree\nfour\n", "one\r\n2\nthree\nfour\nfive"));
    assert_eq!(text.hunks, [Hunk { before: 0..2, after: 0..2 }, Hunk { before: 4..4, after: 4..5 }]);
    for without in [logo, long] {
        assert_eq!((without.before.as_str(), without.after.as_str(), without.hunks.len()), ("", "", 0));
    }
    assert_eq!((long.change.added, long.change.removed, logo.change.is_binary), (1, 600_000, true));
}

#[test]
fn a_change_runs_nothing_that_the_repository_supplies() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let first = clone.id("HEAD");
    clone.write(".gitattributes", "* diff=evil filter=evil\n");
    clone.write("src/lib.rs", "changed\n");
    let second = clone.commit_all("second");
    for key in ["diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.process"] {
        clone.git(["config", key, "touch ran; false"]);
    }
    assert_eq!(clone.open().changes(&first, &second).unwrap().len(), 2);
    assert!(!clone.path.join("ran").exists());
}

#[test]
fn files_are_read_from_commits() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    std::os::unix::fs::symlink("README", clone.path.join("link")).unwrap();
    let commit = clone.commit_all("link");
    let repository = clone.open();
    assert_eq!(repository.file_at(&commit, "README").unwrap().as_deref(), Some(b"read me\n".as_slice()));
    assert!(repository.file_at(&commit, "src/lib.rs").unwrap().is_some());
    for path in ["link", "src", "nowhere", "src/nowhere", "README/x"] {
        assert_eq!(repository.file_at(&commit, path).unwrap(), None, "{path}");
    }
    assert_eq!(repository.top_level_names(&commit).unwrap(), ["README", "link", "src"]);
    assert!(repository.file_at(&absent(), "README").is_err());
}

#[test]
fn names_that_are_not_utf8_are_shown_as_well_as_possible() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let first = clone.id("HEAD");
    let name = OsStr::from_bytes(b"\xff.txt");
    std::fs::write(clone.path.join(name), "a\n").unwrap();
    let second = clone.commit_all("odd");
    std::fs::write(clone.path.join(name), "b\n").unwrap();
    std::fs::write(clone.path.join(OsStr::from_bytes(b"\xfe.new")), "b\n").unwrap();
    let repository = clone.open();
    assert_eq!(repository.changes(&first, &second).unwrap()[0].path, "\u{fffd}.txt");
    assert!(repository.top_level_names(&second).unwrap().contains(&"\u{fffd}.txt".to_owned()));
    let state = repository.work_tree_state().unwrap();
    assert_eq!((state.changed, state.untracked), (vec!["\u{fffd}.txt".to_owned()], vec!["\u{fffd}.new".to_owned()]));
    assert_ne!(repository.work_tree_as_tree(&[]).unwrap(), clone.id("HEAD^{tree}"));
}

#[test]
fn merges_are_computed_without_moving_anything() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let base = clone.id("HEAD");
    clone.git(["switch", "--quiet", "-c", "fix"]);
    clone.write("src/lib.rs", "one\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n");
    let fix = clone.commit_all("fix");
    clone.git(["switch", "--quiet", "main"]);
    clone.write("src/lib.rs", "ONE\ntwo\nthree\nfour\nfive\nsix\nseven\n");
    let main = clone.commit_all("main");
    let repository = clone.open();
    let Applied::Clean(tree) = repository.merge(&main, &fix, &|_| None).unwrap() else { panic!("it conflicts") };
    assert_eq!(tree.as_str(), clone.git(["merge-tree", "--write-tree", "main", "fix"]));
    assert_eq!(repository.merge(&base, &fix, &|_| None).unwrap(), Applied::Clean(clone.id("fix^{tree}")));
    assert_eq!(clone.git(["status", "--porcelain"]), "");

    clone.write("src/lib.rs", "ONE\ntwo\nthree\nfour\nfive\nsix\nseven!\n");
    let main = clone.commit_all("conflicting");
    let conflict = Applied::Conflict(vec![Conflict { path: "src/lib.rs".to_owned(), line: 7 }]);
    assert_eq!(repository.merge(&main, &fix, &|_| None).unwrap(), conflict);

    clone.git(["switch", "--quiet", "--orphan", "island"]);
    let island = clone.commit_all("island");
    let error = refusal(repository.merge(&main, &island, &|_| None));
    assert_eq!(error.kind, ErrorKind::Precondition);
    assert!(told(&error).contains("no common history"));
}

#[test]
fn a_merge_with_two_bases_is_that_of_git() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.git(["branch", "other"]);
    clone.write("a", "a\n");
    clone.commit_all("a");
    clone.git(["switch", "--quiet", "other"]);
    clone.write("b", "b\n");
    clone.commit_all("b");
    clone.git(["tag", "b"]);
    clone.git(["merge", "--quiet", "--no-edit", "main"]);
    clone.git(["switch", "--quiet", "main"]);
    clone.git(["merge", "--quiet", "--no-edit", "b"]);
    clone.write("c", "c\n");
    let main = clone.commit_all("c");
    let tree = clone.git(["merge-tree", "--write-tree", "main", "other"]).parse().unwrap();
    assert_eq!(clone.open().merge(&main, &clone.id("other"), &|_| None).unwrap(), Applied::Clean(tree));
}

#[test]
fn a_merge_whose_file_is_gone_is_damage_and_no_bug() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let lines = |first: &str, last: &str| format!("{first}\n{}{last}\n", "between\n".repeat(9));
    clone.write("a", &lines("one", "ten"));
    clone.commit_all("before");
    clone.git(["switch", "--quiet", "--create", "other"]);
    clone.write("a", &lines("one", "10"));
    let theirs = clone.commit_all("theirs");
    clone.git(["switch", "--quiet", "main"]);
    clone.write("a", &lines("1", "ten"));
    let ours = clone.commit_all("ours");
    assert!(matches!(clone.open().merge(&ours, &theirs, &|_| None).unwrap(), Applied::Clean(_)));
    let file = clone.git(["rev-parse", "other:a"]);
    let (folder, name) = file.split_at(2);
    std::fs::remove_file(sandbox.path("clone/.git/objects").join(folder).join(name)).unwrap();
    let repository = clone.open();
    let parent = clone.id("main~1");
    for error in [
        refusal(repository.merge(&ours, &theirs, &|_| None)),
        refusal(repository.apply(&parent, &theirs, &ours, &|_| None)),
    ] {
        assert_eq!((error.kind, error.is_cut_off()), (ErrorKind::Precondition, false), "{}", told(&error));
        assert!(error.hints.iter().any(|hint| hint.contains("git fsck")), "{:?}", error.hints);
    }
}

#[test]
fn a_shallow_clone_says_what_it_cannot_know() {
    let sandbox = Sandbox::new();
    let (clone, _) = sandbox.with_remote();
    let first = clone.id("HEAD");
    clone.commit_all("second");
    let third = clone.commit_all("third");
    clone.git(["push", "--quiet", "origin", "main"]);
    let url = format!("file://{}", sandbox.path("origin.git").display());
    clone.git(["clone", "--quiet", "--depth=1", &url, "../shallow"]);
    let shallow = sandbox.at("shallow");
    shallow.set_up();
    shallow.git(["fetch", "--quiet", "--depth=1", "origin", first.as_str()]);
    let repository = shallow.open();
    assert!(repository.repository().is_shallow);
    assert!(repository.is_ancestor(&third, &third).unwrap());
    let error = refusal(repository.is_ancestor(&first, &third));
    assert_eq!((error.kind, error.is_cut_off()), (ErrorKind::Precondition, true));
    assert!(error.hints.iter().any(|hint| hint.contains("git fetch --unshallow")), "{:?}", error.hints);
    let fourth = shallow.commit_all("fourth");
    assert!(repository.is_ancestor(&third, &fourth).unwrap());
    assert!(!repository.is_ancestor(&fourth, &third).unwrap(), "the other way round is certain");
    assert_eq!(repository.commits(Some(&third), &fourth, CommitFilter::All, 9).unwrap().len(), 1);
    let error = refusal(repository.merge(&first, &third, &|_| None));
    assert_eq!((error.kind, error.is_cut_off()), (ErrorKind::Precondition, true));
    assert!(error.hints.iter().any(|hint| hint.contains("--unshallow")), "{}", told(&error));
    let tree = shallow.git(["rev-parse", "HEAD^{tree}"]).parse().unwrap();
    let error = refusal(repository.commits(None, &tree, CommitFilter::All, 9));
    assert!(!error.is_cut_off(), "a tree has no history that could be fetched: {}", told(&error));
}

#[test]
fn configuration_includes_what_is_set_here() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.git(["config", "hotfix.test.timeout", "1m"]);
    clone.git(["config", "--add", "hotfix.test.timeout", "2m"]);
    let repository = clone.open();
    assert_eq!(repository.config("hotfix.test.timeout").unwrap().as_deref(), Some("2m"));
    assert_eq!(repository.config("hotfix.nothing").unwrap(), None);
    assert_eq!(repository.config("no key").unwrap(), None);
    let person = repository.identity().unwrap();
    assert_eq!((person.name.as_str(), person.email.as_str()), ("Ada", "ada@example.com"));
}

#[test]
fn an_unfinished_operation_is_named() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let repository = clone.open();
    assert_eq!(repository.operation_in_progress().unwrap(), None);
    clone.git(["switch", "--quiet", "-c", "fix"]);
    clone.write("README", "fix\n");
    clone.commit_all("fix");
    clone.git(["switch", "--quiet", "main"]);
    clone.write("README", "main\n");
    clone.commit_all("main");
    for (command, operation) in [
        (["merge", "fix"], Operation::Merge),
        (["cherry-pick", "fix"], Operation::CherryPick),
        (["rebase", "fix"], Operation::Rebase),
    ] {
        assert!(!clone.run(command).status.success());
        assert_eq!(repository.operation_in_progress().unwrap(), Some(operation));
        assert_eq!(repository.work_tree_state().unwrap().conflicted, ["README"]);
        let error = refusal(repository.work_tree_as_tree(&[]));
        assert!(told(&error).contains("README has conflicts"));
        clone.git([command[0], "--abort"]);
    }
}

#[test]
fn a_partial_clone_fetches_what_it_lacks_or_says_so() {
    let sandbox = Sandbox::new();
    let (clone, origin) = sandbox.with_remote();
    let first = clone.id("HEAD");
    clone.write("src/lib.rs", "one\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n");
    let second = clone.commit_all("second");
    clone.git(["push", "--quiet", "origin", "main"]);
    origin.git(["config", "uploadpack.allowFilter", "true"]);
    origin.git(["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", origin.path.display());
    for name in ["partial", "cut off"] {
        clone.git(["clone", "--quiet", "--no-checkout", "--filter=blob:none", &url, &format!("../{name}")]);
    }
    let changes = sandbox.at("partial").open().changes(&first, &second).unwrap();
    assert_eq!(changes.iter().map(|one| (one.added, one.removed)).collect::<Vec<_>>(), [(1, 1)]);
    let packs = || std::fs::read_dir(sandbox.path("cut off/.git/objects/pack")).unwrap().count();
    let before = packs();
    let alone = sandbox.at("cut off").open().without_network();
    let error = refusal(alone.changes(&first, &second));
    assert_eq!((packs(), error.kind), (before, ErrorKind::Retry), "{}", told(&error));
    assert!(error.hints.iter().any(|hint| hint.contains("--offline")), "{}", told(&error));
    // What git itself would fetch is not fetched either.
    assert_eq!((refusal(alone.patch(&first, &second)).kind, packs()), (ErrorKind::Retry, before));
    std::fs::rename(&origin.path, sandbox.path("gone.git")).unwrap();
    let cut_off = sandbox.at("cut off").open();
    let error = refusal(cut_off.changes(&first, &second));
    assert_eq!(error.kind, ErrorKind::Retry, "{}", told(&error));
    assert!(error.hints.iter().any(|hint| hint.contains("partial clone")));
    assert!(cut_off.file_at(&second, "README").is_err());
}
