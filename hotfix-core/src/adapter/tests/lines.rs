//! Carrying a fix to lines: rules for version files, picks, tags as objects, several refs at once, conflicts laid out.

use crate::domain::{ObjectId, RefName};
use crate::port::{
    Applied, Conflict, ContentRead as _, Expected, FileRule, HistoryRead as _, LayOut, MergeInMemory as _, RefUpdate,
    RefsWrite as _, Unfinished, WorktreeRead as _, WorktreeWrite as _,
};

use super::sandbox::{Clone, Sandbox, refusal, told};

/// `develop` and `fix` go on from `main`, each with its own version and changes.
fn diverged(sandbox: &Sandbox) -> Clone {
    let clone = sandbox.repository("clone");
    clone.write("VERSION", "name = x\nversion = 1.0.0\n");
    clone.write("CHANGES", "# Changes\n\n## 1.0.0\n");
    clone.commit_all("release");
    clone.git(["switch", "--quiet", "--create", "develop"]);
    clone.write("VERSION", "name = x\nversion = 1.1.0-dev\n");
    clone.write("CHANGES", "# Changes\n\n## 1.1.0\n\n## 1.0.0\n");
    clone.commit_all("go on");
    clone.git(["switch", "--quiet", "--create", "fix", "main"]);
    clone.write("VERSION", "name = x\nversion = 1.0.1\n");
    clone.write("CHANGES", "# Changes\n\n## 1.0.1\n\n## 1.0.0\n");
    clone.write("fixed", "yes\n");
    clone.commit_all("fix it");
    clone
}

fn both(path: &str) -> Option<FileRule> {
    match path {
        "VERSION" => Some(FileRule::KeepVersion),
        "CHANGES" => Some(FileRule::KeepBoth),
        _ => None,
    }
}

#[test]
fn rules_settle_what_every_release_has() {
    let sandbox = Sandbox::new();
    let clone = diverged(&sandbox);
    let repository = clone.open();
    let (develop, fix) = (clone.id("develop"), clone.id("fix"));
    let Applied::Clean(tree) = repository.merge(&develop, &fix, &both).unwrap() else { panic!("it conflicts") };
    assert_eq!(clone.git(["show", &format!("{tree}:VERSION")]), "name = x\nversion = 1.1.0-dev");
    let changes = clone.git(["show", &format!("{tree}:CHANGES")]);
    assert!(changes.contains("## 1.1.0") && changes.contains("## 1.0.1"), "{changes}");
    assert_eq!(clone.git(["show", &format!("{tree}:fixed")]), "yes");
    let places = |path: &str, line| Conflict { path: path.to_owned(), line };
    assert_eq!(
        repository.merge(&develop, &fix, &|_| None).unwrap(),
        Applied::Conflict(vec![places("CHANGES", 3), places("VERSION", 2)])
    );
}

#[test]
fn what_is_only_looked_at_is_written_once_something_else_reads_it() {
    let sandbox = Sandbox::new();
    let clone = diverged(&sandbox);
    let repository = clone.open();
    repository.only_look();
    let (develop, fix) = (clone.id("develop"), clone.id("fix"));
    let objects = clone.git(["count-objects"]);
    let Applied::Clean(tree) = repository.merge(&develop, &fix, &both).unwrap() else { panic!("it conflicts") };
    assert_eq!(repository.apply(&fix, &fix, &tree, &both).unwrap(), Applied::Clean(tree.clone()));
    assert_eq!(clone.git(["count-objects"]), objects);
    let changes = repository.changes(&develop, &tree).unwrap();
    assert_eq!(changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["CHANGES", "fixed"]);
    assert_eq!(clone.git(["show", &format!("{tree}:fixed")]), "yes");
    clone.git(["fsck", "--strict", tree.as_str()]);
}

/// A rule for versions never drops a change of anything else.
#[test]
fn a_rule_for_versions_settles_nothing_else() {
    let sandbox = Sandbox::new();
    let clone = diverged(&sandbox);
    clone.write("VERSION", "name = x\nversion = 1.0.1\npanic = abort\n");
    clone.commit_all("and more");
    let applied = clone.open().merge(&clone.id("develop"), &clone.id("fix"), &both).unwrap();
    assert_eq!(applied, Applied::Conflict(vec![Conflict { path: "VERSION".to_owned(), line: 2 }]));
}

#[test]
fn picks_and_reverts_are_what_git_makes_of_them() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    clone.git(["switch", "--quiet", "--create", "old"]);
    clone.write("old", "x\n");
    clone.commit_all("old");
    clone.git(["switch", "--quiet", "main"]);
    clone.write("src/lib.rs", "one\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n");
    let fix = clone.commit_all("fix");
    let repository = clone.open();
    let parent = clone.id("fix^".replace("fix", fix.as_str()).as_str());
    let Applied::Clean(picked) = repository.apply(&parent, &fix, &clone.id("old"), &|_| None).unwrap() else {
        panic!()
    };
    let Applied::Clean(reverted) = repository.apply(&fix, &parent, &fix, &|_| None).unwrap() else { panic!() };
    assert_eq!(reverted, clone.id("main~1^{tree}"));
    clone.git(["switch", "--quiet", "old"]);
    clone.git(["cherry-pick", fix.as_str()]);
    assert_eq!(picked, clone.id("HEAD^{tree}"));
    let again = repository.apply(&parent, &fix, &clone.id("old"), &|_| None).unwrap();
    assert_eq!(again, Applied::Clean(clone.id("old^{tree}")), "it is there already");
}

/// `develop` moves so many files to another folder and changes each; `fix` changes one of them twice where it was.
fn moved(sandbox: &Sandbox, files: usize) -> Clone {
    let clone = sandbox.repository("clone");
    let lines = |end: &str| (0..10).map(|line| format!("line {line}{end}\n")).collect::<String>();
    for number in 0..files {
        clone.write(format!("lib/{number}"), &lines(&format!(" of {number}")));
    }
    clone.commit_all("add them");
    clone.git(["switch", "--quiet", "--create", "develop"]);
    clone.git(["mv", "lib", "core"]);
    for number in 0..files {
        clone.write(format!("core/{number}"), &lines(&format!(" of {number}")).replacen("line 0", "first", 1));
    }
    clone.commit_all("move them");
    clone.git(["switch", "--quiet", "--create", "fix", "main"]);
    for line in ["line 5", "line 9"] {
        let before = std::fs::read_to_string(clone.path.join("lib/7")).unwrap();
        clone.write("lib/7", &before.replace(line, "fixed"));
        clone.commit_all(line);
    }
    clone
}

/// What git makes of the fix on `develop`.
fn merged_by_git(clone: &Clone) -> Applied {
    let tree = clone.git(["merge-tree", "--write-tree", "develop", "fix"]);
    assert!(clone.git(["show", &format!("{tree}:core/7")]).starts_with("first of 7\nline 1"), "{tree}");
    Applied::Clean(tree.parse().unwrap())
}

#[test]
fn where_more_files_were_moved_than_libgit2_compares_git_is_asked() {
    let sandbox = Sandbox::new();
    let clone = moved(&sandbox, 600);
    let [develop, start, first, fix] = ["develop", "main", "fix^", "fix"].map(|revision| clone.id(revision));
    let objects = clone.git(["count-objects", "-v"]);
    for only_looks in [true, false] {
        let repository = clone.open();
        if only_looks {
            repository.only_look();
        } else {
            repository.decide_merges();
        }
        let merged = repository.merge(&develop, &fix, &|_| None).unwrap();
        let Applied::Clean(picked) = repository.apply(&start, &first, &develop, &|_| None).unwrap() else { panic!() };
        // Onto a tree that nobody wrote yet.
        assert_eq!(repository.apply(&first, &fix, &picked, &|_| None).unwrap(), merged);
        assert!(!repository.awaits_git(None, &develop, &fix).unwrap());
        if only_looks {
            assert_eq!(clone.git(["count-objects", "-v"]), objects, "a look writes nothing");
        } else {
            let Applied::Clean(tree) = &merged else { panic!() };
            clone.git(["fsck", "--strict", tree.as_str()]);
        }
        assert_eq!(merged, merged_by_git(&sandbox.at("clone")));
    }
}

#[test]
fn the_limit_that_git_meets_itself_is_told() {
    let sandbox = Sandbox::new();
    let clone = moved(&sandbox, 9);
    clone.git(["switch", "--quiet", "develop"]);
    for number in 0..9 {
        // By another name git does not find it at once.
        clone.git(["mv", &format!("core/{number}"), &format!("core/is-{number}")]);
    }
    clone.commit_all("name them otherwise");
    let [develop, fix] = ["develop", "fix"].map(|revision| clone.id(revision));
    clone.git(["config", "merge.renameLimit", "2"]);
    let repository = clone.open();
    assert!(matches!(repository.merge(&develop, &fix, &|_| None).unwrap(), Applied::Conflict(_)));
    assert_eq!(repository.wanted_rename_limit(), Some(9));
    clone.git(["config", "merge.renameLimit", "9"]);
    let repository = clone.open();
    assert!(matches!(repository.merge(&develop, &fix, &|_| None).unwrap(), Applied::Clean(_)));
    assert_eq!(repository.wanted_rename_limit(), None);
}

#[test]
fn a_look_that_might_start_a_merge_driver_leaves_a_big_move_to_who_acts() {
    let sandbox = Sandbox::new();
    let clone = moved(&sandbox, 9);
    clone.git(["config", "merge.renameLimit", "3"]);
    let [develop, fix] = ["develop", "fix"].map(|revision| clone.id(revision));
    let conflict = Applied::Conflict(vec![Conflict { path: "lib/7".to_owned(), line: 0 }]);
    for (setting, value) in [("merge.mine.driver", "touch started"), ("merge.renormalize", "true")] {
        clone.git(["config", setting, value]);
        let repository = clone.open();
        assert_eq!(repository.merge(&develop, &fix, &|_| None).unwrap(), conflict, "{setting}");
        assert!(repository.awaits_git(None, &develop, &fix).unwrap(), "{setting}");
        repository.decide_merges();
        assert!(!repository.awaits_git(None, &develop, &fix).unwrap(), "{setting}");
        assert_eq!(repository.merge(&develop, &fix, &|_| None).unwrap(), merged_by_git(&clone), "{setting}");
        clone.git(["config", "--unset", setting]);
    }
    clone.git(["config", "merge.renameLimit", "100"]);
    let repository = clone.open();
    clone.git(["config", "merge.mine.driver", "touch started"]);
    assert!(!repository.awaits_git(None, &develop, &fix).unwrap(), "libgit2 compares so many");
    assert_eq!(repository.merge(&develop, &fix, &|_| None).unwrap(), merged_by_git(&clone));
}

#[test]
fn own_commits_are_those_that_others_lack_after_their_parents() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let base = clone.id("main");
    clone.git(["switch", "--quiet", "--create", "fix"]);
    let one = clone.commit_all("one");
    clone.git(["switch", "--quiet", "--create", "topic"]);
    clone.write("topic", "x\n");
    let topic = clone.commit_all("topic");
    clone.git(["switch", "--quiet", "main"]);
    clone.write("theirs", "x\n");
    let theirs = clone.commit_all("theirs");
    clone.git(["switch", "--quiet", "fix"]);
    clone.git(["merge", "--quiet", "--no-edit", "main"]);
    let merged = clone.id("fix");
    clone.git(["merge", "--quiet", "--no-edit", "--no-ff", "topic"]);
    let with_topic = clone.id("fix");
    let two = clone.commit_all("two");
    let repository = clone.open();
    let own = |others: &[ObjectId], tip: &ObjectId| -> Vec<ObjectId> {
        repository.own_commits(others, tip).unwrap().into_iter().map(|commit| commit.id).collect()
    };
    let found = own(&[base.clone(), theirs.clone()], &two);
    assert_eq!(found, [one.clone(), merged, topic, with_topic, two.clone()]);
    assert_eq!(own(std::slice::from_ref(&two), &two), []);
    assert!(own(std::slice::from_ref(&base), &two).contains(&theirs));
    assert_eq!(repository.count_between(&base, &two, 10).unwrap(), 4);
    assert_eq!(repository.count_between(&base, &two, 2).unwrap(), 2);
    assert_eq!(repository.details(&two).unwrap().subject(), "two");
}

#[test]
fn what_brought_a_commit_is_the_oldest_first_parent_that_holds_it() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let base = clone.id("main");
    clone.git(["switch", "--quiet", "--create", "fix"]);
    let fix = clone.commit_all("fix");
    clone.git(["switch", "--quiet", "main"]);
    clone.git(["merge", "--quiet", "--no-edit", "--no-ff", "fix"]);
    let merge = clone.id("main");
    let later = clone.commit_all("later");
    let repository = clone.open();
    let brought = |tip: &ObjectId| repository.brought_by(&fix, tip).unwrap().map(|commit| commit.id);
    assert_eq!(brought(&later), Some(merge));
    assert_eq!(brought(&fix), Some(fix.clone()));
    assert_eq!(brought(&base), None);
}

#[test]
fn a_tag_is_written_as_an_object_and_nothing_names_it() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let repository = clone.open();
    let message = "v1.0.1 $(x)\n\n# no comment\n";
    let tag = repository.annotated_tag("v1.0.1", &clone.id("main"), message).unwrap();
    assert_eq!(clone.git(["for-each-ref", "refs/tags"]), "");
    let text = clone.git(["cat-file", "tag", tag.as_str()]);
    assert!(text.contains("tag v1.0.1\ntagger Ada <ada@example.com>"), "{text}");
    assert!(text.ends_with(message.trim_end()), "{text}");
    assert!(repository.annotated_tag("a..b", &clone.id("main"), message).is_err());
    clone.git(["config", "tag.gpgSign", "true"]);
    clone.git(["config", "gpg.program", "false"]);
    let error = refusal(clone.open().annotated_tag("v1.0.2", &clone.id("main"), message));
    assert!(told(&error).contains("sign"), "{}", told(&error));
}

#[test]
fn several_refs_move_together_or_not_at_all() {
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    let first = clone.id("main");
    let second = clone.commit_all("second");
    clone.git(["branch", "a", first.as_str()]);
    clone.git(["branch", "b", first.as_str()]);
    let to = |name: &str, to: Option<&_>, expected| RefUpdate { name: RefName::known(name), to: to.cloned(), expected };
    let updates = [
        to("refs/heads/a", Some(&second), Expected::At(first.clone())),
        to("refs/tags/t", Some(&second), Expected::Absent),
        to("refs/heads/b", None, Expected::At(second.clone())),
    ];
    let before = clone.git(["for-each-ref"]);
    let error = refusal(clone.open().update_refs(&updates, "test"));
    assert_eq!(error.doing, "move refs/heads/b");
    assert_eq!(clone.git(["for-each-ref"]), before);
    let [a, t, mut b] = updates;
    b.expected = Expected::At(first);
    clone.open().update_refs(&[a, t, b], "test").unwrap();
    assert_eq!((clone.id("a"), clone.id("t")), (second.clone(), second));
    assert_eq!(clone.git(["branch", "--list", "b"]), "");
    assert_eq!(clone.git(["reflog", "-1", "--format=%gs", "a"]), "test");
}

#[test]
fn a_conflict_is_laid_out_and_what_is_settled_is_committed() {
    let sandbox = Sandbox::new();
    let clone = diverged(&sandbox);
    let repository = clone.open();
    let (path, develop) = (sandbox.path("into"), clone.id("develop"));
    assert_eq!(repository.unfinished(&path).unwrap(), Unfinished::Nothing);
    let merge = LayOut::Merge { head: clone.id("fix"), message: "Merge the fix".to_owned() };
    repository.lay_out_conflicts(&path, "fix-into-develop", &develop, &merge).unwrap();
    let conflicts = Unfinished::Conflicts(vec!["CHANGES".to_owned(), "VERSION".to_owned()]);
    assert_eq!(clone.open().unfinished(&path).unwrap(), conflicts);
    clone.open().lay_out_conflicts(&path, "fix-into-develop", &develop, &merge).unwrap();
    assert_eq!(clone.open().unfinished(&path).unwrap(), conflicts, "somebody is at it");
    let into = sandbox.at("into");
    into.write("VERSION", "settled\n");
    into.write("CHANGES", "settled\n");
    into.git(["add", "--all"]);
    assert_eq!(clone.open().unfinished(&path).unwrap(), Unfinished::Settled);
    clone.open().commit_settled(&path).unwrap();
    assert_eq!(
        clone.git(["log", "-1", "--format=%s %P", "fix-into-develop"]),
        format!("Merge the fix {develop} {}", clone.id("fix"))
    );
    let pick = LayOut::Pick(vec![clone.id("fix")]);
    repository.lay_out_conflicts(&sandbox.path("picked"), "picked", &develop, &pick).unwrap();
    let picked = sandbox.at("picked");
    picked.write("VERSION", "settled\n");
    picked.write("CHANGES", "settled\n");
    picked.git(["add", "--all"]);
    clone.open().commit_settled(&picked.path).unwrap();
    assert!(clone.git(["log", "-1", "--format=%B", "picked"]).contains("(cherry picked from commit "));
}

/// What is chosen without looking at every file is what git's own merge gives.
#[test]
fn choosing_sides_is_what_git_makes_of_it() {
    let changes: [&[(&str, Option<&str>)]; 8] = [
        &[("a/one", Some("changed\n"))],
        &[("a/two", Some("changed\n")), ("new/file", Some("x\n"))],
        &[("a/one", None)],
        &[("b/three", None), ("b/four", None)],
        &[("top", Some("changed\n"))],
        &[("top", None), ("renamed", Some("top\n"))],
        &[("a/one", Some("other\n"))],
        &[("a", Some("a file now\n"))],
    ];
    let sandbox = Sandbox::new();
    let clone = sandbox.repository("clone");
    for (path, text) in [("a/one", "1\n"), ("a/two", "2\n"), ("b/three", "3\n"), ("b/four", "4\n"), ("top", "top\n")] {
        clone.write(path, text);
    }
    clone.commit_all("base");
    for (number, change) in changes.iter().enumerate() {
        clone.git(["switch", "--quiet", "--create", &format!("side{number}"), "main"]);
        for (path, text) in change.iter() {
            match text {
                None => drop(clone.git(["rm", "--quiet", path])),
                Some(text) => {
                    let _ = clone.run(["rm", "-r", "--quiet", path]); // It may be a folder, or not there.
                    clone.write(path, text);
                }
            }
        }
        clone.commit_all("change");
    }
    let repository = clone.open();
    let (mut clean, mut conflicts) = (0, 0);
    for ours in 0..changes.len() {
        for theirs in 0..changes.len() {
            let [ours, theirs] = [ours, theirs].map(|number| clone.id(&format!("side{number}")));
            let git = clone.run(["merge-tree", "--write-tree", ours.as_str(), theirs.as_str()]);
            let applied = repository.merge(&ours, &theirs, &|_| None).unwrap();
            match applied {
                Applied::Clean(tree) => {
                    clean += 1;
                    assert_eq!(String::from_utf8_lossy(&git.stdout).trim(), tree.as_str(), "{ours} {theirs}");
                }
                Applied::Conflict(_) => {
                    conflicts += 1;
                    assert_eq!(git.status.code(), Some(1), "{ours} {theirs}");
                }
            }
        }
    }
    assert!(clean > 20 && conflicts > 4, "{clean} {conflicts}");
}
