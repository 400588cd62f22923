//! A repository in which several users of one machine work.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hotfix_tests::sandbox;

use crate::fixtures::{TITLE, sample_with};

/// What is under a folder that the group may not read, or, of the folders, not change.
fn closed_to_the_group(folder: &Path, closed: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, mode) = (entry.path(), entry.metadata().unwrap().permissions().mode());
        let wanted = if path.is_dir() { 0o070 } else { 0o040 };
        if mode & wanted != wanted {
            closed.push(path.clone());
        }
        if path.is_dir() {
            closed_to_the_group(&path, closed);
        }
    }
}

#[test]
fn what_is_written_is_for_all_who_share_the_repository() {
    for (setting, is_shared) in [("group", true), ("umask", false)] {
        let sandbox = sandbox!();
        let repo = sample_with(&sandbox, "");
        // What git wrote before the setting is not ours.
        let mut before = Vec::new();
        closed_to_the_group(&repo.folder().join(".git"), &mut before);
        repo.git_ok(["config", "core.sharedRepository", setting]);
        repo.ok(["open", TITLE, "--severity", "high"]);
        repo.fix_the_bug();
        repo.ok(["ship", "--yes"]);
        repo.ok(["list"]);
        repo.write("../mine", "");
        repo.ok(["close"]);
        let mut closed = Vec::new();
        closed_to_the_group(&repo.folder().join(".git"), &mut closed);
        closed.retain(|path| !before.contains(path));
        let mode = |path: &str| fs::metadata(repo.folder().join(path)).unwrap().permissions().mode();
        // As whoever runs the tests has set it, for all that is not the repository's.
        let usual = mode("docs/planning/STATUS.md");
        assert_eq!(usual & 0o777, mode("../mine") & 0o777, "{setting}");
        assert_eq!(closed.is_empty(), is_shared || usual & 0o060 == 0o060, "{setting}: {closed:?}");
    }
}
