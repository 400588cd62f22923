//! Everything that a command could have changed, as text to compare.

use std::fs;
use std::path::Path;

use crate::Repo;

impl Repo<'_> {
    /// Refs, HEAD, index, work trees, stashes, refs of the remote and every file: equal where nothing was changed.
    pub fn state(&self) -> String {
        let mut state = self.state_without_files();
        files(self.folder(), &mut state);
        state
    }

    /// The same without the ledger: for commands that record why they did nothing.
    pub fn state_without_ledger(&self) -> String {
        let state = self.state();
        let is_record = |line: &&str| line.contains("refs/hotfix/ledger/") || line.contains("refs/hotfix/seen/");
        state.lines().filter(|line| !is_record(line)).map(|line| format!("{line}\n")).collect()
    }

    fn state_without_files(&self) -> String {
        // HEAD, and how many stashes there are, is in the status.
        let looks: [&[&str]; 4] = [
            &["for-each-ref"],
            &["status", "--porcelain=v2", "--branch", "--show-stash", "--ignored"],
            &["ls-files", "--stage"],
            &["worktree", "list", "--porcelain"],
        ];
        let mut state: String =
            looks.iter().map(|look| format!("$ {}\n{}\n", look.join(" "), self.git(look).stdout())).collect();
        if self.origin().exists() {
            let format = "--format=%(objectname) origin %(refname)";
            let git_dir = format!("--git-dir={}", self.origin().display());
            state.push_str(self.git([&*git_dir, "for-each-ref", format]).success().stdout());
            state.push_str(self.git([&*git_dir, "symbolic-ref", "HEAD"]).stdout());
        }
        state
    }
}

/// Every file below a folder with its content, without git's own.
fn files(folder: &Path, state: &mut String) {
    let mut entries: Vec<_> = fs::read_dir(folder).expect("the folder can be read").flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for path in entries.iter().map(fs::DirEntry::path).filter(|path| !path.ends_with(".git")) {
        if path.is_dir() {
            files(&path, state);
        } else {
            let content = fs::read(&path).unwrap_or_default();
            state.push_str(&format!("{}: {}\n", path.display(), String::from_utf8_lossy(&content)));
        }
    }
}
