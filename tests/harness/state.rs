//! Everything that a command could have changed, as text to compare.

use std::fs;
use std::path::Path;

use crate::{Repo, has_ref_files};

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

    /// Read as it lies in files where it does: tests ask a thousand times. With HEAD, index and files it is all that
    /// `git status` tells.
    fn state_without_files(&self) -> String {
        let mut state = self.git(["ls-files", "--stage", "-t"]).stdout().to_owned();
        let git_dir = self.folder().join(".git");
        if has_ref_files() && git_dir.is_dir() {
            let parts = ["HEAD", "config", "packed-refs", "refs", "logs/refs/stash", "worktrees"];
            parts.iter().for_each(|part| files(&git_dir.join(part), &mut state));
        } else {
            let looks: [&[&str]; 3] = [
                &["for-each-ref"],
                &["status", "--porcelain=v2", "--branch", "--show-stash"],
                &["worktree", "list", "--porcelain"],
            ];
            looks.iter().for_each(|look| state.push_str(self.git(look).stdout()));
        }
        if has_ref_files() {
            ["HEAD", "packed-refs", "refs"].iter().for_each(|part| files(&self.origin().join(part), &mut state));
        } else if self.origin().exists() {
            let git_dir = format!("--git-dir={}", self.origin().display());
            state.push_str(self.git([&*git_dir, "for-each-ref"]).success().stdout());
            state.push_str(self.git([&*git_dir, "symbolic-ref", "HEAD"]).stdout());
        }
        state
    }
}

/// A file, or every file below a folder, with its content; nothing where there is neither, and without git's own. An index
/// has times in it that git renews when it only looks.
fn files(path: &Path, state: &mut String) {
    if let Ok(entries) = fs::read_dir(path) {
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().filter(|path| !path.ends_with(".git")).for_each(|path| files(path, state));
    } else if path.symlink_metadata().is_ok() && !path.ends_with("index") {
        let content = fs::read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&content);
        let end = if text.ends_with('\n') { "" } else { "\n\\ No newline at end of file\n" };
        state.push_str(&format!("{}: {text}{end}", path.display()));
    }
}
